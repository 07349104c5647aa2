"""What goes wrong for reasons the operator can act on."""

from __future__ import annotations


class LocalError(Exception):
    """One or two sentences for the operator: what is wrong and what to do. Never shown with a traceback."""
