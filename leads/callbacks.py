"""Call-backs: a visitor whom nobody could talk to leaves a name and a number, which become a lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.models import FieldToFindOut
from agents.origins import require_origin
from agents.sources import find_agent
from calls.models import Call
from calls.visitor_key import call_of
from leads.announce import announce
from leads.changes import note
from leads.checks import phone_number
from leads.joining import join_by_itself, lock_leads_of
from leads.models import Lead, LeadValue
from leads.sounds import refresh_sounds
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

SAME_FOR = timedelta(hours=24)  # a number left again within it is the same wish


def ask_callback(
    *,
    agent_id: str,
    name: str,
    phone: str,
    language: str = "",
    consent: dict[str, Any],
    visitor_key: str = "",
    origin: str = "",
) -> str:
    """Keep that somebody asks to be called back; gives the number as it is kept.

    With the key of a call it is that call's lead. Else a number left twice within a day with one agent, while
    staff have not taken it up, is one lead, and one of somebody who has an open lead joins that. Paused agents take
    call-backs too.

    Raises `Problem`: 404 unknown agent, 403 a site that the agent does not allow, 422 no number that can be
    called, no consent to be called, or a language we lack.
    """
    agent = find_agent(agent_id)
    require_origin(agent, origin)
    number = phone_number(phone)
    if not number:
        raise Problem(
            422, "bad_phone", "This is no phone number that we can call. Write all ten digits.", field="phone"
        )
    if not consent.get("callback"):
        raise Problem(422, "consent_missing", "Nobody is called back who did not agree to it.", field="consent")
    language = language or agent.config.default_language
    if language not in LANGUAGES:
        raise Problem(422, "unknown_language", "We do not speak this language.", field="language", allowed=LANGUAGES)
    wish = {
        "status": Lead.Status.NEW,
        "callback_at": timezone.now(),
        "callback_language": language,
        "callback_consent": consent,
    }
    with transaction.atomic():
        lock_leads_of(agent.agent_pk)  # so that a form sent twice finds the first one's lead
        call = _call(visitor_key, agent.agent_pk)
        lead = Lead.objects.filter(call=call).first() if call else _same_wish(agent.agent_pk, number)
        if lead is None:
            lead = Lead.objects.create(agent_id=agent.agent_pk, call=call, **wish)
        else:
            Lead.objects.filter(pk=lead.pk).update(**wish, updated_at=timezone.now())
        config = call.version.config if call else agent.config
        _write(lead, config, FieldToFindOut.Kind.NAME, name, _("Name"))
        _write(lead, config, FieldToFindOut.Kind.PHONE, number, _("Phone number"))
        refresh_sounds(lead)
        if person := lead.joined_to or join_by_itself(lead):
            _reopen(person, wish)
        announce(lead, "lead.captured", why=_("asked to be called back"))
    log.info("callback_asked", lead_id=lead.pk, agent_id=agent_id, call_id=str(call.pk) if call else "")
    return number


def keep_wish(lead: Lead, call: Call) -> None:
    """Keep, once, that the visitor of a call agreed to be called back before it began, when there is a number to call.

    Call it after `lock_leads_of`, when the lead's values are written and it is joined.
    """
    lead = Lead.objects.select_related("joined_to").get(pk=lead.pk)
    number = lead.value_of(FieldToFindOut.Kind.PHONE)
    if call.consent.get("callback") is not True or lead.callback_at is not None or not number:
        return
    wish = {"callback_at": call.created_at, "callback_language": call.language, "callback_consent": call.consent}
    Lead.objects.filter(pk=lead.pk).update(**wish, updated_at=timezone.now())
    if lead.joined_to:
        _reopen(lead.joined_to, wish)


def _reopen(person: Lead, wish: dict[str, Any]) -> None:
    """What staff had done with, somebody who asks again is new."""
    note(
        person,
        _("Status"),
        person.get_status_display(),
        Lead.Status.NEW.label,
        why=_("Asked to be called back"),
    )
    Lead.objects.filter(pk=person.pk).update(**{**wish, "status": Lead.Status.NEW}, updated_at=timezone.now())


def _call(key: str, agent_pk: int) -> Call | None:
    """The visitor's call that the key is of. A key that fits nothing must not cost the visitor the call-back."""
    call_id = call_of(key)
    if call_id is None:
        return None
    calls = Call.objects.select_related("version").filter(kind=Call.Kind.VISITOR, agent=agent_pk)
    return calls.filter(pk=call_id).first()


def _same_wish(agent_pk: int, number: str) -> Lead | None:
    lately = timezone.now() - SAME_FOR
    wishes = Lead.objects.filter(
        agent=agent_pk, call=None, status=Lead.Status.NEW, callback_at__gte=lately, locked_at=None
    )
    return wishes.filter(values__kind=FieldToFindOut.Kind.PHONE, values__value=number).first()


def _write(lead: Lead, config: AgentConfig, kind: str, value: str, label: str) -> None:
    """Under the agent's own name for it, if it asks for such a thing."""
    field = next((field for field in config.fields if field.kind == kind), None)
    key, label = (field.key, field.label) if field else (kind, label)
    before = lead.values.filter(key=key).first()
    told = {"label": label, "kind": kind, "value": value, "other": "", "state": LeadValue.State.TYPED, "turns": []}
    lead.values.update_or_create(key=key, defaults={**told, "verdict": LeadValue.Verdict.OPEN})
    if before:
        note(lead, label, before.value, value, why=_("typed by the visitor"))
