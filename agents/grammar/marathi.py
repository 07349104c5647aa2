"""Marathi: the words by which a speaker's own forms are known.

No ending is the first person's alone (तो करतो, ते आले, आम्ही थांबलो), so every form here needs मी.
"""

from __future__ import annotations

from agents.grammar.engine import Ending, Examples, Kind, Mark, Rules, built, ending_in, pairs, words

EXAMPLES = Examples(
    female="मी सांगू शकते, मी बघते, मी बोलत होते, मी आले",
    male="मी सांगू शकतो, मी बघतो, मी बोलत होतो, मी आलो",
    plural="तुम्ही आला होता",
    ungendered="सांगाल का, तुम्हाला कधी यायचे आहे",
)

# Words for oneself, woman's/man's. Those that both use, such as असिस्टंट, have no place here.
NOUNS = """
    सहाय्यिका,सहायिका,साहाय्यिका/सहाय्यक,सहायक,साहाय्यक सेविका/सेवक शिक्षिका/शिक्षक परिचारिका/परिचारक संचालिका/संचालक
    मुलगी/मुलगा महिला/पुरुष
"""

# Stems of आले/आलो: verbs whose past agrees with whoever does them. With the others मी's verb agrees
# with the object (मी फोन केला).
PAST = """
    आ गे बस निघा पोहोच पोहच पोच बोल विसर भेट शिक राहि थांब झा लाग म्हणा उठ झोप परत शक चुक पड फिर चाल पळ थक अडक गोंधळ जन्म वळ
    उतर चढ समज हर जिंक घाबर
"""

_NO_PRESENT = words("नमस्ते नाते खाते रस्ते पत्ते हप्ते भत्ते मते पुरते हस्ते पोते नाश्ते फिते गुंते दस्ते वाटते आवडते")
_AGREES_WITH_A_FACT = ending_in("ले|ला|ली|लं|चे|चं|पेक्षित|क्य|वश्यक")

RULES = Rules(
    examples=EXAMPLES,
    subject=words("मी मीही मीच मीसुद्धा मीदेखील मीपण"),
    others=words("तुम्ही आपण आम्ही तू मला त्यांनी तिने त्याने"),
    pointers=words("तो ती ते त्या हा ही हे ह्या जो जी जे कोण कोणी"),
    joints=words("की परंतु जर"),
    links=words("आणि व नि किंवा"),
    particles=words("च पण तर नाही ना का हं बरं बरे हो जी सर मॅडम आता आत्ता"),
    auxiliaries=words("आहे"),
    closers=words(
        "आहे आहेत आहात होता होती होतं केले केली केला केलं केल्या दिले दिली दिला दिलं घेतले घेतली घेतला घेतलं सांगितले सांगितली सांगितलं"
        " पाहिले पाहिली पाहिलं पाहिला लिहिले लिहिली लिहिलं लिहिला ठेवले ठेवली ठेवलं ठेवला पाठवले पाठवली पाठवलं पाठवला विचारले विचारलं"
        " विचारली बघितले बघितली बघितलं बघितला नोंदवले नोंदवली नोंदवलं नोंदवला ऐकले ऐकलं ऐकली म्हटले म्हटलं मागितले मागितली मागितलं"
        " करेन करीन सांगेन देईन बघेन पाठवेन बोलेन विचारेन ठेवेन कळवेन नोंदवेन येईन जाईन घेईन होईन पाहीन"
    ),
    closing_endings=ending_in("तात"),
    marks={
        **built(Kind.FINITE, PAST, "ले", "लो"),
        **built(Kind.FINITE, PAST, "लेय", "लोय"),
        **built(Kind.BOUND, PAST, "लेली", "लेला"),
        **built(Kind.BOUND, PAST, "लेले", "लेलो"),
        **pairs(Kind.AUXILIARY, "होते/होतो नव्हते/नव्हतो"),
    },
    endings=(
        Ending(ending_in("ते|तेय"), Mark("female", Kind.FINITE), _NO_PRESENT),
        Ending(ending_in("तो|तोय"), Mark("male", Kind.FINITE), _NO_PRESENT),
        Ending(ending_in("यचो"), Mark("male", Kind.FINITE)),
    ),
    relative=ending_in("लेल(ी|े|ा|ं|्या)"),
    before=dict.fromkeys(words("होते नव्हते राहिले"), _AGREES_WITH_A_FACT),
    nouns=pairs(Kind.BOUND, NOUNS),
    speaking=words("बोलत बोलते बोलतो बोलतेय बोलतोय"),
)
