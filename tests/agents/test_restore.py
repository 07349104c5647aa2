"""A version's page, an old version as the draft again, and two people at one draft."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from agents import services
from agents.conflicts import stamp
from agents.models import AgentProfile
from tests.agents.test_admin import answers, faults, page, staff
from tests.factories import agent_config, make_agent

pytestmark = pytest.mark.django_db

NAME = {"key": "name", "label": "Their name", "kind": "name"}
PHONE = {"key": "phone", "label": "Their number", "kind": "phone"}


@pytest.fixture
def profile(admin_user: User) -> AgentProfile:
    """Two versions published, and a draft that is neither."""
    made = make_agent(published=False, max_seconds=100, fields=[NAME, PHONE])
    services.publish(made, author=admin_user, note="Opening day")
    change(made, max_seconds=200)
    services.publish(made, author=admin_user)
    change(made, max_seconds=300, fields=[NAME])
    return made


def change(profile: AgentProfile, **parts: Any) -> None:
    services.apply_config(profile, services.draft_config(profile).model_copy(update=agent_parts(parts)))


def agent_parts(parts: dict[str, Any]) -> dict[str, Any]:
    config = agent_config(**parts)
    return {name: getattr(config, name) for name in parts}


def version_page(profile: AgentProfile, number: int) -> str:
    return f"/admin/agents/agentprofile/{profile.pk}/versions/{number}/"


def differences(html: str) -> list[tuple[str, str]]:
    """Every mark of the diff as the page has it: tag and words."""
    body = html[html.index('class="change"') :] if 'class="change"' in html else ""
    found = re.findall(r'<(del|ins)><span class="for-ears">\w+: </span>(.*?)</\1>', body, re.DOTALL)
    return [(tag, unescape(text)) for tag, text in found]


# The page ----------------------------------------------------------------------------------------


def test_the_agents_page_leads_to_every_version(admin_client: Client, profile: AgentProfile) -> None:
    text = admin_client.get(page(profile)).content.decode()
    assert [f'href="{version_page(profile, number)}"' in text for number in (1, 2, 3)] == [True, True, False]


def test_a_version_tells_who_when_why_and_how_the_draft_differs(admin_client: Client, profile: AgentProfile) -> None:
    text = admin_client.get(version_page(profile, 1)).content.decode()
    assert "Opening day" in text
    assert "<dd>admin</dd>" in text
    assert "From Version 1 to the draft" in text
    assert ("del", "100") in differences(text)
    assert ("ins", "300") in differences(text)
    assert ("del", "Their number (Key: phone; Kind: Phone number)") in differences(text)


@pytest.mark.parametrize(("number", "against"), [(1, 2), (2, 1)])
def test_of_two_versions_the_older_is_struck_whichever_is_looked_at(
    admin_client: Client, profile: AgentProfile, number: int, against: int
) -> None:
    text = admin_client.get(version_page(profile, number), {"against": against}).content.decode()
    assert "From Version 1 to Version 2" in text
    assert differences(text) == [("del", "100"), ("ins", "200")]


def test_a_draft_like_the_version_differs_in_nothing(admin_client: Client, profile: AgentProfile) -> None:
    services.restore(profile, profile.versions.get(number=2))
    text = admin_client.get(version_page(profile, 2)).content.decode()
    assert "Nothing differs." in text
    assert "will be lost" not in text


def test_a_draft_that_is_not_whole_can_still_be_replaced(admin_client: Client, profile: AgentProfile) -> None:
    AgentProfile.objects.filter(pk=profile.pk).update(max_seconds=1)
    text = admin_client.get(version_page(profile, 1)).content.decode()
    assert "cannot be compared" in text
    admin_client.post(f"{version_page(profile, 1)}restore/")
    profile.refresh_from_db()
    assert profile.max_seconds == 100


@pytest.mark.parametrize("query", ["9", "1", "x", "0", "²"])
def test_a_version_that_is_not_there_or_the_same_is_not_found(
    admin_client: Client, profile: AgentProfile, query: str
) -> None:
    assert admin_client.get(version_page(profile, 1), {"against": query}).status_code == 404


def test_a_trials_snapshot_has_no_page(admin_client: Client, profile: AgentProfile) -> None:
    services.trial_version(profile)
    assert admin_client.get(version_page(profile, 3)).status_code == 404
    text = admin_client.get(version_page(profile, 1)).content.decode()
    assert re.findall(r'<option value="(\d*)"', text) == ["", "2"]


def test_markup_in_every_text_is_shown_as_text(admin_client: Client, profile: AgentProfile) -> None:
    evil = "<script>alert(1)</script>"
    texts = dict.fromkeys(["name", "description", "llm_model", "consent", "default_voice"], evil)
    brief = dict.fromkeys(["who", "knows", "never", "ends"], f"{evil} and some words to compare {evil}")
    fields = [{"key": "evil", "label": evil, "hint": evil, "choices": [evil]}]
    greetings = {"ta-IN": evil, "<script>": evil}
    change(profile, **texts, brief=brief, fields=fields, greetings=greetings, languages=[evil], voices=[evil])
    change(profile, default_language="<script>")
    services.publish(profile, author=None, author_name=evil, note=evil)
    for path in (version_page(profile, 3), version_page(profile, 1), f"{version_page(profile, 1)}?against=3"):
        text = admin_client.get(path).content.decode()
        assert "<script>" not in text
        assert "&lt;script&gt;alert(1)" in text


# Restoring ---------------------------------------------------------------------------------------


def test_restoring_makes_the_version_the_draft_and_publishes_nothing(
    admin_client: Client, profile: AgentProfile
) -> None:
    address = f"{version_page(profile, 1)}restore/"
    answer = admin_client.post(address, {"seen": stamp(profile)}, follow=True)
    assert "Version 1 is the draft now." in answer.content.decode()
    profile.refresh_from_db()
    assert services.draft_config(profile) == profile.versions.get(number=1).config
    assert (profile.published and profile.published.number, profile.versions.count()) == (2, 2)


def test_only_a_post_by_somebody_who_may_change_restores(admin_client: Client, profile: AgentProfile) -> None:
    address = f"{version_page(profile, 1)}restore/"
    assert admin_client.get(address).status_code == 405
    viewer = staff("view_agentprofile")
    assert viewer.post(address).status_code == 403
    assert "Restore as draft" not in viewer.get(version_page(profile, 1)).content.decode()
    profile.refresh_from_db()
    assert profile.max_seconds == 300


def test_a_draft_changed_since_the_page_was_opened_is_not_replaced(admin_client: Client, profile: AgentProfile) -> None:
    seen = stamp(profile)
    change(profile, max_seconds=500)
    answer = admin_client.post(f"{version_page(profile, 1)}restore/", {"seen": seen}, follow=True)
    assert "Nothing was restored." in answer.content.decode()
    profile.refresh_from_db()
    assert profile.max_seconds == 500


# Two people --------------------------------------------------------------------------------------


def opened(client: Client, profile: AgentProfile) -> dict[str, Any]:
    """What a browser posts back from the page as it is now."""
    context = client.get(page(profile)).context
    formset = context["inline_admin_formsets"][0].formset
    rows: dict[str, Any] = {"fields-TOTAL_FORMS": len(formset.forms), "fields-INITIAL_FORMS": len(formset.forms)}
    for form in formset.forms:
        rows |= {f"{form.prefix}-{name}": form[name].value() for name in ("id", "label", "kind", "key", "position")}
    return answers(**rows, seen=context["adminform"].form["seen"].value())


def test_the_second_to_save_is_told_and_overwrites_nothing(admin_client: Client, profile: AgentProfile) -> None:
    first = staff("view_agentprofile", "change_agentprofile")
    theirs, ours = opened(first, profile), opened(admin_client, profile)
    assert first.post(page(profile), theirs | {"who": "Theirs"}).status_code == 302
    answer = admin_client.post(page(profile), ours | {"who": "Ours, typed for an hour"})
    [message] = faults(answer)["__all__"]
    assert re.match(r"This agent was changed meanwhile at \d\d:\d\d by meera\. <a .*>Open it again</a>;", message)
    assert "Ours, typed for an hour" in answer.content.decode()
    profile.refresh_from_db()
    assert profile.who == "Theirs"


def test_saving_twice_over_the_conflict_still_overwrites_nothing(admin_client: Client, profile: AgentProfile) -> None:
    ours = opened(admin_client, profile)
    change(profile, max_seconds=500)
    answer = admin_client.post(page(profile), ours)
    again = ours | {"seen": answer.context["adminform"].form["seen"].value()}
    [message] = faults(admin_client.post(page(profile), again))["__all__"]
    assert "by" not in message.split(".")[0]  # nobody's name is known to the admin's log


def test_rows_typed_for_things_that_are_gone_stay_on_the_page(admin_client: Client, profile: AgentProfile) -> None:
    services.restore(profile, profile.versions.get(number=1))
    ours = opened(admin_client, profile) | {"fields-1-label": "Typed meanwhile"}
    change(profile, fields=[])
    answer = admin_client.post(page(profile), ours)
    assert answer.status_code == 200
    assert "Typed meanwhile" in answer.content.decode()
    assert not profile.fields.exists()


def test_publishing_and_pausing_do_not_get_in_the_way_of_editing(
    admin_client: Client, profile: AgentProfile, admin_user: User
) -> None:
    ours = opened(admin_client, profile)
    services.publish(profile, author=admin_user)
    services.pause(profile, "Back on Monday.")
    assert admin_client.post(page(profile), ours | {"who": "Ours"}).status_code == 302
    profile.refresh_from_db()
    assert (profile.who, profile.enabled, profile.pause_note) == ("Ours", False, "Back on Monday.")
    assert profile.published is not None
    assert profile.published.number == 3
