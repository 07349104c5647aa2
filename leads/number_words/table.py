"""The shape of one language's number words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What a language says for numbers beyond the digits, which stand in `agents.digits`.

    Rows are apart by blanks, variants by strokes, the plainest first. `to_ninety_nine` has ten to
    ninety-nine where every number is a word of its own; elsewhere `teens` has ten to nineteen and
    `tens` twenty to ninety. `joining` are the tens in the form that takes a unit after it; where it is
    empty and `tens` is not, the plain tens do. `glued` are the beginnings of tens written in one word
    with a unit: one that ends in a consonant takes the unit's vowel.

    `hundred` to `crore` may carry endings. `fixed` are words for one value. The half words: `quarter_more`,
    `half_more` and `quarter_less` stand before the number they change (सवा, साढ़े, पौने); `endings` are put
    to a number's word after its last letters are `cut`, and add their value (-அரை, -ವರೆ), `before_quarter` where the
    quarter follows as a word of its own (ஒன்றே கால்). `before_rest` is how the end of a fixed thousand changes before hundreds. `weak` words have another
    meaning: they count only among other digits or before a hundred, a thousand and so on.
    """

    hundred: str
    thousand: str
    lakh: str
    crore: str
    to_ninety_nine: str = ""
    teens: str = ""
    tens: str = ""
    joining: str = ""
    glued: str = ""
    fixed: dict[str, float] = field(default_factory=dict)
    quarter_more: str = ""
    half_more: str = ""
    quarter_less: str = ""
    endings: dict[str, float] = field(default_factory=dict)
    before_quarter: str = ""
    cut: int = 1
    before_rest: tuple[str, str] = ("", "")
    rupee: str = ""
    point: str = ""
    weak: str = ""
