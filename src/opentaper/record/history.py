"""From events to where the case stands: the same from the same events, years later, or a refusal in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import TypeVar

from opentaper.knowledge import digest
from opentaper.patient import Case, Regimen
from opentaper.record.event import (
    FRESH,
    Accepted,
    Allowed,
    Changed,
    Corrected,
    Declined,
    Dispensed,
    Edited,
    Event,
    Held,
    Judged,
    Lost,
    Observed,
    Opened,
    Proposed,
    Queried,
    Replied,
    Resumed,
    Slowed,
    Started,
    SteppedBack,
    Stopped,
)
from opentaper.record.version import Version

T = TypeVar("T")
A_DAY = dt.timedelta(1)


class OutOfOrderError(ValueError):
    """An event that cannot follow what happened before it."""


class Progress(Enum):
    """How far a version has come."""

    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    VOID = "void"
    IN_FORCE = "in force"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A version with what was said of it.

    Args:
        judged: the review of it.
        progress: how far it has come.
        signed: the signature, as an event; None for one that nobody signed.
    """

    judged: Judged
    progress: Progress
    signed: Event | None = None

    @property
    def version(self) -> Version:
        return self.judged.version


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Where a case stands after its events.

    Args:
        events: all of them, in order.
        name: of the person.
        case: what is known of them now.
        versions: by digest, each with how far it has come.
        force: the digest of the version that is followed; None before the start and after a stop.
        observed, dispensed: by the number of the event, corrected ones as corrected.
        proposed: the latest options.
        last: the digest of the version that was in force last, whether or not it still is.
        changed: the last event that said something is known otherwise, and that the version in force was not made for.
        stopped: why the plan was ended, as an event.
        queries: what was asked about a version and nobody has answered, by the number of the event.
        lost: what was said to be lost, by the number of the event.
        allowed: whose replacement a prescriber allowed, by the number of the event that said what was lost.
    """

    events: tuple[Event, ...] = ()
    name: str = ""
    case: Case | None = None
    versions: Mapping[str, Followed] = field(default_factory=dict)
    force: str | None = None
    observed: Mapping[int, Observed] = field(default_factory=dict)
    dispensed: Mapping[int, Dispensed] = field(default_factory=dict)
    proposed: Proposed | None = None
    stopped: Event | None = None
    last: str | None = None
    changed: Event | None = None
    queries: Mapping[int, Queried] = field(default_factory=dict)
    lost: Mapping[int, Lost] = field(default_factory=dict)
    allowed: Mapping[int, Allowed] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many events there are: what a writer must have seen."""
        return len(self.events)

    @property
    def in_force(self) -> Followed | None:
        """The version that is followed."""
        return None if self.force is None else self.versions[self.force]

    @property
    def held(self) -> tuple[dt.date, dt.date] | None:
        """The hold that the version in force was asked for: its first day, and the day after its last, which may be past."""
        return self.in_force.version.held if self.in_force else None

    def then(self, event: Event) -> History:
        """Return where the case stands after one more event.

        Raises:
            OutOfOrderError: it cannot follow what happened before.
        """
        if event.number != self.number + 1:
            raise OutOfOrderError(f"event {event.number} cannot follow event {self.number}")
        if self.events and event.at < self.events[-1].at:
            raise OutOfOrderError(f"event {event.number} is of {event.at}, before the event it follows")
        if (self.case is None) != isinstance(event.what, Opened):
            raise OutOfOrderError("a case is opened once, before anything else happens in it")
        return replace(self._after(event), events=(*self.events, event))

    def _after(self, event: Event) -> History:
        match event.what:
            case Opened(name=name, case=case):
                return replace(self, name=name, case=case)
            case Changed(case=case):
                return replace(self, case=case, versions=self._voided(), proposed=None, changed=event)
            case Proposed() as proposed:
                return replace(self, proposed=proposed)
            case Edited():
                return self  # what came of it is the version that is reviewed next
            case Judged() as judged:
                return self._judged(judged)
            case Accepted(version=mark):
                followed = self._one(mark, Progress.REVIEWED, Progress.IN_FORCE)
                if followed.signed is not None:
                    raise OutOfOrderError("this version is signed already")
                if followed.judged.verdict.blocks:
                    raise OutOfOrderError("review blocks this version; nobody can sign it")
                _as_it_should_be_signed(event, followed.judged)
                if (
                    followed.progress is Progress.IN_FORCE
                ):  # held, slowed or stepped back: in force before it was signed
                    if self.changed is not None:
                        raise OutOfOrderError("what is known of the person changed since this version was made")
                    return self._with(mark, replace(followed, signed=event))
                return self._with(mark, replace(followed, progress=Progress.ACCEPTED, signed=event))
            case Declined(version=mark):
                followed = self._one(mark, Progress.REVIEWED, Progress.ACCEPTED)
                return self._with(mark, replace(followed, progress=Progress.DECLINED))
            case Started(version=mark) | Resumed(version=mark):
                if isinstance(event.what, Resumed) and not self.held:
                    raise OutOfOrderError("no hold is under way, so there is nothing to resume")
                followed = self._one(mark, Progress.ACCEPTED)
                first = followed.version.regimen.steps[0].from_
                if first < event.at.date() - A_DAY:  # wherever the clinic is, its day is at most one away
                    raise OutOfOrderError(f"this version began on {first}, which is past; have one made for today")
                return self._into_force(mark, followed)
            case Held(version=mark):
                if self._one(mark, Progress.REVIEWED, Progress.ACCEPTED).version.held is None:
                    raise OutOfOrderError("in this version nothing is held")
                return self._adapted(mark)
            case Slowed(version=mark) | SteppedBack(version=mark):
                if self._one(mark, Progress.REVIEWED, Progress.ACCEPTED).judged.verdict.blocks:
                    raise OutOfOrderError("review blocks this version; hold the dose instead and ask a prescriber")
                return self._adapted(mark)
            case Observed() as observed:
                return replace(self, observed={**self.observed, event.number: observed})
            case Dispensed() as dispensed:
                return self._dispensed(event.number, dispensed)
            case Lost() as lost:
                if abs(lost.on - event.at.date()) > A_DAY:
                    raise OutOfOrderError(f"a loss is written down on the day on which it is counted, not on {lost.on}")
                return replace(self, lost={**self.lost, event.number: lost})
            case Allowed() as allowed:
                return self._allowed(event, allowed)
            case Stopped(on=on, confirmed_at=confirmed_at):
                if self.force is None:
                    raise OutOfOrderError("no plan is in force, so there is none to end")
                if abs(on - event.at.date()) > A_DAY:
                    raise OutOfOrderError(f"a plan is ended on the day on which somebody says so, not on {on}")
                _just_confirmed(event, confirmed_at)
                past = replace(self.versions[self.force], progress=Progress.PAST)
                versions = {**self._voided(), self.force: past}
                return replace(self, versions=versions, force=None, stopped=event)
            case Corrected() as corrected:
                return self._corrected(corrected)
            case Queried() as queried:
                return self._queried(event.number, queried)
            case Replied(number=number):
                if number not in self.queries:
                    raise OutOfOrderError(f"event {number} is no open query")
                return replace(self, queries={place: each for place, each in self.queries.items() if place != number})

    def _voided(self) -> Mapping[str, Followed]:
        """This function will void what was reviewed or signed and has not begun: it was for another case."""
        waiting = (Progress.REVIEWED, Progress.ACCEPTED)
        return {
            mark: replace(each, progress=Progress.VOID) if each.progress in waiting else each
            for mark, each in self.versions.items()
        }

    def _judged(self, judged: Judged) -> History:
        version = judged.version
        known = self.versions.get(version.digest)
        if known and known.progress in (Progress.ACCEPTED, Progress.IN_FORCE, Progress.PAST):
            raise OutOfOrderError(f"this version is {known.progress.value} already")
        if version.number == 1 and self.case is not None and version.case_digest != digest(self.case.plain()):
            raise OutOfOrderError("the case changed since this version was made; make it anew")
        if version.number > 1:
            self._goes_on(version)
        kept = {mark: each for mark, each in self.versions.items() if mark != version.digest}
        followed = Followed(judged=judged, progress=Progress.REVIEWED)
        return replace(self, versions={**kept, version.digest: followed})  # reviewed last, so it stands last

    def _goes_on(self, version: Version) -> None:
        """This function will refuse a version that does not go on from the one in force, of the person as they are known."""
        now = self.in_force.version if self.in_force else None
        if now is None or version.root != now.identity or version.number != now.number + 1:
            raise OutOfOrderError("this version does not go on from the one in force")
        moved = version.before == now.before and version.regimen.steps[0].from_ >= now.regimen.steps[0].from_
        if version.before != now.printed and not moved:
            raise OutOfOrderError("this version does not go on from what was printed")
        if self.case is not None and version.case.patient != self.case.patient:
            raise OutOfOrderError("this version is for another person, or for what was known of them before")

    def _adapted(self, mark: str) -> History:
        if self.in_force is None:
            raise OutOfOrderError("no plan is in force, so there is nothing to hold, slow or step back")
        followed = self._one(mark, Progress.REVIEWED, Progress.ACCEPTED)
        if day := lower_than(followed.version.printed, self.in_force.version.printed):
            raise OutOfOrderError(f"on {day} this version gives less than the one in force; that needs a signature")
        return self._into_force(mark, followed)

    def _into_force(self, mark: str, followed: Followed) -> History:
        now = self
        if self.in_force and self.force:
            now = self._with(self.force, replace(self.in_force, progress=Progress.PAST))
        now = now._with(mark, replace(followed, progress=Progress.IN_FORCE))
        others = {
            key: replace(each, progress=Progress.VOID)
            if key != mark and each.progress in (Progress.REVIEWED, Progress.ACCEPTED)
            else each
            for key, each in now.versions.items()
        }
        return replace(now, versions=others, force=mark, last=mark, stopped=None, changed=None)

    def _dispensed(self, number: int, dispensed: Dispensed) -> History:
        if dispensed.version not in self.versions:
            raise OutOfOrderError("this was dispensed for a version that nobody knows")
        self._one(dispensed.version, Progress.ACCEPTED, Progress.IN_FORCE)
        if dispensed.replaces is not None and not (
            dispensed.replaces in self.allowed and dispensed.replaces in self.lost
        ):
            raise OutOfOrderError("no prescriber allowed that what was lost is replaced")
        self._not_twice(dispensed, self.dispensed.values())
        return replace(self, dispensed={**self.dispensed, number: dispensed})

    def _allowed(self, event: Event, allowed: Allowed) -> History:
        if allowed.lost not in self.lost:
            raise OutOfOrderError(f"event {allowed.lost} says of nothing that it was lost")
        if allowed.lost in self.allowed:
            raise OutOfOrderError("that it is replaced was allowed already")
        if abs(allowed.on - event.at.date()) > A_DAY:
            raise OutOfOrderError(f"it is allowed on the day on which somebody says so, not on {allowed.on}")
        _just_confirmed(event, allowed.confirmed_at)
        return replace(self, allowed={**self.allowed, allowed.lost: allowed})

    def _corrected(self, corrected: Corrected) -> History:
        number, instead = corrected.number, corrected.instead
        if number in self.observed and not isinstance(instead, Dispensed):
            return replace(self, observed=_instead(self.observed, number, instead))
        if number in self.dispensed and not isinstance(instead, Observed):
            now = replace(self, dispensed=_instead(self.dispensed, number, None))
            if instead is not None:
                if instead.version not in self.versions:
                    raise OutOfOrderError("this was dispensed for a version that nobody knows")
                if instead.replaces != self.dispensed[number].replaces:
                    raise OutOfOrderError("what it was handed over in place of stays what it was")
                self._not_twice(instead, now.dispensed.values())
            return replace(self, dispensed=_instead(self.dispensed, number, instead))
        if number in self.lost and instead is None:
            return replace(self, lost=_instead(self.lost, number, None))
        raise OutOfOrderError(f"event {number} is nothing that could be corrected so")

    def supplied_until(self, each: Dispensed, by: str) -> dt.date:
        """Return until which day something counts as handed over, for a version.

        From the first day of a version that came after the one it was handed over for, its days are open again: what is left
        of it is counted in pieces.
        """
        marks = list(self.versions)
        if each.version == by or marks.index(each.version) > marks.index(by):
            return each.until
        return min(each.until, self.versions[by].version.regimen.steps[0].from_)

    def _not_twice(self, new: Dispensed, before: Iterable[Dispensed]) -> None:
        """This function will refuse days that were supplied before; what replaces a loss is held against its own kind."""
        for each in before:
            if each.replaces != new.replaces:
                continue
            until, ends = self.supplied_until(each, new.version), self.supplied_until(new, each.version)
            if each.from_ < ends and new.from_ < until:
                raise OutOfOrderError(
                    f"something was dispensed already for {each.from_} to {until}; correct that first, or say the days that "
                    "are still without supply"
                )

    def _queried(self, number: int, queried: Queried) -> History:
        followed = self._one(queried.version, Progress.ACCEPTED, Progress.IN_FORCE)
        firsts = {step.from_ for step in followed.version.regimen.steps}
        if queried.step is not None and queried.step not in firsts:
            raise OutOfOrderError(f"no step of this version begins on {queried.step}")
        return replace(self, queries={**self.queries, number: queried})

    def _one(self, mark: str, *progress: Progress) -> Followed:
        """This function will return a version that has come so far.

        Raises:
            OutOfOrderError: nobody reviewed such a version, or it stands elsewhere.
        """
        if mark not in self.versions:
            raise OutOfOrderError("nobody has reviewed such a version")
        found = self.versions[mark]
        if found.progress not in progress:
            wanted = " or ".join(each.value for each in progress)
            raise OutOfOrderError(f"this version is {found.progress.value}, not {wanted}")
        return found

    def _with(self, mark: str, followed: Followed) -> History:
        return replace(self, versions={**self.versions, mark: followed})


def lower_than(new: Regimen, old: Regimen) -> dt.date | None:
    """Return the first day on which a plan of one drug gives less than another; None where there is none.

    Days before the first step of the new one are left out: nothing has been taken of it yet. Of several drugs, one of which
    takes over from another, no single sum is right, and review judges the whole.
    """
    if len({*new.drugs, *old.drugs}) > 1:
        return None
    first = new.steps[0].from_
    edges = {first, *(step.from_ for plan in (new, old) for step in plan.steps)}
    for day in sorted(day for day in edges if day >= first):
        before, after = (sum((step.daily.mg for step in plan.on(day)), Fraction(0)) for plan in (old, new))
        if after < before:
            return day
    return None


def _just_confirmed(event: Event, confirmed_at: dt.datetime) -> None:
    if confirmed_at.utcoffset() is None or not dt.timedelta(0) <= event.at - confirmed_at <= FRESH:
        raise OutOfOrderError("whoever signed had not just proved who they are")


def _as_it_should_be_signed(event: Event, judged: Judged) -> None:
    assert isinstance(event.what, Accepted)
    _just_confirmed(event, event.what.confirmed_at)
    given = [(each.rule, each.where) for each in event.what.answers]
    if sorted(given) != sorted((each.rule, each.where) for each in judged.asked):
        raise OutOfOrderError("the reasons that were given are not those that were asked for")


def _instead(each: Mapping[int, T], number: int, instead: T | None) -> Mapping[int, T]:
    kept = {place: what for place, what in each.items() if place != number}
    return kept if instead is None else {**kept, number: instead}


def history(events: Iterable[Event]) -> History:
    """Return where a case stands after its events.

    Raises:
        OutOfOrderError: one of them cannot follow what happened before.
    """
    now = History()
    for event in events:
        now = now.then(event)
    return now
