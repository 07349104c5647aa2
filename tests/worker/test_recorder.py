"""From what the session tells to what is recorded: numbers in the order of beginning to speak, and none left open."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from livekit.agents import AgentStateChangedEvent, ConversationItemAddedEvent, UserInputTranscribedEvent
from livekit.agents.llm import ChatMessage, ChatRole

from agents.contract import CallEnded, EventMessage, TurnMessage
from agents.worker.recorder import Recorder
from tests.worker.conftest import Sink

CALL = uuid4()
BEGAN, STOPPED = 1_790_000_000.5, 1_790_000_004.25


class Stage:
    """A recorder, and a session's events in few words."""

    def __init__(self) -> None:
        self.sink = Sink()
        self.recorder = Recorder(self.sink, call_id=CALL, attempt=2, language="ta-IN")

    def hears(self, text: str, *, final: bool = True) -> None:
        self.recorder.on_heard(UserInputTranscribedEvent(transcript=text, is_final=final))

    def agent_is(self, state: Any, before: Any = "thinking") -> None:
        self.recorder.on_agent_state(AgentStateChangedEvent(old_state=before, new_state=state))

    def item(self, role: ChatRole, text: str, *, interrupted: bool = False, **metrics: Any) -> None:
        message = ChatMessage(role=role, content=[text], interrupted=interrupted, metrics=metrics)
        self.recorder.on_item(ConversationItemAddedEvent(item=message))

    def makes(self, *deltas: str) -> None:
        self.recorder.on_reply_begins()
        for delta in deltas:
            self.recorder.on_reply_text(delta)

    def says(self, text: str) -> None:
        """A whole reply, as the framework tells of it."""
        self.makes(text)
        self.agent_is("speaking")
        self.item("assistant", text)
        self.agent_is("listening", "speaking")

    def told(self) -> list[tuple[Any, ...]]:
        """Turns in the order they were put out: number, role, text, finality."""
        return [
            (message.n, message.role, message.text, "final" if message.final else "draft")
            for message in self.sink.messages
            if isinstance(message, TurnMessage)
        ]

    def turn(self, n: int) -> TurnMessage:
        """The final turn of a number."""
        (found,) = [m for m in self.sink.messages if isinstance(m, TurnMessage) and m.n == n and m.final]
        return found

    def end(self) -> CallEnded:
        self.recorder.end("visitor_left")
        last = self.sink.messages[-1]
        assert isinstance(last, CallEnded)
        return last


def test_it_numbers_turns_in_the_order_of_beginning_to_speak() -> None:
    stage = Stage()
    stage.says("வணக்கம்!")
    stage.hears("என் பெயர்")
    stage.hears("கார்த்திக்")
    stage.item("user", "என் பெயர் கார்த்திக்")
    stage.says("நன்றி.")
    last = stage.end()
    assert [line for line in stage.told() if line[3] == "final"] == [
        (1, "agent", "வணக்கம்!", "final"),
        (2, "visitor", "என் பெயர் கார்த்திக்", "final"),
        (3, "agent", "நன்றி.", "final"),
    ]
    assert (last.n, last.item_id, last.reason) == (3, "2.3", "visitor_left")
    assert {message.call_id for message in stage.sink.messages} == {CALL}
    assert {message.attempt for message in stage.sink.messages} == {2}
    assert stage.turn(1).language == "ta-IN"


def test_a_visitor_who_speaks_while_the_agent_does_comes_after_it_though_closed_before() -> None:
    stage = Stage()
    stage.makes("நீண்ட பதில்.")
    stage.agent_is("speaking")
    stage.hears("நிறுத்துங்க")
    stage.item("user", "நிறுத்துங்க")
    stage.item("assistant", "நீண்ட", interrupted=True)
    assert stage.turn(1).role == "agent"
    assert stage.turn(1).interrupted
    assert stage.turn(1).text == "நீண்ட", "as far as it was heard"
    assert (stage.turn(2).role, stage.turn(2).interrupted) == ("visitor", False)


def test_drafts_grow_with_the_words_and_are_followed_by_the_final() -> None:
    stage = Stage()
    stage.hears("ஒன்று", final=False)
    stage.hears("   ")
    stage.hears("ஒன்று ")
    stage.hears("இரண்டு")
    stage.item("user", "ஒன்று இரண்டு")
    assert stage.told() == [
        (1, "visitor", "ஒன்று", "draft"),
        (1, "visitor", "ஒன்று இரண்டு", "draft"),
        (1, "visitor", "ஒன்று இரண்டு", "final"),
    ]


def test_the_agents_draft_is_refreshed_at_each_sentence_once_it_speaks() -> None:
    stage = Stage()
    stage.makes("एक", " दो।", " तीन")
    assert stage.told() == [], "nobody has heard a word of it"
    stage.agent_is("speaking")
    stage.recorder.on_reply_text(" चार?")
    stage.recorder.on_reply_text(" पाँच")
    assert stage.told() == [
        (1, "agent", "एक दो। तीन", "draft"),
        (1, "agent", "एक दो। तीन चार?", "draft"),
    ]


def test_a_reply_that_is_paused_and_goes_on_stays_one_turn() -> None:
    stage = Stage()
    stage.makes("पूरी बात।")
    stage.agent_is("speaking")
    stage.agent_is("listening", "speaking")
    stage.agent_is("speaking", "listening")
    stage.item("assistant", "पूरी बात।")
    assert [line for line in stage.told() if line[3] == "final"] == [(1, "agent", "पूरी बात।", "final")]


def test_a_reply_cut_off_before_a_word_was_heard_lends_its_number_to_no_other() -> None:
    stage = Stage()
    stage.makes("सुनिए।")
    stage.agent_is("speaking")
    stage.agent_is("listening", "speaking")
    stage.hears("रुकिए")
    stage.item("user", "रुकिए")
    stage.says("जी।")
    assert (stage.turn(1).text, stage.turn(1).interrupted) == ("", True)
    assert [stage.turn(n).text for n in (2, 3)] == ["रुकिए", "जी।"]
    assert stage.end().n == 3


def test_a_typed_turn_is_marked_and_the_next_spoken_one_is_not() -> None:
    stage = Stage()
    stage.recorder.on_typed("लिखा हुआ")
    stage.item("user", "लिखा हुआ")
    stage.hears("बोला हुआ")
    stage.item("user", "बोला हुआ")
    assert [(stage.turn(n).text, stage.turn(n).typed) for n in (1, 2)] == [("लिखा हुआ", True), ("बोला हुआ", False)]


def test_words_spoken_while_something_is_typed_stay_a_turn_of_their_own() -> None:
    stage = Stage()
    stage.hears("बोल रहा हूँ")
    stage.recorder.on_typed("और लिख भी")
    stage.item("user", "और लिख भी")
    stage.hears("अब भी")
    stage.item("user", "बोल रहा हूँ अब भी")
    assert [(stage.turn(n).text, stage.turn(n).typed) for n in (1, 2)] == [
        ("बोल रहा हूँ अब भी", False),
        ("और लिख भी", True),
    ]


def test_a_turn_without_a_state_event_takes_its_time_from_the_item() -> None:
    stage = Stage()
    stage.item("assistant", "जी।", started_speaking_at=BEGAN, stopped_speaking_at=STOPPED)
    turn = stage.turn(1)
    assert turn.ended_at is not None
    assert (turn.started_at.timestamp(), turn.ended_at.timestamp()) == (BEGAN, STOPPED)


def test_an_item_without_words_or_of_another_kind_is_no_turn() -> None:
    stage = Stage()
    stage.item("assistant", "  ")
    stage.item("system", "You are Asha")
    assert stage.sink.messages == []
    assert stage.end().n == 0


def test_latencies_are_those_of_the_visitors_turn_and_of_the_reply_to_it() -> None:
    stage = Stage()
    stage.item("user", "जी?", transcription_delay=0.25, end_of_turn_delay=0.75)
    stage.item("assistant", "जी।", llm_node_ttft=0.5, tts_node_ttfb=0.125, playback_latency=0.0625, e2e_latency=1.5)
    stage.item("assistant", "और।", llm_node_ttft=0.375)
    assert stage.turn(1).latencies.model_dump(exclude_none=True) == {}
    assert stage.turn(2).latencies.model_dump() == {
        "endpointing": 0.5,
        "stt": 0.25,
        "llm": 0.5,
        "tts": 0.125,
        "playback": 0.0625,
        "total": 1.5,
    }
    assert stage.turn(3).latencies.model_dump(exclude_none=True) == {"llm": 0.375}, "nobody waited for that one"


def test_words_that_came_after_the_turn_was_known_to_be_over_give_no_negative_wait() -> None:
    stage = Stage()
    stage.item("user", "जी?", transcription_delay=0.5, end_of_turn_delay=0.25)
    stage.item("assistant", "जी।")
    assert stage.turn(2).latencies.endpointing == 0


def test_events_take_numbers_among_the_turns() -> None:
    stage = Stage()
    stage.says("एक")
    assert stage.recorder.event("tool_called", {"name": "save_details"}) == "2.2"
    stage.says("दो")
    assert [stage.turn(n).text for n in (1, 3)] == ["एक", "दो"]
    (event,) = [message for message in stage.sink.messages if isinstance(message, EventMessage)]
    assert (event.n, event.kind, event.detail) == (2, "tool_called", {"name": "save_details"})
    assert stage.end().n == 3


def test_the_end_closes_what_is_open_with_the_words_there_are() -> None:
    stage = Stage()
    stage.makes("आधी", " बात")
    stage.agent_is("speaking")
    stage.hears("मैं चला")
    last = stage.end()
    assert (stage.turn(1).text, stage.turn(1).interrupted) == ("आधी बात", True)
    assert stage.turn(2).text == "मैं चला"
    assert last.n == 2


WORDS = st.sampled_from(["एक", "दो।", "மூன்று?", " ", ""])
HAPPENING = st.one_of(
    st.tuples(st.just("hears"), WORDS, st.booleans()),
    st.tuples(st.just("types"), WORDS, st.none()),
    st.tuples(st.just("state"), st.sampled_from(["speaking", "listening", "thinking", "idle"]), st.none()),
    st.tuples(st.just("user"), WORDS, st.booleans()),
    st.tuples(st.just("assistant"), WORDS, st.booleans()),
    st.tuples(st.just("begins"), st.just(""), st.none()),
    st.tuples(st.just("delta"), WORDS, st.none()),
    st.tuples(st.just("event"), st.just("x"), st.none()),
)


@given(st.lists(HAPPENING, max_size=40))
def test_in_whatever_order_things_happen_every_number_up_to_the_last_is_closed_once(
    happenings: list[tuple[str, str, bool | None]],
) -> None:
    stage = Stage()
    for what, text, flag in happenings:
        match what:
            case "hears":
                stage.hears(text, final=bool(flag))
            case "types":
                stage.recorder.on_typed(text)
            case "state":
                stage.agent_is(text)
            case "user" | "assistant":
                stage.item("user" if what == "user" else "assistant", text, interrupted=bool(flag))
            case "begins":
                stage.recorder.on_reply_begins()
            case "delta":
                stage.recorder.on_reply_text(text)
            case "event":
                stage.recorder.event("x", {})
    last = stage.end()
    closed = [
        m.n for m in stage.sink.messages[:-1] if isinstance(m, EventMessage) or (isinstance(m, TurnMessage) and m.final)
    ]
    assert sorted(closed) == list(range(1, last.n + 1))
    done: set[int] = set()
    roles: dict[int, str] = {}
    for message in stage.sink.messages[:-1]:
        assert message.n not in done, "nothing follows a final of the same number"
        if isinstance(message, TurnMessage):
            assert roles.setdefault(message.n, message.role) == message.role
        if not isinstance(message, TurnMessage) or message.final:
            done.add(message.n)
