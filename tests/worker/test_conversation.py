"""Whole conversations without a room: the real session between the sandbox, a web server and the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agents.catalogue import MODELS, Model
from agents.contract import Claim, StoredTurn
from agents.languages import LANGUAGES
from agents.prompt import greeting
from agents.worker.tools import SAVE_DETAILS
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, conversing
from vaani.env import Env

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("plugins")]


@pytest.fixture
def env(sandbox: Sandbox, website: Web, redis_url: str, spool: Path) -> Env:
    return make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)


def calls(tool: str, /, **arguments: Any) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments}


def said(stage: Any, text: str) -> Callable[[], bool]:
    return lambda: stage.turn(text) is not None


async def order(sandbox: Sandbox, claim: Claim, **orders: Any) -> None:
    await sandbox.order(str(claim.call_id), **orders)


# First words ----------------------------------------------------------------------------------


async def test_it_greets_in_the_calls_language_and_its_own_name(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim("ta-IN")
    words = greeting(claim.agent, "ta-IN", claim.voice)
    speaker = Loudspeaker()
    async with conversing(env, claim, sandbox, loudspeaker=speaker) as stage:
        await until(said(stage, words))
        apology = LANGUAGES["ta-IN"].apology  # spoken once, to be kept
        spoken = [entry for entry in await stage.asked("tts") if entry["text"] != apology]
    assert stage.turns() == [("agent", words)]
    assert "".join(entry["text"] for entry in spoken).replace(" ", "") == words.replace(" ", "")
    assert {(entry["language"], entry["speaker"], entry["model"]) for entry in spoken} == {
        ("ta-IN", "arya", "bulbul:v2")
    }
    assert speaker.seconds > 1
    assert stage.ended().reason == "room_closed"
    assert stage.page.told == [], "no goodbye: the visitor may go on"


async def test_it_greets_as_staff_wrote_it(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim(visitor_name="रवि")
    greeting = {"hi-IN": "नमस्ते {visitor_name} जी, {agent_name} बोल रही हूँ।"}
    claim = claim.model_copy(update={"agent": claim.agent.model_copy(update={"greetings": greeting})})
    async with conversing(env, claim, sandbox) as stage:
        await until(said(stage, f"{LANGUAGES['hi-IN'].disclosure} नमस्ते रवि जी, Asha बोल रही हूँ।"))


async def test_an_agent_that_takes_over_says_so_and_knows_what_was_said(env: Env, sandbox: Sandbox) -> None:
    turns = [
        StoredTurn(item_id="1.1", role="agent", text="नमस्ते!"),
        StoredTurn(item_id="1.2", role="visitor", text="मेरा नाम रवि है।"),
    ]
    claim = make_claim(attempt=2, turns=turns)
    await order(sandbox, claim, replies=["जी, रवि जी।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(said(stage, LANGUAGES["hi-IN"].resumed))
        await stage.types("आगे?")
        await until(said(stage, "जी, रवि जी।"))
        (request,) = await stage.asked("llm")
    assert [(row["role"], row["content"]) for row in request["messages"][1:]] == [
        ("assistant", "नमस्ते!"),
        ("user", "मेरा नाम रवि है।"),
        ("assistant", LANGUAGES["hi-IN"].resumed),
        ("user", "आगे?"),
    ]
    assert stage.ended().attempt == 2


# Typing ---------------------------------------------------------------------------------------


async def test_typing_interrupts_and_is_answered(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    await order(sandbox, claim, replies=["दस बजे।"])
    speaker = Loudspeaker(slow=True)
    async with conversing(env, claim, sandbox, loudspeaker=speaker) as stage:
        await until(lambda: stage.session.agent_state == "speaking")
        speaker.slow = False
        await stage.types("  ")
        await stage.types(" कितने बजे खुलता है? ")
        await until(said(stage, "दस बजे।"))
    greeting, question, _answer = stage.turns()
    assert greeting[0] == "agent"
    interrupted, typed = stage.turn(greeting[1]), stage.turn("कितने बजे खुलता है?")
    assert interrupted is not None
    assert typed is not None
    assert (interrupted.interrupted, typed.typed) == (True, True)
    assert question == ("visitor", "कितने बजे खुलता है?")


# Hearing --------------------------------------------------------------------------------------


async def test_it_hears_answers_and_measures(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim("ta-IN")
    await order(sandbox, claim, hear=["எப்போ திறப்பீங்க?"], replies=["பத்து மணிக்கு."])
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(said(stage, "பத்து மணிக்கு."))
    assert stage.turns()[1:] == [("visitor", "எப்போ திறப்பீங்க?"), ("agent", "பத்து மணிக்கு.")]
    reply = stage.turn("பத்து மணிக்கு.")
    assert reply is not None
    assert None not in reply.latencies.model_dump().values()


async def test_it_still_hears_after_the_ear_was_closed_politely(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim("ta-IN")
    await order(sandbox, claim, faults={"stt": {"kind": "close"}}, hear=["இப்போ கேக்குதா?"], replies=["கேக்குது."])
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:

        async def ears(number: int) -> bool:
            return [entry["event"] for entry in await stage.asked("stt")].count("open") == number

        await until(lambda: ears(1))
        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(lambda: ears(2), "for a new ear after the provider closed the first")
        microphone.say(SCRIPT["ta-IN"][1], "ta-IN")
        await until(said(stage, "கேக்குது."))
    assert ("visitor", "இப்போ கேக்குதா?") in stage.turns()


async def test_an_ear_that_is_refused_is_told_and_tried_again(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim("ta-IN")
    await order(sandbox, claim, faults={"stt": {"kind": "rate_limit", "times": 5}}, hear=["ஹலோ"], replies=["சொல்லுங்க."])
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:

        async def hearing() -> bool:
            return "open" in [entry["event"] for entry in await stage.asked("stt")]

        await until(hearing, "for an ear, though more were refused than the framework would bear by itself")
        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(said(stage, "சொல்லுங்க."))
    assert {(event.kind, event.detail["part"]) for event in stage.events()} == {("provider_failed", "stt")}


# Providers in trouble -------------------------------------------------------------------------


async def test_it_apologises_when_no_model_answers_and_answers_when_one_does(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    await order(sandbox, claim, faults={"llm": {"kind": "error"}}, replies=["अब ठीक है।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("हैलो?")
        await until(said(stage, LANGUAGES["hi-IN"].apology))
        await stage.types("अब?")
        await until(said(stage, "अब ठीक है।"))
    assert [event.kind for event in stage.events()] == ["llm_failed"]


async def test_a_mouth_that_fails_is_told_and_the_call_goes_on(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    await order(sandbox, claim, faults={"tts": {"kind": "error", "times": 2}}, replies=["जी।"])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(stage.events, "for the greeting that nobody could speak")
        await stage.types("हैलो?")
        await until(said(stage, "जी।"))
    assert ("provider_failed", "tts") in [(event.kind, event.detail.get("part")) for event in stage.events()]


@pytest.mark.parametrize("kind", ["at the door", "later"])
async def test_a_speaking_model_that_is_refused_gives_way_to_its_successor(
    env: Env, sandbox: Sandbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim("ta-IN")
    if kind == "at the door":
        await order(sandbox, claim, faults={"tts": {"kind": "refuse_model", "times": 2}})  # one warms up
    else:
        # The sandbox lets models of this name in, and refuses them once asked to speak.
        monkeypatch.setitem(MODELS, "retired-bulbul", Model("sarvam", "tts", "retired-bulbul", successor="bulbul:v3"))
        claim = claim.model_copy(update={"tts_model": "retired-bulbul"})
    words = greeting(claim.agent, "ta-IN", claim.voice)
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(said(stage, words))
        spoken = await stage.asked("tts")
    assert (spoken[-1]["model"], spoken[-1]["speaker"]) == ("bulbul:v3", "pooja")
    (event,) = stage.events()
    assert (event.kind, event.detail["model"]) == ("model_refused", claim.tts_model)


async def test_a_listening_model_that_is_refused_gives_way_to_its_successor(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim("ta-IN")
    await order(sandbox, claim, faults={"stt": {"kind": "refuse_model"}}, hear=["ஹலோ"], replies=["சொல்லுங்க."])
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:

        async def listening() -> bool:
            return "saaras:v4" in [entry.get("model") for entry in await stage.asked("stt")]

        await until(listening)
        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(said(stage, "சொல்லுங்க."))
    assert [(event.kind, event.detail["model"]) for event in stage.events()] == [("model_refused", "saaras:v3")]


# Tools ----------------------------------------------------------------------------------------


async def test_a_refused_value_makes_the_model_ask_again(env: Env, sandbox: Sandbox, website: Web) -> None:
    claim = make_claim()
    website.answers = [web.json_response({"ok": False, "text": "The phone number needs ten digits. Ask again."})]
    wrong = {"name": "रवि", "phone": "12"}
    await order(sandbox, claim, replies=[calls(SAVE_DETAILS, **wrong), "दस अंकों का नंबर बताइए।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("रवि, 12")
        await until(said(stage, "दस अंकों का नंबर बताइए।"))
        requests = await stage.asked("llm")
    (event,) = stage.events()
    assert (event.kind, event.detail) == ("tool_called", {"name": SAVE_DETAILS, "arguments": wrong})
    assert website.asked == [
        ("POST", f"/api/calls/{claim.call_id}/tools/save_details", {"item_id": event.item_id, "arguments": wrong})
    ]
    assert [row["function"]["name"] for row in requests[0]["tools"]] == ["end_call", SAVE_DETAILS]
    told = requests[1]["messages"][-1]
    assert (told["role"], told["content"]) == ("tool", "The phone number needs ten digits. Ask again.")


async def test_details_that_are_taken_are_told_to_the_model(env: Env, sandbox: Sandbox, website: Web) -> None:
    claim = make_claim()
    website.answers = [web.json_response({"ok": True, "text": "Saved."})]
    await order(sandbox, claim, replies=[calls(SAVE_DETAILS, name="रवि", phone="9876543210"), "लिख लिया।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("रवि, 9876543210")
        await until(said(stage, "लिख लिया।"))
        requests = await stage.asked("llm")
    assert requests[1]["messages"][-1]["content"] == "Saved."


async def test_a_web_server_in_trouble_is_told_to_the_model_and_recorded(
    env: Env, sandbox: Sandbox, website: Web
) -> None:
    claim = make_claim()
    website.answers = [web.Response(status=503, text="busy")]
    await order(sandbox, claim, replies=[calls(SAVE_DETAILS, name="रवि", phone="9876543210"), "हम फ़ोन करेंगे।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("रवि")
        await until(said(stage, "हम फ़ोन करेंगे।"))
        requests = await stage.asked("llm")
    assert [event.kind for event in stage.events()] == ["tool_called", "tool_failed"]
    assert "call back" in requests[1]["messages"][-1]["content"]


async def test_an_agent_with_nothing_to_find_out_has_no_tool_to_save(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    claim = claim.model_copy(update={"agent": claim.agent.model_copy(update={"fields": []})})
    await order(sandbox, claim, replies=["जी।"])
    async with conversing(env, claim, sandbox) as stage:
        await stage.types("हैलो")
        await until(said(stage, "जी।"))
        (request,) = await stage.asked("llm")
    assert [row["function"]["name"] for row in request["tools"]] == ["end_call"]


# The end --------------------------------------------------------------------------------------


async def test_the_agent_hangs_up_after_its_goodbye(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    await order(sandbox, claim, replies=[calls("end_call")])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("धन्यवाद, अलविदा")
        await until(lambda: stage.shutdowns)
    assert stage.shutdowns[0] == "agent_ended"
    assert stage.ended().reason == "agent_ended"
    assert stage.codes_before == ["goodbye"]
    assert [(event.kind, event.detail) for event in stage.events()] == [("tool_called", {"name": "end_call"})]


async def test_a_call_ends_when_its_time_is_up(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim(max_seconds=0)
    async with conversing(env, claim, sandbox) as stage:
        await stage.conversation._watch_the_clock()
    assert stage.shutdowns[0] == "time_limit"
    assert stage.ended().reason == "time_limit"


async def test_a_conversation_that_could_not_begin_says_why(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    async with conversing(env, claim, sandbox) as stage:
        stage.conversation.fail(RuntimeError("no room"))
    assert stage.ended().reason == "failed"
    (event,) = stage.events()
    assert (event.kind, event.detail) == ("failed", {"message": "RuntimeError: no room"})


async def test_every_number_is_closed_when_the_visitor_leaves_in_the_middle(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker(slow=True)) as stage:
        await until(lambda: stage.session.agent_state == "speaking")
    numbers = [message.n for message in stage.recorded()[:-1] if getattr(message, "final", True)]
    assert numbers == list(range(1, stage.ended().n + 1))
    (greeting,) = [each for each in stage.recorded() if getattr(each, "final", False)]
    assert getattr(greeting, "interrupted", False)
