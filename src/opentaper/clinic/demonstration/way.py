"""One person's way through a clinic, day by day: everything through the verbs of care, in memory, kept later in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

from opentaper.care import (
    By,
    Recorded,
    Refusal,
    check,
    decide,
    dispense,
    next_supply,
    observe,
    offer,
    open_case,
    start,
    version_of,
)
from opentaper.care.follow import Offered
from opentaper.clinic.demonstration.invent import Invented, words
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, case_of
from opentaper.record import Actor, Answer, History
from opentaper.review import review

DAY = dt.timedelta(1)
WEIGHED_DAYS = 80
"""How often, as a rule, risks and benefits are weighed here."""
PROVED = dt.timedelta(minutes=2)
"""How long before they signed people of the demonstration had proved who they are."""

Verb = Callable[[History, By], Recorded | Refusal]


class RefusedError(Exception):
    """A verb refused; nothing was recorded, and the story ends there."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where and when a story is told: a clinic with its people, the base, the instant that is now there."""

    country: str
    zone: ZoneInfo
    now: dt.datetime
    known: Knowledge
    staff: Mapping[str, tuple[Actor, frozenset[str]]]
    software: str

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one person recorded at one go, and where the case stood before."""

    by: Actor
    before: int
    recorded: Recorded


@dataclass(kw_only=True)
class Way:
    """One person's way so far.

    Args:
        place: where.
        person: whose.
        dice: what is left to chance.
        day: up to which day they have lived; on it nothing but what a story says happens.
        collects_until: the day from which on nothing is collected any more.
        now: where their case stands.
        turns: everything that was recorded, in order.
        refused: what a verb refused, where their way ends; empty as a rule.
    """

    scene: Scene
    person: Invented
    dice: Random
    day: dt.date = dt.date.min
    collects_until: dt.date = dt.date.max
    now: History = field(default_factory=History)
    turns: list[Turn] = field(default_factory=list)
    refused: str = ""
    _next: dt.date = dt.date.min

    @property
    def today(self) -> dt.date:
        return self.scene.today

    @property
    def known(self) -> Knowledge:
        return self.scene.known

    def ago(self, days: int) -> dt.date:
        return self.today - days * DAY

    def does(self, role: str, on: dt.date, verb: Verb) -> None:
        """Let somebody do something on a day.

        Raises:
            RefusedError: the verb refused.
        """
        actor, may = self.scene.staff[role]
        at = self._instant(on)
        by = By(
            actor=actor, may=may, at=at, software=self.scene.software, knowledge=self.known.digest,
            confirmed_at=at - PROVED,
        )  # fmt: skip
        done = verb(self.now, by)
        if isinstance(done, Refusal):
            raise RefusedError(f"{role} on {on}: {done.says}")
        before, self.now = self.now.number, done.history
        if self.turns and self.turns[-1].by == actor:  # at one go, so that it is kept at one go
            last = self.turns.pop()
            before, done = last.before, Recorded(events=(*last.recorded.events, *done.events), history=done.history)
        self.turns.append(Turn(by=actor, before=before, recorded=done))
        self.day = max(self.day, on)
        self._next = self._next if role == "pharmacist" else dt.date.min  # whatever happened may change what is due

    def _instant(self, on: dt.date) -> dt.datetime:
        """This function will return an instant of a working day, after everything before it and never to come."""
        begins = dt.datetime.combine(on, dt.time(8, 30), self.scene.zone).astimezone(dt.UTC)
        at = min(begins + dt.timedelta(minutes=self.dice.randint(0, 480)), self.scene.now)
        return max([at, *(event.at for event in self.now.events[-1:])])

    def opens(self, role: str, on: dt.date, text: str) -> None:
        """Have the case opened from a case file."""
        case = case_of(text, self.known)
        self.does(role, on, lambda _, by: open_case(self.person.name, case, by=by))

    def looks(self, on: dt.date) -> None:
        """Have the options looked at."""

        def verb(now: History, by: By) -> Recorded | Refusal:
            offered = offer(now, self.known, by=by)
            return offered.recorded if isinstance(offered, Offered) else offered

        self.does("prescriber", on, verb)

    def chooses(self, on: dt.date, option: str = "usual") -> str:
        """Have an option reviewed and return the digest of its version."""

        def verb(now: History, by: By) -> Recorded | Refusal:
            offered = offer(now, self.known, by=by)
            if not isinstance(offered, Offered):
                return offered
            plan = next((each for each in offered.options.plans if each.name == option), None)
            if plan is None:
                return Refusal(says=f"There is no option {option!r}.")
            version = version_of(plan, offered.recorded.history, self.known, on=on)
            checked = check(offered.recorded.history, version, self.known, on=on, by=by)
            if not isinstance(checked, Recorded):
                return checked
            return Recorded(events=(*offered.recorded.events, *checked.events), history=checked.history)

        self.does("prescriber", on, verb)
        return self.latest

    def signs(self, mark: str, on: dt.date) -> None:
        """Have a version signed, with a reason wherever one is asked for."""
        followed = self.now.versions[mark]
        answers = [
            Answer(rule=each.rule, where=each.where, reason=self.dice.choice(words("reasons")))
            for each in followed.judged.asked
        ]
        judged = review(followed.version.regimen, followed.version.case, self.known, on=on)
        self.does("prescriber", on, lambda now, by: decide(now, mark, judged, answers=answers, by=by))

    def starts(self, mark: str, on: dt.date) -> None:
        """Have a signed version come into force."""
        self.does("prescriber", on, lambda now, by: start(now, mark, self.known, on=on, by=by))

    def sees(self, role: str, on: dt.date, what: str, says: str) -> None:
        """Have something observed."""
        self.does(role, on, lambda now, by: observe(now, on=on, what=what, says=says, by=by))

    def lives(self, until: dt.date) -> None:
        """Let the days pass up to one: what is due is collected, and now and then somebody writes down how it goes."""
        until = min(until, self.today)
        while self.day < until:
            self._collects(self.day)
            self._is_seen(self.day)
            self.day += DAY
        if until == self.today:
            self._collects(until)

    def _collects(self, on: dt.date) -> None:
        """This function will have handed over what the plan needs next, on the day on which it is to be collected."""
        if self.now.force is None or not self._next <= on < self.collects_until:
            return
        due = next_supply(self.now, self.known, on=on)
        if isinstance(due, Refusal):
            return
        supply = due.collection
        self._next = max(supply.on, due.not_before, on + DAY)
        if on < max(supply.on, due.not_before) or not supply.items:
            return
        taken = self.dice.choice(words("taken")) if due.gap else ""
        self.does(
            "pharmacist", on,
            lambda now, by: dispense(
                now, self.known, from_=supply.from_, until=supply.until, items=supply.items, on=on, by=by, taken=taken
            ),
        )  # fmt: skip

    def _is_seen(self, on: dt.date) -> None:
        """This function will let something be observed, about once in three weeks."""
        if self.now.in_force is None:
            return
        under_way = (on - self.now.in_force.version.printed.steps[0].from_).days
        if under_way and under_way % WEIGHED_DAYS == 0 and self.dice.random() < 0.7:
            self.sees("prescriber", on, "risk-benefit-review", self.dice.choice(words("weighed")))
        if self.dice.random() > 0.05:
            return
        what, kind = self.dice.choice(
            [
                ("note", "notes"),
                ("symptom", "symptoms"),
                ("score", "scores"),
                ("dose-taken", "taken"),
                ("contact", "contacts"),
            ]
        )
        self.sees(self.dice.choice(["therapist", "coordinator"]), on, what, self.dice.choice(words(kind)))

    @property
    def latest(self) -> str:
        """The version that was reviewed last."""
        return list(self.now.versions)[-1]

    @property
    def case(self) -> Case:
        assert self.now.case is not None
        return self.now.case
