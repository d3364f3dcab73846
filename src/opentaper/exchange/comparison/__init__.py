"""Plans side by side: the same measures of each, in the order in which they are offered, and no score."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from opentaper.exchange.comparison.cost import Cost, cost_document, cost_of
from opentaper.exchange.document import infeasible_document, knowledge_note
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Intake, Step
from opentaper.plan import Options, Plan, present_intakes
from opentaper.quantity import NO_DOSE, Dose, Share, decimal_text
from opentaper.review import Reviewed, Verdict

COMPARE_SCHEMA = "opentaper.compare/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The daily dose of one drug goes from one value to another; `cut` is a share of that drug's own dose.

    A rise has a negative share; a drug that begins has none.
    """

    on: dt.date
    drug: str
    before: Dose
    after: Dose
    cut: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of something on one day: now, on the day with the most, and in all days of the plan together.

    Args:
        present: now; None where the products do not make the present dose.
        most: on the day with the most, the days on the goal included.
        total: over the days from the first step to the goal.
        days: how many days `total` covers: those whose pieces are known.
    """

    present: int | None
    most: int
    total: int
    days: int

    @property
    def mean(self) -> Fraction | None:
        """The exact mean a day; None for a plan that has no day between its first step and the goal."""
        return Fraction(self.total, self.days) if self.days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One plan and its review, measured.

    Args:
        plan: the plan.
        reviewed: its review.
        changes: every change of a daily dose, a day after the other.
        pieces: solid pieces taken; a half is a piece, and a liquid is none.
        broken: pieces among them that had to be broken off a tablet.
        measured: portions of liquid.
        cost: what all collections cost, as far as that is known.
    """

    plan: Plan
    reviewed: Reviewed
    changes: tuple[Change, ...]
    pieces: Tally
    broken: Tally
    measured: Tally
    cost: Cost

    @property
    def steps(self) -> int:
        """On how many days a dose changes; two drugs that change on one day are one step."""
        return len({change.on for change in self.changes})

    @property
    def ends_at(self) -> Mapping[str, Dose]:
        """The daily dose of each drug on the last day that the plan speaks of; a protocol may end above the goal."""
        return {drug: self.plan.regimen.of(drug)[-1].daily for drug in self.plan.regimen.drugs}

    def ends_above(self, goal: Dose) -> bool:
        """Whether more is taken on that day than the goal."""
        return sum(self.ends_at.values(), NO_DOSE) > goal

    @property
    def switch_days(self) -> tuple[dt.date, ...]:
        """The days on which one drug takes over from another: one falls while another rises."""
        rises = {change.on for change in self.changes if change.after > change.before}
        return tuple(sorted({change.on for change in self.changes if change.after < change.before} & rises))

    @property
    def largest_cut(self) -> Change | None:
        """The first of the largest cuts, to zero or not, leaving out the days of a switch."""
        return max(self._cuts, key=_share, default=None)

    @property
    def largest_cut_above_zero(self) -> Change | None:
        """The first of the largest cuts that leave something of the drug."""
        return max((change for change in self._cuts if change.after), key=_share, default=None)

    @property
    def _cuts(self) -> list[Change]:
        switched = self.switch_days
        return [change for change in self.changes if change.after < change.before and change.on not in switched]

    @property
    def products(self) -> tuple[str, ...]:
        """The keys of the products that are taken, the days on the present dose included."""
        return tuple(sorted({portion.product.key for _, _, portion in self.plan.regimen.portions()}))

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many findings got each verdict, the gravest first."""
        verdicts = [finding.verdict for finding in self.reviewed.findings]
        return {verdict: verdicts.count(verdict) for verdict in reversed(Verdict)}

    @property
    def blocked_by(self) -> tuple[tuple[str, Verdict], ...]:
        """Every rule that blocks, once, with its gravest verdict: block before unknown."""
        found = [(each.rule, each.verdict) for each in self.reviewed.findings if each.verdict.blocks]
        found.sort(key=lambda each: -each[1].rank)
        return tuple(dict(reversed(found)).items())[::-1]

    @property
    def length(self) -> str:
        """How long it takes from the first step to the goal, in weeks and days.

        Example: "30 weeks", "4 weeks 5 days".
        """
        weeks, days = divmod(self.plan.days, 7)
        parts = [f"{weeks} week{'' if weeks == 1 else 's'}"] if weeks else []
        if days or not weeks:
            parts.append(f"{days} day{'' if days == 1 else 's'}")
        return " ".join(parts)


def _share(change: Change) -> Fraction:
    return change.cut.of if change.cut else Fraction(0)


def compare(options: Options, reviewed: Sequence[Reviewed], case: Case, known: Knowledge) -> tuple[Comparison, ...]:
    """Measure every plan in the same way, in the order in which they are given.

    Args:
        options: what the planner found.
        reviewed: the review of each plan, in the same order.
        case: whose plans they are, for what is taken now.
        known: the base.

    Returns:
        One comparison a plan. Pieces are counted over the days from the first step to the goal; what is handed over
        and its cost cover every collection, so also the days on the present dose that a case asks for first.

    Raises:
        ValueError: there are not as many reviews as plans.
    """
    present = present_intakes(case, known)
    return tuple(
        Comparison(
            plan=plan,
            reviewed=judged,
            changes=tuple(_changes(plan, case)),
            pieces=_tally(plan, present, "pieces"),
            broken=_tally(plan, present, "splits"),
            measured=_tally(plan, present, "liquids"),
            cost=cost_of(plan, known),
        )
        for plan, judged in zip(options.plans, reviewed, strict=True)
    )


def _changes(plan: Plan, case: Case) -> Iterator[Change]:
    last = {case.goal.of: case.present.daily}
    for row in plan.rows:
        step = row.step
        before, after = last.get(step.drug, NO_DOSE), step.daily
        if after != before:
            cut = before.cut_to(after) if before else None
            yield Change(on=step.from_, drug=step.drug, before=before, after=after, cut=cut)
        last[step.drug] = after


def _tally(plan: Plan, present: Sequence[Intake], what: str) -> Tally:
    """This function will count one thing on every day of a plan; on a day, everything taken then counts together."""
    steps = [row.step for row in plan.rows]
    starts = sorted({step.from_ for step in steps})
    most = total = days = 0
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        count = _count([intake for step in _on(steps, start) for intake in step.intakes], what)
        if count is None:
            continue
        most = max(most, count)
        if end is not None:
            days += (end - start).days
            total += count * (end - start).days
    return Tally(present=_count(present, what), most=most, total=total, days=days)


def _on(steps: Sequence[Step], day: dt.date) -> list[Step]:
    return [step for step in steps if step.from_ <= day and (step.until is None or day < step.until)]


def _count(intakes: Sequence[Intake], what: str) -> int | None:
    """This function will count pieces, splits or liquids; None when some dose is taken in pieces that nobody knows."""
    if any(not intake.portions for intake in intakes if intake.dose):
        return None
    portions = [portion for intake in intakes for portion in intake.portions or ()]
    if what == "liquids":
        return sum(portion.product.liquid for portion in portions)
    return sum(portion.pieces if what == "pieces" else portion.splits for portion in portions)


def about(number: Fraction) -> str:
    """Print a number to one place; one that has more places is rounded and marked with ≈.

    Example:
        >>> about(Fraction(9, 2)), about(Fraction(137, 32))
        ('4.5', '≈4.3')
    """
    if (number * 10).denominator == 1:
        return decimal_text(number)
    return f"≈{decimal_text(Fraction(round(number * 10), 10))}"


def one_sentence(says: str) -> str:
    """Return the first sentence of what a refusal says."""
    return re.split(r"(?<=\.) (?=[A-Z])", says, maxsplit=1)[0]


def compare_document(
    compared: Sequence[Comparison], options: Options, case: Case, known: Knowledge, *, on: dt.date
) -> dict[str, Any]:
    """Return the JSON document of `opentaper compare`: amounts are exact strings, dates are ISO dates.

    Args:
        compared: what `compare` measured.
        options: the plans it measured, with the reasons for those that are missing.
        case: whose plans they are.
        known: the base they stand on.
        on: the day of the review.
    """
    return {
        "schema": COMPARE_SCHEMA,
        "knowledge": knowledge_note(known),
        "on": on.isoformat(),
        "case": {"drug": case.goal.of, "present_mg": case.present.daily.decimal, "goal_mg": case.goal.daily.decimal},
        "plans": [_plan(each) for each in compared],
        "infeasible": [{**infeasible_document(each), "reason": one_sentence(each.says)} for each in options.infeasible]
        or None,
    }


def _plan(each: Comparison) -> dict[str, Any]:
    plan = each.plan
    return {
        "name": plan.name,
        "title": plan.title,
        "objective": plan.objective,
        "verdict": each.reviewed.verdict.value,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "ends_at_mg": {drug: dose.decimal for drug, dose in each.ends_at.items()},
        "days": plan.days,
        "weeks": str(Fraction(plan.days, 7)),
        "steps": each.steps,
        "switch_days": [day.isoformat() for day in each.switch_days],
        "largest_cut": _change(each.largest_cut),
        "largest_cut_above_zero": _change(each.largest_cut_above_zero),
        "pieces_a_day": _day(each.pieces),
        "broken_a_day": _day(each.broken),
        "measured_a_day": _day(each.measured),
        "products": list(each.products),
        "collections": len(plan.supply),
        "cost": cost_document(each.cost),
        "findings": {verdict.value: count for verdict, count in each.counts.items()},
        "blocked_by": [{"rule": rule, "verdict": verdict.value} for rule, verdict in each.blocked_by],
        "regimen_digest": each.reviewed.regimen_digest,
    }


def _change(change: Change | None) -> dict[str, str] | None:
    if change is None:
        return None
    return {
        "share": str(_share(change)),
        "on": change.on.isoformat(),
        "drug": change.drug,
        "from_mg": change.before.decimal,
        "to_mg": change.after.decimal,
    }


def _day(tally: Tally) -> dict[str, Any]:
    mean = None if tally.mean is None else str(tally.mean)
    return {"present": tally.present, "most": tally.most, "mean": mean, "total": tally.total, "days": tally.days}
