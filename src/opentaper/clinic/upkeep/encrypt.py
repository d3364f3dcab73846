"""Encrypt the clinic's SQLite file, or give it another key: written anew, compared, and only then in the old one's place.

What is there at any moment is either the old file, whole, or the new one, whole. Only SQLCipher opens the file here, plain
or not: two SQLites in one process would take each other's locks away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from opentaper.clinic.settings.cipher import away, database_key, keyed
from opentaper.clinic.upkeep.copy import CopyError, clinics_of, judge, links
from opentaper.clinic.upkeep.head import Heads
from opentaper.clinic.upkeep.key import put, settle
from opentaper.record import Head

CHUNK = 1 << 20
SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """A database that was written anew.

    Args:
        names: of its clinics, by their keys.
        heads: how far the record of each goes in it.
        left: why the old file could not be overwritten, if so.
    """

    names: Mapping[str, str]
    heads: Mapping[str, Head]
    left: str = ""


def the_file() -> Path:
    """Return where the clinic's SQLite file lies, if it has one.

    Raises:
        CopyError: the clinic lies in PostgreSQL.
    """
    described = settings.DATABASES["default"]
    if not described["ENGINE"].endswith("sqlite3"):
        raise CopyError("this clinic does not lie in an SQLite file; encrypt the disk of its PostgreSQL")
    # A name that points to the file stays as it is: what it points to is what must not stay plain.
    return Path(described["NAME"]).resolve()


def key_in(file: Path, database: Path) -> str:
    """Return the key in a file, which is made where there is none: on the disk before anything depends on it.

    Raises:
        CopyError: it cannot be read or made, or others can read it.
    """
    try:
        away(file, database.parent)
        if not file.exists():
            put(file, f"{secrets.token_hex(32)}\n".encode())
        return database_key(file, database.parent)
    except ImproperlyConfigured as problem:
        raise CopyError(str(problem)) from None
    except OSError as problem:
        raise CopyError(f"{file}: {problem.strerror}; no key was made") from None


def encrypt(database: Path, heads: Heads, key: str, before: str = "") -> Anew:
    """Write the database anew under a key, and put it in the place of the old one, which is overwritten.

    Args:
        database: the file, in which nobody works meanwhile.
        heads: what was exported: the record must reach it.
        key: the one to encrypt with.
        before: the one that it is encrypted with now, if it is.

    Raises:
        CopyError: nothing was changed.
    """
    keyed(key)  # says so where there is no SQLCipher
    from sqlcipher3 import dbapi2

    new = database.with_name(f"{database.name}.new")
    try:
        _ours_alone(database)
        with _locked(database, before) as (old, handle):
            try:
                _written(old, new, key)
                with closing(_open(new, key)) as made:
                    found, names = _same(old, made, heads, database), clinics_of(made)
                _on_disk(new)
                new.replace(database)
            finally:
                new.unlink(missing_ok=True)
            return Anew(names=names, heads=found, left=_away(handle, database))
    except dbapi2.OperationalError as problem:
        if "locked" not in str(problem):
            raise CopyError(f"{database} cannot be written anew ({problem}); nothing was changed") from None
        raise CopyError(f"somebody works in {database}; stop opentaper serve first; nothing was changed") from None
    except (dbapi2.Error, OSError) as problem:
        # The message of another error may quote a row.
        raise CopyError(f"{database} cannot be written anew ({type(problem).__name__}); nothing was changed") from None


def _ours_alone(database: Path) -> None:
    """This function will refuse a file of somebody else, who could not open the new one, and one with a second name."""
    told = database.stat()
    if told.st_uid != os.geteuid():
        raise CopyError(f"{database} belongs to another user; run this as the one whom the clinic runs as")
    if told.st_nlink > 1:
        raise CopyError(
            f"{database} has a second name (a hard link), under which it would stay as it is; remove that first"
        )


def _open(file: Path, key: str) -> Any:
    from sqlcipher3 import dbapi2

    if not key:
        return dbapi2.connect(file, isolation_level=None)
    return dbapi2.connect(file, isolation_level=None, factory=keyed(key))


@contextmanager
def _locked(database: Path, key: str) -> Iterator[tuple[Any, int]]:
    """This function will open the database, brought together from its log, so that nobody else reads or writes in it."""
    # Open for as long as the connection: to close it takes SQLite's locks on the file away.
    handle = os.open(database, os.O_RDWR)
    try:
        with closing(_open(database, key)) as old:
            old.execute("PRAGMA temp_store=MEMORY")
            # Leaving the log needs everybody else gone. It writes, and so with a journal, which a lock that stays would keep.
            old.execute("PRAGMA main.journal_mode=DELETE").fetchall()
            # What is locked from here on stays so until the end; nothing is written, so that there is no journal of it.
            old.execute("PRAGMA main.locking_mode=EXCLUSIVE").fetchall()
            old.execute("BEGIN EXCLUSIVE")
            old.execute("COMMIT")
            theirs = not os.path.samestat(os.fstat(handle), database.stat())  # somebody else wrote it anew meanwhile
            if theirs or _beside(database) or old.execute("PRAGMA main.journal_mode").fetchone() != ("delete",):
                raise CopyError(f"somebody works in {database}; stop opentaper serve first; nothing was changed")
            yield old, handle
    finally:
        os.close(handle)


def _beside(database: Path) -> bool:
    """This function will return whether a log or a journal lies beside: the new file must never be taken for theirs."""
    return any(database.with_name(f"{database.name}{end}").exists() for end in ("-wal", "-journal"))


def _written(old: Any, new: Path, key: str) -> None:
    """This function will write everything into a new file, under the key."""
    new.unlink(missing_ok=True)
    new.touch(0o600)
    old.execute("ATTACH ? AS made KEY ?", (str(new), f"x'{key}'"))
    # If it is not finished it is thrown away, so that it needs no journal.
    old.execute("PRAGMA made.journal_mode=OFF").fetchall()
    old.execute("SELECT sqlcipher_export('made')").fetchall()
    for what in ("user_version", "application_id"):
        [number] = old.execute(f"PRAGMA main.{what}").fetchone()
        old.execute(f"PRAGMA made.{what}={number}")
    old.execute("DETACH made")


def _same(old: Any, made: Any, heads: Heads, shown: Path) -> Mapping[str, Head]:
    """This function will compare everything, row by row, and return the heads."""
    for bad in ("PRAGMA cipher_integrity_check", "PRAGMA foreign_key_check"):
        if made.execute(bad).fetchone() is not None:
            raise CopyError(f"what was written anew of {shown} is not whole; nothing was changed")
    if made.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise CopyError(f"what was written anew of {shown} is not whole; nothing was changed")
    tables = [name for kind, name, *_ in old.execute(SCHEMA).fetchall() if kind == "table"]
    for asked in (SCHEMA, *(f'SELECT * FROM "{table}" ORDER BY rowid' for table in tables)):
        here, there = _rows(old, asked), _rows(made, asked)
        if any(row != again for row, again in zip_longest(here, there)):
            raise CopyError(f"what was written anew of {shown} is not the same; nothing was changed")
    if not {"cases_row", "people_clinic"} <= set(tables):
        raise CopyError(f"{shown} holds no clinic; nothing was changed")
    try:
        found, again = _judged(old, heads, shown), _judged(made, heads, shown)
    except CopyError as problem:
        raise CopyError(f"{problem}; nothing was changed") from None
    if found != again:
        raise CopyError(f"the heads of what was written anew of {shown} are others; nothing was changed")
    return found


def _judged(connection: Any, heads: Heads, shown: Path) -> Mapping[str, Head]:
    return judge(clinics_of(connection), lambda clinic: links(connection, clinic), heads, shown)


def _rows(connection: Any, asked: str) -> Iterator[Any]:
    """This function will yield rows with text and bytes told apart, and text that is no Unicode as it is."""
    connection.text_factory = lambda raw: ("text", raw)
    try:
        yield from connection.execute(asked)
    finally:
        connection.text_factory = str


def _on_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _away(handle: int, database: Path) -> str:
    """This function will overwrite the old file, which has no name any more, and return why it could not.

    Whoever had it open and waited for the lock then finds no database, and is not told "done" of a file that is gone.
    """
    try:
        # Not before the new name is on the disk: after a power cut the old file could be the one with the name.
        settle(database.parent)
        told = os.fstat(handle)
        if told.st_nlink:
            return "it got a second name meanwhile"
        for at in range(0, told.st_size, CHUNK):
            os.pwrite(handle, bytes(min(CHUNK, told.st_size - at)), at)
        os.fsync(handle)
    except OSError as problem:
        return str(problem.strerror)
    return ""
