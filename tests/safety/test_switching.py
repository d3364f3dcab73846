"""A switch of ours is never blocked by the rules on steps, and cuts dressed up as a switch always are."""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from opentaper import Case, propose, review
from opentaper.patient import TIMES, CaseError, Intake, Regimen, Step, case_from
from opentaper.quantity import Dose
from opentaper.review import Reviewed, Verdict
from tests.conftest import TODAY
from tests.safety.cases import START, a_case, base, day, judged, mg, said_by, some_steps, together, verdict_of
from tests.strategies.cases import raw_case

KNOWN = base()
OLD = (
    "clonazepam",
    "lorazepam",
    "alprazolam",
    "temazepam",
    "oxazepam",
    "zopiclone",
    "zolpidem",
    "nitrazepam",
    "bromazepam",
)
NEW = ("diazepam", "diazepam", "diazepam", "chlordiazepoxide", "clonazepam", "oxazepam", "lorazepam")
COUNTRIES = ("US", "UK", "DE", "FR", "NL", "CA", "AU")
ABOUT_STEPS = {
    "step-reduction", "rolling-reduction", "step-interval", "initial-reduction", "abrupt-stop", "dose-rise", "dose-swing",
    "unmakeable-dose", "pieces-per-intake", "below-goal", "cut-in-hold",
}  # fmt: skip
MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def raw_switches(draw: st.DrawFn) -> dict[str, Any]:
    """A wish to switch, over real drugs, products, habits, baselines and holds."""
    old, new = draw(st.sampled_from(OLD)), draw(st.sampled_from(NEW))
    country = draw(st.sampled_from(COUNTRIES))
    stock = {}
    for drug in (old, new):
        keys = sorted(product.key for product in KNOWN.products_of(drug, country) if product.everyday)
        assume(old != new and keys)
        stock[drug] = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True))
    times = sorted(draw(st.sets(st.sampled_from(TIMES), min_size=1, max_size=3)), key=TIMES.index)
    products = [KNOWN.products[key] for key in stock[old]]
    strengths = [each.strength.mg if each.strength else each.mg_per_ml or Fraction(1) for each in products]
    doses = {
        time: str(Dose(draw(st.sampled_from(strengths)) * draw(st.sampled_from([Fraction(1, 2), 1, 1, 2]))))
        for time in times
    }
    keys: dict[str, Any] = {
        "share": f"{draw(st.sampled_from([5, 10, 15, 25]))} %",
        "every_days": draw(st.sampled_from([7, 14, 28])),
    }
    if draw(st.booleans()):
        keys["baseline_days"] = draw(st.integers(1, 20))
    if draw(st.booleans()):
        from_ = TODAY + dt.timedelta(draw(st.integers(0, 60)))
        keys["hold"] = [{"from": from_, "until": from_ + dt.timedelta(draw(st.integers(1, 30)))}]
    supply = {
        "pieces": draw(st.sampled_from(["whole", "half", "quarter"])),
        "pieces_per_intake": draw(st.integers(2, 6)),
    }
    raw = raw_case(old, doses, products=stock[old] + stock[new], supply=supply, **keys)
    raw["switch"] = {"to": new, "days": draw(st.integers(7, 14)), "order": draw(st.permutations(times))}
    return raw


@pytest.mark.slow
@MANY
@given(raw_switches())
def test_review_never_blocks_a_switch_of_ours_by_the_rules_on_steps(raw: dict[str, Any]) -> None:
    try:
        case = case_from(raw, KNOWN, "case.toml")
    except CaseError:
        assume(False)
        raise
    found = propose(case, KNOWN)
    names = {each.name for each in (*found.plans, *found.infeasible)}
    assert "switch" in names, "a plan or the reason why there is none"
    for plan in found.plans:
        if plan.name == "switch":
            blocking = [each for each in review(plan.regimen, case, KNOWN, on=TODAY).findings if each.verdict.blocks]
            assert not [each for each in blocking if each.rule in ABOUT_STEPS], blocking
            _assert_only_ever_down(plan.regimen, case)


def _assert_only_ever_down(regimen: Regimen, case: Case) -> None:
    """This function will assert that the old drug only falls, and that the new one rises until it has gone and then falls."""
    assert case.switch is not None
    old, new = regimen.of(case.goal.of), regimen.of(case.switch.to)
    gone = old[-1].from_
    for one, other in itertools.pairwise(old):
        assert all(other.at(time) <= one.at(time) for time in TIMES)
    for one, other in itertools.pairwise(new):
        assert other.daily >= one.daily if other.from_ <= gone else other.daily <= one.daily
    holds = case.goal.holds
    assert not any(hold.from_ <= step.from_ < hold.until for step in regimen.steps[1:] for hold in holds)


# Fast cuts in a switch's clothes --------------------------------------------------------------------------------

CASE = a_case("clonazepam", 2, supply={"pieces_per_intake": 6})


def dressed_up(parts: list[tuple[int, Fraction, Fraction]]) -> Reviewed:
    """Review parts (day, clonazepam, diazepam) that are written as a switch from clonazepam 2 mg at night."""
    old = [(on, clonazepam) for on, clonazepam, _ in parts]
    new = [(on, diazepam) for on, _, diazepam in parts]
    return judged(together(some_steps(*old), some_steps(*new, drug="diazepam")), CASE)


def blocks_on_pace(found: Reviewed) -> bool:
    rules = ("step-reduction", "rolling-reduction", "step-interval", "abrupt-stop")
    return any(verdict_of(found, rule).blocks for rule in rules)


@pytest.mark.parametrize("every", [1, 3, 7, 13])
@pytest.mark.parametrize("token", ["0.01", "0.5", "1"])
def test_daily_cuts_with_a_token_of_another_drug_are_blocked(every: int, token: str) -> None:
    parts = [(every * number, 2 - Fraction(number + 1, 5), Fraction(token) * (number + 1)) for number in range(8)]
    assert blocks_on_pace(dressed_up(parts))


def test_a_switch_that_ends_in_a_token_is_an_abrupt_stop() -> None:
    found = dressed_up([(0, Fraction(1), Fraction(1)), (7, Fraction(0), Fraction(2))])
    assert verdict_of(found, "abrupt-stop") is Verdict.BLOCK
    assert verdict_of(found, "step-reduction") is Verdict.BLOCK


def test_a_cut_in_the_middle_of_a_lossy_switch_is_too_soon() -> None:
    """On day 7 nothing of the new drug rises; the two tables that know both drugs agree on every sum."""
    regimen = together(
        some_steps((0, 27), (7, 24), (10, 21), drug="zopiclone"), some_steps((0, "1.5"), (10, 3), drug="diazepam")
    )
    assert verdict_of(judged(regimen, a_case("zopiclone", 30)), "step-interval") is Verdict.BLOCK


def test_a_cut_of_the_new_drug_on_the_day_after_a_lossy_switch_is_too_soon() -> None:
    regimen = together(some_steps((0, 1), (7, 0)), some_steps((0, 9), (7, 18), (8, 16), drug="diazepam"))
    assert verdict_of(judged(regimen, a_case("clonazepam", 2)), "step-interval") in (Verdict.BLOCK, Verdict.CAUTION)
    by_one = together(
        some_steps((0, 20), (7, 0), drug="oxazepam"), some_steps((0, "6"), (7, "12"), (8, "11"), drug="diazepam")
    )
    assert verdict_of(judged(by_one, a_case("oxazepam", 45)), "step-interval").blocks


def test_turning_two_drugs_against_each_other_hides_no_fall() -> None:
    """Each day one falls by more than the other rises, and then the other way round."""
    lorazepam, diazepam = Fraction(4), Fraction(0)
    first, second = [], []
    for number in range(12):
        if number % 2:
            lorazepam, diazepam = lorazepam + Fraction(3, 10), diazepam - 9
        else:
            lorazepam, diazepam = lorazepam - Fraction(3, 2), diazepam + 9
        lorazepam, diazepam = max(lorazepam, Fraction(0)), max(diazepam, Fraction(0))
        first.append((number, lorazepam))
        second.append((number, diazepam))
    found = judged(
        together(some_steps(*first, drug="lorazepam"), some_steps(*second, drug="diazepam")), a_case("lorazepam", 4)
    )
    assert found.verdict.blocks
    assert verdict_of(found, "step-reduction").blocks or verdict_of(found, "dose-rise").blocks


@MANY
@given(
    gaps=st.lists(st.integers(1, 13), min_size=1, max_size=9),
    kept=st.lists(st.integers(0, 100), min_size=10, max_size=10),
)
def test_whatever_its_parts_a_switch_that_loses_more_than_one_step_by_every_table_is_blocked(
    gaps: list[int], kept: list[int]
) -> None:
    """Diazepam gives way to chlordiazepoxide part by part; each table is asked by hand what is lost in all."""
    days = [sum(gaps[:number]) for number in range(len(gaps) + 1)]
    whole, count = Fraction(30), len(days)
    new, parts = Fraction(0), []
    for number, (on, percent) in enumerate(zip(days, kept, strict=False), start=1):
        new += Fraction(int(Fraction(10, 4) * whole / count * max(percent, 1)), 100)
        parts.append((on, Fraction(int(100 * whole * (count - number) / count), 100), new))
    old_steps = tuple(
        _step("diazepam", on, until, dose) for (on, dose, _), until in zip(parts, [*days[1:], None], strict=True)
    )
    new_steps = tuple(
        _step("chlordiazepoxide", on, until, dose)
        for (on, _, dose), until in zip(parts, [*days[1:], None], strict=True)
    )
    found = judged(together(old_steps, new_steps), a_case("diazepam", 30))
    most = max(
        new * 10 / row.low.mg
        for table in KNOWN.equivalences.values()
        if table.equivalence
        for row in table.rows
        if row.drug == "chlordiazepoxide"
    )
    if most < whole * Fraction(3, 4):
        assert verdict_of(found, "step-reduction") is Verdict.BLOCK


def _step(drug: str, on: int, until: int | None, dose: Fraction) -> Step:
    intakes = (Intake(time="night", dose=mg(dose)),) if dose else ()
    return Step(drug=drug, from_=day(on), until=None if until is None else day(until), intakes=intakes)


def test_a_switch_in_parts_counts_its_distance_from_its_last_day() -> None:
    """The last part of a lossy switch is on day 7; a cut fourteen days later is in time, one day sooner is not."""
    for later, blocked in ((20, True), (21, False)):
        regimen = together(
            some_steps((0, 20), (7, 0), drug="temazepam"), some_steps((0, 9), (7, 18), (later, 17), drug="diazepam")
        )
        found = judged(regimen, a_case("temazepam", 40))
        assert (verdict_of(found, "step-interval") is not Verdict.PASS) == blocked


def test_a_cut_just_before_a_lossy_switch_counts_to_its_first_day() -> None:
    for first, soon in ((13, True), (14, False)):
        regimen = together(
            some_steps((0, 36), (first, 18), (first + 7, 0), drug="temazepam"),
            some_steps((first, 8), (first + 7, 16), drug="diazepam"),
        )
        found = judged(regimen, a_case("temazepam", 40))
        assert (verdict_of(found, "step-interval") is not Verdict.PASS) == soon


def test_several_drugs_of_which_none_rises_are_each_judged_by_their_own_dose() -> None:
    """Half of the clonazepam after two weeks is hidden in the sum with a large dose of diazepam."""
    diazepam = {
        "drug": "diazepam",
        "since": dt.date(2019, 3, 1),
        "days_per_week": 7,
        "intakes": [{"time": "night", "dose": "40 mg"}],
    }
    case = a_case("clonazepam", 1, others=[diazepam])
    regimen = together(some_steps((0, "0.9"), (14, "0.45")), some_steps((0, 40), drug="diazepam"))
    found = judged(regimen, case)
    assert verdict_of(found, "step-reduction") is Verdict.BLOCK
    assert "clonazepam" in next(
        each.where for each in said_by(found, "step-reduction") if each.verdict is Verdict.BLOCK
    )
    assert START


def test_a_switch_that_has_begun_already_is_still_asked_about_the_liver_and_the_dose() -> None:
    diazepam = {
        "drug": "diazepam",
        "since": day(-3),
        "days_per_week": 7,
        "intakes": [{"time": "night", "dose": "10 mg"}],
    }
    case = a_case("clonazepam", 2, others=[diazepam], screening={"liver_disease": "yes"})
    found = judged(together(some_steps((0, 1), (7, 0)), some_steps((0, 20), (7, 45), drug="diazepam")), case)
    assert verdict_of(found, "switch-in-liver-disease") is Verdict.BLOCK
    assert verdict_of(found, "switch-dose") is Verdict.BLOCK
