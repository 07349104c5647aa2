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
    the word for "you" that visitors are addressed with; `disclosure`
    tells those who do not read that they talk to a machine; `apology` is said when no answer can be had,
    `resumed` by an agent that takes over a call; `semantic_turns` says whether LiveKit's local turn
    detector is calibrated for the language.
    """

    code: str
    name: str
    own_name: str
    script: str
    sarvam_code: str
    polite_pronoun: str
    gendered_verbs: bool
    greeting: str
    disclosure: str
    apology: str
    resumed: str
    semantic_turns: bool = False

    @property
    def full_stop(self) -> str:
        """The mark that ends a sentence: the danda where it is in use, else the dot."""
        return "।" if "।" in self.apology else "."


_ALL = (
    Language("hi-IN", "Hindi", "हिन्दी", "Devanagari", "hi-IN", "आप", True,
             "नमस्ते! मैं {agent_name}, एक एआई असिस्टेंट। {disclosure} बताइए, आपको किस बारे में जानकारी चाहिए?",
             "आपकी बात एक मशीन सुनती और लिखती है।",
             "माफ़ कीजिए, अभी जवाब देने में दिक्कत आ रही है। एक बार फिर बताइए?",
             "माफ़ कीजिए, बीच में लाइन कट गई थी। जहाँ रुके थे, वहीं से आगे बढ़ते हैं।", True),
    Language("ta-IN", "Tamil", "தமிழ்", "Tamil", "ta-IN", "நீங்க", False,
             "வணக்கம்! நான் {agent_name}, ஒரு ஏஐ அசிஸ்டென்ட். {disclosure} உங்களுக்கு என்ன உதவி வேணும், சொல்லுங்க?",
             "நீங்க பேசுறத ஒரு இயந்திரம் கேட்டு எழுதி வைக்குது.",
             "மன்னிக்கணும், இப்போ பதில் சொல்ல ஒரு சின்ன சிக்கல். இன்னொரு தடவை சொல்லுங்க?",
             "மன்னிக்கணும், நடுவுல இணைப்பு துண்டிச்சு போச்சு. விட்ட இடத்துல இருந்து தொடரலாம்."),
    Language("te-IN", "Telugu", "తెలుగు", "Telugu", "te-IN", "మీరు", False,
             "నమస్కారం! నేను {agent_name}, ఒక ఏఐ అసిస్టెంట్‌ని. {disclosure} మీకు ఏ విషయంలో సహాయం కావాలో చెప్పండి?",
             "మీరు చెప్పేది ఒక యంత్రం విని రాసి ఉంచుతుంది.",
             "క్షమించండి, ఇప్పుడు సమాధానం చెప్పడంలో ఇబ్బంది వస్తోంది. ఇంకోసారి చెప్పండి?",
             "క్షమించండి, మధ్యలో లైన్ కట్ అయింది. ఆగిన చోట నుంచే కొనసాగిద్దాం."),
    Language("bn-IN", "Bengali", "বাংলা", "Bengali", "bn-IN", "আপনি", False,
             "নমস্কার! আমি {agent_name}, একজন এআই অ্যাসিস্ট্যান্ট। {disclosure} বলুন, আপনার কী জানার আছে?",
             "আপনার কথা একটি যন্ত্র শুনে লিখে রাখে।",
             "মাফ করবেন, এখন উত্তর দিতে একটু অসুবিধা হচ্ছে। আর একবার বলবেন?",
             "মাফ করবেন, মাঝখানে লাইন কেটে গিয়েছিল। যেখানে থেমেছিলাম সেখান থেকেই বলি।"),
    Language("mr-IN", "Marathi", "मराठी", "Devanagari", "mr-IN", "तुम्ही", True,
             "नमस्कार! मी {agent_name}, एक एआय असिस्टंट. {disclosure} सांगा, तुम्हाला कोणती माहिती हवी आहे?",
             "तुमचं बोलणं एक मशीन ऐकून लिहून ठेवते.",
             "माफ करा, आत्ता उत्तर देण्यात अडचण येत आहे. पुन्हा एकदा सांगाल का?",
             "माफ करा, मध्येच लाइन कट झाली होती. जिथे थांबलो तिथूनच पुढे बोलू."),
    Language("gu-IN", "Gujarati", "ગુજરાતી", "Gujarati", "gu-IN", "તમે", True,
             "નમસ્તે! હું {agent_name}, એક એઆઈ આસિસ્ટન્ટ. {disclosure} કહેશો, તમને શું માહિતી જોઈએ છે?",
             "તમારી વાત એક મશીન સાંભળીને લખી રાખે છે.",
             "માફ કરશો, અત્યારે જવાબ આપવામાં તકલીફ થાય છે. ફરી એક વાર કહેશો?",
             "માફ કરશો, વચ્ચે લાઇન કપાઈ ગઈ હતી. જ્યાં અટક્યા હતા ત્યાંથી આગળ વધીએ."),
    Language("kn-IN", "Kannada", "ಕನ್ನಡ", "Kannada", "kn-IN", "ನೀವು", False,
             "ನಮಸ್ಕಾರ! ನಾನು {agent_name}, ಒಂದು ಎಐ ಅಸಿಸ್ಟೆಂಟ್. {disclosure} ನಿಮಗೆ ಯಾವ ಮಾಹಿತಿ ಬೇಕು, ಹೇಳಿ?",
             "ನಿಮ್ಮ ಮಾತನ್ನು ಒಂದು ಯಂತ್ರ ಕೇಳಿ ಬರೆದಿಡುತ್ತೆ.",
             "ಕ್ಷಮಿಸಿ, ಈಗ ಉತ್ತರ ಹೇಳೋಕೆ ಸ್ವಲ್ಪ ತೊಂದರೆ ಆಗ್ತಿದೆ. ಇನ್ನೊಂದು ಸಲ ಹೇಳಿ?",
             "ಕ್ಷಮಿಸಿ, ಮಧ್ಯದಲ್ಲಿ ಲೈನ್ ಕಟ್ ಆಯ್ತು. ನಿಲ್ಲಿಸಿದ ಕಡೆಯಿಂದಲೇ ಮುಂದುವರಿಸೋಣ."),
    Language("ml-IN", "Malayalam", "മലയാളം", "Malayalam", "ml-IN", "താങ്കൾ", False,
             "നമസ്കാരം! ഞാൻ {agent_name}, ഒരു എഐ അസിസ്റ്റന്റ്. {disclosure} എന്ത് വിവരമാണ് വേണ്ടത്, പറയാമോ?",
             "താങ്കൾ പറയുന്നത് ഒരു യന്ത്രം കേട്ട് എഴുതി വയ്ക്കും.",
             "ക്ഷമിക്കണം, ഇപ്പോൾ മറുപടി പറയാൻ ഒരു തടസ്സമുണ്ട്. ഒന്നുകൂടി പറയാമോ?",
             "ക്ഷമിക്കണം, ഇടയ്ക്ക് ലൈൻ കട്ടായി. നിർത്തിയിടത്തു നിന്ന് തുടരാം."),
    Language("pa-IN", "Punjabi", "ਪੰਜਾਬੀ", "Gurmukhi", "pa-IN", "ਤੁਸੀਂ", True,
             "ਸਤ ਸ੍ਰੀ ਅਕਾਲ! ਮੈਂ {agent_name}, ਇੱਕ ਏਆਈ ਅਸਿਸਟੈਂਟ। {disclosure} ਦੱਸੋ ਜੀ, ਤੁਹਾਨੂੰ ਕੀ ਜਾਣਕਾਰੀ ਚਾਹੀਦੀ ਹੈ?",
             "ਤੁਹਾਡੀ ਗੱਲ ਇੱਕ ਮਸ਼ੀਨ ਸੁਣ ਕੇ ਲਿਖ ਲੈਂਦੀ ਹੈ।",
             "ਮਾਫ਼ ਕਰਨਾ, ਹੁਣੇ ਜਵਾਬ ਦੇਣ ਵਿੱਚ ਦਿੱਕਤ ਆ ਰਹੀ ਹੈ। ਇੱਕ ਵਾਰ ਫੇਰ ਦੱਸੋ ਜੀ?",
             "ਮਾਫ਼ ਕਰਨਾ, ਵਿਚਕਾਰ ਲਾਈਨ ਕੱਟ ਗਈ ਸੀ। ਜਿੱਥੇ ਰੁਕੇ ਸੀ, ਉੱਥੋਂ ਹੀ ਅੱਗੇ ਵਧਦੇ ਹਾਂ।"),
    Language("or-IN", "Odia", "ଓଡ଼ିଆ", "Odia", "od-IN", "ଆପଣ", False,
             "ନମସ୍କାର! ମୁଁ {agent_name}, ଗୋଟିଏ ଏଆଇ ଆସିଷ୍ଟାଣ୍ଟ। {disclosure} କୁହନ୍ତୁ, ଆପଣଙ୍କୁ କଣ ଜାଣିବାର ଅଛି?",
             "ଆପଣଙ୍କ କଥା ଗୋଟିଏ ମେସିନ୍ ଶୁଣି ଲେଖି ରଖେ।",
             "କ୍ଷମା କରିବେ, ଏବେ ଉତ୍ତର ଦେବାରେ ଟିକେ ଅସୁବିଧା ହେଉଛି। ଆଉ ଥରେ କହିବେ?",
             "କ୍ଷମା କରିବେ, ମଝିରେ ଲାଇନ୍ କଟି ଯାଇଥିଲା। ଯେଉଁଠି ରହିଥିଲୁ ସେଠାରୁ ଆଗକୁ ବଢ଼ିବା।"),
    Language("en-IN", "English", "English", "Latin", "en-IN", "you", False,
             "Hello! I am {agent_name}, an AI assistant. {disclosure} How can I help you?",
             "A machine listens and writes down what you say.",
             "Sorry, I am having trouble answering just now. Could you say that once more?",
             "Sorry, the line dropped for a moment. Let us go on from where we stopped.", True),
)  # fmt: skip

LANGUAGES: dict[str, Language] = {language.code: language for language in _ALL}
_FROM_SARVAM: dict[str, str] = {language.sarvam_code: language.code for language in _ALL}


def from_sarvam(code: str | None) -> str | None:
    """BCP-47 code for a code Sarvam answered with; None for none, `unknown` or a language we lack."""
    return _FROM_SARVAM.get(code or "")
