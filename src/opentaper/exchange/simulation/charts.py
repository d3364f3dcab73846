"""A forecast drawn: dose, level, effect and withdrawal over the same days; and how strong going back would be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from textwrap import wrap
from typing import Any

from opentaper.exchange.charts import GREY, Chart, chart
from opentaper.exchange.simulation import words
from opentaper.exchange.simulation.assumed import state_of
from opentaper.exchange.simulation.figure import Figure
from opentaper.exchange.simulation.forecast import Forecast, Outlook, resumed
from opentaper.exchange.simulation.panel import (
    BLACK,
    BLUE,
    DOTS,
    FAINT,
    GREEN,
    LONG,
    MIXED,
    ORANGE,
    PURPLE,
    SHORT,
    SKY,
    SOLID,
    VERMILION,
    Look,
    Row,
    amounts,
    days,
    lines,
    panel,
    rows,
    told_apart,
)
from opentaper.exchange.simulation.series import Series, courses, days_of, withdrawal
from opentaper.knowledge import Claim
from opentaper.quantity import decimal_text

DOSE_HEIGHT, LEVEL_HEIGHT, EFFECT_HEIGHT, WITHDRAWAL_HEIGHT, BACK_HEIGHT = 90, 130, 150, 240, 300
SUBTITLE_WIDTH = 136
"""Characters in a line of the subtitle."""
WEEK = dt.timedelta(days=7)
DRUGS = ((BLUE, SOLID), (ORANGE, LONG), (GREEN, SHORT), (PURPLE, MIXED), (SKY, DOTS))
RIVALS = ((BLUE, LONG), (GREEN, SHORT), (PURPLE, MIXED))


def simulation_charts(forecast: Forecast) -> tuple[Chart, ...]:
    """Return the charts of a forecast; each says that it is modelled, what it assumes, and how far that is reviewed."""
    return stacked_chart(forecast), back_chart(forecast)


def stacked_chart(forecast: Forecast) -> Chart:
    """Draw dose, level, effect with what the body is used to, and withdrawal, one under the other over the same days."""
    found = courses(forecast.planned)
    views = [_dose(forecast), _level(forecast, found), _effect(forecast, found), _withdrawal(forecast, found)]
    apart = dict.fromkeys(("color", "strokeDash"), "independent")
    return chart(
        "simulation",
        f"What this plan of {' and '.join(forecast.regimen.drugs)} is predicted to do",
        _says(forecast),
        {"vconcat": views, "spacing": 18, "resolve": {"scale": {"x": "shared", **apart}, "legend": apart}},
        subtitle=_subtitle(forecast, words.WHOLE),
    )


def _basis(forecast: Forecast) -> str:
    kinds = ("kinetics", "effect", "adaptation")
    keys = ", ".join(dict.fromkeys(each.key for each in forecast.assumed if each.kind in kinds))
    state = words.short_state(state_of(forecast.assumed))
    return f"Modelled, {state}: not measured, not advice. It assumes {keys} (opentaper facts KEY)."


def _subtitle(forecast: Forecast, *more: str) -> list[str]:
    people = forecast.planned.people
    shown = f"shaded, {words.NINE_OF_TEN} out of {people} who differ" if people else words.NO_BAND
    asked = [f"What if: {'; '.join(words.asked_says(forecast))}."] if words.asked_says(forecast) else []
    texts = (_basis(forecast), " ".join([*asked, f"Lines: one typical person; {shown}.", *more]))
    return [line for text in texts for line in wrap(text, SUBTITLE_WIDTH, break_on_hyphens=False)]


def _dose(forecast: Forecast) -> dict[str, Any]:
    values: list[Row] = [
        {"line": taking.drug, "on": (forecast.outlooks[0].from_ - WEEK).isoformat(), "middle": taking.daily.decimal}
        for taking in forecast.case.taking
        if taking.drug in forecast.regimen.drugs
    ]
    values += [
        {"line": drug, "on": day.isoformat(), "middle": dose.decimal}
        for each in forecast.outlooks
        for drug, dose in each.doses.items()
        for day in (each.from_, each.until or forecast.planned.on[-1])
    ]
    looks: dict[str, Look] = {drug: (*look, 3) for drug, look in zip(forecast.regimen.drugs, DRUGS, strict=False)}
    mark = {"type": "line", "interpolate": "step-after", "strokeCap": "butt"}
    layer = {"mark": mark, "encoding": {"x": days(), "y": amounts("middle"), **told_apart(looks)}}
    return panel(DOSE_HEIGHT, "Dose, mg a day", values, [layer])


def _level(forecast: Forecast, found: Mapping[str, Series]) -> dict[str, Any]:
    names = [name.removeprefix("level-") for name in found if name.startswith("level-")]
    looks: dict[str, Look] = {name: (*look, 2) for name, look in zip(names, DRUGS, strict=False)}
    on = days_of(forecast.planned)
    values = [row for name in looks for row in rows(name, on, found[f"level-{name}"])]
    drawn, remark = lines(values, looks, days()), ""
    if claim := level_range(forecast):
        top = max(Fraction(str(each.get("high", each["middle"]))) for each in values)
        drawn = [*_range(claim, top), *drawn]
        remark = f"Grey, dashed below: {claim.says} [{forecast.regimen.drugs[0]}/{claim.id}]"
    return panel(LEVEL_HEIGHT, "Level, the lowest of the day, ng/mL", values, drawn, remark=remark)


def level_range(forecast: Forecast) -> Claim | None:
    """Return a published range of levels of a drug that is measured alone, that in anxiety first; or nothing."""
    if len(forecast.planned.middle.level) != 1:
        return None
    claims = [
        claim
        for claim in forecast.known.drugs[forecast.regimen.drugs[0]].claims
        if claim.id.startswith("range") and claim.unit == "ng/mL" and claim.low != claim.high
    ]
    return min(claims, key=lambda claim: claim.id != "range-anxiolytic", default=None)


def _range(claim: Claim, top: Fraction) -> list[dict[str, Any]]:
    low, high = claim.low or Fraction(0), claim.high
    shown = {"low": decimal_text(low), **({"high": decimal_text(high)} if high and high < top else {})}
    upper = {"field": "high"} if "high" in shown else {"value": 0}  # the upper edge of the panel
    data = {"values": [shown], "format": {"parse": dict.fromkeys(shown, "number")}}
    area = {"type": "rect", "color": GREY, "opacity": {"expr": "1 / 8"}}
    rule = {"type": "rule", "color": GREY, "strokeDash": list(SHORT)}
    return [
        {"data": data, "mark": area, "encoding": {"y": amounts("low"), "y2": upper}},
        {"data": data, "mark": rule, "encoding": {"y": amounts("low")}},
    ]


def _effect(forecast: Forecast, found: Mapping[str, Series]) -> dict[str, Any]:
    looks: dict[str, Look] = {
        "effect, mean of the day": (BLUE, SOLID, 2), "what the body is used to": (ORANGE, LONG, 2),
    }  # fmt: skip
    on = days_of(forecast.planned)
    pairs = zip(looks, ("effect", "adapted"), strict=True)
    values = [row for name, key in pairs for row in rows(name, on, found[key], banded=key == "effect")]
    return panel(EFFECT_HEIGHT, "Effect, % of that of the present dose", values, lines(values, looks, days()))


def _withdrawal(forecast: Forecast, found: Mapping[str, Series]) -> dict[str, Any]:
    planned = forecast.planned
    on, own = days_of(planned), f"this plan, by “{planned.effect.key}”"
    looks: dict[str, Look] = {own: (VERMILION, SOLID, 3)}
    values = list(rows(own, on, found["withdrawal"]))
    for (key, rival), look in zip(planned.rivals.items(), RIVALS * 2, strict=False):
        looks[f"this plan, by “{key}”"] = (*look, 1)
        values += rows(f"this plan, by “{key}”", on, Series(middle=withdrawal(rival)))
    if (everyday := forecast.everyday) is not None:
        looks["every day on the present dose"] = (BLACK, DOTS, 2)
        level = (_tenths(everyday.middle),) * 2
        values += rows("every day on the present dose", (on[0], on[-1]), Series(middle=level))
    looks["for comparison, a sudden stop"] = (GREY, LONG, 2)
    stopped = courses(forecast.abrupt)["withdrawal"]
    values += rows("for comparison, a sudden stop", days_of(forecast.abrupt), stopped, banded=False)
    title = "Withdrawal, the most of the day, % of the effect of the present dose"
    return panel(WITHDRAWAL_HEIGHT, title, values, lines(values, looks, days(last=True)))


def _tenths(share: Fraction) -> str:
    return decimal_text(Fraction(round(share * 1000), 10))


def back_chart(forecast: Forecast) -> Chart:
    """Draw how strong going back to the present dose would be after days without any."""
    from opentaper.pharmacology import PAUSES

    found = resumed(forecast.planned, PAUSES)
    values: list[Row] = [{"days": str(pause), **_edges(each)} for pause, each in found.items()]
    scale = {"domain": [0, 100]}
    x = {"field": "days", "type": "quantitative", "axis": {"title": "days without any", "tickCount": 12}}
    line = {"type": "line", "color": VERMILION, "strokeWidth": 3, "point": {"color": VERMILION, "size": 60}}
    drawn = [{"mark": line, "encoding": {"x": x, "y": {**amounts("middle"), "scale": scale}}}]
    if forecast.planned.people:
        area = {"type": "area", "color": VERMILION, "opacity": FAINT}
        edges = {"y": {**amounts("low"), "scale": scale}, "y2": {"field": "high"}}
        drawn.insert(0, {"mark": area, "encoding": {"x": x, **edges}})
    title = "How strong it would be, % of what it is for somebody who begins with it"
    a_day = words.present_dose(forecast)
    says = [
        f"Chart: how strong going back to {a_day} would be after days without any, in per cent of what it is for somebody "
        f"who begins with it. {_basis(forecast)}",
        *(_at(pause, each) for pause, each in found.items()),
        words.OVERDOSE,
    ]
    return chart(
        "going-back",
        f"Going back to {a_day} after days without any",
        "\n".join(says),
        {"vconcat": [panel(BACK_HEIGHT, title, values, drawn)]},
        subtitle=_subtitle(forecast, words.OVERDOSE),
    )


def _edges(each: Figure) -> dict[str, str]:
    named = {"middle": each.middle, "low": each.low, "high": each.high}
    return {name: _tenths(value) for name, value in named.items() if value is not None}


def _at(pause: int, each: Figure) -> str:
    band = f" ({each.percent_band})" if each.low is not None else ""
    return f"After {pause} days: {each.about_percent}{band}."


def _says(forecast: Forecast) -> str:
    own = [
        each for each in words.sentences(forecast) if each.about in words.OF_THE_PLAN or each.about.startswith("rival")
    ]
    return "\n".join(
        [
            f"Chart of four panels over the same days, {forecast.planned.on[0]} to {forecast.planned.on[-1]}: dose, level, "
            "effect with what the body is used to, and withdrawal.",
            *_subtitle(forecast, words.WHOLE),
            *(_step_says(each) for each in forecast.outlooks),
            *(each.sentence for each in own),
            words.SUDDEN_STOP,
            words.NOT_ADVICE,
        ]
    )


def _step_says(each: Outlook) -> str:
    levels = ", ".join(f"{name} {figure.about_level}" for name, figure in each.level.items())
    return (
        f"From {each.from_}, {words.dose_list(each.doses)} a day: at its end {levels}, effect {each.effect.about_percent}, used to "
        f"{each.adapted.about_percent}; withdrawal at most {each.peak.withdrawal.about_percent}, on {each.peak.on}."
    )
