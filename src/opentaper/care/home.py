"""What is at home: what was handed over, less what the plans took since, counted in pieces.

What is said to be lost is taken off as it was said where it is asked how long the supply lasts, and only after a prescriber
allowed its replacement where it is asked how much more may be handed over.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from opentaper.knowledge import Product
from opentaper.patient import Regimen
from opentaper.plan import Item, pieces_of
from opentaper.record import Held, History, Progress, Resumed, Slowed, Started, SteppedBack, Stopped, Version

Pieces = Mapping[Product, Fraction]
A_DAY = dt.timedelta(1)
NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days of somebody's supply on which nothing comes in and the same is taken.

    Args:
        from_: the first of them.
        until: the day after the last; None where it goes on.
        home: what is at home at the beginning of the first day, with everything handed over for it.
        takes: what is taken a day.
    """

    from_: dt.date
    until: dt.date | None
    home: Pieces
    takes: Pieces

    @property
    def short(self) -> dt.date | None:
        """The first day for which what is at home is not enough."""
        full = days_of(self.home, self.takes)
        if full is None or (self.until is not None and full >= (self.until - self.from_).days):
            return None
        return self.from_ + full * A_DAY

    def on(self, day: dt.date) -> Pieces:
        """Return what is at home at the beginning of a day of it; where it was not enough, what there was is taken."""
        return after(self.home, self.takes, (day - self.from_).days)


def days_of(home: Pieces, takes: Pieces) -> int | None:
    """Return for how many whole days it is enough; None where nothing is taken."""
    return min((int(home.get(product, NONE) // amount) for product, amount in takes.items()), default=None)


def after(home: Pieces, takes: Pieces, days: int) -> Pieces:
    """Return what is left after some days."""
    left = {**home, **{product: home.get(product, NONE) - amount * days for product, amount in takes.items()}}
    return {product: amount for product, amount in left.items() if amount > 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the plans that were followed say is taken, day by day.

    Args:
        from_: the days on which it changes, in order.
        pieces: what is taken a day from each of them on.
    """

    from_: tuple[dt.date, ...]
    pieces: tuple[Pieces, ...]

    def on(self, day: dt.date) -> Pieces:
        """Return what is taken on a day."""
        place = bisect_right(self.from_, day)
        return self.pieces[place - 1] if place else {}

    def of(self, from_: dt.date, until: dt.date) -> Pieces:
        """Return what is taken on some days together."""
        found: dict[Product, Fraction] = {}
        for first, end, pieces in zip(self.from_, (*self.from_[1:], until), self.pieces, strict=True):
            days = (min(end, until) - max(first, from_)).days
            if days > 0:
                for product, amount in pieces.items():
                    found[product] = found.get(product, NONE) + amount * days
        return found

    def first_short(self, home: Pieces, from_: dt.date) -> dt.date | None:
        """Return the first day, from one on, for which what is at home then is not enough; None where it is to the end."""
        turns = [from_, *(day for day in self.from_ if day > from_)]
        for first, until in zip(turns, (*turns[1:], None), strict=True):
            stretch = Stretch(from_=first, until=until, home=home, takes=self.on(first))
            if stretch.short is not None or until is None:
                return stretch.short
            home = stretch.on(until)
        return None

    @property
    def ends(self) -> dt.date | None:
        """The day from which on nothing is taken; None where something goes on."""
        if not self.from_:
            return dt.date.min
        return None if self.pieces[-1] else self.from_[-1]


def said(history: History, about: Version | None = None) -> Said:
    """Return what every plan that was followed says is taken.

    Args:
        history: where the case stands.
        about: a version that is about to start, as if it had.
    """
    followed: list[tuple[Regimen, dt.date | None]] = []
    for event in history.events:
        match event.what:
            case Started(version=mark) | Resumed(version=mark) | Held(version=mark) | Slowed(version=mark):
                followed = _followed_by(followed, history.versions[mark].version)
            case SteppedBack(version=mark):
                followed = _followed_by(followed, history.versions[mark].version)
            case Stopped(on=on) if followed:
                followed[-1] = (followed[-1][0], on)
    if about is not None:
        followed = _followed_by(followed, about)
    changes: dict[dt.date, Pieces] = {}
    for printed, ended in followed:
        first = printed.steps[0].from_
        changes = {day: pieces for day, pieces in changes.items() if day < first}
        for from_, until, steps in printed.spans():
            if ended is None or from_ <= ended:
                changes[from_] = pieces_of(steps)
                if until is not None and (ended is None or until <= ended):
                    changes[until] = {}
    days = sorted(changes)
    return Said(from_=tuple(days), pieces=tuple(changes[day] for day in days))


def _followed_by(
    before: list[tuple[Regimen, dt.date | None]], version: Version
) -> list[tuple[Regimen, dt.date | None]]:
    """This function will put a version behind those before it; what it goes on from is printed in it."""
    kept = before[:-1] if version.number > 1 else before
    first = version.printed.steps[0].from_
    return [*(each for each in kept if each[0].steps[0].from_ < first), (version.printed, None)]


def stretches(history: History, about: Version | None = None, *, as_said: bool) -> Iterator[Stretch]:
    """Yield all days from the first on which something was handed over or is taken, in stretches; the last has no end.

    Args:
        history: where the case stands.
        about: a version that is about to start.
        as_said: whether what is said to be lost counts as lost before a prescriber allowed its replacement.
    """
    plan = said(history, about)
    handed = list(history.dispensed.values())
    lost = [each for number, each in history.lost.items() if as_said or number in history.allowed]
    begun = min((*(each.from_ for each in handed), *plan.from_[:1]), default=None)
    if begun is None:
        return
    turns = {*plan.from_, *(each.from_ for each in handed), *(each.on for each in lost)}
    days, home = sorted(day for day in turns if day >= begun), dict[Product, Fraction]()
    for first, until in zip(days, (*days[1:], None), strict=True):
        for item in _on(first, ((each.from_, each.items) for each in handed)):
            home[item.product] = home.get(item.product, NONE) + item.amount
        for item in _on(first, ((each.on, each.items) for each in lost)):
            home[item.product] = max(home.get(item.product, NONE) - item.amount, NONE)
        stretch = Stretch(from_=first, until=until, home=dict(home), takes=plan.on(first))
        yield stretch
        if until is not None:
            home = dict(stretch.on(until))


def _on(day: dt.date, each: Iterable[tuple[dt.date, tuple[Item, ...]]]) -> Iterator[Item]:
    for on, items in each:
        if on == day:
            yield from items


def at_home(history: History, on: dt.date, about: Version | None = None, *, as_said: bool) -> Pieces:
    """Return what is at home on a day by the plans, before anything of that day is taken."""
    for each in stretches(history, about, as_said=as_said):
        if each.until is None or on < each.until:
            return each.on(on) if each.from_ <= on else {}
    return {}


def lasts_until(history: History, on: dt.date, about: Version | None = None, *, as_said: bool) -> dt.date | None:
    """Return the first day, from one on, for which what is at home is not enough; None where nothing more is taken."""
    for each in stretches(history, about, as_said=as_said):
        if each.short is not None and (each.until is None or on < each.until):
            return max(each.short, on)
    return None


def without_supply(history: History, on: dt.date, about: Version | None = None) -> tuple[dt.date, ...]:
    """Return the days just before one for which what was handed over was not enough, as it was said.

    What a prescriber signed since is their decision about the days before it.
    """
    signed = [
        each.version.regimen.steps[0].from_
        for each in history.versions.values()
        if each.signed and each.progress in (Progress.IN_FORCE, Progress.PAST)
    ]
    decided = max((day for day in signed if day <= on), default=on)
    since = on
    for each in reversed([each for each in stretches(history, about, as_said=True) if each.from_ < on]):
        if each.short is None or each.short >= min(each.until or on, on):
            break
        since = max(each.short, decided)
        if since > each.from_:
            break
    return tuple(since + days * A_DAY for days in range((on - since).days))


def rounded_up(needed: Pieces, home: Pieces) -> tuple[Item, ...]:
    """Return what is needed beyond what is at home: whole solid pieces, and liquids as they are."""
    found = []
    for product, amount in sorted(needed.items(), key=lambda each: each[0].key):
        more = amount - home.get(product, NONE)
        if more > 0:
            found.append(Item(product=product, amount=more if product.liquid else Fraction(ceil(more))))
    return tuple(found)


def left_after(needed: Pieces, home: Pieces, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return what is left of what is at home and handed over when what is needed is taken."""
    left = dict(home)
    for item in items:
        left[item.product] = left.get(item.product, NONE) + item.amount
    for product, amount in needed.items():
        left[product] = left.get(product, NONE) - amount
    return tuple(
        Item(product=product, amount=amount)
        for product, amount in sorted(left.items(), key=lambda each: each[0].key)
        if amount > 0
    )
