"""A clinic's own layer that does not fit what ships lets nothing be started: it is never dropped unseen."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "own-layer"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Say why the layer cannot be laid, where it cannot.

    Source: opentaper, docs/decisions/0019.
    """
    unfit, layer = subject.known.unfit, subject.known.layer
    verdict = subject.effect(RULE) if unfit else Verdict.PASS
    observed = unfit or (f"version {layer.number} of {layer.clinic}" if layer else "there is none")
    return [subject.by_ask(RULE, verdict, where="the clinic's layer", observed=observed)]
