"""From one benzodiazepine to another, intake by intake, and then down (docs/decisions/0008)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Regimen, Step, Switch, Taking, diazepam_equivalent
from opentaper.plan.crossover import Replaced, Stretch, full_dose, loses_too_much, made_of, replaced, stretches
from opentaper.plan.dates import on_day
from opentaper.plan.day import present_day
from opentaper.plan.dispense import Dispensary
from opentaper.plan.equal import Equal, equal_doses
from opentaper.plan.explain import MOST_REPAIRS, unverified_notes
from opentaper.plan.proposal import Infeasible, Plan, Row, Visit
from opentaper.plan.published import present_step
from opentaper.plan.supply import collections
from opentaper.quantity import NO_DOSE, Dose, Share, Span, ends_as_decimal

NAME = "switch"

Taper = Callable[[Case], Plan | Infeasible]


def switched(case: Case, known: Knowledge, taper: Taper) -> Plan | Infeasible:
    """Plan a crossover to the drug that a case wishes to switch to, and then a taper of that drug.

    Args:
        case: with its `switch`.
        known: the base; the table used and the range over all tables come from it.
        taper: plans the way down of a case, here of the new drug from the end of the crossover.

    Returns:
        The plan named "switch", or why there is none; no dose is ever above the equivalent of what it replaces.

    Source: jcpg-2025, Recommendation 7; nhs-scotland-2024; opentaper, docs/decisions/0008.
    """
    switch = case.switch
    assert switch is not None
    equal = equal_doses(case, switch, known)
    if equal is None:
        return _refused(f"No published table compares {case.goal.of} with {switch.to}: nobody can say how much of it.")
    if not case.supply.of(switch.to, known):
        helping = _helping(case, switch, known, equal)
        return _refused(
            f"There is no product of {switch.to} among those of this case. {_ways(helping)}", would_work=helping
        )
    most = max(intake.dose for intake in case.present.intakes)
    old, new = made_of(case, equal.old, known, most), made_of(case, equal.new, known, equal.of(most))
    rows = replaced(case, switch, equal, new)
    refusal = _too_much(known, equal, full_dose(rows)) or _too_coarse(case, switch, known, equal, rows)
    if refusal is not None:
        return refusal
    parts = stretches(switch, equal, rows, old, new)
    dates, ready = _dates(case, known, parts)
    later = _later(case, known, equal, rows, dates[-1], ready)
    if isinstance(later, Infeasible):
        return later
    found = taper(later)
    if isinstance(found, Infeasible):
        return replace(found, name=NAME, says=f"After the switch to {equal.new}: {found.says}")
    return _plan(case, known, equal, _rows(case, equal, parts, dates, found.starts_on), found)


def _refused(says: str, *, nearest: tuple[Dose, ...] = (), would_work: tuple[Product, ...] = ()) -> Infeasible:
    return Infeasible(name=NAME, conflict=(), says=says, nearest=nearest, would_work=would_work)


def _too_much(known: Knowledge, equal: Equal, full: Dose) -> Infeasible | None:
    """This function will refuse more than an automatic plan may switch to; it counts by the highest of the tables."""
    limits = [limit for limit in known.limits_on("switch-diazepam-equivalent") if limit.effect == "block"]
    limit, band = min(limits, key=lambda each: each.value), diazepam_equivalent(equal.new, full, known)
    if band is not None and band[1].mg <= limit.value:
        return None
    much = f"{full.about} of {equal.new} a day"
    if equal.new != "diazepam":
        much += f" ({f'up to {band[1].about}' if band else 'nobody knows how much'} of diazepam)"
    return _refused(
        f"The switch would be to {much}; {limit.id} ({limit.source}) allows at most {limit.value} mg of diazepam. "
        f"{limit.says} {equal.says} The options that taper {equal.old} itself stand beside this."
    )


def _too_coarse(
    case: Case, switch: Switch, known: Knowledge, equal: Equal, rows: Sequence[Replaced]
) -> Infeasible | None:
    """This function will refuse a crossover that loses more than one step may by rounding down, or a whole intake."""
    if not loses_too_much(known, equal, rows):
        return None
    limit, full, helping = known.limit("dose-reduction"), full_dose(rows), _helping(case, switch, known, equal)
    return _refused(
        f"Intake by intake, and never above what it replaces, these products make {full.about} of {equal.new} a day "
        f"where {equal.of(equal.daily).about} is equal ({equal.table.name}): more would be lost than {limit.id} "
        f"({limit.source}) allows in one step, or a whole intake. {_ways(helping)}",
        nearest=(full,),
        would_work=helping,
    )


def _ways(products: Sequence[Product]) -> str:
    if not products:
        return "No single product of the base that this country has would help."
    return f"It would work with {', or '.join(f'{product.says} ({product.key})' for product in products)}."


def _helping(case: Case, switch: Switch, known: Knowledge, equal: Equal) -> tuple[Product, ...]:
    """This function will find products outside the stock with which the crossover could be made."""
    country = case.supply.country or next((product.country for product in case.supply.products), None)
    stock, most = case.supply.of(switch.to, known), max(intake.dose for intake in case.present.intakes)
    wanted = [
        product
        for product in known.products_of(switch.to)
        if product not in stock and product.everyday and product.country in (country, "compounded")
    ]
    wanted.sort(key=lambda product: (product.country == "compounded", product.liquid, product.key))
    found = []
    for product in wanted:
        new = made_of(case, switch.to, known, equal.of(most), extra=(product,))
        if not loses_too_much(known, equal, replaced(case, switch, equal, new)):
            found.append(product)
    return tuple(found[:MOST_REPAIRS])


def _dates(case: Case, known: Knowledge, parts: Sequence[Stretch]) -> tuple[list[dt.date], dt.date]:
    """This function will return the day of each part and the first day on which the new drug may be reduced.

    That is one step interval after the last part, and not before the review of tolerance; never within a hold.
    """
    goal = case.goal
    first = on_day(on_day(goal.starts_on, goal.baseline.days, goal.holds), 0, goal.holds)
    dates = [on_day(first, part.day, goal.holds) for part in parts]
    rested = on_day(dates[-1], int(known.limit("step-interval").value), goal.holds)
    return dates, on_day(max(rested, review_days(dates[0], known)[1]), 0, goal.holds)


def review_days(first: dt.date, known: Knowledge) -> tuple[dt.date, dt.date]:
    """Return the first and the last day for the review of tolerance, counted from the first dose of the new drug.

    Source: nhs-scotland-2024, switching.
    """
    from_, until = (int(known.limit(f"tolerance-review-{end}").value) for end in ("from", "until"))
    return first + dt.timedelta(days=from_), first + dt.timedelta(days=until)


def _later(
    case: Case, known: Knowledge, equal: Equal, rows: Sequence[Replaced], since: dt.date, ready: dt.date
) -> Case | Infeasible:
    """This function will return the case as it is at the end of the crossover: the new drug alone, to the same goal."""
    taking = Taking(
        drug=equal.new, other=None, since=since, until=None, days_per_week=7, intakes=tuple(row.new for row in rows)
    )
    goal = replace(case.goal, of=equal.new, daily=NO_DOSE, starts_on=ready, baseline=Span(0))
    others = tuple(each for each in case.taking if each.drug != equal.old)
    later = replace(case, taking=(taking, *others), goal=goal, switch=None)
    if not case.goal.daily:
        return later
    daily = equal.of(case.goal.daily)
    day = present_day(later, known)
    made = [day.dispensary.dose(level) for level in day.levels]
    if ends_as_decimal(daily.mg) and daily in made and daily < taking.daily:
        return replace(later, goal=replace(goal, daily=daily))
    nearest = [
        max((dose for dose in made if dose < daily), default=None),
        min((d for d in made if d > daily), default=None),
    ]
    near = tuple(dose for dose in nearest if dose is not None)
    return _refused(
        f"A goal of {case.goal.daily} of {equal.old} a day is {daily.about} of {equal.new}, which these products do not "
        f"make below the {taking.daily} at the end of the switch; the nearest are {' and '.join(map(str, near))}.",
        nearest=near,
    )


def _rows(
    case: Case, equal: Equal, parts: Sequence[Stretch], dates: Sequence[dt.date], ends: dt.date
) -> tuple[Row, ...]:
    rows: list[Row] = []
    old_before, new_before = case.present.daily, NO_DOSE
    for part, from_, until in zip(parts, dates, [*dates[1:], ends], strict=True):
        old = Step(drug=equal.old, from_=from_, until=until if part.old else None, intakes=part.old)
        new = Step(drug=equal.new, from_=from_, until=until, intakes=part.new)
        rows += [_row(old, old_before, part.says), _row(new, new_before, part.says)]
        old_before, new_before = old.daily, new.daily
    return tuple(rows)


def _row(step: Step, before: Dose, says: str) -> Row:
    cut = before.cut_to(step.daily) if before else Share(NO_DOSE.mg)
    return Row(step=step, requested=cut, achieved=cut, binding=None, says=says)


def _plan(case: Case, known: Knowledge, equal: Equal, crossing: tuple[Row, ...], found: Plan) -> Plan:
    most = max(intake.dose for intake in case.present.intakes)
    baseline = present_step(case, Dispensary(case, equal.old, known, up_to=most))
    rows = (*crossing, *found.rows)
    regimen = Regimen(steps=(*((baseline,) if baseline else ()), *(row.step for row in rows)))
    review = review_days(rows[0].step.from_, known)
    repair = replace(found.repair, row=found.repair.row + len(crossing)) if found.repair else None
    return Plan(
        name=NAME,
        title=f"Switch to {equal.new}, then the usual pace",
        objective=(
            f"Replaces {equal.old} by {equal.new} intake by intake, at the least that {equal.table.name} calls equal, then "
            f"tapers {equal.new}. {found.objective}"
        ),
        baseline=baseline,
        rows=rows,
        supply=collections(regimen, case.supply.days_per_supply),
        repair=repair,
        notes=_notes(known, equal, rows, found, baseline),
        visits=(Visit(from_=review[0], last=review[1]),),
    )


def _notes(
    known: Knowledge, equal: Equal, rows: tuple[Row, ...], found: Plan, baseline: Step | None
) -> tuple[str, ...]:
    from_, until = review_days(rows[0].step.from_, known)
    own = [
        equal.says,
        f"Tolerance and sedation are reviewed from {from_} to {until}, before anything is reduced "
        f"({known.limit('tolerance-review-from').source}); {found.starts_on} is the first day on which the dose of "
        f"{equal.new} may go down.",
    ]
    steps = [*((baseline,) if baseline else ()), *(row.step for row in rows)]
    if any(not intake.portions for step in steps for intake in step.intakes):
        own.append(f"Where no pieces are named, {equal.old} is taken as it is now, and is not in the supply.")
    taper = [note for note in found.notes if note not in unverified_notes(found.rows)]
    return (*own, *taper, *unverified_notes(rows))
