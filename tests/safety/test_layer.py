"""A clinic's stricter limits really bind: the planner obeys them, review enforces them, and the findings name the clinic."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from opentaper import Knowledge, propose, read_case, review
from opentaper.exchange import compare, compare_document
from opentaper.knowledge import LAYER, KnowledgeError, lay, lay_again, parse_toml
from opentaper.knowledge.lay import COUNTED, LEFT, SHARES
from opentaper.knowledge.layer import FILE
from opentaper.patient import Case
from opentaper.plan import Options
from opentaper.review import Verdict

TODAY = dt.date(2026, 12, 1)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
HEAD = 'clinic = "Lindenhof"\nnumber = 1\nfrom = 2026-12-01\n'


def with_layer(known: Knowledge, *parts: str) -> Knowledge:
    return lay(known, parse_toml(FILE, "\n".join((HEAD, *parts)).encode()))


def closer(known: Knowledge, limit: str, value: Fraction) -> Knowledge:
    return with_layer(known, f'[[stricter]]\nlimit = "{limit}"\nvalue = "{value}"\nbecause = "We say so."\n')


def case_of(known: Knowledge, name: str = "clonazepam-2mg.toml") -> Case:
    return read_case(Path(__file__).parents[2] / "examples" / name, known)


def values(known: Knowledge, key: str) -> list[Fraction]:
    """Return a value just inside the limit, and one well inside."""
    [limit] = [each for each in known.limits if each.id == key]
    if limit.measures in SHARES:
        return [(limit.value * Fraction(99, 100)).limit_denominator(1_000), limit.value / 2]
    if limit.bound == "at least":
        return [limit.value + 1, limit.value * 2] if limit.measures != "tolerance-review-from" else [limit.value + 1]
    least = {"longest-hold": limit.value - 1, "tolerance-review-until": limit.value - 2}.get(key, Fraction(1))
    return [limit.value - 1, max(least, Fraction(limit.value.numerator // 2))]


TIGHT = [
    (limit, place)
    for limit in (
        "two-week-reduction", "rolling-14-day-reduction", "rolling-28-day-reduction", "step-interval", "coarse-step",
        "longest-hold", "last-dose", "last-diazepam-equivalent", "switch-dose", "switch-dose-automatic",
        "initial-reduction", "intake-share", "daily-diazepam-equivalent", "review-interval",
        "tolerance-review-from", "tolerance-review-until",
    )
    for place in (0, 1)
]  # fmt: skip


def test_every_limit_that_may_be_drawn_closer_is_swept(known: Knowledge) -> None:
    may = {limit.id for limit in known.limits if limit.measures not in LEFT}
    assert {limit for limit, _ in TIGHT} == may
    assert {limit.measures for limit in known.limits if limit.id in may} <= {
        *COUNTED, *SHARES, "daily-diazepam-equivalent", "switch-diazepam-equivalent", "last-diazepam-equivalent",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize(("limit", "place"), TIGHT)
def test_review_never_blocks_what_the_planner_found_under_a_stricter_limit(
    known: Knowledge, limit: str, place: int, path: Path
) -> None:
    found = values(known, limit)
    if place >= len(found):
        return
    laid = closer(known, limit, found[place])
    case, loose = read_case(path, laid), read_case(path, known)
    options = propose(case, laid)
    assert options.plans or options.infeasible, "a conflict is said, where there is one"
    for plan in options.plans:
        blocks = {each.rule for each in review(plan.regimen, case, laid, on=TODAY).findings if each.verdict.blocks}
        if blocks:
            before = propose(loose, known, only=plan.name).plans
            already = {
                each.rule for was in before for each in review(was.regimen, loose, known, on=TODAY).findings
                if each.verdict.blocks
            }  # fmt: skip
            assert blocks <= already, (plan.name, limit, blocks)


@pytest.mark.parametrize(
    ("limit", "value", "rule"),
    [
        ("two-week-reduction", Fraction(1, 7), "step-reduction"),
        ("rolling-28-day-reduction", Fraction(1, 10), "rolling-reduction"),
        ("step-interval", Fraction(28), "step-interval"),
        ("last-diazepam-equivalent", Fraction(1, 2), "abrupt-stop"),
    ],
)
def test_a_plan_inside_what_ships_and_beyond_the_clinics_own_limit_is_blocked_and_names_the_clinic(
    known: Knowledge, limit: str, value: Fraction, rule: str
) -> None:
    case = case_of(known)
    fastest = propose(case, known, only="fastest").plans[0]
    loose = review(fastest.regimen, case, known, on=TODAY)
    strict = review(fastest.regimen, case, closer(known, limit, value), on=TODAY)
    assert not loose.verdict.blocks
    blocks = [each for each in strict.findings if each.verdict is Verdict.BLOCK]
    assert {(each.rule, each.source) for each in blocks} >= {(rule, LAYER)}
    assert any("We say so. This is the limit of Lindenhof" in each.says for each in blocks)
    assert strict.knowledge_digest != loose.knowledge_digest


@pytest.mark.parametrize("days", [14, 15, 21, 28])
def test_the_planner_keeps_to_the_day_of_a_stricter_interval(known: Knowledge, days: int) -> None:
    laid = known if days == 14 else closer(known, "step-interval", Fraction(days))
    plan = propose(case_of(laid), laid, only="fastest").plans[0]
    starts = [step.from_ for step in plan.regimen.steps]
    gaps = [(second - first).days for first, second in pairwise(starts)]
    assert min(gaps) >= days


def plans(known: Knowledge, name: str = "clonazepam-2mg.toml") -> Options:
    return propose(case_of(known, name), known)


@pytest.mark.parametrize("limit", ["two-week-reduction", "rolling-28-day-reduction", "step-interval"])
def test_a_stricter_limit_never_makes_the_fastest_plan_shorter(known: Knowledge, limit: str) -> None:
    days = [propose(case_of(known), known, only="fastest").plans[0].days]
    for value in sorted(values(known, limit), key=lambda value: value if limit == "step-interval" else -value):
        laid = closer(known, limit, value)
        days.append(propose(case_of(laid), laid, only="fastest").plans[0].days)
    assert days == sorted(days)
    assert days[0] < days[-1]


def test_a_row_names_the_clinics_limit_as_the_one_that_bound_it(known: Knowledge) -> None:
    laid = closer(known, "two-week-reduction", Fraction(1, 5))
    [plan] = propose(case_of(laid), laid, only="fastest").plans
    assert {
        row.binding.by.source for row in plan.rows if row.binding and row.binding.by.limit == "two-week-reduction"
    } == {LAYER}


STOCK = '[[stock]]\ndrug = "clonazepam"\nproducts = ["us-clonazepam-tablet-0.5mg"]\n'


def test_a_plan_is_made_from_the_formulary_where_a_case_names_no_products(known: Knowledge) -> None:
    laid = with_layer(known, STOCK)
    case = case_of(laid)
    assert not case.supply.products
    used = {
        portion.product.key
        for plan in propose(case, laid).plans
        for _, _, portion in plan.regimen.portions()
    }  # fmt: skip
    assert used == {"us-clonazepam-tablet-0.5mg"}
    wide = propose(case, known, only="usual").plans[0]
    found = review(wide.regimen, case, laid, on=TODAY).findings
    assert any(each.rule == "unmakeable-dose" and each.verdict is Verdict.BLOCK for each in found)


def test_a_product_that_a_case_names_and_the_formulary_lacks_needs_a_pharmacists_reason(known: Knowledge) -> None:
    laid = with_layer(known, STOCK)
    own = tuple(each for each in laid.products_of("clonazepam", "US") if each.everyday)
    case = case_of(laid)
    case = replace(case, supply=replace(case.supply, products=own))
    plan = propose(case, laid, only="usual").plans[0]
    found = [each for each in review(plan.regimen, case, laid, on=TODAY).findings if each.rule == "not-in-formulary"]
    assert found and {(each.verdict, each.who) for each in found} == {(Verdict.CAUTION, "a pharmacist")}
    assert not any("us-clonazepam-tablet-0.5mg is not" in each.observed for each in found)
    judged = review(plan.regimen, case, known, on=TODAY)
    assert {each.verdict for each in judged.findings if each.rule == "not-in-formulary"} == {Verdict.PASS}


def test_a_layer_that_does_not_fit_what_ships_by_now_lets_nothing_be_started_and_is_not_dropped(
    known: Knowledge,
) -> None:
    content = parse_toml(FILE, f'{HEAD}[[stricter]]\nlimit = "was-once"\nvalue = "1/5"\nbecause = "x"\n'.encode())
    unfit = lay_again(known, content)
    assert unfit.digest != known.digest
    case = case_of(unfit)
    for plan in propose(case, unfit).plans:
        [found] = [each for each in review(plan.regimen, case, unfit, on=TODAY).findings if each.rule == "own-layer"]
        assert found.verdict is Verdict.BLOCK and "was-once" in found.observed
    with pytest.raises(KnowledgeError, match="there is no limit"):
        lay(known, content)


def test_nothing_of_a_drug_in_the_formulary_is_a_sentence_and_not_a_plan(known: Knowledge) -> None:
    laid = with_layer(known, '[[stock]]\ndrug = "clonazepam"\nproducts = []\n')
    with pytest.raises(ValueError, match="there is no product of clonazepam"):
        case_of(laid)


def test_prices_of_the_clinic_are_counted_with_their_day(known: Knowledge) -> None:
    price = '[[price]]\nproduct = "us-clonazepam-tablet-0.5mg"\nper_unit = "2"\ncurrency = "CHF"\non = 2026-11-20\n'
    laid = with_layer(known, STOCK, price)
    case = case_of(laid)
    options = propose(case, laid)
    judged = [review(plan.regimen, case, laid, on=TODAY) for plan in options.plans]
    for each in compare(options, judged, case, laid):
        pieces = each.cost.amount(liquid=False)
        assert each.cost.sums == {"CHF": 2 * pieces}
        assert each.cost.dated == (dt.date(2026, 11, 20),)
    document = compare_document(compare(options, judged, case, laid), options, case, laid, on=TODAY)
    assert '"dated": "2026-11-20"' in json.dumps(document)
