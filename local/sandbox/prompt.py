"""What a request's prompt says of the speaker: name, language, gender, and what it knows.

The prompt is staff's own text, so this looks for the few plain sentences that any such prompt holds ("You are X,
...", "Speak Hindi (hi-IN)", "The speaker is a woman") and takes everything else as knowledge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from local.sandbox.speaking import LANGUAGES, bcp47
from local.sandbox.voices import Gender
from local.sandbox.wording import words

_CODE = re.compile(r"\b(" + "|".join([*LANGUAGES, "od-IN"]) + r")\b", re.IGNORECASE)
_SPEAK = re.compile(r"\b(speak|spoken|reply|answer|respond|talk|language)\b", re.IGNORECASE)
_NAME = re.compile(r"\b(?:you are|your name is|you're)\s+([^\n]{1,120})", re.IGNORECASE)
_CALLED = re.compile(r"\b(?:named|called|name is)\s+([^\n]{1,80})", re.IGNORECASE)
_NAME_HINDI = re.compile(r"(?:आपका नाम|आप का नाम|तुम्हारा नाम)\s+(\S+)\s+है")
_NAME_ENDS = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)\.|[,;:!?()\n।—–]|\s(?:from|of|at|who|and|for|the|a|an|working|in)\s",
    re.IGNORECASE,
)
_MAN = re.compile(r"\b(?:speaker|you) (?:is|are) (?:a )?(?:man|male)\b", re.IGNORECASE)
_KNOWLEDGE = re.compile(
    r"^\W*(?:knowledge|facts|what you know|information|about us|जानकारी)\b[^\n]{0,40}$", re.IGNORECASE
)
_HEADING = re.compile(r"^\s*(?:#+\s|[A-Z][^.\n]{0,40}:\s*$)")
_ORDER = re.compile(
    r"^\W*(?:you|your|speak|the speaker|never|always|ask|do not|don't|call|keep|be|say|greet|if|when|use|read|answer|"
    r"reply|end|today)\b",
    re.IGNORECASE,
)
_SCRIPTS = {
    "hi-IN": "\u0900-\u097f",
    "bn-IN": "\u0980-\u09ff",
    "pa-IN": "\u0a00-\u0a7f",
    "gu-IN": "\u0a80-\u0aff",
    "or-IN": "\u0b00-\u0b7f",
    "ta-IN": "\u0b80-\u0bff",
    "te-IN": "\u0c00-\u0c7f",
    "kn-IN": "\u0c80-\u0cff",
    "ml-IN": "\u0d00-\u0d7f",
}


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, whose content may be a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def language_of_script(text: str) -> str | None:
    """The language that a text's letters point to; Devanagari is taken for Hindi."""
    counts = {language: len(re.findall(f"[{letters}]", text)) for language, letters in _SCRIPTS.items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best]:
        return best
    return "en-IN" if re.search(r"[A-Za-z]", text) else None


@dataclass(frozen=True)
class Brief:
    """The prompt, read."""

    name: str
    language: str | None
    gender: Gender
    facts: tuple[str, ...]
    headed: bool  # the facts stood under a heading of their own

    @classmethod
    def of(cls, messages: list[dict[str, Any]]) -> Brief:
        """Read the system and developer messages of a request."""
        text = "\n".join(text_of(each) for each in messages if each.get("role") in ("system", "developer"))
        headed = any(_KNOWLEDGE.match(line.strip()) for line in text.splitlines())
        return cls(
            name=_name(text),
            language=_language(text),
            gender="man" if _MAN.search(text) else "woman",
            facts=tuple(_facts(text)),
            headed=headed,
        )

    def fact_about(self, question: str) -> str:
        """The line of the knowledge that shares most words with a question, empty when none does.

        Lines of a prompt without such a heading may be orders too, and are quoted to a plain question only.
        """
        if not self.headed and not is_question(question):
            return ""
        asked = [word for word in words(question) if len(word) > 2]
        best, most = "", 0
        for fact in self.facts:
            known = words(fact)
            shared = sum(1 for word in asked if any(_akin(word, other) for other in known))
            if shared > most:
                best, most = fact, shared
        return best


_COMMON = frozenset(
    [
        "the",
        "and",
        "are",
        "you",
        "your",
        "for",
        "with",
        "what",
        "when",
        "where",
        "how",
        "can",
        "have",
        "this",
        "that",
        "please",
        "about",
        "from",
        "want",
        "would",
        "like",
        "know",
        "है",
        "हैं",
        "का",
        "की",
        "के",
        "में",
        "को",
        "से",
        "और",
        "क्या",
        "आप",
        "मुझे",
        "मेरा",
        "मेरी",
        "बारे",
        "चाहिए",
        "जानना",
        "जानकारी",
        "थोड़ी",
        "बताइए",
        "नमस्ते",
        "hello",
    ]
)


_ASKING = frozenset(
    words(
        "what when where which why who how क्या कितना कितनी कितने कब कहाँ कैसे कौन काय किती कधी कुठे कसं શું કેટલું કેટલી કેટલા "
        "ક્યારે ક્યાં ਕੀ ਕਿੰਨਾ ਕਿੰਨੀ ਕਿੰਨੇ ਕਦੋਂ ਕਿੱਥੇ কী কত কখন কোথায় କେତେ କେବେ କେଉଁଠି என்ன எவ்வளவு எப்போ எங்க "
        "ఏమిటి ఎంత ఎప్పుడు ఎక్కడ ಏನು ಎಷ್ಟು ಯಾವಾಗ ಎಲ್ಲಿ എന്ത് എത്ര എപ്പോൾ എവിടെ"
    )
)


def _akin(one: str, other: str) -> bool:
    """Whether two words are the same but for an ending (Indian languages put theirs on the noun)."""
    if one in _COMMON or other in _COMMON:
        return False
    shorter = min(len(one), len(other))
    stem = shorter - (2 if shorter > 6 else 1 if shorter > 4 else 0)
    return stem > 2 and one[:stem] == other[:stem]


def is_question(text: str) -> bool:
    """Whether a sentence asks something: transcripts often come without the mark."""
    return "?" in text or any(word in _ASKING for word in words(text))


def _language(text: str) -> str | None:
    """The language to speak: of the last line that orders one, else the first code named anywhere."""
    ordered = [code for line in text.splitlines() if _SPEAK.search(line) and (code := _CODE.search(line))]
    found = ordered[-1] if ordered else _CODE.search(text)
    if found is None:
        return None
    prefix = found[1].lower().partition("-")[0]
    return bcp47(f"{prefix}-IN")


def _name(text: str) -> str:
    for found in (*_NAME.finditer(text), *_CALLED.finditer(text), *_NAME_HINDI.finditer(text)):
        name = _NAME_ENDS.split(found[1] + " ", maxsplit=1)[0].strip().strip("\"'“”*")
        named = name.lower().split()
        if named and named[0] not in ("a", "an", "the", "not", "speaking", "here", "to") and len(named) <= 4:
            return name
    return ""


def _facts(text: str) -> list[str]:
    """Lines under a heading that says knowledge; without one, every line that is not an order to the speaker."""
    lines = [line.strip() for line in text.splitlines()]
    starts = [place for place, line in enumerate(lines) if _KNOWLEDGE.match(line)]
    if not starts:
        return [line.lstrip("-*• ") for line in lines if line and not _ORDER.match(line) and not _HEADING.match(line)]
    facts = []
    for line in lines[starts[0] + 1 :]:
        if _HEADING.match(line) and not _KNOWLEDGE.match(line):
            break
        if line:
            facts.append(line.lstrip("-*• "))
    return facts
