"""The speaker's gender: whose verb it is, told by sentences that receptionists say."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.catalogue import VOICES, Gender
from agents.grammar import Form, choose, examples, misfits, speaker_forms, warnings_for
from agents.languages import LANGUAGES, Language
from tests.agents.grammar_sentences import MANS, NOBODYS, WOMANS

WOMAN, MAN = "arya", "karun"
OTHER: dict[Gender, Gender] = {"female": "male", "male": "female"}


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


def shown() -> list[tuple[str, Gender, list[str], str]]:
    """Language, gender, exact words and sentence."""
    tables: list[tuple[Gender, dict[str, str]]] = [("female", WOMANS), ("male", MANS)]
    rows: list[tuple[str, Gender, list[str], str]] = []
    for gender, by_language in tables:
        for language, table in by_language.items():
            for line in lines(table):
                words, sentence = line.split(" | ")
                rows.append((language, gender, words.split(", "), sentence))
    return rows


SHOWN = shown()
UNSHOWN = [(language, sentence) for language, table in NOBODYS.items() for sentence in lines(table)]


@pytest.mark.parametrize(("language", "sentence"), UNSHOWN)
def test_what_is_not_the_speakers_own_never_counts(language: str, sentence: str) -> None:
    assert speaker_forms(sentence, language) == []


@pytest.mark.parametrize(("language", "gender", "words", "sentence"), SHOWN)
def test_the_speakers_own_forms_are_found_as_they_are_written(
    language: str, gender: Gender, words: list[str], sentence: str
) -> None:
    forms = speaker_forms(sentence, language)
    assert [(form.words, form.gender) for form in forms] == [(word, gender) for word in words]
    assert all(sentence[form.start : form.end] == form.words for form in forms)
    assert misfits(sentence, language, gender) == []
    assert misfits(sentence, language, OTHER[gender]) == forms


@pytest.mark.parametrize("language", ["hi-IN", "pa-IN", "mr-IN", "gu-IN"])
def test_each_language_has_twenty_sentences_of_either_sort(language: str) -> None:
    assert len(lines(NOBODYS[language])) >= 20
    assert len(lines(WOMANS[language])) >= 20


@pytest.mark.parametrize(("language", "sentence"), UNSHOWN + [(row[0], row[3]) for row in SHOWN])
def test_one_spelling_or_another_makes_no_difference(language: str, sentence: str) -> None:
    def found(text: str) -> list[tuple[Gender, str]]:
        forms = speaker_forms(text, language)
        return [(form.gender, unicodedata.normalize("NFC", form.words)) for form in forms]

    assert found(unicodedata.normalize("NFC", sentence)) == found(unicodedata.normalize("NFD", sentence))


@pytest.mark.parametrize("words", ["रही हूँ", "रही हूं", "रही हुँ", "र\u200dही हूँ", "रही ह\u200cूँ", "रही\u200d हूँ"])
def test_nasal_signs_and_joiners_are_free(words: str) -> None:
    assert speaker_forms(f"मैं बोल {words}।", "hi-IN") == [Form(words, 8, 8 + len(words), "female")]


@pytest.mark.parametrize(("language", "sentence"), [(row[0], row[3]) for row in SHOWN])
def test_the_other_seven_languages_have_no_such_forms(language: str, sentence: str) -> None:
    for code in set(LANGUAGES) - {"hi-IN", "pa-IN", "mr-IN", "gu-IN"}:
        assert speaker_forms(sentence, code) == []


@pytest.mark.parametrize(
    ("text", "woman", "man"),
    [
        ("मैं बोल {रही|रहा} हूँ", "मैं बोल रही हूँ", "मैं बोल रहा हूँ"),
        ("मैं { नई | नया } हूँ", "मैं नई हूँ", "मैं नया हूँ"),
        ("कर{ती|ता} और बोल{ती|ता} हूँ", "करती और बोलती हूँ", "करता और बोलता हूँ"),
        ("{मैं आई थी|मैं आया था}।", "मैं आई थी।", "मैं आया था।"),
        ("સહાયિ{કા|}", "સહાયિકા", "સહાયિ"),
        ("नमस्ते {visitor_name}, मैं {agent_name} | बताइए", None, None),
        ("{a|b|c} {|} {} { } | a|b", None, None),
        ("{रही|रहा", None, None),
        ("रही|रहा} {", None, None),
        ("{रही\n|रहा}", None, None),
        ("{ {रही|रहा}", "{ रही", "{ रहा"),
        ("", None, None),
    ],
)
def test_the_voice_picks_one_of_two_forms(text: str, woman: str | None, man: str | None) -> None:
    assert choose(text, "female") == (text if woman is None else woman)
    assert choose(text, "male") == (text if man is None else man)


@pytest.mark.parametrize(
    "text",
    ["मैं बोल {रही|रहा} हूँ", "मैं मदद कर सक{ती|ता} हूँ और फ़ोन {करूँगी|करूँगा}", "मैं कल {गई थी|गया था}"],
)
def test_a_pair_fits_every_voice_and_each_of_its_sides_its_own(text: str) -> None:
    assert speaker_forms(text, "hi-IN") == []
    assert {form.gender for form in speaker_forms(choose(text, "female"), "hi-IN")} == {"female"}
    assert {form.gender for form in speaker_forms(choose(text, "male"), "hi-IN")} == {"male"}


def test_a_greeting_warns_where_a_single_form_does_not_fit_every_voice() -> None:
    texts = {
        "hi-IN": "मैं बोल रही हूँ",
        "mr-IN": "मी {बोलते|बोलतो}",
        "ta-IN": "நான் பேசுறேன்",
        "gu-IN": "હું આવ્યો છું",
    }

    def words(*voices: str) -> dict[str, list[str]]:
        return {code: [form.words for form in forms] for code, forms in warnings_for(texts, voices).items()}

    assert words(WOMAN) == {"gu-IN": ["આવ્યો છું"]}
    assert words(MAN) == {"hi-IN": ["रही हूँ"]}
    assert words(WOMAN, MAN) == {"hi-IN": ["रही हूँ"], "gu-IN": ["આવ્યો છું"]}
    assert words() == words("nobody") == {}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
def test_our_own_words_fit_every_voice(language: Language) -> None:
    for text in (language.greeting, language.apology, language.resumed):
        assert warnings_for({language.code: text}, VOICES) == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_examples_are_given_where_verbs_show_it_and_are_of_that_gender(code: str) -> None:
    own = examples(code)
    assert (own is not None) == LANGUAGES[code].gendered_verbs
    if own:
        for gender in OTHER:
            sentences = own.of(gender).split(", ")
            assert [{form.gender for form in speaker_forms(each, code)} for each in sentences] == [{gender}] * 4


PIECES = st.sampled_from(
    [*" {}|.,।\n\u200d\u200c\u093c", *(word for row in SHOWN[::3] for word in row[3].split()), "{रही|रहा}", "{name}"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text_is_read_without_harm(text: str) -> None:
    for language in ("hi-IN", "pa-IN", "mr-IN", "gu-IN", "ta-IN", "xx"):
        end = 0
        for form in speaker_forms(text, language):
            assert end <= form.start < form.end <= len(text)
            assert text[form.start : form.end] == form.words
            end = form.end
    assert "".join(sorted(set(choose(text, "female")) - set(text))) == ""
