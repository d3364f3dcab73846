"""The numbers behind a simulation as plain facts: models of the blood, effects, potencies, adaptation, observations."""

from __future__ import annotations

from collections.abc import Iterator

from opentaper.exchange.article.fact import Fact, home_of, number
from opentaper.knowledge import (
    Adaptation,
    Constant,
    Dependence,
    Estimate,
    KineticModel,
    Knowledge,
    Observation,
    Older,
    Parameter,
    Potency,
    Process,
)


def kinetics(known: Knowledge, key: str) -> Iterator[Fact]:
    """Yield a model with all its figures under its own key, and its first line under its drug."""
    for model in known.kinetics_of(key):
        yield _model(known, model)
    if key in known.kinetics:
        model = known.kinetics[key]
        yield _model(known, model)
        home = home_of(known, f"kinetics:{key}")
        yield from (_parameter(key, model.analyte, row, home) for row in model.parameters)
        for metabolite in model.metabolites:
            made = f"{metabolite.analyte} from {metabolite.from_}"
            yield from (_parameter(key, made, row, home) for row in metabolite.parameters)
        yield from (_older(key, each, home) for each in model.older)


def _model(known: Knowledge, model: KineticModel) -> Fact:
    used = f"chosen: {model.because}" if model.chosen else "not the chosen one"
    weight, clearance, volume = (
        number(each, each) for each in (model.weight_kg, model.clearance_exponent, model.volume_exponent)
    )
    note = f"For {weight} kg; clearance by weight to the power {clearance}, volume to the power {volume}."
    if model.residual_percent is not None:
        note += f" One measurement stays {number(model.residual_percent, model.residual_percent)} % unexplained."
    return Fact(
        kind="kinetics", key=model.key, says=f"{model.name}. {model.says} ({used})",
        amount=f"{model.structure}, {model.absorption} absorption", unit="", source=model.source, at=model.at,
        confidence=model.confidence, **home_of(known, f"kinetics:{model.key}"),
        note=note,
    )  # fmt: skip


def _parameter(key: str, of: str, row: Parameter, home: dict[str, str]) -> Fact:
    return Fact(
        kind="kinetic parameter", key=key, says=f"{of}: {row.name}", amount=number(row.value, row.value),
        unit="" if row.unit in ("fraction", "ratio") else row.unit, source=row.source, at=row.at,
        confidence=row.confidence, **home, note=" ".join(part for part in (*_around(row), row.note) if part),
    )  # fmt: skip


def _older(key: str, each: Older, home: dict[str, str]) -> Fact:
    return Fact(
        kind="kinetic parameter", key=key, says=f"{each.analyte}: {each.name} from {each.from_years} years on, times",
        amount=number(each.ratio, each.ratio), unit="", source=each.source, at=each.at, confidence=each.confidence,
        **home, note=each.note or "",
    )  # fmt: skip


def _around(row: Parameter) -> Iterator[str]:
    """This function will say how far a figure reaches in print, and how much it differs between people."""
    if row.low is not None:
        yield f"Range {number(row.low, row.high)}."
    if row.cv_percent is not None:
        said_by = f" [{row.cv_source}]" if row.cv_source else ""
        yield f"Spread between people {number(row.cv_percent, row.cv_percent)} %{said_by}."


def effects(known: Knowledge, key: str) -> Iterator[Fact]:
    """Yield an assumption about effect, what speaks for and against it, and its figures."""
    model = known.effects.get(key)
    if model is None:
        return
    home = home_of(known, f"effect:{key}")
    yield Fact(
        kind="effect", key=key, says=f"{model.says} {model.because}",
        amount=f"{model.kind}, potencies x{number(model.potency_scale, model.potency_scale)}", unit="",
        source=model.source, at=model.at, confidence=model.confidence, **home, but=model.against, note=model.note or "",
    )  # fmt: skip
    for row in model.parameters:
        yield Fact(
            kind="effect parameter", key=key, says=f"{row.name} ({_reach(row.estimate)})", amount=_value(row.estimate),
            unit="" if row.unit == "ratio" else row.unit, source=row.source, at=row.at, confidence=row.confidence,
            **home, note=row.note or "",
        )  # fmt: skip


def potencies(known: Knowledge, key: str) -> Iterator[Fact]:
    """Yield the chosen potency of an analyte and every other that was stated."""
    if key in known.potencies:
        rivals = (each for each in known.rival_potencies if each.analyte == key)
        yield from (_potency(known, each) for each in (known.potencies[key], *rivals))


def _potency(known: Knowledge, potency: Potency) -> Fact:
    used = "chosen" if potency.chosen else "not the chosen one"
    return Fact(
        kind="potency", key=potency.analyte,
        says=f"level that half-fills the sites ({_reach(potency.estimate)}), by {potency.basis}; {used}",
        amount=_value(potency.estimate), unit="ng/mL", source=potency.source, at=potency.at,
        confidence=potency.confidence, **home_of(known, f"potency:{potency.analyte}"), note=potency.note or "",
    )  # fmt: skip


def adaptation(known: Knowledge, key: str) -> Iterator[Fact]:
    """Yield everything that is assumed about getting used to a drug."""
    whole = known.adaptation
    if key != whole.key:
        return
    home = home_of(known, f"adaptation:{key}")
    for name, amount, part in _parts(whole):
        agrees = f"Made to agree with {', '.join(part.supported_by)}." if part.supported_by else ""
        yield Fact(
            kind="adaptation", key=key, says=f"{name}: {part.says}", amount=amount, unit="", source=part.source,
            at=part.at, confidence=part.confidence, **home, note=agrees,
        )  # fmt: skip


def _parts(whole: Adaptation) -> Iterator[tuple[str, str, Process | Dependence | Constant]]:
    for each in whole.processes.values():
        people = f"; in {_shown(each.people_percent)} % of people"
        yield f"{each.name} process", f"{_shown(each.days)} d; share {_shown(each.share)} of {each.of}{people}", each
    yield "dependence", f"{_shown(whole.dependence.half_days)} d", whole.dependence
    for constant in whole.constants.values():
        unit = "" if constant.unit == "ratio" else f" {constant.unit}"
        yield constant.name, f"{_shown(constant.estimate)}{unit}", constant


def observations(known: Knowledge, key: str) -> Iterator[Fact]:
    """Yield one observation, or every observation of a source."""
    if key in known.sources:
        found = [each for each in known.observations.values() if each.source == key]
    else:
        found = [known.observations[key]] if key in known.observations else []
    for each in found:
        yield _observation(known, each)


def _observation(known: Knowledge, each: Observation) -> Fact:
    interval = f" (95 % interval {number(each.ci_low, each.ci_high)})" if each.ci_low is not None else ""
    return Fact(
        kind=f"observation, {each.kind}", key=each.id, says=f"{each.says}{interval}", amount=each.prints, unit="",
        source=each.source, at=each.at, confidence=each.confidence, file=each.file, state=known.states[each.file].says,
        note="; ".join(part for part in (each.statistic, each.note) if part),
    )  # fmt: skip


def _value(estimate: Estimate) -> str:
    return number(estimate.value, estimate.value)


def _reach(estimate: Estimate) -> str:
    return number(estimate.low, estimate.high)


def _shown(estimate: Estimate) -> str:
    return _value(estimate) if estimate.low == estimate.high else f"{_value(estimate)} ({_reach(estimate)})"


SOURCES = (kinetics, effects, potencies, adaptation, observations)
"""What answers to a key, in the order in which it is shown."""
