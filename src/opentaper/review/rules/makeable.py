"""Every dose can be made from what the pharmacy has, in as many pieces as the person manages."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from opentaper.knowledge import Product
from opentaper.patient import Intake, Portion, Step
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "unmakeable-dose"
PIECES = "pieces-per-intake"
READS = ("supply.country",)


def judge(subject: Subject) -> list[Finding]:
    """Check each portion against its product's score, or look for portions where none are named.

    An intake that is what the person takes already is theirs to have; it is not judged.

    Source: opentaper, docs/decisions/0002.
    """
    findings = [finding for step in subject.regimen.steps for finding in _step(subject, step)]
    rules = {finding.rule for finding in findings}
    if RULE not in rules:
        findings.append(subject.by_ask(RULE, Verdict.PASS, where="every intake", observed="each can be made"))
    if PIECES not in rules:
        findings.append(subject.by_ask(PIECES, Verdict.PASS, where="every intake", observed="none has too many"))
    return findings


def _step(subject: Subject, step: Step) -> Iterator[Finding]:
    products = subject.case.supply.of(step.drug, subject.known)
    present = {
        (intake.time, intake.dose)
        for taking in subject.case.taking
        if taking.drug == step.drug
        for intake in taking.intakes
    }
    for intake in step.intakes:
        where = f"{step.from_}, {intake.time}: {intake.dose} of {step.drug}"
        if not products:
            yield subject.by_ask(RULE, Verdict.UNKNOWN, where=where, observed=f"no product of {step.drug} is named")
        elif intake.portions is not None:
            yield from _portions(subject, intake.portions, products, where)
        elif (intake.time, intake.dose) not in present and not _can_be_made(subject, intake, products):
            yield subject.by_ask(
                RULE, subject.effect(RULE), where=where, observed="these products do not make it, in whole or split"
            )


def _portions(
    subject: Subject, portions: tuple[Portion, ...], products: tuple[Product, ...], where: str
) -> Iterator[Finding]:
    supply, pieces = subject.case.supply, 0
    for portion in portions:
        pieces += portion.pieces
        grain = supply.liquid_step_ml if portion.product.liquid else supply.part_of(portion.product)
        count = portion.amount / grain
        if portion.drops is not None:
            count = portion.drops
        if portion.product not in products:
            yield subject.by_ask(
                RULE, subject.effect(RULE), where=where, observed=f"{portion.product.key} is not among the products"
            )
        elif count.denominator != 1:
            yield subject.by_ask(
                RULE, subject.effect(RULE), where=where, observed=f"{portion} cannot be split or measured so"
            )
    if pieces > supply.pieces_per_intake:
        yield subject.by_ask(
            PIECES, subject.effect(PIECES), where=where, observed=f"{pieces} pieces, at most {supply.pieces_per_intake}"
        )


def _can_be_made(subject: Subject, intake: Intake, products: tuple[Product, ...]) -> bool:
    """Whether some pieces, and at most one liquid, add up to the dose: tried one piece after another."""
    supply, want = subject.case.supply, intake.dose.mg
    parts = {
        product.strength.mg * amount
        for product in products
        if product.strength is not None
        for amount in _parts(supply.part_of(product))
    }
    sums = {Fraction(0)}
    for _ in range(supply.pieces_per_intake):
        sums |= {amount + part for amount in sums for part in parts if amount + part <= want}
    if want in sums:
        return True
    steps = [
        product.mg_per_drop or (product.mg_per_ml or Fraction(1)) * supply.liquid_step_ml
        for product in products
        if product.liquid
    ]
    return any(((want - solid) / step).denominator == 1 for step in steps for solid in sums)


def _parts(finest: Fraction) -> tuple[Fraction, ...]:
    return tuple(part for part in (Fraction(1), Fraction(1, 2), Fraction(1, 4)) if part >= finest)
