"""What is predicted of one regimen, taken out of arrays into exact, rounded figures: steps, peaks, comparisons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from opentaper.exchange.simulation.assumed import Assumption, assumptions, left_out
from opentaper.exchange.simulation.figure import Figure
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Regimen
from opentaper.quantity import NO_DOSE, Dose

if TYPE_CHECKING:
    from opentaper.pharmacology import Simulation, WhatIf
    from opentaper.pharmacology.kinetics import Floats

LOW, HIGH = 0, -1
"""Places of the band's edges among the quantiles: 5 and 95 % of people."""
PAUSES = (0, 7, 14, 28)
"""Days without any after which going back to the present dose is looked at."""
MISSED_FOR = dt.timedelta(days=28)
"""How long after a missed day its effect is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most withdrawal in some days: on which day of the typical person, and how much of whom."""

    on: dt.date
    withdrawal: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is predicted for days on which nothing is changed.

    Args:
        from_, until: the days, `until` not included; None where the end is open.
        doses: the daily dose of each drug.
        level: by analyte, the lowest level of the last day [ng/mL].
        effect, adapted: on the last day, as a share of the effect of the present dose.
        peak: the most withdrawal in these days.
    """

    from_: dt.date
    until: dt.date | None
    doses: Mapping[str, Dose]
    level: Mapping[str, Figure]
    effect: Figure
    adapted: Figure
    peak: Peak

    @property
    def last(self) -> str:
        """Up to which day, in words."""
        return "on" if self.until is None else f"{self.until - dt.timedelta(days=1)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What it would do if nothing of one day's doses were taken: the most withdrawal in the four weeks from it on."""

    on: dt.date
    without: Peak
    as_planned: Peak


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDose:
    """When the largest present intake is felt by somebody who never took any [h]."""

    doses: Mapping[str, Dose]
    begins: Figure
    peak: Figure
    lasts: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Everything that is predicted of one regimen; all of it is modelled.

    Args:
        case, regimen, known: whom and what it is about, and the base it stands on.
        asked: what is to happen otherwise than planned.
        planned: the simulation that was asked for.
        abrupt: the same person if everything were stopped on the regimen's first day.
        as_planned: without what was asked to happen otherwise; None where nothing was.
        missed: one day left out; None where something else was asked to happen, or nothing is taken.
        resumed: by days without any, how strong going back to the present dose would be, as a share of the same in
            somebody who never took it.
        felt: a single dose; None where nothing is taken now.
        outlooks: step by step.
        assumed: what it rests on.
        left_out: what acts on the person and is not in it.
    """

    case: Case
    regimen: Regimen
    known: Knowledge
    asked: WhatIf
    planned: Simulation
    abrupt: Simulation
    as_planned: Simulation | None
    missed: Missed | None
    resumed: Mapping[int, Figure]
    felt: OneDose | None
    outlooks: tuple[Outlook, ...]
    assumed: tuple[Assumption, ...]
    left_out: tuple[str, ...]

    @property
    def peak(self) -> Peak:
        """The most withdrawal of the whole regimen."""
        return peak_of(self.planned)

    @property
    def everyday(self) -> Figure | None:
        """Withdrawal between doses of the present dose: what every other figure is to be read against."""
        return before(self.planned, "withdrawal")

    def rivals(self, simulation: Simulation) -> dict[str, Peak]:
        """Return the typical person's peak under every assumption about the effect, the asked one first."""
        found = {simulation.effect.key: simulation.peak()}
        found |= {key: simulation.peak(each) for key, each in simulation.rivals.items()}
        return {key: Peak(on=on, withdrawal=_figure(value)) for key, (on, value) in found.items()}


def forecast(
    case: Case,
    regimen: Regimen,
    known: Knowledge,
    *,
    effect: str | None = None,
    kinetics: Sequence[str] = (),
    what_if: WhatIf | None = None,
    people: int | None = None,
    seed: int = 1,
) -> Forecast:
    """Predict what a regimen does, and beside it a sudden stop, a missed day and going back to the present dose.

    Args:
        case: who it is, since when they take what, and what else they take.
        regimen: what is taken from its first day on.
        known: the base, with every model and figure.
        effect: the key of a model of the effect; by itself the usual one.
        kinetics: keys of models to use instead of the chosen ones.
        what_if: what happens otherwise than planned; by itself nothing.
        people: how many people the band is of, at most 1024; 0 for none, by itself the usual number.
        seed: fixes the people.

    Raises:
        CannotSimulateError: a drug has no model, or a key is not known.
        UnknownPotencyError: nobody has related the level of a drug to an effect.
        ValueError: nothing of it is taken now, a slip where nothing is planned, a medicine that changes no level, too
            many people.
    """
    # Here, because planning and reviewing must not wait for arrays.
    from opentaper.pharmacology import USUAL_EFFECT, WhatIf, simulate

    def run(what: WhatIf, of: Regimen, *, rivals: bool = False, like: Simulation | None = None) -> Simulation:
        return simulate(
            case, of, known, effect=effect or USUAL_EFFECT, kinetics=kinetics, what_if=what,
            people=people, seed=seed, rivals=rivals, like=like,
        )  # fmt: skip

    nothing = WhatIf()
    asked = what_if or nothing
    planned = run(asked, regimen, rivals=True)
    first = regimen.steps[0].from_
    if not planned.middle.day_before:
        drugs = " and ".join(regimen.drugs)
        raise ValueError(f"{drugs} is not taken before {first}, so there is no present dose to compare anything with")
    day = None if asked != nothing else _day_to_miss(planned, regimen)
    return Forecast(
        case=case,
        regimen=regimen,
        known=known,
        asked=asked,
        planned=planned,
        abrupt=run(replace(asked, slips=(), stop_on=first), regimen, rivals=True, like=planned),
        as_planned=run(nothing, regimen, like=planned) if asked != nothing else None,
        missed=None if day is None else _missed(planned, run, regimen, day),
        resumed=resumed(planned, PAUSES),
        felt=_felt(planned, case),
        outlooks=tuple(_outlooks(planned, regimen, asked.stop_on)),
        assumed=assumptions(planned, case, known),
        left_out=left_out(planned, case, known),
    )


def peak_of(simulation: Simulation, from_: dt.date | None = None, until: dt.date | None = None) -> Peak:
    """Return the most withdrawal of some days, by itself of all; the second day is not included."""
    first = 0 if from_ is None else simulation.day(from_)
    last = None if until is None else max(first + 1, simulation.day(until))
    place, middle, edges = simulation.worst(first, last)
    return Peak(on=simulation.on[place], withdrawal=_edged(middle, edges))


def before(simulation: Simulation, measure: str) -> Figure | None:
    """Return a measure on the day before the first one; None where nothing was taken before."""
    if measure not in simulation.middle.day_before:
        return None
    return _edged(simulation.middle.day_before[measure][0], simulation.edges(measure, None))


def on_day(simulation: Simulation, measure: str, place: int) -> Figure:
    """Return a measure on a day, by its name among the courses of a trajectory."""
    return _edged(simulation.middle.each()[measure][0, place], simulation.edges(measure, place))


def resumed(simulation: Simulation, pauses: Sequence[int]) -> dict[int, Figure]:
    """Return how strong it would be to go back to the present dose after some days without any."""
    middle, band = simulation.resumed(pauses)
    if band is None:
        return {pause: _figure(middle.strength[0, place]) for place, pause in enumerate(pauses)}
    return {
        pause: _figure(middle.strength[0, place], band.strength[LOW, place], band.strength[HIGH, place])
        for place, pause in enumerate(pauses)
    }


def _edged(middle: float, edges: Floats | None) -> Figure:
    return _figure(middle) if edges is None else _figure(middle, edges[LOW], edges[HIGH])


def _figure(middle: float, low: float | None = None, high: float | None = None) -> Figure:
    from opentaper.pharmacology import rounded

    if low is None or high is None:
        return Figure(middle=rounded(middle))
    return Figure(middle=rounded(middle), low=rounded(low), high=rounded(high))


def _outlooks(simulation: Simulation, regimen: Regimen, stop_on: dt.date | None) -> list[Outlook]:
    """This function will look at every span of the regimen, and at the days after a stop as one."""
    spans = [
        (from_, until, {step.drug: step.daily for step in steps})
        for from_, until, steps in regimen.spans()
        if stop_on is None or from_ < stop_on
    ]
    if stop_on is not None:
        if spans:
            from_, _, doses = spans[-1]
            spans[-1] = (from_, stop_on, doses)
        spans.append((max(stop_on, regimen.steps[0].from_), None, dict.fromkeys(regimen.drugs, NO_DOSE)))
    return [_outlook(simulation, *span) for span in spans]


def _outlook(simulation: Simulation, from_: dt.date, until: dt.date | None, doses: Mapping[str, Dose]) -> Outlook:
    last = len(simulation.on) - 1 if until is None else simulation.day(until) - 1
    return Outlook(
        from_=from_,
        until=until,
        doses=doses,
        level={key: on_day(simulation, f"level-{key}", last) for key in simulation.middle.level},
        effect=on_day(simulation, "effect", last),
        adapted=on_day(simulation, "adapted", last),
        peak=peak_of(simulation, from_, until),
    )


def _day_to_miss(simulation: Simulation, regimen: Regimen) -> dt.date | None:
    """This function will choose the day of the most withdrawal, or the last one before it on which something is taken."""
    day = simulation.peak()[0]
    while day > regimen.steps[0].from_ and not any(step.daily for step in regimen.on(day)):
        day -= dt.timedelta(days=1)
    return day if any(step.daily for step in regimen.on(day)) else None


def _missed(planned: Simulation, run: Callable[..., Simulation], regimen: Regimen, day: dt.date) -> Missed:
    from opentaper.pharmacology import Slip, WhatIf

    until = day + MISSED_FOR
    without = run(WhatIf(slips=(Slip(on=day, time=None, times=0),)), _shortened(regimen, until), like=planned)
    return Missed(on=day, without=peak_of(without, day, until), as_planned=peak_of(planned, day, until))


def _shortened(regimen: Regimen, until: dt.date) -> Regimen:
    """This function will leave out steps of a single drug that begin after a day, so that less is worked out."""
    if len(regimen.drugs) > 1:
        return regimen
    kept = [step for step in regimen.steps if step.from_ <= until]
    return Regimen(steps=(*kept[:-1], replace(kept[-1], until=None)))


def _felt(simulation: Simulation, case: Case) -> OneDose | None:
    if case.goal.of not in simulation.kinetics or not case.present.intakes:
        return None
    doses = {case.goal.of: max(intake.dose for intake in case.present.intakes)}
    middle, band = simulation.single(doses)
    named = {name: getattr(middle, f"{name}_h")[0] for name in ("begins", "peak", "lasts")}
    if band is None:
        figures = {name: _figure(value) for name, value in named.items()}
    else:
        edges = {name: getattr(band, f"{name}_h") for name in named}
        figures = {name: _figure(value, edges[name][LOW], edges[name][HIGH]) for name, value in named.items()}
    return OneDose(doses=doses, begins=figures["begins"], peak=figures["peak"], lasts=figures["lasts"])
