"""Levels while clearance changes: enzymes that another medicine induces or inhibits build up and decay.

With a clearance that moves, the compartments have no sum of exponentials. They are still linear, so a short stretch of
time is one matrix exponential, of Magnus's series to the sixth order: no step control, no solver, and errors far below
what anybody measures. It is also a second way to the answer for a clearance that stays, and the tests use it so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import ceil, log, log2, sqrt

import numpy as np

from opentaper.frozen import dataclass
from opentaper.pharmacology.kinetics import NG_PER_ML, Chain, Floats

LONGEST_H = 0.5
"""No stretch is longer than this [h]: enzymes turn over in days, so that they hardly change within it."""
SHORTEST = 0.25
"""The first stretch after a dose is this part of the time constant of the fastest compartment; each one after it doubles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A medicine that changes clearance, from when until when.

    Args:
        ratio: clearance once it has its full effect, over clearance without it.
        from_h, until_h: when it is taken [h]; either may be infinite: it was there long before, or stays.
        half_life_h: of the enzyme that it acts on [h].
    """

    ratio: float
    from_h: float
    until_h: float
    half_life_h: float

    def __post_init__(self) -> None:
        if not (self.ratio > 0.0 and self.half_life_h > 0.0 and self.until_h > self.from_h):
            raise ValueError(
                f"a change of clearance needs a ratio and a half-life above 0 and an end after its start: {self}"
            )

    def of(self, at_h: Floats) -> Floats:
        """Return clearance at some times [h] over clearance without it: it moves as the enzyme turns over.

        Example:
            >>> Change(ratio=2.0, from_h=0.0, until_h=np.inf, half_life_h=72.0).of(np.array([0.0, 72.0])).tolist()
            [1.0, 1.5]
        """
        rate = log(2.0) / self.half_life_h
        on = np.maximum(np.minimum(at_h, self.until_h) - self.from_h, 0.0)
        off = np.maximum(at_h - self.until_h, 0.0)
        return 1.0 + (self.ratio - 1.0) * -np.expm1(-rate * on) * np.exp(-rate * off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartments:
    """One person's compartments of one drug as a matrix; the first ones are the gut, then the parent, then metabolites.

    Args:
        fixed, moving: rates [1/h] that stay, and those that move with clearance, axes (compartment, compartment).
        start: where each mg of a dose goes, axes (compartment,).
        read: the level of each analyte [ng/mL] of each compartment [mg], axes (analyte, compartment).
        lag_h: how long after it is taken a dose begins to be absorbed [h].
    """

    fixed: Floats
    moving: Floats
    start: Floats
    read: Floats
    lag_h: float = 0.0

    @classmethod
    def of(cls, chain: Chain, person: int = 0) -> Compartments:
        """Lay one person's compartments out."""
        absorbed, disposition, formed = chain.absorbed, chain.disposition, chain.formed

        def one(value: Floats) -> float:
            return float(value[person if value.shape[0] > 1 else 0])

        guts, two = len(absorbed), disposition.between is not None
        central = guts
        size = guts + 1 + two + len(formed)
        fixed, moving, start = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
        read = np.zeros((1 + len(formed), size))
        for index, way in enumerate(absorbed):
            fixed[index, index] -= one(way.rate)
            fixed[central, index] += one(way.rate)
            start[index] = one(way.part) * one(chain.scale)
        volume = one(disposition.central)
        moving[central, central] = -one(disposition.clearance) / volume
        read[0, central] = NG_PER_ML / volume
        if disposition.between is not None and disposition.peripheral is not None:
            out, back = one(disposition.between) / volume, one(disposition.between) / one(disposition.peripheral)
            fixed[central, central] -= out
            fixed[central + 1, central] += out
            fixed[central, central + 1] += back
            fixed[central + 1, central + 1] -= back
        place, cleared = {0: central}, {0: one(disposition.clearance) / volume}
        for index, each in enumerate(formed, start=1):
            own = central + two + index
            leaving = one(each.clearance) / one(each.volume)
            (moving if each.source == 0 else fixed)[own, place[each.source]] += one(each.share) * cleared[each.source]
            fixed[own, own] -= leaving
            read[index, own] = NG_PER_ML / one(each.volume)
            place[index], cleared[index] = own, leaving
        return cls(fixed=fixed, moving=moving, start=start, read=read, lag_h=chain.lag_h)


def levels(body: Compartments, change: Sequence[Change], dose_mg: Floats, taken_h: Floats, at_h: Floats) -> Floats:
    """Follow levels while clearance changes.

    Args:
        body: the person.
        change: what changes clearance; several multiply.
        dose_mg, taken_h: the doses [mg] and when they are taken [h], ascending, axes (dose,).
        at_h: when to look [h], ascending; what is taken at that moment does not count yet, axes (time,).

    Returns:
        Levels [ng/mL], axes (analyte, time).
    """
    absorbed_h = np.asarray(taken_h, float) + body.lag_h
    turns = [turn for each in change for turn in (each.from_h, each.until_h) if 0.0 < turn < at_h[-1]]
    edges = np.unique(np.concatenate([[0.0], absorbed_h, at_h, turns]))
    fastest = float(-np.diagonal(body.fixed + body.moving).min())
    fine = np.unique(np.concatenate([edges, *_between(edges, absorbed_h, fastest)]))
    across = _exponentials(body, change, fine)
    dose_at = dict(zip(absorbed_h.tolist(), np.asarray(dose_mg, float).tolist(), strict=True))
    wanted = set(np.asarray(at_h, float).tolist())
    amount, found = np.zeros(len(body.start)), []
    for index, moment in enumerate(fine.tolist()):
        if moment in wanted:
            found.append(body.read @ amount)
        if moment in dose_at:
            amount = amount + dose_at[moment] * body.start
        if index < len(across):
            amount = across[index] @ amount
    return np.array(found).T


def _between(edges: Floats, absorbed_h: Floats, fastest: float) -> Iterator[Floats]:
    """This function will yield moments that part what lies between edges: short steps after a dose, then longer ones."""
    begun = set(absorbed_h.tolist())
    for start, end in itertools.pairwise(edges.tolist()):
        step, now = (min(LONGEST_H, SHORTEST / fastest) if start in begun else LONGEST_H), start
        moments = []
        while now + step < end:
            now += step
            moments.append(now)
            step = min(2.0 * step, LONGEST_H)
        yield np.array(moments)


def _exponentials(body: Compartments, change: Sequence[Change], edges: Floats) -> Floats:
    """This function will return what each stretch does to the compartments, axes (stretch, compartment, compartment).

    Equation: Magnus's series to the sixth order from the three nodes of Gauss and Legendre (Blanes, Casas and Ros):
    with a = h·A2, b = √15/3·h·(A3 - A1), c = 10/3·h·(A3 - 2·A2 + A1), d = [a, b] and e = -[a, 2c + d]/60 it is
    a + c/12 + [-20a - c + d, b + e]/240.
    """
    step, middle = np.diff(edges), (edges[1:] + edges[:-1]) / 2.0
    if not len(step):
        return np.empty((0, *body.fixed.shape))
    at = [middle + sign * step * sqrt(15.0) / 10.0 for sign in (-1.0, 0.0, 1.0)]
    ratios = [np.prod([each.of(node) for each in change], axis=0) if change else np.ones_like(node) for node in at]
    first, second, third = (body.fixed + ratio[:, None, None] * body.moving for ratio in ratios)
    h = step[:, None, None]
    a = h * second
    b, c = sqrt(15.0) / 3.0 * h * (third - first), 10.0 / 3.0 * h * (third - 2.0 * second + first)
    d = _bracket(a, b)
    e = _bracket(a, 2.0 * c + d) / -60.0
    return expm(a + c / 12.0 + _bracket(-20.0 * a - c + d, b + e) / 240.0)


def _bracket(left: Floats, right: Floats) -> Floats:
    return left @ right - right @ left


def expm(matrices: Floats) -> Floats:
    """Return the exponential of each matrix, by halving until below 1/4, a Taylor series of 11 terms, and squaring.

    Args:
        matrices: axes (…, compartment, compartment).
    """
    norm = float(np.abs(matrices).sum(axis=-1).max(initial=0.0))
    halvings = max(0, ceil(log2(norm)) + 2) if norm > 0.0 else 0
    small = matrices / 2.0**halvings
    term = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    total = term.copy()
    for order in range(1, 12):
        term = term @ small / order
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total
