"""What is taken by the plans, on every day: of whichever plan was followed then, and after an end the dose that goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from opentaper.patient import Regimen, Step
from opentaper.quantity import Dose
from opentaper.record import Held, History, Resumed, Slowed, Started, SteppedBack, Stopped, Version

A_DAY = dt.timedelta(1)


@dataclass(frozen=True, slots=True)
class ByPlan:
    """Steps in the order of their days, of one plan after the other; where no plan says anything there is none.

    Whoever asks what is taken, counted or announced asks here and not a version: one that is in force and has not begun says
    nothing of today, and the plan before it does.
    """

    steps: tuple[Step, ...]
    before: tuple[tuple[str, Dose], ...] = ()
    """What was taken a day before the first of them, by drug."""

    def on(self, day: dt.date) -> tuple[Step, ...]:
        """Return the steps, one a drug, that a day belongs to."""
        return tuple(step for step in self.steps if step.from_ <= day and (step.until is None or day < step.until))

    @property
    def begins(self) -> dt.date | None:
        """The first day of which any plan says anything; until then the dose goes on that was taken before."""
        return self.steps[0].from_ if self.steps else None

    @property
    def turns(self) -> tuple[dt.date, ...]:
        """The days on which a step begins or ends, in order."""
        return tuple(sorted({step.from_ for step in self.steps} | {step.until for step in self.steps if step.until}))

    @property
    def changes(self) -> tuple[dt.date, ...]:
        """The days on which another dose is taken than on the day before, in order."""
        return tuple(day for day in self.turns if self._daily(day - A_DAY) != self._daily(day))

    def _daily(self, day: dt.date) -> dict[str, Dose]:
        if self.begins is None or day >= self.begins:
            return {step.drug: step.daily for step in self.on(day)}
        first = {step.drug for step in self.on(self.begins)}
        return {drug: dose for drug, dose in self.before if drug in first}

    def spans(self) -> Iterator[tuple[dt.date, dt.date | None, tuple[Step, ...]]]:
        """Yield the spans of days on which nothing changes, each with its steps, which may be none; the last has no end."""
        for from_, until in pairwise((*self.turns, None)):
            assert from_ is not None
            yield from_, until, self.on(from_)


def by_plan(history: History, about: Version | None = None) -> ByPlan:
    """Return what is taken by every plan that was started, held, slowed, stepped back or resumed, up to where it was ended.

    Args:
        history: where the case stands.
        about: a version that is about to start, as if it had.
    """
    followed: list[_Followed] = []
    for event in history.events:
        match event.what:
            case (
                Started(version=mark)
                | Resumed(version=mark)
                | Held(version=mark)
                | Slowed(version=mark)
                | SteppedBack(version=mark)
            ):
                version = history.versions[mark].version
                if isinstance(event.what, Held) and version.before is None and version.held:
                    # It had not begun: what is held is what goes on until it does.
                    followed = [*(_held(each, version.held) for each in followed[:-1]), *followed[-1:]]
                followed = _then(followed, version)
            case Stopped(on=on):  # whatever waited for its first day never begins
                followed = [replace(each, ended=each.ended or on) for each in followed if each.first <= on]
    if about is not None:
        followed = _then(followed, about)
    firsts = [each.first for each in followed]
    steps = [
        step
        for each, until in zip(followed, (*firsts, None)[1:], strict=True)
        for step in _within(each, until)
    ]  # fmt: skip
    before = followed[0].taking if followed else ()
    return ByPlan(tuple(sorted(steps, key=lambda step: step.from_)), before)


@dataclass(frozen=True, slots=True)
class _Followed:
    """A plan that was followed, and the day on which it was ended, whose dose goes on."""

    printed: Regimen
    taking: tuple[tuple[str, Dose], ...]
    ended: dt.date | None = None

    @property
    def first(self) -> dt.date:
        return self.printed.steps[0].from_


def _then(before: list[_Followed], version: Version) -> list[_Followed]:
    """This function will put a version behind those before it; what it goes on from is printed in it."""
    taking = tuple((each.drug, each.daily) for each in version.case.taking if each.drug)
    new, kept = _Followed(version.printed, taking), before[:-1] if version.number > 1 else before
    return [*(each for each in kept if each.first < new.first), new]


def _held(followed: _Followed, held: tuple[dt.date, dt.date]) -> _Followed:
    """This function will keep the dose that is taken when a hold begins as long as that is, and put off everything after it."""
    on, later = held[0], held[1] - held[0]
    steps = tuple(
        replace(
            step,
            from_=step.from_ + later if step.from_ >= on else step.from_,
            until=step.until + later if step.until and step.until >= on else step.until,
        )
        for step in followed.printed.steps
    )
    return replace(followed, printed=Regimen(steps=steps))


def _within(followed: _Followed, until: dt.date | None) -> Iterator[Step]:
    """This function will yield the steps of a plan up to the first day of the next; the dose of the day of its end goes on."""
    for step in followed.printed.steps:
        end = step.until
        if followed.ended is not None:
            if step.from_ > followed.ended:
                continue
            if end is not None and end > followed.ended:
                end = None
        if until is not None and (end is None or end > until):
            end = until
        if end is None or end > step.from_:
            yield replace(step, until=end)
