"""What is not ours: the address visitors open, the providers, n8n."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from django.utils import timezone

from agents.models import AgentProfile
from agents.services import refused_models
from agents.worker.keys import check_keys
from calls.now import PROVIDERS
from vaani.doctor.checkup import Result, failed, ok, skipped, warning
from vaani.doctor.fetching import FetchError, fetch
from vaani.env import get_env
from vaani.home import KEY_NAMES, model_faults

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def site() -> Result:
    """Can visitors open the site, over https, and be told of a LiveKit that their browser accepts?"""
    env = get_env()
    parts = urlsplit(env.site_url)
    if parts.hostname in LOCAL_HOSTS:
        return ok(f"{env.site_url} is for this machine alone: set PUBLIC_URL for visitors elsewhere.")
    if parts.scheme != "https":
        return failed(
            f"{env.site_url} is not https, and browsers give the microphone to https alone.",
            "Put a proxy with a certificate before it, and set PUBLIC_URL to the https address.",
        )
    if not env.browser_livekit_url.startswith("wss:"):
        return failed(
            f"Browsers are told {env.browser_livekit_url}, which no https page may open.",
            "Set LIVEKIT_PUBLIC_URL to the wss address of LiveKit's server.",
        )
    try:
        page = fetch(f"{env.site_url}/health/live")
    except FetchError as error:
        return warning(
            f"{env.site_url} cannot be opened from here: {error}",
            "Open it from outside. If that fails too, look at its certificate, DNS and firewall.",
        )
    if page.status != 200 or '"healthy"' not in page.text:
        return failed(
            f"{env.site_url} leads to something else, which answers {page.status}.",
            "Correct PUBLIC_URL, or the proxy before the web server.",
        )
    return ok(f"{env.site_url} leads here, over https.")


def providers() -> Result:
    """Do the providers take our keys? One cheap call each."""
    env = get_env()
    checks = asyncio.run(check_keys(env))
    if bad := {provider: check.state for provider, check in checks.items() if check.state != "ok"}:
        words = ", ".join(f"{KEY_NAMES[provider]} is {state}" for provider, state in bad.items())
        return failed(
            f"{words}.",
            "Put a valid key into .env and restart; `unreachable`: look at the network and the provider's status page.",
        )
    if odd := {provider: check.status for provider, check in checks.items() if check.status >= 400}:
        words = ", ".join(f"{PROVIDERS[provider]} answers {status}" for provider, status in odd.items())
        return warning(
            f"{words}, so nobody knows whether the key is good.",
            "404: correct the provider's BASE_URL, if one is set; 402 or 429: see your account there; 500 and more: try later.",
        )
    if env.sandboxed:
        return warning(
            f"The sandbox stands in for {', '.join(env.sandboxed)}.",
            f"For real speech and answers set {', '.join(KEY_NAMES[name] for name in env.sandboxed)} and restart.",
        )
    return ok(f"{', '.join(checks)} take our keys.")


def models() -> Result:
    """Does an agent ask for a model that has ended, is about to, or was refused?"""
    faults = list(
        model_faults(list(AgentProfile.objects.select_related("published")), timezone.localdate(), refused_models())
    )
    if faults:
        return warning(" ".join(str(fault.what) for fault in faults), str(faults[0].remedy))
    return ok("Every model that agents ask for is served.")


def n8n() -> Result:
    """Does n8n answer, and does it have our workflow?"""
    env = get_env()
    if not env.n8n_base_url:
        return skipped("N8N_BASE_URL is not set.")
    try:
        page = fetch(f"{env.n8n_base_url}{env.n8n_webhook_agent_config}", agent_id="doctor")
    except FetchError as error:
        return failed(f"n8n does not answer at {env.n8n_base_url}: {error}", "Start n8n, or correct N8N_BASE_URL.")
    if page.status in (401, 403):
        return failed(f"n8n refuses us with {page.status}.", "Let its profile webhook be asked without credentials.")
    if page.status == 404 and "not registered" in page.text:
        return warning(
            f"n8n has no active workflow at {env.n8n_webhook_agent_config}.",
            "Import n8n/n8n-workflow-agent-profiles.json and switch it on, or correct N8N_WEBHOOK_AGENT_CONFIG.",
        )
    if page.status >= 500:
        return failed(f"n8n answers {page.status}.", "See the execution in n8n.")
    return ok(f"n8n answers at {env.n8n_base_url}.")
