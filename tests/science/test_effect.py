"""Effects follow levels as the receptor's own equations say, and one drug passes into another without a jump."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentaper import Knowledge
from opentaper.pharmacology import days
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.effect import OCCUPANCY, STRAIGHT, Curve, Receptor
from opentaper.pharmacology.people import curve_of
from tests.strategies.pharmacology import between, typical_of

RECALLED = Receptor(closed_to_open=25000.0, gaba_affinity_um=70.0, gaba_preference=0.0019, drug_preference=0.4)
"""Evidence review, section 2.3; d = 0.4 is its assumption."""
ENOUGH = 1e12
"""Times the half-filling level: every site is taken."""


def raw(drug: float, gaba: float, *, closed: float, kg: float, c: float, kb: float, d: float) -> float:
    """The evidence review's formula, letter by letter, with G and B, and nothing else."""
    with_gaba = ((1.0 + gaba / kg) / (1.0 + gaba / (c * kg))) ** 2
    with_drug = (1.0 + drug / kb) / (1.0 + drug / (d * kb))
    return 1.0 / (1.0 + closed * with_gaba * with_drug)


@st.composite
def receptors(draw: st.DrawFn) -> Receptor:
    return Receptor(
        closed_to_open=draw(between(10.0, 1e6)),
        gaba_affinity_um=draw(between(1.0, 500.0)),
        gaba_preference=draw(between(1e-4, 0.5)),
        drug_preference=draw(st.floats(0.05, 0.95)),
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(receptors(), between(0.01, 1000.0), between(1e-3, 1e4), between(1.0, 500.0))
def test_the_two_state_curve_is_the_raw_formula_and_not_an_approximation(
    receptor: Receptor, gaba: float, drive: float, kb: float
) -> None:
    figures = {
        "closed": receptor.closed_to_open, "kg": receptor.gaba_affinity_um, "c": receptor.gaba_preference,
        "kb": kb, "d": receptor.drug_preference,
    }  # fmt: skip
    open_ = raw(drive * kb, gaba, **figures)
    assert float(receptor.open(drive, gaba)) == pytest.approx(open_, rel=1e-12)
    none, most = raw(0.0, gaba, **figures), raw(1e18 * kb, gaba, **figures)
    share = float(receptor.curve(gaba).of(drive))
    # Written as a sum rather than a quotient: what the drug adds may be one part in a million of what is open anyway.
    assert none + share * (most - none) == pytest.approx(open_, rel=1e-11)


@pytest.mark.parametrize(
    ("preference", "gaba_um", "times"),
    [(0.4, 0.5, 2.5), (0.4, 10.0, 2.0), (0.4, 100.0, 1.1), (0.2, 0.5, 5.0), (0.2, 10.0, 3.1), (0.2, 100.0, 1.2)],
)
def test_the_more_gaba_the_less_a_drug_adds_as_the_evidence_review_computed(
    preference: float, gaba_um: float, times: float
) -> None:
    receptor = Receptor(
        closed_to_open=25000.0, gaba_affinity_um=70.0, gaba_preference=0.0019, drug_preference=preference
    )
    assert float(receptor.open(ENOUGH, gaba_um) / receptor.open(0.0, gaba_um)) == pytest.approx(times, abs=0.051)


def test_half_of_what_a_drug_adds_comes_at_lower_levels_the_more_gaba_there_is() -> None:
    # The review prints 27 to 16 µM over these levels of GABA: a ratio of 0.59, whatever the affinity is.
    half = [1.0 / RECALLED.curve(gaba).bend for gaba in (0.5, 10.0, 100.0)]
    assert half[0] > half[1] > half[2]
    assert half[2] / half[0] == pytest.approx(16.0 / 27.0, abs=0.15)
    assert half[0] == pytest.approx(1.0, abs=0.002)


@given(between(1e-3, 1e6))
def test_without_gaba_a_drug_opens_next_to_nothing(drive: float) -> None:
    added = float(RECALLED.open(drive, 0.0) - RECALLED.open(0.0, 0.0))
    assert 0.0 < added <= (1.0 / 0.4 - 1.0) / 25000.0


@given(receptors(), between(0.01, 1000.0), between(1e-3, 1e3), st.floats(1.001, 10.0))
def test_more_of_a_drug_never_does_less(receptor: Receptor, gaba: float, drive: float, times: float) -> None:
    assert float(receptor.open(drive * times, gaba)) >= float(receptor.open(drive, gaba))
    assert float(receptor.curve(gaba).of(drive * times)) > float(receptor.curve(gaba).of(drive))


def test_a_drug_that_prefers_neither_state_such_as_flumazenil_adds_nothing_and_has_no_curve() -> None:
    silent = Receptor(closed_to_open=25000.0, gaba_affinity_um=70.0, gaba_preference=0.0019, drug_preference=1.0)
    for gaba in (0.0, 0.5, 100.0):
        assert float(silent.open(1e6, gaba)) == pytest.approx(float(silent.open(0.0, gaba)), rel=1e-12)
    with pytest.raises(ValueError, match="adds nothing"):
        silent.curve(0.5)


def test_the_base_keeps_within_one_kilocalorie_of_how_much_a_drug_may_prefer_the_open_state(known: Knowledge) -> None:
    preference = known.effects["two-state"].value("drug-preference").estimate
    assert float(preference.low) >= exp(-1.0 / 0.616) - 0.005
    assert preference.low <= preference.value <= preference.high < 1


@pytest.mark.parametrize(
    ("daily_mg", "percent"),
    [(4.0, 45.0), (3.0, 38.1), (2.0, 29.1), (1.5, 23.5), (1.0, 17.0), (0.75, 13.3), (0.5, 9.3), (0.25, 4.9), (0.125, 2.5)],
)  # fmt: skip
def test_clonazepam_fills_as_many_sites_as_the_evidence_review_tabulates(
    known: Knowledge, daily_mg: float, percent: float
) -> None:
    model = known.kinetics["clonazepam-tablet"]
    clearance = model.value("clearance")
    assert clearance is not None
    average = 1000.0 * daily_mg / 24.0 / float(clearance.value)
    filled = OCCUPANCY.of(average / float(known.potencies["clonazepam"].estimate.value))
    # The review rounds the half-filling dose to 4.9 mg a day.
    assert 100.0 * float(filled) == pytest.approx(percent, abs=0.15)


@pytest.mark.parametrize("daily_mg", [4.0, 1.0, 0.125])
def test_over_a_day_the_simulated_occupancy_is_close_to_that_of_the_average_level(
    known: Knowledge, daily_mg: float
) -> None:
    people = typical_of(known, "clonazepam-tablet")
    plan = Daily(hour=np.array([8.0, 20.0]), dose_mg=np.array([[daily_mg / 2.0, daily_mg / 2.0]]))
    found = float(days.follow(people, {"clonazepam": plan}, used_days=300).mean[0, 0])
    average = daily_mg / (daily_mg + 55.0 * 3.7 * 24.0 / 1000.0)
    assert found == pytest.approx(average, rel=0.02)
    assert found < average  # the curve is bent, so swings cost a little


def test_below_a_milligram_occupancy_is_nearly_a_straight_line_and_amplified_effect_is_not(known: Knowledge) -> None:
    per_mg = 1000.0 / 24.0 / 3.7 / 55.0
    filled = [float(OCCUPANCY.of(mg * per_mg)) for mg in (0.25, 0.5)]
    assert filled[1] / filled[0] == pytest.approx(2.0, abs=0.1)
    scale = float(known.effects["amplified"].potency_scale)
    assert scale == pytest.approx(13.1 / 96.0)
    louder = [float(OCCUPANCY.of(mg * per_mg / scale)) for mg in (0.25, 0.5, 1.0)]
    assert louder[1] / louder[0] < 1.75
    assert louder[2] / louder[1] < 1.55


def test_the_four_rivals_give_one_effect_for_small_doses_and_differ_for_large_ones(known: Knowledge) -> None:
    curves = {key: curve_of(model) for key, model in known.effects.items()}
    assert curves["straight"] == STRAIGHT
    assert curves["occupancy"] == OCCUPANCY
    small = {key: float(curve.of(1e-6)) / 1e-6 for key, curve in curves.items()}
    assert all(value == pytest.approx(1.0, abs=0.002) for value in small.values())
    large = {key: float(curve.of(3.0)) for key, curve in curves.items()}
    assert large["straight"] == 3.0
    assert large["occupancy"] == 0.75
    assert large["two-state"] == pytest.approx(0.75, abs=0.001)


@pytest.mark.parametrize(("gain", "bend"), [(0.0, 1.0), (-1.0, 1.0), (1.0, -0.1)])
def test_a_curve_that_falls_is_refused(gain: float, bend: float) -> None:
    with pytest.raises(ValueError, match="a curve rises"):
        Curve(gain=gain, bend=bend)


# Two drugs at one site.

LOOKS = [hour / 2.0 for hour in range(1, 49)]


def switched(known: Knowledge, effect: str = "occupancy") -> np.ndarray:
    """Clonazepam 0.5 mg twice a day, replaced half by half with diazepam at what Ashton calls equal; half-hours."""
    people = typical_of(known, "clonazepam-tablet", "diazepam-oral", effect=effect)
    steps = [(0.5, 0.0)] * 7 + [(0.25, 5.0)] * 7 + [(0.0, 10.0)] * 60
    hours = np.array([8.0, 20.0])
    taken = {
        "clonazepam": Daily(hour=hours, dose_mg=np.array([[mg, mg] for mg, _ in steps])),
        "diazepam": Daily(hour=hours, dose_mg=np.array([[mg, mg] for _, mg in steps])),
    }
    found = days.follow(people, taken, LOOKS, used_days=200)
    return np.asarray(people.curve.of(found.drive[0].ravel()))


def test_a_switch_by_halves_at_an_equal_dose_is_one_smooth_curve(known: Knowledge) -> None:
    effect = switched(known)
    before = effect[: 7 * 48]
    swing = before.max() - before.min()
    # Nothing ever jumps: no half-hour moves the effect by more than the doses before the switch did, plus as much again.
    assert np.abs(np.diff(effect)).max() < 2.0 * np.abs(np.diff(before)).max()
    assert effect.min() > before.min() - swing
    # Where it ends is where it began, as near as the table's equality and the assumed potencies make it.
    assert effect[-48:].mean() == pytest.approx(before.mean(), rel=0.1)


@pytest.mark.parametrize("effect", ["straight", "occupancy", "amplified", "two-state"])
def test_a_switch_at_an_equal_dose_never_halves_or_doubles_the_effect_of_a_day(known: Knowledge, effect: str) -> None:
    by_day = switched(known, effect).reshape(-1, 48).mean(axis=1)
    assert (by_day / by_day[0]).min() > 0.7
    assert (by_day / by_day[0]).max() < 1.4


def test_what_two_drugs_do_together_is_what_the_sum_of_both_drives_does(known: Knowledge) -> None:
    people = typical_of(known, "clonazepam-tablet", "diazepam-oral")
    hours = np.array([8.0, 20.0])
    plans = {
        "clonazepam": Daily(hour=hours, dose_mg=np.full((5, 2), 0.5)),
        "diazepam": Daily(hour=hours, dose_mg=np.full((5, 2), 5.0)),
    }
    both = days.follow(people, plans, LOOKS).drive
    alone = [days.follow(people, {name: plan}, LOOKS).drive for name, plan in plans.items()]
    assert np.abs(both - alone[0] - alone[1]).max() < 1e-13
    # Competition for one site: together they do less than the sum of what each does.
    effects = [float(people.curve.of(each.max())) for each in (both, *alone)]
    assert max(effects[1:]) < effects[0] < effects[1] + effects[2]


def test_drugs_that_tables_call_equal_drive_the_site_alike_within_what_the_tables_differ(known: Knowledge) -> None:
    # The potencies were scaled so; those of alprazolam stand by themselves and come to half, within the tables' twofold.
    equal = {"clonazepam-tablet": 0.5, "lorazepam-oral": 1.0, "alprazolam-oral": 0.5, "diazepam-oral": 10.0, "temazepam-oral": 20.0}  # fmt: skip
    drives = {}
    for key, daily_mg in equal.items():
        people = typical_of(known, key)
        drug = known.kinetics[key].drug
        level = people.modes[drug].area()[0] * daily_mg / 24.0
        drives[key] = float((level / people.potency[drug][0]).sum())
    assert all(0.04 < drive < 0.12 for drive in drives.values()), drives
