"""The voice begins before the reply is whole, whatever marks the model writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.languages import LANGUAGES
from agents.worker.sentences import LONGEST, with_marks
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, conversing

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("plugins")]


async def marked(*pieces: str, mark: str = "।") -> str:
    async def text() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    return " ".join("".join([piece async for piece in with_marks(text(), mark)]).split())


@pytest.mark.parametrize(
    ("pieces", "spoken"),
    [
        (["नमस्ते| बताइए", "|क्या चाहिए?"], "नमस्ते। बताइए। क्या चाहिए?"),
        (["सुबह दस से\nशाम सात तक", "\n", "\nठीक है"], "सुबह दस से। शाम सात तक। ठीक है"),
        (["डॉ. राव 10.30 पर ", "आएँगे।\n", "ठीक है?\n"], "डॉ. राव 10.30 पर आएँगे। ठीक है?"),
        (["", "\n", "|", "जी"], "जी"),
    ],
)
async def test_bars_and_lines_are_marks(pieces: list[str], spoken: str) -> None:
    assert await marked(*pieces) == spoken


async def test_a_reply_without_marks_is_given_breath() -> None:
    text = await marked("शब्द " * 80)
    sentences = [sentence.strip() for sentence in text.split("।")]
    assert text.replace("।", "").split() == ["शब्द"] * 80, "no word is lost or cut"
    assert len(sentences) > 2
    assert all(len(sentence.replace(" ", "")) <= LONGEST + len("शब्द") for sentence in sentences)


async def test_sentences_of_their_own_are_left_alone() -> None:
    text = "This is one sentence, and it is fine. " * 10
    assert await marked(text, mark=".") == text.strip()


# The real plugin and the speech stand-in: the rest of the reply comes only once the beginning is being spoken, so
# whoever waits for the whole of it waits for ever.
OPENINGS = {
    "danda": ("or-IN", "ଆମେ ସକାଳ ଦଶଟାରୁ ସନ୍ଧ୍ୟା ସାତଟା ପର୍ଯ୍ୟନ୍ତ ଖୋଲା। ଆପଣ କେବେ"),
    "dot": ("ta-IN", "நாங்க காலை பத்து மணியிலிருந்து இரவு ஏழு மணி வரை இருப்போம். நீங்க எப்போ"),
    "bar": ("hi-IN", "हम सुबह दस बजे से शाम सात बजे तक खुले हैं| आप कब आना"),
    "lines": ("te-IN", "మేము ఉదయం పది నుంచి సాయంత్రం ఏడు వరకు ఉంటాం\nమీరు ఎప్పుడు"),
    "nothing": ("kn-IN", "ನಾವು ಬೆಳಗ್ಗೆ ಹತ್ತರಿಂದ ಸಂಜೆ ಏಳರವರೆಗೆ ಇರುತ್ತೇವೆ ಮತ್ತು ಭಾನುವಾರ ಕೂಡ ತೆರೆದಿರುತ್ತೇವೆ ನೀವು ಯಾವಾಗ "
                         "ಬೇಕಾದರೂ ಬರಬಹುದು ಅಥವಾ ಮೊದಲು ಫೋನ್ ಮಾಡಿ ಸಮಯ ಕೇಳಬಹುದು ನಂತರ"),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_the_first_sentence_is_spoken_while_the_model_still_thinks(
    sandbox: Sandbox, website: Web, redis_url: str, spool: Path, language: str
) -> None:
    opening = LANGUAGES[language].resumed  # two sentences at least, in the language's own script and marks
    await spoken_early(sandbox, website, redis_url, spool, language, f"{opening} {opening}")


@pytest.mark.parametrize("kind", OPENINGS)
async def test_the_voice_begins_early_whatever_the_marks(
    sandbox: Sandbox, website: Web, redis_url: str, spool: Path, kind: str
) -> None:
    language, opening = OPENINGS[kind]
    await spoken_early(sandbox, website, redis_url, spool, language, opening)


async def spoken_early(
    sandbox: Sandbox, website: Web, redis_url: str, spool: Path, language: str, opening: str
) -> None:
    env = make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)
    async with conversing(env, make_claim(language), sandbox, loudspeaker=Loudspeaker()) as stage:
        greeting = stage.session.current_speech
        assert greeting is not None
        await greeting

        async def asked() -> list[str]:
            return [entry["text"] for entry in await stage.asked("tts")]

        before = len(await asked())
        heard_early: list[str] = []

        async def reply() -> AsyncIterator[str]:
            for word in opening.split(" "):
                yield word + " "

            async def begun() -> bool:
                heard_early[:] = (await asked())[before:]
                return bool(heard_early)

            await until(begun, "for the voice to begin")
            yield " END."

        await stage.session.say(reply())
        assert heard_early
        assert "END" not in "".join(heard_early)
        assert "END" in "".join(await asked())
