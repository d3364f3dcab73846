"""From 65 years a long-acting drug builds up."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict
from opentaper.review.switch import SwitchTo, alternatives, switches

RULE = "switch-in-older-adult"
READS = ("patient.born",)


def judge(subject: Subject) -> list[Finding]:
    """Compare the age on the first day of a long-acting drug with the limit.

    Source: jcpg-2025, Recommendation 27 and Table 8.
    """
    found = [switch for switch in switches(subject) if subject.known.drugs[switch.to].has_trait("long-acting")]
    return [_switch(subject, switch) for switch in found] or [
        subject.by_ask(RULE, Verdict.PASS, where="the switch", observed="none to a long-acting drug")
    ]


def _switch(subject: Subject, switch: SwitchTo) -> Finding:
    where, age = f"the switch to {switch.to}", subject.case.patient.age(switch.begins_on)
    if age is None:
        return subject.by_ask(RULE, Verdict.UNKNOWN, where=where, observed="the birthday is unknown")
    if age < subject.known.limit("age").value:
        return subject.by_ask(RULE, Verdict.PASS, where=where, observed=f"{age} years")
    observed = f"{age} years; {alternatives(subject, switch.to)}"
    return subject.by_ask(RULE, subject.effect(RULE), where=where, observed=observed)
