"""From exact to measured and back, here and nowhere else.

Regimens, dates and the base's figures are exact; the body is not. What goes in becomes floats on this page, and what
comes out is rounded on it, aloud, so that no room above ever holds a float.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from opentaper.frozen import dataclass
from opentaper.knowledge import Interaction, Knowledge, verified
from opentaper.patient import TIMES, Case, Regimen, Taking
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.induction import Change

HOURS = 24.0
ALWAYS_PLACES = 4
"""Decimal places to which a modelled figure is rounded: far finer than anybody can measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A day on which an intake was missed (0) or taken so many times over.

    Args:
        on: which day.
        time: which time of day; None for all of that day.
        times: how often what was planned was taken.
    """

    on: dt.date
    time: str | None
    times: int


def rounded(value: float, places: int = ALWAYS_PLACES) -> Fraction:
    """Return a modelled figure as an exact number with a few decimal places.

    Raises:
        ValueError: it is not finite, so that it says nothing.

    Example:
        >>> rounded(0.123456)
        Fraction(247, 2000)
    """
    if not np.isfinite(value):
        raise ValueError(f"a modelled figure came out as {value}")
    return Fraction(round(float(value) * 10**places), 10**places)


def hours_of(known: Knowledge) -> dict[str, float]:
    """Return the hour of each time of day [h], by the base's conventions for a calendar."""
    found = {}
    for time in TIMES:
        clock = dt.time.fromisoformat(known.convention(f"clock-{time}").value)
        found[time] = clock.hour + clock.minute / 60.0
    return found


def taken_daily(
    regimen: Regimen,
    known: Knowledge,
    from_: dt.date,
    until: dt.date,
    *,
    slips: Sequence[Slip] = (),
    stop_on: dt.date | None = None,
) -> dict[str, Daily]:
    """Return what is taken on each day from one until another, by drug.

    Args:
        regimen: what is taken. Before its first step nothing is known, so `from_` is not before it.
        from_, until: the days, `until` not included.
        slips: intakes missed or doubled.
        stop_on: from this day on nothing is taken.

    Raises:
        ValueError: a slip on a day or at a time at which nothing is planned, or days before the regimen.
    """
    if from_ < regimen.steps[0].from_:
        raise ValueError(f"the regimen begins on {regimen.steps[0].from_}, so nothing is known from {from_}")
    days, clock = (until - from_).days, hours_of(known)
    found = {}
    for drug in regimen.drugs:
        times = [time for time in TIMES if any(step.at(time) for step in regimen.of(drug))]
        dose = np.zeros((days, len(times)))
        for step in regimen.of(drug):
            first = max(0, (step.from_ - from_).days)
            last = days if step.until is None else min(days, (step.until - from_).days)
            if first < last:
                dose[first:last] = [float(step.at(time).mg) for time in times]
        if stop_on is not None:
            dose[max(0, (stop_on - from_).days) :] = 0.0
        found[drug] = Daily(hour=np.array([clock[time] for time in times]), dose_mg=dose)
    done: set[tuple[dt.date, str, str]] = set()
    for slip in slips:
        for drug, time in _meant(regimen, slip, from_, days):
            if (slip.on, drug, time) in done:
                raise ValueError(f"what happens to the {time} intake of {drug} on {slip.on} is said twice")
            done.add((slip.on, drug, time))
            times = [each for each in TIMES if any(step.at(each) for step in regimen.of(drug))]
            found[drug].dose_mg[(slip.on - from_).days, times.index(time)] *= slip.times
    return found


def _meant(regimen: Regimen, slip: Slip, from_: dt.date, days: int) -> list[tuple[str, str]]:
    """This function will return the drugs and times of day that a slip is about."""
    planned = [(step.drug, intake.time) for step in regimen.on(slip.on) for intake in step.intakes if intake.dose]
    meant = [each for each in planned if slip.time in (None, each[1])]
    if not (0 <= (slip.on - from_).days < days and meant):
        when = f"{slip.on}{f' in the {slip.time}' if slip.time else ''}"
        raise ValueError(f"nothing is planned to be taken on {when}, so it cannot be missed or doubled")
    return meant


def past_daily(
    case: Case, drugs: Sequence[str], known: Knowledge, first: dt.date
) -> dict[str, tuple[Daily, int | None]]:
    """Return one day of what is taken now of each drug that a model follows, and for how many days it has been.

    A benzodiazepine or Z-drug that is taken and is not in the regimen goes on as it is only if the regimen names it; what
    is not named is not followed, and a caller should say so.

    Returns:
        By drug, one day and the days of use before the first day; None where nobody said since when.
    """
    clock, found = hours_of(known), {}
    for taking in case.taking:
        if taking.drug is None or taking.drug not in drugs or not taking.intakes:
            continue
        intakes = sorted(taking.intakes, key=lambda intake: TIMES.index(intake.time))
        week = Fraction(taking.days_per_week or 7, 7)
        day = Daily(
            hour=np.array([clock[intake.time] for intake in intakes]),
            dose_mg=np.array([[float(intake.dose.mg * week) for intake in intakes]]),
        )
        found[taking.drug] = day, None if taking.since is None else max(0, (first - taking.since).days)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """Another medicine that changes clearance, from when until when, and who says by how much.

    Args:
        drug: whose clearance.
        by: the other medicine.
        ratio: clearance with it over clearance without it.
        from_: the first day; None when it was there long before.
        until: the first day without it; None when it stays.
        interaction: which row of the base says so.
    """

    drug: str
    by: str
    ratio: Fraction
    from_: dt.date | None
    until: dt.date | None
    interaction: Interaction

    @property
    def steady(self) -> bool:
        """Whether it was there all the time, so that clearance does not move."""
        return self.from_ is None and self.until is None


def altered(case: Case, drugs: Sequence[str], known: Knowledge, from_: dt.date) -> list[Altered]:
    """Find what changes the clearance of some drugs, among everything else that is taken.

    Of several published figures for one pair one is used, and named; see `clearance_row`.
    """
    found = []
    for taking in case.taking:
        gone = taking.until is not None and taking.until < from_ - SETTLED
        if taking.drug is None or taking.drug in drugs or gone:
            continue
        for drug in drugs:
            if row := clearance_row(drug, taking.drug, known):
                found.append(_altered(drug, taking, row, from_))  # noqa: PERF401
    return found


def ended(
    found: Sequence[Altered],
    begun: Sequence[tuple[str, dt.date]],
    ends: Sequence[tuple[str, dt.date]],
    drugs: Sequence[str],
    known: Knowledge,
) -> list[Altered]:
    """Return what changes clearance once some medicines begin and others end on a day.

    Raises:
        ValueError: a medicine that begins is taken already or has no figure in the base; one that ends is not taken, or
            ends twice or before it begins.
    """
    changed = list(found)
    for other, on in begun:
        if any(each.by == other for each in changed):
            raise ValueError(f"{other} is taken already, or begun twice; it cannot be begun on {on}")
        rows = [(drug, row) for drug in drugs if (row := clearance_row(drug, other, known))]
        if not rows:
            raise ValueError(f"nobody has published by how much {other} changes the level of {' or '.join(drugs)}")
        changed += [
            Altered(drug=drug, by=other, ratio=clearance_ratio(row), from_=on, until=None, interaction=row)
            for drug, row in rows
        ]
    for other, on in ends:
        own = [each for each in changed if each.by == other]
        if not own:
            raise ValueError(
                f"{other} is not taken, or nobody has published what it does to the level; it cannot be ended"
            )
        if any(each.until is not None or (each.from_ is not None and on <= each.from_) for each in own):
            raise ValueError(f"{other} ends once, and after it was begun; it cannot be ended on {on}")
        changed = [replace(each, until=on) if each.by == other else each for each in changed]
    return changed


SETTLED = dt.timedelta(days=60)
"""After so long what another medicine does to clearance has come, or gone: twenty half-lives of the enzyme."""


def _altered(drug: str, taking: Taking, row: Interaction, from_: dt.date) -> Altered:
    assert taking.drug is not None
    begun = taking.since if taking.since is not None and taking.since > from_ - SETTLED else None
    return Altered(
        drug=drug, by=taking.drug, ratio=clearance_ratio(row), from_=begun, until=taking.until, interaction=row
    )


def clearance_row(drug: str, other: str, known: Knowledge) -> Interaction | None:
    """Return the row of the base that says by how much another medicine changes the clearance of a drug.

    What somebody read comes before what is recalled or assumed, and a figure for this medicine before one for several.
    """
    rows = [
        row
        for row in known.interactions.values()
        if row.between(drug, other) and row.kind == "pharmacokinetic" and row.low and row.metric
    ]
    rows.sort(key=lambda row: (row.assumed, not verified(row.confidence), len(row.others), row.exposure == "none"))
    return next(iter(rows), None)


def clearance_ratio(row: Interaction) -> Fraction:
    """Return clearance with the other medicine over clearance without it, the middle where a range is printed.

    Exposure is the inverse of clearance, for a drug that is cleared in proportion to its level.
    """
    assert row.low is not None
    assert row.metric is not None
    middle = (row.low + (row.high or row.low)) / 2
    return middle if row.metric.startswith("CL") else 1 / middle


def change_of(each: Altered, from_: dt.date, half_life_h: float) -> Change:
    """Return a change of clearance in hours from a day."""
    return Change(
        ratio=float(each.ratio),
        from_h=(each.from_ - from_).days * HOURS if each.from_ else -np.inf,
        until_h=(each.until - from_).days * HOURS if each.until else np.inf,
        half_life_h=half_life_h,
    )
