"""What may be done, how fast, and who must be asked: limits as data, each with its source and strength."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import Rate, Share, Span

MEASURES = {
    "dose-reduction": "the share of the present dose taken away within a span of days",
    "step-reduction": "the share of the present dose taken away in one step",
    "rolling-reduction": "the share of the dose at the start of any span of days that is gone at its end",
    "initial-reduction": "the share taken away by the first step",
    "step-interval": "the days between one reduction and the next",
    "review-interval": "the days between one review of risks and benefits and the next",
    "coarse-step": "the largest share that a coarse product may force in one step above zero",
    "longest-hold": "the days for which a plan by itself holds one dose",
    "daily-diazepam-equivalent": "the present daily dose in mg of diazepam, by the published tables",
    "switch-diazepam-equivalent": "the daily dose of the drug switched to, in mg of diazepam",
    "switch-overlap": "the days from the first dose of the new drug to the first day without the old one",
    "tolerance-review-from": "the days from the first dose of the new drug to the first day for a review of tolerance",
    "tolerance-review-until": "the days from the first dose of the new drug to the last day for a review of tolerance",
    "plausible-diazepam-equivalent": "the daily dose in mg of diazepam above which an entry is taken for a slip",
    "age": "years",
    "last-diazepam-equivalent": "the dose before zero in mg of diazepam, by the table that makes it least",
    "intake-share": "how much of the day's dose one intake takes over from the others",
    "last-dose": "the dose before zero, in smallest solid pieces of the drug on any market",
}
BOUNDS = ("at most", "at least", "below")
EFFECTS = ("block", "caution", "note")
STRENGTHS = ("strong", "conditional", "weak", "house")
CERTAINTIES = ("high", "moderate", "low", "very low", "clinical consensus", "not graded")
RATE_MEASURES = ("dose-reduction", "step-reduction", "rolling-reduction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A bound on something that can be measured in a regimen or a person."""

    id: str
    measures: str
    bound: str
    value: Fraction
    per: Span | None
    effect: str
    strength: str
    certainty: str
    says: str
    source: str
    at: str
    confidence: str

    def rate(self, interval: Span) -> Rate:
        """Return the limit as a share per span of days; a limit on one step counts per shortest interval.

        Raises:
            ValueError: the limit does not measure a reduction.
        """
        if self.measures not in RATE_MEASURES:
            raise ValueError(f"{self.id} measures {self.measures}, which is no reduction")
        return Rate(Share(self.value), self.per or interval)

    @classmethod
    def read(cls, table: Table, source: str) -> Limit:
        measures = table.choice("measures", MEASURES)
        per = table.table("per") if table.has("per") else None
        limit = cls(
            id=table.key("id"),
            measures=measures,
            bound=table.choice("bound", BOUNDS),
            value=table.number("value"),
            per=per.span("days", least=1) if per else None,
            effect=table.choice("effect", EFFECTS),
            strength=table.choice("strength", STRENGTHS),
            certainty=table.choice("certainty", CERTAINTIES),
            says=table.text("says"),
            source=source,
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        if per:
            per.done()
        table.done()
        if measures in ("dose-reduction", "rolling-reduction") and limit.per is None:
            raise table.fail("per", f"a limit on {measures} needs its span of days")
        if measures in RATE_MEASURES and not 0 < limit.value <= 1:
            raise table.fail("value", "a share is above 0 and at most 1")
        return limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something about a person that a named human must weigh, or that stops an automatic plan."""

    id: str
    effect: str
    who: str
    says: str
    source: str
    at: str
    strength: str
    certainty: str
    confidence: str

    @classmethod
    def read(cls, table: Table, source: str) -> Ask:
        ask = cls(
            id=table.key("id"),
            effect=table.choice("effect", EFFECTS),
            who=table.text("who"),
            says=table.text("says"),
            source=source,
            at=table.text("at"),
            strength=table.choice("strength", STRENGTHS),
            certainty=table.choice("certainty", CERTAINTIES),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A number that OpenTaper itself had to choose, said in the open so that a clinic can choose otherwise."""

    id: str
    value: str
    says: str
    because: str

    @property
    def number(self) -> Fraction:
        return Fraction(self.value)

    @classmethod
    def read(cls, table: Table) -> Convention:
        convention = cls(
            id=table.key("id"),
            value=table.text("value"),
            says=table.text("says"),
            because=table.text("because"),
        )
        table.done()
        return convention
