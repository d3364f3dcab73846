"""What a person is told with a plan, and whom to call."""

from __future__ import annotations

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

ALL_DRUGS = "all"
SUBJECTS = ("missed", "vomited", "extra", "hold", "call", "emergency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing that a person who tapers is told, in our words."""

    id: str
    about: str
    drugs: tuple[str, ...]
    says: str
    source: str
    at: str
    confidence: str

    def of(self, drug: str) -> bool:
        """Whether it is said of this drug."""
        return drug in self.drugs or ALL_DRUGS in self.drugs

    @classmethod
    def read(cls, table: Table) -> Advice:
        advice = cls(
            id=table.key("id"),
            about=table.choice("about", SUBJECTS),
            drugs=table.texts("drugs"),
            says=table.text("says"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """The numbers to call in a country: for an emergency, and in a crisis."""

    country: str
    emergency: str
    crisis: str
    source: str
    at: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> Phone:
        phone = cls(
            country=table.text("country"),
            emergency=table.text("emergency"),
            crisis=table.text("crisis"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return phone
