"""A row of a plan changed by a person: what stands before it stays, and the rest is planned anew from the new dose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import TIMES, Case, Intake, Portion, Regimen, Step
from opentaper.plan import explain
from opentaper.plan.dates import on_day
from opentaper.plan.day import present_day
from opentaper.plan.objective import (
    Objective,
    asked_pace,
    bounds_of,
    days_needed,
    end_dose,
    fastest_allowed,
    gentle,
    proportional,
    rules_for,
    usual,
)
from opentaper.plan.proposal import Infeasible, Plan, Row
from opentaper.plan.propose import tapered
from opentaper.plan.remake import UnmakeableError, maker
from opentaper.plan.rules import Rules
from opentaper.plan.search import AskedPace, Since, Staircase, Stuck, TooSlow, closest
from opentaper.plan.standing import daily
from opentaper.plan.supply import collections
from opentaper.quantity import LONGEST_SPAN_DAYS, Dose, Share, Span

EDITED = "-edited"
"""What the name of a plan ends with once a person has changed a row of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One row changed.

    Args:
        row: its place among the plan's rows, from 0.
        taken: the doses of its day instead; None for those that it has.
        days: how long it lasts instead; None for as long as the planner finds.
    """

    row: int
    taken: tuple[Intake, ...] | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        if self.row < 0:
            raise ValueError(f"there is no row {self.row}")
        if self.taken is None and self.days is None:
            raise ValueError("an edit changes the dose of a row, its length, or both")
        if any(each.portions is not None for each in self.taken or ()):
            raise ValueError("an edit says doses; from which pieces they are made is found")
        if self.days is not None and not 1 <= self.days <= LONGEST_SPAN_DAYS:
            raise ValueError(f"a row of {self.days} days is absurd; allowed: 1 to {LONGEST_SPAN_DAYS}")


def edited(plan: Plan, edits: Sequence[Edit], case: Case, known: Knowledge) -> Plan | Infeasible:
    """Change rows of a plan one after the other; after each, the rest is the optimum of the plan's own objective.

    A schedule that is printed as published has no objective of ours: its rest follows the pace that the case asks for. Nothing
    is judged here: review judges what comes of it as it judges any regimen.

    Args:
        plan: an option of the case.
        edits: what is changed, in this order; the rows of a later one are those that an earlier one left.
        case: whose plan it is.
        known: the base.

    Returns:
        The plan as edited, or why it cannot be: with the nearest doses that can be made.

    Source: opentaper, docs/decisions/0020.
    """
    found: Plan | Infeasible = plan
    for each in edits:
        if isinstance(found, Infeasible):
            break
        found = _Editing(plan=found, edit=each, case=case, known=known).done()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Editing:
    """One edit under way."""

    plan: Plan
    edit: Edit
    case: Case
    known: Knowledge

    def done(self) -> Plan | Infeasible:
        if says := self._why_not():
            return self._refused(says)
        try:
            taken = self._made()
        except UnmakeableError as problem:
            return self._refused(str(problem))
        goal = self.case.goal
        if daily(taken) <= goal.daily:
            if self.edit.days is not None:
                return self._refused(f"{daily(taken)} a day is the end of this plan: it goes on until further notice.")
            return self._together(taken, None, ())
        from_, held = self._old.step.from_, self.edit.days
        begins = from_ if held is None else on_day(from_, held, goal.holds)
        rest = tapered(self._later(taken, begins), self.known, self._objective(taken), self._since(taken))
        if isinstance(rest, Infeasible):
            return rest
        waits = rest.rows[0].achieved.of == 0
        if held is not None and waits:
            more = (rest.rows[1].step.from_ - from_).days
            return self._refused(
                f"{held} days on {daily(taken)} a day are too few: the limits and the asked pace ask for {more} days before the next dose that "
                "these products make. Make the row that long, or choose another dose."
            )
        following = rest.rows[1:] if waits else rest.rows
        return self._together(taken, rest, following)

    def _why_not(self) -> str | None:
        drugs, of = self.plan.regimen.drugs, self.case.goal.of
        if drugs != (of,) or self.case.goal.then:
            return "A plan of two drugs is not edited row by row: change the wish in the case, and plan anew."
        if self.edit.row >= len(self.plan.rows):
            return f"This plan has {len(self.plan.rows)} rows; there is no row {self.edit.row + 1}."
        if self.edit.taken is None and self._old.step.until is None:
            return "The last dose goes on until further notice; nothing follows it, so it has no length."
        if self.edit.taken is not None and any(not each.dose for each in self.edit.taken):
            return "An intake of nothing is left out."
        return None

    def _refused(self, says: str) -> Infeasible:
        return Infeasible(name=self._name, conflict=(), says=says, nearest=(), would_work=())

    @property
    def _name(self) -> str:
        return f"{self._option}{EDITED}"

    @property
    def _option(self) -> str:
        return self.plan.name.removesuffix(EDITED)

    @property
    def _old(self) -> Row:
        return self.plan.rows[self.edit.row]

    @property
    def _before(self) -> Dose:
        """The dose that the row before has, or the present one."""
        return self.plan.rows[self.edit.row - 1].step.daily if self.edit.row else self.case.present.daily

    @property
    def _stocked(self) -> Case:
        """The case with one liquid at most, where the rows before use one: two strengths are taken for one another."""
        used = {portion.product for row in self.plan.rows[: self.edit.row] for portion in _portions(row.step)}
        liquids = {each for each in used if each.liquid}
        if not liquids:
            return self.case
        aside: tuple[Product, ...] = tuple(
            each for each in self.case.supply.of(self.case.goal.of, self.known) if each.liquid and each not in liquids
        )
        return replace(self.case, supply=replace(self.case.supply, without=aside))

    def _made(self) -> tuple[Intake, ...]:
        """This function will make the doses of the row from the products, or say which are near.

        Raises:
            UnmakeableError: they do not make one of them.
        """
        if self.edit.taken is None:
            return self._old.step.intakes
        asked = tuple(sorted(self.edit.taken, key=lambda each: TIMES.index(each.time)))
        make = maker(self.case.goal.of, [each.dose for each in asked], self._stocked, self.known)
        return make(asked)

    def _later(self, taken: tuple[Intake, ...], begins: dt.date) -> Case:
        """This function will return the case of somebody who is on the new dose: what the rest is planned for."""
        case = self._stocked
        present = replace(case.present, intakes=tuple(replace(each, portions=None) for each in taken))
        taking = tuple(present if each.drug == case.goal.of else each for each in case.taking)
        goal = replace(case.goal, starts_on=begins, baseline=Span(0))
        return replace(case, taking=taking, goal=goal)

    def _rules(self, case: Case) -> tuple[Rules, Fraction]:
        day = present_day(case, self.known, include=(end_dose(case.goal.of, self.known), self._before))
        return rules_for(case, self.known, day), day.dispensary.unit

    def _since(self, taken: tuple[Intake, ...]) -> Since:
        """This function will say how long the new dose will have been taken, and how far its cut keeps others off."""
        rules, unit = self._rules(self._later(taken, self._old.step.from_))
        near, gap = rules.apart(int(self._before.mg / unit))
        return Since(days=self.edit.days or 0, apart=0 if daily(taken).mg / unit >= near else gap)

    def _objective(self, taken: tuple[Intake, ...]) -> Objective:
        """This function will return what the rest is the optimum of: what the whole was, as seen from the new dose."""
        case, known = self.case, self.known
        if self._option == "fastest":
            return fastest_allowed()
        protocol = known.protocols.get(self._option)
        if protocol and protocol.share and protocol.percent_of and protocol.every_low:
            whole = proportional(protocol)
            share, of, every = protocol.share, protocol.percent_of, protocol.every_low
        else:
            whole = gentle(case, known) if self._option == "gentle" else usual(case, known)
            assert whole.asked is not None
            _, of, every, _ = asked_pace(case, known)
            share = whole.asked.allows
        if of == "current":
            return whole
        # A share of the original dose stays that much of a drug, although the rest begins lower.
        own = min(Fraction(1), share.of * case.present.daily.mg / daily(taken).mg)

        def search(
            rules: Rules, start: int, levels: Sequence[int], effort: Sequence[int], since: Since | None = None
        ) -> Staircase | Stuck | TooSlow:
            return closest(rules, AskedPace(share=own, of=of, every=every.days), start, levels, effort, since)

        return replace(whole, search=search)

    def _together(self, taken: tuple[Intake, ...], rest: Plan | None, following: Sequence[Row]) -> Plan:
        plan, place = self.plan, self.edit.row
        until = following[0].step.from_ if following else None
        step = replace(self._old.step, until=until, intakes=taken)
        rows = (*plan.rows[:place], self._row(step), *following)
        baseline = (plan.baseline,) if plan.baseline else ()
        regimen = Regimen(steps=(*baseline, *(row.step for row in rows)))
        repair = rest.repair if rest else None
        shift = len(rows) - len(rest.rows) if rest else 0
        until_then = f"“{plan.title.removesuffix(', edited')}” until {step.from_}"
        return replace(
            plan,
            name=self._name,
            title=f"{plan.title.removesuffix(', edited')}, edited",
            objective=f"{until_then}; then what a person chose, and from there: {self._objective_says(taken)}",
            rows=rows,
            supply=collections(regimen, self.case.supply.days_per_supply),
            repair=replace(repair, row=repair.row + shift) if repair else None,
            notes=tuple(dict.fromkeys((*(rest.notes if rest else ()), *explain.unverified_notes(rows)))),
        )

    def _objective_says(self, taken: tuple[Intake, ...]) -> str:
        return self._objective(taken).says if daily(taken) > self.case.goal.daily else "the end of the plan."

    def _row(self, step: Step) -> Row:
        before, after = self._before, step.daily
        cut = before.cut_to(after)
        steps = [*((self.plan.baseline,) if self.plan.baseline else ()), *(row.step for row in self.plan.rows)]
        held = sum(each.days or 0 for each in steps if each.from_ < step.from_ and each.daily == before)
        bound = explain.binding(bounds_of(self.known), cut, Span(held)) if cut.of > 0 else None
        requested = self._old.requested
        return Row(
            step=step, requested=requested, achieved=cut, binding=bound, says=self._says(step, cut, held, requested)
        )

    def _says(self, step: Step, cut: Share, held: int, requested: Share) -> str:
        before, after, old = self._before, step.daily, self._old.step
        chosen = [
            f"{after} a day instead of {old.daily}" if after != old.daily else f"{after} a day, shared out otherwise"
        ]
        if self.edit.taken is None:
            chosen = [f"{after} a day for {step.days} days instead of {old.days}"]
        elif self.edit.days is not None:
            chosen.append(f"for {step.days} days")
        said = f"Chosen by a person: {' '.join(chosen)}. {requested} was asked for; {cut} is taken, from {before} to {after} a day"
        if cut.of < 0:
            return f"{said}: a rise."
        need = None
        if cut.of > 0:
            rules, _ = self._rules(self.case)
            need = days_needed(rules, self.case.goal.of, before, after, self.known)
        first = self.edit.row == 0 and not self.plan.baseline
        if cut.of > 0 and need is None:
            return f"{said}: more than any hold on the dose before makes up for."
        if need is not None and held < need and not first:
            return f"{said}: our end rule asks for {need} days on {before}, it has {held}."
        return f"{said}."


def _portions(step: Step) -> list[Portion]:
    return [portion for intake in step.intakes for portion in intake.portions or ()]
