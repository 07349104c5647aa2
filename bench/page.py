"""How heavy the visitor's page is, and how soon a cheap phone can use it: `make bench-page`.

Prints the page's own JavaScript and CSS, gzipped, and the time until the call button can be pressed, once without and
once with a phone's throttling (Slow 4G, a processor four times slower), in the same run.
"""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Response, sync_playwright

from local.stack import Stack
from tests.e2e.browser import launch

LIMIT = 250_000  # bytes of JavaScript and CSS, gzipped
PATIENCE = 2.0  # seconds until a throttled phone can call
RUNS = 5
# Chrome's own "Slow 4G", as its developer tools set it: bytes a second and milliseconds.
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
SLOWER_PROCESSOR = 4
# From the navigation's start to the frame in which the button can be pressed.
USABLE = """() => new Promise(tell => {
  const look = () => document.querySelector('#call:enabled') ? tell(performance.now() / 1000) : requestAnimationFrame(look);
  look();
})"""


def weights(browser: Browser, address: str) -> dict[str, int]:
    """Bytes of every script and of all styles, gzipped, by path. Raises AssertionError when a part comes from elsewhere."""
    page = browser.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found: dict[str, int] = {}
    for response in responses:
        parts = urlsplit(response.url)
        if parts.netloc != urlsplit(address).netloc:
            raise AssertionError(f"{response.url} is of another host")
        if response.request.resource_type in ("script", "stylesheet"):
            found[parts.path] = len(gzip.compress(response.body()))
    inlined = "".join(page.locator("style").all_text_contents())
    found["in the page itself"] = len(gzip.compress(inlined.encode()))
    page.close()
    return found


def start_seconds(browser: Browser, address: str, *, throttled: bool) -> float:
    """Seconds until the call button can be pressed, by a visitor who has never been here."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if throttled:
        devtools.send("Network.emulateNetworkConditions", SLOW_4G)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="commit")
    seconds = float(page.evaluate(USABLE))
    context.close()
    return seconds


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack, sync_playwright() as playwright:
        browser = launch(playwright)
        address = f"{stack.web_url}/a/demo"
        parts = weights(browser, address)
        for path, size in sorted(parts.items(), key=lambda part: -part[1]):
            print(f"{size / 1000:8.1f} kB  {path}")
        total = sum(parts.values())
        print(f"{total / 1000:8.1f} kB  in all, of at most {LIMIT / 1000:.0f}")
        for throttled in (False, True):
            times = [start_seconds(browser, address, throttled=throttled) for _ in range(RUNS)]
            how = "Slow 4G, processor 4 times slower" if throttled else "without throttling"
            print(
                f"{statistics.median(times):8.2f} s   until it can be used, {how} ({min(times):.2f} to {max(times):.2f})"
            )
        browser.close()
    light = total <= LIMIT and statistics.median(times) <= PATIENCE
    print("It is light." if light else "It is too heavy.")
    return 0 if light else 1


if __name__ == "__main__":
    sys.exit(main())
