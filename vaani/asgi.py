"""The web server's entry, served by daphne: pages and the API over HTTP, news for open pages over web sockets."""

# ruff: noqa: E402 - sockets need Django's apps, which getting the application loads

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaani.settings")
os.environ.setdefault("DATABASE_POOL", "true")  # many short requests share few connections; only here

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.urls import re_path

from calls.urls import sockets
from vaani.addresses import ProxiedApp
from vaani.hosts import AllowedHosts

# A browser sends its cookie along whatever page opens the socket, so the page's origin must be one of ours.
websocket = AllowedHosts(
    AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*sockets, re_path("", WebsocketDenier.as_asgi())])))
)
application = ProxiedApp(ProtocolTypeRouter({"http": http, "websocket": websocket}))
