"""The machine: whether it is enough for the product. Checked before anything is installed."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from local.errors import LocalError

CORES = 2
MEMORY_GB = 4
DISK_GB = 8
GIGA = 1000**3
SHARE = 0.9  # a machine sold as 4 GB shows a little less


def check_machine(folder: Path, *, installed: bool) -> list[str]:
    """Raise a `LocalError` when the product cannot run here; return warnings for what may go badly.

    What set-up puts on the disk is counted only until it is there.
    """
    if platform.system() != "Linux":
        raise LocalError(f"Vaani runs on Linux, and this is {platform.system()}. Use a Debian or Ubuntu machine.")
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGA
    disk = shutil.disk_usage(folder).free / GIGA
    if memory < MEMORY_GB * SHARE:
        raise LocalError(f"This machine has {memory:.1f} GB of memory; Vaani needs {MEMORY_GB} GB.")
    if not installed and disk < DISK_GB:
        raise LocalError(
            f"The disk of {folder} has {disk:.1f} GB free; setting Vaani up needs {DISK_GB} GB. Free some."
        )
    warnings = []
    if cores < CORES:
        warnings.append(f"This machine lets us use {cores} core; calls need {CORES} to sound well.")
    if platform.machine() != "x86_64":
        warnings.append(
            f"Vaani is tried on x86_64 machines, and this is {platform.machine()}: some parts may be missing."
        )
    return warnings
