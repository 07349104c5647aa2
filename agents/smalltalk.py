"""Words every conversation needs, in each language. Imports no Django: jobs read it.

What visitors murmur while they listen, how agents take leave, and what an agent says by itself when
nobody speaks or time runs out. Plain tables, for a native speaker to correct; Odia, Kannada, Malayalam
and Telugu most need that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """One language's words.

    `backchannels` are what a listener says without wanting the floor. `farewells` are the words with
    which an agent takes leave. `still_there` asks after a silence; `nobody_there` ends the call when
    none answers, `time_up` when its time is over, `goodbye` when the model leaves without a word.
    """

    backchannels: tuple[str, ...]
    farewells: tuple[str, ...]
    still_there: str
    nobody_there: str
    minute_left: str
    time_up: str
    goodbye: str


SMALL_TALK: dict[str, SmallTalk] = {
    "hi-IN": SmallTalk(
        ("हाँ", "जी", "हाँ जी", "जी हाँ", "अच्छा", "अच्छा जी", "ठीक", "ठीक है", "सही", "सही है", "हम्म", "हम्", "हूँ",
         "ओके", "ओ के", "यस", "राइट"),
        ("अलविदा", "नमस्ते", "नमस्कार", "फिर मिलेंगे", "दिन शुभ", "शुभ दिन", "बाय"),
        "क्या आप लाइन पर हैं?",
        "आपकी आवाज़ नहीं आ रही है, इसलिए कॉल यहीं खत्म करते हैं। धन्यवाद, नमस्ते।",
        "इस कॉल में अब एक मिनट बचा है।",
        "कॉल का समय पूरा हो गया है। धन्यवाद, नमस्ते।",
        "धन्यवाद, नमस्ते।",
    ),
    "mr-IN": SmallTalk(
        ("हो", "हं", "हां", "बरं", "अच्छा", "ठीक", "ठीक आहे", "बरोबर", "हम्म", "जी", "ओके", "यस"),
        ("नमस्कार", "पुन्हा भेटू", "दिवस शुभ", "शुभ दिवस", "बाय"),
        "तुम्ही लाइनवर आहात का?",
        "तुमचा आवाज येत नाही, म्हणून कॉल इथेच संपवूया. धन्यवाद, नमस्कार.",
        "या कॉलमध्ये आता एकच मिनिट उरला आहे.",
        "कॉलची वेळ संपली आहे. धन्यवाद, नमस्कार.",
        "धन्यवाद, नमस्कार.",
    ),
    "gu-IN": SmallTalk(
        ("હા", "હા જી", "જી", "બરાબર", "સારું", "અચ્છા", "ઠીક", "ઠીક છે", "હં", "હમ્મ", "ઓકે", "યસ"),
        ("આવજો", "નમસ્તે", "નમસ્કાર", "ફરી મળીશું", "દિવસ શુભ", "શુભ દિવસ", "બાય"),
        "તમે લાઇન પર છો?",
        "તમારો અવાજ નથી આવતો, એટલે કૉલ અહીં જ પૂરો કરીએ. આભાર, નમસ્તે.",
        "આ કૉલમાં હવે એક જ મિનિટ બાકી છે.",
        "કૉલનો સમય પૂરો થયો છે. આભાર, નમસ્તે.",
        "આભાર, નમસ્તે.",
    ),
    "pa-IN": SmallTalk(
        ("ਹਾਂ", "ਹਾਂ ਜੀ", "ਜੀ", "ਜੀ ਹਾਂ", "ਅੱਛਾ", "ਠੀਕ", "ਠੀਕ ਹੈ", "ਹੂੰ", "ਹਮਮ", "ਓਕੇ", "ਯੈੱਸ"),
        ("ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "ਅਲਵਿਦਾ", "ਫਿਰ ਮਿਲਾਂਗੇ", "ਫੇਰ ਮਿਲਾਂਗੇ", "ਦਿਨ ਸ਼ੁਭ", "ਬਾਏ"),
        "ਕੀ ਤੁਸੀਂ ਲਾਈਨ 'ਤੇ ਹੋ ਜੀ?",
        "ਤੁਹਾਡੀ ਆਵਾਜ਼ ਨਹੀਂ ਆ ਰਹੀ, ਇਸ ਲਈ ਕਾਲ ਇੱਥੇ ਹੀ ਖ਼ਤਮ ਕਰਦੇ ਹਾਂ। ਧੰਨਵਾਦ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ।",
        "ਇਸ ਕਾਲ ਵਿੱਚ ਹੁਣ ਇੱਕ ਮਿੰਟ ਬਾਕੀ ਹੈ ਜੀ।",
        "ਕਾਲ ਦਾ ਸਮਾਂ ਪੂਰਾ ਹੋ ਗਿਆ ਹੈ। ਧੰਨਵਾਦ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ।",
        "ਧੰਨਵਾਦ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ।",
    ),
    "bn-IN": SmallTalk(
        ("হ্যাঁ", "হুম", "হুঁ", "আচ্ছা", "ঠিক", "ঠিক আছে", "জি", "বেশ", "ওকে", "ইয়েস"),
        ("নমস্কার", "বিদায়", "আবার কথা হবে", "ভালো থাকবেন", "শুভ দিন", "দিন শুভ", "বাই"),
        "আপনি কি লাইনে আছেন?",
        "আপনার কথা শোনা যাচ্ছে না, তাই কলটা এখানেই শেষ করছি। ধন্যবাদ, নমস্কার।",
        "এই কলে আর এক মিনিট বাকি আছে।",
        "কলের সময় শেষ হয়ে গেছে। ধন্যবাদ, নমস্কার।",
        "ধন্যবাদ, নমস্কার।",
    ),
    "or-IN": SmallTalk(
        ("ହଁ", "ଆଜ୍ଞା", "ହଁ ଆଜ୍ଞା", "ହଉ", "ଆଚ୍ଛା", "ଠିକ୍", "ଠିକ୍ ଅଛି", "ହୁଁ", "ଓକେ", "ୟେସ୍"),
        ("ନମସ୍କାର", "ପୁଣି ଦେଖା ହେବ", "ଭଲରେ ରୁହନ୍ତୁ", "ଶୁଭ ଦିନ", "ବାଏ"),
        "ଆପଣ ଲାଇନରେ ଅଛନ୍ତି କି?",
        "ଆପଣଙ୍କ କଥା ଶୁଣାଯାଉନାହିଁ, ତେଣୁ କଲ୍ ଏଠାରେ ଶେଷ କରୁଛୁ। ଧନ୍ୟବାଦ, ନମସ୍କାର।",
        "ଏହି କଲରେ ଆଉ ଗୋଟିଏ ମିନିଟ୍ ବାକି ଅଛି।",
        "କଲର ସମୟ ସରିଗଲା। ଧନ୍ୟବାଦ, ନମସ୍କାର।",
        "ଧନ୍ୟବାଦ, ନମସ୍କାର।",
    ),
    "ta-IN": SmallTalk(
        ("ஆமா", "ஆமாம்", "ம்", "ம்ம்", "சரி", "சரிங்க", "ஓகே", "ஓ சரி", "அப்படியா", "எஸ்"),
        ("வணக்கம்", "போயிட்டு வாங்க", "பிறகு பார்க்கலாம்", "இனிய நாள்", "நல்ல நாள்", "பை"),
        "லைன்ல இருக்கீங்களா?",
        "உங்க குரல் கேக்கல, அதனால காலை இங்கேயே முடிச்சுக்கலாம். நன்றி, வணக்கம்.",
        "இந்த கால்ல இன்னும் ஒரு நிமிஷம் தான் இருக்கு.",
        "கால் நேரம் முடிஞ்சுது. நன்றி, வணக்கம்.",
        "நன்றி, வணக்கம்.",
    ),
    "te-IN": SmallTalk(
        ("ఊఁ", "ఊ", "అవును", "సరే", "సరేనండి", "అలాగే", "ఆఁ", "ఓకే", "యెస్"),
        ("నమస్కారం", "నమస్తే", "సెలవు", "మళ్ళీ కలుద్దాం", "శుభదినం", "బై"),
        "మీరు లైన్‌లో ఉన్నారా?",
        "మీ మాట వినిపించడం లేదు, అందుకే కాల్ ఇక్కడే ముగిద్దాం. ధన్యవాదాలు, నమస్కారం.",
        "ఈ కాల్‌లో ఇంకా ఒక్క నిమిషం మాత్రమే ఉంది.",
        "కాల్ సమయం అయిపోయింది. ధన్యవాదాలు, నమస్కారం.",
        "ధన్యవాదాలు, నమస్కారం.",
    ),
    "kn-IN": SmallTalk(
        ("ಹೌದು", "ಹೂಂ", "ಹೂ", "ಸರಿ", "ಆಯ್ತು", "ಓಕೆ", "ಎಸ್"),
        ("ನಮಸ್ಕಾರ", "ನಮಸ್ತೆ", "ಮತ್ತೆ ಸಿಗೋಣ", "ಶುಭ ದಿನ", "ಶುಭದಿನ", "ಬೈ"),
        "ನೀವು ಲೈನ್‌ನಲ್ಲಿ ಇದ್ದೀರಾ?",
        "ನಿಮ್ಮ ಮಾತು ಕೇಳಿಸ್ತಿಲ್ಲ, ಹಾಗಾಗಿ ಕಾಲ್ ಇಲ್ಲಿಗೇ ಮುಗಿಸೋಣ. ಧನ್ಯವಾದ, ನಮಸ್ಕಾರ.",
        "ಈ ಕಾಲ್‌ನಲ್ಲಿ ಇನ್ನು ಒಂದೇ ನಿಮಿಷ ಉಳಿದಿದೆ.",
        "ಕಾಲ್ ಸಮಯ ಮುಗಿದಿದೆ. ಧನ್ಯವಾದ, ನಮಸ್ಕಾರ.",
        "ಧನ್ಯವಾದ, ನಮಸ್ಕಾರ.",
    ),
    "ml-IN": SmallTalk(
        ("അതെ", "ആ", "ഉം", "ശരി", "ഓക്കെ", "ഓകെ", "ആണോ", "യെസ്"),
        ("നമസ്കാരം", "വീണ്ടും കാണാം", "പിന്നെ കാണാം", "ശുഭദിനം", "ബൈ"),
        "ലൈനിൽ ഉണ്ടോ?",
        "ശബ്ദം കേൾക്കുന്നില്ല, അതുകൊണ്ട് കോൾ ഇവിടെ നിർത്താം. നന്ദി, നമസ്കാരം.",
        "ഈ കോളിൽ ഇനി ഒരു മിനിറ്റേ ബാക്കിയുള്ളൂ.",
        "കോളിന്റെ സമയം കഴിഞ്ഞു. നന്ദി, നമസ്കാരം.",
        "നന്ദി, നമസ്കാരം.",
    ),
    "en-IN": SmallTalk(
        ("yes", "yeah", "yep", "ok", "okay", "hm", "hmm", "mm", "mmm", "mhm", "uh huh", "right", "sure", "i see",
         "all right", "alright", "haan", "ji", "achha", "accha"),
        ("goodbye", "good bye", "bye", "have a nice day", "have a good day", "have a great day", "take care"),
        "Are you still there?",
        "I cannot hear you, so I will end the call here. Thank you, goodbye.",
        "There is one minute left in this call.",
        "Our time is up. Thank you for calling, goodbye.",
        "Thank you, goodbye.",
    ),
}  # fmt: skip

_ENGLISH = "en-IN"
_QUESTION = ("?", "？")
# Joiners are written or not, and so is nasalisation: हाँ, हां.
_UNWRITTEN = re.compile("[\u200c\u200d\u0901\u0902\u0981\u0982\u0a01\u0a02\u0a70\u0a81\u0a82\u0b01\u0b02\u0c01\u0c02]")


def words(text: str) -> list[str]:
    """The words of a text in the form in which they are compared: without marks, case, joiners and nasal signs."""
    plain = _UNWRITTEN.sub("", unicodedata.normalize("NFC", text)).casefold()
    return re.sub(r"[^\w\s\u0900-\u0d7f]|[\u0964\u0965_]", " ", plain).split()


def is_backchannel(text: str, languages: Iterable[str]) -> bool:
    """Whether a text is nothing but a listener's murmur, in one of `languages` or in English."""
    said = words(text)
    phrases = {tuple(words(phrase)) for code in (*languages, _ENGLISH) for phrase in SMALL_TALK[code].backchannels}
    while said:
        for length in range(min(3, len(said)), 0, -1):
            if tuple(said[:length]) in phrases:
                said = said[length:]
                break
        else:
            return False
        if not said:
            return True
    return False


def is_question(text: str) -> bool:
    """Whether a text ends by asking something."""
    return text.rstrip(" \n\"'”’)").endswith(_QUESTION)


def says_farewell(text: str, language: str) -> bool:
    """Whether an agent's reply ends by taking leave: with a farewell and at most one word after it (नमस्ते जी)."""
    said = words(text)
    farewells = [words(farewell) for farewell in SMALL_TALK[language].farewells]
    return not is_question(text) and any(
        farewell in (said[-len(farewell) :], said[-len(farewell) - 1 : -1]) for farewell in farewells
    )
