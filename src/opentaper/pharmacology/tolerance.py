"""What a dose would do to somebody who is no longer used to it, and when a single one is felt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from opentaper.frozen import dataclass
from opentaper.pharmacology.course import Course
from opentaper.pharmacology.days import Daily, Followed, follow_each
from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import HOURS, People

PAUSES = (0, 1, 3, 7, 14, 21, 28, 42, 56, 84)
"""Days without any after which going back to the old dose is looked at."""
BACK_DAYS = 14
AFTER_H = (1.0, 2.0, 4.0)
"""When after each intake the most is looked for [h]: most of these drugs peak within two hours."""
STEP_H = 0.05
"""How fine a single dose is looked at [h]."""
FELT = 0.5
"""The part of its own peak from which on a single dose is called felt: our definition, not a measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """How strong it would be to go back to the old daily dose after days without any.

    Args:
        days: days without, axes (pause,).
        strength: the most that effect exceeds what people are used to in the two weeks after, as a share of the same in
            somebody who never took it, axes (person, pause). The first pause, 0, is going on as before.
    """

    days: Floats
    strength: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A single dose in people who never took any: from when and how long it is above `FELT` of its peak [h], axes (person,)."""

    begins_h: Floats
    peak_h: Floats
    lasts_h: Floats


def resumed(people: People, course: Course, pauses: Sequence[int] = PAUSES) -> Resumed:
    """Predict how strong the old daily dose would be if it were taken up again after some days without any."""
    standing = max(1, course.standing + course.before)
    hours = {hour + after for each in course.taken.values() for hour in each.hour.tolist() for after in AFTER_H}
    ways = [(_back(course, 0, used=False), 0), *((_back(course, pause, used=True), standing) for pause in pauses)]
    never, *strength = (
        _most(people, found)
        for found in follow_each(people, ways, sorted({min(hour, HOURS) for hour in hours} | {HOURS}))
    )
    return Resumed(
        days=np.array(pauses, dtype=np.float64), strength=np.stack([each / never for each in strength], axis=-1)
    )


def _back(course: Course, pause: int, *, used: bool) -> dict[str, Daily]:
    """This function will return a day of the old dose if it was used, days without any, and the old dose again."""
    taken = {}
    for drug, each in course.taken.items():
        day = each.dose_mg[:1]
        rest = np.zeros((pause, day.shape[1]))
        before = day if used else day[:0]
        taken[drug] = Daily(hour=each.hour, dose_mg=np.vstack([before, rest, np.repeat(day, BACK_DAYS, axis=0)]))
    return taken


def _most(people: People, found: Followed) -> Floats:
    """This function will return the most that effect exceeds adaptation once the old dose is taken again, axes (person,)."""
    used_to = np.einsum("pdlk,pk->pdl", found.adapted, people.share)
    return (people.curve.of(found.drive) - used_to)[:, -BACK_DAYS:].max(axis=(1, 2))


def single(people: People, dose_mg: Mapping[str, float]) -> Single:
    """Predict when a single dose is felt by people who are not used to it."""
    slowest = max(float(people.modes[drug].half_life_h.max()) for drug in dose_mg)
    fine = np.arange(0.0, max(72.0, 4.0 * slowest), STEP_H)
    drive = np.zeros((len(people), len(fine)))
    for drug, dose in dose_mg.items():
        level = people.modes[drug].after_one(dose, STEP_H, len(fine))
        drive += np.einsum("pat,pa->pt", level, 1.0 / people.potency[drug])
    effect = people.curve.of(drive)
    above = effect >= FELT * effect.max(axis=1, keepdims=True)
    begins, ends = np.argmax(above, axis=1), len(fine) - 1 - np.argmax(above[:, ::-1], axis=1)
    return Single(begins_h=fine[begins], peak_h=fine[np.argmax(effect, axis=1)], lasts_h=fine[ends] - fine[begins])
