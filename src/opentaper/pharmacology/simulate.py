"""What a regimen is predicted to do: one typical person, the band of people around, and every rival assumption."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from opentaper.frozen import dataclass
from opentaper.knowledge import EffectModel, KineticModel, Knowledge
from opentaper.patient import Case, Regimen
from opentaper.pharmacology.course import Course, Trajectory, WhatIf, body_of, moments
from opentaper.pharmacology.crowd import joined
from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import BLOCK, Assumptions, Body, People, one_block, typical
from opentaper.pharmacology.seam import Altered
from opentaper.pharmacology.tolerance import PAUSES, Resumed, Single, resumed, single
from opentaper.quantity import Dose

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of people, lowest first; the band that is shown is from the first to the last."""
TAIL = dt.timedelta(days=56)
"""How long after the last change of dose is looked: the classical syndrome is over in four weeks."""
IN_A_MOVING_BAND = 8
"""People in the band where clearance moves, which takes a hundred times as long a person; so few give a rough band."""
IN_THE_BAND = 64
"""People in the band of one person's simulation; a cohort has as many as anybody asks for."""
USUAL_EFFECT = "occupancy"
AS_PLANNED = WhatIf()


class CannotSimulateError(ValueError):
    """The base holds no model of a drug that is taken, or no such model as was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is predicted, and with what; all of it is modelled.

    Args:
        on: the days, axes (day,).
        dose_mg: by drug, what is taken on each day [mg], axes (day,).
        middle: one typical person, axes (1, day).
        crowd: people who differ, axes (person, day); None where nobody was asked for.
        rivals: the typical person under each other assumption about the effect, by its key.
        people, seed: how many are in the band, and what fixes them.
        kinetics, effect: the models used.
        typical, drawn: who was followed: the typical person, and the people of the band; None where there is none.
        course: what is taken by the day, its history included.
        body: what was known of the person beforehand.
        assumed: every model and figure that was used.
    """

    on: tuple[dt.date, ...]
    dose_mg: Mapping[str, Floats]
    middle: Trajectory
    crowd: Trajectory | None
    rivals: Mapping[str, Trajectory]
    people: int
    seed: int
    typical: People
    drawn: People | None
    course: Course
    body: Body
    assumed: Assumptions

    @property
    def kinetics(self) -> Mapping[str, KineticModel]:
        return self.assumed.kinetics

    @property
    def effect(self) -> EffectModel:
        return self.assumed.effect

    @property
    def band(self) -> Trajectory | None:
        """Quantiles over the people who differ, axes (quantile, day), worked out anew each time."""
        return None if self.crowd is None else _band(self.crowd)

    def edges(self, measure: str, place: int | None) -> Floats | None:
        """Return the quantiles of one measure on one day, or on the day before the first one, axes (quantile,)."""
        if self.crowd is None:
            return None
        each = self.crowd.day_before[measure] if place is None else self.crowd.each()[measure][:, place]
        return _quantiles(each)

    @property
    def altered(self) -> tuple[Altered, ...]:
        return self.course.altered

    def peak(self, course: Trajectory | None = None) -> tuple[dt.date, float]:
        """Return the day of the most withdrawal and how much it is, of the typical person or of a rival."""
        values = (course or self.middle).withdrawal[0]
        worst = int(np.argmax(values))
        return self.on[worst], float(values[worst])

    def day(self, on: dt.date) -> int:
        """Return the place of a day among the days, or of the last one for a day after it."""
        return min(max(0, (on - self.on[0]).days), len(self.on) - 1)

    def worst(self, first: int = 0, last: int | None = None) -> tuple[int, float, Floats | None]:
        """Find the most withdrawal between two days, the second one not included.

        Returns:
            The typical person's worst day, how much it is on it, and the quantiles of the most that each person of the
            crowd has, whichever day that is, axes (quantile,).
        """
        values = self.middle.withdrawal[0, first:last]
        found = int(np.argmax(values))
        each = None if self.crowd is None else _quantiles(self.crowd.withdrawal[:, first:last].max(axis=1))
        return first + found, float(values[found]), each

    def resumed(self, pauses: Sequence[int] = PAUSES) -> tuple[Resumed, Resumed | None]:
        """Predict how strong it would be to go back to the present dose after some days without any.

        Returns:
            The typical person, and the quantiles of the same people as in the band, axes (quantile, pause).
        """
        each = resumed(self._everybody(), self.course, pauses)
        middle = replace(each, strength=each.strength[:1])
        return middle, replace(each, strength=_quantiles(each.strength[1:])) if self.people else None

    def single(self, doses: Mapping[str, Dose]) -> tuple[Single, Single | None]:
        """Predict when a single dose of each drug is felt by somebody who never took any.

        Returns:
            The typical person, and the quantiles of the same people as in the band, axes (quantile,).
        """
        each = single(self._everybody(), {drug: float(dose.mg) for drug, dose in doses.items()})
        middle = _timed(each, lambda times: times[:1])
        return middle, _timed(each, lambda times: _quantiles(times[1:])) if self.people else None

    def _everybody(self) -> People:
        """This function will return the typical person and, after them, the people of the band."""
        return self.typical if self.drawn is None else joined([self.typical, self.drawn])[0]


def simulate(
    case: Case,
    regimen: Regimen,
    known: Knowledge,
    *,
    effect: str = USUAL_EFFECT,
    kinetics: Sequence[str] = (),
    what_if: WhatIf = AS_PLANNED,
    people: int | None = None,
    seed: int = 1,
    rivals: bool = True,
    like: Simulation | None = None,
) -> Simulation:
    """Predict level, effect, adaptation and withdrawal under a regimen.

    Args:
        case: who it is, since when they take what, and what else they take.
        regimen: what is taken from its first day on; before it, what the case says.
        known: the base, with every model and figure.
        effect: the key of a model of the effect.
        kinetics: keys of models to use instead of the chosen ones.
        what_if: what happens otherwise than planned.
        people: how many people the band is of, at most 1024; 0 for none. By itself `IN_THE_BAND`, or `IN_A_MOVING_BAND`
            where a medicine is begun or ended on the way.
        seed: fixes the people.
        rivals: whether to predict under every other model of the effect too.
        like: another simulation, whose people are followed again where they are the same, instead of being made anew.

    Raises:
        CannotSimulateError: a drug has no model, or a key is not known.
        UnknownPotencyError: nobody has related the level of a drug to an effect.
        ValueError: a slip where nothing is planned, a medicine that changes no level, more people than a block holds.
    """
    if people is not None and not 0 <= people <= BLOCK:
        raise ValueError(f"a band is of 0 to {BLOCK} people, got {people}")
    _refuse_outside(regimen, what_if)
    models = chosen_models(regimen.drugs, known, kinetics)
    course = Course.of(case, regimen, known, models, _until(regimen, what_if), what_if)
    assumed = Assumptions(
        kinetics=models, effect=effect_model(effect, known), potencies=known.potencies, adaptation=known.adaptation
    )
    body = body_of(case, course)
    if people is None:
        people = IN_A_MOVING_BAND if course.moving else IN_THE_BAND
    others = [key for key in known.effects if key != effect] if rivals else []
    same = like if like and (like.assumed, like.body, like.people, like.seed) == (assumed, body, people, seed) else None
    middle = same.typical if same else typical(assumed, body)
    drawn = (same.drawn if same else one_block(assumed, body, 0, people, seed=seed)) if people else None
    groups = [middle, *(typical(replace(assumed, effect=known.effects[key]), body) for key in others)]
    together, felt = joined([*groups, *([] if drawn is None else [drawn])])
    whole = course.follow(together, effect=felt)
    crowd = None if drawn is None else whole.of(slice(len(groups), None))
    return Simulation(
        on=moments(course.first, next(iter(course.taken.values())).days - course.before),
        dose_mg={drug: each.dose_mg[course.before :].sum(axis=1) for drug, each in course.taken.items()},
        middle=whole.of(slice(0, 1)),
        crowd=crowd,
        rivals={key: whole.of(slice(place, place + 1)) for place, key in enumerate(others, start=1)},
        people=people,
        seed=seed,
        typical=middle,
        drawn=drawn,
        course=course,
        body=body,
        assumed=assumed,
    )


def _refuse_outside(regimen: Regimen, what_if: WhatIf) -> None:
    """Refuse what would happen on days that nobody looks at, or a stop of what is not taken.

    The days are those of the regimen, also where a stop cuts short what is worked out.
    """
    first, last = regimen.steps[0].from_, regimen.steps[-1]
    for what, on in [("stop", what_if.stop_on), *what_if.begun, *what_if.ended]:
        if on is not None and not first <= on < last.from_ + TAIL:
            raise ValueError(
                f"{what}: {on} lies outside the days that are looked at, {first} until {last.from_ + TAIL}"
            )
    if what_if.stop_on is not None and not last.daily and what_if.stop_on >= last.from_:
        raise ValueError(f"nothing is taken from {last.from_} on, so nothing can be stopped on {what_if.stop_on}")


def _until(regimen: Regimen, what_if: WhatIf) -> dt.date:
    """This function will return the day up to which is looked: weeks after the last change of dose."""
    first, last = regimen.steps[0].from_, regimen.steps[-1].from_
    stop = what_if.stop_on
    return max(first, last if stop is None else min(last, stop)) + TAIL


def chosen_models(drugs: Sequence[str], known: Knowledge, named: Sequence[str] = ()) -> dict[str, KineticModel]:
    """Return the model of each drug: the one that was named, or the one that the base chose.

    Raises:
        CannotSimulateError: there is none, or a named one is of no drug that is taken.
    """
    found: dict[str, KineticModel] = {}
    for key in named:
        if key not in known.kinetics:
            raise CannotSimulateError(f"there is no kinetic model {key!r}; there are: {', '.join(known.kinetics)}")
        if known.kinetics[key].drug not in drugs:
            raise CannotSimulateError(f"the model {key} is of {known.kinetics[key].drug}, which is not taken")
        found[known.kinetics[key].drug] = known.kinetics[key]
    for drug in drugs:
        models = known.kinetics_of(drug)
        if drug not in found and not models:
            raise CannotSimulateError(f"the base has no kinetic model of {drug}, so nothing of it can be predicted")
        if drug not in found:
            found[drug] = models[0]
    return found


def effect_model(key: str, known: Knowledge) -> EffectModel:
    """Return a model of the effect.

    Raises:
        CannotSimulateError: there is none of that key.
    """
    if key not in known.effects:
        raise CannotSimulateError(f"there is no model of the effect {key!r}; there are: {', '.join(known.effects)}")
    return known.effects[key]


def _timed(single_dose: Single, of: Callable[[Floats], Floats]) -> Single:
    return Single(begins_h=of(single_dose.begins_h), peak_h=of(single_dose.peak_h), lasts_h=of(single_dose.lasts_h))


def _quantiles(values: Floats) -> Floats:
    """This function will return quantiles over people, straight between two of them, axes (quantile, …).

    np.quantile gives the same, and would load masked arrays for it, a tenth of the time of a start.
    """
    ordered = np.sort(values, axis=0)
    place = np.array(QUANTILES) * (len(ordered) - 1)
    below = place.astype(np.int64)
    part = (place - below).reshape(-1, *(1,) * (values.ndim - 1))
    return ordered[below] + part * (ordered[np.minimum(below + 1, len(ordered) - 1)] - ordered[below])


def _band(crowd: Trajectory) -> Trajectory:
    of = _quantiles
    return Trajectory(
        level={analyte: of(values) for analyte, values in crowd.level.items()},
        effect=of(crowd.effect),
        adapted=of(crowd.adapted),
        withdrawal=of(crowd.withdrawal),
        day_before={key: of(values) for key, values in crowd.day_before.items()},
    )
