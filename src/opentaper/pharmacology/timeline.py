"""When doses are taken and when somebody looks, laid out as intervals of a few kinds.

What an interval does to a person depends on its length alone, and most regimens have few lengths: so the exponentials
are worked out once a person and length, and not once a dose. Irregular days only add lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentaper.frozen import dataclass
from opentaper.pharmacology.kinetics import Floats

Whole = NDArray[np.uint32]
"""Places in an array, counted from 0; unsigned, so that machine code need not ask whether they count from the end.

They have 32 bits: with 64 they would push the doses and levels of two people out of the nearest cache.
"""

RESOLUTION = 9
"""Decimal places of an hour to which times are rounded: about 4 microseconds, so that equal lengths are equal."""
LONGEST_H = 24.0
"""No interval is longer than this [h], so that the quadrature within one stays accurate; a longer one is parted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Intervals one after the other; a dose may begin to be absorbed at the start of each, and the first starts at 0.

    Args:
        length_h: the length of each kind of interval [h], axes (kind,).
        kind: which kind each interval is, axes (interval,).
        dose: which dose of each drug is absorbed from its start, -1 for none, axes (drug, interval + 1).
        seen: how often somebody looks in each interval, axes (interval,).
        offset_h: when in an interval of a kind somebody looks, counted from its start [h], axes (kind, look).
        looks: how often somebody looks in an interval of each kind, axes (kind,).
        first: the place of an interval's first look among all outputs, axes (interval,).
        outputs: how many looks there are.
    """

    length_h: Floats
    kind: Whole
    dose: NDArray[np.int64]
    offset_h: Floats
    looks: Whole
    first: Whole
    seen: Whole
    outputs: int


def lay_out(taken_h: Sequence[ArrayLike], look_h: ArrayLike, *, part: bool = False) -> Timeline:
    """Lay doses and looks out as intervals.

    A look at the moment of a dose comes before it: it sees the trough.

    Args:
        taken_h: for each drug when its doses begin to be absorbed [h], ascending, none before 0, axes (dose,).
        look_h: when somebody looks [h], ascending, none before 0, axes (time,).
        part: whether every look ends an interval, and none is longer than `LONGEST_H`: what a quadrature needs.

    Raises:
        ValueError: times that are negative, not ascending, or not finite.

    Example:
        >>> line = lay_out([[0, 12, 24, 36]], [24, 48])
        >>> line.length_h.tolist(), line.kind.tolist(), line.first.tolist()
        ([12.0, 12.0], [0, 1, 0, 1], [0, 0, 1, 1])
    """
    doses = [_times(each, "doses") for each in taken_h]
    return _laid_out(tuple(each.tobytes() for each in doses), _times(look_h, "looks").tobytes(), part)


@lru_cache(maxsize=16)
def _laid_out(taken: tuple[bytes, ...], looked: bytes, part: bool) -> Timeline:
    """This function will lay out once what every block of a cohort asks for."""
    doses, looks = [np.frombuffer(each) for each in taken], np.frombuffer(looked)
    edges = [np.zeros(1), *doses]
    if part:
        edges.append(looks)
    starts = np.unique(np.concatenate(edges))
    last = max(float(starts[-1]), float(looks[-1]) if looks.size else 0.0)
    if part:
        starts = np.unique(np.round(np.concatenate([starts, *_parted(starts, last)]), RESOLUTION))
    # An interval owns the looks after its start and up to its end, its end included; a look at 0 sees nothing yet.
    ends = np.append(starts[1:], max(last, float(starts[-1])))
    if (
        part
        and ends[-1] == starts[-1]
        and len(starts) > 1
        and not any(each.size and each[-1] == starts[-1] for each in doses)
    ):
        starts, ends = starts[:-1], ends[:-1]
    owner = np.maximum(np.searchsorted(starts, looks, side="left") - 1, 0)
    count = np.bincount(owner, minlength=len(starts))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    lengths = np.round(ends - starts, RESOLUTION)
    widest = 0 if part else int(count.max(initial=0))
    patterns = np.full((len(starts), 1 + widest), -1.0)  # -1 where nobody looks any more
    patterns[:, 0] = lengths
    if not part:
        place = np.arange(len(looks)) - first[owner]
        patterns[owner, 1 + place] = np.round(looks - starts[owner], RESOLUTION)
    kinds, kind = np.unique(patterns, axis=0, return_inverse=True)
    which = np.full((len(doses), len(starts) + 1), -1, dtype=np.int64)
    for drug, times in enumerate(doses):
        which[drug, np.searchsorted(starts, times)] = np.arange(len(times))
    return Timeline(
        length_h=np.ascontiguousarray(kinds[:, 0]),
        kind=kind.ravel().astype(np.uint32),
        dose=which,
        offset_h=np.ascontiguousarray(kinds[:, 1:]) if widest else np.zeros((len(kinds), 1)),
        looks=(kinds[:, 1:] >= 0.0).sum(axis=1).astype(np.uint32),
        first=first.astype(np.uint32),
        seen=count.astype(np.uint32),
        outputs=len(looks),
    )


def _times(given: ArrayLike, what: str) -> Floats:
    times: Floats = np.asarray(given, dtype=np.float64)
    times = times.round(RESOLUTION)
    if times.ndim != 1 or not np.isfinite(times).all() or (times < 0.0).any() or (np.diff(times) <= 0.0).any():
        raise ValueError(f"the times of {what} [h] must be finite, ascending and not before 0")
    return times


def _parted(starts: Floats, last: float) -> list[Floats]:
    """This function will return the edges that part every interval longer than the longest."""
    ends = np.append(starts[1:], last)
    return [
        np.arange(start + LONGEST_H, end, LONGEST_H)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if end - start > LONGEST_H
    ]
