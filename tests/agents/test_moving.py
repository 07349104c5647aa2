"""Off a model that is past its end or refused: which agents, to what, and what is published of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from agents import services
from agents.catalogue import MODELS, VOICES
from agents.models import AgentProfile, AgentVersion, Example
from agents.moving import Outcome, leaving, move_to_successor, moved
from agents.services import mark_refused, publish
from agents.standing import State, standing
from tests.agents.test_admin import answers, faults
from tests.factories import agent_config, make_agent

pytestmark = pytest.mark.django_db

PAGE = "/admin/agents/agentprofile/models/"
TODAY = date(2026, 11, 23)
OLD, NEW = "bulbul:v2", "bulbul:v3"


@pytest.fixture
def refused() -> None:
    mark_refused(OLD, "model_not_found")


@pytest.fixture
def author() -> User:
    return User.objects.create_user("meera", is_staff=True)


def move(profile: AgentProfile, author: User, *, may_publish: bool = True) -> Outcome:
    outcome = move_to_successor(profile, OLD, author=author, may_publish=may_publish)
    profile.refresh_from_db()
    return outcome


def live(profile: AgentProfile) -> AgentVersion:
    assert profile.published
    return profile.published


def test_voices_follow_their_model_each_to_one_of_its_gender_and_none_twice() -> None:
    before = agent_config(voices=["arya", "karun", "hitesh", "anushka"], default_voice="hitesh", tts_model=OLD)
    after = moved(before, OLD, NEW)
    assert (after.tts_model, after.stt_model, after.llm_model) == (NEW, before.stt_model, before.llm_model)
    assert after.voices == ["pooja", "rahul", "aditya", "ritu"]
    assert after.default_voice == "aditya"
    assert [VOICES[voice].gender for voice in after.voices] == [VOICES[voice].gender for voice in before.voices]
    both = moved(before.model_copy(update={"voices": ["arya", "pooja"], "default_voice": "arya"}), OLD, NEW)
    assert (both.voices, both.default_voice) == (["pooja"], "pooja")


def test_a_language_or_listening_model_moves_alone() -> None:
    before = agent_config(llm_provider="groq", llm_model="llama-3.3-70b-versatile")
    after = moved(before, "llama-3.3-70b-versatile", "openai/gpt-oss-120b")
    assert after == before.model_copy(update={"llm_model": "openai/gpt-oss-120b"})
    assert moved(before, "saaras:v3", "saaras:v4") == before.model_copy(update={"stt_model": "saaras:v4"})


def test_a_move_that_is_all_there_is_to_publish_is_published(refused: None, author: User) -> None:
    profile = make_agent()
    fields = live(profile).config.fields
    assert move(profile, author) is Outcome.PUBLISHED
    version = live(profile)
    assert (version.number, version.author, version.note) == (2, author, f"Moved from {OLD} to {NEW}.")
    assert version.config == moved(agent_config(), OLD, NEW)
    assert version.config.fields == fields
    assert (profile.tts_model, profile.default_voice) == (NEW, "pooja")
    assert not services.has_unpublished_changes(profile)
    assert move(profile, author) is Outcome.PUBLISHED
    assert live(profile) == version, "moving what has moved makes no version"


def test_examples_hold_back_a_move_that_visitors_would_notice_and_no_other(
    author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = replace(MODELS[OLD], ends_on=timezone.localdate() + timedelta(days=10))
    monkeypatch.setitem(MODELS, OLD, ending)
    profile = make_agent()
    Example.objects.create(agent=profile, name="Asks for the price", language="hi-IN", lines=["दाम क्या है?"])
    assert move(profile, author) is Outcome.HELD
    assert (profile.tts_model, live(profile).number) == (NEW, 1)
    mark_refused(OLD, "model_not_found")  # from here on calls use the other one
    assert move(profile, author) is Outcome.PUBLISHED
    assert live(profile).override_reason == f"Moved from {OLD} to {NEW}."


def test_other_changes_of_the_draft_are_not_published_along(refused: None, author: User) -> None:
    profile = make_agent()
    AgentProfile.objects.filter(pk=profile.pk).update(name="Usha")
    assert move(profile, author) is Outcome.OTHER_CHANGES
    assert (profile.name, profile.tts_model, live(profile).number) == ("Usha", NEW, 1)


def test_who_may_not_publish_moves_the_draft_and_a_publisher_finishes_it(refused: None, author: User) -> None:
    profile = make_agent()
    assert move(profile, author, may_publish=False) is Outcome.MAY_NOT_PUBLISH
    assert (profile.tts_model, live(profile).number) == (NEW, 1)
    assert move(profile, author) is Outcome.PUBLISHED
    assert (live(profile).number, live(profile).config.tts_model) == (2, NEW)


def test_what_n8n_feeds_or_nobody_ever_published_is_not_published(refused: None, author: User) -> None:
    fed, new = make_agent(source=AgentProfile.Source.N8N), make_agent(agent_id="new", published=False)
    assert (move(fed, author), live(fed).number) == (Outcome.FED_BY_N8N, 1)
    assert (move(new, author), new.published) == (Outcome.NEVER_PUBLISHED, None)
    assert (fed.tts_model, new.tts_model) == (NEW, NEW)


def test_a_draft_that_cannot_be_read_is_left_as_it_is(refused: None, author: User) -> None:
    profile = make_agent()
    AgentProfile.objects.filter(pk=profile.pk).update(pace=9)
    assert (move(profile, author), profile.tts_model) == (Outcome.NOT_WHOLE, OLD)


def test_agents_are_listed_by_what_their_calls_ask_for() -> None:
    ended: dict[str, Any] = {"llm_provider": "groq", "llm_model": "llama-3.3-70b-versatile"}
    calls_it = make_agent(**ended)
    AgentProfile.objects.filter(pk=calls_it.pk).update(llm_model="openai/gpt-oss-120b")
    drafts_it = make_agent(agent_id="drafts-it")
    AgentProfile.objects.filter(pk=drafts_it.pk).update(**ended)
    new = make_agent(agent_id="new", published=False, **ended)
    follows_the_site = make_agent(agent_id="site")
    profiles = AgentProfile.objects.select_related("published").order_by("pk")
    (model,) = leaving(profiles, TODAY, refused=set())
    assert (model.standing.state, model.standing.successor) == (State.ENDED, "openai/gpt-oss-120b")
    assert model.agents == [calls_it, new]
    assert follows_the_site not in model.agents


def test_a_model_is_moved_off_before_its_end_too_and_to_one_that_is_served() -> None:
    ending = standing("gpt-4o-mini", date(2027, 1, 1), refused={"gpt-4.1-mini"})
    assert (ending.state, ending.successor) == (State.ENDING, "gpt-4.1-mini")
    last = standing(NEW, TODAY, refused={NEW})
    assert (last.successor, last.words) == ("", "bulbul:v3 is refused by its provider, and nothing follows it.")


# The page ---------------------------------------------------------------------------------------


def texts(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_one_button_moves_every_agent_of_a_model(admin_client: Client, refused: None) -> None:
    make_agent()
    usha = make_agent(agent_id="usha", name="Usha")
    AgentProfile.objects.filter(pk=usha.pk).update(consent="Recorded.")
    page = admin_client.get(PAGE).content.decode()
    assert "bulbul:v2 is refused by its provider; calls use bulbul:v3." in page
    assert f"/admin/agents/agentprofile/{usha.pk}/change/" in page
    response = admin_client.post(PAGE, {"model": OLD})
    assert texts(response) == [
        "Asha now names bulbul:v3. Version 2 is published.",
        "The draft of Usha now names bulbul:v3. It has other changes, so it was not published: do that there.",
    ]
    publish(AgentProfile.objects.get(pk=usha.pk), author=None)
    assert "There is nothing to move." in admin_client.get(PAGE).content.decode()


@pytest.mark.parametrize("model", ["", "saaras:v3", "nothing"])
def test_a_model_that_is_served_is_not_moved(admin_client: Client, refused: None, model: str) -> None:
    profile = make_agent()
    before = profile.updated_at
    admin_client.post(PAGE, {"model": model})
    profile.refresh_from_db()
    assert (profile.updated_at, live(profile).number) == (before, 1)


def test_without_a_successor_there_is_nothing_to_press(admin_client: Client) -> None:
    mark_refused(NEW, "model_not_found")
    make_agent(tts_model=NEW, voices=["priya"], default_voice="priya")
    page = admin_client.get(PAGE).content.decode()
    assert "We know no successor." in page
    assert 'name="model"' not in page


def test_whoever_has_the_agent_open_is_told_who_moved_it(admin_client: Client, refused: None, author: User) -> None:
    profile = make_agent()
    address = f"/admin/agents/agentprofile/{profile.pk}/change/"
    author.user_permissions.set(Permission.objects.filter(codename__in=["view_agentprofile", "change_agentprofile"]))
    editor = Client()
    editor.force_login(author)
    seen = editor.get(address).context["adminform"].form.initial["seen"]
    admin_client.post(PAGE, {"model": OLD})
    response = editor.post(address, answers(**{"seen": seen, "fields-TOTAL_FORMS": "0"}))
    (words,) = faults(response)["__all__"]
    assert "by admin" in words


def test_the_list_of_refused_models_leads_to_the_page(admin_client: Client, refused: None) -> None:
    page = admin_client.get("/admin/agents/modelrefusal/").content.decode()
    assert NEW in page
    assert PAGE in page
