"""Deliveries to a real server, well and unwell: every event arrives, under one id, however often it takes."""

from __future__ import annotations

import hashlib
import hmac
import threading
from base64 import b64encode
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from django.db import connection, transaction

from leads import outgoing, sending
from leads.announce import announce
from leads.endpoints import all_endpoints, switch_on
from leads.models import Delivery, DeliveryAttempt, Endpoint, Lead
from tests.conftest import Logged, SetEnv
from tests.leads.conftest import Clock
from tests.leads.receiver import Receiver, Respond, answer

pytestmark = pytest.mark.django_db

SWEEP = timedelta(seconds=5)  # beat's, in vaani/celery.py


def the_delivery() -> Delivery:
    return Delivery.objects.get()


def sweep_for(clock: Clock, **parts: float) -> None:
    """Let time pass, the sweep coming round as beat sends it; over hours only each half minute."""
    until = clock.now + timedelta(**parts)
    while clock.now < until:
        clock.now += SWEEP if timedelta(**parts) < timedelta(minutes=10) else SWEEP * 6
        sending.send_due()


# Well -------------------------------------------------------------------------------------------


def test_it_arrives_once_signed_at_a_server_that_fails_twice_first(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    n8n.plan = [answer(500, b"no disk"), answer(503)]
    announce(lead, "lead.captured")
    sending.send_due()
    sweep_for(clock, minutes=1)
    assert [request.path for request in n8n.received] == ["/webhook/lead-capture"] * 3
    first, second, last = n8n.received
    assert first.id == second.id == last.id == the_delivery().webhook_id
    assert first.body == second.body == last.body == the_delivery().body.encode()
    assert the_delivery().status == Delivery.Status.DELIVERED
    tries = the_delivery().attempts.order_by("number")
    assert [(each.status_code, each.answer) for each in tries] == [(500, "no disk"), (503, ""), (200, "")]


def test_the_library_of_standard_webhooks_takes_its_signature(n8n: Receiver, lead: Lead) -> None:
    announce(lead, "lead.captured")
    sending.send_due()
    (request,) = n8n.received
    endpoint = Endpoint.objects.get()
    told = request.verified(endpoint)
    assert (told["type"], told["data"]["lead"]["fields"]["name"]) == ("lead.captured", "राहुल")
    signed = f"{request.id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    by_hand = b64encode(hmac.new(endpoint.key.encode(), signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{by_hand}", "the key is the secret as it is typed"
    assert request.headers["content-type"] == "application/json"


def test_the_environments_secret_and_header_are_used(n8n: Receiver, lead: Lead, set_env: SetEnv) -> None:
    set_env(n8n_webhook_secret="b" * 32, n8n_webhook_header="Authorization: Bearer swordfish")
    n8n.respond = answer(200, b"you said Bearer swordfish and " + b"b" * 32)
    announce(lead, "lead.captured")
    sending.send_due()
    (request,) = n8n.received
    assert Endpoint.objects.get().key == "b" * 32
    assert request.verified(Endpoint.objects.get())
    assert request.headers["authorization"] == "Bearer swordfish"
    assert DeliveryAttempt.objects.get().answer == "you said ••• and •••"


# Unwell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("respond", "status"),
    [
        (answer(400), 400),
        (answer(401), 401),
        (answer(404), 404),
        (answer(429), 429),
        (answer(500), 500),
        (answer(304), 304),
        (answer(200, b"x", Content_Encoding="gzip"), 200),  # never unpacked
    ],
)
def test_only_a_good_answer_is_taken_for_one(
    n8n: Receiver, lead: Lead, clock: Clock, respond: Respond, status: int
) -> None:
    n8n.respond = respond
    announce(lead, "lead.captured")
    sending.send_due()
    good = status == 200
    assert DeliveryAttempt.objects.get().status_code == status
    assert the_delivery().status == (Delivery.Status.DELIVERED if good else Delivery.Status.WAITING)
    sweep_for(clock, seconds=5)
    assert len(n8n.received) == (1 if good else 2)


@pytest.mark.parametrize("way", ["hang", "trickle"])
def test_a_receiver_that_does_not_end_is_left_and_asked_again(
    n8n: Receiver, lead: Lead, clock: Clock, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(outgoing, "LIMIT_SECONDS", 0.2)
    n8n.plan = [getattr(n8n, way)]
    announce(lead, "lead.captured")
    sending.send_due()
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.status_code, attempt.fault) == (None, "No answer within 0.2 s")
    assert attempt.seconds
    assert attempt.seconds < 5
    sweep_for(clock, seconds=10)
    assert {request.id for request in n8n.received} == {the_delivery().webhook_id}
    assert the_delivery().status == Delivery.Status.DELIVERED


def test_one_that_hangs_is_asked_once_in_a_while_and_not_once_a_lead(
    n8n: Receiver, lead: Lead, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "LIMIT_SECONDS", 0.05)
    n8n.respond = n8n.hang
    for _ in range(20):
        announce(Lead.objects.create(agent=lead.agent), "lead.captured")
    sending.send_due()
    assert len(n8n.received) == 1
    n8n.respond = answer()
    sweep_for(clock, seconds=10)
    assert len({request.id for request in n8n.received[1:]}) == 20, "when it answers, all that waits goes out"


def test_n8n_is_down_for_hours_and_every_lead_arrives_soon_after(
    n8n: Receiver, lead: Lead, clock: Clock, set_env: SetEnv, closed_port: int
) -> None:
    set_env(n8n_base_url=f"http://127.0.0.1:{closed_port}")
    ids = []
    for _ in range(6):  # a lead every twenty minutes, for two hours
        announce(Lead.objects.create(agent=lead.agent), "lead.captured")
        ids.append(Delivery.objects.latest("pk").webhook_id)
        sending.send_due()
        sweep_for(clock, minutes=20)
    tries = list(DeliveryAttempt.objects.order_by("started_at").values_list("started_at", flat=True))
    gaps = [later - sooner for sooner, later in pairwise(tries)]
    assert max(gaps) <= timedelta(minutes=5)
    assert min(gaps) >= timedelta(seconds=4)
    assert Delivery.objects.waiting().count() == 6, "the backlog is there to see"
    assert Endpoint.objects.get().failing_since
    for _ in range(6):
        clock.forward(minutes=30)
        sending.send_due()
    announce(lead, "lead.captured")  # the next lead finds out that it is back
    ids.append(Delivery.objects.latest("pk").webhook_id)
    set_env(n8n_base_url=n8n.url)
    sweep_for(clock, minutes=6)
    assert sorted(request.id for request in n8n.received) == sorted(ids)
    assert not Delivery.objects.waiting().exists()
    assert not Endpoint.objects.get().failing_since


def test_gaps_grow_and_after_three_days_it_is_given_up_in_plain_sight(
    n8n: Receiver, lead: Lead, clock: Clock, logged: Logged
) -> None:
    n8n.respond = answer(502)
    announce(lead, "lead.captured")
    sending.send_due()
    while the_delivery().status == Delivery.Status.WAITING:
        clock.now = max(the_delivery().next_try_at, Endpoint.objects.get().resting_until or clock.now)
        sending.send_due()
    started = list(the_delivery().attempts.order_by("number").values_list("started_at", flat=True))
    gaps = [later - sooner for sooner, later in pairwise(started)]
    assert gaps[0] <= timedelta(seconds=5)
    assert max(
        gap for gap, at in zip(gaps, started, strict=False) if at - started[0] < timedelta(hours=2)
    ) <= timedelta(minutes=5)
    assert timedelta(hours=1, minutes=30) < max(gaps) <= timedelta(hours=2)
    assert len({gap.total_seconds() for gap in gaps[-10:]}) > 5, "a little at random"
    assert timedelta(days=3) <= started[-1] - started[0] < timedelta(days=3, hours=2)
    assert the_delivery().status == Delivery.Status.GIVEN_UP
    assert logged("delivery_given_up")
    n8n.respond = answer()
    sweep_for(clock, seconds=10)
    assert the_delivery().status == Delivery.Status.GIVEN_UP, "only a person sends it again"
    sending.replay(Delivery.objects.all())
    sending.send_due()
    assert the_delivery().status == Delivery.Status.DELIVERED
    assert {request.id for request in n8n.received} == {the_delivery().webhook_id}


@pytest.mark.parametrize("dated", [False, True])
def test_retry_after_is_obeyed(n8n: Receiver, lead: Lead, clock: Clock, dated: bool) -> None:
    wait = format_datetime(clock.now + timedelta(minutes=40), usegmt=True) if dated else "2400"
    n8n.plan = [answer(429, Retry_After=wait)]
    announce(lead, "lead.captured")
    announce(Lead.objects.create(agent=lead.agent), "lead.captured")
    sending.send_due()
    sweep_for(clock, minutes=39)
    assert len(n8n.received) == 1, "no delivery goes there meanwhile"
    sweep_for(clock, minutes=2)
    assert len(n8n.received) == 3


@pytest.mark.parametrize("nonsense", ["soon", "-5", "9" * 40, "", "٣"])
def test_a_retry_after_that_makes_no_sense_is_not(n8n: Receiver, lead: Lead, clock: Clock, nonsense: str) -> None:
    n8n.plan = [answer(503, Retry_After=nonsense.encode().decode("latin-1"))]
    announce(lead, "lead.captured")
    sending.send_due()
    assert the_delivery().next_try_at <= clock.now + timedelta(days=1)


def test_gone_switches_the_endpoint_off_and_what_waits_goes_on_waiting(
    n8n: Receiver, lead: Lead, clock: Clock, logged: Logged
) -> None:
    n8n.plan = [answer(410)]
    announce(lead, "lead.captured")
    sending.send_due()
    announce(Lead.objects.create(agent=lead.agent), "lead.captured")
    sweep_for(clock, minutes=1)
    endpoint = Endpoint.objects.get()
    assert not endpoint.enabled
    assert endpoint.gone_at
    assert logged("endpoint_gone")
    assert (len(n8n.received), Delivery.objects.waiting().count()) == (1, 2)
    switch_on(endpoint)
    sending.send_due()
    assert (len(n8n.received), Delivery.objects.waiting().count()) == (3, 0)


def test_one_lead_that_is_refused_holds_up_no_other(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    bad = Lead.objects.create(agent=lead.agent)
    announce(bad, "lead.captured")

    def picky(request: object) -> None:
        refused = f'"id":{bad.pk},'.encode() in n8n.received[-1].body
        answer(422 if refused else 200)(request)  # type: ignore[arg-type]

    n8n.respond = picky
    sending.send_due()
    for _ in range(5):
        announce(Lead.objects.create(agent=lead.agent), "lead.captured")
    sweep_for(clock, minutes=1)
    assert [delivery.lead_id for delivery in Delivery.objects.waiting()] == [bad.pk]
    clock.forward(hours=30)
    sending.send_due()
    announce(lead, "lead.captured")
    sweep_for(clock, minutes=5)
    assert [delivery.lead_id for delivery in Delivery.objects.waiting()] == [bad.pk], "nor does it a day later"


def test_without_its_address_in_the_environment_it_waits(
    n8n: Receiver, lead: Lead, clock: Clock, set_env: SetEnv
) -> None:
    announce(lead, "lead.captured")
    set_env(n8n_base_url="")
    assert all_endpoints().get().address == ""
    sweep_for(clock, minutes=5)
    assert the_delivery().tries == 0
    set_env(n8n_base_url=n8n.url)
    sending.send_due()
    assert the_delivery().status == Delivery.Status.DELIVERED


def test_a_locked_lead_is_not_sent(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    announce(lead, "lead.captured")
    Lead.objects.update(locked_at=clock.now)
    sending.send_due()
    assert n8n.received == []


# Killed, doubled, late --------------------------------------------------------------------------


def test_a_try_that_was_killed_after_the_post_is_made_again_under_the_same_id(
    n8n: Receiver, lead: Lead, clock: Clock
) -> None:
    announce(lead, "lead.captured")
    attempt = sending._claim()  # and its process is gone
    assert attempt
    sweep_for(clock, seconds=50)
    assert n8n.received == [], "it may still be under way"
    sweep_for(clock, seconds=20)
    (request,) = n8n.received
    assert request.id == the_delivery().webhook_id
    assert the_delivery().status == Delivery.Status.DELIVERED
    assert [each.seconds is None for each in the_delivery().attempts.order_by("number")] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_tasks_that_race_send_everything_once(n8n: Receiver, lead: Lead) -> None:
    everybody_at_once = threading.Barrier(4)
    for _ in range(25):
        announce(Lead.objects.create(agent=lead.agent), "lead.captured")

    def task() -> None:
        everybody_at_once.wait()
        try:
            sending.send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=task) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [request.id for request in n8n.received]
    assert len(ids) == len(set(ids)) == 25
    assert Delivery.objects.filter(status=Delivery.Status.DELIVERED, tries=1).count() == 25


def test_whoever_is_too_late_does_not_undo_what_arrived(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    announce(lead, "lead.captured")
    slow = sending._claim()
    assert slow
    sweep_for(clock, seconds=70)  # its lease is over: another has delivered
    n8n.respond = answer(500)
    sending._send(slow)
    assert the_delivery().status == Delivery.Status.DELIVERED


def test_late_success_counts_and_late_failure_does_not_move_the_next_try(
    n8n: Receiver, lead: Lead, clock: Clock
) -> None:
    announce(lead, "lead.captured")
    slow = sending._claim()
    assert slow
    clock.forward(seconds=61)
    under_way = sending._claim()
    assert under_way
    due = the_delivery().next_try_at
    n8n.plan = [answer(500)]
    sending._send(slow)
    assert the_delivery().next_try_at == due, "the second one is still under way"
    sending._send(slow)
    assert the_delivery().status == Delivery.Status.DELIVERED


def test_what_is_rolled_back_is_never_sent(n8n: Receiver, lead: Lead) -> None:
    with transaction.atomic():
        announce(lead, "lead.captured")
        transaction.set_rollback(True)
    sending.send_due()
    assert n8n.received == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_no_lead(n8n: Receiver, lead: Lead, redis_down: None) -> None:
    announce(lead, "lead.captured")
    sending.send_due()
    assert len(n8n.received) == 1


# By hand ----------------------------------------------------------------------------------------


def test_a_replay_is_the_same_to_the_byte(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    announce(lead, "lead.captured")
    sending.send_due()
    Lead.objects.update(status=Lead.Status.WON)
    assert sending.replay(Delivery.objects.all()) == 1
    sending.send_due()
    first, again = n8n.received
    assert (first.id, first.body) == (again.id, again.body)
    assert [attempt.number for attempt in the_delivery().attempts.all()] == [2, 1]


def test_a_replay_leaves_alone_what_is_on_its_way(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    announce(lead, "lead.captured")
    assert sending._claim()
    assert sending.replay(Delivery.objects.all()) == 0
    clock.forward(seconds=61)
    assert sending.replay(Delivery.objects.all()) == 1


def test_a_replay_does_not_wait_for_the_endpoints_rest(n8n: Receiver, lead: Lead, clock: Clock) -> None:
    n8n.plan = [answer(500, Retry_After="3600")]
    announce(lead, "lead.captured")
    sending.send_due()
    sending.replay(Delivery.objects.all())
    sending.send_due()
    assert the_delivery().status == Delivery.Status.DELIVERED
