"""Two or more benzodiazepines or Z-drugs: one is reduced at a time, in the order that a person chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Goal, Regimen, Step
from opentaper.plan.dates import on_day
from opentaper.plan.day import present_day
from opentaper.plan.dispense import Dispensary
from opentaper.plan.objective import Objective, days_apart, end_dose, rules_for
from opentaper.plan.proposal import Infeasible, Plan, Repair, Row
from opentaper.plan.published import as_taken
from opentaper.plan.supply import collections
from opentaper.quantity import NO_DOSE, Share, Span

Taper = Callable[[Case, Objective], Plan | Infeasible]
Aim = Callable[[Case, Knowledge], Objective]


def in_order(case: Case, known: Knowledge, aim: Aim, taper: Taper) -> Plan | Infeasible:
    """Plan one option for every drug of a chosen order, each held as it is now until the one before it is done.

    Args:
        case: with `goal.then`.
        known: the base.
        aim: the objective of this option for a case.
        taper: plans the way down of one drug.

    Returns:
        One plan with the rows of every drug, or the first conflict.

    Source: opentaper, docs/decisions/0008.
    """
    goals = _goals(case.goal)
    found: list[Plan] = []
    starts_on = case.goal.starts_on
    for goal in goals:
        own = replace(case, goal=replace(goal, starts_on=starts_on))
        plan = taper(own, aim(own, known))
        if isinstance(plan, Infeasible):
            return replace(plan, says=f"{goal.of.capitalize()}: {plan.says}")
        found.append(plan)
        starts_on = on_day(plan.ends_on, _rest(own, known, plan), goal.holds)
    return _together(case, known, [goal.of for goal in goals], found)


def _goals(goal: Goal) -> list[Goal]:
    """This function will return one goal for each drug of the order; a wish for a date counts for the last one."""
    last = len(goal.then)
    found = [replace(goal, then=(), finish_by=goal.finish_by if not last else None)]
    for number, then in enumerate(goal.then, start=1):
        found.append(
            replace(
                goal,
                of=then.of,
                daily=then.daily,
                share=then.share,
                percent_of=then.percent_of,
                every=then.every,
                baseline=Span(0),
                finish_by=goal.finish_by if number == last else None,
                then=(),
            )
        )
    return found


def _rest(case: Case, known: Knowledge, plan: Plan) -> int:
    """This function will return the days after a drug's last change: the interval, or what a large last cut asks for."""
    doses = [case.present.daily, *(row.step.daily for row in plan.rows)]
    before, after = next((pair for pair in reversed([*pairwise(doses)]) if pair[0] != pair[1]), (doses[0], doses[0]))
    interval = int(known.limit("step-interval").value)
    if before == after:
        return interval
    return max(
        interval,
        days_apart(
            rules_for(case, known, present_day(case, known, include=(end_dose(case.goal.of, known),))), before, after
        ),
    )


def _together(case: Case, known: Knowledge, drugs: Sequence[str], found: Sequence[Plan]) -> Plan:
    first = found[0]
    rows = list(first.rows)
    begins = first.baseline.from_ if first.baseline else first.starts_on
    for drug, plan in zip(drugs[1:], found[1:], strict=True):
        rows += [_held(case, known, drug, begins, plan.starts_on), *plan.rows]
    rows.sort(key=lambda row: row.step.from_)
    baseline = (first.baseline,) if first.baseline else ()
    whole = Regimen(steps=(*baseline, *(row.step for row in rows)))
    return replace(
        first,
        objective=f"{first.objective} One drug at a time: {', then '.join(drugs)}.",
        rows=tuple(rows),
        supply=collections(whole, case.supply.days_per_supply),
        repair=_repair(found, rows),
        notes=(
            f"One is reduced at a time: {', then '.join(drugs)}. Until its turn each stays as it is now.",
            *dict.fromkeys(note for plan in found for note in plan.notes),
        ),
    )


def _held(case: Case, known: Knowledge, drug: str, from_: dt.date, until: dt.date) -> Row:
    taking = next(each for each in case.taking if each.drug == drug)
    dispensary = Dispensary(case, drug, known, up_to=max(intake.dose for intake in taking.intakes))
    step = Step(drug=drug, from_=from_, until=until, intakes=as_taken(taking.intakes, dispensary))
    none = Share(NO_DOSE.mg)
    says = f"{drug.capitalize()} stays at {taking.daily} a day until its turn comes on {until}."
    return Row(step=step, requested=none, achieved=none, binding=None, says=says)


def _repair(found: Sequence[Plan], rows: Sequence[Row]) -> Repair | None:
    for plan in found:
        if plan.repair is not None:
            return replace(plan.repair, row=rows.index(plan.rows[plan.repair.row]))
    return None
