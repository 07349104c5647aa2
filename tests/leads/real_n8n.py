"""The real n8n 2, spoken to over the REST of its own editor. Too large for the usual tests: see docs/contributor.md."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

BIN = os.environ.get("N8N_BIN", "")  # the program `n8n` of npm's package


class RealN8n:
    """A signed-in editor."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers["browser-id"] = "tests"

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """What n8n answers, without the envelope it puts around it. Raises `requests.HTTPError`."""
        answer = self._session.request(method, f"{self.url}/rest{path}", timeout=30, **options)
        if not answer.ok:
            raise requests.HTTPError(f"{answer.status_code} {answer.text}")
        return answer.json().get("data")

    def sign_in(self) -> None:
        self.ask("POST", "/owner/setup", json={
            "email": "meera@example.in", "firstName": "Meera", "lastName": "N", "password": "Sunrise-Homes-1",
        })  # fmt: skip

    def make_table(self, name: str, csv: Path) -> str:
        """A Data Table with the columns of a CSV file, imported as the editor does it; gives its id."""
        uploaded = self.ask("POST", "/data-tables/uploads", files={"file": (csv.name, csv.read_bytes(), "text/csv")})
        columns = [{"name": column["name"], "type": column["type"]} for column in uploaded["columns"]]
        asked = {"name": name, "columns": columns, "fileId": uploaded["id"], "hasHeaders": True}
        return str(self.ask("POST", f"/projects/{self._project()}/data-tables", json=asked)["id"])

    def rows(self, table: str) -> list[dict[str, Any]]:
        found = self.ask("GET", f"/projects/{self._project()}/data-tables/{table}/rows")
        return list(found["data"])

    def run_workflow(self, workflow: dict[str, Any]) -> None:
        """Import it as the editor does, and activate it."""
        made = self.ask("POST", "/workflows", json=workflow)
        self.ask("POST", f"/workflows/{made['id']}/activate", json={"versionId": made["versionId"]})

    def _project(self) -> str:
        return str(self.ask("GET", "/projects/personal")["id"])


@contextmanager
def real_n8n(folder: Path) -> Iterator[RealN8n]:
    """Start n8n on loopback, its state in `folder`, and sign in; takes some 20 s."""
    with socket.socket() as web, socket.socket() as broker:
        web.bind(("127.0.0.1", 0))
        broker.bind(("127.0.0.1", 0))
        port, broker_port = web.getsockname()[1], broker.getsockname()[1]
    environment = {
        **os.environ,
        "N8N_USER_FOLDER": str(folder),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_PORT": str(port),
        "N8N_RUNNERS_BROKER_PORT": str(broker_port),
        "N8N_SECURE_COOKIE": "false",
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "PATH": f"{os.environ.get('N8N_NODE', '')}:{os.environ['PATH']}",
    }
    log = folder / "n8n.log"
    with log.open("wb") as output:
        command = [BIN, "start"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    n8n = RealN8n(f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + 180
        while True:
            try:
                n8n.sign_in()
                break
            except (requests.RequestException, ValueError) as error:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text()[-2000:]) from error
                time.sleep(0.5)
        yield n8n
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its task runner, which would stay behind
        process.wait(30)
