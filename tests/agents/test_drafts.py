"""A file becomes a draft, under the form's own rules; the commands that read and write files."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents import services
from agents.drafts import IdTakenError, free_id, import_draft
from agents.files import MAX_BYTES, AgentFileError, dump_agent
from agents.models import AgentProfile
from agents.services import apply_config, draft_config, publish
from tests.factories import agent_config, make_agent

pytestmark = pytest.mark.django_db

OTHER = {
    "name": "Usha",
    "brief": {"who": "Somebody else. \n\n  Patient.", "knows": "{agent_name}\n"},
    "fields": [{"key": "area", "label": "Area", "kind": "choice", "choices": ["North", "South"], "required": True}],
    "greetings": {"ta-IN": "வணக்கம்! "},
    "languages": ["ta-IN", "hi-IN"],
    "default_language": "ta-IN",
    "voices": ["hitesh"],
    "default_voice": "hitesh",
    "pace": 1.1,
    "say_as": [{"word": "BHK", "say": "B H K"}, {"word": "ई एम आई", "say": "EMI = E M I"}],
    "variables": {"desk": "Ground floor {agent_name}"},
    "turn_taking": {"extra_wait": 0, "stop_after": 0.3, "ask_after": 7.5, "leave_after": 8},
    "text_chat": False,
}


def run(command: str, *args: Any) -> str:
    out = StringIO()
    call_command(command, *map(str, args), stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of an agent “demo” that differs from the demo agent."""
    path = tmp_path / "demo.yaml"
    path.write_text(dump_agent(agent_config(**OTHER)), encoding="utf-8")
    return path


# Putting a config into a draft -----------------------------------------------------------------


def test_a_config_takes_the_place_of_the_whole_draft(agent: AgentProfile) -> None:
    config = agent_config(**OTHER)
    apply_config(agent, config)
    assert draft_config(AgentProfile.objects.get()) == config
    assert services.has_unpublished_changes(agent)


def test_the_profile_keeps_its_id_and_what_is_outside_the_draft(agent: AgentProfile) -> None:
    before = AgentProfile.objects.get()
    services.pause(agent)
    version = publish(agent, author=None, note="Meanwhile")
    apply_config(before, agent_config(**OTHER, agent_id="other"))
    after = AgentProfile.objects.get()
    assert (after.agent_id, after.enabled, after.published) == ("demo", False, version)
    assert after.updated_at > agent.updated_at


def test_a_draft_is_left_whole_when_a_part_cannot_be_stored(
    agent: AgentProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = draft_config(agent)
    twice = agent_config(**OTHER | {"fields": OTHER["fields"] * 2})  # type: ignore[operator]
    with pytest.raises(Exception, match="agent_key_unique"):
        apply_config(AgentProfile.objects.get(), twice)
    assert draft_config(AgentProfile.objects.get()) == was


# Importing -------------------------------------------------------------------------------------


def test_an_exported_draft_comes_back_exactly_as_another_agent(agent: AgentProfile) -> None:
    copy = import_draft(draft_config(agent).model_copy(update={"agent_id": "copy"}))
    assert draft_config(copy) == draft_config(agent).model_copy(update={"agent_id": "copy"})
    assert (copy.published, copy.source, copy.is_default) == (None, AgentProfile.Source.ADMIN, False)


def test_a_draft_that_is_there_is_replaced_only_when_asked_to(agent: AgentProfile) -> None:
    with pytest.raises(IdTakenError, match="There is an agent “demo” already"):
        import_draft(agent_config(**OTHER))
    version = agent.published
    profile = import_draft(agent_config(**OTHER), replace=True)
    assert profile.pk == agent.pk
    assert draft_config(AgentProfile.objects.get()) == agent_config(**OTHER)
    assert AgentProfile.objects.get().published == version


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"agent_id": "A b"}, "agent_id: "),
        ({"agent_id": "-"}, "agent_id: Use small letters"),
        ({"name": "x" * 81}, "name: Ensure this value has at most 80 characters"),
        ({"name": "a\0b"}, "name: Null characters are not allowed."),
        ({"name": " "}, "name: This field is required."),
        ({"brief": {"who": "x" * 4001}}, "who: "),
        ({"brief": {"who": "x", "knows": "x" * 40001}}, "knows: "),
        ({"greetings": {"hi-IN": "x" * 1001}}, "greetings > hi-IN: "),
        ({"greetings": {"fr-FR": "Bonjour"}}, "greetings > fr-FR: There is no such language."),
        ({"languages": ["fr-FR"], "default_language": "fr-FR"}, "languages: Select a valid choice. fr-FR"),
        ({"default_language": ""}, "default_language: This field is required."),
        ({"languages": ["ta-IN"]}, "default_language: The agent does not speak this language."),
        ({"voices": []}, "voices: Choose at least one voice."),
        ({"voices": ["ritu"], "default_voice": "ritu"}, "voices: Ritu cannot be spoken by bulbul:v2."),
        ({"voices": ["nobody"], "default_voice": "nobody"}, "voices: Select a valid choice."),
        ({"tts_model": "saaras:v3"}, "tts_model: "),
        ({"stt_model": "whisper"}, "stt_model: "),
        ({"llm_provider": "groq", "llm_model": "gpt-4.1-mini"}, "llm_model: Groq does not serve this model."),
        ({"brief": {"who": "{desk}"}}, "who: Nothing is filled in for {desk}."),
        ({"greetings": {"hi-IN": "{desk}"}}, "greetings > hi-IN: Nothing is filled in for {desk}."),
        ({"say_as": [{"word": "a = b", "say": "c"}]}, "say_as: Line 1: write it as “word = how to say it”."),
        ({"say_as": [{"word": "a", "say": " "}]}, "say_as: Line 1: write it as "),
        ({"variables": {"a": "b", "desk": "one\ntwo"}}, "variables: Line 2: write it as “name = text”."),
        ({"variables": {"language": "b"}}, "variables: Line 1: {language} is filled in by itself."),
        ({"fields": [{"key": "A", "label": "A"}]}, "fields > 1 > key: Use small letters"),
        ({"fields": [{"key": "a", "label": "x" * 81}]}, "fields > 1 > label: "),
        ({"fields": [{"key": "a", "label": "A", "kind": "choice"}]}, "fields > 1 > choices: Write at least two"),
        ({"fields": [{"key": "a", "label": "A"}] * 2}, "fields > 2 > key: Another one has this key."),
    ],
)
@pytest.mark.parametrize("replace", [False, True])
def test_what_the_form_would_refuse_is_refused_from_a_file(parts: dict[str, Any], fault: str, replace: bool) -> None:
    if replace:
        make_agent(agent_id=parts.get("agent_id", "demo"), published=False)
    before = [draft_config(profile) for profile in AgentProfile.objects.all()]
    with pytest.raises(AgentFileError) as refusal:
        import_draft(agent_config(**parts), replace=replace)
    assert any(told.startswith(fault) for told in refusal.value.faults), refusal.value.faults
    assert [draft_config(profile) for profile in AgentProfile.objects.all()] == before


def test_a_free_id_is_the_first_that_no_agent_has() -> None:
    assert free_id("clinic") == "clinic"
    for taken in ("clinic", "clinic-2", "clinic-4"):
        make_agent(agent_id=taken, published=False)
    assert free_id("clinic") == "clinic-3"


# Commands --------------------------------------------------------------------------------------


def test_an_agent_goes_out_by_one_command_and_comes_in_by_the_other(agent: AgentProfile, tmp_path: Path) -> None:
    apply_config(agent, agent_config(**OTHER))
    file = tmp_path / "agent.yaml"
    file.write_text(run("export_agent", "demo"), encoding="utf-8")
    assert run("import_agent", file, "--id", "usha") == (
        f"The draft of usha is made of {file}. Publish it in the admin.\n"
    )
    assert run("export_agent", "usha") == run("export_agent", "demo").replace("agent_id: demo", "agent_id: usha")
    assert AgentProfile.objects.get(agent_id="usha").published is None


def test_importing_over_a_draft_needs_to_be_said(agent: AgentProfile, file: Path) -> None:
    with pytest.raises(CommandError, match=r"There is an agent “demo” already\. Give --replace"):
        run("import_agent", file)
    run("import_agent", file, "--replace")
    assert AgentProfile.objects.get().name == "Usha"


def test_exporting_an_unknown_agent_names_those_there_are(agent: AgentProfile) -> None:
    with pytest.raises(CommandError, match=r"There is no agent nobody\. There is: demo\."):
        run("export_agent", "nobody")


def test_exporting_a_draft_out_of_bounds_is_refused(agent: AgentProfile) -> None:
    AgentProfile.objects.update(pace=9)
    with pytest.raises(CommandError, match="The draft of demo is not whole"):
        run("export_agent", "demo")


def test_a_wrong_file_ends_the_command_with_its_faults(tmp_path: Path, file: Path) -> None:
    with pytest.raises(CommandError, match="none\\.yaml cannot be read: No such file"):
        run("import_agent", tmp_path / "none.yaml")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        run("import_agent", tmp_path)
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(CommandError, match="larger than 1 MB"):
        run("import_agent", file)
    file.write_text("vaani: 1\nname: [x]\n")
    with pytest.raises(CommandError, match="Line 2: name must be text"):
        run("import_agent", file)
    assert not AgentProfile.objects.exists()
