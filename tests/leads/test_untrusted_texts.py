"""Every text that a caller or a model can put into a lead, on every page of the admin that shows leads: only ever text."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import AgentProfile
from leads import review
from leads.changes import note
from leads.models import Lead, LeadValue
from tests.leads.making import make_lead, put

pytestmark = pytest.mark.django_db

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% load i18n %}",
    "</textarea><script>alert(1)</script>",
    "\u202e<b>live</b>",
]


class Page(HTMLParser):
    """How many elements a page has of each name, and everything in them that could run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.runs: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            text = (value or "").strip()
            is_code = name.startswith(("on", "x-", "@", ":")) or name == "style"
            if (is_code and "alert" in text) or (name in ("href", "src") and text.lower().startswith("javascript:")):
                self.runs.append((name, text))


def seeded(agent: AgentProfile, text: str) -> Lead:
    """A lead all of whose texts are that one: the caller's words, the model's, the page's the caller came from."""
    call = {"visitor_name": text[:100], "source": {text[:40]: text}, "consent": {"version": text}}
    lead = make_lead(agent, said=[("visitor", text), ("agent", text)], call=call, summary=f"{text}\n{text}")
    Lead.objects.filter(pk=lead.pk).update(
        latin_name=text, notes=text, callback_at=timezone.now(), callback_consent={"version": text}
    )
    for key, state in (
        ("name", "heard"),
        ("phone", "heard"),
        ("email", "typed"),
        ("need", "inferred"),
        ("budget", "staff"),
    ):
        put(lead, key, text, state, other=text + "!", found=text + "?", label=text[:80], turns=["1.1", text])
    put(lead, "seen", text, verdict=LeadValue.Verdict.REJECTED)
    note(lead, text, text, text + "!", why=text)
    joined = make_lead(agent, said=[("visitor", text)], joined_to=lead)
    put(joined, "name", text)
    alike = make_lead(agent, summary=text)
    put(alike, "name", text)
    put(alike, "email", text, "typed")
    return lead


def pages(client: Client, lead: Lead) -> dict[str, str]:
    page = reverse("admin:leads_lead_change", args=[lead.pk])
    value = lead.values.get(key="email")
    bad = {"do": "correct_value", "value": value.pk, "seen": review.value_stamp(value), "text": value.value}
    every = {
        "list": client.get(reverse("admin:leads_lead_changelist")),
        "searched": client.get(reverse("admin:leads_lead_changelist"), {"q": value.value, "language": value.value}),
        "page": client.get(page),
        "filters": client.get(page, {"_changelist_filters": f"q={value.value}"}),
        "refused": client.post(page, bad),
        "history": client.get(reverse("admin:leads_lead_history", args=[lead.pk]), follow=True),
        "export": client.get(reverse("admin:leads_lead_export"), {"q": value.value}),
        "call": client.get(reverse("admin:calls_call_change", args=[lead.call_id])),
    }
    return {name: answer.content.decode() for name, answer in every.items()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_text_is_only_ever_text(agent: AgentProfile, admin_client: Client, attack: str) -> None:
    lead = seeded(agent, attack)
    for name, text in pages(admin_client, lead).items():
        page = Page(text)
        assert page.runs == [], name
        assert "<b>live" not in text, name
        assert "alert(1)</script>" not in text, name
        assert "<img src=x" not in text, name
        assert "<svg/onload" not in text, name
        assert name in ("searched", "filters", "export", "history") or "{{ 7" in text or "{{" not in attack, name


def test_texts_add_no_element(agent: AgentProfile, admin_client: Client) -> None:
    harmless = seeded(agent, "plain words")
    before = {name: Page(text).tags for name, text in pages(admin_client, harmless).items() if name in ("page", "call")}
    Lead.objects.all().delete()
    lead = seeded(agent, ATTACKS[1])
    after = {name: Page(text).tags for name, text in pages(admin_client, lead).items() if name in ("page", "call")}
    assert after == before


def test_only_a_number_becomes_a_link_to_call(agent: AgentProfile, admin_client: Client) -> None:
    lead = make_lead(agent)
    put(lead, "phone", "+91984501;isub=javascript:alert(1)")
    for text in pages_of_links(admin_client, lead):
        assert "tel:" not in text
        assert "wa.me" not in text


def pages_of_links(client: Client, lead: Lead) -> list[str]:
    addresses = [reverse("admin:leads_lead_changelist"), reverse("admin:leads_lead_change", args=[lead.pk])]
    return [client.get(address).content.decode() for address in addresses]
