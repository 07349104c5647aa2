"""Staff try a draft: who may, what the page offers, and what kind of call it makes. No lead: tests/leads."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from agents.models import AgentProfile, AgentVersion
from agents.services import pause, publish
from calls.admin import facts
from calls.models import Call
from tests.conftest import Beat
from tests.factories import make_agent, make_call

pytestmark = pytest.mark.django_db

PAGE = "/try/demo"
EDITOR = ("change_agentprofile", "view_call")


def person(*permissions: str, is_staff: bool = True, check_csrf: bool = False) -> Client:
    user = User.objects.create_user("meera", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client(enforce_csrf_checks=check_csrf)
    client.force_login(user)
    return client


def ask(client: Client, **body: Any) -> Any:
    headers = body.pop("headers", {})
    return client.post("/api/trials", {"agentId": "demo", **body}, content_type="application/json", headers=headers)


def page_data(page: Any) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page.content.decode(), re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture(autouse=True)
def somebody_is_free(heartbeat: Beat) -> None:
    heartbeat(5)


# Who may ----------------------------------------------------------------------------------------


def test_the_anonymous_are_asked_to_sign_in(agent: AgentProfile, client: Client) -> None:
    page = client.get(PAGE)
    assert (page.status_code, page.headers["Location"]) == (302, f"/admin/login/?next={PAGE}")
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authorised")
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "is_staff"), [(("view_agentprofile", "view_call"), True), (EDITOR, False)], ids=["reader", "nobody"]
)
def test_those_who_may_not_change_agents_are_refused(
    agent: AgentProfile, permissions: tuple[str, ...], is_staff: bool
) -> None:
    client = person(*permissions, is_staff=is_staff)
    page = client.get(PAGE)
    assert page.status_code == 403
    assert "Only people who may change agents" in page.content.decode()
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Call.objects.exists()


def test_a_trial_needs_the_pages_own_token_against_forgery(agent: AgentProfile) -> None:
    client = person(*EDITOR, check_csrf=True)
    refused = ask(client)
    assert (refused.status_code, refused.json()["code"]) == (403, "stale_page")
    assert "Reload" in refused.json()["detail"]
    assert not Call.objects.exists()
    token = page_data(client.get(PAGE))["csrfToken"]
    assert ask(client, headers={"X-CSRFToken": token}).status_code == 200


def test_the_form_leads_there_for_those_who_may_change_the_agent(agent: AgentProfile) -> None:
    form = f"/admin/agents/agentprofile/{agent.pk}/"
    editor = person(*EDITOR)
    page = editor.get(f"{form}change/").content.decode()
    action = re.search(r'href="([^"]*try_draft[^"]*)"', page)
    assert action
    assert editor.get(action[1]).headers["Location"] == PAGE
    User.objects.all().delete()
    assert action[1] not in person("view_agentprofile").get(f"{form}change/").content.decode()


# The page ---------------------------------------------------------------------------------------


def test_the_page_offers_the_draft_and_not_what_is_published(agent: AgentProfile) -> None:
    AgentProfile.objects.update(
        name="Kaveri", languages=["ta-IN"], default_language="ta-IN", voices=["karun"], default_voice="karun"
    )
    page = person(*EDITOR).get(PAGE)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    data = page_data(page)
    assert (data["agentName"], data["mode"], data["tokenUrl"]) == ("Kaveri", "trial", "/api/trials")
    assert [language["code"] for language in data["languages"]] == ["ta-IN"]
    assert [voice["id"] for voice in data["voices"]] == ["karun"]
    html = page.content.decode()
    assert "You are trying the draft of Kaveri. Nothing here makes a lead." in html
    assert f'href="/admin/agents/agentprofile/{agent.pk}/change/"' in html
    assert 'name="userName"' not in html


def test_what_visitors_may_not_do_a_typed_trial_can(agent: AgentProfile) -> None:
    AgentProfile.objects.update(text_chat=False)
    page = person(*EDITOR).get(PAGE)
    assert page_data(page)["textChat"] is False
    assert 'id="typing"' in page.content.decode()


def test_the_call_is_linked_for_those_who_may_read_calls(agent: AgentProfile) -> None:
    page = person(*EDITOR).get(PAGE)
    assert page_data(page)["callUrl"] == "/admin/calls/call/call-id/change/"
    assert 'id="see-call"' in page.content.decode()
    User.objects.all().delete()
    page = person("change_agentprofile").get(PAGE)
    assert page_data(page)["callUrl"] == ""
    assert 'id="see-call"' not in page.content.decode()


def test_the_page_keeps_to_the_visitors_policy(agent: AgentProfile) -> None:
    hostile = "</script><script>alert(1)</script><b onclick=x>"
    AgentProfile.objects.update(name=hostile)
    page = person(*EDITOR).get(PAGE)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    html = page.content.decode()
    assert "<b onclick" not in html
    assert not re.search(r"<style(?! nonce=)|\sstyle=|\son\w+=\"", html)
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == ['<script id="page-data" type="application/json">']


def test_the_scripts_find_their_elements_here_too(agent: AgentProfile) -> None:
    html = person(*EDITOR).get(PAGE).content.decode()
    for part in ("start", "call", "type", "typing", "typed", "type-instead", "see-call", "again", "back", "hang-up"):
        assert html.count(f'id="{part}"') == 1, part


def test_no_such_agent() -> None:
    page = person(*EDITOR).get("/try/nobody")
    assert page.status_code == 404
    assert "There is no such agent" in page.content.decode()


def test_an_unfinished_draft_says_what_is_wrong(agent: AgentProfile) -> None:
    AgentProfile.objects.update(max_seconds=5)
    client = person(*EDITOR)
    page = client.get(PAGE)
    assert page.status_code == 422
    html = page.content.decode()
    assert "The draft of Asha is not finished" in html
    assert "Longest call, in seconds: Input should be greater than or equal to 30" in html
    assert f'href="/admin/agents/agentprofile/{agent.pk}/change/"' in html
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (422, "draft_unfinished")
    assert not Call.objects.exists()


def test_an_unfinished_thing_to_find_out_is_named_too(agent: AgentProfile) -> None:
    agent.fields.update(kind="shape")
    html = person(*EDITOR).get(PAGE).content.decode()
    assert "<li>Kind: " in html


# The call ---------------------------------------------------------------------------------------


def test_a_trial_is_a_call_on_a_snapshot_without_a_number(agent: AgentProfile) -> None:
    AgentProfile.objects.update(name="Kaveri")
    answer = ask(person(*EDITOR), language="ta-IN", voice="karun", typed=True)
    assert answer.status_code == 200
    call = Call.objects.get(pk=answer.json()["callId"])
    assert (call.kind, call.typed, call.language, call.voice) == ("trial", True, "ta-IN", "karun")
    assert call.source == {"staff": "meera"}
    assert (call.version.number, call.version.config.name) == (None, "Kaveri")
    agent.refresh_from_db()
    assert agent.published is not None
    assert agent.published.config.name == "Asha"


def test_the_snapshot_stays_the_same_while_the_draft_does(agent: AgentProfile) -> None:
    client = person(*EDITOR)

    def tried() -> AgentVersion:
        return Call.objects.get(pk=ask(client).json()["callId"]).version

    first = tried()
    assert tried() == first
    AgentProfile.objects.update(name="Kaveri")
    second = tried()
    assert second != first
    AgentProfile.objects.update(name="Asha")
    assert tried() == first
    AgentProfile.objects.update(name="Kaveri")
    agent.refresh_from_db()
    assert publish(agent, author=None).number == 2
    assert tried() == second


def test_drafts_never_published_and_paused_agents_may_be_tried() -> None:
    pause(make_agent(published=False))
    client = person(*EDITOR)
    assert client.get(PAGE).status_code == 200
    assert ask(client).status_code == 200


@pytest.mark.parametrize("choice", [{"language": "fr-FR"}, {"voice": "nobody"}])
def test_what_the_draft_does_not_offer_is_refused(agent: AgentProfile, choice: dict[str, str]) -> None:
    assert ask(person(*EDITOR), **choice).status_code == 422
    assert not Call.objects.exists()


@pytest.mark.parametrize(("typed", "kind"), [(False, "Trial"), (True, "Trial, without sound")])
def test_the_calls_page_says_that_it_was_a_trial_of_the_draft(agent: AgentProfile, typed: bool, kind: str) -> None:
    snapshot = AgentVersion.objects.create(agent=agent, content_hash="x", snapshot={})
    shown = {
        str(label): value for label, value in facts(make_call(agent, version=snapshot, kind="trial", typed=typed), "")
    }
    assert shown["Kind"] == kind
    assert shown["Agent"] == "Asha, draft"
