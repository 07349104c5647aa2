"""What people say around a number: yes, no, "the last two", "another one". Words of one language a row.

`yes`, `no` and `slip` (a correction follows) decide about a number; `last`, `first` and `other` say which is
meant; `phone`, `pin` and `not_phone` what kind it is, `number` that it is one; `link` are words that may stand between its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from leads.number_words.spelling import fold


@dataclass(frozen=True, slots=True)
class TalkWords:
    """Words apart by blanks, in any spelling; `talk()` gives them folded."""

    yes: str
    no: str
    slip: str
    last: str
    first: str
    other: str
    phone: str
    number: str
    not_phone: str
    pin: str
    link: str


TALK_WORDS: dict[str, TalkWords] = {
    "hi-IN": TalkWords(
        "हाँ जी सही ठीक बिल्कुल यस ओके करेक्ट राइट हां", "नहीं ना नही नो गलत मत",
        "सॉरी माफ़ ग़लत नहीं गलती रुकिए करेक्शन बल्कि मतलब", "आखिरी आख़िरी लास्ट अंतिम", "पहला पहले शुरू शुरुआत फर्स्ट",
        "दूसरा दूसरे एक्स्ट्रा अल्टरनेट", "मोबाइल फोन फ़ोन व्हाट्सएप वॉट्सऐप कॉल", "नंबर नम्बर अंक डिजिट डिजिट्स",
        "आधार ओटीपी अकाउंट खाता खाते ऑर्डर आर्डर टिकट पीएनआर रेफरेंस पॉलिसी", "पिन पिनकोड",
        "और फिर उसके उम्म अच्छा हाँ जी है हैं मेरा नंबर मोबाइल फोन आगे सर मैडम लिखिए लिखो नोट ओके ठीक उम अं हम्म तो बाकी यह ये",
    ),
    "mr-IN": TalkWords(
        "हो हं बरोबर ठीक हां यस ओके करेक्ट राइट", "नाही नको चूक चुकीचा नाय", "सॉरी माफ चुकीचा चूक चुकलं नाही थांबा म्हणजे ऐवजी",
        "शेवटचे शेवटी शेवटचा लास्ट", "पहिले पहिला सुरुवातीचे फर्स्ट", "दुसरा दुसरे आणखी",
        "मोबाईल मोबाइल फोन व्हॉट्सॲप", "नंबर क्रमांक अंक आकडे डिजिट", "आधार ओटीपी अकाउंट खाते खातं ऑर्डर तिकीट पॉलिसी", "पिन पिनकोड",
        "आणि मग नंतर हो हं आहे माझा नंबर मोबाईल मोबाइल फोन पुढे सर मॅडम लिहा अं ठीक बरं हा",
    ),
    "gu-IN": TalkWords(
        "હા જી બરાબર સાચું સાચો ઠીક યસ ઓકે કરેક્ટ", "ના નહીં નથી ખોટો ખોટું", "સોરી માફ ખોટું ખોટો ભૂલ ના નહીં એટલે બદલે",
        "છેલ્લા છેલ્લે છેલ્લો લાસ્ટ", "પહેલા પહેલો શરૂઆત ફર્સ્ટ", "બીજો બીજા બીજું",
        "મોબાઇલ મોબાઈલ ફોન વોટ્સએપ", "નંબર આંકડા અંક ડિજિટ", "આધાર ઓટીપી એકાઉન્ટ ખાતું ખાતા ઓર્ડર ટિકિટ પોલિસી", "પિન પિનકોડ",
        "અને પછી હા જી છે મારો નંબર મોબાઇલ ફોન આગળ સર મેડમ લખો લખી ઠીક તો આ",
    ),
    "pa-IN": TalkWords(
        "ਹਾਂ ਜੀ ਸਹੀ ਠੀਕ ਬਿਲਕੁਲ ਯੈੱਸ ਓਕੇ", "ਨਹੀਂ ਨਾ ਗਲਤ ਗ਼ਲਤ", "ਸੌਰੀ ਸੋਰੀ ਮਾਫ਼ ਗਲਤ ਨਹੀਂ ਗਲਤੀ ਰੁਕੋ ਮਤਲਬ",
        "ਆਖਰੀ ਆਖ਼ਰੀ ਅਖੀਰਲੇ ਲਾਸਟ", "ਪਹਿਲੇ ਪਹਿਲਾ ਸ਼ੁਰੂ", "ਦੂਜਾ ਦੂਸਰਾ", "ਮੋਬਾਈਲ ਮੋਬਾਇਲ ਫ਼ੋਨ ਫੋਨ ਵਟਸਐਪ", "ਨੰਬਰ ਅੰਕ ਡਿਜਿਟ",
        "ਆਧਾਰ ਓਟੀਪੀ ਅਕਾਊਂਟ ਖਾਤਾ ਖਾਤੇ ਆਰਡਰ ਟਿਕਟ", "ਪਿੰਨ ਪਿਨ ਪਿੰਨਕੋਡ", "ਅਤੇ ਤੇ ਫਿਰ ਫੇਰ ਹਾਂ ਜੀ ਹੈ ਮੇਰਾ ਨੰਬਰ ਮੋਬਾਈਲ ਫ਼ੋਨ ਅੱਗੇ ਸਰ ਮੈਡਮ ਲਿਖੋ ਠੀਕ ਇਹ",
    ),
    "bn-IN": TalkWords(
        "হ্যাঁ হুম ঠিক জি সঠিক ইয়েস ওকে কারেক্ট", "না নয় ভুল নো", "সরি ভুল না মাফ দাঁড়ান মানে বদলে",
        "শেষ শেষের শেষে লাস্ট", "প্রথম শুরু শুরুর ফার্স্ট", "আরেকটা অন্য দ্বিতীয়", "মোবাইল ফোন হোয়াটসঅ্যাপ", "নম্বর নাম্বার সংখ্যা ডিজিট",
        "আধার ওটিপি অ্যাকাউন্ট অর্ডার টিকিট", "পিন পিনকোড", "আর এবং তারপর ও হ্যাঁ জি হল হলো আমার নম্বর নাম্বার মোবাইল ফোন স্যার ম্যাডাম লিখুন লিখে ঠিক আচ্ছা এটা",
    ),
    "or-IN": TalkWords(
        "ହଁ ଆଜ୍ଞା ଠିକ୍ ଠିକ ହଉ ସଠିକ ୟେସ୍ ଓକେ", "ନା ନୁହେଁ ନାହିଁ ଭୁଲ", "ସରି କ୍ଷମା ଭୁଲ ନା ନାହିଁ ନୁହେଁ ମାନେ ବଦଳରେ", "ଶେଷ ଶେଷର ଲାଷ୍ଟ",
        "ପ୍ରଥମ ଆରମ୍ଭ ଫାଷ୍ଟ", "ଅନ୍ୟ ଆଉଗୋଟିଏ ଦ୍ୱିତୀୟ", "ମୋବାଇଲ ମୋବାଇଲ୍ ଫୋନ ଫୋନ୍ ହ୍ୱାଟ୍ସଆପ୍", "ନମ୍ବର ନମ୍ୱର ଅଙ୍କ ଡିଜିଟ୍", "ଆଧାର ଓଟିପି ଆକାଉଣ୍ଟ ଅର୍ଡର ଟିକେଟ", "ପିନ୍ ପିନ ପିନକୋଡ୍",
        "ଆଉ ଏବଂ ତାପରେ ଓ ହଁ ଆଜ୍ଞା ହେଉଛି ମୋ ମୋର ନମ୍ବର ମୋବାଇଲ ଫୋନ ସାର୍ ମ୍ୟାଡାମ୍ ଲେଖନ୍ତୁ ଠିକ୍ ଠିକ ଏହା",
    ),
    "ta-IN": TalkWords(
        "ஆமா ஆமாம் சரி சரிங்க ஆமாங்க கரெக்ட் கரெக்டு யெஸ் ஓகே ம்", "இல்ல இல்லை இல்லங்க தப்பு தவறு நோ வேண்டாம்",
        "சாரி ஸாரி மன்னிக்கணும் தப்பு தவறு இல்ல இல்லை அல்ல பதிலா மாத்தி", "கடைசி கடைசில கடைசியா லாஸ்ட்", "முதல் முதல்ல ஆரம்பம் ஃபர்ஸ்ட்",
        "இன்னொரு வேற மற்ற இன்னொன்னு", "மொபைல் ஃபோன் போன் வாட்ஸ்அப் வாட்ஸப்", "நம்பர் எண் இலக்கம் டிஜிட்", "ஆதார் ஓடிபி அக்கவுண்ட் கணக்கு ஆர்டர் டிக்கெட்", "பின் பின்கோட்",
        "அப்புறம் பிறகு அப்பறம் மற்றும் ஆமா சரி என் என்னோட நம்பர் மொபைல் ஃபோன் போன் சார் மேடம் எழுதிக்கோங்க ம் தான் ங்க",
    ),
    "te-IN": TalkWords(
        "అవును సరే అలాగే కరెక్ట్ ఊఁ యెస్ ఓకే అవునండి సరిగ్గా కరెక్టే", "కాదు లేదు వద్దు తప్పు నో కాదండి", "సారీ క్షమించండి తప్పు కాదు అంటే బదులు పొరపాటు",
        "చివరి చివర చివరన లాస్ట్", "మొదటి మొదట ఫస్ట్", "ఇంకో ఇంకొక మరో వేరే", "మొబైల్ ఫోన్ వాట్సాప్", "నంబర్ నెంబర్ నంబరు అంకెలు డిజిట్స్", "ఆధార్ ఓటీపీ అకౌంట్ ఖాతా ఆర్డర్ టికెట్", "పిన్ పిన్‌కోడ్",
        "ఇంకా తర్వాత మరియు అవును సరే నా నంబర్ నెంబర్ మొబైల్ ఫోన్ సార్ మేడమ్ రాసుకోండి అండి ఇది",
    ),
    "kn-IN": TalkWords(
        "ಹೌದು ಹೂಂ ಸರಿ ಆಯ್ತು ಕರೆಕ್ಟ್ ಯೆಸ್ ಓಕೆ ಸರಿಯಾಗಿದೆ", "ಇಲ್ಲ ಅಲ್ಲ ಬೇಡ ತಪ್ಪು ನೋ", "ಸಾರಿ ಕ್ಷಮಿಸಿ ತಪ್ಪು ಅಲ್ಲ ಇಲ್ಲ ಅಂದ್ರೆ ಬದಲು", "ಕೊನೆ ಕೊನೆಯ ಕೊನೇ ಲಾಸ್ಟ್",
        "ಮೊದಲ ಮೊದಲು ಶುರು ಫಸ್ಟ್", "ಇನ್ನೊಂದು ಬೇರೆ ಮತ್ತೊಂದು", "ಮೊಬೈಲ್ ಫೋನ್ ವಾಟ್ಸಾಪ್", "ನಂಬರ್ ಸಂಖ್ಯೆ ಅಂಕಿ ಡಿಜಿಟ್", "ಆಧಾರ್ ಒಟಿಪಿ ಓಟಿಪಿ ಅಕೌಂಟ್ ಖಾತೆ ಆರ್ಡರ್ ಟಿಕೆಟ್", "ಪಿನ್ ಪಿನ್‌ಕೋಡ್",
        "ಮತ್ತೆ ಆಮೇಲೆ ಮತ್ತು ನಂತರ ಹೌದು ಸರಿ ನನ್ನ ನಂಬರ್ ಮೊಬೈಲ್ ಫೋನ್ ಸರ್ ಮೇಡಂ ಬರ್ಕೊಳ್ಳಿ ಇದು",
    ),
    "ml-IN": TalkWords(
        "അതെ ആ ശരി ഓക്കെ കറക്റ്റ് യെസ് ഉം ശരിയാണ് ഉവ്വ്", "അല്ല ഇല്ല വേണ്ട തെറ്റ് നോ", "സോറി ക്ഷമിക്കണം തെറ്റി തെറ്റ് അല്ല പകരം", "അവസാന അവസാനം അവസാനത്തെ ലാസ്റ്റ്",
        "ആദ്യ ആദ്യം ആദ്യത്തെ ഫസ്റ്റ്", "വേറെ മറ്റൊരു മറ്റേ", "മൊബൈൽ ഫോൺ വാട്സാപ്പ്", "നമ്പർ അക്കം ഡിജിറ്റ്", "ആധാർ ഒടിപി അക്കൗണ്ട് ഓർഡർ ടിക്കറ്റ്", "പിൻ പിൻകോഡ്",
        "പിന്നെ ശേഷം അതെ ശരി എന്റെ നമ്പർ മൊബൈൽ ഫോൺ സാർ മാഡം എഴുതിക്കോളൂ ആണ് ഇത് ഉം",
    ),
    "en-IN": TalkWords(
        "yes yeah yep right correct ok okay sure perfect exactly haan ji", "no not wrong nope incorrect nahi nahin",
        "sorry no not wrong mistake actually correction instead wait rather mean nahi nahin", "last ending end final", "first start starting beginning",
        "another other second alternate alternative also", "mobile phone cell whatsapp contact call", "number numbers digit digits",
        "aadhaar aadhar otp account order ticket pnr reference card policy invoice gst pan", "pin pincode",
        "and then um uh er hmm yes yeah ok okay so next is my number mobile phone it its s sir madam the rest continue ji haan aur phir hai mera please note",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Talk:
    """The words of a language, and of English behind it, in folded spelling."""

    yes: frozenset[str]
    no: frozenset[str]
    slip: frozenset[str]
    last: frozenset[str]
    first: frozenset[str]
    other: frozenset[str]
    phone: frozenset[str]
    number: frozenset[str]
    not_phone: frozenset[str]
    pin: frozenset[str]
    link: frozenset[str]


@cache
def talk(language: str) -> Talk:
    """What is said around numbers in `language` (BCP-47), English words with it."""
    rows = [TALK_WORDS[code] for code in (language, "en-IN", *(("hi-IN",) if language in ("mr-IN", "en-IN") else ()))]

    def words(name: str) -> frozenset[str]:
        return frozenset(fold(word) for row in rows for word in getattr(row, name).split())

    return Talk(**{name: words(name) for name in Talk.__slots__})
