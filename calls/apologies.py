"""What a visitor whom nobody can talk to is told: shown by the page, and spoken by a clip."""

from __future__ import annotations

from agents.catalogue import VOICES
from agents.languages import LANGUAGES
from agents.samples import clip, may_ask_again
from vaani.env import get_env
from vaani.problems import Problem

APOLOGIES = {
    "hi-IN": "माफ़ कीजिए, अभी आपसे बात नहीं हो पा रही है। अपना नंबर छोड़ दीजिए, हम आपको वापस कॉल करेंगे।",
    "ta-IN": "மன்னிக்கவும், இப்போது உங்களுடன் பேச முடியவில்லை. உங்கள் எண்ணைக் கொடுங்கள், நாங்கள் திரும்ப அழைக்கிறோம்.",
    "te-IN": "క్షమించండి, ఇప్పుడు మీతో మాట్లాడలేకపోతున్నాం. మీ నంబర్ ఇవ్వండి, మేమే తిరిగి కాల్ చేస్తాం.",
    "bn-IN": "মাফ করবেন, এখন আপনার সঙ্গে কথা বলা যাচ্ছে না। আপনার নম্বরটা দিয়ে রাখুন, আমরা ফোন করব।",
    "mr-IN": "माफ करा, आत्ता तुमच्याशी बोलता येत नाही. तुमचा नंबर द्या, आम्ही तुम्हाला परत कॉल करू.",
    "gu-IN": "માફ કરશો, અત્યારે તમારી સાથે વાત થઈ શકતી નથી. તમારો નંબર આપો, અમે તમને પાછો કૉલ કરીશું.",
    "kn-IN": "ಕ್ಷಮಿಸಿ, ಈಗ ನಿಮ್ಮೊಂದಿಗೆ ಮಾತನಾಡಲು ಆಗುತ್ತಿಲ್ಲ. ನಿಮ್ಮ ನಂಬರ್ ಕೊಡಿ, ನಾವೇ ಮರಳಿ ಕರೆ ಮಾಡುತ್ತೇವೆ.",
    "ml-IN": "ക്ഷമിക്കണം, ഇപ്പോൾ നിങ്ങളോട് സംസാരിക്കാൻ കഴിയുന്നില്ല. നിങ്ങളുടെ നമ്പർ തരൂ, ഞങ്ങൾ തിരിച്ചു വിളിക്കാം.",
    "pa-IN": "ਮਾਫ਼ ਕਰਨਾ, ਹੁਣੇ ਤੁਹਾਡੇ ਨਾਲ ਗੱਲ ਨਹੀਂ ਹੋ ਸਕਦੀ। ਆਪਣਾ ਨੰਬਰ ਦੇ ਦਿਓ, ਅਸੀਂ ਤੁਹਾਨੂੰ ਵਾਪਸ ਕਾਲ ਕਰਾਂਗੇ।",
    "or-IN": "କ୍ଷମା କରିବେ, ଏବେ ଆପଣଙ୍କ ସହ କଥା ହୋଇପାରୁନାହିଁ। ଆପଣଙ୍କ ନମ୍ବର ଦିଅନ୍ତୁ, ଆମେ ଫେରି କଲ୍ କରିବୁ।",
    "en-IN": "Sorry, we can't talk to you just now. Please leave your number, and we will call you back.",
}


def apology_clip(language: str) -> bytes:
    """WAV of the apology in the site's default voice, kept for a day.

    Raises `Problem`: 404 for a language we lack, 502 when there is no clip just now.
    """
    if language not in APOLOGIES:
        raise Problem(404, "unknown_language", "No voice speaks this language.", field="language", allowed=LANGUAGES)
    voice = VOICES.get(get_env().default_voice, VOICES["arya"])
    return clip(APOLOGIES[language], voice.id, language, may_ask=may_ask_again(f"apology:{language}"))
