"""How long against how hard: for every length the least that the worst step must be felt, exactly.

*Felt* is what a model predicts of withdrawal after a step, in millionths of the effect of the present dose; the tables
for it are made in `pharmacology.strain`. The limits bind before anything is weighed here (`ground`).

Why it is exact. What is felt of a step, and what is left of adaptation after it, are straight lines in the adaptation
before it that never fall, rounded down. So whoever is less adapted at the same dose on the same day, and as free to go
on, can copy every later step of the other, feels each no more, and is less adapted again: the other label can go. That
holds for several models at once, the worst of which counts, if one is less adapted in each. Within a limit on what may
be felt, one search over these labels finds the soonest arrival, and a lower limit never gives a sooner one. So the front
falls like stairs, and the edge of each stair is found by halving between whole numbers.

The same holds when plans are compared by their worst step, then their second worst, and so on: adding a step that is
felt less to the better of two lists keeps it the better one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from opentaper.frozen import dataclass
from opentaper.plan.ground import Ground, Tables, Way
from opentaper.plan.search import FURTHEST_DAY, Staircase

if TYPE_CHECKING:
    from opentaper.pharmacology.strain import Integers, Strain

HORIZON = 728
"""The front is drawn for two years [d]."""
ANYTHING = 2**31
"""More than any step can be felt."""


@dataclass(frozen=True, slots=True)
class Point:
    """A length [d], and the least that the worst step of any plan no longer than that can be felt [millionths]."""

    days: int
    peak: int


@dataclass(frozen=True, slots=True)
class Eased:
    """A staircase with how much each of its steps is felt [millionths]."""

    staircase: Staircase
    felt: tuple[int, ...]

    @property
    def peak(self) -> int:
        return max(self.felt)


def front(ground: Ground, days: int = HORIZON) -> tuple[Point, ...]:
    """Find every length at which the worst step need be felt less than in any shorter plan.

    Returns:
        Points with days rising and peaks falling; none when the goal cannot be reached within so many days.
    """
    return _Halving(ground, days // ground.interval).front()


def least(ground: Ground, days: int) -> Point | None:
    """Find the least that the worst step of a plan of at most so many days can be felt, and None when there is none."""
    halving = _Halving(ground, days // ground.interval)
    return Point(days, halving.peak(days // ground.interval)) if halving.soonest is not None else None


def soonest(ground: Ground) -> int | None:
    """Find the fewest days of any plan; None when it would take more than ten years, or there is no way down."""
    way = ground.run(FURTHEST_DAY // ground.interval, ANYTHING)
    return None if way is None else way.periods[-1] * ground.interval


class _Halving:
    """What is known of the front so far: for each length a peak that suffices, and one below which nothing does."""

    def __init__(self, ground: Ground, last: int) -> None:
        self._ground, self._last = ground, last
        way = ground.run(last, ANYTHING)
        self.soonest = None if way is None else way.periods[-1]
        self._low = [0] * (last + 1)
        self._high = [ANYTHING] * (last + 1)
        if way is not None:
            self._note(way)

    def _note(self, way: Way) -> None:
        for last in range(way.periods[-1], self._last + 1):
            self._high[last] = min(self._high[last], max(way.felt))

    def peak(self, last: int) -> int:
        """Return the least peak of a plan no longer than so many periods, which must be long enough for one."""
        while self._low[last] < self._high[last]:
            limit = (self._low[last] + self._high[last]) // 2
            way = self._ground.run(last, limit)
            if way is not None:
                self._note(way)
            else:
                for shorter in range(last + 1):
                    self._low[shorter] = max(self._low[shorter], limit + 1)
        return self._high[last]

    def front(self) -> tuple[Point, ...]:
        if self.soonest is None:
            return ()
        waiting = [(self.soonest, self._last)]
        while waiting:
            low, high = waiting.pop()
            if self.peak(low) > self.peak(high) and high - low > 1:
                waiting += [(low, (low + high) // 2), ((low + high) // 2, high)]
        found: list[Point] = []
        for last in range(self.soonest, self._last + 1):
            if not found or self._high[last] < found[-1].peak:
                found.append(Point(last * self._ground.interval, self._high[last]))
        return tuple(found)


def easiest(ground: Ground, days: int) -> Eased | None:
    """Find the plan of at most so many days whose worst step is felt least, then its second worst, and so on.

    A plan that has no further step is better than one that has. Ties are broken by the fewest days, then by the least
    effort; equal plans have as many steps. None when no plan is that short.
    """
    last = days // ground.interval
    way = ground.run(last, ANYTHING)
    if way is None:
        return None
    settled: list[int] = []
    while len(way.felt) > len(settled):
        way, low = _lower(ground, last, settled, way)
        if low < 0:
            break
        settled.append(low)
    best = ground.run(last, -1, settled, toll=True)
    assert best is not None
    return Eased(ground.staircase(best), best.felt)


def _lower(ground: Ground, last: int, settled: list[int], way: Way) -> tuple[Way, int]:
    """This function will find the least that the next worst step can be felt after those that are settled, -1 for none."""
    place = len(settled)
    low, high = -1, way.ranked[place]
    limit = high - 1
    while low < high:
        found = ground.run(last, limit, settled)
        if found is None:
            low = limit + 1
        else:
            way, high = found, found.ranked[place] if len(found.felt) > place else -1
        limit = (low + high) // 2
    return way, high


def eased(found: Staircase, start: int, tables: Tables) -> Eased:
    """Say how much each step of any staircase is felt: the same model, also off the limits and off whole periods.

    Adaptation is followed by whole days. For a period after a step it follows the fading level; later it is taken that
    the level has settled, as the search does.

    Args:
        start: the dose before the first step [units], to which the person is used.
        tables: where the tables come from; every step leads down.
    """
    doses = [start, *(arrival.dose for arrival in found.arrivals)]
    if any(after >= before for before, after in pairwise(doses)):
        raise ValueError(f"every step leads down, and these doses do not: {doses}")
    made = tables(doses, [(place, place + 1) for place in range(len(doses) - 1)])
    adapted, felt = made.steady[:, 0], []
    for step, (before, after) in enumerate(pairwise([*found.arrivals, None])):
        now = ((made.pulled * adapted[:, None]) >> made.shift) + made.offset[:, step]
        felt.append(max(0, int(now.max())))
        if before is not None and after is not None:
            adapted = _later(made, adapted, step, after.day - before.day)
    return Eased(found, tuple(felt))


def _later(made: Strain, adapted: Integers, step: int, days: int) -> Integers:
    """This function will return adaptation so many days after a step, for each model."""
    first = min(days, made.period)
    adapted = ((made.kept[first - 1] * adapted) >> made.shift) + made.drawn[:, step, first - 1]
    steady = made.steady[:, step + 1]
    left = days - first
    while left > 0:
        kept = made.kept[min(left, made.period) - 1]
        adapted = ((kept * adapted) >> made.shift) + steady - ((kept * steady) >> made.shift)
        left -= made.period
    return adapted
