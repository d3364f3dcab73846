"""A dull oracle for the front and the smoothest plan: it tries every staircase and every way to share out spare time.

It shares no code with the search. What a step is felt is worked out from the tables as `pharmacology.strain` describes
them; which cuts are allowed, and the days before them, comes from `oracle`, which was written from decision 0003 alone.
Tiny instances only.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from opentaper.pharmacology.strain import Strain
from tests.science import oracle

Plan = tuple[tuple[int, ...], tuple[int, ...]]
"""Doses as places, the present one first, and the period of each cut."""


def holds(limits: oracle.Limits, doses: Sequence[int]) -> list[int] | None:
    """Fewest whole periods before each cut of one way down; None where a cut is not allowed."""
    if any(oracle.need(limits, a, b) is None for a, b in pairwise(doses)):
        return None
    days = [oracle.first_hold(limits, doses[0], doses[1])]
    days += [oracle.hold(limits, doses[j - 2], doses[j - 1], doses[j]) for j in range(2, len(doses))]
    return [oracle.ceil_div(each, limits.interval) for each in days]


def plans(limits: oracle.Limits, start: int, levels: Sequence[int], last: int) -> Iterator[Plan]:
    """Every plan that reaches the last level by a period; the first cut is made as soon as it may."""
    for path in oracle.paths(levels):
        places = (0, *(index + 1 for index in path))
        fewest = holds(limits, [start, *(levels[index] for index in path)])
        if fewest is not None:
            for periods in _spread(fewest[1:], (fewest[0],), last):
                yield places, periods


def _spread(fewest: list[int], so_far: tuple[int, ...], last: int) -> Iterator[tuple[int, ...]]:
    if so_far[-1] + sum(fewest) > last:
        return
    if not fewest:
        yield so_far
        return
    for period in range(so_far[-1] + fewest[0], last + 1):
        yield from _spread(fewest[1:], (*so_far, period), last)


def felt(made: Strain, plan: Plan) -> list[int]:
    """What is felt of each step: the worst day after it, in the model for which that is worst."""
    places, periods = plan
    pair = {(int(a), int(b)): index for index, (a, b) in enumerate(zip(made.before, made.after, strict=True))}
    kept = int(made.kept[-1])
    models = range(len(made.models))
    adapted = [int(made.steady[k, 0]) for k in models]
    found = []
    for step, (before, after) in enumerate(pairwise(places)):
        worst = 0
        for k in models:
            for day in range(len(made.pulled)):
                now = int(made.offset[k, pair[before, after], day])
                worst = max(worst, now + (int(made.pulled[day]) * adapted[k] >> made.shift))
        found.append(worst)
        stays = periods[step + 1] - periods[step] - 1 if step + 1 < len(periods) else 0
        for k in models:
            level = (kept * adapted[k] >> made.shift) + int(made.drawn[k, pair[before, after], -1])
            steady = int(made.steady[k, after])
            for _ in range(stays):
                level = (kept * level >> made.shift) + steady - (kept * steady >> made.shift)
            adapted[k] = level
    return found


def effort(plan: Plan, pieces: Sequence[int], interval: int) -> int:
    places, periods = plan
    spent = [after - before for before, after in pairwise(periods)]
    return sum(pieces[place - 1] * periods * interval for place, periods in zip(places[1:], spent, strict=False))


def front(limits: oracle.Limits, start: int, levels: Sequence[int], made: Strain, last: int) -> list[tuple[int, int]]:
    best: dict[int, int] = {}
    for plan in plans(limits, start, levels, last):
        peak, arrived = max(felt(made, plan)), plan[1][-1]
        best[arrived] = min(peak, best.get(arrived, peak))
    points: list[tuple[int, int]] = []
    for period in sorted(best):
        if not points or best[period] < points[-1][1]:
            points.append((period * limits.interval, best[period]))
    return points


def easiest(
    limits: oracle.Limits, start: int, levels: Sequence[int], pieces: Sequence[int], made: Strain, last: int
) -> tuple[list[int], int, int] | None:
    """The steps as they are felt, worst first, the days, and the pieces of the best plan."""
    return min(
        (
            (
                sorted(felt(made, plan), reverse=True),
                plan[1][-1] * limits.interval,
                effort(plan, pieces, limits.interval),
            )
            for plan in plans(limits, start, levels, last)
        ),
        default=None,
    )
