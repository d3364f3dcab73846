"""Look into a copy of an SQLite clinic: is it whole, is it of this clinic, and is it as new as the heads say?"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from opentaper.clinic.upkeep.head import Heads
from opentaper.record import Broken, Head, Link, verify

MAGIC, DUMP = b"SQLite format 3\0", b"PGDMP"
WITH_LOG = 2
"""What SQLite writes into a file's header while it has a write-ahead log."""

Chain = Callable[[str], Iterator[Link]]


class CopyError(Exception):
    """A copy cannot be made, or must not be restored; one sentence says why."""


def needs_log(path: Path) -> bool:
    """Return whether the latest of this SQLite file may lie in a log beside it: `opentaper backup` makes none such."""
    with path.open("rb") as file:
        return file.read(20)[18:19] == bytes([WITH_LOG])


def examine(path: Path, heads: Heads | None, shown: Path) -> Mapping[str, Head]:
    """Return how far the record of each clinic in a copy goes.

    Args:
        path: the copy, which may be written to: SQLite does when it opens one.
        heads: what was exported; without any a copy that needs its log is refused, for nobody could tell what it lacks.
        shown: its name for people.

    Raises:
        CopyError: it must not be restored.
    """
    _header(path, shown)
    bare = needs_log(path)
    try:
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"cases_row", "people_clinic", "django_migrations"} <= tables:
                more = "; it is the bare file of a running one, without its log" if bare else ""
                raise CopyError(f"{shown} is an SQLite file, but holds no clinic{more}")
            [found] = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise CopyError(f"{shown} is damaged: SQLite says {' '.join(str(found).split())}")
            if copy.execute("PRAGMA foreign_key_check").fetchone():
                raise CopyError(f"{shown} is damaged: rows name others that are not there")
            if bare and (heads is None or not heads.newest):
                raise CopyError(
                    f"{shown} is the bare file of a running database, whose latest entries lie in a log beside it; "
                    "copy with opentaper backup, or give --as-of-heads to see whether anything is missing"
                )
            try:
                return judge(_clinics(copy), lambda clinic: _links(copy, clinic), heads, shown)
            except CopyError as problem:
                more = "; it is the bare file of a running database, without its log" if bare else ""
                raise CopyError(f"{problem}{more}") from None
    except sqlite3.Error as problem:
        raise CopyError(f"{shown} is damaged: SQLite says {problem}") from None


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


def _header(path: Path, shown: Path) -> None:
    with path.open("rb") as file:
        header = file.read(100)
    if header.startswith(DUMP):
        raise CopyError(f"{shown} is a copy of a PostgreSQL clinic; name an empty one with OPENTAPER_DATABASE")
    if len(header) < 100 or not header.startswith(MAGIC):
        raise CopyError(f"{shown} is no backup of a clinic")
    page = int.from_bytes(header[16:18], "big")
    wanted = (65_536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
    size = path.stat().st_size
    if size < wanted:
        raise CopyError(f"{shown} is cut off: it has {size} of {wanted} bytes")


def _clinics(copy: sqlite3.Connection) -> dict[str, str]:
    recorded: Iterable[tuple[str]] = copy.execute("SELECT DISTINCT clinic_id FROM cases_row")
    found = {str(uuid.UUID(key)): "" for (key,) in recorded}
    return found | {str(uuid.UUID(key)): name for key, name in copy.execute("SELECT id, name FROM people_clinic")}


def _links(copy: sqlite3.Connection, clinic: str) -> Iterator[Link]:
    rows = copy.execute(
        "SELECT place, case_id, content, before, hash FROM cases_row WHERE clinic_id = ? ORDER BY place, id",
        [uuid.UUID(clinic).hex],
    )
    for place, case, content, before, hash_ in rows:
        yield Link(place=place, case=str(uuid.UUID(case)), content=content, before=before, hash=hash_)
