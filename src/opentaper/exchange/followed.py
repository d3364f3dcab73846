"""A plan as it is followed: the doses that it says and what was observed of the person, on one axis of days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from opentaper.exchange.charts import COLOURS, Chart, chart
from opentaper.exchange.faces.charts import amounts_axis, days_axis, legend, steps_drawn
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import drug_name
from opentaper.frozen import dataclass
from opentaper.patient import Regimen
from opentaper.quantity import Dose, decimal_text, exact
from opentaper.record import Observed

DAY = {"parse": {"on": "utc:'%Y-%m-%d'", "from": "utc:'%Y-%m-%d'"}}
SCORE = re.compile(
    r"(?P<name>[^\W\d_][\w /-]{0,39}): ?(?P<number>[0-9]{1,4}(?:\.[0-9]{1,3})?)(?:[ ,;.].*)?", re.ASCII | re.DOTALL
)
WIDTH, HEIGHT, SCORES_HEIGHT = 640, 240, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number that was observed: of which scale or level, and on which day."""

    on: dt.date
    name: str
    number: Fraction


def scores(observed: Sequence[Observed]) -> list[Score]:
    """Return the observations that say a number: "GAD-7: 9"; what says none is left to the words.

    Example:
        >>> [score] = scores([Observed(on=dt.date(2026, 12, 1), what="score", says="GAD-7: 9")])
        >>> score.number
        Fraction(9, 1)
    """
    found = []
    for each in observed:
        said = SCORE.fullmatch(each.says.strip()) if each.what in ("score", "level") else None
        if said:
            found.append(Score(on=each.on, name=said["name"].strip(), number=exact(said["number"])))
    return found


def taken(observed: Sequence[Observed]) -> list[tuple[dt.date, Dose]]:
    """Return the days on which somebody said the dose that was taken, and nothing beside it: "1.5 mg"."""
    return [(each.on, dose) for each in observed if (dose := each.dose) is not None]


def followed_chart(
    printed: Regimen,
    observed: Sequence[Observed],
    today: dt.date,
    lang: Language = ENGLISH,
    *,
    narrow: bool = False,
) -> Chart:
    """Draw the doses of a plan with what was observed beside them, and where today is.

    Args:
        printed: everything printed so far.
        observed: what was observed, as it counts now.
        today: the day it is.
        lang: the language of the words.
        narrow: for a phone.
    """
    width = 280 if narrow else WIDTH
    numbers, doses = scores(observed), taken(observed)
    panels = [{"width": width, "height": HEIGHT, "layer": list(_doses(printed, observed, doses, today, lang))}]
    if numbers:
        panels.append({"width": width, "height": SCORES_HEIGHT, "layer": list(_scores(numbers, today, lang))})
    body = (
        panels[0]
        if len(panels) == 1
        else {"vconcat": panels, "resolve": {"scale": {"x": "shared", "color": "independent"}}}
    )
    return chart("followed", lang.say("The plan, and what was observed"), _says(printed, observed, today, lang), body)


def _doses(
    printed: Regimen,
    observed: Sequence[Observed],
    doses: Sequence[tuple[dt.date, Dose]],
    today: dt.date,
    lang: Language,
) -> Iterator[dict[str, Any]]:
    names = {drug: drug_name(drug, lang) for drug in printed.drugs}
    told, noted = lang.say("dose taken, as told"), lang.say("something was written down")
    domain = [*names.values(), *([told] if doses else []), *([noted] if observed else [])]
    colours = [*COLOURS[: len(names)], *([COLOURS[6]] if doses else []), *([COLOURS[3]] if observed else [])]
    x, y = days_axis(lang), amounts_axis(lang.say("mg a day"), lang)
    yield {
        "data": {"values": steps_drawn(printed, names), "format": {"parse": {**DAY["parse"], "mg": "number"}}},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 3},
        "encoding": {
            "x": {"field": "from", **x},
            "y": {"field": "mg", **y},
            "color": {"field": "drug", **legend(domain, colours)},
        },
    }
    yield _today(today, lang)
    if doses:
        values = [{"drug": told, "on": on.isoformat(), "mg": dose.decimal} for on, dose in doses]
        yield {
            "data": {"values": values, "format": {"parse": {**DAY["parse"], "mg": "number"}}},
            "mark": {"type": "point", "shape": "cross", "size": 90, "strokeWidth": 3},
            "encoding": {
                "x": {"field": "on", **x},
                "y": {"field": "mg", **y},
                "color": {"field": "drug", **legend(domain, colours)},
            },
        }
    if observed:
        values = [{"drug": noted, "on": on.isoformat(), "mg": "0"} for on in sorted({each.on for each in observed})]
        yield {
            "data": {"values": values, "format": {"parse": {**DAY["parse"], "mg": "number"}}},
            "mark": {"type": "point", "shape": "triangle-up", "size": 60, "filled": True},
            "encoding": {
                "x": {"field": "on", **x},
                "y": {"field": "mg", **y},
                "color": {"field": "drug", **legend(domain, colours)},
            },
        }


def _today(today: dt.date, lang: Language) -> dict[str, Any]:
    at = {"x": {"field": "on", "type": "temporal", "scale": {"type": "utc"}}}
    return {
        "data": {"values": [{"on": today.isoformat(), "says": lang.say("today")}], "format": DAY},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [4, 4], "strokeWidth": 2, "color": "black"}, "encoding": at},
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "y": 8, "fontSize": 13, "color": "black"},
                "encoding": {**at, "text": {"field": "says"}},
            },
        ],
    }


def _scores(numbers: Sequence[Score], today: dt.date, lang: Language) -> Iterator[dict[str, Any]]:
    names = list(dict.fromkeys(each.name for each in numbers))
    values = [{"name": each.name, "on": each.on.isoformat(), "number": decimal_text(each.number)} for each in numbers]
    yield {
        "data": {"values": values, "format": {"parse": {**DAY["parse"], "number": "number"}}},
        "mark": {"type": "line", "point": {"size": 60}, "strokeWidth": 2},
        "encoding": {
            "x": {"field": "on", **days_axis(lang)},
            "y": {"field": "number", **amounts_axis(lang.say("score or level"), lang)},
            "color": {
                "field": "name",
                **legend(names, [COLOURS[place % len(COLOURS)] for place in range(1, len(names) + 1)]),
            },
        },
    }
    yield _today(today, lang)


def _says(printed: Regimen, observed: Sequence[Observed], today: dt.date, lang: Language) -> str:
    steps = [step for step in printed.steps if step.from_ <= today]
    now = " + ".join(f"{drug_name(step.drug, lang)} {lang.dose(step.daily)}" for step in printed.on(today))
    said = [
        lang.say("Today, {on}: {now} a day.", on=lang.date(today), now=now)
        if now
        else lang.say("On {on} the plan says nothing.", on=lang.date(today)),
        lang.say("{number} steps so far.", number=len(steps)),
    ]
    last: dict[str, Score] = {}
    for each in scores(observed):
        last[each.name] = each
    said += [
        lang.say("{name}: {number} on {on}.", name=each.name, number=lang.number(each.number), on=lang.date(each.on))
        for each in last.values()
    ]
    return " ".join(said)
