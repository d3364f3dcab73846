"""People at work, and cases with a record: each a thin wrapper, so that a test reads as what happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from opentaper import Case, Knowledge, propose, review
from opentaper.care import (
    ACTS,
    By,
    NextSupply,
    Recorded,
    Refusal,
    check,
    decide,
    dispense,
    next_supply,
    open_case,
    start,
    version_of,
)  # fmt: skip
from opentaper.record import Actor, Answer, History
from tests.conftest import TODAY
from tests.strategies.cases import a_case

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
PRESCRIBER = Actor(key="p-1", name="Dr Ada Kern", role="prescriber")
COORDINATOR = Actor(key="c-1", name="Sam Oduya", role="coordinator")


def by(actor: Actor = PRESCRIBER, *may: str, at: dt.datetime = NOON, confirmed: bool = True) -> By:
    """Somebody who may do everything, or just what is named."""
    return By(
        actor=actor,
        may=frozenset(may or ACTS),
        at=at,
        software="0.1.0",
        knowledge="0" * 64,
        confirmed_at=at if confirmed else None,
    )


def done(what: Recorded | Refusal) -> History:
    """Return where the case stands; what should have been recorded must not be refused."""
    assert isinstance(what, Recorded), what
    return what.history


def opened(known: Knowledge, case: Case | None = None) -> History:
    return done(open_case("Maria Test", case or a_case(known), by=by()))


def reviewed_plan(
    history: History, known: Knowledge, option: str = "usual", on: dt.date = TODAY
) -> tuple[History, str]:
    """Return the case with one option reviewed, and that version's digest."""
    assert history.case is not None
    plan = next(each for each in propose(history.case, known).plans if each.name == option)
    version = version_of(plan, history, known, on=on)
    return done(check(history, version, known, on=on, by=by())), version.digest


def answers_to(history: History, mark: str) -> tuple[Answer, ...]:
    return tuple(
        Answer(rule=each.rule, where=each.where, reason="discussed") for each in history.versions[mark].judged.asked
    )


def signed_plan(history: History, known: Knowledge, on: dt.date = TODAY, **how: Any) -> tuple[History, str]:
    """Return the case with one option signed, and that version's digest."""
    history, mark = reviewed_plan(history, known, on=on)
    version = history.versions[mark].version
    judged = review(version.regimen, version.case, known, on=on)
    return done(decide(history, mark, judged, answers=answers_to(history, mark), by=by(**how))), mark


def started_plan(known: Knowledge) -> tuple[History, str]:
    """Return a case whose plan is in force, and its version's digest."""
    history, mark = signed_plan(opened(known), known)
    return done(start(history, mark, known, on=TODAY, by=by())), mark


def supplied(history: History, known: Knowledge, on: dt.date = TODAY, **how: Any) -> History:
    """Return the case with exactly the next supply handed over on a day."""
    due = next_supply(history, known, on=on, replaces=how.get("replaces"))
    assert isinstance(due, NextSupply), due
    got = due.collection
    at = NOON + (on - TODAY)
    handed = dispense(
        history, known, from_=got.from_, until=got.until, items=got.items, on=on, by=by(at=at), **how
    )  # fmt: skip
    return done(handed)
