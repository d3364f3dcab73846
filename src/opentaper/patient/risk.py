"""How likely withdrawal is for this person, by the guideline's own table."""

from __future__ import annotations

import datetime as dt

from opentaper.frozen import dataclass
from opentaper.knowledge import BANDS, Knowledge, RiskRow
from opentaper.patient.case import Case, diazepam_equivalent


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRisk:
    """The row of the table that describes this person, or what is missing to find it."""

    row: RiskRow | None
    band: str | None
    missing: tuple[str, ...]


def withdrawal_risk(case: Case, known: Knowledge, on: dt.date) -> WithdrawalRisk:
    """Look up the risk of clinically significant withdrawal from duration, frequency and dose.

    The printed milligrams are used for the drugs that the table prints. For any other drug the highest of the
    published diazepam equivalents is compared with the printed diazepam bands; two tables are never chained
    for a drug that is printed.

    Source: jcpg-2025, Table 2.
    """
    present = case.present
    missing = tuple(
        name for name, value in (("since", present.since), ("days_per_week", present.days_per_week)) if value is None
    )
    band = _band(case, known)
    if band is None:
        missing += ("an equivalence for " + case.goal.of,)
    if missing or present.since is None or present.days_per_week is None or band is None:
        return WithdrawalRisk(row=None, band=band, missing=missing)
    row = known.risk.row(days_a_week=present.days_per_week, days=max(0, (on - present.since).days), band=band)
    return WithdrawalRisk(row=row, band=band, missing=())


def _band(case: Case, known: Knowledge) -> str | None:
    daily = case.present.daily
    printed = known.risk.printed(case.goal.of)
    if printed is not None:
        return printed.band(daily)
    equivalent = diazepam_equivalent(case.goal.of, daily, known)
    diazepam = known.risk.printed("diazepam")
    if equivalent is None or diazepam is None:
        return None
    return max((diazepam.band(dose) for dose in equivalent), key=BANDS.index)
