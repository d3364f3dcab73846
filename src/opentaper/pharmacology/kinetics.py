"""What happens to the level: linear compartments as sums of exponentials, in closed form.

Whatever is taken by mouth passes the gut into one or two compartments, and may turn into active metabolites one after
the other. Every such chain answers a dose with a sum of exponentials, so the state between doses is a handful of
numbers, one a *mode*, each of which decays at its own rate and grows by every dose. Nothing here steps through time.
"""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentaper.frozen import dataclass

Floats = NDArray[np.float64]

NG_PER_ML = 1000.0
"""ng/mL in one mg/L."""
CLOSEST = 1e-5
"""Rates of one person nearer to each other than this, relatively, are set apart around their mean.

Two equal rates have no sum of exponentials. e^-at of a rate a between two others is, to the square of their gap, a mean
of theirs, so that two rates that coincide cost less than 1e-9 of the peak. More than two are taken as of somebody whose
rates are so far apart, by `SPREAD`, that neither that nor cancellation costs more.
"""
SPREAD = (5e-6, 1e-4, 5e-4)
"""How far three, four, or five and more rates that coincide are spread, relatively; levels err by about as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """One way in through the gut: the rate [1/h] and the part of the dose that takes it, of axes (person,)."""

    rate: Floats
    part: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """Where it goes: one or two compartments, of axes (person,).

    Args:
        clearance: apparent clearance CL/F [L/h].
        central: apparent central volume [L].
        between: clearance between the compartments [L/h]; None for one compartment.
        peripheral: peripheral volume [L]; None for one compartment.
    """

    clearance: Floats
    central: Floats
    between: Floats | None = None
    peripheral: Floats | None = None

    def exponentials(self) -> tuple[list[Floats], list[Floats]]:
        """Return rates [1/h] and coefficients [1/L] of the level after 1 mg straight into the central compartment.

        Equation: alpha, beta = (s ± sqrt(s² - 4 k10 k21)) / 2 with s = k10 + k12 + k21; beta is taken from the product
        of both, which does not cancel.
        """
        k10 = self.clearance / self.central
        if self.between is None or self.peripheral is None:
            return [k10], [1.0 / self.central]
        k12, k21 = self.between / self.central, self.between / self.peripheral
        total = k10 + k12 + k21
        alpha = (total + np.sqrt(total * total - 4.0 * k10 * k21)) / 2.0
        beta = k10 * k21 / alpha
        return [alpha, beta], [
            (alpha - k21) / (alpha - beta) / self.central,
            (k21 - beta) / (alpha - beta) / self.central,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed:
    """A metabolite, formed from an analyte before it in the chain, of axes (person,).

    Args:
        source: which analyte it is formed from, counted from 0, the parent.
        share: mg of it that arise from one mg of its source that is cleared: the part formed times the molar ratio.
        clearance: its own clearance [L/h].
        volume: its own volume [L].
    """

    source: int
    share: Floats
    clearance: Floats
    volume: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Everything that happens to one drug in some people: the way in, where it goes, what it turns into.

    Args:
        absorbed: each way in through the gut.
        disposition: where the parent goes.
        formed: metabolites, each after its source.
        lag_h: how long after it is taken a dose begins to be absorbed [h].
        scale: mg that reach the measured analyte for each mg taken: bioavailability, where the other figures do not
            hold it, and the molar ratio of a prodrug; axes (person,).
    """

    absorbed: tuple[Absorbed, ...]
    disposition: Disposition
    formed: tuple[Formed, ...] = ()
    lag_h: float = 0.0
    scale: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """The closed form of one drug in some people.

    Args:
        rates: how fast each mode decays [1/h], axes (person, mode).
        weights: what each analyte's level has of each mode [ng/mL for 1 mg], axes (person, analyte, mode).
        lag_h: how long after it is taken a dose begins to be absorbed [h].

    Example:
        >>> gut, body = Absorbed(rate=ones(1.5), part=ones(1.0)), Disposition(clearance=ones(4.2), central=ones(180.0))
        >>> one = modes(Chain(absorbed=(gut,), disposition=body, scale=ones(1.0)))
        >>> one.level(2.0, [0.0], [12.0]).round(3).tolist()
        [[[8.53]]]
    """

    rates: Floats
    weights: Floats
    lag_h: float = 0.0

    @property
    def people(self) -> int:
        return self.rates.shape[0]

    @property
    def half_life_h(self) -> Floats:
        """The half-life of the slowest mode [h], axes (person,)."""
        return np.log(2.0) / self.rates.min(axis=1)

    def level(self, dose_mg: ArrayLike, taken_h: ArrayLike, at_h: ArrayLike) -> Floats:
        """Return the level by adding up what every single dose has left: plain superposition, and slow.

        Args:
            dose_mg: doses [mg], one for all or one each, axes (dose,).
            taken_h: when they are taken [h], axes (dose,).
            at_h: when to look [h], axes (time,); what is taken at that moment does not count yet.

        Returns:
            Levels [ng/mL], axes (person, analyte, time).
        """
        since = np.subtract.outer(np.asarray(at_h, float), np.asarray(taken_h, float) + self.lag_h)
        doses = np.where(since > 0.0, np.asarray(dose_mg, float), 0.0)
        left = np.exp(-self.rates[:, :, None, None] * np.maximum(since, 0.0)) * doses
        return np.einsum("pam,pmtd->pat", self.weights, left, optimize=True)

    def after_one(self, dose_mg: float, step_h: float, count: int) -> Floats:
        """Return the level after a single dose, from the moment it is taken on, at equal steps.

        Equation: what is left after i·n + j steps is what is left after i·n times what is left after j, so that few
        exponentials are taken; they are most of the work.

        Args:
            dose_mg: the dose [mg].
            step_h: from one look to the next [h].
            count: how many looks; the first one is when the dose is taken, and does not count it yet.

        Returns:
            Levels [ng/mL], axes (person, analyte, time).
        """
        many = ceil(sqrt(count))
        steps = np.arange(many) * step_h
        long = np.exp(-self.rates[:, :, None] * (many * steps))
        short = np.exp(-self.rates[:, :, None] * (steps - self.lag_h))
        weighted = (dose_mg * self.weights)[..., None] * long[:, None]
        level = np.matmul(weighted.transpose(0, 1, 3, 2), short[:, None])
        level = level.reshape(*level.shape[:2], -1)[:, :, :count]
        level[:, :, np.arange(count) * step_h <= self.lag_h] = 0.0
        return level

    def area(self) -> Floats:
        """Return the area under the level of 1 mg, from nothing to for ever [ng·h/mL], axes (person, analyte)."""
        return np.einsum("pam,pm->pa", self.weights, 1.0 / self.rates)


def ones(value: ArrayLike) -> Floats:
    """Return a value, or one a person, as an array of axis (person,)."""
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def modes(chain: Chain) -> Modes:
    """Find the modes of a drug that is taken by mouth, with its metabolites.

    Equation: an exponential of rate a going into a compartment of rate b gives (e^-at - e^-bt) / (b - a); a chain is
    this over and over.
    """
    absorbed, disposition, formed = chain.absorbed, chain.disposition, chain.formed
    rates, coefficients = disposition.exponentials()
    into, own = [way.rate for way in absorbed], [each.clearance / each.volume for each in formed]
    true, apart, says = _set_apart(np.stack(np.broadcast_arrays(*into, *rates, *own, chain.scale)[:-1], axis=-1))

    def passed(weights: Floats, place: int) -> Floats:
        """Return the modes of what flows, in these modes, into a compartment that empties at one of the rates."""
        gap = true[:, place, None] - apart
        through = np.where(weights == 0.0, 0.0, weights / np.where(gap == 0.0, 1.0, gap))
        return through - through.sum(axis=1, keepdims=True) * says[:, place]

    arriving = np.sum([(way.part * way.rate)[:, None] * says[:, index] for index, way in enumerate(absorbed)], axis=0)
    parent = [each[:, None] * passed(arriving, place) for place, each in enumerate(coefficients, start=len(into))]
    analytes: list[Floats] = [np.sum(parent, axis=0)]
    clearances = [disposition.clearance, *(each.clearance for each in formed)]
    for place, each in enumerate(formed, start=len(into) + len(rates)):
        gain = each.share * clearances[each.source] / each.volume
        analytes.append(gain[:, None] * passed(analytes[each.source], place))
    weights = np.stack(np.broadcast_arrays(*analytes), axis=1) * (NG_PER_ML * chain.scale[:, None, None])
    return Modes(rates=np.ascontiguousarray(apart), weights=np.ascontiguousarray(weights), lag_h=chain.lag_h)


def _set_apart(rates: Floats) -> tuple[Floats, Floats, Floats]:
    """This function will set rates that nearly coincide apart.

    Args:
        rates: axes (person, rate).

    Returns:
        The rates as they are taken, the modes, axes (person, mode), and what each rate's exponential has of each mode,
        axes (person, rate, mode): nothing but its own, for rates that stand alone.
    """
    true, apart = rates.copy(), rates.copy()
    says = np.tile(np.eye(rates.shape[1]), (rates.shape[0], 1, 1))
    ordered = np.sort(rates, axis=1)
    for person in np.flatnonzero((np.diff(ordered) < SPREAD[-1] * ordered[:, 1:]).any(axis=1)).tolist():
        order = np.argsort(rates[person])
        gaps = np.diff(rates[person, order]) / rates[person, order[1:]]
        for group in np.split(order, np.flatnonzero(gaps >= SPREAD[-1]) + 1):
            own, size = rates[person, group], len(group)
            closest = np.diff(own).min(initial=np.inf) / own[-1]
            middle = own.mean()
            if size == 2 and closest < CLOSEST:
                apart[person, group] = low, high = middle * (1.0 - 1.5 * CLOSEST), middle * (1.0 + 1.5 * CLOSEST)
                share = (own - low) / (high - low)
                says[person][np.ix_(group, group)] = np.stack([1.0 - share, share], axis=-1)
            elif size > 2 and closest < (width := SPREAD[min(size, len(SPREAD) + 2) - 3]):
                true[person, group] = apart[person, group] = middle * (1.0 + width * np.linspace(-1.0, 1.0, size))
    return true, apart, says
