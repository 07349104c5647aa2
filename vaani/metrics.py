"""`/metrics` for Prometheus: how it stands, read from Postgres and Redis when asked.

So any web server tells of all processes, and one scrape of one address is enough. Whatever can be counted is there from
the beginning, with 0, for Prometheus's `increase` does not see the first of a series that begins with it. Waits are
counted from midnight, so that a scrape costs a day's turns, however old the installation: a fall to zero is what
Prometheus takes a counter's restart for.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, get_args

from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from agents.contract import Latencies
from calls.models import Call
from calls.workers import free_slots, told_heartbeats
from leads.models import Delivery, Extraction, Lead
from vaani.counts import counted, last_times, waiting_tasks
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.problems import Code

log = get_logger(__name__)

QUEUES = ("live", "leads", "chores")
WAITS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)  # upper edges, in seconds
GREETINGS = (1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 12.0, 20.0)
PARTS = (*Latencies.model_fields, "heard")

# The waits of today's calls by their parts, each with how many fell between two edges.
_WAITS = """
    SELECT part.key, width_bucket(part.value::float8, %s), count(*), sum(part.value::float8)
    FROM calls_call JOIN calls_turn ON calls_turn.call_id = calls_call.id
    CROSS JOIN LATERAL (
        SELECT key, value FROM jsonb_each_text(calls_turn.latencies) UNION ALL SELECT 'heard', calls_turn.heard_wait::text
    ) part
    WHERE calls_call.created_at >= %s AND part.value IS NOT NULL GROUP BY 1, 2
"""
_GREETINGS = """
    SELECT '', width_bucket(wait, %s), count(*), sum(wait)
    FROM (
        SELECT extract(epoch FROM min(calls_turn.started_at) - calls_call.joined_at)::float8 AS wait
        FROM calls_call JOIN calls_turn ON calls_turn.call_id = calls_call.id AND calls_turn.role = 'agent'
        WHERE calls_call.created_at >= %s AND calls_call.joined_at IS NOT NULL GROUP BY calls_call.id
    ) first WHERE wait >= 0 GROUP BY 1, 2
"""


def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, to whoever brings `METRICS_TOKEN` as bearer; 404 to all others, and while none is set."""
    token, sent = get_env().metrics_token, request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    registry.register(Standing())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Standing(Collector):
    """Collects everything anew. What cannot be asked is left out, and said to be down."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vaani_up", "Whether it answers: 1 or 0", labels=["part"])
        for part, reads, faults in (
            ("postgres", (_calls, _greetings, _waits, _leads, _deliveries, _extractions), DatabaseError),
            ("redis", (_workers, _counts, _tasks), RedisError),
        ):
            found, answers = _read(reads, faults)
            yield from found
            up.add_metric([part], answers)
        yield up

    def describe(self) -> list[Metric]:
        return []  # registering must ask nobody


def _read(reads: tuple[Callable[[], Iterator[Metric]], ...], faults: type[Exception]) -> tuple[list[Metric], bool]:
    found: list[Metric] = []
    try:
        for read in reads:
            found += read()
    except faults as error:
        log.warning("metrics_incomplete", error=type(error).__name__)
        return found, False
    return found, True


def _midnight() -> Any:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


# Postgres ----------------------------------------------------------------------------------------


def _calls() -> Iterator[Metric]:
    admitted = CounterMetricFamily("vaani_calls", "Calls admitted, samples left out", labels=["kind"])
    ended = CounterMetricFamily("vaani_calls_ended", "Of those, calls that have ended, by how", labels=["reason"])
    calls = Call.objects.exclude(kind=Call.Kind.SAMPLE)  # whose rows may be removed, and a counter never falls
    kinds, reasons = Counter[str](), Counter[str]()
    for kind, reason, number in calls.order_by().values_list("kind", "end_reason").annotate(Count("pk")):
        kinds[kind] += number
        reasons[reason] += number
    for kind in sorted({*Call.Kind.values} - {Call.Kind.SAMPLE}):
        admitted.add_metric([kind], kinds[kind])
    for reason in Call.EndReason.values:
        ended.add_metric([reason], reasons[reason])
    now = GaugeMetricFamily("vaani_calls_now", "Calls that are not settled, by status", labels=["status"])
    numbers = dict(
        Call.objects.exclude(status=Call.Status.SETTLED).order_by().values_list("status").annotate(Count("pk"))
    )
    for status in (Call.Status.CREATED, Call.Status.LIVE, Call.Status.ENDED):
        now.add_metric([status], numbers.get(status, 0))
    yield from (admitted, ended, now)


def _greetings() -> Iterator[Metric]:
    yield _histogram(
        "vaani_greeting_seconds", "From the visitor's joining to the agent's first word", _GREETINGS, GREETINGS
    )


def _waits() -> Iterator[Metric]:
    yield _histogram(
        "vaani_answer_seconds", "The wait before an answer: its parts, their total, and as heard", _WAITS, WAITS, PARTS
    )


def _histogram(name: str, words: str, query: str, edges: tuple[float, ...], parts: tuple[str, ...] = ()) -> Metric:
    """A histogram of what `query` gives: the part, number of the bucket, how many are in it, their sum.

    There is one for each of `parts`; without them a single one, whose part the query leaves empty.
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [list(edges), _midnight()])
        rows = cursor.fetchall()
    family = HistogramMetricFamily(name, words, labels=["part"] if parts else [])
    for part in parts or ("",):
        numbers, total = [0] * (len(edges) + 1), 0.0
        for _part, bucket, number, seconds in (row for row in rows if row[0] == part):
            numbers[bucket] += number
            total += seconds
        buckets = [(str(edge), float(sum(numbers[: at + 1]))) for at, edge in enumerate((*edges, "+Inf"))]
        family.add_metric([part] if parts else [], buckets, total)
    return family


def _leads() -> Iterator[Metric]:
    family = GaugeMetricFamily("vaani_leads", "People's leads, by status, samples left out", labels=["status"])
    numbers = dict(Lead.objects.people().real().order_by().values_list("status").annotate(Count("pk")))
    for status in Lead.Status.values:
        family.add_metric([status], numbers.get(status, 0))
    yield family


def _deliveries() -> Iterator[Metric]:
    open_ = Delivery.objects.exclude(status=Delivery.Status.DELIVERED).order_by().aggregate(
        waiting=Count("pk", filter=Q(status=Delivery.Status.WAITING)),
        given_up=Count("pk", filter=Q(status=Delivery.Status.GIVEN_UP)),
        failing=Count("pk", filter=Q(status=Delivery.Status.WAITING, failing_since__isnull=False)),
        oldest=Min("created_at", filter=Q(status=Delivery.Status.WAITING)),
    )  # fmt: skip
    numbers = GaugeMetricFamily("vaani_deliveries", "Deliveries that have not arrived", labels=["status"])
    for status in ("waiting", "failing", "given_up"):
        numbers.add_metric([status], open_[status])
    yield numbers
    yield _age("vaani_delivery_oldest_seconds", "Age of the oldest delivery that waits", open_["oldest"])


def _extractions() -> Iterator[Metric]:
    todo = [Extraction.Status.WAITING, Extraction.Status.RUNNING]
    found = Extraction.objects.aggregate(
        waiting=Count("pk", filter=Q(status__in=todo)),
        failed=Count("pk", filter=Q(status=Extraction.Status.FAILED)),
        oldest=Min("call__ended_at", filter=Q(status__in=todo)),
    )
    numbers = GaugeMetricFamily("vaani_readings", "Finished calls that are not read", labels=["status"])
    numbers.add_metric(["waiting"], found["waiting"])
    numbers.add_metric(["failed"], found["failed"])
    yield numbers
    yield _age("vaani_reading_oldest_seconds", "How long the first unread call has been over", found["oldest"])


def _age(name: str, words: str, since: Any) -> Metric:
    seconds = max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
    return GaugeMetricFamily(name, words, value=seconds)


# Redis -------------------------------------------------------------------------------------------


def _workers() -> Iterator[Metric]:
    beats = told_heartbeats()
    if beats is None:
        raise RedisError
    yield GaugeMetricFamily("vaani_workers", "Workers that beat", value=len(beats))
    yield GaugeMetricFamily("vaani_slots_free", "Calls that the workers could take now", value=free_slots(beats))
    slots = GaugeMetricFamily("vaani_worker_slots", "Calls a worker takes; 0 while it drains", labels=["worker"])
    busy = GaugeMetricFamily("vaani_worker_calls", "Calls in a worker's hands", labels=["worker"])
    resent = CounterMetricFamily(
        "vaani_worker_lines_resent", "Lines of journals that were lost on their way and sent again", labels=["worker"]
    )
    lacking = GaugeMetricFamily(
        "vaani_worker_outbox_age_seconds",
        "How long Postgres has lacked lines of a worker's journals",
        labels=["worker"],
    )
    keys = GaugeMetricFamily(
        "vaani_worker_key_good", "Whether a provider took the worker's key: 1 or 0", labels=["worker", "provider"]
    )
    for beat in beats:
        slots.add_metric([beat.worker_id], beat.slots)
        busy.add_metric([beat.worker_id], len(beat.active))
        resent.add_metric([beat.worker_id], beat.resent)
        lacking.add_metric(
            [beat.worker_id], (beat.at - beat.lacking_since).total_seconds() if beat.lacking_since else 0
        )
        for provider, state in beat.keys.items():
            keys.add_metric([beat.worker_id, provider], state == "ok")
    yield from (slots, busy, resent, lacking, keys)


def _counts() -> Iterator[Metric]:
    family = CounterMetricFamily("vaani_refusals", "Requests refused by the API, by code", labels=["code"])
    numbers = counted("refusals")
    for code in sorted({*get_args(Code), *numbers}):
        family.add_metric([code], numbers.get(code, 0))
    yield family


def _tasks() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("vaani_tasks_waiting", "Tasks that nobody has taken yet", labels=["queue"])
    for queue, number in waiting_tasks(QUEUES).items():
        waiting.add_metric([queue], number)
    done = CounterMetricFamily("vaani_tasks", "Tasks that have ended, by how", labels=["task", "state"])
    for name, number in sorted(counted("tasks").items()):
        done.add_metric(name.split(), number)
    last = GaugeMetricFamily("vaani_task_last_seconds", "When a task last ended so", labels=["task", "state"])
    for name, at in sorted(last_times("tasks").items()):
        last.add_metric(name.split(), at)
    yield from (waiting, done, last)
