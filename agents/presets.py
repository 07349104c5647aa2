"""How patient an agent is: three sets of numbers that fill the form's boxes at once."""

from __future__ import annotations

import json
from typing import Any

from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

PATIENCE = ["extra_wait", "stop_after", "ask_after", "leave_after", "max_seconds"]  # fields of the form, in seconds

# Name, for whom it is, and the value of each field of `PATIENCE`.
PRESETS: list[tuple[Any, Any, list[float]]] = [
    (_("Calm"), _("Lets people think. For older callers and delicate matters."), [0.8, 0.8, 15, 15, 900]),
    (_("Normal"), _("Fits most calls."), [0.2, 0.5, 10, 10, 600]),
    (_("Quick"), _("Answers at once and stops at a word. For short, busy calls."), [0, 0.3, 7, 8, 300]),
]


def _buttons() -> str:
    """A button for each preset. They fill boxes by script, so the script shows them."""
    buttons = format_html_join(
        "",
        '<button type="button" aria-pressed="false" data-values="{}"><b>{}</b> <span>{}</span></button>',
        ((json.dumps(dict(zip(PATIENCE, values, strict=True))), name, whom) for name, whom, values in PRESETS),
    )
    return format_html(
        '{} <div class="presets" role="group" aria-label="{}" hidden>{}</div>',
        gettext("How long the agent waits, what interrupts it, and how long a call may last."),
        gettext("Ready settings"),
        buttons,
    )


preset_buttons = lazy(_buttons, str)()  # in the language of whoever looks
