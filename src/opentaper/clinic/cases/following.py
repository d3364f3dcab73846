"""What the page of a case shows of a plan that is followed: today, what comes next, what was handed over and heard."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from opentaper.care import ByPlan, by_plan, lasts_until, uncounted
from opentaper.clinic.cases.recent import Recent
from opentaper.clinic.cases.show import findings, going_on, taken_on
from opentaper.clinic.language import of_page
from opentaper.exchange import step_in_words
from opentaper.quantity import Share
from opentaper.record import Followed, History, Judged, Progress, Version

SHOWN = 20
"""How much of what was observed a page shows."""
FILES = {
    "leaflet.pdf": (_("Leaflet for the person (PDF)"), "application/pdf"),
    "leaflet-large.pdf": (_("Leaflet in large print (PDF)"), "application/pdf"),
    "taper.ics": (_("Calendar"), "text/calendar; charset=utf-8"),
    "pharmacy.txt": (_("Pharmacy text and labels"), "text/plain; charset=utf-8"),
    "letter.pdf": (_("Letter of the prescriber (PDF)"), "application/pdf"),
    "note.txt": (_("Note for the record"), "text/plain; charset=utf-8"),
    "plan.csv": (_("Table (CSV)"), "text/csv; charset=utf-8"),
    "plan.json": (_("For programs (JSON)"), "application/json"),
    "plan.toml": (_("For programs (TOML)"), "application/toml"),
    "charts.txt": (_("The charts in words"), "text/plain; charset=utf-8"),
}
"""The faces that a page offers, each with what it is called and what it is."""


def followed(now: History, today: dt.date) -> dict[str, Any]:
    """Return what is taken today, what comes next, until when there is a supply, and when somebody was last heard of."""
    in_force = now.in_force
    planned = taken_on(in_force.version.printed, today) if in_force else []
    return {
        "today": planned,
        "goes_on": [] if planned else going_on(now, today),
        "held": now.held if now.held and now.held[1] > today else None,
        "next": next_change(by_plan(now), today) if in_force else None,
        "handed": bool(now.dispensed),
        "uncounted": uncounted(now),
        "supplied": lasts_until(now, today, as_said=True) if now.dispensed else None,
        "heard": max((each.on for each in now.observed.values()), default=None),
    }


def next_change(plan: ByPlan, today: dt.date) -> dict[str, Any] | None:
    """Return the next day on which something else is taken, and what; None where nothing changes any more."""
    day = next((each for each in plan.changes if each > today), None)
    if day is None:
        return None
    return {"on": day, "days": (day - today).days, "words": [step_in_words(step, of_page()) for step in plan.on(day)]}


def on_day(now: History, on: dt.date, today: dt.date) -> dict[str, Any]:
    """Return what the plans say for one day, whichever; and whether what is at home reaches it, counted from today."""
    plan = by_plan(now)
    ends = lasts_until(now, min(on, today), as_said=True) if now.dispensed else None
    return {
        "on": on,
        "words": [step_in_words(step, of_page()) for step in plan.on(on)],
        "handed": bool(now.dispensed),
        "uncounted": uncounted(now),
        "enough": ends is None or on < ends,
        "next": next_change(plan, on),
    }


_drawn: Recent[str] = Recent(3_000_000, weigh=len)


def table(now: History, today: dt.date) -> str:
    """Draw every step of the plan in force with the cut that it is, and where today is among them."""
    if now.in_force is None:
        return ""
    version = now.in_force.version
    key = ("table", version.digest, today, get_language())
    return _drawn.get(key, lambda: render_to_string("cases/_followed.html", {"rows": rows(now, version, today)}))


def found(judged: Judged) -> str:
    """Draw what review found of a version."""
    key = ("found", judged.version.digest, judged.on, get_language())
    return _drawn.get(key, lambda: render_to_string("cases/_findings.html", {"findings": findings(judged)}))


def hand_out(case: uuid.UUID, followed: Followed) -> str:
    """Draw the list of the faces of a version."""
    mark = followed.version.digest
    files = [(name, says) for name, (says, _) in FILES.items()]
    return _drawn.get(
        ("files", case, mark, get_language()),
        lambda: render_to_string("cases/_hand_out.html", {"case": case, "mark": mark, "files": files}),
    )


def observed(case: uuid.UUID, now: History, corrects: bool) -> str:
    """Draw what was observed lately, the latest first; empty where nothing was.

    Args:
        case: the key of the case.
        now: where it stands, with what somebody may read of it.
        corrects: whether they may correct it.
    """
    lately = tuple(now.observed.items())[: -SHOWN - 1 : -1]
    context = {"case": case, "observed": lately, "corrects": corrects}
    key = ("observed", case, lately, corrects, get_language())
    return _drawn.get(key, lambda: render_to_string("cases/_observed.html", context)) if lately else ""


def rows(now: History, version: Version, today: dt.date) -> list[dict[str, Any]]:
    """Return every step of everything printed so far with the cut that it is, and where today is among them."""
    return [
        {
            **each,
            "past": each["until"] is not None and each["until"] <= today,
            "now": each["from"] <= today and (each["until"] is None or today < each["until"]),
        }
        for each in _told(now, version)
    ]


def _told(now: History, version: Version) -> Iterator[dict[str, Any]]:
    """This function will yield the steps of everything printed so far, each in words.

    The case of a later version says what was taken when that was made; before the first step stands what the first one knew.
    """
    known_then = [version.case, *(each.version.case for each in now.versions.values() if _began(each, version))]
    last = {each.drug: each.daily for case in known_then for each in case.taking if each.drug}
    for step in version.printed.steps:
        before = last.get(step.drug)
        cut = before.cut_to(step.daily) if before else Share(Fraction(0))
        yield {
            "from": step.from_,
            "until": step.until,
            "drug": step.drug,
            "daily": str(step.daily),
            "words": step_in_words(step, of_page()),
            "cut": str(cut) if cut.of > 0 else "",
            "rises": cut.of < 0,
        }
        last[step.drug] = step.daily


def _began(each: Followed, version: Version) -> bool:
    """This function will say whether a version is the one with which what was printed so far began."""
    return (
        each.progress in (Progress.IN_FORCE, Progress.PAST)
        and each.version.number == 1
        and each.version.regimen.steps[0].from_ == version.printed.steps[0].from_
    )
