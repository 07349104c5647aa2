"""Punjabi: the words by which a speaker's own forms are known."""

from __future__ import annotations

from agents.grammar.engine import Ending, Examples, Kind, Mark, Rules, built, ending_in, pairs, words

EXAMPLES = Examples(
    female="ਮੈਂ ਦੱਸ ਸਕਦੀ ਹਾਂ, ਮੈਂ ਵੇਖ ਰਹੀ ਹਾਂ, ਮੈਂ ਕਰਾਂਗੀ, ਮੈਂ ਸਮਝ ਗਈ",
    male="ਮੈਂ ਦੱਸ ਸਕਦਾ ਹਾਂ, ਮੈਂ ਵੇਖ ਰਿਹਾ ਹਾਂ, ਮੈਂ ਕਰਾਂਗਾ, ਮੈਂ ਸਮਝ ਗਿਆ",
    plural="ਤੁਸੀਂ ਚਾਹੋਗੇ",
    ungendered="ਦੱਸੋ ਜੀ, ਤੁਹਾਨੂੰ ਕਦੋਂ ਆਉਣਾ ਹੈ",
)

# Words for oneself, woman's/man's. Those that both use, such as ਅਸਿਸਟੈਂਟ, have no place here.
NOUNS = "ਸਹਾਇਕਾ,ਸਹਾਇਿਕਾ/ਸਹਾਇਕ ਸੇਵਿਕਾ/ਸੇਵਕ ਅਧਿਆਪਕਾ/ਅਧਿਆਪਕ ਸੰਚਾਲਿਕਾ/ਸੰਚਾਲਕ ਕੁੜੀ/ਮੁੰਡਾ ਔਰਤ/ਆਦਮੀ"

# Stems of ਕਰਦੀ/ਕਰਦਾ. A list, for nouns and surnames end alike: ਫ਼ਾਇਦਾ, ਨੰਦਾ.
STEMS = """
    ਕਰ ਬੋਲ ਦੱਸ ਪੁੱਛ ਸਕ ਵੇਖ ਦੇਖ ਸੁਣ ਲਿਖ ਭੇਜ ਮੰਗ ਸਮਝ ਜਾਣ ਰੱਖ ਲੱਭ ਖੋਜ ਪੜ੍ਹ ਮਿਲ ਚੱਲ ਚਲ ਲੱਗ ਸੋਚ ਮੰਨ ਜੋੜ ਖੋਲ੍ਹ ਰੋਕ ਬਣ ਬੈਠ ਉੱਠ ਨਿਕਲ
    ਕੱਢ ਪਹੁੰਚ ਪਰਤ ਮੁੜ ਭੁੱਲ ਵਰਤ ਗਿਣ ਜਾਂ ਆਉਂ ਆਂ ਚਾਹੁੰ ਦਿੰ ਦੇਂ ਲੈਂ ਹੁੰ ਕਹਿੰ ਰਹਿੰ ਖਾਂ ਪੀਂ ਬਹਿੰ ਪਾਂ ਲਿਆਂ ਬਦਲ ਭਰ ਛੱਡ ਫੜ ਰੁਕ ਘੁੰਮ ਸਿੱਖ ਵੇਚ
    ਖਰੀਦ ਵੰਡ ਚੁਣ ਪਛਾਣ ਸੰਭਾਲ ਜਾਂਚ ਪਰਖ ਡਰ ਹੱਸ ਸੌਂ ਹਟ ਟਾਲ
"""

# Past forms of verbs that agree with whoever does them. ਮੈਂ stands before the others too (ਮੈਂ ਗੱਲ ਕੀਤੀ),
# so a verb that may take an object, such as ਸਮਝੀ or ਬੋਲੀ, has no place here.
PAST = """
    ਗਈ/ਗਿਆ ਆਈ/ਆਇਆ ਹੋਈ/ਹੋਇਆ ਰਹੀ/ਰਿਹਾ,ਰਹਿਆ ਸਕੀ/ਸਕਿਆ ਪਹੁੰਚੀ/ਪਹੁੰਚਿਆ,ਪਹੁੰਚਾ ਬੈਠੀ/ਬੈਠਾ,ਬੈਠਿਆ ਨਿਕਲੀ/ਨਿਕਲਿਆ ਮਿਲੀ/ਮਿਲਿਆ
    ਰੁਕੀ/ਰੁਕਿਆ ਲੱਗੀ/ਲੱਗਾ,ਲੱਗਿਆ ਉੱਠੀ/ਉੱਠਿਆ ਚੱਲੀ/ਚੱਲਿਆ,ਚੱਲਾ ਜੁੜੀ/ਜੁੜਿਆ ਬਣੀ/ਬਣਿਆ ਥੱਕੀ/ਥੱਕਿਆ ਖੜ੍ਹੀ/ਖੜ੍ਹਾ ਮੁੜੀ/ਮੁੜਿਆ ਪਰਤੀ/ਪਰਤਿਆ
    ਸੁੱਤੀ/ਸੁੱਤਾ ਪਈ/ਪਿਆ ਡਿੱਗੀ/ਡਿੱਗਿਆ,ਡਿੱਗਾ ਜਾਗੀ/ਜਾਗਿਆ ਡਰੀ/ਡਰਿਆ ਫਸੀ/ਫਸਿਆ ਭੱਜੀ/ਭੱਜਿਆ ਜੰਮੀ/ਜੰਮਿਆ
"""

# These show it only with ਹਾਂ or ਸੀ beside them.
BOUND = "ਵਾਲੀ/ਵਾਲਾ ਇਕੱਲੀ/ਇਕੱਲਾ ਨਵੀਂ/ਨਵਾਂ ਚੰਗੀ/ਚੰਗਾ ਚੁੱਕੀ/ਚੁੱਕਾ,ਚੁੱਕਿਆ"

_NO_FUTURE = words("ਟਾਂਗਾ ਤਾਂਗਾ ਮੂੰਗਾ ਗੂੰਗਾ ਗੂੰਗੀ ਲੂੰਗੀ")

RULES = Rules(
    examples=EXAMPLES,
    subject=words("ਮੈਂ ਮੈ"),
    others=words("ਤੁਸੀਂ ਤੁਸੀ ਅਸੀਂ ਅਸੀ ਤੂੰ ਮੈਨੂੰ ਮੈਥੋਂ ਉਨ੍ਹਾਂ ਉਹਨਾਂ"),
    pointers=words("ਉਹ ਇਹ ਜੋ ਜਿਹੜਾ ਜਿਹੜੀ ਕੋਈ ਕੌਣ"),
    cases=words("ਨੂੰ ਦਾ ਦੀ ਦੇ ਦੀਆਂ ਨੇ ਤੋਂ ਨਾਲ ਵਿੱਚ ਵਿਚ ਲਈ ਵਾਲੇ"),
    joints=words("ਕਿ ਕਿਉਂਕਿ ਪਰ ਲੇਕਿਨ ਜੇ ਜੇਕਰ ਤਾਂਕਿ ਤਾਂਜੋ"),
    links=words("ਅਤੇ ਤੇ ਜਾਂ"),
    particles=words("ਹੀ ਵੀ ਤਾਂ ਨਹੀਂ ਨਹੀ ਨਾ ਜੀ ਕੀ ਕਿਵੇਂ ਹੁਣ ਹੁਣੇ ਸਰ ਮੈਡਮ"),
    am=words("ਹਾਂ ਆਂ ਸਾਂ"),
    auxiliaries=words("ਸੀ"),
    closers=words(
        "ਹੈ ਹਨ ਸੀ ਸਨ ਕੀਤੀ ਕੀਤਾ ਕੀਤੇ ਕੀਤੀਆਂ ਦਿੱਤੀ ਦਿੱਤਾ ਦਿੱਤੇ ਲਿਖਿਆ ਲਿਖੀ ਪੁੱਛਿਆ ਪੁੱਛੀ ਦੱਸਿਆ ਦੱਸੀ ਕਿਹਾ ਕਹੀ ਵੇਖਿਆ ਵੇਖੀ ਦੇਖਿਆ ਦੇਖੀ"
        " ਸੁਣਿਆ ਸੁਣੀ ਲਿਆ ਭੇਜਿਆ ਭੇਜੀ ਰੱਖਿਆ ਰੱਖੀ ਮੰਗਿਆ ਮੰਗੀ ਬਣਾਈ ਬਣਾਇਆ"
    ),
    closing_endings=ending_in("ੇਗਾ|ੇਗੀ|ਏਗਾ|ਏਗੀ|ਣਗੇ|ਣਗੀਆਂ|ੋਗੇ|ਓਗੇ|ਾਂਗੇ"),
    marks={
        **built(Kind.PARTICIPLE, STEMS, "ਦੀ", "ਦਾ"),
        **pairs(Kind.PARTICIPLE, PAST),
        **pairs(Kind.BOUND, BOUND),
        **pairs(Kind.AUXILIARY, "ਸੀਗੀ/ਸੀਗਾ"),
    },
    endings=(
        Ending(ending_in("ਾਂਗੀ|ਆਂਗੀ|ੂੰਗੀ|ਊਂਗੀ"), Mark("female", Kind.SELF), _NO_FUTURE),
        Ending(ending_in("ਾਂਗਾ|ਆਂਗਾ|ੂੰਗਾ|ਊਂਗਾ"), Mark("male", Kind.SELF), _NO_FUTURE),
        Ending(ending_in("ਾਉਂਦੀ"), Mark("female", Kind.PARTICIPLE)),
        Ending(ending_in("ਾਉਂਦਾ"), Mark("male", Kind.PARTICIPLE)),
    ),
    before={
        **dict.fromkeys(words("ਹੋਈ ਹੋਇਆ"), ending_in("ੀ|ਈ|ਿਆ|ਇਆ")),
        **dict.fromkeys(words("ਚੁੱਕੀ ਚੁੱਕਿਆ"), ending_in("ਾਲ|ੋਨ")),
    },
    nouns=pairs(Kind.BOUND, NOUNS),
    speaking=words("ਬੋਲ ਗੱਲ"),
)
