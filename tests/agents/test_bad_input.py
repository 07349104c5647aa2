"""Bad input to every box of the agent form: a message beside the box, or harmless text; never half of it stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from agents.admin.profiles import PUBLISHING, SECTIONS, FieldToFindOutInline
from agents.conflicts import SEEN
from agents.forms import EXAMPLES
from agents.models import AgentProfile
from agents.models import FieldToFindOut as FieldRow
from tests.factories import make_agent

pytestmark = pytest.mark.django_db

LIST = "/admin/agents/agentprofile/"
BOXES = {name for _title, part in [*SECTIONS, PUBLISHING] for name in part["fields"]}
COLUMNS = {*FieldToFindOutInline.fields}
FILLED_IN = {*EXAMPLES, *(name for name in BOXES if name.startswith("greeting_"))}
TICKED = {"is_default", "text_chat", "recording", "callback", "required"}  # whatever comes with their name is a tick
HIDDEN = {SEEN, "id", "agent", "DELETE"}

HUGE = "अ" * 100_000
SCRIPT = "<script>alert('1')</script>"
NAMES = ["Hello {nobody}", "{agent.__class__}"]
BAD = [
    HUGE,
    "x = y\n" * 20_000,
    "a\0b",
    "x = a\0b",
    SCRIPT,
    f"x = {SCRIPT}",
    "क्लिनिक",
    *NAMES,
    "-1",
    "1e400",
    "9" * 400,
    "nan",
    "",
]
REFUSED = {HUGE, "a\0b", "x = a\0b"}  # by every box but the ticked


@pytest.fixture(autouse=True)
def _all_boxes_at_once(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None  # which is to be no help here


@pytest.fixture
def profile() -> AgentProfile:
    # Its own provider named, so that any model's name may stand beside it.
    return make_agent(published=False, llm_provider="groq")


def state() -> list[dict[str, Any]]:
    """All that is stored of agents, but when it was."""
    rows = [dict(row) for model in (AgentProfile, FieldRow) for row in model._default_manager.order_by("pk").values()]
    return [{name: value for name, value in row.items() if name != "updated_at"} for row in rows]


def posted(context: Any) -> dict[str, Any]:
    """What a browser would post of the page as it stands."""
    formset = context["inline_admin_formsets"][0].formset
    values: dict[str, Any] = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    for each in [context["adminform"].form, formset.management_form, *formset]:
        values |= {each.add_prefix(name): each[name].value() for name in each.fields}
    values.pop("picture")  # no file is chosen
    return {name: value for name, value in values.items() if value is not None and value is not False}


def with_bad(values: dict[str, Any], boxes: set[str], bad: str) -> dict[str, Any]:
    """`bad` in every one of `boxes`, those of the first thing to find out too."""
    return values | {f"fields-0-{box}" if box in COLUMNS else box: bad for box in boxes}


def told(response: Any) -> dict[str, list[str]]:
    """The faults of the agent's boxes, and of its first thing to find out."""
    formsets = response.context["inline_admin_formsets"]
    return {**response.context["adminform"].form.errors, **(formsets[0].formset.errors or [{}])[0]}


def test_every_box_is_tried(admin_client: Client, profile: AgentProfile) -> None:
    boxes, columns = set(), set()
    for path in (f"{LIST}add/", f"{LIST}{profile.pk}/change/"):
        context = admin_client.get(path).context
        boxes |= set(context["adminform"].form.fields)
        columns |= {name for form in context["inline_admin_formsets"][0].formset for name in form.fields}
    assert boxes - HIDDEN == BOXES
    assert columns - HIDDEN == COLUMNS
    assert not BOXES & COLUMNS


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad[:20].encode().hex())
def test_bad_input_is_told_beside_its_box_or_kept_as_text(
    admin_client: Client, profile: AgentProfile, bad: str
) -> None:
    path = f"{LIST}{profile.pk}/change/"
    values, before = posted(admin_client.get(path).context), state()
    tried = (BOXES | COLUMNS) - {"agent_id", "picture"}  # a box for a file takes no text
    # What is refused goes back to what it was, until only what is taken is left.
    while (response := admin_client.post(path, with_bad(values, tried, bad))).status_code == 200:
        refused, shown = told(response), response.content.decode()
        assert refused
        assert refused.keys() <= tried
        assert all(escape(fault) in shown for faults in refused.values() for fault in faults)
        assert SCRIPT not in shown
        assert state() == before
        tried -= refused.keys()
    assert response.status_code == 302
    assert not (bad in REFUSED and tried - TICKED)
    assert not (bad in NAMES and tried & FILLED_IN)

    page = admin_client.get(path)
    assert SCRIPT not in page.content.decode()
    kept = posted(page.context)
    for name, value in with_bad(values, tried - TICKED - {"note"}, bad).items():
        if value == bad != "":
            assert kept[name] == bad, name


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad[:20].encode().hex())
def test_no_agent_is_made_of_bad_input(admin_client: Client, bad: str) -> None:
    values = posted(admin_client.get(f"{LIST}add/").context)
    response = admin_client.post(f"{LIST}add/", with_bad(values, BOXES, bad))
    assert "languages" in told(response)
    assert ("agent_id" in told(response)) == (bad not in {"nan", "1e400"})  # which are words too
    assert state() == []


@pytest.mark.parametrize("bad", [HUGE, "a\0b", SCRIPT], ids=["huge", "nul", "script"])
def test_a_page_that_does_not_know_what_it_was_made_from_stores_nothing(
    admin_client: Client, profile: AgentProfile, bad: str
) -> None:
    path, before = f"{LIST}{profile.pk}/change/", state()
    values = posted(admin_client.get(path).context)
    assert admin_client.post(path, values | {"name": "Usha", SEEN: bad}).status_code == 200
    assert state() == before
