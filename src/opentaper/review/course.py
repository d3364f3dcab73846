"""A regimen seen as one dose over time, so that a rule can measure its cuts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from opentaper.frozen import dataclass
from opentaper.knowledge import Equivalence, Limit
from opentaper.patient import Step
from opentaper.quantity import NO_DOSE, Dose, Share
from opentaper.review.finding import Finding, Subject, Verdict, by_limit
from opentaper.review.switch import crossovers, dose_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The daily dose goes from one value to another on a day, or in the parts of one switch until a later day.

    Args:
        held: days on the dose before; None when nobody said since when it is taken.
        done_on: the day of its last part, for a switch in parts.
    """

    on: dt.date
    before: Dose
    after: Dose
    held: int | None
    done_on: dt.date | None = None

    @property
    def in_parts(self) -> bool:
        return self.done_on is not None

    @property
    def last_on(self) -> dt.date:
        """The day from which the next change counts its distance."""
        return self.done_on or self.on

    @property
    def cut(self) -> Share:
        """The share taken away; negative for a rise."""
        return self.before.cut_to(self.after) if self.before else Share(Fraction(-1))

    @property
    def where(self) -> str:
        return f"{self.on}: {self.before.about} to {self.after.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The changes of one drug's daily dose, or of the sum of several in mg of diazepam by one published table.

    Args:
        changes: every change as it is; rises and swings are judged on these.
        crossovers: the first and the last day of each switch in parts.
    """

    of: str
    changes: tuple[Change, ...]
    crossovers: tuple[tuple[dt.date, dt.date], ...] = ()

    @property
    def cuts(self) -> tuple[Change, ...]:
        """The reductions; a switch in parts is one, by the deepest fall from any sum before or within it to a later one.

        It begins on the first day of the switch for what comes before it, and is done on the last for what follows.
        """
        within = [[each for each in self.changes if first <= each.on <= last] for first, last in self.crossovers]
        found = [
            _in_all(parts, first, last) for parts, (first, last) in zip(within, self.crossovers, strict=True) if parts
        ]
        alone = [each for each in self.changes if not any(each in parts for parts in within)]
        found = [each for each in (*alone, *found) if each.after < each.before]
        return tuple(sorted(found, key=lambda each: each.on))


def _in_all(parts: Sequence[Change], first: dt.date, last: dt.date) -> Change:
    """This function will make one change of the parts of a switch; a rise within it hides no fall after it."""
    sums = [parts[0].before, *(part.after for part in parts)]
    falls = [(high, low) for high, low in combinations(sums, 2) if low < high]
    before, after = max(falls, key=lambda fall: fall[0].cut_to(fall[1]), default=(sums[0], sums[-1]))
    held = parts[0].held
    sooner = (parts[0].on - first).days
    return Change(
        on=first, before=before, after=after, held=None if held is None else max(0, held - sooner), done_on=last
    )


def courses(subject: Subject) -> tuple[Course, ...]:
    """Return the course of a regimen: one for a single drug, one for every table that knows all of several.

    Empty when several drugs are taken and no published table knows them all.
    """
    drugs = subject.regimen.drugs
    if len(drugs) == 1:
        return (_course(subject, drugs, drugs[0], lambda _, dose: dose),)
    parts = tuple((first, last) for first, last in crossovers(subject) if first < last)
    found: list[Course] = []
    for table in subject.known.equivalences.values():
        known = {row.drug for row in table.rows} | {table.reference_drug}
        if not table.equivalence or not set(drugs) <= known:
            continue
        for end, name in ((0, "its higher doses"), (1, "its lower doses")):
            course = _course(subject, drugs, f"diazepam by {table.name}", _by_table(table, end))
            if not any(course.changes == other.changes for other in found):
                found.append(Course(of=f"{course.of}, {name}", changes=course.changes, crossovers=parts))
    return tuple(found)


def own_courses(subject: Subject) -> tuple[Course, ...]:
    """Return the course of each drug by itself; empty where some drug rises, so that only the sum tells what is lost."""
    drugs = subject.regimen.drugs
    if any(after > before for drug in drugs for _, before, after in dose_changes(subject, drug)):
        return ()
    return tuple(_course(subject, (drug,), drug, lambda _, dose: dose) for drug in drugs)


def _by_table(table: Equivalence, end: int) -> Callable[[str, Dose], Dose]:
    def equal(drug: str, dose: Dose) -> Dose:
        band = table.of(drug, dose)
        assert band is not None
        return band[end]

    return equal


def _course(subject: Subject, drugs: Sequence[str], of: str, equal: Callable[[str, Dose], Dose]) -> Course:
    steps = [step for step in subject.regimen.steps if step.drug in drugs]
    days = sorted({step.from_ for step in steps})
    first = subject.regimen.steps[0].from_
    present = [
        taking
        for taking in subject.case.taking
        if taking.drug is not None and taking.drug in drugs and (taking.until is None or taking.until > first)
    ]
    before = sum((equal(taking.drug or "", taking.daily) for taking in present), NO_DOSE)
    told = [since for taking in present if (since := taking.dose_since or taking.since)]
    since = max(told) if told and len(told) == len(present) else None
    changes: list[Change] = []
    for day in days:
        after = sum((equal(step.drug, step.daily) for step in _on(steps, day)), NO_DOSE)
        for drug in drugs:  # a drug whose own steps begin later is still taken as it is now
            if all(step.from_ > day for step in subject.regimen.of(drug)):
                after += sum((equal(drug, taking.daily) for taking in present if taking.drug == drug), NO_DOSE)
        if after != before:
            held = (day - since).days if since else None
            changes.append(Change(on=day, before=before, after=after, held=held))
            before, since = after, day
        since = since or day
    return Course(of=of, changes=tuple(changes))


def _on(steps: Iterable[Step], day: dt.date) -> list[Step]:
    return [step for step in steps if step.from_ <= day and (step.until is None or day < step.until)]


def uncompared(limit: Limit, *, rule: str = "") -> Finding:
    """Build the finding of a limit on several drugs that no published table compares."""
    where, observed = "the switch", "no published table compares these drugs"
    return by_limit(limit, Verdict.UNKNOWN, where=where, observed=observed, rule=rule)


def across(subject: Subject, judge: Callable[[Course], Iterable[Finding]], unknown: Finding) -> list[Finding]:
    """Judge every course; where the tables disagree whether a regimen is forbidden, a person decides.

    Args:
        judge: returns one course's findings, at least one.
        unknown: what to say when there is no course to judge.
    """
    several = len(subject.regimen.drugs) > 1
    judged = [
        [replace(each, observed=f"{each.observed}, in {course.of}") for each in judge(course)]
        if several
        else list(judge(course))
        for course in courses(subject)
    ]
    if not judged:
        return [unknown]
    worst = [max(findings, key=lambda finding: finding.verdict.rank) for findings in judged]
    mildest = min(worst, key=lambda finding: finding.verdict.rank)
    gravest = max(worst, key=lambda finding: finding.verdict.rank)
    if len(judged) == 1 or mildest.verdict is gravest.verdict:
        return judged[worst.index(mildest)]
    return [
        Finding(
            rule=gravest.rule,
            verdict=max(mildest.verdict, Verdict.CAUTION, key=lambda verdict: verdict.rank),
            where=gravest.where,
            observed=f"{gravest.observed}; the published equivalences disagree",
            limit=gravest.limit,
            source=gravest.source,
            at=gravest.at,
            says=gravest.says,
            who="the prescriber",
        )
    ]
