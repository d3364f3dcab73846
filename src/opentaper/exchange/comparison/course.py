"""The courses of several plans in one chart: how much is taken a day, on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentaper.exchange.charts import COLOURS, DASHES, GREY, Chart, chart
from opentaper.exchange.comparison import Comparison
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Step, diazepam_equivalent
from opentaper.quantity import NO_DOSE, Dose, decimal_text, ends_as_decimal
from opentaper.review import Verdict

WIDTH, HEIGHT = 760, 340
DAY = {"type": "temporal", "scale": {"type": "utc"}, "title": None, "axis": {"format": "%b %Y", "labelOverlap": True}}
PARSE = {"on": "utc:'%Y-%m-%d'", "dose": "number", "low": "number", "high": "number"}

Point = tuple[dt.date, Dose, Dose]
"""From this day on, this many mg a day: the lowest and the highest, which are equal for a single drug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line: the plans that take the same doses on the same days, whether they are blocked, and the doses."""

    plans: tuple[Comparison, ...]
    blocked: bool
    points: tuple[Point, ...]

    @property
    def label(self) -> str:
        names = " = ".join(each.plan.name for each in self.plans)
        return f"{names}{', blocked' if self.blocked else ''} ({self.plans[0].length})"


def course_chart(compared: Sequence[Comparison], case: Case, known: Knowledge) -> Chart:
    """Draw the dose over time of every plan that was found, and say the same in words.

    A plan of one drug is a line in mg of that drug. A plan of two drugs is a band in mg of diazepam, from the lowest
    to the highest that any published equivalence calls equal; where none knows its drugs it is left out and named.
    Plans with the same doses on the same days share a line. Plans that review blocks are grey and dashed, and say so.

    Args:
        compared: the plans, measured and reviewed.
        case: whose plans they are.
        known: the base, for the published equivalences.
    """
    drug = case.goal.of
    single = [each for each in compared if each.plan.regimen.drugs == (drug,)]
    several = [(each, _band(each, known)) for each in compared if each not in single]
    until = max((each.plan.ends_on for each in compared), default=case.goal.starts_on)
    lines = _lines([(each, _points(each, case)) for each in single], until)
    bands = _lines([(each, points) for each, points in several if points], until)
    missing = [each.plan.name for each, points in several if not points]
    views = []
    if lines:
        views.append(_view(lines, f"{drug}, mg a day", banded=False))
    if bands:
        views.append(_view(bands, ["mg of diazepam a day,", "range of published equivalences"], banded=True))
    under = _remarks(case, known, missing, banded=bool(bands))
    return chart(
        "compare",
        f"Dose of {drug} over time",
        _says(compared, case, known, under),
        {
            "vconcat": views,
            "resolve": {"scale": {"x": "shared", "color": "independent", "strokeDash": "independent"}},
            "spacing": 40,
        },
        subtitle=[
            f"From {case.present.daily} to {case.goal.daily} a day. Shorter is not better: it asks for larger or quicker steps.",
            f"Knowledge: {known.review_note}.",
            *under,
        ],
    )


def _remarks(case: Case, known: Knowledge, missing: Sequence[str], *, banded: bool) -> list[str]:
    """This function will say what a band begins from, which no band shows, and which plans are not drawn."""
    remarks = []
    drug, present = case.goal.of, case.present.daily
    now = diazepam_equivalent(drug, present, known)
    if banded and now:
        range_ = now[0].about if now[0] == now[1] else f"{now[0].about} to {now[1].about}"
        remarks.append(f"Now: {present} of {drug}, which published equivalences call {range_} of diazepam.")
    if missing:
        remarks.append(f"Not drawn, because no published equivalence knows its drugs: {', '.join(missing)}.")
    return remarks


def _points(each: Comparison, case: Case) -> list[Point]:
    start = each.plan.regimen.steps[0].from_
    present = case.present.daily
    return [(start, present, present), *((row.step.from_, row.step.daily, row.step.daily) for row in each.plan.rows)]


def _band(each: Comparison, known: Knowledge) -> list[Point]:
    """This function will return the doses in mg of diazepam; nothing where no published table knows a drug."""
    steps = each.plan.regimen.steps
    points = []
    for day in sorted({step.from_ for step in steps}):
        taken = [diazepam_equivalent(step.drug, step.daily, known) for step in _on(steps, day) if step.daily]
        found = [band for band in taken if band is not None]
        if len(found) != len(taken):
            return []
        low = sum((low for low, _ in found), NO_DOSE)
        points.append((day, low, sum((high for _, high in found), NO_DOSE)))
    return points


def _on(steps: Sequence[Step], day: dt.date) -> list[Step]:
    return [step for step in steps if step.from_ <= day and (step.until is None or day < step.until)]


def _lines(drawn: Sequence[tuple[Comparison, list[Point]]], until: dt.date) -> list[_Line]:
    """This function will put plans with the same doses on one line, and draw what goes on beyond its end until a day."""
    alike: dict[tuple[bool, tuple[Point, ...]], list[Comparison]] = {}
    for each, points in drawn:
        last, low, high = points[-1]
        ended = [*points, (until, low, high)] if high and last < until else points
        alike.setdefault((each.reviewed.verdict.blocks, tuple(ended)), []).append(each)
    return [_Line(plans=tuple(plans), blocked=blocked, points=points) for (blocked, points), plans in alike.items()]


def _looks(lines: Sequence[_Line]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """This function will give every line its colour and dashes: grey and never solid for those that are blocked."""
    free = blocked = 0
    for line in lines:
        if line.blocked:
            yield GREY, DASHES[1 + blocked % (len(DASHES) - 1)]
            blocked += 1
        else:
            yield COLOURS[free % len(COLOURS)], DASHES[(free + free // len(COLOURS)) % len(DASHES)]
            free += 1


def _view(lines: Sequence[_Line], says: str | list[str], *, banded: bool) -> dict[str, Any]:
    labels, looks = [line.label for line in lines], list(_looks(lines))
    legend = {
        "orient": "bottom",
        "columns": 2,
        "title": None,
        "symbolType": "stroke",
        "symbolSize": 900,
        "symbolOpacity": 1,
    }
    colour = {"scale": {"domain": labels, "range": [colour for colour, _ in looks]}, "legend": legend}
    dash = {"scale": {"domain": labels, "range": [list(dash) for _, dash in looks]}, "legend": legend}
    plan = {"field": "plan", "type": "nominal", "sort": None}
    shared = {
        "x": {"field": "on", **DAY},
        "color": {**plan, **colour},
        "strokeDash": {**plan, **dash},
        "order": {"field": "place", "type": "quantitative"},
    }
    line = {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "strokeCap": "butt"}

    def drawn(field: str) -> dict[str, Any]:
        return {"mark": line, "encoding": {**shared, "y": _dose(field, says)}}

    area = {
        "mark": {"type": "area", "interpolate": "step-after", "opacity": {"expr": "1 / 5"}},
        "encoding": {"x": shared["x"], "color": shared["color"], "y": _dose("low", says), "y2": {"field": "high"}},
    }
    layers = [area, drawn("low"), drawn("high")] if banded else [drawn("low")]
    data = {"values": list(_values(lines)), "format": {"type": "json", "parse": PARSE}}
    return {"width": WIDTH, "height": HEIGHT, "data": data, "layer": layers}


def _dose(field: str, says: str | list[str]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": says, "scale": {"zero": True}, "axis": {"format": "~g"}}


def _values(lines: Sequence[_Line]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        for place, (on, low, high) in enumerate(line.points):
            doses = {"low": _number(low), "high": _number(high)}
            yield {"plan": line.label, "on": on.isoformat(), "place": place, **doses}


def _number(dose: Dose) -> str:
    """This function will print a dose for drawing; one whose decimal does not end is cut to a millionth of a mg."""
    return dose.decimal if ends_as_decimal(dose.mg) else decimal_text(round(dose.mg, 6))


def _says(compared: Sequence[Comparison], case: Case, known: Knowledge, remarks: Sequence[str]) -> str:
    lines = [
        f"Chart: dose of {case.goal.of} over time, from {case.present.daily} to {case.goal.daily} a day, in every plan "
        f"that was found. Shorter is not better: it asks for larger or quicker steps. Knowledge: {known.review_note}.",
        *(_plan_says(each, case) for each in compared),
        *remarks,
    ]
    return "\n".join(lines)


def _plan_says(each: Comparison, case: Case) -> str:
    plan, largest = each.plan, each.largest_cut_above_zero
    steps = f"{each.steps} step{'' if each.steps == 1 else 's'}"
    drugs = " It ends above the goal." if each.ends_above(case.goal.daily) else ""
    if len(plan.regimen.drugs) > 1:
        drugs += f" It takes {' and '.join(plan.regimen.drugs)} and is drawn in mg of diazepam."
    cut = f" The largest cut above zero is {largest.cut}, on {largest.on}." if largest else ""
    verdict = each.reviewed.verdict
    says = {Verdict.BLOCK: "blocked by review", Verdict.UNKNOWN: "blocked until somebody answers what is unknown"}
    return f"{plan.name} ({plan.title}): {each.length} in {steps}, {plan.starts_on} to {plan.ends_on}; {says.get(verdict, f'review: {verdict.value}')}.{cut}{drugs}"
