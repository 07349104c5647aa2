"""The visitor's page in each of its eleven languages: whole, in its own script, on a narrow phone, and for everyone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.languages import LANGUAGES
from calls.wording import wording
from local.stack import Stack
from tests.e2e.axe import faults
from tests.e2e.console import Console
from tests.e2e.keyboard import tab_to

INSIDE = Path(__file__).parent / "inside"
LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = {"Chrome", "Safari", "Firefox", "JavaScript", "Wi", "Fi", "https", "localhost", "Asha"}  # the same everywhere
VALUES = {"name": "Asha", "days": 90, "recordingDays": 30, "seconds": 60, "phone": "+91 98450 12345", "time": "0:59"}
# The sentences that scripts put somewhere, or another page has, by the part that shows them or is just like it.
PLACES = {
    "#state": "askingMicrophone connecting waiting returning initializing listening thinking speaking listeningTyped"
    " speakingTyped endedTitle lostTitle failedTitle awayTitle busyTitle pausedTitle nobodyTitle",
    "#why": "endedByVisitor endedByAgent elsewhere lost agentLost nobodyCame microphoneAsk microphoneRefused limit busy"
    " microphoneMissing microphoneBusy microphoneFailed away offline noConnection changed unknown paused nobody",
    "#notice": "slow reconnecting microphonePaused microphoneGone microphoneChanged notSent notHeard notHeardVoiceOnly"
    " sandboxSilent sandboxSilentVoiceOnly",
    "#time-left": "timeLeft",
    "#again": "callAgain callAgainIn reload",
    "#back": "change frontPage",
    ".consent p + p": "consentKept consentKeptAlways agreeRecording agreeCallback",
    "#way-out-why": "insecure inApp inAppApple unsupported unsupportedApple",
    "#way-out-link": "openSecure openChrome",
    "#way-out-copy": "copyLink copied",
    "#hear-voice-fault": "voiceSilent",
    "#callback-name-fault": "nameMissing",
    "#callback-phone-fault": "phoneWrong",
    "#callback-fault": "callbackTooMany callbackNotSent changed unknown",
    "#callback-done": "callbackSent",
    "#correction-fault": "phoneWrong callbackNotSent",
    "#after-status": "summaryWait corrected saved copied",
    "#understood dt": "fieldName fieldPhone fieldEmail",
    "#understood span": "answerYes answerNo",
    ".after-correct": "correct",
    ".line-tag": "sandboxHeard",
    "#speaker": "speakerUsual",
}
UNSEEN = {
    *("muted", "unmuted", "unmute", "connected", "connectedTyping", "reconnected", "you"),  # for a screen reader
    *("pageTitle", "needsScript", "consentVersion"),
}
ON_THE_PAGE = (
    "[...document.querySelectorAll('[data-text], [data-label]')].map(({dataset}) => dataset.text || dataset.label)"
)


def filled(language: str) -> dict[str, str]:
    """Every sentence of the page in that language, with values."""
    return {
        name: re.sub(r"\{(\w+)\}", lambda value: str(VALUES[value[1]]), text)
        for name, text in wording(language).items()
    }


def letters_of(texts: Iterable[str]) -> list[str]:
    """The letters and signs that occur."""
    return sorted({letter for text in texts for letter in text if unicodedata.category(letter)[0] in "LM"})


def signs_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The signs that occur, each with what it joins: a letter and the signs before it."""

    def joined(text: str) -> Iterator[tuple[str, str]]:
        before = ""
        for letter in unicodedata.normalize("NFC", text):
            if before and unicodedata.category(letter) in ("Mn", "Mc"):
                yield before, letter
                before += letter
            else:
                before = letter if letter.isalpha() else ""

    return sorted({pair for text in texts for pair in joined(text)})


def test_every_language_is_whole_in_its_script_and_fits_a_narrow_phone(page: Page, stack: Stack) -> None:
    """Also with each sentence that scripts may show, in the part that shows it.

    That signs join their letters is seen by the widths of both: it cannot tell whether a font sets them well, as Debian's
    Noto Sans Oriya, which leaves a gap before some.
    """
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script(path=INSIDE / "looks.js")
    for code in LANGUAGES:
        page.goto(f"{stack.web_url}/a/demo?lang={code}")
        expect(page.locator("#call")).to_be_enabled()
        expect(page).to_have_title(filled(code)["pageTitle"])
        page.locator("#more summary").click()
        texts = filled(code)
        sentences = {place: [texts[name] for name in names.split()] for place, names in PLACES.items()}
        placed = {name for names in PLACES.values() for name in names.split()} | set(page.evaluate(ON_THE_PAGE))
        assert texts.keys() - placed == UNSEEN
        assert page.evaluate("places => looks.stickingOutOf(places)", sentences) == [], code
        del texts["consentVersion"]
        drawn = [letters_of(texts.values()), signs_of(texts.values())]
        assert page.evaluate("([letters, signs]) => looks.undrawn(letters, signs)", drawn) == [], code
        read = {*texts.values(), *page.evaluate("looks.seen()")}
        if code != "en-IN":
            assert [text for text in read if set(LATIN.findall(text)) - NAMES] == [], code


def test_a_tapped_language_changes_the_whole_page_and_is_remembered(page: Page, stack: Stack, console: Console) -> None:
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

    console.allow("Failed to load resource: net::ERR_FAILED")
    page.route("**/api/voices/**", lambda route: route.abort())
    page.locator("#more summary").click()
    page.click("#hear-voice")
    expect(page.locator("#hear-voice-fault")).to_have_text(wording("en-IN")["voiceSilent"])


@pytest.mark.parametrize(("code", "width"), [("hi-IN", 360), ("ta-IN", 1280), ("en-IN", 360)])
def test_a_whole_call_by_keyboard_alone_and_nothing_serious_in_any_state(
    code: str, width: int, page: Page, stack: Stack, settled: Callable[[str], list[tuple[str, str]]]
) -> None:
    """In Hindi by voice, in Tamil on a dark screen, and in English with the conversation taken along."""
    page.add_init_script(path=INSIDE / "microphones.js")
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme="dark" if code == "ta-IN" else "light")
    by_voice = code == "hi-IN"
    texts = filled(code)
    status = page.locator("#status")
    page.goto(f"{stack.web_url}/a/demo?lang={code}")
    expect(page.locator("#call")).to_be_enabled()
    checked = {"before the call": faults(page)}

    tab_to(page, page.locator("#more summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#hear-voice"))
    with page.expect_response("**/api/voices/**") as sample:
        page.keyboard.press("Enter")
    assert sample.value.ok
    expect(page.locator("#hear-voice-fault")).to_be_empty()
    checked["with more open"] = faults(page)

    tab_to(page, page.locator("#call" if by_voice else "#type"))
    with page.expect_response("**/api/token") as answer:
        page.keyboard.press("Enter")
    call_id = answer.value.json()["callId"]
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#visitor")).to_have_attribute("data-state", "live", timeout=30_000)
    expect(status).to_have_text(texts["connected" if by_voice else "connectedTyping"])
    expect(page.get_by_role("log", name=texts["conversation"])).to_be_visible()
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    if by_voice:
        tab_to(page, page.locator("#mute"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=texts["unmute"])).to_be_focused()
        expect(status).to_have_text(texts["muted"])
        page.evaluate("phoneCall(true)")
        expect(page.locator("#notice")).to_have_text(texts["microphonePaused"])
        expect(status).to_have_text(texts["microphonePaused"])
        expect(page.locator("#transcript li[data-role=agent]")).to_have_count(1, timeout=40_000)
    else:
        expect(page.locator("#typed")).to_be_focused()
        expect(page.locator("#transcript li[data-role=agent][data-final=true]")).to_have_count(1, timeout=40_000)
        page.keyboard.type("98450 12345")
        page.keyboard.press("Enter")
        expect(page.locator("#transcript li[data-role=agent][data-final=true]")).to_have_count(2, timeout=40_000)
    checked["in the call"] = faults(page)

    tab_to(page, page.locator("#hang-up"))
    page.keyboard.press("Enter")
    expect(page.locator("#visitor")).to_have_attribute("data-state", "ended")
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#state")).to_have_text(texts["endedTitle"])
    expect(status).to_have_text(texts["endedByVisitor"])
    expect(page.locator("#callback")).to_be_hidden()  # who hung up was not failed
    if code == "en-IN":
        tab_to(page, page.locator("#copy"))
        with page.expect_download() as file:  # this browser lets no page write to the clipboard
            page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text=texts["saved"])).to_be_visible()
        assert file.value.suggested_filename == "Asha.txt"
        assert "You: 98450 12345" in file.value.path().read_text().splitlines()
    checked["after it"] = faults(page)
    roles = ["agent"] if by_voice else ["agent", "visitor", "agent"]
    assert [role for role, _text in settled(call_id)][: len(roles)] == roles

    tab_to(page, page.locator("#back"))
    page.keyboard.press("Enter")
    expect(page.locator("input[name=language]:checked")).to_be_focused()
    page.evaluate("nextFault = 'NotAllowedError'")
    tab_to(page, page.locator("#call"))
    page.keyboard.press("Enter")
    expect(page.locator("#visitor")).to_have_attribute("data-state", "failed")
    expect(page.locator("#state")).to_be_focused()
    expect(status).to_have_text(texts["microphoneRefused"])
    checked["without a microphone"] = faults(page)
    assert {state: found for state, found in checked.items() if found} == {}
