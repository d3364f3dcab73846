"""Nobody who may be dependent is taken from a real dose to nothing in one step, nor left without an end."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from opentaper.knowledge import LAYER
from opentaper.patient import diazepam_equivalent
from opentaper.quantity import NO_DOSE, Dose
from opentaper.review.finding import Finding, Subject, Verdict, by_limit
from opentaper.review.switch import crossovers, dose_changes, taken_now

RULE = "abrupt-stop"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the dose before zero with the smallest pieces on the market and with mg of diazepam.

    Ask, too, what follows a last step that has an end, and what happens to the drug of the goal if it is not mentioned.

    Source: jcpg-2025, Recommendation 2; opentaper, docs/decisions/0003.
    """
    findings = [finding for drug in subject.regimen.drugs for finding in _drug(subject, drug)]
    goal = subject.case.goal.of
    if goal not in subject.regimen.drugs:
        observed = f"the schedule does not say what happens to {goal}"
        findings.append(subject.by_ask(RULE, Verdict.UNKNOWN, where="the whole schedule", observed=observed))
    return findings or [
        subject.by_ask(RULE, Verdict.PASS, where="the end", observed="reached in small steps, or not meant to be zero")
    ]


def _drug(subject: Subject, drug: str) -> list[Finding]:
    steps = subject.regimen.of(drug)
    last = steps[-1]
    if last.daily and last.until is not None:
        observed = f"the plan ends on {last.daily.about} of {drug} and does not say what follows"
        return [subject.by_ask(RULE, Verdict.UNKNOWN, where=f"after {last.until}", observed=observed)]
    taken = [step.daily for step in steps if step.daily] or _taken_now(subject, drug)
    if last.daily or not taken or _replaced(subject, drug, taken[-1]):
        return []
    return _stop(subject, drug, last.from_, taken[-1])


def _taken_now(subject: Subject, drug: str) -> list[Dose]:
    return [taking.daily for taking in subject.case.taking if taking.drug == drug]


def _stop(subject: Subject, drug: str, on: dt.date, dose: Dose) -> list[Finding]:
    pieces, equivalent = subject.known.limit("last-dose"), subject.known.limit("last-diazepam-equivalent")
    smallest, band = smallest_piece(subject, drug), diazepam_equivalent(drug, dose, subject.known)
    where = f"{on}: {dose.about} to 0 mg"
    if smallest is None or band is None:
        observed = f"no solid product, or no equivalence, of {drug} is known, so {dose.about} cannot be judged"
        return [by_limit(pieces, Verdict.UNKNOWN, where=where, observed=observed, rule=RULE)]
    if dose.mg > pieces.value * smallest.mg:
        bound, observed = pieces, f"{dose.about} is more than {pieces.value} of the smallest pieces ({smallest})"
    elif band[0].mg > equivalent.value:
        bound = equivalent
        observed = f"{dose.about} is at least {band[0].about} of diazepam, more than {equivalent.value} mg"
    else:
        return []
    if bound.source == LAYER:  # a clinic says so, and not the guideline
        return [by_limit(bound, subject.effect(RULE), where=where, observed=observed, rule=RULE)]
    return [subject.by_ask(RULE, subject.effect(RULE), where=where, observed=observed)]


def _replaced(subject: Subject, drug: str, dose: Dose) -> bool:
    """Whether other drugs rise enough on the day this one ends, or in the parts of one switch that ends it.

    Then it is a switch, judged by its sum. Enough is what the limit on one step leaves of the stopped dose, by the table
    that makes that dose least.
    """
    return _replaced_at_once(subject, drug, dose) or _replaced_in_parts(subject, drug)


def _replaced_in_parts(subject: Subject, drug: str) -> bool:
    """Whether, by some table, what has risen at the end of the switch that ends a drug is enough for all that fell in it."""
    ends = subject.regimen.of(drug)[-1].from_
    run = next((run for run in crossovers(subject) if run[0] < run[1] and run[0] <= ends <= run[1]), None)
    if run is None:
        return False
    pairs = {other: _over(subject, other, run) for other in subject.regimen.drugs}
    kept = 1 - subject.known.limit("dose-reduction").value
    for table in subject.known.equivalences.values():
        if not table.equivalence or not all(table.knows(other) for other in pairs):
            continue
        for end in (0, 1):
            doses = [(table.of(other, before), table.of(other, after)) for other, (before, after) in pairs.items()]
            moved = [after[end].mg - before[end].mg for before, after in doses if before and after]
            fallen, risen = -sum(each for each in moved if each < 0), sum(each for each in moved if each > 0)
            if fallen and risen >= kept * fallen:
                return True
    return False


def _over(subject: Subject, drug: str, run: tuple[dt.date, dt.date]) -> tuple[Dose, Dose]:
    """This function will return the daily dose of a drug before the first and after the last day of a switch."""
    before = after = taken_now(subject, drug)
    for on, _, dose in dose_changes(subject, drug):
        before = dose if on < run[0] else before
        after = dose if on <= run[1] else after
    return before, after


def _replaced_at_once(subject: Subject, drug: str, dose: Dose) -> bool:
    ends, risen = subject.regimen.of(drug)[-1].from_, Fraction(0)
    for other in subject.regimen.drugs:
        before = (_taken_now(subject, other) or [NO_DOSE])[-1]
        for step in subject.regimen.of(other):
            if other != drug and step.from_ == ends and step.daily > before:
                band = diazepam_equivalent(other, step.daily - before, subject.known)
                risen += band[1].mg if band else 0
            before = step.daily
    stopped = diazepam_equivalent(drug, dose, subject.known)
    kept = 1 - subject.known.limit("dose-reduction").value
    return stopped is not None and risen > 0 and risen >= kept * stopped[0].mg


def smallest_piece(subject: Subject, drug: str) -> Dose | None:
    """Return the smallest solid piece of a drug on any market of the base."""
    pieces = [
        product.strength.mg * product.finest_part
        for product in subject.known.products.values()
        if product.drug == drug and product.strength is not None and product.release == "immediate"
    ]
    return Dose(min(pieces)) if pieces else None
