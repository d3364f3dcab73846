"""The smoothest plan for its length: within the limits, with the least of the worst step, and honest that it is modelled."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case, raw_case
from tests.strategies.editions import a_step

from opentaper import Knowledge, propose, review
from opentaper.patient import Case, Regimen, case_from
from opentaper.plan import Infeasible, Plan, placed, smoothest, trade_off, what_bounds
from opentaper.quantity import Dose, Share, Span
from opentaper.review import Verdict

TABLET, ODT = "us-clonazepam-tablet-0.5mg", "us-clonazepam-odt-0.125mg"
SOURCE = Path(__file__).parents[2] / "src"


def the_plan(case: Case, known: Knowledge, weeks: int | None = None) -> Plan:
    found = smoothest(case, known, weeks)
    assert isinstance(found, Plan), found.says
    return found


def option(case: Case, known: Knowledge, name: str) -> Plan:
    return next(plan for plan in propose(case, known).plans if plan.name == name)


def the_worst(case: Case, known: Knowledge, plan: Plan) -> Share:
    found = placed(case, known, plan.regimen)
    assert not isinstance(found, Infeasible)
    return found.worst.share


@pytest.mark.parametrize(
    ("drug", "intakes", "country"),
    [
        ("clonazepam", {"morning": "1 mg", "night": "1 mg"}, "US"),
        ("diazepam", {"night": "20 mg"}, "US"),
        ("lorazepam", {"morning": "1 mg", "night": "1 mg"}, "US"),
    ],
)
def test_the_smoothest_plan_keeps_every_limit_takes_no_longer_than_the_usual_one_and_is_felt_no_more(
    known: Knowledge, drug: str, intakes: dict[str, str], country: str
) -> None:
    case = a_case(known, drug, intakes, country=country)
    plan, usual = the_plan(case, known), option(case, known, "usual")
    verdict = review(plan.regimen, case, known, on=TODAY).verdict
    assert verdict == review(usual.regimen, case, known, on=TODAY).verdict == Verdict.CAUTION
    assert plan.days <= usual.days
    assert the_worst(case, known, plan) <= the_worst(case, known, usual)


def test_every_option_lies_on_the_front_or_above_it(known: Knowledge) -> None:
    case = a_case(known)
    front = trade_off(case, known)
    assert not isinstance(front, Infeasible)
    for plan in (*propose(case, known).plans, the_plan(case, known), the_plan(case, known, 100)):
        found = placed(case, known, plan.regimen)
        assert not isinstance(found, Infeasible)
        assert found.at_best is not None
        assert found.at_best <= found.worst.share
        least = min(point.peak for point in front if point.days <= plan.days)
        assert found.at_best == Share(Fraction(round(Fraction(least, 1000)), 1000))


def test_more_weeks_never_make_the_worst_step_harder(known: Knowledge) -> None:
    case = a_case(known)
    shares = [the_worst(case, known, the_plan(case, known, weeks)) for weeks in (30, 40, 50, 70, 100)]
    assert shares == sorted(shares, reverse=True)


def test_better_stock_never_makes_the_worst_step_harder(known: Knowledge) -> None:
    few = a_case(known, products=[TABLET, ODT])
    more = a_case(known, products=[TABLET, ODT, "compounded-clonazepam-suspension-0.1mg-per-ml"])
    assert the_worst(more, known, the_plan(more, known, 60)) < the_worst(few, known, the_plan(few, known, 60))


def test_the_plan_says_that_it_is_modelled_for_whom_and_on_what_assumption(known: Knowledge) -> None:
    plan = the_plan(a_case(known), known)
    assert (plan.name, plan.title) == ("smoothest", "Smoothest for its length (modelled)")
    assert "Modelled, not measured: a typical person" in plan.objective
    assert "9 days [4-10] is assumed" in plan.objective
    assert all(key in plan.objective for key in known.effects)
    assert plan.notes[-1].startswith("Modelled: the step that is felt most is that from 0.125 mg to 0 mg on ")


def test_from_tablets_the_last_step_is_felt_most_and_a_suspension_makes_it_less(known: Knowledge) -> None:
    case = a_case(known, products=[TABLET, ODT], supply={"country": "US"})
    found = what_bounds(case, known)
    assert not isinstance(found, Infeasible)
    assert (found.worst.before, found.worst.after) == (Dose.read("0.125 mg"), Dose.read("0 mg"))
    assert "the last one, from 0.125 mg" in found.says
    finer = found.finer[0]
    assert finer.product.liquid
    assert finer.share < found.worst.share
    assert f"{finer.less} less" in found.says


def test_a_length_that_the_limits_do_not_allow_is_refused_with_the_soonest(known: Knowledge) -> None:
    case = a_case(known)
    found = smoothest(case, known, weeks=12)
    assert isinstance(found, Infeasible)
    assert f"the soonest takes {Span(option(case, known, 'fastest').days)}" in found.says


def test_products_that_allow_no_plan_are_refused_as_for_every_other_option(known: Knowledge) -> None:
    case = a_case(known, products=["us-clonazepam-tablet-1mg"])
    found = smoothest(case, known, weeks=60)
    assert isinstance(found, Infeasible)
    assert replace(found, name="usual") == next(
        each for each in propose(case, known).infeasible if each.name == "usual"
    )


def test_a_drug_that_no_model_follows_is_refused(known: Knowledge) -> None:
    followed = {model.drug for model in known.kinetics.values()}
    case = a_case(known)
    nothing = replace(known, kinetics={})
    assert "clonazepam" in followed
    for found in (smoothest(case, nothing), trade_off(case, nothing), what_bounds(case, nothing)):
        assert isinstance(found, Infeasible)
        assert "no kinetic model of clonazepam" in found.says


def test_a_schedule_off_the_limits_is_placed_too_where_no_plan_within_them_is_as_short(known: Knowledge) -> None:
    case = a_case(known)
    half = a_step(known, TODAY, dt.date(2026, 12, 8), night={TABLET: Fraction(2)})
    nothing = replace(half, from_=dt.date(2026, 12, 8), until=None, intakes=())
    found = placed(case, known, Regimen(steps=(half, nothing)))
    assert not isinstance(found, Infeasible)
    assert found.days == 7
    assert found.at_best is None
    assert [(step.before, step.after, step.day) for step in found.steps] == [
        (Dose.read("2 mg"), Dose.read("1 mg"), 0),
        (Dose.read("1 mg"), Dose.read("0 mg"), 7),
    ]
    assert found.worst.share > the_worst(case, known, option(case, known, "fastest"))


def test_a_schedule_that_rises_or_stays_has_no_place(known: Knowledge) -> None:
    case = a_case(known)
    same = a_step(known, TODAY, None, morning={TABLET: Fraction(2)}, night={TABLET: Fraction(2)})
    more = a_step(known, TODAY, None, morning={TABLET: Fraction(3)}, night={TABLET: Fraction(2)})
    for step, says in ((same, "there is no step"), (more, "every step leads down")):
        with pytest.raises(ValueError, match=says):
            placed(case, known, Regimen(steps=(step,)))


def test_several_drugs_are_reduced_one_after_the_other_each_for_the_length_of_its_usual_plan(known: Knowledge) -> None:
    raw = raw_case("clonazepam", {"night": "1 mg"}, then=[{"of": "diazepam", "daily": "0 mg"}])
    raw["taking"].append({**raw["taking"][0], "drug": "diazepam", "intakes": [{"time": "morning", "dose": "10 mg"}]})
    case = case_from(raw, known, "case.toml")
    plan, both = the_plan(case, known), option(case, known, "usual")
    assert plan.days == both.days
    assert len(plan.regimen.drugs) == 2
    assert review(plan.regimen, case, known, on=TODAY).verdict == review(both.regimen, case, known, on=TODAY).verdict
    asked = smoothest(case, known, 60)
    assert isinstance(asked, Infeasible)
    assert "one after the other" in asked.says


def test_the_prediction_for_planning_agrees_with_the_simulation_day_by_day(known: Knowledge) -> None:
    from opentaper.pharmacology import simulate

    for drug, intakes in (("clonazepam", {"night": "2 mg"}), ("lorazepam", {"morning": "1 mg", "night": "1 mg"})):
        case = a_case(known, drug, intakes)
        plan = the_plan(case, known)
        followed = simulate(case, plan.regimen, known, people=0)
        lacking = max((each.adapted - each.effect).max() for each in (followed.middle, *followed.rivals.values()))
        assert the_worst(case, known, plan).of == pytest.approx(lacking, rel=0.2)


def test_nobody_who_plans_without_a_model_loads_arrays() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCE)!r}); import opentaper, opentaper.plan.smoothest;"
        "print('numpy' in sys.modules, 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
