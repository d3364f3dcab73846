"""Bodies, drugs and histories: any that a person could have, and some that nobody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from hypothesis import strategies as st

from opentaper import Knowledge
from opentaper.pharmacology.effect import OCCUPANCY, Curve
from opentaper.pharmacology.follow import Taken
from opentaper.pharmacology.kinetics import Absorbed, Chain, Disposition, Formed, modes, ones
from opentaper.pharmacology.people import Assumptions, Body, People, typical
from tests.science.solver import Drug, Product

TAU_H = (36.0, 216.0, 2880.0)
APART = 0.02
"""Rates are drawn at least so far from one another, relatively; those that coincide have tests of their own."""


def chain(drug: Drug) -> Chain:
    """Say a drug in the words of the room."""
    two = drug.between is not None and drug.peripheral is not None
    return Chain(
        absorbed=tuple(Absorbed(rate=ones(rate), part=ones(part)) for rate, part in drug.ways),
        disposition=Disposition(
            clearance=ones(drug.clearance),
            central=ones(drug.central),
            between=ones(drug.between) if two else None,
            peripheral=ones(drug.peripheral) if two else None,
        ),
        formed=tuple(
            Formed(source=each.source, share=ones(each.share), clearance=ones(each.clearance), volume=ones(each.volume))
            for each in drug.products
        ),
        lag_h=drug.lag_h,
        scale=ones(drug.scale),
    )


def drug_of(made: Chain, person: int = 0) -> Drug:
    """Say a drug of the room in one person in the words of the solver."""

    def one(value: np.ndarray) -> float:
        return float(value[person if len(value) > 1 else 0])

    where = made.disposition
    two = where.between is not None and where.peripheral is not None
    return Drug(
        ways=tuple((one(way.rate), one(way.part)) for way in made.absorbed),
        clearance=one(where.clearance),
        central=one(where.central),
        between=one(where.between) if two else None,
        peripheral=one(where.peripheral) if two else None,
        products=tuple(
            Product(source=each.source, share=one(each.share), clearance=one(each.clearance), volume=one(each.volume))
            for each in made.formed
        ),
        lag_h=made.lag_h,
        scale=one(made.scale),
    )


def somebody(
    drugs: Mapping[str, Drug],
    half_filling: Mapping[str, Sequence[float]],
    *,
    curve: Curve = OCCUPANCY,
    tau_h: Sequence[float] = TAU_H,
) -> People:
    """Return one person who takes some drugs."""
    chains = {name: chain(each) for name, each in drugs.items()}
    return People(
        chains=chains,
        modes={name: modes(each) for name, each in chains.items()},
        potency={name: np.array([half_filling[name]], dtype=np.float64) for name in drugs},
        curve=curve,
        tau_h=np.array([tau_h], dtype=np.float64),
        share=np.array([[0.25, 0.75, 0.0]]),
        half_days=np.array([120.0]),
    )


def assumed_of(
    known: Knowledge, *models: str, effect: str = "occupancy", weight_kg: float | None = None
) -> tuple[Assumptions, Body]:
    """Return what is assumed with some kinetic models of the base, of somebody of whom nothing but weight is known."""
    assumed = Assumptions(
        kinetics={known.kinetics[key].drug: known.kinetics[key] for key in models},
        effect=known.effects[effect],
        potencies=known.potencies,
        adaptation=known.adaptation,
    )
    return assumed, Body(weight_kg=weight_kg, clearance_ratio={})


def typical_of(
    known: Knowledge,
    *models: str,
    effect: str = "occupancy",
    weight_kg: float | None = None,
    protracted: bool = False,
) -> People:
    """Return the typical person of some kinetic models of the base."""
    return typical(*assumed_of(known, *models, effect=effect, weight_kg=weight_kg), protracted=protracted)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was taken, dose by dose, and when somebody looked."""

    dose_mg: tuple[float, ...]
    taken_h: tuple[float, ...]
    look_h: tuple[float, ...]

    @property
    def taken(self) -> Taken:
        return Taken(time_h=np.array(self.taken_h), dose_mg=np.array(self.dose_mg))


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers from a range, as likely in each tenfold of it."""
    return st.floats(log(low), log(high)).map(exp)


def clear_of(drug: Drug) -> bool:
    """Return whether no two rates of a drug that a closed form divides by are near each other."""
    rates = [rate for rate, _ in drug.ways]
    k10 = drug.clearance / drug.central
    if drug.between is None or drug.peripheral is None:
        rates.append(k10)
    else:
        k12, k21 = drug.between / drug.central, drug.between / drug.peripheral
        total = k10 + k12 + k21
        root = (total * total - 4.0 * k10 * k21) ** 0.5
        rates += [(total + root) / 2.0, 2.0 * k10 * k21 / (total + root)]
    rates += [each.clearance / each.volume for each in drug.products]
    ordered = sorted(rates)
    return all(upper - lower > APART * upper for lower, upper in pairwise(ordered))


@st.composite
def drugs(
    draw: st.DrawFn, *, fastest: float = 100.0, gone_fastest: float = 3.0, metabolites: int = 3, lags: bool = True
) -> Drug:
    """A drug of one or two compartments, one or two ways in, up to three metabolites one after or beside the other.

    Half-lives run from a quarter of an hour to ten days, absorption from five hours to half a minute, unless the fastest
    rates [1/h] are lower.
    """
    rates = draw(st.lists(between(0.15, fastest), min_size=1, max_size=2))
    fast = draw(st.floats(0.05, 0.95)) if len(rates) == 2 else 0.0
    central = draw(between(5.0, 1000.0))
    two = draw(st.booleans())
    made: list[Product] = []
    for index in range(draw(st.integers(0, metabolites))):
        volume = draw(between(5.0, 500.0))
        made.append(
            Product(
                source=draw(st.integers(0, index)),
                share=draw(st.floats(0.05, 1.0)),
                clearance=volume * draw(between(0.003, gone_fastest)),
                volume=volume,
            )
        )
    return Drug(
        ways=((rates[0], 1.0 - fast), *((rate, fast) for rate in rates[1:])),
        clearance=central * draw(between(0.003, gone_fastest)),
        central=central,
        between=central * draw(between(0.02, 2.0)) if two else None,
        peripheral=central * draw(between(0.1, 10.0)) if two else None,
        products=tuple(made),
        lag_h=draw(st.sampled_from([0.0, 0.0, 0.27, 1.5])) if lags else 0.0,
        scale=draw(st.floats(0.3, 1.0)),
    )


@st.composite
def histories(draw: st.DrawFn, *, days: int = 10) -> History:
    """Doses by the clock with some missed, doubled and late, an abrupt stop, doses at odd moments, and looks at any."""
    hours = sorted(draw(st.sets(st.integers(0, 95), min_size=1, max_size=3)))
    stopped = draw(st.integers(1, days))
    taken: dict[float, float] = {}
    for day in range(stopped):
        for hour in hours:
            times = draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
            late = draw(st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.75]))
            if times:
                taken[24.0 * day + hour / 4.0 + late] = times * draw(st.sampled_from([0.125, 0.5, 1.0, 2.0]))
    for _ in range(draw(st.integers(0, 3))):
        taken[round(draw(st.floats(0.0, 24.0 * days)), 6)] = draw(st.floats(0.01, 10.0))
    if not taken:
        taken[0.0] = 1.0
    looks = draw(st.sets(st.floats(0.0, 24.0 * (days + 4)).map(lambda hour: round(hour, 6)), min_size=1, max_size=8))
    at_doses = draw(st.sets(st.sampled_from(sorted(taken)), max_size=3))
    times_h = sorted(taken)
    return History(
        dose_mg=tuple(taken[time] for time in times_h),
        taken_h=tuple(times_h),
        look_h=tuple(sorted({*looks, *at_doses, 24.0 * (days + 5)})),
    )
