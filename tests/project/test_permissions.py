"""Who may open what, and do what, in the admin of agents, calls and leads. A new address needs a line here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from agents.models import AgentProfile, IntegrationKey, ModelRefusal
from calls.models import Call, DailyCap, Price
from leads.models import Endpoint, Erasure, Lead
from tests.conftest import Beat
from tests.factories import make_agent, make_call, make_example
from tests.project.deeds import DEEDS, Deed
from tests.project.staff import (
    AGENT,
    ANONYMOUS,
    CALL,
    CAP,
    DELIVERY,
    EDITING,
    ENDPOINT,
    ERASURE,
    EXAMPLE,
    HEARING,
    KEY,
    LEAD,
    NOBODY,
    OPERATING,
    PEOPLE,
    PRICE,
    PUBLISHING,
    REFUSAL,
    REVIEWING,
    STAFF,
)

pytestmark = pytest.mark.django_db

# Who gets each address with GET. An address that answers only to POST is got by nobody.
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
    f"{LEAD}remove_samples/": OPERATING,
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


@pytest.fixture
def ids(heartbeat: Beat, files: Path) -> dict[str, Any]:
    """A row of everything, and a worker that could take a call."""
    heartbeat(2)
    agent, spare = make_agent(), make_agent(agent_id="spare", published=False)
    AgentProfile.objects.filter(pk=spare.pk).update(enabled=False)
    call = make_call(agent)
    call.recordings.create(attempt=1, bytes=4, file=default_storage.save("1.ogg", ContentFile(b"OggS")))
    make_call(agent, kind=Call.Kind.SAMPLE, status=Call.Status.SETTLED)
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


def is_done(deed: Deed, person: str, ids: dict[str, Any]) -> bool:
    """Whether a person can do it. Whatever came of it is undone."""
    with transaction.atomic():
        client, before = browser(person), deed.seen()
        place, parts = f"/{deed.address.format(**ids)}", deed.form(ids)
        if place.startswith("/api/"):
            client.post(place, parts, content_type="application/json")
        else:
            client.post(place, parts)
        done = bool(deed.seen() != before)
        transaction.set_rollback(True)
    return done


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_things_are_done_by_those_in_the_table_only(deed: Deed, ids: dict[str, Any]) -> None:
    assert {person for person in PEOPLE if is_done(deed, person, ids)} == deed.who
