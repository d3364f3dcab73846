"""A schedule keeps to the goal and to the days on which nothing was to change."""

from __future__ import annotations

from collections.abc import Iterator

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "below-goal"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Look for doses below the goal and for changes within a planned hold; zero is below any other goal.

    Source: jcpg-2025, Recommendation 8; opentaper, docs/decisions/0005.
    """
    return [_goal(subject), *_holds(subject)]


def _goal(subject: Subject) -> Finding:
    goal = subject.case.goal
    below = [step for step in subject.regimen.of(goal.of) if step.daily < goal.daily]
    if len(subject.regimen.drugs) > 1 or not below:
        return subject.by_ask(RULE, Verdict.PASS, where="the goal", observed=f"{goal.daily.about} a day, kept to")
    observed = f"{below[0].daily.about} a day, and {goal.daily.about} is the goal"
    return subject.by_ask(RULE, subject.effect(RULE), where=str(below[0].from_), observed=observed)


def _holds(subject: Subject) -> Iterator[Finding]:
    for hold in subject.case.goal.holds:
        inside = [step for step in subject.regimen.steps if hold.from_ <= step.from_ < hold.until]
        for step in inside[:1]:
            observed = f"a step within the hold from {hold.from_} until {hold.until}"
            yield subject.by_ask("cut-in-hold", subject.effect("cut-in-hold"), where=str(step.from_), observed=observed)
