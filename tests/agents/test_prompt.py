"""The words an agent starts from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.contract import Brief, FieldToFindOut
from agents.languages import LANGUAGES
from agents.prompt import greeting, instructions, substitute, unknown_names
from tests.factories import agent_config

MACHINE = LANGUAGES["hi-IN"].disclosure

EVENING = datetime(2026, 11, 20, 20, 15, tzinfo=UTC)  # already Saturday in India


def prompt(voice: str = "arya", language: str = "hi-IN", visitor_name: str = "", **parts: object) -> str:
    agent = agent_config(**parts)
    return instructions(agent, language=language, voice=voice, visitor_name=visitor_name, now=EVENING)


def test_a_value_takes_the_place_of_its_name_and_nothing_else_in_braces_means_anything() -> None:
    text = "{name} {other} {name.__class__} {0} {{name}} {"
    assert substitute(text, {"name": "Asha"}) == "Asha {other} {name.__class__} {0} {Asha} {"


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert substitute("{a} {b}", {"a": "{b}", "b": "{a}"}) == "{b} {a}"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{name} { and } {{name}}", [" and "]),
        ("{name.__class__} {nam} {nam} {} {0}", ["name.__class__", "nam", "", "0"]),
        ("a } lone brace, and another { here {\n}", []),
        ("{रही|रहा}", ["रही|रहा"]),
    ],
)
def test_names_that_nothing_is_filled_in_for_are_found(text: str, unknown: list[str]) -> None:
    assert unknown_names(text, ["name"]) == unknown


def test_the_agents_own_names_are_filled_in_and_never_hide_ours() -> None:
    own = {"desk": "Desk {agent_name}", "agent_name": "Nobody"}
    brief = Brief(who="{desk}, {agent_name}.", knows="K {desk}.", never="N {desk}.", ends="E {desk}.")
    text = prompt(brief=brief, variables=own)
    for part in ("Desk {agent_name}, Asha.", "K Desk {agent_name}.", "N Desk {agent_name}.", "E Desk {agent_name}."):
        assert part in text
    agent = agent_config(greetings={"hi-IN": "{desk}, {agent_name}, {language}{disclosure}"}, variables=own)
    assert greeting(agent, "hi-IN", "arya") == f"Desk {{agent_name}}, Asha, हिन्दी{MACHINE}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_tells_the_time_forbids_inventing_and_asks_for_everyday_speech(language: str) -> None:
    text = prompt(language=language, brief=Brief(who="A clerk."), fields=[])
    assert "It is Saturday, 21 November 2026, 01:45 in India." in text
    assert "Say only what is written here: never make up a price, a time, a name or any other fact." in text
    assert "the everyday spoken language in its own script, with the English words callers use" in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_call_opens_in_every_language_with_the_agents_name(code: str) -> None:
    words = greeting(agent_config(), code, "arya")
    assert "Asha" in words
    assert "{" not in words


def test_the_agents_own_greeting_comes_first_in_its_language() -> None:
    agent = agent_config(greetings={"hi-IN": " नमस्ते {visitor_name}, मैं {agent_name}। ", "ta-IN": ""})
    assert greeting(agent, "hi-IN", "arya", "रवि") == f"{MACHINE} नमस्ते रवि, मैं Asha।"
    assert greeting(agent, "hi-IN", "arya") == f"{MACHINE} नमस्ते , मैं Asha।"
    tamil = LANGUAGES["ta-IN"]
    assert greeting(agent, "ta-IN", "arya") == tamil.greeting.format(agent_name="Asha", disclosure=tamil.disclosure)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("नमस्ते! मैं {agent_name}।", f"नमस्ते! {MACHINE} मैं Asha।"),
        ("मैं {agent_name}। {disclosure} बताइए?", f"मैं Asha। {MACHINE} बताइए?"),
        ("डॉ. राव का क्लिनिक! बताइए?", f"{MACHINE} डॉ. राव का क्लिनिक! बताइए?"),
        ("बताइए?", f"{MACHINE} बताइए?"),
    ],
)
def test_that_a_machine_listens_is_always_said_once(written: str, said: str) -> None:
    assert greeting(agent_config(greetings={"hi-IN": written}), "hi-IN", "arya") == said
    for code, language in LANGUAGES.items():
        assert greeting(agent_config(), code, "arya").count(language.disclosure) == 1


def test_a_greeting_with_both_forms_is_said_as_the_voice_says_it() -> None:
    agent = agent_config(greetings={"hi-IN": "{visitor_name}, मैं बोल {रही|रहा} हूँ।"})
    assert greeting(agent, "hi-IN", "arya", "रवि") == f"{MACHINE} रवि, मैं बोल रही हूँ।"
    assert greeting(agent, "hi-IN", "karun", "{a|b}") == f"{MACHINE} {{a|b}}, मैं बोल रहा हूँ।"


def test_the_prompt_holds_all_of_the_brief_in_order() -> None:
    text = prompt(
        brief=Brief(
            who="The clerk {agent_name}.", knows="Open at 9, {language} spoken.", never="Lie.", ends="Say bye."
        ),
        fields=[
            FieldToFindOut(key="p", label="Phone", required=True, hint="Ten digits"),
            FieldToFindOut(key="n", label="Need"),
        ],
    )
    parts = [
        "You are Asha",
        "Saturday, 21 November 2026, 01:45 in India",
        "The clerk Asha.",
        "Speak Hindi (hi-IN)",
        "Open at 9, Hindi spoken.",
        "- Phone (needed): Ten digits\n- Need\n",
        "Lie.",
        "Say bye.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_what_the_brief_leaves_out_has_no_heading() -> None:
    text = prompt(brief=Brief(who="A clerk."), fields=[])
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# Who you are", "# How you speak"]


@pytest.mark.parametrize(
    ("voice", "language", "told", "pronoun"),
    [
        ("arya", "hi-IN", "The speaker is a woman. Your own verbs show it: मैं बता सकती हूँ", "आप"),
        ("karun", "mr-IN", "The speaker is a man. Your own verbs show it: मी सांगू शकतो", "तुम्ही"),
        ("karun", "ta-IN", "The speaker is a man.\n", "நீங்க"),
    ],
)
def test_the_speaker_has_the_gender_of_the_voice(voice: str, language: str, told: str, pronoun: str) -> None:
    text = prompt(voice, language)
    assert told in text
    assert f"politely, as {pronoun}." in text


def test_the_visitor_is_spoken_to_in_words_that_fit_anybody() -> None:
    assert "gender: use the respectful plural (आप चाहेंगे) or, better, words without gender (बताइए" in prompt()
    assert "You do not know the visitor's gender.\n" in prompt(language="bn-IN")


def test_the_visitors_name_is_told_only_when_there_is_one() -> None:
    assert "gave the name Ravi." in prompt(visitor_name="Ravi")
    assert "gave the name" not in prompt()
    assert "Greet the visitor." in prompt(brief=Brief(who="Greet {visitor_name}."))
