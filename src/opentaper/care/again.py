"""The plan behind a version, found again with the reason of every row: a version keeps what is taken, not why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction

from opentaper.care.adapt import next_plan
from opentaper.care.by import Refusal
from opentaper.knowledge import Knowledge, digest
from opentaper.patient import Step
from opentaper.plan import Asked, Plan, Row, collections, edited, propose
from opentaper.quantity import Share
from opentaper.record import Edited, Event, Held, History, Judged, Slowed, SteppedBack, Version, history

BARE = "Why each step of this version is what it is was not recorded; what is taken was."


def plan_of(now: History, mark: str, known: Knowledge) -> Plan:
    """Compute again the plan that a version was made from, with the reasons of its rows.

    Where no computation gives exactly the doses of the version, the plan holds what is taken, and says that it knows no reasons.

    Args:
        now: where the case stands.
        mark: the digest of the version.
        known: the base that the version was made with.

    Raises:
        ValueError: nobody has reviewed such a version, or the base is another.
    """
    followed = now.versions.get(mark)
    if followed is None or followed.version.knowledge != known.digest:
        raise ValueError("nobody has reviewed such a version with this base")
    version = followed.version
    for plan in _computed(now, version, known):
        same = (plan.stock, plan.visits, plan.name) == (version.stock, version.visits, version.name)
        if same and digest(plan.regimen.plain()) == version.regimen_digest:
            return plan
    return bare(version)


def _computed(now: History, version: Version, known: Knowledge) -> Iterator[Plan]:
    place = next(
        event.number for event in now.events if isinstance(event.what, Judged) and event.what.version == version
    )
    before = history(now.events[: place - 1])
    if version.number == 1:
        protocol = before.proposed.protocol if before.proposed else None
        change = before.events[-1].what if before.events else None
        for asked_for in dict.fromkeys((protocol, None)):
            plans = propose(version.case, known, protocol=asked_for).plans
            yield from plans
            if isinstance(change, Edited):
                made = (edited(plan, change.edits, version.case, known) for plan in plans if plan.name == change.option)
                yield from (each for each in made if isinstance(each, Plan))
        return
    for asked in _asked(now.events[place:], version):
        found = next_plan(before, known, asked, on=version.made_on)
        if not isinstance(found, Refusal):
            yield found.plan


def _asked(after: tuple[Event, ...], version: Version) -> Iterator[Asked]:
    """This function will yield what may have been asked for: what the next event says, or what needs a signature first."""
    match after[0].what if after else None:
        case Held() if version.held:
            yield Asked(hold=(version.held[1] - version.held[0]).days)
        case Slowed(times=times):
            yield Asked(slower=times)
        case SteppedBack(steps=steps):
            yield Asked(back=steps)
        case _:
            yield Asked(resume=True)
            yield Asked(products=version.case.supply.products)


def bare(version: Version) -> Plan:
    """Return the plan of a version as it is taken, without reasons."""
    supply = version.case.supply
    return Plan(
        name=version.name,
        title=version.name.capitalize(),
        objective="",
        baseline=None,
        rows=tuple(_rows(version)),
        supply=collections(version.regimen, supply.days_per_supply, stock=version.stock),
        repair=None,
        notes=(BARE,),
        visits=version.visits,
        stock=version.stock,
    )


def _rows(version: Version) -> Iterator[Row]:
    last = {each.drug: each.daily for each in version.case.taking if each.drug}
    if version.before is not None:
        last |= {step.drug: step.daily for step in version.before.on(version.regimen.steps[0].from_ - dt.timedelta(1))}
    for step in version.regimen.steps:
        cut = last[step.drug].cut_to(step.daily) if last.get(step.drug) else Share(Fraction(0))
        yield Row(step=step, requested=cut, achieved=cut, binding=None, says=_says(step))
        last[step.drug] = step.daily


def _says(step: Step) -> str:
    return f"{step.drug} {step.daily} a day."
