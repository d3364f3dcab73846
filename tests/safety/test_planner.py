"""Promises of the planner, over generated cases of real drugs and products."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from opentaper import Case, load, propose, review
from opentaper.exchange import read_step, step_in_words
from opentaper.patient import CaseError, case_from, read_regimen, regimen_file
from opentaper.plan import OPTIONS, Plan
from opentaper.plan.day import present_day
from opentaper.plan.supply import collections
from opentaper.quantity import Span
from opentaper.review import Verdict
from tests.conftest import TODAY
from tests.strategies.cases import raw_case, raw_cases

KNOWN = load(TODAY)
MANY = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEP_RULES = (
    "step-reduction", "rolling-reduction", "step-interval", "abrupt-stop", "dose-rise", "dose-swing", "unmakeable-dose",
    "pieces-per-intake",
)  # fmt: skip


def case_of(raw: dict[str, Any]) -> Case:
    try:
        return case_from(raw, KNOWN, "case.toml")
    except CaseError:
        assume(False)
        raise


def by_name(case: Case) -> dict[str, Plan]:
    return {plan.name: plan for plan in propose(case, KNOWN).plans}


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN))
def test_review_never_blocks_what_the_planner_found(raw: dict[str, Any]) -> None:
    case = case_of(raw)
    for plan in propose(case, KNOWN).plans:
        judged = review(plan.regimen, case, KNOWN, on=TODAY)
        blocking = [each for each in judged.findings if each.verdict.blocks]
        assert not [each for each in blocking if each.rule in STEP_RULES], blocking


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN))
def test_every_row_is_its_pieces_its_words_and_its_share(raw: dict[str, Any]) -> None:
    case = case_of(raw)
    for plan in propose(case, KNOWN).plans:
        before = case.present.daily
        for row in plan.rows:
            step = row.step
            for intake in step.intakes:
                pieces = intake.portions
                if pieces is not None:
                    assert sum((each.dose.mg for each in pieces), Fraction(0)) == intake.dose.mg
                    assert all(each.product in case.supply.of(case.goal.of, KNOWN) for each in pieces)
            assert read_step(step_in_words(step)) == {intake.time: intake.dose for intake in step.intakes}
            assert row.achieved.of == (before.mg - step.daily.mg) / before.mg
            assert step.daily <= before
            before = step.daily
        assert all(first.step.until == second.step.from_ for first, second in pairwise(plan.rows))
        assert plan.rows[-1].step.until is None
        assert plan.rows[-1].step.daily == case.goal.daily


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN), st.sampled_from([7, 28, 30]))
def test_the_supply_is_the_plan_rounded_up_once_per_product(raw: dict[str, Any], every: int) -> None:
    case = case_of(raw)
    for plan in propose(case, KNOWN).plans:
        exact: dict[str, Fraction] = {}
        for step, _, portion in plan.regimen.portions():
            days = step.days if step.days is not None else every
            exact[portion.product.key] = exact.get(portion.product.key, Fraction(0)) + portion.amount * days
        got: dict[str, Fraction] = {}
        for each in collections(plan.regimen, Span(every)):
            for item in each.items:
                got[item.product.key] = got.get(item.product.key, Fraction(0)) + item.amount
        liquid = {key for key in exact if KNOWN.products[key].liquid}
        assert got == {key: total if key in liquid else Fraction(-(-total // 1)) for key, total in exact.items()}


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN, paced=False), st.data())
def test_adding_a_product_never_makes_the_fastest_plan_later(raw: dict[str, Any], data: st.DataObject) -> None:
    case = case_of(raw)
    country = case.supply.products[0].country
    more = [
        product.key
        for product in KNOWN.products_of(case.goal.of)
        if product.country in (country, "compounded") and product.everyday and product not in case.supply.products
    ]
    assume(more)
    wider = raw | {
        "supply": raw["supply"] | {"products": [*raw["supply"]["products"], data.draw(st.sampled_from(more))]}
    }
    before, after = by_name(case).get("fastest"), by_name(case_of(wider)).get("fastest")
    if before is not None:
        assert after is not None
        assert after.ends_on <= before.ends_on
        assert after.days <= before.days


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN), st.sampled_from(["share", "every_days", "gentle", "fastest"]))
def test_a_slower_setting_never_gives_a_faster_plan(raw: dict[str, Any], slower: str) -> None:
    faster = by_name(case_of(raw))
    assume("usual" in faster)
    if slower == "gentle":
        assert "gentle" not in faster or faster["gentle"].ends_on >= faster["usual"].ends_on
        return
    if slower == "fastest":
        assert faster["fastest"].ends_on <= faster["usual"].ends_on
        return
    goal = dict(raw["goal"])
    if slower == "share":
        goal["share"] = f"{int(goal['share'].split()[0]) - 1} %"
    else:
        goal["every_days"] += 7
    found = by_name(case_of(raw | {"goal": goal}))
    if "usual" in found:
        assert found["usual"].ends_on >= faster["usual"].ends_on


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN))
def test_the_same_case_always_gives_the_same_plan_and_intakes_rise_only_where_the_pieces_force_it(
    raw: dict[str, Any],
) -> None:
    case = case_of(raw)
    first, second = propose(case, KNOWN), propose(case_of(raw), KNOWN)
    assert first == second
    for plan in first.plans:
        judged = review(plan.regimen, case, KNOWN, on=TODAY)
        rises = [each for each in judged.findings if each.rule == "intake-rise" and each.verdict is not Verdict.PASS]
        day = present_day(case, KNOWN)
        assert not rises or plan.name == "fastest" or day.ladder != day.levels


@pytest.mark.slow
@settings(parent=MANY, max_examples=60)
@given(raw_cases(KNOWN))
def test_a_regimen_file_reads_back_to_the_same_regimen(
    tmp_path_factory: pytest.TempPathFactory, raw: dict[str, Any]
) -> None:
    for plan in propose(case_of(raw), KNOWN).plans:
        path = tmp_path_factory.mktemp("regimen") / "plan.toml"
        path.write_text(regimen_file(plan.regimen, "a plan"), encoding="utf-8")
        assert read_regimen(path, KNOWN) == plan.regimen


@pytest.mark.parametrize("name", OPTIONS)
def test_a_planned_hold_moves_the_later_steps_by_its_length(name: str) -> None:
    hold = {"from": dt.date(2026, 12, 24), "until": dt.date(2027, 1, 7), "because": "travel"}
    free, held = by_name(case_of(raw_case()))[name], by_name(case_of(raw_case(hold=[hold])))[name]
    assert [row.step.daily for row in free.rows] == [row.step.daily for row in held.rows]
    for before, after in zip(free.rows, held.rows, strict=True):
        later = dt.timedelta(14 if before.step.from_ >= hold["from"] else 0)
        assert after.step.from_ == before.step.from_ + later
    assert not any(hold["from"] <= row.step.from_ < hold["until"] for row in held.rows)
    assert any("travel" in note for note in held.notes)


def test_a_goal_above_zero_is_kept_until_further_notice() -> None:
    plan = by_name(case_of(raw_case(goal="0.5 mg")))["usual"]
    last = plan.rows[-1].step
    assert (last.daily.decimal, last.until) == ("0.5", None)
    assert plan.supply[-1].from_ >= last.from_ - dt.timedelta(28), "one more collection is planned on the goal"


def test_days_on_the_present_dose_come_first_when_asked_for() -> None:
    plan = by_name(case_of(raw_case(baseline_days=14)))["usual"]
    assert plan.baseline is not None
    assert (plan.baseline.from_, plan.baseline.until) == (dt.date(2026, 12, 1), dt.date(2026, 12, 15))
    assert plan.starts_on == dt.date(2026, 12, 15)
    assert plan.rows[0].step.daily < plan.baseline.daily
