"""Secrets in the database are sealed: encrypted with keys drawn from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`.

Whoever has the database alone, or a backup of it, has no secrets. Rotation: docs/adr/0014.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _


class SealError(Exception):
    """What is sealed opens with none of our keys. The text says what to do."""


def seal(text: str) -> str:
    """`text` sealed with the newest key. Nothing stays nothing."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """What was sealed with any of our keys. Raises `SealError`."""
    try:
        return _keys().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise _fault() from error


def reseal(sealed: str) -> str:
    """The same secret sealed with the newest key. Raises `SealError`."""
    try:
        return _keys().rotate(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise _fault() from error


def _keys() -> MultiFernet:
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(_drawn_from(key))) for key in known])


def _drawn_from(key: str) -> bytes:
    return salted_hmac("vaani.sealing", "", secret=key, algorithm="sha256").digest()


def _fault() -> SealError:
    return SealError(
        _("Its secret was stored under another SECRET_KEY. Name that key in SECRET_KEY_FALLBACKS, and it works again.")
    )
