"""How much diazepam a day a regimen is, by the published tables: a range for every span of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise

from opentaper.frozen import dataclass
from opentaper.knowledge import Equivalence, Knowledge
from opentaper.patient.case import Case
from opentaper.patient.regimen import Regimen
from opentaper.quantity import NO_DOSE, Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyEquivalent:
    """From a day until another: the least and the most diazepam that any one table calls equal to the whole day.

    `low` and `high` are None where no table knows all the drugs; `until` is None where the end is open.
    """

    from_: dt.date
    until: dt.date | None
    low: Dose | None
    high: Dose | None


def daily_equivalents(regimen: Regimen, case: Case, known: Knowledge) -> tuple[DailyEquivalent, ...]:
    """Return the summed diazepam equivalent of every span of days on which no dose changes.

    Each table sums up all the drugs taken on these days, those included that are taken now and whose steps begin
    later or never; then the lowest and the highest sum are kept. Tables are never blended.
    """
    first = regimen.steps[0].from_
    days = {step.from_ for step in regimen.steps} | {step.until for step in regimen.steps if step.until}
    days |= {taking.until for taking in case.taking if taking.until and taking.until > first}
    found: list[DailyEquivalent] = []
    last: Mapping[str, Dose] | None = None
    for day, until in pairwise([*sorted(days), None]):
        assert day is not None
        taken = _taken_on(day, regimen, case, known)
        if taken == last:
            found[-1] = _equivalent(found[-1].from_, until, taken, known)
            continue
        found.append(_equivalent(day, until, taken, known))
        last = taken
    return tuple(found)


def _taken_on(day: dt.date, regimen: Regimen, case: Case, known: Knowledge) -> dict[str, Dose]:
    taken: dict[str, Dose] = {}
    for taking in case.taking:
        drug = taking.drug
        if drug is None or not known.tapered_drug(drug) or (taking.until and taking.until <= day):
            continue
        if all(step.from_ > day for step in regimen.of(drug)):
            taken[drug] = taking.daily
    for step in regimen.steps:
        if step.from_ <= day and (step.until is None or day < step.until) and step.daily:
            taken[step.drug] = step.daily
    return taken


def _equivalent(from_: dt.date, until: dt.date | None, taken: Mapping[str, Dose], known: Knowledge) -> DailyEquivalent:
    sums = [
        band for table in known.equivalences.values() if table.equivalence and (band := _sum(table, taken)) is not None
    ]
    return DailyEquivalent(
        from_=from_,
        until=until,
        low=min((low for low, _ in sums), default=None),
        high=max((high for _, high in sums), default=None),
    )


def _sum(table: Equivalence, taken: Mapping[str, Dose]) -> tuple[Dose, Dose] | None:
    low, high = NO_DOSE, NO_DOSE
    for drug, dose in taken.items():
        band = table.of(drug, dose)
        if band is None:
            return None
        low, high = low + band[0], high + band[1]
    return low, high
