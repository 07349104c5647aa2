"""The calls' admin: a list that stays cheap, and a page that reads as a conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from agents.models import AgentProfile
from calls.live import call_mark
from calls.models import Attempt, Call, CallEvent, Turn
from calls.transcript import lines
from calls.waiting import wait_words
from tests.factories import START, make_agent, make_call

LIST = "/admin/calls/call/"


def turn(seq: int, text: str, *, second: float, role: str = "visitor", **values: Any) -> Turn:
    at = START + timedelta(seconds=second)  # 14:30 in India, and on
    return Turn(item_id=f"1.{seq}", attempt=1, seq=seq, role=role, text=text, started_at=at, **values)


def event(kind: str, *, second: float, **detail: Any) -> CallEvent:
    return CallEvent(item_id=f"{kind}.{second}", kind=kind, at=START + timedelta(seconds=second), detail=detail)


def store(call: Call, *items: Turn | CallEvent) -> None:
    for item in items:
        item.call = call
        item.save()


# Transcript -------------------------------------------------------------------------------------


def test_events_stand_among_the_turns_by_time() -> None:
    page = lines(
        [turn(1, "a", second=1), turn(2, "b", second=5)],
        [event("room_finished", second=9), event("failed", second=3), event("participant_joined", second=0)],
        "female",
    )
    assert [line.text for line in page] == ["The visitor joined", "a", "Something failed", "b", "The room was closed"]


def test_turns_keep_their_order_whatever_their_clocks_say() -> None:
    page = lines([turn(1, "first", second=5), turn(2, "second", second=2)], [event("failed", second=3)], "female")
    assert [line.text for line in page] == ["Something failed", "first", "second"]


def test_marks_and_times_are_told() -> None:
    (line,) = lines([turn(1, "x", second=2, typed=True, interrupted=True, final=False)], [], "female")
    assert line.clock == "14:30:02"
    assert (line.marks, line.draft) == (["typed", "interrupted"], True)


def test_a_turn_that_shows_another_gender_than_the_voices_is_marked() -> None:
    said = turn(1, "जी, मैं अभी देख रहा हूँ। आप कर सकते हैं।", second=2)
    said.role, said.language = Turn.Role.AGENT, "hi-IN"
    (line,) = lines([said], [], "female")
    assert line.marks == ["not the voice's gender: रहा हूँ"]
    (line,) = lines([said], [], "male")
    assert line.marks == []


def test_an_agent_who_leaves_is_not_called_a_visitor() -> None:
    (line,) = lines([], [event("participant_left", second=1, who="agent")], "female")
    assert (line.text, line.details) == ("The agent left", [])


def test_a_failed_provider_is_named_by_what_it_does() -> None:
    (line,) = lines([], [event("provider_failed", second=1, part="tts", message="429")], "female")
    assert (line.text, line.trouble) == ("A provider failed", True)
    assert line.details == [("part", "speaking"), ("message", "429")]


def test_an_unknown_event_is_shown_as_it_is() -> None:
    (line,) = lines([], [event("solar_flare", second=1, sizes=[1, 2], place={"of": "sun"})], "female")
    assert (line.text, line.details) == ("solar_flare", [("sizes", "1, 2"), ("place", "of sun")])


THINKING = "slow because thinking took long"
LINE = "slow because the line or the agent's machine was slow"
PARTS = {"endpointing": 0.5, "stt": None, "llm": 0.31, "tts": 0.42, "playback": None, "total": 1.23}
SAID = "0.5 s to be sure the visitor had finished, 0.3 s to think, 0.4 s to start speaking"


@pytest.mark.parametrize(
    ("latencies", "heard", "words"),
    [
        (PARTS, None, f"answered after 1.5 s (estimated): {SAID}, 0.2 s on the line"),
        (PARTS, 1.62, f"answered after 1.6 s: {SAID}, 0.4 s on the line"),
        (PARTS, 1.2, f"answered after 1.2 s: {SAID}"),
        (
            PARTS | {"llm": 2.4},
            3.4,
            f"answered after 3.4 s: {SAID.replace('0.3', '2.4')}, 0.1 s on the line; {THINKING}",
        ),
        (PARTS, 9, f"answered after 9.0 s: {SAID}, 7.8 s on the line; {LINE}"),
        ({}, 1.0, "answered after 1.0 s: 1.0 s on the line"),
        ({"llm": 0.4, "total": None}, None, "0.4 s to think"),
        ({}, None, ""),
    ],
)
def test_the_wait_is_told_in_plain_words(latencies: dict[str, float | None], heard: float | None, words: str) -> None:
    assert wait_words(latencies, heard) == words


# Pages ------------------------------------------------------------------------------------------


def test_the_call_page_shows_the_conversation_in_its_own_language(admin_client: Client, agent: AgentProfile) -> None:
    call = make_call(agent, language="ta-IN", visitor_name="கார்த்திக்", consent={"recording": True, "callback": False})
    store(
        call,
        turn(1, "வணக்கம்!", second=1, role="agent", language="ta-IN"),
        turn(2, "Hello", second=4, language="en-IN"),
        turn(3, "சரிங்க.", second=6, role="agent", latencies={"total": 1.2}),
    )
    Attempt.objects.create(call=call, number=1, job_id="J", worker_id="worker-7")
    text = admin_client.get(f"{LIST}{call.pk}/change/").content.decode()
    assert text.index("வணக்கம்!") < text.index("Hello") < text.index("சரிங்க.")
    assert 'lang="en-IN" dir="auto">Hello' in text
    assert 'lang="ta-IN" dir="auto">சரிங்க.' in text
    for words in ("14:30:04", "answered after 1.4 s", "Asha, version 1", "தமிழ்", "worker-7", "recording"):
        assert words in text


def test_a_live_call_grows_and_a_finished_one_stands_still(admin_client: Client, agent: AgentProfile) -> None:
    call = make_call(agent, status=Call.Status.LIVE)
    store(call, turn(1, "நம", second=1, role="agent", final=False))
    page = f"{LIST}{call.pk}/change/"
    text = admin_client.get(page).content.decode()
    assert f'data-socket="/ws/admin/calls/{call.pk}/"' in text
    part = admin_client.get(f"{page}?part").content.decode()
    assert "<html" not in part
    for words in (f'data-mark="{call_mark(call.pk)}"', "நம", "being said"):
        assert words in text
        assert words in part
    Call.objects.filter(pk=call.pk).update(status=Call.Status.SETTLED)
    text = admin_client.get(page).content.decode()
    assert "draft: the end was not heard" in text
    assert "live.js" not in text


def test_markup_in_a_call_is_shown_as_text(admin_client: Client, agent: AgentProfile, admin_user: User) -> None:
    evil = "<script>alert(1)</script>"
    AgentProfile.objects.filter(pk=agent.pk).update(name=evil)
    call = make_call(agent, visitor_name=evil, voice=evil[:40], source={evil: evil}, consent={evil: evil})
    store(
        call,
        turn(1, evil, second=1, language=evil[:10]),
        turn(2, evil, second=2, role="agent", latencies={"total": 1.0}),
        event("error", second=3, **{evil: evil}),
        event(evil[:40], second=4, nested={evil: [evil]}),
    )
    Attempt.objects.create(call=call, number=1, job_id="J", worker_id=evil)
    for path in (LIST, f"{LIST}{call.pk}/change/"):
        text = admin_client.get(path).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_calls_are_for_reading_only(admin_client: Client, agent: AgentProfile) -> None:
    call = make_call(agent)
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{call.pk}/change/", {"visitor_name": "x"}).status_code == 403
    assert admin_client.post(f"{LIST}{call.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Call.objects.filter(pk=call.pk, visitor_name="").exists()


def test_the_list_asks_no_more_for_many_calls_than_for_one(
    admin_client: Client, agent: AgentProfile, django_assert_num_queries: Any
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            store(make_call(agent), turn(1, "a", second=1), turn(2, "b", second=2))

    add(1)
    # Session, user, agents of the filter, calls.
    with django_assert_num_queries(5):
        admin_client.get(LIST)
    add(9)
    with django_assert_num_queries(5):
        response = admin_client.get(LIST)
    assert [call.turn_count for call in response.context["cl"].result_list] == [2] * 10


def test_the_call_page_asks_no_more_for_a_long_call(
    admin_client: Client, agent: AgentProfile, django_assert_max_num_queries: Any
) -> None:
    call = make_call(agent)
    store(call, *(turn(n, "a", second=n) for n in range(1, 40)))
    with django_assert_max_num_queries(13):
        admin_client.get(f"{LIST}{call.pk}/change/")


def found(client: Client, query: str) -> list[str]:
    calls: list[Call] = list(client.get(f"{LIST}?{query}").context["cl"].result_list)
    return [call.visitor_name for call in calls]


def test_calls_are_found_by_name_and_by_the_start_of_their_id(admin_client: Client, agent: AgentProfile) -> None:
    ravi, _meena = make_call(agent, visitor_name="Ravi"), make_call(agent, visitor_name="மீனா")
    assert found(admin_client, "q=மீனா") == ["மீனா"]
    assert found(admin_client, f"q={str(ravi.pk)[:13]}") == ["Ravi"]
    assert found(admin_client, f"q={ravi.pk}") == ["Ravi"]
    assert found(admin_client, "q=zzzz") == []
    assert found(admin_client, "q=----") == []


def test_calls_are_filtered_by_what_staff_ask_for(admin_client: Client, agent: AgentProfile) -> None:
    make_call(agent, visitor_name="Ravi", language="hi-IN", status=Call.Status.LIVE)
    make_call(agent, visitor_name="Meena", language="ta-IN", kind=Call.Kind.TRIAL)
    other = make_agent(agent_id="other")
    assert found(admin_client, "language__exact=hi-IN") == ["Ravi"]
    assert found(admin_client, "status__exact=live") == ["Ravi"]
    assert found(admin_client, "kind__exact=trial") == ["Meena"]
    assert found(admin_client, f"agent__id__exact={other.pk}") == []
    assert found(admin_client, "created_at__gte=2999-01-01T00:00:00%2B05:30") == []
