"""Make a copy of a running clinic that is whole, and take one back."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader

from opentaper.clinic import isolation
from opentaper.clinic.jobs.models import Job
from opentaper.clinic.people.models import Session
from opentaper.clinic.upkeep import postgres
from opentaper.clinic.upkeep.audit import Looked, look
from opentaper.clinic.upkeep.copy import DUMP, CopyError, examine, header, judge, opened
from opentaper.clinic.upkeep.head import Heads, clinics, whole_chain
from opentaper.clinic.upkeep.key import PUBLIC, settle
from opentaper.record import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was made: how far the record of each clinic goes in it, and what is wrong with the record itself."""

    heads: Mapping[str, Head]
    problem: str = ""


def backup(file: Path, heads: Heads) -> Copied:
    """Copy the whole clinic into a file, while it goes on; beside it, as `….heads`, what was exported by then.

    What is broken is copied too, for it is evidence, and said.

    Args:
        file: a new one; it is there whole or not at all.
        heads: what was exported: the copy must reach it.

    Raises:
        CopyError: it cannot be made.
    """
    beside = file.with_name(f"{file.name}.heads")
    for each in (file, beside):
        if each.exists():
            raise CopyError(f"{each} is there already; a copy is never written over another")
    # Read before the copy begins, so that the copy reaches them.
    exported = settings.HEADS.read_bytes() if settings.HEADS.exists() else b""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        if connection.vendor == "sqlite":
            copied = _sqlite_copy(part, heads, file)
        else:
            _postgresql_copy(part)
            copied = _as_recorded(heads, file)
        _on_disk(part)
        if exported:
            beside.write_bytes(exported)
            _on_disk(beside)
        part.replace(file)
        settle(file.parent)
    except (OSError, sqlite3.Error) as problem:
        raise CopyError(f"{file} cannot be written ({problem})") from None
    finally:
        part.unlink(missing_ok=True)
    return copied


def _sqlite_copy(part: Path, heads: Heads, file: Path) -> Copied:
    if not Path(settings.DATABASES["default"]["NAME"]).exists():
        raise CopyError("there is no clinic here to copy; OPENTAPER_DATA or OPENTAPER_DATABASE names one")
    connection.ensure_connection()
    part.touch(0o600)
    with closing(opened(part)) as copy:
        # All pages in one go: writers go on, and none of what they write later comes in.
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").fetchall()
    try:
        return Copied(heads=examine(part, heads, file))
    except CopyError as problem:
        return Copied(heads={}, problem=str(problem))


def _postgresql_copy(part: Path) -> None:
    reader = connections[settings.READS_ALL]
    if not isolation.reads_all(reader):
        raise CopyError(
            f"{reader.settings_dict['USER']} sees one clinic at a time, so that a copy would lack the others; "
            "OPENTAPER_DATABASE_BACKUP has to name a role that reads every clinic's rows (BYPASSRLS)"
        )
    postgres.dump(reader, part)


def _as_recorded(heads: Heads, file: Path) -> Copied:
    """This function will look at the record that was just dumped: a dump itself can only be read back."""
    try:
        return Copied(heads=judge(clinics(), whole_chain, heads, file))
    except CopyError as problem:
        return Copied(heads={}, problem=str(problem))


def _on_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def restore(file: Path, heads: Heads, today: dt.date) -> list[Looked]:
    """Take a copy back into an empty clinic, and return what an audit then finds. Everybody must log in anew.

    Raises:
        CopyError: nothing was restored.
    """
    if heads.problems:
        raise CopyError(f"nothing was restored: {heads.problems[0]}")
    try:
        with file.open("rb") as opened:
            dumped = opened.read(len(DUMP)) == DUMP
        if connection.vendor == "sqlite":
            _into_sqlite(file, heads)
        else:
            _into_postgresql(file, dumped)
    except OSError as problem:
        raise CopyError(f"{problem.filename or file}: {problem.strerror}; nothing was restored") from None
    try:
        _not_newer(file)
        call_command("migrate", database=settings.MIGRATES, verbosity=0, interactive=False)
        judge(clinics(), whole_chain, heads, file)
        found = list(look(heads, today))
        if broken := next((each for each in found if not each.whole), None):
            raise CopyError(f"{file} is broken: {broken.says}")
        Session.objects.all().delete()
        Job.objects.filter(done_at=None).update(leased_until=None, worker="")
    except DatabaseError as problem:
        # Its message may quote a row.
        _undone()
        raise CopyError(
            f"{file} cannot be brought up to date ({type(problem).__name__}); nothing was restored"
        ) from None
    except BaseException:
        _undone()
        raise
    return found


def _into_sqlite(file: Path, heads: Heads) -> None:
    database = Path(settings.DATABASES["default"]["NAME"])
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _nothing_there(database)
    part = database.with_name(f"{database.name}.part")
    # Before anything of it is written: a plain copy has no place beside an encrypted clinic, for however short.
    header(file, file)
    try:
        part.unlink(missing_ok=True)
        part.touch(0o600)
        # Looked at is the copy that will be used, not the file, which somebody could change meanwhile.
        shutil.copyfile(file, part)
        examine(part, heads, file)
        _on_disk(part)
        os.link(part, database)  # refuses where a database came into being meanwhile
        settle(database.parent)
    finally:
        part.unlink(missing_ok=True)


def _nothing_there(database: Path) -> None:
    """This function will refuse a place where a database is, or what is left of one."""
    if database.exists():
        if connection.introspection.table_names():
            raise CopyError(f"{database} is a database that is not empty; restore into an empty OPENTAPER_DATA")
        connection.close()
        database.unlink()
    for left in (database.with_name(f"{database.name}{end}") for end in ("-wal", "-journal", "-shm")):
        if left.exists():
            raise CopyError(f"{left} is left of another database; restore into an empty OPENTAPER_DATA")


def _into_postgresql(file: Path, dumped: bool) -> None:
    if not dumped:
        raise CopyError(f"{file} is no backup of a PostgreSQL clinic, and OPENTAPER_DATABASE names one")
    owner = connections[settings.MIGRATES]
    if owner.introspection.table_names():
        raise CopyError("the database that OPENTAPER_DATABASE names is not empty; restore into an empty one")
    owner.close()
    try:
        postgres.load(owner, file)
    except CopyError as problem:
        raise CopyError(f"{file} cannot be restored; it may be cut off or damaged: {problem}") from None
    if not {"cases_row", "people_clinic", "django_migrations"} <= set(owner.introspection.table_names()):
        _undone()
        raise CopyError(f"{file} holds no clinic")


def _not_newer(file: Path) -> None:
    loader = MigrationLoader(connections[settings.MIGRATES])
    ahead = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if ahead:
        raise CopyError(f"{file} was made by a newer version of this program, which knows {'.'.join(ahead[0])}")


def _undone() -> None:
    """This function will take back what was restored, so that nobody works with it."""
    if connection.vendor == "postgresql":
        # Who still reads a table would keep it from being dropped.
        for alias in {"default", settings.READS_ALL} - {settings.MIGRATES}:
            connections[alias].close()
        postgres.empty(connections[settings.MIGRATES])
        return
    connection.close()
    database = Path(settings.DATABASES["default"]["NAME"])
    for end in ("", "-wal", "-shm", "-journal"):
        database.with_name(f"{database.name}{end}").unlink(missing_ok=True)


def lost(newest: Heads, restored: list[Looked]) -> list[str]:
    """Return a sentence for each clinic of which later rows were exported than a copy has."""
    told = []
    for each in restored:
        head = newest.newest.get(each.clinic)
        if head and isinstance(each.found, Head) and head.place > each.found.place:
            rows = f"rows {each.found.place + 1} to {head.place}"
            told.append(f"lost: {each.name or each.clinic}: {rows} were recorded after this copy was made")
    return told


def adopt(heads: Path, key: Path | None) -> None:
    """Keep the heads and public keys that a copy was restored by, where this clinic has none: it goes on from them."""
    if heads != settings.HEADS and not settings.HEADS.exists():
        settings.HEADS.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(heads, settings.HEADS)
    keys = key or heads.parent / PUBLIC
    for place in {settings.DATA / PUBLIC, settings.HEADS.parent / PUBLIC}:
        if not place.exists():
            shutil.copyfile(keys, place)
