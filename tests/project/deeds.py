"""What is done in the admin by a POST, and by whom. A new deed needs a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model

from agents.files import dump_agent
from agents.models import AgentProfile, AgentVersion, Example, ExampleRun, IntegrationKey, ModelRefusal
from calls.models import Call, DailyCap, Price
from leads.models import Delivery, Endpoint, Erasure, Lead, LeadValue
from leads.people import values_of
from leads.review import lead_stamp, value_stamp
from tests.agents.test_admin import answers
from tests.factories import agent_config
from tests.project.staff import (
    AGENT,
    CALL,
    CAP,
    DELIVERY,
    EDITING,
    ENDPOINT,
    ERASURE,
    EXAMPLE,
    KEY,
    LEAD,
    NOBODY,
    OPERATING,
    PRICE,
    PUBLISHING,
    REFUSAL,
    REVIEWING,
)


def rows_of(model: type[Model]) -> Callable[[], Any]:
    return lambda: list(model._default_manager.order_by("pk").values())


def default_agents() -> Any:
    return list(AgentProfile.objects.filter(is_default=True).values("pk"))


def verdicts() -> Any:
    return list(LeadValue.objects.exclude(verdict="").values("pk"))


def joinings() -> Any:
    return list(Lead.objects.exclude(joined_to=None).values("joined_to"))


def caps() -> Any:
    return list(AgentProfile.objects.order_by("pk").values_list("max_calls"))


def sources() -> Any:
    return list(AgentProfile.objects.order_by("pk").values_list("source"))


AGENTS, VERSIONS, EXAMPLES, RUNS, CALLS, LEADS, KEYS, REFUSALS, PRICES, CAPS = map(
    rows_of,
    (AgentProfile, AgentVersion, Example, ExampleRun, Call, Lead, IntegrationKey, ModelRefusal, Price, DailyCap),
)
ENDPOINTS, DELIVERIES = rows_of(Endpoint), rows_of(Delivery)
Form = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Deed:
    """Something done by a POST to `address`: it was done when what `seen` tells has changed."""

    address: str
    seen: Callable[[], Any]
    who: set[str]
    form: Form


def form(**parts: Any) -> Form:
    return lambda ids: parts


def agent_form(**parts: Any) -> Form:
    return lambda ids: answers(agent_id="new", **{"fields-TOTAL_FORMS": "0"}, **parts)


def file_form(ids: dict[str, Any]) -> dict[str, Any]:
    text = dump_agent(agent_config(agent_id="from-a-file"))
    return {"file": SimpleUploadedFile("agent.yaml", text.encode())}


def refused_model(ids: dict[str, Any]) -> dict[str, Any]:
    ModelRefusal.objects.create(model="saaras:v3", message="No such model")
    return {"model": "saaras:v3"}


def example_form(ids: dict[str, Any]) -> dict[str, Any]:
    return {"agent": ids["agent"], "name": "New", "language": "hi-IN", "lines": "नमस्ते", "says": "जी"}


def published_anyway(ids: dict[str, Any]) -> dict[str, Any]:
    AgentProfile.objects.filter(pk=ids["agent"]).update(knows="Open on Sundays.")
    return {"reason": "The hotline opens today."}


def lead_as_it_is(ids: dict[str, Any]) -> dict[str, Any]:
    return {"do": "accept", "seen": lead_stamp(values_of(Lead.objects.get(pk=ids["lead"])))}


def doubtful_value(ids: dict[str, Any]) -> dict[str, Any]:
    value = LeadValue.objects.create(lead_id=ids["lead"], key="need", label="Need", kind="text", value="2 BHK")
    return {"do": "accept_value", "value": value.pk, "seen": value_stamp(value)}


def another_lead(ids: dict[str, Any]) -> dict[str, Any]:
    return {"do": "join", "lead": Lead.objects.create(agent_id=ids["agent"]).pk}


def chosen(action: str, row: str) -> Form:
    return lambda ids: {"action": action, "_selected_action": [ids[row]], "post": "yes"}


DIALOG = form(_form_submitted="True")
SURE = form(post="yes")
PUBLISH = agent_form(agents_agentprofile_save_and_publish="")
A_PRICE = {"model": "another", "unit": "llm_input", "rupees": "1", "since": "2026-11-23"}
AN_ENDPOINT = {"name": "Another", "url": "https://93.184.215.14/", "when": "review", "agent": ""}
A_RANGE = {"since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
LEAD_DETAILS = form(do="details", status="won", **{"initial-status": "new"})

# In the addresses: an agent that has a version and a call, and a spare one, paused and never published.
DEEDS: dict[str, Deed] = {
    "make an agent": Deed(f"{AGENT}add/", AGENTS, EDITING, agent_form()),
    "make one of a template": Deed(f"{AGENT}from_template/", AGENTS, EDITING, form(trade="clinic", brief="en")),
    "import an agent": Deed(f"{AGENT}import_file/", AGENTS, EDITING, file_form),
    "change an agent": Deed(f"{AGENT}{{agent}}/change/", AGENTS, EDITING, agent_form()),
    "publish an agent": Deed(f"{AGENT}{{agent}}/change/", VERSIONS, PUBLISHING, PUBLISH),
    "publish a new agent": Deed(f"{AGENT}add/", VERSIONS, PUBLISHING, PUBLISH),
    "make it the default": Deed(f"{AGENT}{{agent}}/change/", default_agents, PUBLISHING, agent_form(is_default="on")),
    "cap its calls": Deed(f"{AGENT}{{agent}}/change/", caps, PUBLISHING, agent_form(max_calls="3")),
    "let n8n feed it": Deed(f"{AGENT}{{agent}}/change/", sources, PUBLISHING, agent_form(source="n8n")),
    "pause an agent": Deed(f"{AGENT}{{agent}}/pause/", AGENTS, PUBLISHING, DIALOG),
    "resume an agent": Deed(f"{AGENT}{{spare}}/resume/", AGENTS, PUBLISHING, DIALOG),
    "move off a model": Deed(f"{AGENT}models/", AGENTS, EDITING, refused_model),
    "publish the move": Deed(f"{AGENT}models/", VERSIONS, PUBLISHING, refused_model),
    "write an example": Deed(f"{EXAMPLE}add/", EXAMPLES, EDITING, example_form),
    "keep a call as an example": Deed(f"{CALL}{{call}}/keep_as_example/", EXAMPLES, EDITING, example_form),
    "change an example": Deed(f"{EXAMPLE}{{example}}/change/", EXAMPLES, EDITING, example_form),
    "delete an example": Deed(f"{EXAMPLE}{{example}}/delete/", EXAMPLES, EDITING, SURE),
    "run the examples": Deed(f"{AGENT}{{spare}}/examples/run/", RUNS, EDITING, form()),
    "publish over the examples": Deed(f"{AGENT}{{agent}}/examples/publish/", VERSIONS, PUBLISHING, published_anyway),
    "allow a site": Deed(f"{AGENT}{{agent}}/share/", AGENTS, PUBLISHING, form(origins="https://www.example.in")),
    "restore a version": Deed(f"{AGENT}{{agent}}/versions/1/restore/", AGENTS, EDITING, form()),
    "delete an agent": Deed(f"{AGENT}{{spare}}/delete/", AGENTS, NOBODY, SURE),
    "try a draft": Deed("api/trials", CALLS, EDITING, form(agentId="demo", typed=True)),
    "make a key": Deed(f"{KEY}add/", KEYS, OPERATING, form(name="another")),
    "change a key": Deed(f"{KEY}{{key}}/change/", KEYS, OPERATING, form(name="another")),
    "delete a key": Deed(f"{KEY}{{key}}/delete/", KEYS, OPERATING, SURE),
    "delete keys": Deed(KEY, KEYS, OPERATING, chosen("delete_selected", "key")),
    "change a refusal": Deed(f"{REFUSAL}{{refusal}}/change/", REFUSALS, NOBODY, form(model="another")),
    "delete a refusal": Deed(f"{REFUSAL}{{refusal}}/delete/", REFUSALS, OPERATING, SURE),
    "try a model again": Deed(REFUSAL, REFUSALS, OPERATING, chosen("try_again", "refusal")),
    "delete a call": Deed(f"{CALL}{{call}}/delete/", CALLS, NOBODY, SURE),
    "set a price": Deed(f"{PRICE}add/", PRICES, OPERATING, form(**A_PRICE)),
    "change a price": Deed(f"{PRICE}{{price}}/change/", PRICES, OPERATING, form(**A_PRICE)),
    "delete a price": Deed(f"{PRICE}{{price}}/delete/", PRICES, OPERATING, SURE),
    "set a daily cap": Deed(f"{CAP}add/", CAPS, OPERATING, form(minutes="60")),
    "change a daily cap": Deed(f"{CAP}{{cap}}/change/", CAPS, OPERATING, form(minutes="60")),
    "delete a daily cap": Deed(f"{CAP}{{cap}}/delete/", CAPS, OPERATING, SURE),
    "change a lead's details": Deed(f"{LEAD}{{lead}}/change/", LEADS, REVIEWING, LEAD_DETAILS),
    "take over a lead": Deed(
        f"{LEAD}{{lead}}/change/", LEADS, REVIEWING, form(do="take_over", status="new", **{"initial-status": "new"})
    ),
    "accept a lead": Deed(f"{LEAD}{{lead}}/change/", LEADS, REVIEWING, lead_as_it_is),
    "judge a value": Deed(f"{LEAD}{{lead}}/change/", verdicts, REVIEWING, doubtful_value),
    "add a value": Deed(f"{LEAD}{{lead}}/change/", verdicts, REVIEWING, form(do="add_value", key="need", text="2 BHK")),
    "join leads": Deed(f"{LEAD}{{lead}}/change/", joinings, REVIEWING, another_lead),
    "change many leads": Deed(LEAD, LEADS, REVIEWING, chosen("status_won", "lead")),
    "erase a person": Deed(
        f"{ERASURE}person/", rows_of(Erasure), OPERATING, form(person="9845012345", do="erase", sure="yes")
    ),
    "remove the samples": Deed(f"{LEAD}remove_samples/", CALLS, OPERATING, form()),
    "delete a lead": Deed(f"{LEAD}{{lead}}/delete/", LEADS, NOBODY, SURE),
    "make an endpoint": Deed(f"{ENDPOINT}add/", ENDPOINTS, OPERATING, form(**AN_ENDPOINT)),
    "change an endpoint": Deed(f"{ENDPOINT}{{endpoint}}/change/", ENDPOINTS, OPERATING, form(**AN_ENDPOINT)),
    "delete an endpoint": Deed(f"{ENDPOINT}{{endpoint}}/delete/", ENDPOINTS, OPERATING, SURE),
    "send a test": Deed(f"{ENDPOINT}{{endpoint}}/send_test/", DELIVERIES, OPERATING, DIALOG),
    "send deliveries again": Deed(DELIVERY, DELIVERIES, OPERATING, chosen("send_again", "delivery")),
    "send a delivery again": Deed(f"{DELIVERY}{{delivery}}/send_this_again/", DELIVERIES, OPERATING, DIALOG),
    "send a range again": Deed(
        f"{DELIVERY}send_range_again/", DELIVERIES, OPERATING, form(_form_submitted="True", **A_RANGE)
    ),
    "delete a delivery": Deed(f"{DELIVERY}{{delivery}}/delete/", DELIVERIES, NOBODY, SURE),
    "delete leads": Deed(LEAD, LEADS, NOBODY, chosen("delete_selected", "lead")),
}
