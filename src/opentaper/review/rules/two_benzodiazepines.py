"""With two benzodiazepines or Z-drugs, one is reduced at a time."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "two-benzodiazepines"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Count the benzodiazepines and Z-drugs that are taken now.

    Source: us-clonazepam-label, general prescribing practice.
    """
    taken = [taking.drug for taking in subject.case.taking if subject.known.tapered_drug(taking.drug or "")]
    verdict = subject.effect(RULE) if len(taken) > 1 else Verdict.PASS
    return [subject.by_ask(RULE, verdict, where="medicines", observed=", ".join(map(str, taken)))]
