"""With liver disease nobody is switched to a drug that the liver must oxidise."""

from __future__ import annotations

from opentaper.patient import UNKNOWN
from opentaper.review.finding import Finding, Subject, Verdict
from opentaper.review.switch import alternatives, switches

RULE = "switch-in-liver-disease"
READS = ("screening.liver_disease",)


def judge(subject: Subject) -> list[Finding]:
    """Ask of liver disease wherever the drug switched to is not only glucuronidated.

    Source: us-clonazepam-label, contraindications; jcpg-2025, Table 8.
    """
    targets = [
        switch.to for switch in switches(subject) if not subject.known.drugs[switch.to].has_trait("glucuronidated")
    ]
    return [_target(subject, to) for to in targets] or [
        subject.by_ask(
            RULE, Verdict.PASS, where="the switch", observed="none, or to a drug that is only glucuronidated"
        )
    ]


def _target(subject: Subject, to: str) -> Finding:
    patient = subject.case.patient
    answer = patient.answer("liver_disease")
    told = [key for key in (patient.indication, *(patient.conditions or ())) if key is not None]
    named = [key for key in dict.fromkeys(told) if "liver" in subject.known.conditions[key].groups]
    where, instead = f"the switch to {to}", alternatives(subject, to)
    if named or answer == "yes":
        observed = f"{', '.join(named) or 'liver disease: yes'}; {instead}"
        return subject.by_ask(RULE, subject.effect(RULE), where=where, observed=observed)
    if answer == UNKNOWN:
        observed = f"nobody said whether there is liver disease; {instead}"
        return subject.by_ask(RULE, Verdict.UNKNOWN, where=where, observed=observed)
    return subject.by_ask(RULE, Verdict.PASS, where=where, observed="no liver disease")
