"""Examples in the admin: written, run, shown side by side, and what they do to Publish."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from agents.models import AgentProfile, AgentVersion, Example, ExampleRun
from agents.services import content_hash, draft_config
from tests.agents.test_admin import answers, faults, page
from tests.factories import make_agent, make_example, run_results

pytestmark = pytest.mark.django_db

Status = ExampleRun.Status
P, F, U, Q = Status.PASSED, Status.FAILED, Status.UNFINISHED, Status.QUEUED
ADD = "/admin/agents/example/add/"
PUBLISH = {"agents_agentprofile_save_and_publish": "", "note": "New hours", "fields-TOTAL_FORMS": "0"}


@pytest.fixture
def profile() -> AgentProfile:
    return make_agent()


@pytest.fixture
def draft(profile: AgentProfile) -> AgentProfile:
    """An agent whose draft is not published."""
    AgentProfile.objects.update(knows="Open on Sundays.")
    profile.refresh_from_db()
    return profile


def results(profile: AgentProfile) -> str:
    return f"/admin/agents/agentprofile/{profile.pk}/examples/"


def written(profile: AgentProfile, **changes: Any) -> dict[str, Any]:
    """What a browser posts for a small example, with `changes`."""
    return {
        "agent": profile.pk,
        "name": "Hours",
        "language": "hi-IN",
        "voice": "",
        "lines": "कब खुला है?\r\n\r\nधन्यवाद",
        "says": "दस बजे",
        "never_says": "",
        "tool": "",
        "tool_values": "",
        **changes,
    }


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# Writing ---------------------------------------------------------------------------------------


def test_an_example_is_written_a_line_an_entry(profile: AgentProfile, admin_client: Client) -> None:
    more = {"tool": "save_details", "tool_values": "phone = 98450 12345", "keeps_language": "on"}
    response = admin_client.post(ADD, written(profile, **more))
    assert response.headers["Location"] == results(profile), faults(response)
    example = Example.objects.get()
    assert example.lines == ["कब खुला है?", "धन्यवाद"]
    assert (example.says, example.never_says) == (["दस बजे"], [])
    assert (example.tool, example.tool_values) == ("save_details", {"phone": "98450 12345"})
    assert example.keeps_language


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"lines": ""}, "lines", "required"),
        ({"lines": "a\n" * 21}, "lines", "There are 21 lines. At most 20 fit."),
        ({"lines": "a\n" + "b" * 501}, "lines", "Line 2 is longer than 500 characters."),
        ({"says": "ok\n!!!"}, "says", "Line 2 has no words."),
        ({"says": "x" * 201}, "says", "Line 1 is longer than 200 characters."),
        ({"says": "a\x00b"}, "says", "Null characters"),
        ({"never_says": "बजे"}, "never_says", "“बजे” must also be said."),
        ({"says": ""}, "says", "Write what must happen"),
        ({"language": "xx"}, "language", "xx"),
        ({"language": "ta-IN"}, "language", "Asha does not speak this language."),
        ({"voice": "karun"}, "voice", "Asha does not have this voice."),
        ({"tool": "save_details", "tool_values": "city = Pune"}, "tool_values", "There is no city. There is: name, phone, need."),
        ({"tool": "save_details", "tool_values": "phone"}, "tool_values", "Line 1"),
        ({"tool": "end_call", "tool_values": "phone = 1"}, "tool_values", "takes no values."),
        ({"tool": "speak_language", "tool_values": "phone = 1"}, "tool_values", "There is: language."),
        ({"tool": "open_door"}, "tool", "open_door"),
        ({"name": "Taken"}, "name", "Asha has an example of this name."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_the_field(
    admin_client: Client, changes: dict[str, Any], field: str, words: str
) -> None:
    profile = make_agent(languages=["hi-IN"], voices=["arya"])
    make_example(profile, name="Taken")
    response = admin_client.post(ADD, written(profile, **changes))
    assert response.status_code == 200
    assert words in str(faults(response)[field])
    assert Example.objects.count() == 1


def test_a_changed_example_keeps_its_agent_and_loses_its_results(profile: AgentProfile, admin_client: Client) -> None:
    example = make_example(profile)
    run_results(example, P, P, P)
    address = f"/admin/agents/example/{example.pk}/change/"
    other = make_agent(agent_id="other")
    make_example(profile, name="Other")
    assert "name" in faults(admin_client.post(address, written(profile, name="Other")))
    assert admin_client.post(address, written(other)).headers["Location"] == results(profile)
    example.refresh_from_db()
    assert (example.agent, example.says, example.runs.count()) == (profile, ["दस बजे"], 0)


def test_saving_an_example_unchanged_keeps_its_results(profile: AgentProfile, admin_client: Client) -> None:
    admin_client.post(ADD, written(profile))
    example = Example.objects.get()
    run_results(example, P, P, P)
    shown = admin_client.get(f"/admin/agents/example/{example.pk}/change/").context["adminform"].form
    same = written(profile, **{name: shown[name].value() or "" for name in ("lines", "says", "tool_values")})
    admin_client.post(f"/admin/agents/example/{example.pk}/change/", same)
    assert example.runs.count() == 3


def test_a_deleted_example_leads_back_to_the_others(profile: AgentProfile, admin_client: Client) -> None:
    example = make_example(profile)
    answer = admin_client.post(f"/admin/agents/example/{example.pk}/delete/", {"post": "yes"})
    assert answer.headers["Location"] == results(profile)
    assert not Example.objects.exists()


# Results ---------------------------------------------------------------------------------------


def test_results_show_side_by_side_in_plain_words(draft: AgentProfile, admin_client: Client) -> None:
    example = make_example(draft, tool="save_details", tool_values={"phone": "1"}, says=["दस"])
    run_results(example, P, F, U)
    found = [
        {"kind": "says", "what": "दस"},
        {"kind": "never_says", "what": "<b>loan</b>"},
        {"kind": "tool", "what": "phone=1"},
        {"kind": "language", "what": "At ten."},
    ]
    steps = [
        {"role": "visitor", "text": "कब?"},
        {"tool": "save_details", "arguments": {"phone": "2"}, "ok": False, "answer": "Ask again."},
    ]
    example.runs.filter(attempt=2).update(faults=found, steps=steps)
    example.runs.filter(attempt=3).update(trouble="no_model", detail="Rate limit reached.")
    html = admin_client.get(results(draft)).content.decode()
    for words in (
        "1 example: 1 could not finish",
        "Never said: “दस”",
        "Said what it must not: “&lt;b&gt;loan&lt;/b&gt;”",
        "Did not do: Save the details: phone = 1",
        "Not in Hindi: “At ten.”",
        "No language model answered. Rate limit reached.",
        "Save the details</b>: phone = 2",
        "Refused: Ask again.",
    ):
        assert words in html
    assert len(re.findall(r'class="examples-which"', html)) == 3


def test_the_button_runs_them_and_the_page_says_how_far_they_are(draft: AgentProfile, admin_client: Client) -> None:
    run_results(make_example(draft), F, F, F)
    answer = admin_client.post(f"{results(draft)}run/", follow=True)
    assert "Running: 0 of 3 conversations are over." in answer.content.decode()
    part = admin_client.get(f"{results(draft)}?part").content.decode()
    assert "data-going" in part
    assert "<html" not in part
    assert "They are running already." in told(admin_client.post(f"{results(draft)}run/", follow=True))
    ExampleRun.objects.update(status=P)
    part = admin_client.get(f"{results(draft)}?part").content.decode()
    assert "data-going" not in part
    assert "1 example, which passes on this draft" in part


def test_the_agents_page_says_how_its_examples_stand(draft: AgentProfile, admin_client: Client) -> None:
    assert "examples-line" not in admin_client.get(page(draft)).content.decode()
    run_results(make_example(draft), P, F, F)
    make_example(draft, name="Prices")
    line = re.search(r'<p class="examples-line">.*?</p>', admin_client.get(page(draft)).content.decode())
    assert line
    assert "2 examples: 1 not run on this draft, 1 fails" in line[0]
    assert f'href="{results(draft)}"' in line[0]


# Publishing ------------------------------------------------------------------------------------


def stored(profile: AgentProfile) -> dict[str, Any]:
    """The hidden box that tells which draft a page was made from."""
    profile.refresh_from_db()
    return {"seen": profile.updated_at.isoformat()}


def publish(client: Client, profile: AgentProfile) -> Any:
    """Press Save and publish on the agent's page, with another text in it, and go where that leads."""
    return client.post(page(profile), answers(**PUBLISH, **stored(profile)), follow=True)


def test_publish_first_runs_what_has_not_run_and_leads_to_the_results(
    profile: AgentProfile, admin_client: Client
) -> None:
    make_example(profile)
    answer = publish(admin_client, profile)
    assert answer.redirect_chain[-1][0] == f"{results(profile)}?note=New+hours"
    assert "not published yet" in told(answer)
    assert answer.context["form"]["note"].value() == "New hours"
    assert "Publish anyway" in answer.content.decode()
    assert ExampleRun.objects.filter(status=Q).count() == 3
    assert AgentVersion.objects.filter(number__isnull=False).count() == 1
    profile.refresh_from_db()
    assert profile.name == "Kaveri"
    ExampleRun.objects.update(status=P)
    done = admin_client.post(f"{results(profile)}publish/", {"note": "New hours", **stored(profile)}, follow=True)
    assert "Version 2 is published." in told(done)
    assert AgentVersion.objects.get(number=2).note == "New hours"


def test_failing_examples_hold_publish_and_are_named(draft: AgentProfile, admin_client: Client) -> None:
    answer = publish(admin_client, draft)  # no example yet
    assert "Version 2 is published." in told(answer)
    AgentProfile.objects.update(knows="Closed on Sundays.")
    draft.refresh_from_db()
    example = make_example(draft, language="ta-IN")
    run_results(example, F, P, F)
    held = admin_client.post(page(draft), answers(knows="Closed on Sundays.", **PUBLISH, **stored(draft)), follow=True)
    assert "these examples fail: “Hours”" in told(held)
    assert AgentVersion.objects.filter(number__isnull=False).count() == 2


def test_a_publisher_may_publish_anyway_and_the_reason_is_kept(draft: AgentProfile, admin_client: Client) -> None:
    run_results(make_example(draft), F, P, F)
    address = f"{results(draft)}publish/"
    refused = admin_client.post(address, {"reason": "  ", **stored(draft)})
    assert "Say why it should be published all the same." in refused.content.decode()
    assert draft.versions.filter(number=2).count() == 0
    reason = "The hotline <opens> today."
    done = admin_client.post(address, {"reason": reason, **stored(draft)}, follow=True)
    assert done.redirect_chain[-1][0] == page(draft)
    assert draft.versions.get(number=2).override_reason == reason
    assert "Published anyway: The hotline &lt;opens&gt; today." in done.content.decode()
    version = admin_client.get(f"/admin/agents/agentprofile/{draft.pk}/versions/2/").content.decode()
    assert "The hotline &lt;opens&gt; today." in version


def test_what_could_not_finish_only_warns(draft: AgentProfile, admin_client: Client) -> None:
    run_results(make_example(draft), U, P, U)
    done = admin_client.post(f"{results(draft)}publish/", stored(draft), follow=True)
    assert "Version 2 is published." in told(done)
    assert "could not finish, so nobody knows how they would have come out: “Hours”" in told(done)


def test_a_draft_that_somebody_changed_meanwhile_is_not_published(draft: AgentProfile, admin_client: Client) -> None:
    make_example(draft)
    before = stored(draft)
    draft.save()
    done = admin_client.post(f"{results(draft)}publish/", {"reason": "Now.", **before}, follow=True)
    assert "Nothing was published." in told(done)
    assert draft.versions.filter(number=2).count() == 0


def test_a_draft_that_is_published_or_not_whole_offers_no_publishing(
    profile: AgentProfile, admin_client: Client
) -> None:
    make_example(profile)
    assert "examples-publish-title" not in admin_client.get(results(profile)).content.decode()
    AgentProfile.objects.update(pace=9)
    html = admin_client.get(results(profile)).content.decode()
    assert "examples-publish-title" not in html
    assert "The draft is not whole." in told(admin_client.post(f"{results(profile)}run/", follow=True))


def test_results_belong_to_the_stored_draft(draft: AgentProfile, admin_client: Client) -> None:
    run_results(make_example(draft), P, P, P)
    assert ExampleRun.objects.first().version.content_hash == content_hash(draft_config(draft))  # type: ignore[union-attr]
    assert "which passes on this draft" in admin_client.get(results(draft)).content.decode()
    AgentProfile.objects.update(knows="Closed.")
    assert "1 not run on this draft" in admin_client.get(results(draft)).content.decode()
