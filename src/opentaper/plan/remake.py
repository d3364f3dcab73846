"""The same plan from other products, and never sooner than it was signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Intake
from opentaper.plan.dispense import Dispensary, with_one_liquid
from opentaper.plan.objective import Objective
from opentaper.plan.proposal import Bound, Infeasible
from opentaper.plan.propose import tapered
from opentaper.plan.rules import Rules
from opentaper.plan.search import Since, Staircase, Stuck, TooSlow, closest
from opentaper.plan.standing import Dated, Standing, Stay, daily, dated
from opentaper.quantity import NO_DOSE, Dose, Share, Span

LOOK_ABOVE = Fraction(3, 2)
"""How far above the doses asked for their neighbours are looked for."""


class UnmakeableError(Exception):
    """A dose that the products do not make; says which are near it."""


def maker(
    drug: str, doses: Sequence[Dose], case: Case, known: Knowledge
) -> Callable[[tuple[Intake, ...]], tuple[Intake, ...]]:
    """Return what makes intakes from a case's products, with at most one liquid among them all.

    Raises:
        UnmakeableError: when it is asked for an intake that they do not make.
    """
    every = dispensaries(drug, doses, case, known)
    able = [each for each in every if all(each.units(dose) in each.made for dose in doses if dose)]
    dispensary = (able or every)[0]

    def make(intakes: tuple[Intake, ...]) -> tuple[Intake, ...]:
        found = []
        for intake in intakes:
            made = dispensary.made.get(dispensary.units(intake.dose))
            if made is None:
                near = [str(each) for each in dispensary.nearest(intake.dose) if each]
                raise UnmakeableError(
                    f"These products do not make {intake.dose} of {drug} in the {intake.time}; the nearest are "
                    f"{' and '.join(near) or 'none'}."
                )
            found.append(replace(intake, portions=made.portions))
        return tuple(found)

    return make


def dispensaries(drug: str, doses: Sequence[Dose], case: Case, known: Knowledge) -> list[Dispensary]:
    """Return what a case's products make of a drug: once with each of its liquids, the weakest first."""
    most = max(doses, default=NO_DOSE) * LOOK_ABOVE
    return [Dispensary(each, drug, known, up_to=most, include=doses) for each in with_one_liquid(case, drug, known)]


def remade(stays: list[Stay], case: Case, standing: Standing, known: Knowledge) -> list[Stay] | str:
    """Make the doses of a plan from the case's products; where they cannot be made, go down by those that can.

    Each dose that can be made begins no sooner than the plan before went that low.

    Args:
        stays: what is left of the plan.
        case: as it now stands, with the products that there are now.
        standing: where the person is.
        known: the base.

    Returns:
        The stays in the new products, or one sentence why there are none.
    """
    makers = {
        drug: maker(drug, [intake.dose for stay in stays for intake in stay.taken.get(drug, ())], case, known)
        for drug in standing.drugs
    }
    try:
        return [
            replace(stay, taken={drug: makers[drug](intakes) for drug, intakes in stay.taken.items()}) for stay in stays
        ]
    except UnmakeableError as problem:
        if len(standing.drugs) > 1:
            return f"{problem} With two drugs the prescriber makes a new plan."
    (drug,) = standing.drugs
    first = stays[0]
    try:
        present = maker(drug, [intake.dose for intake in first.taken[drug]], case, known)(first.taken[drug])
    except UnmakeableError as problem:
        return f"{problem} The present dose has to be made before anything can go down from it."
    return _not_sooner(list(dated(standing.on, stays)), {drug: present}, case, known)


def _not_sooner(
    every: Sequence[Dated], present: dict[str, tuple[Intake, ...]], case: Case, known: Knowledge
) -> list[Stay] | str:
    (drug,) = present
    start = daily(present[drug])
    below = [(from_, daily(day.get(drug, ()))) for from_, _, day in every if daily(day.get(drug, ())) < start]
    if not below:
        return [Stay(None, present)]
    pace = _SignedPace(start=start, signed=tuple(below), ready=below[0][0])
    later = replace(case, goal=replace(case.goal, starts_on=below[0][0], holds=(), baseline=Span(0), then=()))
    objective = Objective(
        name="products", title="", says="", search=pace.search,
        asked=Bound(limit="asked-pace", source="case", allows=Share(Fraction(1))),
    )  # fmt: skip
    found = tapered(later, known, objective)
    if isinstance(found, Infeasible):
        return found.says
    steps = found.regimen.steps
    wait = (next(step.from_ for step in steps if step.daily < start) - every[0][0]).days
    return [Stay(wait, present), *(Stay(step.days, {drug: step.intakes}) for step in steps if step.daily < start)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignedPace:
    """The pace of a plan that was signed: each dose may begin on the day on which that plan went so low, not before.

    Args:
        start: the present dose.
        signed: from which day the plan has which lower dose.
        ready: the day that counts as day 0 of the search.
    """

    start: Dose
    signed: tuple[tuple[dt.date, Dose], ...]
    ready: dt.date

    every = 1

    def releases(self, start: int, levels: Sequence[int], end: int) -> list[int | None]:  # noqa: ARG002
        """Return for each level the first day on which the signed plan is as low; the first level may begin at once."""
        unit = self.start.mg / start
        found = [
            next(((from_ - self.ready).days for from_, dose in self.signed if dose.mg <= unit * level), None)
            for level in levels
        ]
        first = next((day for day in found if day is not None), None)
        return [None if day is None else day - (first or 0) for day in found]

    def search(
        self, rules: Rules, start: int, levels: Sequence[int], effort: Sequence[int], since: Since | None = None
    ) -> Staircase | Stuck | TooSlow:
        """Find the closest staircase, then delay whatever the longest hold of a plan by itself would let go sooner."""
        found = closest(rules, self, start, levels, effort, since)
        if not isinstance(found, Staircase):
            return found
        may_begin = dict(zip(levels, self.releases(start, levels, rules.end), strict=True))
        later, arrivals = 0, []
        for arrival in found.arrivals:
            day = arrival.day + found.held_before + later
            later += max(0, (may_begin[arrival.dose] or 0) - day)
            arrivals.append(replace(arrival, day=arrival.day + later))
        unit = self.start.mg / start
        wait = next((from_ - self.ready).days for from_, dose in self.signed if dose.mg <= unit * levels[0])
        return Staircase(found.held_before + wait, tuple(arrivals))
