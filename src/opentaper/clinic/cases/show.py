"""Steps, findings and events as pages show them: the words of the exchange room, and none of our own for a dose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opentaper.care import amount_of, by_plan
from opentaper.clinic.cases.called import MEANS, called
from opentaper.clinic.language import of_page, said
from opentaper.exchange import step_in_words
from opentaper.patient import Regimen, Step
from opentaper.record import (
    Accepted,
    Allowed,
    Answer,
    Changed,
    Corrected,
    Declined,
    Dispensed,
    Edited,
    Event,
    Held,
    History,
    Judged,
    Lost,
    Observed,
    Opened,
    Proposed,
    Queried,
    Replied,
    Resumed,
    Slowed,
    Started,
    SteppedBack,
    Stopped,
)
from opentaper.review import Finding, Verdict


def steps(regimen: Regimen) -> list[dict[str, Any]]:
    """Return every step: from when until when, the dose of the day, and its tablets in words."""
    return [
        {
            "from": step.from_,
            "until": step.until,
            "days": step.days,
            "drug": step.drug,
            "daily": str(step.daily),
            "words": step_in_words(step, of_page()),
        }
        for step in regimen.steps
    ]


def taken_on(regimen: Regimen, on: dt.date) -> list[str]:
    """Return what the plan says for a day, in words."""
    return [step_in_words(step, of_page()) for step in regimen.on(on)]


def going_on(now: History, on: dt.date) -> list[str]:
    """Return what is taken on a day where the plan in force says nothing of it: by the plan before it, or as it was before any."""
    plan = by_plan(now)
    if plan.begins is not None and plan.begins <= on:
        return [step_in_words(step, of_page()) for step in plan.on(on)]
    if now.case is None:
        return []
    going = Step(drug=now.case.goal.of, from_=on, until=None, intakes=now.case.present.intakes)
    return [step_in_words(going, of_page())]


def findings_of(found: Iterable[Finding]) -> list[Finding]:
    """Return what somebody must read, the gravest first; passes are left out."""
    return sorted((each for each in found if each.verdict is not Verdict.PASS), key=lambda each: -each.verdict.rank)


def findings(judged: Judged) -> list[Finding]:
    """Return the findings of a version that somebody must read."""
    return findings_of(judged.findings)


def told(event: Event, history: History) -> str:
    """Return what happened, in a sentence."""
    match event.what:
        case Opened(name=name, answers=answers):
            return _("Opened the case of %(name)s.") % {"name": name} + _reasons(answers)
        case Changed(because=because, answers=answers):
            says = _("Changed what is known: %(because)s. What was signed and had not begun is void.")
            return says % {"because": because} + _reasons(answers)
        case Edited(option=option, edits=edits, because=because):
            says = ngettext(
                "Edited “%(option)s”, row %(rows)s, and had the rest planned anew: %(because)s.",
                "Edited “%(option)s”, rows %(rows)s, and had the rest planned anew: %(because)s.",
                len(edits),
            )
            rows = ", ".join(str(each.row + 1) for each in edits)
            return says % {"option": said(option), "rows": rows, "because": because}
        case Proposed(offers=offers, without=without):
            found = ", ".join(said(offer.name) for offer in offers) or _("none")
            if not without:
                return _("Looked at the options: %(found)s.") % {"found": found}
            none = ", ".join(said(name) for name, _why in without)
            return _("Looked at the options: %(found)s; none for %(none)s.") % {"found": found, "none": none}
        case Judged(version=version) as judged:
            says = _("Had “%(name)s” reviewed, version %(number)s (%(mark)s), from %(first)s: %(verdict)s, %(means)s.")
            return says % {
                "name": said(version.name), "number": version.number, "mark": version.digest[:12],
                "first": version.regimen.steps[0].from_, "verdict": called(judged.verdict.value),
                "means": MEANS[judged.verdict],
            }  # fmt: skip
        case Accepted(version=mark, meaning=meaning, answers=answers):
            says = _("Signed version %(version)s: “%(meaning)s”") % {
                "version": _named(mark, history),
                "meaning": meaning,
            }
            return says + _reasons(answers)
        case Declined(version=mark, because=because):
            return _("Declined version %(version)s: %(because)s.") % {
                "version": _named(mark, history), "because": because,
            }  # fmt: skip
        case Started(version=mark):
            return _("Started version %(version)s.") % {"version": _named(mark, history)}
        case Observed(on=on, what=what, says=says):
            return _("Observed on %(on)s, %(what)s: %(says)s") % {"on": on, "what": called(what), "says": says}
        case Held(version=mark, because=because):
            held = history.versions[mark].version.held
            if held is None:
                return _("Held every dose: %(because)s.") % {"because": because}
            return _("Held every dose until %(until)s: %(because)s.") % {"until": held[1], "because": because}
        case Slowed(times=times, because=because):
            return _("Slowed what is left, %(times)s times as long: %(because)s.") % {
                "times": times, "because": because,
            }  # fmt: skip
        case SteppedBack(steps=back, because=because):
            says = ngettext(
                "Stepped back %(steps)s step: %(because)s.", "Stepped back %(steps)s steps: %(because)s.", back
            )
            return says % {"steps": back, "because": because}
        case Resumed():
            return _("Went on before the hold was over.")
        case Dispensed(from_=from_, until=until, items=items, replaces=replaces):
            named = {"from": from_, "until": until, "what": ", ".join(map(amount_of, items)), "entry": replaces}
            if replaces:
                says = _(
                    "Handed over for %(from)s until %(until)s, in place of what was lost (entry %(entry)s): %(what)s."
                )
                return says % named
            return _("Handed over for %(from)s until %(until)s: %(what)s.") % named
        case Lost(items=items, says=says):
            return _("Said to be lost: %(what)s. %(says)s") % {"what": ", ".join(map(amount_of, items)), "says": says}
        case Allowed(lost=number, says=says):
            return _("Allowed that what was lost (entry %(entry)s) is replaced: %(says)s") % {
                "entry": number, "says": says,
            }  # fmt: skip
        case Stopped(because=because):
            return _("Ended the plan; the dose of that day goes on: %(because)s.") % {"because": because}
        case Corrected(number=number, instead=instead, because=because):
            says = _("it never happened") if instead is None else getattr(instead, "says", _("another supply"))
            return _("Corrected entry %(number)s: %(says)s. %(because)s.") % {
                "number": number, "says": says, "because": because,
            }  # fmt: skip
        case Queried(version=mark, step=step, says=says, products=products):
            named = {"version": _named(mark, history), "step": step, "says": says}
            asked = _("Asked about version %(version)s: %(says)s") % named
            if step:
                asked = _("Asked about version %(version)s, about the step from %(step)s: %(says)s") % named
            shelf = ", ".join(each.key for each in products)
            return asked + (" " + _("On the shelf: %(products)s.") % {"products": shelf} if shelf else "")
        case Replied(number=number, says=says):
            return _("Answered entry %(number)s: %(says)s") % {"number": number, "says": says}


def _reasons(answers: Iterable[Answer]) -> str:
    given = "; ".join(f"{each.rule} ({each.where}): “{each.reason}”" for each in answers)
    return " " + _("Reasons given: %(given)s") % {"given": given} if given else ""


def _named(mark: str, history: History) -> str:
    version = history.versions[mark].version
    return _("%(number)s of “%(name)s” (%(mark)s)") % {
        "number": version.number, "name": said(version.name), "mark": mark[:12],
    }  # fmt: skip
