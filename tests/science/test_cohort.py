"""Many people: the same ones for the same seed, the same bands on one core and on many, and memory that stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from opentaper import Case, Knowledge, propose, read_case
from opentaper.pharmacology import Simulation, WhatIf, days, simulate
from opentaper.pharmacology.cohort import BINS, MOST, Bands, _quantiles, bands, in_blocks, looked
from opentaper.pharmacology.kinetics import Disposition
from opentaper.pharmacology.people import BLOCK, Assumptions, Body, drawn, typical
from opentaper.pharmacology.seam import clearance_ratio, clearance_row

EXAMPLE = Path(__file__).parents[2] / "examples" / "clonazepam-2mg.toml"


@pytest.fixture(scope="module")
def case(known: Knowledge) -> Case:
    return read_case(EXAMPLE, known)


@pytest.fixture(scope="module")
def usual(case: Case, known: Knowledge) -> Simulation:
    plan = next(each for each in propose(case, known).plans if each.name == "usual")
    return simulate(case, plan.regimen, known, people=256, rivals=False)


def of(simulation: Simulation, count: int, *, seed: int = 1, cores: int = 1) -> Bands:
    return bands(simulation.course, simulation.assumed, simulation.body, count, seed=seed, cores=cores)


def test_one_core_and_many_give_the_same_bands_to_the_last_digit(usual: Simulation) -> None:
    one, three = of(usual, 5_000), of(usual, 5_000, cores=3)
    for measure, values in one.of.items():
        assert np.array_equal(values, three.of[measure]), measure


def test_the_same_seed_gives_the_same_people_and_another_seed_gives_others(usual: Simulation) -> None:
    first, again, other = of(usual, 1_500), of(usual, 1_500), of(usual, 1_500, seed=2)
    assert np.array_equal(first.of["withdrawal"], again.of["withdrawal"])
    assert not np.array_equal(first.of["withdrawal"], other.of["withdrawal"])


def test_the_first_of_more_people_are_the_same_people(usual: Simulation) -> None:
    few = list(drawn(usual.assumed, usual.body, 100, seed=7))
    many = list(drawn(usual.assumed, usual.body, BLOCK + 50, seed=7))
    assert [len(each) for each in many] == [BLOCK, 50]
    assert np.array_equal(few[0].tau_h, many[0].tau_h[:100])
    assert np.array_equal(few[0].modes["clonazepam"].weights, many[0].modes["clonazepam"].weights[:100])


@pytest.mark.parametrize("people", [1, 2, 7, 20, 1_000, MOST])
def test_counted_quantiles_are_those_of_walking_through_the_bins(people: int) -> None:
    """Walk from bin to bin, exactly, until as many people are below as are asked for."""
    dice = np.random.default_rng(people)
    counted = dice.multinomial(people, dice.dirichlet(np.full(BINS - 1, 0.01)), size=5)
    counted = np.hstack([counted, np.zeros((5, 1), dtype=np.int64)]).astype(np.uint32)
    at = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    for day, row in enumerate(counted.tolist()):
        for place, share in enumerate(at):
            left, bin_ = Fraction(float(np.float64(share) * people)), 0
            while left > row[bin_]:
                left, bin_ = left - row[bin_], bin_ + 1
            expected = (bin_ + left / max(row[bin_], 1)) * 2
            assert _quantiles(counted.copy(), at, 2.0 * BINS)[place, day] == pytest.approx(float(expected), rel=1e-12)


def test_counted_quantiles_are_those_of_sorting_everybody_to_within_a_bin(usual: Simulation) -> None:
    found = of(usual, 3_000)
    everybody = list(in_blocks(usual.course, usual.assumed, usual.body, 3_000, seed=1))
    for measure, bin_ in (("withdrawal", 0.001), ("effect", 0.001), ("adapted", 0.001)):
        values = np.concatenate([each.each()[measure] for each in everybody])
        low = np.quantile(values, found.at, axis=0, method="lower")
        high = np.quantile(values, found.at, axis=0, method="higher")
        assert (found.of[measure] >= low - bin_).all(), measure
        assert (found.of[measure] <= high + bin_).all(), measure


def test_the_cohort_and_the_days_of_one_person_agree(usual: Simulation) -> None:
    # Two ways that share no line: the kernel from a standing start, and products of arrays through 120 days before.
    course = usual.course
    crowd = next(drawn(usual.assumed, usual.body, 64, seed=5))
    (found,) = looked(course, [crowd])
    other = days.follow(crowd, course.taken, (8.0,), used_days=course.standing)
    kept = slice(course.before, None)
    level = other.level["clonazepam"][:, kept, 0, 0]
    assert np.abs(found.level["clonazepam"] - level).max() < 1e-6 * level.max()
    whole = other.mean[:, course.before - 1][:, None]
    adapted = np.einsum("pdk,pk->pd", other.adapted[:, kept, 0], crowd.share) / whole
    assert np.abs(found.adapted - adapted).max() < 1e-5
    assert np.abs(found.effect - crowd.curve.of(other.drive[:, kept, 0]) / whole).max() < 1e-6


def test_people_differ_as_the_base_says(usual: Simulation) -> None:
    crowd = next(drawn(usual.assumed, Body(clearance_ratio={}), BLOCK, seed=3))
    clearance = crowd.chains["clonazepam"].disposition.clearance
    assert np.std(np.log(clearance)) == pytest.approx(np.sqrt(np.log(1 + 0.35**2)), rel=0.08)
    assert np.exp(np.mean(np.log(clearance))) == pytest.approx(3.7, rel=0.05)
    protracted = (crowd.share[:, 2] > 0).mean()
    assert 0.09 < protracted < 0.16
    assert np.allclose(crowd.share.sum(axis=1), 1.0)
    assert (crowd.share >= 0.0).all()


def test_a_heavier_person_clears_more_and_fills_more(usual: Simulation) -> None:
    one, two = (typical(usual.assumed, Body(weight_kg=kg, clearance_ratio={})) for kg in (70.0, 140.0))
    assert two.chains["clonazepam"].disposition.clearance / one.chains["clonazepam"].disposition.clearance == (
        pytest.approx(2.0**0.75)
    )
    assert two.chains["clonazepam"].disposition.central / one.chains["clonazepam"].disposition.central == pytest.approx(
        2.0
    )


def test_a_cohort_refuses_nobody_and_a_clearance_that_moves(usual: Simulation, case: Case, known: Knowledge) -> None:
    with pytest.raises(ValueError, match="at most 4294967295 people"):
        of(usual, MOST + 1)
    with pytest.raises(ValueError, match="at least one person"):
        of(usual, 0)
    plan = propose(case, known).plans[0]
    what_if = WhatIf(begun=(("carbamazepine", plan.starts_on + dt.timedelta(days=10)),))
    moving = simulate(case, plan.regimen, known, people=0, rivals=False, what_if=what_if)
    with pytest.raises(ValueError, match="moves"):
        of(replace(moving), 10)


def test_age_changes_what_a_source_says_it_changes_and_nothing_when_it_is_unknown(known: Knowledge) -> None:
    def diazepam(years: int | None) -> Disposition:
        assumed = Assumptions(
            kinetics={"diazepam": known.kinetics["diazepam-oral"]},
            effect=known.effects["occupancy"],
            potencies=known.potencies,
            adaptation=known.adaptation,
        )
        return typical(assumed, Body(years=years, clearance_ratio={})).chains["diazepam"].disposition

    young, old, unknown = diazepam(30), diazepam(70), diazepam(None)
    assert old.central / young.central == pytest.approx(1.58)  # d-herman-1996
    assert old.clearance == young.clearance
    assert unknown.central == young.central


def test_the_figure_of_one_medicine_is_used_before_one_for_several(known: Knowledge) -> None:
    for other, low, high in (("phenytoin", 1.46, 1.58), ("phenobarbital", 1.19, 1.24), ("carbamazepine", 1.23, 1.59)):
        row = clearance_row("clonazepam", other, known)
        assert row is not None
        assert row.others == (other,)
        assert low <= clearance_ratio(row) <= high  # d-khoo-1980 prints clearance, d-lai-1978 the level
