"""Ready agents to start from: four trades, each with its brief in English and in Hindi.

The companies are invented and meant to be written over. A file here is a file like any other agent's.
"""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from agents.contract import AgentConfig
from agents.files import load_agent

TRADES = {
    "real-estate": _("Real-estate enquiry: flats and site visits"),
    "clinic": _("Clinic appointment: doctors and days"),
    "admission": _("Course admission: fees and demo classes"),
    "service": _("Service support: repairs at home"),
}
BRIEFS = {"en": "English", "hi": "हिन्दी"}


def ready_config(trade: str, brief: str) -> AgentConfig:
    """The agent of a trade in `TRADES`, with its brief in a language of `BRIEFS`."""
    return load_agent((Path(__file__).parent / f"{trade}.{brief}.yaml").read_text(encoding="utf-8"))
