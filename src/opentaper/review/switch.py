"""A switch in any regimen, whoever wrote it: which drug takes over, when, and what it is taken with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from opentaper.frozen import dataclass
from opentaper.knowledge import Interaction, Knowledge
from opentaper.patient import Case
from opentaper.quantity import NO_DOSE, Dose
from opentaper.review.finding import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTo:
    """A drug that a regimen begins, or raises while another one falls.

    Args:
        begins_on: the first day on which more of it is taken than now.
        ends_on: the first day without the drugs that it replaces; None while one of them goes on.
    """

    to: str
    replaced: tuple[str, ...]
    highest: Dose
    begins_on: dt.date
    ends_on: dt.date | None


def taken_now(subject: Subject, drug: str) -> Dose:
    """Return the daily dose that is taken of a drug until the regimen begins; zero for one that is not taken."""
    first = subject.regimen.steps[0].from_
    return sum(
        (
            taking.daily
            for taking in subject.case.taking
            if taking.drug == drug and (taking.until is None or taking.until > first)
        ),
        NO_DOSE,
    )


def switches(subject: Subject) -> tuple[SwitchTo, ...]:
    """Return every drug that a regimen switches to.

    A drug that is not taken now counts whether or not another one falls: it is new to the person either way. One that
    is taken already counts when it rises while another one falls.
    """
    found = []
    for drug in subject.regimen.drugs:
        now = taken_now(subject, drug)
        more = [step for step in subject.regimen.of(drug) if step.daily > now]
        replaced = tuple(other for other in subject.regimen.drugs if other != drug and _falls(subject, other))
        if more and (replaced or not now):
            found.append(
                SwitchTo(
                    to=drug,
                    replaced=replaced,
                    highest=max(step.daily for step in more),
                    begins_on=more[0].from_,
                    ends_on=_ends(subject, replaced),
                )
            )
    return tuple(found)


def _falls(subject: Subject, drug: str) -> bool:
    return any(after < before for _, before, after in dose_changes(subject, drug))


def _ends(subject: Subject, drugs: tuple[str, ...]) -> dt.date | None:
    last = [subject.regimen.of(drug)[-1] for drug in drugs if taken_now(subject, drug)]
    if not last or any(step.daily for step in last):
        return None
    return max(step.from_ for step in last)


def dose_changes(subject: Subject, drug: str) -> list[tuple[dt.date, Dose, Dose]]:
    """Return the days on which the daily dose of a drug changes, with the dose before and after; the present counts."""
    steps = subject.regimen.of(drug)
    doses = [taken_now(subject, drug), *(step.daily for step in steps)]
    found = [
        (step.from_, before, after)
        for step, (before, after) in zip(steps, pairwise(doses), strict=True)
        if before != after
    ]
    if steps and steps[-1].until is not None and steps[-1].daily:
        found.append((steps[-1].until, steps[-1].daily, NO_DOSE))
    return found


def crossovers(subject: Subject) -> tuple[tuple[dt.date, dt.date], ...]:
    """Return the first and the last day of every run of replacements.

    A replacement is a day on which one drug falls and another rises. A run has replacements alone, each less than the
    shortest step interval after the one before: any other change of any drug ends it.
    """
    interval = subject.known.limit("step-interval").value
    runs: list[tuple[dt.date, dt.date]] = []
    going = False
    for day, replacing in _change_days(subject):
        if not replacing:
            going = False
        elif going and (day - runs[-1][1]).days < interval:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
            going = True
    return tuple(runs)


def _change_days(subject: Subject) -> Iterator[tuple[dt.date, bool]]:
    days: dict[dt.date, set[bool]] = {}
    for drug in subject.regimen.drugs:
        for day, before, after in dose_changes(subject, drug):
            days.setdefault(day, set()).add(after > before)
    for day in sorted(days):
        yield day, days[day] == {True, False}


def levels_changed(known: Knowledge, drug: str, case: Case) -> dict[str, list[Interaction]]:
    """Return, for each medicine taken that raises or lowers the level of a drug, what the base says of it."""
    found: dict[str, list[Interaction]] = {}
    for taking in case.taking:
        rows = [
            row
            for row in known.interactions.values()
            if taking.drug is not None
            and row.between(drug, taking.drug)
            and row.kind == "pharmacokinetic"
            and row.exposure in ("higher", "lower")
        ]
        if taking.drug is not None and rows:
            found[taking.drug] = rows
    return found


def alternatives(subject: Subject, to: str) -> str:
    """Name the drugs that are only glucuronidated, without those whose level a medicine taken changes."""
    named = [
        key
        for key, drug in subject.known.drugs.items()
        if key != to and drug.has_trait("glucuronidated") and not levels_changed(subject.known, key, subject.case)
    ]
    return (
        f"without this problem as far as the base knows: {', '.join(named)}"
        if named
        else "no better drug is known here"
    )
