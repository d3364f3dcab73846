"""Who checked what: review state is computed from signed digests, so that nobody can type "reviewed"."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from opentaper.frozen import dataclass
from opentaper.knowledge.table import Table


class ReviewState(Enum):
    """How far a file of the base has been checked by a named person."""

    REVIEWED = "reviewed"
    OVERDUE = "overdue"
    CHANGED = "changed"
    DRAFT = "draft"

    @property
    def says(self) -> str:
        return {
            ReviewState.REVIEWED: "reviewed",
            ReviewState.OVERDUE: "pending review: the last review is out of date",
            ReviewState.CHANGED: "pending review: changed since it was signed",
            ReviewState.DRAFT: "pending review: nobody has signed it yet",
        }[self]


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of parsed content: the same for any layout or comments, another for any changed value."""
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def digest_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of a file as it lies there: another for any change, layout and comments included."""
    return hashlib.sha256(content).hexdigest()


class Digests(Mapping[str, str]):
    """The digest of each file by its name, taken when it is first asked for: a start need not wait for all of them."""

    def __init__(self, take: Mapping[str, Callable[[], str]]) -> None:
        self._take, self._taken = take, dict[str, str]()

    def __getitem__(self, name: str) -> str:
        if name not in self._taken:
            self._taken[name] = self._take[name]()
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._take)

    def __len__(self) -> int:
        return len(self._take)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signoff:
    """A named person's statement that a file was right on a day."""

    of: str
    digest: str
    by: str
    role: str
    on: dt.date
    due: dt.date

    @classmethod
    def read(cls, table: Table) -> Signoff:
        signoff = cls(
            of=table.text("of"),
            digest=table.text("digest"),
            by=table.text("by"),
            role=table.text("role"),
            on=table.date("on"),
            due=table.date("due"),
        )
        table.done()
        return signoff


def review_state(of: str, digests: Mapping[str, str], signoffs: Iterable[Signoff], as_of: dt.date) -> ReviewState:
    """Return the state of a file on a day: the newest signature that counts then decides."""
    signed = [each for each in signoffs if each.of == of and each.on <= as_of]
    if not signed:
        return ReviewState.DRAFT
    valid = [each for each in signed if each.digest == digests[of]]
    if not valid:
        return ReviewState.CHANGED
    return ReviewState.REVIEWED if max(each.due for each in valid) >= as_of else ReviewState.OVERDUE
