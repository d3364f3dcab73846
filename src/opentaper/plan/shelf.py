"""The same doses from what is on a pharmacy's shelf, step by step; and where one cannot be made, which are near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Intake, Regimen, Step
from opentaper.plan.dispense import Dispensary
from opentaper.plan.remake import dispensaries
from opentaper.quantity import Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmade:
    """A dose of one time of day that the shelf does not make, with the nearest ones that it does, if any."""

    time: str
    dose: Dose
    below: Dose | None
    above: Dose | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomposed:
    """One step, from the shelf.

    Args:
        step: as it is in the plan, from the day on which it was asked.
        made: the same doses at the same times, from the shelf; None where one of them cannot be made.
        unmade: the doses that cannot.
    """

    step: Step
    made: Step | None
    unmade: tuple[Unmade, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is other than in the plan."""
        return self.made != self.step


def recompose(
    regimen: Regimen, products: Sequence[Product], case: Case, known: Knowledge, *, on: dt.date
) -> tuple[Recomposed, ...]:
    """Return every step from a day on, made from what is on the shelf: the same dose at every time of day, or none.

    Pieces an intake, scores and the liquid step are those of the case. One liquid is used in the whole of a plan; where none
    makes every dose, the one that makes them the longest.

    Args:
        regimen: the plan.
        products: what is on the shelf.
        case: for what the person can handle.
        known: the base.
        on: the day.
    """
    there = replace(
        case, supply=replace(case.supply, products=tuple(products), country=None)
    )  # nothing else, even of none
    found: list[Recomposed] = []
    for drug in regimen.drugs:
        steps = [
            replace(step, from_=max(step.from_, on))
            for step in regimen.of(drug)
            if step.until is None or step.until > on
        ]
        doses = [intake.dose for step in steps for intake in step.intakes]
        ways = [
            [_recomposed(step, dispensary) for step in steps] for dispensary in dispensaries(drug, doses, there, known)
        ]
        furthest: list[Recomposed] = max(ways, key=_how_far)
        found += furthest  # the first of those that go as far, which is what a plan is remade from
    return tuple(sorted(found, key=lambda each: each.step.from_))


def _how_far(way: list[Recomposed]) -> int:
    return next((place for place, each in enumerate(way) if each.made is None), len(way))


def _recomposed(step: Step, dispensary: Dispensary) -> Recomposed:
    intakes: list[Intake] = []
    unmade = []
    for intake in step.intakes:
        made = dispensary.made.get(dispensary.units(intake.dose))
        if made is None:
            below, above = dispensary.nearest(intake.dose)
            unmade.append(Unmade(time=intake.time, dose=intake.dose, below=below, above=above))
        else:
            intakes.append(replace(intake, portions=made.portions))
    return Recomposed(step=step, made=None if unmade else replace(step, intakes=tuple(intakes)), unmade=tuple(unmade))
