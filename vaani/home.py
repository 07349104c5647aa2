"""The admin's first page: how things stand, a line each, and what is wrong with what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from agents.catalogue import LLM_DEFAULTS, LLMProvider
from agents.contract import Heartbeat
from agents.models import AgentProfile
from agents.moving import leaving
from agents.services import refused_models
from agents.standing import State, standing
from calls.models import Call
from calls.now import PROVIDERS
from calls.workers import free_slots, heartbeats
from leads.backlog import troubled
from leads.models import Delivery, Endpoint, Extraction, Lead
from vaani.env import get_env

MOST_LINKS = 5
KEY_NAMES = {"sarvam": "SARVAM_API_KEY", "groq": "GROQ_API_KEY", "openai": "OPENAI_API_KEY"}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the page and where it leads."""

    icon: str
    figure: str
    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, what to do about it, and links to what it touches."""

    what: str
    remedy: str
    links: list[tuple[str, str]] = field(default_factory=list)


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback."""
    return {**context, "title": _("Home"), "lines": list(lines(request)), "faults": list(faults())}


def lines(request: HttpRequest) -> Iterator[Line]:
    """The figures that the user may see."""
    if request.user.has_perm("calls.view_call"):
        calls = reverse("admin:calls_call_changelist")
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        today = Call.objects.filter(kind=Call.Kind.VISITOR, created_at__gte=midnight).count()
        query = urlencode({"kind__exact": Call.Kind.VISITOR, "created_at__gte": midnight.isoformat()})
        yield Line("call", str(today), ngettext("call today", "calls today", today), f"{calls}?{query}")
        live = Call.objects.filter(status=Call.Status.LIVE).count()
        yield Line("graphic_eq", str(live), _("live now"), reverse("admin:calls_call_now"))
    if request.user.has_perm("leads.view_lead"):
        new = Lead.objects.people().real().filter(status=Lead.Status.NEW).count()
        query = urlencode({"status__exact": Lead.Status.NEW, "sample": "no"})
        leads = f"{reverse('admin:leads_lead_changelist')}?{query}"
        yield Line("person_add", str(new), ngettext("new lead", "new leads", new), leads)
    if request.user.has_perm("agents.view_agentprofile"):
        published = AgentProfile.objects.filter(published__isnull=False)
        live, paused = published.filter(enabled=True).count(), published.filter(enabled=False).count()
        label = ngettext("agent takes calls", "agents take calls", live)
        if paused:
            label = _("%(label)s, %(paused)s paused") % {"label": label, "paused": paused}
        yield Line("support_agent", str(live), label, reverse("admin:agents_agentprofile_changelist"))


def faults() -> Iterator[Fault]:
    """What is wrong now, gravest first."""
    profiles = list(AgentProfile.objects.select_related("published"))
    if not _redis_answers():
        yield Fault(
            _("Redis does not answer, so no call can start."),
            _("Start Redis, or correct REDIS_URL in .env, then restart."),
        )
    else:
        workers = heartbeats()
        yield from _worker_faults(workers)
        yield from _key_faults(workers, _providers_in_use(profiles))
    yield from _delivery_faults()
    yield from _reading_faults()
    yield from model_faults(profiles, timezone.localdate(), refused_models())
    if sandboxed := get_env().sandboxed:
        yield Fault(
            _("Calls use the sandbox in place of %(providers)s.")
            % {"providers": ", ".join(PROVIDERS[name] for name in sandboxed)},
            _("For real speech and answers, put %(keys)s into .env and restart.")
            % {"keys": ", ".join(KEY_NAMES[name] for name in sandboxed)},
        )


def _redis_answers() -> bool:
    try:
        cache.get("home")
    except RedisError:
        return False
    return True


def _worker_faults(workers: list[Heartbeat]) -> Iterator[Fault]:
    if not workers:
        yield Fault(_("No worker is running, so nobody answers calls."), _("Start one: manage.py run_worker."))
    elif not free_slots(workers):
        yield Fault(
            _("All workers are busy, so new visitors are turned away."),
            _("Wait for calls to end, start another worker, or raise WORKER_SLOTS."),
        )


def _key_faults(workers: list[Heartbeat], in_use: set[str]) -> Iterator[Fault]:
    found: dict[str, set[str]] = defaultdict(set)
    for worker in workers:
        for provider, state in worker.keys.items():
            found[provider].add(state)
    for provider, states in found.items():
        words = {"name": PROVIDERS.get(provider, provider), "key": KEY_NAMES.get(provider, "")}
        if "refused" in states:
            yield Fault(
                _("%(name)s refuses its key.") % words,
                _("Put a valid %(key)s into .env and restart the workers.") % words,
            )
        if "unreachable" in states:
            yield Fault(
                _("%(name)s can't be reached.") % words,
                _("Check the network of the workers, then %(name)s's status page.") % words,
            )
        if "missing" in states and provider in in_use:
            yield Fault(_("%(name)s has no key.") % words, _("Put %(key)s into .env and restart the workers.") % words)


def _delivery_faults() -> Iterator[Fault]:
    page = reverse("admin:leads_delivery_changelist")
    for endpoint, how in troubled():
        words = {"name": endpoint.name, "how": how.words, "waiting": endpoint.waiting, "given_up": endpoint.given_up}
        if how.is_trouble:
            yield Fault(
                _("%(name)s takes no leads. %(how)s, %(waiting)d wait.") % words,
                _("See what it answered to the last try, and put that right. What waits is then sent by itself."),
                [(_("What waits"), f"{page}?{_query(endpoint, Delivery.Status.WAITING)}"),
                 (endpoint.name, reverse("admin:leads_endpoint_change", args=[endpoint.pk]))],
            )  # fmt: skip
        if endpoint.given_up:
            yield Fault(
                ngettext(
                    "%(given_up)d delivery to %(name)s was given up.",
                    "%(given_up)d deliveries to %(name)s were given up.",
                    endpoint.given_up,
                )
                % words,
                _("Put right what it answered, then choose them and send them again."),
                [(_("Those given up"), f"{page}?{_query(endpoint, Delivery.Status.GIVEN_UP)}")],
            )


def _reading_faults() -> Iterator[Fault]:
    failed = Extraction.objects.filter(status=Extraction.Status.FAILED)
    if not (count := failed.count()):
        return
    newest = failed.select_related("call").order_by("-next_at")[:MOST_LINKS]
    yield Fault(
        ngettext(
            "%(count)d call could not be read, so its lead may lack what was said.",
            "%(count)d calls could not be read, so their leads may lack what was said.",
            count,
        )
        % {"count": count},
        _("The last fault: %(fault)s Put that right, then run: manage.py read_again.") % {"fault": newest[0].error},
        [(str(each.call), reverse("admin:calls_call_change", args=[each.call_id])) for each in newest],
    )


def _query(endpoint: Endpoint, status: Delivery.Status) -> str:
    return urlencode([("endpoint__id__exact", endpoint.pk), ("status__exact", status.value)])


def _providers_in_use(profiles: Iterable[AgentProfile]) -> set[str]:
    return {"sarvam"} | {_thinks_with(profile)[0] for profile in profiles if profile.enabled}


def _thinks_with(profile: AgentProfile) -> tuple[LLMProvider, str]:
    """Provider and language model that calls of an agent ask for; the model is empty if the agent names none."""
    wanted = profile.published.snapshot if profile.published else {}
    provider = wanted.get("llm_provider", profile.llm_provider) or get_env().llm_provider
    return provider, wanted.get("llm_model", profile.llm_model)


def model_faults(profiles: list[AgentProfile], today: date, refused: set[str]) -> Iterator[Fault]:
    """What is wrong with the models that calls of these agents ask for."""
    for model in leaving(profiles, today, refused):
        agents = ", ".join(agent.name for agent in model.agents)
        if model.standing.successor:
            remedy = _("Move its agents to %(successor)s, for good: %(agents)s.")
        else:
            remedy = _("Choose another model in its agents and publish them: %(agents)s.")
        yield Fault(
            model.standing.words,
            remedy % {"successor": model.standing.successor, "agents": agents},
            [(_("Move to its successor"), reverse("admin:agents_agentprofile_models"))]
            if model.standing.successor
            else _pages(model.agents),
        )
    yield from _site_model_faults(profiles, today, refused)


def _site_model_faults(profiles: Iterable[AgentProfile], today: date, refused: set[str]) -> Iterator[Fault]:
    """Of agents that name no language model: no move of the agents mends these."""
    env = get_env()
    users: dict[str, list[AgentProfile]] = defaultdict(list)
    for profile in profiles:
        provider, model = _thinks_with(profile)
        if not model:
            users[(env.llm_model if provider == env.llm_provider else "") or LLM_DEFAULTS[provider]].append(profile)
    for name, agents in users.items():
        state = standing(name, today, refused)
        if state.state not in (State.SERVED, State.UNKNOWN):
            remedy = _("Put another LLM_MODEL into .env and restart, or choose a model in these agents:")
            yield Fault(state.words, remedy, _pages(agents))


def _pages(agents: Iterable[AgentProfile]) -> list[tuple[str, str]]:
    return [(agent.name, reverse("admin:agents_agentprofile_change", args=[agent.pk])) for agent in agents]
