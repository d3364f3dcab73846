"""A dose spelled out, so that a nought too many or a lost point is heard: "two milligrams", "zero point two five …"."""

from __future__ import annotations

from opentaper.quantity import Dose

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spelled(dose: Dose) -> str:
    """Return a dose in words alone, each decimal by itself.

    Example:
        >>> from fractions import Fraction
        >>> spelled(Dose(Fraction(1, 8))), spelled(Dose(Fraction(120))), spelled(Dose(Fraction(1)))
        ('zero point one two five milligrams', 'one hundred and twenty milligrams', 'one milligram')
    """
    whole, _, decimals = dose.decimal.partition(".")
    words = _whole(int(whole))
    if decimals:
        words += f" point {' '.join(ONES[int(digit)] for digit in decimals)}"
    return f"{words} milligram{'' if dose.decimal == '1' else 's'}"


def _whole(number: int) -> str:
    """This function will spell a whole number below a million."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[ones]}" if ones else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            many, rest = divmod(number, size)
            joined = f" and {_whole(rest)}" if 0 < rest < 100 else f" {_whole(rest)}" if rest else ""
            return f"{_whole(many)} {name}{joined}"
    raise AssertionError(number)
