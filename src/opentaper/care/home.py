"""What is at home: what was handed over, less what the plans took since, counted in pieces day by day.

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
class Day:
    """One day of somebody's supply.

    Args:
        on: which.
        left: what is at home at its beginning, by the keys of products, with everything handed over for it.
        products: the products by their keys.
        enough: whether what is at home is enough for what is taken on it.
    """

    on: dt.date
    left: Mapping[str, Fraction]
    products: Mapping[str, Product]
    enough: bool

    @property
    def home(self) -> Pieces:
        """What is at home at the beginning of the day."""
        return {self.products[key]: amount for key, amount in self.left.items() if amount}


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
                    found[product] = found.get(product, Fraction(0)) + amount * days
        return found

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


def days(history: History, about: Version | None = None, *, as_said: bool) -> Iterator[Day]:
    """Yield every day from the first on which something was handed over or is taken, without an end.

    Args:
        history: where the case stands.
        about: a version that is about to start.
        as_said: whether what is said to be lost counts as lost before a prescriber allowed its replacement.
    """
    plan = said(history, about)
    handed = list(history.dispensed.values())
    lost = [each for number, each in history.lost.items() if as_said or number in history.allowed]
    begun = [*(each.from_ for each in handed), *plan.from_[:1]]
    if not begun:
        return
    # By their keys: a product is slow to compare, and there are many days.
    products = {each.key: each for pieces in plan.pieces for each in pieces}
    products |= {item.product.key: item.product for each in handed for item in each.items}
    taken_from = {
        from_: {product.key: amount for product, amount in pieces.items()}
        for from_, pieces in zip(plan.from_, plan.pieces, strict=True)
    }
    day, left, taken = min(begun), dict[str, Fraction](), dict[str, Fraction]()
    while True:
        for item in _on(day, ((each.from_, each.items) for each in handed)):
            left[item.product.key] = left.get(item.product.key, NONE) + item.amount
        for item in _on(day, ((each.on, each.items) for each in lost)):
            left[item.product.key] = max(left.get(item.product.key, NONE) - item.amount, NONE)
        taken = taken_from.get(day, taken)
        enough = all(left.get(key, NONE) >= amount for key, amount in taken.items())
        yield Day(on=day, left=left, products=products, enough=enough)
        # Where it is not enough, what there is is taken for granted to be taken.
        left = {**left, **{key: max(left.get(key, NONE) - amount, NONE) for key, amount in taken.items()}}
        day += A_DAY


def _on(day: dt.date, each: Iterable[tuple[dt.date, tuple[Item, ...]]]) -> Iterator[Item]:
    for on, items in each:
        if on == day:
            yield from items


def at_home(history: History, on: dt.date, about: Version | None = None, *, as_said: bool) -> Pieces:
    """Return what is at home on a day by the plans, before anything of that day is taken."""
    for day in days(history, about, as_said=as_said):
        if day.on >= on:
            return day.home if day.on == on else {}
    return {}


def lasts_until(history: History, on: dt.date, about: Version | None = None, *, as_said: bool) -> dt.date | None:
    """Return the first day, from one on, for which what is at home is not enough; None where nothing more is taken."""
    ends = said(history, about).ends
    for day in days(history, about, as_said=as_said):
        if day.on >= on and not day.enough:
            return day.on
        if ends is not None and day.on >= max(ends, on):
            return None
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
    found: list[dt.date] = []
    for day in days(history, about, as_said=True):
        if day.on >= on:
            return tuple(found)
        if day.on >= decided:
            found = [] if day.enough else [*found, day.on]
    return tuple(found)


def rounded_up(needed: Pieces, home: Pieces) -> tuple[Item, ...]:
    """Return what is needed beyond what is at home: whole solid pieces, and liquids as they are."""
    found = []
    for product, amount in sorted(needed.items(), key=lambda each: each[0].key):
        more = amount - home.get(product, Fraction(0))
        if more > 0:
            found.append(Item(product=product, amount=more if product.liquid else Fraction(ceil(more))))
    return tuple(found)


def left_after(needed: Pieces, home: Pieces, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return what is left of what is at home and handed over when what is needed is taken."""
    left = dict(home)
    for item in items:
        left[item.product] = left.get(item.product, Fraction(0)) + item.amount
    for product, amount in needed.items():
        left[product] = left.get(product, Fraction(0)) - amount
    return tuple(
        Item(product=product, amount=amount)
        for product, amount in sorted(left.items(), key=lambda each: each[0].key)
        if amount > 0
    )
