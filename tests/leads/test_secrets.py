"""Endpoints' secrets: sealed in the database, read by any known key, and one that no key opens is said, not a crash."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from leads import sending
from leads.announce import announce_test
from leads.models import Delivery, DeliveryAttempt, Endpoint
from tests.conftest import SetEnv
from tests.leads.receiver import Receiver
from vaani.sealing import SealError, seal, unseal

pytestmark = pytest.mark.django_db

OLD, NEW = "o" * 50, "n" * 50
ENDPOINTS = "/admin/leads/endpoint/"


def crm(url: str = "https://crm.example.in/leads") -> Endpoint:
    header = {"header_name": "Authorization", "sealed_header_value": seal("Bearer swordfish")}
    return Endpoint.objects.create(name="CRM", url=url, **header)


@pytest.fixture
def lost(settings: Any) -> Endpoint:
    """An endpoint whose secrets were sealed with a key that is gone."""
    now, settings.SECRET_KEY = settings.SECRET_KEY, OLD
    endpoint = crm()
    settings.SECRET_KEY = now
    return endpoint


def stored() -> str:
    """All that the table of endpoints holds, as a copy of the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM leads_endpoint e")
        return "".join(row[0] for row in cursor.fetchall())


def test_the_database_alone_gives_no_secret_away() -> None:
    endpoint = crm()
    assert len(endpoint.key) == 32
    assert endpoint.key not in stored()
    assert "swordfish" not in stored()
    assert Endpoint.objects.get().extra_header == ("Authorization", "Bearer swordfish")
    assert (seal(""), unseal("")) == ("", "")


def test_a_key_is_replaced_without_losing_a_secret(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SECRET_KEY = OLD
    endpoint = crm()
    secret = endpoint.key
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert endpoint.key == secret
    call_command("rotate_secrets")
    assert "1 endpoints" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealError):
        _gone = endpoint.key
    endpoint.refresh_from_db()
    assert (endpoint.key, endpoint.extra_header) == (secret, ("Authorization", "Bearer swordfish"))


def test_rotation_names_what_no_key_opens_and_leaves_it(lost: Endpoint, settings: Any) -> None:
    before = stored()
    with pytest.raises(CommandError, match="CRM"):
        call_command("rotate_secrets")
    assert stored() == before
    settings.SECRET_KEY_FALLBACKS = [OLD]
    call_command("rotate_secrets")
    settings.SECRET_KEY_FALLBACKS = []
    lost.refresh_from_db()
    assert len(lost.key) == 32


def test_staff_are_told_of_a_secret_that_cannot_be_read(lost: Endpoint, admin_client: Client) -> None:
    change = f"{ENDPOINTS}{lost.pk}/change/"
    for address in (ENDPOINTS, change, "/admin/"):
        shown = admin_client.get(address)
        assert shown.status_code == 200
        assert "SECRET_KEY_FALLBACKS" in shown.content.decode(), address
    answer = admin_client.post(f"{ENDPOINTS}{lost.pk}/show_secret/", {"_form_submitted": "True"})
    assert "another SECRET_KEY" in admin_client.get(answer.headers["HX-Redirect"]).content.decode()


def test_a_delivery_that_cannot_be_signed_says_why_and_goes_when_it_can(
    lost: Endpoint, settings: Any, receiver: Receiver, set_env: SetEnv
) -> None:
    set_env(outgoing_allow="127.0.0.0/8")
    Endpoint.objects.update(url=receiver.url)
    lost.refresh_from_db()
    delivery = announce_test(lost)
    sending.send_due()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.WAITING
    assert "SECRET_KEY_FALLBACKS" in DeliveryAttempt.objects.get().fault
    assert receiver.received == []
    settings.SECRET_KEY_FALLBACKS = [OLD]
    sending.replay(Delivery.objects.all())
    sending.send_due()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.DELIVERED
    assert receiver.received[0].headers["authorization"] == "Bearer swordfish"


def test_the_migration_seals_what_is_there_and_can_be_undone() -> None:
    migration = importlib.import_module("leads.migrations.0008_sealed_secrets")
    Endpoint.objects.create(name="A", sealed_secret="plain", sealed_header_value="")
    migration.seal_all(apps, None)
    endpoint = Endpoint.objects.get()
    assert endpoint.key == "plain"
    assert "plain" not in stored()
    migration.unseal_all(apps, None)
    endpoint.refresh_from_db()
    assert (endpoint.sealed_secret, endpoint.sealed_header_value) == ("plain", "")
