"""How a name sounds, whatever script it is written in: राहुल, ராகுல், "rahul" and "Raahul" come out the same.

The skeleton keeps what spellings agree on. Sounds that a script writes with one letter, or that people mix up, are one:
Tamil has one letter for k and g and writes h with it, Bengali has none for v, Latin letters tell no t from d reliably
once an h follows. Long and short vowels are one, and an a is heard only at the start, because nobody writes it alike.

No library: the scripts of India share one layout in Unicode, so one table of the letters' places reads all of them, and
a transliteration would only bring back the differences which have to go.
"""

from __future__ import annotations

import re
import unicodedata

from agents.models import FieldToFindOut
from leads.models import Lead, LeadValue

MAX_SOUNDS = 400  # characters kept of one lead

_WORD = re.compile(r"[a-z]+|[\u0900-\u0963\u0966-\u0d7f]+")  # the two left out are the danda, single and double
_ACCENT = re.compile(r"[\u0300-\u036f\u200c\u200d]")  # and what joins letters, or keeps them from it
_BLOCK = 0x80  # places in a script's block

# By place in a block. A consonant has an `a` after it unless something else follows.
_VOWELS = {
    **dict.fromkeys((0x05, 0x06, 0x0D), "a"),
    **dict.fromkeys((0x07, 0x08, 0x0E, 0x0F, 0x10), "i"),
    **dict.fromkeys((0x09, 0x0A, 0x11, 0x12, 0x13, 0x14), "u"),
    0x0B: "ri",
    0x60: "ri",
    0x0C: "li",
}
_SIGNS = {
    **dict.fromkeys((0x3E, 0x45), "a"),
    **dict.fromkeys((0x3F, 0x40, 0x46, 0x47, 0x48, 0x55, 0x56), "i"),
    **dict.fromkeys((0x41, 0x42, 0x49, 0x4A, 0x4B, 0x4C, 0x57), "u"),
    0x43: "ri",
    0x44: "ri",
    0x4D: "",
}
_CONSONANTS = {
    **dict.fromkeys((*range(0x15, 0x19), 0x39), "k"),
    **dict.fromkeys((*range(0x1A, 0x1E), *range(0x36, 0x39)), "s"),
    **dict.fromkeys((*range(0x1F, 0x23), *range(0x24, 0x28)), "t"),
    **dict.fromkeys((0x1E, 0x23, 0x28, 0x29), "n"),
    0x19: "nk",
    **dict.fromkeys((*range(0x2A, 0x2E), 0x35), "p"),
    0x2E: "m",
    0x2F: "i",
    0x30: "r",
    0x31: "r",
    **dict.fromkeys((0x32, 0x33, 0x34), "l"),
}
_VIRAMA, _NUKTA, _ANUSVARA, _CANDRABINDU = 0x4D, 0x3C, 0x02, 0x01
_JA, _NYA = 0x1C, 0x1E
_FLAPPED = {0x21, 0x22}  # with a dot below they are an r: राठौड़
_BENGALI, _TAMIL, _ENDS_IN_M = 0x0980, 0x0B80, {0x0C00, 0x0C80, 0x0D00}

# Letters that are not what their place says, and such that have no `a` after them.
_OWN = {"য": "s", "ৰ": "r", "ৱ": "p", "ଯ": "s", "ୟ": "i", "ୱ": "p", "ੜ": "r", "ೞ": "l"}
_BARE = {"ৎ": "t", "ൺ": "n", "ൻ": "n", "ർ": "r", "ൽ": "l", "ൾ": "l", "ൿ": "k", "ੰ": "n", "ੵ": "i"}

_TAMIL_KSH = [("ட்சு", "க்ஷ்"), ("ட்ச", "க்ஷ")]  # லட்சுமி is லக்ஷ்மி

_LATIN = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^x", "s"),
        (r"x", "ks"),
        (r"zh", "l"),  # Tamil's ழ: Azhagan, Alagan
        (r"ch|c(?=[eiy])|[sjz]", "s"),
        (r"(?<=[kgctdpbs])h", ""),
        (r"(?<=o)w(?![aeiouy])", ""),  # Gowri, Gouri
        (r"[cghq]", "k"),
        (r"d", "t"),
        (r"[bvwf]", "p"),
        (r"[ey]", "i"),
        (r"o", "u"),
    )
]


def sounds_of(text: str) -> str:
    """The skeleton of each word, a space between them; other scripts and digits are left out."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text.casefold()))
    words = _WORD.findall(unicodedata.normalize("NFC", plain))
    heard = (_skeleton(_latin(word) if word[0] <= "z" else _indic(word)) for word in words)
    return " ".join(dict.fromkeys(filter(None, heard)))


def refresh_sounds(lead: Lead) -> None:
    """Write down how the lead's names sound, for the search. Call it after a name of the lead was written.

    Names are its values of that kind, what else was heard in their place, and its name in Latin letters; what staff
    rejected is none. Two queries, one when `values` is prefetched.
    """
    names = [lead.latin_name]
    for value in lead.values.all():
        if value.kind == FieldToFindOut.Kind.NAME and value.verdict != LeadValue.Verdict.REJECTED:
            names += [value.value, "" if value.verdict else value.other]
    lead.sounds = sounds_of(" ".join(names))[:MAX_SOUNDS]
    Lead.objects.filter(pk=lead.pk).update(sounds=lead.sounds)


def _skeleton(sounds: str) -> str:
    """Without doubled letters, and without any a but one that begins the word before a consonant."""
    single = re.sub(r"(.)\1+", r"\1", sounds)
    first = "a" if re.match(r"a[^iu]", single) else ""
    skeleton = re.sub(r"([iu])\1+", r"\1", single.replace("a", ""))
    return first + re.sub(r"^([kp])ir[iu]", r"\1ri", skeleton)  # Tamil parts what begins a word: கிருஷ்ணா


def _latin(word: str) -> str:
    for pattern, sound in _LATIN:
        word = pattern.sub(sound, word)
    return word


def _indic(word: str) -> str:
    """The sounds of a word, each consonant with its own a where the script has it."""
    for spelt, meant in _TAMIL_KSH:
        word = word.replace(spelt, meant)
    sounds = ""
    for at, letter in enumerate(word):
        block, place = ord(letter) & -_BLOCK, ord(letter) % _BLOCK
        before = ord(word[at - 1]) % _BLOCK if at else 0
        if letter in _BARE:
            sounds += _BARE[letter]
        elif place == _NUKTA:
            sounds = _dotted(sounds, before, block)
        elif place in _SIGNS:
            sounds = sounds.removesuffix("a") + _SIGNS[place]
        elif place in (_ANUSVARA, _CANDRABINDU):
            sounds += _nasal(word[at + 1 : at + 2], block)
        elif place == _NYA and before == _VIRAMA and word[at - 2 : at - 1] and ord(word[at - 2]) % _BLOCK == _JA:
            sounds = sounds.removesuffix("s") + ("kia" if block < _TAMIL else "kna")  # ज्ञान is Gyan, జ్ఞాన Gnana
        elif letter in _OWN and before != _VIRAMA:
            sounds += _OWN[letter] + "a"
        elif place in _CONSONANTS:
            sounds += _CONSONANTS[place] + "a"
        else:
            sounds += _VOWELS.get(place, "")
    return sounds


def _dotted(sounds: str, place: int, block: int) -> str:
    """With a dot below the last letter."""
    if place in _FLAPPED:
        return sounds[:-2] + "ra"
    if block == _BENGALI and place == 0x2F:  # য is a j, য় a y
        return sounds[:-2] + "ia"
    return sounds


def _nasal(following: str, block: int) -> str:
    """What the dot above is before that letter."""
    if block == _BENGALI:
        return "nk"
    if not following:
        return "m" if block in _ENDS_IN_M else "n"
    return "m" if _CONSONANTS.get(ord(following) % _BLOCK) in ("p", "m") else "n"
