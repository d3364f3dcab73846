"""A dull oracle for the taper planner: it tries every path and scores each one by the letter of decision 0003.

It shares no code with the planner and was written without reading it.  Exact arithmetic only.  Small instances only:
the number of paths is 2 ** (number of levels - 1).

Doses are positive whole numbers of an abstract unit; the goal may be 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise

HORIZON = 3660

Plan = tuple[int, list[tuple[int, int]]]


@dataclass(frozen=True)
class Limits:
    rate_share: Fraction  # 1/4: largest cut that one period allows
    rate_days: int  # 14: the period
    interval: int  # fewest days between reductions
    window_share: Fraction  # 7/16 within ...
    window_days: int  # ... 28 days
    coarse_at_most: Fraction  # 1/2: largest coarse cut above zero
    longest_hold: int  # 112: most days that a coarse cut may need
    end: int  # the end unit, in units


DEFAULT = Limits(
    rate_share=Fraction(1, 4),
    rate_days=14,
    interval=14,
    window_share=Fraction(7, 16),
    window_days=28,
    coarse_at_most=Fraction(1, 2),
    longest_hold=112,
    end=1,
)


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def share_of(dose: int, lower: int) -> Fraction:
    return Fraction(dose - lower, dose)


def within(limits: Limits, dose: int, lower: int) -> bool:
    """Is the cut within the limit (one period)?  The step to zero is 100 % and never is."""
    return lower > 0 and share_of(dose, lower) <= limits.rate_share


def periods(limits: Limits, dose: int, lower: int) -> int:
    """Periods that the reference staircase takes from `dose` to `lower` > 0 (spec 2)."""
    assert lower > 0
    keep = 1 - limits.rate_share
    here = dose
    total = 0
    while here > lower:
        if lower >= keep * here:  # the lower dose itself is within the limit
            return total + 1
        stairs = [m for m in range(0, here, limits.end) if m >= keep * here]
        if stairs:  # as large a cut as the limit allows
            here = min(stairs)
            total += 1
            continue
        # No whole end unit within the limit: the next one below, or the lower dose where that comes first.
        following = max(*range(0, here, limits.end), lower)
        n = 0
        reached = Fraction(here)
        while reached > following:
            reached *= keep
            n += 1
        total += n
        here = following
    return total


@cache
def need(limits: Limits, dose: int, lower: int) -> int | None:
    """Days on `dose` before the cut to `lower`; None where that cut is forbidden."""
    assert dose > lower >= 0
    if within(limits, dose, lower):
        return limits.rate_days
    if lower > 0:
        if share_of(dose, lower) > limits.coarse_at_most:
            return None
        count = periods(limits, dose, lower)
        keep = 1 - limits.rate_share
        if any(m >= keep * dose for m in range(0, dose, limits.end)):  # finer products on the market could avoid it
            count += 1
    else:
        count = -(-1 // limits.rate_share)  # 100 % in cuts of the limit: 4 periods
        if dose > limits.end:
            count += periods(limits, dose, limits.end)
    days = int(count) * limits.rate_days
    if days > limits.longest_hold:
        return None
    return days


def small(limits: Limits, dose: int, lower: int) -> bool:
    """May this cut be repeated at the fewest days apart without breaking the window rule?"""
    if limits.window_days <= limits.interval:
        return True
    n = ceil_div(limits.window_days, limits.interval)
    return Fraction(lower, dose) ** n >= 1 - limits.window_share


def hold(limits: Limits, before: int, dose: int, lower: int) -> int:
    """Fewest days on `dose`, reached from `before`, until the cut to `lower` (limits only, no asked pace)."""
    days = need(limits, dose, lower)
    assert days is not None
    days = max(days, limits.interval)
    if not small(limits, before, dose) or not small(limits, dose, lower):
        days = max(days, limits.window_days)
    return days


def worst_first(limits: Limits, doses: Sequence[int]) -> tuple[tuple[int | None, Fraction], ...]:
    cuts = [(need(limits, a, b), share_of(a, b)) for a, b in pairwise(doses)]
    return tuple(sorted(cuts, reverse=True))


def paths(levels: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Indices into `levels` of every way down that ends at the last one."""
    last = len(levels) - 1
    for size in range(last + 1):
        for chosen in combinations(range(last), size):
            yield (*chosen, last)


def pieces(path: Sequence[int], days: Sequence[int], levels: Sequence[int], effort: Sequence[int]) -> int:
    total = 0
    for j in range(len(path) - 1):
        if levels[path[j]] > 0:
            total += effort[path[j]] * (days[j + 1] - days[j])
    return total


def check(start: int, levels: Sequence[int], effort: Sequence[int]) -> None:
    doses = [start, *levels]
    assert len(levels) == len(effort)
    assert all(a > b for a, b in pairwise(doses)), "levels must fall strictly, from below the start"
    assert doses[-1] >= 0


def as_plan(path: Sequence[int], days: Sequence[int], levels: Sequence[int]) -> Plan:
    return days[0], [(levels[i], day - days[0]) for i, day in zip(path, days, strict=False)]


def first_hold(limits: Limits, start: int, lower: int) -> int:
    """Days on the present dose, from the plan's first day, before the first cut (spec 5)."""
    if within(limits, start, lower):
        return 0
    days = need(limits, start, lower)
    assert days is not None
    return days


def fastest(limits: Limits, start: int, levels: Sequence[int], effort: Sequence[int]) -> Plan | None:
    check(start, levels, effort)
    best = None
    for path in paths(levels) if levels else ():
        doses = [start, *(levels[i] for i in path)]
        if any(need(limits, a, b) is None for a, b in pairwise(doses)):
            continue
        days = [first_hold(limits, start, doses[1])]
        for j in range(2, len(doses)):
            days.append(days[-1] + hold(limits, doses[j - 2], doses[j - 1], doses[j]))
        key = (days[-1], worst_first(limits, doses), pieces(path, days, levels, effort))
        if best is None or key < best[0]:
            best = (key, as_plan(path, days, levels))
    return None if best is None else best[1]


def asked(share: Fraction, of: str, start: int, k: int) -> Fraction:
    """The asked curve on day every * k."""
    share = Fraction(share)
    if of == "current":
        return start * (1 - share) ** (k + 1)
    if of == "original":
        return start * (1 - (k + 1) * share)
    raise ValueError(of)


def releases(
    limits: Limits, share: Fraction, of: str, every: int, start: int, levels: Sequence[int]
) -> list[int | None]:
    """First day on which the curve lets each level begin; None where it does not within the horizon."""
    curve = [(every * k, asked(share, of, start, k)) for k in range(HORIZON // every + 1)]
    result: list[int | None] = []
    for i, level in enumerate(levels):
        if i == 0:
            result.append(0)
            continue
        if level > 0:
            threshold = Fraction(level + levels[i - 1], 2)
        else:
            smallest = min((x for x in levels if x > 0), default=start)
            threshold = Fraction(max(smallest, limits.end), 2)
        result.append(next((day for day, value in curve if value < threshold), None))
    return result


def closest(
    limits: Limits,
    share: Fraction,
    of: str,
    every: int,
    start: int,
    levels: Sequence[int],
    effort: Sequence[int],
) -> Plan | None:
    """`of` is "current" or "original"."""
    check(start, levels, effort)
    release = releases(limits, share, of, every, start, levels)
    best = None
    for path in paths(levels) if levels else ():
        days = closest_days(limits, every, start, levels, release, path)
        if days is None:
            continue
        doses = [start, *(levels[i] for i in path)]
        taken = start * days[0] + sum(doses[j + 1] * (days[j + 1] - days[j]) for j in range(len(days) - 1))
        key = (days[-1], taken, worst_first(limits, doses), pieces(path, days, levels, effort))
        if best is None or key < best[0]:
            best = (key, as_plan(path, days, levels))
    return None if best is None else best[1]


def closest_days(
    limits: Limits,
    every: int,
    start: int,
    levels: Sequence[int],
    release: Sequence[int | None],
    path: Sequence[int],
) -> list[int] | None:
    """Earliest arrival at each level of one path, from the plan's first day; None where the path is not allowed."""
    days: list[int] = []
    for j, i in enumerate(path):
        dose = start if j == 0 else levels[path[j - 1]]
        at = -1 if j == 0 else path[j - 1]
        lower = levels[i]
        coarse = not within(limits, dose, lower)
        is_next = i == at + 1
        if need(limits, dose, lower) is None:
            return None
        if coarse and not is_next and not (lower == 0 and dose <= limits.end):
            return None
        if j == 0:
            if release[i] != 0:
                return None
            day = first_hold(limits, start, lower)
        else:
            before = start if j == 1 else levels[path[j - 2]]
            least = hold(limits, before, dose, lower)
            opens = release[i]
            if coarse and is_next:
                cap = days[-1] + max(limits.longest_hold, least)
                opens = cap if opens is None else min(opens, cap)
            if opens is None:
                return None
            day = max(days[-1] + max(least, every), opens)
        if day > HORIZON:
            return None
        days.append(day)
    return days


def _self_check() -> None:
    for dose, lower, days in [(4, 3, 14), (3, 2, 28), (2, 1, 42), (1, 0, 56), (2, 0, 98), (5, 2, None), (4, 0, None)]:
        assert need(DEFAULT, dose, lower) == days, (dose, lower, need(DEFAULT, dose, lower), days)
    levels = list(range(15, -1, -1))
    zeros = [0] * len(levels)

    def show(name: str, plan: Plan | None) -> None:
        assert plan is not None
        wait, rows = plan
        holds = [(a, nxt - day) for (a, day), (_, nxt) in pairwise(rows)]
        print(f"{name}: {wait + rows[-1][1]} days, first hold {wait}, rows {rows}, holds {holds}")

    plan = fastest(DEFAULT, 16, levels, zeros)
    show("fastest, units of 1", plan)
    assert plan is not None
    wait, rows = plan
    assert wait + rows[-1][1] == 210
    assert [d for d, _ in rows[-4:]] == [3, 2, 1, 0]
    assert [rows[k + 1][1] - rows[k][1] for k in (-4, -3, -2)] == [28, 42, 56]

    by_two = list(range(14, -1, -2))
    plan = fastest(DEFAULT, 16, by_two, [0] * len(by_two))
    show("fastest, units of 2", plan)
    assert plan is not None and plan[0] + plan[1][-1][1] == 210  # "Under the rule above both take 210 days"
    plan = closest(DEFAULT, Fraction(1, 10), "current", 14, 16, by_two, [0] * len(by_two))
    show("closest, 10 % of current, units of 2", plan)
    plan = closest(DEFAULT, Fraction(1, 10), "original", 14, 16, levels, zeros)
    show("closest, 10 % of original, units of 1", plan)


if __name__ == "__main__":
    _self_check()
