"""Who may open what, and do what, in the admin of agents, calls and leads. A new address needs a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from agents.files import dump_agent
from agents.models import AgentProfile, AgentVersion, Example, ExampleRun, IntegrationKey, ModelRefusal
from calls.models import Call, DailyCap, Price
from leads.models import Delivery, Endpoint, Erasure, Lead, LeadValue
from leads.people import values_of
from leads.review import lead_stamp, value_stamp
from tests.agents.test_admin import answers
from tests.conftest import Beat
from tests.factories import agent_config, make_agent, make_call, make_example

pytestmark = pytest.mark.django_db

ANONYMOUS, NO_GROUP = "anonymous", "no group"
EDITORS, PUBLISHERS, REVIEWERS, OPERATORS = "Editors", "Publishers", "Reviewers", "Operators"
PEOPLE = [ANONYMOUS, NO_GROUP, EDITORS, PUBLISHERS, REVIEWERS, OPERATORS]

NOBODY: set[str] = set()
STAFF = {NO_GROUP, EDITORS, PUBLISHERS, REVIEWERS, OPERATORS}
EDITING = {EDITORS, PUBLISHERS, OPERATORS}
PUBLISHING = {PUBLISHERS, OPERATORS}
REVIEWING = {REVIEWERS, OPERATORS}
HEARING = EDITING | REVIEWING
OPERATING = {OPERATORS}

# Who gets each address with GET. An address that answers only to POST is got by nobody.
AGENT = "admin/agents/agentprofile/"
KEY = "admin/agents/integrationkey/"
REFUSAL = "admin/agents/modelrefusal/"
EXAMPLE = "admin/agents/example/"
CALL = "admin/calls/call/"
PRICE = "admin/calls/price/"
CAP = "admin/calls/dailycap/"
LEAD = "admin/leads/lead/"
ERASURE = "admin/leads/erasure/"
ENDPOINT = "admin/leads/endpoint/"
DELIVERY = "admin/leads/delivery/"
PAGES: dict[str, set[str]] = {
    AGENT: EDITING,
    f"{AGENT}add/": EDITING,
    f"{AGENT}from_template/": EDITING,
    f"{AGENT}import_file/": EDITING,
    f"{AGENT}models/": EDITING,
    f"{AGENT}<path:object_id>/": STAFF,  # leads on to the next
    f"{AGENT}<path:object_id>/change/": EDITING,
    f"{AGENT}<path:object_id>/delete/": NOBODY,
    f"{AGENT}<path:object_id>/examples/": EDITING,
    f"{AGENT}<path:object_id>/export/": EDITING,
    f"{AGENT}<path:object_id>/history/": EDITING,
    f"{AGENT}<path:object_id>/open_page/": STAFF,  # leads to the visitor's page, which is public
    f"{AGENT}<path:object_id>/pause/": PUBLISHING,
    f"{AGENT}<path:object_id>/resume/": PUBLISHING,
    f"{AGENT}<path:object_id>/see_prompt/": EDITING,
    f"{AGENT}<path:object_id>/share/": EDITING,
    f"{AGENT}<path:object_id>/try_draft/": EDITING,
    f"{AGENT}<int:agent_pk>/examples/publish/": NOBODY,
    f"{AGENT}<int:agent_pk>/examples/run/": NOBODY,
    f"{AGENT}<int:agent_pk>/ask_n8n/": NOBODY,
    f"{AGENT}<int:agent_pk>/versions/<int:number>/": EDITING,
    f"{AGENT}<int:agent_pk>/versions/<int:number>/restore/": NOBODY,
    "try/<slug:agent_id>": EDITING,
    KEY: OPERATING,
    f"{KEY}add/": OPERATING,
    f"{KEY}<path:object_id>/": STAFF,
    f"{KEY}<path:object_id>/change/": OPERATING,
    f"{KEY}<path:object_id>/delete/": OPERATING,
    f"{KEY}<path:object_id>/history/": OPERATING,
    REFUSAL: OPERATING,
    f"{REFUSAL}add/": NOBODY,
    f"{REFUSAL}<path:object_id>/": STAFF,
    f"{REFUSAL}<path:object_id>/change/": OPERATING,
    f"{REFUSAL}<path:object_id>/delete/": OPERATING,
    f"{REFUSAL}<path:object_id>/history/": OPERATING,
    EXAMPLE: EDITING,
    f"{EXAMPLE}add/": EDITING,
    f"{EXAMPLE}<path:object_id>/": STAFF,
    f"{EXAMPLE}<path:object_id>/change/": EDITING,
    f"{EXAMPLE}<path:object_id>/delete/": EDITING,
    f"{EXAMPLE}<path:object_id>/history/": EDITING,
    CALL: HEARING,
    f"{CALL}add/": NOBODY,
    f"{CALL}now/": HEARING,
    f"{CALL}<uuid:call_id>/recordings/<int:attempt>.ogg": REVIEWING,
    f"{CALL}<path:object_id>/": STAFF,
    f"{CALL}<path:object_id>/change/": HEARING,
    f"{CALL}<path:object_id>/delete/": NOBODY,
    f"{CALL}<path:object_id>/history/": HEARING,
    f"{CALL}<path:object_id>/keep_as_example/": EDITING,
    PRICE: OPERATING,
    f"{PRICE}add/": OPERATING,
    f"{PRICE}spending/": OPERATING,
    f"{PRICE}<path:object_id>/": STAFF,
    f"{PRICE}<path:object_id>/change/": OPERATING,
    f"{PRICE}<path:object_id>/delete/": OPERATING,
    f"{PRICE}<path:object_id>/history/": OPERATING,
    CAP: OPERATING,
    f"{CAP}add/": OPERATING,
    f"{CAP}<path:object_id>/": STAFF,
    f"{CAP}<path:object_id>/change/": OPERATING,
    f"{CAP}<path:object_id>/delete/": OPERATING,
    f"{CAP}<path:object_id>/history/": OPERATING,
    ERASURE: OPERATING,
    f"{ERASURE}add/": NOBODY,
    f"{ERASURE}person/": OPERATING,
    f"{ERASURE}<path:object_id>/": STAFF,
    f"{ERASURE}<path:object_id>/change/": OPERATING,
    f"{ERASURE}<path:object_id>/delete/": NOBODY,
    f"{ERASURE}<path:object_id>/history/": OPERATING,
    LEAD: REVIEWING,
    f"{LEAD}add/": NOBODY,
    f"{LEAD}export/": REVIEWING,
    f"{LEAD}exports/<int:export_pk>/": NOBODY,  # only who asked for the file
    f"{LEAD}exports/<int:export_pk>/file/": NOBODY,
    f"{LEAD}<path:object_id>/": STAFF,
    f"{LEAD}<path:object_id>/change/": REVIEWING,
    f"{LEAD}<path:object_id>/delete/": NOBODY,
    f"{LEAD}<path:object_id>/history/": REVIEWING,
    ENDPOINT: OPERATING,
    f"{ENDPOINT}add/": OPERATING,
    f"{ENDPOINT}<path:object_id>/": STAFF,
    f"{ENDPOINT}<path:object_id>/change/": OPERATING,
    f"{ENDPOINT}<path:object_id>/delete/": OPERATING,
    f"{ENDPOINT}<path:object_id>/history/": OPERATING,
    f"{ENDPOINT}<path:object_id>/send_test/": OPERATING,
    f"{ENDPOINT}<path:object_id>/show_secret/": OPERATING,
    DELIVERY: REVIEWING,
    f"{DELIVERY}add/": NOBODY,
    f"{DELIVERY}send_range_again/": OPERATING,
    f"{DELIVERY}<path:object_id>/": STAFF,
    f"{DELIVERY}<path:object_id>/change/": REVIEWING,
    f"{DELIVERY}<path:object_id>/delete/": NOBODY,
    f"{DELIVERY}<path:object_id>/history/": REVIEWING,
    f"{DELIVERY}<path:object_id>/send_this_again/": OPERATING,
}


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


@pytest.fixture
def ids(heartbeat: Beat, files: Path) -> dict[str, Any]:
    """A row of everything, and a worker that could take a call."""
    heartbeat(2)
    agent, spare = make_agent(), make_agent(agent_id="spare", published=False)
    AgentProfile.objects.filter(pk=spare.pk).update(enabled=False)
    call = make_call(agent)
    call.recordings.create(attempt=1, bytes=4, file=default_storage.save("1.ogg", ContentFile(b"OggS")))
    endpoint = Endpoint.objects.create(name="CRM", url="https://crm.example.in/")
    return {
        "endpoint": endpoint.pk,
        "delivery": endpoint.deliveries.create(event="lead.test", body="{}", status="given_up").pk,
        "agent": agent.pk,
        "spare": spare.pk,
        "example": make_example(spare).pk,
        "call": call.pk,
        "erasure": Erasure.objects.create(mark="x", due_at=call.created_at).pk,
        "lead": Lead.objects.create(agent=agent, call=call).pk,
        "price": Price.objects.create(model="gpt-0", unit="llm_input", rupees=1, since="2026-11-23").pk,
        "cap": DailyCap.objects.create(agent=agent, minutes=5).pk,
        "key": IntegrationKey.objects.create(name="n8n", hashed="x").pk,
        "refusal": ModelRefusal.objects.create(model="gpt-0", message="No such model").pk,
    }


def browser(person: str) -> Client:
    client = Client()
    if person != ANONYMOUS:
        user = User.objects.create_user("meera", is_staff=True)
        user.groups.set(Group.objects.filter(name=person))
        client.force_login(user)
    return client


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def is_ours(route: str) -> bool:
    return route.startswith(("admin/agents/", "admin/calls/", "admin/leads/", "try/"))


def address(route: str, ids: dict[str, Any]) -> str:
    """A route with the ids of rows that are there."""
    of_model = {AGENT: "agent", EXAMPLE: "example", KEY: "key", REFUSAL: "refusal", CALL: "call"} | {
        PRICE: "price",
        CAP: "cap",
        LEAD: "lead",
        ENDPOINT: "endpoint",
        DELIVERY: "delivery",
        ERASURE: "erasure",
    }
    row = next((ids[name] for start, name in of_model.items() if route.startswith(start)), "")
    for name in ("path:object_id", "uuid:call_id", "int:agent_pk"):
        route = route.replace(f"<{name}>", str(row))
    for name in ("int:number", "int:attempt", "int:export_pk"):
        route = route.replace(f"<{name}>", "1")
    return "/" + route.replace("<slug:agent_id>", "demo")


def is_let_in(answer: HttpResponseBase) -> bool:
    to_login = answer.headers.get("Location", "").startswith("/admin/login/")
    return answer.status_code in (200, 302) and not to_login


def test_every_address_of_the_admin_is_in_the_table() -> None:
    assert sorted(filter(is_ours, routes(get_resolver()))) == sorted(PAGES)


@pytest.mark.parametrize("person", PEOPLE)
def test_pages_open_for_those_in_the_table_only(person: str, ids: dict[str, Any]) -> None:
    client = browser(person)
    opened = {route for route in PAGES if is_let_in(client.get(address(route, ids)))}
    assert opened == {route for route, who in PAGES.items() if person in who}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_things_are_done_by_those_in_the_table_only(deed: Deed, person: str, ids: dict[str, Any]) -> None:
    client, before = browser(person), deed.seen()
    place, parts = f"/{deed.address.format(**ids)}", deed.form(ids)
    if place.startswith("/api/"):
        client.post(place, parts, content_type="application/json")
    else:
        client.post(place, parts)
    assert (deed.seen() != before) == (person in deed.who)
