"""Digits as people say them: the one table of digit words, and whether somebody is in the middle of a number.

Imports no Django. `leads.spoken` reads numbers with the same table. A row has the words for zero to nine,
apart by blanks; where a digit has several words or spellings a stroke stands between them, the plainest first.
"""

from __future__ import annotations

import unicodedata

from agents.smalltalk import words

DIGIT_WORDS: dict[str, str] = {
    "hi-IN": "शून्य/सिफर एक दो तीन चार पाँच/पांच छह/छः/छे/छै सात आठ नौ",
    "mr-IN": "शून्य एक दोन तीन चार पाच/पाँच सहा सात आठ नऊ",
    "gu-IN": "શૂન્ય/મીંડું/મીંડા એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ",
    "pa-IN": "ਸਿਫ਼ਰ/ਸਿਫਰ/ਜ਼ੀਰੋ ਇੱਕ/ਇਕ ਦੋ ਤਿੰਨ/ਤਿਨ ਚਾਰ ਪੰਜ ਛੇ ਸੱਤ/ਸਤ ਅੱਠ/ਅਠ ਨੌਂ/ਨੌ",
    "bn-IN": "শূন্য/শুন্য এক দুই/দু তিন চার পাঁচ ছয়/ছয় সাত আট নয়/নয়",
    "or-IN": "ଶୂନ୍ୟ/ଶୁନ୍ୟ/ଶୁନ ଏକ ଦୁଇ ତିନି/ତିନ ଚାରି/ଚାର ପାଞ୍ଚ/ପାଂଚ ଛଅ ସାତ ଆଠ ନଅ",
    "ta-IN": "பூஜ்யம்/பூஜ்ஜியம்/பூஜியம்/சைபர்/சுழியம் ஒன்று/ஒண்ணு/ஒன்னு இரண்டு/ரெண்டு/ரண்டு மூன்று/மூணு/மூனு "
    "நான்கு/நாலு ஐந்து/அஞ்சு ஆறு ஏழு எட்டு ஒன்பது/ஒம்பது/ஒம்போது",
    "te-IN": "సున్నా/సున్న ఒకటి/ఒక్కటి రెండు మూడు నాలుగు ఐదు/అయిదు ఆరు ఏడు ఎనిమిది తొమ్మిది",
    "kn-IN": "ಸೊನ್ನೆ/ಶೂನ್ಯ/ಸೊನ್ನಿ ಒಂದು/ಒಂದ್ ಎರಡು/ಎರಡ್ ಮೂರು ನಾಲ್ಕು/ನಾಕು/ನಾಲಕ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು/ಒಂಭತ್ತು/ಒಂಬತ್",
    "ml-IN": "പൂജ്യം ഒന്ന്/ഒന്നു രണ്ട്/രണ്ടു മൂന്ന്/മൂന്നു നാല്/നാലു അഞ്ച്/അഞ്ചു ആറ്/ആറു ഏഴ്/ഏഴു എട്ട്/എട്ടു ഒമ്പത്/ഒൻപത്/ഒമ്പതു",
    "en-IN": "zero/oh/nought/naught one two three four five six seven eight nine",
}

# English digits as callers say them in every language, written in its script.
ENGLISH_DIGITS: dict[str, str] = {
    "Devanagari": "ज़ीरो/जीरो/झीरो/झिरो/ज़िरो वन/वान टू/टु थ्री फोर/फ़ोर फाइव/फ़ाइव/फाईव/फाइव्ह सिक्स "
    "सेवन/सैवन/सेवेन/सेव्हन/सेव्हेन एट/एइट/ऐट/एठ नाइन/नाईन/नाइण/नायन",
    "Gujarati": "ઝીરો/ઝિરો/જીરો વન ટૂ/ટુ થ્રી ફોર ફાઇવ/ફાઈવ સિક્સ સેવન/સેવેન એઇટ/એટ/ઐટ/એઈટ નાઇન/નાઈન",
    "Gurmukhi": "ਜ਼ੀਰੋ/ਜੀਰੋ ਵਨ/ਵੰਨ ਟੂ/ਟੁ ਥ੍ਰੀ/ਥਰੀ ਫੋਰ/ਫ਼ੋਰ ਫਾਈਵ/ਫਾਇਵ/ਫ਼ਾਈਵ ਸਿਕਸ/ਸਿਕ੍ਸ ਸੈਵਨ/ਸੇਵਨ/ਸੈਵੇਨ ਏਟ/ਐਟ/ਏਇਟ/ਏਠ ਨਾਈਨ/ਨਾਇਨ",
    "Bengali": "জিরো/জ়িরো ওয়ান/ওআন টু/টূ থ্রি/থ্রী ফোর ফাইভ/ফাইব সিক্স সেভেন/সেভন/সেবেন এইট/এট নাইন",
    "Odia": "ଜିରୋ/ଜୀରୋ ୱାନ/ୱାନ୍/ଓ୍ୱାନ/ଓ୍ବାନ/ୱନ୍ ଟୁ/ଟୂ ଥ୍ରୀ/ଥ୍ରି ଫୋର/ଫୋର୍ ଫାଇଭ/ଫାଇଭ୍/ଫାଇବ୍ ସିକ୍ସ/ସିକ୍ସ୍ ସେଭେନ/ସେଭେନ୍/ସେଭନ୍ ଏଟ/ଏଟ୍/ଏଇଟ/ଏଇଟ୍ ନାଇନ/ନାଇନ୍",
    "Tamil": "ஜீரோ/சீரோ/ஸீரோ/ஜிரோ ஒன்/வன் டூ/டு த்ரீ/திரீ/த்ரி ஃபோர்/போர் ஃபைவ்/பைவ்/ஃபைவு சிக்ஸ்/சிக்ஸு/சிக்ஸ "
    "செவன்/செவென்/சேவன் எய்ட்/எயிட்/ஏட்/எயிட்டு நைன்/நயன்",
    "Telugu": "జీరో/జిరో వన్/వన టూ/టు త్రీ/థ్రీ/త్రి ఫోర్/ఫోరు ఫైవ్/ఫైవు సిక్స్/సిక్సు సెవెన్/సెవన్/సేవెన్ ఎయిట్/ఎయిట్టు/ఎట్/ఏట్/ఎయ్ట్ నైన్/నైను/నయన్",
    "Kannada": "ಜೀರೋ/ಝೀರೋ/ಜಿರೋ/ಜೀರೊ ವನ್/ಒನ್ ಟೂ/ಟು ತ್ರೀ/ಥ್ರೀ/ತ್ರಿ ಫೋರ್/ಪೋರ್/ಫೋರು ಫೈವ್/ಪೈವ್/ಫೈವು ಸಿಕ್ಸ್/ಸಿಕ್ಸು ಸೆವೆನ್/ಸೆವನ್/ಸೇವನ್ ಎಯ್ಟ್/ಏಟ್/ಎಯಿಟ್/ಎಟ್ ನೈನ್/ನೈನು/ನಯನ್",
    "Malayalam": "സീറോ/സിറോ/സീറൊ/ജീറോ വൺ/വണ്/ഒൺ ടൂ/ടു ത്രീ/ത്രി ഫോർ/ഫോറ് ഫൈവ്/ഫൈവു/ഫൈവ സിക്സ്/സിക്സ/സിക്‌സ് "
    "സെവൻ/സെവെൻ/സേവൻ എയ്റ്റ്/എയിറ്റ്/എയ്ട്ട്/ഏറ്റ് നയൻ/നൈൻ/നയന്",
    "Latin": DIGIT_WORDS["en-IN"],
}

# "Double" and "triple", said in English everywhere.
REPEATS: dict[str, tuple[str, str]] = {
    "Devanagari": ("डबल/डब्बल", "ट्रिपल/ट्रीपल"),
    "Gujarati": ("ડબલ", "ટ્રિપલ/ટ્રીપલ"),
    "Gurmukhi": ("ਡਬਲ", "ਟ੍ਰਿਪਲ/ਟਰਿਪਲ/ਤ੍ਰਿਪਲ"),
    "Bengali": ("ডাবল/ডবল/ডাবোল", "ট্রিপল/ট্রিপেল"),
    "Odia": ("ଡବଲ/ଡବଲ୍", "ଟ୍ରିପଲ/ଟ୍ରିପଲ୍/ଟ୍ରିପୁଲ୍"),
    "Tamil": ("டபுள்/டபில்/டபல்/டபிள்", "டிரிபிள்/ட்ரிபிள்/டிரிபுள்/ட்ரிபுள்"),
    "Telugu": ("డబుల్/డబల్/డబిల్", "ట్రిపుల్/ట్రిపల్/త్రిపుల్"),
    "Kannada": ("ಡಬಲ್/ಡಬ್ಬಲ್/ಡಬುಲ್", "ಟ್ರಿಪಲ್/ಟ್ರಿಪ್ಪಲ್/ತ್ರಿಪಲ್"),
    "Malayalam": ("ഡബിൾ/ഡബൾ/ഡബ്ൾ", "ട്രിപ്പിൾ/ട്രിപ്പിള്/ട്രിപിൾ/ട്രിപ്പ്ൾ"),
    "Latin": ("double", "triple"),
}

WHOLE_NUMBER = 10  # digits of an Indian phone number

_TABLES = (*DIGIT_WORDS.values(), *ENGLISH_DIGITS.values(), *(word for pair in REPEATS.values() for word in pair))
_SPOKEN = frozenset(words(" ".join(_TABLES).replace("/", " ")))


def in_a_number(text: str) -> bool:
    """Whether the text breaks off inside a number: it ends with some digits, fewer than ten.

    Written digits of any script count at once; of digit words it takes two, for many of them have
    another meaning (दो is "give" too).
    """
    digits = spoken = 0
    for word in reversed(words(text)):
        written = sum(1 for letter in word if unicodedata.category(letter) == "Nd")
        if written and written == len(word):
            digits += written
        elif word in _SPOKEN:
            spoken += 1
        else:
            break
    return (digits > 0 or spoken > 1) and digits + spoken < WHOLE_NUMBER
