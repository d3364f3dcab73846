"""Look into a copy of an SQLite clinic: is it whole, is it of this clinic, and is it as new as the heads say?"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from django.conf import settings

from opentaper.clinic.settings.cipher import MAGIC, SETTING
from opentaper.clinic.upkeep.head import Heads
from opentaper.record import Broken, Head, Link, verify

DUMP = b"PGDMP"
NOT_ENCRYPTED = "file is not a database"
"""What SQLite says of a file that a key does not open."""

Chain = Callable[[str], Iterator[Link]]


class CopyError(Exception):
    """A copy cannot be made, or must not be restored; one sentence says why."""


def opened(path: Path) -> sqlite3.Connection:
    """Return a copy, opened as the clinic's own database is: with its key, if it has one."""
    factory: type[sqlite3.Connection] = settings.DATABASES["default"]["OPTIONS"].get("factory", sqlite3.Connection)
    return sqlite3.connect(path, factory=factory)


def keyed() -> bool:
    """Return whether the clinic's own database is encrypted, and so every copy of it."""
    return "factory" in settings.DATABASES["default"]["OPTIONS"]


def examine(path: Path, heads: Heads | None, shown: Path) -> Mapping[str, Head]:
    """Return how far the record of each clinic in a copy goes.

    Args:
        path: the copy, which may be written to: SQLite does when it opens one.
        heads: what was exported; without any a copy that needs its log is refused, for nobody could tell what it lacks.
        shown: its name for people.

    Raises:
        CopyError: it must not be restored.
    """
    header(path, shown)
    try:
        with closing(opened(path)) as copy:
            # What it says before anything else: `opentaper backup` makes none that has a log.
            [before] = copy.execute("PRAGMA journal_mode").fetchone()
            bare = before == "wal"
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"cases_row", "people_clinic", "django_migrations"} <= tables:
                more = "; it is the bare file of a running one, without its log" if bare else ""
                raise CopyError(f"{shown} is an SQLite file, but holds no clinic{more}")
            [found] = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise CopyError(f"{shown} is damaged: SQLite says {' '.join(str(found).split())}")
            # It authenticates every page, those that nothing uses too; of what is not encrypted it says nothing.
            if (strange := copy.execute("PRAGMA cipher_integrity_check").fetchone()) is not None:
                raise CopyError(f"{shown} is damaged: SQLCipher says {strange[0]}")
            if copy.execute("PRAGMA foreign_key_check").fetchone():
                raise CopyError(f"{shown} is damaged: rows name others that are not there")
            if bare and (heads is None or not heads.newest):
                raise CopyError(
                    f"{shown} is the bare file of a running database, whose latest entries lie in a log beside it; "
                    "copy with opentaper backup, or give --as-of-heads to see whether anything is missing"
                )
            try:
                return judge(clinics_of(copy), lambda clinic: links(copy, clinic), heads, shown)
            except CopyError as problem:
                more = "; it is the bare file of a running database, without its log" if bare else ""
                raise CopyError(f"{problem}{more}") from None
    except sqlite3.Error as problem:
        if str(problem) == NOT_ENCRYPTED and keyed():
            raise CopyError(
                f"{shown} does not open with the key that {SETTING} names: it has another, or is no backup of a clinic"
            ) from None
        # How long an encrypted file was is itself encrypted.
        what = "cut off or damaged" if keyed() else "damaged"
        raise CopyError(f"{shown} is {what}: SQLite says {problem}") from None


def judge(there: Mapping[str, str], chain: Chain, heads: Heads | None, shown: object) -> Mapping[str, Head]:
    """Return how far the record of each clinic goes, if each is whole and as far as the heads.

    Args:
        there: the name of each clinic of the copy by its key.
        chain: the chain of one of them.
        heads: what was exported.
        shown: the copy's name for people.

    Raises:
        CopyError: a record is broken, older than its head, or of another installation.
    """
    newest = heads.newest if heads else {}
    if newest and not set(newest) & set(there):
        raise CopyError(f"{shown} is of another installation than the heads: it has none of their clinics")
    for clinic in newest:
        if clinic not in there:
            raise CopyError(f"{shown} lacks the clinic {clinic}, whose head was exported: it is older than that")
    found = {}
    for clinic, name in there.items():
        whole = verify(clinic, chain(clinic))
        if isinstance(whole, Broken):
            raise CopyError(f"{shown} is broken: {name or clinic}: {whole.says}")
        head = newest.get(clinic)
        if head and whole.place < head.place:
            raise CopyError(
                f"{shown} is older than the newest exported head: {name or clinic} ends at row {whole.place}, and row "
                f"{head.place} was exported"
            )
        through = verify(clinic, chain(clinic), head)
        if isinstance(through, Broken):
            raise CopyError(f"{shown} is not what was recorded: {name or clinic}: {through.says}")
        found[clinic] = through
    return found


def header(path: Path, shown: Path) -> None:
    """Refuse what is seen by its first bytes to be no copy for this clinic.

    Raises:
        CopyError: it must not be restored.
    """
    with path.open("rb") as file:
        begins = file.read(100)
    if begins.startswith(DUMP):
        raise CopyError(f"{shown} is a copy of a PostgreSQL clinic; name an empty one with OPENTAPER_DATABASE")
    plain = begins.startswith(MAGIC)
    if len(begins) < 100 or not (plain or keyed()):
        raise CopyError(f"{shown} is no backup of a clinic, unless it is encrypted: then name its key with {SETTING}")
    if plain and keyed():
        raise CopyError(
            f"{shown} is not encrypted, and {SETTING} names a key; restore it without the key, and then run opentaper encrypt"
        )
    if keyed():
        return
    page = int.from_bytes(begins[16:18], "big")
    wanted = (65_536 if page == 1 else page) * int.from_bytes(begins[28:32], "big")
    size = path.stat().st_size
    if size < wanted:
        raise CopyError(f"{shown} is cut off: it has {size} of {wanted} bytes")


def clinics_of(copy: sqlite3.Connection) -> dict[str, str]:
    """Return the name of each clinic of a file, by its key; a record without its clinic has none."""
    recorded: Iterable[tuple[str]] = copy.execute("SELECT DISTINCT clinic_id FROM cases_row")
    found = {str(uuid.UUID(key)): "" for (key,) in recorded}
    return found | {str(uuid.UUID(key)): name for key, name in copy.execute("SELECT id, name FROM people_clinic")}


def links(copy: sqlite3.Connection, clinic: str) -> Iterator[Link]:
    """Yield the chain of one clinic of a file."""
    rows = copy.execute(
        "SELECT place, case_id, content, before, hash FROM cases_row WHERE clinic_id = ? ORDER BY place, id",
        [uuid.UUID(clinic).hex],
    )
    for place, case, content, before, hash_ in rows:
        yield Link(place=place, case=str(uuid.UUID(case)), content=content, before=before, hash=hash_)
