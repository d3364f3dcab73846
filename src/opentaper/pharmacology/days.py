"""The same answers by another way: everybody at once, a regimen day by day, as products of arrays.

A regimen repeats its hours, so what an hour of the day adds to another is one table a person. This way shares no line
with the kernel and needs no compiler; it serves one person and a few hundred in milliseconds, takes an effect of any
shape, and checks the kernel in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import cycle

import numpy as np

from opentaper.frozen import dataclass
from opentaper.pharmacology import induction
from opentaper.pharmacology.induction import Change, Compartments
from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import HOURS, People
from opentaper.pharmacology.quadrature import places

NODES_FIRST = ["einsum_path", (0, 2), (0, 1)]
"""In which order a mean is added up; numpy would find the same one anew each time."""
BLOCK_DAYS = 64
"""Days worked out at a time, so that memory does not grow with the length of a history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """What is taken of one drug by the day.

    Args:
        hour: when in the day [h], ascending, at least 0 and below 24, axes (intake,).
        dose_mg: how much on each day [mg], axes (day, intake).
    """

    hour: Floats
    dose_mg: Floats

    def __post_init__(self) -> None:
        if (
            self.hour.ndim != 1
            or (np.diff(self.hour) <= 0.0).any()
            or (self.hour < 0.0).any()
            or (self.hour >= HOURS).any()
        ):
            raise ValueError("hours of the day are ascending, at least 0 and below 24")
        if self.dose_mg.ndim != 2 or self.dose_mg.shape[1] != len(self.hour):
            raise ValueError(f"doses of axes {self.dose_mg.shape} do not fit {len(self.hour)} intakes a day")
        if not np.isfinite(self.dose_mg).all() or (self.dose_mg < 0.0).any():
            raise ValueError("a dose [mg] is finite and never negative")

    @property
    def days(self) -> int:
        return self.dose_mg.shape[0]

    def later(self, lag_h: float, *, stood: bool = False) -> Daily:
        """Return when the doses begin to be absorbed; what passes midnight belongs to the next day.

        Args:
            lag_h: how long after a dose that is [h].
            stood: whether days like the first one came before it, of which the last one's late doses reach into it.
        """
        begun = np.round(self.hour + lag_h, 9)
        over = begun >= HOURS
        order = np.argsort(np.where(over, begun - HOURS, begun))
        eve = self.dose_mg[:1, over] * stood
        moved = np.vstack([eve, self.dose_mg[:-1, over]]) if self.days else self.dose_mg[:, over]
        dose = self.dose_mg.copy()
        dose[:, over] = moved
        return Daily(hour=np.where(over, begun - HOURS, begun)[order], dose_mg=dose[:, order])


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What was found, by the day and the hours of the day at which somebody looked.

    Args:
        drive: what is felt of the drugs before the effect's curve, axes (person, day, look).
        adapted: the fast, the main and the slow adaptation, axes (person, day, look, 3).
        level: by drug, the level of each of its analytes [ng/mL], axes (person, day, look, analyte).
        mean: the effect, averaged over each day, axes (person, day).
    """

    drive: Floats
    adapted: Floats
    level: Mapping[str, Floats]
    mean: Floats


def follow(
    people: People,
    taken: Mapping[str, Daily],
    look: Sequence[float] = (HOURS,),
    *,
    effect: Callable[[Floats], Floats] | None = None,
    used_days: int = 0,
    change: Mapping[str, Sequence[Change]] | None = None,
) -> Followed:
    """Follow drive, adaptation and levels of people who begin without any drug, or after long use.

    Args:
        people: who.
        taken: what they take, by drug, all over the same days.
        look: hours of the day at which to look [h], ascending, above 0 and at most 24; what is taken at that hour does
            not count yet.
        effect: of the drive; the people's own curve where none is given.
        used_days: how many days like the first one came before it. Levels are then steady from the start, which
            leaves out how they first built up: long ago, or it is to be given day by day.
        change: by drug, what changes its clearance, counted from the start of the first day; see `induction`.

    Raises:
        ValueError: the drugs are not given over the same days.
    """
    drugs = _absorbed(people, taken, used_days)
    table = _Table(people, drugs, look, effect or people.curve.of, change or {}, stood=used_days > 0)
    return _followed(table, drugs, used_days)


def follow_each(
    people: People, ways: Sequence[tuple[Mapping[str, Daily], int]], look: Sequence[float] = (HOURS,)
) -> Iterator[Followed]:
    """Follow the same people on several ways of taking the same drugs at the same hours, as `follow` does one.

    Args:
        people: who.
        ways: what they take, by drug, and how many days like the first one came before it.
        look: hours of the day at which to look [h].
    """
    drugs = [_absorbed(people, taken, used_days) for taken, used_days in ways]
    table = _Table(people, drugs[0], look, people.curve.of, {}, stood=False)
    for each, (_, used_days) in zip(drugs, ways, strict=True):
        yield _followed(table, each, used_days)


def _absorbed(people: People, taken: Mapping[str, Daily], used_days: int) -> dict[str, Daily]:
    """This function will return when the doses begin to be absorbed, all over the same days."""
    if len({each.days for each in taken.values()}) != 1:
        raise ValueError("every drug must be given over the same days")
    return {name: each.later(people.modes[name].lag_h, stood=used_days > 0) for name, each in taken.items()}


def _followed(table: _Table, drugs: Mapping[str, Daily], used_days: int) -> Followed:
    """This function will follow people who begin with nothing, or after long use, block by block."""
    table.begin(drugs)
    if used_days:
        table.stand(used_days)
    days = next(iter(drugs.values())).days
    found = [table.run(slice(begin, min(begin + BLOCK_DAYS, days))) for begin in range(0, days, BLOCK_DAYS)]
    return Followed(
        drive=np.concatenate([each.drive for each in found], axis=1),
        adapted=np.concatenate([each.adapted for each in found], axis=1),
        level={name: np.concatenate([each.level[name] for each in found], axis=1) for name in drugs},
        mean=np.concatenate([each.mean for each in found], axis=1),
    )


class _Table:
    """What an hour of the day adds to another, and where everybody stands now."""

    def __init__(
        self,
        people: People,
        drugs: Mapping[str, Daily],
        look: Sequence[float],
        effect: Callable[[Floats], Floats],
        change: Mapping[str, Sequence[Change]],
        *,
        stood: bool,
    ) -> None:
        self.people, self.effect = people, effect
        self.begin(drugs)
        taken = (hour for each in drugs.values() for hour in each.hour.tolist())
        edges = np.array(sorted({0.0, HOURS, *map(float, look), *taken}))  # np.unique would load masked arrays
        start, self.length = edges[:-1], np.diff(edges)
        place, mass = places()
        self.seen = np.searchsorted(edges[1:], np.asarray(look))
        self.nodes = (start[:, None] + self.length[:, None] * place).ravel()
        self.ends = edges[1:]
        sped = self.length[:, None] / people.tau_h[:, None, :]
        self.keep = np.exp(-sped)
        self.mass = mass
        self.pull = mass[:, None] * sped[:, :, None, :] * np.exp(-sped[:, :, None, :] * (1.0 - place)[:, None])
        self.potency = {name: 1.0 / people.potency[name] for name in drugs}
        hours = np.concatenate([self.nodes, self.ends[self.seen]])
        self.moved = {
            name: _moved(people, name, drugs[name], hours, own, stood=stood) for name, own in change.items() if own
        }
        self.left = {name: self._left(name) for name in drugs if name not in self.moved}

    def begin(self, drugs: Mapping[str, Daily]) -> None:
        """Let nobody have taken anything yet, and take these drugs, at the hours of the table, from now on."""
        self.drugs = drugs
        self.state = {name: np.zeros_like(self.people.modes[name].rates) for name in drugs}
        self.adapted = np.zeros((len(self.people), 3))

    def stand(self, used_days: int) -> None:
        """Let so many days like the first one pass at once.

        Equation: x is steady at added / (1 - keep), and an adaptation at A·(1 - keep^days), A being its own steady value.
        """
        first = slice(0, 1)
        for name in self.drugs.keys() - self.moved.keys():
            each = self.drugs[name]
            added = self._added(name, each.dose_mg[first], each.hour)[0]
            self.state[name] = added / -np.expm1(-self.people.modes[name].rates * HOURS)
        steady = dict(self.state)
        self._relaxed(self._felt(first)[2])
        once = self.adapted  # from nothing, at the end of one day
        whole = np.exp(-HOURS / self.people.tau_h)
        self.adapted = once / (1.0 - whole) * -np.expm1(-used_days * HOURS / self.people.tau_h)
        self.state = steady

    def run(self, days: slice) -> Followed:
        """Follow everybody through some days, from where they stand."""
        drive, level, pulled, mean = self._felt(days)
        return Followed(drive=drive, adapted=self._relaxed(pulled), level=level, mean=mean)

    def _felt(self, days: slice) -> tuple[Floats, dict[str, Floats], Floats, Floats]:
        """This function will return drive and levels at the looks, what each interval adds to adaptation, and the mean."""
        count = len(self.people)
        felt: list[Floats] = []
        level = {}
        for name, each in self.drugs.items():
            potency = self.potency[name]
            if name in self.moved:
                found = self.moved[name][:, days]
                felt.append(found[:, :, : len(self.nodes)] @ potency[:, None, :, None])
                level[name] = found[:, :, len(self.nodes) :]
            else:
                dose = each.dose_mg[days]
                begun = self._begun(name, dose, each.hour)
                at_nodes, at_looks = (_at(begun, dose, left) for left in self.left[name])
                felt.append(at_nodes)
                level[name] = at_looks
        drive = reduce(np.add, [np.einsum("pdla,pa->pdl", level[name], self.potency[name]) for name in self.drugs])
        effect = self.effect(reduce(np.add, felt)).reshape(count, -1, len(self.length), len(self.mass))
        pulled = np.matmul(effect.transpose(0, 2, 1, 3), self.pull).transpose(2, 1, 0, 3)
        mean = np.einsum("pdin,i,n->pd", effect, self.length / HOURS, self.mass, optimize=NODES_FIRST)
        return drive, level, pulled, mean

    def _begun(self, name: str, dose: Floats, hour: Floats) -> Floats:
        """This function will return the state of the modes at the start of each day, axes (day, person, mode)."""
        rates = self.people.modes[name].rates
        keep = np.exp(-rates * HOURS)
        added, now, found = self._added(name, dose, hour), self.state[name], np.empty((len(dose), *rates.shape))
        for day, more in enumerate(added):
            found[day] = now
            now = now * keep + more
        self.state[name] = now
        return found

    def _added(self, name: str, dose: Floats, hour: Floats) -> Floats:
        """This function will return what each day's doses leave in the modes at its end, axes (day, person, mode)."""
        rates = self.people.modes[name].rates
        return np.einsum("ds,psm->dpm", dose, np.exp(-rates[:, None, :] * (HOURS - hour)[:, None]))

    def _left(self, name: str) -> tuple[Floats, Floats]:
        """This function will return what the day's beginning and its doses leave of the drive and of each analyte.

        Returns:
            At the nodes, of the drive, and at the looks, of each analyte: axes (person, analyte, hour, term), the terms being
            the modes at the start of the day and then 1 mg of each intake.
        """
        modes, hour = self.people.modes[name], self.drugs[name].hour
        weight = np.einsum("pam,pa->pm", modes.weights, self.potency[name])[:, None, :]

        def left(at: Floats, weights: Floats) -> Floats:
            since = at[:, None] - hour
            kept = np.exp(-modes.rates[:, None, :] * at[:, None])
            spent = np.exp(-modes.rates[:, :, None, None] * np.maximum(since, 0.0))
            fresh = np.where(since > 0.0, np.einsum("pam,pmhs->pahs", weights, spent), 0.0)
            return np.concatenate([weights[:, :, None, :] * kept[:, None], fresh], axis=-1)

        return left(self.nodes, weight), left(self.ends[self.seen], modes.weights)

    def _relaxed(self, pulled: Floats) -> Floats:
        """This function will return the adaptations at every look, axes (person, day, look, process)."""
        days, intervals = pulled.shape[:2]
        found = np.empty((days * intervals, *self.adapted.shape))
        keep = np.ascontiguousarray(self.keep.transpose(1, 0, 2))
        now = self.adapted
        for kept, more, then in zip(cycle(keep), pulled.reshape(found.shape), found, strict=False):
            now = np.add(np.multiply(now, kept, out=then), more, out=then)
        self.adapted = now
        found = found.reshape(days, intervals, *self.adapted.shape)
        return found[:, self.seen].transpose(2, 0, 1, 3)


def _at(begun: Floats, dose: Floats, left: Floats) -> Floats:
    """This function will return weighted modes at some hours of each day, axes (person, day, hour, analyte)."""
    count, analytes, hours, terms = left.shape
    given = np.broadcast_to(dose, (count, *dose.shape))
    terms_of = np.concatenate([begun.transpose(1, 0, 2), given], axis=-1)
    found = np.matmul(terms_of, left.reshape(count, -1, terms).transpose(0, 2, 1))
    return found.reshape(count, -1, analytes, hours).transpose(0, 1, 3, 2)


BUILD_UP_DAYS = 60
"""Days like the first one that come before it where clearance moves, so that levels are steady on it."""


def _moved(people: People, name: str, taken: Daily, hours: Floats, change: Sequence[Change], *, stood: bool) -> Floats:
    """This function will return levels at some hours of every day while clearance moves, axes (person, day, hour, analyte).

    The hours need not ascend. Levels are steady on the first day if days like it came before, and else begin at nothing.
    """
    lead = BUILD_UP_DAYS if taken.days and stood else 0
    dose = np.vstack([np.repeat(taken.dose_mg[:1], lead, axis=0), taken.dose_mg])
    midnight = np.arange(len(dose))[:, None] * HOURS
    later = [replace(each, from_h=each.from_h + lead * HOURS, until_h=each.until_h + lead * HOURS) for each in change]
    at = np.round(midnight[lead:] + hours, 9)
    moments, place = np.unique(at, return_inverse=True)
    found = []
    for person in range(len(people)):
        body = replace(Compartments.of(people.chains[name], person), lag_h=0.0)  # the hours are those of absorption
        taken_h = np.round(midnight + taken.hour, 9).ravel()
        found.append(induction.levels(body, later, dose.ravel(), taken_h, moments)[:, place.reshape(at.shape)])
    return np.stack(found).transpose(0, 2, 3, 1)
