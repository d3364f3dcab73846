"""A modelled number and how it is printed: about so much, and between what most people lie; never more digits than that."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.quantity import decimal_text

LEAST_SHARE = Fraction(1, 100)
"""Below one per cent a share is printed as being below it."""
LEAST_LEVEL = Fraction(1, 100)
"""Below this level [ng/mL] it is printed as being below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A modelled number.

    Args:
        middle: of one typical person.
        low, high: between which nine of ten people lie; None where no people were drawn.
    """

    middle: Fraction
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def about_percent(self) -> str:
        """The number as a share in whole per cent."""
        return percent(self.middle) if percent(self.middle).startswith("under") else f"about {percent(self.middle)}"

    @property
    def percent_band(self) -> str:
        """Between what most people lie, in whole per cent; empty where no people were drawn."""
        return "" if self.low is None or self.high is None else _band(percent(self.low), percent(self.high), " %")

    @property
    def about_level(self) -> str:
        """The number as a level, to two digits that count."""
        return level(self.middle) if level(self.middle).startswith("under") else f"about {level(self.middle)}"

    @property
    def level_band(self) -> str:
        """Between what most people lie, as levels; empty where no people were drawn."""
        return "" if self.low is None or self.high is None else _band(level(self.low), level(self.high), " ng/mL")

    @property
    def about_hours(self) -> str:
        """The number as a time [h]: in minutes below two hours."""
        return f"about {hours(self.middle)}"

    @property
    def hours_band(self) -> str:
        """Between what most people lie, as times; empty where no people were drawn."""
        return "" if self.low is None or self.high is None else f"{hours(self.low)} to {hours(self.high)}"


def _band(low: str, high: str, unit: str) -> str:
    return high if low == high else f"{low.removesuffix(unit)} to {high}"


def percent(share: Fraction) -> str:
    """Print a share in whole per cent.

    Example:
        >>> percent(Fraction(153, 1000)), percent(Fraction(1, 1000)), percent(Fraction(0))
        ('15 %', 'under 1 %', '0 %')
    """
    return "under 1 %" if 0 < share < LEAST_SHARE else f"{round(share * 100)} %"


def level(ng_per_ml: Fraction) -> str:
    """Print a level with two digits that count.

    Example:
        >>> level(Fraction(2494, 100)), level(Fraction(314, 100)), level(Fraction(1, 1000)), level(Fraction(1268))
        ('25 ng/mL', '3.1 ng/mL', 'under 0.01 ng/mL', '1300 ng/mL')
    """
    if 0 < ng_per_ml < LEAST_LEVEL:
        return f"under {decimal_text(LEAST_LEVEL)} ng/mL"
    return f"{two_digits(ng_per_ml)} ng/mL"


def two_digits(number: Fraction) -> str:
    """Round a number that is not below 0 to two digits that count.

    Example:
        >>> two_digits(Fraction(27, 10)), two_digits(Fraction(1)), two_digits(Fraction(996, 10)), two_digits(Fraction(0))
        ('2.7', '1', '100', '0')
    """
    places = 0
    while number and number * Fraction(10) ** places >= 100:
        places -= 1
    while number and number * Fraction(10) ** places < 10:
        places += 1
    return decimal_text(Fraction(round(number * Fraction(10) ** places)) / Fraction(10) ** places)


def hours(time: Fraction) -> str:
    """Print a time [h]: in five minutes below two hours, else in whole hours.

    Example:
        >>> hours(Fraction(1, 4)), hours(Fraction(13, 10)), hours(Fraction(249, 20))
        ('15 min', '80 min', '12 h')
    """
    return f"{round(time * 12) * 5} min" if time < 2 else f"{round(time)} h"
