"""A product that the clinic's formulary does not have is somebody's business before the plan begins."""

from __future__ import annotations

from opentaper.review.finding import Finding, Subject, Verdict

RULE = "not-in-formulary"
READS = ()


def judge(subject: Subject) -> list[Finding]:
    """Look for portions of products that the clinic says it does not have; of a drug of which it says nothing it has all.

    Source: opentaper, docs/decisions/0019.
    """
    products = {portion.product.key: portion.product for _, _, portion in subject.regimen.portions()}
    without = [key for key, product in sorted(products.items()) if not subject.known.stocked(product)]
    return [
        subject.by_ask(RULE, subject.effect(RULE), where="the whole plan", observed=f"{key} is not in it")
        for key in without
    ] or [subject.by_ask(RULE, Verdict.PASS, where="the whole plan", observed="nothing that is not in it")]
