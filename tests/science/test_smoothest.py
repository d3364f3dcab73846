"""The front and the smoothest plan agree with trying everything, and with a solver that knows nothing of tapers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from opentaper.pharmacology.effect import Curve
from opentaper.pharmacology.strain import SHIFT, Fade, Pull, Response, Strain, strain
from opentaper.plan import front as fronts
from opentaper.plan import rules as planner
from opentaper.plan.ground import Ground
from tests.science import oracle, programme, staircases
from tests.science import test_oracle as of_decision

Ladder = tuple[int, list[int], list[int], tuple[int, Fraction, int]]
"""A present dose, doses below it, pieces a day of each; the end unit, and what so many days may take away."""
Tables = Callable[[Sequence[int], Sequence[tuple[int, int]]], Strain]


def rules(end: int, window: Fraction = Fraction(7, 16), days: int = 28) -> planner.Rules:
    return replace(of_decision.rules(end), windows=(planner.Window("rolling", window, days),))


def limits(end: int, window: Fraction = Fraction(7, 16), days: int = 28) -> oracle.Limits:
    return replace(of_decision.limits(end), window_share=window, window_days=days)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """A present dose, up to six doses below it down to the goal, and limits that keep more or fewer cuts apart."""
    start = draw(st.integers(2, 40))
    if draw(st.booleans()):
        doses = draw(st.sets(st.integers(1, start - 1), max_size=5))
        goal = draw(st.sampled_from([0, 0, 0, min(doses, default=1)]))
    else:  # near to one another, so that most cuts lie within the limit
        apart = draw(st.integers(1, max(1, start // 8)))
        doses = {dose for dose in range(start - apart, 0, -apart) if dose > start - 6 * apart}
        goal = min(doses, default=0)
    levels = sorted({dose for dose in doses if dose > goal} | {goal}, reverse=True)
    bounds = draw(st.integers(1, 8)), Fraction(draw(st.sampled_from([4, 6, 7])), 16), draw(st.sampled_from([28, 42]))
    effort = [draw(st.integers(1, 4)) if level else 0 for level in levels]
    return start, levels, effort, bounds


@st.composite
def modelled(draw: st.DrawFn) -> Tables:
    """Tables of one to three effect models of a drug that never was."""
    models = draw(st.integers(1, 3))
    curves = {str(k): Curve(gain=1.0, bend=draw(st.sampled_from([0.0, 0.3, 1.0, 7.0]))) for k in range(models)}
    fade = Fade(shares=(1.0,), rates_per_h=(draw(st.sampled_from([0.005, 0.017, 0.06, 0.3])),))
    part = draw(st.sampled_from([0.0, 0.3]))
    pull = Pull(main_days=draw(st.sampled_from([4.0, 9.0])), main_part=0.9 - part, fast_days=1.5, fast_part=part)
    response = Response(curves=curves, drive_per_mg=0.05, fade=fade, pull=pull)
    return lambda doses, pairs: strain(doses, pairs, response)


def nonsense(models: int, size: int, memory: float, drawn: float, seed: int) -> Tables:
    """Tables of any numbers at all, so that nothing but what the proof needs is taken for granted."""
    days = 14
    kept = np.rint(2**SHIFT * memory ** np.arange(1.0, days + 1.0)).astype(np.int64)

    def tables(doses: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        dice = np.random.default_rng(seed)
        before, after = np.array(pairs, dtype=np.int64).reshape(-1, 2).T.copy()
        shape = (models, len(pairs), days)
        return Strain(
            models=tuple(str(k) for k in range(models)),
            period=days,
            steady=np.sort(dice.integers(0, size + 1, (models, len(doses))))[:, ::-1].copy(),
            before=before,
            after=after,
            kept=kept,
            pulled=np.sort(dice.integers(0, 2**SHIFT, days))[::-1].copy(),
            drawn=(drawn * dice.integers(0, size + 1, shape)).astype(np.int64),
            offset=dice.integers(-size, size + 1, shape),
        )

    return tables


WILD = st.builds(
    nonsense,
    st.integers(1, 3),
    st.sampled_from([0, 1, 3, 40, 10**6]),
    st.sampled_from([0.5, 0.9, 0.99]),
    st.sampled_from([0.0, 0.1, 1.0, 1.0]),
    st.integers(0, 2**32),
)


def remembered(tables: Tables) -> tuple[Tables, list[Strain]]:
    made: list[Strain] = []

    def tell(doses: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        made.append(tables(doses, pairs))
        return made[-1]

    return tell, made


def ground(case: Ladder, tables: Tables, **how: bool) -> tuple[Ground, Strain]:
    start, levels, effort, end = case
    tell, made = remembered(tables)
    return Ground(rules(*end), start, levels, tell, effort, **how), made[0]


def soonest(case: Ladder) -> int | None:
    start, levels, effort, end = case
    found = oracle.fastest(limits(*end), start, levels, effort)
    return None if found is None else -(-(found[0] + found[1][-1][1]) // 14)


CASES = given(ladders(), st.one_of(modelled(), WILD), st.integers(0, 4))
MANY = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.slow
@MANY
@example((30, [20, 13, 9, 5, 4], [1] * 5, (5, Fraction(7, 16), 28)), nonsense(3, 3, 0.99, 0.0, 388), 0)
@example((15, [14, 13, 12, 11], [1] * 4, (3, Fraction(3, 8), 42)), nonsense(1, 10**6, 0.5, 1.0, 876), 0)
@example((9, [8, 6, 5, 3, 2], [1] * 5, (5, Fraction(7, 16), 42)), nonsense(2, 10**6, 0.99, 0.0, 448), 1)
@CASES
def test_the_front_is_the_one_that_trying_everything_finds(case: Ladder, tables: Tables, spare: int) -> None:
    fewest = soonest(case)
    last = 20 if fewest is None else fewest + spare
    made, table = ground(case, tables, compiled=False)
    found = [(point.days, point.peak) for point in fronts.front(made, last * 14)]
    assert found == ([] if fewest is None else staircases.front(limits(*case[3]), case[0], case[1], table, last))


@pytest.mark.slow
@MANY
@CASES
def test_the_smoothest_plan_is_the_one_that_trying_everything_finds(case: Ladder, tables: Tables, spare: int) -> None:
    fewest = soonest(case)
    last = 20 if fewest is None else fewest + spare
    made, table = ground(case, tables, compiled=False)
    found = fronts.easiest(made, last * 14)
    start, levels, effort, end = case
    best = staircases.easiest(limits(*end), start, levels, effort, table, last)
    if found is None:
        assert best is None
        return
    stairs = [start, *levels]
    places = (0, *(stairs.index(each.dose) for each in found.staircase.arrivals))
    first = found.staircase.held_before
    plan = places, tuple((first + each.day) // 14 for each in found.staircase.arrivals)
    assert staircases.felt(table, plan) == list(found.felt)
    assert plan in set(staircases.plans(limits(*end), start, levels, last))
    assert best == (
        sorted(found.felt, reverse=True), found.staircase.days, staircases.effort(plan, effort, 14)
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@CASES
def test_machine_code_finds_what_the_plain_loop_finds(case: Ladder, tables: Tables, spare: int) -> None:
    pytest.importorskip("numba")
    tell, kept = remembered(tables)
    start, levels, effort, end = case
    plain = Ground(rules(*end), start, levels, tell, effort, compiled=False)
    fast = Ground(rules(*end), start, levels, lambda *_: kept[0], effort, compiled=True)
    assert fronts.front(plain, 420) == fronts.front(fast, 420)
    days = ((soonest(case) or 20) + spare) * 14
    assert fronts.easiest(plain, days) == fronts.easiest(fast, days)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(ladders(), modelled(), st.data())
def test_one_more_dose_never_makes_the_worst_step_harder(case: Ladder, tables: Tables, data: st.DataObject) -> None:
    start, levels, _, end = case
    others = sorted(set(range(levels[-1] + 1, start)) - set(levels))
    more = data.draw(st.sampled_from(others)) if others else start - 1
    wider = sorted({*levels, *([more] if more > levels[-1] else [])}, reverse=True)
    few = Ground(rules(*end), start, levels, tables, compiled=False)
    many = Ground(rules(*end), start, wider, tables, compiled=False)
    for point in fronts.front(few, 420):
        found = fronts.least(many, point.days)
        assert found is not None
        assert found.peak <= point.peak


def clonazepam(doses: int, models: int) -> tuple[Ground, Strain]:
    """Doses of 0.125 mg down to nothing, of a drug with a half-life of 40 hours."""
    curves = {str(bend): Curve(gain=1.0, bend=bend) for bend in (1.0, 0.0, 7.3)[:models]}
    response = Response(
        curves=curves,
        drive_per_mg=0.2,
        fade=Fade(shares=(1.0,), rates_per_h=(0.0173,)),
        pull=Pull(main_days=9.0, main_part=0.75, fast_days=1.5, fast_part=0.25),
    )
    tell, made = remembered(lambda units, pairs: strain([0.125 * each for each in units], pairs, response))
    return Ground(rules(1), doses, range(doses - 1, -1, -1), tell, compiled=False), made[0]


@pytest.mark.parametrize(
    ("doses", "models", "last"), [(6, 1, 14), (6, 3, 13), pytest.param(8, 2, 15, marks=pytest.mark.slow)]
)
def test_a_solver_that_knows_nothing_of_tapers_certifies_the_least_peak(doses: int, models: int, last: int) -> None:
    made, table = clonazepam(doses, models)
    found, certified = fronts.least(made, last * 14), programme.least_peak(made, table, last)
    assert found is not None
    assert certified is not None
    assert found.peak - 1 <= certified <= found.peak + programme.ROUNDING


def test_the_front_falls_as_plans_get_longer_and_its_points_are_those_of_single_lengths() -> None:
    made, _ = clonazepam(16, 2)
    points = fronts.front(made)
    assert [point.days for point in points] == sorted({point.days for point in points})
    assert [point.peak for point in points] == sorted({point.peak for point in points}, reverse=True)
    assert points[0].days == fronts.soonest(made)
    for point in points:
        assert fronts.least(made, point.days) == point
        assert fronts.least(made, point.days - 14) != fronts.Point(point.days - 14, point.peak)


def test_a_plan_of_the_search_is_felt_the_same_when_it_is_placed_by_days() -> None:
    made, table = clonazepam(16, 3)
    found = fronts.easiest(made, 420)
    assert found is not None

    def tables(doses: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        curves = {name: Curve(gain=1.0, bend=float(name)) for name in table.models}
        response = Response(
            curves=curves,
            drive_per_mg=0.2,
            fade=Fade(shares=(1.0,), rates_per_h=(0.0173,)),
            pull=Pull(main_days=9.0, main_part=0.75, fast_days=1.5, fast_part=0.25),
        )
        return strain([0.125 * each for each in doses], pairs, response)

    assert fronts.eased(found.staircase, 16, tables) == found
    hurried = replace(
        found.staircase, arrivals=tuple(replace(each, day=each.day // 3) for each in found.staircase.arrivals)
    )
    assert fronts.eased(hurried, 16, tables).peak > found.peak


@pytest.mark.parametrize("bend", [0.0, 1.0, 7.3])
@pytest.mark.parametrize(("before", "after"), [(4.0, 3.5), (0.5, 0.25), (0.125, 0.0), (4.0, 0.0)])
def test_the_tables_are_what_an_ode_solver_finds(bend: float, before: float, after: float) -> None:
    fade = Fade(shares=(0.07, 0.96, -0.03), rates_per_h=(0.52, 0.0172, 1.7))
    pull = Pull(main_days=9.0, main_part=0.7, fast_days=1.5, fast_part=0.2)
    curve = Curve(gain=2.0, bend=bend)
    made = strain([4.0, before, after], [(1, 2)], Response(curves={"": curve}, drive_per_mg=0.2, fade=fade, pull=pull))
    whole = float(curve.of(0.8))

    def effect(day: float) -> float:
        return float(curve.of(0.2 * (after + (before - after) * fade.left([24.0 * day])[0]))) / whole

    def slopes(day: float, now: Sequence[float]) -> list[float]:
        return [(effect(day) - now[0]) / 9.0, (effect(day) - now[1]) / 1.5]

    adapted = 1.0
    days = np.arange(1, len(made.pulled) + 1)
    solved = solve_ivp(slopes, (0, days[-1]), [adapted, effect(0.0)], t_eval=days, rtol=1e-10, atol=1e-12)
    felt = 0.7 * solved.y[0] + 0.2 * solved.y[1] - 0.9 * np.array([effect(day) for day in days])
    ours = (made.pulled * 10**6 >> made.shift) + made.offset[0, 0]
    level = (made.kept * 10**6 >> made.shift) + made.drawn[0, 0]
    assert np.abs(ours - 1e6 * felt).max() < 3
    assert np.abs(level - 1e6 * solved.y[0][: made.period]).max() < 3


def test_a_level_that_leaves_too_slowly_is_refused() -> None:
    fade = Fade(shares=(1.0,), rates_per_h=(2e-4,))
    pull = Pull(main_days=40.0, main_part=0.75, fast_days=1.5, fast_part=0.25)
    response = Response(curves={"": Curve(gain=1.0, bend=0.0)}, drive_per_mg=0.2, fade=fade, pull=pull)
    with pytest.raises(ValueError, match="still rises 56 days after a step"):
        strain([4.0, 3.0], [(0, 1)], response)
