"""The virtual people of the benchmarks: one drug by mouth, one compartment, and for everybody a taper of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INTERVAL_H = 12.0
DOSES = 730
DAYS = 365
DAILY_H = 24.0 * np.arange(1, DAYS + 1)
HOURLY_H = np.arange(1.0, 24.0 * DAYS + 1.0)
EC50_NG_PER_ML = 10.0
TAU_H = np.array([1.5, 9.0, 120.0]) * 24.0
SHARE = np.array([0.3, 0.6, 0.1])
"""How much of withdrawal each of the three adaptations carries; 1 in all. Chosen for the benchmark, not from a study."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """People and what they take.

    Args:
        absorption: ka [1/h], axes (person,).
        clearance: CL/F [L/h], axes (person,).
        volume: V/F [L], axes (person,).
        taken_h: when doses are taken, the same for everybody [h], axes (dose,).
        dose_mg: doses [mg], 0 for one that is missed, axes (person, dose).
    """

    absorption: Floats
    clearance: Floats
    volume: Floats
    taken_h: Floats
    dose_mg: Floats

    def __len__(self) -> int:
        return len(self.absorption)

    def first(self, people: int) -> Cohort:
        """Return the first so many people."""
        return self.part(slice(people))

    def part(self, which: slice | list[int]) -> Cohort:
        """Return chosen people."""
        return Cohort(
            absorption=self.absorption[which],
            clearance=self.clearance[which],
            volume=self.volume[which],
            taken_h=self.taken_h,
            dose_mg=self.dose_mg[which],
        )

    def extremes(self, middle: int = 16) -> Cohort:
        """Return those who are fastest and slowest to absorb and to eliminate, after some who are neither."""
        rate = self.clearance / self.volume
        far = [int(each(of)) for of in (self.absorption, rate) for each in (np.argmin, np.argmax)]
        return self.part([*range(middle), *far])


def cohort(people: int, *, seed: int = 20261201, irregular: bool = False) -> Cohort:
    """Draw people: ka 1.5 /h (50 %), CL/F 4.2 L/h (30 %), V/F 180 L (30 %), log-normal and independent.

    Everybody begins with 1 to 4 mg a day in two doses and ends at 5 to 50 % of it, along a straight line with a ripple,
    so that no dose equals the one before. Irregular people take theirs 14 and 10 hours apart, one day in nine 1 or 2
    hours late in the morning, and each misses 3 % of the doses.
    """
    dice = np.random.default_rng(seed)
    taken_h, dose_mg = INTERVAL_H * np.arange(DOSES), tapers(people, dice)
    if irregular:
        taken_h = 24.0 * np.repeat(np.arange(DAYS), 2) + np.tile([0.0, 14.0], DAYS)
        odd = np.arange(8, DAYS, 9)
        taken_h[2 * odd] += 1.0 + odd % 2
        dose_mg[dice.random(dose_mg.shape) < 0.03] = 0.0
    return Cohort(
        absorption=1.5 * np.exp(0.5 * dice.standard_normal(people)),
        clearance=4.2 * np.exp(0.3 * dice.standard_normal(people)),
        volume=180.0 * np.exp(0.3 * dice.standard_normal(people)),
        taken_h=taken_h,
        dose_mg=dose_mg,
    )


def tapers(people: int, dice: np.random.Generator) -> Floats:
    """Draw a taper each [mg], axes (person, dose)."""
    start, end = dice.uniform(0.5, 2.0, (people, 1)), dice.uniform(0.05, 0.5, (people, 1))
    way = np.arange(DOSES) / (DOSES - 1)
    ripple = 1.0 + 0.02 * np.where(np.arange(DOSES) % 2, 1.0, -1.0)
    return start * (1.0 - (1.0 - end) * way) * ripple
