"""The exact search for a staircase of doses: earliest arrival under rules, with every tie broken by rule.

Adding a product only adds stairs, and a slower pace only delays them: so better stock never makes the fastest plan
longer, and a slower setting never gives a faster plan (docs/decisions/0003).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Protocol

from opentaper.frozen import dataclass
from opentaper.plan.rules import Rules

FURTHEST_DAY = 3_660
"""A plan longer than ten years is refused rather than searched for."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A dose [units] and the day, counted from the first reduction, on which it is first taken."""

    dose: int
    day: int


@dataclass(frozen=True, slots=True)
class Staircase:
    """A way down: how long the present dose is held first, then each dose and the day it begins."""

    held_before: int
    arrivals: tuple[Arrival, ...]

    @property
    def days(self) -> int:
        """Days from the start, the hold before the first reduction included, to the last arrival."""
        return self.held_before + self.arrivals[-1].day


@dataclass(frozen=True, slots=True)
class Stuck:
    """No way down: the lowest dose that could be reached, and the next one that can be made below it."""

    dose: int
    following: int


@dataclass(frozen=True, slots=True)
class TooSlow:
    """The asked pace would take more than ten years."""


@dataclass(frozen=True, slots=True)
class _Edge:
    to: int
    need: int
    apart: int
    coarse: bool
    forced: bool


def _edges(rules: Rules, start: int, levels: Sequence[int], *, forced_only: bool) -> list[list[_Edge]]:
    """This function will list, for the start and every level, the cuts that may be made from it.

    With `forced_only` a cut beyond the rates is listed only to the next dose, and to zero from `end` units or less.
    """
    stairs = [start, *levels]
    period = max(rules.interval, *(rate.days for rate in rules.rates))
    found: list[list[_Edge]] = []
    for index, dose in enumerate(stairs):
        inside_from = max(1, *(rate.lowest(dose) for rate in rules.rates))
        near, gap = rules.apart(dose)
        edges: list[_Edge] = []
        for to in _within_reach(rules, stairs, index):
            lower = stairs[to]
            apart = 0 if lower >= near else gap
            forced = to == index + 1 or (lower == 0 and dose <= rules.end)
            if lower >= inside_from:
                edges.append(_Edge(to, period, apart, False, forced))
            elif not forced_only or forced:
                need = rules.need(dose, lower)
                if need is not None:
                    edges.append(_Edge(to, need, apart, True, forced))
        found.append(edges)
    return found


def _within_reach(rules: Rules, stairs: Sequence[int], index: int) -> Iterator[int]:
    """This function will yield the stairs that one cut may reach: not below the coarsest cut, or zero."""
    kept = rules.coarse_at_most.denominator - rules.coarse_at_most.numerator
    lowest = -(-stairs[index] * kept // rules.coarse_at_most.denominator)
    for to in range(index + 1, len(stairs)):
        if stairs[to] < lowest:
            break
        yield to
    last = len(stairs) - 1
    if stairs[last] == 0 and index < last and stairs[last] < lowest:
        yield last


def _stuck(stairs: Sequence[int], edges: list[list[_Edge]]) -> Stuck:
    reached = {0}
    for index in range(len(stairs)):
        if index in reached:
            reached.update(edge.to for edge in edges[index])
    lowest = max(reached)
    return Stuck(stairs[lowest], stairs[lowest + 1] if lowest + 1 < len(stairs) else stairs[lowest])


@dataclass(frozen=True, slots=True)
class Since:
    """The present dose has been taken for `days`, after a cut that keeps `apart` days from its neighbours."""

    days: int
    apart: int = 0


def fastest(
    rules: Rules, start: int, levels: Sequence[int], effort: Sequence[int], since: Since | None = None
) -> Staircase | Stuck:
    """Find the staircase that reaches the last level in the fewest days.

    Ties are broken by the smallest longest hold forced by one cut, then its share, then the second longest, and
    so on; then by the fewest pieces over the whole plan.

    Args:
        start: the present dose [units].
        levels: every dose that may be taken, highest first; the last one is the goal.
        effort: pieces a day of each level.
        since: how long the present dose has been taken; None for long enough.

    Equation: days(i) = min over cuts i to j of hold(i, j) + days(j), exact by Bellman's principle because every
    part of the key adds up.
    """
    stairs = [start, *levels]
    edges = _edges(rules, start, levels, forced_only=False)
    days = _fewest_days(edges, since)
    if days[0][0] is None:
        return _stuck(stairs, edges)
    chosen = _break_ties(stairs, edges, days, [0, *effort], since)
    return _walk_down(stairs, chosen, since)


def _hold(edge: _Edge, index: int, apart: int, since: Since | None = None) -> int:
    """This function will return the days on a dose before a cut; the present dose was taken `since`, or long enough.

    Days that a person chose to stay on it never earn a larger cut than the products force.
    """
    if index == 0 and since is None:
        return edge.need if edge.coarse else 0
    if index == 0 and since is not None:
        counted = 0 if edge.coarse and not edge.forced else since.days
        return max(0, max(edge.need, edge.apart, since.apart) - counted)
    return max(edge.need, edge.apart, apart)


def _fewest_days(edges: list[list[_Edge]], since: Since | None) -> list[dict[int, int | None]]:
    """This function will return, for each stair and each distance asked for by the cut that led there, the days."""
    gaps = sorted({0, *(edge.apart for own in edges for edge in own)})
    days: list[dict[int, int | None]] = [dict.fromkeys(gaps) for _ in edges]
    days[-1] = dict.fromkeys(gaps, 0)
    for index in range(len(edges) - 2, -1, -1):
        for gap in gaps:
            totals = (
                _hold(edge, index, gap, since) + after
                for edge in edges[index]
                if (after := days[edge.to][edge.apart]) is not None
            )
            days[index][gap] = min(totals, default=None)
    return days


_Cuts = tuple[int, ...]
"""Cuts ranked by the hold they force and then by their share, the worst first."""

_SHARE_SCALE = 10**18
"""Two different shares of doses below 10^9 units differ by more than this resolves, so whole numbers order exactly."""


def _with_cut(cuts: _Cuts, dose: int, lower: int, need: int) -> _Cuts:
    """This function will add a cut; which of two lists is worse stays the same when both get the same cut."""
    rank = 2 * need * _SHARE_SCALE + (dose - lower) * _SHARE_SCALE // dose
    return tuple(sorted((*cuts, rank), reverse=True))


def _break_ties(
    stairs: list[int],
    edges: list[list[_Edge]],
    days: list[dict[int, int | None]],
    effort: list[int],
    since: Since | None,
) -> list[dict[int, _Edge]]:
    keys: list[dict[int, tuple[_Cuts, int]]] = [{} for _ in stairs]
    chosen: list[dict[int, _Edge]] = [{} for _ in stairs]
    keys[-1] = dict.fromkeys(days[-1], ((), 0))
    for index in range(len(stairs) - 2, -1, -1):
        for gap, least in days[index].items():
            best: tuple[_Cuts, int] | None = None
            for edge in edges[index]:
                hold, after = _hold(edge, index, gap, since), days[edge.to][edge.apart]
                if least is None or after is None or hold + after != least:
                    continue
                cuts, pieces = keys[edge.to][edge.apart]
                key = (_with_cut(cuts, stairs[index], stairs[edge.to], edge.need), pieces + effort[index] * hold)
                if best is None or key < best:
                    best, chosen[index][gap] = key, edge
            if best is not None:
                keys[index][gap] = best
    return chosen


def _walk_down(stairs: list[int], chosen: list[dict[int, _Edge]], since: Since | None) -> Staircase:
    index, gap, day, arrivals = 0, 0, 0, []
    held_before = 0
    while index != len(stairs) - 1:
        edge = chosen[index][gap]
        hold = _hold(edge, index, gap, since)
        if index == 0:
            held_before = hold
        else:
            day += hold
        arrivals.append(Arrival(stairs[edge.to], day))
        index, gap = edge.to, edge.apart
    return Staircase(held_before, tuple(arrivals))


class Pace(Protocol):
    """What a staircase follows without getting ahead of it."""

    @property
    def every(self) -> int:
        """The fewest days between two reductions that it asks for."""

    def releases(self, start: int, levels: Sequence[int], end: int) -> list[int | None]:
        """Return for each level the first day on which it may begin; the first level on day 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPace:
    """A pace that a person asked for: a share of the current or the original dose, every so many days."""

    share: Fraction
    of: str
    every: int

    def doses(self, start: int) -> Iterator[tuple[int, Fraction]]:
        """Yield the day and the dose [units] that the pace asks for from that day on, until ten years have passed."""
        asked = Fraction(start)
        for day in range(0, FURTHEST_DAY + 1, self.every):
            asked = asked * (1 - self.share) if self.of == "current" else asked - start * self.share
            yield day, max(asked, Fraction(0))

    def releases(self, start: int, levels: Sequence[int], end: int) -> list[int | None]:
        """Return for each level the first day on which no higher dose is nearer to what is asked.

        The first level may always begin on day 0. Zero counts as reached when less than half of the larger of the
        end unit and the smallest dose is asked. None when that is more than ten years away.
        """
        stairs = [start, *levels]
        thresholds = [
            Fraction((stairs[index] if dose else max(stairs[index], end)) + dose, 2)
            for index, dose in enumerate(levels)
        ]
        found: list[int | None] = [None] * len(levels)
        found[0] = 0
        waiting = sorted(range(1, len(levels)), key=lambda index: thresholds[index])
        for day, asked in self.doses(start):
            while waiting and asked < thresholds[waiting[-1]]:
                found[waiting.pop()] = day
            if not waiting:
                break
        return found


@dataclasses.dataclass(slots=True)
class _Label:
    """One way to arrive at a dose: when, how much has been taken until then, by which cuts, in how many pieces."""

    day: int
    area: int
    cuts: _Cuts
    pieces: int
    stair: int
    apart: int
    before: _Label | None = dataclasses.field(repr=False)

    def beats(self, other: _Label, dose: int) -> bool:
        """Whether waiting here until the other arrives is at least as good in every way."""
        if self.day > other.day:
            return False
        waited = self.area + dose * (other.day - self.day)
        return (waited, self.cuts, self.pieces) <= (other.area, other.cuts, other.pieces)


def closest(
    rules: Rules,
    pace: Pace,
    start: int,
    levels: Sequence[int],
    effort: Sequence[int],
    since: Since | None = None,
) -> Staircase | Stuck | TooSlow:
    """Find the staircase that follows an asked pace most closely without getting ahead of it.

    Ahead means lower than the makeable dose nearest to what is asked. Among the staircases that stay at or above
    that, the objective is, in this order: the fewest days; the least dose taken in all (so the least above the asked
    curve); the smallest worst cut, then the next worst; the fewest pieces. A cut beyond the limits is made only where
    no makeable dose lies within them, and then only to the next dose.

    Because a slower pace only ever raises what a staircase must stay above, a slower pace never gives a faster plan.

    Where the present dose was taken only `since` some days, the pace begins when its own interval is over.
    """
    stairs = [start, *levels]
    edges = _edges(rules, start, levels, forced_only=True)
    interval = max(rules.interval, pace.every)
    waits = max(0, interval - since.days) if since else 0
    asked = pace.releases(start, levels, rules.end)
    releases = [waits, *(None if each is None else each + waits for each in asked)]
    labels: list[dict[int, list[_Label]]] = [{} for _ in stairs]
    labels[0][0] = [_Label(0, 0, (), 0, 0, 0, None)]
    for index, edge_list in enumerate(edges):
        for gap, own in labels[index].items():
            for label in own:
                for edge in edge_list:
                    day = _arrival_day(label, edge, gap, releases, interval, rules, since)
                    if day is None or day > FURTHEST_DAY:
                        continue
                    rivals = labels[edge.to].setdefault(edge.apart, [])
                    area, dose = label.area + stairs[index] * (day - label.day), stairs[edge.to]
                    if any(rival.day <= day and rival.area + dose * (day - rival.day) < area for rival in rivals):
                        continue
                    pieces = label.pieces + (effort[index - 1] * (day - label.day) if index else 0)
                    cuts = _with_cut(label.cuts, stairs[index], dose, edge.need)
                    _keep(rivals, _Label(day, area, cuts, pieces, edge.to, edge.apart, label), dose)
    ends = [label for own in labels[-1].values() for label in own]
    if not ends:
        stuck = _stuck(stairs, edges)
        return TooSlow() if stuck.dose == stairs[-1] else stuck
    return _trace_back(min(ends, key=lambda each: (each.day, each.area, each.cuts, each.pieces)), stairs)


def _arrival_day(
    label: _Label,
    edge: _Edge,
    gap: int,
    releases: list[int | None],
    interval: int,
    rules: Rules,
    since: Since | None,
) -> int | None:
    index, release = label.stair, releases[edge.to]
    hold = _hold(edge, index, gap, since)
    if index == 0:
        return max(hold, releases[0] or 0) if release == releases[0] else None
    if edge.coarse and edge.to == index + 1:
        longest = label.day + max(rules.longest_hold, hold)
        release = longest if release is None else min(release, longest)
    return None if release is None else max(label.day + max(hold, interval), release)


def _keep(labels: list[_Label], new: _Label, dose: int) -> None:
    if any(label.beats(new, dose) for label in labels):
        return
    labels[:] = [label for label in labels if not new.beats(label, dose)]
    labels.append(new)


def _trace_back(label: _Label, stairs: list[int]) -> Staircase:
    arrivals = []
    while label.before is not None:
        arrivals.append((stairs[label.stair], label.day))
        label = label.before
    arrivals.reverse()
    held_before = arrivals[0][1]
    return Staircase(held_before, tuple(Arrival(dose, day - held_before) for dose, day in arrivals))
