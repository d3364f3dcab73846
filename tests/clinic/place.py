"""A clinic of its own in a folder, reached through processes, as an operator does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    """A clinic in a folder, on the SQLite there or on the PostgreSQL of an address."""

    folder: Path
    address: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        asked = {"OPENTAPER_DATA": str(self.folder), "OPENTAPER_DATABASE": self.address}
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

            with psycopg.connect(self.address) as connection:
                cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        return sql(self.file, statement)


def sql(file: Path, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements on an SQLite file, and return what the last one found."""
    import sqlite3  # by now the mended one, which the settings put there

    found: list[tuple[Any, ...]] = []
    connection = sqlite3.connect(file, timeout=20)
    try:
        with connection:
            for statement in statements:
                found = connection.execute(statement).fetchall()
    finally:
        connection.close()
    return found
