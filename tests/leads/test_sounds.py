"""A name sounds the same in whatever script it is written, and other names do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.models import AgentProfile
from leads.models import Lead
from leads.queue import find
from leads.sounds import refresh_sounds, sounds_of
from tests.leads.making import NUMBER, make_lead, put

SAME = [
    "राहुल rahul Raahul Rahool ராகுல் রাহুল రాహుల్ ರಾಹುಲ್ രാഹുൽ ਰਾਹੁਲ રાહુલ ରାହୁଲ",
    "लक्ष्मी lakshmi Laxmi Lakshmee లక్ష్మి ಲಕ್ಷ್ಮಿ ലക്ഷ്മി লক্ষ্মী ଲକ୍ଷ୍ମୀ લક્ષ્મી ਲਕਸ਼ਮੀ லக்ஷ்மி லட்சுமி",
    "शर्मा sharma Sarma ஷர்மா శర్మ ಶರ್ಮ ശർമ শর্মা ਸ਼ਰਮਾ શર્મા ଶର୍ମା",
    "कृष्ण Krishna கிருஷ்ணா కృష్ణ ಕೃಷ್ಣ കൃഷ്ണ কৃষ্ণ ਕ੍ਰਿਸ਼ਨਾ કૃષ્ણ କୃଷ୍ଣ",
    "सिंह सिंघ Singh ਸਿੰਘ સિંહ சிங் সিং সিংহ ସିଂହ సింగ్ സിംഗ്",
    "सुब्रमण्यम Subramaniam Subramanyam சுப்ரமணியம் సుబ్రమణ్యం ಸುಬ್ರಮಣ್ಯಂ",
    "संजय Sanjay Sanjai सञ्जय சஞ்சய் সঞ্জয় సంజయ్",
    "गौरी Gauri Gowri Gouri கௌரி గౌరి",
    "आयशा Ayesha Aisha আয়েশা",
    "रवि Ravi Rabi রবি ரவி రవి",
    "राठौड़ राठौर Rathor",
    "शंकर शङ्कर Shankar শংকর শঙ্কর சங்கர் శంకర్",
    "प्रिया Priya பிரியா ప్రియ প্রিয়া ਪ੍ਰਿਆ",
    "ज्ञान Gyan",
    "ज़ाकिर जाकिर Zakir Jakir",
    "অমিত Amit अमित அமித் Ámit",
    "யாதவ் यादव Yadav",
    "অজয় Ajay अजय",
    "অৰ্জুন অর্জুন Arjun अर्जुन",
    "ਘੋੜਾ Ghora",
    "ଯଶ Jash",
    "ಱಾಮ राम Ram",
    "Vimla विमला விமலா",
    "Xavier Savier",
]
OTHERS = ["rahul", "rohit", "mahesh", "mukesh", "sunita", "anita", "lakshmi", "ravi", "ramesh", "vijay", "deepa"]


@pytest.mark.parametrize("names", SAME)
def test_one_name_in_many_scripts_and_spellings(names: str) -> None:
    heard = {name: sounds_of(name) for name in names.split()}
    assert len(set(heard.values())) == 1, heard


def test_names_that_differ_sound_different() -> None:
    assert len({sounds_of(name) for name in OTHERS}) == len(OTHERS)


def test_words_are_kept_apart_and_what_is_no_letter_is_left_out() -> None:
    assert sounds_of("राहुल शर्मा, 98450।Rahul 王 ॐ") == "rkul srm"
    assert sounds_of("") == sounds_of("98450 १२ !") == ""


@given(st.text())
@settings(deadline=None)
def test_any_text_has_sounds(text: str) -> None:
    assert set(sounds_of(text)) <= set("aiuklmnprst ")


# The search -------------------------------------------------------------------------------------


@pytest.fixture
def rahul(agent: AgentProfile) -> Lead:
    lead = make_lead(agent)
    put(lead, "name", "राहुल शर्मा")
    put(lead, "phone", NUMBER)
    put(lead, "city", "पुणे")
    return lead


def found(term: str) -> list[Lead]:
    return list(find(Lead.objects.people(), term))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "term",
    ["rahul", "Raahul", "ராகுல்", "राहुल", "rah", "sharma", "rahul ஷர்மா", "शर्मा Rahul", "पुणे", "98450 12345", "+91-98450-12345",
     "098450 12345", "९८४५० १२३४५", "௯௮௪௫௦", "(98450)12345", "50123", "0091 9845012345"],
)  # fmt: skip
def test_it_is_found_by(rahul: Lead, term: str) -> None:
    assert found(term) == [rahul]


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["rohit", "ahul", "rahul verma", "98450 54321", "मुंबई"])
def test_it_is_not_found_by(rahul: Lead, term: str) -> None:
    assert found(term) == []


@pytest.mark.django_db
def test_a_person_is_found_by_what_a_later_call_brought(rahul: Lead) -> None:
    later = make_lead(rahul.agent, joined_to=rahul)
    put(later, "name", "Meena")
    put(later, "email", "meena@example.in", label="E-mail")
    assert found("மீனா") == found("meena@example") == found("rahul meena") == [rahul]


@pytest.mark.django_db
def test_a_rejected_name_is_searched_for_no_more(rahul: Lead) -> None:
    rahul.values.filter(key="name").update(verdict="rejected")
    refresh_sounds(Lead.objects.get(pk=rahul.pk))
    assert Lead.objects.get().sounds == ""
