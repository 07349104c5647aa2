"""Ready settings of patience: whatever a button writes, the contract takes."""

from __future__ import annotations

from agents.contract import AgentConfig, TurnTaking
from agents.presets import PATIENCE, PRESETS
from tests.factories import agent_config


def applied(values: list[float]) -> AgentConfig:
    parts = dict(zip(PATIENCE, values, strict=True))
    return agent_config(max_seconds=parts.pop("max_seconds"), turn_taking=parts)


def test_every_preset_fills_every_box_within_its_limits() -> None:
    assert {*PATIENCE} == {*TurnTaking.model_fields, "max_seconds"}
    waits = [applied(values).turn_taking for _name, _whom, values in PRESETS]
    assert [wait.extra_wait for wait in waits] == [0.8, 0.2, 0]


def test_a_new_agent_is_normal() -> None:
    normal = next(values for name, _whom, values in PRESETS if name == "Normal")
    assert applied(normal) == agent_config()
