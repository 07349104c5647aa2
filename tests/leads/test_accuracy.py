"""`manage.py lead_accuracy`: what machines found against what staff made of it."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from agents.contract import FieldToFindOut
from agents.models import AgentProfile
from leads import review
from leads.models import Lead
from leads.people import values_of
from leads.review import value_stamp
from tests.factories import make_agent
from tests.leads.making import NUMBER, make_lead, put

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> dict[str, list[str]]:
    """What it says of each field: precision, recall, right, wrong, missed."""
    out = io.StringIO()
    call_command("lead_accuracy", *arguments, stdout=out)
    return {line.split()[0]: line.split()[1:] for line in out.getvalue().splitlines()[1:]}


def test_it_measures_each_field_over_accepted_leads(agent: AgentProfile) -> None:
    meera = User.objects.create_user("meera")
    leads = [make_lead(agent) for _ in range(4)]
    for lead in leads:
        put(lead, "name", "राहुल")
        put(lead, "phone", NUMBER)
    put(leads[0], "email", "r@example.in", "typed", found="")  # the visitor's own
    review.add_value(leads[0], FieldToFindOut(key="need", label="Need"), "2 BHK", who=meera)
    for number, verb, text in ((1, "correct", "रोहित"), (2, "reject", "")):
        name = next(value for value in values_of(leads[number]) if value.key == "name")
        if verb == "correct":
            review.correct_value(name, text, who=meera, seen=value_stamp(name))
        else:
            review.reject_value(name, who=meera, seen=value_stamp(name))
    Lead.objects.filter(pk__in=[lead.pk for lead in leads[:3]]).update(accepted_at=timezone.now())
    assert printed("demo") == printed() == {
        "email": ["–", "–", "0", "0", "0"],
        "name": ["33%", "50%", "1", "2", "1"],
        "need": ["–", "0%", "0", "0", "1"],
        "phone": ["100%", "100%", "3", "0", "0"],
    }  # fmt: skip


def test_one_agent_can_be_asked_for(agent: AgentProfile) -> None:
    make_agent(agent_id="other", name="Other")
    put(make_lead(agent, accepted_at=timezone.now()), "name", "राहुल")
    assert printed("other") == {}
    with pytest.raises(CommandError, match="There is: demo, other"):
        printed("nobody")
