"""Nothing is left behind a supervisor that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from local import processes
from local.guard import PATIENCE
from tests.local.conftest import PATH, eventually
from vaani.env import ROOT

LAUNCHER = """
import sys, time
from pathlib import Path
from local.output import LogFiles
from local.supervisor import Process, Supervisor
folder = Path(sys.argv[1])
supervisor = Supervisor(f"{folder}:", LogFiles(folder))
supervisor.start_stage(*(Process(name, ["/bin/sh", "-c", line], {"PATH": sys.argv[2]}) for name, line in {
    "plain": "exec sleep 1000",
    "stubborn": "trap '' TERM; exec sleep 1000",
    "scattered": "setsid sleep 1000 & (setsid sh -c \\"trap '' TERM; exec sleep 1000\\" &) ; exec sleep 1000",
    "nameless": "env -i setsid sleep 1000 & exec sleep 1000",
}.items()))
print("up", flush=True)
time.sleep(1000)
"""


def test_a_killed_launcher_leaves_no_process(tmp_path: Path, mark: str) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path), PATH]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        assert launcher.stdout.readline() == "up\n"
        eventually(lambda: len(processes.find(mark)) == 7)
        everyone = processes.find(mark)
        os.kill(launcher.pid, signal.SIGKILL)
    eventually(lambda: not processes.find(mark), within=PATIENCE + 5)
    eventually(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in everyone))
