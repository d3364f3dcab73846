"""How a daily dose is shared out over the times of a day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from opentaper.knowledge import Knowledge, Product
from opentaper.patient import TIMES, Case, Intake
from opentaper.plan.dispense import Dispensary
from opentaper.quantity import NO_DOSE, Dose

MOST_CANDIDATES = 60
"""Share-outs looked at for one daily dose; only several intakes of many solid products have more."""

NEAR_CAPS = 4

Split = tuple[int, ...]
"""The doses [units] at each time of the day."""


class Day:
    """The daily doses that can be made without raising any intake above what it is now, and how to share them out.

    A daily dose is shared out as level as the pieces allow, so that the larger intake is cut first; among equals
    the earlier intake is the smaller. With `cut_first`, that time of day is cut to nothing before any other.
    """

    def __init__(self, dispensary: Dispensary, present: tuple[Intake, ...], cut_first: str | None = None) -> None:
        self.dispensary = dispensary
        self.times = tuple(intake.time for intake in present)
        self.present: Split = tuple(dispensary.units(intake.dose) for intake in present)
        self._cut_first = cut_first if cut_first in self.times else None
        self._per_time = [sorted(units for units in dispensary.made if units <= most) for most in self.present]
        self._candidates: dict[int, list[Split]] = {}
        self._with_liquid: dict[Product, frozenset[int]] = {}

    @cached_property
    def _even(self) -> bool:
        """Whether every multiple of the unit can be made at every time, so that sharing out is arithmetic."""
        return all(len(doses) == most + 1 for doses, most in zip(self._per_time, self.present, strict=True))

    @cached_property
    def levels(self) -> list[int]:
        """Every daily dose [units] that can be made, highest first, the empty day included."""
        return _doses_in(self._reach(self._per_time))

    def _reach(self, per_time: list[list[int]]) -> int:
        reached = 1  # bit n is set when n units can be made from the times so far
        for doses in per_time:
            reached = _sums(reached, doses)
        return reached

    @cached_property
    def solid_levels(self) -> frozenset[int]:
        """The daily doses that can be made from solid pieces alone."""
        return self._levels_from(self.dispensary.solid)

    def levels_with(self, product: Product) -> frozenset[int]:
        """Return the daily doses that can be made from solid pieces and one liquid."""
        if product not in self._with_liquid:
            self._with_liquid[product] = self._levels_from(self.dispensary.made_with(product))
        return self._with_liquid[product]

    def _levels_from(self, made: Container[int]) -> frozenset[int]:
        return frozenset(_doses_in(self._reach([[dose for dose in doses if dose in made] for doses in self._per_time])))

    @cached_property
    def ladder(self) -> list[int]:
        """The levels, without those that could be reached from the one above only by raising some intake."""
        return self.falling(self.levels)

    def falling(self, levels: Sequence[int]) -> list[int]:
        """Return the levels that a plan can take one after the other, highest first, without raising any intake."""
        if self._even:
            return list(levels)
        kept, last = [], self.present
        for units in levels:
            split = self._most_level(units, last)
            if split is not None:
                kept.append(units)
                last = split
        return kept

    def candidates(self, units: int) -> list[Split]:
        """Return the share-outs of a daily dose that are level enough, the most level one first.

        Raises:
            KeyError: the dose cannot be made.
        """
        if units not in self._candidates:
            self._candidates[units] = self._find_candidates(units)
        return self._candidates[units]

    def _find_candidates(self, units: int) -> list[Split]:
        if self._cut_first is not None and (ordered := self._split_in_order(units)) is not None:
            return [ordered]
        level = self._most_level(units, self.present)
        if level is None:
            raise KeyError(units)
        if self._drawn_up:
            return [level]
        cap = int(max(level, default=0) * self.dispensary.level_within)
        found = islice(self._splits_within(units, tuple(min(each, cap) for each in self.present)), MOST_CANDIDATES)
        return sorted(found, key=_levelness)

    @cached_property
    def _drawn_up(self) -> bool:
        """Whether a liquid is at hand, which makes any share-out as easy as another."""
        return any(product.liquid for product in self.dispensary.products)

    def _most_level(self, units: int, most: Split) -> Split | None:
        """This function will return the share-out whose largest intake is smallest, and so on."""
        if self._even:
            return _level_split(most, units) if units <= sum(most) else None
        caps = self._caps[bisect_left(self._caps, -(-units // max(1, len(self.times)))) :]
        for cap in caps[:NEAR_CAPS]:  # nearly always one of the first works
            found = islice(self._near_splits((), units, tuple(min(each, cap) for each in most)), MOST_CANDIDATES)
            if best := min(found, key=_levelness, default=None):
                return best
        least = self._least_cap(units, most, caps[NEAR_CAPS:])
        if least is None:
            return None
        found = islice(self._splits_within(units, tuple(min(each, least) for each in most)), MOST_CANDIDATES)
        return min(found, key=_levelness)

    def _least_cap(self, units: int, most: Split, caps: list[int]) -> int | None:
        """This function will find, by halving, the smallest cap under which a daily dose can be shared out."""

        def can_be(cap: int) -> bool:
            return next(self._splits_within(units, tuple(min(each, cap) for each in most)), None) is not None

        if not caps or not can_be(caps[-1]):
            return None
        low, high = 0, len(caps) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if can_be(caps[middle]) else (middle + 1, high)
        return caps[low]

    def _near_splits(self, start: Split, units: int, most: Split) -> Iterator[Split]:
        """This function will yield share-outs with no intake above `most`, quickly where these are nearly level."""
        time = len(start)
        doses = self._per_time[time]
        if time == len(self.times) - 1:
            place = bisect_left(doses, units)
            if self._at_least(start) <= units <= most[time] and place < len(doses) and doses[place] == units:
                yield (*start, units)
            return
        room = sum(most[time + 1 :])
        least = max(units - room, self._at_least(start))
        for dose in doses[bisect_left(doses, least) : bisect_right(doses, min(most[time], units))]:
            yield from self._near_splits((*start, dose), units - dose, most)

    @cached_property
    def _caps(self) -> list[int]:
        return sorted({dose for doses in self._per_time for dose in doses})

    def _splits_within(self, units: int, most: Split) -> Iterator[Split]:
        """This function will yield every share-out with no intake above `most`, and never look into a dead end."""
        rest = [1]  # bit n of the k-th last: the last k intakes can make n units
        for doses, cap in zip(reversed(self._per_time), reversed(most), strict=True):
            rest.append(_sums(rest[-1], doses[: bisect_right(doses, cap)]))
        rest.reverse()
        return self._extend((), units, most, rest)

    def _at_least(self, start: Split) -> int:
        """This function will return what the next intake has at least: of intakes that are equal now the later is larger."""
        equal = self.present[len(start)]
        return max((dose for dose, present in zip(start, self.present, strict=False) if present == equal), default=0)

    def _extend(self, start: Split, units: int, most: Split, rest: list[int]) -> Iterator[Split]:
        time = len(start)
        if not rest[time] >> units & 1:
            return
        if time == len(self.times):
            yield start
            return
        doses = self._per_time[time]
        least = max(units - sum(most[time + 1 :]), self._at_least(start))
        for dose in doses[bisect_left(doses, least) : bisect_right(doses, min(most[time], units))]:
            yield from self._extend((*start, dose), units - dose, most, rest)

    def _split_in_order(self, units: int) -> Split | None:
        """This function will keep the other times as they are until `cut_first` is empty, where that can be made."""
        first = self.times.index(self._cut_first or "")
        split = list(self.present)
        excess = sum(self.present) - units
        for index in [first, *(index for index in range(len(self.times)) if index != first)]:
            cut = min(excess, split[index])
            split[index] -= cut
            excess -= cut
        return None if excess or any(dose not in self.dispensary.made for dose in split) else tuple(split)

    def share_out(self, path: Iterable[int], before: Split | None = None) -> list[Split]:
        """Return how each daily dose of a path is shared out: no intake rises if that can be, then fewest pieces.

        Args:
            path: daily doses [units] in the order in which they are taken.
            before: what is taken now; by default the present intakes.
        """
        best: dict[Split, tuple[tuple[int, ...], tuple[Split, ...]]] = {before or self.present: ((0,) * 5, ())}
        for units in path:
            following: dict[Split, tuple[tuple[int, ...], tuple[Split, ...]]] = {}
            for last, (done, way) in best.items():
                for split in self._after(units, last):
                    reached = (_plus(done, (_rise(last, split), *self._cost(split))), (*way, split))
                    if split not in following or reached < following[split]:
                        following[split] = reached
            best = following
        return list(min(best.values())[1])

    def _after(self, units: int, last: Split) -> list[Split]:
        """This function will return the share-outs to consider after another: one that raises no intake among them."""
        found = self.candidates(units)
        if all(_rise(last, split) for split in found):
            falling = self._most_level(units, last)
            return found if falling is None else [*found, falling]
        return found

    def _cost(self, split: Split) -> tuple[int, int, int, int]:
        efforts = [self.dispensary.made[dose].effort for dose in split]
        return (
            sum(effort.pieces for effort in efforts),
            sum(effort.prepared for effort in efforts),
            sum(effort.products for effort in efforts),
            max(split, default=0),
        )

    def intakes(self, split: Split) -> tuple[Intake, ...]:
        """Return the intakes of a share-out, with the portions that make each."""
        return tuple(
            Intake(time=time, dose=self.dispensary.dose(dose), portions=self.dispensary.made[dose].portions)
            for time, dose in zip(self.times, split, strict=True)
            if dose
        )

    def effort(self, units: int) -> int:
        """Return the fewest pieces in which a whole day can be taken."""
        return min(self._cost(split)[0] for split in self.candidates(units))


def _sums(reached: int, doses: list[int]) -> int:
    """This function will return the sums of one of these doses and anything reached, as bits."""
    wider = 0
    for dose in doses:
        wider |= reached << dose
    return wider


def _doses_in(reached: int) -> list[int]:
    """This function will return which bits are set, highest first."""
    return [units for units, bit in enumerate(bin(reached)[:1:-1]) if bit == "1"][::-1]


def _levelness(split: Split) -> tuple[list[int], Split]:
    return sorted(split, reverse=True), split


def _level_split(most: Split, units: int) -> Split:
    """This function will share out where every multiple of the unit can be made: the later intakes get the rest."""
    level = _level(most, units)
    split = [min(each, level) for each in most]
    left = units - sum(split)
    for index in range(len(split) - 1, -1, -1):
        if left and most[index] > level:
            split[index] += 1
            left -= 1
    return tuple(split)


def _rise(before: Split, after: Split) -> int:
    return sum(max(0, new - old) for old, new in zip(before, after, strict=True))


def _plus(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one + other for one, other in zip(left, right, strict=True))


def _level(most: tuple[int, ...], units: int) -> int:
    """This function will return the highest level at which cutting every intake down to it stays within `units`."""
    low, high = 0, max(most, default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(each, middle) for each in most) <= units:
            low = middle
        else:
            high = middle - 1
    return low


def present_day(
    case: Case,
    known: Knowledge,
    *,
    extra: tuple[Product, ...] = (),
    cut_first: str | None = None,
    include: tuple[Dose, ...] = (),
) -> Day:
    """Return the daily doses that can be made for a case, from its own products and any extra ones."""
    present = case.present.intakes
    dispensary = Dispensary(
        case,
        case.goal.of,
        known,
        up_to=max((intake.dose for intake in present), default=NO_DOSE),
        extra=extra,
        include=[*(intake.dose for intake in present), case.goal.daily, *include],
    )
    return Day(dispensary, tuple(sorted(present, key=lambda each: TIMES.index(each.time))), cut_first)
