"""A private PostgreSQL for tests, thrown away afterwards.

python -m tests.clinic.postgresql COMMAND …     runs a command with the clinic's database in it
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import psycopg

SUPERUSER, OWNER, APPLICATION, BACKUP = "tester", "clinic_owner", "clinic_app", "clinic_backup"
# As docs/how-to/postgresql.md makes them; the owner may also make the databases that Django's test runner wants.
ROLES = (
    f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB",
    f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOBYPASSRLS",
    f"CREATE ROLE {BACKUP} LOGIN NOSUPERUSER BYPASSRLS",
    f"GRANT pg_read_all_data TO {BACKUP}",
)
NOT_HERE = "there is no PostgreSQL here (sh tools/postgresql.sh installs it): nothing was tested on it"
WAIT_S = 60


class NoPostgresError(Exception):
    """This machine has no PostgreSQL."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        NoPostgresError: there is none.
    """
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not there:
        raise NoPostgresError(NOT_HERE)
    return there[-1].parent


def _as_somebody() -> list[str]:
    """This function will return what stands before a command of PostgreSQL's: it refuses to run as root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@dataclass
class Cluster:
    """A server of our own, on a socket in its folder and nowhere else."""

    folder: Path
    bin: Path
    running: subprocess.Popen[bytes] | None = field(default=None)

    def make(self) -> None:
        """Make the files, with checksums, and the roles."""
        if os.getuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
        self._do("initdb", "-D", str(self.folder / "data"), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--data-checksums",
                 "--no-locale", "--no-sync")  # fmt: skip
        self.start()
        with psycopg.connect(self.address(SUPERUSER, "postgres"), autocommit=True) as connection:
            for statement in ROLES:
                connection.execute(statement)

    def database(self, name: str = "") -> str:
        """Make a database that belongs to the owner, and return its name."""
        name = name or f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.address(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}".encode())
        return name

    def address(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.folder), safe='')}"

    def environment(self, database: str) -> dict[str, str]:
        """Return what a clinic needs to use a database of this server."""
        return {
            "OPENTAPER_DATABASE": self.address(APPLICATION, database),
            "OPENTAPER_DATABASE_OWNER": self.address(OWNER, database),
        }

    def _do(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*_as_somebody(), str(self.bin / program), *arguments], cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def start(self) -> None:
        """Start it, and wait until it answers: after a crash, until it has recovered."""
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                [*_as_somebody(), str(self.bin / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder),
                 "-c", "listen_addresses=", "-c", "max_connections=60", "-c", "shared_buffers=64MB"],
                cwd="/", stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            try:
                psycopg.connect(self.address(SUPERUSER, "postgres")).close()
                return
            except psycopg.OperationalError:
                if self.running.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def processes(self) -> list[int]:
        """Return the postmaster and every process of its own."""
        assert self.running is not None
        found = [self.running.pid]
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                told = path.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(told[1]) == self.running.pid:
                found.append(int(path.parent.name))
        return found

    def kill(self) -> None:
        """Kill everything at once, as when the power of a machine goes (but for what its disk still held)."""
        assert self.running is not None
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.running.wait()
        self.running = None

    def stop(self) -> None:
        if self.running is not None:
            self.running.send_signal(signal.SIGINT)
            try:
                self.running.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make a server, run it, and throw it away.

    Raises:
        NoPostgresError: there is none here.
    """
    found = programs()
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        made = Cluster(Path(folder), found)
        try:
            made.make()
            yield made
        finally:
            made.stop()


@contextmanager
def cluster_or_skip() -> Iterator[Cluster]:
    """Make a server for tests; without PostgreSQL skip them, and fail where tests must be whole."""
    try:
        with cluster() as running:
            yield running
    except NoPostgresError as problem:
        missing(str(problem))


def missing(reason: str) -> NoReturn:
    """Skip a test for what is not here; in CI, fail it."""
    import pytest

    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def main(command: list[str]) -> int:
    """Run a command with a database; without PostgreSQL say so, and fail where tests must be whole."""
    try:
        with cluster() as running:
            running.database("clinic_test")
            environment = os.environ | running.environment("clinic_test")
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgresError as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
