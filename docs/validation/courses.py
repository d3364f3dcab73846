"""What the models say of stopping: a typical person, hour by hour, under each rival model of the effect.

Withdrawal is what adaptation has over the effect, as far as dependence has grown, as a share of the effect that the dose
had, averaged over the last day on which it was whole. 1 is all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from docs.validation.levels import people
from numpy.typing import NDArray

from opentaper import Knowledge
from opentaper.pharmacology import days
from opentaper.pharmacology.course import lacking
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.people import one_block

Floats = NDArray[np.float64]
LONG_USE_DAYS = 3650
GONE = 0.05
"""Withdrawal is called gone below this share of the effect of the dose: our definition."""
HOURLY = [float(hour) for hour in range(1, 25)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Hours after the last dose.

    Args:
        day: time after the last dose [d], axes (hour,); before it below 0.
        withdrawal, effect, used_to: shares of the effect of the whole dose, axes (hour,).
    """

    day: Floats
    withdrawal: Floats
    effect: Floats
    used_to: Floats

    @property
    def _after(self) -> Floats:
        return np.where(self.day > 0.0, self.withdrawal, 0.0)

    @property
    def peak(self) -> float:
        return float(self._after.max())

    @property
    def peak_day(self) -> float:
        """When withdrawal is most [d after the last dose]."""
        return float(self.day[np.argmax(self._after)])

    def last_day_above(self, level: float) -> float:
        """Return the last time at which withdrawal is above a level [d]."""
        return float(self.day[np.flatnonzero(self._after > level)[-1]])

    def first_day_above(self, level: float) -> float:
        return float(self.day[np.flatnonzero(self._after > level)[0]])

    def at(self, day: float) -> float:
        return float(np.interp(day, self.day, self.withdrawal))


def stop(
    known: Knowledge,
    model: str,
    hours: Sequence[float],
    whole: Sequence[float],
    then: Sequence[Sequence[float]] = (),
    *,
    effect: str = "occupancy",
    used_days: int | None = LONG_USE_DAYS,
    after_days: int = 60,
    protracted: bool = False,
) -> Stopped:
    """Follow somebody who takes a whole dose, then less, then nothing.

    Args:
        hours: of each day at which it is taken.
        whole: the whole dose, one entry an intake [mg].
        then: what is taken on each day after, before nothing is; empty for an abrupt stop.
        used_days: how long the whole dose was taken, the last whole day included.
        after_days: days without, followed.
    """
    drug = known.kinetics[model].drug
    person = people(known, model, effect=effect, protracted=protracted)
    long = used_days is None or used_days > 200
    lead = 1 if long else int(used_days or 1)
    doses = np.array([*[list(whole)] * lead, *[list(each) for each in then], *[[0.0] * len(hours)] * after_days])
    standing = (used_days or LONG_USE_DAYS) - 1 if long else 0
    found = days.follow(person, {drug: Daily(hour=np.array(hours), dose_mg=doses)}, HOURLY, used_days=standing)
    last = int(np.flatnonzero(doses.any(axis=1))[-1])
    taken = standing + np.minimum(np.arange(1, len(doses) + 1), last + 1)
    felt = person.curve.of(found.drive)
    missing = lacking(person, found.adapted, felt, taken)
    one = found.mean[0, lead - 1]
    intake = np.flatnonzero(doses[last])[-1]
    begin = last + hours[int(intake)] / 24.0
    day = np.arange(1, missing.size + 1) / 24.0 - begin
    used_to = (found.adapted * person.share[:, None, None, :]).sum(axis=-1)
    return Stopped(
        day=day, withdrawal=missing[0].ravel() / one, effect=felt[0].ravel() / one, used_to=used_to[0].ravel() / one
    )


ABRUPT = {
    "triazolam": ("triazolam-oral", (22.0,), (0.5,)),
    "alprazolam": ("alprazolam-oral", (8.0, 14.0, 20.0), (0.5, 0.5, 0.5)),
    "lorazepam": ("lorazepam-oral", (8.0, 14.0, 20.0), (1.0, 1.0, 1.0)),
    "clonazepam": ("clonazepam-tablet", (8.0, 20.0), (0.5, 0.5)),
    "clorazepate": ("clorazepate-oral", (8.0, 20.0), (7.5, 7.5)),
    "diazepam": ("diazepam-oral", (8.0, 20.0), (7.5, 7.5)),
}
"""Usual doses: model, hours, mg at each."""


def abrupt(known: Knowledge, drug: str, effect: str = "occupancy", *, protracted: bool = False) -> Stopped:
    """Return what follows an abrupt stop of long use at a usual dose."""
    model, hours, mg = ABRUPT[drug]
    return stop(known, model, hours, mg, effect=effect, protracted=protracted)


def stairs(whole: Sequence[float], shares: Sequence[float], each_days: int) -> list[list[float]]:
    """Return so many days on each share of a dose."""
    return [[mg * share for mg in whole] for share in shares for _ in range(each_days)]


def moroz(known: Knowledge, effect: str = "occupancy") -> Stopped:
    """Six weeks of 4 mg a day, then seven weeks of equal steps: the highest dose of Moroz 1999, which lacks most."""
    whole = (2.0, 2.0)
    steps = stairs(whole, [1.0 - week / 8.0 for week in range(1, 8)], 7)
    return stop(known, "clonazepam-tablet", (8.0, 20.0), whole, steps, effect=effect, used_days=42)


def moroz_peak(known: Knowledge, effect: str = "occupancy") -> float:
    """Return the most withdrawal of Moroz's taper, from its first step on."""
    found = moroz(known, effect)
    return float(found.withdrawal[42 * 24 :].max())


def nardi_peak(known: Knowledge, effect: str = "occupancy") -> float:
    """Return the most withdrawal on Nardi's schedule from 2.5 mg a day, over that of an abrupt stop of it."""
    daily = [2.0] * 14 + [1.5] * 14 + [1.0] * 14 + [0.75] * 7 + [0.5] * 7 + [0.25] * 7
    slow = stop(known, "clonazepam-tablet", (22.0,), (2.5,), [[mg] for mg in daily], effect=effect)
    return float(slow.withdrawal[24:].max()) / stop(known, "clonazepam-tablet", (22.0,), (2.5,), effect=effect).peak


def busto_ratio(known: Knowledge, effect: str = "occupancy") -> float:
    """Return the most withdrawal on eight weeks' diazepam taper, over that of an abrupt stop of it."""
    whole = (7.5, 7.5)
    steps = stairs(whole, [1.0 - week / 9.0 for week in range(1, 9)], 7)
    slow = stop(known, "diazepam-oral", (8.0, 20.0), whole, steps, effect=effect)
    return float(slow.withdrawal[24:].max()) / abrupt(known, "diazepam", effect).peak


def brenner(known: Knowledge, drug: str, effect: str = "occupancy") -> float:
    """Return the days after halving every five days, five times, from which withdrawal is below a tenth [d]."""
    model, hours, mg = {"diazepam": ("diazepam-oral", (8.0, 20.0), (20.0, 20.0)), "lorazepam": ("lorazepam-oral", (8.0, 14.0, 20.0), (2.0, 2.0, 2.0))}[drug]  # fmt: skip
    found = stop(known, model, hours, mg, stairs(mg, [0.5**step for step in range(1, 6)], 5), effect=effect)
    return found.last_day_above(0.1)


def rebound_nights(known: Knowledge, nights: int = 8, effect: str = "occupancy") -> float:
    """Return the nights after triazolam on which withdrawal is at least half of that of the first."""
    found = stop(known, "triazolam-oral", (22.0,), (0.5,), effect=effect, used_days=nights, after_days=14)
    asleep = [
        float(found.withdrawal[(found.day >= night) & (found.day <= night + 9.0 / 24.0)].mean())
        for night in range(1, 8)
    ]
    return float(sum(1 for each in asleep if each >= 0.5 * asleep[0]))


def flurazepam(known: Knowledge, effect: str = "occupancy") -> Stopped:
    """Thirty milligrams a night for 33 nights, then none."""
    return stop(known, "flurazepam-oral", (22.0,), (30.0,), effect=effect, used_days=33)


def carry_over_nights(known: Knowledge, effect: str = "occupancy") -> float:
    """Return for how long after the last flurazepam the effect is more than what people are used to [d]."""
    found = flurazepam(known, effect)
    more = (found.day > 0.0) & (found.effect > found.used_to)
    return float(found.day[np.flatnonzero(more)[-1]]) if more.any() else 0.0


def occupancy_fujita(known: Knowledge) -> float:
    """Return the share of sites filled on the third day of 2 mg of alprazolam a day, averaged over the day [%]."""
    person = people(known, "alprazolam-oral")
    plan = Daily(hour=np.array([8.0, 14.0, 20.0]), dose_mg=np.full((3, 3), 2.0 / 3.0))
    return 100.0 * float(days.follow(person, {"alprazolam": plan}).mean[0, 2])


def protracted_percent(known: Knowledge) -> float:
    """Return in how many of the people that are drawn a slow process lasts for months [%]."""
    from opentaper.pharmacology.people import Assumptions, Body

    assumed = Assumptions(
        kinetics={"clonazepam": known.kinetics["clonazepam-tablet"]}, effect=known.effects["occupancy"],
        potencies=known.potencies, adaptation=known.adaptation,
    )  # fmt: skip
    slow = [one_block(assumed, Body(clearance_ratio={}), block, 1024, seed=1).share[:, 2] > 0.0 for block in range(8)]
    return 100.0 * float(np.concatenate(slow).mean())
