"""Who is simulated: one typical person, or many who differ as far as anybody has measured or must be assumed.

Everybody's figures are drawn from the spread that the base gives for each: log-normal around the value, with the
printed coefficient of variation, or with a printed range as its middle nine tenths; shares, which have a bottom and a
top, from the triangle over their range. People come in *blocks* of fixed size, each with dice of its own, so that the
same seed gives the same people however many are asked for and wherever they are worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import log, sqrt

import numpy as np

from opentaper.frozen import dataclass
from opentaper.knowledge import Adaptation, EffectModel, Estimate, KineticModel, Parameter, Potency
from opentaper.pharmacology.effect import OCCUPANCY, STRAIGHT, Curve, Receptor
from opentaper.pharmacology.kinetics import Absorbed, Chain, Disposition, Floats, Formed, Modes, modes

BLOCK = 1024
"""People in a block; part of what a seed means, so it never changes."""
MIDDLE = 1.6448536269514722
"""Standard deviations from the middle of a normal distribution to the end of its middle nine tenths."""
HOURS = 24.0


class UnknownPotencyError(ValueError):
    """A drug whose level nobody has related to an effect, so that nothing can be said of its effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is known beforehand of the person: what the spread is around.

    Args:
        weight_kg: body weight [kg]; None for the weight that each model was made at.
        years: age; None when it is unknown, and then nobody is taken as old.
        clearance_ratio: by drug, what clearance is multiplied with, because of other medicines.
    """

    weight_kg: float | None = None
    years: int | None = None
    clearance_ratio: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is simulated with: models and figures of the base.

    Args:
        kinetics: a model for each drug that is taken.
        effect: one of the rival models of the effect.
        potencies: the level that half-fills the site, by analyte.
        adaptation: how people get used to it.
    """

    kinetics: Mapping[str, KineticModel]
    effect: EffectModel
    potencies: Mapping[str, Potency]
    adaptation: Adaptation


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Some people, each with figures of their own; arrays of axes (person, …).

    Args:
        chains: what happens to each drug, by drug.
        modes: the same in closed form.
        potency: the level that half-fills the site [ng/mL], by drug, axes (person, analyte).
        curve: how the effect follows the drive.
        tau_h: time constants of the fast, the main and the slow adaptation [h], axes (person, 3).
        share: what each of them carries of withdrawal, 1 in all, axes (person, 3).
        half_days: days of use [d] that bring half of full dependence, axes (person,).
    """

    chains: Mapping[str, Chain]
    modes: Mapping[str, Modes]
    potency: Mapping[str, Floats]
    curve: Curve
    tau_h: Floats
    share: Floats
    half_days: Floats

    def __len__(self) -> int:
        return len(self.half_days)


def typical(assumed: Assumptions, body: Body, *, protracted: bool = False) -> People:
    """Return one person with the middle value of everything.

    Args:
        protracted: one of those in whom a slow process lasts for months.
    """
    return _people(assumed, body, _Middle(), protracted=np.array([protracted]))


def drawn(assumed: Assumptions, body: Body, count: int, *, seed: int) -> Iterator[People]:
    """Yield people in blocks, the same ones for the same seed; the first so many of more are these.

    Args:
        count: how many people in all.
        seed: a whole number that fixes everything.
    """
    for block, begun in enumerate(range(0, count, BLOCK)):
        yield one_block(assumed, body, block, min(BLOCK, count - begun), seed=seed)


def one_block(assumed: Assumptions, body: Body, block: int, count: int, *, seed: int) -> People:
    """Return the first `count` people of one block."""
    dice = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
    among = assumed.adaptation.processes["slow"].people_percent
    lucky = dice.random(BLOCK)
    drawn_among = _Dice(dice).triangle(among) / 100.0
    people = _people(assumed, body, _Dice(dice), protracted=lucky < drawn_among)
    return people if count == BLOCK else first_of(people, count)


def first_of(people: People, count: int) -> People:
    """Return the first so many of some people."""

    def cut(value: Floats) -> Floats:
        return np.ascontiguousarray(value[:count]) if value.shape[0] > 1 else value

    def cut_chain(chain: Chain) -> Chain:
        d = chain.disposition
        return Chain(
            absorbed=tuple(Absorbed(rate=cut(way.rate), part=cut(way.part)) for way in chain.absorbed),
            disposition=Disposition(
                clearance=cut(d.clearance),
                central=cut(d.central),
                between=None if d.between is None else cut(d.between),
                peripheral=None if d.peripheral is None else cut(d.peripheral),
            ),
            formed=tuple(
                Formed(
                    source=each.source, share=cut(each.share), clearance=cut(each.clearance), volume=cut(each.volume)
                )
                for each in chain.formed
            ),
            lag_h=chain.lag_h,
            scale=cut(chain.scale),
        )

    return People(
        chains={drug: cut_chain(chain) for drug, chain in people.chains.items()},
        modes={
            drug: Modes(rates=cut(each.rates), weights=cut(each.weights), lag_h=each.lag_h)
            for drug, each in people.modes.items()
        },
        potency={drug: cut(each) for drug, each in people.potency.items()},
        curve=people.curve,
        tau_h=cut(people.tau_h),
        share=cut(people.share),
        half_days=cut(people.half_days),
    )


class _Middle:
    """Everybody is the middle: values as they stand."""

    def spread(self, parameter: Parameter, _: float) -> Floats:
        return np.array([float(parameter.value)])

    def range(self, estimate: Estimate) -> Floats:
        return np.array([float(estimate.value)])

    def triangle(self, estimate: Estimate) -> Floats:
        return np.array([float(estimate.value)])

    def among(self, share: float) -> Floats:
        """This function will say who belongs to a class: of a typical person, the larger one."""
        return np.array([1.0 if share > 0.5 else 0.0])


class _Dice:
    """Everybody is drawn, a whole block at a time."""

    def __init__(self, dice: np.random.Generator) -> None:
        self._dice = dice

    def spread(self, parameter: Parameter, cv: float) -> Floats:
        if not cv:
            return np.full(BLOCK, float(parameter.value))
        return float(parameter.value) * np.exp(sqrt(log(1.0 + cv * cv)) * self._dice.standard_normal(BLOCK))

    def range(self, estimate: Estimate) -> Floats:
        """This function will draw around a value, wider on the side on which the range is wider."""
        normal = self._dice.standard_normal(BLOCK)
        up = log(float(estimate.high / estimate.value)) / MIDDLE
        down = log(float(estimate.value / estimate.low)) / MIDDLE
        return float(estimate.value) * np.exp(np.where(normal > 0.0, up, down) * normal)

    def triangle(self, estimate: Estimate) -> Floats:
        low, value, high = float(estimate.low), float(estimate.value), float(estimate.high)
        return self._dice.triangular(low, value, high, BLOCK) if low < high else np.full(BLOCK, value)

    def among(self, share: float) -> Floats:
        return (self._dice.random(BLOCK) < share).astype(np.float64)


def _people(assumed: Assumptions, body: Body, dice: _Middle | _Dice, *, protracted: np.ndarray) -> People:
    chains = {drug: _chain(model, assumed, body, dice) for drug, model in sorted(assumed.kinetics.items())}
    processes, dependence = assumed.adaptation.processes, assumed.adaptation.dependence
    tau = np.stack([dice.range(processes[name].days) * HOURS for name in ("fast", "main", "slow")], axis=-1)
    fast = dice.triangle(processes["fast"].share)
    slow = np.where(protracted, dice.triangle(processes["slow"].share), 0.0) * (1.0 - fast)
    return People(
        chains=chains,
        modes={drug: modes(chain) for drug, chain in chains.items()},
        potency={drug: _potency(assumed.kinetics[drug], assumed, dice) for drug in chains},
        curve=curve_of(assumed.effect),
        tau_h=tau,
        share=np.stack([fast, 1.0 - fast - slow, slow], axis=-1),
        half_days=dice.range(dependence.half_days),
    )


def _potency(model: KineticModel, assumed: Assumptions, dice: _Middle | _Dice) -> Floats:
    """This function will draw one factor for a drug and all it turns into: what is uncertain of them is the same."""
    if model.analyte not in assumed.potencies:
        raise UnknownPotencyError(
            f"nobody has related the level of {model.analyte} to an effect, so the effect of {model.drug} cannot be simulated"
        )
    own = assumed.potencies[model.analyte].estimate
    factor = dice.range(own) / float(own.value)
    scale = float(assumed.effect.potency_scale)
    columns = [
        factor * float(assumed.potencies[analyte].estimate.value) * scale
        if analyte in assumed.potencies
        else np.full_like(factor, np.inf)
        for analyte in model.analytes
    ]
    return np.stack(columns, axis=-1)


def curve_of(model: EffectModel) -> Curve:
    """Return the curve of a model of the effect."""
    if model.kind == "linear":
        return STRAIGHT
    if model.kind == "occupancy":
        return OCCUPANCY
    value = {name: float(model.value(name).estimate.value) for name in ("closed-to-open", "gaba-affinity", "gaba-preference", "gaba-level", "drug-preference")}  # fmt: skip
    receptor = Receptor(
        closed_to_open=value["closed-to-open"],
        gaba_affinity_um=value["gaba-affinity"],
        gaba_preference=value["gaba-preference"],
        drug_preference=value["drug-preference"],
    )
    return receptor.curve(value["gaba-level"])


def _chain(model: KineticModel, assumed: Assumptions, body: Body, dice: _Middle | _Dice) -> Chain:
    figures = _Figures(model, assumed, body, dice)
    own = {each.name: figures.of(model.analyte, each) for each in model.parameters if each.name not in SHARED}
    formed = []
    for each in model.metabolites:
        drawn_ = {parameter.name: figures.of(each.analyte, parameter) for parameter in each.parameters}
        formed.append(
            Formed(
                source=model.analytes.index(each.from_),
                share=drawn_["fraction-formed"] * drawn_["molar-ratio"],
                clearance=drawn_["clearance"],
                volume=drawn_["central-volume"],
            )
        )
    scale = np.ones_like(own["clearance"])
    for name in ("bioavailability", "molar-ratio"):
        scale = scale * own[name] if name in own else scale
    lag = model.value("lag")
    return Chain(
        absorbed=_absorbed(model, own, dice),
        disposition=Disposition(
            clearance=own["clearance"] * body.clearance_ratio.get(model.drug, 1.0),
            central=own["central-volume"],
            between=own.get("between-clearance"),
            peripheral=own.get("peripheral-volume"),
        ),
        formed=tuple(formed),
        lag_h=float(lag.value) if lag else 0.0,
        scale=scale,
    )


SHARED = ("fast-part", "lag")
"""Parameters that are the same in everybody."""
CLEARANCES, VOLUMES = ("clearance", "between-clearance"), ("central-volume", "peripheral-volume")


class _Figures:
    """A model's figures for some people: drawn, scaled to their weight, and changed by their age."""

    def __init__(self, model: KineticModel, assumed: Assumptions, body: Body, dice: _Middle | _Dice) -> None:
        self.model, self.years, self.dice = model, body.years, dice
        self.usual_cv = assumed.adaptation.constants["assumed-clearance-cv"].estimate.value
        heavier = (body.weight_kg or float(model.weight_kg)) / float(model.weight_kg)
        self.powers = dict.fromkeys(CLEARANCES, heavier ** float(model.clearance_exponent))
        self.powers |= dict.fromkeys(VOLUMES, heavier ** float(model.volume_exponent))

    def of(self, analyte: str, parameter: Parameter) -> Floats:
        """Return one figure, of axis (person,)."""
        older = float(self.model.with_age(analyte, parameter.name, self.years))
        drawn_ = self.dice.spread(parameter, float(self._cv(analyte, parameter)) / 100.0)
        return drawn_ * self.powers.get(parameter.name, 1.0) * older

    def _cv(self, analyte: str, parameter: Parameter) -> Fraction:
        """This function will return the spread [%] that is printed; of a clearance without one, an assumed one.

        Where a model says how exposure differs by way of bioavailability, its clearance needs no more.
        """
        if parameter.cv_percent is not None:
            return parameter.cv_percent
        through = self.model.value("bioavailability") if analyte == self.model.analyte else None
        told = through is not None and through.cv_percent is not None
        return self.usual_cv if parameter.name == "clearance" and not told else Fraction(0)


def _absorbed(model: KineticModel, own: Mapping[str, Floats], dice: _Middle | _Dice) -> tuple[Absorbed, ...]:
    slow = own["absorption-rate"]
    one = np.ones_like(slow)
    if model.absorption == "first-order":
        return (Absorbed(rate=slow, part=one),)
    fast, part = own["fast-absorption-rate"], model.value("fast-part")
    assert part is not None
    if model.absorption == "mixture-of-people":
        belongs = dice.among(float(part.value))
        return (Absorbed(rate=np.where(belongs > 0.0, fast, slow), part=one),)
    share = float(part.value)
    return (Absorbed(rate=slow, part=one * (1.0 - share)), Absorbed(rate=fast, part=one * share))
