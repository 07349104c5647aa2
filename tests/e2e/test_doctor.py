"""A running product as an operator sees it: the doctor's findings, and the numbers for Prometheus."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from local.stack import Stack
from tests.e2e.waiting import until
from vaani.env import ROOT


def doctor(stack: Stack, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code, and each finding by its name."""
    command = [sys.executable, "manage.py", "doctor", "--json", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=stack.env, capture_output=True, text=True, timeout=180)
    assert ended.stdout, ended.stderr
    return ended.returncode, {finding["check"]: finding for finding in json.loads(ended.stdout)}


def test_a_product_that_runs_is_well_and_one_without_its_watch_is_not(stack: Stack) -> None:
    with Redis.from_url(stack.redis_url) as redis:
        swept = "leads.extract_due SUCCESS"
        until(lambda: redis.hexists("vaani:counts:tasks", swept), 60, "Celery's clock to have struck")
    code, found = doctor(stack)
    others = {name: finding for name, finding in found.items() if finding["state"] != "ok"}
    assert (code, {name: finding["state"] for name, finding in others.items()}) == (
        0, {"providers": "warning", "n8n": "skipped"},
    ), others  # fmt: skip

    stack.stop("watch")
    try:
        code, found = doctor(stack, "--only", "watch")
        assert (code, found["watch"]["remedy"]) == (1, "Start one: manage.py run_watch")
    finally:
        stack.start("watch")


def test_prometheus_reads_of_every_part_at_one_address(stack: Stack) -> None:
    answer = requests.get(f"{stack.web_url}/metrics", headers={"Authorization": f"Bearer {'m' * 32}"}, timeout=10)
    assert answer.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    up = {sample.labels["part"]: sample.value for sample in families["vaani_up"].samples}
    assert up == {"postgres": 1, "redis": 1}
    assert [sample.value for sample in families["vaani_worker_slots"].samples] == [8]
    assert {"vaani_calls", "vaani_answer_seconds", "vaani_tasks", "vaani_leads"} <= families.keys()
    assert requests.get(f"{stack.web_url}/metrics", timeout=10).status_code == 404
