"""The visitor's page in each of its eleven languages: whole, in its own script, on a narrow phone, and for everyone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from agents.catalogue import VOICES
from agents.defaults import demo_config
from agents.languages import LANGUAGES
from calls.wording import wording
from local.stack import Stack
from tests.e2e.axe import faults
from tests.e2e.waiting import until

LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = {"Chrome", "Safari", "Firefox", "JavaScript", "Wi", "Fi", "https", "localhost", "Asha"}  # the same everywhere
# Texts that are seen and in no `data-text` element, with what a screen reader says beside them.
SEEN = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const place = walk.currentNode.parentElement;
    if (place.closest('script, noscript') || !walk.currentNode.textContent.trim()) continue;
    if (place.checkVisibility()) texts.push(walk.currentNode.textContent.trim());
  }
  for (const place of document.querySelectorAll('[aria-label], [placeholder], [title], img[alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (place.getAttribute(name)) texts.push(place.getAttribute(name));
  return texts;
}"""
REFUSE = "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
# What sticks out of the screen, or of its own box by more than a turned arrow does.
OVERFLOWING = """() => [...document.body.querySelectorAll('*')].filter(place => {
  if (!place.checkVisibility() || place.closest('.sr-only')) return false;
  const box = place.getBoundingClientRect();
  const cut = place.scrollWidth > place.clientWidth + 4 && getComputedStyle(place).display !== 'inline';
  return box.right > innerWidth + 1 || box.left < -1 || (cut && place.clientWidth > 0);
}).map(place => `${place.tagName}#${place.id}.${place.className}`)"""
# Whether a letter is drawn as another picture than the box that stands for one no font has.
DRAWN = """letters => {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const picture = letter => {
    pen.clearRect(0, 0, 60, 60);
    pen.font = `32px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillText(letter, 8, 40);
    return pen.getImageData(0, 0, 60, 60).data.join();
  };
  const box = picture('\\u{10FFFD}');
  return letters.filter(letter => picture(letter) === box);
}"""


def test_every_language_is_whole_in_its_script_and_fits_a_narrow_phone(browser: Browser, stack: Stack) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 740})
    page = phone.new_page()
    config = demo_config()
    ours = {config.name, config.description, "▶", "●"}
    ours |= {language.own_name for language in LANGUAGES.values()} | {voice.name for voice in VOICES.values()}
    for code in LANGUAGES:
        page.goto(f"{stack.web_url}/a/demo?lang={code}")
        expect(page.locator("#call")).to_be_enabled()
        page.locator("#more summary").click()
        page.evaluate("document.querySelectorAll('[hidden]').forEach(part => part.removeAttribute('hidden'))")
        assert page.evaluate(OVERFLOWING) == [], code
        texts = set(wording(code).values())
        letters = sorted({letter for text in texts for letter in text if letter.isalpha()})
        assert page.evaluate(DRAWN, letters) == [], code
        if code == "en-IN":
            continue
        foreign = [text for text in page.evaluate(SEEN) if text not in ours and set(LATIN.findall(text)) - NAMES]
        assert foreign == [], code
    phone.close()


def test_a_tapped_language_changes_the_whole_page_and_is_remembered(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.web_url}/a/demo?lang=ta-IN")
    expect(page.locator("html")).to_have_attribute("lang", "ta-IN")
    for code in ("or-IN", "en-IN"):
        page.get_by_text(LANGUAGES[code].own_name, exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        for name in ("call", "consentMachine", "more"):
            expect(page.locator(f"[data-text={name}]")).to_have_text(wording(code)[name])
        expect(page).to_have_title(wording(code)["pageTitle"].replace("{name}", "Asha"))
    page.goto(f"{stack.web_url}/a/demo")
    expect(page.locator("input[name=language]:checked")).to_have_value("en-IN")
    expect(page.locator("[data-text=call]")).to_have_text("Call")


@pytest.mark.parametrize(("code", "width"), [("hi-IN", 360), ("ta-IN", 1280), ("en-IN", 360)])
def test_a_whole_call_by_keyboard_alone_and_nothing_serious_in_any_state(
    code: str, width: int, page: Page, stack: Stack, settled: Callable[[str], list[tuple[str, str]]]
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    texts = wording(code)
    page.goto(f"{stack.web_url}/a/demo?lang={code}")
    expect(page.locator("#call")).to_be_enabled()
    checked = {"before the call": faults(page)}

    tab_to(page, "more")
    page.keyboard.press("Enter")
    expect(page.locator("#hear-voice")).to_be_visible()
    checked["with more open"] = faults(page)
    tab_to(page, "typeFirst")
    with page.expect_response("**/api/token") as answer:
        page.keyboard.press("Enter")
    call_id = answer.value.json()["callId"]
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#visitor")).to_have_attribute("data-state", "live", timeout=30_000)
    expect(page.locator("#typed")).to_be_focused()
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(page.get_by_role("log", name=texts["conversation"])).to_be_visible()
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    expect(page.locator("#transcript li[data-role=agent][data-final=true]")).to_have_count(1, timeout=40_000)
    page.keyboard.type("98450 12345")
    page.keyboard.press("Enter")
    expect(page.locator("#transcript li[data-role=agent][data-final=true]")).to_have_count(2, timeout=40_000)
    checked["in the call"] = faults(page)

    tab_to(page, "hangUp")
    page.keyboard.press("Enter")
    expect(page.locator("#visitor")).to_have_attribute("data-state", "ended")
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#state")).to_have_text(texts["endedTitle"])
    checked["after it"] = faults(page)
    assert [role for role, _text in settled(call_id)][:3] == ["agent", "visitor", "agent"]

    tab_to(page, "change")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=language]:checked")).to_be_focused()
    page.evaluate(REFUSE)
    tab_to(page, "call")
    page.keyboard.press("Enter")
    expect(page.locator("#visitor")).to_have_attribute("data-state", "failed")
    expect(page.locator("#state")).to_be_focused()
    checked["without a microphone"] = faults(page)
    assert {state: found for state, found in checked.items() if found} == {}


def tab_to(page: Page, name: str) -> None:
    """Press Tab, or Shift+Tab from the page's end, until the part with that text has the keyboard."""
    reached = f"document.activeElement?.matches('[data-text={name}]') || !!document.activeElement?.querySelector(':scope > [data-text={name}]')"
    presses = iter(["Tab"] * 40 + ["Shift+Tab"] * 40)

    def arrived() -> object:
        if page.evaluate(reached):
            return True
        page.keyboard.press(next(presses))
        return page.evaluate(reached)

    until(arrived, 30, f"the keyboard to come to {name}")
