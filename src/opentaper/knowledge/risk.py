"""How likely withdrawal is: the guideline's own table of duration, frequency and dose."""

from __future__ import annotations

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import Dose

BANDS = ("low", "moderate", "high")
RISK_CLASSES = ("rare", "lower-but-possible", "rises-with-dose-and-duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseBand:
    """The daily doses of one drug that the table prints as low, moderate and high."""

    drug: str
    low_at_most: Dose
    high_above: Dose
    confidence: str

    def band(self, daily: Dose) -> str:
        """Return the band of a daily dose; the printed bands touch, and a dose on the edge counts upward.

        "low" is printed as at most 10 mg of diazepam and "moderate" as 10 to 15 mg, so exactly 10 mg is
        in both; it counts as moderate, and exactly 15 mg as high.
        """
        if daily < self.low_at_most:
            return "low"
        return "moderate" if daily < self.high_above else "high"

    @classmethod
    def read(cls, table: Table) -> DoseBand:
        band = cls(
            drug=table.key("drug"),
            low_at_most=table.milligrams("low_at_most_mg"),
            high_above=table.milligrams("high_above_mg"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return band


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """One row of the table: who is in it, and how likely withdrawal is for them."""

    days_a_week_at_most: int
    days_at_least: int
    days_below: int | None
    bands: tuple[str, ...]
    risk_class: str
    says: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> RiskRow:
        row = cls(
            days_a_week_at_most=table.whole("days_a_week_at_most", 1, 7),
            days_at_least=table.whole("days_at_least"),
            days_below=table.maybe(table.whole, "days_below"),
            bands=table.texts("bands"),
            risk_class=table.choice("class", RISK_CLASSES),
            says=table.text("says"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        for band in row.bands:
            if band not in BANDS:
                raise table.fail("bands", f"{band!r} is not a band")
        table.done()
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTable:
    """A published look-up of withdrawal risk."""

    key: str
    source: str
    at: str
    dose_bands: tuple[DoseBand, ...]
    rows: tuple[RiskRow, ...]

    def printed(self, drug: str) -> DoseBand | None:
        """Return the printed thresholds of a drug, or None when the table does not print any."""
        return next((band for band in self.dose_bands if band.drug == drug), None)

    def row(self, *, days_a_week: int, days: int, band: str) -> RiskRow | None:
        """Return the first row that describes this use."""
        return next(
            (
                row
                for row in self.rows
                if days_a_week <= row.days_a_week_at_most
                and row.days_at_least <= days
                and (row.days_below is None or days < row.days_below)
                and band in row.bands
            ),
            None,
        )

    @classmethod
    def read(cls, table: Table) -> RiskTable:
        risk = cls(
            key=table.key("key"),
            source=table.key("source"),
            at=table.text("at"),
            dose_bands=tuple(DoseBand.read(each) for each in table.tables("dose_band")),
            rows=tuple(RiskRow.read(each) for each in table.tables("row")),
        )
        table.done()
        return risk
