"""Questions whose answer says that a process is ready. None raises: not ready is an answer."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

Probe = Callable[[], bool]


def running() -> bool:
    """For processes that have nothing to ask: being started is being ready."""
    return True


def http_ok(url: str) -> Probe:
    """Whether `url` answers 200. Talks to it directly, whatever proxy the environment names."""
    parts = urlsplit(url)

    def probe() -> bool:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
        try:
            connection.request("GET", parts.path or "/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe
