"""Every limit of the base holds exactly at its bound: what is on it is judged as safe, what is past it is not."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentaper.knowledge import Limit, Product
from opentaper.patient import CaseError, Intake, Regimen, Step, Taking, diazepam_equivalent, withdrawal_risk
from opentaper.quantity import Dose, decimal_text, ends_as_decimal
from opentaper.review import Finding, Reviewed, Verdict, review
from tests.safety.cases import (
    START,
    Amount,
    a_case,
    a_regimen,
    base,
    country_of,
    day,
    intakes,
    judged,
    pieces,
    said_by,
    some_steps,
    together,
    verdict_of,
)

KNOWN = base()
PACE = KNOWN.limit("dose-reduction")
COARSE = KNOWN.limit("coarse-step")
INTERVAL = KNOWN.limit("step-interval")
ROLLING = KNOWN.limits_on("rolling-reduction")
LAST = KNOWN.limit("last-dose")
NEAR = 10
"""How many values a sweep visits on each side of its bound."""

ONE_PIECE = {"pieces_per_intake": 1}
"""A supply with little to try, for sweeps that do not ask what can be made."""

Number = Fraction | int


def around(bound: Fraction, fine: Fraction) -> list[Fraction]:
    """Return values on both sides of a bound, in exact steps that meet it."""
    return [bound + fine * number for number in range(-NEAR, NEAR + 1)]


def days_around(bound: Number, reach: int = 3) -> range:
    """Return whole days on both sides of a bound."""
    assert int(bound) == bound
    return range(max(1, int(bound) - reach), int(bound) + reach + 1)


def effect(limit: Limit) -> Verdict:
    """Return what the base says of going past a limit."""
    return Verdict(limit.effect)


def assert_turns_at(
    limit: Limit | tuple[str, Number],
    judge: Callable[[Any], Verdict],
    values: Iterable[Number],
    beyond: Verdict,
    safe: Verdict = Verdict.PASS,
) -> None:
    """This function will sweep values over a bound and assert that the verdict turns there, once, and nowhere else."""
    kind, bound = limit if isinstance(limit, tuple) else (limit.bound, limit.value)
    allowed: Callable[[Number], bool] = {
        "at most": lambda value: value <= bound,
        "at least": lambda value: value >= bound,
        "below": lambda value: value < bound,
    }[kind]
    found: Mapping[Number, Verdict] = {value: judge(value) for value in values}
    assert bound in found, "the sweep misses its bound"
    assert {allowed(value) for value in found} == {True, False}, "the sweep stays on one side"
    wrong = {
        str(value): verdict.value
        for value, verdict in found.items()
        if verdict is not (safe if allowed(value) else beyond)
    }
    assert not wrong, f"{kind} {bound}, then {beyond.value}"
    assert sum(a is not b for a, b in pairwise(found.values())) == 1


def periods(share: Fraction, limit: Limit) -> int:
    """Return how many times a limit's share must be allowed before a cut of this share is, counted one by one."""
    number = 1
    while number * limit.value < share:
        number += 1
    return number


def finding_of(regimen: Regimen, case: Any, rule: str, verdict: Verdict) -> Finding:
    return next(each for each in said_by(judged(regimen, case), rule) if each.verdict is verdict)


def test_no_limit_of_the_base_is_without_a_sweep_here() -> None:
    swept = {
        "dose-reduction",
        "rolling-reduction",
        "initial-reduction",
        "step-interval",
        "review-interval",
        "coarse-step",
        "daily-diazepam-equivalent",
        "plausible-diazepam-equivalent",
        "age",
        "last-dose",
        "last-diazepam-equivalent",
        "intake-share",
        "switch-diazepam-equivalent",
        "switch-overlap",
        "tolerance-review-from",
        "tolerance-review-until",
    }
    for_the_planner = {"longest-hold"}
    assert {limit.measures for limit in KNOWN.limits} == swept | for_the_planner


# One step -------------------------------------------------------------------------------------------------------

WHOLE = 100
"""The dose before a cut [mg], so that every swept share leaves an exact decimal."""

assert PACE.per is not None
PERIOD = PACE.per.days


def cut_after(share: Fraction, held: int) -> Regimen:
    """Return a regimen in which a share is taken away after a hold that the regimen itself shows."""
    return a_regimen((0, WHOLE), (held, WHOLE * (1 - share)), drug="diazepam")


ABOVE = a_case("diazepam", Fraction(WHOLE * 10, 8), supply=ONE_PIECE)
"""Takes a little more than WHOLE, so that a regimen begins with a cut of 20 % to it, which is within every limit."""

ON_IT = a_case("diazepam", WHOLE, supply=ONE_PIECE)
"""Takes WHOLE since long ago."""


def test_a_step_as_large_as_the_limit_passes_and_the_smallest_step_beyond_it_gets_the_effect() -> None:
    assert_turns_at(
        PACE,
        lambda share: verdict_of(judged(cut_after(share, PERIOD), ABOVE), "step-reduction"),
        around(PACE.value, Fraction(1, 1000)),
        beyond=effect(PACE),
    )


def test_the_pace_turns_at_a_millionth_of_the_dose() -> None:
    assert_turns_at(
        PACE,
        lambda share: verdict_of(judged(cut_after(share, PERIOD), ABOVE), "step-reduction"),
        around(PACE.value, Fraction(1, 1_000_000)),
        beyond=effect(PACE),
    )


def test_after_a_long_hold_the_smallest_step_beyond_the_limit_still_needs_a_persons_reason() -> None:
    assert_turns_at(
        PACE,
        lambda share: verdict_of(judged(a_regimen((0, WHOLE * (1 - share)), drug="diazepam"), ON_IT), "step-reduction"),
        around(PACE.value, Fraction(1, 1000)),
        beyond=Verdict.CAUTION,
    )


def test_a_step_larger_than_the_limit_is_blocked_and_names_the_guideline() -> None:
    share = PACE.value + Fraction(1, 1000)
    found = finding_of(cut_after(share, PERIOD), ABOVE, "step-reduction", effect(PACE))
    assert (found.source, found.at, found.says) == (PACE.source, PACE.at, PACE.says)
    assert str(PACE.value) in found.limit
    assert str(PERIOD) in found.limit
    assert str(day(PERIOD)) in found.where


COARSE_SHARES = [PACE.value + (COARSE.value - PACE.value) * part / 5 for part in range(1, 6)]
BARELY = PACE.value + Fraction(1, 1000)


@pytest.mark.parametrize("share", [BARELY, *COARSE_SHARES, Fraction(1)], ids=str)
def test_a_coarse_step_needs_its_days_in_proportion_and_one_day_less_is_blocked(share: Fraction) -> None:
    need = periods(share, PACE) * PERIOD
    assert need > PERIOD
    assert_turns_at(
        ("at least", need),
        lambda held: verdict_of(judged(cut_after(share, held), ABOVE), "step-reduction"),
        (need - 1, need, need + 1),
        beyond=effect(PACE),
        safe=Verdict.CAUTION,
    )


@pytest.mark.parametrize("share", [BARELY, *COARSE_SHARES, Fraction(1)], ids=str)
def test_the_days_on_the_present_dose_count_from_since_when_it_is_taken(share: Fraction) -> None:
    need = periods(share, PACE) * PERIOD
    cut = a_regimen((0, WHOLE * (1 - share)), drug="diazepam")
    assert_turns_at(
        ("at least", need),
        lambda held: verdict_of(judged(cut, a_case("diazepam", WHOLE, taking={"since": day(-held)})), "step-reduction"),
        (need - 1, need, need + 1),
        beyond=effect(PACE),
        safe=Verdict.CAUTION,
    )


@pytest.mark.parametrize("multiple", [1, 2, 3, 4])
def test_the_days_needed_grow_by_one_period_past_each_multiple_of_the_limit(multiple: int) -> None:
    share = PACE.value * multiple
    days = multiple * PERIOD
    assert share <= 1
    if share <= COARSE.value or share == 1:
        reached = verdict_of(judged(cut_after(share, days), ABOVE), "step-reduction")
        assert reached is (Verdict.PASS if multiple == 1 else Verdict.CAUTION)
    if share < COARSE.value:
        past = verdict_of(judged(cut_after(share + Fraction(1, 1000), days), ABOVE), "step-reduction")
        assert past is effect(PACE)


def test_a_dose_written_in_two_steps_is_one_hold() -> None:
    need = periods(COARSE.value, PACE) * PERIOD
    after = WHOLE * (1 - COARSE.value)
    in_two = a_regimen((0, WHOLE), (need - 1, WHOLE), (need, after), drug="diazepam")
    assert verdict_of(judged(in_two, ABOVE), "step-reduction") is Verdict.CAUTION


def test_no_hold_makes_up_for_a_step_above_zero_larger_than_a_coarse_step() -> None:
    assert_turns_at(
        COARSE,
        lambda share: verdict_of(judged(cut_after(share, 3000), ABOVE), "step-reduction"),
        around(COARSE.value, Fraction(1, 1000)),
        beyond=effect(COARSE),
        safe=Verdict.CAUTION,
    )


def test_a_step_beyond_a_coarse_step_names_that_limit() -> None:
    found = finding_of(
        cut_after(COARSE.value + Fraction(1, 1000), 3000), ABOVE, "step-reduction", Verdict(COARSE.effect)
    )
    assert (found.source, found.at) == (COARSE.source, COARSE.at)
    assert str(COARSE.value) in found.limit


def test_a_first_step_as_large_as_the_usual_one_passes_and_a_larger_one_needs_a_reason() -> None:
    limit = KNOWN.limit("initial-reduction")

    def verdict(share: Fraction) -> Verdict:
        return verdict_of(judged(a_regimen((0, WHOLE * (1 - share)), drug="diazepam"), ON_IT), "initial-reduction")

    assert_turns_at(limit, verdict, around(limit.value, Fraction(1, 1000)), beyond=effect(limit))


def test_only_the_first_step_is_an_initial_reduction_however_long_the_baseline() -> None:
    limit = KNOWN.limit("initial-reduction")
    small, large = limit.value, limit.value + Fraction(1, 10)
    for first, second, expected in ((small, large, Verdict.PASS), (large, small, effect(limit))):
        then = WHOLE * (1 - first)
        regimen = a_regimen((0, WHOLE), (60, then), (120, then * (1 - second)), drug="diazepam")
        assert verdict_of(judged(regimen, ON_IT), "initial-reduction") is expected


# Several steps --------------------------------------------------------------------------------------------------


def test_steps_as_far_apart_as_the_interval_pass_and_one_day_less_gets_the_effect() -> None:
    def verdict(days: int) -> Verdict:
        regimen = a_regimen((0, 95), (days, 90), drug="diazepam")
        return verdict_of(judged(regimen, ON_IT), "step-interval")

    assert_turns_at(INTERVAL, verdict, range(1, 2 * int(INTERVAL.value) + 1), beyond=effect(INTERVAL))


def test_one_step_too_soon_among_many_is_found_wherever_it_stands() -> None:
    interval = int(INTERVAL.value)
    for early in range(1, 6):
        days = [interval * number - (number >= early) for number in range(6)]
        regimen = a_regimen(*((when, 95 - number) for number, when in enumerate(days)), drug="diazepam")
        found = finding_of(regimen, ON_IT, "step-interval", effect(INTERVAL))
        assert str(day(days[early])) in found.where
        assert found.observed.startswith(f"{interval - 1} days")


def test_a_dose_that_turns_within_the_interval_swings_and_one_that_turns_on_it_does_not() -> None:
    swing = Verdict(KNOWN.asks["dose-swing"].effect)

    def verdict(days: int) -> Verdict:
        regimen = a_regimen((0, 95), (days, WHOLE), drug="diazepam")
        return verdict_of(judged(regimen, ON_IT), "dose-swing")

    assert_turns_at(("at least", int(INTERVAL.value)), verdict, days_around(INTERVAL.value), beyond=swing)


def about(limit: Limit) -> str:
    """Return how a finding writes a limit on a span."""
    assert limit.per is not None
    return f"{limit.bound} {limit.value} in {limit.per.days} days"


def rolling_verdict(regimen: Regimen | Reviewed, case: Any, limit: Limit) -> Verdict:
    """Return what the rule on spans says by one limit."""
    reviewed = regimen if isinstance(regimen, Reviewed) else judged(regimen, case)
    found = said_by(reviewed, "rolling-reduction")
    broken = [each for each in found if each.limit == about(limit) and each.verdict is not Verdict.PASS]
    return broken[0].verdict if broken else Verdict.PASS


def several_cuts(share: Fraction, days: list[int], whole: Fraction) -> Regimen:
    """Return a regimen whose equally large cuts on these days take a share away in all."""
    doses = [whole * (1 - share * number / len(days)) for number in range(1, len(days) + 1)]
    return a_regimen(*zip(days, doses, strict=True), drug="diazepam")


def spread(cuts: int, first_to_last: int) -> list[int]:
    """Return as many days as there are cuts, from day 0 to the last one, evenly spread."""
    return [first_to_last * number // (cuts - 1) for number in range(cuts)]


def whole_for(limit: Limit, cuts: int) -> Fraction:
    """Return a dose [mg] of which the swept shares are exact decimals."""
    return Fraction(limit.value.denominator * cuts)


each_rolling = pytest.mark.parametrize("limit", ROLLING, ids=lambda limit: limit.id)


@each_rolling
@pytest.mark.parametrize("cuts", [2, 3, 4, 5])
def test_several_small_cuts_in_a_span_are_judged_by_what_they_take_in_all(limit: Limit, cuts: int) -> None:
    assert limit.per is not None
    whole = whole_for(limit, cuts)
    case = a_case("diazepam", whole, supply=ONE_PIECE)
    assert_turns_at(
        limit,
        lambda share: rolling_verdict(several_cuts(share, spread(cuts, limit.per.days - 1), whole), case, limit),
        around(limit.value, Fraction(1, 100 * limit.value.denominator)),
        beyond=effect(limit),
    )


@each_rolling
@pytest.mark.parametrize("cuts", [2, 3, 4])
def test_a_span_is_open_at_its_end_so_cuts_as_many_days_apart_are_not_in_one(limit: Limit, cuts: int) -> None:
    assert limit.per is not None
    whole = whole_for(limit, cuts)
    case = a_case("diazepam", whole, supply=ONE_PIECE)
    beyond = limit.value + Fraction(1, 100 * limit.value.denominator)
    assert_turns_at(
        ("at least", limit.per.days),
        lambda days: rolling_verdict(several_cuts(beyond, spread(cuts, days), whole), case, limit),
        days_around(limit.per.days, reach=5),
        beyond=effect(limit),
    )


@each_rolling
def test_cuts_that_take_exactly_the_limit_pass_however_close_together(limit: Limit) -> None:
    assert limit.per is not None
    whole = whole_for(limit, 2)
    case = a_case("diazepam", whole, supply=ONE_PIECE)
    for days in range(1, limit.per.days + 2):
        assert rolling_verdict(several_cuts(limit.value, [0, days], whole), case, limit) is Verdict.PASS


@each_rolling
def test_a_span_that_takes_too_much_is_blocked_and_names_the_guideline(limit: Limit) -> None:
    assert limit.per is not None
    whole = whole_for(limit, 2)
    days = [0, limit.per.days - 1]
    regimen = several_cuts(limit.value + Fraction(1, 100 * limit.value.denominator), days, whole)
    found = [
        each
        for each in said_by(judged(regimen, a_case("diazepam", whole)), "rolling-reduction")
        if each.limit == about(limit)
    ]
    assert [(each.verdict, each.source, each.at) for each in found] == [(effect(limit), limit.source, limit.at)]
    assert found[0].where == f"{day(days[0])} to {day(days[1])}"


def test_the_fastest_pace_of_the_guideline_stays_within_every_span() -> None:
    doses = [WHOLE * (1 - PACE.value) ** number for number in range(1, 7)]
    regimen = a_regimen(*((PERIOD * number, dose) for number, dose in enumerate(doses)), drug="diazepam")
    for limit in ROLLING:
        assert rolling_verdict(regimen, ON_IT, limit) is Verdict.PASS


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 32), min_size=1, max_size=7),
    cuts=st.lists(st.integers(1, 13), min_size=8, max_size=8),
)
def test_spans_are_found_as_by_looking_at_every_single_day(gaps: list[int], cuts: list[int]) -> None:
    days = [sum(gaps[:number]) for number in range(len(gaps) + 1)]
    doses = [WHOLE - sum(cuts[: number + 1]) for number in range(len(days)) if sum(cuts[: number + 1]) < WHOLE]
    days = days[: len(doses)]
    regimen = a_regimen(*zip(days, doses, strict=True), drug="diazepam")

    reviewed = judged(regimen, ON_IT)

    def dose_on(number: int) -> int:
        return next((dose for when, dose in reversed([*zip(days, doses, strict=True)]) if when <= number), WHOLE)

    for limit in ROLLING:
        assert limit.per is not None
        length = limit.per.days
        too_much = any(
            sum(first <= when < first + length for when in days) > 1
            and dose_on(first + length - 1) < (1 - limit.value) * dose_on(first - 1)
            for first in range(days[0] - length, days[-1] + 1)
        )
        assert (rolling_verdict(reviewed, ON_IT, limit) is effect(limit)) == too_much, about(limit)


# The end --------------------------------------------------------------------------------------------------------


def is_solid(product: Product) -> bool:
    return product.strength is not None and product.release == "immediate"


def smallest_piece(drug: str) -> Fraction:
    """Return the smallest solid piece of a drug on any market [mg]."""
    return min(
        product.strength.mg * product.finest_part
        for product in KNOWN.products_of(drug)
        if product.strength is not None and is_solid(product)
    )


WITH_SOLIDS = [
    drug
    for drug in KNOWN.drugs
    if KNOWN.tapered_drug(drug)
    and any(is_solid(product) for product in KNOWN.products_of(drug))
    and any(product.everyday for product in KNOWN.products_of(drug, country_of(drug)))
]


def test_the_drugs_that_have_a_last_dose_to_sweep_are_most_of_them() -> None:
    assert {"clonazepam", "diazepam", "lorazepam", "alprazolam", "zolpidem"} <= set(WITH_SOLIDS)


def least_equivalent(drug: str, dose: Fraction) -> Fraction:
    """Return a dose in mg of diazepam, by the table that makes it least."""
    band = diazepam_equivalent(drug, Dose(dose), KNOWN)
    assert band is not None
    return band[0].mg


LAST_EQUIVALENT = KNOWN.limit("last-diazepam-equivalent")
BY_PIECES = [
    drug
    for drug in WITH_SOLIDS
    if least_equivalent(drug, smallest_piece(drug) * (LAST.value + Fraction(NEAR, 100))) <= LAST_EQUIVALENT.value
]
BY_EQUIVALENT = [
    drug
    for drug in WITH_SOLIDS
    if least_equivalent(drug, smallest_piece(drug) * LAST.value) > LAST_EQUIVALENT.value * Fraction(11, 10)
    and ends_as_decimal(LAST_EQUIVALENT.value / least_equivalent(drug, Fraction(1)))
]


@pytest.mark.parametrize("drug", BY_EQUIVALENT)
def test_the_step_to_zero_is_taken_from_so_much_diazepam_and_from_nothing_more(drug: str) -> None:
    dose = LAST_EQUIVALENT.value / least_equivalent(drug, Fraction(1))

    def verdict(equivalent: Fraction) -> Verdict:
        last = dose * equivalent / LAST_EQUIVALENT.value
        regimen = a_regimen((0, last), (200, 0), drug=drug)
        return verdict_of(judged(regimen, a_case(drug, 2 * smallest_piece(drug), supply=ONE_PIECE)), "abrupt-stop")

    assert len(BY_EQUIVALENT) >= 5
    assert_turns_at(
        LAST_EQUIVALENT, verdict, around(LAST_EQUIVALENT.value, Fraction(1, 50)), beyond=effect(LAST_EQUIVALENT)
    )


def test_a_full_dose_of_a_coarse_hypnotic_is_not_stopped_overnight() -> None:
    """Three of the smallest pieces of these are a full dose or more."""
    full = {
        "flurazepam": 30,
        "zopiclone": Fraction(15, 2),
        "eszopiclone": 3,
        "nitrazepam": 5,
        "bromazepam": 3,
        "clobazam": 10,
    }
    for drug, dose in full.items():
        reviewed = judged(a_regimen((0, 0), drug=drug), a_case(drug, dose, supply=ONE_PIECE))
        assert verdict_of(reviewed, "abrupt-stop") is effect(LAST_EQUIVALENT), drug


def test_an_intake_takes_over_so_much_of_the_day_and_no_more_without_a_reason() -> None:
    limit = KNOWN.limit("intake-share")
    case = a_case("diazepam", 100)

    def verdict(share: Fraction) -> Verdict:
        moved = 100 * share
        change = case.goal.starts_on + dt.timedelta(14)
        first = (Intake(time="morning", dose=Dose(Fraction(40))), Intake(time="night", dose=Dose(Fraction(50))))
        part = moved * Fraction(9, 10)  # of the 90 mg that the day has by then
        then = (Intake(time="morning", dose=Dose(40 - part)), Intake(time="night", dose=Dose(50 + part)))
        steps = (
            Step(drug="diazepam", from_=case.goal.starts_on, until=change, intakes=first),
            Step(drug="diazepam", from_=change, until=None, intakes=then),
        )
        findings = judged(Regimen(steps=tuple(steps)), case).findings
        mine = [
            each
            for each in findings
            if each.rule == limit.id and str(case.goal.starts_on + dt.timedelta(14)) in each.where
        ]
        return mine[0].verdict if mine else Verdict.PASS

    assert_turns_at(limit, verdict, around(limit.value, Fraction(1, 200)), beyond=effect(limit))


def test_another_drug_that_stays_as_it_is_does_not_make_a_stop_a_switch() -> None:
    case = a_case("diazepam", 40)
    other = Taking(
        drug="lorazepam", other=None, since=case.present.since, until=None, days_per_week=7,
        intakes=(Intake(time="night", dose=Dose(Fraction(4))),),
    )  # fmt: skip
    both = replace(case, taking=(*case.taking, other))
    steps = (
        Step(drug="diazepam", from_=case.goal.starts_on, until=None, intakes=()),
        Step(drug="lorazepam", from_=case.goal.starts_on, until=None, intakes=other.intakes),
    )
    assert verdict_of(judged(Regimen(steps=steps), both), "abrupt-stop") is Verdict(KNOWN.asks["abrupt-stop"].effect)


def test_a_schedule_that_is_over_or_says_nothing_of_the_drug_cannot_be_started() -> None:
    case = a_case()
    over = a_regimen((0, "1.75"), (14, "1.5"))
    later = over.steps[-1].from_ + dt.timedelta(1)
    assert verdict_of(review(over, case, KNOWN, on=later), "past-start") is Verdict.BLOCK
    assert verdict_of(judged(a_regimen((0, 0), drug="zopiclone"), case), "abrupt-stop") is Verdict.UNKNOWN


@pytest.mark.parametrize("drug", BY_PIECES)
def test_the_step_to_zero_is_taken_from_so_many_smallest_pieces_and_from_nothing_more(drug: str) -> None:
    piece = smallest_piece(drug)
    stop = Verdict(KNOWN.asks["abrupt-stop"].effect)

    def verdict(pieces_left: Fraction) -> Verdict:
        last = pieces_left * piece
        regimen = a_regimen((0, last), (200, 0), drug=drug)
        return verdict_of(judged(regimen, a_case(drug, last * 2, supply=ONE_PIECE)), "abrupt-stop")

    assert_turns_at(LAST, verdict, around(LAST.value, Fraction(1, 100)), beyond=stop)
    assert stop is effect(LAST)


def test_stopping_at_once_is_judged_by_the_present_dose() -> None:
    piece = smallest_piece("clonazepam")
    regimen = a_regimen((0, 0))
    for number in (LAST.value, LAST.value + 1):
        case = a_case("clonazepam", number * piece)
        expected = Verdict.PASS if number <= LAST.value else effect(LAST)
        assert verdict_of(judged(regimen, case), "abrupt-stop") is expected


def test_without_any_solid_piece_to_compare_with_the_step_to_zero_is_unknown() -> None:
    liquids = {key: product for key, product in KNOWN.products.items() if not is_solid(product)}
    reviewed = judged(a_regimen((0, "0.1"), (200, 0)), a_case(daily=1), replace(KNOWN, products=liquids))
    assert verdict_of(reviewed, "abrupt-stop") is Verdict.UNKNOWN


def test_reviews_fall_due_from_the_longest_time_between_two_on() -> None:
    limit = KNOWN.limit("review-interval")

    def verdict(days: int) -> Verdict:
        regimen = a_regimen((0, 90), (days, 0), drug="diazepam")
        return verdict_of(judged(regimen, ON_IT), "review-interval")

    assert verdict_of(judged(a_regimen((0, 90), (14, 80), drug="diazepam"), ON_IT), "review-interval") is effect(limit)
    assert_turns_at(("below", limit.value), verdict, days_around(limit.value), beyond=effect(limit))


# The present dose -----------------------------------------------------------------------------------------------


def test_a_present_dose_on_the_limit_in_mg_of_diazepam_passes_and_more_needs_a_specialist() -> None:
    limit = KNOWN.limit("daily-diazepam-equivalent")
    regimen = a_regimen((0, 1), drug="diazepam")
    assert_turns_at(
        limit,
        lambda dose: verdict_of(judged(regimen, a_case("diazepam", dose)), limit.id),
        around(limit.value, Fraction(1, 1000)),
        beyond=effect(limit),
    )


def highest_diazepam(drug: str, daily: Fraction) -> Fraction:
    """Return the most diazepam [mg] that any published equivalence gives for a dose."""
    return max(
        daily * table.reference_dose.mg / row.low.mg
        for table in KNOWN.equivalences.values()
        for row in table.rows
        if table.equivalence and row.drug == drug
    )


def test_two_drugs_are_added_up_before_they_are_compared_with_the_limit() -> None:
    limit = KNOWN.limit("daily-diazepam-equivalent")
    rest = limit.value - highest_diazepam("lorazepam", Fraction(1))
    assert 0 < rest < limit.value
    lorazepam = {"drug": "lorazepam", "since": dt.date(2019, 3, 1), "days_per_week": 7, "intakes": intakes(1)}
    regimen = a_regimen((0, 1), drug="diazepam")
    assert_turns_at(
        ("at most", rest),
        lambda dose: verdict_of(judged(regimen, a_case("diazepam", dose, others=[lorazepam])), limit.id),
        around(rest, Fraction(1, 1000)),
        beyond=effect(limit),
    )


# A switch -------------------------------------------------------------------------------------------------------


def verdict_on_a_switch_to(dose: Fraction, drug: str = "diazepam") -> Verdict:
    """Return what the rule on the dose says of clonazepam that gives way to so much of another drug."""
    regimen = together(some_steps((0, 0)), some_steps((0, dose), drug=drug))
    return verdict_of(judged(regimen, a_case("clonazepam", 2, supply=ONE_PIECE)), "switch-dose")


def test_a_switch_up_to_each_dose_in_mg_of_diazepam_is_milder_than_to_more() -> None:
    safe = Verdict.PASS
    for limit in sorted(KNOWN.limits_on("switch-diazepam-equivalent"), key=lambda each: each.value):
        values = around(limit.value, Fraction(1, 1000))
        assert_turns_at(limit, verdict_on_a_switch_to, values, beyond=effect(limit), safe=safe)
        safe = effect(limit)
    assert safe is Verdict.BLOCK


def test_another_drug_verdict_on_a_switch_to_counts_by_its_highest_equivalent() -> None:
    for limit in KNOWN.limits_on("switch-diazepam-equivalent"):
        dose = limit.value / highest_diazepam("chlordiazepoxide", Fraction(1))
        found = [verdict_on_a_switch_to(dose + fine, "chlordiazepoxide") for fine in (Fraction(0), Fraction(1, 1000))]
        assert found[1] is effect(limit)
        assert found[0].rank < found[1].rank


def test_a_switch_over_so_many_days_passes_and_over_one_fewer_needs_a_reason() -> None:
    limit = KNOWN.limit("switch-overlap")

    def verdict(days: int) -> Verdict:
        regimen = together(some_steps((0, "0.5"), (days, 0)), some_steps((0, 5), (days, 10), drug="diazepam"))
        return verdict_of(judged(regimen, a_case("clonazepam", 1)), limit.id)

    assert_turns_at(limit, verdict, days_around(limit.value), beyond=effect(limit))


def test_tolerance_is_reviewed_from_and_until_the_days_of_the_limits() -> None:
    regimen = together(some_steps((3, "0.5"), (10, 0)), some_steps((3, 5), (10, 10), drug="diazepam"))
    found = said_by(judged(regimen, a_case("clonazepam", 1)), "tolerance-review-from")[0]
    for end in ("from", "until"):
        assert str(day(3 + int(KNOWN.limit(f"tolerance-review-{end}").value))) in found.observed
    assert found.verdict is effect(KNOWN.limit("tolerance-review-from"))
    none = said_by(judged(a_regimen((0, "0.9")), a_case("clonazepam", 1)), "tolerance-review-from")[0]
    assert none.verdict is Verdict.PASS


def is_read(drug: str, daily: Fraction) -> Verdict:
    """Return pass for a case that is read, block for one that is refused as absurd."""
    try:
        a_case(drug, daily)
    except CaseError as refused:
        assert "absurd" in str(refused), refused
        return Verdict.BLOCK
    return Verdict.PASS


@pytest.mark.parametrize("drug", ["diazepam", "clonazepam", "lorazepam", "zopiclone"])
def test_a_dose_is_read_up_to_the_plausible_bound_of_the_mildest_table_and_refused_above_it(drug: str) -> None:
    limit = KNOWN.limit("plausible-diazepam-equivalent")
    mildest = max(
        [Fraction(1)] if drug == "diazepam" else [],
        default=max(
            row.high.mg / table.reference_dose.mg
            for table in KNOWN.equivalences.values()
            for row in table.rows
            if table.equivalence and row.drug == drug
        ),
    )
    bound = limit.value * mildest
    assert_turns_at(
        ("at most", bound), lambda dose: is_read(drug, dose), around(bound, Fraction(1, 1000)), beyond=effect(limit)
    )


def test_a_dose_above_the_plausible_bound_is_refused_with_the_unit_that_was_meant() -> None:
    with pytest.raises(CaseError, match="is it mcg, not mg") as caught:
        a_case("diazepam", KNOWN.limit("plausible-diazepam-equivalent").value + Fraction(1, 1000))
    assert len(str(caught.value).splitlines()) == 1


# Age ------------------------------------------------------------------------------------------------------------

OLD = KNOWN.limit("age")
ADVISED = Verdict(KNOWN.asks["older-adult"].effect)


def verdict_at_age(born: dt.date, starts_on: dt.date) -> Verdict:
    case = a_case(patient={"born": born}, taking={"since": None}, goal={"starts_on": starts_on})
    return verdict_of(judged(a_regimen((starts_on, "1.75")), case), "older-adult")


def test_somebody_is_old_from_the_birthday_itself_and_not_the_day_before() -> None:
    birthday = dt.date(1960, 6, 15)
    turns = birthday.replace(year=birthday.year + int(OLD.value))

    def verdict(days: int) -> Verdict:
        return verdict_at_age(birthday, turns + dt.timedelta(days=days))

    assert OLD.bound == "below"
    assert_turns_at(("below", 0), verdict, range(-2, 3), beyond=ADVISED)
    assert ADVISED is effect(OLD)


@pytest.mark.parametrize("month_day", [(1, 1), (2, 28), (3, 1), (12, 31)], ids=str)
def test_the_birthday_counts_at_the_ends_of_years_and_of_february(month_day: tuple[int, int]) -> None:
    month, number = month_day
    born = dt.date(1964, month, number)
    turns = dt.date(1964 + int(OLD.value), month, number)
    before, on, after = (verdict_at_age(born, turns + dt.timedelta(days=days)) for days in (-1, 0, 1))
    assert (before, on, after) == (Verdict.PASS, ADVISED, ADVISED)


@pytest.mark.parametrize("year", [1936, 1960, 1964, 1980])
def test_somebody_born_on_29_february_is_a_year_older_from_1_march(year: int) -> None:
    born, turns = dt.date(year, 2, 29), year + int(OLD.value)
    days = [dt.date(turns, 2, 27), dt.date(turns, 2, 28), dt.date(turns, 3, 1), dt.date(turns, 3, 2)]
    assert [verdict_at_age(born, each) for each in days] == [Verdict.PASS, Verdict.PASS, ADVISED, ADVISED]


# What can be made -----------------------------------------------------------------------------------------------

MAKEABLE, PIECES = "unmakeable-dose", "pieces-per-intake"
CANNOT = Verdict(KNOWN.asks[MAKEABLE].effect)
TOO_MANY = Verdict(KNOWN.asks[PIECES].effect)
SCORED = "us-clonazepam-tablet-0.5mg"


def case_with(product: str, **supply: Any) -> Any:
    """Return a case that names one product, of a drug of which a large dose is taken."""
    drug = KNOWN.products[product].drug
    return a_case(drug, 20, supply={"country": None, "products": [product], **supply})


def portions_verdict(product: str, amount: Amount, rule: str = MAKEABLE, **supply: Any) -> Verdict:
    return verdict_of(judged(pieces((product, amount)), case_with(product, **supply)), rule)


def test_as_many_pieces_as_the_person_manages_pass_and_one_more_is_said() -> None:
    for most in range(1, 7):
        assert_turns_at(
            ("at most", most),
            lambda count, most=most: portions_verdict(SCORED, count, PIECES, pieces_per_intake=most),
            range(1, most + 3),
            beyond=TOO_MANY,
        )


def test_where_a_case_does_not_say_the_convention_bounds_the_pieces() -> None:
    most = int(KNOWN.convention("pieces-per-intake").number)
    assert_turns_at(
        ("at most", most),
        lambda count: portions_verdict(SCORED, count, PIECES),
        range(1, most + 3),
        beyond=TOO_MANY,
    )


@pytest.mark.parametrize(
    ("amount", "separate"),
    [("1/4", 1), ("1/2", 1), ("3/4", 2), ("1", 1), ("5/4", 2), ("3/2", 2), ("7/4", 3), ("7/2", 4)],
)
def test_a_broken_piece_counts_as_a_piece_and_three_quarters_as_two(amount: str, separate: int) -> None:
    quarterable = next(product.key for product in KNOWN.products.values() if product.score == "quarter")
    allowed = portions_verdict(quarterable, amount, PIECES, pieces="quarter", pieces_per_intake=separate)
    assert allowed is Verdict.PASS
    if separate > 1:
        over = portions_verdict(quarterable, amount, PIECES, pieces="quarter", pieces_per_intake=separate - 1)
        assert over is TOO_MANY


def test_pieces_of_several_products_in_one_intake_are_counted_together() -> None:
    one, other = SCORED, "us-clonazepam-tablet-1mg"
    case = a_case(daily=20, supply={"country": None, "products": [one, other], "pieces_per_intake": 4})
    assert verdict_of(judged(pieces((one, 2), (other, 2)), case), PIECES) is Verdict.PASS
    assert verdict_of(judged(pieces((one, 2), (other, "5/2")), case), PIECES) is TOO_MANY


KINDS = {(product.form, product.release, product.score): product for product in KNOWN.products.values()}
"""One product of every kind that differs in how it may be split."""

SOLID_KINDS = [product for product in KINDS.values() if product.strength is not None]
LIQUIDS = [product for product in KNOWN.products.values() if product.mg_per_ml is not None]
FINEST = {"whole": Fraction(1), "half": Fraction(1, 2), "quarter": Fraction(1, 4)}


def test_every_score_is_among_the_kinds_that_are_split_here() -> None:
    assert {product.score for product in SOLID_KINDS if product.form == "tablet"} == {
        "none",
        "half",
        "quarter",
        "unknown",
    }


def allowed_part(product: Product, hands: str) -> Fraction:
    """Return the finest part by the rules in words: only plain tablets, only as scored, only as the person can."""
    score = product.score if product.form == "tablet" and product.release == "immediate" else "none"
    return max(FINEST[hands], FINEST.get(score or "", Fraction(1)))


@pytest.mark.parametrize("hands", FINEST)
@pytest.mark.parametrize("product", SOLID_KINDS, ids=lambda product: product.key)
def test_a_piece_is_split_only_as_its_score_and_the_person_allow(product: Product, hands: str) -> None:
    part = allowed_part(product, hands)
    for eighths in range(1, 17):
        amount = Fraction(eighths, 8)
        expected = Verdict.PASS if (amount / part).denominator == 1 else CANNOT
        found = portions_verdict(product.key, amount, pieces=hands, pieces_per_intake=20)
        assert found is expected, f"{amount} of {product.key}, {hands}"


@pytest.mark.parametrize("hands", FINEST)
def test_a_dose_without_pieces_is_makeable_in_the_same_parts(hands: str) -> None:
    product = next(product for product in SOLID_KINDS if product.score == "quarter")
    assert product.strength is not None
    case = case_with(product.key, pieces=hands, pieces_per_intake=4)
    for eighths in range(1, 17):
        amount = Fraction(eighths, 8)
        regimen = a_regimen((0, product.strength.mg * amount), drug=product.drug)
        expected = Verdict.PASS if (amount / FINEST[hands]).denominator == 1 else CANNOT
        assert verdict_of(judged(regimen, case), MAKEABLE) is expected, f"{amount}, {hands}"


def test_where_a_case_does_not_say_the_convention_bounds_the_parts() -> None:
    product = next(product for product in SOLID_KINDS if product.score == "quarter")
    finest = FINEST[KNOWN.convention("pieces").value]
    for eighths in range(1, 9):
        expected = Verdict.PASS if (Fraction(eighths, 8) / finest).denominator == 1 else CANNOT
        assert portions_verdict(product.key, Fraction(eighths, 8)) is expected


@pytest.mark.parametrize("step", ["0.05", "0.1", "0.25", None])
@pytest.mark.parametrize("product", [each for each in LIQUIDS if each.mg_per_drop is None], ids=lambda each: each.key)
def test_a_liquid_is_measured_in_whole_marks_of_the_syringe(product: Product, step: str | None) -> None:
    mark = Fraction(step) if step else KNOWN.convention("liquid-step-ml").number
    for tenths in range(1, 31):
        amount = mark * tenths / 10
        expected = Verdict.PASS if tenths % 10 == 0 else CANNOT
        found = portions_verdict(product.key, amount, **({"liquid_step_ml": step} if step else {}))
        assert found is expected, f"{amount} mL"


@pytest.mark.parametrize(
    "product", [each for each in LIQUIDS if each.mg_per_drop is not None], ids=lambda each: each.key
)
def test_drops_are_counted_whole(product: Product) -> None:
    assert product.mg_per_drop is not None
    assert product.mg_per_ml is not None
    for halves in range(1, 13):
        amount = halves * product.mg_per_drop / product.mg_per_ml / 2
        expected = Verdict.PASS if halves % 2 == 0 else CANNOT
        if is_printable(amount * product.mg_per_ml) and is_printable(amount):
            assert portions_verdict(product.key, amount) is expected, f"{halves} half drops"


def is_printable(number: Fraction) -> bool:
    """Return whether a number ends as a decimal; doses that do not are another test's."""
    try:
        decimal_text(number)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("counted", ["mL", "drops"])
def test_so_much_of_a_liquid_counts_as_a_piece_and_a_part_of_it_as_another(counted: str) -> None:
    for product in (each for each in LIQUIDS if (each.mg_per_drop is None) == (counted == "mL")):
        assert product.mg_per_ml is not None
        if product.mg_per_drop is None:
            each, fine = KNOWN.convention("ml-per-piece").number, KNOWN.convention("liquid-step-ml").number
        else:
            drop = product.mg_per_drop / product.mg_per_ml
            fine = drop if is_printable(drop) else drop * 3
            each = KNOWN.convention("drops-per-piece").number * drop
        for most in (1, 2, 4):
            assert_turns_at(
                ("at most", each * most),
                lambda amount, product=product, most=most: portions_verdict(
                    product.key, amount, PIECES, pieces_per_intake=most
                ),
                (each * most - fine, each * most, each * most + fine),
                beyond=TOO_MANY,
            )


@pytest.mark.parametrize("most", [1, 2, 4])
def test_a_dose_without_pieces_is_not_made_of_more_liquid_than_the_pieces_allow(most: int) -> None:
    product = next(each for each in LIQUIDS if each.drug == "clonazepam" and each.mg_per_drop is None)
    assert product.mg_per_ml is not None
    bound, fine = KNOWN.convention("ml-per-piece").number * most, KNOWN.convention("liquid-step-ml").number
    case = case_with(product.key, pieces_per_intake=most)
    assert_turns_at(
        ("at most", bound),
        lambda amount: verdict_of(judged(a_regimen((0, amount * product.mg_per_ml)), case), MAKEABLE),
        (bound - fine, bound, bound + fine),
        beyond=CANNOT,
    )


def test_a_product_that_the_pharmacy_does_not_have_makes_no_dose() -> None:
    case = a_case(supply={"country": None, "products": ["us-clonazepam-tablet-1mg"]})
    assert verdict_of(judged(pieces((SCORED, 1)), case), MAKEABLE) is CANNOT


# Withdrawal risk ------------------------------------------------------------------------------------------------


def risk_of(drug: str, daily: Amount, *, days: int = 400, days_per_week: int = 7) -> tuple[str | None, str | None]:
    """Return the class and the band that the guideline's table gives somebody on the plan's first day."""
    taking = {"since": day(-days), "days_per_week": days_per_week}
    case = a_case(drug, daily, taking=taking, supply=ONE_PIECE)
    risk = withdrawal_risk(case, KNOWN, START)
    said = said_by(judged(a_regimen((0, Fraction(daily) / 2), drug=drug), case), "withdrawal-risk")
    assert risk.row is not None
    assert said[0].observed.startswith(f"{risk.row.risk_class}; {risk.band}")
    return risk.row.risk_class, risk.band


@pytest.mark.parametrize(
    ("drug", "daily", "band"),
    [
        ("clonazepam", "0.499", "low"),
        ("clonazepam", "0.5", "moderate"),
        ("clonazepam", "1.499", "moderate"),
        ("clonazepam", "1.5", "high"),
        ("diazepam", "9.999", "low"),
        ("diazepam", "10", "moderate"),
        ("diazepam", "14.999", "moderate"),
        ("diazepam", "15", "high"),
    ],
)
def test_a_dose_on_the_edge_of_two_printed_bands_counts_upward(drug: str, daily: str, band: str) -> None:
    assert risk_of(drug, daily)[1] == band


@pytest.mark.parametrize("printed", KNOWN.risk.dose_bands, ids=lambda printed: printed.drug)
def test_every_printed_drug_changes_its_band_exactly_where_it_is_printed(printed: Any) -> None:
    fine = Fraction(1, 1000)
    for edge, below, above in (
        (printed.low_at_most.mg, "low", "moderate"),
        (printed.high_above.mg, "moderate", "high"),
    ):
        found = {dose: risk_of(printed.drug, dose)[1] for dose in around(edge, fine)}
        assert found == {dose: (below if dose < edge else above) for dose in found}


@pytest.mark.parametrize("drug", ["oxazepam", "temazepam", "nitrazepam"])
def test_a_drug_that_is_not_printed_gets_the_band_of_the_highest_published_diazepam_dose(drug: str) -> None:
    diazepam = KNOWN.risk.printed("diazepam")
    assert diazepam is not None
    assert KNOWN.risk.printed(drug) is None
    for edge, below, above in (
        (diazepam.low_at_most.mg, "low", "moderate"),
        (diazepam.high_above.mg, "moderate", "high"),
    ):
        dose = edge / highest_diazepam(drug, Fraction(1))
        assert [risk_of(drug, dose + Fraction(k, 1000))[1] for k in (-1, 0, 1)] == [below, above, above]


RARE, LOWER, RISES = "rare", "lower-but-possible", "rises-with-dose-and-duration"


@pytest.mark.parametrize(
    ("days", "low", "moderate", "high"),
    [
        (0, LOWER, LOWER, LOWER),
        (29, LOWER, LOWER, LOWER),
        (30, LOWER, RISES, RISES),
        (90, LOWER, RISES, RISES),
        (91, RISES, RISES, RISES),
        (4000, RISES, RISES, RISES),
    ],
)
def test_the_risk_changes_with_the_duration_exactly_where_the_table_does(
    days: int, low: str, moderate: str, high: str
) -> None:
    for daily, expected in (("0.25", low), ("1", moderate), ("2", high)):
        assert risk_of("clonazepam", daily, days=days)[0] == expected


@pytest.mark.parametrize("days_per_week", range(1, 8))
def test_use_on_three_days_a_week_is_the_last_at_which_withdrawal_is_rare(days_per_week: int) -> None:
    for daily in ("0.25", "0.5", "1.5", "20"):
        found, _ = risk_of("clonazepam", daily, days=4000, days_per_week=days_per_week)
        assert found == (RARE if days_per_week <= 3 else RISES)


def test_every_use_is_in_some_row_of_the_table() -> None:
    for days_per_week in range(1, 8):
        for days in (0, 30, 91):
            for daily in ("0.25", "1", "2"):
                assert risk_of("clonazepam", daily, days=days, days_per_week=days_per_week)[0] is not None


# A switch of drugs ----------------------------------------------------------------------------------------------


def lowest_diazepam(drug: str, daily: Fraction) -> Fraction:
    """Return the least diazepam [mg] that any published equivalence gives for a dose."""
    return min(
        daily * table.reference_dose.mg / row.high.mg
        for table in KNOWN.equivalences.values()
        for row in table.rows
        if table.equivalence and row.drug == drug
    )


def switched_to(diazepam: Fraction) -> Regimen:
    """Return a regimen in which clonazepam is replaced by diazepam in one day."""
    return together(some_steps((0, 0)), some_steps((0, diazepam), drug="diazepam"))


def test_a_switch_that_loses_more_than_a_coarse_step_by_every_table_is_blocked() -> None:
    bound = lowest_diazepam("clonazepam", Fraction(2)) * (1 - COARSE.value)
    assert_turns_at(
        ("at least", bound),
        lambda diazepam: verdict_of(judged(switched_to(diazepam), a_case(daily=2, supply=ONE_PIECE)), "step-reduction"),
        around(bound, Fraction(1, 100)),
        beyond=effect(COARSE),
        safe=Verdict.CAUTION,
    )


def test_a_switch_on_which_the_tables_disagree_is_left_to_a_person() -> None:
    low, high = lowest_diazepam("clonazepam", Fraction(2)), highest_diazepam("clonazepam", Fraction(2))
    assert low < high * (1 - COARSE.value)
    found = said_by(judged(switched_to(low), a_case(daily=2)), "step-reduction")
    assert [each.verdict for each in found] == [Verdict.CAUTION]
    assert "disagree" in found[0].observed
