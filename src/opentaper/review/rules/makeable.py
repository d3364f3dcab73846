"""Every dose can be made from what the pharmacy has, in as many pieces as the person manages."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from opentaper.knowledge import Product
from opentaper.patient import Intake, Portion, Step
from opentaper.review.finding import Finding, Subject, Verdict

RULE = "unmakeable-dose"
PIECES = "pieces-per-intake"
LIQUIDS = "two-liquids"
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
    return [*findings, *(_liquids(subject, drug) for drug in subject.regimen.drugs)]


def _liquids(subject: Subject, drug: str) -> Finding:
    """Whether a drug is drawn up from liquids of more than one strength."""
    used = {
        portion.product.key
        for step, _, portion in subject.regimen.portions()
        if step.drug == drug and portion.product.liquid
    }
    verdict = subject.effect(LIQUIDS) if len(used) > 1 else Verdict.PASS
    observed = " and ".join(sorted(used)) or "none"
    return subject.by_ask(LIQUIDS, verdict, where=f"liquids of {drug}", observed=observed)


def _step(subject: Subject, step: Step) -> Iterator[Finding]:
    products = subject.case.supply.of(step.drug, subject.known)
    present = {
        (intake.time, intake.dose)
        for taking in subject.case.taking
        if taking.drug == step.drug
        for intake in taking.intakes
    }
    for intake in step.intakes:
        where = f"{step.from_}, {intake.time}: {intake.dose.about} of {step.drug}"
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
        pieces += _pieces(subject, portion)
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


def _pieces(subject: Subject, portion: Portion) -> int:
    """Count the pieces of a portion; each 5 mL or 30 drops of a liquid, or part of them, is one by our conventions."""
    if portion.drops is not None:
        return ceil(portion.drops / subject.known.convention("drops-per-piece").number)
    if portion.product.liquid:
        return ceil(portion.amount / subject.known.convention("ml-per-piece").number)
    return portion.pieces


def _can_be_made(subject: Subject, intake: Intake, products: tuple[Product, ...]) -> bool:
    """Whether some pieces, and at most one liquid, add up to the dose: tried one piece after another."""
    supply, want = subject.case.supply, intake.dose.mg
    parts = {
        product.strength.mg * amount
        for product in products
        if product.strength is not None
        for amount in _parts(supply.part_of(product))
    }
    pieces = {Fraction(0): 0}
    for count in range(1, supply.pieces_per_intake + 1):
        reached = {amount + part for amount in pieces for part in parts if amount + part <= want}
        pieces |= dict.fromkeys(reached - pieces.keys(), count)
    if want in pieces:
        return True
    return any(
        _fills(subject, product, want - solid, supply.pieces_per_intake - count)
        for product in products
        if product.liquid
        for solid, count in pieces.items()
    )


def _fills(subject: Subject, product: Product, mg: Fraction, pieces: int) -> bool:
    """Whether so much of a liquid can be measured out, in at most so many pieces."""
    portion = Portion(product=product, amount=mg / (product.mg_per_ml or 1))
    count = portion.drops if portion.drops is not None else portion.amount / subject.case.supply.liquid_step_ml
    return count.denominator == 1 and _pieces(subject, portion) <= pieces


def _parts(finest: Fraction) -> tuple[Fraction, ...]:
    return tuple(part for part in (Fraction(1), Fraction(1, 2), Fraction(1, 4)) if part >= finest)
