"""A name in Latin letters, as its owner would put it into an e-mail address: रवि is ravi, ரவி too."""

from __future__ import annotations

import re
import unicodedata

# By their place in a script's block; the blocks of the nine scripts are alike.
_SOUNDS = "k kh g gh ng ch chh j jh n t th d dh n t th d dh n n p ph b bh m y r r l l zh v sh sh s h"
_CONSONANTS = dict(enumerate(_SOUNDS.split(" "), 0x15))
_VOWELS = {0x05: "a", 0x06: "a", 0x07: "i", 0x08: "i", 0x09: "u", 0x0A: "u", 0x0B: "ri", 0x0E: "e", 0x0F: "e", 0x10: "ai",
           0x0D: "a", 0x11: "o", 0x12: "o", 0x13: "o", 0x14: "au"}  # fmt: skip
_SIGNS = {place + 0x38: sound for place, sound in _VOWELS.items() if place > 0x05}
_VIRAMA, _NUKTA, _NASALS = 0x4D, 0x3C, (0x01, 0x02)
_TAMIL, _BENGALI = 0x0B80, 0x0980
_SOUTHERN = (0x0B80, 0x0C00, 0x0C80, 0x0D00)  # their writing leaves no final vowel out
_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "s"}
_TAMIL_DENTAL = 0x24
_ADDAK = re.compile("\u0a71(.)")  # doubles the letter after it
_NUKTAS = {"ph": "f", "j": "z", "d": "d", "dh": "d", "kh": "kh", "k": "q", "g": "g", "y": "y"}


def latin(word: str) -> str:
    """The word in small Latin letters, without long vowels and silent ones. Other scripts come out empty."""
    text = unicodedata.normalize(
        "NFD", word.replace("ൻ", "ന്").replace("ർ", "ര്").replace("ൽ", "ല്").replace("ൾ", "ള്").replace("ൺ", "ണ്")
    )
    if text.isascii():
        return text.casefold()
    text = _ADDAK.sub("\\1\u0a4d\\1", text)
    sounds: list[tuple[str, str]] = []  # a consonant and its vowel, either empty; "a" in capitals is not written
    for place, letter in enumerate(text):
        block, at = ord(letter) & ~0x7F, ord(letter) & 0x7F
        if at in _CONSONANTS:
            sounds.append((_consonant(text, place, block, at), "A"))
        elif at in _VOWELS:
            sounds.append(("", _VOWELS[at]))
        elif at in _SIGNS and sounds:
            sounds[-1] = (sounds[-1][0], _SIGNS[at])
        elif at == _VIRAMA and sounds:
            sounds[-1] = (sounds[-1][0], "")
        elif at == _NUKTA and sounds:
            sounds[-1] = (_NUKTAS.get(sounds[-1][0], sounds[-1][0]), sounds[-1][1])
        elif at in _NASALS:
            sounds.append(("m" if place + 1 == len(text) and block in _SOUTHERN else "n", ""))
    northern = bool(text) and (ord(text[0]) & ~0x7F) not in _SOUTHERN
    said = _spoken(sounds) if northern else "".join(sound.replace("A", "a") for pair in sounds for sound in pair)
    return said.replace("thth", "th").replace("chch", "ch")


def _consonant(text: str, place: int, block: int, at: int) -> str:
    sound = _CONSONANTS[at]
    if block == _BENGALI and sound == "y" and text[place + 1 : place + 2] != "\u09bc":
        return "j"
    if block != _TAMIL:
        return sound
    if at == _TAMIL_DENTAL:
        return "th"
    before, after = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    between_vowels = bool(before) and before != "்" and after != "்"
    return _VOICED.get(sound, sound) if between_vowels else ("s" if sound == "ch" and not before else sound)


def _spoken(sounds: list[tuple[str, str]]) -> str:
    """Without the vowels that northern languages write but do not say: राहुल, रमेश, सलमान."""
    last = len(sounds) - 1
    said = ""
    for place, (consonant, vowel) in enumerate(sounds):
        if vowel == "A":
            before = sounds[place - 1][1] if place else ""
            following = sounds[place + 1] if place < last else ("", "")
            middle = before != "" and following[0] != "" and following[1] not in ("", "A") and place > 0
            silent = last > 0 and (place == last or middle)
            if place == last and place and sounds[place - 1][1] == "" and sounds[place - 1][0] != consonant:
                silent = False  # मित्र, चन्द्र, but not ਗਿੱਲ
            vowel = "" if silent else "a"
        sounds[place] = (consonant, vowel)
        said += consonant + vowel
    return said
