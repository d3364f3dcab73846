"""The first reduction is a small one."""

from __future__ import annotations

from collections.abc import Iterator

from opentaper.review.course import Course, across, uncompared
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "initial-reduction"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the first cut with the usual first reduction.

    Source: jcpg-2025, Recommendation 6.
    """
    limit = subject.known.limit(RULE)
    if begun := subject.case.goal.begun_on:
        return [by_limit(limit, Verdict.PASS, where="the first step", observed=f"the taper began on {begun}")]

    def course(course: Course) -> Iterator[Finding]:
        first = next(iter(course.cuts), None)
        if first is None or first.cut.of <= limit.value:
            yield by_limit(limit, Verdict.PASS, where="the first step", observed=str(first.cut) if first else "none")
        else:
            yield by_limit(limit, Verdict(limit.effect), where=first.where, observed=str(first.cut))

    return across(subject, course, uncompared(limit))
