"""The admin makes agents of templates and files, and files of agents."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.files import dump_agent, load_agent
from agents.models import AgentProfile
from agents.ready import BRIEFS, TRADES, ready_config
from agents.services import draft_config
from tests.factories import agent_config, make_agent

pytestmark = pytest.mark.django_db

LIST = "/admin/agents/agentprofile/"
TEMPLATE = f"{LIST}from_template/"
IMPORT = f"{LIST}import_file/"


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("meera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def upload(content: str | bytes, **values: str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"file": SimpleUploadedFile("agent.yaml", data), **values}


def faults(response: Any) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = response.context["form"].errors
    return errors


# Templates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("trade", TRADES)
@pytest.mark.parametrize("brief", BRIEFS)
def test_a_template_becomes_a_draft_that_opens_in_the_form(admin_client: Client, trade: str, brief: str) -> None:
    response = admin_client.post(TEMPLATE, {"trade": trade, "brief": brief}, follow=True)
    profile = AgentProfile.objects.get()
    assert response.redirect_chain == [(f"{LIST}{profile.pk}/change/", 302)]
    assert draft_config(profile) == ready_config(trade, brief)
    assert profile.published is None
    page = response.content.decode()
    assert f"{profile.name} is a draft." in page
    assert ready_config(trade, brief).greetings["or-IN"] in page
    assert LogEntry.objects.get().object_id == str(profile.pk)


def test_saving_the_draft_of_a_template_unchanged_changes_nothing(admin_client: Client) -> None:
    admin_client.post(TEMPLATE, {"trade": "clinic", "brief": "hi"})
    profile = AgentProfile.objects.get()
    shown = admin_client.get(f"{LIST}{profile.pk}/change/").context
    answers: dict[str, Any] = {}
    for form in [shown["adminform"].form, *(each for part in shown["inline_admin_formsets"] for each in part.formset)]:
        answers |= {form.add_prefix(name): form[name].value() for name in form.fields}
    for part in shown["inline_admin_formsets"]:
        form = part.formset.management_form
        answers |= {form.add_prefix(name): form[name].value() for name in form.fields}
    answers.pop("picture")  # no file is chosen
    posted = {name: value for name, value in answers.items() if value is not None and value is not False}
    response = admin_client.post(f"{LIST}{profile.pk}/change/", posted)
    assert response.status_code == 302, (response.context["errors"], response.context["adminform"].form.errors)
    assert draft_config(AgentProfile.objects.get()) == ready_config("clinic", "hi")


def test_a_second_agent_of_a_template_gets_an_id_of_its_own(admin_client: Client) -> None:
    for _again in range(2):
        admin_client.post(TEMPLATE, {"trade": "clinic", "brief": "en"})
    admin_client.post(TEMPLATE, {"trade": "clinic", "brief": "en", "agent_id": "sneh"})
    assert set(AgentProfile.objects.values_list("agent_id", flat=True)) == {"clinic", "clinic-2", "sneh"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"trade": "../../etc/passwd"}, "trade"),
        ({"brief": "fr"}, "brief"),
        ({"agent_id": "demo"}, "agent_id"),
        ({"agent_id": "No!"}, "agent_id"),
        ({"agent_id": "x" * 61}, "agent_id"),
    ],
)
def test_a_wrong_choice_is_told_beside_its_field(admin_client: Client, changes: dict[str, str], field: str) -> None:
    make_agent()
    response = admin_client.post(TEMPLATE, {"trade": "clinic", "brief": "en", **changes})
    assert list(faults(response)) == [field]
    assert AgentProfile.objects.count() == 1


# Files -----------------------------------------------------------------------------------------


def test_what_was_exported_is_imported_as_it_was(admin_client: Client) -> None:
    profile = make_agent(greetings={"hi-IN": "नमस्ते! "}, consent="Line one.\n\n  Line two.\n")
    exported = admin_client.get(f"{LIST}{profile.pk}/export/")
    assert exported.headers["Content-Type"] == "application/yaml"
    assert exported.headers["Content-Disposition"] == 'attachment; filename="demo.yaml"'
    assert load_agent(exported.content.decode()) == draft_config(profile)
    admin_client.post(IMPORT, upload(exported.content, agent_id="copy"))
    copy = AgentProfile.objects.get(agent_id="copy")
    assert draft_config(copy) == draft_config(profile).model_copy(update={"agent_id": "copy"})
    assert copy.published is None


def test_a_file_brings_its_id_along_and_never_overwrites(admin_client: Client) -> None:
    file = dump_agent(agent_config(name="Usha"))
    admin_client.post(IMPORT, upload(file))
    response = admin_client.post(IMPORT, upload(file.replace("Usha", "Other")))
    assert faults(response) == {"agent_id": ["There is an agent “demo” already. Write another id."]}
    assert AgentProfile.objects.get().name == "Usha"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("vaani: 1\nname: [x]\n", "Line 2: name must be text."),
        (dump_agent(agent_config()).replace("pace: 1.0", "pace: 7"), "pace must be at most 2.0."),
        (dump_agent(agent_config(voices=["nobody"])), "voices: Select a valid choice. nobody"),
        (dump_agent(agent_config(name="x" * 100)), "name: Ensure this value has at most 80 characters"),
        ("!!python/object/apply:os.system [id]", "Tags"),
        ("<script>alert(1)</script>", "This is not an agent"),
        (b"\xff\xd8\xff\xe0", "not text in UTF-8"),
        (b"#" * 1_000_001, "larger than 1 MB"),
        (b"", "The submitted file is empty."),
    ],
    ids=["type", "bounds", "voice", "long", "tag", "markup", "bytes", "large", "empty"],
)
def test_a_wrong_file_is_told_beside_its_field(admin_client: Client, content: str | bytes, fault: str) -> None:
    response = admin_client.post(IMPORT, upload(content))
    assert list(faults(response)) == ["file"]
    assert fault in " ".join(faults(response)["file"])
    assert not AgentProfile.objects.exists()


def test_markup_in_a_file_is_shown_as_text(admin_client: Client) -> None:
    response = admin_client.post(IMPORT, upload(f"vaani: 1\n<script>alert(1)</script>: 1\n{'x' * 50}: 1"))
    assert "&lt;script&gt;" in response.content.decode()
    assert "<script>alert" not in response.content.decode()


def test_no_file_is_told_too(admin_client: Client) -> None:
    assert list(faults(admin_client.post(IMPORT, {}))) == ["file"]


def test_a_draft_out_of_bounds_is_not_exported(admin_client: Client) -> None:
    profile = make_agent()
    AgentProfile.objects.update(pace=9)
    response = admin_client.get(f"{LIST}{profile.pk}/export/", follow=True)
    assert "The draft is not whole." in response.content.decode()


# Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [TEMPLATE, IMPORT])
def test_making_needs_the_right_to_add(path: str) -> None:
    viewer = staff("view_agentprofile", "change_agentprofile")
    assert viewer.get(path).status_code == 403
    assert viewer.post(path, {"trade": "clinic", "brief": "en"}).status_code == 403
    assert not AgentProfile.objects.exists()
    page = viewer.get(LIST).content.decode()
    assert "Make from a template" not in page
    assert "Import a file" not in page


def test_who_may_add_finds_both_on_the_list() -> None:
    editor = staff("view_agentprofile", "add_agentprofile", "change_agentprofile")
    page = editor.get(LIST).content.decode()
    assert TEMPLATE in page
    assert IMPORT in page
    assert editor.get(TEMPLATE).status_code == editor.get(IMPORT).status_code == 200
    assert editor.post(TEMPLATE, {"trade": "service", "brief": "hi"}).status_code == 302


def test_exporting_needs_the_right_to_look() -> None:
    profile = make_agent()
    path = f"{LIST}{profile.pk}/export/"
    assert staff("add_agentprofile").get(path).status_code == 403
    User.objects.all().delete()
    viewer = staff("view_agentprofile")
    assert viewer.get(path).status_code == 200
    assert path in viewer.get(f"{LIST}{profile.pk}/change/").content.decode()


def test_a_stranger_is_sent_to_sign_in() -> None:
    profile = make_agent()
    for path in (TEMPLATE, IMPORT, f"{LIST}{profile.pk}/export/"):
        assert Client().get(path).headers["Location"].startswith("/admin/login/")
