"""Recordings: only where both sides want one, whole, for those who may hear it, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from agents.contract import ClaimRequest
from agents.models import AgentProfile
from calls.models import Call, Recording
from calls.recordings import erase_due
from calls.services.claims import claim_call
from calls.services.record import record
from tests.factories import START, ago, happened, live_call, make_agent, make_call, said

pytestmark = pytest.mark.django_db

SOUND = b"OggS" + Random(1).randbytes(2048)
AGREED = {"version": "call-1", "recording": True}


@pytest.fixture
def agent() -> AgentProfile:
    return make_agent(recording=True)


@pytest.fixture
def recorded(agent: AgentProfile) -> Call:
    """A live call whose agent asks for a recording and whose visitor agreed."""
    return live_call(agent, consent=AGREED)


def put(worker: Client, call: Call, sound: bytes = SOUND, attempt: int = 1) -> Any:
    return worker.put(f"/api/calls/{call.pk}/recordings/{attempt}", sound, content_type="audio/ogg")


def kept(files: Path) -> list[bytes]:
    return [path.read_bytes() for path in files.rglob("*") if path.is_file()]


def hear(client: Client, call: Call, wanted: str = "") -> Any:
    headers = {"Range": wanted} if wanted else {}
    return client.get(f"/admin/calls/call/{call.pk}/recordings/1.ogg", headers=headers)


def sound_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def reviewer(client: Client, group: str = "Reviewers") -> Client:
    user = User.objects.create_user("reviewer", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


# Whose calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "consent", "typed", "recorded"),
    [
        (True, AGREED, False, True),
        (False, AGREED, False, False),
        (True, {"version": "call-1", "recording": False}, False, False),
        (True, {}, False, False),
        (True, {"recording": "yes"}, False, False),
        (True, AGREED, True, False),
    ],
)
def test_a_job_records_only_what_both_sides_want(
    offered: bool, consent: dict[str, Any], typed: bool, recorded: bool
) -> None:
    call = make_call(make_agent(recording=offered), consent=consent, typed=typed)
    assert claim_call(call.pk, ClaimRequest(job_id="j", worker_id="w")).record is recorded


@pytest.mark.parametrize("consent", [{}, {"version": "call-1", "recording": False}])
def test_a_recording_nobody_agreed_to_is_not_taken(
    agent: AgentProfile, worker: Client, files: Path, consent: dict[str, Any]
) -> None:
    answer = put(worker, live_call(agent, consent=consent))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_agreed")
    assert kept(files) == []


# Taking it in ---------------------------------------------------------------------------------


def test_it_is_kept_whole_and_a_second_try_replaces_it(recorded: Call, worker: Client, files: Path) -> None:
    assert put(worker, recorded).status_code == 200
    assert kept(files) == [SOUND]
    assert put(worker, recorded, SOUND + b"more").status_code == 200
    assert kept(files) == [SOUND + b"more"]
    assert [(each.attempt, each.bytes) for each in recorded.recordings.all()] == [(1, len(SOUND) + 4)]


@pytest.mark.parametrize(("attempt", "sound", "status"), [(2, SOUND, 404), (1, b"RIFF", 422), (1, b"", 422)])
def test_what_is_no_recording_of_the_call_is_refused(
    recorded: Call, worker: Client, files: Path, attempt: int, sound: bytes, status: int
) -> None:
    assert put(worker, recorded, sound, attempt).status_code == status
    assert kept(files) == []


# Hearing it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "status", "piece"),
    [
        ("", 200, slice(None)),
        ("bytes=0-", 206, slice(None)),
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=2000-9999", 206, slice(2000, None)),
        ("bytes=-5", 206, slice(len(SOUND) - 5, None)),
        ("bytes=0-0", 206, slice(1)),
        ("bytes=9999-", 416, slice(0)),
        ("bytes=5-4", 416, slice(0)),
        ("bytes=-", 200, slice(None)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_player_gets_the_piece_it_asks_for(
    recorded: Call, worker: Client, admin_client: Client, files: Path, wanted: str, status: int, piece: slice
) -> None:
    put(worker, recorded)
    answer = hear(admin_client, recorded, wanted)
    assert (answer.status_code, sound_of(answer)) == (status, SOUND[piece])
    assert "no-store" in answer["Cache-Control"]
    if status == 206:
        start, end, _step = piece.indices(len(SOUND))
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(SOUND)}"


def test_no_answer_is_larger_than_a_mebibyte(recorded: Call, worker: Client, admin_client: Client, files: Path) -> None:
    put(worker, recorded, SOUND * 1000)
    answer = hear(admin_client, recorded, "bytes=100-")
    assert answer.content == (SOUND * 1000)[100 : 100 + (1 << 20)]


@pytest.mark.parametrize(("group", "status"), [("Reviewers", 200), ("Operators", 200), ("Editors", 403)])
def test_only_those_who_may_hear_it_do(
    recorded: Call, worker: Client, client: Client, files: Path, group: str, status: int
) -> None:
    put(worker, recorded)
    staff = reviewer(client, group)
    answer = hear(staff, recorded)
    assert (answer.status_code, sound_of(answer) == SOUND) == (status, status == 200)
    page = staff.get(f"/admin/calls/call/{recorded.pk}/change/").content.decode()
    assert ("<audio" in page) is (status == 200)


def test_lines_say_where_they_are_heard(recorded: Call, worker: Client, admin_client: Client, files: Path) -> None:
    record(happened(recorded, 1, "recording"))  # at START + 1 s
    record(said(recorded, 2, "नमस्ते", started_at=START + timedelta(seconds=8.5)))
    page = f"/admin/calls/call/{recorded.pk}/change/"
    before = admin_client.get(page).content.decode()
    assert "being made" in before
    assert "data-second" not in before
    put(worker, recorded)
    after = admin_client.get(page).content.decode()
    assert 'data-recording="1" data-second="7.5"' in after
    assert "kept until" in after


# Its time -------------------------------------------------------------------------------------


def test_its_time_over_it_is_gone_and_stays_gone(
    agent: AgentProfile, recorded: Call, worker: Client, admin_client: Client, files: Path
) -> None:
    put(worker, recorded)
    young = live_call(make_agent(agent_id="other", recording=True), consent=AGREED)
    put(worker, young, SOUND + b"young")
    AgentProfile.objects.filter(pk=agent.pk).update(recordings_kept_days=7)
    for call in (recorded, young):
        ago(call.pk, "created_at", days=7, seconds=5)
    assert erase_due() == 1
    assert kept(files) == [SOUND + b"young"]
    assert hear(admin_client, recorded).status_code == 404
    assert "deleted on" in admin_client.get(f"/admin/calls/call/{recorded.pk}/change/").content.decode()
    assert put(worker, recorded).status_code == 403
    assert erase_due() == 0


def test_a_file_that_is_gone_already_does_not_stop_the_others(
    agent: AgentProfile, recorded: Call, worker: Client, files: Path
) -> None:
    put(worker, recorded)
    for path in files.rglob("*.ogg"):
        path.unlink()
    ago(recorded.pk, "created_at", days=31)
    assert erase_due() == 1
    assert Recording.objects.get().erased_at is not None
