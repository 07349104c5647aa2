"""Steps of set-up: done once for the same inputs, and plain about failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import machine, steps
from local.errors import LocalError
from local.steps import Log, Step


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")
    return tmp_path / "made"


def step(made: Path, inputs: str, script: str) -> Step:
    def act(log: Log) -> None:
        log.run("/bin/sh", "-c", script, folder=made.parent)

    return Step("thing", "A thing", "some seconds", inputs, made, act, "Try again.")


def test_a_step_is_done_again_only_for_new_inputs_or_a_lost_result(made: Path) -> None:
    script = "echo x >> made"
    for inputs in ("a", "a", "b", "b"):
        step(made, inputs, script).carry_out()
    assert made.read_text().split() == ["x", "x"]
    made.unlink()
    step(made, "b", script).carry_out()
    assert made.exists()


def test_a_failure_shows_the_last_lines_and_what_to_do_and_is_not_taken_for_done(made: Path) -> None:
    with pytest.raises(LocalError, match=r"(?s)A thing failed.*no network.*exit code 4.*Try again\."):
        step(made, "a", "touch made; echo no network >&2; exit 4").carry_out()
    step(made, "a", "echo x >> made").carry_out()
    assert made.read_text() == "x\n"


def test_a_missing_program_is_a_failure_like_any_other(made: Path) -> None:
    def act(log: Log) -> None:
        log.run("no-such-program")

    with pytest.raises(LocalError, match="no-such-program: No such file or directory"):
        Step("thing", "A thing", "some seconds", "a", made, act, "Try again.").carry_out()


def test_a_small_machine_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MEMORY_GB", 10**6)
    with pytest.raises(LocalError, match="Vaani needs 1000000 GB"):
        machine.check_machine(tmp_path, installed=True)
    monkeypatch.undo()
    monkeypatch.setattr(machine, "DISK_GB", 10**9)
    with pytest.raises(LocalError, match="needs 1000000000 GB"):
        machine.check_machine(tmp_path, installed=False)
    assert isinstance(machine.check_machine(tmp_path, installed=True), list)
