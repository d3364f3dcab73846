"""Every published number is held against the models, or it is said why not; and what they miss is never hidden.

What is compared with what stands in `docs/validation/checks.py`, one table for these tests and for the page
`docs/explanation/validation.md`: an observation of the base is in `CHECKS`, with how its number comes about and what
counts as agreement, or in `NOT_MODELLED`, with the reason.
"""

from __future__ import annotations

import datetime as dt
from math import exp, log

import numpy as np
import pytest
from docs.validation import checks, courses, levels, page
from docs.validation.checks import CHECKS, CODE, NOT_MODELLED, ORIGINS, Check

from opentaper import Regimen, load
from opentaper.patient import Step, case_from
from opentaper.pharmacology import days, follow, simulate
from opentaper.pharmacology.days import Daily
from opentaper.pharmacology.effect import STRAIGHT
from opentaper.pharmacology.follow import Taken
from tests.conftest import TODAY
from tests.science.solver import Drug
from tests.strategies.cases import raw_case
from tests.strategies.pharmacology import somebody, typical_of

KNOWN = load(TODAY)
EFFECTS = sorted(KNOWN.effects)

MISSES = {
    ("czp-kor-auc", "clonazepam-tablet", ""): 1622,
    ("czp-kor-half-life", "clonazepam-tablet", ""): 40.26,
    ("czp-yukawa-css", "clonazepam-tablet", ""): 21.66,
    ("czp-kaplan-cmax", "clonazepam-tablet", ""): 15.46,
    ("czp-crev-po-cmax", "clonazepam-kruizinga-2022", ""): 9.851,
    ("czp-crev-po-auc0-inf", "clonazepam-kruizinga-2022", ""): 671.1,
    ("czp-crev-po-half-life", "clonazepam-kruizinga-2022", ""): 56.66,
    ("czp-green05-po-half-life", "clonazepam-kruizinga-2022", ""): 56.66,
    ("czp-green05-po-apparent-clearance", "clonazepam-kruizinga-2022", ""): 49.67,
    ("czp-green05-po-accumulation-ratio-day7-day1", "clonazepam-kruizinga-2022", ""): 4.825,
    ("czp-ch-ss-cmin-ss-pre-dose", "clonazepam-kruizinga-2022", ""): 79.59,
    ("czp-crev-po-cmax", "clonazepam-greenblatt-2005", ""): 7.666,
    ("czp-crev-po-auc0-inf", "clonazepam-greenblatt-2005", ""): 463.0,
    ("dzp-herman-iv-volume-young-men-20-30", "diazepam-oral", ""): 1.368,
    ("dzp-herman-iv-volume-elderly-men-60-75", "diazepam-oral", ""): 2.162,
    ("dzp-herman-iv-clearance-elderly-men-60-75", "diazepam-oral", ""): 0.3619,
    ("dzp-green21-half-life-diazepam-young-21-33", "diazepam-oral", ""): 43.68,
    ("dzp-green21-half-life-nordazepam-young-21-33", "diazepam-oral", ""): 59.69,
    ("dzp-green21-half-life-nordazepam-elderly-61-78", "diazepam-oral", ""): 119.4,
    ("dzp-green21-css-ratio", "diazepam-oral", "diazepam"): 1.0,
    ("dmdz-clz-po-cmax", "clorazepate-oral", ""): 150.9,
    ("lzp-green79-po-absorption-half-life-2-mg", "lorazepam-oral", ""): 29.71,
    ("lzp-green79-po-absorption-half-life-4-mg", "lorazepam-oral", ""): 29.71,
    ("w-petur-duration-of-full-withdrawal-syndrome", "lorazepam", ""): 7.79,
    ("w-petur-duration-of-full-withdrawal-syndrome", "diazepam", ""): 14.2,
    ("w-gillin-carry-over-benefit-then-mild-rebound", "flurazepam-oral", "benefit"): 0.667,
    ("clonazepam/duration-6-12", "clonazepam-tablet", "2 mg"): 15.95,
}
"""What the models get wrong, with what they say; whoever mends one takes it off here, and the page loses it."""

AGREEING = [check for check in CHECKS if check.key not in MISSES]
MISSING = [check for check in CHECKS if check.key in MISSES]


def named(check: Check) -> str:
    return "-".join(part for part in check.key if part)


# Nothing is left out.


def test_every_observation_is_compared_or_it_is_said_why_not() -> None:
    assert checks.silent(KNOWN) == []


def test_no_observation_is_both_compared_and_called_silent_and_none_is_made_up() -> None:
    compared = {check.of for check in CHECKS}
    assert not compared & set(NOT_MODELLED)
    assert set(NOT_MODELLED) <= set(KNOWN.observations)
    assert all("/" in key or key in KNOWN.observations for key in compared)
    assert all(len(why) > 20 for why in NOT_MODELLED.values())


def test_every_comparison_has_a_name_of_its_own_and_says_whether_the_model_was_set_by_it() -> None:
    assert len({check.key for check in CHECKS}) == len(CHECKS)
    assert {check.origin for check in CHECKS} == set(ORIGINS)
    assert set(MISSES) <= {check.key for check in CHECKS}


def test_levels_computed_from_a_published_model_check_the_code_and_are_never_called_evidence() -> None:
    for check in CHECKS:
        if "/" not in check.of:
            derived = KNOWN.observations[check.of].kind == "model-derived"
            assert (check.origin == CODE) == derived, check.of


# Each comparison.


@pytest.mark.parametrize("check", AGREEING, ids=named)
def test_the_model_agrees_with_what_is_published(check: Check) -> None:
    found = checks.compared(KNOWN, check)
    assert found.agrees, f"{found.printed.says}: prints {found.printed.prints}, the model says {found.found}"


@pytest.mark.parametrize("check", MISSING, ids=named)
def test_a_known_miss_is_still_this_miss(check: Check) -> None:
    found = checks.compared(KNOWN, check)
    assert not found.agrees
    assert found.found == pytest.approx(MISSES[check.key], rel=0.01)


def test_the_page_says_what_it_was_generated_to_say_and_shows_every_miss() -> None:
    for name, text in page.files(KNOWN).items():
        there = (page.FOLDER / name).read_text(encoding="utf-8")
        assert there == text, f"{name} is out of date: run `make validation`"
    written = (page.FOLDER / page.NAME).read_text(encoding="utf-8")
    assert "Modelled, pending review." in written
    assert set(page.MEANS) == set(MISSES)
    assert written.count("**MISS**") == len(MISSES)
    for key in KNOWN.observations:
        assert KNOWN.observations[key].says in written, key


# Named by the evidence review, beyond single rows.


def test_two_milligrams_of_clonazepam_in_a_tablet_give_the_levels_that_were_measured() -> None:
    one = levels.single(KNOWN, "clonazepam-tablet", 2.0)
    assert 12.0 <= one.cmax <= 18.0
    assert 1.0 <= one.tmax_h <= 3.0
    assert 500.0 <= one.area() <= 570.0
    assert 330.0 <= one.area(72.0) <= 420.0
    assert 38.0 <= one.half_life_h <= 43.0


def test_the_solution_of_kruizinga_gives_the_review_s_profile_to_the_printed_digit() -> None:
    hours = [0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0]
    found = levels.single(KNOWN, "clonazepam-kruizinga-2022", 1.0).at(hours)
    assert found.round(3).tolist() == [3.356, 4.607, 4.854, 4.152, 3.717, 3.050, 2.274]


@pytest.mark.parametrize(("every_h", "times"), [(24.0, 2.9), (12.0, 5.2), (8.0, 7.5)])
def test_the_label_s_accumulation_is_that_of_a_half_life_of_39_hours(every_h: float, times: float) -> None:
    rate = log(2.0) / 39.0
    quick = Drug(ways=((100.0, 1.0),), clearance=100.0 * rate, central=100.0)
    people = somebody({"x": quick}, {"x": [1.0]})
    taken = Taken(time_h=np.arange(0.0, 1200.0, every_h), dose_mg=np.ones(round(1200.0 / every_h)))
    troughs = follow.levels(people, {"x": taken}, np.array([every_h, 1200.0]), "x")[0]
    assert troughs[1] / troughs[0] == pytest.approx(1.0 / (1.0 - exp(-rate * every_h)), rel=1e-6)
    assert troughs[1] / troughs[0] == pytest.approx(times, abs=0.05)


def test_carbamazepine_from_the_eighth_day_lowers_the_level_by_a_fifth_to_a_third_within_5_to_15_days() -> None:
    fall = {after: 1.0 - levels.trough_ratio(KNOWN, "clonazepam-tablet", "carbamazepine", after_days=after) for after in (2, 5, 15)}  # fmt: skip
    assert fall[2] < 0.19
    assert 0.19 <= fall[15] <= 0.37
    assert fall[5] >= 0.5 * fall[15]


@pytest.mark.parametrize("effect", EFFECTS)
def test_withdrawal_peaks_later_and_lower_the_longer_a_drug_stays(effect: str) -> None:
    found = [courses.abrupt(KNOWN, drug, effect) for drug in ("triazolam", "lorazepam", "clonazepam", "diazepam")]
    assert [each.peak_day for each in found] == sorted(each.peak_day for each in found)
    assert [each.peak for each in found] == sorted((each.peak for each in found), reverse=True)
    assert found[0].peak_day < 1.0
    assert 1.0 <= found[1].peak_day <= 3.0
    assert 3.5 <= found[2].peak_day <= 6.5
    assert 4.0 <= found[3].peak_day <= 7.5


@pytest.mark.parametrize("effect", EFFECTS)
def test_four_weeks_after_an_abrupt_stop_less_than_a_fifth_of_the_peak_is_left(effect: str) -> None:
    for drug in courses.ABRUPT:
        found = courses.abrupt(KNOWN, drug, effect)
        assert found.at(28.0) < 0.07, drug
        assert found.at(28.0) < 0.2 * found.peak, drug


@pytest.mark.parametrize("effect", EFFECTS)
def test_six_weeks_of_use_leave_far_less_to_lack_than_years_do_whatever_the_effect(effect: str) -> None:
    assert courses.moroz_peak(KNOWN, effect) < 0.35 * courses.abrupt(KNOWN, "clonazepam", effect).peak


@pytest.mark.parametrize("effect", EFFECTS)
def test_symptoms_last_for_months_only_in_those_with_the_slow_process(effect: str) -> None:
    usual = courses.abrupt(KNOWN, "clonazepam", effect)
    slow = courses.abrupt(KNOWN, "clonazepam", effect, protracted=True)
    assert usual.at(56.0) < 0.01
    assert slow.at(56.0) > 0.1


def test_triazolam_rebounds_on_the_first_night_or_two_after_a_week_of_use_and_not_much() -> None:
    for nights in (7, 10):
        found = courses.stop(KNOWN, "triazolam-oral", (22.0,), (0.5,), used_days=nights, after_days=14)
        asleep = [
            float(found.withdrawal[(found.day >= night) & (found.day <= night + 0.375)].mean()) for night in range(1, 6)
        ]
        assert asleep == sorted(asleep, reverse=True)
        assert asleep[2] < 0.5 * asleep[0]
        assert asleep[0] < 0.3


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_single_dose_begins_within_the_hour_and_at_half_a_milligram_lasts_hours_and_not_days(effect: str) -> None:
    begins, lasts = checks._felt(KNOWN, 0.5, effect)
    assert 0.1 <= begins <= 1.0
    assert 6.0 <= lasts <= 24.0  # 22 h where the effect is amplified, 9 to 11 h else


@pytest.mark.parametrize(
    ("half_life_h", "day"), [(2.5, 0.6), (11.0, 1.9), (14.0, 2.2), (40.0, 4.3), (70.0, 6.0), (90.0, 6.9)]
)
def test_one_process_of_nine_days_peaks_on_the_days_that_the_review_worked_out(half_life_h: float, day: float) -> None:
    # W = kτ/(kτ - 1)·(e^-t/τ - e^-kt); the review leaves the factor out, which moves no peak but raises all of them.
    rate, tau = log(2.0) / half_life_h, 216.0
    quick = Drug(ways=((400.0, 1.0),), clearance=100.0 * rate, central=100.0)
    people = somebody({"x": quick}, {"x": [1.0]}, curve=STRAIGHT, tau_h=(tau, tau, tau))
    stopped = Daily(hour=np.arange(0.0, 24.0, 0.5), dose_mg=np.vstack([np.ones((1, 48)), np.zeros((40, 48))]))
    found = days.follow(people, {"x": stopped}, [*stopped.hour[1:].tolist(), 24.0], used_days=10**5)
    lacking = ((found.adapted[0, ..., 0] - found.drive[0]) / found.mean[0, 0]).ravel()
    hour = 0.5 * np.arange(1, len(lacking) + 1) - 24.0
    factor = rate * tau / (rate * tau - 1.0)
    right = factor * (np.exp(-hour / tau) - np.exp(-rate * hour))
    after = hour >= 1.0
    assert lacking[after] == pytest.approx(right[after], abs=0.06)
    assert hour[after][np.argmax(lacking[after])] / 24.0 == pytest.approx(day, abs=0.15)


# Honesty about what nobody measured.


def test_in_old_people_diazepam_stays_longer_and_what_the_ratios_overdo_is_on_the_page() -> None:
    levels_of = []
    for born in (1996, 1948):
        raw = raw_case("diazepam", {"morning": "5 mg", "night": "5 mg"})
        raw["patient"]["born"] = dt.date(born, 5, 2)
        stop = Regimen(steps=(Step(drug="diazepam", from_=TODAY, until=None, intakes=()),))
        found = simulate(case_from(raw, KNOWN, "case.toml"), stop, KNOWN, people=0, rivals=False)
        levels_of.append(found.middle.level["diazepam"][0])
    assert levels_of[1][7] > 1.5 * levels_of[0][7]
    assert {key[0] for key in MISSES} >= {"dzp-herman-iv-volume-elderly-men-60-75", "dzp-green21-half-life-nordazepam-elderly-61-78"}  # fmt: skip


def test_between_doses_of_short_acting_drugs_the_model_finds_withdrawal_that_a_reader_must_be_told_of() -> None:
    written = (page.FOLDER / page.NAME).read_text(encoding="utf-8")
    person = typical_of(KNOWN, "triazolam-oral")
    plan = Daily(hour=np.array([22.0]), dose_mg=np.array([[0.5]]))
    found = days.follow(person, {"triazolam": plan}, [22.0], used_days=3650)
    lacking = float((found.adapted[0, 0, 0] @ person.share[0]) - person.curve.of(found.drive[0, 0, 0]))
    assert lacking / float(found.mean[0, 0]) > 0.8
    assert "finds withdrawal between doses" in written
