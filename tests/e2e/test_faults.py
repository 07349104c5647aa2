"""Faults in live calls, in short: `make faults` has all of them, at more moments."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from local.stack import Stack
from tests.faults.matrix import SHORT, Fault
from tests.faults.run import hold


@pytest.mark.parametrize("fault", SHORT, ids=lambda fault: fault.name)
def test_what_is_promised_is_kept(fault: Fault, stack: Stack, browser: Browser) -> None:
    run = hold(fault, 1, stack, browser)
    assert [check for check in run.checks if not check.kept] == []
