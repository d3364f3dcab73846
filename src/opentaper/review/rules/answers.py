"""Answers of the screening that a named person must weigh, or that stop an automatic plan."""

from __future__ import annotations

from opentaper.patient import UNKNOWN
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "screening"
READS = (
    "screening.seizure_history",
    "screening.withdrawal_seizure_or_delirium",
    "screening.suicide_risk",
    "screening.alcohol_heavy",
)

ASKED = {
    "seizure_history": "seizure-history",
    "withdrawal_seizure_or_delirium": "complicated-withdrawal",
    "suicide_risk": "suicide-risk",
    "alcohol_heavy": "alcohol",
}


def judge(subject: Subject) -> list[Finding]:
    """Turn each answer into the effect that the base gives it; no answer is unknown.

    Source: jcpg-2025, Recommendations 5, 12, 19 and 20.
    """
    return [_answer(subject, question, ask) for question, ask in ASKED.items()]


def _answer(subject: Subject, question: str, ask: str) -> Finding:
    answer = subject.case.patient.answer(question)
    verdict = {"yes": subject.effect(ask), "no": Verdict.PASS, UNKNOWN: Verdict.UNKNOWN}[answer]
    return subject.by_ask(ask, verdict, where=f"screening: {question}", observed=answer)
