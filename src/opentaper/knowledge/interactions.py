"""What other medicines, and illnesses, do to the drug."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

EXPOSURES = ("lower", "higher", "none", "opposes", "additive")
ALL_DRUGS = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One published effect of something else on a benzodiazepine or Z-drug."""

    id: str
    victims: tuple[str, ...]
    others: tuple[str, ...]
    because_of: str | None
    dose: str | None
    kind: str
    mechanism: str
    metric: str | None
    prints: str | None
    low: Fraction | None
    high: Fraction | None
    exposure: str
    assumed: bool
    says: str
    source: str
    confidence: str
    note: str | None

    def between(self, drug: str, other: str) -> bool:
        """Whether this row speaks of the drug taken together with the other medicine."""
        return other in self.others and (drug in self.victims or ALL_DRUGS in self.victims)

    @classmethod
    def read(cls, table: Table) -> Interaction:
        interaction = cls(
            id=table.key("id"),
            victims=table.texts("victims"),
            others=table.texts("with") if table.has("with") else (),
            because_of=table.maybe(table.text, "because_of"),
            dose=table.maybe(table.text, "dose"),
            kind=table.choice("kind", ("pharmacokinetic", "pharmacodynamic")),
            mechanism=table.text("mechanism"),
            metric=table.maybe(table.text, "metric"),
            prints=table.maybe(table.text, "prints"),
            low=table.maybe(table.number, "low"),
            high=table.maybe(table.number, "high"),
            exposure=table.choice("exposure", EXPOSURES),
            assumed=bool(table.maybe(table.flag, "assumed")),
            says=table.text("says"),
            source=table.key("source"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if bool(interaction.others) == bool(interaction.because_of):
            raise table.fail("with", "give either `with` (medicines) or `because_of`")
        return interaction
