"""The product on the cases of the benchmarks: by its front door, in parts of the people on so many threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from cohort import DAILY_H, EC50_NG_PER_ML, HOURLY_H, SHARE, TAU_H, Cohort, Floats
from reference import Course

from opentaper.pharmacology.effect import OCCUPANCY
from opentaper.pharmacology.follow import Taken, follow, levels
from opentaper.pharmacology.kinetics import Absorbed, Chain, Disposition, modes
from opentaper.pharmacology.people import People

DRUG = "drug"
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A cohort as the product has it, in parts to be worked out side by side: inputs, so not timed."""

    parts: tuple[tuple[People, dict[str, Taken]], ...]
    threads: int


def ready(cohort: Cohort, *, threads: int) -> Ready:
    """Part a cohort: one part for one thread, else two for each, so that a thread that is held up is helped."""
    size = len(cohort) if threads == 1 else -(-len(cohort) // (2 * threads))
    parts = (cohort.part(slice(at, at + size)) for at in range(0, len(cohort), size))
    return Ready(parts=tuple((_people(each), _taken(each)) for each in parts), threads=threads)


def troughs(people: Ready) -> list[Floats]:
    """Cases A and G: levels at the end of each day [ng/mL], by parts, axes (person, time)."""
    return _by_parts(people, lambda who, taken: levels(who, taken, DAILY_H, DRUG))


def hourly(people: Ready) -> list[Floats]:
    """Case B: levels at the end of each hour [ng/mL], by parts, axes (person, time)."""
    return _by_parts(people, lambda who, taken: levels(who, taken, HOURLY_H, DRUG))


def adaptation(people: Ready) -> list[Course]:
    """Case C by the day, by parts; dependence is whole from the start, as the other engines have it."""
    return _by_parts(people, _course)


def _course(people: People, taken: dict[str, Taken]) -> Course:
    found = follow(people, taken, DAILY_H)
    level = found.drive
    level *= EC50_NG_PER_ML  # of one drug without metabolites, the drive is its level by what half-fills the site
    return Course(level=level, effect=found.effect, withdrawal=found.withdrawal, adapted=found.adapted)


def _by_parts(people: Ready, work: Callable[[People, dict[str, Taken]], Found]) -> list[Found]:
    if people.threads == 1:
        return [work(*each) for each in people.parts]
    with ThreadPoolExecutor(people.threads) as pool:
        return list(pool.map(lambda each: work(*each), people.parts))


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
