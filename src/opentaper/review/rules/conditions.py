"""Conditions that a named person must weigh, or that stop an automatic plan."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "conditions"
READS = ("patient.conditions", "patient.indication")

GROUPS = {
    "epilepsy": "epilepsy",
    "seizure-risk": "seizure-history",
    "mood-or-psychosis": "sleep-and-mood",
    "ptsd": "ptsd",
    "substance-use": "substance-use",
    "breathing": "breathing",
}


def judge(subject: Subject) -> list[Finding]:
    """Look for each group of conditions among the indication and the conditions.

    Conditions or an indication that nobody gave make every group unknown: why a drug was started decides whether it
    may be reduced at all.

    Source: jcpg-2025, Recommendations 5b, 19 to 26.
    """
    return [_group(subject, group, ask) for group, ask in GROUPS.items()]


def _group(subject: Subject, group: str, ask: str) -> Finding:
    patient = subject.case.patient
    named = [key for key in (patient.indication, *(patient.conditions or ())) if key is not None]
    found = [key for key in dict.fromkeys(named) if group in subject.known.conditions[key].groups]
    if found:
        return subject.by_ask(ask, subject.effect(ask), where="conditions", observed=", ".join(found))
    missing = [
        name
        for name, value in (("conditions", patient.conditions), ("indication", patient.indication))
        if value is None
    ]
    if missing:
        observed = f"nobody gave: {' and '.join(missing)}"
        return subject.by_ask(ask, Verdict.UNKNOWN, where="conditions", observed=observed)
    return subject.by_ask(ask, Verdict.PASS, where="conditions", observed="none of this kind")
