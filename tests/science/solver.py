"""The dull way to everything the pharmacology room says: amounts in compartments, solved as differential equations.

Written from the equations of the evidence review alone, and it knows no exponentials: each drug is amounts [mg] in a gut
or two, a centre, perhaps a periphery, and metabolites; an enzyme is a number that turns over; an adaptation is a number
that follows the effect. `derivative` says how fast each changes. Two strangers then solve it: a Runge and Kutta of the
eighth order with its step control, and, where nothing but amounts moves, the exponential of the matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm

Floats = NDArray[np.float64]
RELATIVE, ABSOLUTE = 1e-12, 1e-16
"""Tolerances of the step control; below them the solver itself says that it cannot go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a drug turns into: mg of it for each mg of its source that is cleared, its clearance [L/h] and volume [L]."""

    source: int
    share: float
    clearance: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """One drug in one person, in the numbers of the evidence review [1/h, L/h, L, h].

    Args:
        ways: rate and part of each way in.
        between, peripheral: None for one compartment.
        products: metabolites, each after its source; source 0 is the drug itself.
    """

    ways: tuple[tuple[float, float], ...]
    clearance: float
    central: float
    between: float | None = None
    peripheral: float | None = None
    products: tuple[Product, ...] = ()
    lag_h: float = 0.0
    scale: float = 1.0

    @property
    def size(self) -> int:
        """Guts, centre, periphery, metabolites, and what of the drug itself is gone."""
        return len(self.ways) + 1 + (self.between is not None) + len(self.products) + 1

    @property
    def volumes(self) -> list[float]:
        return [self.central, *(each.volume for each in self.products)]

    @property
    def places(self) -> list[int]:
        """Where in the state each analyte is."""
        first = len(self.ways) + 1 + (self.between is not None)
        return [len(self.ways), *range(first, first + len(self.products))]

    def derivative(self, amount: Sequence[float], sped: float = 1.0) -> list[float]:
        """Return how fast each amount changes [mg/h], while clearance of the drug itself is so many times as fast."""
        guts = len(self.ways)
        flow = [0.0] * self.size
        centre = amount[guts]
        for index, (rate, _) in enumerate(self.ways):
            flow[index] -= rate * amount[index]
            flow[guts] += rate * amount[index]
        cleared = [self.clearance * sped * centre / self.central]
        flow[guts] -= cleared[0]
        flow[-1] += cleared[0]
        if self.between is not None and self.peripheral is not None:
            out = self.between * (centre / self.central - amount[guts + 1] / self.peripheral)
            flow[guts] -= out
            flow[guts + 1] += out
        for place, each in zip(self.places[1:], self.products, strict=True):
            leaves = each.clearance * amount[place] / each.volume
            flow[place] += each.share * cleared[each.source] - leaves
            cleared.append(leaves)
        return flow

    def dosed(self, dose_mg: float) -> Floats:
        """Return what a dose adds to each amount."""
        more = np.zeros(self.size)
        more[: len(self.ways)] = [dose_mg * self.scale * part for _, part in self.ways]
        return more

    def levels(self, amount: Floats) -> Floats:
        """Return levels [ng/mL], axes (analyte, time), of amounts of axes (compartment, time)."""
        found: Floats = 1000.0 * amount[self.places] / np.array(self.volumes)[:, None]
        return found

    def matrix(self) -> Floats:
        """Return the equations as a matrix: what each single milligram does."""
        return np.array([self.derivative(each) for each in np.eye(self.size).tolist()]).T


@dataclass(frozen=True, slots=True, kw_only=True)
class Enzyme:
    """What another medicine does to clearance: the ratio it tends to while it is taken, and how fast it turns over."""

    ratio: float
    from_h: float
    until_h: float
    half_life_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mind:
    """How an effect follows the drive, and how adaptation follows the effect.

    Args:
        half_filling: EC50 [ng/mL] of each analyte of each drug.
        effect: of the drive.
        tau_h: time constants [h].
    """

    half_filling: tuple[tuple[float, ...], ...]
    effect: Callable[[float], float]
    tau_h: tuple[float, ...]


def amounts(drug: Drug, dose_mg: Sequence[float], taken_h: Sequence[float], look_h: Sequence[float]) -> Floats:
    """Return amounts [mg] by the exponential of the matrix, axes (compartment, time); a look comes before a dose."""
    matrix, now, at, found = drug.matrix(), np.zeros(drug.size), 0.0, {}
    # scipy 1.17 treats triangular matrices apart and is then off by 10 % where two rates are equal; so the centre comes
    # before the last gut, and the matrix is not triangular.
    order = list(range(drug.size))
    guts = len(drug.ways)
    order[guts - 1], order[guts] = guts, guts - 1
    shuffled = matrix[np.ix_(order, order)]
    across: dict[float, Floats] = {}
    for time, rank, what in _events(drug, dose_mg, taken_h, look_h):
        if time > at:
            length = round(time - at, 9)
            if length not in across:
                across[length] = expm(shuffled * length)
            now, at = (across[length] @ now[order])[order], time
        if rank:
            now = now + drug.dosed(what)
        else:
            found[int(what)] = now
    return np.array([found[index] for index in range(len(look_h))]).T


def _events(
    drug: Drug, dose_mg: Sequence[float], taken_h: Sequence[float], look_h: Sequence[float]
) -> list[tuple[float, int, float]]:
    looks = [(time, 0, float(index)) for index, time in enumerate(look_h)]
    return sorted([*looks, *((time + drug.lag_h, 1, dose) for time, dose in zip(taken_h, dose_mg, strict=True))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What the solver found, axes (…, time): amounts of each drug [mg], and adaptations."""

    amount: list[Floats]
    adapted: Floats


def solve(
    drugs: Sequence[Drug],
    taken: Sequence[tuple[Sequence[float], Sequence[float]]],
    look_h: Sequence[float],
    *,
    enzymes: Sequence[Sequence[Enzyme]] | None = None,
    mind: Mind | None = None,
    start: Floats | None = None,
    method: str = "DOP853",
) -> Solved:
    """Solve everything at once, from one event to the next.

    Args:
        drugs: each drug.
        taken: doses [mg] and times [h] of each.
        look_h: ascending; a look comes before a dose at the same time.
        enzymes: by drug, what changes its clearance; they multiply.
        mind: None to solve for amounts only.
        start: state at 0; nothing of anything where not given.
    """
    induced = enzymes or [[] for _ in drugs]
    begins = np.concatenate([[0], np.cumsum([drug.size for drug in drugs])]).astype(int).tolist()
    turning = begins[-1]
    own = np.concatenate([[0], np.cumsum([len(each) for each in induced])]).astype(int).tolist()
    minding = turning + own[-1]
    size = minding + (len(mind.tau_h) if mind else 0)
    weights = _weights(drugs, mind, begins, size) if mind else np.zeros(size)

    def derivative(time: float, state: Floats) -> list[float]:
        flat: list[float] = state.tolist()
        flow: list[float] = []
        turned: list[float] = []
        for index, drug in enumerate(drugs):
            sped = 1.0
            for place, enzyme in enumerate(induced[index], start=turning + own[index]):
                sped *= flat[place]
                aim = enzyme.ratio if enzyme.from_h <= time < enzyme.until_h else 1.0
                turned.append(log(2.0) / enzyme.half_life_h * (aim - flat[place]))
            flow += drug.derivative(flat[begins[index] : begins[index + 1]], sped)
        flow += turned
        if mind:
            effect = mind.effect(float(weights @ state))
            flow += [(effect - flat[minding + index]) / tau for index, tau in enumerate(mind.tau_h)]
        return flow

    state = np.zeros(size) if start is None else np.array(start, dtype=np.float64)
    if start is None:
        state[turning:minding] = 1.0
    events = sorted(
        [
            *((time, 0, index, 0.0) for index, time in enumerate(look_h)),
            *(
                (time + drug.lag_h, 2, index, dose)
                for index, (drug, (doses, times)) in enumerate(zip(drugs, taken, strict=True))
                for time, dose in zip(times, doses, strict=True)
            ),
            *(
                (edge, 1, 0, 0.0)
                for each in induced
                for enzyme in each
                for edge in (enzyme.from_h, enzyme.until_h)
                if 0.0 < edge < np.inf
            ),
        ]
    )
    found: dict[int, Floats] = {}
    at = 0.0
    for time, rank, index, dose in events:
        if time > at:
            state = _across(derivative, at, time, state, method)
            at = time
        if rank == 0:
            found[index] = state
        if rank == 2:
            state = state.copy()
            state[begins[index] : begins[index + 1]] += drugs[index].dosed(dose)
    seen = np.array([found[index] for index in range(len(look_h))]).T
    return Solved(
        amount=[seen[begins[index] : begins[index + 1]] for index in range(len(drugs))], adapted=seen[minding:]
    )


def _weights(drugs: Sequence[Drug], mind: Mind, begins: Sequence[int], size: int) -> Floats:
    """This function will return what each amount adds to the drive [1/mg]."""
    weights = np.zeros(size)
    for drug, halves, begin in zip(drugs, mind.half_filling, begins, strict=False):
        for place, volume, half in zip(drug.places, drug.volumes, halves, strict=True):
            weights[begin + place] = 1000.0 / volume / half
    return weights


def _across(derivative: Callable[..., Any], begin: float, end: float, state: Floats, method: str) -> Floats:
    # A stretch is solved as if it began at its middle inside, so that an enzyme's switch never falls on its edge.
    inside = 1e-12 * (end - begin)
    solved = solve_ivp(
        lambda time, now: derivative(min(max(time, begin + inside), end - inside), now),
        (begin, end), state, method=method, rtol=RELATIVE, atol=ABSOLUTE,
    )  # fmt: skip
    assert solved.success, solved.message
    found: Floats = solved.y[:, -1]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Minded:
    """What a mind makes of levels, at each look.

    Args:
        drive: axes (time,).
        adapted: axes (process, time).
        area: the effect added up from 0 [h], axes (time,).
    """

    drive: Floats
    adapted: Floats
    area: Floats


POINTS = 16
LONGEST_H = 0.5
"""No panel of the fine rule is longer than this [h], and after each event they begin far shorter."""


def finely(
    drugs: Sequence[Drug], taken: Sequence[tuple[Sequence[float], Sequence[float]]], look_h: Sequence[float], mind: Mind
) -> Minded:
    """Follow drive and adaptation by brute force: hundreds of points an interval, and amounts by eigenvalues.

    For histories too long for the step-controlled solver, which it must agree with.
    """
    events = sorted({0.0, *look_h, *(time + drug.lag_h for drug, (_, times) in zip(drugs, taken, strict=True) for time in times)})  # fmt: skip
    node, mass = np.polynomial.legendre.leggauss(POINTS)
    split = [np.linalg.eig(drug.matrix()) for drug in drugs]
    weights = [_weights([drug], replace(mind, half_filling=(halves,)), [0], drug.size) for drug, halves in zip(drugs, mind.half_filling, strict=True)]  # fmt: skip
    given = [_given(drug, *each) for drug, each in zip(drugs, taken, strict=True)]
    amount = [np.zeros(drug.size) for drug in drugs]
    tau = np.array(mind.tau_h)
    now, area = np.zeros(len(tau)), 0.0
    seen: dict[float, tuple[float, Floats, float]] = {}
    for begin, end in pairwise([*events, events[-1]]):
        if begin in look_h:
            seen[begin] = (sum(float(w @ a) for w, a in zip(weights, amount, strict=True)), now, area)
        for index, doses in enumerate(given):
            amount[index] = amount[index] + doses.get(begin, 0.0)
        length = end - begin
        if length <= 0.0:
            break
        edges = _panels(length)
        half = np.diff(edges) / 2.0
        place = (edges[:-1] + half)[:, None] + half[:, None] * node
        weight = (half[:, None] * mass).ravel()
        drive = np.zeros(place.size)
        for index, (rates, sides) in enumerate(split):
            parts = np.linalg.solve(sides, amount[index].astype(complex))
            heights = (weights[index] @ sides) * parts
            drive += (heights @ np.exp(np.outer(rates, place.ravel()))).real
            amount[index] = (sides @ (np.exp(rates * length) * parts)).real
        effect = np.array([mind.effect(each) for each in drive.tolist()])
        area += float(effect @ weight)
        pulled = np.exp(-(length - place.ravel()) / tau[:, None]) / tau[:, None] * weight
        now = now * np.exp(-length / tau) + pulled @ effect
    found = [seen[time] for time in look_h]
    return Minded(
        drive=np.array([each[0] for each in found]),
        adapted=np.array([each[1] for each in found]).T,
        area=np.array([each[2] for each in found]),
    )


def _given(drug: Drug, dose_mg: Sequence[float], taken_h: Sequence[float]) -> dict[float, Floats]:
    return {time + drug.lag_h: drug.dosed(dose) for dose, time in zip(dose_mg, taken_h, strict=True)}


def _panels(length: float) -> Floats:
    """This function will return edges that double from a moment after the event, and never lie far apart."""
    edges, step = [0.0], min(LONGEST_H, length) * 1e-4
    while edges[-1] + step < length:
        edges.append(edges[-1] + step)
        step = min(LONGEST_H, 2.0 * step)
    return np.array([*edges, length])
