"""The charts of one plan: its dose over time, its pieces a day, and the size of every step against the limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from opentaper.exchange.charts import COLOURS, DASHES, Chart, chart
from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import drug_name, product_name
from opentaper.knowledge import Knowledge, Limit, Product
from opentaper.patient import Case, Regimen
from opentaper.plan import Row
from opentaper.quantity import Share, decimal_text, ends_as_decimal

WIDTH, HEIGHT = 720, 280
DAY = {"parse": {"from": "utc:'%Y-%m-%d'", "until": "utc:'%Y-%m-%d'"}}
WEEK = dt.timedelta(days=7)
TAIL = dt.timedelta(days=14)
"""How much of an open end is drawn."""


def plan_charts(edition: Edition, lang: Language = ENGLISH) -> tuple[Chart, ...]:
    """Return the charts of an edition; every number in them is one of the plan's, and a draft's say so."""
    solid = any(not portion.product.liquid for _, _, portion in edition.regimen.portions())
    pieces = (pieces_chart(edition, lang),) if solid else ()
    charts = (dose_chart(edition, lang), *pieces, share_chart(edition, lang))
    return tuple(_as_draft(each, lang) for each in charts) if edition.draft else charts


def _as_draft(drawn: Chart, lang: Language) -> Chart:
    draft = lang.say("DRAFT – not signed, not to be taken or dispensed from.")
    title = drawn.spec["title"]
    says = f"{draft} {drawn.says}"
    subtitle = [draft, *title.get("subtitle", [])]
    return replace(drawn, says=says, spec={**drawn.spec, "description": says, "title": {**title, "subtitle": subtitle}})


def _plain(number: Fraction) -> str:
    """This function will print a number for a drawing, rounded to a thousandth where its decimal does not end."""
    return decimal_text(number if ends_as_decimal(number) else Fraction(round(number * 1000), 1000))


def _until(until: dt.date | None, from_: dt.date) -> str:
    return (until or from_ + TAIL).isoformat()


def days_axis(lang: Language) -> dict[str, Any]:
    """Return the axis of dates, its months named in the language."""
    months = ", ".join(f"'{lang.short_month(dt.date(2001, month, 1))}'" for month in range(1, 13))
    return {
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {
            "title": None,
            "tickCount": "month",
            "labelExpr": f"[{months}][utcmonth(datum.value)] + (utcmonth(datum.value) == 0 ? ' ' + utcyear(datum.value) : '')",
            "labelOverlap": True,
            "labelAngle": -40,
        },
    }


def amounts_axis(title: str, lang: Language) -> dict[str, Any]:
    """Return an axis of amounts from zero on, its decimal mark that of the language."""
    return {
        "type": "quantitative",
        "axis": {"title": title, "labelExpr": f"replace(datum.label, '.', '{lang.decimal_mark}')"},
        "scale": {"zero": True},
    }


def legend(names: Sequence[str], colours: Sequence[str]) -> dict[str, Any]:
    """Return a legend of names in their order, each with its colour."""
    return {
        "type": "nominal",
        "scale": {"domain": list(names), "range": list(colours)},
        "legend": {"title": None, "orient": "top", "columns": 2, "symbolType": "square"},
        "sort": None,
    }


def steps_drawn(regimen: Regimen, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the corners of the line of each drug's daily dose."""
    return [
        {"drug": names[step.drug], "from": day, "mg": step.daily.decimal}
        for step in regimen.steps
        for day in dict.fromkeys((step.from_.isoformat(), _until(step.until, step.from_)))
    ]


def dose_chart(edition: Edition, lang: Language = ENGLISH) -> Chart:
    """Draw each drug's daily dose over time and, for one drug, the corridor that the limit leaves each step."""
    return dose_over_time(edition.regimen, edition.case, edition.known, lang)


def dose_over_time(
    regimen: Regimen, case: Case, known: Knowledge, lang: Language = ENGLISH, *, draft: bool = False
) -> Chart:
    """Draw the daily doses of any regimen, also of one that nobody may hand out, as `dose_chart` draws an edition's.

    Args:
        regimen: what is drawn.
        case: whose it is, for the dose before its first day.
        known: the base, for the limit.
        lang: the language.
        draft: whether it says that nobody has signed it.
    """
    limit = known.limit("dose-reduction")
    names = {drug: drug_name(drug, lang) for drug in regimen.drugs}
    corridor = lang.say("what the limit leaves a step: at most {share} off", share=lang.share(Share(limit.value)))
    values = steps_drawn(regimen, names)
    single = len(regimen.drugs) == 1
    if single:  # a week on the dose before, so that the first cut is seen
        first, present = regimen.steps[0].from_, case.present.daily
        values.insert(0, {"drug": names[regimen.drugs[0]], "from": (first - WEEK).isoformat(), "mg": present.decimal})
    bands = list(_bands(regimen, case, limit, corridor)) if single else []
    domain, colours = [*names.values(), corridor] if single else list(names.values()), list(COLOURS)
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": bands, "format": {"parse": {**DAY["parse"], "low": "number", "high": "number"}}},
            "mark": {"type": "rect", "fillOpacity": {"expr": "1/4"}},
            "encoding": {
                "x": {"field": "from", **days_axis(lang)},
                "x2": {"field": "until"},
                "y": {"field": "low", **amounts_axis(lang.say("mg a day"), lang)},
                "y2": {"field": "high"},
                "color": {"field": "what", **legend(domain, [COLOURS[0], COLOURS[4]])},
            },
        },
        {
            "data": {"values": values, "format": {"parse": {**DAY["parse"], "mg": "number"}}},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 3},
            "encoding": {
                "x": {"field": "from", **days_axis(lang)},
                "y": {"field": "mg", **amounts_axis(lang.say("mg a day"), lang)},
                "color": {"field": "drug", **legend(domain, [COLOURS[0], COLOURS[4]] if single else colours)},
                **({} if single else {"strokeDash": _dashes(list(names.values()))}),
            },
        },
    ]
    drawn = chart(
        "dose", lang.say("Dose over time"), _dose_says(regimen, lang),
        {"width": WIDTH, "height": HEIGHT, "layer": layers if single else layers[1:]},
    )  # fmt: skip
    return _as_draft(drawn, lang) if draft else drawn


def _dashes(names: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "drug",
        "type": "nominal",
        "scale": {"domain": list(names), "range": [list(dash) for dash in DASHES[: len(names)]]},
        "legend": None,
    }


def _bands(regimen: Regimen, case: Case, limit: Limit, what: str) -> Iterator[dict[str, str]]:
    """This function will yield, for every step, the doses between the one before and the lowest that the limit allows."""
    steps = regimen.steps
    before = [case.present.daily, *(step.daily for step in steps)]
    for step, dose in zip(steps, before, strict=False):
        if dose:
            yield {
                "what": what, "from": step.from_.isoformat(), "until": _until(step.until, step.from_),
                "low": _plain(dose.mg * (1 - limit.value)), "high": _plain(dose.mg),
            }  # fmt: skip


def _dose_says(regimen: Regimen, lang: Language) -> str:
    said = []
    for drug in regimen.drugs:
        steps = regimen.of(drug)
        changes = [(after.from_, after.daily) for before, after in pairwise(steps) if before.daily != after.daily]
        said.append(
            lang.say(
                "{drug}: {first} a day from {on}, then {number} changes, down to {last} a day from {end}.",
                drug=drug_name(drug, lang), first=lang.dose(steps[0].daily), on=lang.date(steps[0].from_),
                number=len(changes), last=lang.dose(steps[-1].daily), end=lang.date(steps[-1].from_),
            )
        )  # fmt: skip
    return " ".join(said)


def pieces_chart(edition: Edition, lang: Language = ENGLISH) -> Chart:
    """Draw how many pieces of each product are taken a day; liquids are named, not counted."""
    products = list(dict.fromkeys(each.product for _, _, each in edition.regimen.portions() if not each.product.liquid))
    names = {product: product_name(product, lang) for product in products}
    if len({product.drug for product in products}) > 1:
        names = {product: f"{drug_name(product.drug, lang)} {name}" for product, name in names.items()}
    values = list(_stacks(edition.regimen, names))
    liquids = {each.product for _, _, each in edition.regimen.portions() if each.product.liquid}
    says = _pieces_says(edition.regimen, lang)
    if liquids:
        says += " " + lang.say("Liquids are not counted here.")
    body = {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": values, "format": {"parse": {**DAY["parse"], "low": "number", "high": "number"}}},
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 1},
        "encoding": {
            "x": {"field": "from", **days_axis(lang)},
            "x2": {"field": "until"},
            "y": {"field": "low", **amounts_axis(lang.say("pieces a day"), lang)},
            "y2": {"field": "high"},
            "color": {"field": "product", **legend(list(names.values()), COLOURS)},
        },
    }
    return chart("pieces", lang.say("Pieces a day"), says, body)


def _stacks(regimen: Regimen, names: Mapping[Product, str]) -> Iterator[dict[str, str]]:
    for from_, until, steps in regimen.spans():
        amounts: dict[Product, Fraction] = {}
        for portion in (each for step in steps for intake in step.intakes for each in intake.portions or ()):
            amounts[portion.product] = amounts.get(portion.product, Fraction(0)) + portion.amount
        below = Fraction(0)
        for product, name in names.items():
            if amount := amounts.get(product):
                yield {
                    "product": name, "from": from_.isoformat(), "until": _until(until, from_), "low": _plain(below),
                    "high": _plain(below + amount),
                }  # fmt: skip
                below += amount


def _pieces_says(regimen: Regimen, lang: Language) -> str:
    counts = [
        sum((each.amount for step in steps for intake in step.intakes for each in intake.portions or ()
             if not each.product.liquid), Fraction(0))
        for _, _, steps in regimen.spans()
    ]  # fmt: skip
    most = max(counts, default=Fraction(0))
    return lang.say(
        "At most {most} pieces a day; {first} on the first day.", most=lang.number(most), first=lang.number(counts[0])
    )


def share_chart(edition: Edition, lang: Language = ENGLISH) -> Chart:
    """Draw the share that each step takes of the dose before it, with the limit as a line and the asked share as a mark."""
    limit = edition.known.limit("dose-reduction")
    cuts = [row for row in edition.plan.rows if row.achieved.of > 0]
    within, beyond, asked = (
        lang.say("within the limit"),
        lang.say("beyond it, after a longer hold"),
        lang.say("asked for"),
    )
    values = [
        {
            "what": beyond if row.achieved.of > limit.value else within,
            "step": _step_name(edition, row, lang), "share": _plain(row.achieved.of * 100),
            "asked": _plain(row.requested.of * 100), "says": lang.share(row.achieved).removesuffix(" %"),
            "top": _plain(max(row.achieved.of, row.requested.of) * 100),
        }
        for row in cuts
    ]  # fmt: skip
    order = [each["step"] for each in values]
    x = {"field": "step", "type": "ordinal", "sort": order, "axis": {"title": None, "labelAngle": -40, "labelLimit": 0}}
    parse = {"share": "number", "asked": "number", "top": "number"}
    cap = _plain(limit.value * 100)
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "stroke": "black", "strokeWidth": 1},
            "encoding": {
                "x": x,
                "y": {"field": "share", **amounts_axis("%", lang)},
                "color": {"field": "what", **legend([within, beyond], [COLOURS[5], COLOURS[1]])},
            },
        },
        {
            "mark": {"type": "text", "dy": -7, "fontSize": 12},
            "encoding": {"x": x, "y": {"field": "top", "type": "quantitative"}, "text": {"field": "says"}},
        },
        {
            "mark": {"type": "tick", "thickness": 3, "color": "black"},
            "encoding": {"x": x, "y": {"field": "asked", "type": "quantitative"}},
        },
        {
            "data": {"values": [{"cap": cap}], "format": {"parse": {"cap": "number"}}},
            "mark": {"type": "rule", "strokeDash": [8, 4], "strokeWidth": 2},
            "encoding": {"y": {"field": "cap", "type": "quantitative"}},
        },
    ]
    subtitle = lang.say(
        "Dashed line: {limit} ({source}), at most {share} in {days} days. Black marks: {asked}.",
        limit=limit.id, source=limit.source, share=lang.share(Share(limit.value)),
        days=limit.per.days if limit.per else 0, asked=asked,
    )  # fmt: skip
    return chart(
        "share", lang.say("What each step takes of the dose before it"), _share_says(cuts, limit, lang),
        {"width": WIDTH, "height": HEIGHT, "data": {"values": values, "format": {"parse": parse}}, "layer": layers},
        subtitle=[subtitle],
    )  # fmt: skip


def _step_name(edition: Edition, row: Row, lang: Language) -> str:
    day = f"{row.step.from_}"
    return f"{day} {drug_name(row.step.drug, lang)}" if len(edition.regimen.drugs) > 1 else day


def _share_says(cuts: Sequence[Row], limit: Limit, lang: Language) -> str:
    if not cuts:
        return lang.say("No step takes anything away.")
    largest = max(cuts, key=lambda row: row.achieved)
    beyond = [row for row in cuts if row.achieved.of > limit.value]
    text = lang.say(
        "{number} steps; the largest takes {share}, on {on}.",
        number=len(cuts), share=lang.share(largest.achieved), on=lang.date(largest.step.from_),
    )  # fmt: skip
    if not beyond:
        return text
    listed = ", ".join(f"{lang.share(row.achieved)} ({row.step.from_})" for row in beyond)
    return f"{text} " + lang.say(
        "Beyond the limit of {limit}: {steps}.", limit=lang.share(Share(limit.value)), steps=listed
    )
