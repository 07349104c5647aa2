"""Send what is due. The outbox decides, and Celery only wakes it: a task may come twice, late or never.

A delivery that failed is tried again after as long as it has been failing, from 5 s up to a few minutes in the first two
hours, half an hour in the first day, then two hours; after three days it is given up. Its endpoint rests likewise, a few
minutes at most, so that one that hangs is asked once in a while and not once a lead; when it answers, all that waits goes.
"""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from leads.models import Delivery, DeliveryAttempt, Endpoint
from leads.outgoing import Answer, NoAnswerError, post
from leads.signing import shown_to_libraries, signed_headers
from vaani.celery import app
from vaani.logs import get_logger
from vaani.sealing import SealError

log = get_logger(__name__)

SEND_TASK = "leads.send_due"
LEASE = timedelta(seconds=60)  # a try takes at most 15 s, so one that has not ended by then never will
GIVE_UP_AFTER = timedelta(days=3)
RUN_SECONDS = 10  # then other chores have their turn
_GONE = 410
_SHORTEST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=4, seconds=30)  # a hanging receiver and the sweep add to it: 5 minutes
_LONGEST = (  # how long it has been failing, and the longest gap until then
    (timedelta(hours=2), _LONGEST_REST),
    (timedelta(days=1), timedelta(minutes=30)),
)
_LONGEST_LATER = timedelta(hours=2)
_LONGEST_ASKED = timedelta(days=1)  # what `Retry-After` may ask for


def nudge() -> None:
    """Have what is due sent now. Without a broker the sweep does it later."""
    app.send_task(SEND_TASK, retry=False, ignore_result=True, expires=60)


def send_due() -> bool:
    """Send one delivery after the other while any is due, for about 10 s. Returns whether there may be more."""
    until = time.monotonic() + RUN_SECONDS
    while attempt := _claim():
        _send(attempt)
        if time.monotonic() > until:
            return True
    return False


def replay(deliveries: QuerySet[Delivery]) -> int:
    """Send these again, now, each under its own id; returns how many. One that is on its way at the moment is left alone."""
    now = timezone.now()
    chosen = Delivery.objects.filter(pk__in=deliveries.values("pk")).exclude(attempts__in=_under_way(now))
    count = chosen.update(status=Delivery.Status.WAITING, next_try_at=now, failing_since=None, ended_at=None)
    Endpoint.objects.filter(deliveries__in=deliveries).update(resting_until=None)
    transaction.on_commit(nudge, robust=True)
    return count


def _under_way(now: datetime) -> QuerySet[DeliveryAttempt]:
    return DeliveryAttempt.objects.filter(seconds=None, started_at__gt=now - LEASE)


def _claim() -> DeliveryAttempt | None:
    """Take the delivery that has been due the longest. Nobody else gets it until the lease is over."""
    now = timezone.now()
    due = Delivery.objects.waiting().filter(next_try_at__lte=now, endpoint__in=Endpoint.objects.reachable(now))
    with transaction.atomic():
        delivery = (
            due.filter(Q(lead=None) | Q(lead__locked_at=None))
            .select_related("endpoint")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("next_try_at", "pk")
            .first()
        )
        if delivery is None:
            return None
        delivery.tries += 1
        delivery.next_try_at = now + LEASE
        delivery.save(update_fields=["tries", "next_try_at"])
        return DeliveryAttempt.objects.create(delivery=delivery, number=delivery.tries, started_at=now)


def _send(attempt: DeliveryAttempt) -> None:
    delivery = attempt.delivery
    endpoint = delivery.endpoint
    began = time.monotonic()
    answer, fault = None, ""
    try:
        answer = post(endpoint.address, delivery.body.encode(), _headers(delivery), trusted=endpoint.is_environments)
    except (NoAnswerError, SealError) as error:
        fault = str(error)
    with transaction.atomic():
        DeliveryAttempt.objects.filter(pk=attempt.pk).update(
            seconds=time.monotonic() - began,
            status_code=answer.status if answer else None,
            answer=_without_secrets(endpoint, answer.text) if answer else "",
            fault=fault[:300],
        )
        if answer and 200 <= answer.status < 300:
            _arrived(delivery)
        else:
            _failed(delivery, answer)


def _headers(delivery: Delivery) -> dict[str, str]:
    endpoint = delivery.endpoint
    headers = {"Content-Type": "application/json", "User-Agent": "Vaani"}
    headers |= dict([endpoint.extra_header] if endpoint.extra_header else [])
    return headers | signed_headers(endpoint.key, delivery.webhook_id, timezone.now(), delivery.body)


def _arrived(delivery: Delivery) -> None:
    # Also when its lease was over meanwhile: it is there, whoever else tries.
    arrived = Delivery.objects.filter(pk=delivery.pk).exclude(status=Delivery.Status.DELIVERED)
    now = timezone.now()
    arrived.update(status=Delivery.Status.DELIVERED, ended_at=now, failing_since=None)
    if delivery.endpoint.failing_since:  # it is back
        others = Delivery.objects.waiting().filter(endpoint=delivery.endpoint_id, failing_since__isnull=False)
        others.exclude(attempts__in=_under_way(now)).update(next_try_at=now)
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None, resting_until=None)
    log.info("delivery_arrived", delivery_id=delivery.pk, lead_id=delivery.lead_id, tries=delivery.tries)


def _failed(delivery: Delivery, answer: Answer | None) -> None:
    now = timezone.now()
    since = delivery.failing_since or now
    asked = _asked_wait(answer.retry_after, now) if answer else timedelta()
    mine = Delivery.objects.waiting().filter(pk=delivery.pk, tries=delivery.tries)  # unless the lease was over
    endpoint = Endpoint.objects.filter(pk=delivery.endpoint_id)
    endpoint_since = delivery.endpoint.failing_since or now
    endpoint.update(
        failing_since=endpoint_since, resting_until=now + max(_gap(now - endpoint_since, _LONGEST_REST), asked)
    )
    status = answer.status if answer else None
    if status == _GONE:
        endpoint.update(enabled=False, gone_at=now)
        mine.update(next_try_at=now, failing_since=since)
        log.error("endpoint_gone", endpoint=delivery.endpoint.name)
    elif now - since >= GIVE_UP_AFTER:
        mine.update(status=Delivery.Status.GIVEN_UP, ended_at=now, failing_since=since)
        log.error("delivery_given_up", delivery_id=delivery.pk, lead_id=delivery.lead_id, status=status)
    else:
        longest = next((longest for until, longest in _LONGEST if now - since < until), _LONGEST_LATER)
        mine.update(next_try_at=now + max(_gap(now - since, longest), asked), failing_since=since)
        log.warning("delivery_failed", delivery_id=delivery.pk, lead_id=delivery.lead_id, status=status)


def _gap(failing_for: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after a failure: as long as it has been failing, within limits, and a little at random."""
    return min(max(failing_for, _SHORTEST), longest) * random.uniform(0.8, 1)  # noqa: S311 - spreads load, hides nothing  # nosec B311


def _asked_wait(header: str, now: datetime) -> timedelta:
    """What `Retry-After` asks for, in seconds or as a date, a day at most; nothing when it makes no sense."""
    try:
        wait = timedelta(seconds=int(header)) if header.strip().isdecimal() else parsedate_to_datetime(header) - now
    except (ValueError, TypeError, OverflowError):
        return timedelta()
    return min(max(wait, timedelta()), _LONGEST_ASKED)


def _without_secrets(endpoint: Endpoint, text: str) -> str:
    """An answer may repeat what it was asked with."""
    header = endpoint.extra_header[1] if endpoint.extra_header else ""
    for secret in filter(None, (endpoint.key, shown_to_libraries(endpoint.key), header, *header.split()[-1:])):
        text = text.replace(secret, "•••")
    return text
