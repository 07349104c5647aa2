"""Verbs of agents: publishing, pausing, and which models a call gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pydantic import ValidationError

from agents.contract import ModelChoice
from agents.models import AgentProfile, AgentVersion, ModelRefusal
from agents.published import published_agent
from agents.services import (
    create_profile,
    draft_config,
    has_unpublished_changes,
    language_models,
    mark_refused,
    pause,
    publish,
    publish_from_n8n,
    refused_models,
    resume,
    speech_models,
)
from tests.conftest import Logged, SetEnv
from tests.factories import agent_config, make_agent

pytestmark = pytest.mark.django_db

# Publishing -------------------------------------------------------------------------------------


def test_a_profile_made_from_a_config_publishes_as_that_config() -> None:
    config = agent_config(
        greetings={"ta-IN": "வணக்கம்!"}, llm_provider="openai", llm_model="gpt-4.1-mini", pace=1.2, text_chat=False
    )
    version = publish(create_profile(config, source=AgentProfile.Source.ADMIN), author=None, author_name="Vaani")
    assert version.config == config
    assert (version.number, version.author, version.author_name) == (1, None, "Vaani")


def test_fields_keep_their_order_and_an_empty_greeting_is_none_at_all(agent: AgentProfile) -> None:
    agent.fields.filter(key="need").update(position=0)
    agent.fields.filter(key="name").update(position=1)
    agent.greetings = {"hi-IN": "", "ta-IN": "வணக்கம்!"}
    draft = draft_config(agent)
    assert [field.key for field in draft.fields] == ["need", "name", "phone"]
    assert draft.greetings == {"ta-IN": "வணக்கம்!"}


def test_publishing_makes_numbered_versions_that_tell_who_and_why(agent: AgentProfile, logged: Logged) -> None:
    author = User.objects.create_user("meera")
    agent.name = "Usha"
    agent.save()
    version = publish(agent, author=author, note="A new name")
    assert (version.number, version.author_name, version.note) == (2, "meera", "A new name")
    agent.refresh_from_db()
    assert agent.published == version
    assert [old.config.name for old in agent.versions.all()] == ["Usha", "Asha"]
    assert logged("agent_published")[-1]["version"] == 2


def test_publishing_without_a_change_makes_no_version(agent: AgentProfile) -> None:
    assert not has_unpublished_changes(agent)
    assert publish(agent, author=None) == agent.published
    agent.knows = "Open on Sundays."
    assert has_unpublished_changes(agent)
    assert AgentVersion.objects.count() == 1


def test_a_draft_out_of_bounds_is_not_published(agent: AgentProfile) -> None:
    agent.pace = 9
    with pytest.raises(ValidationError, match="pace"):
        publish(agent, author=None)


def test_what_n8n_publishes_leaves_the_draft_as_it_is(agent: AgentProfile) -> None:
    version = publish_from_n8n(agent, agent_config(name="Kaveri"))
    agent.refresh_from_db()
    assert (version.author_name, version.config.name, agent.name) == ("n8n", "Kaveri", "Asha")
    assert agent.published == version


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_get_two_numbers() -> None:
    profile = make_agent()

    def publish_as(name: str) -> int | None:
        try:
            return publish_from_n8n(AgentProfile.objects.get(pk=profile.pk), agent_config(name=name)).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(filter(None, threads.map(publish_as, "abcd"))) == [2, 3, 4, 5]


def test_pausing_and_resuming_act_at_once(agent: AgentProfile) -> None:
    for change, enabled in ((pause, False), (resume, True)):
        published_agent("demo")
        change(agent)
        found = published_agent("demo")
        assert found
        assert found.enabled is enabled
        assert AgentProfile.objects.open().exists() is enabled


# Models in use ----------------------------------------------------------------------------------


def test_a_refusal_is_remembered_once(logged: Logged) -> None:
    mark_refused("bulbul:v2", "no such model " * 60)
    mark_refused("bulbul:v2", "again")
    mark_refused("", "which?")
    assert refused_models() == {"bulbul:v2"}
    assert len(ModelRefusal.objects.get().message) == 300
    assert len(logged("model_refused")) == 1


GROQ_LATEST, OPENAI_LATEST = ("groq", "openai/gpt-oss-120b"), ("openai", "gpt-4.1-mini")


@pytest.mark.parametrize(
    ("parts", "env", "tried"),
    [
        ({}, {}, [GROQ_LATEST, OPENAI_LATEST]),
        ({}, {"llm_provider": "openai"}, [OPENAI_LATEST, GROQ_LATEST]),
        ({}, {"llm_model": "our-own"}, [("groq", "our-own"), OPENAI_LATEST]),
        # The site's model is its provider's: an agent of the other provider does not get it.
        ({"llm_provider": "openai"}, {"llm_model": "our-own"}, [OPENAI_LATEST, GROQ_LATEST]),
        ({"llm_model": "openai/gpt-oss-20b"}, {}, [("groq", "openai/gpt-oss-20b"), GROQ_LATEST, OPENAI_LATEST]),
        ({"llm_model": "llama-3.3-70b-versatile"}, {}, [GROQ_LATEST, OPENAI_LATEST]),
        ({}, {"openai_api_key": ""}, [GROQ_LATEST]),
        ({}, {"groq_api_key": "", "openai_api_key": ""}, []),
    ],
)
def test_language_models_are_tried_best_first_where_there_is_a_key(
    set_env: SetEnv, parts: dict[str, Any], env: dict[str, str], tried: list[tuple[str, str]]
) -> None:
    set_env(**{"groq_api_key": "g", "openai_api_key": "o"} | env)
    assert [(model.provider, model.model) for model in language_models(agent_config(**parts))] == tried


def test_a_refused_language_model_is_replaced_and_requests_carry_what_the_model_wants(set_env: SetEnv) -> None:
    set_env(groq_api_key="g")
    mark_refused("openai/gpt-oss-20b", "model_not_found")
    assert language_models(agent_config(llm_model="openai/gpt-oss-20b")) == [
        ModelChoice(provider="groq", model="openai/gpt-oss-120b", extra={"reasoning_effort": "low"})
    ]


def test_speech_goes_to_the_successor_with_a_voice_of_the_same_gender() -> None:
    assert speech_models(agent_config(), "karun") == ("saaras:v3", "bulbul:v2", "karun")
    mark_refused("bulbul:v2", "gone")
    mark_refused("saaras:v3", "gone")
    assert speech_models(agent_config(), "karun") == ("saaras:v4", "bulbul:v3", "rahul")
