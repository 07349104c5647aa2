"""The real product for end-to-end tests: one stack and one browser a session, a context and a call a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from local.stack import Stack
from tests.e2e.browser import launch, record_sentence, sign_in
from tests.e2e.console import Console
from tests.e2e.waiting import until

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories begin first, whatever the order of the others: at the end one process would wait for them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def catcher() -> Iterator[list[str]]:
    """A server in the place of LiveKit's observability: the paths it was asked for."""
    caught: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            caught.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    caught_url.append(f"http://127.0.0.1:{server.server_port}")
    yield caught
    server.shutdown()
    server.server_close()


caught_url: list[str] = []


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, catcher: list[str]) -> Iterator[Stack]:
    """Everything of `make run`, with its own state folder, database and free ports."""
    environment = {
        # Where the framework would send what was said, if it were let.
        "LIVEKIT_OBSERVABILITY_URL": caught_url[0],
        # Jobs on request list the modules they have loaded.
        "PYTHONPATH": str(HERE / "inside"),
        "MODULES_FOLDER": str(tmp_path_factory.mktemp("modules")),
        "STARTS_PER_MINUTE": "1000",  # every test calls from one address
        "OUTGOING_ALLOW": "127.0.0.0/8",  # where the servers are that leads are sent to
        "METRICS_TOKEN": "m" * 32,
    }
    with Stack(tmp_path_factory.mktemp("stack"), environment=environment) as running:
        yield running


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone hears: silence long enough for any greeting, then a sentence."""
    path = tmp_path_factory.mktemp("microphone") / "visitor.wav"
    return record_sentence(path, "नमस्ते, मुझे फ्लैट देखना है", silence=15)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=15_000)  # ms: the whole product runs beside the browser
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, microphone: Path) -> Iterator[Browser]:
    chromium = launch(playwright, microphone)
    yield chromium
    chromium.close()


@pytest.fixture
def console() -> Iterator[Console]:
    """What visitors' browsers complain of. A test fails by any of it that it does not allow by name."""
    console = Console()
    yield console
    assert console.faults == []


@pytest.fixture
def context(browser: Browser, console: Console) -> Iterator[BrowserContext]:
    """A visitor's phone."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844},
        permissions=["microphone"],
        reduced_motion="reduce",  # drawing what moves takes half of what a call costs a browser without a graphics card
    )
    phone.add_init_script(path=HERE / "inside" / "peers.js")
    console.watch(phone)
    yield phone
    phone.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def staff(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A colleague at a desk, signed in. Nothing may fail in the browser, nor be stopped by our own policy."""
    desk = browser.new_context(viewport={"width": 1280, "height": 900})
    console = Console()
    console.watch(desk)
    page = desk.new_page()
    sign_in(page, stack)
    yield page
    desk.close()
    assert console.faults == []


@pytest.fixture
def rows(stack: Stack) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask the product's own database: `rows(sql, *values)`."""

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(stack.database_url) as connection:
            return connection.execute(sql, values).fetchall()

    return ask


@dataclass
class Line:
    role: str
    text: str


@dataclass
class VisitorPage:
    """The visitor's page, driven as a visitor would."""

    page: Page
    url: str
    call_id: str = ""
    key: str = ""  # with which the visitor may go on with the call

    def call(self, agent: str = "demo", language: str = "hi-IN") -> None:
        """Open the agent's page, choose the language and press the button."""
        self.open(agent, language)
        self.press()

    def open(self, agent: str = "demo", language: str = "hi-IN") -> None:
        self.page.goto(f"{self.url}/a/{agent}")
        self.page.locator(f"input[name=language][value={language}]").check(force=True)

    def press(self) -> None:
        with self.page.expect_response("**/api/token") as answer:
            self.page.click("#call")
        assert answer.value.status == 200, answer.value.text()
        self.call_id, self.key = (answer.value.json()[name] for name in ("callId", "visitorKey"))

    @property
    def state(self) -> str:
        return self.page.get_attribute("#visitor", "data-state") or ""

    @property
    def lines(self) -> list[Line]:
        """Whole lines of the transcript, in order."""
        found = self.page.eval_on_selector_all(
            "#transcript li[data-final=true]",
            "lines => lines.map(line => [line.dataset.role, line.querySelector('[data-text]').textContent])",
        )
        return [Line(role, text.strip()) for role, text in found]

    def wait_for_lines(self, count: int, seconds: float = 60) -> list[Line]:
        """Wait until that many lines are whole."""
        until(lambda: len(self.lines) >= count, seconds, f"{count} lines in the transcript, now {self.lines}")
        return self.lines

    def mute(self) -> None:
        """Say nothing from now on, so that nothing interrupts the agent."""
        self.page.click("#mute", timeout=30_000)

    def type(self, text: str) -> None:
        self.page.fill("#typed", text)
        self.page.press("#typed", "Enter")

    def hang_up(self) -> None:
        self.page.click("#hang-up")
        until(lambda: self.state == "ended", 10, "the page to say that the call ended")


@pytest.fixture
def visitor(page: Page, stack: Stack) -> VisitorPage:
    return VisitorPage(page, stack.web_url)


@pytest.fixture
def settled(rows: Callable[..., list[tuple[Any, ...]]]) -> Callable[[str], list[tuple[str, str]]]:
    """Wait until a call is settled, then give its turns in order: (role, text)."""

    def wait(call_id: str) -> list[tuple[str, str]]:
        def status() -> str:
            return str(rows("SELECT status FROM calls_call WHERE id = %s", call_id)[0][0])

        until(lambda: status() == "settled", 40, f"the call to settle, now {status()}")
        turns = rows("SELECT role, text FROM calls_turn WHERE call_id = %s AND final ORDER BY attempt, seq", call_id)
        return [(role, text) for role, text in turns]

    return wait
