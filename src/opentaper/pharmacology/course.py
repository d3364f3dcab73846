"""A regimen with its history, made ready to be followed by any people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Self

import numpy as np

from opentaper.frozen import dataclass
from opentaper.knowledge import KineticModel, Knowledge
from opentaper.patient import Case, Regimen
from opentaper.pharmacology import days
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import HOURS, Body, People
from opentaper.pharmacology.seam import Altered, Slip, altered, change_of, ended, past_daily, taken_daily

STEADY_DAYS = 120
"""Use longer than this is taken as steady levels from its start; shorter use is followed from its first day."""
LONG_USE_DAYS = 3650
"""How long it was used where nobody said: long enough for every process, so that withdrawal is not made small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What happens otherwise than planned.

    Args:
        slips: intakes missed or doubled.
        stop_on: from this day on nothing is taken.
        begun, ended: by key, other medicines that change clearance, and the day on which they begin or end.
    """

    slips: tuple[Slip, ...] = ()
    stop_on: dt.date | None = None
    begun: tuple[tuple[str, dt.date], ...] = ()
    ended: tuple[tuple[str, dt.date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A course by the day, axes (person, day).

    Effect, adaptation and withdrawal are shares of the effect that the dose before the first day had, averaged over a
    day: 1 is all of it.

    Args:
        level: by analyte, the lowest of the day, before a dose or at its end [ng/mL].
        effect: averaged over the day.
        adapted: what people are used to, at the end of the day.
        withdrawal: what is lacking, at the worst look of the day.
        day_before: every course's value on the day before the first one, what later days are to be read against:
            withdrawal is then that between doses of the present dose; nothing where nothing was taken before; axes
            (person,).
    """

    AXES: ClassVar = ("person", "day")

    level: Mapping[str, Floats]
    effect: Floats
    adapted: Floats
    withdrawal: Floats
    day_before: Mapping[str, Floats]

    def each(self) -> Mapping[str, Floats]:
        """Return every course by its name."""
        return {**{f"level-{key}": each for key, each in self.level.items()}, "effect": self.effect, "adapted": self.adapted, "withdrawal": self.withdrawal}  # fmt: skip

    def of(self, people: slice) -> Trajectory:
        """Return the course of some of the people."""
        return Trajectory(
            level={key: each[people] for key, each in self.level.items()},
            effect=self.effect[people],
            adapted=self.adapted[people],
            withdrawal=self.withdrawal[people],
            day_before={key: each[people] for key, each in self.day_before.items()},
        )

    def from_day(self, first: int) -> Trajectory:
        """Return what is left from a day on, and what was on the day before it."""
        return Trajectory(
            level={key: each[:, first:] for key, each in self.level.items()},
            effect=self.effect[:, first:],
            adapted=self.adapted[:, first:],
            withdrawal=self.withdrawal[:, first:],
            day_before={key: each[:, first - 1] for key, each in self.each().items()} if first else {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is taken by the day, the last days of what came before included.

    Args:
        taken: by drug, all over the same days.
        before: how many of these days come before the first one that is asked about.
        standing: days of use like the first one, before all of them.
        used_days: days of use before the first day asked about; None when nobody said.
        last_use: the day, counted like `taken`, after which nothing is taken.
        analytes: by drug, what its levels are of.
        altered: other medicines that change clearance.
        enzyme_half_life_h: how fast they do [h].
        first: the first day that is asked about.
    """

    taken: Mapping[str, Daily]
    before: int
    standing: int
    used_days: int | None
    last_use: int
    analytes: Mapping[str, tuple[str, ...]]
    altered: tuple[Altered, ...]
    enzyme_half_life_h: float
    first: dt.date

    @classmethod
    def of(
        cls,
        case: Case,
        regimen: Regimen,
        known: Knowledge,
        models: Mapping[str, KineticModel],
        until: dt.date,
        what_if: WhatIf,
    ) -> Self:
        """Lay a regimen and what was taken before it out by the day."""
        first = regimen.steps[0].from_
        planned = taken_daily(regimen, known, first, until, slips=what_if.slips, stop_on=what_if.stop_on)
        past = past_daily(case, tuple(planned), known, first)
        used = _longest([days for _, days in past.values()])
        others = ended(altered(case, tuple(models), known, first), what_if.begun, what_if.ended, tuple(models), known)
        before = _days_before([days for _, days in past.values()], moving=not all(each.steady for each in others))
        taken = {
            drug: _joined(past.get(drug), planned.get(drug), before, (until - first).days)
            for drug in {**past, **planned}
        }
        uses = [int(np.flatnonzero(each.dose_mg.any(axis=1))[-1]) + 1 for each in taken.values() if each.dose_mg.any()]
        return cls(
            taken=taken,
            before=before,
            standing=LONG_USE_DAYS if used is None else used - before,
            used_days=used,
            last_use=max(uses, default=0),
            analytes={drug: models[drug].analytes for drug in taken},
            altered=tuple(others),
            enzyme_half_life_h=float(known.adaptation.constants["enzyme-turnover-half-life"].estimate.value) * HOURS,
            first=first,
        )

    @property
    def moving(self) -> bool:
        """Whether clearance moves, because another medicine is begun or ended."""
        return any(not each.steady for each in self.altered)

    @property
    def steady_ratio(self) -> dict[str, float]:
        """By drug, what clearance is multiplied with all the time."""
        found: dict[str, float] = {}
        for each in self.altered:
            if each.steady:
                found[each.drug] = found.get(each.drug, 1.0) * float(each.ratio)
        return found

    def follow(self, people: People, *, effect: Callable[[Floats], Floats] | None = None) -> Trajectory:
        """Follow some people, axes (person, day), from the first day that is asked about.

        Args:
            people: who.
            effect: of the drive; the people's own curve where none is given.
        """
        effect = effect or people.curve.of
        hours = {hour for each in self.taken.values() for hour in each.hour.tolist() if hour > 0.0}
        start = self.first - dt.timedelta(days=self.before)
        change = {
            drug: [
                change_of(each, start, self.enzyme_half_life_h)
                for each in self.altered
                if each.drug == drug and not each.steady
            ]
            for drug in self.taken
        }
        found = days.follow(
            people, self.taken, sorted({*hours, HOURS}), used_days=self.standing, change=change, effect=effect
        )
        whole = found.mean[:, self.before - 1] if self.before else found.mean.max(axis=1)
        relative = 1.0 / whole[:, None]
        adapted = np.einsum("pdk,pk->pd", found.adapted[:, :, -1], people.share)
        used = self.standing + np.minimum(np.arange(1, found.drive.shape[1] + 1), self.last_use)
        whole_course = Trajectory(
            level={
                analyte: found.level[drug][..., index].min(axis=2)
                for drug in self.taken
                for index, analyte in enumerate(self.analytes[drug])
            },
            effect=found.mean * relative,
            adapted=adapted * relative,
            withdrawal=lacking(people, found.adapted, effect(found.drive), used).max(axis=2) * relative,
            day_before={},
        )
        return whole_course.from_day(self.before)


def lacking(people: People, adapted: Floats, effect: Floats, used_days: Floats) -> Floats:
    """Return withdrawal: what adaptation has over effect, as far as dependence has grown, axes (person, day, look).

    Of the main and the slow adaptation as much of their share counts as dependence has grown; the fast one waits for nothing.

    Args:
        people: who.
        adapted: the fast, the main and the slow adaptation, axes (person, day, look, 3).
        effect: axes (person, day, look).
        used_days: days of use by each day [d], axes (day,).
    """
    fast, main, slow = (
        share[:, None, None] * (each - effect)
        for share, each in zip(people.share.T, np.moveaxis(adapted, -1, 0), strict=True)
    )
    missing: Floats = np.maximum(fast + dependence(people, used_days)[:, :, None] * (main + slow), 0.0)
    return missing


def dependence(people: People, used_days: Floats) -> Floats:
    """Return how much of dependence has grown after so many days of use, axes (person, day): 1 - 2^(-days of use / half)."""
    grown: Floats = -np.expm1(-np.log(2.0) * used_days / people.half_days[:, None])
    return grown


def _longest(used: Sequence[int | None]) -> int | None:
    """This function will return the longest use of any drug; None where nobody said of one, and 0 where none is taken."""
    known = [days for days in used if days is not None]
    return None if len(known) < len(used) else max(known, default=0)


def _days_before(used: Sequence[int | None], *, moving: bool) -> int:
    """This function will return how many days before the first one are followed one by one.

    Where every drug was steady by then and clearance does not move, that is one: the days before it are all like it.
    """
    longest = _longest(used)
    if used and not moving and all(days is None or days > STEADY_DAYS for days in used):
        return 1
    return STEADY_DAYS if longest is None else min(longest, STEADY_DAYS)


def _joined(past: tuple[Daily, int | None] | None, planned: Daily | None, before: int, count: int) -> Daily:
    """This function will put days of use before the days planned, with every hour of either."""
    # np.unique would load masked arrays, a tenth of the time of a start.
    both = (past and past[0], planned)
    hours = np.array(sorted({hour for each in both if each is not None for hour in each.hour.tolist()}))
    dose = np.zeros((before + count, len(hours)))
    if past is not None:
        day, used = past
        begun = 0 if used is None else max(0, before - used)
        dose[begun:before, np.searchsorted(hours, day.hour)] = day.dose_mg[-1:]
    if planned is not None:
        dose[before:, np.searchsorted(hours, planned.hour)] = planned.dose_mg
    return Daily(hour=hours, dose_mg=dose)


def body_of(case: Case, course: Course) -> Body:
    """Return what is known beforehand of a person: weight, age, and what other medicines do to clearance."""
    weight = case.patient.weight_kg
    return Body(
        weight_kg=float(weight) if weight else None,
        years=case.patient.age(course.first),
        clearance_ratio=course.steady_ratio,
    )


def moments(first: dt.date, count: int) -> tuple[dt.date, ...]:
    """Return so many days from the first one."""
    return tuple(first + dt.timedelta(days=day) for day in range(count))
