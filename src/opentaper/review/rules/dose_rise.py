"""The daily dose never rises unasked, does not swing, and no intake rises unsaid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from opentaper.patient import TIMES, Step
from opentaper.quantity import Dose
from opentaper.review.course import Course, across
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "dose-rise"
STEP_BACK = "step-back"
READS = ("taking.days_per_week",)


def judge(subject: Subject) -> list[Finding]:
    """Look for a rise of the daily dose, for a fall and a rise close together, and for an intake that rises.

    Source: opentaper, docs/decisions/0005.
    """
    unknown = subject.by_ask(
        RULE, Verdict.UNKNOWN, where="the switch", observed="no published table compares these drugs"
    )
    return [
        *across(subject, lambda course: _rises(subject, course), unknown),
        *across(subject, lambda course: _swings(subject, course), unknown),
        *_intakes(subject),
        _week(subject),
    ]


def _rises(subject: Subject, course: Course) -> Iterator[Finding]:
    rises = [change for change in course.changes if change.after > change.before]
    for rise in rises:
        ask = STEP_BACK if rise is course.changes[0] and _asked_for(subject, rise.after) else RULE
        yield subject.by_ask(ask, subject.effect(ask), where=rise.where, observed=f"{rise.after.about} is more")
    if not rises:
        yield subject.by_ask(RULE, Verdict.PASS, where="every step", observed="no rise")


def _asked_for(subject: Subject, dose: Dose) -> bool:
    """Whether a person asked, in the case, to go back as far as this dose."""
    goal = subject.case.goal
    return goal.step_back_to is not None and dose <= goal.step_back_to and len(subject.regimen.drugs) == 1


def _week(subject: Subject) -> Finding:
    """Whether somebody who takes it on some days only would take more in a week by a regimen of daily doses."""
    present = subject.case.present
    if present.drug not in subject.regimen.drugs:
        return subject.by_ask(RULE, Verdict.PASS, where="the week", observed="another drug")
    if present.days_per_week is None:
        observed = "nobody said on how many days a week it is taken"
        return subject.by_ask(RULE, Verdict.UNKNOWN, where="the week", observed=observed)
    first = max(step.daily for step in subject.regimen.of(present.drug))
    now, planned = present.daily * present.days_per_week, first * 7
    rises = planned > now and not (present.days_per_week == 7 and _asked_for(subject, first))
    verdict = subject.effect(RULE) if rises else Verdict.PASS
    return subject.by_ask(RULE, verdict, where="the week", observed=f"{now.about} now, {planned.about} by the regimen")


def _swings(subject: Subject, course: Course) -> Iterator[Finding]:
    swing = None
    for first, second in pairwise(course.changes):
        turned = (first.after < first.before) != (second.after < second.before)
        if turned and (second.on - first.on).days < subject.known.limit("step-interval").value:
            swing = second
    if swing is None:
        yield subject.by_ask("dose-swing", Verdict.PASS, where="every step", observed="no swing")
    else:
        yield subject.by_ask(
            "dose-swing", subject.effect("dose-swing"), where=swing.where, observed="it turns within an interval"
        )


def _intakes(subject: Subject) -> Iterator[Finding]:
    found = False
    for drug in subject.regimen.drugs:
        for before, after in pairwise(_with_present(subject, drug)):
            for time in TIMES:
                if after.at(time) > before.at(time) and after.daily <= before.daily:
                    found = True
                    yield _intake(subject, before, after, time)
    if not found:
        yield subject.by_ask("intake-rise", Verdict.PASS, where="every step", observed="no intake rises")


def _intake(subject: Subject, before: Step, after: Step, time: str) -> Finding:
    where = f"{after.from_}, {time}"
    observed = f"{before.at(time).about} to {after.at(time).about} while the day does not rise"
    limit = subject.known.limit("intake-share")
    if (after.at(time).mg - before.at(time).mg) > limit.value * before.daily.mg:
        return by_limit(limit, Verdict(limit.effect), where=where, observed=observed)
    return subject.by_ask("intake-rise", subject.effect("intake-rise"), where=where, observed=observed)


def _with_present(subject: Subject, drug: str) -> list[Step]:
    """Return a drug's steps, after the way in which it is taken now."""
    steps = list(subject.regimen.of(drug))
    first = steps[0].from_
    now = [
        Step(drug=drug, from_=first - dt.timedelta(1), until=first, intakes=taking.intakes)
        for taking in subject.case.taking
        if taking.drug == drug
    ]
    return [*now, *steps]
