"""The speaker's gender: whose verb it is, told by sentences that receptionists say."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.catalogue import VOICES, Gender
from agents.grammar import Form, choose, examples, misfits, speaker_forms, warnings_for
from agents.languages import LANGUAGES, Language

WOMAN, MAN = "arya", "karun"
OTHER: dict[Gender, Gender] = {"female": "male", "male": "female"}

# Sentences that say nothing of the speaker's gender: a visitor's verb, an object's, somebody else's, a
# plural, another tense.
NOBODYS = {
    "hi-IN": """
        नमस्ते! मैं {agent_name}, एक एआई असिस्टेंट। बताइए, आपको किस बारे में जानकारी चाहिए?
        आप कल सुबह दस बजे आ सकते हैं।
        आप किस दिन आना चाहेंगी?
        मैंने आपकी बात डॉक्टर साहब से की थी।
        मैंने आपका नाम और नंबर लिख लिया है।
        मैंने अपॉइंटमेंट बुक कर दी है, आपको मैसेज आया होगा।
        डॉक्टर शर्मा अभी आ रहे हैं।
        वह हर सोमवार को क्लिनिक आती है।
        वे दो बजे तक मरीज़ देखते हैं।
        हमारी टीम आपको शाम तक फ़ोन करेगी।
        क्या मैं आपका नाम जान लूँ?
        मुझे आपकी रिपोर्ट मिल गई है।
        मैं आशा हूँ, सनराइज़ क्लिनिक की रिसेप्शनिस्ट।
        मैं कविता हूँ और यहाँ सब ठीक है।
        क्या आपकी डॉक्टर से बात हो चुकी थी?
        हम रविवार को बंद रहते हैं।
        मेरी सहायिका आपको रास्ता बता देगी।
        मैं बोल {रही|रहा} हूँ, बताइए।
        मैं सनराइज़ क्लिनिक की असिस्टेंट हूँ।
        दवा के लिए पर्ची साथ लाइए, नर्स आई थी तो उसने यही कहा था।
        मैं आपका आभारी हूँ।
        मुझे पता है कि कल बत्ती गई थी।
        मैं चाहूँ तो भी फ़ीस कम नहीं होगी।
        एक मूँगा और एक मोती, दोनों मिल जाएँगे।
    """,
    "pa-IN": """
        ਸਤ ਸ੍ਰੀ ਅਕਾਲ! ਮੈਂ {agent_name}, ਇੱਕ ਏਆਈ ਅਸਿਸਟੈਂਟ। ਦੱਸੋ ਜੀ, ਤੁਹਾਨੂੰ ਕੀ ਜਾਣਕਾਰੀ ਚਾਹੀਦੀ ਹੈ?
        ਤੁਸੀਂ ਕੱਲ੍ਹ ਦਸ ਵਜੇ ਆ ਸਕਦੇ ਹੋ।
        ਤੁਸੀਂ ਕਿਸ ਦਿਨ ਆਉਣਾ ਚਾਹੋਗੇ?
        ਮੈਂ ਡਾਕਟਰ ਸਾਹਿਬ ਨਾਲ ਗੱਲ ਕੀਤੀ ਸੀ।
        ਮੈਂ ਤੁਹਾਡਾ ਨਾਂ ਲਿਖ ਲਿਆ ਹੈ।
        ਮੈਂ ਤੁਹਾਡੀ ਅਪੌਇੰਟਮੈਂਟ ਬੁੱਕ ਕਰ ਦਿੱਤੀ ਹੈ।
        ਮੈਂ ਤੁਹਾਨੂੰ ਪਹਿਲਾਂ ਵੀ ਦੱਸਿਆ ਸੀ।
        ਡਾਕਟਰ ਸ਼ਰਮਾ ਹੁਣੇ ਆ ਰਹੇ ਹਨ।
        ਉਹ ਹਰ ਸੋਮਵਾਰ ਕਲੀਨਿਕ ਆਉਂਦੀ ਹੈ।
        ਉਹ ਦੋ ਵਜੇ ਤੱਕ ਮਰੀਜ਼ ਵੇਖਦੇ ਹਨ।
        ਸਾਡੀ ਟੀਮ ਤੁਹਾਨੂੰ ਸ਼ਾਮ ਤੱਕ ਫ਼ੋਨ ਕਰੇਗੀ।
        ਅਸੀਂ ਐਤਵਾਰ ਨੂੰ ਬੰਦ ਰਹਿੰਦੇ ਹਾਂ।
        ਅਸੀਂ ਤੁਹਾਨੂੰ ਕੱਲ੍ਹ ਫ਼ੋਨ ਕਰਾਂਗੇ।
        ਮੈਨੂੰ ਤੁਹਾਡੀ ਰਿਪੋਰਟ ਮਿਲ ਗਈ ਹੈ।
        ਮੈਂ ਆਸ਼ਾ ਹਾਂ, ਸਨਰਾਈਜ਼ ਕਲੀਨਿਕ ਦੀ ਰਿਸੈਪਸ਼ਨਿਸਟ।
        ਹਾਂ ਜੀ, ਡਾਕਟਰ ਸਾਹਿਬ ਅੱਜ ਬੈਠਦੇ ਹਨ।
        ਕੀ ਮੈਂ ਤੁਹਾਡਾ ਨਾਂ ਜਾਣ ਲਵਾਂ?
        ਮੇਰੀ ਸਹਾਇਕਾ ਤੁਹਾਨੂੰ ਰਾਹ ਦੱਸ ਦੇਵੇਗੀ।
        ਮੈਂ ਬੋਲ {ਰਹੀ|ਰਿਹਾ} ਹਾਂ, ਦੱਸੋ ਜੀ।
        ਮੈਂ ਪੁੱਛ ਲਿਆ ਹੈ ਕਿ ਉਹ ਕੱਲ੍ਹ ਆਈ ਸੀ।
        ਕੱਲ੍ਹ ਨਰਸ ਆਈ ਸੀ।
        ਮੈਂ ਤੁਹਾਡੀ ਕਾਲ ਨਹੀਂ ਚੁੱਕੀ ਸੀ, ਮਾਫ਼ ਕਰਨਾ।
        ਮੈਂ ਸਨਰਾਈਜ਼ ਕਲੀਨਿਕ ਦੀ ਅਸਿਸਟੈਂਟ ਹਾਂ।
    """,
    "mr-IN": """
        नमस्कार! मी {agent_name}, एक एआय असिस्टंट. सांगा, तुम्हाला कोणती माहिती हवी आहे?
        माफ करा, मध्येच लाइन कट झाली होती. जिथे थांबलो तिथूनच पुढे बोलू.
        तुम्ही उद्या दहा वाजता येऊ शकता.
        तुम्ही कोणत्या दिवशी येता?
        मी डॉक्टरांशी बोलणी केली.
        मी तुमचं नाव लिहून घेतलं आहे.
        मी तुम्हाला आधीच सांगितले होते.
        मी उद्या सकाळी तुम्हाला फोन करेन.
        मी आत्ता तपासत आहे.
        डॉक्टर शर्मा आता येत आहेत.
        ती दर सोमवारी दवाखान्यात येते.
        तो दोन वाजेपर्यंत पेशंट तपासतो.
        आमची टीम तुम्हाला संध्याकाळी फोन करते.
        आम्ही रविवारी बंद असतो.
        आम्ही तुमची वाट पाहत होतो.
        मला तुमचा रिपोर्ट मिळाला आहे.
        मला वाटते उद्या जमेल.
        मी आशा आहे, सनराइजची रिसेप्शनिस्ट.
        मी तुमची अपॉइंटमेंट बुक केली आहे.
        मी तुम्हाला माहिती {देते|देतो}, थांबा.
        मी लगेच {विचारते|विचारतो}, डॉक्टर आता येते.
        मी विचारले की ती कधी आली होती.
        माझी सहाय्यिका तुम्हाला रस्ता सांगेल.
        डॉक्टर काल आले होते.
        मी हे करू शकत नाही.
    """,
    "gu-IN": """
        નમસ્તે! હું {agent_name}, એક એઆઈ આસિસ્ટન્ટ. કહેશો, તમને શું માહિતી જોઈએ છે?
        હું તમને મદદ કરી શકું છું.
        હું હમણાં જ તપાસ કરું છું.
        હું સાંજે તમને ફોન કરીશ.
        હું સનરાઇઝ ક્લિનિકમાંથી બોલું છું.
        તમે કાલે દસ વાગ્યે આવી શકો છો.
        તમે કયા દિવસે આવવાના છો?
        મેં ડૉક્ટર સાથે વાત કરી હતી.
        મેં તમારું નામ લખી લીધું છે.
        મેં તમારો ફોન નંબર નોંધ્યો છે.
        ડૉક્ટર શર્મા હમણાં આવી રહ્યા છે.
        તે દર સોમવારે ક્લિનિક આવતી હતી.
        તેઓ બે વાગ્યા સુધી દર્દી જુએ છે.
        અમારી ટીમ સાંજે ફોન કરશે.
        અમે રવિવારે બંધ રહીએ છીએ.
        મને તમારો રિપોર્ટ મળ્યો હતો.
        હું આશા છું, સનરાઇઝની રિસેપ્શનિસ્ટ.
        હું આરતી છું અને હું તમારી આભારી છું.
        હું જાણું છું કે નર્સ આવી હતી.
        મારે કાલે વાત કરવાની છે.
        મારી સહાયિકા તમને રસ્તો બતાવશે.
        હું તમને {કહેતી હતી|કહેતો હતો}, બરાબર?
        હું જોઈ {રહી|રહ્યો} છું, એક મિનિટ.
        કાલે રજા હતી, એટલે ક્લિનિક બંધ હતું.
    """,
    "bn-IN": """
        নমস্কার! আমি আশা, একজন এআই অ্যাসিস্ট্যান্ট। বলুন, আপনার কী জানার আছে?
        আমি এখনই দেখে বলছি।
        আমি আপনাকে কাল ফোন করব।
        আমি গতকাল এসেছিলাম।
    """,
    "or-IN": """
        ନମସ୍କାର! ମୁଁ ଆଶା, ଗୋଟିଏ ଏଆଇ ଆସିଷ୍ଟାଣ୍ଟ।
        ମୁଁ ଆପଣଙ୍କୁ ସାହାଯ୍ୟ କରିପାରିବି।
        ମୁଁ କାଲି ଫୋନ୍ କରିବି।
    """,
    "ta-IN": """
        வணக்கம்! நான் ஆஷா, ஒரு ஏஐ அசிஸ்டென்ட்.
        நான் பார்த்து சொல்றேன்.
        அவர் நாளைக்கு வருவார், அவள் இன்று வந்தாள்.
    """,
    "te-IN": """
        నమస్కారం! నేను ఆశా, ఒక ఏఐ అసిస్టెంట్‌ని.
        నేను చూసి చెప్తాను.
        ఆమె నిన్న వచ్చింది, అతను రేపు వస్తాడు.
    """,
    "kn-IN": """
        ನಮಸ್ಕಾರ! ನಾನು ಆಶಾ, ಒಂದು ಎಐ ಅಸಿಸ್ಟೆಂಟ್.
        ನಾನು ನೋಡಿ ಹೇಳ್ತೀನಿ.
        ಅವಳು ನಿನ್ನೆ ಬಂದಳು, ಅವನು ನಾಳೆ ಬರ್ತಾನೆ.
    """,
    "ml-IN": """
        നമസ്കാരം! ഞാൻ ആശ, ഒരു എഐ അസിസ്റ്റന്റ്.
        ഞാൻ നോക്കി പറയാം.
        ഡോക്ടർ ഇന്നലെ വന്നിരുന്നു.
    """,
    "en-IN": """
        Hello! I am Asha, an AI assistant.
        She was here and I told him so.
    """,
}

# Sentences that show it, before the bar the exact words: the woman's, then the man's.
WOMANS = {
    "hi-IN": """
        रही हूँ | नमस्ते, मैं आशा, सनराइज़ क्लिनिक से बोल रही हूँ।
        सकती हूँ | बताइए, मैं आपकी क्या मदद कर सकती हूँ?
        करूँगी | मैं शाम तक आपको फ़ोन करूँगी।
        करती हूं | एक मिनट, मैं call करती हूं।
        चाहती हूँ | मैं आपका नंबर एक बार दोहराना चाहती हूँ।
        गई थी | मैं कल छुट्टी पर गई थी।
        थी | मैं सोमवार को यहीं थी।
        वाली हूँ | मैं आपको यही बताने वाली हूँ।
        आई हूँ | मैं अभी-अभी दफ़्तर आई हूँ।
        समझी | माफ़ कीजिए, मैं समझी नहीं।
        पाई | मैं आपकी बात सुन नहीं पाई।
        सहायिका | मैं डॉक्टर शर्मा की सहायिका हूँ।
        दूंगी | ठीक है, कल के लिए book कर दूंगी।
        रही थी | मैं आपका नाम और नंबर नोट कर रही थी।
        जानती | मैं उनका पता नहीं जानती।
        गई | मैं भूल गई
        हूँगी | बस दो मिनट में हाज़िर हूँगी।
        चुकी हूँ, लूँगी | मैं उनसे पूछ चुकी हूँ, फिर भी एक बार और पूछ लूँगी।
        करती भी हूँ | मैं यह काम करती भी हूँ।
        करती रहूँगी | मैं कोशिश करती रहूँगी।
        करुंगी | कल सुबह कॉल करुंगी।
        लौटी थी | मैं छुट्टी से लौटी थी तो पता चला।
        गयी | माफ़ कीजिए, मैं बताना भूल गयी।
    """,
    "pa-IN": """
        ਰਹੀ ਹਾਂ | ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਮੈਂ ਆਸ਼ਾ, ਸਨਰਾਈਜ਼ ਕਲੀਨਿਕ ਤੋਂ ਬੋਲ ਰਹੀ ਹਾਂ।
        ਸਕਦੀ ਹਾਂ | ਦੱਸੋ ਜੀ, ਮੈਂ ਤੁਹਾਡੀ ਕੀ ਮਦਦ ਕਰ ਸਕਦੀ ਹਾਂ?
        ਕਰਾਂਗੀ | ਮੈਂ ਸ਼ਾਮ ਤੱਕ ਤੁਹਾਨੂੰ ਫ਼ੋਨ ਕਰਾਂਗੀ।
        ਕਰਦੀ ਹਾਂ | ਇੱਕ ਮਿੰਟ, ਮੈਂ call ਕਰਦੀ ਹਾਂ।
        ਚਾਹੁੰਦੀ ਹਾਂ | ਮੈਂ ਤੁਹਾਡਾ ਨੰਬਰ ਪੁੱਛਣਾ ਚਾਹੁੰਦੀ ਹਾਂ।
        ਗਈ ਸੀ | ਮੈਂ ਕੱਲ੍ਹ ਛੁੱਟੀ 'ਤੇ ਗਈ ਸੀ।
        ਆਈ ਹਾਂ | ਮੈਂ ਹੁਣੇ ਦਫ਼ਤਰ ਆਈ ਹਾਂ।
        ਵਾਲੀ ਹਾਂ | ਮੈਂ ਤੁਹਾਨੂੰ ਇਹੀ ਦੱਸਣ ਵਾਲੀ ਹਾਂ।
        ਸਕੀ | ਮਾਫ਼ ਕਰਨਾ, ਮੈਂ ਸਮਝ ਨਹੀਂ ਸਕੀ।
        ਸਹਾਇਕਾ | ਮੈਂ ਡਾਕਟਰ ਸ਼ਰਮਾ ਦੀ ਸਹਾਇਕਾ ਹਾਂ।
        ਦਿਆਂਗੀ | ਠੀਕ ਹੈ ਜੀ, ਕੱਲ੍ਹ ਲਈ ਬੁੱਕ ਕਰ ਦਿਆਂਗੀ।
        ਰਹੀ ਸੀ | ਮੈਂ ਤੁਹਾਡਾ ਨਾਂ ਤੇ ਨੰਬਰ ਨੋਟ ਕਰ ਰਹੀ ਸੀ।
        ਜਾਣਦੀ | ਮੈਂ ਉਨ੍ਹਾਂ ਦਾ ਪਤਾ ਨਹੀਂ ਜਾਣਦੀ।
        ਗਈ | ਮਾਫ਼ ਕਰਨਾ, ਮੈਂ ਦੱਸਣਾ ਭੁੱਲ ਗਈ।
        ਜਾਵਾਂਗੀ | ਮੈਂ ਹੀ ਨਾਲ ਜਾਵਾਂਗੀ।
        ਲਵਾਂਗੀ | ਮੈਂ ਡਾਕਟਰ ਸਾਹਿਬ ਤੋਂ ਪੁੱਛ ਲਵਾਂਗੀ।
        ਕਰਦੀ ਵੀ ਹਾਂ | ਮੈਂ ਇਹ ਕੰਮ ਕਰਦੀ ਵੀ ਹਾਂ।
        ਕਰਦੀ ਰਹਾਂਗੀ | ਮੈਂ ਕੋਸ਼ਿਸ਼ ਕਰਦੀ ਰਹਾਂਗੀ।
        ਬੈਠੀ ਹਾਂ | ਮੈਂ ਰਿਸੈਪਸ਼ਨ 'ਤੇ ਬੈਠੀ ਹਾਂ।
        ਕਰਵਾਉਂਦੀ ਹਾਂ | ਮੈਂ ਤੁਹਾਡੀ ਗੱਲ ਕਰਵਾਉਂਦੀ ਹਾਂ।
        ਹੁੰਦੀ ਸੀ | ਮੈਂ ਪਹਿਲਾਂ ਦੂਜੀ ਬ੍ਰਾਂਚ ਵਿੱਚ ਹੁੰਦੀ ਸੀ।
    """,
    "mr-IN": """
        बोलते | नमस्कार, मी आशा, सनराइज क्लिनिकमधून बोलते.
        शकते | मी तुम्हाला काय मदत करू शकते?
        सांगते | एक मिनिट, मी डॉक्टरांना विचारून सांगते.
        बोलते आहे | मी सनराइजमधून बोलते आहे.
        बघतेय | मी आत्ता तुमची फाइल बघतेय.
        आले | मी आत्ताच ऑफिसमध्ये आले.
        होते | मी काल सुट्टीवर होते.
        होते | मी तुमचा फॉर्म भरत होते.
        गेले होते | मी सोमवारी बाहेर गेले होते.
        विसरले | माफ करा, मी सांगायला विसरले.
        बोलले | मी काल त्यांच्याशी बोलले.
        सहाय्यिका | मी डॉक्टर शर्मांची सहाय्यिका आहे.
        घेते | मी तुमचं नाव आणि नंबर लिहून घेते.
        करते | मी call करते.
        शकले | मी काल फोन करू शकले नाही.
        येते | मीही नक्की येते.
        ठेवते | मी तुमची अपॉइंटमेंट बुक करून ठेवते.
        नव्हते | मी काल ऑफिसमध्ये नव्हते.
        पाठवते | मी ती माहिती पाठवते.
        करते | मी डॉ. शर्मांकडे रिसेप्शनिस्ट म्हणून काम करते.
        नोंदवते | मी तुम्ही सांगितलेली वेळ नोंदवते.
    """,
    "gu-IN": """
        રહી છું | હું તમારી ફાઇલ જોઈ રહી છું.
        શકતી નથી | માફ કરશો, હું ફી ઓછી કરી શકતી નથી.
        ગઈ હતી | હું કાલે રજા પર ગઈ હતી.
        હતી | હું સોમવારે અહીં જ હતી.
        કરવાની છું | હું કાલે ફોન કરવાની છું.
        આવી છું | હું હમણાં જ ઓફિસ આવી છું.
        ગઈ | માફ કરશો, હું કહેવાનું ભૂલી ગઈ.
        સમજી | માફ કરશો, હું સમજી નહીં.
        શકી | હું તમારી વાત સાંભળી ન શકી.
        ચૂકી છું | હું ડૉક્ટરને પૂછી ચૂકી છું.
        સહાયિકા | હું ડૉક્ટર શર્માની સહાયિકા છું.
        કરતી હતી | હું તમારું નામ અને નંબર નોંધ કરતી હતી.
        જાણતી નથી | હું એમનું સરનામું જાણતી નથી.
        બેઠી છું | હું રિસેપ્શન પર બેઠી છું.
        આવેલી છું | હું પહેલાં પણ અહીં આવેલી છું.
        નહોતી | હું ગઈકાલે ઓફિસમાં નહોતી.
        રહી હતી | હું call કરી રહી હતી.
        કહેવાની હતી | હું તમને એ જ કહેવાની હતી.
        ઇચ્છતી હતી | હું તમારો નંબર પૂછવા ઇચ્છતી હતી.
        કરતી રહીશ | હું પ્રયત્ન કરતી રહીશ.
        બતાવતી હતી | હું તેમને રસ્તો બતાવતી હતી.
    """,
}

MANS = {
    "hi-IN": """
        रहा हूँ | नमस्ते, मैं रवि, सनराइज़ क्लिनिक से बोल रहा हूँ।
        सकता हूँ | क्या मैं आपका नाम जान सकता हूँ?
        करूँगा | मैं कल सुबह पता करूँगा।
        आया था | मैं कल आया था।
        सहायक | मैं आपका सहायक हूँ।
        पाया | मैं समझ नहीं पाया।
        सोचता था | मैं भी यही सोचता था।
        हुआ हूँ | मैं अभी फ्री हुआ हूँ।
    """,
    "pa-IN": """
        ਰਿਹਾ ਹਾਂ | ਮੈਂ ਰਵੀ ਬੋਲ ਰਿਹਾ ਹਾਂ।
        ਸਕਦਾ ਹਾਂ | ਕੀ ਮੈਂ ਤੁਹਾਡਾ ਨਾਂ ਪੁੱਛ ਸਕਦਾ ਹਾਂ?
        ਕਰਾਂਗਾ | ਮੈਂ ਕੱਲ੍ਹ ਪਤਾ ਕਰਾਂਗਾ।
        ਆਇਆ ਸੀ | ਮੈਂ ਕੱਲ੍ਹ ਆਇਆ ਸੀ।
        ਸਹਾਇਕ | ਮੈਂ ਤੁਹਾਡਾ ਸਹਾਇਕ ਹਾਂ।
        ਸੋਚਦਾ ਸੀ | ਮੈਂ ਵੀ ਇਹੀ ਸੋਚਦਾ ਸੀ।
    """,
    "mr-IN": """
        बोलतो | मी रवी बोलतो, सांगा.
        शकतो | मी तुमचं नाव विचारू शकतो का?
        आलो होतो | मी काल आलो होतो.
        बोलतोय | मी सनराइजमधून बोलतोय.
        सहाय्यक | मी तुमचा सहाय्यक आहे.
        विसरलो | मी विचारायला विसरलो.
        आलेलो आहे | मी नुकताच आलेलो आहे.
    """,
    "gu-IN": """
        રહ્યો છું | હું રવિ, તપાસ કરી રહ્યો છું.
        શકતો નથી | હું વચન આપી શકતો નથી.
        આવ્યો હતો | હું કાલે આવ્યો હતો.
        સહાયક | હું તમારો સહાયક છું.
        ભૂલ્યો નથી | હું તમને ભૂલ્યો નથી.
        કરવાનો છું | હું સાંજે ફોન કરવાનો છું.
    """,
}


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.strip().splitlines()]


def shown() -> list[tuple[str, Gender, list[str], str]]:
    """Language, gender, exact words and sentence."""
    tables: list[tuple[Gender, dict[str, str]]] = [("female", WOMANS), ("male", MANS)]
    rows: list[tuple[str, Gender, list[str], str]] = []
    for gender, by_language in tables:
        for language, table in by_language.items():
            for line in lines(table):
                words, sentence = line.split(" | ")
                rows.append((language, gender, words.split(", "), sentence))
    return rows


SHOWN = shown()
UNSHOWN = [(language, sentence) for language, table in NOBODYS.items() for sentence in lines(table)]


@pytest.mark.parametrize(("language", "sentence"), UNSHOWN)
def test_what_is_not_the_speakers_own_never_counts(language: str, sentence: str) -> None:
    assert speaker_forms(sentence, language) == []


@pytest.mark.parametrize(("language", "gender", "words", "sentence"), SHOWN)
def test_the_speakers_own_forms_are_found_as_they_are_written(
    language: str, gender: Gender, words: list[str], sentence: str
) -> None:
    forms = speaker_forms(sentence, language)
    assert [(form.words, form.gender) for form in forms] == [(word, gender) for word in words]
    assert all(sentence[form.start : form.end] == form.words for form in forms)
    assert misfits(sentence, language, gender) == []
    assert misfits(sentence, language, OTHER[gender]) == forms


@pytest.mark.parametrize("language", ["hi-IN", "pa-IN", "mr-IN", "gu-IN"])
def test_each_language_has_twenty_sentences_of_either_sort(language: str) -> None:
    assert len(lines(NOBODYS[language])) >= 20
    assert len(lines(WOMANS[language])) >= 20


@pytest.mark.parametrize(("language", "sentence"), UNSHOWN + [(row[0], row[3]) for row in SHOWN])
def test_one_spelling_or_another_makes_no_difference(language: str, sentence: str) -> None:
    def found(text: str) -> list[tuple[Gender, str]]:
        forms = speaker_forms(text, language)
        return [(form.gender, unicodedata.normalize("NFC", form.words)) for form in forms]

    assert found(unicodedata.normalize("NFC", sentence)) == found(unicodedata.normalize("NFD", sentence))


@pytest.mark.parametrize("words", ["रही हूँ", "रही हूं", "रही हुँ", "र\u200dही हूँ", "रही ह\u200cूँ", "रही\u200d हूँ"])
def test_nasal_signs_and_joiners_are_free(words: str) -> None:
    assert speaker_forms(f"मैं बोल {words}।", "hi-IN") == [Form(words, 8, 8 + len(words), "female")]


@pytest.mark.parametrize(("language", "sentence"), [(row[0], row[3]) for row in SHOWN])
def test_the_other_seven_languages_have_no_such_forms(language: str, sentence: str) -> None:
    for code in set(LANGUAGES) - {"hi-IN", "pa-IN", "mr-IN", "gu-IN"}:
        assert speaker_forms(sentence, code) == []


@pytest.mark.parametrize(
    ("text", "woman", "man"),
    [
        ("मैं बोल {रही|रहा} हूँ", "मैं बोल रही हूँ", "मैं बोल रहा हूँ"),
        ("मैं { नई | नया } हूँ", "मैं नई हूँ", "मैं नया हूँ"),
        ("कर{ती|ता} और बोल{ती|ता} हूँ", "करती और बोलती हूँ", "करता और बोलता हूँ"),
        ("{मैं आई थी|मैं आया था}।", "मैं आई थी।", "मैं आया था।"),
        ("સહાયિ{કા|}", "સહાયિકા", "સહાયિ"),
        ("नमस्ते {visitor_name}, मैं {agent_name} | बताइए", None, None),
        ("{a|b|c} {|} {} { } | a|b", None, None),
        ("{रही|रहा", None, None),
        ("रही|रहा} {", None, None),
        ("{रही\n|रहा}", None, None),
        ("{ {रही|रहा}", "{ रही", "{ रहा"),
        ("", None, None),
    ],
)
def test_the_voice_picks_one_of_two_forms(text: str, woman: str | None, man: str | None) -> None:
    assert choose(text, "female") == (text if woman is None else woman)
    assert choose(text, "male") == (text if man is None else man)


@pytest.mark.parametrize(
    "text",
    ["मैं बोल {रही|रहा} हूँ", "मैं मदद कर सक{ती|ता} हूँ और फ़ोन {करूँगी|करूँगा}", "मैं कल {गई थी|गया था}"],
)
def test_a_pair_fits_every_voice_and_each_of_its_sides_its_own(text: str) -> None:
    assert speaker_forms(text, "hi-IN") == []
    assert {form.gender for form in speaker_forms(choose(text, "female"), "hi-IN")} == {"female"}
    assert {form.gender for form in speaker_forms(choose(text, "male"), "hi-IN")} == {"male"}


def test_a_greeting_warns_where_a_single_form_does_not_fit_every_voice() -> None:
    texts = {
        "hi-IN": "मैं बोल रही हूँ",
        "mr-IN": "मी {बोलते|बोलतो}",
        "ta-IN": "நான் பேசுறேன்",
        "gu-IN": "હું આવ્યો છું",
    }

    def words(*voices: str) -> dict[str, list[str]]:
        return {code: [form.words for form in forms] for code, forms in warnings_for(texts, voices).items()}

    assert words(WOMAN) == {"gu-IN": ["આવ્યો છું"]}
    assert words(MAN) == {"hi-IN": ["रही हूँ"]}
    assert words(WOMAN, MAN) == {"hi-IN": ["रही हूँ"], "gu-IN": ["આવ્યો છું"]}
    assert words() == words("nobody") == {}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
def test_our_own_words_fit_every_voice(language: Language) -> None:
    for text in (language.greeting, language.apology, language.resumed):
        assert warnings_for({language.code: text}, VOICES) == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_examples_are_given_where_verbs_show_it_and_are_of_that_gender(code: str) -> None:
    own = examples(code)
    assert (own is not None) == LANGUAGES[code].gendered_verbs
    if own:
        for gender in OTHER:
            sentences = own.of(gender).split(", ")
            assert [{form.gender for form in speaker_forms(each, code)} for each in sentences] == [{gender}] * 4


PIECES = st.sampled_from(
    [*" {}|.,।\n\u200d\u200c\u093c", *(word for row in SHOWN[::3] for word in row[3].split()), "{रही|रहा}", "{name}"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text_is_read_without_harm(text: str) -> None:
    for language in ("hi-IN", "pa-IN", "mr-IN", "gu-IN", "ta-IN", "xx"):
        end = 0
        for form in speaker_forms(text, language):
            assert end <= form.start < form.end <= len(text)
            assert text[form.start : form.end] == form.words
            end = form.end
    assert "".join(sorted(set(choose(text, "female")) - set(text))) == ""
