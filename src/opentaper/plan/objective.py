"""The options and what each of them is the optimum of."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Protocol
from opentaper.knowledge.limits import RATE_MEASURES
from opentaper.patient import Case, diazepam_equivalent
from opentaper.plan.day import Day
from opentaper.plan.dispense import common_measure
from opentaper.plan.proposal import Bound
from opentaper.plan.rules import Rules, SearchRate, Window
from opentaper.plan.search import AskedPace, Since, Staircase, Stuck, TooSlow, closest, fastest
from opentaper.quantity import Dose, Share, Span

DEFAULT_PACE = "jcpg-2025"
"""The protocol whose share and interval are used where a case asks for none."""


class Search(typing.Protocol):
    """How a staircase is searched for: rules, the present dose, the levels below it and their effort."""

    def __call__(
        self, rules: Rules, start: int, levels: Sequence[int], effort: Sequence[int], since: Since | None = None, /
    ) -> Staircase | Stuck | TooSlow: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A named optimum: how it is searched for, and which pace was asked."""

    name: str
    title: str
    says: str
    search: Search
    asked: Bound | None


def end_dose(drug: str, known: Knowledge) -> Dose:
    """Return the smallest solid piece of the drug that any product of the base gives, or its smallest liquid dose.

    It does not depend on the pharmacy's stock, so that better stock never makes a plan longer.
    """
    solids = [
        product.strength * product.finest_part
        for product in known.products_of(drug)
        if product.strength is not None and product.release == "immediate"
    ]
    if solids:
        return min(solids)
    step = known.convention("liquid-step-ml").number
    return min(Dose((product.mg_per_ml or Fraction(1)) * step) for product in known.products_of(drug))


def last_dose(drug: str, known: Knowledge) -> Dose:
    """Return the largest dose from which a last step to zero is allowed: in pieces, and by the least equivalence."""
    pieces = end_dose(drug, known) * known.limit("last-dose").value
    band = diazepam_equivalent(drug, Dose(Fraction(1)), known)
    if band is None:
        return pieces
    return min(pieces, Dose(known.limit("last-diazepam-equivalent").value / band[0].mg))


def rules_for(case: Case, known: Knowledge, day: Day) -> Rules:
    """Return the limits of the base as the search reads them, in the units of a case's products."""
    interval = Span(int(known.limit("step-interval").value))
    rates = [
        SearchRate(limit.id, limit.rate(interval).share.of, limit.rate(interval).per.days)
        for limit in known.limits
        if limit.measures in RATE_MEASURES and limit.measures != "rolling-reduction"
    ]
    rates.sort(key=lambda rate: not any(limit.id == rate.limit and limit.per for limit in known.limits))
    windows = [
        Window(limit.id, limit.value, limit.per.days)
        for limit in known.limits_on("rolling-reduction")
        if limit.per is not None
    ]
    return Rules(
        rates=tuple(rates),
        windows=tuple(windows),
        interval=interval.days,
        coarse_at_most=known.limit("coarse-step").value,
        longest_hold=int(known.limit("longest-hold").value),
        end=day.dispensary.units(end_dose(case.goal.of, known)),
        last_at_most=last_dose(case.goal.of, known).mg / day.dispensary.unit,
    )


def days_needed(rules: Rules, drug: str, before: Dose, after: Dose, known: Knowledge) -> int | None:
    """Return the days that a cut in any drug needs on the dose before it, or None when no hold makes up for it."""
    end = end_dose(drug, known)
    unit = common_measure([dose.mg for dose in (end, before, after) if dose])
    own = replace(rules, end=int(end.mg / unit), last_at_most=last_dose(drug, known).mg / unit)
    return own.need(int(before.mg / unit), int(after.mg / unit))


def days_apart(rules: Rules, before: Dose, after: Dose) -> int:
    """Return the days by which a cut in any drug stays apart from its neighbours because of the rolling limits."""
    unit = common_measure([dose.mg for dose in (before, after) if dose])
    near, gap = rules.apart(int(before.mg / unit))
    return 0 if int(after.mg / unit) >= near else gap


def bounds_of(known: Knowledge) -> tuple[Bound, ...]:
    """Return every limit on the size of a step, tightest first."""
    found = [
        Bound(limit=limit.id, source=limit.source, allows=Share(limit.value))
        for limit in known.limits
        if limit.measures in RATE_MEASURES
    ]
    return tuple(sorted(found, key=lambda bound: bound.allows))


def asked_pace(case: Case, known: Knowledge) -> tuple[Share, str, Span, str]:
    """Return the share, what it is of, the interval and who asked: the case, or the default protocol."""
    default = known.protocols[DEFAULT_PACE]
    assert default.share is not None and default.every_low is not None
    source = "case" if case.goal.share else default.source
    return case.goal.share or default.share, case.goal.percent_of, case.goal.every or default.every_low, source


def fastest_allowed() -> Objective:
    return Objective(
        name="fastest",
        title="Fastest allowed",
        says="The fewest days under the limits; then the smallest worst step, then the fewest pieces.",
        search=fastest,
        asked=None,
    )


def paced(name: str, title: str, share: Share, of: str, every: Span, source: str) -> Objective:
    """Return the objective of following an asked pace most closely."""

    def search(
        rules: Rules, start: int, levels: Sequence[int], effort: Sequence[int], since: Since | None = None
    ) -> Staircase | Stuck | TooSlow:
        return closest(rules, AskedPace(share=share.of, of=of, every=every.days), start, levels, effort, since)

    return Objective(
        name=name,
        title=title,
        says=(
            f"Follows {share} of the {of} dose every {every.days} days by the nearest doses that can be made, so a step may "
            "be a little larger or smaller than asked, and is never sooner; then the smallest worst step, then the fewest "
            "pieces."
        ),
        search=search,
        asked=Bound(limit="asked-pace", source=source, allows=share),
    )


def usual(case: Case, known: Knowledge) -> Objective:
    return paced("usual", "Usual", *asked_pace(case, known))


def gentle(case: Case, known: Knowledge) -> Objective:
    share, of, every, source = asked_pace(case, known)
    part = Fraction(known.convention("gentle-part").value)
    return paced("gentle", "Gentle: half the pace", Share(share.of * part), of, every, source)


def proportional(protocol: Protocol) -> Objective:
    """Return the objective of following a published proportional pace under the limits."""
    assert protocol.share and protocol.percent_of and protocol.every_low
    return paced(protocol.key, protocol.name, protocol.share, protocol.percent_of, protocol.every_low, protocol.source)
