"""Enough days pass between one reduction and the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from opentaper.review.course import Course, across, uncompared
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "step-interval"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the days between two reductions with the shortest interval.

    Source: jcpg-2025, Key takeaway 5.
    """
    limit = subject.known.limit(RULE)

    def course(course: Course) -> Iterator[Finding]:
        soon = [(second.on - first.last_on, second) for first, second in pairwise(course.cuts)]
        soon = [(days, change) for days, change in soon if days.days < limit.value]
        if not soon:
            yield by_limit(limit, Verdict.PASS, where="every step", observed="no step sooner")
            return
        days, change = soon[0]
        more = f"; so are {len(soon) - 1} more steps" if len(soon) > 1 else ""
        observed = f"{days.days} days after the step before it{more}"
        yield by_limit(limit, Verdict(limit.effect), where=change.where, observed=observed)

    return across(subject, course, uncompared(limit))
