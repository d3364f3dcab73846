"""How likely withdrawal is for this person, shown beside every plan."""

from __future__ import annotations

from opentaper.patient import withdrawal_risk
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "withdrawal-risk"
READS = ("taking.since", "taking.days_per_week")


def judge(subject: Subject) -> list[Finding]:
    """Look the person up in the guideline's table of duration, frequency and dose.

    Source: jcpg-2025, Table 2.
    """
    risk = withdrawal_risk(subject.case, subject.known, subject.case.goal.starts_on)
    if risk.row is None:
        missing = ", ".join(risk.missing) or "a row that describes this use"
        return [subject.by_ask(RULE, Verdict.UNKNOWN, where="the present use", observed=f"missing: {missing}")]
    observed = f"{risk.row.risk_class}; {risk.band} dose. {risk.row.says}"
    return [subject.by_ask(RULE, subject.effect(RULE), where="the present use", observed=observed)]
