"""However the steps are cut up, no span of days takes away more than its limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from opentaper.frozen import dataclass
from opentaper.knowledge import Limit
from opentaper.quantity import Share
from opentaper.review.course import Change, Course, across, uncompared
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "rolling-reduction"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Add up the cuts within every span of 14 and of 28 days that holds more than one of them.

    A span with one cut is judged by the rule on single steps.

    Source: jcpg-2025, Recommendation 6.
    """
    unknown = uncompared(subject.known.limit("rolling-reduction"), rule=RULE)
    return across(subject, lambda course: _course(subject, course), unknown)


def _course(subject: Subject, course: Course) -> Iterator[Finding]:
    broken = False
    for limit in subject.known.limits_on("rolling-reduction"):
        spans = [span for span in _spans(course, limit) if span.gone.of > limit.value]
        if spans:
            broken = True
            worst = max(spans, key=lambda span: span.gone)
            more = f"; so do {len(spans) - 1} other spans" if len(spans) > 1 else ""
            yield by_limit(
                limit,
                Verdict(limit.effect),
                where=f"{worst.cuts[0].on} to {worst.cuts[-1].on}",
                observed=(
                    f"{len(worst.cuts)} steps, from {worst.cuts[0].before.about} to {worst.cuts[-1].after.about}, "
                    f"take {worst.gone}{more}"
                ),
                rule=RULE,
            )
    if not broken:
        limit = subject.known.limit("rolling-reduction")
        yield by_limit(limit, Verdict.PASS, where="every span", observed="no span beyond it", rule=RULE)


@dataclass(frozen=True, slots=True)
class _Span:
    cuts: tuple[Change, ...]
    gone: Share


def _spans(course: Course, limit: Limit) -> Iterator[_Span]:
    """This function will yield every span of the limit's days that ends with a cut and holds more than one.

    A switch in parts is in it whole if any of its days is.
    """
    assert limit.per is not None
    for last in course.cuts:
        opens = last.on - dt.timedelta(days=limit.per.days)
        inside = tuple(cut for cut in course.cuts if opens < cut.last_on and cut.on <= last.on)
        if len(inside) > 1:
            yield _Span(inside, inside[0].before.cut_to(last.after))
