"""Hearing a voice before it is chosen: a real HTTP server in Sarvam's place, well and unwell."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from agents import samples, services
from tests.conftest import SetEnv

pytestmark = pytest.mark.django_db

WAV = b"RIFF\x24\x00\x00\x00WAVE"
SPOKEN = json.dumps({"audios": [base64.b64encode(WAV).decode()]}).encode()


class Sarvam:
    """A text-to-speech endpoint: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.status, self.body, self.hangs = 200, SPOKEN, False
        self.closing = threading.Event()  # frees whoever hangs
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/text-to-speech"
                server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                server.keys.append(self.headers["api-subscription-key"])
                if server.hangs:
                    server.closing.wait(10)
                    return
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def sarvam(set_env: SetEnv) -> Iterator[Sarvam]:
    server = Sarvam()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    set_env(sarvam_base_url=f"http://127.0.0.1:{server.http.server_port}", sarvam_api_key="a-key")
    yield server
    server.closing.set()
    server.http.shutdown()
    thread.join()
    server.http.server_close()


def hear(client: Client, voice: str = "arya", language: str = "hi-IN") -> Any:
    return client.get(f"/api/voices/{voice}/sample", {"language": language})


def test_a_voice_says_the_greeting_by_its_own_name(admin_client: Client, sarvam: Sarvam) -> None:
    answer = hear(admin_client, "hitesh", "or-IN")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "audio/wav", WAV)
    (asked,) = sarvam.asked
    assert (asked["speaker"], asked["model"], asked["target_language_code"]) == ("hitesh", "bulbul:v2", "od-IN")
    assert "Hitesh" in asked["text"]
    assert sarvam.keys == ["a-key"]


def test_the_same_sample_is_asked_for_once(admin_client: Client, sarvam: Sarvam) -> None:
    assert [hear(admin_client).content, hear(admin_client).content] == [WAV, WAV]
    assert len(sarvam.asked) == 1
    hear(admin_client, language="ta-IN")
    assert len(sarvam.asked) == 2


def test_a_voice_of_a_refused_model_is_heard_as_calls_sound(admin_client: Client, sarvam: Sarvam) -> None:
    services.mark_refused("bulbul:v2", "model_not_found")
    hear(admin_client)
    assert (sarvam.asked[0]["speaker"], sarvam.asked[0]["model"]) == ("pooja", "bulbul:v3")


def test_without_redis_it_is_still_heard(sarvam: Sarvam, redis_down: None) -> None:
    assert samples.voice_sample("arya", "hi-IN") == WAV


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b"{}", "refuses its key"),
        (403, b"{}", "refuses its key"),
        (500, b"{}", "answered 500"),
        (200, b"<html>", "could not be read"),
        (200, b'{"audios": []}', "could not be read"),
        (200, b'{"audios": ["%%%"]}', "could not be read"),
        (200, b'{"audios": [""]}', "holds no sound"),
    ],
)
def test_no_sound_is_told_and_not_kept(
    admin_client: Client, sarvam: Sarvam, status: int, body: bytes, why: str
) -> None:
    sarvam.status, sarvam.body = status, body
    answer = hear(admin_client)
    assert (answer.status_code, answer.json()["code"]) == (502, "voice_unavailable")
    assert why in answer.json()["detail"]
    sarvam.status, sarvam.body = 200, SPOKEN
    assert hear(admin_client).status_code == 200


def test_a_provider_that_hangs_is_given_up_on(
    admin_client: Client, sarvam: Sarvam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "LIMIT_SECONDS", 0.1)
    sarvam.hangs = True
    assert "took longer" in hear(admin_client).json()["detail"]


def test_nobody_there_is_told(admin_client: Client, set_env: SetEnv, closed_port: int) -> None:
    set_env(sarvam_base_url=f"http://127.0.0.1:{closed_port}")
    assert "can't be reached" in hear(admin_client).json()["detail"]


@pytest.mark.parametrize(
    ("voice", "language", "status", "code"),
    [("nobody", "hi-IN", 404, "unknown_voice"), ("arya", "fr-FR", 422, "unknown_language")],
)
def test_what_we_lack_is_not_asked_for(
    admin_client: Client, sarvam: Sarvam, voice: str, language: str, status: int, code: str
) -> None:
    answer = hear(admin_client, voice, language)
    assert (answer.status_code, answer.json()["code"], sarvam.asked) == (status, code, [])


@pytest.mark.parametrize(("is_staff", "may_see", "status"), [(True, True, 200), (True, False, 403), (False, True, 403)])
def test_it_is_for_staff_who_may_see_agents(sarvam: Sarvam, is_staff: bool, may_see: bool, status: int) -> None:
    user = User.objects.create_user("meera", is_staff=is_staff)
    if may_see:
        user.user_permissions.add(Permission.objects.get(codename="view_agentprofile"))
    client = Client()
    assert hear(client).status_code == 401
    client.force_login(user)
    assert hear(client).status_code == status


def test_the_form_loads_the_buttons_and_tells_what_cannot_be_spoken(admin_client: Client) -> None:
    page = admin_client.get("/admin/agents/agentprofile/add/").content.decode()
    assert '<script src="/static/admin/samples.js" type="module"></script>' in page
    assert "Sarvam hears 22 Indian languages and English, but speaks only these eleven." in page
