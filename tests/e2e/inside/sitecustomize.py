"""Loaded by every Python process of the test stack: on SIGUSR2, a process writes down the modules it has loaded."""

from __future__ import annotations

import os
import signal
import sys


def _write_modules(_signal: int, _frame: object) -> None:
    path = os.path.join(os.environ["MODULES_FOLDER"], str(os.getpid()))
    with open(path + ".part", "w") as out:
        out.write("\n".join(sorted(sys.modules)))
    os.rename(path + ".part", path)


signal.signal(signal.SIGUSR2, _write_modules)
