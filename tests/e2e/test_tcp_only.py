"""A call over ssh tunnels, which carry no UDP: LiveKit's UDP port is closed, and its TCP media port carries the sound."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from local.stack import Stack
from tests.e2e.conftest import VisitorPage


def test_a_call_runs_with_udp_closed(tmp_path_factory: pytest.TempPathFactory, page: Page) -> None:
    with Stack(tmp_path_factory.mktemp("tcp"), udp=False) as stack:
        visitor = VisitorPage(page, stack.web_url)
        visitor.call()
        assert visitor.wait_for_lines(3)[1].role == "visitor"  # heard through the microphone
        sound = page.evaluate("soundEnergy()")
        assert sound["sent"] > 0.001
        assert sound["received"] > 0.001
        assert page.evaluate("transports()") == ["tcp"]
        visitor.hang_up()
        page.close()  # which would ask a stopped server what was understood
