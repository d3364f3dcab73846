"""Tables that only grow: the database itself refuses to change or delete a row.

A migration of any app says `AppendOnly("people_access")` after it made the table; the model says `append_only = True`,
so that a check at every start finds a table whose triggers are gone. SQLite drops them when a later migration remakes
the table: that migration says `AppendOnly` again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

SAYS = "append-only"


def _name(table: str, what: str) -> str:
    return f"{table}_no_{what}"


def guards(vendor: str, table: str, key: str = "id") -> list[str]:
    """Return the SQL that makes a table append-only.

    Args:
        vendor: sqlite or postgresql.
        table: the table's name.
        key: its primary key, which SQLite's REPLACE would otherwise take over without asking.

    Raises:
        ValueError: another kind of database, which nobody has tried.
    """
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is {SAYS}'); END"
        return [
            f'CREATE TRIGGER "{_name(table, "update")}" BEFORE UPDATE ON "{table}" {refuse}',
            f'CREATE TRIGGER "{_name(table, "delete")}" BEFORE DELETE ON "{table}" {refuse}',
            f'CREATE TRIGGER "{_name(table, "replace")}" BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE "{key}" = NEW."{key}") {refuse}',
        ]
    if vendor == "postgresql":
        call = f'EXECUTE FUNCTION "{_name(table, "change")}"()'
        return [
            f'CREATE FUNCTION "{_name(table, "change")}"() RETURNS trigger LANGUAGE plpgsql AS '
            f"$$ BEGIN RAISE EXCEPTION '{table} is {SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f'CREATE TRIGGER "{_name(table, "update")}" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {call}',
            f'CREATE TRIGGER "{_name(table, "truncate")}" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {call}',
        ]
    raise ValueError(f"append-only tables are made for sqlite and postgresql, not for {vendor}")


def lifted(vendor: str, table: str) -> list[str]:
    """Return the SQL that takes the guards away: for a migration that goes back, and for tests that clean up."""
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{_name(table, what)}"' for what in ("update", "delete", "replace")]
    return [f'DROP FUNCTION IF EXISTS "{_name(table, "change")}"() CASCADE']


class AppendOnly(Operation):
    """The migration operation that guards a table."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, key: str = "id") -> None:
        self.table, self.key = table, key

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__name__, [self.table, self.key], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        vendor = schema_editor.connection.vendor
        for statement in [*lifted(vendor, self.table), *guards(vendor, self.table, self.key)]:
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in lifted(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Let {self.table} only grow"


def tables() -> list[str]:
    """Return the tables of the models that say they are append-only."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def guarded(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the tables of this database whose guards stand."""
    asked = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgenabled IN ('O', 'A')",
    }[connection.vendor]
    wanted = {"sqlite": ("update", "delete", "replace"), "postgresql": ("update", "truncate")}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(asked)
        found = set(cursor.fetchall())
    return {table for table, _ in found if all((table, _name(table, what)) in found for what in wanted)}


def check(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Find append-only tables whose guards are gone (run with `check --database default`, and by `opentaper serve`)."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        there = set(connection.introspection.table_names())
        standing = guarded(connection)
        found += [
            Error(
                f"{table} can be changed: its triggers are gone", hint="Migrate with AppendOnly.", id="opentaper.E001"
            )
            for table in tables()
            if table in there and table not in standing
        ]
    return found
