"""A step takes no more than the limit allows; a larger one only where it was held in proportion first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from opentaper.knowledge import Limit
from opentaper.review.course import Change, Course, across, own_courses, uncompared
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "step-reduction"
READS = ("taking.since",)


def judge(subject: Subject) -> list[Finding]:
    """Compare every cut with each limit on a single reduction.

    A cut of share r beyond a limit of v in d days is a caution when the dose before it was held at least
    ceil(r / v) x d days and it takes at most what one coarse step may; otherwise the limit's own effect follows.
    What a switch in parts takes in all is one cut, and no hold makes up for one beyond the limit. Several drugs of
    which none rises are judged one by one, by their own doses.

    Source: jcpg-2025, Recommendation 6; opentaper, docs/decisions/0003 and docs/decisions/0008.
    """
    own = own_courses(subject)
    if len(own) > 1:
        return [
            replace(finding, where=f"{course.of}, {finding.where}")
            for course in own
            for finding in _course(subject, course)
        ]
    unknown = uncompared(subject.known.limit("dose-reduction"), rule=RULE)
    return across(subject, lambda course: _course(subject, course), unknown)


def _course(subject: Subject, course: Course) -> Iterator[Finding]:
    limits = [limit for limit in subject.known.limits if limit.measures in ("dose-reduction", "step-reduction")]
    broken = False
    for change in course.cuts:
        for limit in limits:
            if change.cut.of > limit.value and (change.after or limit.measures == "dose-reduction"):
                broken = True
                yield _beyond(subject, change, limit)
    if not broken:
        limit = subject.known.limit("dose-reduction")
        yield by_limit(limit, Verdict.PASS, where="every step", observed="no step beyond it", rule=RULE)


def _beyond(subject: Subject, change: Change, limit: Limit) -> Finding:
    per = limit.per.days if limit.per else int(subject.known.limit("step-interval").value)
    need = ceil(change.cut.of / limit.value) * per
    coarse = subject.known.limit("coarse-step")
    if change.after and change.cut.of > coarse.value:
        return by_limit(
            coarse,
            Verdict(coarse.effect),
            where=change.where,
            observed=f"{change.cut} in one step",
            rule=RULE,
        )
    if change.in_parts:
        observed = f"{change.cut} in the parts of one switch, until {change.last_on}"
        return by_limit(limit, Verdict(limit.effect), where=change.where, observed=observed, rule=RULE)
    if change.held is None:
        return by_limit(
            limit,
            Verdict.UNKNOWN,
            where=change.where,
            observed=f"{change.cut}; nobody said since when {change.before.about} is taken",
            rule=RULE,
        )
    if change.held >= need:
        return by_limit(
            limit,
            Verdict.CAUTION,
            where=change.where,
            observed=f"{change.cut} after {change.held} days on the dose before",
            says=f"{limit.says} This step is larger, and the dose before it was held at least the {need} days in "
            "proportion.",
            rule=RULE,
        )
    return by_limit(
        limit,
        Verdict(limit.effect),
        where=change.where,
        observed=f"{change.cut} after {change.held} days; in proportion it needs {need}",
        rule=RULE,
    )
