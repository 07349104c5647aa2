"""What staff are shown of words before anyone hears them: the prompt, and greetings that do not fit a voice."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from agents.models import AgentProfile


def _prompt(client: Client, agent: AgentProfile, **asked: str) -> str:
    answer = client.get(reverse("admin:agents_agentprofile_see_prompt", args=[agent.pk]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_prompt_is_the_drafts_and_not_the_published_ones(agent: AgentProfile, admin_client: Client) -> None:
    AgentProfile.objects.update(knows="Open till nine <b>on Sundays</b>.")
    page = _prompt(admin_client, agent)
    assert "Open till nine &lt;b&gt;on Sundays" in page
    assert "Speak Hindi (hi-IN)" in page


def test_it_is_shown_for_the_language_and_voice_asked_for(agent: AgentProfile, admin_client: Client) -> None:
    page = _prompt(admin_client, agent, language="ta-IN", voice="karun")
    assert "Speak Tamil (ta-IN)" in page
    assert "The speaker is a man." in page
    assert 'lang="ta-IN"' in page


def test_what_is_not_offered_falls_to_the_agents_own_choice(agent: AgentProfile, admin_client: Client) -> None:
    page = _prompt(admin_client, agent, language="fr-FR", voice="nobody")
    assert "Speak Hindi (hi-IN)" in page


def test_a_greeting_that_does_not_fit_every_voice_warns_and_shows_the_words(
    agent: AgentProfile, admin_client: Client
) -> None:
    address = reverse("admin:agents_agentprofile_change", args=[agent.pk])
    names = ["TOTAL_FORMS", "INITIAL_FORMS"]
    inlines = {f"{inline}-{name}": 0 for inline in ("fields", "versions") for name in names}

    def warnings(greeting: str) -> list[str]:
        form = admin_client.get(address).context["adminform"].form
        shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        shown.pop("picture")  # no file is chosen
        values = {name: value for name, value in shown.items() if value not in (None, False)}
        answer = admin_client.post(address, {**values, **inlines, "greeting_hi_IN": greeting, "_continue": "1"})
        assert answer.status_code == 302, answer.context["errors"]
        return [str(message) for message in get_messages(answer.wsgi_request) if message.level_tag == "warning"]

    assert any("रही हूँ" in text for text in warnings("नमस्ते! मैं आशा बोल रही हूँ।"))
    assert not warnings("नमस्ते! मैं आशा बोल {रही|रहा} हूँ।")
