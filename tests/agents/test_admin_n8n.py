"""n8n in the agents' admin: choosing it, what its page tells, asking it now; and the workflow we ship for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from agents import sources
from agents.models import AgentProfile, N8nAsking
from agents.n8n import parse_profile
from agents.published import forget_published, published_agent
from tests.agents.conftest import N8n, answer
from tests.agents.test_admin import answers, staff
from tests.conftest import SetEnv
from tests.factories import make_agent
from vaani.env import Env

pytestmark = pytest.mark.django_db

WORKFLOW = Path(__file__).parents[2] / "n8n" / "n8n-workflow-agent-profiles.json"


def page(profile: AgentProfile) -> str:
    return f"/admin/agents/agentprofile/{profile.pk}/change/"


def ask(client: Client, profile: AgentProfile) -> list[str]:
    response = client.post(f"/admin/agents/agentprofile/{profile.pk}/ask_n8n/")
    assert response.headers["Location"] == page(profile)
    return texts(response)


def texts(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.django_db(transaction=True)  # what is saved shows on commit
def test_a_live_agent_goes_to_n8n_and_back(admin_client: Client, server: N8n) -> None:
    profile = make_agent()
    assert sources.find_agent("demo").config.name == "Asha"
    form = answers(name="Usha", **{"fields-TOTAL_FORMS": "0"})
    response = admin_client.post(page(profile), {**form, "source": "n8n"})
    assert response.status_code == 302
    found = sources.find_agent("demo")
    assert (found.config.name, found.version, found.source) == ("Kaveri", 2, "n8n")
    response = admin_client.post(page(profile), {**form, "source": "admin"})
    assert "n8n is not asked any more. Visitors hear version 2 until you publish your own." in texts(response)
    now = published_agent("demo")
    assert now
    assert (now.source, now.version) == ("admin", 2)


def test_an_editor_sees_the_source_and_cannot_change_it() -> None:
    profile = make_agent()
    client = staff("view_agentprofile", "change_agentprofile")
    assert "source" not in client.get(page(profile)).context["adminform"].form.fields
    client.post(page(profile), answers(source="n8n", **{"fields-TOTAL_FORMS": "0"}))
    profile.refresh_from_db()
    assert (profile.name, profile.source) == ("Kaveri", "admin")


def test_without_an_address_choosing_n8n_says_what_is_missing(admin_client: Client, set_env: SetEnv) -> None:
    set_env(n8n_base_url="")
    profile = make_agent()
    response = admin_client.post(page(profile), answers(source="n8n", **{"fields-TOTAL_FORMS": "0"}))
    assert any("N8N_BASE_URL is not set" in text for text in texts(response))
    shown = admin_client.get(page(profile)).content.decode()
    assert "N8N_BASE_URL is not set in .env" in shown
    assert "ask_n8n" not in shown
    assert ask(admin_client, profile) == ["n8n does not feed this agent."]


def test_the_page_tells_each_step_newest_first(admin_client: Client, server: N8n) -> None:
    profile = make_agent(source=AgentProfile.Source.N8N)
    assert "It has not been asked yet." in admin_client.get(page(profile)).content.decode()
    answered = ["n8n was asked.", "n8n sent a sound profile.", "Calls use n8n's profile: version 2."]
    assert ask(admin_client, profile) == answered
    admin_client.get(page(profile))  # shows those messages
    server.respond = answer({"name": "Kaveri"}, 500)
    failed = ["n8n was asked.", "n8n answered 500", "Calls use the last good copy: version 2."]
    forget_published()  # tests do not commit
    assert ask(admin_client, profile) == failed
    shown = admin_client.get(page(profile)).context["n8n_askings"]
    assert [[step.what for step in steps] for steps in shown] == [failed, answered]
    assert [step.trouble for step in shown[0]] == [False, True, False]


def test_asking_now_does_not_wait_for_the_minute_and_counts_for_it(admin_client: Client, server: N8n) -> None:
    profile = make_agent(source=AgentProfile.Source.N8N)
    ask(admin_client, profile)
    ask(admin_client, profile)
    sources.find_agent("demo")
    assert len(server.asked) == 2


def test_who_may_not_publish_sees_the_steps_and_cannot_ask(server: N8n) -> None:
    profile = make_agent(source=AgentProfile.Source.N8N)
    client = staff("view_agentprofile", "change_agentprofile")
    shown = client.get(page(profile)).content.decode()
    assert "Fed by n8n" in shown
    assert "ask_n8n" not in shown
    assert client.post(f"/admin/agents/agentprofile/{profile.pk}/ask_n8n/").status_code == 403
    assert server.asked == []


def test_an_agent_of_our_own_has_neither_the_steps_nor_the_button(admin_client: Client, server: N8n) -> None:
    profile = make_agent()
    shown = admin_client.get(page(profile)).content.decode()
    assert "Fed by n8n" not in shown
    assert "ask_n8n" not in shown
    assert ask(admin_client, profile) == ["n8n does not feed this agent."]
    assert server.asked == []


def test_only_the_newest_askings_are_kept(server: N8n) -> None:
    profile = make_agent(source=AgentProfile.Source.N8N)
    parts = {"asked_at": timezone.now(), "seconds": 1, "taken": N8nAsking.Taken.N8N, "version": 1}
    other = make_agent(agent_id="other").n8n_askings.create(**parts)
    old = [profile.n8n_askings.create(**parts).pk for _ in range(sources.KEPT_ASKINGS)]
    newest = sources.ask_now(profile)
    assert [asking.pk for asking in profile.n8n_askings.all()] == [newest.pk, *reversed(old[1:])]
    assert N8nAsking.objects.filter(pk=other.pk).exists()


# The workflow we ship ---------------------------------------------------------------------------


def test_the_workflow_serves_our_webhook_with_profiles_that_we_take() -> None:
    workflow = json.loads(WORKFLOW.read_text())
    (webhook,) = [node for node in workflow["nodes"] if node["type"] == "n8n-nodes-base.webhook"]
    path = Env.model_fields["n8n_webhook_agent_config"].default
    assert f"/webhook/{webhook['parameters']['path']}" == path
    profiles = {
        node["name"]: json.loads(node["parameters"]["jsonOutput"])
        for node in workflow["nodes"]
        if node["type"] == "n8n-nodes-base.set"
    }
    assert {name: parse_profile(profile, name, None).name for name, profile in profiles.items()} == {
        "demo": "Asha",
        "clinic": "Kaveri",
    }
    assert set(profiles["demo"]) == set(parse_profile({"name": "A"}, "demo", None).model_dump(by_alias=True)) - {
        "agentId"
    }, "one of them shows every part there is"
    assert workflow["active"] is False, "it is published by hand, once it is read"
