"""A switch to a high dose belongs with a specialist, and never in an automatic plan."""

from __future__ import annotations

from collections.abc import Iterator

from opentaper.patient import diazepam_equivalent
from opentaper.review.finding import Finding, Subject, Verdict, by_limit
from opentaper.review.switch import SwitchTo, switches

RULE = "switch-dose"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the highest dose of the drug switched to with each limit; a drug other than diazepam by its highest equivalent.

    Source: nhs-lanarkshire-2022, benzodiazepine dependence; opentaper, docs/decisions/0008.
    """
    found = [finding for switch in switches(subject) for finding in _switch(subject, switch)]
    if found:
        return found
    limit = subject.known.limit("switch-diazepam-equivalent")
    return [by_limit(limit, Verdict.PASS, where="the switch", observed="none, or within the limit", rule=RULE)]


def _switch(subject: Subject, switch: SwitchTo) -> Iterator[Finding]:
    limits = subject.known.limits_on("switch-diazepam-equivalent")
    band = diazepam_equivalent(switch.to, switch.highest, subject.known)
    where = f"{switch.highest.about} of {switch.to} a day"
    if band is None:
        observed = "no published table knows this drug"
        yield by_limit(limits[0], Verdict.UNKNOWN, where=where, observed=observed, rule=RULE)
        return
    for limit in limits:
        if band[1].mg > limit.value:
            observed = f"up to {band[1].about} of diazepam a day by the published tables"
            yield by_limit(limit, Verdict(limit.effect), where=where, observed=observed, rule=RULE)
