"""What PostgreSQL's own programs do for us: dump a database and read it back; and how one is emptied again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from opentaper.clinic.upkeep.copy import CopyError

ASKED = {
    "dbname": "PGDATABASE",
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
}


def dump(connection: BaseDatabaseWrapper, file: Path) -> None:
    """Write a whole database into a file, as of one instant.

    Raises:
        CopyError: it cannot be written.
    """
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"], connection)


def load(connection: BaseDatabaseWrapper, file: Path) -> None:
    """Read a file into a database, all of it or nothing.

    Raises:
        CopyError: it cannot be read.
    """
    name = str(connection.get_connection_params()["dbname"])
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}"]
    _run("pg_restore", [*options, str(file)], connection)


def _run(program: str, arguments: list[str], connection: BaseDatabaseWrapper) -> None:
    found = shutil.which(program)
    if found is None:
        raise CopyError(f"{program} is not here; install the client programs of PostgreSQL")
    params = connection.get_connection_params()
    # Where and who goes into the environment: everybody on this machine can read an argument.
    asked = {variable: str(params[key]) for key, variable in ASKED.items() if params.get(key)}
    done = subprocess.run(
        [found, *arguments], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        # Later lines may quote rows.
        first = next((line for line in done.stderr.splitlines() if "error:" in line), "it gave no reason")
        says = "a row cannot be read" if "COPY" in first else " ".join(first.split())
        raise CopyError(f"{program} could not do it ({says})")


def empty(connection: BaseDatabaseWrapper) -> None:
    """Take everything of ours out of a database that was empty when we began."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP TABLE %I.%I CASCADE', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname = current_schema()"
        )
        tables = [statement for (statement,) in cursor.fetchall()]
        cursor.execute(
            "SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure) FROM pg_proc p "
            "WHERE p.pronamespace = current_schema()::regnamespace "
            "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
        for statement in [*tables, *(statement for (statement,) in cursor.fetchall())]:
            cursor.execute(statement)
