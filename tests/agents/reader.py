"""A process that reads the published demo agent all the time, and answers each line it is sent with what it saw.

Run by `test_fresh.py`. An answer maps each version to the monotonic times, which processes share, at which
the first and the last of the reads that gave it began.
"""

from __future__ import annotations

import json
import select
import sys
import time

import django


def main() -> None:
    django.setup()
    from agents.published import published_agent

    seen: dict[int, tuple[float, float]] = {}
    while True:
        began = time.monotonic()
        found = published_agent("demo")
        version = found.version if found else 0
        seen[version] = (seen.get(version, (began, began))[0], began)
        if select.select([sys.stdin], [], [], 0)[0]:
            if not sys.stdin.readline():
                return
            sys.stdout.write(json.dumps(seen) + "\n")
            sys.stdout.flush()


main()
