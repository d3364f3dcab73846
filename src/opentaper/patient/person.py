"""Who it is, as far as rules need to know; what nobody said stays unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

from opentaper.frozen import dataclass

UNKNOWN = "unknown"
ANSWERS = ("yes", "no", UNKNOWN)
SEXES = ("female", "male", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A person. None means that nobody has said; an empty tuple means that somebody said "none"."""

    born: dt.date | None
    sex: str | None
    weight_kg: Fraction | None
    indication: str | None
    conditions: tuple[str, ...] | None
    other_conditions: tuple[str, ...]
    screening: Mapping[str, str]

    def age(self, on: dt.date) -> int | None:
        """Return the age in whole years on a day, or None when the birthday is unknown.

        Somebody born on 29 February is a year older from 1 March in other years.
        """
        if self.born is None:
            return None
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))

    def answer(self, question: str) -> str:
        """Return yes, no or unknown; a question that nobody answered is unknown."""
        return self.screening.get(question, UNKNOWN)
