"""Steps, findings and events as pages show them: the words of the exchange room, and none of our own for a dose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from opentaper.care import amount_of
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
    Progress,
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

MEANS = {
    Verdict.PASS: "nothing stands against it",
    Verdict.NOTE: "may be started; read the notes",
    Verdict.CAUTION: "may be started once the reasons asked for are given",
    Verdict.UNKNOWN: "cannot be started: somebody must answer what is unknown",
    Verdict.BLOCK: "cannot be started",
}


def steps(regimen: Regimen) -> list[dict[str, Any]]:
    """Return every step: from when until when, the dose of the day, and its tablets in words."""
    return [
        {
            "from": step.from_,
            "until": step.until,
            "days": step.days,
            "drug": step.drug,
            "daily": str(step.daily),
            "words": step_in_words(step),
        }
        for step in regimen.steps
    ]


def taken_on(regimen: Regimen, on: dt.date) -> list[str]:
    """Return what the plan says for a day, in words."""
    return [step_in_words(step) for step in regimen.on(on)]


def going_on(now: History, on: dt.date) -> list[str]:
    """Return the dose that goes on where no plan says anything for a day: before a plan begins, and after one was ended."""
    if now.stopped and now.last and isinstance(now.stopped.what, Stopped):
        return taken_on(now.versions[now.last].version.printed, now.stopped.what.on)
    past = [each.version.printed for each in now.versions.values() if each.progress is Progress.PAST]
    if past and (planned := taken_on(past[-1], on)):
        return planned
    if now.case is None:
        return []
    return [step_in_words(Step(drug=now.case.goal.of, from_=on, until=None, intakes=now.case.present.intakes))]


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
            return f"Opened the case of {name}.{_reasons(answers)}"
        case Changed(because=because, answers=answers):
            return f"Changed what is known: {because}. What was signed and had not begun is void.{_reasons(answers)}"
        case Edited(option=option, edits=edits, because=because):
            rows = ", ".join(str(each.row + 1) for each in edits)
            many = "rows" if len(edits) > 1 else "row"
            return f"Edited “{option}”, {many} {rows}, and had the rest planned anew: {because}."
        case Proposed(offers=offers, without=without):
            none = f"; none for {', '.join(name for name, _ in without)}" if without else ""
            return f"Looked at the options: {', '.join(offer.name for offer in offers) or 'none'}{none}."
        case Judged(version=version) as judged:
            first = version.regimen.steps[0].from_
            return (
                f"Had “{version.name}” reviewed, version {version.number} ({version.digest[:12]}), from {first}: "
                f"{judged.verdict.value}, {MEANS[judged.verdict]}."
            )
        case Accepted(version=mark, meaning=meaning, answers=answers):
            return f"Signed version {_named(mark, history)}: “{meaning}”{_reasons(answers)}"
        case Declined(version=mark, because=because):
            return f"Declined version {_named(mark, history)}: {because}."
        case Started(version=mark):
            return f"Started version {_named(mark, history)}."
        case Observed(on=on, what=what, says=says):
            return f"Observed on {on}, {what.replace('-', ' ')}: {says}"
        case Held(version=mark, because=because):
            held = history.versions[mark].version.held
            until = f" until {held[1]}" if held else ""
            return f"Held every dose{until}: {because}."
        case Slowed(times=times, because=because):
            return f"Slowed what is left, {times} times as long: {because}."
        case SteppedBack(steps=back, because=because):
            return f"Stepped back {back} step{'s' if back > 1 else ''}: {because}."
        case Resumed():
            return "Went on before the hold was over."
        case Dispensed(from_=from_, until=until, items=items, replaces=replaces):
            place = f", in place of what was lost (entry {replaces})" if replaces else ""
            return f"Handed over for {from_} until {until}{place}: {', '.join(map(amount_of, items))}."
        case Lost(items=items, says=says):
            return f"Said to be lost: {', '.join(map(amount_of, items))}. {says}"
        case Allowed(lost=number, says=says):
            return f"Allowed that what was lost (entry {number}) is replaced: {says}"
        case Stopped(because=because):
            return f"Ended the plan; the dose of that day goes on: {because}."
        case Corrected(number=number, instead=instead, because=because):
            says = "it never happened" if instead is None else getattr(instead, "says", "another supply")
            return f"Corrected entry {number}: {says}. {because}."
        case Queried(version=mark, step=step, says=says, products=products):
            where = f", about the step from {step}" if step else ""
            shelf = f" On the shelf: {', '.join(each.key for each in products)}." if products else ""
            return f"Asked about version {_named(mark, history)}{where}: {says}{shelf}"
        case Replied(number=number, says=says):
            return f"Answered entry {number}: {says}"


def _reasons(answers: Iterable[Answer]) -> str:
    given = "; ".join(f"{each.rule} ({each.where}): “{each.reason}”" for each in answers)
    return f" Reasons given: {given}" if given else ""


def _named(mark: str, history: History) -> str:
    version = history.versions[mark].version
    return f"{version.number} of “{version.name}” ({mark[:12]})"
