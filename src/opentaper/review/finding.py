"""What a rule says about a regimen, and the bundle of everything all rules said."""

from __future__ import annotations

import datetime as dt
from enum import Enum

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Limit
from opentaper.patient import Case, Regimen


class Verdict(Enum):
    """How a rule judges, from harmless to forbidden; unknown blocks like a failed rule until a person answers it."""

    PASS = "pass"
    NOTE = "note"
    CAUTION = "caution"
    UNKNOWN = "unknown"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        return list(Verdict).index(self)

    @property
    def blocks(self) -> bool:
        """Whether nobody may start a regimen that got it."""
        return self in (Verdict.UNKNOWN, Verdict.BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's verdict on one place.

    Args:
        rule: the rule's key.
        verdict: pass, note, caution, unknown or block.
        where: the date, dose or answer it speaks of.
        observed: what was found there.
        limit: what it was compared with.
        source: the key of who says so; `at` is the place in it.
        says: one sentence for a clinician.
        who: who must give a reason or an answer; None when nobody needs to.
    """

    rule: str
    verdict: Verdict
    where: str
    observed: str
    limit: str
    source: str
    at: str
    says: str
    who: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a rule is given: the regimen, the case, the base and the day; nothing else."""

    regimen: Regimen
    case: Case
    known: Knowledge
    on: dt.date

    def by_ask(self, key: str, verdict: Verdict, *, where: str, observed: str) -> Finding:
        """Build a finding from an `ask` of the base; its words, source and who must answer come from the data."""
        ask = self.known.asks[key]
        return Finding(
            rule=key,
            verdict=verdict,
            where=where,
            observed=observed,
            limit=ask.strength,
            source=ask.source,
            at=ask.at,
            says=ask.says,
            who=ask.who if verdict.rank >= Verdict.CAUTION.rank else None,
        )

    def effect(self, key: str) -> Verdict:
        """Return the verdict that the base gives to a positive answer."""
        return Verdict(self.known.asks[key].effect)


def by_limit(limit: Limit, verdict: Verdict, *, where: str, observed: str, says: str = "", rule: str = "") -> Finding:
    """Build a finding from a limit of the base."""
    value = f"{limit.value} in {limit.per.days} days" if limit.per else str(limit.value)
    return Finding(
        rule=rule or limit.id,
        verdict=verdict,
        where=where,
        observed=observed,
        limit=f"{limit.bound} {value}",
        source=limit.source,
        at=limit.at,
        says=says or limit.says,
        who="the prescriber" if verdict.rank >= Verdict.CAUTION.rank else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A regimen with everything the rules found, tied by digests to the regimen, the case and the knowledge judged.

    Only `review` builds one; whoever decides later compares the digests again.
    """

    regimen: Regimen
    findings: tuple[Finding, ...]
    regimen_digest: str
    case_digest: str
    knowledge_digest: str
    on: dt.date

    @property
    def verdict(self) -> Verdict:
        """The gravest of the findings."""
        return max((finding.verdict for finding in self.findings), key=lambda verdict: verdict.rank)
