"""An agent as a file: what is written comes back exactly, and whatever else is in a file is refused in a sentence."""

from __future__ import annotations

import string
import time
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.defaults import demo_config
from agents.files import AgentFileError, dump_agent, load_agent, read_agent
from agents.languages import LANGUAGES
from tests.factories import agent_config

# Words that YAML takes for something else, and characters that break lines or are easily lost.
WORDS = [
    "no",
    "on",
    "Yes",
    "null",
    "~",
    "0912",
    "1:30",
    "1e3",
    "- a",
    "a: b",
    "#",
    "&a",
    "*a",
    "!x",
    "'",
    '"',
    "|",
    ">",
]
SPACES = [" ", "\n", "\t", "\r\n", "\x85", "\u2028", "\u00a0", "\ufeff", "\u200d", "😀", "\U0010ffff", "\x00", "\x7f"]
OWN_SCRIPTS = [language.greeting for language in LANGUAGES.values()]
TEXT = st.one_of(
    st.text(),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS + SPACES + OWN_SCRIPTS) | st.text(string.ascii_letters)).map("".join),
)
SHORT = TEXT.filter(lambda text: 0 < len(text) <= 60)
FIELDS = st.fixed_dictionaries(
    {
        "key": TEXT,
        "label": TEXT,
        "kind": st.sampled_from(["text", "phone", "choice", "yes_no"]),
        "required": st.booleans(),
        "hint": TEXT,
        "choices": st.lists(TEXT, max_size=4),
    }
)
CONFIGS = st.fixed_dictionaries(
    {
        "agent_id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "brief": st.fixed_dictionaries({"who": TEXT, "knows": TEXT, "never": TEXT, "ends": TEXT}),
        "fields": st.lists(FIELDS, max_size=3),
        "greetings": st.dictionaries(st.sampled_from(list(LANGUAGES)) | TEXT, TEXT, max_size=3),
        "languages": st.lists(TEXT, max_size=4),
        "default_language": TEXT,
        "voices": st.lists(st.sampled_from(list(VOICES)) | TEXT, max_size=4),
        "default_voice": TEXT,
        "llm_provider": st.sampled_from(["", "groq", "openai"]),
        "llm_model": TEXT,
        "temperature": st.floats(0, 2),
        "stt_model": TEXT,
        "tts_model": TEXT,
        "pace": st.floats(0.5, 2),
        "say_as": st.lists(st.fixed_dictionaries({"word": SHORT, "say": SHORT}), max_size=3),
        "variables": st.dictionaries(TEXT, TEXT, max_size=3),
        "turn_taking": st.fixed_dictionaries({"extra_wait": st.floats(0, 3), "ask_after": st.floats(3, 120)}),
        "text_chat": st.booleans(),
        "max_seconds": st.integers(30, 3600),
        "consent": TEXT,
    }
).map(AgentConfig.model_validate)


def faults(text: str) -> list[str]:
    with pytest.raises(AgentFileError) as refusal:
        load_agent(text)
    return list(refusal.value.faults)


def changed(line: str, by: str) -> str:
    """The demo agent's file with one line replaced."""
    text = dump_agent(demo_config())
    assert text.count(f"{line}\n") == 1
    return text.replace(f"{line}\n", f"{by}\n")


# There and back --------------------------------------------------------------------------------


@settings(deadline=None)
@given(CONFIGS)
@example(agent_config(name="no", consent="\n", description=" \n ", greetings={"hi-IN": "a \n\n\tb \n"}))
def test_what_is_written_comes_back_exactly(config: AgentConfig) -> None:
    assert load_agent(dump_agent(config)) == config


@settings(deadline=None)
@given(CONFIGS)
def test_other_programs_read_the_same(config: AgentConfig) -> None:
    # Only numbers, yes and no stand in the file as such; whatever looks like one and is text has quotes.
    read = yaml.safe_load(dump_agent(config))
    assert read.pop("vaani") == 1
    assert AgentConfig.model_validate(read, strict=True, by_alias=False, by_name=True) == config


def test_the_file_reads_as_a_person_would_write_it() -> None:
    config = agent_config(
        greetings={"ta-IN": "வணக்கம்! சொல்லுங்க."},
        brief={"who": "The receptionist.", "knows": "Hours: 10 to 7. \n\nPrices:\n\t65 lakh", "ends": "Thanks. " * 20},
        fields=[{"key": "budget", "label": "Budget", "kind": "choice", "choices": ["Up to 50 lakh", "More"]}],
    )
    lines = dump_agent(config).splitlines()
    assert lines[:4] == ["vaani: 1", "agent_id: demo", "name: Asha", f"description: {config.description}"]
    start = lines.index("brief:")
    assert lines[start + 1 : start + 8] == [
        "  who: The receptionist.",
        "  knows: |-",
        "    Hours: 10 to 7. ",
        "",
        "    Prices:",
        "    \t65 lakh",
        "  ends: |-",
    ]
    assert "  - key: budget" in lines
    assert "    choices: [Up to 50 lakh, More]" in lines
    assert "  ta-IN: வணக்கம்! சொல்லுங்க." in lines
    assert "languages: [hi-IN, ta-IN, te-IN, bn-IN, mr-IN, gu-IN, kn-IN, ml-IN, pa-IN, or-IN, en-IN]" in lines


def test_a_part_with_its_value_left_open_is_as_good_as_none() -> None:
    assert load_agent(changed("text_chat: true", "text_chat:\nconsent: null").replace("consent: You", "# You")) == (
        demo_config().model_copy(update={"consent": ""})
    )


@pytest.mark.parametrize("word", ["No", "on", "0912", "1:30", "2026-11-20"])
def test_a_bare_word_stays_the_word_it_is(word: str) -> None:
    assert load_agent(changed("name: Asha", f"name: {word}")).name == word


@pytest.mark.parametrize(("word", "meant"), [("true", True), ("yes", True), ("off", False), ("No", False)])
def test_yes_and_no_may_be_said_in_many_words(word: str, meant: bool) -> None:
    assert load_agent(changed("text_chat: true", f"text_chat: {word}")).text_chat is meant


def test_a_file_saved_by_windows_is_read() -> None:
    data = b"\xef\xbb\xbf" + dump_agent(demo_config()).replace("\n", "\r\n").encode()
    assert read_agent(data) == demo_config()


# What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "by", "fault"),
    [
        ("name: Asha", "name: [Asha]", "Line 3: name must be text."),
        ("name: Asha", "", "Line 1: name is missing."),
        ("name: Asha", "name: Asha\nbot: 1", "Line 4: bot is not a part of an agent."),
        ("agent_id: demo", "agent_id: demo\nagentId: demo", "Line 3: agentId is not a part of an agent."),
        ("name: Asha", "name: Asha\nname: Usha", "Line 4: name is written twice."),
        ("pace: 1.0", "pace: fast", "pace must be a number."),
        ("pace: 1.0", "pace: 9", "pace must be at most 2.0."),
        ("pace: 1.0", "pace: .nan", "pace must be a number."),
        ("pace: 1.0", "pace: nan", "pace must be at most 2.0."),
        ("max_seconds: 600", "max_seconds: 5", "max_seconds must be at least 30."),
        ("max_seconds: 600", "max_seconds: 10 minutes", "max_seconds must be a whole number."),
        ("ask_after: 10.0", "ask_after: 1", "turn_taking > ask_after must be at least 3."),
        ("ask_after: 10.0", "hurry: 1", "turn_taking > hurry is not a part of an agent."),
        ("pace: 1.0", "pace: 1\nsay_as:\n  - word: ''\n    say: x", "say_as > 1 > word must not be empty."),
        ("pace: 1.0", f"pace: 1\nsay_as:\n  - word: {'x' * 61}\n    say: x", "say_as > 1 > word is longer than 60 characters."),
        ("pace: 1.0", "pace: 1\nvariables:\n  desk: [x]", "variables > desk must be text."),
        ("text_chat: true", "text_chat: perhaps", "text_chat must be true or false."),
        ("default_language: hi-IN", "llm_provider: meta\ndefault_language: hi-IN", "must be '', 'groq' or 'openai'."),
        ("default_voice: arya", "greetings: Hello\ndefault_voice: arya", "must be lines of a name, a colon and a value."),
        ("    kind: phone", "    kind: fax", "fields > 2 > kind must be 'text', 'name', 'phone'"),
        ("    label: Name", "    label: Name\n    colour: red", "fields > 1 > colour is not a part of an agent."),
        ("name: Asha", "name: !!python/object/apply:os.system [ls]", "Line 3: Tags"),
        ("name: Asha", "name: !x Asha", "Line 3: Tags"),
        ("name: Asha", "name: &a Asha", "Line 3: Anchors and aliases"),
        ("name: Asha", "name: *a", "Line 3: Anchors and aliases"),
        ("name: Asha", "name: Asha: of Pune", "Line 3: This is not YAML: mapping values are not allowed"),
        ("name: Asha", "name: 'Asha", "This is not YAML: "),
        ("name: Asha", "? [name]\n: Asha", "Line 3: A name is expected here"),
        ("name: Asha", "---\nname: Asha", "Line 3: A second document begins here."),
        ("name: Asha", "name: आशा\x07", "Line 3: There is a character that no text holds."),
        ("name: Asha", "name: \ud800", "Line 3: There is a character that no text holds."),
        ("vaani: 1", "vaani: 2", "The file is of format 2. This Vaani reads format 1."),
        ("vaani: 1", "", "This is not an agent's file: its first line should be vaani: 1."),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_one_sentence_that_says_where(line: str, by: str, fault: str) -> None:
    told = faults(changed(line, by))
    assert len(told) == 1
    assert fault in told[0]


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "just words", "- a", "{}", "%PDF-1.7", "{\\rtf1", "\t"])
def test_something_else_is_not_an_agents_file(text: str) -> None:
    assert len(faults(text)) == 1


def test_the_fault_names_the_line_it_is_on() -> None:
    text = changed("pace: 1.0", "pace: fast")
    line = text.splitlines().index("pace: fast") + 1
    assert faults(text) == [f"Line {line}: pace must be a number."]


def test_many_faults_are_told_at_once_but_not_without_end() -> None:
    told = faults("vaani: 1\n" + "".join(f"x{number}: 1\n" for number in range(500)))
    assert len(told) == 11
    assert told[-1] == "And 499 more."


@pytest.mark.parametrize("data", [b"\xff\xfe\x00n", b"\x80", b"PK\x03\x04\xe9"])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(AgentFileError, match="not text in UTF-8"):
        read_agent(data)


@pytest.mark.parametrize(
    "text",
    [
        "vaani: 1\nname: " + "x" * 1_000_000,
        "[" * 999_999,
        "{a: " * 200_000,
        "vaani: 1\n" + "- " * 400_000,
        "vaani: 1\nlanguages: [" + "a," * 499_000 + "]",
        "".join(f"k{number}: 1\n" for number in range(90_000)),
        "a: &a [x,x]\n" + "".join(f"a{n}: &a{n} [*a,*a]\n" for n in range(1000)),
        "a: " + "9" * 999_000,
        "a: '" + "\n" * 999_000 + "'",
    ],
    ids=["large", "deep", "deep flow", "deep hyphens", "long", "wide", "aliases", "number", "lines"],
)  # fmt: skip
def test_a_file_made_to_exhaust_us_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    assert len(faults(text)) == 1
    assert time.process_time() - started < 2


@settings(deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from([*WORDS, *SPACES, "vaani: 1\n", "name:", "[", "]", "{", "}", "? "])).map("".join)
)
def test_any_text_is_read_or_refused_but_nothing_else(text: str) -> None:
    with pytest.raises(AgentFileError):
        load_agent(text)


@settings(deadline=None)
@given(st.data())
def test_any_damage_to_a_file_is_read_or_refused_but_nothing_else(data: Any) -> None:
    text = dump_agent(demo_config())
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 20, len(text))))
    with suppress(AgentFileError):
        load_agent(text[:start] + data.draw(TEXT) + text[end:])
