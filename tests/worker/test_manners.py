"""How an agent behaves in a conversation: murmurs, numbers, silence, time, farewells and other languages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc

from agents.contract import Claim, TurnTaking
from agents.languages import LANGUAGES
from agents.smalltalk import SMALL_TALK
from agents.worker import conversation, silence
from agents.worker.floor import NUMBER_SECONDS
from agents.worker.follow import Follower
from agents.worker.silence import Silence
from agents.worker.speech import endpointing
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, Stage, conversing
from vaani.env import Env

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("plugins")]

LONG = SCRIPT["ta-IN"][0]  # spoken long enough to stop the agent's voice


@pytest.fixture
def env(sandbox: Sandbox, website: Web, redis_url: str, spool: Path) -> Env:
    return make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)


def claim_of(language: str = "ta-IN", **changes: Any) -> Claim:
    claim = make_claim(language)
    return claim.model_copy(update={"agent": claim.agent.model_copy(update=changes)})


def said(stage: Stage, text: str) -> Callable[[], bool]:
    return lambda: stage.turn(text) is not None


def kinds(stage: Stage) -> list[str]:
    return [event.kind for event in stage.events()]


# Murmurs --------------------------------------------------------------------------------------

STATEMENT = "நாங்க தினமும் காலை பத்து மணிக்கு திறப்போம்."


async def over_a_reply(env: Env, sandbox: Sandbox, reply: str, heard: str) -> tuple[Stage, Loudspeaker]:
    """What becomes of a reply over which the visitor says something."""
    claim = claim_of()
    await sandbox.order(str(claim.call_id), hear=[heard], replies=[reply, "நன்றி ரவி."])
    microphone, speaker = Microphone(), Loudspeaker(pause=True)
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=speaker) as stage:
        await until(lambda: len(stage.turns()) == 1)
        speaker.slow = True
        await stage.types("எப்போ?")
        await until(lambda: stage.session.agent_state == "speaking")
        await until(lambda: stage.conversation.floor._reply.made)
        microphone.say(LONG, "ta-IN")
        await until(lambda: speaker.pauses, "for the voice to stop")
        await until(lambda: "backchannel" in kinds(stage) or stage.turn(heard))
        if "backchannel" in kinds(stage):
            await until(lambda: not speaker.paused, "for the voice to go on")
        speaker.slow = False
        speaker.let_go()
        await until(said(stage, reply) if "backchannel" in kinds(stage) else said(stage, "நன்றி ரவி."))
    return stage, speaker


async def test_a_murmur_over_a_statement_costs_nothing_of_it(env: Env, sandbox: Sandbox) -> None:
    stage, _speaker = await over_a_reply(env, sandbox, STATEMENT, "ஆமா, சரி.")
    assert [role for role, _ in stage.turns()] == ["agent", "visitor", "agent"]
    reply = stage.turn(STATEMENT)
    assert reply is not None
    assert not reply.interrupted
    assert [event.detail for event in stage.events()] == [{"text": "ஆமா, சரி."}]


async def test_wait_stops_the_agent(env: Env, sandbox: Sandbox) -> None:
    stage, _speaker = await over_a_reply(env, sandbox, STATEMENT, "இருங்க, ஒரு நிமிஷம்.")
    assert ("visitor", "இருங்க, ஒரு நிமிஷம்.") in stage.turns()
    assert "backchannel" not in kinds(stage)


async def test_the_same_word_over_the_end_of_a_question_is_its_answer(env: Env, sandbox: Sandbox) -> None:
    stage, _speaker = await over_a_reply(env, sandbox, "சரியா?", "ஆமா, சரி.")
    assert ("visitor", "ஆமா, சரி.") in stage.turns()
    assert ("agent", "நன்றி ரவி.") in stage.turns()


async def test_after_the_agent_has_spoken_it_is_an_answer_too(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of()
    await sandbox.order(str(claim.call_id), hear=["ஆமா."], replies=["நன்றி."])
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker(pause=True)) as stage:
        await until(lambda: len(stage.turns()) == 1)
        microphone.say(LONG, "ta-IN")
        await until(said(stage, "நன்றி."))
    assert stage.turns()[1] == ("visitor", "ஆமா.")


# Numbers --------------------------------------------------------------------------------------


async def test_it_waits_for_the_rest_of_a_number(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of()
    await sandbox.order(str(claim.call_id), hear=["என் நம்பர் 98409", "50950"], replies=["எழுதிக்கிட்டேன்."] * 3)
    microphone = Microphone()
    base = endpointing(LANGUAGES["ta-IN"], TurnTaking())
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:

        def waits() -> float:
            return stage.session.options.endpointing["min_delay"]

        await until(lambda: len(stage.turns()) == 1)
        assert waits() == base["min_delay"]
        microphone.say(LONG, "ta-IN")
        await until(lambda: waits() == base["min_delay"] + NUMBER_SECONDS, "for the wait to grow")
        microphone.say(LONG, "ta-IN")
        await until(lambda: waits() == base["min_delay"], "for the number to be whole")
        await until(said(stage, "எழுதிக்கிட்டேன்."))
    assert stage.turns()[1:] == [("visitor", "என் நம்பர் 98409 50950"), ("agent", "எழுதிக்கிட்டேன்.")]


# Silence and the end --------------------------------------------------------------------------


class Deeds:
    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, name: str) -> Callable[[], Any]:
        async def act() -> None:
            self.done.append(name)

        return act


def measuring(ask: float = 0.01, leave: float = 0.01) -> tuple[Silence, list[str]]:
    deeds = Deeds()
    limits = TurnTaking.model_construct(ask_after=ask, leave_after=leave)
    return Silence(limits, ask=deeds("ask"), leave=deeds("leave"), close=deeds("close")), deeds.done


async def test_silence_is_asked_about_once_and_then_ends_the_call() -> None:
    silent, done = measuring()
    silent.begins()
    await until(lambda: done == ["ask"])
    silent.agent_spoke(False)
    silent.begins()
    await until(lambda: done == ["ask", "leave"])


async def test_words_begin_it_anew_and_sounds_only_break_it() -> None:
    silent, done = measuring(ask=0.01, leave=60)
    silent.begins()
    await until(lambda: done == ["ask"])
    silent.breaks()
    silent.begins()
    assert silent._next()[0] == 60
    silent.visitor_spoke()
    silent.begins()
    await until(lambda: done == ["ask", "ask"])
    silent.stop()


async def test_after_a_farewell_the_line_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "FAREWELL_SECONDS", 0.01)
    silent, done = measuring(ask=60)
    silent.visitor_spoke()
    silent.agent_spoke(True)
    assert silent._next()[0] == 60, "what greets back is no farewell yet"
    silent.visitor_spoke()
    silent.begins()
    silent.agent_spoke(True)
    await until(lambda: done == ["close"])


async def test_nobody_there_is_asked_told_and_left(env: Env, sandbox: Sandbox) -> None:
    limits = TurnTaking.model_construct(extra_wait=0.2, stop_after=0.5, ask_after=0.2, leave_after=0.2)
    claim = claim_of(turn_taking=limits)
    talk = SMALL_TALK["ta-IN"]
    async with conversing(env, claim, sandbox, microphone=Microphone(), loudspeaker=Loudspeaker()) as stage:
        await until(lambda: stage.shutdowns)
    assert [text for _role, text in stage.turns()][1:] == [talk.still_there, talk.nobody_there]
    assert stage.ended().reason == "silence"
    assert stage.codes_before == ["goodbye"]


async def test_who_types_is_never_asked_why_they_are_silent(env: Env, sandbox: Sandbox) -> None:
    limits = TurnTaking.model_construct(extra_wait=0.2, stop_after=0.5, ask_after=0.0, leave_after=0.0)
    claim = claim_of(turn_taking=limits).model_copy(update={"typed": True})
    await sandbox.order(str(claim.call_id), replies=["சரி."])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("ஹலோ")
        await until(said(stage, "சரி."))
    assert SMALL_TALK["ta-IN"].still_there not in [text for _role, text in stage.turns()]


async def test_a_goodbye_ends_the_call_though_the_model_forgets_to(
    env: Env, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "FAREWELL_SECONDS", 0.05)
    claim = claim_of()
    await sandbox.order(str(claim.call_id), replies=["சொல்லுங்க ரவி?", "நன்றி, வணக்கம்."])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("நான் ரவி")
        await until(said(stage, "சொல்லுங்க ரவி?"))
        await stage.types("அவ்வளவுதான், நன்றி")
        await until(lambda: stage.shutdowns)
    assert stage.ended().reason == "agent_ended"
    assert stage.codes_before == ["goodbye"]
    assert stage.turns()[-1] == ("agent", "நன்றி, வணக்கம்.")


async def test_a_model_that_leaves_without_a_word_is_given_one(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of()
    await sandbox.order(str(claim.call_id), replies=[{"tool": "end_call", "arguments": {}}])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("போதும்")
        await until(lambda: stage.shutdowns)
    assert stage.turns()[-1] == ("agent", SMALL_TALK["ta-IN"].goodbye)


async def test_the_time_limit_is_told_before_and_at_the_end(
    env: Env, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "WARNING_SECONDS", 0.05)
    claim = make_claim("ta-IN", max_seconds=1)
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await asyncio.wait_for(stage.conversation._watch_the_clock(), 20)
    talk = SMALL_TALK["ta-IN"]
    assert [text for _role, text in stage.turns()][1:] == [talk.minute_left, talk.time_up]
    assert stage.codes_before == ["time_left", "goodbye"]
    assert stage.ended().reason == "time_limit"


@pytest.mark.parametrize(("seconds", "warned"), [(45, 60.0), (100, 99.5)])
async def test_a_short_call_shows_the_time_that_is_left_and_is_not_interrupted_for_it(
    env: Env, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, seconds: int, warned: float
) -> None:
    monkeypatch.setattr(conversation, "WARNING_SECONDS", warned)
    async with conversing(env, make_claim("ta-IN", max_seconds=seconds), sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        stage.conversation.spawn(stage.conversation._watch_the_clock())
        await until(lambda: stage.page.told)
    (notice,) = stage.page.told
    assert notice["code"] == "time_left"
    assert seconds - 10 <= notice["seconds"] <= seconds, "what is left, not a minute"
    assert len(stage.turns()) == 1


async def test_a_page_that_cannot_be_told_keeps_no_call_open(
    env: Env, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(text: str, *, topic: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(conversation, "NOTICE_SECONDS", 0.05)
    async with conversing(env, make_claim(max_seconds=0), sandbox) as stage:
        monkeypatch.setattr(stage.page, "send_text", hang)
        await asyncio.wait_for(stage.conversation._watch_the_clock(), 20)
    assert stage.ended().reason == "time_limit"
    await conversation.send_notice(rtc.Room(), "goodbye")  # which nobody is in


# Other languages ------------------------------------------------------------------------------


async def test_a_visitor_is_followed_after_two_utterances_in_another_language() -> None:
    follower = Follower(["hi-IN", "ta-IN"], "hi-IN")
    assert follower.hears("எனக்கு அப்பாயிண்ட்மெண்ட் வேணும்", "ta-IN") is None
    assert follower.hears("சரி", "ta-IN") is None, "too short to tell"
    assert follower.hears("ok", "hi-IN") is None
    assert follower.hears("நாளைக்கு காலையில வரலாமா", "ta-IN") == "ta-IN"


async def test_a_visitor_who_mixes_or_speaks_what_is_not_offered_is_not_followed() -> None:
    follower = Follower(["hi-IN", "ta-IN"], "hi-IN")
    assert follower.hears("எனக்கு அப்பாயிண்ட்மெண்ட் வேணும்", "ta-IN") is None
    assert follower.hears("मुझे कल आना है", "hi-IN") is None
    assert follower.hears("எனக்கு அப்பாயிண்ட்மெண்ட் வேணும்", "ta-IN") is None
    assert follower.hears("i want an appointment", "en-IN") is None
    assert follower.hears("i want an appointment", "en-IN") is None
    assert follower.hears("three words here", None) is None


async def test_it_follows_the_visitor_and_still_hears(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of("hi-IN", languages=["hi-IN", "ta-IN"])
    lines = ["எனக்கு அப்பாயிண்ட்மெண்ட் வேணும்", "நாளைக்கு காலையில வரலாமா", "ரொம்ப நன்றி"]
    hear = [{"text": line, "language": "ta-IN"} for line in lines]
    replies = ["तमिल में बात करें?", "வாங்க, பத்து மணிக்கு.", "சரி."]
    await sandbox.order(str(claim.call_id), hear=hear, replies=replies)
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        for reply in replies:
            microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
            await until(said(stage, reply))
        spoken, asked, ears = await stage.asked("tts"), await stage.asked("llm"), await stage.asked("stt")
    assert [entry["language"] for entry in spoken if entry["text"] in replies] == ["hi-IN", "ta-IN", "ta-IN"]
    prompts = [request["messages"][0]["content"] for request in asked]
    assert "Speak Hindi" in prompts[0]
    assert "Speak Tamil" in prompts[-1]
    assert [entry["event"] for entry in ears].count("open") == 1, "the ear was left alone"
    languages = {text: turn.language for role, text in stage.turns() if (turn := stage.turn(text))}
    assert [languages[text] for text in (*lines, *replies)] == ["ta-IN"] * 3 + ["hi-IN", "ta-IN", "ta-IN"]
    assert [event.detail for event in stage.events() if event.kind == "language_switched"] == [{"language": "ta-IN"}]


async def test_it_changes_language_when_asked(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of("hi-IN", languages=["hi-IN", "ta-IN"])
    ask = {"tool": "speak_language", "arguments": {"language": "ta-IN"}}
    await sandbox.order(str(claim.call_id), replies=[ask, "சரி, தமிழ்ல பேசலாம்."])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("तमिल में बोलिए")
        await until(said(stage, "சரி, தமிழ்ல பேசலாம்."))
        spoken = await stage.asked("tts")
    assert spoken[-1]["language"] == "ta-IN"
    assert stage.conversation.language.code == "ta-IN"


async def test_a_language_that_is_not_offered_is_refused(env: Env, sandbox: Sandbox) -> None:
    claim = claim_of("hi-IN", languages=["hi-IN", "ta-IN"])
    ask = {"tool": "speak_language", "arguments": {"language": "te-IN"}}
    await sandbox.order(str(claim.call_id), replies=[ask, "माफ़ कीजिए।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("తెలుగులో మాట్లాడండి")
        await until(said(stage, "माफ़ कीजिए।"))
        asked = await stage.asked("llm")
    assert "You speak only hi-IN, ta-IN" in asked[-1]["messages"][-1]["content"]
    assert stage.conversation.language.code == "hi-IN"
