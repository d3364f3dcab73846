"""A switch takes one to two weeks, and its tolerance is reviewed before anything is reduced."""

from __future__ import annotations

import datetime as dt

from opentaper.review.finding import Finding, Subject, Verdict, by_limit
from opentaper.review.switch import SwitchTo, switches

RULE = "switch-overlap"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Count the days from the first of the new drug to the first without the old, and say when tolerance is reviewed.

    Source: jcpg-2025, Recommendation 7 and Table 8; nhs-scotland-2024, switching.
    """
    found = switches(subject)
    if not found:
        overlap, review = subject.known.limit(RULE), subject.known.limit("tolerance-review-from")
        return [
            by_limit(overlap, Verdict.PASS, where="the switch", observed="none"),
            by_limit(review, Verdict.PASS, where="the switch", observed="none"),
        ]
    return [finding for switch in found for finding in (_overlap(subject, switch), _review(subject, switch))]


def _overlap(subject: Subject, switch: SwitchTo) -> Finding:
    limit, where = subject.known.limit(RULE), f"the switch to {switch.to}"
    if switch.ends_on is None:
        return by_limit(limit, Verdict.PASS, where=where, observed="what is taken now does not end")
    days = (switch.ends_on - switch.begins_on).days
    verdict = Verdict(limit.effect) if days < limit.value else Verdict.PASS
    both = f"both are taken on {days} days" if days > 0 else "on no day are both taken"
    return by_limit(limit, verdict, where=where, observed=both)


def _review(subject: Subject, switch: SwitchTo) -> Finding:
    first, last = (subject.known.limit(f"tolerance-review-{end}") for end in ("from", "until"))
    from_ = switch.begins_on + dt.timedelta(days=int(first.value))
    until = switch.begins_on + dt.timedelta(days=int(last.value))
    return by_limit(
        first,
        Verdict(first.effect),
        where=f"the switch to {switch.to}",
        observed=f"tolerance and sedation to be reviewed from {from_} to {until}",
    )
