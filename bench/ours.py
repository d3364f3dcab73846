"""The product on the cases of the benchmarks: by its front door, in parts of the people on so many threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cohort import DAILY_H, EC50_NG_PER_ML, HOURLY_H, SHARE, TAU_H, Cohort, Floats
from reference import Course

from opentaper.pharmacology.effect import OCCUPANCY
from opentaper.pharmacology.follow import Taken, follow, levels
from opentaper.pharmacology.kinetics import Absorbed, Chain, Disposition, modes
from opentaper.pharmacology.people import People

DRUG = "drug"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A cohort as the product has it, and how many threads share it: inputs, so not timed."""

    people: People
    taken: dict[str, Taken]
    threads: int


def ready(cohort: Cohort, *, threads: int) -> Ready:
    """Make a cohort ready."""
    return Ready(people=_people(cohort), taken=_taken(cohort), threads=threads)


def troughs(ready: Ready) -> Floats:
    """Cases A and G: levels at the end of each day [ng/mL], axes (person, time)."""
    return levels(ready.people, ready.taken, DAILY_H, DRUG, cores=ready.threads)


def hourly(ready: Ready) -> Floats:
    """Case B: levels at the end of each hour [ng/mL], axes (person, time)."""
    return levels(ready.people, ready.taken, HOURLY_H, DRUG, cores=ready.threads)


def adaptation(ready: Ready) -> Course:
    """Case C by the day; dependence is whole from the start, as the other engines have it."""
    found = follow(ready.people, ready.taken, DAILY_H, cores=ready.threads)
    level = found.drive
    level *= EC50_NG_PER_ML  # of one drug without metabolites, the drive is its level by what half-fills the site
    return Course(level=level, effect=found.effect, withdrawal=found.withdrawal, adapted=found.adapted)


def _people(cohort: Cohort) -> People:
    """This function will make the product's people of a cohort."""
    count = len(cohort)
    chain = Chain(
        absorbed=(Absorbed(rate=cohort.absorption, part=np.ones(count)),),
        disposition=Disposition(clearance=cohort.clearance, central=cohort.volume),
        scale=np.ones(count),
    )
    return People(
        chains={DRUG: chain},
        modes={DRUG: modes(chain)},
        potency={DRUG: np.full((count, 1), EC50_NG_PER_ML)},
        curve=OCCUPANCY,
        tau_h=np.tile(TAU_H, (count, 1)),
        share=np.tile(SHARE, (count, 1)),
        half_days=np.full(count, 120.0),
    )


def _taken(cohort: Cohort) -> dict[str, Taken]:
    return {DRUG: Taken(time_h=cohort.taken_h, dose_mg=cohort.dose_mg)}
