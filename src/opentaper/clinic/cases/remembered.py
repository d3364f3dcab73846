"""Where cases stood when this process last read or wrote them, so that only what came after is read.

What is remembered counts for nothing by itself: it is used only where the hash that it came to still stands in the record.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass

from opentaper.record import History

MOST_KIB = 10_000
"""About how much a process remembers of all cases together."""
EVENT_KIB, VERSION_KIB = 1, 50
"""What an event takes in memory, and a version of a plan with the case that it is for; measured on the demonstration."""

Place = tuple[uuid.UUID, uuid.UUID, dt.date]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where a case stood, and the hash of the last event of it."""

    history: History
    mark: str

    @property
    def kib(self) -> int:
        return EVENT_KIB * self.history.number + VERSION_KIB * len(self.history.versions)


_kept: OrderedDict[Place, Remembered] = OrderedDict()
_one_at_a_time = threading.Lock()


def up_to(clinic: uuid.UUID, case: uuid.UUID, number: int, today: dt.date) -> Remembered | None:
    """Return where a case stood, if it is remembered and went no further than an event."""
    with _one_at_a_time:
        found = _kept.get((clinic, case, today))
        if found is None or found.history.number > number:
            return None
        _kept.move_to_end((clinic, case, today))
        return found


def keep(clinic: uuid.UUID, case: uuid.UUID, today: dt.date, history: History, mark: str) -> None:
    """Remember where a case stands; those that were asked for the longest time ago are forgotten."""
    with _one_at_a_time:
        _kept[clinic, case, today] = Remembered(history, mark)
        _kept.move_to_end((clinic, case, today))
        while len(_kept) > 1 and sum(each.kib for each in _kept.values()) > MOST_KIB:
            _kept.popitem(last=False)


def forget() -> None:
    """Forget every case."""
    with _one_at_a_time:
        _kept.clear()
