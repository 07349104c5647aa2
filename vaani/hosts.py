"""Sockets are opened under our own host names only, as pages are: Django asks this of requests alone."""

from __future__ import annotations

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from vaani.addresses import App, Scope


class AllowedHosts:
    """Turns away sockets whose `Host` is none of `ALLOWED_HOSTS`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        host, _port = split_domain_port(named)
        app = self._app if host and validate_host(host, settings.ALLOWED_HOSTS) else WebsocketDenier()
        await app(scope, receive, send)
