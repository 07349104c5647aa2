"""The receptionist does what the request says, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.sandbox import answers, extraction
from local.sandbox.form import find_form
from local.sandbox.phrases import CATALOGUE
from local.sandbox.prompt import Brief
from local.sandbox.receptionist import Reply, reply
from local.sandbox.script import SCRIPT
from local.sandbox.speaking import LANGUAGES

NULLABLE = {"type": ["string", "null"]}
SAVE = {
    "type": "function",
    "function": {
        "name": "save_details",
        "strict": True,
        "parameters": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}, "phone": {"type": "string"}, "need": NULLABLE},
            "required": ["name", "phone", "need"],
        },
    },
}
END = {"type": "function", "function": {"name": "end_call", "parameters": {"type": "object", "properties": {}}}}


def prompt(language: str, gender: str = "woman", more: str = "", name: str = "Asha") -> str:
    return (
        f"You are {name}, the receptionist of Sharma Clinic.\nSpeak ({language}).\nThe speaker is a {gender}.\n{more}"
    )


class Visit:
    """A conversation, played the way LiveKit plays it: the whole of it in every request."""

    def __init__(self, system: str, *tools: dict[str, Any]) -> None:
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": system}]
        self.tools = list(tools)

    def next(self) -> Reply:
        answer = reply(self.messages, self.tools)
        message: dict[str, Any] = {"role": "assistant", "content": answer.text}
        if answer.tools:
            message["tool_calls"] = [
                {"id": f"c{len(self.messages)}", "type": "function", "function": {"name": each.name, "arguments": "{}"}}
                for each in answer.tools
            ]
        self.messages.append(message)
        return answer

    def say(self, text: str) -> Reply:
        self.messages.append({"role": "user", "content": text})
        return self.next()

    def result(self, text: str) -> Reply:
        call = self.messages[-1]["tool_calls"][0]
        self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})
        return self.next()


NAMES = {
    "en-IN": "Rahul Sharma",
    "hi-IN": "राहुल शर्मा",
    "mr-IN": "राहुल पाटील",
    "gu-IN": "રાહુલ પટેલ",
    "pa-IN": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "bn-IN": "রাহুল দাস",
    "or-IN": "ରାହୁଲ ଦାସ",
    "ta-IN": "கார்த்திக் குமார்",
    "te-IN": "రవి కుమార్",
    "kn-IN": "ರವಿ ಕುಮಾರ್",
    "ml-IN": "അനൂപ് നായർ",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scripted_visitor_is_served_to_the_end(language: str) -> None:
    words, (need, name, phone, yes, thanks) = CATALOGUE[language], SCRIPT[language]
    visit = Visit(prompt(language), SAVE, END)
    assert "Asha" in visit.next().text
    assert words.ask["name"] in visit.say(need).text
    assert words.ask["phone"] in visit.say(name).text
    number = answers.mobile(phone, language)
    assert number
    assert number[0] in "6789"
    assert words.spell(number) in visit.say(phone).text
    saving = visit.say(yes)
    assert [(call.name, call.arguments) for call in saving.tools] == [
        ("save_details", {"name": NAMES[language], "phone": number, "need": need})
    ]
    leaving = visit.result('{"ok": true}')
    assert words.goodbye in leaving.text
    assert [call.name for call in leaving.tools] == ["end_call"]
    assert visit.say(thanks).text == words.goodbye


def test_the_number_is_asked_again_after_a_no() -> None:
    visit = Visit(prompt("hi-IN"), SAVE)
    for line in ("मुझे मदद चाहिए थी", "रवि", "98765 43210"):
        visit.say(line)
    assert "दस अंकों" in visit.say("नहीं, गलत है").text
    assert "नौ आठ शून्य शून्य एक, दो दो तीन तीन चार" in visit.say("नौ आठ डबल शून्य एक दो दो तीन तीन चार").text
    assert "नौ आठ शून्य शून्य एक" in visit.say("रुकिए").text, "neither yes nor no: it waits"
    assert visit.say("हाँ").tools[0].arguments["phone"] == "9800122334"


def test_a_number_that_is_too_short_is_asked_again() -> None:
    visit = Visit(prompt("ta-IN"), SAVE)
    for line in ("எனக்கு உதவி வேணும்", "குமார்"):
        visit.say(line)
    assert visit.say("98400").text == CATALOGUE["ta-IN"].phone_again


def test_what_the_tool_refuses_is_asked_again() -> None:
    visit = Visit(prompt("en-IN"), SAVE, END)
    for line in ("I need a check up please", "Ravi", "1111122222"):
        visit.say(line)
    assert visit.say("yes").tools
    assert "ten digit" in visit.result("error: phone is not valid, ask again").text
    assert "nine eight" in visit.say("98765 43210").text
    assert visit.say("yes").tools[0].arguments["phone"] == "9876543210"


def test_a_tool_that_fails_is_no_thank_you() -> None:
    visit = Visit(prompt("en-IN"), SAVE, END)
    for line in ("I need a check up please", "Ravi", "98765 43210", "yes"):
        visit.say(line)
    answer = visit.result("The details could not be saved now. Say that a colleague will call back.")
    assert CATALOGUE["en-IN"].trouble in answer.text
    assert [call.name for call in answer.tools] == ["end_call"]


@pytest.mark.parametrize(
    ("language", "hers", "his"),
    [("hi-IN", "रही", "रहा"), ("pa-IN", "ਰਹੀ", "ਰਿਹਾ"), ("mr-IN", "बोलते", "बोलतो"), ("gu-IN", "સમજી ગઈ", "સમજી ગયો")],
)
def test_the_speakers_gender_shows(language: str, hers: str, his: str) -> None:
    for gender, form, other in (("woman", hers, his), ("man", his, hers)):
        visit = Visit(prompt(language, gender))
        said = " ".join([visit.next().text, *(visit.say(f"x{turn} y z").text for turn in range(3))])
        assert form in said
        assert other not in said


def test_it_speaks_for_whoever_the_prompt_names() -> None:
    assert "Meena" in Visit("You are Meena, who answers for a school.\nSpeak Tamil (ta-IN)").next().text
    assert "Ravi Kumar" in Visit("Your name is Ravi Kumar. Reply in en-IN.").next().text
    assert "Kavya" in Visit("You are a helpful receptionist named Kavya.\nSpeak English (en-IN)").next().text
    assert "Dr. Rao speaking" in Visit("You are Dr. Rao. Speak English (en-IN).").next().text
    assert "Ravi" in Visit("You are Ravi from Star Motors. Speak English (en-IN).").next().text


def test_without_fields_it_repeats_the_visitors_own_words() -> None:
    visit = Visit(prompt("hi-IN"), END)
    assert "बगीचे की सफ़ाई" in visit.say("बगीचे की सफ़ाई करवानी है").text
    assert visit.say("बगीचे की सफ़ाई करवानी है").text != visit.messages[-3]["content"]
    assert [call.name for call in visit.say("अच्छा, बाय").tools] == ["end_call"]


def test_it_quotes_what_the_prompt_knows() -> None:
    facts = "## What you know\n- The consultation fee is 500 rupees.\n- We are closed on Sundays.\n## Rules\nBe kind."
    visit = Visit(prompt("en-IN", more=facts), SAVE)
    assert "500 rupees" in visit.say("What are your fees?").text
    visit = Visit(prompt("hi-IN", more="जानकारी:\nजाँच की फ़ीस 300 रुपये है।"))
    assert "300 रुपये" in visit.say("फ़ीस कितनी है").text


def test_a_visitor_who_leaves_early_is_not_lost() -> None:
    tool = json.loads(json.dumps(SAVE))
    tool["function"]["parameters"]["properties"]["email"] = NULLABLE
    visit = Visit(prompt("en-IN"), tool, END)
    for line in ("I want to buy a car", "Ravi", "98765 43210", "yes"):
        visit.say(line)
    assert visit.say("Bye").tools[0].arguments == {
        "name": "Ravi",
        "phone": "9876543210",
        "need": "I want to buy a car",
        "email": None,
    }
    assert visit.result("saved").tools[0].name == "end_call"


def test_words_in_two_pieces_are_one_turn() -> None:
    visit = Visit(prompt("en-IN"), SAVE)
    visit.say("I need a plumber")
    visit.messages.append({"role": "user", "content": "My name is"})
    assert "mobile" in visit.say("Ravi Kumar").text


def test_odd_schemas_are_filled() -> None:
    defs = {"P": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Mobile"}}
    pair = {
        "type": "object",
        "properties": {"field": {"type": "string", "enum": ["name", "city"]}, "value": {"type": "string"}},
    }
    tool = {
        "function": {
            "name": "save",
            "parameters": {
                "type": "object",
                "$defs": defs,
                "properties": {
                    "phone_number": {"$ref": "#/$defs/P"},
                    "details": {"type": "array", "items": pair},
                    "person": {"type": "object", "properties": {"age": {"type": "integer", "description": "Age"}}},
                    "confirmed": {"type": "boolean"},
                    "tags": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
                    "language": {"type": "string", "enum": ["hi-IN", "en-IN"]},
                },
            },
        }
    }
    form = find_form([END, {"nonsense": 1}, tool])
    assert form is not None
    assert [each.key for each in form.fields] == ["name", "phone", "city", "age", "tags"]
    known = {"name": "Ravi", "phone": "9876543210", "age": "I am 34", "language": "en-IN", "confirmed": "yes"}
    assert form.arguments(known.get) == {
        "phone_number": "9876543210",
        "details": [{"field": "name", "value": "Ravi"}],
        "person": {"age": 34},
        "confirmed": True,
        "tags": None,
        "language": "en-IN",
    }


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user"}],
        [{"role": "user", "content": [{"type": "text", "text": "नमस्ते"}, 3, {"type": "image_url"}]}],
        [{"role": "tool", "content": "x"}],
        [{"content": 5}],
        [{"role": "assistant", "tool_calls": [1, {"function": 2}, {"function": {}}], "content": None}],
    ],
)
def test_strange_messages_do_no_harm(messages: list[dict[str, Any]]) -> None:
    for tools in (
        [],
        [SAVE, END],
        [{"function": {"name": "x", "parameters": {"properties": {"a": 1, "b": {"$ref": "#"}}}}}],
    ):
        assert isinstance(reply(messages, tools), Reply)


def test_an_order_after_the_conversation_is_obeyed() -> None:
    visit = Visit(prompt("en-IN"), SAVE)
    visit.next()
    visit.messages.append({"role": "system", "content": "Say goodbye: the time is up."})
    assert "Goodbye" in visit.next().text


def test_the_newest_language_order_wins() -> None:
    messages = [
        {"role": "system", "content": "You are Asha. Languages: hi-IN, ta-IN. Speak Hindi (hi-IN)."},
        {"role": "system", "content": "From now on speak Odia (od-IN)."},
    ]
    assert Brief.of(messages).language == "or-IN"


def test_extraction_fits_the_schema() -> None:
    leaf = {
        "type": "object",
        "properties": {"value": {"type": ["string", "null"]}, "turn": {"type": ["string", "null"]}},
        "required": ["value", "turn"],
    }
    schema = {
        "type": "object",
        "properties": {
            "name": leaf,
            "phone": {"type": ["string", "null"]},
            "email": {"type": ["string", "null"]},
            "interested": {"type": "boolean"},
            "topics": {"type": "array", "items": {"type": "string"}},
        },
    }
    text = "agent: नाम?\nvisitor: मेरा नाम राहुल शर्मा है।\nvisitor: 98765 43210\nvisitor: ravi@example.in"
    found = extraction.extract(schema, [{"role": "user", "content": text}])
    assert found["phone"] == "9876543210"
    assert found["email"] == "ravi@example.in"
    assert found["name"]["turn"] is None or isinstance(found["name"]["turn"], str)
    assert found["interested"] is False
    assert found["topics"] == []
    turn = '{"turn": 3, "who": "visitor", "said": "मेरा नाम राहुल शर्मा है"}\n{"turn": 4, "who": "agent", "said": "98765 43210"}'
    turns = {"type": "array", "items": {"type": "integer"}}
    part = {"type": "object", "properties": {"value": {"type": ["string", "null"]}, "turns": turns}}
    asked = {"name": part, "phone": part, "latin_name": {"type": ["string", "null"]}}
    told = extraction.extract({"type": "object", "properties": asked}, [{"role": "user", "content": turn}])
    assert told["name"] == {"value": "राहुल शर्मा", "turns": [3]}
    assert told["phone"] == {"value": None, "turns": []}
    assert told["latin_name"] == "Rahul Sharma"
    nothing = extraction.extract(schema, [{"role": "user", "content": "hello"}])
    assert (nothing["phone"], nothing["name"]["value"]) == (None, None)
