"""A ladder with its limits and its tables, made ready to be searched by `sweep`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from opentaper.frozen import dataclass
from opentaper.plan.rules import Rules
from opentaper.plan.search import Arrival, Staircase, Stuck, _edges, _stuck
from opentaper.plan.sweep import TOO_MANY, TOO_WIDE, available, loaded, machine, sweep

if TYPE_CHECKING:
    from opentaper.pharmacology.strain import Integers, Strain

Tables = Callable[[Sequence[int], Sequence[tuple[int, int]]], "Strain"]
"""From daily doses [units], the present one first, and pairs of places among them, to what a step of each pair does."""

FEW = 600
"""Up to so many cuts the loop is run as it stands, unless the machine code is there already: loading it takes longer."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way down as the search finds it, cut by cut: its place, its period, and how much it is felt [millionths]."""

    cuts: tuple[int, ...]
    periods: tuple[int, ...]
    felt: tuple[int, ...]

    @property
    def ranked(self) -> list[int]:
        """What is felt of each step, the worst first."""
        return sorted(self.felt, reverse=True)


class Ground:
    """A ladder with its limits and its tables, made ready to be searched.

    Cuts and holds are those of `search.fastest`, each hold rounded up to whole periods of the interval.

    Args:
        rules: the limits; their interval is the period.
        start: the present dose [units].
        levels: every dose that may be taken, highest first; the last one is the goal.
        tables: where the tables come from.
        effort: pieces a day of each level; by default nothing costs anything.
        compiled: whether to search in machine code; by default where it is installed and there are many cuts.

    Raises:
        ValueError: the tables follow a step for another span than the interval.
    """

    def __init__(
        self,
        rules: Rules,
        start: int,
        levels: Sequence[int],
        tables: Tables,
        effort: Sequence[int] = (),
        *,
        compiled: bool | None = None,
    ) -> None:
        self.interval, self.stairs = rules.interval, [start, *levels]
        self.edges = _edges(rules, start, levels, forced_only=False)
        edges = [(index, edge) for index, own in enumerate(self.edges) for edge in own]
        self.pairs = [(index, edge.to) for index, edge in edges]
        self.holds = [
            ceil(((edge.need if edge.coarse else 0) if index == 0 else max(edge.need, edge.apart)) / self.interval)
            for index, edge in edges
        ]
        gaps = [edge.apart for _, edge in edges]
        self.gap = ceil(max(gaps, default=0) / self.interval)
        made = tables(self.stairs, self.pairs)
        if made.period != self.interval:
            raise ValueError(f"tables follow a step for {made.period} days, and steps are {self.interval} days apart")
        self.models = len(made.models)
        self._compiled = (loaded() or (available() and len(edges) > FEW)) if compiled is None else compiled
        pieces = [0, *effort] if effort else [0] * len(self.stairs)
        self._toll, self._free = self._ints([each * self.interval for each in pieces]), self._ints([0] * len(pieces))
        self._never = self._ints([0] * len(edges))
        self._kept, self._shift = int(made.kept[-1]), made.shift
        self._laid = {key: self._ints(each) for key, each in self._lay(made, gaps).items()}
        self._width, self._labels = 8, 1 << 13
        self.runs, self._serial = 0, 0
        self._room: dict[str, Any] = {}

    @property
    def stuck(self) -> Stuck | None:
        """Where the way down ends, when it ends above the goal."""
        found = _stuck(self.stairs, self.edges)
        return None if found.dose == self.stairs[-1] else found

    def _ints(self, values: Any) -> Any:
        """This function will return whole numbers as the loop reads them: an array for machine code, else a list."""
        import numpy as np

        laid = np.ascontiguousarray(np.asarray(values, dtype=np.int64).ravel())
        return laid if self._compiled else laid.tolist()

    def _lay(self, made: Strain, gaps: Sequence[int]) -> dict[str, Any]:
        """This function will lay out what the loop reads, and bound what each cut is felt at the least."""
        import numpy as np

        before, after = np.array(self.pairs, dtype=np.int64).reshape(-1, 2).T
        first = np.searchsorted(before, np.arange(len(self.stairs) + 1))
        kept, shift = self._kept, self._shift
        steady, rise = np.ascontiguousarray(made.steady.T), np.ascontiguousarray(made.drawn[:, :, -1].T)
        stay = steady - ((kept * steady) >> shift)
        low, high = steady.copy(), steady.copy()
        for place in range(len(self.stairs) - 1):  # what adaptation can be at each dose: every cut leads down
            own = slice(first[place], first[place + 1])
            into = after[own]
            low[into] = np.minimum(low[into], ((kept * low[place]) >> shift) + rise[own])
            high[into] = np.maximum(high[into], ((kept * high[place]) >> shift) + rise[own])
        eager = ((kept * rise) >> shift) + 1 + stay[after] <= ((kept * stay[before]) >> shift) + rise
        return {
            "first": first,
            "to": after,
            "hold": self.holds,
            "apart": [int(gap > 0) for gap in gaps],
            "eager": eager.all(axis=1),
            "rise": rise,
            "stay": stay,
            "begin": steady[0],
            **_lines(made, low[before].T, high[before].T),
        }

    def run(self, last: int, limit: int, exact: Sequence[int] = (), *, toll: bool = False) -> Way | None:
        """Find a way that reaches the goal as soon as can be, by a period, with no step felt more than a limit.

        Args:
            exact: steps that may be felt more, each exactly as much as one of these, worst first; all are used if no
                way with less exists.
            toll: whether to find, among the ways that are as soon, one with the least effort.
        """
        self.runs += 1
        words, laid = -(-len(exact) // 62), self._laid
        loop: Callable[..., int] = machine() if self._compiled else sweep
        listed, found = self._ints(list(exact)), self._ints([0] * 4)
        while True:
            room = self._rooms(words)
            self._serial += self._labels  # labels of different runs never have the same number
            period = loop(
                last, limit, listed, self.models, laid["first"], laid["to"], laid["hold"], laid["apart"], laid["least"],
                self._never if toll else laid["eager"], laid["line_first"], laid["line_model"], laid["line_slope"],
                laid["line_offset"], laid["rise"], self._kept, self._shift, laid["stay"], laid["begin"],
                self._toll if toll else self._free, self.gap, self._width, words, self._serial, *room, found,
            )  # fmt: skip
            if period == TOO_WIDE:
                self._width *= 2
            elif period == TOO_MANY:
                self._labels *= 2
            else:
                return None if period < 0 else self._trace(int(period), room[-4:], [int(each) for each in found])

    def _rooms(self, words: int) -> list[Any]:
        """This function will return what the loop writes on, made anew when it has grown."""
        doses, cuts, places = len(self.stairs), len(self.pairs), len(self.stairs) * self._width
        sizes = {
            "start": doses, "own": cuts, "made": cuts * self._width, "longest": doses, "togo": doses, "since": doses,
            "level": places * self.models, "spent": places, "shut": places,
            "paid": places, "done": places, "used": places * max(1, words), "name": places, "count": doses, "new": self.models,
            "mask": max(1, words), "parent": self._labels, "via": self._labels, "when": self._labels,
            "felt": self._labels,
        }  # fmt: skip
        for key, size in sizes.items():
            if key not in self._room or len(self._room[key]) < size:
                self._room[key] = self._ints([0] * size)
        return list(self._room.values())

    def _trace(self, period: int, labels: Sequence[Any], found: Sequence[int]) -> Way:
        parent, via, when, felt = labels
        label, steps = found[0], [(found[1], period, found[2])]
        while label > 0:
            steps.append((int(via[label]), int(when[label]), int(felt[label])))
            label = int(parent[label])
        cuts, periods, much = zip(*reversed(steps), strict=True)
        return Way(cuts, periods, much)

    def staircase(self, way: Way) -> Staircase:
        """Return a way as doses and days, counted from the first reduction."""
        before = way.periods[0]
        return Staircase(
            before * self.interval,
            tuple(
                Arrival(self.stairs[self.pairs[cut][1]], (period - before) * self.interval)
                for cut, period in zip(way.cuts, way.periods, strict=True)
            ),
        )


def _lines(made: Strain, low: Integers, high: Integers) -> dict[str, Any]:
    """This function will keep of each cut the days and models that can be the worst, and find the least it is felt.

    What is felt on a day is a line in adaptation, and later days are flatter. Between two levels of adaptation only days
    between the worst ones at either end can be worst; rounding down moves a line by less than one, so a tie is kept.
    """
    import numpy as np

    at_low = ((made.pulled * low[:, :, None]) >> made.shift) + made.offset
    at_high = ((made.pulled * high[:, :, None]) >> made.shift) + made.offset
    most_low, most_high = at_low.max(axis=2, keepdims=True), at_high.max(axis=2, keepdims=True)
    day = np.arange(len(made.pulled))
    last, soonest = at_low.argmax(axis=2)[..., None], at_high.argmax(axis=2)[..., None]
    needed = ((day >= soonest) & (day <= last)) | (at_low == most_low) | (at_high == most_high)
    cut, model, when = np.nonzero(needed.transpose(1, 0, 2))
    return {
        "least": np.maximum(at_low.max(axis=(0, 2)), 0),
        "line_first": np.searchsorted(cut, np.arange(low.shape[1] + 1)),
        "line_model": model,
        "line_slope": made.pulled[when],
        "line_offset": made.offset[model, cut, when],
    }
