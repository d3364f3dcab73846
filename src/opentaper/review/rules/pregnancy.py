"""In pregnancy mother and child are weighed together."""

from __future__ import annotations

from opentaper.patient import UNKNOWN
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "pregnancy"
READS = ("screening.pregnancy",)


def judge(subject: Subject) -> list[Finding]:
    """Read the answer; for a man the question needs none.

    Source: jcpg-2025, Recommendation 28.
    """
    patient = subject.case.patient
    answer = patient.answer("pregnancy")
    if answer == UNKNOWN and patient.sex == "male":
        return [subject.by_ask(RULE, Verdict.PASS, where="screening: pregnancy", observed="male")]
    verdict = {"yes": subject.effect(RULE), "no": Verdict.PASS, UNKNOWN: Verdict.UNKNOWN}[answer]
    return [subject.by_ask(RULE, verdict, where="screening: pregnancy", observed=answer)]
