"""How much of another drug a published table calls equal: one table for a plan, the range of all beside it."""

from __future__ import annotations

from opentaper.frozen import dataclass
from opentaper.knowledge import Equivalence, Knowledge
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.patient import Case, Switch
from opentaper.quantity import Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Equal:
    """What the table used calls equal, at the end that gives least of the new drug, and what the others do."""

    old: str
    new: str
    table: Equivalence
    daily: Dose
    lowest: Dose
    highest: Dose

    def of(self, dose: Dose) -> Dose:
        """The least of the new drug that the table used calls equal to a dose of the old one."""
        band = self.table.into(self.new, self.old, dose)
        assert band is not None
        return band[0]

    @property
    def says(self) -> str:
        several = self.lowest.about
        if self.highest != self.lowest:
            several = f"{self.lowest.about} to {self.highest.about}"
        return (
            f"By the published tables {self.daily} of {self.old} a day is {several} of {self.new}. This plan uses "
            f"{self.table.name} ({self.table.source}) at its least: {self.of(self.daily).about}. Tables are guidance "
            "only; a person may need more or less."
        )


def equal_doses(case: Case, switch: Switch, known: Knowledge) -> Equal | None:
    """Return the table asked for, or else the one that gives least of the new drug; None when none knows both.

    Among equals the one whose rows were read best is used, then the first by key. Tables are never blended nor
    chained, and the WHO's defined daily doses are no equivalence.
    """
    old, daily = case.goal.of, case.present.daily
    bands = [
        (table, band)
        for table in known.equivalences.values()
        if table.equivalence and (band := table.into(switch.to, old, daily)) is not None
    ]
    if not bands:
        return None
    fit = [(table, band) for table, band in bands if switch.table in (None, table.key)]
    used, _ = min(fit, key=lambda each: (each[1][0], _doubt(each[0], old, switch.to), each[0].key))
    return Equal(
        old=old,
        new=switch.to,
        table=used,
        daily=daily,
        lowest=min(low for _, (low, _) in bands),
        highest=max(high for _, (_, high) in bands),
    )


def _doubt(table: Equivalence, *drugs: str) -> int:
    told = [confidence for drug in drugs if (confidence := table.confidence(drug)) is not None]
    return max((CONFIDENCES.index(confidence) for confidence in told), default=0)
