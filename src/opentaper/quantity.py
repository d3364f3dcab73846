"""How much, how long: exactly.

Amounts are rational numbers of milligrams, shares are rational numbers, spans are whole days. Nothing
here rounds unless its name says so, and nothing here knows a drug.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, total_ordering
from math import ceil

from opentaper.frozen import dataclass

__all__ = [
    "AmountError",
    "Dose",
    "Rate",
    "Share",
    "Span",
    "decimal_text",
    "exact",
    "shown",
]

LARGEST_AMOUNT_MG = 10_000
"""An amount above this is refused when read: no oral dose of any medicine in the base is near 10 g."""

LONGEST_SPAN_DAYS = 3_660
LONGEST_SHOWN = 60
LONGEST_NUMBER = 24
"""Characters; a longer number is a mistake, and Python itself refuses to read very long ones."""

WRITE_A_NUMBER = 'a plain decimal such as "0.5" or a fraction such as "1/8"'

_NUMBER = re.compile(rf"(?=.{{1,{LONGEST_NUMBER}}}$)(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_FRACTION = re.compile(rf"(?=.{{1,{LONGEST_NUMBER}}}$)(0|[1-9][0-9]*)/([1-9][0-9]*)", re.ASCII)


def shown(value: object) -> str:
    """Show a value as it was got, on one short line, whatever it is.

    Example:
        >>> shown("1,5 mg"), len(shown("9" * 5000)) < 80
        ("'1,5 mg'", True)
    """
    if isinstance(value, str):
        start = value[:LONGEST_SHOWN]
        text = repr(start) if start.isprintable() else ascii(start)
        return text if len(value) <= LONGEST_SHOWN else f"{text}…"
    if isinstance(value, int) and abs(value) > 10**LONGEST_NUMBER:
        return "a number that is far too long"
    if isinstance(value, (int, float, Decimal, dt.date, dt.time)):
        return str(value)[:LONGEST_SHOWN].lower() if isinstance(value, bool) else str(value)[:LONGEST_SHOWN]
    return f"a {type(value).__name__}"


class AmountError(ValueError):
    """An amount that cannot be read without guessing: says what was got and what is allowed."""

    def __init__(self, got: object, problem: str, allowed: str) -> None:
        self.got, self.problem, self.allowed = got, problem, allowed
        super().__init__(f"{shown(got)}: {problem}; write {allowed}")


def exact(text: str) -> Fraction:
    """Read an exact number from a string, and nothing that needs a guess.

    Args:
        text: a decimal ("0.125") or a fraction of whole numbers ("1/8"), in ASCII digits.

    Raises:
        AmountError: for anything else, such as ".5", "5.", "1e1", "0,5", "-1", "NaN" or other scripts' digits.

    Example:
        >>> exact("0.125")
        Fraction(1, 8)
    """
    if not isinstance(text, str):
        raise AmountError(text, _why_not_a_number(text), WRITE_A_NUMBER)
    number = _number(text)
    if number is None:
        raise AmountError(text, _why_not_a_number(text), WRITE_A_NUMBER)
    return number


@lru_cache(maxsize=1024)
def _number(text: str) -> Fraction | None:
    """This function will read a number, once for all the times that the base has the same; None where it is none."""
    if match := _NUMBER.fullmatch(text):
        digits = (match[2] or ".")[1:]
        return Fraction(int(match[1] + digits), 10 ** len(digits))
    if match := _FRACTION.fullmatch(text):
        return Fraction(int(match[1]), int(match[2]))
    return None


def _why_not_a_number(text: object) -> str:
    """This function will name the commonest reason for which a number was refused."""
    if not isinstance(text, str):
        return f"a {type(text).__name__} is not exact text"
    reasons = (
        (not text.strip(), "it is empty"),
        (len(text) > LONGEST_NUMBER, "it is far too long"),
        (not text.isascii(), "it holds a character that is not plain ASCII"),
        ("," in text, "a comma can mean two things"),
        (text.strip().startswith("-"), "an amount is never negative"),
        (re.match(r"\s*\.", text) is not None, "the digit before the decimal point is missing"),
        (re.fullmatch(r"\s*[0-9]+\.\s*", text) is not None, "the digit after the decimal point is missing"),
        (re.search(r"[0-9][eE][+-]?[0-9]", text) is not None, "an exponent is easily misread"),
        (re.match(r"\s*0[0-9]", text) is not None, "a leading zero is easily misread"),
        (text != text.strip(), "it has space around it"),
    )
    return next((why for holds, why in reasons if holds), "it is not a number")


def decimal_text(number: Fraction) -> str:
    """Print an exact number as a decimal: no trailing zero, no missing leading zero.

    Raises:
        ValueError: when the decimal does not end (1/3), because printing it would be rounding.

    Example:
        >>> decimal_text(Fraction(5, 2)), decimal_text(Fraction(1, 8)), decimal_text(Fraction(10))
        ('2.5', '0.125', '10')
    """
    if not ends_as_decimal(number):
        raise ValueError(f"{number} has no exact decimal; print it as a fraction")
    sign, number = ("-", -number) if number < 0 else ("", number)
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str((number * 10**places).numerator).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def ends_as_decimal(number: Fraction) -> bool:
    """This function will say whether a number can be printed exactly with decimals.

    Example:
        >>> ends_as_decimal(Fraction(1, 8)), ends_as_decimal(Fraction(1, 3))
        (True, False)
    """
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


@total_ordering
@dataclass(frozen=True, slots=True)
class Dose:
    """An exact amount of a drug.

    Args:
        mg: the amount [mg], never negative.

    Example:
        >>> Dose.read("125 mcg") == Dose.read("0.125 mg")
        True
        >>> str(Dose.read("0.5 mg") * 3)
        '1.5 mg'
    """

    mg: Fraction

    def __hash__(self) -> int:
        # A Fraction's own takes an inverse, to equal that of a float.
        return hash((self.mg.numerator, self.mg.denominator))

    def __post_init__(self) -> None:
        if not isinstance(self.mg, Fraction):
            raise TypeError(f"a dose is an exact Fraction of mg, not {type(self.mg).__name__}")
        if self.mg < 0:
            raise AmountError(str(self.mg), "an amount is never negative", 'a dose such as "0.5 mg"')

    @classmethod
    def read(cls, text: str) -> Dose:
        """Read "0.125 mg" or "125 mcg"; refuse whatever needs a guess.

        Raises:
            AmountError: a missing or unknown unit, a comma, ".5", "5.", "1e1", a negative, NaN, a digit of
                another script, or more than 10 g.
        """
        allowed = 'a number, a space and mg or mcg, such as "0.125 mg" or "125 mcg"'
        if not isinstance(text, str):
            raise AmountError(text, "a dose needs its unit, so it is text", allowed)
        if len(text) > LONGEST_SHOWN:
            raise AmountError(text, "it is far too long", allowed)
        match = re.fullmatch(r"(?P<number>.*?)(?P<space>[ ]?)(?P<unit>[A-Za-zµμ/]*)", text, re.DOTALL)
        if match is None:
            raise AmountError(text, _why_not_a_number(text), allowed)
        number, space, unit = match["number"], match["space"], match["unit"]
        if not _NUMBER.fullmatch(number):
            # A letter inside the number ("1e1 mg") must not be taken for a unit, so the number speaks first.
            raise AmountError(text, _why_not_a_number(text if unit == text else number or text), allowed)
        if not unit:
            raise AmountError(text, "the unit is missing", allowed)
        if unit not in ("mg", "mcg"):
            raise AmountError(text, f"the unit {unit!r} is not accepted", allowed)
        if not space:
            raise AmountError(text, "a space belongs between number and unit", allowed)
        dose = cls(Fraction(number) / (1000 if unit == "mcg" else 1))
        if dose.mg > LARGEST_AMOUNT_MG:
            raise AmountError(text, "this amount is absurdly large", f"at most {LARGEST_AMOUNT_MG} mg")
        return dose

    @property
    def decimal(self) -> str:
        """The number of mg as an exact decimal string."""
        return decimal_text(self.mg)

    def __str__(self) -> str:
        return f"{self.decimal} mg"

    @property
    def about(self) -> str:
        """The dose for a sentence; one whose decimal does not end is rounded to 0.1 mg and marked with ≈."""
        return str(self) if ends_as_decimal(self.mg) else f"≈{decimal_text(Fraction(round(self.mg * 10), 10))} mg"

    def __add__(self, other: Dose) -> Dose:
        return Dose(self.mg + other.mg)

    def __sub__(self, other: Dose) -> Dose:
        return Dose(self.mg - other.mg)

    def __mul__(self, times: Fraction | int) -> Dose:
        return Dose(self.mg * times)

    def __lt__(self, other: Dose) -> bool:
        return self.mg < other.mg

    def __bool__(self) -> bool:
        return self.mg > 0

    def cut_to(self, lower: Dose) -> Share:
        """Return the share of this dose that is taken away on the way to a lower one (negative for a rise).

        Example:
            >>> str(Dose.read("2 mg").cut_to(Dose.read("1.75 mg")))
            '12.5 %'
        """
        if not self:
            raise ValueError("a share of a zero dose has no meaning")
        return Share((self.mg - lower.mg) / self.mg)


NO_DOSE = Dose(Fraction(0))


@total_ordering
@dataclass(frozen=True, slots=True)
class Share:
    """An exact part of a whole: 1/4 is 25 %.

    Example:
        >>> Share.read("10 %").of
        Fraction(1, 10)
        >>> str(Share(Fraction(1, 3)))
        '≈33.3 %'
    """

    of: Fraction

    @classmethod
    def read(cls, text: str) -> Share:
        """Read "10 %" or "1/10"; refuse anything that is not more than 0 % and at most 100 %.

        Raises:
            AmountError: when it is not a share, says which forms are.
        """
        allowed = 'a share such as "10 %" or "1/10", above 0 % and at most 100 %'
        if not isinstance(text, str):
            raise AmountError(text, "a share is text with its % sign", allowed)
        if "%" in text:
            number = text[: text.index("%")].removesuffix(" ")
            if text[text.index("%") :] != "%" or not _NUMBER.fullmatch(number):
                raise AmountError(text, _why_not_a_number(number), allowed)
            share = Fraction(number) / 100
        elif _FRACTION.fullmatch(text):
            share = exact(text)
        else:
            raise AmountError(text, "the % sign is missing", allowed)
        if not 0 < share <= 1:
            raise AmountError(text, "it is outside what a share can be", allowed)
        return cls(share)

    @property
    def percent(self) -> str:
        """The share in per cent; a value that does not end is rounded to 0.1 and marked with ≈."""
        hundredfold = self.of * 100
        if ends_as_decimal(hundredfold) and (hundredfold * 100).denominator == 1:
            return f"{decimal_text(hundredfold)} %"
        return f"≈{decimal_text(Fraction(round(hundredfold * 10), 10))} %"

    def __str__(self) -> str:
        return self.percent

    def __lt__(self, other: Share) -> bool:
        return self.of < other.of


@total_ordering
@dataclass(frozen=True, slots=True)
class Span:
    """A whole number of days.

    Example:
        >>> str(Span(28)), str(Span(10))
        ('4 weeks', '10 days')
    """

    days: int

    def __post_init__(self) -> None:
        if type(self.days) is not int:
            raise AmountError(self.days, "a span is a whole number of days", "a whole number such as 14")
        if not 0 <= self.days <= LONGEST_SPAN_DAYS:
            raise AmountError(self.days, "this span is absurd", f"0 to {LONGEST_SPAN_DAYS} days")

    def __str__(self) -> str:
        if self.days and self.days % 7 == 0:
            return f"{self.days // 7} week{'s' if self.days > 7 else ''}"
        return f"{self.days} day{'' if self.days == 1 else 's'}"

    def __lt__(self, other: Span) -> bool:
        return self.days < other.days


@dataclass(frozen=True, slots=True)
class Rate:
    """At most a share of the dose in a span of days: 25 % in 14 days.

    Example:
        >>> Rate(share=Share(Fraction(1, 4)), per=Span(14)).span_for(Share(Fraction(1, 2))).days
        28
    """

    share: Share
    per: Span

    def span_for(self, cut: Share) -> Span:
        """Return the days that a cut of this size needs on the dose before it: whole periods, rounded up."""
        return Span(ceil(cut.of / self.share.of) * self.per.days)

    def __str__(self) -> str:
        return f"{self.share} in {self.per.days} days"
