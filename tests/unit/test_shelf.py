"""What is on the shelf: the same doses exactly, or none, with the nearest; and what has to be broken or measured."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.editions import a_step

from opentaper import Case, Knowledge, Regimen, propose
from opentaper.exchange import prepared
from opentaper.plan import collections, recompose
from opentaper.quantity import Dose, Span


def usual(case: Case, known: Knowledge) -> Regimen:
    return next(each for each in propose(case, known, only="usual").plans).regimen


def shelf(known: Knowledge, *keys: str) -> list[Any]:
    return [known.products[f"us-clonazepam-{key}"] for key in keys]


@pytest.mark.parametrize(
    "keys",
    [("tablet-0.5mg",), ("tablet-1mg", "odt-0.125mg"), ("odt-0.125mg",), ("tablet-0.5mg", "tablet-1mg", "odt-0.25mg")],
)
def test_a_step_is_the_same_dose_at_every_time_or_none_and_only_from_the_shelf(
    known: Knowledge, keys: tuple[str, ...]
) -> None:
    case = a_case(known)
    plan, there = usual(case, known), shelf(known, *keys)
    found = recompose(plan, there, case, known, on=TODAY)
    assert [each.step for each in found] == list(plan.steps)
    for each in found:
        if each.made is None:
            assert each.unmade
            continue
        assert {i.time: i.dose for i in each.made.intakes} == {i.time: i.dose for i in each.step.intakes}
        for intake in each.made.intakes:
            assert intake.portions is not None and {portion.product for portion in intake.portions} <= {*there}
            assert sum(portion.pieces for portion in intake.portions) <= case.supply.pieces_per_intake


def test_what_is_near_a_dose_that_cannot_be_made_can_be_made_itself(known: Knowledge) -> None:
    case = a_case(known)
    found = recompose(usual(case, known), shelf(known, "tablet-1mg"), case, known, on=TODAY)
    unmade = [one for each in found for one in each.unmade]
    assert unmade
    for one in unmade:
        for near in (one.below, one.above):
            assert near is None or (near.mg / Fraction(1, 2)).denominator == 1
        assert (one.below or Dose(Fraction(0))).mg < one.dose.mg and (one.above is None or one.above.mg > one.dose.mg)


def test_what_is_on_the_shelf_already_changes_nothing(known: Knowledge) -> None:
    case = a_case(known)
    plan = usual(case, known)
    used = {portion.product for _, _, portion in plan.portions()}
    assert not any(
        each.changed for each in recompose(plan, sorted(used, key=lambda each: each.key), case, known, on=TODAY)
    )


def test_an_empty_shelf_makes_nothing_but_nothing(known: Knowledge) -> None:
    case = a_case(known)
    found = recompose(usual(case, known), (), case, known, on=TODAY)
    assert all((each.made is None) == bool(each.step.intakes) for each in found)


def test_what_is_broken_is_counted_by_hand(known: Knowledge) -> None:
    key = "us-clonazepam-tablet-0.5mg"
    step = a_step(known, TODAY, None, morning={key: Fraction(3, 2)}, night={key: Fraction(1, 2)})
    [one] = prepared((step,), TODAY, TODAY.replace(day=8), known)
    assert (one.halves, one.quarters, one.broken) == (14, 0, 7)
    assert collections(Regimen(steps=(step,)), Span(7))[0].items[0].amount == 14


def test_a_volume_has_the_smallest_syringe_that_holds_it(known: Knowledge) -> None:
    liquid = next(
        each for each in known.products.values() if each.drug == "diazepam" and each.liquid and not each.mg_per_drop
    )
    for volume, size in ((Fraction(1, 2), 1), (Fraction(3), 3), (Fraction(31, 10), 5), (Fraction(21), None)):
        step = a_step(known, TODAY, None, night={liquid.key: volume})
        [one] = prepared((step,), TODAY, TODAY.replace(day=8), known)
        assert (one.volumes, one.syringe_ml) == ((volume,), size)
