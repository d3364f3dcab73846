"""One clinic at a time: PostgreSQL itself shows and takes only the rows of the clinic that a transaction is for.

Whoever reads a table that has a `clinic_id` does it within `reading(clinic)`, whoever writes within `writing(clinic)`;
outside of them PostgreSQL shows no rows and takes none. A migration of any app says `Isolated("cases_row")` after it made
the table. On SQLite the queries alone keep clinics apart.

The clinic is told to PostgreSQL for one transaction and never for a session, or a connection that is used again would
show the next request what the last one was allowed to see.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from opentaper.clinic.append_only import tables as append_only_tables

OWNER, BACKUP = "owner", "backup"
POLICY = "own_clinic"
OPEN = {"people_person": "at log-in somebody is found before it is known to which clinic they belong"}
"""Tables with a clinic that are open to all of them, each with its reason."""

# Once a transaction has set it, a session remembers it as empty text, which is no UUID.
CLINIC = "NULLIF(current_setting('app.clinic', true), '')::uuid"


@contextmanager
def writing(clinic: uuid.UUID, using: str | None = None) -> Iterator[None]:
    """Do what is inside in one transaction, for one clinic; in the clinic's database, or in another that is open."""
    asked = connections[using or DEFAULT_DB_ALIAS]
    nested = asked.in_atomic_block
    with transaction.atomic(using=using):
        before = _told(asked) if nested else ""
        _tell(asked, str(clinic))
        yield
        # What is inside another transaction gives it back its clinic; a failure does it by rolling back.
        if nested:
            _tell(asked, before)


@contextmanager
def reading(clinic: uuid.UUID, using: str | None = None) -> Iterator[None]:
    """Read what is inside for one clinic; from the clinic's database, or from another that is open.

    PostgreSQL needs a transaction for it. On SQLite there is none: it would shut every writer out.
    """
    if connections[using or DEFAULT_DB_ALIAS].vendor != "postgresql":
        yield
        return
    with writing(clinic, using):
        yield


def _told(asked: BaseDatabaseWrapper) -> str:
    if asked.vendor != "postgresql":
        return ""
    with asked.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.clinic', true)")
        [[found]] = cursor.fetchall()
    return found or ""


def _tell(asked: BaseDatabaseWrapper, clinic: str) -> None:
    if asked.vendor == "postgresql":
        with asked.cursor() as cursor:
            cursor.execute("SELECT set_config('app.clinic', %s, true)", [clinic])


def tables() -> list[str]:
    """Return the tables of which each clinic sees its own rows only: every one with a clinic that is not open."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if any(field.column == "clinic_id" for field in model._meta.concrete_fields)
        and model._meta.db_table not in OPEN
    )


class Isolated(Operation):
    """The migration operation that shows each clinic its own rows of a table only."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__name__, [self.table], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in (*opened(self.table), *isolating(self.table)):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in opened(self.table):
                schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Show each clinic its own rows of {self.table} only"


def isolating(table: str) -> list[str]:
    """Return the SQL that shows each clinic its own rows only, and takes no other's: from the owner of the table too."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY "{POLICY}" ON "{table}" USING (clinic_id = {CLINIC}) WITH CHECK (clinic_id = {CLINIC})',
    ]


def opened(table: str) -> list[str]:
    """Return the SQL that takes this away."""
    return [
        f'DROP POLICY IF EXISTS "{POLICY}" ON "{table}"',
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
    ]


def grant(*, using: str, **_: Any) -> None:
    """Let the application's role read and write what it needs, after the owner migrated: tables that only grow, only so."""
    owner, kept = connections[using], set(append_only_tables())
    if owner.vendor != "postgresql" or settings.DATABASE_ROLE in ("", owner.settings_dict["USER"]):
        return
    role = owner.ops.quote_name(settings.DATABASE_ROLE)
    with transaction.atomic(using=using), owner.cursor() as cursor:
        for table in owner.introspection.table_names(cursor):
            may = "SELECT, INSERT" if table in kept else "SELECT, INSERT, UPDATE, DELETE"
            if table == "django_migrations":
                may = "SELECT"
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {role}')
            cursor.execute(f'GRANT {may} ON "{table}" TO {role}')


def isolated(found: BaseDatabaseWrapper) -> set[str]:
    """Return the tables of a PostgreSQL whose policy stands and binds their owner too, with no second policy beside it."""
    with found.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity "
            "GROUP BY c.relname HAVING array_agg(p.polname::text) = ARRAY[%s]",
            [POLICY],
        )
        return {table for (table,) in cursor.fetchall()}


def mighty(found: BaseDatabaseWrapper) -> str:
    """Return why the role of a connection could see every clinic's rows; nothing when it could not."""
    role, is_super, bypasses = _role(found)
    if is_super:
        return f"{role} is a superuser"
    if bypasses:
        return f"{role} bypasses row-level security"
    return f"{role} owns the tables" if _owns(found) else ""


def reads_all(found: BaseDatabaseWrapper) -> bool:
    """Return whether a connection sees the rows of every clinic at once."""
    return found.vendor != "postgresql" or any(_role(found)[1:])


def writes(found: BaseDatabaseWrapper) -> str:
    """Return why the role that reads every clinic's rows could change them; nothing when it could not."""
    role, is_super, _ = _role(found)
    if is_super:
        return f"{role} is a superuser"
    if _owns(found):
        return f"{role} owns the tables"
    with found.cursor() as cursor:
        cursor.execute(
            "SELECT min(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
            "AND has_table_privilege(current_user, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        [[table]] = cursor.fetchall()
    return f"{role} may write to {table}" if table else ""


def _role(found: BaseDatabaseWrapper) -> tuple[str, bool, bool]:
    """This function will return the name of a connection's role, and whether it is a superuser or bypasses policies."""
    with found.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        [(role, is_super, bypasses)] = cursor.fetchall()
    return role, is_super, bypasses


def _owns(found: BaseDatabaseWrapper) -> bool:
    with found.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND pg_has_role(current_user, relowner, 'MEMBER')",
            [tables()],
        )
        [[owned]] = cursor.fetchall()
    return bool(owned)


def check(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Find tables of a PostgreSQL that show a clinic another one's rows, and a role that could see them all the same."""
    wrong: list[CheckMessage] = []
    for alias in databases or ():
        found = connections[alias]
        if found.vendor != "postgresql" or _to_migrate(found):  # `migrate` asks before it has made them
            continue
        wrong += [
            Error(f"{table} shows every clinic's rows", hint="Migrate with Isolated.", id="opentaper.E004")
            for table in sorted(set(tables()) - isolated(found))
        ]
        if alias == BACKUP:
            if why := writes(found):
                says = f"the role that makes copies could change what it copies: {why}"
                hint = "Let OPENTAPER_DATABASE_BACKUP name a role that reads and no more."
                wrong.append(Error(f"{says}. {hint}", hint=hint, id="opentaper.E006"))
            continue
        if alias != OWNER and (why := mighty(found)):
            says = f"the clinic could see every clinic's rows: {why}"
            hint = "Let OPENTAPER_DATABASE_OWNER migrate, and OPENTAPER_DATABASE name a role that owns nothing."
            wrong.append(Error(f"{says}. {hint}", hint=hint, id="opentaper.E005"))
    return wrong


def _to_migrate(found: BaseDatabaseWrapper) -> bool:
    executor = MigrationExecutor(found)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
