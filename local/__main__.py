"""`python -m local`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

from local.errors import LocalError

# Set-up runs before anything is installed, so whatever needs packages is imported where it is used.

ROOT = Path(__file__).resolve().parent.parent
PARENT_CHECK = 0.5  # seconds
DEMO = (sys.executable, "-m", "local.demo")


class Stopped(BaseException):
    """A signal asked this program to stop."""


def run(state: Path, *, callers: bool = False) -> int:
    """Run the product until told to stop; with `callers`, three sample calls come once it is up."""
    from local import livekit, settings
    from local.banner import banner
    from local.output import Terminal
    from local.stack import PARTS, Stack

    terminal = Terminal()
    operator = settings.of_operator()
    parts = PARTS if livekit.binary() or "LIVEKIT_URL" in operator else PARTS - {"livekit"}
    stack = Stack(state, environment=operator, parts=parts, well_known=True, output=terminal)

    def stop(_number: int, _frame: FrameType | None) -> None:
        if not stack.closing:
            raise Stopped
        stack.hurry()  # asked twice

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    # Under make, the one who kills the parent means us; a killed make could not pass it on.
    parent = os.getppid() if "MAKELEVEL" in os.environ else None
    try:
        with stack:
            terminal.say(banner(stack, os.environ))
            with _callers(stack.env, terminal.attach("demo")) if callers else nullcontext():
                while parent in (None, os.getppid()):
                    time.sleep(PARENT_CHECK)
    except Stopped:
        terminal.say("Stopped.")
    return 0


@contextmanager
def _callers(environment: Mapping[str, str], output: int) -> Iterator[None]:
    """Sample callers that ring meanwhile, and hang up at the end."""
    # In a session of its own: a terminal's Ctrl-C is for us to pass on.
    process = subprocess.Popen(DEMO, env=environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    os.close(output)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def demo(state: Path) -> int:
    """Let three sample callers ring: the product that runs from this state folder, else one that this runs."""
    from dotenv import dotenv_values

    from local import settings
    from local.state import State

    running = State(state)
    if not running.is_held():
        return run(state, callers=True)
    made = {name: value for name, value in dotenv_values(running.path / "env").items() if value is not None}
    environment = settings.child_environment({**made, **settings.of_operator()}, running)
    return subprocess.run(DEMO, env=environment, cwd=ROOT).returncode


def run_with(parts: Sequence[str], command: Sequence[str]) -> int:
    """Run a command beside parts of a throwaway stack; return its exit code."""
    from local.stack import Stack

    with tempfile.TemporaryDirectory(prefix="vaani-") as folder:
        Path(folder).chmod(0o711)  # as a state folder is
        with Stack(Path(folder), parts=parts) as stack:
            process = subprocess.Popen(command, env=stack.env)
            signal.signal(
                signal.SIGINT, signal.SIG_IGN
            )  # the terminal sends it to the command too, whose end we wait for
            signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
            code = process.wait()
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; faults the operator can mend end in a sentence, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    setup = commands.add_parser("setup", help="install what is missing")
    setup.add_argument("--tests", action="store_true", help="what tests and checks need too")
    runner = commands.add_parser("run", help="run the product")
    caller = commands.add_parser("demo", help="let three sample callers ring the product, which is run if it is not")
    for each in (runner, caller):
        each.add_argument("--state", type=Path, default=ROOT / ".data", help="folder of everything that is kept")
    beside = commands.add_parser(
        "with", help="run a command beside parts of a throwaway stack: with PART... -- COMMAND..."
    )
    beside.add_argument("parts", nargs="+", choices=["postgres", "redis", "livekit", "sandbox"])
    commands.add_parser("chromium", help="make sure that there is a browser for the tests")

    own, command = list(arguments), []
    if "--" in own:
        command = own[own.index("--") + 1 :]
        own = own[: own.index("--")]
    chosen = parser.parse_args(own)
    if (chosen.command == "with") != bool(command):
        parser.error("`with` takes a command after `--`, and nothing else does")
    try:
        match chosen.command:
            case "setup":
                from local.setup import set_up

                set_up(tests=chosen.tests)
            case "run":
                return run(chosen.state)
            case "demo":
                return demo(chosen.state)
            case "with":
                return run_with(chosen.parts, command)
            case "chromium":
                from local.chromium import require_chromium

                require_chromium()
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
