"""Verbs of endpoints: the environment's own, which nobody types, and what becomes of one that is gone."""

from __future__ import annotations

from leads.models import Endpoint, EndpointQuerySet
from vaani.env import get_env
from vaani.sealing import SealError, reseal


def all_endpoints() -> EndpointQuerySet:
    """Every endpoint, the environment's among them from the first time that `N8N_BASE_URL` is seen."""
    if get_env().n8n_base_url:
        Endpoint.objects.get_or_create(is_environments=True, defaults={"name": "n8n"})
    return Endpoint.objects.all()


def switch_on(endpoint: Endpoint) -> None:
    """Tell it of leads from now on, and send what waits without a further rest."""
    Endpoint.objects.filter(pk=endpoint.pk).update(enabled=True, gone_at=None, failing_since=None, resting_until=None)
    endpoint.refresh_from_db()


def reseal_secrets() -> tuple[int, list[Endpoint]]:
    """Seal every endpoint's secrets with the newest key: how many were, and those that no known key opens."""
    done, lost = 0, []
    for endpoint in Endpoint.objects.all():
        stored = {"sealed_secret": endpoint.sealed_secret, "sealed_header_value": endpoint.sealed_header_value}
        try:
            sealed = {name: reseal(secret) for name, secret in stored.items()}
        except SealError:
            lost.append(endpoint)
            continue
        # Nothing when staff wrote another meanwhile, which is sealed with the newest key already.
        done += Endpoint.objects.filter(pk=endpoint.pk, **stored).update(**sealed)
    return done, lost
