"""Which dose of the new drug takes the place of which intake, and on which day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import TIMES, Case, Intake, Portion, Switch
from opentaper.plan.dispense import Dispensary
from opentaper.plan.equal import Equal
from opentaper.quantity import NO_DOSE, Dose

Made = Mapping[Dose, tuple[Portion, ...]]
"""The doses of one intake that can be made, with the portions that make each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """One present intake, what it is equal to, and what takes its place: never more than that."""

    old: Intake
    equal: Dose
    new: Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the crossover: what is taken of both drugs from a day, counted from its first, and why."""

    day: int
    old: tuple[Intake, ...]
    new: tuple[Intake, ...]
    says: str


def made_of(case: Case, drug: str, known: Knowledge, up_to: Dose, extra: tuple[Product, ...] = ()) -> Made:
    """Return the doses of one intake of a drug that a case's products make."""
    dispensary = Dispensary(case, drug, known, up_to=up_to, extra=extra)
    return {dispensary.dose(units): made.portions for units, made in dispensary.made.items()}


def replaced(case: Case, switch: Switch, equal: Equal, new: Made) -> list[Replaced]:
    """Return what replaces each present intake, in the order asked: the nearest dose that is not above its equivalent."""
    at = {intake.time: intake for intake in case.present.intakes}
    found = []
    for time in switch.order:
        wanted = equal.of(at[time].dose)
        dose = max(made for made in new if made <= wanted)
        found.append(Replaced(old=at[time], equal=wanted, new=_intake(time, dose, new)))
    return found


def full_dose(rows: Sequence[Replaced]) -> Dose:
    """Return the daily dose of the new drug at the end of the crossover."""
    return sum((row.new.dose for row in rows), NO_DOSE)


def loses_too_much(known: Knowledge, equal: Equal, rows: Sequence[Replaced]) -> bool:
    """Whether rounding down takes more than one step may, or leaves nothing of an intake."""
    lost = equal.of(equal.daily).cut_to(full_dose(rows))
    return lost.of > known.limit("dose-reduction").value or not all(row.new.dose for row in rows)


def stretches(switch: Switch, equal: Equal, rows: Sequence[Replaced], old: Made, new: Made) -> list[Stretch]:
    """Return the crossover: each intake in two halves where these can be made exactly, otherwise at once.

    The n parts begin on day floor(i x days / n); with more parts than days no intake is halved.
    """
    parts = [part for row in rows for part in _parts(row, equal, old, new)]
    if len(parts) > switch.days.days:
        parts = [_whole(row, equal) for row in rows]
    left = {row.old.time: _intake(row.old.time, row.old.dose, old) for row in rows}
    taken: dict[str, Intake] = {}
    found = []
    for index, (time, rest, taking, says) in enumerate(parts):
        left.pop(time)
        if rest is not None:
            left[time] = rest
        taken[time] = taking
        day = index * switch.days.days // len(parts)
        found.append(Stretch(day=day, old=_in_order(left), new=_in_order(taken), says=says))
    return found


_Part = tuple[str, Intake | None, Intake, str]
"""A time of day, what is left of the old intake there, what is taken of the new drug there, and why."""


def _parts(row: Replaced, equal: Equal, old: Made, new: Made) -> list[_Part]:
    half_old, half_new = row.old.dose * Fraction(1, 2), row.equal * Fraction(1, 2)
    if half_old not in old or half_new not in new or row.equal not in new:
        return [_whole(row, equal)]
    time = row.old.time
    first = (
        f"Half of the {time} dose, {half_old} of {equal.old}, gives way to {half_new} of {equal.new} "
        f"({equal.table.name}, its least)."
    )
    second = f"The other half of the {time} dose gives way: {row.equal} of {equal.new} ({equal.table.name}, its least)."
    return [
        (time, _intake(time, half_old, old), _intake(time, half_new, new), first),
        (time, None, row.new, second),
    ]


def _whole(row: Replaced, equal: Equal) -> _Part:
    down = "" if row.new.dose == row.equal else f", rounded down from {row.equal.about}"
    says = (
        f"The {row.old.time} dose, {row.old.dose} of {equal.old}, gives way to {row.new.dose} of {equal.new} "
        f"({equal.table.name}, its least{down})."
    )
    return row.old.time, None, row.new, says


def _intake(time: str, dose: Dose, made: Made) -> Intake:
    return Intake(time=time, dose=dose, portions=made.get(dose))


def _in_order(intakes: Mapping[str, Intake]) -> tuple[Intake, ...]:
    return tuple(intakes[time] for time in TIMES if time in intakes)
