"""What is left of a plan under way: from the doses actually taken, held, shortened, or with steps taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from opentaper.knowledge import Knowledge
from opentaper.patient import Case
from opentaper.plan.day import present_day
from opentaper.plan.objective import days_needed, end_dose, rules_for
from opentaper.plan.proposal import Infeasible
from opentaper.plan.remake import maker
from opentaper.plan.standing import Asked, Dated, Day, Standing, Stay, daily
from opentaper.quantity import Dose


def refused(says: str) -> Infeasible:
    """Return the refusal of a revision."""
    return Infeasible(name="revise", conflict=(), says=says, nearest=(), would_work=())


def present_doses(standing: Standing, asked: Asked, case: Case, known: Knowledge) -> Day:
    """Return what is taken now, in pieces.

    As planned, that is what the plan says; on a day of change on which a hold is asked for, what it said the day before.
    """
    if standing.as_planned:
        history, here = standing.history, standing.here
        if asked.hold and here and history[here][0] == standing.on != standing.version.steps[0].from_:
            return {drug: history[here - 1][2].get(drug, ()) for drug in standing.drugs}
        return standing.planned
    drug = standing.drugs[0]
    taken = (standing.taken or {})[drug]
    return {drug: maker(drug, [intake.dose for intake in taken], case, known)(taken)}


def remaining(standing: Standing, asked: Asked, present: Day, case: Case, known: Knowledge) -> list[Stay] | Infeasible:
    """Return what is left of the signed plan from the day on, from the dose actually taken."""
    (from_, until, _), *later = standing.history[standing.here :]
    rest = [_stay(each) for each in later]
    if not standing.as_planned:
        return _from_what_is_taken(standing, present, case, known)
    left = None if until is None else (until - standing.on).days
    if standing.gap and until is not None:
        left = max((until - from_).days, *(_need(drug, present, rest, case, known) for drug in standing.drugs))
    if asked.hold and present != standing.planned:
        return [Stay(0, present), Stay(left, standing.planned), *rest]
    return [Stay(left, present), *rest]


def _stay(each: Dated) -> Stay:
    return Stay(None if each[1] is None else (each[1] - each[0]).days, each[2])


def _need(drug: str, present: Day, rest: Sequence[Stay], case: Case, known: Knowledge) -> int:
    """This function will return how long the limits ask for a dose before the next cut of the drug."""
    dose = daily(present.get(drug, ()))
    lower = next((daily(stay.taken.get(drug, ())) for stay in rest if daily(stay.taken.get(drug, ())) < dose), None)
    if lower is None:
        return 0
    include = (end_dose(case.goal.of, known),)
    rules = rules_for(case, known, present_day(case, known, include=include))
    return days_needed(rules, drug, dose, lower, known) or rules.longest_hold


def _from_what_is_taken(standing: Standing, present: Day, case: Case, known: Knowledge) -> list[Stay] | Infeasible:
    """This function will go on from another dose than the planned one, never sooner than the signed plan would.

    A dose that is not above the planned one is kept until the day on which the signed plan goes below it, and at least as
    long as the limits need; a higher dose goes down by every dose of the signed plan below it, none left out.
    """
    (drug,) = standing.drugs
    dose, planned = daily(present[drug]), daily(standing.planned[drug])
    if not dose:
        return refused(f"No {drug} is taken now. Whether and at what dose to go on is the prescriber's decision.")
    goal = min(daily(each[2].get(drug, ())) for each in standing.history)
    if dose < goal:
        return refused(
            f"{dose} a day is below the goal of {goal}: what the goal is now, the person and the prescriber say."
        )
    rest = _way_down(standing, drug, dose)
    if not rest:
        return [Stay(None, present)]
    need = _need(drug, present, rest, case, known)
    leaves = next(
        (
            max(from_, standing.on)
            for from_, until, day in standing.history
            if (until is None or until > standing.on) and daily(day.get(drug, ())) < dose
        ),
        standing.on,
    )
    wait = (leaves - standing.on).days if dose <= planned else 0
    full = _longest(standing, drug, planned) if standing.gap else 0
    return [Stay(max(need, wait, full), present), *rest]


def _way_down(standing: Standing, drug: str, dose: Dose | None) -> list[Stay]:
    """This function will return each dose of the plan (below another) once, highest first, each as long as it ever was."""
    doses = [daily(day.get(drug, ())) for _, _, day in standing.history]
    found: dict[Dose, Day] = {}
    for _, _, day in standing.history[doses.index(max(doses)) :]:  # what rose in a switch is no step of the way down
        found[daily(day.get(drug, ()))] = day
    return [
        Stay(_longest(standing, drug, each) if each != min(found) else None, found[each])
        for each in sorted(found, reverse=True)
        if dose is None or each < dose
    ]


def _longest(standing: Standing, drug: str, dose: Dose) -> int:
    return max(
        ((until - from_).days for from_, until, day in standing.history if until and daily(day.get(drug, ())) == dose),
        default=0,
    )


def back(standing: Standing, stays: list[Stay], steps: int, case: Case, known: Knowledge) -> list[Stay] | Infeasible:
    """Go back some steps and come down again by the same steps, each as long as it ever was and as the limits ask."""
    if len(standing.drugs) > 1:
        return _back_together(standing, stays, steps)
    (drug,) = standing.drugs
    here = standing.history[standing.here]
    dose = daily(here[2].get(drug, ()))
    higher = _way_down(standing, drug, None)
    above = [stay for stay in higher if daily(stay.taken[drug]) > dose]
    if len(above) < steps:
        return _no_further(len(above), steps)
    again = above[len(above) - steps :]
    present = Stay(None if here[1] is None else _longest(standing, drug, dose), here[2])
    found = [*again, present, *stays[1:]]
    return [
        *(
            replace(stay, days=max(stay.days or 0, _need(drug, stay.taken, found[place + 1 :], case, known)))
            for place, stay in enumerate(again)
        ),
        *found[len(again) :],
    ]


def _no_further(there: int, steps: int) -> Infeasible:
    return refused(
        f"The plan has {there} step{'' if there == 1 else 's'} above this one, not {steps}; going further back is a new "
        "plan."
    )


def _back_together(standing: Standing, stays: list[Stay], steps: int) -> list[Stay] | Infeasible:
    """This function will go back in a plan of several drugs: to what was taken before the present doses were reached."""
    every, here = standing.history, standing.here
    doses = [{drug: daily(intakes) for drug, intakes in day.items() if intakes} for _, _, day in every]
    first = doses.index(doses[here])
    if first < steps:
        return _no_further(first, steps)
    again = [
        Stay(
            max(
                ((end - on).days if end else 0) for (on, end, _), dose in zip(every, doses, strict=True) if dose == each
            ),
            every[index][2],
        )
        for index, each in enumerate(doses)
        if first - steps <= index < first
    ]
    if stopped := sorted(
        {drug for stay in again for drug, intakes in stay.taken.items() if intakes} - set(doses[here])
    ):
        return refused(f"A step back would begin {', '.join(stopped)} again: that is a new plan.")
    here_from, here_until, day = every[here]
    return [*again, Stay(None if here_until is None else (here_until - here_from).days, day), *stays[1:]]


def shortened(stays: list[Stay], days: int) -> list[Stay]:
    """Take days off the present stay; what is left of it may be nothing."""
    first, *rest = stays
    if first.days is None:
        return stays
    left = max(0, first.days - days)
    return [replace(first, days=left), *rest] if left else rest


def lengthened(stays: list[Stay], days: int) -> list[Stay]:
    """Add days to the present stay."""
    first, *rest = stays
    return [replace(first, days=None if first.days is None else first.days + days), *rest]
