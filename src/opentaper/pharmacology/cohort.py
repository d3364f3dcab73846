"""As many people as anybody asks for, in memory that does not grow with them, on as many cores as there are.

People come in blocks with dice of their own, blocks are worked out side by side and taken in their order, and what is
kept of them are counts in narrow bins: whole numbers, whose sum does not depend on who was first. So the same seed gives
the same bands on one core and on many. A band's edge is known to a bin: a thousandth of the effect of the present dose,
or of eight times the highest level of the typical person.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from opentaper.frozen import dataclass
from opentaper.pharmacology import compiled, kernel
from opentaper.pharmacology.course import Course
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.follow import Standing, Taken, follow, levels
from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import BLOCK, HOURS, Assumptions, Body, People, one_block, typical

BINS = 4096
SHARES_UP_TO = 4.096
"""Effect, adaptation and withdrawal are counted up to so many times the effect of the present dose, in thousandths."""
LEVELS_UP_TO = 8.0
"""Levels are counted up to so many times the highest of the typical person."""
KEPT = 31 * 2**20
"""Bytes: what the C library may keep of memory that was given back; it takes no more than 32 MiB for that."""
MOST = int(np.iinfo(np.uint32).max)
"""People that a bin can count."""
MEASURES = ("effect", "adapted", "withdrawal")

Counts = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Some people, looked at once a day, axes (person, day).

    Args:
        level: by drug, the level of what is measured [ng/mL].
        effect, adapted, withdrawal: shares of the effect that the dose before the first day had, averaged over a day.
    """

    AXES: ClassVar = ("person", "day")

    level: Mapping[str, Floats]
    effect: Floats
    adapted: Floats
    withdrawal: Floats

    def each(self) -> dict[str, Floats]:
        """Return every measure by its name; a level's is its drug's."""
        return {**self.level, "effect": self.effect, "adapted": self.adapted, "withdrawal": self.withdrawal}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Quantiles over a cohort, looked at once a day before the first intake.

    Args:
        on: the days, axes (day,).
        at: which quantiles, axes (quantile,).
        of: by measure (a drug for its level [ng/mL], effect, adapted, withdrawal), axes (quantile, day).
        people: how many.
    """

    AXES: ClassVar = ("quantile", "day")

    on: tuple[dt.date, ...]
    at: tuple[float, ...]
    of: Mapping[str, Floats]
    people: int


def bands(
    course: Course,
    assumed: Assumptions,
    body: Body,
    count: int,
    *,
    seed: int,
    cores: int = 1,
    at: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
) -> Bands:
    """Predict quantiles over people who differ; see `opentaper.pharmacology.simulate` for one person.

    Args:
        course: what is taken.
        assumed: models and figures.
        body: what is known of them all.
        count: how many people.
        seed: fixes them.
        cores: how many blocks are worked out side by side.
        at: which quantiles.

    Raises:
        ValueError: no people, more than can be counted, or a quantile beyond what is counted.
    """
    if count > MOST:
        raise ValueError(f"at most {MOST} people are counted, got {count}")
    layout = Layout.of(course)
    tops = {drug: LEVELS_UP_TO * top for drug, top in layout.tops(typical(assumed, body)).items()}
    tops |= dict.fromkeys(MEASURES, SHARES_UP_TO)
    days = len(layout.look_h)
    counted = {measure: np.zeros((days, BINS), dtype=np.uint32) for measure in tops}
    tally = compiled.tally() if compiled.available() else kernel.tally
    for block in in_blocks(course, assumed, body, count, seed=seed, cores=cores):
        for measure, values in block.each().items():
            tally(values, BINS / tops[measure], counted[measure])
    return Bands(
        on=tuple(course.first + dt.timedelta(days=day) for day in range(days)),
        at=tuple(at),
        of={measure: _quantiles(counted[measure], at, tops[measure]) for measure in tops},
        people=count,
    )


def in_blocks(
    course: Course, assumed: Assumptions, body: Body, count: int, *, seed: int, cores: int = 1
) -> Iterator[Looked]:
    """Yield people in blocks, always the same ones in the same order.

    Raises:
        ValueError: no people.
    """
    if count < 1:
        raise ValueError(f"a cohort has at least one person, got {count}")
    sizes = [min(BLOCK, count - begun) for begun in range(0, count, BLOCK)]
    layout = Layout.of(course)
    # Once so much was given back, smaller arrays are kept instead of asked of the system anew: a fifth of the time of all.
    np.empty(KEPT, dtype=np.uint8)

    def work(block: int) -> Looked:
        return layout.look(one_block(assumed, body, block, sizes[block], seed=seed))

    yield from _in_order(work, len(sizes), cores)


def looked(course: Course, crowd: Sequence[People]) -> Iterator[Looked]:
    """Yield some people, looked at."""
    layout = Layout.of(course)
    for people in crowd:
        yield layout.look(people)


def _in_order(work: Callable[[int], Looked], count: int, cores: int) -> Iterator[Looked]:
    """This function will yield results in order while a few are under way."""
    if cores == 1:
        yield from map(work, range(count))
        return
    with ThreadPoolExecutor(cores) as pool:
        under_way: deque[Future[Looked]] = deque()
        for block in range(count):
            under_way.append(pool.submit(work, block))
            if len(under_way) > cores:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A course as doses and looks in hours, ready for the kernel.

    Args:
        course: where it comes from.
        used_days: days of use like the first day, before it.
        taken: by drug.
        look_h: when to look [h]: on each day asked about, before its first intake.
        day: one day like the first one, and its end.
    """

    course: Course
    used_days: int
    taken: Mapping[str, Taken]
    look_h: Floats
    day: Mapping[str, Taken]

    @classmethod
    def of(cls, course: Course) -> Layout:
        hours = min(float(each.hour[0]) for each in course.taken.values())
        skipped = course.before if course.standing else 0
        days = next(iter(course.taken.values())).days - skipped
        return cls(
            course=course,
            used_days=course.standing + skipped,
            taken={drug: _taken(each, skipped) for drug, each in course.taken.items()},
            look_h=np.arange(course.before - skipped, days, dtype=np.float64) * HOURS + hours,
            day={drug: Taken(time_h=each.hour, dose_mg=each.dose_mg[0]) for drug, each in course.taken.items()},
        )

    def look(self, people: People) -> Looked:
        """Follow some people.

        Raises:
            ValueError: clearance moves, which a cohort does not follow.
        """
        if any(not each.steady for each in self.course.altered):
            raise ValueError("a cohort does not follow a clearance that moves; simulate one person instead")
        amount = {drug: _steady(people, drug, each) for drug, each in self.day.items()}
        whole, once = self._one_day(people, amount)
        used = self.used_days
        after = -np.expm1(-used * HOURS / people.tau_h) / -np.expm1(-HOURS / people.tau_h)
        begun = Standing(amount=amount, adapted=once * after) if used else None
        days_used = used + np.minimum(self.look_h / HOURS, self.course.last_use - (self.course.before if used else 0))
        found = follow(people, self.taken, self.look_h, standing=begun, used_days=days_used)
        relative = 1.0 / whole[:, None]
        adapted = np.einsum("pkd,pk->pd", found.adapted, people.share * relative)
        # In place: these arrays are nobody else's, and another one takes longer than the product.
        return Looked(
            level=self._levels(people, found.drive, begun),
            effect=np.multiply(found.effect, relative, out=found.effect),
            adapted=adapted,
            withdrawal=np.multiply(found.withdrawal, relative, out=found.withdrawal),
        )

    def tops(self, people: People) -> dict[str, float]:
        """Return the highest level of each drug that any of some people have at any look [ng/mL]."""
        amount = {drug: _steady(people, drug, each) for drug, each in self.day.items()}
        begun = Standing(amount=amount, adapted=np.zeros((len(people), 3))) if self.used_days else None
        return {drug: float(levels(people, self.taken, self.look_h, drug, standing=begun).max()) for drug in self.taken}

    def _one_day(self, people: People, amount: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """This function will return the mean effect of a steady day, and what it adds to each adaptation."""
        end, none = np.array([HOURS]), np.zeros((len(people), 3))
        begun = Standing(amount=amount, adapted=none)
        once = follow(people, self.day, end, standing=begun).adapted[:, :, 0]
        endless = replace(people, tau_h=np.full_like(people.tau_h, ENDLESS_H))
        mean = follow(endless, self.day, end, standing=begun).adapted[:, 0, 0] * (ENDLESS_H / HOURS)
        return mean, once

    def _levels(self, people: People, drive: Floats, begun: Standing | None) -> dict[str, Floats]:
        """This function will return the level of what is measured of each drug, axes (person, day), and may use up `drive`."""
        alone = len(self.taken) == 1
        return {
            drug: np.multiply(drive, people.potency[drug], out=drive)
            if alone and people.potency[drug].shape[1] == 1
            else levels(people, self.taken, self.look_h, drug, standing=begun)
            for drug in self.taken
        }


ENDLESS_H = 1e9
"""A time constant [h] so long that an adaptation only adds up the effect."""


def _steady(people: People, drug: str, day: Taken) -> Floats:
    """This function will return how much of each mode there is at midnight when every day is the same, axes (person, mode)."""
    rates = people.modes[drug].rates[:, :, None]
    left = np.exp(-rates * (HOURS - day.time_h - people.modes[drug].lag_h)) @ day.dose_mg
    return left / -np.expm1(-rates[:, :, 0] * HOURS)


def _taken(daily: Daily, skipped: int) -> Taken:
    midnight = np.arange(daily.days - skipped)[:, None] * HOURS
    return Taken(time_h=(midnight + daily.hour).ravel(), dose_mg=daily.dose_mg[skipped:].ravel())


def _quantiles(counted: Counts, at: Sequence[float], top: float) -> Floats:
    """This function will return quantiles from counts in bins, within a bin as if people were spread evenly in it.

    Args:
        counted: is added up in place: millions of counts, of which another copy takes ten times as long.

    Raises:
        ValueError: one lies in the last bin, which holds everything beyond.
    """
    days = np.arange(len(counted))
    below = np.cumsum(counted, axis=1, dtype=counted.dtype, out=counted)
    wanted = np.asarray(at) * below[0, -1]
    # Counts that reach the one reach the other, and are compared as they are.
    whole = np.ceil(wanted).astype(counted.dtype)
    places = np.stack([np.searchsorted(day, whole) for day in below], axis=1)
    if (places == BINS - 1).any():
        raise ValueError("a quantile lies beyond what is counted")
    before = np.where(places > 0, below[days, places - 1], 0)
    here = below[days, places] - before
    found: Floats = (places + (wanted[:, None] - before) / np.maximum(here, 1)) * (top / BINS)
    return found
