"""Every check, in the order in which to put things right."""

from __future__ import annotations

from vaani.doctor import machine, outside, processes, stores, voice
from vaani.doctor.checkup import Check

CHECKS = (
    Check("database", stores.database),
    Check("locale", stores.locale, needs=("database",)),
    Check("migrations", stores.migrations, needs=("database",)),
    Check("admin", machine.admin, needs=("migrations",)),
    Check("redis", stores.redis),
    Check("disk", machine.disk),
    Check("files", machine.files, seconds=20),
    Check("secrets", machine.secrets),
    Check("clock", machine.clock, seconds=20),
    Check("web", processes.web),
    Check("site", outside.site),
    Check("livekit", voice.livekit, seconds=15),
    Check("webhooks", voice.webhooks, needs=("livekit", "redis", "web"), seconds=25),
    Check("media", voice.media, needs=("livekit",), seconds=30),
    Check("workers", processes.workers, needs=("redis",)),
    Check("queues", processes.queues, needs=("redis",)),
    Check("beat", processes.beat, needs=("redis", "queues")),
    Check("watch", processes.watch, needs=("redis", "database")),
    Check("providers", outside.providers, seconds=15),
    Check("models", outside.models, needs=("migrations",)),
    Check("n8n", outside.n8n),
)
