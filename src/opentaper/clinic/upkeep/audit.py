"""Is the record of every clinic what was recorded?"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from opentaper.clinic import isolation
from opentaper.clinic.cases.record import audit
from opentaper.clinic.upkeep.head import Heads, clinics
from opentaper.record import Broken, Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What an audit found of one clinic.

    Args:
        clinic: its key.
        name: as people call it; nothing where only its record or its head is left.
        found: how far its record goes, or the first row that is not what was recorded.
        against: the newest head that it had to pass through, if one was exported.
    """

    clinic: str
    name: str
    found: Head | Broken
    against: Head | None

    @property
    def whole(self) -> bool:
        return isinstance(self.found, Head)

    @property
    def says(self) -> str:
        """The whole of it in a sentence."""
        who = f"{self.name or 'a clinic without a name'} ({self.clinic})"
        if isinstance(self.found, Broken):
            return f"broken: {who}: {self.found.says}"
        far = f"through row {self.against.place} as exported" if self.against else "no head of it was exported"
        return f"whole: {who}: {self.found.place} rows, {far}"

    def plain(self) -> dict[str, object]:
        """Return it as a document has it."""
        broken = isinstance(self.found, Broken)
        return {
            "clinic": self.clinic,
            "name": self.name,
            "whole": not broken,
            "rows": None if isinstance(self.found, Broken) else self.found.place,
            "hash": None if isinstance(self.found, Broken) else self.found.hash,
            "first_bad_row": self.found.place if broken else None,
            "says": self.says,
            "exported": self.against.place if self.against else None,
        }


def unseen() -> str:
    """Return what an audit of this database cannot see; nothing where it sees all."""
    if isolation.reads_all(connections[settings.READS_ALL]):
        return ""
    return (
        "PostgreSQL shows one clinic at a time: a record whose clinic is gone was not looked for. "
        "OPENTAPER_DATABASE_BACKUP names a role that sees it."
    )


def look(heads: Heads, today: dt.date) -> Iterator[Looked]:
    """Audit every clinic of this database, and every one of which a head was exported."""
    there = clinics()
    for clinic in [*there, *(each for each in heads.newest if each not in there)]:
        against = heads.newest.get(clinic)
        yield Looked(
            clinic=clinic,
            name=there.get(clinic, ""),
            found=audit(uuid.UUID(clinic), today, against, using=settings.READS_ALL),
            against=against,
        )
