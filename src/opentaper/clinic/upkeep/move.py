"""Move a clinic from its SQLite file to PostgreSQL: every row as it is, its chain with it, or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from opentaper.clinic.cases.models import Row
from opentaper.clinic.cases.record import audit, chain
from opentaper.clinic.people.models import Access
from opentaper.clinic.settings.store import database
from opentaper.clinic.upkeep import postgres
from opentaper.clinic.upkeep.copy import CopyError
from opentaper.clinic.upkeep.head import Heads, clinics
from opentaper.record import Broken, Head, verify

TARGET = "target"
COUNTS = settings.CACHES["default"]["LOCATION"]
"""The table in which limits on guessing and used codes are counted; it belongs to no model."""
NOT_CARRIED = {"django_migrations", "sqlite_sequence"}
"""Tables that each database keeps about itself."""
AT_ONCE = 500
CLOSED = (Row._meta.db_table, Access._meta.db_table)
"""The tables that take no more rows in a file that was moved: no event, and no look at a page."""


def move(address: str, heads: Heads, today: dt.date) -> Mapping[str, Head]:
    """Copy everything into an empty PostgreSQL, compare every row, and return the head of each clinic there.

    Nobody can write to the SQLite file meanwhile, and afterwards nobody can work in it; what it holds stays as it is.

    Args:
        address: postgres://…
        heads: what was exported: what is moved must reach it.
        today: for reading the events.

    Raises:
        CopyError: nothing was moved.
    """
    target = _target(address)
    names = clinics()
    with transaction.atomic():  # on SQLite from its begin the only writer
        before = {clinic: _whole(clinic, names[clinic], heads, today) for clinic in names}
        for clinic in heads.newest:
            if clinic not in names:
                raise CopyError(f"this clinic lacks {clinic}, whose head was exported; nothing was moved")
        try:
            call_command("migrate", database=TARGET, verbosity=0, interactive=False)
            _same_version(target)
            with transaction.atomic(using=TARGET):
                _carry(target)
            after = {clinic: verify(clinic, chain(uuid.UUID(clinic), TARGET)) for clinic in names}
            if after != before:
                raise CopyError("the heads there are not the heads here; nothing was moved")
            _close()
        except DatabaseError as problem:
            # Its message may quote a row.
            postgres.empty(target)
            raise CopyError(f"PostgreSQL did not take it ({type(problem).__name__}); nothing was moved") from None
        except BaseException:
            postgres.empty(target)
            raise
    return before


def _close() -> None:
    """This function will let the file be read and no longer worked in: whoever waited to write must not be told "done"."""
    with connection.cursor() as cursor:
        for table in CLOSED:
            cursor.execute(
                f'CREATE TRIGGER "{table}_moved" BEFORE INSERT ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'this clinic was moved to PostgreSQL'); END"
            )


def _target(address: str) -> BaseDatabaseWrapper:
    """This function will open the database to move to, which must be empty."""
    if connection.vendor != "sqlite":
        raise CopyError("this clinic does not lie in an SQLite file; a PostgreSQL is moved with backup and restore")
    try:
        described = database(address, settings.DATA)
    except ImproperlyConfigured:
        described = {"ENGINE": ""}
    if not described["ENGINE"].endswith("postgresql"):
        raise CopyError("--to wants the address of an empty PostgreSQL: postgres://who@host/name")
    all_of_them = connections.configure_settings({"default": {}, TARGET: described})
    connections.settings[TARGET] = all_of_them[TARGET]
    target = connections[TARGET]
    if target.introspection.table_names():
        raise CopyError("the database to move to is not empty; nothing was moved")
    return target


def _whole(clinic: str, name: str, heads: Heads, today: dt.date) -> Head:
    found = audit(uuid.UUID(clinic), today, heads.newest.get(clinic))
    if isinstance(found, Broken):
        raise CopyError(f"{name or clinic} is broken, so nothing was moved: {found.says}")
    return found


def _same_version(target: BaseDatabaseWrapper) -> None:
    if set(MigrationRecorder(target).applied_migrations()) != set(MigrationRecorder(connection).applied_migrations()):
        raise CopyError("this clinic is of another version than the program; run opentaper clinic migrate first")


def _models() -> list[type[models.Model]]:
    return [each for each in apps.get_models(include_auto_created=True) if each._meta.managed and not each._meta.proxy]


def _carry(target: BaseDatabaseWrapper) -> None:
    """This function will copy every table and read it back."""
    ours = _models()
    strange = set(connection.introspection.table_names()) - {each._meta.db_table for each in ours}
    if strange := strange - NOT_CARRIED - {COUNTS}:
        raise CopyError(f"there is a table that this program does not know: {min(strange)}; nothing was moved")
    with target.cursor() as cursor:
        # Foreign keys are looked at when everything is there.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    # What Django wrote about itself when the tables were made has other keys than here.
    Permission.objects.using(TARGET).all().delete()
    ContentType.objects.using(TARGET).all().delete()
    for model in ours:
        for one in model._base_manager.using("default").order_by("pk").iterator(AT_ONCE):
            # As it is: a row that is saved in the usual way would get the time of now.
            one.save_base(raw=True, using=TARGET, force_insert=True)
    _counts(target)
    for statement in target.ops.sequence_reset_sql(no_style(), ours):
        with target.cursor() as cursor:
            cursor.execute(statement)
    for model in ours:
        _same(model)


def _counts(target: BaseDatabaseWrapper) -> None:
    with connection.cursor() as here, target.cursor() as there:
        here.execute(f'SELECT cache_key, value, expires FROM "{COUNTS}"')
        for key, value, expires in here.fetchall():
            until = dt.datetime.fromisoformat(expires) if isinstance(expires, str) else expires
            until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
            there.execute(
                f'INSERT INTO "{COUNTS}" (cache_key, value, expires) VALUES (%s, %s, %s)', [key, value, until]
            )


def _same(model: type[models.Model]) -> None:
    """This function will read every row back and compare every value."""
    here, there = (model._base_manager.using(each) for each in ("default", TARGET))
    fields = [field.attname for field in model._meta.concrete_fields]
    different = None if here.count() == there.count() else "another number of rows"
    rows = here.order_by("pk").iterator(AT_ONCE)
    while different is None and (some := {row.pk: row for row in islice(rows, AT_ONCE)}):
        moved = there.in_bulk(list(some))
        if any(_values(row, fields) != _values(moved.get(pk), fields) for pk, row in some.items()):
            different = "another row"
    if different:
        raise CopyError(f"{model._meta.db_table} has {different} there; nothing was moved")


def _values(row: models.Model | None, fields: list[str]) -> list[Any]:
    found = [getattr(row, field, None) for field in fields]
    return [bytes(value) if isinstance(value, memoryview) else value for value in found]
