"""A plan under way, changed: held, slowed, stepped back, resumed, or made from other products.

Everything starts from the doses actually taken on the day. Nothing here ever catches up: what was missed is not made
good, and a dose lower than planned is no progress.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Intake, Regimen, Step, Taking
from opentaper.plan.day import present_day
from opentaper.plan.dispense import Dispensary
from opentaper.plan.explain import binding, unverified_notes
from opentaper.plan.objective import bounds_of, days_needed, rules_for
from opentaper.plan.proposal import Infeasible, Plan, Row, Visit
from opentaper.plan.propose import OPTIONS, propose
from opentaper.plan.supply import Item, collections, stock_on
from opentaper.quantity import NO_DOSE, Dose, Share, Span

Day = Mapping[str, tuple[Intake, ...]]
"""What is taken of each drug on one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody is in a signed plan.

    Args:
        signed: everything that was handed out so far: the past as it was printed, and the plan from today on.
        version: the part of it that the last version printed, whose supply was handed over.
        on: the day from which anything changes; nothing of it has been taken yet.
        taken: what is actually taken of each drug, where it is not what was planned.
        held: a hold under way that a version before asked for: its first day and the day after its last.
        gap: days until `on` on which nothing could be had, or None.
        stock: what was at home on the first day of the last version.
        visits: those that the last version planned.
    """

    signed: Regimen
    version: Regimen
    on: dt.date
    taken: Mapping[str, tuple[Intake, ...]] | None = None
    held: tuple[dt.date, dt.date] | None = None
    gap: int | None = None
    stock: tuple[Item, ...] = ()
    visits: tuple[Visit, ...] = ()

    @property
    def planned(self) -> Day:
        """What the signed plan says for the day."""
        return {step.drug: step.intakes for step in self.signed.on(self.on)}

    @property
    def present(self) -> Day:
        """What is actually taken: as planned, unless somebody said otherwise."""
        return {**self.planned, **(self.taken or {})}

    @property
    def as_planned(self) -> bool:
        return all(_daily(self.present[drug]) == _daily(intakes) for drug, intakes in self.planned.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks to change; `slower` may go with any of the others, or alone.

    Args:
        hold: days for which every dose stays as it is.
        slower: how many times as long everything that is left takes.
        back: how many steps to go back.
        resume: whether a hold that is under way ends now.
        products: what the pharmacy has instead; empty for what it had.
    """

    hold: int = 0
    slower: Fraction = Fraction(1)
    back: int = 0
    resume: bool = False
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The plan as changed, the case as it now stands, and the hold under way."""

    plan: Plan
    case: Case
    held: tuple[dt.date, dt.date] | None


@dataclass(frozen=True, slots=True)
class _Span:
    """Days without a change; None when the end is open."""

    days: int | None
    taken: Day
    because: str = ""


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
    if refusal := _refusal(standing, asked):
        return refusal
    spans = _remaining(standing, case, known)
    if isinstance(spans, Infeasible):
        return spans
    held = standing.held if standing.held and standing.held[1] > standing.on else None
    if asked.back:
        spans = _back(standing, spans, asked.back)
        if isinstance(spans, Infeasible):
            return spans
        held = None
    if asked.resume and held:
        unused = (held[1] - standing.on).days
        spans, held = _shortened(spans, unused), None
    if asked.hold:
        until = max(held[1] if held else standing.on, standing.on) + dt.timedelta(asked.hold)
        spans, held = _lengthened(spans, asked.hold), (standing.on, until)
    if asked.slower != 1:
        spans = [replace(span, days=None if span.days is None else ceil(span.days * asked.slower)) for span in spans]
    now = _case_now(standing, asked, spans, case)
    if isinstance(now, Infeasible):
        return now
    if asked.products:
        made = _remade(spans, plan, now, standing, known)
        if isinstance(made, Infeasible):
            return made
        spans = made
    return Revised(plan=_plan(standing, asked, spans, plan, now, known), case=now, held=held)


def _refused(says: str) -> Infeasible:
    return Infeasible(name="revise", conflict=(), says=says, nearest=(), would_work=())


def _refusal(standing: Standing, asked: Asked) -> Infeasible | None:
    """This function will say why nothing can be changed, if so."""
    first = standing.signed.steps[0].from_
    if standing.on < first:
        return _refused(f"The plan begins on {first}; before that, make a new plan from the case.")
    if not any(standing.planned.values()) and not any(standing.present.values()):
        return _refused(
            f"Nothing is taken any more on {standing.on}; going back to a drug is a new case and a new plan."
        )
    unknown = [drug for drug in standing.taken or {} if drug not in standing.planned]
    if unknown:
        return _refused(f"{unknown[0]} is not in this plan.")
    if standing.gap and standing.taken is None:
        return _refused(
            f"{standing.gap} days without supply: nobody said what was taken on them and what is taken now. It is not "
            "counted as progress. Ask, say the dose actually taken, and let the prescriber decide."
        )
    if asked.resume and not (standing.held and standing.held[1] > standing.on):
        return _refused("No hold is under way, so there is nothing to resume; the plan goes on by itself.")
    if asked.slower < 1:
        return _refused("Going faster is a person's decision and a new plan, not a revision.")
    if not standing.as_planned and len(standing.signed.drugs) > 1:
        return _refused("With two drugs in the plan and another dose actually taken, the prescriber makes a new plan.")
    if not standing.as_planned and asked.back:
        return _refused(
            "Say only the dose that is actually taken, or the step back; both at once cannot be told apart."
        )
    return None


def _spans(regimen: Regimen) -> list[tuple[dt.date, dt.date | None, Day]]:
    return [(from_, until, {step.drug: step.intakes for step in steps}) for from_, until, steps in regimen.spans()]


def _remaining(standing: Standing, case: Case, known: Knowledge) -> list[_Span] | Infeasible:
    """This function will return what is left of the signed plan from the day on, from the dose actually taken."""
    left = [each for each in _spans(standing.signed) if each[1] is None or each[1] > standing.on]
    if standing.as_planned:
        (_, until, _), *later = left
        first = _Span(None if until is None else (until - standing.on).days, dict(standing.present), "held")
        return [first, *(_Span(None if end is None else (end - from_).days, day) for from_, end, day in later)]
    return _from_what_is_taken(standing, left, case, known)


def _from_what_is_taken(
    standing: Standing, left: Sequence[tuple[dt.date, dt.date | None, Day]], case: Case, known: Knowledge
) -> list[_Span] | Infeasible:
    """This function will go on from another dose than the planned one, never sooner than the signed plan would.

    A lower dose is kept until the day on which the signed plan goes below it, and at least as long as the limits need;
    a higher dose goes down by every step of the signed plan that is below it, none left out.
    """
    drug = standing.signed.drugs[0]
    taken = standing.present[drug]
    dose = _daily(taken)
    planned = _daily(standing.planned[drug])
    if not dose:
        return _refused(f"No {drug} is taken now. Whether and at what dose to go on is the prescriber's decision.")
    every = _spans(standing.signed)
    below = [each for each in every if _daily(each[2].get(drug, ())) < dose]
    if dose < planned:
        below = [each for each in below if each in left]
    if not below:
        return [_Span(None, {drug: taken}, "taken")]
    rules = rules_for(case, known, present_day(case, known))
    need = days_needed(rules, drug, dose, _daily(below[0][2].get(drug, ())), known)
    if need is None:
        lower = _daily(below[0][2].get(drug, ()))
        return _refused(f"From {dose} a day the next step of the plan, {lower}, is more than the limits allow: replan.")
    wait = max(need, (below[0][0] - standing.on).days if dose < planned else 0)
    return [
        _Span(wait, {drug: taken}, "taken"),
        *(_Span(None if end is None else (end - from_).days, day) for from_, end, day in below),
    ]


def _back(standing: Standing, spans: list[_Span], steps: int) -> list[_Span] | Infeasible:
    """This function will go back some steps and come down again by the same steps, each as long as it ever was.

    Earlier steps are those before the present doses were first reached: having gone back once does not count.
    """
    every = _spans(standing.signed)
    here = next(index for index, each in enumerate(every) if each[1] is None or each[1] > standing.on)
    doses = [{drug: _daily(intakes) for drug, intakes in day.items()} for _, _, day in every]
    first = doses.index(doses[here])
    if first < steps:
        return _refused(
            f"The plan has {first} step{'' if first == 1 else 's'} above this one, not {steps}; going further back is a "
            "new plan."
        )
    lengths = [
        max(
            ((end - from_).days if end else 0)
            for (from_, end, _), dose in zip(every, doses, strict=True)
            if dose == each
        )
        for each in doses
    ]
    again = [_Span(lengths[index], every[index][2], "back") for index in range(first - steps, first)]
    length = None if every[here][1] is None else lengths[here]
    return [*again, _Span(length, every[here][2]), *spans[1:]]


def _shortened(spans: list[_Span], days: int) -> list[_Span]:
    first, *rest = spans
    if first.days is None:
        return spans
    left = max(0, first.days - days)
    return [replace(first, days=left), *rest] if left else rest


def _lengthened(spans: list[_Span], days: int) -> list[_Span]:
    first, *rest = spans
    return [replace(first, days=None if first.days is None else first.days + days), *rest]


def _case_now(standing: Standing, asked: Asked, spans: Sequence[_Span], case: Case) -> Case | Infeasible:
    """This function will return the case as it stands on the day: what is taken now, since when, and what was asked."""
    present = standing.present
    taking = tuple(
        _taking_now(each, present, standing)
        for each in case.taking
        if each.drug not in standing.signed.drugs or present.get(each.drug)
    )
    taking += tuple(
        Taking(
            drug=drug, other=None, since=_first_day(standing, drug), until=None, days_per_week=7, intakes=_bare(intakes),
            dose_since=_dose_since(standing, drug),
        )
        for drug, intakes in present.items()
        if intakes and all(each.drug != drug for each in case.taking)
    )  # fmt: skip
    of = case.goal.of if present.get(case.goal.of) else next((drug for drug in present if present[drug]), case.goal.of)
    goal_dose = min((_daily(span.taken.get(of, ())) for span in spans), default=NO_DOSE)
    top = max(_daily(span.taken.get(of, ())) for span in spans)
    if _daily(present.get(of, ())) <= goal_dose:
        return _refused(f"{of} is at its goal of {goal_dose} a day; there is nothing left to revise.")
    goal = replace(
        case.goal,
        of=of,
        daily=goal_dose,
        starts_on=standing.on,
        baseline=Span(0),
        finish_by=case.goal.finish_by if case.goal.finish_by and case.goal.finish_by > standing.on else None,
        holds=(),
        begun_on=case.goal.begun_on or standing.signed.steps[0].from_,
        step_back_to=top if asked.back and top > _daily(present.get(of, ())) else None,
        then=tuple(each for each in case.goal.then if each.of != of and present.get(each.of)),
    )
    supply = replace(case.supply, products=asked.products) if asked.products else case.supply
    return replace(case, taking=taking, goal=goal, supply=supply, switch=None)


def _bare(intakes: tuple[Intake, ...]) -> tuple[Intake, ...]:
    return tuple(replace(intake, portions=None) for intake in intakes)


def _taking_now(each: Taking, present: Day, standing: Standing) -> Taking:
    if each.drug is None or each.drug not in standing.signed.drugs:
        return each
    return replace(each, intakes=_bare(present[each.drug]), dose_since=_dose_since(standing, each.drug))


def _first_day(standing: Standing, drug: str) -> dt.date:
    return next(step.from_ for step in standing.signed.of(drug) if step.intakes)


def _dose_since(standing: Standing, drug: str) -> dt.date:
    """This function will return since when a dose is taken: where it differs from the plan, only from today."""
    planned = next(step for step in standing.signed.on(standing.on) if step.drug == drug)
    if _daily(standing.present[drug]) != planned.daily:
        return standing.on
    own = standing.signed.of(drug)
    since = planned.from_
    for step in reversed(own[: own.index(planned)]):
        if step.daily != planned.daily:
            break
        since = step.from_
    return since


def _daily(intakes: tuple[Intake, ...]) -> Dose:
    return sum((intake.dose for intake in intakes), NO_DOSE)


def _remade(
    spans: list[_Span], name: str, case: Case, standing: Standing, known: Knowledge
) -> list[_Span] | Infeasible:
    """This function will make the same doses from other products; where they cannot be made, plan the rest anew."""
    makers = {drug: _maker(drug, spans, case, known) for drug in standing.signed.drugs}
    try:
        return [
            replace(span, taken={drug: makers[drug](intakes) for drug, intakes in span.taken.items()}) for span in spans
        ]
    except _UnmakeableError as problem:
        if len(standing.signed.drugs) > 1:
            return _refused(f"The new products do not make {problem}; with two drugs the prescriber makes a new plan.")
    first = spans[0]
    if first.days is None:
        return _refused(f"The new products do not make {_daily(first.taken[case.goal.of])} a day.")
    later = replace(case, goal=replace(case.goal, starts_on=standing.on + dt.timedelta(first.days)))
    found = propose(later, known)
    wanted = name if name in OPTIONS else "usual"
    plan = next((each for each in found.plans if each.name == wanted), None)
    if plan is None:
        return next(each for each in found.infeasible if each.name in (wanted, "all"))
    try:
        present = {drug: makers[drug](intakes) for drug, intakes in first.taken.items()}
    except _UnmakeableError:
        present = {drug: _bare(intakes) for drug, intakes in first.taken.items()}
    return [
        replace(first, taken=present),
        *(_Span(row.step.days, {row.step.drug: row.step.intakes}) for row in plan.rows),
    ]


class _UnmakeableError(Exception):
    pass


def _maker(
    drug: str, spans: Sequence[_Span], case: Case, known: Knowledge
) -> Callable[[tuple[Intake, ...]], tuple[Intake, ...]]:
    doses = [intake.dose for span in spans for intake in span.taken.get(drug, ())]
    dispensary = Dispensary(case, drug, known, up_to=max(doses, default=NO_DOSE), include=doses)

    def make(intakes: tuple[Intake, ...]) -> tuple[Intake, ...]:
        found = []
        for intake in intakes:
            made = dispensary.made.get(dispensary.units(intake.dose))
            if made is None:
                raise _UnmakeableError(f"{intake.dose} of {drug}")
            found.append(replace(intake, portions=made.portions))
        return tuple(found)

    return make


def _plan(standing: Standing, asked: Asked, spans: Sequence[_Span], name: str, case: Case, known: Knowledge) -> Plan:
    steps = _steps(standing, spans)
    rows = _rows(steps, standing, asked, known)
    same_stock = standing.as_planned and not standing.gap
    every, collected = case.supply.days_per_supply, case.supply.instalment or case.supply.days_per_supply
    stock = stock_on(standing.version, collected, standing.on, standing.stock) if same_stock else ()
    regimen = Regimen(steps=tuple(steps))
    return Plan(
        name=name,
        title=f"{name.capitalize()}, revised on {standing.on}: {_title(asked, standing)}",
        objective="The doses of the version before, from the dose actually taken; never sooner than it was signed unless a "
        "hold was ended by a person.",
        baseline=None,
        rows=rows,
        supply=collections(regimen, every, stock=stock),
        repair=None,
        notes=(*_notes(standing, stock), *unverified_notes(rows)),
        visits=tuple(visit for visit in standing.visits if visit.last >= standing.on),
        stock=stock,
    )


def _steps(standing: Standing, spans: Sequence[_Span]) -> list[Step]:
    """This function will turn spans back into each drug's steps, one step as long as nothing changes for the drug."""
    dated: list[tuple[dt.date, dt.date | None, Day]] = []
    from_ = standing.on
    for span in spans:
        until = None if span.days is None else from_ + dt.timedelta(span.days)
        dated.append((from_, until, span.taken))
        if until is None:
            break
        from_ = until
    steps = [
        step for drug in dict.fromkeys(drug for span in spans for drug in span.taken) for step in _own(drug, dated)
    ]
    return sorted(steps, key=lambda step: step.from_)


def _own(drug: str, dated: Sequence[tuple[dt.date, dt.date | None, Day]]) -> list[Step]:
    """This function will return one drug's steps; a last one on which nothing is taken has an open end."""
    found: list[Step] = []
    for from_, until, taken in dated:
        intakes = taken.get(drug)
        if intakes is None:
            continue
        if found and found[-1].intakes == intakes and found[-1].until == from_:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Step(drug=drug, from_=from_, until=until, intakes=intakes))
    if not found[-1].intakes:
        found[-1] = replace(found[-1], until=None)
    return found


def _rows(steps: Sequence[Step], standing: Standing, asked: Asked, known: Knowledge) -> tuple[Row, ...]:
    rows = []
    last = {drug: (_daily(intakes), _dose_since(standing, drug)) for drug, intakes in standing.present.items()}
    single = len(standing.signed.drugs) == 1
    for step in steps:
        before, since = last.get(step.drug, (NO_DOSE, step.from_))
        cut = before.cut_to(step.daily) if before else Share(Fraction(0))
        bound = binding(bounds_of(known), cut, Span((step.from_ - since).days)) if single and cut.of > 0 else None
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
    return f"{cut} is taken, from {before} to {step.daily} a day, as in the version before."


def _title(asked: Asked, standing: Standing) -> str:
    said = [
        (bool(asked.hold), f"held for {asked.hold} days"),
        (asked.slower != 1, f"{asked.slower} times as slow"),
        (bool(asked.back), f"{asked.back} step{'s' if asked.back > 1 else ''} back"),
        (asked.resume, "the hold ends"),
        (bool(asked.products), "other products"),
        (not standing.as_planned, "from the dose actually taken"),
    ]
    return ", ".join(text for holds, text in said if holds) or "no change"


def _notes(standing: Standing, stock: tuple[Item, ...]) -> list[str]:
    notes = []
    if standing.taken is None:
        notes.append("Taken for granted, so ask: the dose of the plan is what is actually taken, on every day.")
    if standing.gap:
        notes.append(f"{standing.gap} days were without supply; they are not counted as progress.")
    if stock:
        listed = ", ".join(f"{item.amount} × {item.product.key}" for item in stock)
        notes.append(f"At home by the version before, and used first: {listed}. Count it before handing out more.")
    elif not standing.as_planned or standing.gap:
        notes.append("Nobody knows what is left at home: count it, and hand over that much less.")
    return notes
