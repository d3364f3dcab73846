"""What a case needs, on which days, and why: from the record alone, so that a list of it cannot forget anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from opentaper.care.by_plan import by_plan
from opentaper.care.home import lasts_until, uncounted
from opentaper.knowledge import Knowledge
from opentaper.record import History, Progress, Queried, Started

A_DAY = dt.timedelta(1)


class Why(Enum):
    """Why somebody should look at a case, what could do harm the soonest first."""

    SUPPLY = "supply"
    QUERY = "query"
    FINDING = "finding"
    CHANGED = "changed"
    TO_START = "to-start"
    STEP = "step"
    HOLD = "hold"
    TO_SIGN = "to-sign"
    REVIEW = "review"
    SILENCE = "silence"
    NO_PLAN = "no-plan"

    @property
    def rank(self) -> int:
        """0 for what could do harm the soonest."""
        return list(Why).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that a case needs.

    Args:
        why: what it is.
        on: the day that it is about: on which the supply ends, a step is taken, the review was due.
        from_: the first day on which somebody should see it.
        until: the day after the last; None until something is recorded that settles it.
    """

    why: Why
    on: dt.date
    from_: dt.date
    until: dt.date | None = None


def due(history: History, known: Knowledge) -> tuple[Due, ...]:
    """Return everything that a case needs from now on, on whichever day somebody asks.

    It is computed when something is recorded and holds until the next thing is: each need carries its own days.

    Args:
        history: where the case stands.
        known: the base, for how long before somebody is told.
    """
    if history.case is None:
        return ()
    found = [*_waiting(history), *_asked(history), *_risk_and_benefit(history, known), *_supply(history, known)]
    if history.in_force is not None:
        found += [*_under_way(history, known), *_heard(history, known)]
    elif not any(each.why in (Why.FINDING, Why.TO_SIGN, Why.TO_START) for each in found):
        day = (history.stopped or history.events[0]).at.date()
        found.append(Due(why=Why.NO_PLAN, on=day, from_=day - A_DAY))
    return tuple(sorted(found, key=lambda each: (each.from_, each.why.rank, each.on)))


def _waiting(history: History) -> Iterator[Due]:
    """This function will find what was reviewed or signed last and goes no further by itself."""
    waiting = [
        each for each in history.versions.values() if each.progress in (Progress.REVIEWED, Progress.ACCEPTED)
    ]  # fmt: skip
    # The last of each kind: a signature settles no review, and a review no signature.
    for each in {each.progress: each for each in waiting}.values():
        if each.progress is Progress.ACCEPTED:
            assert each.signed is not None
            yield Due(why=Why.TO_START, on=each.version.regimen.steps[0].from_, from_=each.signed.at.date() - A_DAY)
        else:
            why = Why.FINDING if each.judged.verdict.blocks else Why.TO_SIGN
            yield Due(why=why, on=each.judged.on, from_=each.judged.on)


def _asked(history: History) -> Iterator[Due]:
    """This function will find what somebody asked and nobody answered, and what is known otherwise than the plan knew it."""
    for number, query in history.queries.items():
        assert isinstance(query, Queried)
        day = history.events[number - 1].at.date()
        yield Due(why=Why.QUERY, on=day, from_=day - A_DAY)  # in the west it is the day before there
    if history.changed is not None and history.in_force is not None:
        day = history.changed.at.date()
        yield Due(why=Why.CHANGED, on=day, from_=day - A_DAY)


def _under_way(history: History, known: Knowledge) -> Iterator[Due]:
    """This function will find the steps by the plans, and the end of a hold."""
    assert history.in_force is not None
    if history.in_force.signed is None:
        day = history.in_force.judged.on
        yield Due(why=Why.TO_SIGN, on=day, from_=day)
    plan, recorded, notice = by_plan(history), _recorded(history), _days(known, "step-notice-days")
    for day in plan.changes:
        # Wherever the clinic is, its day is at most one away from the day of the record; what was before that is past.
        if day >= recorded - A_DAY:
            yield Due(why=Why.STEP, on=day, from_=day - notice, until=day + A_DAY)
    if history.in_force.version.held is not None:
        over = history.in_force.version.held[1]
        yield Due(why=Why.HOLD, on=over, from_=over - notice, until=over + A_DAY)


def _supply(history: History, known: Knowledge) -> Iterator[Due]:
    """This function will find the end of what was handed over: of a plan that was ended, too, because its dose goes on."""
    recorded, handed = _recorded(history), [each.from_ for each in history.dispensed.values()]
    if history.in_force is None and not (history.stopped and handed):
        return
    if uncounted(history):
        yield Due(why=Why.SUPPLY, on=max(handed), from_=recorded - A_DAY)
        return
    asked = max([recorded - A_DAY, *(day for day in handed if day <= recorded + A_DAY)])
    if not handed:
        assert history.in_force is not None
        asked = history.in_force.version.printed.steps[0].from_
    if ends := lasts_until(history, asked, as_said=True):
        yield Due(why=Why.SUPPLY, on=ends, from_=ends - _days(known, "supply-notice-days"))


def _recorded(history: History) -> dt.date:
    return history.events[-1].at.date()


def _risk_and_benefit(history: History, known: Knowledge) -> Iterator[Due]:
    """This function will say when risks and benefits are to be weighed again: after a signature, or after it was recorded."""
    weighed = [each.on for each in history.observed.values() if each.what == "risk-benefit-review"]
    weighed += [each.signed.at.date() for each in history.versions.values() if each.signed]
    every = dt.timedelta(int(known.limit("review-interval").value))
    on = max(weighed, default=history.events[0].at.date()) + every
    yield Due(why=Why.REVIEW, on=on, from_=on - _days(known, "review-notice-days"))


def _heard(history: History, known: Knowledge) -> Iterator[Due]:
    """This function will say when nothing has been heard of a person for long: silence is not wellness."""
    heard = [each.on for each in history.observed.values()]
    heard += [
        event.at.date()
        for event in history.events
        if isinstance(event.what, Started) or event.number in history.observed
    ][-1:]
    last = max(heard)
    on = last + _days(known, "silence-days")
    yield Due(why=Why.SILENCE, on=on, from_=on)


def _days(known: Knowledge, convention: str) -> dt.timedelta:
    return dt.timedelta(int(known.convention(convention).number))
