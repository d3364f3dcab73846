"""Published schedules, as they are printed and as they would be if each step were held to the limits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from opentaper.knowledge import Knowledge, Protocol, ProtocolIntake
from opentaper.patient import TIMES, Case, Intake, Regimen, Step
from opentaper.plan.dates import hold_notes, on_day
from opentaper.plan.day import Day
from opentaper.plan.dispense import Dispensary
from opentaper.plan.explain import unverified_notes
from opentaper.plan.objective import days_apart, days_needed
from opentaper.plan.proposal import Infeasible, Options, Plan, Row
from opentaper.plan.rules import Rules
from opentaper.plan.search import Arrival, Staircase, Stuck
from opentaper.plan.supply import collections
from opentaper.quantity import NO_DOSE, Dose, Share

HELD_SAYS = "The doses of the published schedule, each dose held as long as the limits ask before the next cut."


def _refused(protocol: Protocol, says: str, nearest: tuple[Dose, ...] = ()) -> Infeasible:
    return Infeasible(name=protocol.key, conflict=(), says=says, nearest=nearest, would_work=())


def staircase(protocol: Protocol, case: Case, day: Day) -> Staircase | Infeasible:
    """Return the doses and days that a protocol of bands or parts prints for a case, from its largest steps.

    A dose that the products cannot make is refused with the nearest ones.
    """
    drug = case.goal.of
    if drug not in protocol.drugs and "all" not in protocol.drugs:
        return _refused(protocol, f"{protocol.name} is for {', '.join(protocol.drugs)}, not for {drug}.")
    pairs = _bands(protocol, case) if protocol.kind == "bands" else _parts(protocol, case)
    if not pairs:
        return _refused(
            protocol, f"{protocol.name} has no dose from {case.present.daily} down to {case.goal.daily} a day."
        )
    arrivals = []
    for dose, on in pairs:
        units = dose.mg / day.dispensary.unit
        if units.denominator != 1 or int(units) not in day.levels:
            return _cannot_make(protocol, dose, day)
        arrivals.append(Arrival(int(units), on))
    return Staircase(0, tuple(arrivals))


def _cannot_make(protocol: Protocol, dose: Dose, day: Day) -> Infeasible:
    doses = [day.dispensary.dose(level) for level in day.levels]
    below = max((each for each in doses if each < dose), default=None)
    above = min((each for each in doses if each > dose), default=None)
    nearest = tuple(each for each in (below, above) if each is not None)
    near = " and ".join(str(each) for each in nearest)
    says = f"{protocol.name} asks for {dose} a day, which these products do not make; the nearest are {near}."
    return _refused(protocol, says, nearest)


def _bands(protocol: Protocol, case: Case) -> list[tuple[Dose, int]]:
    dose, day, found = case.present.daily, 0, []
    while dose > case.goal.daily:
        band = next(band for band in protocol.bands if dose > band.above)
        lower = max(dose.mg - band.step_high.mg, band.above.mg, case.goal.daily.mg)
        dose = Dose(lower)
        found.append((dose, day))
        after = next((each for each in protocol.bands if dose > each.above), band)
        day += after.every_high.days
    return found


def _parts(protocol: Protocol, case: Case) -> list[tuple[Dose, int]]:
    assert protocol.every_low is not None
    found = []
    for index, part in enumerate(protocol.parts_left):
        dose = case.present.daily * part
        if dose < case.goal.daily:
            break
        found.append((dose, index * protocol.every_low.days))
    return found


def held_to_limits(found: Staircase, rules: Rules, start: int) -> Staircase | Stuck:
    """Return the same doses, each held for as long as the limits need before the next cut.

    Stuck when a cut is one that no hold makes up for.
    """
    dose, day, arrivals = start, 0, []
    published, apart = found.arrivals, 0
    for index, arrival in enumerate(published):
        need = rules.need(dose, arrival.dose)
        if need is None:
            return Stuck(dose, arrival.dose)
        near, gap = rules.apart(dose)
        own = 0 if arrival.dose >= near else gap
        if index:
            day += max(need, own, apart, arrival.day - published[index - 1].day)
        arrivals.append(Arrival(arrival.dose, day))
        dose, apart = arrival.dose, own
    return Staircase(0, tuple(arrivals))


def from_table(protocol: Protocol, case: Case, known: Knowledge, rules: Rules) -> Options:
    """Return the plan that a printed table of rows is for a case whose present intakes are its start.

    Rows in which one drug replaces another keep their printed length; the held variant lengthens the rows before a
    cut, drug by drug.
    """
    refusal = _start_differs(protocol, case)
    if refusal is not None:
        return Options(plans=(), infeasible=(refusal,))
    dispensaries = {}
    for drug in dict.fromkeys(intake.drug for row in protocol.rows for intake in row.intakes):
        if not case.supply.of(drug, known):
            says = f"{protocol.name} uses {drug}, and there is no product of it among those of this case."
            return Options(plans=(), infeasible=(_refused(protocol, says),))
        most = max(intake.dose for row in protocol.rows for intake in row.intakes if intake.drug == drug)
        doses = [intake.dose for row in protocol.rows for intake in row.intakes if intake.drug == drug]
        dispensaries[drug] = Dispensary(case, drug, known, up_to=most, include=doses)
    lengths = [row.days.days for row in protocol.rows]
    plans: list[Plan] = []
    for name, title, says, days in (
        (protocol.key, f"{protocol.name}, as published", protocol.says, lengths),
        (f"{protocol.key}-held", f"{protocol.name}, held to the limits", HELD_SAYS, _held(protocol, rules, known)),
    ):
        if days is None or (plans and days == lengths):
            continue
        rows = _table_rows(protocol, case, dispensaries, days)
        if isinstance(rows, Infeasible):
            return Options(plans=(), infeasible=(rows,))
        baseline = present_step(case, dispensaries.get(case.goal.of))
        regimen = Regimen(steps=(*((baseline,) if baseline else ()), *(row.step for row in rows)))
        plans.append(
            Plan(
                name=name,
                title=title,
                objective=says,
                baseline=baseline,
                rows=rows,
                supply=collections(regimen, case.supply.days_per_supply),
                repair=None,
                notes=(
                    *((protocol.note,) if protocol.note else ()),
                    *hold_notes(case.goal.holds, rows[-1].step.from_),
                    *unverified_notes(rows),
                ),
            )
        )
    return Options(plans=tuple(plans), infeasible=())


def present_step(case: Case, dispensary: Dispensary | None) -> Step | None:
    """Return the days on the present dose that a case asks for first, with the pieces that make it where they can."""
    goal = case.goal
    if not goal.baseline.days:
        return None
    until = on_day(goal.starts_on, goal.baseline.days, goal.holds)
    intakes = as_taken(case.present.intakes, dispensary)
    return Step(drug=goal.of, from_=goal.starts_on, until=until, intakes=intakes)


def as_taken(present: Sequence[Intake], dispensary: Dispensary | None) -> tuple[Intake, ...]:
    """Return present intakes in the order of the day, with the pieces that make them where they can be made."""
    intakes = []
    for intake in sorted(present, key=lambda each: TIMES.index(each.time)):
        units = intake.dose.mg / dispensary.unit if dispensary else Fraction(1, 2)
        made = dispensary.made.get(int(units)) if dispensary and units.denominator == 1 else None
        intakes.append(Intake(time=intake.time, dose=intake.dose, portions=made.portions if made else None))
    return tuple(intakes)


def _start_differs(protocol: Protocol, case: Case) -> Infeasible | None:
    printed = {(intake.time, intake.drug): intake.dose for intake in protocol.start}
    present = {(intake.time, case.goal.of): intake.dose for intake in case.present.intakes}
    if printed == present and not case.goal.daily:
        return None
    start = ", ".join(f"{intake.drug} {intake.dose} in the {intake.time}" for intake in protocol.start)
    return _refused(protocol, f"{protocol.name} begins with {start} and ends at zero; this case differs.")


def _daily(intakes: Sequence[ProtocolIntake], drug: str) -> Dose:
    return sum((intake.dose for intake in intakes if intake.drug == drug), NO_DOSE)


def _held(protocol: Protocol, rules: Rules, known: Knowledge) -> list[int] | None:
    """This function will lengthen each row before a cut in one drug while no other drug rises; None when no hold helps.

    The rules are those of the drug the case tapers; doses are compared as shares, so the unit does not matter.
    """
    lengths = [row.days.days for row in protocol.rows]
    apart: dict[str, int] = {}
    for index, (before, after) in enumerate(zip(protocol.rows, protocol.rows[1:], strict=False)):
        drugs = sorted({intake.drug for intake in (*before.intakes, *after.intakes)})
        if any(_daily(after.intakes, drug) > _daily(before.intakes, drug) for drug in drugs):
            continue
        for drug in drugs:
            high, low = _daily(before.intakes, drug), _daily(after.intakes, drug)
            if low < high:
                need = days_needed(rules, drug, high, low, known)
                if need is None:
                    return None
                own = days_apart(rules, high, low)
                lengths[index] = max(lengths[index], need, own, apart.get(drug, 0))
                apart[drug] = own
    return lengths


def _table_rows(
    protocol: Protocol, case: Case, dispensaries: dict[str, Dispensary], lengths: Sequence[int]
) -> tuple[Row, ...] | Infeasible:
    rows: list[Row] = []
    goal, day = case.goal, 0
    first = on_day(goal.starts_on, goal.baseline.days, goal.holds)
    from_ = on_day(first, 0, goal.holds)
    last = {case.goal.of: case.present.daily}
    for index, (printed, days) in enumerate(zip(protocol.rows, lengths, strict=True)):
        day += days
        until = on_day(first, day, goal.holds) if index + 1 < len(protocol.rows) else None
        for drug in sorted(dispensaries.keys() | last.keys()):
            daily, before = _daily(printed.intakes, drug), last.get(drug, NO_DOSE)
            if not daily and not before:
                continue
            intakes = _made(protocol, printed.intakes, drug, dispensaries)
            if isinstance(intakes, Infeasible):
                return intakes
            step = Step(drug=drug, from_=from_, until=until if daily else None, intakes=intakes)
            rows.append(_table_row(step, before, daily))
            last[drug] = daily
        from_ = until or from_
    return tuple(rows)


def _table_row(step: Step, before: Dose, daily: Dose) -> Row:
    cut = before.cut_to(daily) if before else Share(NO_DOSE.mg)
    if not before:
        says = f"{step.drug} {daily} a day takes over, as published."
    elif cut.of < 0:
        says = f"{step.drug} rises from {before} to {daily} a day, as published."
    elif cut.of == 0:
        says = f"{step.drug} stays at {daily} a day, as published."
    else:
        says = f"{cut} is taken ({before} to {daily}), as published."
    return Row(step=step, requested=cut, achieved=cut, binding=None, says=says)


def _made(
    protocol: Protocol, intakes: Sequence[ProtocolIntake], drug: str, dispensaries: dict[str, Dispensary]
) -> tuple[Intake, ...] | Infeasible:
    found: list[Intake] = []
    for intake in sorted((each for each in intakes if each.drug == drug), key=lambda each: TIMES.index(each.time)):
        dispensary = dispensaries[drug]
        units = dispensary.units(intake.dose)
        if units not in dispensary.made:
            nearest = tuple(dose for dose in dispensary.nearest(intake.dose) if dose is not None)
            near = " and ".join(str(dose) for dose in nearest)
            says = f"{protocol.name} asks for {drug} {intake.dose}, which these products do not make; nearest: {near}."
            return _refused(protocol, says, nearest)
        portions = dispensary.made[units].portions
        found.append(Intake(time=intake.time, dose=intake.dose, portions=portions))
    return tuple(found)
