"""The agents' admin: the brief as a form, publishing, pausing, deleting, and what only operators see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from agents import services
from agents.catalogue import VOICES
from agents.forms import greeting_field
from agents.languages import LANGUAGES
from agents.models import AgentProfile, IntegrationKey, ModelRefusal
from tests.factories import make_agent, make_call

pytestmark = pytest.mark.django_db

LIST = "/admin/agents/agentprofile/"


@pytest.fixture
def profile() -> AgentProfile:
    return make_agent(published=False)


def page(profile: AgentProfile) -> str:
    return f"{LIST}{profile.pk}/change/"


def answers(**changes: Any) -> dict[str, Any]:
    """What a browser posts for a small agent, with `changes`."""
    return {
        "agent_id": "clinic",
        "name": "Kaveri",
        "source": "admin",
        "who": "The receptionist of a clinic.",
        "languages": ["ta-IN", "en-IN"],
        "default_language": "ta-IN",
        "tts_model": "bulbul:v2",
        "voices": ["arya", "hitesh"],
        "default_voice": "arya",
        "pace": "1",
        "stt_model": "saaras:v3",
        "llm_provider": "",
        "llm_model": "",
        "temperature": "0.4",
        "extra_wait": "0.2",
        "stop_after": "0.5",
        "ask_after": "10",
        "leave_after": "10",
        "max_seconds": "600",
        "recordings_kept_days": "30",
        "greeting_ta_IN": "வணக்கம்!",
        "fields-TOTAL_FORMS": "1",
        "fields-INITIAL_FORMS": "0",
        "fields-0-label": "Phone number",
        "fields-0-kind": "phone",
        "fields-0-position": "0",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
        **changes,
    }


def faults(response: Any) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = response.context["adminform"].form.errors
    return errors


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("meera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_a_new_agent_starts_from_the_environments_language_and_voice(admin_client: Client) -> None:
    form = admin_client.get(f"{LIST}add/").context["adminform"].form
    assert form["default_language"].value() == "hi-IN"
    assert form["default_voice"].value() == "arya"
    assert form["languages"].value() == list(LANGUAGES)


def test_a_voice_must_speak_every_language_of_the_agent(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VOICES, "hitesh", replace(VOICES["hitesh"], languages=("en-IN",)))
    response = admin_client.post(f"{LIST}add/", answers())
    assert faults(response)["voices"] == ["Hitesh does not speak Tamil."]
    assert not AgentProfile.objects.exists()


def test_saving_keeps_lists_greetings_and_things_to_find_out_and_publishes_nothing(admin_client: Client) -> None:
    response = admin_client.post(f"{LIST}add/", answers())
    assert response.status_code == 302, faults(response)
    profile = AgentProfile.objects.get(agent_id="clinic")
    assert profile.languages == ["ta-IN", "en-IN"]
    assert profile.voices == ["arya", "hitesh"]
    assert profile.greetings == {"ta-IN": "வணக்கம்!"}
    assert [(field.key, field.kind) for field in profile.fields.all()] == [("phone_number", "phone")]
    assert profile.published is None


def test_publishing_a_new_agent_takes_its_things_to_find_out_along(admin_client: Client) -> None:
    admin_client.post(f"{LIST}add/", answers(agents_agentprofile_save_and_publish="", note="Opening day"))
    version = AgentProfile.objects.get(agent_id="clinic").published
    assert version is not None
    assert (version.number, version.note, version.author_name) == (1, "Opening day", "admin")
    assert [field.key for field in version.config.fields] == ["phone_number"]


def test_a_greeting_is_asked_in_its_own_language_with_the_default_shown(
    admin_client: Client, profile: AgentProfile
) -> None:
    form = admin_client.get(page(profile)).context["adminform"].form
    for code, language in LANGUAGES.items():
        attrs = form[greeting_field(code)].field.widget.attrs
        assert attrs["lang"] == code
        assert attrs["placeholder"] == language.greeting.replace("{agent_name}", "Asha")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"languages": []}, "languages"),
        ({"languages": ["fr-FR"]}, "languages"),
        ({"default_language": "hi-IN"}, "default_language"),
        ({"voices": []}, "voices"),
        ({"voices": ["arya", "ritu"]}, "voices"),
        ({"default_voice": "vidya"}, "default_voice"),
        ({"llm_model": "gpt-4.1-mini"}, "llm_provider"),
        ({"llm_provider": "groq", "llm_model": "gpt-4.1-mini"}, "llm_model"),
        ({"who": ""}, "who"),
        ({"knows": "x" * 40001}, "knows"),
        ({"greeting_ta_IN": "x" * 1001}, "greeting_ta_IN"),
        ({"pace": "3"}, "pace"),
        ({"max_seconds": "5"}, "max_seconds"),
        ({"stop_after": "0"}, "stop_after"),
        ({"ask_after": "2.9"}, "ask_after"),
        ({"say_as": "BHK"}, "say_as"),
        ({"variables": "Desk = one"}, "variables"),
        ({"agent_id": "Clinic!"}, "agent_id"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(admin_client: Client, changes: dict[str, Any], field: str) -> None:
    response = admin_client.post(f"{LIST}add/", answers(**changes))
    assert list(faults(response)) == [field]
    assert not AgentProfile.objects.exists()


def test_boxes_of_lines_are_stored_as_what_they_mean_and_shown_as_lines(admin_client: Client) -> None:
    boxes = {"say_as": " BHK=B H K\r\n\r\nEMI = ई = एम आई", "variables": "desk_2 = Ground floor, {desk_2}"}
    response = admin_client.post(f"{LIST}add/", answers(**boxes, who="Ask at {desk_2}.", extra_wait="0"))
    assert response.status_code == 302, faults(response)
    profile = AgentProfile.objects.get()
    config = services.draft_config(profile)
    assert [(each.word, each.say) for each in config.say_as] == [("BHK", "B H K"), ("EMI", "ई = एम आई")]
    assert config.variables == {"desk_2": "Ground floor, {desk_2}"}
    assert config.turn_taking.extra_wait == 0
    form = admin_client.get(page(profile)).context["adminform"].form
    assert form["say_as"].value() == "BHK = B H K\nEMI = ई = एम आई"
    assert "{desk_2}" in form["knows"].help_text
    shown = staff("view_agentprofile").get(page(profile)).content.decode()
    assert "EMI = ई = एम आई" in shown


@pytest.mark.parametrize(
    ("box", "text", "told"),
    [
        ("say_as", "\nBHK", "Line 2: write it as “word = how to say it”."),
        ("say_as", "= x", "Line 1: write it as “word = how to say it”."),
        ("say_as", "BHK = x\nbhk = y", "Line 2: “bhk” stands above already."),
        ("say_as", f"{'x' * 61} = y", "Line 1: too long. A word may have 60 characters, how to say it 120."),
        ("say_as", "\n".join(f"{n} = x" for n in range(201)), "There are 201 lines. At most 200 fit."),
        ("variables", "desk", "Line 1: write it as “name = text”."),
        ("variables", "Desk = x", "Line 1: the name must be small letters a to z, digits and underscores, at most 40."),
        ("variables", "agent_name = x", "Line 1: {agent_name} is filled in by itself. Choose another name."),
        ("variables", f"desk = {'x' * 501}", "Line 1: the text is longer than 500 characters."),
    ],
)
def test_a_wrong_line_is_told_by_its_number(admin_client: Client, box: str, text: str, told: str) -> None:
    assert faults(admin_client.post(f"{LIST}add/", answers(**{box: text}))) == {box: [told]}


@pytest.mark.parametrize("box", ["who", "knows", "never", "ends", "greeting_ta_IN"])
@pytest.mark.parametrize("text", ["Hello {nobody}", "{agent.__class__}", "{agent_name} {0}", "{a|b|c}"])
def test_a_name_that_nothing_is_filled_in_for_is_told_beside_its_text(
    admin_client: Client, box: str, text: str
) -> None:
    told = faults(admin_client.post(f"{LIST}add/", answers(variables="desk = x", **{box: text})))
    assert list(told) == [box]
    assert "You may write {visitor_name}, {agent_name}, {language}, {disclosure}, {desk}." in told[box][0]
    assert not AgentProfile.objects.exists()


def test_both_forms_of_a_greeting_and_a_lone_brace_are_text_like_any_other(admin_client: Client) -> None:
    texts = {"greeting_ta_IN": "{रही|रहा} {desk} {", "who": "{desk} } a brace {\n}"}
    assert admin_client.post(f"{LIST}add/", answers(variables="desk = x", **texts)).status_code == 302


def test_the_length_of_a_text_is_counted_as_the_page_counts_it(admin_client: Client) -> None:
    assert admin_client.post(f"{LIST}add/", answers(never="x\r\n" * 1999 + "xx")).status_code == 302
    assert AgentProfile.objects.get().never == "x\n" * 1999 + "xx"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fields-0-label": "फ़ोन"}, "key"),
        ({"fields-0-key": "Phone Number"}, "key"),
        ({"fields-0-kind": "choice", "fields-0-choices": "Flat"}, "choices"),
    ],
)
def test_a_wrong_thing_to_find_out_is_told_beside_its_field(
    admin_client: Client, changes: dict[str, Any], field: str
) -> None:
    response = admin_client.post(f"{LIST}add/", answers(**changes))
    assert list(response.context["inline_admin_formsets"][0].formset.errors[0]) == [field]


def test_a_new_thing_to_find_out_is_asked_last(admin_client: Client, profile: AgentProfile) -> None:
    formset = admin_client.get(page(profile)).context["inline_admin_formsets"][0].formset
    assert formset.empty_form["position"].value() > max(form["position"].value() for form in formset.initial_forms)


def test_choices_are_written_with_commas_between(admin_client: Client) -> None:
    admin_client.post(f"{LIST}add/", answers(**{"fields-0-kind": "choice", "fields-0-choices": "Flat, Villa , Plot"}))
    assert AgentProfile.objects.get().fields.get().choices == ["Flat", "Villa", "Plot"]


@pytest.mark.parametrize(
    ("provider", "model", "words"),
    [
        ("groq", "llama-3.3-70b-versatile", "ended on 16 August 2026; calls use openai/gpt-oss-120b"),
        ("groq", "our-own-model", "is not in our list"),
    ],
)
def test_a_retired_or_unknown_model_is_saved_with_a_warning(
    admin_client: Client, provider: str, model: str, words: str
) -> None:
    response = admin_client.post(f"{LIST}add/", answers(llm_provider=provider, llm_model=model), follow=True)
    assert AgentProfile.objects.get().llm_model == model
    assert words in response.content.decode()


def test_a_second_default_agent_is_refused_by_name(admin_client: Client, profile: AgentProfile) -> None:
    AgentProfile.objects.filter(pk=profile.pk).update(is_default=True)
    response = admin_client.post(f"{LIST}add/", answers(is_default="on"))
    assert faults(response)["is_default"] == ["Asha answers at the front page now. Untick it there first."]


def test_the_list_tells_a_published_agent_from_a_changed_one(
    admin_client: Client, profile: AgentProfile, admin_user: User
) -> None:
    assert "Not published" in admin_client.get(LIST).content.decode()
    services.publish(profile, author=admin_user)
    assert "changes not published" not in admin_client.get(LIST).content.decode()
    AgentProfile.objects.filter(pk=profile.pk).update(knows="We moved.")
    assert "Version 1, changes not published" in admin_client.get(LIST).content.decode()


def test_pausing_needs_a_post_and_the_right_to_publish(admin_client: Client, profile: AgentProfile) -> None:
    path = f"{LIST}{profile.pk}/pause/"
    admin_client.get(path)
    assert AgentProfile.objects.get().enabled
    assert staff("change_agentprofile", "view_agentprofile").post(path, {"_form_submitted": "True"}).status_code == 403
    assert AgentProfile.objects.get().enabled
    admin_client.post(path, {"_form_submitted": "True"})
    assert not AgentProfile.objects.get().enabled
    admin_client.post(f"{LIST}{profile.pk}/resume/", {"_form_submitted": "True"})
    assert AgentProfile.objects.get().enabled


def test_pausing_asks_for_a_sentence_and_offers_the_last_one(admin_client: Client, profile: AgentProfile) -> None:
    path = f"{LIST}{profile.pk}/pause/"
    answer = admin_client.post(path, {"_form_submitted": "True", "note": "x" * 201})
    assert "at most 200 characters" in answer.content.decode()
    assert AgentProfile.objects.get().enabled
    admin_client.post(path, {"_form_submitted": "True", "note": "Back on Monday."})
    services.resume(AgentProfile.objects.get())
    assert AgentProfile.objects.get().pause_note == "Back on Monday."
    assert 'value="Back on Monday."' in admin_client.get(path).content.decode()


def test_an_editor_saves_but_never_publishes(profile: AgentProfile) -> None:
    editor = staff("change_agentprofile", "view_agentprofile")
    assert "Save and publish" not in editor.get(page(profile)).content.decode()
    fields = {"fields-TOTAL_FORMS": "0", "is_default": "on", "agents_agentprofile_save_and_publish": ""}
    assert editor.post(page(profile), answers(**fields)).status_code == 302
    profile.refresh_from_db()
    assert (profile.name, profile.is_default, profile.published) == ("Kaveri", False, None)


def test_who_may_only_look_sees_the_brief_and_cannot_change_it(profile: AgentProfile) -> None:
    AgentProfile.objects.filter(pk=profile.pk).update(greetings={"ta-IN": "வணக்கம் நண்பரே"})
    viewer = staff("view_agentprofile")
    text = viewer.get(page(profile)).content.decode()
    assert "Sunrise Homes" in text
    assert "வணக்கம் நண்பரே" in text
    assert viewer.post(page(profile), answers()).status_code == 403


def test_an_agent_with_calls_is_not_deleted_and_one_without_is(
    admin_client: Client, profile: AgentProfile, admin_user: User
) -> None:
    services.publish(profile, author=admin_user)
    call = make_call(profile)
    response = admin_client.post(f"{LIST}{profile.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Asha has 1 call, which is kept with it. Pause it instead." in response.content.decode()
    call.delete()
    admin_client.post(f"{LIST}{profile.pk}/delete/", {"post": "yes"})
    assert not AgentProfile.objects.exists()


def test_published_versions_are_listed_to_read(admin_client: Client, profile: AgentProfile, admin_user: User) -> None:
    services.publish(profile, author=admin_user, note="Summer prices")
    page_text = admin_client.get(page(profile)).content.decode()
    assert "Summer prices" in page_text
    assert 'name="versions-0-note"' not in page_text


def test_the_link_leads_to_the_visitors_page(admin_client: Client, profile: AgentProfile) -> None:
    assert admin_client.get(f"{LIST}{profile.pk}/open_page/").headers["Location"] == "/a/demo"


def test_markup_in_an_agent_is_shown_as_text(admin_client: Client, profile: AgentProfile) -> None:
    evil = "<script>alert(1)</script>"
    AgentProfile.objects.filter(pk=profile.pk).update(name=evil, who=evil, knows=evil, greetings={"ta-IN": evil})
    for path in (LIST, page(profile)):
        assert "<script>alert" not in admin_client.get(path).content.decode()


def test_an_integration_key_is_shown_once_and_stored_hashed(admin_client: Client) -> None:
    shown = admin_client.post("/admin/agents/integrationkey/add/", {"name": "n8n"}, follow=True).content.decode()
    key = shown[shown.index("vk_") :].split(".")[0]
    assert IntegrationKey.objects.get().hashed == IntegrationKey.hash(key)
    assert "vk_" not in admin_client.get("/admin/agents/integrationkey/").content.decode()


def test_a_refused_model_is_tried_again_and_nothing_else(admin_client: Client) -> None:
    refusal = ModelRefusal.objects.create(model="gpt-0", message="<script>No such model</script>")
    path = "/admin/agents/modelrefusal/"
    assert "<script>No such" not in admin_client.get(path).content.decode()
    assert admin_client.post(f"{path}{refusal.pk}/change/", {"model": "gpt-1"}).status_code == 403
    form = {"action": "try_again", "_selected_action": [refusal.pk]}
    assert "New calls try gpt-0 again." in admin_client.post(path, form, follow=True).content.decode()
    assert services.refused_models() == set()


@pytest.mark.parametrize("path", ["auth/user/", "auth/group/"])
def test_the_tables_of_operators_are_closed_to_others_whatever_their_rights(admin_client: Client, path: str) -> None:
    assert admin_client.get(f"/admin/{path}").status_code == 200
    assert staff("view_user", "view_group").get(f"/admin/{path}").status_code == 403
