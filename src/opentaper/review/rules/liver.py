"""In liver disease some of these drugs accumulate."""

from __future__ import annotations

from opentaper.patient import UNKNOWN
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "liver-disease"
READS = ("screening.liver_disease",)


def judge(subject: Subject) -> list[Finding]:
    """Read the answer and the conditions; when they contradict each other nobody can tell.

    Source: us-clonazepam-label, contraindications.
    """
    patient = subject.case.patient
    answer = patient.answer("liver_disease")
    told = [key for key in (patient.indication, *(patient.conditions or ())) if key is not None]
    named = [key for key in dict.fromkeys(told) if "liver" in subject.known.conditions[key].groups]
    if named and answer == "no":
        observed = f"the answer is no, but {named[0]} is a condition"
        return [subject.by_ask(RULE, Verdict.UNKNOWN, where="screening: liver_disease", observed=observed)]
    if named or answer == "yes":
        observed = ", ".join(named) or "yes"
        return [subject.by_ask(RULE, subject.effect(RULE), where="screening: liver_disease", observed=observed)]
    verdict = Verdict.UNKNOWN if answer == UNKNOWN else Verdict.PASS
    return [subject.by_ask(RULE, verdict, where="screening: liver_disease", observed=answer)]
