"""From 65 years: a taper is generally advised, in small steps."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "older-adult"
READS = ("patient.born",)


def judge(subject: Subject) -> list[Finding]:
    """Compare the age on the plan's first day with the limit.

    Source: jcpg-2025, Recommendation 27.
    """
    age = subject.case.patient.age(subject.case.goal.starts_on)
    if age is None:
        return [subject.by_ask(RULE, Verdict.UNKNOWN, where="age", observed="the birthday is unknown")]
    old = age >= subject.known.limit("age").value
    return [subject.by_ask(RULE, subject.effect(RULE) if old else Verdict.PASS, where="age", observed=f"{age} years")]
