"""How the benchmarks speak: one JSON object a line, times taken in turn, and what missed its bar."""

from __future__ import annotations

import json
import operator
import os
import statistics
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]

PAUSE_S = 0.02

BARS = {">=": operator.ge, "<=": operator.le, "<": operator.lt}
missed: list[str] = []
"""The names of the lines that missed their bar."""


def show(name: str, value: float | None, unit: str, ratio_to: str, ratio: float | None, *, bar: str = "") -> None:
    """Print a line.

    Args:
        bar: what is asked of the line, as "ratio >= 0.7" or "9 <= ratio <= 11"; none when empty.
    """
    line: dict[str, object] = {"name": name, "value": _short(value), "unit": unit}
    line |= {"ratio_to": ratio_to, "ratio": _short(ratio)}
    if bar:
        line |= {"bar": bar, "met": _met(bar, value, ratio)}
        if not line["met"]:
            missed.append(name)
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _met(bar: str, value: float | None, ratio: float | None) -> bool:
    """This function will hold "ratio >= 0.7" or "9 <= ratio <= 11" against what was found; what is missing misses it."""
    words: list[float | str | None] = [{"value": value, "ratio": ratio}.get(word, word) for word in bar.split()]
    if None in words:
        return False
    figures = [float(word) for word in words[::2] if word is not None]
    return all(
        BARS[str(sign)](left, right) for left, sign, right in zip(figures, words[1::2], figures[1:], strict=False)
    )


def _short(figure: float | None) -> float | None:
    return None if figure is None else float(f"{figure:.4g}")


def in_turn(
    contestants: Mapping[str, Work],
    rounds: int = 7,
    *,
    lasting: float = 0.0,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Time contestants one after the other, round by round [s], after one round that does not count.

    Others use the machine too. What slows a round slows all who run in it, so ratios within a round stay true. Before each
    turn there is a pause: the threads of whoever ran before (OpenMP's) go on spinning for a while, on the other core.

    Args:
        rounds: how many there are at least.
        lasting: how long to go on [s], so that what is short is tried often.
        clock: what tells the time; on one core `time.process_time` leaves out the time that others had the core.
    """
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for work in contestants.values():
        work()
    start = time.perf_counter()
    while min(map(len, taken.values())) < rounds or time.perf_counter() < start + lasting:
        for name, work in contestants.items():
            time.sleep(PAUSE_S)
            began = clock()
            work()
            taken[name].append(clock() - began)
    return taken


def as_users_have_it() -> dict[str, str]:
    """Return the environment for a process, in which Python keeps what it compiled, as it does unless told not to."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def faster(ours: list[float], theirs: list[float]) -> float:
    """Return by how much ours is faster: the median of the ratios within rounds."""
    return statistics.median(their / our for our, their in zip(ours, theirs, strict=True))
