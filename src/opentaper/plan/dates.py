"""From a plan's days to calendar dates; dates are dates, never via a clock or a time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from opentaper.patient import Hold


def hold_notes(holds: Sequence[Hold], ends_on: dt.date) -> list[str]:
    """Say which planned holds a plan keeps."""
    return [
        f"No dose changes from {hold.from_} until {hold.until}{f' ({hold.because})' if hold.because else ''}; the plan's "
        "clock stands still meanwhile."
        for hold in holds
        if hold.from_ <= ends_on
    ]


def on_day(start: dt.date, day: int, holds: Sequence[Hold]) -> dt.date:
    """Return the calendar date of a plan's day; the plan's clock stands still during a hold.

    Example: with a hold from day 10 until day 24, day 14 of the plan comes fourteen days later than without.
    """
    date, left = start, day
    for hold in holds:
        if hold.until <= date:
            continue
        before = (max(hold.from_, date) - date).days
        if left < before:
            break
        date, left = hold.until, left - before
    return date + dt.timedelta(days=left)
