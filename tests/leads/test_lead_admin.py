"""The list of leads and the page of one, as staff use them without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from agents.models import AgentProfile
from leads.admin.words import lead_name
from leads.models import Lead
from leads.people import values_of
from leads.review import lead_stamp, value_stamp
from leads.sounds import refresh_sounds
from tests.factories import make_agent
from tests.leads.making import NUMBER, age, make_lead, put

pytestmark = pytest.mark.django_db

LIST = "admin:leads_lead_changelist"


def whole_lead(agent: AgentProfile, **columns: Any) -> Lead:
    lead = make_lead(agent, said=[("visitor", "मेरा नाम राहुल है"), ("visitor", "98450 12345")], **columns)
    put(lead, "name", "राहुल", turns=["1.1"])
    put(lead, "phone", NUMBER, "confirmed", turns=["1.2"])
    return lead


def page_of(lead: Lead) -> str:
    return reverse("admin:leads_lead_change", args=[lead.pk])


def shown(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, lead: Lead, do: str, /, **data: Any) -> Any:
    """Press a button of the lead's page as it is now; `key` names the value."""
    values = values_of(Lead.objects.get(pk=lead.pk))
    if value := next((each for each in values if each.key == data.get("key")), None):
        data = {"seen": value_stamp(value), "value": value.pk, **data}
    return client.post(page_of(lead), {"do": do, "seen": lead_stamp(values), **data})


# The list ---------------------------------------------------------------------------------------


def test_a_row_tells_who_and_what_about(staff: Client, agent: AgentProfile, meera: User) -> None:
    lead = whole_lead(agent, summary="Wants a flat.\nOn Sunday.", latin_name="Rahul", owner=meera)
    put(lead, "budget", "5000000", "inferred")
    text = shown(staff, reverse(LIST))
    for part in ("राहुल", "Rahul", f'href="tel:{NUMBER}"', "+91 98450 12345", "Hindi", "Wants a flat.", "meera", "New"):
        assert part in text
    assert "On Sunday." not in text
    assert re.search(r"field-doubts.*?>\s*1\s*<", text, re.S)


def test_the_list_is_the_queue_with_one_row_a_person(staff: Client, agent: AgentProfile) -> None:
    first, second, third = (whole_lead(agent) for _ in range(3))
    for lead, name in ((first, "Anand"), (second, "Bela"), (third, "Chandra")):
        lead.values.filter(key="name").update(value=name)
    age(second, days=1)
    Lead.objects.filter(pk=third.pk).update(callback_at=timezone.now())
    joined = make_lead(agent, joined_to=first)
    put(joined, "name", "Anand")
    text = shown(staff, reverse(LIST))
    assert re.findall(r"Anand|Bela|Chandra", text) == ["Chandra", "Bela", "Anand"]
    assert "Call back, asked 0\xa0minutes ago." in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"todo": "review"}, {"Open", "Mine", "Tamil", "No phone"}),
        ({"todo": "today"}, {"Mine"}),
        ({"language": "ta-IN"}, {"Tamil"}),
        ({"status__exact": "won"}, {"Won"}),
        ({"owner": "mine"}, {"Mine"}),
        ({"owner": "nobody"}, {"Open", "Won", "Tamil", "No phone"}),
        ({"owner": "x"}, {"Open", "Mine", "Won", "Tamil", "No phone"}),
        ({"phone": "missing"}, {"No phone"}),
        ({"callback": "asked"}, {"Tamil"}),
        ({"q": "mine"}, {"Mine"}),
        ({"q": NUMBER}, {"Open", "Mine", "Won", "No phone", "Tamil"}),
    ],
)
def test_it_is_narrowed(
    staff: Client, agent: AgentProfile, meera: User, query: dict[str, str], names: set[str]
) -> None:
    mine: dict[str, Any] = {"owner": meera, "follow_up_on": timezone.localdate()}
    for name, columns in {"Open": {}, "Mine": mine, "Won": {"status": "won"}, "No phone": {}}.items():
        lead = whole_lead(agent, **columns)
        lead.values.filter(key="name").update(value=name)
        if name == "No phone":
            lead.values.filter(key="phone").update(state="inferred")
    tamil = Lead.objects.create(agent=agent, callback_at=timezone.now(), callback_language="ta-IN")
    put(tamil, "name", "Tamil", "typed")
    put(tamil, "phone", NUMBER, "typed")
    for lead in Lead.objects.all():
        refresh_sounds(lead)
    answer = staff.get(reverse(LIST), query)
    assert {lead_name(lead) for lead in answer.context["cl"].result_list} == names


def test_the_agents_are_a_filter(staff: Client, agent: AgentProfile) -> None:
    whole_lead(agent)
    other = make_agent(agent_id="other", name="Other")
    lead = whole_lead(other)
    answer = staff.get(reverse(LIST), {"agent__id__exact": other.pk})
    assert list(answer.context["cl"].result_list) == [lead]


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    staff: Client, agent: AgentProfile, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    whole_lead(agent)
    staff.get(reverse(LIST))
    for _ in range(20):
        make_lead(agent, joined_to=whole_lead(agent))
    with django_assert_max_num_queries(13):
        staff.get(reverse(LIST))


@pytest.mark.parametrize("across", [False, True])
def test_many_are_changed_at_once(staff: Client, agent: AgentProfile, meera: User, across: bool) -> None:
    leads = [whole_lead(agent) for _ in range(3)]
    Lead.objects.filter(pk=leads[2].pk).update(locked_at=timezone.now())
    chosen = [lead.pk for lead in leads]
    for action in ("take_over", "status_spam"):
        answer = staff.post(
            reverse(LIST), {"action": action, "_selected_action": chosen, "select_across": int(across)}, follow=True
        )
        text = answer.content.decode()
        assert "Done for 2 leads." in text
        assert "locked" in text
    changed = Lead.objects.filter(owner=meera, status="spam")
    assert set(changed) == set(leads[:2])
    assert {change.who for lead in changed for change in lead.changes.all()} == {meera}


# The page ---------------------------------------------------------------------------------------


def test_the_page_shows_values_beside_what_was_said(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent, summary="Wants a flat.\nOn Sunday.", latin_name="Rahul")
    put(lead, "budget", "7500000", "inferred", other="8000000")
    text = shown(staff, page_of(lead))
    assert "Wants a flat.<br>On Sunday." in text
    for words in ("Heard", "Confirmed", "Not heard in these words", "₹75,00,000", "₹80,00,000", "Also heard"):
        assert words in text
    assert f'href="#turn-{lead.pk}-1.1"' in text
    assert f'id="turn-{lead.pk}-1.1"' in text
    assert f'href="tel:{NUMBER}"' in text
    assert 'href="https://wa.me/919845012345"' in text
    assert reverse("admin:calls_call_change", args=[lead.call_id]) in text
    assert "1 doubtful value first" in text


def test_a_number_that_nobody_is_sure_of_is_not_to_be_called(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    lead.values.filter(key="phone").update(state="inferred")
    text = shown(staff, page_of(lead))
    assert "tel:" not in text
    assert "wa.me" not in text
    assert "No phone number that is sure." in text


@pytest.mark.parametrize(
    ("consent", "says"),
    [
        ({"version": "call-3", "recording": True, "callback": True}, "recording, being called back"),
        ({"version": "call-3", "recording": False}, "to nothing beyond the call"),
    ],
)
def test_it_shows_what_they_agreed_to(staff: Client, agent: AgentProfile, consent: Any, says: str) -> None:
    text = shown(staff, page_of(make_lead(agent, call={"consent": consent})))
    assert says in text
    assert re.search(r"Wording: call-3 · हिन्दी · \d+ \w+ \d{4}, \d\d:\d\d", text)


def test_accepting_leads_to_the_next_of_the_list_one_came_from(staff: Client, agent: AgentProfile) -> None:
    other = make_agent(agent_id="other", name="Other")
    first, elsewhere, second = whole_lead(agent), whole_lead(other), whole_lead(agent)
    accepted = make_lead(agent, accepted_at=timezone.now())
    for days, lead in enumerate((accepted, second, elsewhere, first)):
        age(lead, days=days)
    filters = {"_changelist_filters": f"agent__id__exact={agent.pk}"}
    page = staff.get(page_of(first), filters)
    assert page.context["next_address"].startswith(page_of(second))
    assert page.context["previous_address"] == ""
    address = f"{page_of(first)}?{page.wsgi_request.META['QUERY_STRING']}"
    answer = staff.post(address, {"do": "accept", "seen": page.context["seen"]})
    assert answer.headers["Location"].startswith(page_of(second))
    assert Lead.objects.get(pk=first.pk).accepted_at is not None
    answer = staff.post(
        answer.headers["Location"], {"do": "accept", "seen": lead_stamp(values_of(second))}, follow=True
    )
    assert answer.redirect_chain[0][0] == f"{reverse(LIST)}?agent__id__exact={agent.pk}"
    assert "That was the last one to review." in answer.content.decode()


def test_filters_that_make_no_sense_hinder_nobody(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    shown(staff, page_of(lead), _changelist_filters="nonsense=1&agent__id__exact=x")


def test_each_value_is_judged_by_its_button(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    put(lead, "budget", "7500000", "inferred", other="8000000")
    put(lead, "need", "2 BHK", "inferred")
    answer = press(staff, lead, "reject_value", key="need")
    assert answer.headers["Location"].endswith("#value-budget"), "on to the next doubtful one"
    answer = press(staff, lead, "take_other", key="budget")
    assert answer.headers["Location"].endswith("#accept")
    press(staff, lead, "accept_value", key="name")
    press(staff, lead, "correct_value", key="phone", text="98450 54321")
    now = {value.key: (value.value, value.state, value.verdict) for value in lead.values.all()}
    assert now == {
        "name": ("राहुल", "heard", "accepted"),
        "phone": ("+919845054321", "staff", "accepted"),
        "budget": ("8000000", "staff", "accepted"),
        "need": ("2 BHK", "inferred", "rejected"),
    }
    text = shown(staff, page_of(lead))
    assert "The machine had found:" in text
    assert "Entered by staff" in text
    assert "Rejected" in text


def test_a_bad_number_is_told_beside_its_box_which_keeps_it(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    answer = press(staff, lead, "correct_value", key="phone", text="98450")
    text = answer.content.decode()
    assert re.search(r'<input id="entry-phone"[^>]*value="98450"[^>]*aria-describedby="fault-phone"', text)
    assert re.search(r'<p id="fault-phone"[^>]*>This is no phone number that we can call', text)
    assert lead.values.get(key="phone").value == NUMBER


def test_what_was_not_found_out_is_added(staff: Client, agent: AgentProfile) -> None:
    lead = make_lead(agent)
    assert "fault-phone" in press(staff, lead, "add_value", key="phone", text="1").content.decode()
    press(staff, lead, "add_value", key="phone", text="98450 12345")
    assert lead.values.get().value == NUMBER
    assert "changed meanwhile" in press(staff, lead, "add_value", key="another", text="1").content.decode()


def test_details_are_saved_and_only_what_was_changed(staff: Client, agent: AgentProfile, meera: User) -> None:
    lead = whole_lead(agent)
    form = staff.get(page_of(lead)).context["details"]
    old = {f"initial-{name}": form.initial[name] or "" for name in form.fields}
    new = {"status": "contacted", "owner": meera.pk, "follow_up_on": "2026-12-01", "notes": "One\r\ntwo"}
    Lead.objects.filter(pk=lead.pk).update(notes="Somebody else's")
    answer = staff.post(page_of(lead), {"do": "details", **old, **new})
    assert "changed meanwhile" in answer.content.decode()
    assert Lead.objects.get(pk=lead.pk).status == "new", "all of it or nothing"
    staff.post(page_of(lead), {"do": "details", **old, **new, "initial-notes": "One\r\ntwo"})
    now = Lead.objects.get(pk=lead.pk)
    assert (now.status, now.owner, str(now.follow_up_on), now.notes) == (
        "contacted",
        meera,
        "2026-12-01",
        "Somebody else's",
    )
    staff.post(page_of(lead), {"do": "details", "initial-notes": now.notes, "notes": "One\r\ntwo", **{
        name: value for field in ("status", "owner", "follow_up_on") for name, value in ((field, new[field]), (f"initial-{field}", new[field]))
    }})  # fmt: skip
    assert Lead.objects.get(pk=lead.pk).notes == "One\ntwo"


@pytest.mark.parametrize(
    "wrong", [{"status": "gone"}, {"owner": "999"}, {"follow_up_on": "someday"}, {"follow_up_on": "9999-01-01"}]
)
def test_bad_details_are_refused_beside_their_field(staff: Client, agent: AgentProfile, wrong: dict[str, str]) -> None:
    lead = whole_lead(agent)
    answer = staff.post(page_of(lead), {"do": "details", "status": "won", "initial-status": "new", **wrong})
    assert answer.context["details"].errors.keys() == wrong.keys()
    assert Lead.objects.get(pk=lead.pk).status == "new"


def test_joined_calls_are_shown_and_undone_and_matches_joined(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    later = whole_lead(agent, joined_to=lead)
    assert staff.get(page_of(later)).headers["Location"] == page_of(lead)
    assert "Undo: another person" in shown(staff, page_of(lead))
    press(staff, lead, "split", lead=later.pk)
    assert "Staff said: another person." in shown(staff, page_of(lead))
    press(staff, later, "join", lead=lead.pk)
    later.refresh_from_db()
    assert later.joined_to == lead
    elsewhere = make_lead(make_agent(agent_id="other", name="Other"))
    put(elsewhere, "phone", NUMBER)
    assert "Same number or address" in shown(staff, page_of(lead))
    press(staff, lead, "keep_apart", lead=elsewhere.pk)
    assert Lead.objects.get(pk=elsewhere.pk).kept_apart


def test_the_page_asks_the_database_as_often_for_a_long_story_as_for_a_short_one(
    staff: Client, agent: AgentProfile, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    lead = whole_lead(agent)
    staff.get(page_of(lead))
    for _ in range(5):
        whole_lead(agent, joined_to=lead)
        put(make_lead(agent), "name", "राहुल")
    with django_assert_max_num_queries(45):
        staff.get(page_of(lead))


def test_a_locked_lead_can_be_read_only(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent, locked_at=timezone.now())
    text = shown(staff, page_of(lead))
    assert "Locked" in text
    assert "Accept, and on" not in text
    assert "locked" in press(staff, lead, "accept").content.decode()
    assert Lead.objects.get().accepted_at is None


def test_who_may_only_look_has_no_buttons(agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    user = User.objects.create_user("asha", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_lead"))
    client = Client()
    client.force_login(user)
    text = shown(client, page_of(lead))
    assert "राहुल" in text
    assert 'name="do"' not in text
    assert press(client, lead, "accept").status_code == 403
    assert client.post(reverse(LIST), {"action": "status_won", "_selected_action": [lead.pk]}).status_code != 500
    assert client.post(reverse("admin:leads_lead_export"), {"format": "csv"}).status_code == 403
    assert Lead.objects.filter(accepted_at=None, status="new").exists()


@pytest.mark.parametrize("data", [{}, {"do": "explode"}, {"do": "split", "lead": "9"}, {"do": "join", "lead": "x"}])
def test_what_no_button_sends_does_nothing(staff: Client, agent: AgentProfile, data: dict[str, str]) -> None:
    lead = whole_lead(agent)
    assert staff.post(page_of(lead), data).status_code == 200
    assert not lead.changes.exists()


def test_an_unknown_lead_leads_home(staff: Client) -> None:
    assert staff.get(reverse("admin:leads_lead_change", args=["9"])).status_code == 302
    assert staff.get(reverse("admin:leads_lead_change", args=["x"])).status_code == 302


def test_the_recording_is_heard_beside_the_words(staff: Client, agent: AgentProfile) -> None:
    lead = whole_lead(agent)
    assert lead.call is not None
    lead.call.recordings.create(attempt=1, bytes=4, file="1.ogg")
    lead.call.events.create(item_id="1.99", attempt=1, seq=99, kind="recording", at=lead.call.created_at)
    page = staff.get(page_of(lead)).content.decode()
    assert f"/calls/call/{lead.call_id}/recordings/1.ogg" in page
    assert 'data-second="6.0"' in page
    lead.call.recordings.update(erased_at=lead.call.created_at)
    assert "<audio" not in staff.get(page_of(lead)).content.decode()
