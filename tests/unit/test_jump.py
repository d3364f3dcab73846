"""A dose that a slip of ten would explain asks for a reason before it is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.strategies.record import by

from opentaper.care import Recorded, Refusal, open_case, unsure
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, case_of, jumps
from opentaper.patient.jump import RULE
from opentaper.record import Answer


def a_case(known: Knowledge, *doses: str, drug: str = "clonazepam", country: str = "US") -> Case:
    times = ("morning", "midday", "evening", "night")
    intakes = ", ".join(f'{{ time = "{time}", dose = "{dose}" }}' for time, dose in zip(times, doses, strict=False))
    return case_of(
        f'[patient]\n[[taking]]\ndrug = "{drug}"\nintakes = [{intakes}]\n[goal]\nof = "{drug}"\ndaily = "0 mg"\n'
        f'starts_on = 2026-12-01\n[supply]\ncountry = "{country}"\n',
        known,
    )


@pytest.mark.parametrize(
    ("before", "now", "asks"),
    [
        (("2 mg",), ("20 mg",), True), (("2 mg",), ("19.9 mg",), True), (("1 mg",), ("2 mg",), False),
        (("0.25 mg",), ("2.5 mg",), True), (("0.25 mg",), ("2.25 mg",), False), (("2.5 mg",), ("0.25 mg",), True),
        (("2.5 mg",), ("0.375 mg",), False), (("2 mg",), ("2 mg",), False), (("20 mg",), ("20 mg",), False),
        (("1 mg", "1 mg"), ("1 mg", "10 mg"), True), (("0.5 mg", "0.5 mg"), ("0.5 mg", "1 mg"), False),
        (("0.25 mg",), ("0.25 mg", "2.5 mg"), True), (("20 mg",), ("18 mg",), False),
    ],
)  # fmt: skip
def test_a_dose_of_ten_times_or_a_tenth_of_what_was_recorded_asks_why(
    known: Knowledge, before: tuple[str, ...], now: tuple[str, ...], asks: bool
) -> None:
    assert bool(jumps(a_case(known, *now), a_case(known, *before), known)) == asks


@pytest.mark.parametrize(
    ("drug", "dose", "asks"),
    [
        ("clonazepam", "3 mg", False), ("clonazepam", "3.125 mg", True), ("diazepam", "30 mg", False),
        ("diazepam", "32 mg", True), ("alprazolam", "0.5 mg", False), ("alprazolam", "5 mg", True),
        ("lorazepam", "2 mg", False), ("lorazepam", "20 mg", True), ("zolpidem", "10 mg", False),
    ],
)  # fmt: skip
def test_a_new_dose_above_what_every_table_sends_to_a_specialist_asks_why(
    known: Knowledge, drug: str, dose: str, asks: bool
) -> None:
    found = jumps(a_case(known, dose, drug=drug), None, known)
    assert bool(found) == asks
    if asks:
        assert "nhs-lanarkshire-2022" in found[0].says and found[0].where == f"{dose} of {drug} a day"


def test_a_drug_that_no_table_knows_asks_why(known: Knowledge) -> None:
    case = a_case(known, "1 mg")
    [found] = jumps(case, None, replace(known, equivalences={}))
    assert "no published table knows" in found.says


def test_a_reason_counts_for_its_own_dose_alone_and_is_kept(known: Knowledge) -> None:
    case = a_case(known, "20 mg")
    [jump] = jumps(case, None, known)
    refused = unsure(case, None, known, ())
    assert isinstance(refused, Refusal) and jump.says in refused.says
    other = Answer(rule=RULE, where="2 mg of clonazepam a day", reason="as on the discharge letter")
    assert isinstance(unsure(case, None, known, [other]), Refusal)
    reason = Answer(rule=RULE, where=jump.where, reason="as on the discharge letter")
    assert unsure(case, None, known, [reason]) is None
    kept = open_case("Maria Test", case, by=by(), answers=(reason,))
    assert isinstance(kept, Recorded) and kept.events[0].what.answers == (reason,)  # type: ignore[union-attr]
