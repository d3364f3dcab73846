"""Another medicine that changes the level or the effect; starting or stopping it is a hidden change of dose."""

from __future__ import annotations

import datetime as dt

from opentaper.knowledge import Interaction
from opentaper.patient import Taking
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "interaction"
READS = ("other.since",)


def judge(subject: Subject) -> list[Finding]:
    """Look every other medicine up against every benzodiazepine of the regimen.

    Source: us-clonazepam-label, drug interactions; each finding names its own source.
    """
    findings: list[Finding] = []
    for taking in subject.case.taking:
        for drug in subject.regimen.drugs:
            if taking.drug is None or taking.drug in subject.regimen.drugs:
                continue
            rows = [row for row in subject.known.interactions.values() if row.between(drug, taking.drug)]
            if telling := [row for row in rows if row.exposure != "none"]:
                findings.append(_pair(subject, drug, taking, telling))
    if not findings:
        findings.append(
            subject.by_ask(RULE, Verdict.PASS, where="medicines", observed="none that is known to interact")
        )
    return findings


def _pair(subject: Subject, drug: str, taking: Taking, rows: list[Interaction]) -> Finding:
    kinetic = any(row.kind == "pharmacokinetic" for row in rows)
    verdict = subject.effect(RULE)
    if all(row.exposure == "opposes" for row in rows):
        verdict = Verdict.NOTE
    words = "; ".join(dict.fromkeys(_said(row) for row in rows))
    where = f"{taking.drug} with {drug}"
    if kinetic and taking.since is None:
        return _finding(subject, rows, Verdict.UNKNOWN, where, f"nobody said since when it is taken. {words}")
    if changing := _changing(subject, taking) if kinetic else "":
        return _finding(subject, rows, verdict, where, f"{changing}. {words}")
    return _finding(subject, rows, verdict, where, words)


def _said(row: Interaction) -> str:
    figure = f" ({row.metric} {row.prints})" if row.metric and row.prints else ""
    mark = ", assumed" if row.assumed else ""
    return f"{row.says.rstrip('.')}{figure}{mark} [{row.source}]"


def _changing(subject: Subject, taking: Taking) -> str:
    recent = dt.timedelta(days=int(subject.known.convention("recent-days").number))
    first, last = subject.regimen.steps[0].from_, subject.regimen.steps[-1].from_
    if taking.since and taking.since > first - recent:
        return f"started on {taking.since}, so it is still changing the level during this plan"
    if taking.until and first - recent < taking.until < last + recent:
        return f"stopped on {taking.until}, so the level changes during this plan"
    return ""


def _finding(subject: Subject, rows: list[Interaction], verdict: Verdict, where: str, observed: str) -> Finding:
    ask = subject.known.asks[RULE]
    return Finding(
        rule=RULE,
        verdict=verdict,
        where=where,
        observed=observed,
        limit="none that changes during the taper",
        source=rows[0].source,
        at="interaction table",
        says=ask.says,
        who=ask.who if verdict.rank >= Verdict.CAUTION.rank else None,
    )
