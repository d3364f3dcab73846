"""A simulation day by day, as decimal text: what documents, tables and charts are made of."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from opentaper.exchange.simulation.forecast import HIGH, LOW
from opentaper.frozen import dataclass
from opentaper.quantity import decimal_text

if TYPE_CHECKING:
    from opentaper.pharmacology import Simulation, Trajectory

SHARE_PLACES = 3
"""Of a share, so that a percentage has one decimal place: enough to draw a line, and more than anybody can measure."""
LEVEL_PLACES = 2
DOSE_PLACES = 6
PERCENT = Fraction(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A measure on every day as decimal text: of the typical person, and between what nine of ten people lie.

    Args:
        middle: a number a day.
        low, high: the same of the band's edges; None where no people were drawn.
    """

    middle: tuple[str, ...]
    low: tuple[str, ...] | None = None
    high: tuple[str, ...] | None = None

    def document(self) -> dict[str, list[str] | None]:
        return {
            "middle": list(self.middle),
            "low": None if self.low is None else list(self.low),
            "high": None if self.high is None else list(self.high),
        }


def days_of(simulation: Simulation) -> tuple[str, ...]:
    """Return the days as ISO dates."""
    return tuple(day.isoformat() for day in simulation.on)


def doses_of(simulation: Simulation) -> dict[str, tuple[str, ...]]:
    """Return what is taken of each drug on every day [mg]."""
    return {drug: _texts(each, DOSE_PLACES) for drug, each in simulation.dose_mg.items()}


def courses(simulation: Simulation) -> dict[str, Series]:
    """Return every measure: "level-…" [ng/mL] of each analyte, "effect", "adapted" and "withdrawal" [%]."""
    middle, band = simulation.middle.each(), simulation.band.each() if simulation.band else None
    found = {}
    for name, each in middle.items():
        places, times = (LEVEL_PLACES, Fraction(1)) if name.startswith("level-") else (SHARE_PLACES, PERCENT)
        edges = {} if band is None else {
            "low": _texts(band[name][LOW], places, times), "high": _texts(band[name][HIGH], places, times),
        }  # fmt: skip
        found[name] = Series(middle=_texts(each[0], places, times), **edges)
    return found


def withdrawal(of: Trajectory) -> tuple[str, ...]:
    """Return the typical person's withdrawal on every day [%], such as that under a rival assumption."""
    return _texts(of.withdrawal[0], SHARE_PLACES, PERCENT)


def _texts(values: Iterable[float], places: int, times: Fraction = Fraction(1)) -> tuple[str, ...]:
    from opentaper.pharmacology import rounded

    return tuple(decimal_text(rounded(value, places) * times) for value in values)
