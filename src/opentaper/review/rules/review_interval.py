"""Risks and benefits are reviewed at least every three months, and the knowledge used is itself reviewed."""

from __future__ import annotations

import datetime as dt

from opentaper.knowledge import ReviewState
from opentaper.review.course import courses
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "review-interval"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Say when the reviews of a long regimen fall due, and whether the knowledge behind it is signed.

    Source: jcpg-2025, Recommendations 1, 9 and 11; opentaper, docs/decisions/0001.
    """
    return [_people(subject), _each_reduction(subject), _knowledge(subject)]


def _people(subject: Subject) -> Finding:
    limit = subject.known.limit(RULE)
    first, last = subject.regimen.steps[0].from_, subject.regimen.steps[-1].from_
    count = (last - first).days // int(limit.value)
    if subject.regimen.steps[-1].daily:
        observed = f"every {limit.value} days for as long as a dose is taken"
        return by_limit(limit, Verdict(limit.effect), where="the whole plan", observed=observed)
    if not count:
        return by_limit(limit, Verdict.PASS, where="the whole plan", observed="it is shorter than that")
    due = ", ".join(str(first + dt.timedelta(days=int(limit.value) * number)) for number in range(1, count + 1))
    return by_limit(limit, Verdict(limit.effect), where="the whole plan", observed=f"reviews due by {due}")


def _each_reduction(subject: Subject) -> Finding:
    cuts = sum(len(course.cuts) for course in courses(subject)[:1])
    verdict = subject.effect("each-reduction") if cuts else Verdict.PASS
    return subject.by_ask("each-reduction", verdict, where="the whole plan", observed=f"{cuts} reductions")


def _knowledge(subject: Subject) -> Finding:
    state = subject.known.state
    verdict = Verdict.PASS if state is ReviewState.REVIEWED else subject.effect("pending-review")
    return subject.by_ask("pending-review", verdict, where="the knowledge base", observed=subject.known.review_note)
