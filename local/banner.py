"""What the operator reads when everything is up: where to go, as whom, and what is missing."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

from local import livekit, settings
from local.stack import Stack

NAMES = {"SARVAM": "Sarvam (speech)", "GROQ": "Groq (language model)", "OPENAI": "OpenAI (language model)"}
RULE = "─" * 72


def banner(stack: Stack, environment: Mapping[str, str]) -> str:
    """The banner; `environment` tells whether the reader came over ssh."""
    port = stack.settings["WEB_PORT"]
    lines = [
        RULE,
        "Vaani is up. Stop it with Ctrl-C.",
        "",
        f"  Visitor page   http://localhost:{port}/",
        f"  Admin          http://localhost:{port}/admin/",
        f"  Admin user     {stack.settings['ADMIN_EMAIL']}",
        f"  Password       {stack.settings['ADMIN_PASSWORD']}   (as first set; kept in {stack.state.path})",
        "",
        *(f"  {line}" for line in _providers(stack)),
    ]
    if connection := environment.get("SSH_CONNECTION"):
        lines += [
            "",
            "  From your own computer, run this, then open the addresses above there:",
            f"  {_tunnel(stack, connection)}",
        ]
    if not stack.voice:
        lines += [
            "",
            "  Nobody can call yet: LiveKit's server is missing. Everything else works.",
            f"  {livekit.REMEDY}",
        ]
    lines += [f"\n  {sentence}" for sentence in settings.misspelt()]
    return "\n".join([*lines, RULE])


def _providers(stack: Stack) -> list[str]:
    if not stack.sandboxed:
        return ["Providers      real: calls cost money"]
    missing = ", ".join(NAMES[provider] for provider in stack.sandboxed)
    return [
        f"Providers      SANDBOX in place of {missing}.",
        "               It speaks, but does not understand speech: it hears lines of a script.",
        "               For the real ones put SARVAM_API_KEY and GROQ_API_KEY or OPENAI_API_KEY",
        "               into the file .env beside the Makefile, and start again.",
    ]


def _tunnel(stack: Stack, connection: str) -> str:
    """The ssh command that brings web and LiveKit to the reader's own localhost, where browsers allow the microphone."""
    _client, _client_port, host, ssh_port = connection.split()
    forwards = [f"-L {port}:127.0.0.1:{port}" for port in (int(stack.settings["WEB_PORT"]), *stack.media_ports)]
    other_port = [] if ssh_port == "22" else [f"-p {ssh_port}"]
    return " ".join(["ssh", *forwards, *other_port, f"{getpass.getuser()}@{host}"])
