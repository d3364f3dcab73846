"""What bounds a staircase: rates, windows, and what a cut beyond them costs (docs/decisions/0003).

Doses are whole numbers of one unit. A *rate* (share, days) allows one cut of that share per span of days. A larger
cut is coarse: it costs the time that the rate itself would have needed on a staircase of `end` units, so that
coarse products never earn time. What a cut costs depends on its two doses alone, never on what else can be made.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from opentaper.frozen import dataclass


@dataclass(frozen=True, slots=True)
class SearchRate:
    """At most `share` of the dose within `days`; a smaller cut costs one whole period too."""

    limit: str
    share: Fraction
    days: int

    def within(self, dose: int, lower: int) -> bool:
        """Whether one cut from `dose` to `lower` stays inside the share."""
        return (dose - lower) * self.share.denominator <= dose * self.share.numerator

    def lowest(self, dose: int) -> int:
        """Return the lowest whole number of units to which one cut may go."""
        kept = self.share.denominator - self.share.numerator
        return -(-dose * kept // self.share.denominator)

    def cuts_between(self, dose: int, lower: int) -> int:
        """Return how many cuts of the full share lie between two doses, rounded up: at least share by share.

        It is never less than the size of the cut divided by the share, rounded up.
        """
        kept, whole = self.share.denominator - self.share.numerator, self.share.denominator
        count, left, right = 0, dose, lower
        while left > right:
            count, left, right = count + 1, left * kept, right * whole
        return count

    @property
    def last_cuts(self) -> int:
        """The periods that the last step to zero counts: it is a cut of 100 %."""
        return ceil(1 / self.share)


@dataclass(frozen=True, slots=True)
class Window:
    """Within any `days` no more than `share` of the dose at their start may go."""

    limit: str
    share: Fraction
    days: int

    def smallest_kept(self, dose: int, interval: int) -> int:
        """Return the lowest dose [units] such that cuts this size, one every interval, never overfill the window."""
        times = ceil(self.days / interval)
        kept, whole = self.share.denominator - self.share.numerator, self.share.denominator
        low, high = 0, dose
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if middle**times * whole >= dose**times * kept else (middle + 1, high)
        return low


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that bounds a staircase.

    Args:
        rates: at least one; the first one also decides the last step.
        interval: the fewest days between two reductions.
        coarse_at_most: the largest share that one step above zero may ever take.
        longest_hold: the most days that a coarse cut may need on the dose before it.
        end: the dose [units] from which zero may be reached in one step: the smallest solid piece on any market.
        last_at_most: the largest dose [units, exact] from which a last step to zero is ever allowed.
    """

    rates: tuple[SearchRate, ...]
    windows: tuple[Window, ...] = ()
    interval: int
    coarse_at_most: Fraction
    longest_hold: int
    end: int
    last_at_most: Fraction | None = None

    def within(self, dose: int, lower: int) -> bool:
        """Whether a cut is inside every rate; a step to zero never is."""
        return lower > 0 and all(rate.within(dose, lower) for rate in self.rates)

    def need(self, dose: int, lower: int) -> int | None:
        """Return the days that must be spent on `dose` before it is cut to `lower`; None when that is forbidden.

        The answer does not depend on which other doses can be made.
        """
        if self.within(dose, lower):
            return max(self.interval, *(rate.days for rate in self.rates))
        if lower and (dose - lower) > self.coarse_at_most * dose:
            return None
        if not lower and self.last_at_most is not None and dose > self.last_at_most:
            return None
        days = max(
            (self._periods(rate, dose, lower) + self._avoidable(rate, dose, lower)) * rate.days for rate in self.rates
        )
        return None if days > self.longest_hold else max(self.interval, days)

    def _avoidable(self, rate: SearchRate, dose: int, lower: int) -> int:
        """This function will return one period more for a coarse cut that finer products on the market could avoid."""
        return 1 if lower and not rate.within(dose, lower) and self._reference_cut(rate, dose)[1] == 1 else 0

    def _periods(self, rate: SearchRate, dose: int, lower: int) -> int:
        periods = 0
        while dose > lower:
            if lower == 0 and dose <= self.end:
                return periods + (rate.last_cuts if rate is self.rates[0] else 1)
            if lower and rate.within(dose, lower):
                return periods + 1
            following, cost = self._reference_cut(rate, dose)
            if following <= lower:
                return periods + rate.cuts_between(dose, lower)
            periods, dose = periods + cost, following
        return periods

    def _reference_cut(self, rate: SearchRate, dose: int) -> tuple[int, int]:
        """This function will cut once as far as the rate allows on the staircase of whole `end` units."""
        lowest = -(-rate.lowest(dose) // self.end) * self.end
        if lowest < dose:
            return lowest, 1
        lowest = (dose - 1) // self.end * self.end
        return lowest, rate.cuts_between(dose, lowest) if lowest else rate.last_cuts

    def apart(self, dose: int) -> tuple[int, int]:
        """Return a dose [units] and days: a cut to below that dose stays that far apart from its neighbours."""
        longer = [window for window in self.windows if window.days > self.interval]
        if not longer:
            return 0, 0
        return (
            max(window.smallest_kept(dose, self.interval) for window in longer),
            max(window.days for window in longer),
        )
