"""The rows of a plan as pages show them: dose, words, what was asked and taken, what bound it, and what would change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from opentaper.clinic.language import of_page, product
from opentaper.exchange import step_in_words
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Step
from opentaper.plan import Plan, Row
from opentaper.quantity import Dose, decimal_text

FIRST_DAYS = dt.timedelta(days=84)
"""How far the calendar of the first steps goes."""


def rows(plan: Plan, case: Case, known: Knowledge) -> list[dict[str, Any]]:
    """Return every row of a plan, the days on the present dose first."""
    found = []
    if plan.baseline:
        says = _("The present dose, before the first change.")
        found.append({**_step(plan.baseline), "says": says, "row": None})
    before: dict[str, Dose] = {case.goal.of: case.present.daily}
    for place, row in enumerate(plan.rows):
        found.append({**_shown(row, known), "row": place, "number": place + 1, "repair": _repair(plan, place)})
        found[-1]["before"] = before.get(row.step.drug)
        before[row.step.drug] = row.step.daily
    return found


def _step(step: Step) -> dict[str, Any]:
    return {
        "from": step.from_, "until": step.until, "days": step.days, "drug": step.drug, "daily": str(step.daily),
        "words": step_in_words(step, of_page()), "intakes": step.intakes,
    }  # fmt: skip


def _shown(row: Row, known: Knowledge) -> dict[str, Any]:
    bound = row.binding
    over = bound is not None and bound.exceeded_by is not None
    cut = row.achieved.of > 0
    return {
        **_step(row.step),
        "says": row.says,
        "cut": cut,
        "rise": row.achieved.of < 0,
        "requested": str(row.requested) if row.requested.of > 0 else "",
        "achieved": str(row.achieved),
        "over": over,
        "bar": _percent(row.achieved.of),
        "mark": _percent(row.requested.of),
        "by": bound.by if bound else None,
        "by_says": _limit_says(bound.by.limit, known) if bound else "",
        "exceeded": str(bound.exceeded_by).removesuffix(" %") if bound and bound.exceeded_by else "",
        "held": bound.held if bound else None,
        "others": bound.others if bound else (),
    }


def _percent(share: Fraction) -> str:
    """This function will print a share as a place on a bar of 100."""
    return decimal_text(Fraction(round(min(max(share, Fraction(0)), Fraction(1)) * 1000), 10))


def _limit_says(key: str, known: Knowledge) -> str:
    return next((each.says for each in known.limits if each.id == key), "")


def _repair(plan: Plan, place: int) -> str:
    return plan.repair.says if plan.repair and plan.repair.row == place else ""


def calendar(plan: Plan) -> list[dict[str, Any]]:
    """Return what happens on each day of the first weeks: a new dose, a collection, a visit."""
    first = plan.regimen.steps[0].from_
    days: dict[dt.date, list[str]] = {}
    for on, says in sorted(_happens(plan), key=lambda each: each[0]):
        if on < first + FIRST_DAYS:
            days.setdefault(on, []).append(says)
    return [{"on": on, "says": says} for on, says in days.items()]


def _happens(plan: Plan) -> Iterator[tuple[dt.date, str]]:
    for step in plan.regimen.steps:
        yield step.from_, step_in_words(step, of_page())
    for each in plan.supply:
        items = ", ".join(_collected(decimal_text(item.amount), item.product) for item in each.items)
        if items:
            yield each.on, _("Collect for the days until %(until)s: %(items)s.") % {"until": each.until, "items": items}
    for visit in plan.visits:
        yield visit.from_, _("Until %(last)s: see how the new drug is borne.") % {"last": visit.last}


def _collected(amount: str, of: Product) -> str:
    values = {"amount": amount, "product": product(of)}
    return _("%(amount)s mL of %(product)s") % values if of.liquid else "{amount} × {product}".format(**values)


def differences(old: Plan, new: Plan) -> list[dict[str, Any]]:
    """Return the spans of two plans side by side: from each day on which either changes, what each has a day."""
    edges = sorted({step.from_ for plan in (old, new) for step in plan.regimen.steps})
    found: list[dict[str, Any]] = []
    for on in edges:
        said = [_dose_on(plan, on) for plan in (old, new)]
        if not found or [found[-1]["old"], found[-1]["new"]] != said:
            found.append({"on": on, "old": said[0], "new": said[1], "same": said[0] == said[1]})
    return found


def _dose_on(plan: Plan, on: dt.date) -> str:
    return " + ".join(
        str(step.daily) if len(plan.regimen.drugs) == 1 else f"{step.drug} {step.daily}" for step in plan.regimen.on(on)
    )
