"""A clinic of its own in a folder, reached through processes, as an operator does."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clinic.postgresql import APPLICATION, BACKUP, OWNER, SUPERUSER, Cluster

ROOT = Path(__file__).parents[2]
BIRKENHOF = (
    "--name",
    "Birkenhof",
    "--country",
    "CH",
    "--time-zone",
    "Europe/Zurich",
    "--email",
    "ada@x.example",
    "--full-name",
    "Ada Example",
)


@dataclass
class Place:
    """A clinic in a folder, on the SQLite there, plain or with a key, or on the PostgreSQL of an address.

    Args:
        folder: OPENTAPER_DATA.
        address: of the PostgreSQL, as the role that the clinic works as.
        more: what else its environment says.
        key: the file of the key, if its SQLite is encrypted.
        seen: the address of the same PostgreSQL for whoever looks into it, if the clinic's own role may not.
    """

    folder: Path
    address: str = ""
    more: dict[str, str] = field(default_factory=dict)
    key: Path | None = None
    seen: str = ""

    @property
    def environment(self) -> dict[str, str]:
        asked = {"OPENTAPER_DATA": str(self.folder), "OPENTAPER_DATABASE": self.address}
        if self.key:
            asked["OPENTAPER_DATABASE_KEY"] = str(self.key)
        return {"PATH": os.environ["PATH"], **asked, **self.more}

    @property
    def file(self) -> Path:
        return self.folder / "clinic.sqlite3"

    def opentaper(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "opentaper", *map(str, arguments)],
            check=False, capture_output=True, text=True, env=self.environment,
        )  # fmt: skip

    def did(self, *arguments: object) -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.opentaper(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def every(self, *commands: tuple[object, ...]) -> list[tuple[int, str]]:
        """Run commands in one process, which is quicker, and return the status of each and what it printed."""
        code = (
            "import contextlib, io, json, sys; from opentaper.cli import main\n"
            "def ran(arguments):\n"
            "    told = io.StringIO()\n"
            "    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):\n"
            "        status = main(arguments)\n"
            "    return status, told.getvalue()\n"
            "print(json.dumps([ran(each) for each in json.loads(sys.argv[1])]))"
        )
        given = json.dumps([list(map(str, each)) for each in commands])
        done = subprocess.run(
            [sys.executable, "-c", code, given], check=False, capture_output=True, text=True, env=self.environment
        )
        assert done.returncode == 0, done.stderr
        return [(status, printed) for status, printed in json.loads(done.stdout)]

    def python(self, module: str, *arguments: object, **more: Any) -> subprocess.Popen[str]:
        """Start one of our modules beside."""
        environment = {**self.environment, **more.pop("environment", {})}
        return subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)], env=environment, cwd=ROOT, text=True, **more
        )

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        if self.address:
            import psycopg

            with psycopg.connect(self.seen or self.address) as connection:
                cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        return sql(self.file, statement, key=self.key)


def on_postgresql(folder: Path, cluster: Cluster) -> Place:
    """Return a clinic with the three roles that docs/how-to/postgresql.md asks for, on an empty database."""
    name = cluster.database()
    roles = {"OPENTAPER_DATABASE_OWNER": OWNER, "OPENTAPER_DATABASE_BACKUP": BACKUP}
    return Place(
        folder=folder,
        address=cluster.address(APPLICATION, name),
        more={setting: cluster.address(role, name) for setting, role in roles.items()},
        seen=cluster.address(SUPERUSER, name),
    )


def new_key(folder: Path, name: str = "key") -> Path:
    """Return the file of a new key of a database."""
    file = folder / name
    file.touch(0o600)
    file.write_text(f"{secrets.token_hex(32)}\n", encoding="ascii")
    return file


def sql(file: Path, *statements: str, key: Path | None = None) -> list[tuple[Any, ...]]:
    """Run statements on an SQLite file, and return what the last one found."""
    if key is None:
        import sqlite3  # by now the mended one, which the settings put there

        connection = sqlite3.connect(file, timeout=20)
    else:
        from sqlcipher3 import dbapi2

        connection = dbapi2.connect(file, timeout=20)
        # By itself, not as the clinic does it: a key is the sixty-four digits in its file.
        connection.execute(f"PRAGMA key = \"x'{key.read_text().strip()}'\"")
    found: list[tuple[Any, ...]] = []
    try:
        with connection:
            for statement in statements:
                found = connection.execute(statement).fetchall()
    finally:
        connection.close()
    return found
