"""From doses and people to drive, adaptation and levels: the kernel's door, the same on one core and on many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from opentaper.frozen import dataclass
from opentaper.pharmacology import compiled, kernel
from opentaper.pharmacology.kinetics import Floats, Modes
from opentaper.pharmacology.people import People
from opentaper.pharmacology.quadrature import places
from opentaper.pharmacology.timeline import Timeline, Whole, lay_out

COMPILE_FROM = 10_000
"""Intervals of all people together, and kinds of them ten times over, from which machine code is sooner done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is taken of one drug.

    Args:
        time_h: when [h], ascending, none before 0, axes (dose,).
        dose_mg: how much [mg], the same for all, axes (dose,), or for each, axes (person, dose).
    """

    time_h: Floats
    dose_mg: Floats

    def __post_init__(self) -> None:
        if self.dose_mg.shape[-1:] != self.time_h.shape or self.dose_mg.ndim not in (1, 2):
            raise ValueError(f"doses of axes {self.dose_mg.shape} do not fit {self.time_h.shape} times")
        if not np.isfinite(self.dose_mg).all() or (self.dose_mg < 0.0).any():
            raise ValueError("a dose [mg] is finite and never negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What the kernel found.

    Args:
        effect: of the people's own curve, axes (person, time).
        withdrawal: what adaptation has over effect, as far as dependence has grown, axes (person, time).
        drive: what is felt of the drugs before the effect's curve, axes (person, time).
        adapted: the fast, the main and the slow adaptation, axes (person, 3, time).
    """

    effect: Floats
    withdrawal: Floats
    drive: Floats
    adapted: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where people stand before the first dose.

    Args:
        amount: by drug, how much of each mode there is [mg], axes (person, mode).
        adapted: the fast, the main and the slow adaptation, axes (person, 3).
    """

    amount: Mapping[str, Floats]
    adapted: Floats


LONG_USE_DAYS = 1e6
"""Days of use that bring full dependence, whatever its half."""


def follow(
    people: People,
    taken: Mapping[str, Taken],
    look_h: Floats,
    *,
    standing: Standing | None = None,
    used_days: Floats | None = None,
    cores: int = 1,
) -> Followed:
    """Follow drive, effect, adaptation and withdrawal of people who begin without any drug, or from where they stand.

    Args:
        people: who.
        taken: what they take, by drug.
        look_h: when to look [h], ascending; what is taken at that moment does not count yet.
        standing: where they stand.
        used_days: days of use at each look [d]; full dependence where nobody says.
        cores: how many threads share the people; the answer is the same.

    Raises:
        KeyError: a drug is taken of which `people` hold nothing.
        ValueError: a look at 0, which sees nothing but where they stand.
    """
    if len(look_h) and look_h[0] <= 0.0:
        raise ValueError("a look at 0 sees only where people stand; look later")
    count, line = len(people), _line(people, taken, look_h, part=True)
    rates, drive, drug = _packed([_driving(people, name) for name in taken], 4)
    begun, adapted = np.zeros_like(rates), np.zeros((count, 3))
    if standing:
        begun, adapted = _packed([_amounts(standing.amount[name]) for name in taken], 4)[0], standing.adapted
    used = np.diff(used_days, prepend=0.0) if used_days is not None else np.zeros(line.outputs)
    if used_days is None and line.outputs:
        used[0] = LONG_USE_DAYS
    effect, withdrawal, felt = (np.empty((count, line.outputs)) for _ in range(3))
    found = Followed(effect=effect, withdrawal=withdrawal, drive=felt, adapted=np.empty((count, 3, line.outputs)))
    gain, bend = np.full(count, people.curve.gain), np.full(count, people.curve.bend)
    run = compiled.course() if _many(count, line) else kernel.course
    doses, given = _doses(taken, line)

    def work(rows: slice) -> None:
        run(
            *(rates[rows], drive[rows], drug, _of(doses, rows), given, gain[rows], bend[rows], people.tau_h[rows]),
            *(people.share[rows], people.half_days[rows], used, begun[rows], adapted[rows], *places()),
            *(line.length_h, line.kind, line.seen, effect[rows], withdrawal[rows], felt[rows], found.adapted[rows]),
        )

    _side_by_side(work, count, cores)
    return found


def levels(
    people: People,
    taken: Mapping[str, Taken],
    look_h: Floats,
    drug: str,
    analyte: int = 0,
    *,
    standing: Standing | None = None,
    cores: int = 1,
) -> Floats:
    """Follow the level of one analyte of one drug.

    Args:
        people: who.
        taken: what they take, by drug; other drugs are left out.
        look_h: when to look [h], ascending; what is taken at that moment does not count yet.
        drug: whose level.
        analyte: 0 for the drug itself or what a prodrug turns into, then its metabolites.
        standing: where they stand.
        cores: how many threads share the people; the answer is the same.

    Returns:
        Levels [ng/mL], axes (person, time).
    """
    one = {drug: taken[drug]}
    line = _line(people, one, look_h, part=False)
    found = people.modes[drug]
    rates, weights, pairs = _packed([Modes(rates=found.rates, weights=found.weights[:, analyte : analyte + 1])], 2)
    begun = _packed([_amounts(standing.amount[drug])], 2)[0] if standing else np.zeros_like(rates)
    out = np.empty((len(people), line.outputs))
    doses, given = _doses(one, line)
    run = compiled.levels() if _many(len(people), line) else kernel.levels

    def work(rows: slice) -> None:
        run(
            *(rates[rows], weights[rows], pairs, _of(doses, rows), given, begun[rows]),
            *(line.length_h, line.offset_h, line.looks, line.kind, line.first, out[rows]),
        )

    _side_by_side(work, len(people), cores)
    return out


def _of(doses: Floats, rows: slice) -> Floats:
    return doses[rows] if doses.shape[0] > 1 else doses


PARTS = 8
"""Parts of the people for each thread, taken as it gets to them: a thread that wakes late takes fewer."""


def _side_by_side(work: Callable[[slice], None], count: int, cores: int) -> None:
    """This function will share people out among threads, in parts of whole pairs.

    This thread only waits. Working too, it was given the core that a new one was on, for a third of the time of small work.
    """
    if cores == 1:
        work(slice(0, count))
        return
    size = -(-count // (2 * PARTS * cores)) * 2
    parts, taking = iter([slice(begun, begun + size) for begun in range(0, count, size)]), Lock()

    def take_parts() -> None:
        while True:
            with taking:
                part = next(parts, None)
            if part is None:
                return
            work(part)

    with ThreadPoolExecutor(cores) as pool:
        for thread in [pool.submit(take_parts) for _ in range(cores)]:
            thread.result()


def _many(count: int, line: Timeline) -> bool:
    return count * (len(line.kind) + 10 * len(line.length_h)) > COMPILE_FROM and compiled.available()


def _line(people: People, taken: Mapping[str, Taken], look_h: Floats, *, part: bool) -> Timeline:
    return lay_out([each.time_h + people.modes[name].lag_h for name, each in taken.items()], look_h, part=part)


def _driving(people: People, drug: str) -> Modes:
    """This function will return a drug's modes with the drive in the place of the levels."""
    found = people.modes[drug]
    drive = np.einsum("pam,pa->pm", found.weights, 1.0 / people.potency[drug])
    return Modes(rates=found.rates, weights=drive[:, None, :])


def _amounts(amount: Floats) -> Modes:
    """This function will return amounts of modes as if they were modes, to be packed like them."""
    return Modes(rates=amount, weights=amount[:, None])


def _packed(drugs: Sequence[Modes], size: int) -> tuple[Floats, Floats, Whole]:
    """This function will pack the modes of each drug into packs of one size, the last one filled up with nothing."""
    counts = [-(-each.rates.shape[1] // size) for each in drugs]
    people, begun = drugs[0].rates.shape[0], 0
    rates, weights = (np.zeros((people, sum(counts) * size)) for _ in range(2))
    for each, count in zip(drugs, counts, strict=True):
        rates[:, begun : begun + each.rates.shape[1]] = each.rates
        weights[:, begun : begun + each.rates.shape[1]] = each.weights[:, 0]
        begun += count * size
    shape = (people, sum(counts), size)
    return rates.reshape(shape), weights.reshape(shape), np.repeat(np.arange(len(drugs)), counts).astype(np.uint32)


def _doses(taken: Mapping[str, Taken], line: Timeline) -> tuple[Floats, Whole]:
    """This function will put the doses of all drugs side by side, and say which are given when; see `kernel`.

    Returns:
        Doses of axes (person or 1, dose), not copied for a single drug; and places of axes (drug, interval + 1).
    """
    each = [np.atleast_2d(one.dose_mg) for one in taken.values()]
    people = max(one.shape[0] for one in each)
    beside = each[0] if len(each) == 1 else np.hstack([np.broadcast_to(one, (people, one.shape[1])) for one in each])
    begun = np.cumsum([0, *(one.shape[1] for one in each)])
    given = np.where(line.dose >= 0, line.dose + begun[:-1, None], begun[-1])
    return np.ascontiguousarray(beside), given.astype(np.uint32)
