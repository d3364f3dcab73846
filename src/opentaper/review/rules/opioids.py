"""Together with opioids: naloxone for everyone, and closer review."""

from __future__ import annotations

from opentaper.patient import UNKNOWN
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "opioids"
READS = ("screening.opioids",)


def judge(subject: Subject) -> list[Finding]:
    """Read the answer and the list of medicines; when they contradict each other nobody can tell.

    Source: jcpg-2025, Recommendations 16 to 18.
    """
    answer = subject.case.patient.answer("opioids")
    taken = [
        taking.drug
        for taking in subject.case.taking
        if taking.drug is not None
        and taking.drug in subject.known.medicines
        and subject.known.medicines[taking.drug].medicine_class == "opioid"
    ]
    if taken and answer == "no":
        observed = f"the answer is no, but {', '.join(map(str, taken))} is taken"
        return [subject.by_ask(RULE, Verdict.UNKNOWN, where="screening: opioids", observed=observed)]
    if taken or answer == "yes":
        observed = ", ".join(map(str, taken)) or "yes"
        return [subject.by_ask(RULE, subject.effect(RULE), where="screening: opioids", observed=observed)]
    verdict = Verdict.UNKNOWN if answer == UNKNOWN else Verdict.PASS
    return [subject.by_ask(RULE, verdict, where="screening: opioids", observed=answer)]
