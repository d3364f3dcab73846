"""Nobody who may be dependent is taken from a real dose to nothing in one step, nor left without an end."""

from __future__ import annotations

from opentaper.quantity import Dose
from opentaper.review.finding import Finding, Subject, Verdict, by_limit

RULE = "abrupt-stop"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Compare the dose before zero with the smallest pieces on the market, and ask what follows the last step.

    Source: jcpg-2025, Recommendation 2; opentaper, docs/decisions/0003.
    """
    findings = [finding for drug in subject.regimen.drugs for finding in _drug(subject, drug)]
    return findings or [
        subject.by_ask(RULE, Verdict.PASS, where="the end", observed="reached in small steps, or not meant to be zero")
    ]


def _drug(subject: Subject, drug: str) -> list[Finding]:
    steps = subject.regimen.of(drug)
    last = steps[-1]
    if last.daily and last.until is not None:
        return [
            subject.by_ask(
                RULE,
                Verdict.UNKNOWN,
                where=f"after {last.until}",
                observed=f"the plan ends on {last.daily.about} of {drug} and does not say what follows",
            )
        ]
    if last.daily or _replaced(subject, drug):
        return []
    taken = [step.daily for step in steps if step.daily] or [
        taking.daily for taking in subject.case.taking if taking.drug == drug
    ]
    if not taken:
        return []
    limit, smallest = subject.known.limit("last-dose"), smallest_piece(subject, drug)
    if smallest is None:
        return [
            by_limit(
                limit,
                Verdict.UNKNOWN,
                where=str(last.from_),
                observed=f"no solid product of {drug} is known, so {taken[-1].about} cannot be judged",
                rule=RULE,
            )
        ]
    if taken[-1].mg <= limit.value * smallest.mg:
        return []
    return [
        subject.by_ask(
            RULE,
            subject.effect(RULE),
            where=f"{last.from_}: {taken[-1].about} to 0 mg",
            observed=f"{taken[-1].about} is more than {limit.value} of the smallest pieces ({smallest})",
        )
    ]


def _replaced(subject: Subject, drug: str) -> bool:
    """Whether another drug is taken on when this one ends: then it is a switch, judged by its sum."""
    ends = subject.regimen.of(drug)[-1].from_
    return any(
        other != drug and step.from_ == ends and step.daily
        for other in subject.regimen.drugs
        for step in subject.regimen.of(other)
    )


def smallest_piece(subject: Subject, drug: str) -> Dose | None:
    """Return the smallest solid piece of a drug on any market of the base."""
    pieces = [
        product.strength.mg * product.finest_part
        for product in subject.known.products.values()
        if product.drug == drug and product.strength is not None and product.release == "immediate"
    ]
    return Dose(min(pieces)) if pieces else None
