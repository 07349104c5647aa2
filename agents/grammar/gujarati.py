"""Gujarati: the words by which a speaker's own forms are known.

The present and the future show no gender (કરું છું, કરીશ); the past and participles do.
"""

from __future__ import annotations

from agents.grammar.engine import Ending, Examples, Kind, Mark, Rules, built, ending_in, pairs, words

EXAMPLES = Examples(
    female="હું જોઈ રહી છું, હું સમજી ગઈ, હું કરવાની છું, હું કરી શકતી નથી",
    male="હું જોઈ રહ્યો છું, હું સમજી ગયો, હું કરવાનો છું, હું કરી શકતો નથી",
    plural="તમે આવ્યા હતા",
    ungendered="કહેશો, તમારે ક્યારે આવવું છે",
)

# Words for oneself, woman's/man's. Those that both use, such as આસિસ્ટન્ટ, have no place here.
NOUNS = """
    સહાયિકા/સહાયક સેવિકા/સેવક શિક્ષિકા/શિક્ષક પરિચારિકા/પરિચારક સંચાલિકા/સંચાલક છોકરી/છોકરો સ્ત્રી,મહિલા/પુરુષ
"""

# Stems of કરતી/કરતો (કરી શકતી નથી, કરતી હતી). A list, for nouns and names end alike: માહિતી, આરતી.
STEMS = """
    કર બોલ કહે પૂછ શક જો સાંભળ લખ મોકલ માગ માંગ સમજ જાણ રાખ શોધ વાંચ મળ ચાલ વિચાર માન જોડ ખોલ રોક બન બેસ ઊઠ નીકળ પહોંચ ભૂલ ગણ જ
    આવ ઇચ્છ ચાહ આપ લે લેવ હો થ રહે પામ લાવ ખા પી બદલ ભર છોડ પકડ ફર શીખ વેચ ખરીદ ચૂક તપાસ સ્વીકાર ઓળખ દે ડર લાગ ધાર નોંધ ભણ
    વાપર ટાળ સંભાળ
"""

# Past forms of verbs that agree with whoever does them; those that take મેં agree with the object.
# The woman's form of most means "having done" as well: હું બોલી શકું છું.
PAST_OR_HAVING = """
    આવી/આવ્યો થઈ/થયો રહી/રહ્યો ચૂકી/ચૂક્યો શકી/શક્યો ભૂલી/ભૂલ્યો સમજી/સમજ્યો પહોંચી/પહોંચ્યો નીકળી/નીકળ્યો રોકાઈ/રોકાયો મળી/મળ્યો
    બોલી/બોલ્યો લાવી/લાવ્યો લાગી/લાગ્યો પડી/પડ્યો ઊઠી/ઊઠ્યો જોડાઈ/જોડાયો ચાલી/ચાલ્યો અટકી/અટક્યો જાગી/જાગ્યો શીખી/શીખ્યો
    જન્મી/જન્મ્યો ભણી/ભણ્યો દોડી/દોડ્યો થાકી/થાક્યો ફસાઈ/ફસાયો મૂંઝાઈ/મૂંઝાયો પામી/પામ્યો ઊતરી/ઊતર્યો
"""
PAST = "ગઈ,ગયી/ગયો બેઠી/બેઠો સૂતી/સૂતો ઊભી/ઊભો"

# These show it only with છું, હતી or હતો beside them.
BOUND = "એકલી/એકલો નવી/નવો સારી/સારો"

RULES = Rules(
    examples=EXAMPLES,
    subject=words("હું હુ હુંય હુંજ"),
    others=words("તમે આપ અમે આપણે તું તેઓ મેં મને તેમણે તેણે"),
    pointers=words("તે એ આ જે કોઈ કોણ તેણી પેલી પેલો"),
    joints=words("કે કારણ પરંતુ જો"),
    links=words("અને ને તથા અથવા"),
    particles=words("જ પણ તો નહીં નહિ ના ન હા જી સર મેડમ હમણાં હવે"),
    am=words("છું છુ રહીશ"),
    auxiliaries=words("નથી"),
    closers=words("છે છો હતા હતું"),
    closing_endings=ending_in("ીશ|ઈશ|ઉં|શો|શે|ીશું|ઈશું"),
    never_closers=words("વિશે હંમેશે"),
    marks={
        **built(Kind.PARTICIPLE, STEMS, "તી", "તો"),
        **pairs(Kind.ABSOLUTIVE, PAST_OR_HAVING),
        **pairs(Kind.PARTICIPLE, PAST),
        **pairs(Kind.BOUND, BOUND),
        **pairs(Kind.AUXILIARY, "હતી/હતો નહોતી,ન્હોતી/નહોતો,ન્હોતો"),
    },
    endings=(
        Ending(ending_in("વાની|વાળી|નારી|ેલી"), Mark("female", Kind.BOUND)),
        Ending(ending_in("વાનો|વાળો|નારો|ેલો"), Mark("male", Kind.BOUND)),
        Ending(ending_in("ાવતી"), Mark("female", Kind.PARTICIPLE)),
        Ending(ending_in("ાવતો"), Mark("male", Kind.PARTICIPLE)),
    ),
    relative=ending_in("ેલ(ી|ો|ું|ા|)"),
    nouns=pairs(Kind.BOUND, NOUNS),
    speaking=words("બોલી બોલું વાત"),
)
