"""What OpenTaper does not know, nobody has checked."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "unlisted-medicine"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Name every medicine and condition that was written as free text.

    Source: opentaper, docs/decisions/0006.
    """
    named = [taking.other for taking in subject.case.taking if taking.other]
    named += subject.case.patient.other_conditions
    verdict = subject.effect(RULE) if named else Verdict.PASS
    return [subject.by_ask(RULE, verdict, where="free text", observed=", ".join(named) or "none")]
