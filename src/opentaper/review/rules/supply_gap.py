"""After days without the drug nobody goes on as if nothing had happened."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "supply-gap"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Ask for a person's decision where days just past were without the drug.

    Source: opentaper, docs/decisions/0009.
    """
    gap = subject.case.goal.gap
    verdict = subject.effect(RULE) if gap else Verdict.PASS
    observed = f"{gap} without it" if gap else "no gap was reported"
    return [subject.by_ask(RULE, verdict, where="the days before", observed=observed)]
