"""What stands in a page itself, where a file of its own would cost a slow phone another half second."""

from __future__ import annotations

from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def style_sheet(path: str) -> SafeString:
    """The text of one of our own style sheets, by its path in static/. Raises ImproperlyConfigured when it is not built."""
    found = finders.find(path)
    if not found:
        raise ImproperlyConfigured(f"static/{path} is not there. Build it: npm ci && npm run build")
    return mark_safe(Path(found).read_text())  # noqa: S308 - of our own sources  # nosec B308
