"""A plan under way, changed: held, slowed, stepped back, resumed, or made from other products (docs/decisions/0009).

Everything starts from the doses actually taken on the day. Nothing here ever catches up: what was missed is not made
good, and a dose lower than planned, or days without supply, are no progress.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Intake, Regimen, Step, Taking
from opentaper.plan.explain import binding, unverified_notes
from opentaper.plan.left import back, lengthened, present_doses, refused, remaining, shortened
from opentaper.plan.objective import bounds_of
from opentaper.plan.proposal import Infeasible, Plan, Row, Visit
from opentaper.plan.remake import UnmakeableError, remade
from opentaper.plan.standing import Asked, Dated, Day, Revised, Standing, Stay, daily, dated
from opentaper.plan.supply import Item, collections, stock_on
from opentaper.quantity import LONGEST_SPAN_DAYS, NO_DOSE, Dose, Share, Span, decimal_text


def revise(standing: Standing, asked: Asked, plan: str, case: Case, known: Knowledge) -> Revised | Infeasible:
    """Change a plan that is under way.

    Args:
        standing: where the person is.
        asked: what is to change.
        plan: the name of the option that was signed.
        case: the case that was signed.
        known: the base.

    Returns:
        The new plan from the day on, not yet reviewed, with the case that it is to be reviewed for; or why there is none.

    Source: jcpg-2025, Recommendations 8 and 11; opentaper, docs/decisions/0009.
    """
    if refusal := _refusal(standing, asked, case):
        return refusal
    try:
        present = present_doses(standing, asked, case, known)
        stays = remaining(standing, asked, present, case, known)
    except UnmakeableError as problem:
        return refused(f"{problem} Say what is taken now in doses that these products make, or name other products.")
    if isinstance(stays, Infeasible):
        return stays
    held = standing.held if standing.held and standing.held[1] > standing.on and standing.as_planned else None
    if asked.back:
        stays, held = back(standing, stays, asked.back, case, known), None
        if isinstance(stays, Infeasible):
            return stays
    if asked.resume and held:
        stays, held = shortened(stays, (held[1] - standing.on).days), None
    if asked.hold:
        until = max(held[1] if held else standing.on, standing.on) + dt.timedelta(asked.hold)
        stays, held = lengthened(stays, asked.hold), (standing.on, until)
    if asked.slower != 1:
        stays = [replace(stay, days=None if stay.days is None else ceil(stay.days * asked.slower)) for stay in stays]
    if sum(stay.days or 0 for stay in stays) > LONGEST_SPAN_DAYS:
        return refused(f"That would take more than {LONGEST_SPAN_DAYS} days; nobody plans so far ahead.")
    now = _case_now(standing, asked, present, stays, case)
    missing = any(
        portion.product not in now.supply.of(drug, known)
        for stay in stays
        for drug, intakes in stay.taken.items()
        for intake in intakes
        for portion in intake.portions or ()
    )
    if asked.products or missing:
        found = remade(stays, now, standing, known)
        if isinstance(found, str):
            return refused(found)
        stays = found
    stays = _clear_of_holds(stays, standing, now)
    return Revised(plan=_plan(standing, asked, present, stays, plan, now, known), case=now, held=held)


def _refusal(standing: Standing, asked: Asked, case: Case) -> Infeasible | None:
    """This function will say why nothing can be changed, if so."""
    first, version = standing.signed.steps[0].from_, standing.version.steps[0].from_
    says = None
    if standing.on < first:
        says = f"The plan begins on {first}; before that, make a new plan from the case."
    elif standing.on < version:
        says = f"The version of {version} is newer than {standing.on}; revise it from its own first day on."
    elif not any(standing.planned.values()) and not (asked.hold and standing.drugs):
        says = f"Nothing is taken any more on {standing.on}; going back to a drug is a new case and a new plan."
    elif asked.things > 1:
        says = "One thing at a time: hold, step back, resume or other products; each is a version of its own."
    elif unknown := [drug for drug in standing.taken or {} if drug not in standing.drugs]:
        says = f"{unknown[0]} is not taken any more in this plan."
    elif standing.gap and standing.gap > (standing.on - first).days:
        says = f"{standing.gap} days without supply, and the plan began only on {first}."
    elif standing.gap and standing.taken is None:
        says = (
            f"{standing.gap} days without supply: nobody said what was taken on them and what is taken now. It is not "
            "counted as progress. Ask, say the dose actually taken, and let the prescriber decide."
        )
    elif asked.resume and not (standing.held and standing.held[1] > standing.on and standing.as_planned):
        says = "No hold is under way, so there is nothing to resume; the plan goes on by itself."
    elif asked.slower < 1:
        says = "Going faster is a person's decision and a new plan, not a revision."
    elif not standing.as_planned and len(standing.drugs) > 1:
        says = "With two drugs in the plan and another dose actually taken, the prescriber makes a new plan."
    elif not standing.as_planned and asked.things:
        says = "Say first only the dose that is actually taken; what else is to change is the next version."
    elif asked.hold and standing.on == first == version and not _same_as_before(standing, case):
        says = f"The plan begins on {first}: to begin later, make it anew from the case."
    elif _nothing_to_come(standing) and (asked.hold or asked.slower != 1) and not asked.back:
        says = "The goal is reached; its dose goes on until further notice, and there is nothing to hold or to slow."
    return refused(says) if says else None


def _nothing_to_come(standing: Standing) -> bool:
    from_, until, _ = standing.history[standing.here]
    return until is None and from_ < standing.on


def _clear_of_holds(stays: list[Stay], standing: Standing, case: Case) -> list[Stay]:
    """This function will put off every change that would fall into a hold which the person planned."""
    found: list[Stay] = []
    on = standing.on
    for stay in stays:
        days = stay.days
        if days is not None:
            ends = on + dt.timedelta(days)
            for hold in case.goal.holds:
                if hold.from_ <= ends < hold.until:
                    days, ends = days + (hold.until - ends).days, hold.until
            on = ends
        found.append(replace(stay, days=days))
    return found


def _same_as_before(standing: Standing, case: Case) -> bool:
    """Whether the first day of a plan changes nothing yet: it holds the dose that was taken before."""
    return all(
        daily(standing.planned.get(each.drug, ())) == each.daily for each in case.taking if each.drug in standing.drugs
    )


def _case_now(standing: Standing, asked: Asked, present: Day, stays: Sequence[Stay], case: Case) -> Case:
    """This function will return the case as it stands on the day: what is taken now, since when, and what was asked."""
    taking = tuple(
        _taking_now(each, present, standing, case)
        for each in case.taking
        if each.drug not in standing.signed.drugs or present.get(each.drug)
    )
    taking += tuple(
        Taking(
            drug=drug, other=None, since=_first_day(standing, drug), until=None, days_per_week=7, intakes=_bare(intakes),
            dose_since=_dose_since(standing, drug, present, case),
        )
        for drug, intakes in present.items()
        if intakes and all(each.drug != drug for each in case.taking)
    )  # fmt: skip
    of = case.goal.of if present.get(case.goal.of) else next(drug for drug in present if present[drug])
    top = max(daily(stay.taken.get(of, ())) for stay in stays)
    goal = replace(
        case.goal,
        of=of,
        daily=min((daily(stay.taken.get(of, ())) for stay in stays), default=NO_DOSE),
        starts_on=standing.on,
        baseline=Span(0),
        finish_by=case.goal.finish_by if case.goal.finish_by and case.goal.finish_by > standing.on else None,
        holds=tuple(hold for hold in case.goal.holds if hold.until > standing.on),
        begun_on=case.goal.begun_on or standing.signed.steps[0].from_,
        step_back_to=top if asked.back and top > daily(present.get(of, ())) else None,
        gap=Span(standing.gap) if standing.gap else None,
        then=tuple(each for each in case.goal.then if each.of != of and present.get(each.of)),
    )
    supply = replace(case.supply, products=asked.products) if asked.products else case.supply
    return replace(case, taking=taking, goal=goal, supply=supply, switch=None)


def _bare(intakes: tuple[Intake, ...]) -> tuple[Intake, ...]:
    return tuple(replace(intake, portions=None) for intake in intakes)


def _taking_now(each: Taking, present: Day, standing: Standing, case: Case) -> Taking:
    if each.drug is None or each.drug not in standing.signed.drugs:
        return each
    return replace(each, intakes=_bare(present[each.drug]), dose_since=_dose_since(standing, each.drug, present, case))


def _first_day(standing: Standing, drug: str) -> dt.date:
    return next(step.from_ for step in standing.signed.of(drug) if step.intakes)


def _dose_since(standing: Standing, drug: str, present: Day, case: Case) -> dt.date:
    """This function will return since when a dose is taken: after a gap, or where it differs from the plan, from today."""
    dose = daily(present[drug])
    if standing.gap or not standing.as_planned:
        return standing.on
    since: dt.date | None = None
    for step in reversed([step for step in standing.signed.of(drug) if step.from_ <= standing.on]):
        if step.daily == dose:
            since = step.from_
        elif since is not None or step.from_ < standing.on:
            break
    told = next((each.dose_since for each in case.taking if each.drug == drug and each.daily == dose), None)
    return max(each for each in (since or standing.on, told) if each is not None)


def _plan(
    standing: Standing, asked: Asked, present: Day, stays: list[Stay], name: str, case: Case, known: Knowledge
) -> Plan:
    steps = _steps(standing, stays)
    rows = _rows(steps, standing, asked, present, case, known)
    regimen = Regimen(steps=tuple(steps))
    supply = case.supply
    used = {portion.product for _, _, portion in regimen.portions()}
    collected = supply.instalment or supply.days_per_supply
    left = (
        stock_on(standing.version, collected, standing.on, standing.stock, supply.closed, standing.made_on)
        if standing.known_at_home
        else ()
    )
    stock = tuple(item for item in left if item.product in used)
    return Plan(
        name=name,
        title=f"{name.capitalize()}, revised on {standing.on}: {_title(asked, standing)}",
        objective="The doses of the version before, from the dose actually taken; no sooner than it was signed, but for a "
        "hold that a person ended.",
        baseline=None,
        rows=rows,
        supply=collections(regimen, supply.days_per_supply, stock=stock),
        repair=None,
        notes=(*_notes(standing, stock, [item for item in left if item not in stock]), *unverified_notes(rows)),
        visits=tuple(_moved(visit, standing, asked) for visit in standing.visits),
        stock=stock,
    )


def _moved(visit: Visit, standing: Standing, asked: Asked) -> Visit:
    """This function will move a visit that is still to come with the days that a hold, its end or a slowing moves."""
    if visit.from_ <= standing.on:
        return visit
    days = (visit.from_ - standing.on).days
    unused = (standing.held[1] - standing.on).days if asked.resume and standing.held else 0
    later = dt.timedelta(ceil((max(0, days - unused) + asked.hold) * asked.slower) - days)
    return Visit(from_=visit.from_ + later, last=visit.last + later)


def _steps(standing: Standing, stays: list[Stay]) -> list[Step]:
    """This function will turn stays back into each drug's steps, one step as long as nothing changes for the drug."""
    every = list(dated(standing.on, stays))
    drugs = [drug for drug in standing.drugs if any(stay.taken.get(drug) for stay in stays)]
    return sorted((step for drug in drugs for step in _own(drug, every)), key=lambda step: step.from_)


def _own(drug: str, every: Sequence[Dated]) -> list[Step]:
    """This function will return one drug's steps; a last one on which nothing is taken has an open end."""
    found: list[Step] = []
    for from_, until, taken in every:
        intakes = taken.get(drug)
        if intakes is None or until == from_:
            continue
        if found and found[-1].intakes == intakes and found[-1].until == from_:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Step(drug=drug, from_=from_, until=until, intakes=intakes))
    if found and not found[-1].intakes:
        found[-1] = replace(found[-1], until=None)
    return found


def _rows(
    steps: Sequence[Step], standing: Standing, asked: Asked, present: Day, case: Case, known: Knowledge
) -> tuple[Row, ...]:
    rows = []
    last = {drug: (daily(intakes), _dose_since(standing, drug, present, case)) for drug, intakes in present.items()}
    for step in steps:
        before, since = last.get(step.drug, (NO_DOSE, step.from_))
        cut = before.cut_to(step.daily) if before else Share(Fraction(0))
        held = Span(min((step.from_ - since).days, LONGEST_SPAN_DAYS))
        bound = binding(bounds_of(known), cut, held) if len(standing.drugs) == 1 and cut.of > 0 else None
        rows.append(
            Row(step=step, requested=cut, achieved=cut, binding=bound, says=_says(step, before, cut, standing, asked))
        )
        if step.daily != before:
            last[step.drug] = (step.daily, step.from_)
    return tuple(rows)


def _says(step: Step, before: Dose, cut: Share, standing: Standing, asked: Asked) -> str:
    if not before:
        return f"{step.drug} {step.daily} a day takes over, as in the version before."
    if cut.of < 0:
        if asked.back:
            return f"Back from {before} to {step.daily} a day: a step back, asked for on {standing.on}."
        return f"{step.drug} rises from {before} to {step.daily} a day, as in the version before."
    if cut.of == 0:
        return f"{step.drug} {step.daily} a day, as actually taken, goes on until {step.until or 'further notice'}."
    return f"{cut} is taken, from {before} to {step.daily} a day."


def _title(asked: Asked, standing: Standing) -> str:
    said = [
        (bool(asked.hold), f"held for {asked.hold} days"),
        (asked.slower == 2, "half as fast"),
        (asked.slower not in (1, 2), f"{decimal_text(asked.slower)} times as slow"),
        (bool(asked.back), f"{asked.back} step{'s' if asked.back > 1 else ''} back"),
        (asked.resume, "the hold ends"),
        (bool(asked.products), "other products"),
        (not standing.as_planned, "from the dose actually taken"),
        (bool(standing.gap), f"after {standing.gap} days without supply"),
    ]
    return ", ".join(text for holds, text in said if holds) or "no change"


def _amounts(items: Sequence[Item]) -> str:
    return ", ".join(
        f"{decimal_text(item.amount)} {'mL of' if item.product.liquid else '×'} {item.product.key}" for item in items
    )


def _notes(standing: Standing, stock: Sequence[Item], no_more: Sequence[Item]) -> list[str]:
    notes = []
    if standing.taken is None:
        notes.append("Taken for granted, so ask: the dose of the plan is what is actually taken, on every day.")
    if standing.gap:
        notes.append(
            f"{standing.gap} days were without supply; they are not counted as progress, and the step begins anew."
        )
    if stock:
        notes.append(
            f"At home by the version before, and used first: {_amounts(stock)}. Count it before handing out more."
        )
    if no_more:
        notes.append(f"At home and not used any more, so to be brought back: {_amounts(no_more)}.")
    if not standing.known_at_home:
        notes.append("Nobody knows what is left at home: count it, and hand over that much less.")
    return notes
