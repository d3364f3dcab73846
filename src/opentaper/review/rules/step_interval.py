"""Enough days pass between one reduction and the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from opentaper.review.course import Course, across
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "step-interval"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the days between two reductions with the shortest interval.

    Source: jcpg-2025, Key takeaway 5.
    """
    limit = subject.known.limit(RULE)

    def course(course: Course) -> Iterator[Finding]:
        broken = False
        for first, second in pairwise(course.cuts):
            days = (second.on - first.on).days
            if days < limit.value:
                broken = True
                yield by_limit(limit, Verdict(limit.effect), where=second.where, observed=f"{days} days after the last")
        if not broken:
            yield by_limit(limit, Verdict.PASS, where="every step", observed="no step sooner")

    unknown = by_limit(limit, Verdict.UNKNOWN, where="the switch", observed="no published table compares these drugs")
    return across(subject, course, unknown)
