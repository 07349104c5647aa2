"""Endpoints and deliveries in the admin: what staff see, and what they can do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from leads import sending
from leads.announce import announce
from leads.models import Delivery, Endpoint, Lead
from tests.conftest import Logged, SetEnv
from tests.leads.conftest import Clock
from tests.leads.receiver import Receiver, answer
from vaani import home
from vaani.sealing import seal

pytestmark = pytest.mark.django_db

ENDPOINTS, DELIVERIES = "/admin/leads/endpoint/", "/admin/leads/delivery/"
DIALOG = {"_form_submitted": "True"}


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def dialog(client: Client, address: str, **answers: Any) -> str:
    """Press the button of a dialog; gives the page that it leads to."""
    return client.post(address, {**DIALOG, **answers}).headers["HX-Redirect"]


def crm(**parts: Any) -> Endpoint:
    return Endpoint.objects.create(**{"name": "CRM", "url": "https://crm.example.in/leads", **parts})


def form(**parts: Any) -> dict[str, Any]:
    return {"name": "CRM", "url": "http://127.0.0.1:8/leads", "when": "both", "agent": "", **parts}


@pytest.fixture
def loopback(set_env: SetEnv) -> None:
    set_env(outgoing_allow="127.0.0.0/8")


# Endpoints --------------------------------------------------------------------------------------


def test_a_new_endpoint_gets_a_secret_that_is_shown_once(admin_client: Client, loopback: None) -> None:
    told = admin_client.post(f"{ENDPOINTS}add/", form(), follow=True).content.decode()
    endpoint = Endpoint.objects.get()
    assert (endpoint.when, endpoint.enabled) == (Endpoint.When.BOTH, True)
    assert endpoint.key in told
    assert "whsec_" in told
    for address in (ENDPOINTS, f"{ENDPOINTS}{endpoint.pk}/change/"):
        assert endpoint.key not in page(admin_client, address)


def test_a_secret_is_shown_again_only_on_purpose(admin_client: Client, logged: Logged) -> None:
    endpoint = crm()
    asked = f"{ENDPOINTS}{endpoint.pk}/show_secret/"
    assert endpoint.key not in page(admin_client, asked)
    assert endpoint.key in page(admin_client, dialog(admin_client, asked))
    assert logged("endpoint_secret_shown")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"url": "http://10.0.0.5/"}, "url", "private address"),
        ({"url": "crm"}, "url", "whole address"),
        ({"url": ""}, "url", "required"),
        ({"header_name": "Webhook-Id", "header_value": "x"}, "header_name", "ours"),
        ({"header_name": "a b", "header_value": "x"}, "header_name", "hyphens"),
        ({"header_name": "Authorization"}, "header_value", "Write the value"),
        ({"header_name": "Authorization", "header_value": "x\r\nHost: y"}, "header_value", "Plain letters"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    admin_client: Client, loopback: None, typed: dict[str, str], field: str, words: str
) -> None:
    answer = admin_client.post(f"{ENDPOINTS}add/", form(**typed))
    assert words in str(answer.context["adminform"].form.errors[field])
    assert not Endpoint.objects.exists()


def test_the_extra_headers_value_is_kept_and_never_shown(admin_client: Client, loopback: None) -> None:
    endpoint = crm(header_name="Authorization", sealed_header_value=seal("Bearer swordfish"))
    change = f"{ENDPOINTS}{endpoint.pk}/change/"
    assert "swordfish" not in page(admin_client, change)
    admin_client.post(change, form(name="Sales", header_name="Authorization", enabled="on"))
    endpoint.refresh_from_db()
    assert endpoint.name == "Sales"
    assert endpoint.extra_header == ("Authorization", "Bearer swordfish")
    admin_client.post(change, form(header_name="", enabled="on"))
    endpoint.refresh_from_db()
    assert not endpoint.extra_header
    assert not endpoint.sealed_header_value


def test_the_environments_n8n_is_there_without_being_typed(admin_client: Client, n8n: Receiver) -> None:
    assert f"{n8n.url}/webhook/lead-capture" in page(admin_client, ENDPOINTS)
    endpoint = Endpoint.objects.get()
    change = f"{ENDPOINTS}{endpoint.pk}/change/"
    assert 'name="url"' not in page(admin_client, change)
    assert admin_client.post(f"{ENDPOINTS}{endpoint.pk}/delete/", {"post": "yes"}).status_code == 403
    admin_client.post(change, {"name": "n8n", "when": "review"})
    endpoint.refresh_from_db()
    assert (endpoint.when, endpoint.enabled) == (Endpoint.When.REVIEW, False)


def test_one_that_was_gone_goes_on_when_it_is_switched_on(
    admin_client: Client, n8n: Receiver, lead: Lead, clock: Clock
) -> None:
    n8n.plan = [answer(410)]
    announce(lead, "lead.captured")
    sending.send_due()
    endpoint = Endpoint.objects.get()
    change = f"{ENDPOINTS}{endpoint.pk}/change/"
    assert "it is gone (410)" in page(admin_client, change)
    admin_client.post(change, {"name": "n8n", "when": "capture", "enabled": "on"})
    sending.send_due()
    endpoint.refresh_from_db()
    assert (endpoint.gone_at, endpoint.resting_until) == (None, None)
    assert Delivery.objects.get().status == Delivery.Status.DELIVERED


def test_a_test_is_sent_and_leads_to_how_it_went(admin_client: Client, n8n: Receiver) -> None:
    page(admin_client, ENDPOINTS)
    asked = f"{ENDPOINTS}{Endpoint.objects.get().pk}/send_test/"
    admin_client.get(asked)
    assert not Delivery.objects.exists(), "looking is not sending"
    assert dialog(admin_client, asked) == f"{DELIVERIES}{Delivery.objects.get().pk}/change/"
    sending.send_due()
    assert n8n.received[0].verified(Endpoint.objects.get())["type"] == "lead.test"


def test_an_endpoint_goes_with_its_deliveries(admin_client: Client, lead: Lead) -> None:
    endpoint = crm()
    announce(lead, "lead.captured")
    delete = f"{ENDPOINTS}{endpoint.pk}/delete/"
    assert "CRM: deliveries 1" in page(admin_client, delete)
    admin_client.post(delete, {"post": "yes"})
    assert not Delivery.objects.exists()


# Deliveries -------------------------------------------------------------------------------------


def test_tries_bodies_and_answers_are_seen_and_secrets_are_not(
    admin_client: Client, n8n: Receiver, lead: Lead, clock: Clock, set_env: SetEnv
) -> None:
    set_env(n8n_webhook_header="Authorization: Bearer swordfish")
    lead.values.create(key="need", label="need", kind="text", value="<script>alert(1)</script>", state="heard")
    n8n.plan = [answer(500, b"<script>alert(2)</script> Bearer swordfish")]
    announce(lead, "lead.captured", why="caught in a call")
    sending.send_due()
    shown = page(admin_client, f"{DELIVERIES}{Delivery.objects.get().pk}/change/")
    endpoint = Endpoint.objects.get()
    for text in ("राहुल", "caught in a call", "&lt;script&gt;alert(1)", "&lt;script&gt;alert(2)", "500", "•••"):
        assert text in shown
    for secret in ("<script>alert", "swordfish", endpoint.key):
        assert secret not in shown
    assert "Waiting" in page(admin_client, DELIVERIES)


def test_the_backlog_and_what_was_given_up_are_loud(
    admin_client: Client, n8n: Receiver, lead: Lead, clock: Clock
) -> None:
    n8n.respond = answer(500)
    announce(lead, "lead.captured")
    sending.send_due()
    assert not any("n8n" in fault.what for fault in home.faults()), "one failure is none"
    clock.forward(minutes=11)
    (fault,) = (fault for fault in home.faults() if "n8n" in fault.what)
    assert "takes no leads. Failing since" in fault.what
    assert "1 wait" in fault.what
    clock.forward(days=3)
    sending.send_due()
    faults = [fault for fault in home.faults() if "n8n" in fault.what]
    assert faults[-1].what == "1 delivery to n8n was given up."
    (link,) = faults[-1].links
    assert Delivery.objects.get().webhook_id in page(admin_client, f"{DELIVERIES}{Delivery.objects.get().pk}/change/")
    assert "Given up" in page(admin_client, link[1])
    assert "outbox" in page(admin_client, "/admin/")


def given_up(lead: Lead, count: int) -> list[Delivery]:
    endpoint = crm()
    now = timezone.now()
    return [
        Delivery.objects.create(
            endpoint=endpoint, event="lead.updated", lead=lead, body="{}", status=Delivery.Status.GIVEN_UP,
            created_at=now - timedelta(hours=number),
        )
        for number in range(count)
    ]  # fmt: skip


def waiting() -> set[int]:
    return set(Delivery.objects.waiting().values_list("pk", flat=True))


def test_chosen_ones_are_sent_again(admin_client: Client, lead: Lead) -> None:
    first, second, _third = given_up(lead, 3)
    admin_client.post(DELIVERIES, {"action": "send_again", "_selected_action": [first.pk, second.pk]})
    assert waiting() == {first.pk, second.pk}


def test_a_single_one_is_sent_again(admin_client: Client, lead: Lead) -> None:
    first, _second = given_up(lead, 2)
    admin_client.post(f"{DELIVERIES}{first.pk}/send_this_again/", DIALOG)
    assert waiting() == {first.pk}


def test_a_range_is_sent_again(admin_client: Client, lead: Lead) -> None:
    rows = given_up(lead, 5)
    arrived = rows[2]
    Delivery.objects.filter(pk=arrived.pk).update(status=Delivery.Status.DELIVERED)
    here = timezone.localtime()
    asked = {
        **DIALOG,
        "since": f"{here - timedelta(hours=3, minutes=30):%Y-%m-%dT%H:%M}",
        "until": f"{here - timedelta(minutes=30):%Y-%m-%dT%H:%M}",
        "status": "given_up",
    }
    other = Endpoint.objects.create(name="other", url="https://other.example.in")
    admin_client.post(f"{DELIVERIES}send_range_again/", {**asked, "endpoint": other.pk})
    assert waiting() == set()
    admin_client.post(f"{DELIVERIES}send_range_again/", asked)
    assert waiting() == {rows[1].pk, rows[3].pk}
    admin_client.post(f"{DELIVERIES}send_range_again/", {**asked, "status": ""})
    assert arrived.pk in waiting()


def test_a_range_that_ends_before_it_begins_is_refused(admin_client: Client, lead: Lead) -> None:
    given_up(lead, 1)
    answer = admin_client.post(
        f"{DELIVERIES}send_range_again/", {**DIALOG, "since": "2026-11-23T10:00", "until": "2026-11-23T09:00"}
    )
    assert "before the start" in answer.content.decode()


def test_reviewers_see_deliveries_and_cannot_send_them(lead: Lead, client: Client) -> None:
    (row,) = given_up(lead, 1)
    user = User.objects.create_user("meera", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    client.force_login(user)
    assert "send_range_again" not in page(client, DELIVERIES)
    client.post(DELIVERIES, {"action": "send_again", "_selected_action": [row.pk]})
    client.post(f"{DELIVERIES}{row.pk}/send_this_again/", DIALOG)
    assert waiting() == set()
