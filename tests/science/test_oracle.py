"""The clever search agrees with the dull one that tries everything (`oracle.py`, written from the decision alone)."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opentaper.plan import rules as planner
from opentaper.plan import search
from tests.science import oracle

LIMITS = {
    "rate_share": Fraction(1, 4),
    "rate_days": 14,
    "interval": 14,
    "window_share": Fraction(7, 16),
    "window_days": 28,
}


def rules(end: int) -> planner.Rules:
    return planner.Rules(
        rates=(planner.SearchRate("two-week-reduction", Fraction(1, 4), 14),),
        windows=(planner.Window("rolling-28", Fraction(7, 16), 28),),
        interval=14,
        coarse_at_most=Fraction(1, 2),
        longest_hold=112,
        end=end,
    )


def limits(end: int) -> oracle.Limits:
    return oracle.Limits(**LIMITS, coarse_at_most=Fraction(1, 2), longest_hold=112, end=end)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[int, list[int], list[int], int]:
    """A present dose, up to nine makeable doses below it down to the goal, pieces a day, and the end unit."""
    start = draw(st.integers(2, 60))
    doses = draw(st.sets(st.integers(1, start - 1), max_size=8))
    goal = draw(st.sampled_from([0, 0, 0, min(doses, default=1)]))
    levels = sorted({dose for dose in doses if dose > goal} | {goal}, reverse=True)
    effort = [draw(st.integers(1, 4)) if level else 0 for level in levels]
    return start, levels, effort, draw(st.integers(1, 12))


def key(plan: tuple[int, list[tuple[int, int]]] | None) -> object:
    return plan and (plan[0] + plan[1][-1][1], plan)


def found(plan: search.Staircase | search.Stuck | search.TooSlow) -> tuple[int, list[tuple[int, int]]] | None:
    if not isinstance(plan, search.Staircase):
        return None
    return plan.held_before, [(arrival.dose, arrival.day) for arrival in plan.arrivals]


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(ladders())
def test_the_fastest_plan_is_the_optimum_that_trying_everything_finds(
    case: tuple[int, list[int], list[int], int],
) -> None:
    start, levels, effort, end = case
    assert key(found(search.fastest(rules(end), start, levels, effort))) == key(
        oracle.fastest(limits(end), start, levels, effort)
    )


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    ladders(),
    st.sampled_from([5, 8, 10, 15, 20, 25, 40]),
    st.sampled_from(["current", "original"]),
    st.sampled_from([7, 14, 21, 28]),
)
def test_the_paced_plan_is_the_optimum_that_trying_everything_finds(
    case: tuple[int, list[int], list[int], int], percent: int, of: str, every: int
) -> None:
    start, levels, effort, end = case
    pace = search.AskedPace(share=Fraction(percent, 100), of=of, every=every)
    assert key(found(search.closest(rules(end), pace, start, levels, effort))) == key(
        oracle.closest(limits(end), Fraction(percent, 100), of, every, start, levels, effort)
    )


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, derandomize=True)
@given(st.integers(2, 400), st.integers(0, 399), st.integers(1, 40))
def test_the_days_that_a_cut_needs_agree_and_are_never_fewer_than_in_proportion(
    dose: int, lower: int, end: int
) -> None:
    if lower >= dose:
        lower %= dose
    need = rules(end).need(dose, lower)
    assert need == oracle.need(limits(end), dose, lower)
    if need is not None:
        assert need >= 14 * -((lower - dose) * 4 // dose)
