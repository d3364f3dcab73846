"""From a plan to a plan in force: reviewed, signed by a person over exactly its content, started."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from opentaper.care.by import By, Recorded, Refusal, not_confirmed, not_entitled, record
from opentaper.care.by_plan import by_plan
from opentaper.knowledge import Knowledge
from opentaper.plan import Plan
from opentaper.quantity import Dose
from opentaper.record import Accepted, Answer, Declined, History, Judged, Started, Stopped, Version
from opentaper.review import Reviewed, review

A_DAY = dt.timedelta(1)
MEANING = "I have read this plan and its findings, and I prescribe it."
"""What a signature says when nobody says otherwise."""


def version_of(plan: Plan, history: History, known: Knowledge, *, on: dt.date) -> Version:
    """Return a proposed plan as the first version of its own.

    Raises:
        ValueError: the case was never opened.
    """
    if history.case is None:
        raise ValueError("a plan is made for a case that was opened")
    return Version(
        name=plan.name, case=history.case, knowledge=known.digest, regimen=plan.regimen, made_on=on, stock=plan.stock,
        visits=plan.visits,
    )  # fmt: skip


def check(history: History, version: Version, known: Knowledge, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Review a version and record every finding.

    Args:
        history: where the case stands.
        version: what is to be reviewed.
        known: the base.
        on: the day of the review.
        by: who asks for it.
    """
    if version.knowledge != known.digest:
        return Refusal(says="The knowledge base changed since this version was made; make it anew.")
    if says := _another_dose(history, version, known):
        return Refusal(says=says)
    judged = review(version.regimen, version.case, known, on=on)
    return record(history, by, "propose", Judged(version=version, on=on, findings=judged.findings))


def _another_dose(history: History, version: Version, known: Knowledge) -> str | None:
    """This function will say so where a new plan begins from another dose than the plan before it has come to.

    Unless somebody wrote down of late that this very dose is taken: "1.5 mg" where one drug is, else "diazepam 10 mg".
    """
    if version.number > 1:
        return None
    days = int(known.convention("told-dose-days").number)
    first = version.regimen.steps[0].from_
    planned = by_plan(history).on(first - A_DAY)
    told = sorted((each for each in history.observed.values() if each.what == "dose-taken"), key=lambda each: each.on)
    # Of the days before the first: until a plan begins much later the one before it is followed.
    of_late = [each for each in told if each.on >= first - days * A_DAY]
    says_of = {
        step.drug: Dose(sum((each.daily.mg for each in version.case.taking if each.drug == step.drug), Fraction(0)))
        for step in planned
    }
    alone = sum(bool(says_of[step.drug] or step.daily) for step in planned) == 1
    for step in planned:
        says = says_of[step.drug]
        named = [each.dose_of(step.drug) for each in of_late if each.names(step.drug)]
        last = named[-1:] or ([each.dose for each in of_late[-1:]] if alone else [])
        if says != step.daily and last != [says]:
            return (
                f"The case says {says} of {step.drug} a day, and the plan before has come to {step.daily}. Change what is known "
                "of the person to the dose that is actually taken, then plan again. If that is not the dose of the plan, "
                f"write it down first as a dose that was taken, of the {days} days before {first}."
            )
    return None


def decide(
    history: History,
    mark: str,
    reviewed: Reviewed,
    *,
    answers: Sequence[Answer],
    by: By,
    meaning: str = MEANING,
) -> Recorded | Refusal:
    """Sign a version, if it is still what was reviewed and every reason that was asked for is given.

    Args:
        history: where the case stands.
        mark: the digest of the version.
        reviewed: its review as of now: it must say what the recorded one says.
        answers: a reason for every finding that asks for one.
        by: who signs, having proved who they are.
        meaning: what the signature says.
    """
    if refusal := not_entitled(by, "decide") or not_confirmed(by):
        return refusal
    followed = history.versions.get(mark)
    if followed is None:
        return Refusal(says="Nobody has reviewed such a version.")
    version, judged = followed.version, followed.judged
    now = (reviewed.regimen_digest, reviewed.case_digest, reviewed.knowledge_digest, reviewed.findings)
    then = (version.regimen_digest, version.case_digest, version.knowledge, judged.findings)
    if now != then:
        return Refusal(
            says="Something changed since the review: the plan, the case, the knowledge or the day. Review it anew."
        )
    blocking = tuple(each for each in judged.findings if each.verdict.blocks)
    if blocking:
        rules = ", ".join(dict.fromkeys(f"{each.rule} ({each.verdict.value})" for each in blocking))
        return Refusal(says=f"Review does not let this plan start: {rules}.", findings=blocking)
    asked = judged.asked
    given = {(each.rule, each.where) for each in answers}
    missing = tuple(each for each in asked if (each.rule, each.where) not in given)
    if missing:
        rules = ", ".join(dict.fromkeys(each.rule for each in missing))
        return Refusal(says=f"A reason is asked for, and none was given: {rules}.", findings=missing)
    if len(given) != len(answers) or given - {(each.rule, each.where) for each in asked}:
        return Refusal(says="A reason was given twice, or for something that was not asked.")
    assert by.confirmed_at is not None
    accepted = Accepted(version=mark, meaning=meaning, answers=tuple(answers), confirmed_at=by.confirmed_at)
    return record(history, by, "decide", accepted)


def decline(history: History, mark: str, because: str, *, by: By) -> Recorded | Refusal:
    """Decide against a version, reviewed or signed, that is not in force."""
    return record(history, by, "decide", Declined(version=mark, because=because))


def start(history: History, mark: str, known: Knowledge, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Bring a signed version into force; what was in force before is past.

    Args:
        history: where the case stands.
        mark: the digest of the version.
        known: the base as it is now.
        on: the day; the version must not have begun before it.
        by: who starts it, having proved who they are.
    """
    refusal = not_entitled(by, "decide") or not_confirmed(by) or not_of_now(history, mark, known, on=on)
    return refusal or record(history, by, "decide", Started(version=mark))


def not_of_now(history: History, mark: str, known: Knowledge, *, on: dt.date) -> Refusal | None:
    """Return why a signed version cannot come into force any more, if so: the base is another, or its first day is past."""
    followed = history.versions.get(mark)
    if followed is None:
        return None
    first = followed.version.regimen.steps[0].from_
    if followed.version.knowledge != known.digest:
        return Refusal(says="The knowledge base changed since this plan was signed; review and sign it anew.")
    if first < on:
        return Refusal(says=f"The plan would have begun on {first}, which is past; make it anew.")
    return None


def stop(history: History, because: str, *, on: dt.date, by: By) -> Recorded | Refusal:
    """End the plan in force. The plan ends, not the drug: the dose of that day goes on until a new plan is signed."""
    if refusal := not_entitled(by, "stop") or not_confirmed(by):
        return refusal
    assert by.confirmed_at is not None
    return record(history, by, "stop", Stopped(on=on, because=because, confirmed_at=by.confirmed_at))
