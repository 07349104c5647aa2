"""The eleven languages Vaani speaks. Imports no Django: jobs read it too.

Languages are BCP-47 everywhere (`or-IN`). Sarvam's own codes (`od-IN`) exist only in
`Language.sarvam_code`, used where a request leaves for Sarvam or an answer comes back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language that agents hear and speak.

    `gendered_verbs` says whether first-person verbs show the speaker's gender; `polite_pronoun` is
    the word for "you" that visitors are addressed with; `semantic_turns` says whether LiveKit's
    local turn detector is calibrated for the language.
    """

    code: str
    name: str
    own_name: str
    script: str
    sarvam_code: str
    polite_pronoun: str
    gendered_verbs: bool
    greeting: str
    semantic_turns: bool = False


_ALL = (
    Language("hi-IN", "Hindi", "हिन्दी", "Devanagari", "hi-IN", "आप", True,
             "नमस्ते! मैं {agent_name}, एक एआई असिस्टेंट। बताइए, आपको किस बारे में जानकारी चाहिए?", True),
    Language("ta-IN", "Tamil", "தமிழ்", "Tamil", "ta-IN", "நீங்க", False,
             "வணக்கம்! நான் {agent_name}, ஒரு ஏஐ அசிஸ்டென்ட். உங்களுக்கு என்ன உதவி வேணும், சொல்லுங்க?"),
    Language("te-IN", "Telugu", "తెలుగు", "Telugu", "te-IN", "మీరు", False,
             "నమస్కారం! నేను {agent_name}, ఒక ఏఐ అసిస్టెంట్‌ని. మీకు ఏ విషయంలో సహాయం కావాలో చెప్పండి?"),
    Language("bn-IN", "Bengali", "বাংলা", "Bengali", "bn-IN", "আপনি", False,
             "নমস্কার! আমি {agent_name}, একজন এআই অ্যাসিস্ট্যান্ট। বলুন, আপনার কী জানার আছে?"),
    Language("mr-IN", "Marathi", "मराठी", "Devanagari", "mr-IN", "तुम्ही", True,
             "नमस्कार! मी {agent_name}, एक एआय असिस्टंट. सांगा, तुम्हाला कोणती माहिती हवी आहे?"),
    Language("gu-IN", "Gujarati", "ગુજરાતી", "Gujarati", "gu-IN", "તમે", True,
             "નમસ્તે! હું {agent_name}, એક એઆઈ આસિસ્ટન્ટ. કહેશો, તમને શું માહિતી જોઈએ છે?"),
    Language("kn-IN", "Kannada", "ಕನ್ನಡ", "Kannada", "kn-IN", "ನೀವು", False,
             "ನಮಸ್ಕಾರ! ನಾನು {agent_name}, ಒಂದು ಎಐ ಅಸಿಸ್ಟೆಂಟ್. ನಿಮಗೆ ಯಾವ ಮಾಹಿತಿ ಬೇಕು, ಹೇಳಿ?"),
    Language("ml-IN", "Malayalam", "മലയാളം", "Malayalam", "ml-IN", "താങ്കൾ", False,
             "നമസ്കാരം! ഞാൻ {agent_name}, ഒരു എഐ അസിസ്റ്റന്റ്. എന്ത് വിവരമാണ് വേണ്ടത്, പറയാമോ?"),
    Language("pa-IN", "Punjabi", "ਪੰਜਾਬੀ", "Gurmukhi", "pa-IN", "ਤੁਸੀਂ", True,
             "ਸਤ ਸ੍ਰੀ ਅਕਾਲ! ਮੈਂ {agent_name}, ਇੱਕ ਏਆਈ ਅਸਿਸਟੈਂਟ। ਦੱਸੋ ਜੀ, ਤੁਹਾਨੂੰ ਕੀ ਜਾਣਕਾਰੀ ਚਾਹੀਦੀ ਹੈ?"),
    Language("or-IN", "Odia", "ଓଡ଼ିଆ", "Odia", "od-IN", "ଆପଣ", False,
             "ନମସ୍କାର! ମୁଁ {agent_name}, ଗୋଟିଏ ଏଆଇ ଆସିଷ୍ଟାଣ୍ଟ। କୁହନ୍ତୁ, ଆପଣଙ୍କୁ କଣ ଜାଣିବାର ଅଛି?"),
    Language("en-IN", "English", "English", "Latin", "en-IN", "you", False,
             "Hello! I am {agent_name}, an AI assistant. How can I help you?", True),
)  # fmt: skip

LANGUAGES: dict[str, Language] = {language.code: language for language in _ALL}
_FROM_SARVAM: dict[str, str] = {language.sarvam_code: language.code for language in _ALL}


def from_sarvam(code: str | None) -> str | None:
    """BCP-47 code for a code Sarvam answered with; None for none, `unknown` or a language we lack."""
    return _FROM_SARVAM.get(code or "")
