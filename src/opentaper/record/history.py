"""From events to where the case stands: the same from the same events, years later, or a refusal in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeVar

from opentaper.knowledge import digest
from opentaper.patient import Case
from opentaper.record.event import (
    Accepted,
    Changed,
    Corrected,
    Declined,
    Dispensed,
    Event,
    Held,
    Judged,
    Observed,
    Opened,
    Proposed,
    Resumed,
    Slowed,
    Started,
    SteppedBack,
    Stopped,
)
from opentaper.record.version import Version

T = TypeVar("T")


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
        stopped: why the plan was ended, as an event.
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
                return replace(self, case=case, versions=self._voided(), proposed=None)
            case Proposed() as proposed:
                return replace(self, proposed=proposed)
            case Judged() as judged:
                return self._judged(judged)
            case Accepted(version=mark):
                followed = self._one(mark, Progress.REVIEWED)
                if followed.judged.verdict.blocks:
                    raise OutOfOrderError("review blocks this version; nobody can sign it")
                return self._with(mark, replace(followed, progress=Progress.ACCEPTED, signed=event))
            case Declined(version=mark):
                followed = self._one(mark, Progress.REVIEWED, Progress.ACCEPTED)
                return self._with(mark, replace(followed, progress=Progress.DECLINED))
            case Started(version=mark) | Resumed(version=mark):
                if isinstance(event.what, Resumed) and not self.held:
                    raise OutOfOrderError("no hold is under way, so there is nothing to resume")
                return self._into_force(mark, self._one(mark, Progress.ACCEPTED))
            case Held(version=mark):
                return self._adapted(mark)
            case Slowed(version=mark) | SteppedBack(version=mark):
                if self._one(mark, Progress.REVIEWED, Progress.ACCEPTED).judged.verdict.blocks:
                    raise OutOfOrderError("review blocks this version; hold the dose instead and ask a prescriber")
                return self._adapted(mark)
            case Observed() as observed:
                return replace(self, observed={**self.observed, event.number: observed})
            case Dispensed() as dispensed:
                if dispensed.version not in self.versions:
                    raise OutOfOrderError("this was dispensed for a version that nobody knows")
                self._one(dispensed.version, Progress.ACCEPTED, Progress.IN_FORCE)
                return replace(self, dispensed={**self.dispensed, event.number: dispensed})
            case Stopped():
                if self.force is None:
                    raise OutOfOrderError("no plan is in force, so there is none to end")
                past = replace(self.versions[self.force], progress=Progress.PAST)
                return replace(self._with(self.force, past), force=None, stopped=event)
            case Corrected() as corrected:
                return self._corrected(corrected)

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
        root = self.in_force.version.identity if self.in_force else ""
        if version.number == 1 and self.case is not None and version.case_digest != digest(self.case.plain()):
            raise OutOfOrderError("the case changed since this version was made; make it anew")
        if version.number > 1 and version.root != root:
            raise OutOfOrderError("this version goes on from a plan that is not in force")
        return self._with(version.digest, Followed(judged=judged, progress=Progress.REVIEWED))

    def _adapted(self, mark: str) -> History:
        if self.in_force is None:
            raise OutOfOrderError("no plan is in force, so there is nothing to hold, slow or step back")
        followed = self._one(mark, Progress.REVIEWED, Progress.ACCEPTED)
        if followed.version.number != self.in_force.version.number + 1:
            raise OutOfOrderError("this version does not go on from the one in force")
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
        return replace(now, versions=others, force=mark, stopped=None, case=followed.version.case)

    def _corrected(self, corrected: Corrected) -> History:
        number, instead = corrected.number, corrected.instead
        if number in self.observed and not isinstance(instead, Dispensed):
            return replace(self, observed=_instead(self.observed, number, instead))
        if number in self.dispensed and not isinstance(instead, Observed):
            return replace(self, dispensed=_instead(self.dispensed, number, instead))
        raise OutOfOrderError(f"event {number} is no observation or dispensing that could be corrected so")

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
