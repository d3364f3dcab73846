"""A schedule is not begun in the past."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "past-start"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the first and the last day with the day of the review; nothing to come means nothing to judge.

    Source: opentaper, docs/decisions/0005.
    """
    first = subject.regimen.steps[0].from_
    late = (subject.on - first).days
    verdict = subject.effect(RULE) if late > 0 else Verdict.PASS
    observed = f"{late} days ago" if late > 0 else "today or later"
    last = subject.regimen.steps[-1].from_
    if last < subject.on and (len(subject.regimen.steps) > 1 or _differs(subject)):
        verdict, observed = Verdict.BLOCK, f"its last change was on {last}, so none of it is still to come"
    return [subject.by_ask(RULE, verdict, where=f"the first day, {first}", observed=observed)]


def _differs(subject: Subject) -> bool:
    """Whether the only step of a schedule, begun already, is not what is taken now."""
    step = subject.regimen.steps[0]
    return all(taking.drug != step.drug or taking.daily != step.daily for taking in subject.case.taking)
