"""Exact amounts: read, computed, printed, said."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentaper.quantity import (
    AmountError,
    Dose,
    Rate,
    Share,
    Span,
    decimal_text,
    ends_as_decimal,
    exact,
)

decimals = st.builds(lambda units, places: Fraction(units, 10**places), st.integers(0, 10**6), st.integers(0, 6))


@given(decimals)
def test_an_exact_decimal_is_printed_without_trailing_zero_and_read_back(number: Fraction) -> None:
    text = decimal_text(number)
    assert exact(text) == number
    assert not text.startswith(".")
    assert not ("." in text and text.endswith(("0", ".")))


@given(decimals.filter(lambda number: number <= 10_000))
def test_a_dose_is_printed_and_read_back_exactly(number: Fraction) -> None:
    assert Dose.read(str(Dose(number))) == Dose(number)


def test_what_has_no_exact_decimal_is_never_rounded_unasked() -> None:
    with pytest.raises(ValueError, match="1/3"):
        str(Dose(Fraction(1, 3)))
    assert Dose(Fraction(1, 3)).about == "≈0.3 mg"
    assert not ends_as_decimal(Fraction(1, 30))


@pytest.mark.parametrize(
    ("text", "share"), [("10 %", "1/10"), ("12.5 %", "1/8"), ("1/4", "1/4"), ("100 %", "1"), ("0.5%", "1/200")]
)
def test_a_share_is_read_exactly(text: str, share: str) -> None:
    assert Share.read(text).of == Fraction(share)


@pytest.mark.parametrize(
    "text", ["10", "0 %", "101 %", "-5 %", "10 percent", "% 10", "1/0", "5/4", "1e1 %", ".5 %", "10 % of", "10,5 %"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        Share.read(text)


@pytest.mark.parametrize(
    ("share", "printed"),
    [(Fraction(1, 8), "12.5 %"), (Fraction(1, 3), "≈33.3 %"), (Fraction(1), "100 %"), (Fraction(3, 16), "18.75 %")],
)
def test_a_rounded_share_says_so(share: Fraction, printed: str) -> None:
    assert str(Share(share)) == printed


def test_a_rate_needs_whole_periods_rounded_up() -> None:
    rate = Rate(Share(Fraction(1, 4)), Span(14))
    assert [
        rate.span_for(Share(cut)).days for cut in (Fraction(1, 8), Fraction(1, 4), Fraction(1, 3), Fraction(1))
    ] == [14, 14, 28, 56]


@pytest.mark.parametrize("days", [-1, 4_000, True, 1.5, "14"])
def test_an_absurd_span_is_refused(days: object) -> None:
    with pytest.raises(AmountError):
        Span(days)  # type: ignore[arg-type]


def test_a_dose_is_never_negative_nor_a_float() -> None:
    with pytest.raises(AmountError):
        Dose.read("1 mg") - Dose.read("2 mg")
    with pytest.raises(TypeError):
        Dose(0.5)  # type: ignore[arg-type]
