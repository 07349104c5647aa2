"""What staff do with a lead: each verb, its history, and that of two people the second is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from agents.contract import FieldToFindOut
from agents.models import AgentProfile
from leads import review
from leads.matches import matches
from leads.models import Lead, LeadChange, LeadValue
from leads.people import values_of
from leads.queue import in_queue_order, to_review
from leads.review import ChangedError, ReviewError, lead_stamp, value_stamp
from tests.factories import make_agent
from tests.leads.making import NUMBER, age, make_lead, put

pytestmark = pytest.mark.django_db

OTHER_NUMBER = "+919845054321"


@pytest.fixture
def meera(db: None) -> User:
    return User.objects.create_user("meera")


@pytest.fixture
def lead(agent: AgentProfile) -> Lead:
    lead = make_lead(agent, said=[("visitor", "मेरा नाम राहुल है")])
    put(lead, "name", "राहुल", turns=["1.1"])
    put(lead, "phone", NUMBER, "inferred", other=OTHER_NUMBER)
    return fresh(lead)


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def value(lead: Lead, key: str) -> LeadValue:
    return next(each for each in values_of(fresh(lead)) if each.key == key)


def history(lead: Lead) -> list[tuple[str, str, str, str]]:
    """What was changed, from what, to what, by whom; oldest first."""
    changes = LeadChange.objects.filter(lead=lead).order_by("pk")
    return [(each.field, each.old, each.new, str(each.who or "")) for each in changes]


def accept(lead: Lead, who: User) -> None:
    review.accept_lead(fresh(lead), who=who, seen=lead_stamp(values_of(fresh(lead))))


def judged(verb: Any, lead: Lead, key: str, who: User, *args: str) -> LeadValue:
    """Do a verb to a value as a page shows it now."""
    shown = value(lead, key)
    verb(shown, *args, who=who, seen=value_stamp(shown))
    return value(lead, key)


# The lead ---------------------------------------------------------------------------------------


def test_a_lead_without_doubts_is_accepted_once(lead: Lead, meera: User) -> None:
    lead.values.filter(key="phone").update(state="confirmed", other="")
    accept(lead, meera)
    first = fresh(lead).accepted_at
    accept(lead, meera)
    assert first is not None
    assert fresh(lead).accepted_at == first
    assert history(lead) == [("Lead", "not accepted", "accepted", "meera")]


@pytest.mark.parametrize("doubt", [{"state": "inferred", "other": ""}, {"state": "heard", "other": OTHER_NUMBER}])
def test_a_doubtful_value_stops_it(lead: Lead, meera: User, doubt: dict[str, str]) -> None:
    lead.values.filter(key="phone").update(**doubt)
    with pytest.raises(ReviewError, match="still doubtful"):
        accept(lead, meera)
    assert fresh(lead).accepted_at is None


def test_a_value_that_came_after_the_page_was_made_is_not_accepted(lead: Lead, meera: User) -> None:
    seen = lead_stamp(values_of(lead))
    lead.values.filter(key="phone").update(state="confirmed", other="", value=OTHER_NUMBER)
    with pytest.raises(ChangedError):
        review.accept_lead(fresh(lead), who=meera, seen=seen)
    assert fresh(lead).accepted_at is None


def test_what_staff_keep_about_it_is_written_down(lead: Lead, meera: User) -> None:
    day = date(2026, 11, 30)
    review.set_status(lead, "contacted", who=meera, seen="new")
    review.set_owner(lead, meera, who=meera, seen=None)
    review.set_follow_up(lead, day, who=meera, seen=None)
    review.set_notes(lead, "Calls after six", who=meera, seen="")
    review.set_notes(lead, "Calls after six", who=meera, seen="Calls after six")
    now = fresh(lead)
    assert (now.status, now.owner, now.follow_up_on, now.notes) == ("contacted", meera, day, "Calls after six")
    assert history(lead) == [
        ("Status", "New", "Contacted", "meera"),
        ("Owner", "", "meera", "meera"),
        ("Follow-up", "", "2026-11-30", "meera"),
        ("Notes", "", "Calls after six", "meera"),
    ]


@pytest.mark.parametrize(
    ("verb", "columns", "new", "seen"),
    [
        (review.set_status, {"status": "won"}, "contacted", "new"),
        (review.set_notes, {"notes": "hers"}, "mine", ""),
        (review.set_follow_up, {"follow_up_on": date(2026, 12, 1)}, date(2026, 12, 2), None),
    ],
)
def test_of_two_the_second_is_told(lead: Lead, meera: User, verb: Any, columns: Any, new: Any, seen: Any) -> None:
    Lead.objects.update(**columns)
    with pytest.raises(ChangedError):
        verb(lead, new, who=meera, seen=seen)
    assert Lead.objects.filter(**columns).exists()
    assert history(lead) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_a_lead_over_at_once_one_has_it() -> None:
    lead = make_lead(make_agent())
    users = [User.objects.create_user(name) for name in ("asha", "bina", "chitra", "devi")]

    def take(user: User) -> bool:
        try:
            review.set_owner(lead, user, who=user, seen=None)
        except ChangedError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(take, users))
    assert taken.count(True) == 1
    assert fresh(lead).owner == users[taken.index(True)]
    assert len(history(lead)) == 1


def test_a_locked_lead_takes_nothing(lead: Lead, meera: User) -> None:
    lead.values.filter(key="phone").update(state="confirmed", other="")
    Lead.objects.update(locked_at=timezone.now())
    for verb in (
        lambda: accept(lead, meera),
        lambda: review.set_status(lead, "won", who=meera, seen="new"),
        lambda: judged(review.reject_value, lead, "name", meera),
        lambda: review.add_value(lead, FieldToFindOut(key="city", label="City"), "Pune", who=meera),
    ):
        with pytest.raises(ReviewError, match="locked"):
            verb()
    assert history(lead) == []


# Its values -------------------------------------------------------------------------------------


def test_a_doubtful_value_is_accepted(lead: Lead, meera: User) -> None:
    now = judged(review.accept_value, lead, "phone", meera)
    assert (now.verdict, now.state, now.counts, now.is_doubtful) == ("accepted", "inferred", True, False)
    assert history(lead) == [(f"Phone number: {NUMBER}", "not looked at", "accepted", "meera")]


def test_a_wrong_value_counts_no_more_and_stays_to_be_seen(lead: Lead, meera: User) -> None:
    now = judged(review.reject_value, lead, "name", meera)
    assert (now.value, now.verdict, now.counts) == ("राहुल", "rejected", False)
    assert fresh(lead).sounds == ""


def test_a_correction_keeps_what_the_machine_found(lead: Lead, meera: User) -> None:
    now = judged(review.correct_value, lead, "phone", meera, " 98450 54321 ")
    assert (now.value, now.found, now.state, now.verdict) == (OTHER_NUMBER, NUMBER, "staff", "accepted")
    again = judged(review.correct_value, lead, "phone", meera, "98450 11111")
    assert (again.value, again.found) == ("+919845011111", NUMBER)
    assert history(lead)[0] == ("Phone number", NUMBER, OTHER_NUMBER, "meera")


def test_a_corrected_name_is_found_by_its_new_sound(lead: Lead, meera: User) -> None:
    Lead.objects.update(latin_name="Rahul")
    judged(review.correct_value, lead, "name", meera, "रोहित")
    assert (fresh(lead).sounds, fresh(lead).latin_name) == ("rukit", "")


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [("phone", "98450", "no phone number"), ("phone", " ", "Write the right value"), ("name", "x" * 501, "too long")],
)
def test_a_bad_correction_says_what_is_wrong(lead: Lead, meera: User, key: str, text: str, says: str) -> None:
    with pytest.raises(ReviewError, match=says):
        judged(review.correct_value, lead, key, meera, text)
    assert history(lead) == []


def test_a_value_that_was_changed_meanwhile_is_left_alone(lead: Lead, meera: User) -> None:
    shown = value(lead, "phone")
    seen = value_stamp(shown)
    LeadValue.objects.filter(pk=shown.pk).update(value=OTHER_NUMBER)
    for verb in (review.accept_value, review.reject_value):
        with pytest.raises(ChangedError):
            verb(value(lead, "phone"), who=meera, seen=seen)  # the page is old
        with pytest.raises(ChangedError):
            verb(shown, who=meera, seen=seen)  # it changed between the look and the write
    assert value(lead, "phone").verdict == ""


def test_what_nobody_found_out_is_added_once(lead: Lead, meera: User) -> None:
    field = next(each for each in review.fields_missing(lead, values_of(lead)) if each.key == "need")
    review.add_value(lead, field, "2 BHK", who=meera)
    now = value(lead, "need")
    assert (now.value, now.found, now.state, now.counts) == ("2 BHK", "", "staff", True)
    with pytest.raises(ChangedError):
        review.add_value(lead, field, "3 BHK", who=meera)
    assert history(lead) == [(field.label, "", "2 BHK", "meera")]


def test_a_name_and_a_number_can_be_added_whatever_the_agent_asks(meera: User) -> None:
    lead = make_lead(make_agent(fields=[{"key": "city", "label": "City", "kind": "choice", "choices": ["Pune"]}]))
    missing = {field.key: field for field in review.fields_missing(lead, [])}
    assert set(missing) == {"city", "name", "phone"}
    with pytest.raises(ReviewError, match="Choose one of: Pune"):
        review.add_value(lead, missing["city"], "Delhi", who=meera)


# The person -------------------------------------------------------------------------------------


def test_a_joined_call_is_taken_apart_and_joined_again(lead: Lead, meera: User) -> None:
    later = make_lead(lead.agent, joined_to=lead)
    review.split(fresh(later), who=meera)
    assert (fresh(later).joined_to, fresh(later).kept_apart) == (None, True)
    with pytest.raises(ChangedError):
        review.split(fresh(later), who=meera)
    assert review.join(fresh(later), fresh(lead), who=meera) == lead
    assert (fresh(later).joined_to, fresh(later).kept_apart) == (lead, False)
    assert [change[0] for change in history(later)] == ["Same person as"] * 2
    assert len(history(lead)) == 2


def test_the_earlier_one_stands_for_both_and_brings_along_what_joined_the_later(lead: Lead, meera: User) -> None:
    earlier = age(make_lead(lead.agent, accepted_at=timezone.now()), days=1)
    part = make_lead(lead.agent, joined_to=lead)
    assert review.join(lead, earlier, who=meera) == earlier
    assert {fresh(lead).joined_to, fresh(part).joined_to} == {earlier}
    assert fresh(earlier).accepted_at is None, "what the later call brought has not been looked at"
    with pytest.raises(ChangedError):
        review.join(fresh(lead), fresh(earlier), who=meera)


def test_a_status_settles_the_call_backs_of_those_that_joined(lead: Lead, meera: User) -> None:
    part = make_lead(lead.agent, joined_to=lead, callback_at=timezone.now())
    review.set_status(lead, "contacted", who=meera, seen="new")
    assert fresh(part).status == "contacted"


def test_it_suggests_the_same_number_elsewhere_and_the_same_name_here(lead: Lead, meera: User) -> None:
    lead.values.filter(key="phone").update(state="heard")
    lead.values.filter(key="name").update(value="राहुल शर्मा")
    put(lead, "email", "r@example.in")  # which refreshes the sounds
    elsewhere = make_lead(make_agent(agent_id="other", name="Other"))
    put(elsewhere, "phone", NUMBER)
    same_name = make_lead(lead.agent)
    put(same_name, "name", "Rahul Sharma")
    unsure = make_lead(make_agent(agent_id="third", name="Third"))
    put(unsure, "phone", NUMBER, "inferred")
    joined = make_lead(lead.agent, joined_to=lead)
    put(joined, "phone", NUMBER)
    found = matches(fresh(lead))
    assert {match.lead for match in found} == {elsewhere, same_name}
    review.keep_apart(lead, same_name, who=meera)
    assert fresh(same_name).kept_apart
    assert [(match.lead, match.kept_apart) for match in matches(fresh(lead))] == [(elsewhere, False), (same_name, True)]


def test_one_name_of_two_numbers_is_no_match(lead: Lead) -> None:
    lead.values.filter(key="phone").update(state="heard")
    namesake = make_lead(lead.agent)
    put(namesake, "name", "Rahul")
    assert [match.lead for match in matches(fresh(lead))] == [namesake], "he may be the same while he has no number"
    put(namesake, "phone", "+919845099999")
    assert matches(fresh(lead)) == []


# The queue --------------------------------------------------------------------------------------


def test_call_backs_due_come_first_then_the_oldest_new(agent: AgentProfile) -> None:
    now, today = timezone.now(), timezone.localdate()
    made = {
        "won lately": make_lead(agent, status="won"),
        "new": make_lead(agent),
        "accepted": age(make_lead(agent, accepted_at=now), days=9),
        "old new": age(make_lead(agent), hours=5),
        "old won": age(make_lead(agent, status="won", follow_up_on=today), days=30),
        "asks": make_lead(agent, callback_at=now),
        "called already": make_lead(agent, status="contacted", accepted_at=now, callback_at=now),
        "to follow up": make_lead(agent, status="contacted", follow_up_on=date(2020, 1, 1)),
        "asks by a later call": make_lead(agent),
    }
    make_lead(agent, joined_to=made["asks by a later call"], callback_at=now)
    names = {lead.pk: name for name, lead in made.items()}
    order = [names[lead.pk] for lead in in_queue_order(Lead.objects.people())]
    assert set(order[1:3]) == {"asks", "asks by a later call"}
    assert [order[0], *order[3:]] == [
        "to follow up",
        "old new",
        "new",
        "accepted",
        "called already",
        "won lately",
        "old won",
    ]
    review_too = {names[lead.pk] for lead in to_review(Lead.objects.people())}
    assert review_too == {"new", "old new", "asks", "to follow up", "asks by a later call"}
