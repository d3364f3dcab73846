"""The charts of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from docs.validation import courses
from docs.validation.checks import CODE, USED, Compared

from opentaper import Knowledge
from opentaper.exchange.charts import COLOURS, DASHES, GREY, Chart, chart

WIDTH = 560
ROW = 19
FROM, UNTIL = 0.4, 2.5
"""Of the printed figure: how far the ratios are drawn."""
MODELLED = "Modelled, pending review. No clinician has signed these figures."
AGREES, MISSES = "agrees", "MISS"
DRUGS = ("triazolam", "lorazepam", "clonazepam", "diazepam")


def ratio_chart(groups: Sequence[tuple[str, Sequence[Compared]]]) -> Chart:
    """Draw the model's number over the printed one, row by row, with what counts as agreement."""
    drawn = [
        (name, [each for each in rows if each.ratio is not None and each.check.origin != CODE]) for name, rows in groups
    ]
    count = sum(len(rows) for _, rows in drawn)
    missed = sum(not each.agrees for _, rows in drawn for each in rows)
    return chart(
        "validation-ratios",
        "Model over publication",
        f"{MODELLED} {count} published figures, each with the model's number divided by it: {missed} lie outside what "
        "counts as agreement. The page gives every number.",
        {
            "vconcat": [_ratios(name, rows) for name, rows in drawn if rows],
            "spacing": 26,
            "resolve": {"scale": {"y": "independent", "color": "shared", "shape": "shared"}},
        },
        subtitle=[
            MODELLED,
            "1 is the printed figure, or the middle of a printed range; the grey bar is what counts as agreement.",
            "Hollow: the model was set by this figure, so that agreement is no evidence.",
        ],
    )


def _ratios(name: str, rows: Sequence[Compared]) -> dict[str, Any]:
    values = []
    for number, each in enumerate(rows, start=1):
        middle = each.printed.middle
        assert middle is not None
        assert each.ratio is not None
        values.append(
            {
                "row": f"{_short(each)} ".ljust(2) + "\u200b" * number,  # rows that are called alike stay apart
                "ratio": round(min(max(each.ratio, FROM), UNTIL), 4),
                "low": round(max(each.band.low / middle, FROM), 4),
                "high": round(min(each.band.high / middle, UNTIL), 4),
                "verdict": AGREES if each.agrees else MISSES,
                "filled": 0 if each.check.origin == USED else 1,
            }
        )
    rows_axis = {"field": "row", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 560}}
    across = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [FROM, UNTIL], "nice": False},
        "axis": {"title": None, "values": [0.5, 0.8, 1, 1.25, 2], "format": "~g"},
    }
    colour = {
        "field": "verdict", "type": "nominal", "scale": {"domain": [AGREES, MISSES], "range": [COLOURS[0], COLOURS[1]]},
        "legend": {"title": None, "orient": "top"},
    }  # fmt: skip
    shape = {"field": "verdict", "type": "nominal", "scale": {"domain": [AGREES, MISSES], "range": ["circle", "cross"]}}
    points = {
        "x": {"field": "ratio", **across},
        "y": rows_axis,
        "color": colour,
        "shape": shape,
    }
    return {
        "title": {"text": name, "fontSize": 14, "offset": 6, "anchor": "start", "frame": "group"},
        "width": WIDTH,
        "height": {"step": ROW},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": 9, "color": "#DADADA"},
                "encoding": {"x": {"field": "low", **across}, "x2": {"field": "high"}, "y": rows_axis},
            },
            {
                "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2]},
                "encoding": {"x": {"datum": 1, **across}},
            },
            {
                "transform": [{"filter": "datum.filled == 1"}],
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": points,
            },
            {
                "transform": [{"filter": "datum.filled == 0"}],
                "mark": {"type": "point", "filled": False, "size": 80, "strokeWidth": 2, "opacity": 1},
                "encoding": points,
            },
        ],
    }


def _short(each: Compared) -> str:
    part = f" ({each.check.part})" if each.check.part else ""
    model = f", {each.check.model}" if "clonazepam-" in each.check.model or each.printed.id.startswith("w-") else ""
    return f"{each.printed.label}{part}{model.replace(', clonazepam-tablet', '')}"


def stopping_chart(known: Knowledge) -> Chart:
    """Draw withdrawal after an abrupt stop of long use of four drugs, with the published times."""
    found = {drug: courses.abrupt(known, drug) for drug in DRUGS}
    values = [
        {"drug": drug, "day": round(float(day), 3), "lack": round(100.0 * float(lack), 2)}
        for drug, each in found.items()
        for day, lack in zip(each.day[::3], each.withdrawal[::3], strict=True)
        if -1.0 <= day <= 42.0
    ]
    peaks = [
        {"drug": drug, "day": round(each.peak_day, 2), "lack": round(100.0 * each.peak, 1)}
        for drug, each in found.items()
    ]
    said = "; ".join(f"{drug} on day {each.peak_day:.1f} at {100.0 * each.peak:.0f} %" for drug, each in found.items())
    windows = [
        {"what": "day 2", "from": 1.5, "until": 2.5},
        {"what": "days 4-7", "from": 4.0, "until": 7.0},
        {"what": "4 weeks", "from": 27.5, "until": 28.5},
    ]
    x = {
        "type": "quantitative", "scale": {"domain": [-1, 42], "nice": False},
        "axis": {"title": "days after the last dose", "values": [0, 2, 4, 7, 14, 21, 28, 35, 42]},
    }  # fmt: skip
    y = {
        "type": "quantitative",
        "scale": {"domain": [0, 108], "nice": False},
        "axis": {"title": "withdrawal, % of the effect of the dose", "values": [0, 20, 40, 60, 80, 100]},
    }
    lines = {"field": "drug", "type": "nominal", "sort": None, "scale": {"domain": list(DRUGS), "range": list(COLOURS[: len(DRUGS)])}, "legend": {"title": None, "orient": "top", "symbolType": "stroke", "symbolSize": 600}}  # fmt: skip
    return chart(
        "validation-stopping",
        "After an abrupt stop of long use",
        f"{MODELLED} Withdrawal of a typical person after years on a usual dose, by the occupancy model, peaks in this "
        f"order: {said}. Published: day 2 after drugs of short half-life, days 4 to 7 after long ones, gone in four weeks.",
        {
            "width": 700,
            "height": 320,
            "layer": [
                {
                    "data": {"values": windows},
                    "mark": {"type": "rect", "color": "#E4E4E4"},
                    "encoding": {"x": {"field": "from", **x}, "x2": {"field": "until"}},
                },
                {
                    "data": {"values": windows},
                    "mark": {"type": "text", "baseline": "middle", "color": "#404040", "fontSize": 12},
                    "encoding": {
                        "x": {"field": "middle", **x}, "y": {"datum": 104, **y}, "text": {"field": "what"},
                    },
                    "transform": [{"calculate": "(datum.from + datum.until) / 2", "as": "middle"}],
                },
                {
                    "data": {"values": values},
                    "mark": {"type": "line", "strokeWidth": 2.5},
                    "encoding": {
                        "x": {"field": "day", **x},
                        "y": {"field": "lack", **y},
                        "color": lines,
                        "strokeDash": {**{key: lines[key] for key in ("field", "type", "sort", "legend")}, "scale": {"domain": list(DRUGS), "range": [list(each) for each in DASHES[: len(DRUGS)]]}},
                    },
                },
                {
                    "data": {"values": peaks},
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                    "encoding": {"x": {"field": "day", **x}, "y": {"field": "lack", **y}, "color": {**lines, "legend": None}},
                },
            ],
        },
        subtitle=[
            MODELLED,
            "Grey: published times of the peak after drugs of short half-life (day 2) and of long (days 4-7), and of the end.",
            "Before the last dose the line is what the model finds between doses; triazolam is taken once a night.",
        ],
    )  # fmt: skip


def peaks(known: Knowledge) -> dict[str, tuple[float, float]]:
    """Return day and size of the peak after an abrupt stop, by drug."""
    found = {drug: courses.abrupt(known, drug) for drug in courses.ABRUPT}
    return {drug: (each.peak_day, each.peak) for drug, each in found.items()}


def between_doses(known: Knowledge) -> dict[str, float]:
    """Return the most withdrawal that the model finds on the last day of an unchanged dose, by drug."""
    found = {drug: courses.abrupt(known, drug) for drug in courses.ABRUPT}
    return {drug: float(np.max(each.withdrawal[each.day <= 0.0], initial=0.0)) for drug, each in found.items()}
