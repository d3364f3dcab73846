"""A schedule keeps to the goal and to the days on which nothing was to change."""

from __future__ import annotations

from collections.abc import Iterator

from opentaper.quantity import Dose
from opentaper.review.finding import Finding, Subject, Verdict
from opentaper.review.switch import switches

RULE = "below-goal"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Look for doses below the goal and for changes within a planned hold; zero is below any other goal.

    Source: jcpg-2025, Recommendation 8; opentaper, docs/decisions/0005.
    """
    goal = subject.case.goal
    wished = [(goal.of, goal.daily), *((then.of, then.daily) for then in goal.then)]
    return [*(_goal(subject, drug, daily) for drug, daily in wished), *_holds(subject)]


def _goal(subject: Subject, drug: str, daily: Dose) -> Finding:
    below = [step for step in subject.regimen.of(drug) if step.daily < daily]
    if daily and any(drug in switch.replaced for switch in switches(subject)):
        observed = f"{daily.about} of {drug} a day is now a dose of another drug, and a person compares the two"
        return subject.by_ask(RULE, Verdict.NOTE, where="the goal", observed=observed)
    if not below:
        return subject.by_ask(RULE, Verdict.PASS, where="the goal", observed=f"{daily.about} a day, kept to")
    observed = f"{below[0].daily.about} a day, and {daily.about} is the goal"
    return subject.by_ask(RULE, subject.effect(RULE), where=str(below[0].from_), observed=observed)


def _holds(subject: Subject) -> Iterator[Finding]:
    for hold in subject.case.goal.holds:
        inside = [step for step in subject.regimen.steps if hold.from_ <= step.from_ < hold.until]
        for step in inside[:1]:
            observed = f"a step within the hold from {hold.from_} until {hold.until}"
            yield subject.by_ask("cut-in-hold", subject.effect("cut-in-hold"), where=str(step.from_), observed=observed)
