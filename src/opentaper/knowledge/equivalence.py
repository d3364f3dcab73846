"""Published dose equivalences, one table each and never blended; a question about them gets a range."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceRow:
    """What one table prints for one drug: the dose it calls equal to the reference dose."""

    drug: str
    prints: str
    low: Dose
    high: Dose
    confidence: str
    note: str | None

    @classmethod
    def read(cls, table: Table) -> EquivalenceRow:
        row = cls(
            drug=table.key("drug"),
            prints=table.text("prints"),
            low=table.milligrams("low_mg"),
            high=table.milligrams("high_mg"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not row.low or row.low > row.high:
            raise table.fail("low_mg", "low must be above zero and not above high")
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """One authority's table."""

    key: str
    name: str
    source: str
    reference_drug: str
    reference_dose: Dose
    equivalence: bool
    because: str | None
    note: str | None
    rows: tuple[EquivalenceRow, ...]

    def of(self, drug: str, dose: Dose) -> tuple[Dose, Dose] | None:
        """Return the lowest and highest dose of the reference drug that this table calls equal, or None.

        Example: with clonazepam 0.5 mg printed for diazepam 10 mg, 2 mg of clonazepam is 40 mg.
        """
        if drug == self.reference_drug:
            return dose, dose
        row = next((row for row in self.rows if row.drug == drug), None)
        if row is None:
            return None
        times = Fraction(dose.mg * self.reference_dose.mg)
        return Dose(times / row.high.mg), Dose(times / row.low.mg)

    def knows(self, drug: str) -> bool:
        return drug == self.reference_drug or any(row.drug == drug for row in self.rows)

    def into(self, to: str, drug: str, dose: Dose) -> tuple[Dose, Dose] | None:
        """Return the least and most of another drug that this table calls equal to a dose, or None.

        A range is read at one end for both drugs: both higher printed doses, or both lower ones.

        Example: with lorazepam 1 mg and oxazepam 20 mg printed for diazepam 10 mg, 2 mg of lorazepam is 40 mg of oxazepam.
        """
        printed, wanted = self._printed(drug), self._printed(to)
        if printed is None or wanted is None:
            return None
        ends = [Dose(dose.mg * other.mg / own.mg) for own, other in zip(printed, wanted, strict=True)]
        return min(ends), max(ends)

    def _printed(self, drug: str) -> tuple[Dose, Dose] | None:
        if drug == self.reference_drug:
            return self.reference_dose, self.reference_dose
        return next(((row.low, row.high) for row in self.rows if row.drug == drug), None)

    def confidence(self, drug: str) -> str | None:
        """Return how sure the row of a drug was read; None for the reference drug, and for one that it does not know."""
        return next((row.confidence for row in self.rows if row.drug == drug), None)

    @classmethod
    def read(cls, table: Table) -> Equivalence:
        reference = table.table("reference")
        is_equivalence = table.flag("equivalence")
        result = cls(
            key=table.key("key"),
            name=table.text("name"),
            source=table.key("source"),
            reference_drug=reference.key("drug"),
            reference_dose=reference.milligrams("dose_mg"),
            equivalence=is_equivalence,
            because=None if is_equivalence else table.text("because"),
            note=table.maybe(table.text, "note"),
            rows=tuple(EquivalenceRow.read(each) for each in table.tables("row")),
        )
        reference.done()
        table.done()
        drugs = [row.drug for row in result.rows]
        if len(set(drugs)) != len(drugs):
            raise table.fail("row", "a drug stands in it twice")
        return result
