"""What the models say of levels: of one dose, of a steady day, of a clearance that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opentaper import Knowledge
from opentaper.pharmacology import days
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.induction import Change
from opentaper.pharmacology.people import Assumptions, Body, People, typical
from opentaper.pharmacology.seam import clearance_ratio, clearance_row

Floats = NDArray[np.float64]
STEADY_DAYS = 400
FINE_H = 1.0 / 120.0


def people(
    known: Knowledge,
    *models: str,
    effect: str = "occupancy",
    weight_kg: float | None = None,
    years: int | None = None,
    protracted: bool = False,
) -> People:
    """Return the typical person of some kinetic models of the base, of a weight and an age."""
    assumed = Assumptions(
        kinetics={known.kinetics[key].drug: known.kinetics[key] for key in models},
        effect=known.effects[effect],
        potencies=known.potencies,
        adaptation=known.adaptation,
    )
    return typical(assumed, Body(weight_kg=weight_kg, years=years, clearance_ratio={}), protracted=protracted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """The level of one analyte after a single dose in a typical person."""

    rates: Floats
    weights: Floats
    lag_h: float
    mg: float

    def at(self, hours: Sequence[float] | Floats) -> Floats:
        since = np.maximum(np.asarray(hours, float) - self.lag_h, 0.0)
        found: Floats = self.mg * np.exp(-np.multiply.outer(since, self.rates)) @ self.weights
        return found

    @property
    def tmax_h(self) -> float:
        """The hour of the highest level [h], to half a minute."""
        fine = np.arange(0.0, 240.0, FINE_H)
        return float(fine[np.argmax(self.at(fine))])

    @property
    def cmax(self) -> float:
        """The highest level [ng/mL]."""
        return float(self.at([self.tmax_h])[0])

    def area(self, until_h: float = np.inf) -> float:
        """The area under the level [ng·h/mL], from the dose until an hour."""
        since = max(until_h - self.lag_h, 0.0)
        return float(self.mg * (self.weights * -np.expm1(-self.rates * since) / self.rates).sum())

    @property
    def half_life_h(self) -> float:
        """The half-life of its last phase [h]."""
        own = self.rates[np.abs(self.weights) > 1e-12 * np.abs(self.weights).max()]
        return float(np.log(2.0) / own.min())


def single(
    known: Knowledge,
    model: str,
    mg: float,
    *,
    analyte: int = 0,
    weight_kg: float | None = None,
    years: int | None = None,
) -> Single:
    """Return the level of one analyte after one dose."""
    drug = known.kinetics[model].drug
    modes = people(known, model, weight_kg=weight_kg, years=years).modes[drug]
    return Single(rates=modes.rates[0], weights=modes.weights[0, analyte], lag_h=modes.lag_h, mg=mg)


def figure(known: Knowledge, model: str, name: str) -> float:
    """Return a parameter of a model."""
    found = known.kinetics[model].value(name)
    if found is None:
        raise KeyError(f"{model} has no {name}")
    return float(found.value)


def per_kg_min(litres_per_h: float, weight_kg: float = 70.0) -> float:
    """Return a clearance [mL/min/kg]."""
    return litres_per_h * 1000.0 / 60.0 / weight_kg


def vz(known: Knowledge, model: str, *, years: int | None = None) -> float:
    """Return the apparent volume of the last phase [L]."""
    return cleared(known, model, years=years) * single(known, model, 1.0, years=years).half_life_h / np.log(2.0)


def cleared(known: Knowledge, model: str, *, analyte: int = 0, years: int | None = None) -> float:
    """Return the apparent clearance of an analyte [L/h]: of the drug itself, or of a metabolite."""
    chain = people(known, model, years=years).chains[known.kinetics[model].drug]
    found = chain.disposition.clearance if analyte == 0 else chain.formed[analyte - 1].clearance
    return float(found[0])


def own_half_life(known: Knowledge, model: str, analyte: int, *, years: int | None = None) -> float:
    """Return the half-life that a metabolite would have by itself [h]."""
    formed = people(known, model, years=years).chains[known.kinetics[model].drug].formed[analyte - 1]
    return float(np.log(2.0) * formed.volume[0] / formed.clearance[0])


def steady_trough(known: Knowledge, model: str, mg: float, hours: Sequence[float]) -> float:
    """Return the level before the first dose of a day after long use [ng/mL]."""
    drug = known.kinetics[model].drug
    plan = Daily(hour=np.array(hours), dose_mg=np.full((1, len(hours)), mg))
    found = days.follow(people(known, model), {drug: plan}, [hours[0], 24.0], used_days=STEADY_DAYS)
    return float(found.level[drug][0, 0, 0, 0])


def repeated(known: Knowledge, model: str, mg: float, every_h: float, at_h: float) -> float:
    """Return the level at an hour while one dose is taken every so many hours from 0 on [ng/mL]."""
    one = single(known, model, mg)
    taken = np.arange(0.0, at_h, every_h)
    return float(one.at(at_h - taken).sum())


def accumulation(known: Knowledge, model: str, every_h: float, *, day: int | None = None) -> float:
    """Return the area of a day on repeated doses over that of the first day; of a steady day where no day is named."""
    one = single(known, model, 1.0)
    starts = np.arange(0.0, 24.0, every_h)
    first = sum(one.area(24.0 - start) for start in starts)
    if day is None:
        return float(len(starts) * one.area() / first)
    begin, end = 24.0 * (day - 1), 24.0 * day
    taken = np.arange(0.0, end, every_h)
    return float(sum(one.area(end - start) - one.area(max(begin - start, 0.0)) for start in taken) / first)


def days_to(known: Knowledge, model: str, share: float) -> float:
    """Return the days of one dose a day until the trough is this share of its steady value [d], between troughs."""
    drug = known.kinetics[model].drug
    count = 60
    plan = Daily(hour=np.array([0.0]), dose_mg=np.ones((count, 1)))
    level = days.follow(people(known, model), {drug: plan}, [24.0]).level[drug][0, :, 0, 0]
    return float(np.interp(share, level / level[-1], np.arange(1.0, count + 1.0)))


def other_clearance(known: Knowledge, drug: str, by: str) -> float:
    """Return clearance with another medicine over clearance without, by the row of the base that a simulation uses."""
    row = clearance_row(drug, by, known)
    if row is None:
        raise KeyError(f"nothing is known of {by} with {drug}")
    return float(clearance_ratio(row))


def trough_ratio(known: Knowledge, model: str, by: str, *, after_days: int) -> float:
    """Return the trough so many days after another medicine began, over that of the same day without it.

    One dose a day from nothing, the other medicine from the eighth day on, as in Lai 1978.
    """
    drug = known.kinetics[model].drug
    plan = Daily(hour=np.array([0.0]), dose_mg=np.ones((7 + after_days, 1)))
    half_life = 24.0 * float(known.adaptation.constants["enzyme-turnover-half-life"].estimate.value)
    change = Change(ratio=other_clearance(known, drug, by), from_h=7 * 24.0, until_h=np.inf, half_life_h=half_life)
    person = people(known, model)
    levels = [
        days.follow(person, {drug: plan}, [24.0], change=each).level[drug][0, -1, 0, 0]
        for each in ({}, {drug: [change]})
    ]
    return float(levels[1] / levels[0])


def induced_half_life(known: Knowledge, model: str, by: str) -> float:
    """Return the half-life of the last phase once another medicine has its whole effect on clearance [h]."""
    drug = known.kinetics[model].drug
    assumed = Assumptions(
        kinetics={drug: known.kinetics[model]}, effect=known.effects["occupancy"], potencies=known.potencies,
        adaptation=known.adaptation,
    )  # fmt: skip
    body = Body(weight_kg=None, clearance_ratio={drug: other_clearance(known, drug, by)})
    return float(typical(assumed, body).modes[drug].half_life_h[0])
