"""What can be made, against trying every combination of pieces."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import TODAY
from tests.strategies.cases import a_case

from opentaper import load
from opentaper.plan.day import present_day

KNOWN = load(TODAY)
SOLIDS = [
    "us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg", "us-clonazepam-tablet-2mg", "us-clonazepam-odt-0.125mg",
    "us-clonazepam-odt-0.25mg", "us-clonazepam-tablet-1mg-klonopin",
]  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(SOLIDS), min_size=1, max_size=3, unique=True),
    st.integers(1, 4),
    st.sampled_from(["whole", "half"]),
)
def test_an_intake_is_made_with_the_fewest_pieces_that_any_combination_has(
    keys: list[str], cap: int, pieces: str
) -> None:
    case = a_case(KNOWN, intakes={"night": "4 mg"}, products=keys, supply={"pieces": pieces, "pieces_per_intake": cap})
    dispensary = present_day(case, KNOWN).dispensary
    parts = {
        (KNOWN.products[key].strength.mg * part, part != 1)  # type: ignore[union-attr]
        for key in keys
        for part in ({Fraction(1), case.supply.part_of(KNOWN.products[key])})
    }
    fewest: dict[Fraction, tuple[int, int]] = {Fraction(0): (0, 0)}
    for count in range(1, cap + 1):
        for combination in combinations_with_replacement(sorted(parts), count):
            dose = sum((mg for mg, _ in combination), Fraction(0))
            halves = sum(split for _, split in combination)
            if dose <= 4 and (count, halves) < fewest.get(dose, (99, 99)):
                fewest[dose] = (count, halves)
    made = {
        dispensary.dose(units).mg: (each.effort.pieces, each.effort.prepared) for units, each in dispensary.made.items()
    }
    assert made == fewest


@pytest.mark.parametrize("times", [("night",), ("morning", "night"), ("morning", "midday", "night")])
def test_the_levels_of_a_day_are_every_sum_of_its_intakes(times: tuple[str, ...]) -> None:
    keys = ["uk-lorazepam-tablet-0.5mg", "uk-lorazepam-tablet-1mg", "uk-lorazepam-tablet-2.5mg"]
    case = a_case(KNOWN, "lorazepam", dict.fromkeys(times, "2.5 mg"), products=keys)
    day = present_day(case, KNOWN)
    doses = [units for units in day.dispensary.made if units <= day.present[0]]
    assert day.levels == sorted({sum(split) for split in product(doses, repeat=len(times))}, reverse=True)
    for units in day.levels:
        best = min(
            (split for split in product(doses, repeat=len(times)) if sum(split) == units),
            key=lambda split: (sorted(split, reverse=True), split),
        )
        assert day.candidates(units)[0] == best


def test_the_larger_intake_is_cut_first_and_the_earlier_among_equals() -> None:
    case = a_case(KNOWN, intakes={"morning": "0.5 mg", "night": "1 mg"}, products=["us-clonazepam-tablet-0.5mg"])
    day = present_day(case, KNOWN)
    path = [
        day.dispensary.units(each)
        for each in map(day.dispensary.dose, [level for level in day.levels if level < sum(day.present)])
    ]
    shared = [tuple(str(day.dispensary.dose(dose)) for dose in split) for split in day.share_out(path)]
    assert shared == [
        ("0.5 mg", "0.75 mg"),
        ("0.5 mg", "0.5 mg"),
        ("0.25 mg", "0.5 mg"),
        ("0.25 mg", "0.25 mg"),
        ("0 mg", "0.25 mg"),
        ("0 mg", "0 mg"),
    ]


@pytest.mark.parametrize(
    "key",
    [key for key, each in KNOWN.products.items() if each.form != "tablet" and each.strength is not None],
)
def test_nothing_but_a_plain_tablet_is_ever_split(key: str) -> None:
    assert KNOWN.products[key].finest_part == 1


def test_a_score_that_nobody_knows_allows_no_splitting() -> None:
    unknown = [each for each in KNOWN.products.values() if each.score == "unknown"]
    assert len(unknown) > 50
    assert all(each.finest_part == 1 for each in unknown)


def test_drops_are_counted_whole_and_printed_exactly() -> None:
    case = a_case(KNOWN, "diazepam", {"night": "10 mg"}, products=["fr-diazepam-drops-10mg-per-ml"])
    dispensary = present_day(case, KNOWN).dispensary
    doses = [dispensary.dose(units) for units in dispensary.made]
    assert {str(dose) for dose in doses} == {f"{mg} mg" for mg in range(11)}, "three drops are 1 mg; one has no decimal"
    assert all(
        portion.drops is not None and portion.drops.denominator == 1
        for each in dispensary.made.values()
        for portion in each.portions
    )


def test_a_liquid_counts_a_piece_for_every_five_millilitres() -> None:
    case = a_case(
        KNOWN,
        intakes={"night": "2 mg"},
        products=["uk-clonazepam-solution-0.1mg-per-ml"],
        supply={"pieces_per_intake": 2},
    )
    dispensary = present_day(case, KNOWN).dispensary
    assert max(dispensary.dose(units) for units in dispensary.made).decimal == "1"
    assert all(each.effort.pieces == ceil(each.effort.volume / 5) for each in dispensary.made.values())
