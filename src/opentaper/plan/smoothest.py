"""The smoothest plan for its length, and what length buys: the limits bind first, then a model chooses among what is left.

The model predicts; nobody has measured what it predicts. So a plan found with it says that it is modelled, for whom, and
on what assumptions, and the options that need no model stand beside it. What is *felt* of a step is the most withdrawal
on any day after it, as a share of the effect of the present dose, by the worst of the rival models of the effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Regimen
from opentaper.plan import explain, order
from opentaper.plan.dispense import common_measure, with_one_liquid
from opentaper.plan.front import HORIZON, Eased, Point, eased, easiest, front, least, soonest
from opentaper.plan.ground import Ground
from opentaper.plan.objective import usual
from opentaper.plan.proposal import Infeasible, Plan
from opentaper.plan.propose import Frame
from opentaper.plan.search import Arrival, Staircase
from opentaper.quantity import Dose, Share, Span, decimal_text

if TYPE_CHECKING:
    from opentaper.pharmacology.strain import Response, Strain

NAME = "smoothest"
TITLE = "Smoothest for its length (modelled)"
WHOLE = 10**6
"""What is felt is counted in such parts of the effect of the present dose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """A step, the day on which it is made, counted from the first, and how much of it is predicted to be felt.

    Args:
        share: of the effect of the present dose, rounded to a tenth of a per cent.
    """

    before: Dose
    after: Dose
    day: int
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Finer:
    """A product that the stock lacks, and how much the worst step of a plan as long would be felt with it."""

    product: Product
    share: Share
    less: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """The step that is felt most in the smoothest plan, and what finer doses would do to it."""

    days: int
    worst: Felt
    finer: tuple[Finer, ...]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A regimen beside the front: what is felt of each of its steps, and of the worst one at best in that time.

    Args:
        band: the least and the most that the worst step is felt by any one rival assumption, over the range of how fast
            people may get used to a dose.
        at_best: None where no plan within the limits is as short.
    """

    days: int
    steps: tuple[Felt, ...]
    worst: Felt
    band: tuple[Share, Share]
    at_best: Share | None


def smoothest(case: Case, known: Knowledge, weeks: int | None = None) -> Plan | Infeasible:
    """Find the plan of at most so many weeks whose worst step is predicted to be felt least, then its second worst, …

    Doses, cuts and holds are bounded as for every other plan; what is left to choose is when to cut how much. The search
    is exact for the model; the model is an assumption.

    Args:
        weeks: the most weeks until the goal, holds of the calendar not counted; by default as the usual plan.

    Returns:
        A plan that says what is predicted of its worst step, or why there is none.

    Source: opentaper, docs/decisions/0003 and 0012.
    """
    if not case.goal.then:
        return _smoothest(case, known, weeks)
    if weeks is not None:
        says = "Several drugs are reduced one after the other: ask for the length of each alone, or take that of the usual plan."
        return _refused(says)
    return order.in_order(case, known, usual, lambda own, _: _smoothest(own, known, None))


def trade_off(case: Case, known: Knowledge, days: int = HORIZON) -> tuple[Point, ...] | Infeasible:
    """Find every length at which the worst step need be felt less than in any shorter plan: the whole front.

    Args:
        days: how far to look.

    Returns:
        Points of days and of parts per million of the effect of the present dose; none when all plans take longer.
    """
    laid = _lay(case, known)
    if isinstance(laid, Infeasible):
        return laid
    best: dict[int, int] = {}
    for point in (point for each in laid for point in front(each.ground, days)):
        best[point.days] = min(point.peak, best.get(point.days, point.peak))
    found: list[Point] = []
    for length, peak in sorted(best.items()):
        if not found or peak < found[-1].peak:
            found.append(Point(length, peak))
    return tuple(found)


def what_bounds(case: Case, known: Knowledge, weeks: int | None = None) -> Bottleneck | Infeasible:
    """Say which step of the smoothest plan is felt most, and which products would make that less in the same time."""
    found = _found(case, known, weeks)
    if isinstance(found, Infeasible):
        return found
    worst = _worst(found.steps)
    stock = case.supply.of(case.goal.of, known)
    finer = []
    for product in explain.products_for(case, known, worst.before, found.frame.rules):
        wider = replace(case, supply=replace(case.supply, products=(*stock, product)))
        peak = _at_best(_lay(wider, known), found.days)
        if peak is not None and peak < found.eased.peak:
            less = Fraction(round(100 * (1 - Fraction(peak, found.eased.peak))), 100)
            finer.append(Finer(product=product, share=_share(peak), less=Share(less)))
    says = _bound_words(worst, found.band(case, known), finer, case, known)
    return Bottleneck(days=found.days, worst=worst, finer=tuple(finer), says=says)


def placed(case: Case, known: Knowledge, regimen: Regimen) -> Placed | Infeasible:
    """Say what is felt of each step of any regimen of the drug of the goal, and what is at best possible in that time.

    Days on the present dose before the first step do not count, nor does what is taken of other drugs change.

    Raises:
        ValueError: a dose of it is higher than the one before, or none differs from the present one.
    """
    staircase, start, unit = _staircase(case, regimen)
    response = _response(case, known)
    if isinstance(response, Infeasible):
        return response

    steps = _felt(eased(staircase, start, _tables(response, unit)), start, unit)
    peak = _at_best(_lay(case, known), staircase.days)
    at_best = None if peak is None else _share(peak)
    band = _band(response, known, staircase, start, unit)
    return Placed(days=staircase.days, steps=steps, worst=_worst(steps), band=band, at_best=at_best)


def _tables(response: Response, unit: Fraction) -> Callable[[Sequence[int], Sequence[tuple[int, int]]], Strain]:
    def tables(doses: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        return response.strain([unit * dose for dose in doses], pairs)

    return tables


def _band(
    response: Response, known: Knowledge, staircase: Staircase, start: int, unit: Fraction
) -> tuple[Share, Share]:
    """This function will return the least and the most that the worst step is felt by any one assumption."""
    days = known.adaptation.processes["main"].days
    peaks = [max(eased(staircase, start, _tables(each, unit)).felt) for each in response.varied(days)]
    return _share(min(peaks)), _share(max(peaks))


@dataclass(frozen=True, slots=True)
class _Laid:
    """A case made ready to be searched with a model, with one of its liquids."""

    frame: Frame
    ground: Ground


@dataclass(frozen=True, slots=True)
class _Found:
    """The smoothest plan of at most so many days, with the frame it was found in."""

    frame: Frame
    eased: Eased
    days: int

    @property
    def steps(self) -> tuple[Felt, ...]:
        return _felt(self.eased, self.frame.start, self.frame.day.dispensary.unit)

    def band(self, case: Case, known: Knowledge) -> tuple[Share, Share]:
        """Return the least and the most that the worst step is felt by any one assumption."""
        response = _response(case, known)
        assert not isinstance(response, Infeasible)
        return _band(response, known, self.eased.staircase, self.frame.start, self.frame.day.dispensary.unit)


def _smoothest(case: Case, known: Knowledge, weeks: int | None) -> Plan | Infeasible:
    found = _found(case, known, weeks)
    if isinstance(found, Infeasible):
        return found
    plan = found.frame.dated(found.eased.staircase, NAME, TITLE, _says(found.days, known), None)
    worst = _worst_words(_worst(found.steps), found.band(case, known), plan, case, known)
    return replace(plan, notes=(*plan.notes, worst))


def _found(case: Case, known: Knowledge, weeks: int | None) -> _Found | Infeasible:
    laid = _lay(case, known)
    if isinstance(laid, Infeasible):
        return laid
    days = _usual_days(laid, case, known) if weeks is None else weeks * 7
    return days if isinstance(days, Infeasible) else _best(laid, days)


def _response(case: Case, known: Knowledge) -> Response | Infeasible:
    from opentaper.pharmacology import CannotSimulateError, UnknownPotencyError
    from opentaper.pharmacology.strain import Response

    try:
        return Response.of(case, known)
    except (CannotSimulateError, UnknownPotencyError) as why:
        return _refused(f"Nothing can be predicted here: {why}.")


def _lay(case: Case, known: Knowledge) -> list[_Laid] | Infeasible:
    """This function will make a case ready, once with each of its liquids."""
    frames = [Frame.of(each, known) for each in with_one_liquid(case, case.goal.of, known)]
    good = [frame for frame in frames if isinstance(frame, Frame)]
    if not good:
        return next(replace(frame, name=NAME) for frame in frames if isinstance(frame, Infeasible))
    response = _response(case, known)
    if isinstance(response, Infeasible):
        return response
    return [_Laid(frame, _ground(frame, response)) for frame in good]


def _ground(frame: Frame, response: Response) -> Ground:
    levels = frame.falling

    def tables(doses: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        return response.strain([frame.day.dispensary.dose(dose).mg for dose in doses], pairs)

    return Ground(frame.rules, frame.start, levels, tables, [frame.day.effort(level) for level in levels])


def _usual_days(laid: Sequence[_Laid], case: Case, known: Knowledge) -> int | Infeasible:
    """This function will return the days of the usual plan, holds of the calendar not counted."""
    aim = usual(case, known)
    for each in laid:
        found = each.frame.searched(aim, each.frame.falling)
        if isinstance(found, Staircase):
            return found.days
    missing = laid[0].frame.plan(aim)
    return replace(missing, name=NAME) if isinstance(missing, Infeasible) else missing.days


def _best(laid: Sequence[_Laid], days: int) -> _Found | Infeasible:
    """This function will return the plan that is felt least, with the weakest liquid among equals."""
    plans = [(each.frame, easiest(each.ground, days)) for each in laid]
    found = [_Found(frame, plan, days) for frame, plan in plans if plan is not None]
    if found:
        return min(found, key=lambda each: (sorted(each.eased.felt, reverse=True), each.eased.staircase.days))
    lengths = [length for each in laid if (length := soonest(each.ground)) is not None]
    if lengths:
        return _refused(f"Within the limits no plan is done in {Span(days)}: the soonest takes {Span(min(lengths))}.")
    stuck = laid[0].ground.stuck
    says = "Within the limits every plan takes more than ten years."
    return laid[0].frame.infeasible(NAME, stuck) if stuck else _refused(says)


def _at_best(laid: Sequence[_Laid] | Infeasible, days: int) -> int | None:
    """This function will return the least that the worst step of a plan of at most so many days can be felt."""
    points = [] if isinstance(laid, Infeasible) else [least(each.ground, days) for each in laid]
    return min((point.peak for point in points if point is not None), default=None)


def _staircase(case: Case, regimen: Regimen) -> tuple[Staircase, int, Fraction]:
    """This function will return a regimen's steps as a staircase, the present dose, and the unit of both [mg]."""
    taken = [(step.from_, step.daily) for step in regimen.of(case.goal.of)]
    present = case.present.daily
    changes = [
        (date, dose) for before, (date, dose) in zip([present, *(dose for _, dose in taken)], taken, strict=False)
        if dose != before
    ]  # fmt: skip
    if not changes:
        raise ValueError(f"the regimen stays at {present} of {case.goal.of} a day, so there is no step")
    unit = common_measure([dose.mg for dose in (present, *(dose for _, dose in changes)) if dose])
    first = changes[0][0]
    arrivals = tuple(Arrival(int(dose.mg / unit), (date - first).days) for date, dose in changes)
    return Staircase(0, arrivals), int(present.mg / unit), unit


def _felt(found: Eased, start: int, unit: Fraction) -> tuple[Felt, ...]:
    doses = [start, *(arrival.dose for arrival in found.staircase.arrivals)]
    days = [found.staircase.held_before + arrival.day for arrival in found.staircase.arrivals]
    return tuple(
        Felt(before=Dose(unit * before), after=Dose(unit * after), day=day, share=_share(felt))
        for (before, after), day, felt in zip(pairwise(doses), days, found.felt, strict=True)
    )


def _worst(steps: Sequence[Felt]) -> Felt:
    return max(steps, key=lambda step: step.share)


def _share(felt: int) -> Share:
    """This function will round what is felt to a tenth of a per cent: far finer than anybody can measure."""
    return Share(Fraction(round(Fraction(1000 * felt, WHOLE)), 1000))


def _says(days: int, known: Knowledge) -> str:
    main = known.adaptation.processes["main"]
    figures = [decimal_text(each) for each in (main.days.value, main.days.low, main.days.high)]
    return (
        f"Of the plans within the limits that take at most {days} days, the one whose worst step is predicted to be felt "
        "least, then whose second worst, and so on; then the fewest days, then the fewest pieces. Modelled, not measured: "
        f"a typical person, by the worst of the rival assumptions {', '.join(known.effects)}; adaptation within "
        f"{figures[0]} days [{figures[1]}-{figures[2]}] is assumed ({main.source}, {main.at})."
    )


def _worst_words(worst: Felt, band: tuple[Share, Share], plan: Plan, case: Case, known: Knowledge) -> str:
    on = next(row.step.from_ for row in plan.rows if row.step.daily == worst.after)
    return (
        f"Modelled: the step that is felt most is that from {worst.before} to {worst.after} on {on}; for some days "
        f"{worst.share} of the effect of the present dose is predicted to be lacking, {band[0]} to {band[1]} by one or "
        f"another assumption. {_assumes(case, known)}"
    )


def _bound_words(worst: Felt, band: tuple[Share, Share], finer: Sequence[Finer], case: Case, known: Knowledge) -> str:
    place = "the last one, from" if not worst.after else "from"
    to = "" if not worst.after else f" to {worst.after}"
    said = (
        f"Modelled: the step that is felt most is {place} {worst.before}{to}, {worst.share} of the effect of the present "
        f"dose, {band[0]} to {band[1]} by one or another assumption."
    )
    for each in finer:
        said += f" With {each.product.says} ({each.product.key}) it would be {each.share} in the same time, {each.less} less."
    return f"{said} {_assumes(case, known)}"


def _assumes(case: Case, known: Knowledge) -> str:
    """This function will say what a predicted figure rests on, and who says so."""
    main = known.adaptation.processes["main"]
    figures = [decimal_text(each) for each in (main.days.value, main.days.low, main.days.high)]
    said = (
        f"Assumed: a typical person, dependence whole, the worst of {', '.join(known.effects)}, adaptation within {figures[0]} "
        f"days [{figures[1]}-{figures[2]}; {main.source}, {main.at}]."
    )
    beside = [
        each.drug for each in case.taking if each.drug and each.drug != case.goal.of and known.tapered_drug(each.drug)
    ]
    return f"{said} Taken too, and left out of it: {', '.join(beside)}." if beside else said


def _refused(says: str) -> Infeasible:
    return Infeasible(name=NAME, conflict=(), says=says, nearest=(), would_work=())
