"""What a step down costs, as tables of whole numbers for the planner: made here once from floats, then exact.

A planner that searches thousands of staircases needs what each step adds to withdrawal, and needs every machine to agree
on the last digit. So time is taken in whole days, each step starts from the steady level of the dose before it, and what
depends on the past is one number a model: how far the body is still adapted. Everything is a share of the effect of the
present dose, in millionths.

Between steps the level is followed in closed form: after a step from u_a to u_b the drive is u_b + (u_a - u_b) r(t). The
main process keeps the share k(d) = exp(-d/tau) of its adaptation A over d days, so that

    A after d days   = k(d)·A + drawn(d)              drawn(d)  = ∫₀ᵈ E(s) exp(-(d-s)/tau)/tau ds
    withdrawal then  = s·k(d)·A + offset(d)           offset(d) = s·(drawn(d) - E(d)) + s_fast·(F(d) - E(d))

where F, the fast process, is fully adapted at each step. Both are straight lines in A that never fall, and rounding
down keeps them so: whoever is less adapted never has more withdrawal, exactly.

What it leaves out: what is left of the level of the dose before when the next step begins (with a half-life of 40 hours
0.3 % of the step after two weeks), the swings within a day, and adaptation slower than the main process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opentaper.frozen import dataclass
from opentaper.knowledge import Estimate, Knowledge
from opentaper.patient import Case, Regimen, Step
from opentaper.pharmacology.course import Course, WhatIf, body_of
from opentaper.pharmacology.effect import Curve
from opentaper.pharmacology.kinetics import Floats, Modes
from opentaper.pharmacology.people import HOURS, Assumptions, People, curve_of, typical
from opentaper.pharmacology.simulate import chosen_models, effect_model

Integers = NDArray[np.int64]

SCALE = 10**6
"""The effect of the present dose at its steady level."""
SHIFT = 30
"""Shares are whole numbers of 2^-30."""
MOST_PERIODS = 4
"""So many periods after a step withdrawal falls, or the tables are refused."""
PANELS_H = (1.0, 3.0, 8.0)
"""The first day is parted here [h], where absorption is fast; the other days are whole."""
NODES = 8
DEGREE = 40
"""Of the polynomials; enough for a step from the whole effect of 20 times the half-filling level to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """How a level leaves after a step: r(t) = Σ share·exp(-rate·t), with shares that add up to 1.

    Args:
        shares: of axes (mode,); some may be below 0, such as that of absorption.
        rates_per_h: [1/h], axes (mode,).

    Example:
        >>> Fade(shares=(1.0,), rates_per_h=(0.1,)).left([0.0, 10.0]).round(3).tolist()
        [1.0, 0.368]
    """

    shares: tuple[float, ...]
    rates_per_h: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.rates_per_h) or abs(sum(self.shares) - 1.0) > 1e-9:
            raise ValueError(f"the shares of a fading level add up to 1, got {self.shares} at {self.rates_per_h} 1/h")

    @classmethod
    def of(cls, modes: Modes, half_filling_ng_per_ml: Sequence[float], person: int = 0) -> Fade:
        """Return how the drive of one person leaves, when what was taken daily is taken no more.

        Each mode has the share of the area under the drive that is its own; this takes a day's doses as spread over it.

        Args:
            half_filling_ng_per_ml: EC50 of each analyte [ng/mL].
        """
        weights = (modes.weights[person] / np.asarray(half_filling_ng_per_ml)[:, None]).sum(axis=0)
        area = weights / modes.rates[person]
        return cls(shares=tuple((area / area.sum()).tolist()), rates_per_h=tuple(modes.rates[person].tolist()))

    def left(self, hours: ArrayLike) -> Floats:
        """Return the share of a step that is still there after so many hours."""
        decayed = np.exp(-np.multiply.outer(np.asarray(hours, float), np.asarray(self.rates_per_h)))
        found: Floats = decayed @ np.asarray(self.shares)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How the body adapts: each process with its time constant [d] and its part in withdrawal.

    Args:
        main_days, main_part: the process that is followed from step to step.
        fast_days, fast_part: one so fast that it is over by the next step.
    """

    main_days: float
    main_part: float
    fast_days: float
    fast_part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How one typical person answers to steps of one drug, under rival models of the effect.

    Args:
        curves: effect models by name; a gain makes no difference here, since all is relative to the present dose.
        drive_per_mg: the mean drive at the steady level of 1 mg a day [1/mg].
        fade: how the level leaves after a step.
        pull: how the body adapts.
    """

    curves: Mapping[str, Curve]
    drive_per_mg: float
    fade: Fade
    pull: Pull

    @classmethod
    def of(cls, case: Case, known: Knowledge, effects: Sequence[str] = ()) -> Response:
        """Return how a case's person is predicted to answer to steps of the drug of the goal.

        Only the drug of the goal is followed, so that another one does not make its steps look smaller. Dependence is taken
        as whole, which is not too kind to somebody who has used it for months only. Nobody is taken for one of those in whom
        a slow process lasts for months.

        Args:
            effects: keys of models of the effect; all of the base by default.

        Raises:
            CannotSimulateError: the drug has no kinetic model, or an effect model has no such key.
            UnknownPotencyError: nobody has related the level of the drug to an effect.
        """
        drug, first = case.goal.of, case.goal.starts_on
        models = chosen_models([drug], known)
        now = [
            Step(drug=each.drug, from_=first, until=None, intakes=each.intakes)
            for each in case.taking
            if each.drug in models
        ]
        day = first + dt.timedelta(days=1)
        course = Course.of(case, Regimen(steps=tuple(now)), known, models, day, WhatIf())
        rivals = [effect_model(key, known) for key in (effects or known.effects)]
        assumed = Assumptions(
            kinetics=models, effect=rivals[0], potencies=known.potencies, adaptation=known.adaptation
        )  # fmt: skip
        person = typical(assumed, body_of(case, course))
        return cls(
            curves={each.key: _scaled(curve_of(each), float(each.potency_scale)) for each in rivals},
            drive_per_mg=_mean_drive(person, drug) * float(rivals[0].potency_scale),
            fade=Fade.of(person.modes[drug], person.potency[drug][0].tolist()),
            pull=Pull(
                main_days=float(person.tau_h[0, 1]) / HOURS,
                main_part=float(person.share[0, 1] + person.share[0, 2]),
                fast_days=float(person.tau_h[0, 0]) / HOURS,
                fast_part=float(person.share[0, 0]),
            ),
        )

    def varied(self, days: Estimate) -> Iterator[Response]:
        """Yield the same person by each model of the effect alone, and at the ends of how fast people may get used to it.

        Args:
            days: the time constant of the main process [d], with its lowest and highest defensible value.
        """
        for name, curve in self.curves.items():
            for each in (days.low, days.value, days.high):
                yield replace(self, curves={name: curve}, pull=replace(self.pull, main_days=float(each)))

    def strain(self, daily: Sequence[Fraction], pairs: Sequence[tuple[int, int]], *, period: int = 14) -> Strain:
        """Work out the tables for exact daily doses [mg], the present one first; otherwise as `strain`."""
        return strain([float(dose) for dose in daily], pairs, self, period=period)


def _mean_drive(person: People, drug: str) -> float:
    """This function will return the mean drive at the steady level of 1 mg a day [1/mg]."""
    return float((person.modes[drug].area()[0] / person.potency[drug][0]).sum()) / HOURS


def _scaled(curve: Curve, potency_scale: float) -> Curve:
    """This function will return a curve of the drive as if every potency were scaled."""
    return Curve(gain=curve.gain / potency_scale, bend=curve.bend / potency_scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """What steps between some daily doses do, in millionths of the effect of the present dose.

    A step is felt as much as on the worst of the days followed after it, if the dose then stayed as it is.

    Args:
        models: the names of the effect models.
        period: the fewest days between two steps.
        steady: the effect of each daily dose, axes (model, dose).
        before, after: each pair of doses as places among them, axes (pair,).
        kept: the share [2^-SHIFT] of adaptation left after 1, 2, … days of a period, axes (day,).
        drawn: what the effect adds to adaptation within so many days of a step, axes (model, pair, day).
        pulled: the share left after 1, 2, … days followed, times the main process's part in withdrawal, axes (day,).
        offset: what a step adds to withdrawal on each day followed, axes (model, pair, day).
    """

    models: tuple[str, ...]
    period: int
    steady: Integers
    before: Integers
    after: Integers
    kept: Integers
    drawn: Integers
    pulled: Integers
    offset: Integers
    shift: int = SHIFT
    scale: int = SCALE

    @property
    def settled(self) -> bool:
        """Whether withdrawal falls by the last day followed, after every step by somebody fully adapted."""
        adapted = self.steady[:, self.before][:, :, None]
        withdrawal = ((self.pulled * adapted) >> self.shift) + self.offset
        return bool((withdrawal[:, :, -1] <= withdrawal[:, :, :-1].max(axis=2)).all())


def strain(daily_mg: ArrayLike, pairs: ArrayLike, response: Response, *, period: int = 14) -> Strain:
    """Work out the tables for some pairs of daily doses.

    One period is followed after a step, or as many as it takes until withdrawal falls after each.

    Args:
        daily_mg: daily doses, the present one first [mg], axes (dose,).
        pairs: places of the dose before a step and of the lower one after it, axes (pair, 2).
        response: how somebody answers to steps.
        period: the fewest days between two steps [d].

    Raises:
        ValueError: the level leaves so slowly that withdrawal still rises after `MOST_PERIODS` periods.
    """
    drive = response.drive_per_mg * np.asarray(daily_mg, dtype=np.float64)
    before, after = np.ascontiguousarray(np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T)
    for periods in range(1, MOST_PERIODS + 1):
        made = _tables(drive, before, after, response, (period, period * periods))
        if made.settled:
            return made
    raise ValueError(f"withdrawal still rises {MOST_PERIODS * period} days after a step: the level leaves too slowly")


def _tables(drive: Floats, before: Integers, after: Integers, response: Response, spans: tuple[int, int]) -> Strain:
    """This function will work out the tables of a period, with so many days followed after each step."""
    period, followed = spans
    curves, pull = response.curves.values(), response.pull
    days = np.arange(1, followed + 1, dtype=np.float64)
    kept, fast_kept = np.exp(-days / pull.main_days), np.exp(-days / pull.fast_days)
    bend = np.array([[curve.bend] for curve in curves])
    whole = np.array([[float(curve.of(drive[0]))] for curve in curves])
    steady = np.stack([curve.of(drive) for curve in curves]) / whole
    gap, bent = drive[before] - drive[after], 1.0 + bend * drive[after]
    size = np.array([[curve.gain] for curve in curves]) * gap / bent**2 / whole
    gathered, felt = _answers(bend * gap / bent, response.fade, pull, days)
    low, high, size = steady[:, after, None], steady[:, before, None], size[..., None]
    drawn = low * (1.0 - kept[:period]) + size * gathered[..., :period]
    offset = (high - low) * (pull.fast_part * fast_kept) - low * (pull.main_part * kept) + size * felt
    return Strain(
        models=tuple(response.curves),
        period=period,
        steady=_whole(steady, SCALE),
        before=before,
        after=after,
        kept=_whole(kept[:period], 2**SHIFT),
        drawn=_whole(drawn, SCALE),
        pulled=_whole(kept * pull.main_part, 2**SHIFT),
        offset=_whole(offset, SCALE),
    )


def _answers(steepness: Floats, fade: Fade, pull: Pull, days: Floats) -> tuple[Floats, Floats]:
    """This function will return what a step of unit size draws, and what is felt of it, by the end of each day.

    With q, the *steepness*, the bend times the step over 1 + bend·u_b, the effect after a step is
    E_b + size·r/(1 + q·r): a function of q alone for every drug, dose and model. It is smooth, so it is worked out at a
    few q and put together from polynomials everywhere else, to about the ninth digit.
    """
    most = max(1.0, float(steepness.max(initial=0.0)))
    node = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    q = (node + 1.0) * most / 2.0
    time, weight = _nodes(len(days))
    left, then = fade.left(time), fade.left(HOURS * days)
    during, now = left / (1.0 + np.multiply.outer(q, left)), then / (1.0 + np.multiply.outer(q, then))
    main = during @ _gather(time, weight, days, pull.main_days)
    fast = during @ _gather(time, weight, days, pull.fast_days)
    felt = pull.main_part * (main - now) + pull.fast_part * (fast - now)
    fitted = np.linalg.solve(np.polynomial.chebyshev.chebvander(node, DEGREE), np.hstack([main, felt]))
    found = np.polynomial.chebyshev.chebvander(2.0 * steepness / most - 1.0, DEGREE) @ fitted
    return found[..., : len(days)], found[..., len(days) :]


def _nodes(days: int) -> tuple[Floats, Floats]:
    """This function will return times [h] and weights [d] to integrate with, panel by panel."""
    edges = np.array([0.0, *PANELS_H, *(HOURS * day for day in range(1, days + 1))])
    node, weight = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges) / 2.0
    time = (edges[:-1] + half)[:, None] + half[:, None] * node
    return time.ravel(), (half[:, None] * weight / HOURS).ravel()


def _gather(time_h: Floats, weight: Floats, days: Floats, tau_days: float) -> Floats:
    """This function will return how a process weighs the effect at each node by the end of each day, (node, day)."""
    since = days - time_h[:, None] / HOURS
    found: Floats = np.where(since > 0.0, np.exp(-np.maximum(since, 0.0) / tau_days), 0.0) * weight[:, None] / tau_days
    return found


def _whole(values: ArrayLike, scale: int) -> Integers:
    found: Integers = np.rint(np.asarray(values) * scale).astype(np.int64)
    return found
