"""What is handed over next: exactly what a signed plan needs for its next days, or one sentence why nothing is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container
from dataclasses import dataclass

from opentaper.care.by import Refusal
from opentaper.care.home import A_DAY, Said, at_home, left_after, rounded_up, said, without_supply
from opentaper.knowledge import Knowledge
from opentaper.patient import Intake
from opentaper.plan import Collection, Item, open_day
from opentaper.record import Followed, History, Progress, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSupply:
    """What is handed over next for a plan.

    Args:
        followed: the version that it is for.
        collection: its days, and exactly what they need.
        most: what may be handed over at most, with the agreed reserve.
        not_before: the first day on which it may be handed over.
        gap: the days just before it, without supply.
    """

    followed: Followed
    collection: Collection
    most: tuple[Item, ...]
    not_before: dt.date
    gap: tuple[dt.date, ...]


def dispensable(history: History) -> Followed | Refusal:
    """Return the version that is handed out: the one in force, or a signed one that is about to start."""
    signed = [each for each in history.versions.values() if each.progress is Progress.ACCEPTED]
    if history.in_force is None and len(signed) > 1:
        return Refusal(
            says="More than one plan is signed and none has begun: ask the prescriber which is followed, before anything is "
            "handed over."
        )
    if found := history.in_force or _to_start(history):
        return found
    if history.stopped is not None:
        return Refusal(
            says="The plan was ended. The dose of that day goes on, but not by this plan: ask the prescriber at once what is "
            "handed over, so that nobody stops abruptly."
        )
    return Refusal(says="No plan is in force or signed, so nothing is to be dispensed.")


def _to_start(history: History) -> Followed | None:
    return next((each for each in history.versions.values() if each.progress is Progress.ACCEPTED), None)


def about_to_start(history: History) -> Version | None:
    """Return the signed version that is handed out before it starts; None where one is in force."""
    found = None if history.in_force else _to_start(history)
    return found.version if found else None


def next_supply(
    history: History,
    known: Knowledge,
    *,
    on: dt.date,
    holidays: Container[dt.date] = (),
    until: dt.date | None = None,
    replaces: int | None = None,
) -> NextSupply | Refusal:
    """Return what is handed over next, or why nothing is.

    Args:
        history: where the case stands.
        known: the base, for its conventions.
        on: the day.
        holidays: days on which the pharmacy is closed, beside those of the week that the case names.
        until: the day after the last, for fewer days than the next supply is for.
        replaces: the number of the event that said what was lost, for what takes its place.
    """
    followed = dispensable(history)
    if isinstance(followed, Refusal):
        return followed
    plan, version = said(history, about_to_start(history)), followed.version
    days = _days(history, plan, followed, on, replaces)
    if isinstance(days, Refusal):
        return days
    from_, last = days
    home = at_home(history, from_, about_to_start(history), as_said=False)
    lacking = plan.first_short(home, from_)
    if lacking is None or (last is not None and lacking >= last):
        return Refusal(says="Nothing more is to be handed over: what is at home by the plan is enough.")
    if replaces is not None:  # until then what was not lost is enough
        from_, home = lacking, at_home(history, lacking, about_to_start(history), as_said=False)
    due, end = from_, _end(version, plan, from_)
    if lacking >= end:  # what is at home is enough for the whole of these days
        due, end = lacking, _end(version, plan, lacking)
    end = min(day for day in (end, last, _most(followed, known, lacking, replaces)) if day is not None)
    if until is not None and not from_ < until <= end:
        return Refusal(says=f"The next supply is for days from {from_} to {end - A_DAY}; say a last day among them.")
    end = until or end
    if refusal := _unsigned_pieces(history, followed, from_, end):
        return refusal
    needed = plan.of(from_, end)
    items = rounded_up(needed, home)
    if not items:
        return Refusal(says=f"What is at home by the plan is enough to {end - A_DAY}; say a later last day.")
    reserve = end + _days_of(known, "reserve-days")
    opened = open_day(due, version.case.supply.closed, min(version.made_on, due), holidays)
    strict = replaces is not None or version.case.supply.instalment is not None
    return NextSupply(
        followed=followed,
        collection=Collection(
            on=opened, from_=from_, until=end, items=items, left_over=left_after(needed, home, items)
        ),
        most=rounded_up(plan.of(from_, reserve), home),
        not_before=opened - (dt.timedelta(0) if strict else _days_of(known, "early-days")),
        gap=without_supply(history, on, about_to_start(history)),
    )


def _days(
    history: History, plan: Said, followed: Followed, on: dt.date, replaces: int | None
) -> tuple[dt.date, dt.date | None] | Refusal:
    """This function will return the first day that is still to be supplied, and before which day that ends if anything says so."""
    by = followed.version.digest
    known = [
        (each.from_, history.supplied_until(each, by)) for each in history.dispensed.values() if each.replaces is None
    ]
    supplied = sorted((from_, until) for from_, until in known if from_ < until)  # the others are open again as a whole
    covered = max((until for _, until in supplied), default=plan.from_[0])
    if replaces is None:
        day = max(on, min((from_ for from_, _ in supplied), default=plan.from_[0]))
        for from_, until in supplied:
            day = max(day, until) if from_ <= day else day
        return day, min((from_ for from_, _ in supplied if from_ > day), default=None)
    if replaces not in history.lost or replaces not in history.allowed:
        return Refusal(says="No prescriber has allowed that this is replaced: ask, and wait for the answer.")
    again = [each.until for each in history.dispensed.values() if each.replaces == replaces]
    from_ = max([on, *again])
    if from_ >= covered:
        return Refusal(says=f"What was lost was for days before {covered}, and these are replaced or past.")
    return from_, covered


def _end(version: Version, plan: Said, day: dt.date) -> dt.date:
    """This function will return the end of the supply, or of the instalment, that a day belongs to."""
    first, every = version.regimen.steps[0].from_, version.case.supply.instalment or version.case.supply.days_per_supply
    end = first + dt.timedelta(((day - first).days // every.days + 1) * every.days)
    return end if plan.ends is None else min(end, plan.ends)


def _most(followed: Followed, known: Knowledge, lacking: dt.date, replaces: int | None) -> dt.date | None:
    """This function will return the day before which a supply ends that is handed over a few days at a time."""
    ends = []
    if followed.signed is None:
        ends.append(lacking + _days_of(known, "unsigned-supply-days"))
    if replaces is not None:
        ends.append(lacking + _days_of(known, "lost-supply-days"))
    return min(ends, default=None)


def _days_of(known: Knowledge, convention: str) -> dt.timedelta:
    return dt.timedelta(int(known.convention(convention).number))


def _unsigned_pieces(history: History, followed: Followed, from_: dt.date, until: dt.date) -> Refusal | None:
    """This function will refuse what nobody signed: of an unsigned version only days that give what a signed one gave."""
    if followed.signed is not None:
        return None
    signed = {
        (step.drug, _told(step.intakes))
        for each in history.versions.values()
        if each.signed
        for step in each.version.printed.steps
    }
    for step in followed.version.printed.steps:
        within = step.from_ < until and (step.until is None or step.until > from_)
        if within and (step.drug, _told(step.intakes)) not in signed:
            return Refusal(
                says=f"From {step.from_} this version, which nobody has signed, gives other pieces than any that was "
                "signed; a prescriber signs it first."
            )
    return None


def _told(intakes: tuple[Intake, ...]) -> tuple[object, ...]:
    return tuple(
        (each.time, each.dose.mg, tuple((portion.product.key, portion.amount) for portion in each.portions or ()))
        for each in intakes
    )
