"""Levels in closed form are what the differential equations give, whatever is taken and however a body is built."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opentaper import Knowledge, load
from opentaper.pharmacology import compiled, days, follow, induction
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.follow import Taken
from opentaper.pharmacology.induction import Change, Compartments
from opentaper.pharmacology.kinetics import modes
from tests.conftest import TODAY
from tests.science import solver
from tests.science.solver import Drug, Enzyme, Floats, Product
from tests.strategies import pharmacology as some
from tests.strategies.pharmacology import History, between, chain, clear_of, drug_of, somebody, typical_of

KNOWN = load(TODAY)
MODELS = sorted(KNOWN.kinetics)
CLOSE = 1e-9
"""Of the highest level: how near every closed form comes to the equations."""
SAME = 1e-12
"""How near two ways to add up the same numbers come to each other."""
ONE = Drug(ways=((1.5, 1.0),), clearance=4.2, central=180.0)
TWO = Drug(ways=((1.7, 1.0),), clearance=3.7, central=90.0, between=25.0, peripheral=115.0)
LATE = replace(TWO, lag_h=0.27)
WEEK = History(
    dose_mg=(1.0, 1.0, 2.0, 0.5, 1.0, 1.0), taken_h=(0.0, 8.0, 16.0, 24.0, 40.0, 41.5),
    look_h=(0.5, 1.0, 2.0, 8.0, 12.0, 24.0, 41.0, 42.0, 60.0, 100.0, 168.0),
)  # fmt: skip


def off(found: Floats, right: Floats) -> float:
    """Return the largest error, as a share of each analyte's highest level."""
    return float((np.abs(found - right).max(axis=-1) / np.abs(right).max(axis=-1)).max())


def most(drug: Drug, told: History) -> Floats:
    """Return what the level of each analyte would be if nothing had ever left, axes (analyte, 1): a scale for errors."""
    volumes = [drug.central, *(each.volume for each in drug.products)]
    return 1000.0 * drug.scale * sum(told.dose_mg) / np.array(volumes)[:, None]


def solved(drug: Drug, told: History) -> Floats:
    return drug.levels(solver.amounts(drug, told.dose_mg, told.taken_h, told.look_h))


def superposed(drug: Drug, told: History) -> Floats:
    return modes(chain(drug)).level(told.dose_mg, told.taken_h, told.look_h)[0]


def kernel_levels(drug: Drug, told: History) -> Floats:
    people = somebody({"x": drug}, {"x": [1.0] * (1 + len(drug.products))})
    return np.concatenate(
        [
            follow.levels(people, {"x": told.taken}, np.array(told.look_h), "x", analyte)
            for analyte in range(1 + len(drug.products))
        ]
    )


def stepped(drug: Drug, told: History) -> Floats:
    body = Compartments.of(chain(drug))
    return induction.levels(body, [], np.array(told.dose_mg), np.array(told.taken_h), np.array(told.look_h))


@pytest.mark.parametrize("count", [1, 2, 99, 100, 101, 700])
@pytest.mark.parametrize("drug", [ONE, LATE], ids=["one compartment", "two, late"])
def test_a_single_dose_at_equal_steps_is_the_superposition_of_one_dose(drug: Drug, count: int) -> None:
    made = modes(chain(drug))
    right = made.level([2.0], [0.0], np.arange(count) * 0.05)
    found = made.after_one(2.0, 0.05, count)
    assert found.shape == right.shape
    assert np.abs(found - right).max() <= SAME * max(1.0, right.max())


WAYS = {"superposition": superposed, "kernel": kernel_levels, "matrices": stepped}


# The strangers themselves: two solvers that share nothing but the equations.


@pytest.mark.parametrize("method", ["DOP853", "Radau"])
def test_the_two_solvers_agree_with_each_other(method: str) -> None:
    drug = replace(TWO, products=(Product(source=0, share=0.5, clearance=1.0, volume=87.0),))
    told = WEEK if method == "DOP853" else replace(WEEK, dose_mg=(1.0, 1.0), taken_h=(0.0, 8.0), look_h=(1.0, 12.0))
    found = solver.solve([drug], [(told.dose_mg, told.taken_h)], told.look_h, method=method).amount[0]
    right = solver.amounts(drug, told.dose_mg, told.taken_h, told.look_h)
    assert np.abs(found - right).max() < 1e-11 * right.max()


def test_the_solver_loses_and_finds_nothing() -> None:
    held = solver.amounts(TWO, WEEK.dose_mg, WEEK.taken_h, WEEK.look_h)
    given_mg = [sum(d for d, t in zip(WEEK.dose_mg, WEEK.taken_h, strict=True) if t < at) for at in WEEK.look_h]
    assert held.sum(axis=0) == pytest.approx(given_mg, rel=1e-12)


# Closed forms against the solver.


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_of_the_base_gives_the_levels_of_its_equations(way: str, model: str) -> None:
    drug = drug_of(typical_of(KNOWN, model).chains[KNOWN.kinetics[model].drug])
    assert off(WAYS[way](drug, WEEK), solved(drug, WEEK)) < CLOSE


@pytest.mark.parametrize("model", ["clonazepam-tablet", "diazepam-oral", "chlordiazepoxide-oral", "lorazepam-oral"])
def test_models_of_the_base_agree_with_a_step_controlled_solver_too(model: str) -> None:
    drug = drug_of(typical_of(KNOWN, model).chains[KNOWN.kinetics[model].drug])
    found = solver.solve([drug], [(WEEK.dose_mg, WEEK.taken_h)], WEEK.look_h).amount[0]
    assert off(superposed(drug, WEEK), drug.levels(found)) < CLOSE


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True)
@given(some.drugs(), some.histories())
def test_whatever_the_body_and_whatever_is_taken_levels_are_those_of_the_equations(drug: Drug, told: History) -> None:
    assume(clear_of(drug))
    right = solved(drug, told)
    assume((right.max(axis=1) > 1e-6).all())
    for name, way in WAYS.items():
        assert off(way(drug, told), right) < CLOSE, name


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(some.drugs(fastest=8.0), some.histories(days=3))
def test_generated_histories_agree_with_a_step_controlled_solver_too(drug: Drug, told: History) -> None:
    assume(clear_of(drug))
    right = drug.levels(solver.solve([drug], [(told.dose_mg, told.taken_h)], told.look_h).amount[0])
    assume((right.max(axis=1) > 1e-6).all())
    assert off(superposed(drug, told), right) < CLOSE


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from([0.0, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 5e-6, 9.9e-6, 1.01e-5, 2e-5, 1e-4, 1e-3]),
    st.sampled_from([-1.0, 1.0]),
    between(0.01, 2.0),
)
def test_levels_stay_exact_where_absorption_is_just_as_fast_as_elimination(
    gap: float, sign: float, rate: float
) -> None:
    drug = Drug(ways=((rate * (1.0 + sign * gap), 1.0),), clearance=40.0 * rate, central=40.0)
    right = solved(drug, WEEK)
    for name, way in WAYS.items():
        assert off(way(drug, WEEK), right) < CLOSE, name


def far_apart(rate: float) -> Drug:
    """Two compartments whose slower exponential is as fast as absorption."""
    alpha, beta, k21 = 8.0 * rate, rate, 3.0 * rate  # k10·k21 = alpha·beta, k10 + k12 + k21 = alpha + beta
    k10 = alpha * beta / k21
    k12 = alpha + beta - k10 - k21
    return Drug(
        ways=((rate, 1.0),), clearance=40.0 * k10, central=40.0, between=40.0 * k12, peripheral=40.0 * k12 / k21
    )


SAME_SPEED = {
    "absorption as fast as the last phase": far_apart(0.1),
    "a metabolite as fast as its parent": Drug(
        ways=((1.5, 1.0),), clearance=5.0, central=50.0,
        products=(Product(source=0, share=0.5, clearance=3.0, volume=30.0),),
    ),
    "two ways in of one speed": Drug(ways=((1.5, 0.7), (1.5, 0.3)), clearance=5.0, central=50.0),
}  # fmt: skip


def nearly(drug: Drug, gap: float) -> Drug:
    """Return a drug with its coinciding rates so far apart, relatively."""
    last = len(drug.ways) - 1
    return replace(
        drug,
        ways=tuple(
            (rate * (1.0 + gap * (place == last and not drug.products)), part)
            for place, (rate, part) in enumerate(drug.ways)
        ),
        products=tuple(
            replace(each, clearance=each.clearance * (1.0 + gap * place)) for place, each in enumerate(drug.products, 1)
        ),
    )


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-9, 1e-6, 9.9e-6, 1e-4])
@pytest.mark.parametrize("what", SAME_SPEED)
def test_where_other_rates_coincide_levels_are_as_of_somebody_a_hundred_thousandth_apart(what: str, gap: float) -> None:
    drug = nearly(SAME_SPEED[what], gap)
    assert off(superposed(drug, WEEK), solved(drug, WEEK)) < 1e-5


@pytest.mark.parametrize("what", SAME_SPEED)
def test_where_other_rates_coincide_levels_err_by_the_square_of_how_far_they_are_set_apart(what: str) -> None:
    drug = SAME_SPEED[what]
    assert off(superposed(drug, WEEK), solved(drug, WEEK)) < CLOSE


def test_three_rates_that_coincide_are_still_right_to_a_ten_thousandth() -> None:
    drug = replace(ONE, ways=((0.1, 1.0),), clearance=18.0, products=(Product(source=0, share=0.5, clearance=3.0, volume=30.0),))  # fmt: skip
    assert off(superposed(drug, WEEK), solved(drug, WEEK)) < 1e-4


def test_four_rates_that_coincide_are_still_right_to_a_hundredth() -> None:
    chained = (
        Product(source=0, share=0.5, clearance=3.0, volume=30.0),
        Product(source=1, share=0.5, clearance=3.0, volume=30.0),
    )
    drug = replace(ONE, ways=((0.1, 1.0),), clearance=18.0, products=chained)
    assert off(superposed(drug, WEEK), solved(drug, WEEK)) < 1e-2


@pytest.mark.parametrize("absorbed", [0.05, 1000.0])
@pytest.mark.parametrize("half_life_h", [0.1, 10_000.0])
def test_extreme_rates_neither_overflow_nor_drift(absorbed: float, half_life_h: float) -> None:
    drug = Drug(ways=((absorbed, 1.0),), clearance=50.0 * np.log(2.0) / half_life_h, central=50.0)
    for name, way in WAYS.items():
        assert off(way(drug, WEEK), solved(drug, WEEK)) < CLOSE, name


# Regimens by the day.


def daily(hours: list[float], doses: list[list[float]]) -> Daily:
    return Daily(hour=np.array(hours), dose_mg=np.array(doses))


def spelled_out(plan: Daily, looks: list[float]) -> History:
    """Return the same doses and looks as moments."""
    taken = [
        (24.0 * day + hour, dose)
        for day, row in enumerate(plan.dose_mg.tolist())
        for hour, dose in zip(plan.hour.tolist(), row, strict=True)
    ]
    return History(
        dose_mg=tuple(dose for _, dose in taken),
        taken_h=tuple(time for time, _ in taken),
        look_h=tuple(24.0 * day + look for day in range(plan.days) for look in looks),
    )


@st.composite
def plans(draw: st.DrawFn) -> Daily:
    hours = sorted(draw(st.sets(st.sampled_from([0.0, 6.5, 8.0, 13.25, 19.0, 22.0, 23.9]), min_size=1, max_size=3)))
    count = draw(st.integers(1, 9))
    dose = st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0])
    return daily([*hours], [[draw(dose) for _ in hours] for _ in range(count)])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs(), plans())
def test_day_by_day_gives_the_levels_of_the_equations(drug: Drug, plan: Daily) -> None:
    assume(clear_of(drug) and bool(plan.dose_mg[0].any()))
    looks = [4.0, 8.0, 23.9, 24.0]
    told = spelled_out(plan, looks)
    people = somebody({"x": drug}, {"x": [1.0] * (1 + len(drug.products))})
    found = days.follow(people, {"x": plan}, looks).level["x"][0].reshape(-1, 1 + len(drug.products)).T
    right = solved(drug, told)
    assume((right.max(axis=1) > 1e-6).all())
    assert off(found, right) < CLOSE


@pytest.mark.parametrize("hour", [8.0, 23.8, 23.99])
def test_a_dose_that_begins_to_be_absorbed_after_midnight_is_neither_lost_nor_moved(hour: float) -> None:
    plan = daily([hour], [[2.0], [1.0], [0.0], [1.0], [2.0]])
    found = days.follow(somebody({"x": LATE}, {"x": [96.0]}), {"x": plan}, [12.0, 24.0]).level["x"].reshape(1, -1)
    assert off(found, solved(LATE, spelled_out(plan, [12.0, 24.0]))) < CLOSE


@pytest.mark.parametrize("hour", [8.0, 23.99])
@pytest.mark.parametrize("drug", [ONE, TWO, LATE], ids=["one", "two", "late"])
def test_long_use_at_once_gives_the_levels_of_long_use_day_by_day(drug: Drug, hour: float) -> None:
    people = somebody({"x": drug}, {"x": [55.0]})
    tapered = [[1.0], [1.0], [0.5], [0.0], [0.0]]
    at_once = days.follow(people, {"x": daily([hour], tapered)}, [12.0, 24.0], used_days=200).level["x"]
    told = daily([hour], [[1.0]] * 200 + tapered)
    day_by_day = days.follow(people, {"x": told}, [12.0, 24.0]).level["x"][:, 200:]
    assert off(at_once[0, :, :, 0].reshape(1, -1), day_by_day[0, :, :, 0].reshape(1, -1)) < CLOSE


# Clearance that moves.

INDUCED = Change(ratio=1.4, from_h=48.0, until_h=145.0, half_life_h=72.0)
MOVING = 1e-8
"""Of the peak: stretches of half an hour, of the sixth order, of an enzyme that turns over within a day."""


def enzymes(change: Change) -> list[list[Enzyme]]:
    return [[Enzyme(ratio=change.ratio, from_h=change.from_h, until_h=change.until_h, half_life_h=change.half_life_h)]]


@pytest.mark.parametrize(
    "change", [INDUCED, replace(INDUCED, ratio=4.0, half_life_h=24.0), replace(INDUCED, ratio=0.35, until_h=np.inf)]
)
@pytest.mark.parametrize("half_as_fast", [False, True])
def test_levels_under_an_inducer_are_those_of_an_enzyme_that_turns_over(change: Change, half_as_fast: bool) -> None:
    drug = replace(TWO, ways=((0.8, 1.0),)) if half_as_fast else TWO
    drug = replace(drug, products=(Product(source=0, share=0.5, clearance=1.0, volume=87.0),))
    taken = [24.0 * day for day in range(10)]
    looks = [6.0 + 24.0 * day for day in range(10)]
    found = induction.levels(Compartments.of(chain(drug)), [change], np.ones(10), np.array(taken), np.array(looks))
    right = solver.solve([drug], [([1.0] * 10, taken)], looks, enzymes=enzymes(change)).amount[0]
    assert off(found, drug.levels(right)) < MOVING


def test_halving_the_stretches_makes_the_error_many_times_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = [24.0 * day for day in range(8)]
    looks = [6.0 + 24.0 * day for day in range(8)]
    change = replace(INDUCED, until_h=144.0)
    right = TWO.levels(solver.solve([TWO], [([1.0] * 8, taken)], looks, enzymes=enzymes(change)).amount[0])
    errors = []
    for longest in (1.0, 0.5):
        monkeypatch.setattr(induction, "LONGEST_H", longest)
        found = induction.levels(Compartments.of(chain(TWO)), [change], np.ones(8), np.array(taken), np.array(looks))
        errors.append(off(found, right))
    assert errors[0] / errors[1] > 16.0  # beyond the fourth order
    assert errors[1] < 1e-9


@pytest.mark.parametrize("used_days", [0, 200])
@pytest.mark.parametrize("drug", [ONE, LATE], ids=["one", "late"])
def test_a_medicine_that_changes_nothing_changes_nothing(drug: Drug, used_days: int) -> None:
    people = somebody({"x": drug}, {"x": [55.0]})
    plan = daily([8.0, 23.99], [[1.0, 0.5]] * 6)
    nothing = Change(ratio=1.0, from_h=24.0, until_h=np.inf, half_life_h=72.0)
    without = days.follow(people, {"x": plan}, [12.0, 24.0], used_days=used_days)
    found = days.follow(people, {"x": plan}, [12.0, 24.0], used_days=used_days, change={"x": [nothing]})
    assert off(found.level["x"].reshape(1, -1), without.level["x"].reshape(1, -1)) < CLOSE
    assert np.abs(found.adapted - without.adapted).max() < CLOSE


# What any mass and any clock must obey.


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs(metabolites=0, lags=False), some.histories(days=4))
def test_what_was_given_is_in_the_gut_in_the_body_or_gone(drug: Drug, told: History) -> None:
    assume(clear_of(drug) and drug.clearance / drug.central < 1.0)
    made = modes(chain(drug))
    rates, weights = made.rates[0], made.weights[0, 0] / 1000.0
    for at in told.look_h[-2:]:
        since = at - np.array(told.taken_h)
        dose = np.array(told.dose_mg)[since > 0.0]
        spent = since[since > 0.0]
        gut = sum(part * (dose * drug.scale * np.exp(-rate * spent)).sum() for rate, part in drug.ways)
        left = np.exp(-np.multiply.outer(rates, spent))
        centre = drug.central * (weights[:, None] * left * dose).sum()
        gone = drug.clearance * (weights[:, None] * (1.0 - left) / rates[:, None] * dose).sum()
        aside = 0.0
        if drug.between is not None and drug.peripheral is not None:
            back = drug.between / drug.peripheral
            assume(bool((np.abs(back - rates) > 1e-3 * back).all()))  # this sum divides by it; the product does not
            apart = (left - np.exp(-back * spent)) / (back - rates)[:, None]
            aside = drug.between * (weights[:, None] * apart * dose).sum()
        assert gut + centre + aside + gone == pytest.approx(drug.scale * dose.sum(), rel=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs())
def test_the_whole_area_is_what_was_given_over_clearance_for_the_drug_and_all_it_turns_into(drug: Drug) -> None:
    assume(clear_of(drug))
    formed = [1.0]
    for each in drug.products:
        formed.append(formed[each.source] * each.share)
    clearances = [drug.clearance, *(each.clearance for each in drug.products)]
    right = [1000.0 * drug.scale * part / own for part, own in zip(formed, clearances, strict=True)]
    assert modes(chain(drug)).area()[0] == pytest.approx(right, rel=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs(), some.histories(), st.floats(0.01, 100.0))
def test_levels_add_up_and_grow_in_proportion(drug: Drug, told: History, times: float) -> None:
    assume(clear_of(drug))
    whole = kernel_levels(drug, told)
    singly = np.zeros_like(whole)
    for dose, taken in zip(told.dose_mg, told.taken_h, strict=True):
        singly += kernel_levels(drug, replace(told, dose_mg=(dose,), taken_h=(taken,)))
    larger = kernel_levels(drug, replace(told, dose_mg=tuple(times * dose for dose in told.dose_mg)))
    assert (np.abs(singly - whole) / most(drug, told)).max() < 1e-11
    assert (np.abs(larger - times * whole) / (times * most(drug, told))).max() < 1e-11


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs(), some.histories(), st.integers(0, 2000).map(lambda quarter: quarter / 4.0))
def test_the_hour_on_the_clock_does_not_matter(drug: Drug, told: History, later: float) -> None:
    assume(clear_of(drug))
    moved = replace(
        told, taken_h=tuple(time + later for time in told.taken_h), look_h=tuple(time + later for time in told.look_h)
    )
    whole = kernel_levels(drug, told)
    assert (np.abs(kernel_levels(drug, moved) - whole) / most(drug, told)).max() < CLOSE


@settings(max_examples=40, deadline=None, derandomize=True)
@given(some.drugs(), some.histories())
def test_no_level_is_ever_below_zero(drug: Drug, told: History) -> None:
    assume(clear_of(drug))
    assert (kernel_levels(drug, told) >= -1e-11 * most(drug, told)).all()


@pytest.mark.parametrize("way", WAYS)
def test_a_look_at_the_moment_of_a_dose_sees_the_trough(way: str) -> None:
    taken = (0.0, 8.0, 16.0)
    told = History(dose_mg=(1.0, 1.0, 1.0), taken_h=taken, look_h=(0.0, 8.0, 16.0))
    less = History(dose_mg=(1.0, 1.0), taken_h=(0.0, 8.0), look_h=(0.0, 8.0, 16.0))
    for drug in (ONE, LATE, replace(ONE, ways=((100.0, 1.0),))):
        found = WAYS[way](drug, told)
        assert found[0, 0] == 0.0
        assert found == pytest.approx(solved(drug, less), rel=1e-9)


def test_of_two_drugs_each_has_the_level_that_it_has_alone() -> None:
    people = somebody({"x": TWO, "y": ONE}, {"x": [55.0], "y": [10.0]})
    plans_of = {"x": daily([8.0, 20.0], [[1.0, 0.5]] * 5), "y": daily([6.0], [[2.0]] * 5)}
    both = days.follow(people, plans_of, [12.0, 24.0])
    for name, plan in plans_of.items():
        alone = days.follow(people, {name: plan}, [12.0, 24.0])
        assert off(both.level[name].reshape(1, -1), alone.level[name].reshape(1, -1)) < SAME


# One source, run as it stands and as machine code, and a third way.


@pytest.mark.skipif(not compiled.available(), reason="no compiler installed")
@pytest.mark.parametrize("model", ["clonazepam-kruizinga-2022", "chlordiazepoxide-oral", "lorazepam-oral"])
def test_machine_code_gives_the_levels_of_the_loops_it_was_made_from(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = typical_of(KNOWN, model)
    drug = KNOWN.kinetics[model].drug
    looks = np.arange(1.0, 200.0, 2.5)
    found = []
    for least in (0, 10**9):
        monkeypatch.setattr(follow, "COMPILE_FROM", least)
        found.append(follow.levels(people, {drug: WEEK.taken}, looks, drug))
    assert off(found[0], found[1]) < SAME


def test_the_kernel_and_day_by_day_give_the_same_levels(known: Knowledge) -> None:
    for model in ("clonazepam-tablet", "diazepam-oral", "lorazepam-oral"):
        people = typical_of(known, model)
        drug = known.kinetics[model].drug
        plan = daily([8.0, 22.0], [[1.0, 1.0], [0.0, 2.0], [0.5, 0.5], [0.0, 0.0]])
        told = spelled_out(plan, [8.0, 22.0, 24.0])
        found = days.follow(people, {drug: plan}, [8.0, 22.0, 24.0]).level[drug]
        for analyte in range(found.shape[3]):
            right = follow.levels(people, {drug: told.taken}, np.array(told.look_h), drug, analyte)
            assert off(found[0, :, :, analyte].reshape(1, -1), right) < SAME


def test_doses_may_differ_between_people() -> None:
    one = somebody({"x": ONE}, {"x": [1.0]})
    times, looks = np.array([0.0, 8.0]), np.array([4.0, 12.0, 30.0])
    each = np.array([[1.0, 2.0]])
    found = follow.levels(one, {"x": Taken(time_h=times, dose_mg=each)}, looks, "x")
    assert off(found, follow.levels(one, {"x": Taken(time_h=times, dose_mg=each[0])}, looks, "x")) < SAME
