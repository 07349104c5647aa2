"""Digits as people say them, enough to know that somebody is in the middle of a number. Imports no Django."""

from __future__ import annotations

import unicodedata

from agents.smalltalk import words

# Zero to nine; then the English words as callers say them, in the language's script.
_WORDS = """
zero oh one two three four five six seven eight nine double triple
शून्य ज़ीरो जीरो एक दो तीन चार पाँच पांच छह छः छे सात आठ नौ
वन टू थ्री फोर फ़ोर फाइव फ़ाइव सिक्स सेवन एट नाइन डबल ट्रिपल
झिरो दोन पाच सहा नऊ
શૂન્ય ઝીરો મીંડું એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ વન ટૂ થ્રી ફોર ફાઇવ સિક્સ સેવન એઇટ નાઇન ડબલ
ਸਿਫ਼ਰ ਜ਼ੀਰੋ ਇੱਕ ਦੋ ਤਿੰਨ ਚਾਰ ਪੰਜ ਛੇ ਸੱਤ ਅੱਠ ਨੌਂ ਵਨ ਟੂ ਥ੍ਰੀ ਫੋਰ ਫਾਈਵ ਸਿਕਸ ਸੈਵਨ ਏਟ ਨਾਈਨ ਡਬਲ
শূন্য জিরো এক দুই তিন চার পাঁচ ছয় সাত আট নয় ওয়ান টু থ্রি ফোর ফাইভ সিক্স সেভেন এইট নাইন ডবল ডাবল
ଶୂନ୍ୟ ଶୁନ୍ୟ ଜିରୋ ଏକ ଦୁଇ ତିନି ଚାରି ପାଞ୍ଚ ଛଅ ସାତ ଆଠ ନଅ ୱାନ ଟୁ ଥ୍ରୀ ଫୋର ଫାଇଭ ସିକ୍ସ ସେଭେନ ଏଟ ନାଇନ ଡବଲ
பூஜ்யம் பூஜ்ஜியம் சைபர் ஜீரோ ஒண்ணு ஒன்று ரெண்டு இரண்டு மூணு மூன்று நாலு நான்கு அஞ்சு ஐந்து ஆறு ஏழு எட்டு ஒன்பது ஒம்பது
ஒன் டூ த்ரீ ஃபோர் ஃபைவ் சிக்ஸ் செவன் எய்ட் நைன் டபுள்
సున్నా జీరో ఒకటి రెండు మూడు నాలుగు ఐదు ఆరు ఏడు ఎనిమిది తొమ్మిది వన్ టూ త్రీ ఫోర్ ఫైవ్ సిక్స్ సెవెన్ ఎయిట్ నైన్ డబుల్
ಸೊನ್ನೆ ಶೂನ್ಯ ಜೀರೋ ಒಂದು ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು ವನ್ ಟೂ ತ್ರೀ ಫೋರ್ ಫೈವ್ ಸಿಕ್ಸ್ ಸೆವೆನ್ ಎಯ್ಟ್ ನೈನ್ ಡಬಲ್
പൂജ്യം സീറോ ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച് ആറ് ഏഴ് എട്ട് ഒമ്പത് വൺ ടൂ ത്രീ ഫോർ ഫൈവ് സിക്സ് സെവൻ എയ്റ്റ് നയൻ ഡബിൾ
"""
_DIGIT_WORDS = frozenset(words(_WORDS))
WHOLE_NUMBER = 10  # digits of an Indian phone number


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
        elif word in _DIGIT_WORDS:
            spoken += 1
        else:
            break
    return (digits > 0 or spoken > 1) and digits + spoken < WHOLE_NUMBER
