"""The diff between two configurations: every part, under the form's label, with its changed words marked."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from agents.contract import AgentConfig, Brief, FieldToFindOut, SayAs, TurnTaking
from agents.versions import Change, changes, words
from tests.factories import agent_config

NAME = {"key": "name", "label": "Their name", "kind": "name"}
BUDGET = {"key": "budget", "label": "Budget", "kind": "money", "hint": "Ask last of all, please"}


def marked(change: Change) -> str:
    """A change on one line: -taken out-, +put in+, ~left out of the page~."""
    signs = {"same": "", "removed": "-", "added": "+", "skipped": "~"}
    pieces = [f"{signs[piece.mark]}{piece.text.strip()}{signs[piece.mark]}" for piece in change.pieces]
    return " ".join(pieces)


def told(old: AgentConfig, new: AgentConfig) -> dict[str, str]:
    return {change.label: marked(change) for change in changes(old, new)}


def test_changed_words_of_a_text_are_marked() -> None:
    pieces = words("Open every day from 10 to 7, except Sunday.", "Open every day from 9 to 7, except Monday.")
    assert marked(Change("", pieces)) == "Open every day from -10- +9+ to 7, except -Sunday.- +Monday.+"


def test_words_of_other_scripts_are_marked_too() -> None:
    pieces = words("हम हर दिन दस बजे खुलते हैं।", "हम हर दिन नौ बजे खुलते हैं।")
    assert marked(Change("", pieces)) == "हम हर दिन -दस- +नौ+ बजे खुलते हैं।"


@pytest.mark.parametrize(
    ("old", "new"),
    [("Call back today", "Call back tomorrow"), ("One two three four five six", "Nothing here is as it was before")],
)
def test_short_texts_and_texts_that_share_little_are_shown_whole(old: str, new: str) -> None:
    assert marked(Change("", words(old, new))) == f"-{old}- +{new}+"


def test_text_that_is_new_or_gone_is_marked_whole() -> None:
    assert marked(Change("", words("", "Never promise a discount."))) == "+Never promise a discount.+"
    assert marked(Change("", words("Never promise a discount.", ""))) == "-Never promise a discount.-"


def test_line_ends_of_a_browser_are_not_marked() -> None:
    pieces = words("One two three.\r\nFour five six.", "One two three.\nFour five seven.")
    assert marked(Change("", pieces)) == "One two three.\nFour five -six.- +seven.+"


def test_a_text_that_goes_on_has_only_its_new_words_marked() -> None:
    pieces = words("One two three four five.", "One two three four five.\nAnd six.")
    assert marked(Change("", pieces)) == "One two three four five. +And six.+"


def test_of_a_long_unchanged_stretch_only_what_is_near_a_change_is_kept() -> None:
    text = " ".join(f"w{n}" for n in range(100))
    assert marked(Change("", words(f"old {text} old", f"new {text} new"))) == " ".join(
        [
            "-old- +new+",
            *[f"w{n}" for n in range(20)],
            "~60 words unchanged~",
            *[f"w{n}" for n in range(80, 100)],
            "-old- +new+",
        ]
    )


def test_two_of_the_longest_texts_are_compared_in_a_moment() -> None:
    chance = random.Random(1)  # words of a small choice, which is what difflib is slowest at
    old, new = (" ".join(str(chance.randrange(150)) for _ in range(10_000)) for _ in range(2))
    start = time.monotonic()
    words(old, new)
    assert time.monotonic() - start < 5


ANOTHER: dict[str, Any] = {
    "brief": Brief(who="Somebody else.", knows="New facts.", never="Never.", ends="Bye."),
    "fields": [FieldToFindOut(key="other", label="Another thing")],
    "greetings": {"hi-IN": "नमस्ते!"},
    "languages": ["hi-IN"],
    "voices": ["arya"],
    "default_language": "ta-IN",
    "default_voice": "hitesh",
    "llm_provider": "openai",
    "temperature": 1.5,
    "pace": 0.5,
    "say_as": [SayAs(word="BHK", say="B H K")],
    "variables": {"call_back": "today"},
    "turn_taking": TurnTaking(ask_after=5),
    "text_chat": False,
    "max_seconds": 60,
}


@pytest.mark.parametrize("part", AgentConfig.model_fields)
def test_no_part_of_an_agent_can_change_unseen(part: str) -> None:
    old = agent_config()
    new = old.model_copy(update={part: ANOTHER.get(part, "another")})
    assert new != old
    assert all(change.label and change.pieces for change in changes(old, new))
    assert list(changes(old, new))
    assert list(changes(old, old)) == []


def test_values_are_told_in_the_forms_words() -> None:
    old = agent_config(languages=["hi-IN", "en-IN"], text_chat=True, llm_provider="", max_seconds=600)
    new = agent_config(languages=["hi-IN", "ta-IN"], text_chat=False, llm_provider="openai", max_seconds=300)
    assert told(old, new) == {
        "Languages": "-English- +Tamil, தமிழ்+",
        "Language model provider": "-The site's default- +OpenAI+",
        "Visitors may type": "-Yes- +No+",
        "Longest call, in seconds": "-600- +300+",
    }


def test_boxes_of_lines_are_told_line_by_line_and_waits_each_for_itself() -> None:
    bhk, rera = SayAs(word="BHK", say="B H K"), SayAs(word="RERA", say="Rera")
    old = agent_config(say_as=[bhk], variables={"desk": "First floor", "call_back": "today"})
    new = agent_config(say_as=[bhk, rera], variables={"desk": "First floor", "call_back": "tomorrow"})
    assert told(old, new.model_copy(update={"turn_taking": TurnTaking(extra_wait=0, leave_after=12.5)})) == {
        "How to say a word": "+RERA = Rera+",
        "Its own names": "-call_back = today- +call_back = tomorrow+",
        "Wait after the visitor stops, in seconds": "-0.2- +0.0+",
        "Silence after that before it says goodbye, in seconds": "-10.0- +12.5+",
    }


def test_the_order_of_a_list_is_a_change() -> None:
    old, new = agent_config(voices=["arya", "hitesh"]), agent_config(voices=["hitesh", "arya"])
    assert told(old, new) == {"Voices": "-Arya, Hitesh- +Hitesh, Arya+"}


def test_a_greeting_is_told_under_its_language_and_marked_as_such() -> None:
    old, new = agent_config(greetings={"hi-IN": "नमस्ते!"}), agent_config(greetings={"ta-IN": "வணக்கம்!"})
    assert told(old, new) == {
        "Greeting, Hindi, हिन्दी": "-नमस्ते!-",
        "Greeting, Tamil, தமிழ்": "+வணக்கம்!+",
    }
    assert [change.lang for change in changes(old, new)] == ["hi-IN", "ta-IN"]


def test_things_to_find_out_are_matched_by_their_key() -> None:
    old = agent_config(fields=[NAME, BUDGET])
    new = agent_config(
        fields=[{**BUDGET, "required": True, "hint": "Ask first of all, please"}, {**NAME, "key": "who"}]
    )
    assert told(old, new) == {
        "What it must find out": "-Their name (Key: name; Kind: Name)- +Their name (Key: who; Kind: Name)+",
        "What it must find out: Budget: Needed": "-No- +Yes+",
        "What it must find out: Budget: Hint for the agent": "Ask -last- +first+ of all, please",
    }


def test_the_order_of_things_to_find_out_is_a_change() -> None:
    old, new = agent_config(fields=[NAME, BUDGET]), agent_config(fields=[BUDGET, NAME])
    assert told(old, new) == {"What it must find out: Order": "-Their name, Budget- +Budget, Their name+"}
