"""Getting used to a drug, and lacking it, are what the differential equations give: for one day and for a whole course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opentaper import Case, Regimen, load
from opentaper.patient import Intake, Step, case_from
from opentaper.pharmacology import Slip, WhatIf, compiled, days, follow, simulate, tolerance
from opentaper.pharmacology.course import Course, dependence, lacking
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.effect import OCCUPANCY, STRAIGHT, Curve
from opentaper.pharmacology.follow import Taken
from opentaper.pharmacology.people import People, first_of, one_block
from opentaper.quantity import Dose
from tests.conftest import TODAY
from tests.science import solver
from tests.science.solver import Drug, Floats, Mind, Product
from tests.strategies import pharmacology as some
from tests.strategies.cases import raw_case
from tests.strategies.pharmacology import TAU_H, History, assumed_of, clear_of, drug_of, somebody, typical_of

KNOWN = load(TODAY)
MODELS = sorted(KNOWN.kinetics)
NEAR = 1e-6
"""Of the most adaptation reached: how near the quadrature comes for drugs that people take."""
SAME = 1e-12
TWO = Drug(ways=((1.7, 1.0),), clearance=3.7, central=90.0, between=25.0, peripheral=115.0)
FAR = {"one": 55.0, "two": 550.0}
DAILY_MG = {
    "alprazolam": 0.5, "bromazepam": 5.5, "chlordiazepoxide": 25.0, "clobazam": 20.0, "clonazepam": 0.5,
    "clorazepate": 15.0, "diazepam": 10.0, "estazolam": 1.5, "eszopiclone": 3.0, "flurazepam": 22.5, "lorazepam": 1.0,
    "nitrazepam": 10.0, "oxazepam": 20.0, "temazepam": 20.0, "triazolam": 0.5, "zolpidem": 20.0, "zopiclone": 15.0,
}  # fmt: skip
"""What tables call equal to 10 mg of diazepam, or near it [mg a day]."""


def effect_of(curve: Curve) -> Callable[[float], float]:
    return lambda drive: curve.gain * drive / (1.0 + curve.bend * drive)


def mind(*half_filling: tuple[float, ...], curve: Curve = OCCUPANCY, tau_h: tuple[float, ...] = TAU_H) -> Mind:
    return Mind(half_filling=half_filling, effect=effect_of(curve), tau_h=tau_h)


def off(found: Floats, right: Floats) -> float:
    """Return the largest error, as a share of the most that each process reaches."""
    return float((np.abs(found - right).max(axis=-1) / np.abs(right).max(axis=-1)).max())


def adapted(drug: Drug, told: History, thinking: Mind, curve: Curve = OCCUPANCY) -> Floats:
    people = somebody({"x": drug}, {"x": thinking.half_filling[0]}, curve=curve, tau_h=thinking.tau_h)
    return follow.follow(people, {"x": told.taken}, np.array(told.look_h)).adapted[0]


def nightly(times: int, hours: tuple[float, ...] = (22.0,), mg: float = 1.0) -> History:
    taken = [24.0 * day + hour for day in range(times) for hour in hours]
    return History(
        dose_mg=(mg,) * len(taken), taken_h=tuple(taken), look_h=tuple(24.0 * day for day in range(1, times + 3))
    )


# The two dull ways agree.


def test_the_fine_rule_and_the_step_controlled_solver_agree() -> None:
    metabolite = Product(source=0, share=0.48, clearance=1.0, volume=87.0)
    drugs = [replace(TWO, products=(metabolite,), lag_h=0.27), Drug(ways=((2.5, 1.0),), clearance=5.0, central=72.0)]
    taken = [([1.0, 2.0, 1.0], [0.0, 8.0, 30.0]), ([0.5, 0.5], [2.0, 26.0])]
    looks = [4.0, 12.0, 24.0, 30.0, 48.0]
    thinking = mind((55.0, 110.0), (87.0,))
    found = solver.finely(drugs, taken, looks, thinking)
    right = solver.solve(drugs, taken, looks, mind=thinking)
    assert off(found.adapted, right.adapted) < 1e-10


# The quadrature against them.


@pytest.mark.slow
@settings(max_examples=12, deadline=None, derandomize=True)
@given(some.drugs(fastest=6.0, gone_fastest=0.34), some.histories(days=4), st.sampled_from([0.1, 1.0, 10.0]))
def test_adaptation_is_that_of_the_equations_whatever_is_taken(drug: Drug, told: History, strong: float) -> None:
    assume(clear_of(drug) and told.look_h[0] > 0.0)
    half = 1000.0 * drug.scale / drug.central / strong
    thinking = mind((half,) * (1 + len(drug.products)))
    right = solver.solve([drug], [(told.dose_mg, told.taken_h)], told.look_h, mind=thinking).adapted
    assume(right[0].max() > 1e-6)
    assert off(adapted(drug, told, thinking), right) < 30.0 * NEAR


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True)
@given(some.drugs(fastest=6.0, gone_fastest=0.34), some.histories(), st.sampled_from([0.1, 1.0, 10.0]), st.sampled_from([OCCUPANCY, STRAIGHT]))  # fmt: skip
def test_adaptation_is_that_of_the_fine_rule_over_longer_histories(
    drug: Drug, told: History, strong: float, curve: Curve
) -> None:
    assume(clear_of(drug) and told.look_h[0] > 0.0)
    half = 1000.0 * drug.scale / drug.central / strong
    thinking = mind((half,) * (1 + len(drug.products)), curve=curve)
    right = solver.finely([drug], [(told.dose_mg, told.taken_h)], told.look_h, thinking).adapted
    assume(right[0].max() > 1e-6)
    assert off(adapted(drug, told, thinking, curve), right) < 30.0 * NEAR


@pytest.mark.parametrize("hours", [(22.0,), (8.0, 20.0)], ids=["once", "twice"])
@pytest.mark.parametrize("model", MODELS)
def test_typical_people_adapt_as_the_equations_say_to_within_a_millionth(model: str, hours: tuple[float, ...]) -> None:
    drug = KNOWN.kinetics[model].drug
    told = nightly(6, hours, DAILY_MG[drug] / len(hours))
    for effect in KNOWN.effects:
        people = typical_of(KNOWN, model, effect=effect)
        found = follow.follow(people, {drug: told.taken}, np.array(told.look_h)).adapted[0]
        thinking = mind(tuple(people.potency[drug][0].tolist()), curve=people.curve, tau_h=tuple(people.tau_h[0]))
        right = solver.finely([drug_of(people.chains[drug])], [(told.dose_mg, told.taken_h)], told.look_h, thinking)
        assert off(found, right.adapted) < NEAR, effect


@pytest.mark.parametrize("model", ["clonazepam-kruizinga-2022", "triazolam-oral", "zolpidem-kim-2026"])
def test_people_who_differ_adapt_as_the_equations_say_to_within_a_hundred_thousandth(model: str) -> None:
    # Worst of all: zolpidem, whose absorption is drawn with a spread of 331 %, so that some is over within a minute.
    drug = KNOWN.kinetics[model].drug
    told = nightly(4, mg=DAILY_MG[drug])
    assumed, body = assumed_of(KNOWN, model)
    people = first_of(one_block(assumed, body, 0, 1024, seed=1), 30)
    found = follow.follow(people, {drug: told.taken}, np.array(told.look_h)).adapted
    for person in range(30):
        half = people.potency[drug][person if len(people.potency[drug]) > 1 else 0]
        thinking = mind(tuple(half.tolist()), tau_h=tuple(people.tau_h[person].tolist()))
        right = solver.finely(
            [drug_of(people.chains[drug], person)], [(told.dose_mg, told.taken_h)], told.look_h, thinking
        )
        assert off(found[person], right.adapted) < 10.0 * NEAR


@pytest.mark.parametrize(
    ("absorbed", "half_life_h", "apart_h", "strong", "error"),
    [
        (1.65, 2.5, 24.0, 0.3, 1e-7),  # triazolam, once a night
        (1.65, 2.5, 24.0, 30.0, 1e-6),  # a hundred times the dose, which bends the curve
        (100.0, 40.0, 12.0, 0.3, 2e-6),  # as good as at once, twice a day
        (100.0, 40.0, 24.0, 0.3, 2e-6),  # once a day
        (30.0, 40.0, 24.0, 1.0, 3e-6),  # worse than faster or slower absorption
        (30.0, 2.5, 24.0, 1.0, 4e-5),  # and gone within the night
        (5.0, 0.25, 24.0, 1.0, 1e-3),  # a quarter of an hour: no drug of the base
        (5.0, 0.25, 24.0, 100.0, 2e-2),
    ],
)
def test_where_the_quadrature_is_worst_it_is_no_worse_than_this(
    absorbed: float, half_life_h: float, apart_h: float, strong: float, error: float
) -> None:
    drug = Drug(ways=((absorbed, 1.0),), clearance=50.0 * log(2.0) / half_life_h, central=50.0)
    times = tuple(apart_h * place for place in range(round(96.0 / apart_h)))
    told = History(dose_mg=(1.0,) * len(times), taken_h=times, look_h=tuple(time + apart_h for time in times))
    for curve in (OCCUPANCY, STRAIGHT):
        if curve is STRAIGHT and strong > 1.0:
            continue
        thinking = mind((1000.0 / 50.0 / strong,), curve=curve)
        right = solver.finely([drug], [(told.dose_mg, told.taken_h)], told.look_h, thinking).adapted
        found = off(adapted(drug, told, thinking, curve), right)
        assert found < error
        if curve is OCCUPANCY:
            assert found > error / 100.0  # and the figures here are not made up


# The same by three ways.


@pytest.mark.skipif(not compiled.available(), reason="no compiler installed")
@pytest.mark.parametrize("models", [("clonazepam-tablet",), ("chlordiazepoxide-oral",), ("clonazepam-tablet", "diazepam-oral")])  # fmt: skip
def test_machine_code_gives_what_the_loops_give_that_it_was_made_from(
    models: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = typical_of(KNOWN, *models)
    told = nightly(9, (8.0, 13.0, 22.0))
    taken = {KNOWN.kinetics[model].drug: told.taken for model in models}
    looks = np.array(sorted({*told.look_h, 3.0, 100.5}))
    found = []
    for least in (0, 10**9):
        monkeypatch.setattr(follow, "COMPILE_FROM", least)
        found.append(follow.follow(people, taken, looks, used_days=looks / 24.0))
    for name in ("adapted", "drive", "effect", "withdrawal"):
        one, other = (getattr(each, name) for each in found)
        assert np.abs(one - other).max() < SAME * np.abs(other).max(), name


@pytest.mark.parametrize("models", [("clonazepam-tablet",), ("lorazepam-oral",), ("clonazepam-tablet", "diazepam-oral")])  # fmt: skip
def test_the_kernel_and_day_by_day_adapt_alike(models: tuple[str, ...]) -> None:
    people = typical_of(KNOWN, *models)
    hours = (8.0, 22.0)
    told = nightly(9, hours)
    plan = Daily(hour=np.array(hours), dose_mg=np.ones((9, 2)))
    drugs = [KNOWN.kinetics[model].drug for model in models]
    by_day = days.follow(people, dict.fromkeys(drugs, plan)).adapted[0, :, 0].T
    by_kernel = follow.follow(people, dict.fromkeys(drugs, told.taken), 24.0 * np.arange(1.0, 10.0)).adapted[0]
    assert off(by_day, by_kernel) < SAME


def test_the_average_effect_of_a_day_is_that_of_the_fine_rule() -> None:
    people = typical_of(KNOWN, "clonazepam-tablet")
    hours = (8.0, 22.0)
    told = nightly(5, hours)
    found = days.follow(people, {"clonazepam": Daily(hour=np.array(hours), dose_mg=np.ones((5, 2)))}).mean[0]
    right = solver.finely([drug_of(people.chains["clonazepam"])], [(told.dose_mg, told.taken_h)], told.look_h[:5], mind((55.0,)))  # fmt: skip
    assert found == pytest.approx(np.diff(right.area, prepend=0.0) / 24.0, rel=1e-7)


def test_a_look_before_anything_was_taken_is_refused_and_moves_no_other() -> None:
    people = somebody({"x": TWO}, {"x": [55.0]})
    taken = {"x": Taken(time_h=np.array([0.0, 24.0]), dose_mg=np.array([1.0, 1.0]))}
    with pytest.raises(ValueError, match="look later"):
        follow.follow(people, taken, np.array([0.0, 12.0, 24.0]))


# What adaptation must do.


def test_after_long_use_people_are_used_to_exactly_the_average_effect() -> None:
    people = typical_of(KNOWN, "lorazepam-oral")
    plan = Daily(hour=np.array([8.0, 20.0]), dose_mg=np.ones((1, 2)))
    found = days.follow(people, {"lorazepam": plan}, [each / 4.0 for each in range(1, 97)], used_days=10**5)
    for process in range(3):
        assert found.adapted[0, 0, :, process].mean() == pytest.approx(found.mean[0, 0], rel=2e-3)
    assert np.ptp(found.adapted[0, 0, :, 2]) < np.ptp(found.adapted[0, 0, :, 0])


@pytest.mark.parametrize("days_used", [1, 9, 40, 400])
def test_long_use_at_once_adapts_as_long_use_day_by_day_but_for_how_levels_first_built_up(days_used: int) -> None:
    people = typical_of(KNOWN, "lorazepam-oral")  # steady within two days
    row = np.array([[1.0, 1.0]])
    hour = np.array([8.0, 20.0])
    at_once = days.follow(people, {"lorazepam": Daily(hour=hour, dose_mg=row)}, used_days=days_used)
    told = Daily(hour=hour, dose_mg=np.repeat(row, days_used + 1, axis=0))
    by_day = days.follow(people, {"lorazepam": told})
    built_up = 1.0 - np.exp(-48.0 / people.tau_h[0])
    assert (np.abs(at_once.adapted - by_day.adapted)[0, -1, 0] < built_up * at_once.mean[0, 0]).all()
    # After one dose-free beginning the difference fades with each process's own time constant, and changes no sign.
    assert (at_once.adapted[0, -1, 0] >= by_day.adapted[0, -1, 0] - 1e-12).all()


def test_nobody_lacks_what_they_never_took_and_every_lack_ends() -> None:
    people = typical_of(KNOWN, "clonazepam-tablet")
    course = np.array([[1.0]] * 5 + [[0.0]] * 1000)
    looks = 24.0 * np.arange(1.0, 1001.0)
    times = 24.0 * np.arange(1005.0) + 8.0
    taken = Taken(time_h=times, dose_mg=course[:, 0])
    found = follow.follow(people, {"clonazepam": taken}, looks, used_days=np.minimum(looks / 24.0, 5.0))
    assert (found.withdrawal >= 0.0).all()
    assert found.withdrawal.max() > 0.001
    assert found.withdrawal[0, -1] < 1e-6
    none = follow.follow(people, {"clonazepam": replace(taken, dose_mg=np.zeros(1005))}, looks)
    assert (none.withdrawal == 0.0).all()
    assert (none.adapted == 0.0).all()


def test_dependence_is_half_there_after_its_half_and_the_fast_process_waits_for_nothing() -> None:
    people = typical_of(KNOWN, "clonazepam-tablet")
    assert dependence(people, np.array([0.0, 120.0, 240.0, 1e6]))[0] == pytest.approx([0.0, 0.5, 0.75, 1.0])
    fast, main, slow = people.share[0]
    assert (fast + main + slow, slow) == (pytest.approx(1.0), 0.0)
    missing = lacking(people, np.ones((1, 4, 1, 3)), np.zeros((1, 4, 1)), np.array([0.0, 120.0, 240.0, 1e6]))
    assert missing[0, :, 0] == pytest.approx([fast, fast + main / 2.0, fast + main * 0.75, fast + main])
    told = nightly(40, (8.0, 22.0))
    looks = np.arange(24.0, 24.0 * 50, 6.0)
    free, fast_alone = (
        follow.follow(each, {"clonazepam": told.taken}, looks, used_days=np.zeros(len(looks))).withdrawal
        for each in (people, replace(people, share=people.share * np.array([1.0, 0.0, 0.0])))
    )
    assert free.max() > 0.0
    assert np.array_equal(free, fast_alone)


@pytest.mark.parametrize("effect", sorted(KNOWN.effects))
def test_withdrawal_is_the_gated_sum_of_what_each_process_has_over_the_effect(effect: str) -> None:
    people = typical_of(KNOWN, "clonazepam-tablet", effect=effect, protracted=True)
    told = nightly(40, (8.0, 22.0))
    looks = np.arange(12.0, 24.0 * 70, 6.0)
    used = np.minimum(looks / 24.0, 40.0)
    found = follow.follow(people, {"clonazepam": told.taken}, looks, used_days=used)
    thinking = mind(tuple(people.potency["clonazepam"][0]), curve=people.curve, tau_h=tuple(people.tau_h[0]))
    right = solver.finely(
        [drug_of(people.chains["clonazepam"])], [(told.dose_mg, told.taken_h)], looks.tolist(), thinking
    )
    felt = np.array([thinking.effect(each) for each in right.drive.tolist()])
    grown = 1.0 - 0.5 ** (used / 120.0)
    share = people.share[0]
    lacking = share[0] * (right.adapted[0] - felt) + grown * (
        share[1] * (right.adapted[1] - felt) + share[2] * (right.adapted[2] - felt)
    )
    assert share[2] > 0.0
    assert np.abs(found.effect[0] - felt).max() < 1e-9 * felt.max()
    assert np.abs(found.withdrawal[0] - np.maximum(lacking, 0.0)).max() < NEAR * felt.max()


# A whole course, through the front door.

START = dt.date(2026, 12, 1)


def step(drug: str, from_: int, until: int | None, **doses: str) -> Step:
    return Step(
        drug=drug,
        from_=START + dt.timedelta(days=from_),
        until=None if until is None else START + dt.timedelta(days=until),
        intakes=tuple(Intake(time=time, dose=Dose.read(dose)) for time, dose in doses.items()),
    )


def in_order(*steps: Step) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda each: each.from_))


def case_since(since: dt.date, *more: dict[str, object]) -> Case:
    raw = raw_case(intakes={"morning": "1 mg", "night": "1 mg"})
    raw["taking"][0]["since"] = since
    raw["taking"] += more
    return case_from(raw, KNOWN, "case.toml")


TAPER = Regimen(
    steps=(
        step("clonazepam", 0, 7, morning="1 mg", night="0.5 mg"),
        step("clonazepam", 7, 14, morning="0.5 mg", night="0.5 mg"),
        step("clonazepam", 14, None),
    )
)


def test_a_whole_course_with_slips_is_what_the_equations_give() -> None:
    used = 40
    slips = (
        Slip(on=START + dt.timedelta(days=3), time="night", times=0),
        Slip(on=START + dt.timedelta(days=8), time=None, times=2),
    )
    found = simulate(
        case_since(START - dt.timedelta(days=used)), TAPER, KNOWN, people=0, rivals=False, what_if=WhatIf(slips=slips)
    ).middle
    by_day = [(1.0, 1.0)] * used + [(1.0, 0.5)] * 7 + [(0.5, 0.5)] * 7 + [(0.0, 0.0)] * 56
    by_day[used + 3], by_day[used + 8] = (1.0, 0.0), (1.0, 1.0)
    taken = [(24.0 * day + hour, mg) for day, row in enumerate(by_day) for hour, mg in zip((8.0, 22.0), row, strict=True) if mg]  # fmt: skip
    looks = [24.0 * day + hour for day in range(len(by_day)) for hour in (8.0, 22.0, 24.0)]
    people = typical_of(KNOWN, "clonazepam-tablet")
    thinking = mind((55.0,), tau_h=tuple(people.tau_h[0]))
    right = solver.finely([TWO], [([mg for _, mg in taken], [at for at, _ in taken])], looks, thinking)
    felt = (right.drive / (1.0 + right.drive)).reshape(-1, 3)
    used_to = right.adapted.reshape(3, -1, 3)
    area = np.diff(right.area.reshape(-1, 3)[:, 2], prepend=0.0) / 24.0
    whole = area[used - 1]
    last = used + 14
    grown = 1.0 - 0.5 ** (np.minimum(np.arange(1, len(by_day) + 1), last) / 120.0)[:, None]
    lacking = 0.25 * (used_to[0] - felt) + 0.75 * grown * (used_to[1] - felt)
    count = found.effect.shape[1]
    kept = slice(used, used + count)
    assert found.effect[0] == pytest.approx(area[kept] / whole, rel=1e-6)
    mixed = 0.25 * used_to[0, :, 2] + 0.75 * used_to[1, :, 2]
    assert found.adapted[0] == pytest.approx(mixed[kept] / whole, rel=1e-6)
    worst = np.maximum(lacking, 0.0).max(axis=1)
    assert found.withdrawal[0] == pytest.approx(worst[kept] / whole, rel=1e-5, abs=1e-7)
    level = 55.0 * right.drive.reshape(-1, 3).min(axis=1)
    assert found.level["clonazepam"][0] == pytest.approx(level[kept], rel=1e-9)


def test_the_day_on_which_use_began_is_counted_and_longer_use_never_means_less_withdrawal() -> None:
    peaks = [
        simulate(case_since(START - dt.timedelta(days=used)), TAPER, KNOWN, people=0, rivals=False).peak()[1]
        for used in (7, 42, 119, 120, 121, 365, 3650)
    ]
    assert peaks == sorted(peaks)
    assert peaks[3] == pytest.approx(peaks[2], rel=0.02)
    assert peaks[4] == pytest.approx(peaks[3], rel=0.02)


def test_a_second_drug_does_not_change_how_long_the_first_was_used() -> None:
    beside = {
        "drug": "lorazepam", "since": START - dt.timedelta(days=3650), "days_per_week": 7,
        "intakes": [{"time": "night", "dose": "1 mg"}],
    }  # fmt: skip
    both = Regimen(steps=in_order(*TAPER.steps, step("lorazepam", 0, None, night="1 mg")))
    found = simulate(case_since(START - dt.timedelta(days=3650), beside), both, KNOWN, people=0, rivals=False)
    alone = simulate(case_since(START - dt.timedelta(days=3650)), TAPER, KNOWN, people=0, rivals=False)
    assert found.middle.level["clonazepam"][0] == pytest.approx(alone.middle.level["clonazepam"][0], rel=1e-9)


def test_a_drug_that_was_added_two_days_ago_has_the_level_of_two_days() -> None:
    beside = {
        "drug": "diazepam", "since": START - dt.timedelta(days=2), "days_per_week": 7,
        "intakes": [{"time": "night", "dose": "10 mg"}],
    }  # fmt: skip
    both = Regimen(steps=in_order(*TAPER.steps, step("diazepam", 0, None, night="10 mg")))
    found = simulate(case_since(START - dt.timedelta(days=3650), beside), both, KNOWN, people=0, rivals=False)
    drug = drug_of(typical_of(KNOWN, "diazepam-oral").chains["diazepam"])
    told = History(dose_mg=(10.0, 10.0), taken_h=(22.0, 46.0), look_h=(48.0 + 22.0,))
    right = drug.levels(solver.amounts(drug, told.dose_mg, told.taken_h, told.look_h))[0, 0]
    assert found.middle.level["diazepam"][0, 0] == pytest.approx(right, rel=0.2)


def test_of_an_inducer_that_was_begun_three_days_ago_most_of_the_effect_is_still_to_come() -> None:
    beside = {"drug": "carbamazepine", "since": START - dt.timedelta(days=3)}
    same = Regimen(steps=(step("clonazepam", 0, None, morning="1 mg", night="1 mg"),))
    found = simulate(case_since(START - dt.timedelta(days=3650), beside), same, KNOWN, people=0, rivals=False)
    level = found.middle.level["clonazepam"][0]
    assert len(found.altered) == 1
    assert level[-1] < 0.9 * level[0]


# Going back to the old dose.


def course_of(case: Case, regimen: Regimen) -> Course:
    return simulate(case, regimen, KNOWN, people=0, rivals=False).course


def strongest(people: People, course: Course, pause: int, used_days: int) -> float:
    """Return the most that effect exceeds adaptation in two weeks back on the old dose, looked for every quarter hour."""
    (drug, each), *_ = course.taken.items()
    day = each.dose_mg[0]
    plan = np.vstack([*([day] if used_days else []), *[np.zeros(len(day))] * pause, *[day] * 14])
    looks = [quarter / 4.0 for quarter in range(1, 97)]
    found = days.follow(people, {drug: Daily(hour=each.hour, dose_mg=plan)}, looks, used_days=used_days)
    more = people.curve.of(found.drive) - np.einsum("pdlk,pk->pdl", found.adapted, people.share)
    return float(more[:, -14:].max())


def test_the_longer_the_pause_the_stronger_the_old_dose_and_never_stronger_than_in_a_stranger() -> None:
    found = tolerance.resumed(typical_of(KNOWN, "clonazepam-tablet"), course_of(case_since(dt.date(2019, 3, 1)), TAPER))
    assert (np.diff(found.strength[0]) > 0.0).all()
    assert found.strength[0, -1] == pytest.approx(1.0, abs=0.01)
    assert found.strength.max() <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("drug", "intakes"),
    [
        ("lorazepam", {"morning": "1 mg", "evening": "1 mg"}),
        ("alprazolam", {"morning": "1 mg"}),
        ("clonazepam", {"night": "2 mg"}),
        ("oxazepam", {"night": "15 mg"}),
    ],
)
def test_the_most_that_an_old_dose_does_is_found_whatever_the_hour_it_is_taken_at(
    drug: str, intakes: dict[str, str]
) -> None:
    course = course_of(case_from(raw_case(drug, intakes), KNOWN, "case.toml"), Regimen(steps=(step(drug, 0, None),)))
    people = typical_of(KNOWN, KNOWN.kinetics_of(drug)[0].key)
    found = tolerance.resumed(people, course, (0, 7, 28)).strength[0]
    never = strongest(people, course, 0, 0)
    used = course.standing + course.before
    right = [strongest(people, course, pause, used) / never for pause in (0, 7, 28)]
    assert found == pytest.approx(right, abs=0.02)


def test_how_long_a_single_dose_is_felt_is_read_off_its_own_effect() -> None:
    people = typical_of(KNOWN, "clonazepam-tablet")
    found = tolerance.single(people, {"clonazepam": 1.0})
    drug = drug_of(people.chains["clonazepam"])
    looks = [hour / 10.0 for hour in range(1, 400)]
    level = drug.levels(solver.amounts(drug, [1.0], [0.0], looks))[0]
    felt = level / (level + 55.0)
    above = np.array(looks)[felt >= 0.5 * felt.max()]
    assert float(found.begins_h[0]) == pytest.approx(above[0], abs=0.11)
    assert float(found.peak_h[0]) == pytest.approx(looks[int(np.argmax(felt))], abs=0.11)
    assert float(found.lasts_h[0]) == pytest.approx(above[-1] - above[0], abs=0.21)


def test_a_dose_that_is_felt_for_longer_than_three_days_is_not_cut_off() -> None:
    people = typical_of(KNOWN, "flurazepam-oral", effect="amplified")
    found = tolerance.single(people, {"flurazepam": 30.0})
    drug = drug_of(people.chains["flurazepam"])
    half = float(people.potency["flurazepam"][0, 0])
    looks = [float(hour) for hour in range(1, 600)]
    level = drug.levels(solver.amounts(drug, [30.0], [0.0], looks))[0]
    felt = level / (level + half)
    assert float(found.lasts_h[0]) == pytest.approx(np.array(looks)[felt >= 0.5 * felt.max()][-1], rel=0.05)
