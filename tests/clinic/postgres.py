"""A PostgreSQL of our own in a temporary folder, for tests that need one whatever the other tests run on."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> str | None:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin")]
    return next((str(at / name) for at in places if (at / name).exists()), shutil.which(name))


@contextmanager
def server() -> Iterator[Callable[..., str]]:
    """Start a server and give what makes an empty database and returns its address; skip where there is none."""
    programs = {name: _program(name) for name in ("initdb", "postgres", "pg_dump", "pg_restore")}
    if missing := [name for name, at in programs.items() if at is None]:
        reason = f"NOT TESTED ON POSTGRESQL: {', '.join(missing)} not found (sh tools/postgresql.sh installs it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    initdb, postgres = str(programs["initdb"]), str(programs["postgres"])
    # It refuses to run as root.
    user: dict[str, str] = {}
    if os.geteuid() == 0:
        names = {each.pw_name for each in pwd.getpwall()}
        user = {"user": "postgres" if "postgres" in names else "nobody"}
    folder = Path(tempfile.mkdtemp(prefix="opentaper-pg-"))
    if user:
        shutil.chown(folder, user["user"])
    data = folder / "data"
    subprocess.run(
        [initdb, "-D", str(data), "-U", "opentaper", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **user,
    )  # fmt: skip
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    running = subprocess.Popen(
        [postgres, "-D", str(data), *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user
    )

    def new(owner: str = "") -> str:
        import psycopg

        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(host=str(folder), user="opentaper", dbname="postgres", autocommit=True) as connection:
            if owner:
                connection.execute(f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS".encode())
            connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner or "opentaper"}"'.encode())
        return f"postgres://{owner or 'opentaper'}@/{name}?host={folder}"

    try:
        _wait(folder, running)
        yield new
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, running: subprocess.Popen[bytes]) -> None:
    import time

    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user="opentaper", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert running.poll() is None, "postgres ended"
            time.sleep(0.1)
    raise AssertionError("postgres did not start")
