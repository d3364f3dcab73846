"""From a case and the base to dated plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Intake, Regimen, Step
from opentaper.plan import explain, order, published, switch
from opentaper.plan.dates import hold_notes, on_day
from opentaper.plan.day import Day, present_day
from opentaper.plan.dispense import with_one_liquid
from opentaper.plan.objective import (
    Objective,
    bounds_of,
    end_dose,
    fastest_allowed,
    gentle,
    proportional,
    rules_for,
    usual,
)
from opentaper.plan.proposal import Bound, Infeasible, Options, Plan, Row
from opentaper.plan.rules import Rules
from opentaper.plan.search import FURTHEST_DAY, Since, Staircase, Stuck, TooSlow
from opentaper.plan.supply import collections
from opentaper.quantity import Dose, Share, Span

OPTIONS = ("fastest", "usual", "gentle")


def propose(case: Case, known: Knowledge, *, protocol: str | None = None, only: str | None = None) -> Options:
    """Find the options for a case, each the exact optimum of its stated objective under the limits.

    Args:
        case: who takes what, the goal, and what the pharmacy has.
        known: the base; its limits bound every plan.
        protocol: a protocol's key, to get that schedule instead of the three standing options: as it is
            published, and, where that differs, with its steps held to the limits.
        only: one of `OPTIONS`, to be spared the search for the others; the switch is then left out too.

    Returns:
        The plans in the order fastest, usual, gentle, then the switch if the case wishes for one; for each without a
        plan the conflict.

    Raises:
        KeyError: no protocol has that key, or no option that name.

    Source: jcpg-2025, recommendation 6; opentaper, docs/decisions/0003.
    """
    if protocol is not None:
        return _by_protocol(case, known, protocol)
    if refusal := _not_daily(case):
        return Options(plans=(), infeasible=(refusal,))
    found = _standing(case, known, only)
    if case.switch is not None and only is None:
        found.append(switch.switched(case, known, lambda later: tapered(later, known, usual(later, known))))
    return Options(
        plans=tuple(plan for plan in found if isinstance(plan, Plan)),
        infeasible=tuple(plan for plan in found if isinstance(plan, Infeasible)),
    )


def _standing(case: Case, known: Knowledge, only: str | None) -> list[Plan | Infeasible]:
    """This function will find the options that taper what is taken now, in the chosen order if there is one."""
    every: tuple[order.Aim, ...] = (lambda *_: fastest_allowed(), usual, gentle)
    named = dict(zip(OPTIONS, every, strict=True))
    aims = every if only is None else (named[only],)
    if case.goal.then:
        return [order.in_order(case, known, aim, lambda own, aimed: tapered(own, known, aimed)) for aim in aims]
    frames = [Frame.of(each, known) for each in with_one_liquid(case, case.goal.of, known)]
    refused = [frame for frame in frames if isinstance(frame, Infeasible)]
    return [*refused[:1]] if len(refused) == len(frames) else [_best(frames, aim(case, known)) for aim in aims]


def tapered(case: Case, known: Knowledge, objective: Objective, since: Since | None = None) -> Plan | Infeasible:
    """Taper a case's drug by one objective, with at most one liquid.

    Args:
        since: how long the present dose has been taken; None for long enough.
    """
    frames = [Frame.of(each, known) for each in with_one_liquid(case, case.goal.of, known)]
    return _best([each if isinstance(each, Infeasible) else replace(each, since=since) for each in frames], objective)


def _best(frames: Sequence[Frame | Infeasible], objective: Objective) -> Plan | Infeasible:
    """This function will return the fastest plan of all liquids; at an asked pace, that of the weakest which has one."""
    found = [
        replace(frame, name=objective.name) if isinstance(frame, Infeasible) else frame.plan(objective)
        for frame in frames
    ]
    plans = [each for each in found if isinstance(each, Plan)]
    if not plans:
        return found[0]
    return plans[0] if objective.asked else min(plans, key=_speed)


def _speed(plan: Plan) -> tuple[int, list[Fraction]]:
    return plan.days, sorted((row.achieved.of for row in plan.rows), reverse=True)


def _by_protocol(case: Case, known: Knowledge, key: str) -> Options:
    found = [_schedule(each, known, key) for each in with_one_liquid(case, case.goal.of, known)]
    return max(found, key=lambda options: len(options.plans))


def _schedule(case: Case, known: Knowledge, key: str) -> Options:
    protocol = known.protocols[key]
    frame = Frame.of(case, known, cut_first=protocol.cut_first)
    if isinstance(frame, Infeasible):
        return Options(plans=(), infeasible=(frame,))
    if protocol.kind == "proportional":
        plan = frame.plan(proportional(protocol))
        return Options(
            plans=(plan,) if isinstance(plan, Plan) else (),
            infeasible=() if isinstance(plan, Plan) else (plan,),
        )
    if protocol.kind == "table":
        return published.from_table(protocol, case, known, frame.rules)
    staircase = published.staircase(protocol, case, frame.day)
    if isinstance(staircase, Infeasible):
        return Options(plans=(), infeasible=(staircase,))
    plans = [frame.printed(staircase, protocol.key, f"{protocol.name}, as published", protocol.says)]
    held = published.held_to_limits(staircase, frame.rules, frame.start)
    if isinstance(held, Staircase) and held != staircase and protocol.rejected is None:
        title = f"{protocol.name}, held to the limits"
        plans.append(frame.printed(held, f"{protocol.key}-held", title, published.HELD_SAYS))
    return Options(plans=tuple(plans), infeasible=())


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A case made ready for the search: its doses in units, its limits, its calendar."""

    case: Case
    known: Knowledge
    day: Day
    rules: Rules
    start: int
    levels: tuple[int, ...]
    since: Since | None = None
    """How long the present dose has been taken; None for long enough."""

    @classmethod
    def of(cls, case: Case, known: Knowledge, cut_first: str | None = None) -> Frame | Infeasible:
        if refusal := _not_daily(case) or _at_goal(case):
            return refusal
        day = present_day(case, known, cut_first=cut_first, include=(end_dose(case.goal.of, known),))
        goal, start = day.dispensary.units(case.goal.daily), sum(day.present)
        if goal not in day.levels:
            return _goal_not_makeable(case, day, goal)
        levels = tuple(
            level for level in day.levels if goal <= level < start and (level == goal or _usable(day, level, known))
        )
        return cls(
            case=case,
            known=known,
            day=day,
            rules=rules_for(case, known, day),
            start=start,
            levels=levels,
        )

    def plan(self, objective: Objective) -> Plan | Infeasible:
        """Search for an objective's optimum, without raising an intake where that costs nothing.

        A paced plan keeps to doses that raise no intake, where the goal is one of them. The fastest plan does so only
        when it is as fast: otherwise a better stocked pharmacy could make it later.
        """
        found = self.searched(objective, self.falling)
        if objective.asked is None and self.falling != self.levels:
            free = self.searched(objective, self.levels)
            if not isinstance(found, Staircase) or (isinstance(free, Staircase) and free.days < found.days):
                found = free
        if isinstance(found, TooSlow):
            return self._too_slow(objective)
        if isinstance(found, Stuck):
            return self.infeasible(objective.name, found)
        return self.dated(found, objective.name, objective.title, objective.says, objective.asked)

    @cached_property
    def falling(self) -> tuple[int, ...]:
        """This function will return the levels that raise no intake, and those needed to keep a cut within the limits.

        The goal is among them. Which these are does not depend on the objective, so slower stays slower.
        """
        ladder = set(self.day.falling(self.levels))
        kept: list[int] = []
        above, skipped = self.start, list[int]()
        for level in self.levels:
            if level not in ladder and level != self.levels[-1]:
                skipped.append(level)
                continue
            if not self.rules.within(above, level) and any(self.rules.within(above, each) for each in skipped):
                kept += skipped
            kept.append(level)
            above, skipped = level, []
        return tuple(kept)

    def searched(self, objective: Objective, levels: tuple[int, ...]) -> Staircase | Stuck | TooSlow:
        return objective.search(
            self.rules, self.start, levels, [self.day.effort(level) for level in levels], self.since
        )

    def printed(self, found: Staircase, name: str, title: str, says: str) -> Plan:
        """Turn a published staircase into a plan; its rows say where it leaves the limits, and nothing repairs it."""
        plan = self.dated(found, name, title, says, None)
        held = [0, *(after.day - before.day for before, after in pairwise(found.arrivals))]
        doses = [self.start, *(arrival.dose for arrival in found.arrivals)]
        rows = [
            replace(row, requested=row.achieved, says=self._as_printed(row, self.rules.need(before, after), days))
            for row, (before, after), days in zip(plan.rows, pairwise(doses), held, strict=True)
        ]
        return replace(plan, rows=tuple(rows), repair=None)

    def _as_printed(self, row: Row, need: int | None, held: int) -> str:
        taken = f"{row.achieved} is taken, as published"
        if need is None:
            return f"{taken}: more than any hold on the dose before makes up for."
        if held and held < need:
            return f"{taken}: the limits ask for {need} days on the dose before, it has {held}."
        return f"{taken}."

    def dated(self, found: Staircase, name: str, title: str, says: str, asked: Bound | None) -> Plan:
        """Turn a staircase into a plan with dates, intakes, reasons and supply."""
        case = self.case
        rows = self._rows(found, asked)
        steps = [row.step for row in rows]
        baseline = published.present_step(case, self.day.dispensary)
        regimen = Regimen(steps=(*((baseline,) if baseline else ()), *steps))
        return Plan(
            name=name,
            title=title,
            objective=says,
            baseline=baseline,
            rows=rows,
            supply=collections(regimen, case.supply.days_per_supply),
            repair=explain.repair(rows, case.present.daily, case, self.known, self.rules, self._nearer),
            notes=tuple(self._notes(rows, baseline)),
        )

    def _rows(self, found: Staircase, asked: Bound | None) -> tuple[Row, ...]:
        goal = self.case.goal
        first = on_day(goal.starts_on, goal.baseline.days, goal.holds)
        arrivals = [(arrival.dose, arrival.day + found.held_before) for arrival in found.arrivals]
        shared = self.day.share_out([dose for dose, _ in arrivals])
        days: list[tuple[Dose, int, tuple[Intake, ...]]] = [
            (self.day.dispensary.dose(dose), day, self.day.intakes(split))
            for (dose, day), split in zip(arrivals, shared, strict=True)
        ]
        if found.held_before:
            days.insert(0, (self.case.present.daily, 0, self._present_intakes()))
        dates = [on_day(first, day, self.case.goal.holds) for _, day, _ in days]
        rows: list[Row] = []
        before, arrived = self.case.present.daily, 0
        for index, (dose, day, intakes) in enumerate(days):
            until = dates[index + 1] if index + 1 < len(days) else None
            step = Step(drug=self.case.goal.of, from_=dates[index], until=until, intakes=intakes)
            rows.append(self._row(step, before, dose, asked, Span(day - arrived)))
            before, arrived = dose, day
        return tuple(rows)

    def _row(self, step: Step, before: Dose, dose: Dose, asked: Bound | None, held: Span) -> Row:
        cut = before.cut_to(dose)
        wanted = asked.allows if asked else None
        bounds = (*bounds_of(self.known), *((asked,) if asked else ()))
        bound = explain.binding(bounds, cut, held) if cut.of else None
        return Row(
            step=step,
            requested=wanted or Share(min(rate.share for rate in self.rules.rates)),
            achieved=cut,
            binding=bound,
            says=explain.sentence(
                before=before,
                after=dose,
                requested=wanted,
                cut=cut,
                bound=bound,
                need=self._need(before, dose),
                nearer=self._nearer(before, dose),
                between=self._between(before, dose),
            ),
        )

    def _need(self, before: Dose, after: Dose) -> int | None:
        units = self.day.dispensary.units
        return self.rules.need(units(before), units(after)) if after < before else None

    def _between(self, before: Dose, after: Dose) -> Dose | None:
        """This function will return the highest dose between two that the products make."""
        dispensary = self.day.dispensary
        low, high = dispensary.units(after), dispensary.units(before)
        return next((dispensary.dose(level) for level in self.day.levels if low < level < high), None)

    def _nearer(self, before: Dose, after: Dose) -> Dose | None:
        """This function will return a dose between two that this plan could have used to stay nearer to the limits.

        That is one within the limits; before a last step from more than the smallest piece on the market, any dose.
        """
        units = self.day.dispensary.units
        dose, low = units(before), units(after)
        between = [level for level in self.levels if low < level < dose]
        found = [level for level in between if self.rules.within(dose, level)]
        if not found and not after and dose > self.rules.end:
            found = between[:1]
        return self.day.dispensary.dose(min(found)) if found else None

    def _present_intakes(self) -> tuple[Intake, ...]:
        made = self.day.dispensary.made
        return tuple(
            Intake(time=intake.time, dose=intake.dose, portions=made[units].portions if units in made else None)
            for intake, units in zip(
                sorted(self.case.present.intakes, key=lambda each: self.day.times.index(each.time)),
                self.day.present,
                strict=True,
            )
        )

    def _notes(self, rows: Sequence[Row], baseline: Step | None) -> list[str]:
        goal, ends_on = self.case.goal, rows[-1].step.from_
        notes = []
        if goal.finish_by and ends_on > goal.finish_by:
            notes.append(
                f"A finish by {goal.finish_by} was asked for; this plan ends on {ends_on}, "
                f"{(ends_on - goal.finish_by).days} days later. A plan is stretched rather than hurried."
            )
        notes += hold_notes(goal.holds, ends_on)
        notes += explain.unverified_notes(rows)
        first = baseline or rows[0].step
        if any(not intake.portions for intake in first.intakes):
            notes.append(
                "The present dose cannot be made from these products: it is taken as it is now, and is not in the supply."
            )
        return notes

    def _too_slow(self, objective: Objective) -> Infeasible:
        years = FURTHEST_DAY // 365
        return Infeasible(
            name=objective.name,
            conflict=(objective.asked,) if objective.asked else (),
            says=f"The asked pace would take more than {years} years; ask for a larger share or a shorter interval.",
            nearest=(),
            would_work=(),
        )

    def infeasible(self, name: str, stuck: Stuck) -> Infeasible:
        dose, following = self.day.dispensary.dose(stuck.dose), self.day.dispensary.dose(stuck.following)
        measures = ("dose-reduction", "coarse-step", "longest-hold")
        limits = [self.known.limit(measure) for measure in measures]
        last = self.known.limit("last-diazepam-equivalent")
        products = explain.products_for(self.case, self.known, dose, self.rules)
        words = ", or ".join(f"{product.says} ({product.key})" for product in products)
        ways = f"It would work with {words}." if words else "A compounded suspension or a switch is needed."
        return Infeasible(
            name=name,
            conflict=tuple(
                Bound(limit=limit.id, source=limit.source, allows=Share(limit.value))
                for limit in limits
                if limit.measures != "longest-hold"
            ),
            says=(
                f"{dose} a day is too much to stop from in one step, and these products make nothing below it: {last.id} "
                f"({last.source}). {ways}"
                if not following
                else f"From {dose} a day the next dose that these products make is {following}, a cut of "
                f"{dose.cut_to(following)}: more than {limits[0].id} ({limits[0].source}) allows in one step, more "
                f"than {limits[1].id} allows at all or more than a hold of {limits[2].value} days makes up for. {ways}"
            ),
            nearest=(dose, following),
            would_work=products,
        )


def _not_daily(case: Case) -> Infeasible | None:
    days = case.present.days_per_week
    if days is None or days == 7:
        return None
    return Infeasible(
        name="all",
        conflict=(),
        says=(
            f"{case.goal.of} is taken on {days} days a week; a plan of daily doses would raise the dose of the week. A "
            "prescriber decides whether it needs a taper at all, and how."
        ),
        nearest=(),
        would_work=(),
    )


def _at_goal(case: Case) -> Infeasible | None:
    if case.goal.daily < case.present.daily:
        return None
    says = f"{case.goal.of} is at its goal of {case.goal.daily} a day: there is nothing left to taper."
    return Infeasible(name="all", conflict=(), says=says, nearest=(), would_work=())


def _usable(day: Day, level: int, known: Knowledge) -> bool:
    """Whether a plan uses a daily dose: any that solid pieces make, else in steps of about 1 % of itself.

    A liquid that is read in coarser steps than that is used in its own steps. It depends on the dose and on single
    products alone, so that better stock never takes a dose away.
    """
    if level in day.solid_levels:
        return True
    dispensary = day.dispensary
    grain = _grain(dispensary.unit * level * known.convention("liquid-grain").number)
    if (dispensary.unit * level / grain).denominator == 1:
        return True
    return any(
        product.liquid and dispensary.step(product).mg >= grain and level in day.levels_with(product)
        for product in dispensary.products
    )


def _grain(most: Fraction) -> Fraction:
    """This function will return the largest of 1, 2 and 5 times a power of ten that is at most so much."""
    grain = Fraction(10**4)
    while grain > most:
        grain /= 10
    return max(grain * factor for factor in (1, 2, 5) if grain * factor <= most)


def _goal_not_makeable(case: Case, day: Day, goal: int) -> Infeasible:
    below = max((level for level in day.levels if level < goal), default=None)
    above = min((level for level in day.levels if level > goal), default=None)
    nearest = tuple(day.dispensary.dose(level) for level in (below, above) if level is not None)
    near = " and ".join(str(dose) for dose in nearest)
    return Infeasible(
        name="all",
        conflict=(),
        says=f"A goal of {case.goal.daily} a day cannot be made from these products; the nearest are {near}.",
        nearest=nearest,
        would_work=(),
    )
