"""The Celery application: three queues, JSON only, ids and small messages in, nothing out.

`live` stores what calls say; `leads` has finished calls read; `chores` talks to other servers and does
what takes long. Each has its own worker, so a slow hook stops no transcript and holds up no lead.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

from vaani import task_signals as task_signals  # connects them
from vaani.env import get_env
from vaani.logs import log_config

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaani.settings")

app = Celery("vaani")
app.conf.update(
    broker_url=get_env().redis_url,
    timezone=get_env().time_zone,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="chores",
    task_routes={
        "calls.record": {"queue": "live"},
        "calls.settle": {"queue": "live"},
        "leads.extract": {"queue": "leads"},
        "leads.extract_due": {"queue": "leads"},
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=90,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # An unacknowledged message of a killed worker comes back after two minutes, not an hour.
    broker_transport_options={"visibility_timeout": 120, "unacked_restore_throttle": 1},
    beat_schedule={
        "settle ended calls": {
            "task": "calls.settle",
            "schedule": timedelta(seconds=60),
            "options": {"expires": 60},
        },
        "have calls read": {
            "task": "leads.extract_due",
            "schedule": timedelta(seconds=15),
            "options": {"expires": 15},
        },
        "send deliveries": {
            "task": "leads.send_due",
            "schedule": timedelta(seconds=5),
            "options": {"expires": 5},
        },
        "drop old exports": {"task": "leads.drop_old_exports", "schedule": crontab(hour=2, minute=45)},
        "erase what is due": {"task": "leads.erase_due", "schedule": crontab(minute=15)},
        "erase recordings": {"task": "calls.erase_recordings", "schedule": crontab(hour=2, minute=30)},
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    import logging.config

    logging.config.dictConfig(log_config())
