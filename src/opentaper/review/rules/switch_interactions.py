"""A medicine that changes the level of the drug switched to makes the published equivalence wrong for this person."""

from __future__ import annotations

from opentaper.knowledge import Interaction
from opentaper.review.finding import Finding, Subject, Verdict
from opentaper.review.switch import alternatives, levels_changed, switches

RULE = "switch-interaction"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Look every medicine that is taken up against the drug switched to, with its figure and source.

    Source: us-clonazepam-label, drug interactions; each finding names its own source.
    """
    found = [
        _finding(subject, switch.to, other, rows)
        for switch in switches(subject)
        for other, rows in levels_changed(subject.known, switch.to, subject.case).items()
    ]
    return found or [
        subject.by_ask(
            RULE, Verdict.PASS, where="the switch", observed="none, or no medicine known to change its level"
        )
    ]


def _finding(subject: Subject, to: str, other: str, rows: list[Interaction]) -> Finding:
    said = "; ".join(dict.fromkeys(_said(row) for row in rows))
    observed = f"{said}; {alternatives(subject, to)}"
    return subject.by_ask(RULE, subject.effect(RULE), where=f"{other} with {to}", observed=observed)


def _said(row: Interaction) -> str:
    figure = f" ({row.metric} {row.prints})" if row.metric and row.prints else ""
    mark = ", assumed" if row.assumed else ""
    return f"{row.says.rstrip('.')}{figure}{mark} [{row.source}]"
