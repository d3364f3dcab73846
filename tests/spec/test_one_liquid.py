"""A plan draws up at most one strength of a liquid, so that nobody takes one for the other."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.editions import a_plan, a_step

from opentaper import Knowledge, propose, review
from opentaper.review import Verdict

WEAK, STRONG = "uk-clonazepam-solution-0.1mg-per-ml", "uk-clonazepam-solution-0.4mg-per-ml"
TABLET = "uk-clonazepam-tablet-0.5mg"


@pytest.mark.parametrize(
    ("drug", "intakes", "country"),
    [
        ("diazepam", "20 mg", "US"),
        ("clonazepam", "2 mg", "UK"),
        ("lorazepam", "4 mg", "US"),
        ("diazepam", "40 mg", "UK"),
    ],
)
def test_no_plan_of_a_country_uses_two_liquids(known: Knowledge, drug: str, intakes: str, country: str) -> None:
    case = a_case(known, drug, {"night": intakes}, country=country)
    assert sum(product.liquid for product in case.supply.of(drug, known)) >= 1
    for plan in propose(case, known).plans:
        assert len({portion.product for _, _, portion in plan.regimen.portions() if portion.product.liquid}) <= 1


def test_the_weakest_liquid_is_taken_at_an_asked_pace(known: Knowledge) -> None:
    case = a_case(known, intakes={"night": "2 mg"}, products=[WEAK, STRONG, TABLET])
    usual = next(plan for plan in propose(case, known).plans if plan.name == "usual")
    assert {portion.product.key for _, _, portion in usual.regimen.portions()} == {WEAK, TABLET}


def test_the_other_liquid_is_used_where_the_weakest_makes_no_plan(known: Knowledge) -> None:
    case = a_case(known, intakes={"night": "8 mg"}, products=[WEAK, STRONG], supply={"pieces_per_intake": 4})
    for plan in propose(case, known).plans:
        assert {portion.product.key for _, _, portion in plan.regimen.portions()} == {STRONG}


def test_a_schedule_by_hand_with_two_strengths_asks_for_a_reason(known: Knowledge) -> None:
    case = a_case(known, intakes={"night": "2 mg"}, goal="1.6 mg", products=[WEAK, STRONG])
    for amounts, verdict in (
        ({WEAK: Fraction(8), STRONG: Fraction(2)}, Verdict.CAUTION),
        ({STRONG: Fraction(4)}, Verdict.PASS),
    ):
        plan = a_plan(case, a_step(known, TODAY, None, night=amounts))
        judged = review(plan.regimen, case, known, on=TODAY)
        assert [each.verdict for each in judged.findings if each.rule == "two-liquids"] == [verdict]
