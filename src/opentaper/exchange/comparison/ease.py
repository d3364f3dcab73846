"""What length buys: the least that the worst step can be felt, by length, with every plan placed beside it. Modelled."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from opentaper.exchange.charts import COLOURS, DASHES, GREY, Chart, chart
from opentaper.exchange.comparison import Comparison
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient import Case
from opentaper.plan import Bottleneck, Infeasible, Placed, Point, placed, trade_off, what_bounds
from opentaper.quantity import Share, decimal_text

WIDTH, HEIGHT = 620, 320
MILLIONTHS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ease:
    """The front of length against what is felt of the worst step, and the plans beside it.

    Args:
        points: for each length at which waiting longer helps, the least that the worst step is felt.
        beside: each plan of the one drug, with what is felt of its steps.
        left_out: plans that are not placed, and why.
        bound: which step bounds the smoothest plan as long as the usual one, and what finer doses would do.
    """

    points: tuple[Point, ...]
    beside: tuple[tuple[Comparison, Placed], ...]
    left_out: tuple[tuple[str, str], ...]
    bound: Bottleneck | None


def ease(compared: Sequence[Comparison], case: Case, known: Knowledge) -> Ease | Infeasible:
    """Find the front of a case and place every plan beside it.

    Args:
        compared: the plans, measured.
        case: whose plans they are.
        known: the base, with every model and figure.
    """
    points = trade_off(case, known)
    if isinstance(points, Infeasible):
        return points
    beside, left_out = [], []
    for each in compared:
        if each.plan.regimen.drugs != (case.goal.of,):
            left_out.append((each.plan.name, "it takes another drug, whose steps cannot be felt by this measure"))
            continue
        try:
            found = placed(case, known, each.plan.regimen)
        except ValueError as why:
            left_out.append((each.plan.name, str(why)))
            continue
        if isinstance(found, Infeasible):
            return found
        beside.append((each, found))
    bound = what_bounds(case, known)
    return Ease(
        points=points,
        beside=tuple(beside),
        left_out=tuple(left_out),
        bound=bound if isinstance(bound, Bottleneck) else None,
    )


def assumption(known: Knowledge) -> str:
    """Say that it is modelled, on what it rests, and who says so: beside every figure of this page."""
    main, rivals = known.adaptation.processes["main"], ", ".join(known.effects)
    days = [decimal_text(each) for each in (main.days.value, main.days.low, main.days.high)]
    return (
        f"Modelled, not measured: a typical person, by the worst of the rival assumptions about the effect ({rivals}); people "
        f"are assumed to get used to a dose within {days[0]} days, {days[1]} to {days[2]} [adaptation; {main.source}]. "
        f"Knowledge: {known.review_note}."
    )


def felt(point: Point) -> Share:
    """Return what is felt, to a tenth of a per cent."""
    return Share(Fraction(round(Fraction(1000 * point.peak, MILLIONTHS)), 1000))


def ease_document(found: Ease | Infeasible, known: Knowledge) -> dict[str, Any]:
    """Return the front and the plans beside it for JSON, or why there is none.

    Shares are of the effect of the present dose.
    """
    if isinstance(found, Infeasible):
        return {"modelled": True, "refused": found.says}
    return {
        "modelled": True,
        "assumes": assumption(known),
        "front": [{"days": point.days, "felt_percent": _percent(felt(point))} for point in told(found)],
        "plans": [
            {
                "name": each.plan.name,
                "days": place.days,
                "felt_percent": _percent(place.worst.share),
                "felt_percent_low": _percent(place.band[0]),
                "felt_percent_high": _percent(place.band[1]),
                "worst_step": {"from_mg": place.worst.before.decimal, "to_mg": place.worst.after.decimal},
                "felt_percent_at_best": None if place.at_best is None else _percent(place.at_best),
            }
            for each, place in found.beside
        ],
        "left_out": [{"name": name, "because": why} for name, why in found.left_out],
        "bound": found.bound.says if found.bound else None,
    }


def told(found: Ease) -> list[Point]:
    """Return the points of the front that differ when what is felt is told to a tenth of a per cent."""
    kept: list[Point] = []
    for point in found.points:
        if not kept or felt(point) < felt(kept[-1]):
            kept.append(point)
    return kept


def _percent(share: Share) -> str:
    return decimal_text(share.of * 100)


def ease_chart(found: Ease, case: Case, known: Knowledge) -> Chart:
    """Draw the front and every plan beside it, and say the same in words."""
    front = [{"weeks": _weeks(point.days), "felt": _percent(felt(point))} for point in told(found)]
    longest = max([point.days for point in found.points] + [place.days for _, place in found.beside], default=0)
    if front:
        front.append({"weeks": _weeks(longest), "felt": front[-1]["felt"]})
    labels = [_label(each, place) for each, place in found.beside]
    plans = [
        {
            "plan": label,
            "weeks": _weeks(place.days),
            "felt": _percent(place.worst.share),
            "low": _percent(place.band[0]),
            "high": _percent(place.band[1]),
        }
        for label, (_, place) in zip(labels, found.beside, strict=True)
    ]
    blocked = [each.reviewed.verdict.blocks for each, _ in found.beside]
    parse = dict.fromkeys(("weeks", "felt", "low", "high"), "number")
    x = {
        "field": "weeks",
        "type": "quantitative",
        "title": "weeks until the goal",
        "scale": {"zero": False, "nice": True},
    }
    y = {"field": "felt", "type": "quantitative", "title": ["felt of the worst step,", "% of the effect of the present dose"], "scale": {"zero": True}}  # fmt: skip
    colours = [GREY if each else COLOURS[1 + index % (len(COLOURS) - 2)] for index, each in enumerate(blocked)]
    shapes = ["cross" if each else ("circle", "square", "triangle-up", "diamond")[index % 4] for index, each in enumerate(blocked)]  # fmt: skip
    legend = {"title": None, "orient": "bottom", "columns": 2, "symbolSize": 120}
    plan = {"field": "plan", "type": "nominal", "sort": None}
    return chart(
        "ease",
        f"What length buys in a taper of {case.goal.of}",
        _says(found, case, known),
        {
            "width": WIDTH,
            "height": HEIGHT,
            "layer": [
                {
                    "data": {"values": front, "format": {"type": "json", "parse": parse}},
                    "mark": {
                        "type": "line",
                        "interpolate": "step-after",
                        "strokeWidth": 3,
                        "color": COLOURS[0],
                        "strokeDash": list(DASHES[0]),
                    },
                    "encoding": {"x": x, "y": y},
                },
                {
                    "data": {"values": plans, "format": {"type": "json", "parse": parse}},
                    "mark": {"type": "rule", "strokeWidth": 2, "color": GREY, "opacity": {"expr": "2 / 5"}},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
                },
                {
                    "data": {"values": plans, "format": {"type": "json", "parse": parse}},
                    "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "color": {**plan, "scale": {"domain": labels, "range": colours}, "legend": legend},
                        "shape": {**plan, "scale": {"domain": labels, "range": shapes}, "legend": legend},
                    },
                },
            ],
        },
        subtitle=[
            "Line: the least that the worst step need be felt in a plan within the limits that is no longer. Points: plans; bars:",
            "by any one assumption alone, over the range of how fast people get used to a dose. It decides nothing.",
            *_wrapped(assumption(known)),
        ],
    )


def _wrapped(text: str, width: int = 110) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def _weeks(days: int) -> str:
    weeks = Fraction(days, 7)
    return decimal_text(Fraction(round(weeks * 10), 10))


def _label(each: Comparison, place: Placed) -> str:
    blocked = ", blocked" if each.reviewed.verdict.blocks else ""
    return f"{each.plan.name}{blocked} ({_weeks(place.days)} weeks, {place.worst.share})"


def _says(found: Ease, case: Case, known: Knowledge) -> str:
    lines = [f"Chart: what length buys in a taper of {case.goal.of} from {case.present.daily} to {case.goal.daily} a day. {assumption(known)}"]  # fmt: skip
    lines += [
        f"In {_weeks(point.days)} weeks or more within the limits, the worst step need be felt by no more than {felt(point)} of the effect of the present dose."
        for point in told(found)
    ]
    for each, place in found.beside:
        best = (
            "no plan within the limits is as short"
            if place.at_best is None
            else f"{place.at_best} at best in that time"
        )
        lines.append(
            f"{each.plan.name}{', blocked by review' if each.reviewed.verdict.blocks else ''}: {_weeks(place.days)} weeks, {place.worst.share} ({place.band[0]} to {place.band[1]}) at the step from {place.worst.before} to "
            f"{place.worst.after}; {best}."
        )
    lines += [f"{name} is left out: {why}." for name, why in found.left_out]
    if found.bound:
        lines.append(found.bound.says)
    return "\n".join(lines)
