"""A clinic that runs as an operator runs it, people who are logged in to it, and what they send."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.clinic.postgresql import Cluster

ROOT = Path(__file__).parents[2]
WAIT_S = 90
ANSWER_S = 60


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def environment(folder: Path, cluster: Cluster | None = None, key: Path | None = None) -> dict[str, str]:
    """Return what a clinic in a folder runs with: on an SQLite file there, plain or with a key, or on a PostgreSQL."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OPENTAPER_", "DJANGO_", "PYTEST"))}
    clean |= {
        "OPENTAPER_DATA": str(folder),
        "OPENTAPER_HTTP_LOOPBACK": "1",
        "DJANGO_SETTINGS_MODULE": "opentaper.clinic.settings",
    }
    if key is not None:
        clean["OPENTAPER_DATABASE_KEY"] = str(key)
    if cluster is not None:
        clean |= cluster.environment(cluster.database())
    return clean


def ran(module: str, *arguments: object, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run one of our programs by itself and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@dataclass
class Running:
    """`opentaper serve`, in a group of processes of its own, so that all of it can be killed at once."""

    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    before: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it, wait until it answers, and return how many seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.before, sys.executable, "-m", "opentaper", "serve", "--port", str(self.port)],
                cwd=ROOT, env=dict(self.environment), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        while time.monotonic() - began < WAIT_S:
            try:
                if Caller(self.port).get("/log-in/").status == 200:
                    return time.monotonic() - began
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the clinic did not start: {self.printed()[-2000:]}")

    def kill(self) -> None:
        """Kill every process of it at once, with nothing said before."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    to: str
    body: str


@dataclass
class Caller:
    """Somebody who is logged in, or nobody, and sends what a browser would; a session that changes is followed."""

    port: int
    session: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_hex(16))

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: Any) -> Answer:
        """Send a form; it has a key of its own, unless one is given.

        Raises:
            OSError: no whole answer came back.
        """
        sent = {"csrfmiddlewaretoken": self.csrf, "key": uuid.uuid4(), **fields}
        return self._ask("POST", path, urlencode({name: str(value) for name, value in sent.items()}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=ANSWER_S)
        headers = {"Cookie": f"csrf={self.csrf}; session={self.session}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            found = connection.getresponse()
            text = found.read().decode()
            for name, value in found.getheaders():
                if name.lower() == "set-cookie" and "session" in (cookies := SimpleCookie(value)):
                    self.session = cookies["session"].value
            return Answer(status=found.status, to=found.getheader("Location", ""), body=text)
        except http.client.HTTPException as problem:
            raise OSError(str(problem)) from problem
        finally:
            connection.close()
