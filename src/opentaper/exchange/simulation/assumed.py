"""What a simulation rests on: every model and figure with who says it, and everything that it does not follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentaper.exchange.simulation.figure import two_digits
from opentaper.frozen import dataclass
from opentaper.knowledge import Estimate, Interaction, Knowledge, ReviewState
from opentaper.patient import Case
from opentaper.quantity import decimal_text

if TYPE_CHECKING:
    from opentaper.pharmacology import Altered, Simulation

YES = "yes"
CASE = "case file"
"""Where a source would stand, for what the case says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One thing that a simulation takes for granted.

    Args:
        kind: kinetics, potency, effect, adaptation, use, body, clearance.
        key: what `opentaper facts` shows it under.
        says: the assumption as a sentence.
        note: why it was chosen, what stands against it, what it leaves out.
        source, at, confidence: who says it, where, and how sure the reading was.
        state: how far it has been checked.
    """

    kind: str
    key: str
    says: str
    note: str
    source: str
    at: str
    confidence: str
    state: str


def assumptions(simulation: Simulation, case: Case, known: Knowledge) -> tuple[Assumption, ...]:
    """Return everything that a simulation takes for granted, the models first."""
    return (
        *_kinetics(simulation, known),
        *_potencies(simulation, known),
        *_effect(simulation, known),
        *_adaptation(known),
        *_use(simulation, case, known),
        *_body(simulation, known),
        *(_clearance(each, known) for each in simulation.altered),
    )


def state_of(found: tuple[Assumption, ...]) -> str:
    """Return the worst state of some assumptions, in words."""
    order = [state.says for state in ReviewState]
    return max((each.state for each in found), key=order.index)


def _state(known: Knowledge, home: str) -> str:
    return known.states[known.homes[home]].says


def _kinetics(simulation: Simulation, known: Knowledge) -> Iterator[Assumption]:
    for model in simulation.kinetics.values():
        note = f"Chosen: {model.because}" if model.because else "Not the model that the base chose."
        yield Assumption(
            kind="kinetics", key=model.key, says=f"{model.name}. {model.says}", note=note, source=model.source, at=model.at,
            confidence=model.confidence, state=_state(known, f"kinetics:{model.key}"),
        )  # fmt: skip


def _potencies(simulation: Simulation, known: Knowledge) -> Iterator[Assumption]:
    for model in simulation.kinetics.values():
        for analyte in model.analytes:
            if analyte not in known.potencies:
                yield _ours("potency", model.key, f"{analyte}: no effect of its own is counted.", known)
                continue
            found = known.potencies[analyte]
            yield Assumption(
                kind="potency", key=analyte, note=found.note or "", source=found.source, at=found.at, confidence=found.confidence,
                says=f"{analyte}: {_reach(found.estimate)} ng/mL would fill half of the sites, by {found.basis}.",
                state=_state(known, f"potency:{analyte}"),
            )  # fmt: skip


def _effect(simulation: Simulation, known: Knowledge) -> Iterator[Assumption]:
    model = simulation.effect
    yield Assumption(
        kind="effect", key=model.key, says=model.says, note=f"Against it: {model.against}", source=model.source, at=model.at,
        confidence=model.confidence, state=_state(known, f"effect:{model.key}"),
    )  # fmt: skip


def _adaptation(known: Knowledge) -> Iterator[Assumption]:
    whole = known.adaptation
    state = _state(known, f"adaptation:{whole.key}")
    for name, each in whole.processes.items():
        share, people = each.share.value * 100, each.people_percent
        who = "" if people.value == 100 else f", in {_reach(people)} % of people"
        yield Assumption(
            kind="adaptation", key=whole.key, note=each.says, source=each.source, at=each.at, confidence=each.confidence,
            says=f"{name}: in {_reach(each.days)} days, {decimal_text(share)} % of the {each.of}{who}.", state=state,
        )  # fmt: skip
    grown = whole.dependence
    yield Assumption(
        kind="adaptation", key=whole.key, note=grown.says, source=grown.source, at=grown.at, confidence=grown.confidence,
        says=f"dependence: half of it after {_reach(grown.half_days)} days of use.", state=state,
    )  # fmt: skip


def _reach(estimate: Estimate) -> str:
    return f"{decimal_text(estimate.value)} ({decimal_text(estimate.low)} to {decimal_text(estimate.high)})"


def _use(simulation: Simulation, case: Case, known: Knowledge) -> Iterator[Assumption]:
    drugs = tuple(simulation.kinetics)
    first = simulation.on[0]
    taking = [each for each in case.taking if each.drug in drugs and each.intakes]
    if not taking:
        yield _ours("use", "adaptation", f"{' and '.join(drugs)}: not taken before {first}.", known, source=CASE)
    for each in taking:
        if each.since is None:
            says = f"{each.drug}: nobody said since when. Long use and full dependence are taken, so that withdrawal is not made small."
        else:
            says = f"{each.drug}: used since {each.since}, so for {(first - each.since).days} days before {first}."
        if each.days_per_week is not None and each.days_per_week < 7:
            says += f" Taken on {each.days_per_week} days a week, it is spread evenly over all seven."
        yield _ours("use", "adaptation", says, known, source="opentaper" if each.since is None else CASE)


def _body(simulation: Simulation, known: Knowledge) -> Iterator[Assumption]:
    if simulation.body.weight_kg is None:
        weights = {decimal_text(model.weight_kg): model.key for model in simulation.kinetics.values()}
        says = f"No weight is known: {' and '.join(weights)} kg is taken, the weight of the model."
        yield _ours("body", next(iter(weights.values())), says, known)
    for model in simulation.kinetics.values():
        for each in model.older:
            if simulation.body.years is not None and simulation.body.years >= each.from_years:
                yield Assumption(
                    kind="body", key=model.key, source=each.source, at=each.at, confidence=each.confidence,
                    says=f"{each.analyte}: {each.name} times {decimal_text(each.ratio)} from {each.from_years} years on.",
                    note=each.note or "", state=_state(known, f"kinetics:{model.key}"),
                )  # fmt: skip


def _clearance(each: Altered, known: Knowledge) -> Assumption:
    row = each.interaction
    key = interaction_key(row, known)
    what = "leaves it as it is" if each.ratio == 1 else f"makes it about {two_digits(each.ratio)} times as large"
    when = "".join(
        [f" from {each.from_}" if each.from_ else "", f" until {each.until}" if each.until else ""]
    ) or ", all the time"  # fmt: skip
    printed = f" ({row.metric} {row.prints or ''}{', assumed' if row.assumed else ''})"
    return Assumption(
        kind="clearance", key=key, says=f"{each.by} with {each.drug}, clearance: {what}{when}{printed}.", note=row.says,
        source=row.source, at="interaction table", confidence=row.confidence, state=_state(known, f"interaction:{key}"),
    )  # fmt: skip


def interaction_key(row: Interaction, known: Knowledge) -> str:
    """Return the key under which the base holds a row of its interactions."""
    return next(key for key, each in known.interactions.items() if each is row)


def _ours(kind: str, key: str, says: str, known: Knowledge, *, source: str = "opentaper") -> Assumption:
    """This function will return what a case says, or what this program takes for granted for want of an answer."""
    confidence = "high" if source == CASE else "low"
    return Assumption(
        kind=kind, key=key, says=says, note="", source=source, at=CASE, confidence=confidence, state=known.state.says
    )


def left_out(simulation: Simulation, case: Case, known: Knowledge) -> tuple[str, ...]:
    """Say what acts on the person and is not in the simulation: named, and not modelled."""
    return (*_other_medicines(simulation, case, known), *_answers(case))


def _other_medicines(simulation: Simulation, case: Case, known: Knowledge) -> Iterator[str]:
    drugs = tuple(simulation.kinetics)
    followed = {each.by for each in simulation.altered}
    for taking in case.taking:
        other = taking.drug
        if other in drugs:
            continue
        if other is None:
            yield f"{taking.other}: the base does not know it, so whatever it does is left out."
        elif known.tapered_drug(other):
            yield f"{other}: taken too, and the regimen does not name it. It is not followed, and what it does is left out."
        else:
            rows = [row for row in known.interactions.values() if any(row.between(drug, other) for drug in drugs)]
            yield from (_left_out(other, row, known) for row in rows if _counts(row, followed=other in followed))


def _counts(row: Interaction, *, followed: bool) -> bool:
    """This function will say whether a row speaks of something that the simulation leaves out."""
    return row.kind == "pharmacodynamic" or (not followed and row.exposure != "none")


def _left_out(other: str, row: Interaction, known: Knowledge) -> str:
    why = (
        "it acts on the effect, which nobody has put in numbers"
        if row.kind == "pharmacodynamic"
        else f"the level may be {row.exposure}, and nobody says by how much"
    )
    return f"{other}: {why}. {row.says} [{interaction_key(row, known)}]"


def _answers(case: Case) -> Iterator[str]:
    acts = {
        "opioids": "opioids add to its effect on waking and breathing, with or without tolerance to it; no model of that is in here",
        "alcohol_heavy": "alcohol adds to its effect and brings a withdrawal of its own; no model of that is in here",
        "liver_disease": "liver disease slows the clearance of most of these drugs; nobody says by how much, so it is left out",
        "pregnancy": "pregnancy changes levels; it is left out",
        "withdrawal_seizure_or_delirium": "a seizure or delirium in an earlier withdrawal makes another more likely; no figure here knows of it",
        "seizure_history": "seizures in the past make a seizure in withdrawal more likely; no figure here knows of it",
    }
    for question, says in acts.items():
        if case.patient.answer(question) == YES:
            yield f"{says[0].upper()}{says[1:]}. [{question}]"
