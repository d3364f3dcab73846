"""One panel of a stacked chart: lines with their bands over days, told apart by colour, dashes and width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentaper.exchange.charts import COLOURS
from opentaper.exchange.simulation.series import Series

WIDTH = 780
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK = COLOURS[:7]
SOLID, LONG, SHORT, MIXED, DOTS = (1, 0), (9, 4), (3, 3), (9, 3, 2, 3), (2, 4)
FAINT = {"expr": "1 / 5"}
"""How strongly a band is coloured, so that lines and grid are seen through it."""
PARSE = {
    "on": "utc:'%Y-%m-%d'", "middle": "number", "low": "number", "high": "number", "days": "number",
}  # fmt: skip

Row = dict[str, object]
Look = tuple[str, tuple[int, ...], int]
"""Colour, dashes [px] and width [px] of a line."""


def panel(
    height: int, title: str, values: Sequence[Row], layers: Sequence[Mapping[str, Any]], *, remark: str = ""
) -> dict[str, Any]:
    """Return one view with its title at the left edge of its axes, and a remark under it."""
    heading = {"text": title, "fontSize": 14, "offset": 6, "anchor": "start", "frame": "group"}
    if remark:
        heading |= {"subtitle": remark, "subtitleFontSize": 12, "subtitlePadding": 3}
    data = {"values": list(values), "format": {"type": "json", "parse": PARSE}}
    return {"width": WIDTH, "height": height, "title": heading, "data": data, "layer": list(layers)}


def days(*, last: bool = False) -> dict[str, Any]:
    """Return the axis of days; only the last of several panels names them."""
    months = {"format": "%b %Y", "labelOverlap": True, "tickCount": "month"}
    axis = months if last else {"labels": False, "ticks": False, "tickCount": "month"}
    return {"field": "on", "type": "temporal", "scale": {"type": "utc"}, "axis": {**axis, "title": None}}


def amounts(field: str) -> dict[str, Any]:
    """Return the axis of numbers, which begins at zero."""
    return {
        "field": field, "type": "quantitative", "scale": {"zero": True}, "axis": {"title": None, "tickCount": 5},
    }  # fmt: skip


def rows(name: str, on: Sequence[str], each: Series, *, banded: bool = True) -> Iterator[Row]:
    """Yield a line of data a day."""
    for place, day in enumerate(on):
        row: Row = {"line": name, "on": day, "middle": each.middle[place]}
        if banded and each.low is not None and each.high is not None:
            row |= {"low": each.low[place], "high": each.high[place]}
        yield row


def lines(values: Sequence[Row], looks: Mapping[str, Look], x: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return layers that draw every line and, under them, every band."""
    named = told_apart(looks)
    line = {"mark": {"type": "line", "strokeCap": "butt"}, "encoding": {"x": x, "y": amounts("middle"), **named}}
    if not any("low" in each for each in values):
        return [line]
    edges = {"y": amounts("low"), "y2": {"field": "high"}}
    area = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": FAINT},
        "encoding": {"x": x, **edges, "color": named["color"]},
    }
    return [area, line]


def told_apart(looks: Mapping[str, Look]) -> dict[str, Any]:
    """Return what gives every line its colour, dashes and width, with a legend above them, where it hides nothing."""
    legend = {
        "orient": "top", "title": None, "symbolType": "stroke", "symbolSize": 900, "symbolOpacity": 1,
        "symbolStrokeWidth": 2, "labelFontSize": 12, "rowPadding": 2, "columnPadding": 18, "columns": 3, "offset": 4,
    }  # fmt: skip
    field = {"field": "line", "type": "nominal", "sort": None, "legend": legend if len(looks) > 1 else None}

    widths = [{"test": {"field": "line", "equal": name}, "value": width} for name, (_, _, width) in looks.items()]

    def scaled(values: Sequence[object]) -> dict[str, Any]:
        return {**field, "scale": {"domain": list(looks), "range": list(values)}}

    return {
        "color": scaled([colour for colour, _, _ in looks.values()]),
        "strokeDash": scaled([list(dash) for _, dash, _ in looks.values()]),
        "strokeWidth": {"condition": widths, "value": 1},
    }
