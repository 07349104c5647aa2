"""What the operator is told when everything is up."""

from __future__ import annotations

from pathlib import Path

from local.banner import banner
from local.stack import Stack

REAL = {"SARVAM_API_KEY": "real", "GROQ_API_KEY": "real", "LIVEKIT_URL": "wss://theirs"}
REAL |= {"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "s" * 32}


def test_it_says_where_to_go_and_as_whom(tmp_path: Path) -> None:
    with Stack(tmp_path, environment={"WEB_PORT": "31999"}, parts=()) as stack:
        said = banner(stack, {})
    assert "http://localhost:31999/\n" in said
    assert "http://localhost:31999/admin/" in said
    assert "admin@localhost" in said
    assert stack.settings["ADMIN_PASSWORD"] in said
    assert "SANDBOX in place of Sarvam" in said
    assert "ssh" not in said


def test_a_missing_livekit_server_is_said_with_the_one_thing_to_do(tmp_path: Path) -> None:
    with Stack(tmp_path, parts=()) as stack:
        said = banner(stack, {"SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 22"})
    assert "Nobody can call yet" in said
    assert "Run `make setup` again" in said
    assert f"ssh -L {stack.settings['WEB_PORT']}:127.0.0.1:{stack.settings['WEB_PORT']} " in said


def test_real_parts_are_called_real(tmp_path: Path) -> None:
    with Stack(tmp_path, environment=REAL, parts=()) as stack:
        said = banner(stack, {})
    assert "real: calls cost money" in said
    assert "SANDBOX" not in said
    assert "Nobody can call yet" not in said


def test_the_tunnel_carries_web_signalling_and_media(tmp_path: Path) -> None:
    with Stack(tmp_path, parts=("livekit",)) as stack:
        said = banner(stack, {"SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 2222"})
        ports = (stack.settings["WEB_PORT"], *stack.media_ports)
    forwards = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
    assert f"ssh {forwards} -p 2222 " in said
    assert said.count("127.0.0.1:") == 3
