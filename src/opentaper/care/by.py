"""Who acts, what they may, and what comes of it: something recorded, or a refusal in one sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from opentaper.record import FRESH, Actor, Event, History, OutOfOrderError, What
from opentaper.review import Finding

ACTS = {
    "open-case": "open a case",
    "change-case": "change what is known of a person",
    "propose": "ask for options and have one reviewed",
    "decide": "sign a plan, decline it or start it",
    "hold": "keep the dose as it is for some days",
    "slow": "make what is left take longer",
    "step-back": "go back to an earlier dose of the plan",
    "resume": "go on before a hold is over",
    "change-products": "ask for the same plan from other products",
    "stop": "end a plan",
    "observe": "record what was seen, measured or told",
    "dispense": "record what was handed over",
    "correct": "correct an observation or a dispensing",
    "ask": "ask the prescriber about a version",
    "reply": "answer what was asked about a version",
}
"""Everything that is done in a case; whoever may do it is said by the clinic's roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Somebody at work.

    Args:
        actor: who.
        may: the acts that they are entitled to.
        at: the instant, in UTC.
        software: the version of the program.
        knowledge: the digest of the base that it has.
        confirmed_at: when they last proved who they are; None for never.
    """

    actor: Actor
    may: frozenset[str]
    at: dt.datetime
    software: str
    knowledge: str
    confirmed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Nothing was recorded, and why; with the findings that stand in the way."""

    says: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is to be kept, and where the case stands then."""

    events: tuple[Event, ...]
    history: History


def record(history: History, by: By, act: str, *whats: What) -> Recorded | Refusal:
    """Add events to a history, if this person may and if they can follow what happened.

    Args:
        history: where the case stands.
        by: who acts.
        act: the key of what they do, of `ACTS`.
        whats: what happened, in order.
    """
    if refusal := not_entitled(by, act):
        return refusal
    added: list[Event] = []
    # A clock that was once ahead must not keep a case from going on.
    at = max(by.at, history.events[-1].at) if history.events else by.at
    for what in whats:
        event = Event(
            number=history.number + 1, at=at, by=by.actor, what=what, software=by.software, knowledge=by.knowledge
        )  # fmt: skip
        try:
            history = history.then(event)
        except OutOfOrderError as problem:
            return Refusal(says=_sentence(str(problem)))
        added.append(event)
    return Recorded(events=tuple(added), history=history)


def not_entitled(by: By, act: str) -> Refusal | None:
    """Return why this person may not do it, if so."""
    if act in by.may:
        return None
    return Refusal(says=f"{by.actor} may not {ACTS[act]}; ask somebody whose role lets them.")


def not_confirmed(by: By) -> Refusal | None:
    """Return why a signature does not count, if so: nobody has proved lately that they are who they are."""
    if by.confirmed_at is not None and dt.timedelta(0) <= by.at - by.confirmed_at <= FRESH:
        return None
    minutes = int(FRESH.total_seconds() // 60)
    return Refusal(says=f"Confirm who you are first: a signature counts for {minutes} minutes after that.")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
