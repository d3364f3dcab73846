"""However the steps are cut up, no span of days takes away more than its limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from opentaper.review.course import Course, across
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "rolling-reduction"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Add up the cuts within every span of 14 and of 28 days that holds more than one of them.

    A span with one cut is judged by the rule on single steps.

    Source: jcpg-2025, Recommendation 6.
    """
    unknown = by_limit(
        subject.known.limit("rolling-reduction"),
        Verdict.UNKNOWN,
        where="the switch",
        observed="no published table compares these drugs",
        rule=RULE,
    )
    return across(subject, lambda course: _course(subject, course), unknown)


def _course(subject: Subject, course: Course) -> Iterator[Finding]:
    broken = False
    for limit in subject.known.limits_on("rolling-reduction"):
        assert limit.per is not None
        for last in course.cuts:
            opens = last.on - dt.timedelta(days=limit.per.days)
            inside = [cut for cut in course.cuts if opens < cut.on <= last.on]
            gone = inside[0].before.cut_to(last.after)
            if len(inside) > 1 and gone.of > limit.value:
                broken = True
                yield by_limit(
                    limit,
                    Verdict(limit.effect),
                    where=f"{inside[0].on} to {last.on}",
                    observed=f"{gone} in {len(inside)} steps, from {inside[0].before} to {last.after}",
                    rule=RULE,
                )
    if not broken:
        limit = subject.known.limit("rolling-reduction")
        yield by_limit(limit, Verdict.PASS, where="every span", observed="no span beyond it", rule=RULE)
