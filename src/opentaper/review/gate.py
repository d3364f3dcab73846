"""Judge a regimen: by every rule, whoever wrote it."""

from __future__ import annotations

import datetime as dt

from opentaper.knowledge import Knowledge, digest
from opentaper.patient import Case, Regimen
from opentaper.review.finding import Reviewed, Subject
from opentaper.review.rules import RULES


def review(regimen: Regimen, case: Case, known: Knowledge, *, on: dt.date) -> Reviewed:
    """Judge a regimen for a case by every rule.

    Args:
        regimen: dated steps, from the planner or from anybody.
        case: whose regimen it would be.
        known: the base; its limits are what the rules compare with.
        on: the day of the review.

    Returns:
        Every finding, passes included, with the digests of what was judged and by which knowledge.
    """
    subject = Subject(regimen=regimen, case=case, known=known, on=on)
    return Reviewed(
        regimen=regimen,
        findings=tuple(finding for rule in RULES for finding in rule.judge(subject)),
        regimen_digest=digest(regimen.plain()),
        case_digest=digest(case.plain()),
        knowledge_digest=known.digest,
        on=on,
    )
