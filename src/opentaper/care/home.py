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

from opentaper.care.by_plan import by_plan
from opentaper.knowledge import Product
from opentaper.patient import portions
from opentaper.plan import Item, pieces_of
from opentaper.record import History, Progress, Version

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
    """Return what every plan that was followed says is taken, each product as the last of them knows it.

    Args:
        history: where the case stands.
        about: a version that is about to start, as if it had.
    """
    plan = by_plan(history, about)
    last = _by_key(portion.product for _, _, portion in portions(plan.steps))
    spans = list(plan.spans())
    return Said(
        from_=tuple(from_ for from_, _, _ in spans),
        pieces=tuple(_as_known(pieces_of(steps), last) for _, _, steps in spans),
    )


def _by_key(products: Iterable[Product]) -> dict[str, Product]:
    """This function will return products by their keys: a tablet stays the same tablet when a base learns of its price."""
    return {product.key: product for product in products}


def _as_known(pieces: Pieces, known: Mapping[str, Product]) -> Pieces:
    """This function will count the same product once, whichever base it was taken from."""
    found: dict[Product, Fraction] = {}
    for product, amount in pieces.items():
        same = known.get(product.key, product)
        found[same] = found.get(same, NONE) + amount
    return found


def stretches(history: History, about: Version | None = None, *, as_said: bool) -> Iterator[Stretch]:
    """Yield all days from the first on which something was handed over or is taken, in stretches; the last has no end.

    Args:
        history: where the case stands.
        about: a version that is about to start.
        as_said: whether what is said to be lost counts as lost before a prescriber allowed its replacement.

    More lost than was at home is taken off what had been fetched for later days.
    """
    for stretch, _ in _walked(history, about, as_said=as_said):
        yield stretch


def _walked(
    history: History, about: Version | None, *, as_said: bool
) -> Iterator[tuple[Stretch, Mapping[int, Mapping[Product, Fraction]]]]:
    """This function will yield the stretches, each with what of every loss is still to be taken off what was fetched early."""
    plan = said(history, about)
    handed = list(history.dispensed.values())
    lost = {number: each for number, each in history.lost.items() if as_said or number in history.allowed}
    begun = min((*(each.from_ for each in handed), *(each.on for each in lost.values()), *plan.from_[:1]), default=None)
    if begun is None:
        return
    turns = {*plan.from_, *(each.from_ for each in handed), *(each.on for each in lost.values())}
    days, home = sorted(day for day in turns if day >= begun), dict[Product, Fraction]()
    carried: dict[int, dict[Product, Fraction]] = {}
    known = _by_key(item.product for each in handed for item in each.items)
    known |= _by_key(product for pieces in plan.pieces for product in pieces)
    for first, until in zip(days, (*days[1:], None), strict=True):
        came = _on(first, ((key, each.from_, each.items) for key, each in history.dispensed.items()))
        went = _on(first, ((key, each.on, each.items) for key, each in lost.items()))
        # In the order in which it was written down: what was handed over after a loss was not in the house when it was lost.
        for number, item in sorted((*came, *went), key=lambda each: each[0]):
            product = known.get(item.product.key, item.product)
            if number in lost:
                left = home.get(product, NONE) - item.amount
                home[product] = max(left, NONE)
                carried.setdefault(number, {})[product] = max(-left, NONE)
            else:
                home[product] = home.get(product, NONE) + _left_of(item.amount, product, number, carried)
        stretch = Stretch(from_=first, until=until, home=dict(home), takes=plan.on(first))
        yield stretch, carried
        if until is not None:
            home = dict(stretch.on(until))


def _left_of(
    amount: Fraction, product: Product, number: int, carried: Mapping[int, dict[Product, Fraction]]
) -> Fraction:
    """This function will take off what was handed over what was lost of it before its first day."""
    for loss, beyond in carried.items():
        if loss > number:  # it was fetched already when this was lost
            gone = min(beyond.get(product, NONE), amount)
            beyond[product], amount = beyond.get(product, NONE) - gone, amount - gone
    return amount


def _on(day: dt.date, every: Iterable[tuple[int, dt.date, tuple[Item, ...]]]) -> Iterator[tuple[int, Item]]:
    for number, on, items in every:
        if on == day:
            yield from ((number, item) for item in items)


def fetched_early(history: History, on: dt.date, about: Version | None = None) -> Pieces:
    """Return what was handed over for later days and not lost: it lies at home too, and is counted from its first day on."""
    carried: dict[int, dict[Product, Fraction]] = {}
    for stretch, beyond in _walked(history, about, as_said=True):
        if stretch.from_ > on:
            break
        carried = {number: dict(pieces) for number, pieces in beyond.items()}
    known = _by_key(product for pieces in carried.values() for product in pieces)
    found: dict[Product, Fraction] = {}
    for number, each in sorted(history.dispensed.items(), key=lambda pair: pair[1].from_):
        for item in each.items if each.from_ > on else ():
            product = known.get(item.product.key, item.product)
            found[product] = found.get(product, NONE) + _left_of(item.amount, product, number, carried)
    return {product: amount for product, amount in found.items() if amount > 0}


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


def uncounted(history: History) -> bool:
    """Whether something was handed over and no plan says what was taken of it before the first day of the plan.

    So it is after a plan was put off whose first supply was handed over: until it begins the dose of before goes on, from
    pieces that nobody named. What is at home is unknown then, until something is handed over anew.
    """
    begins = by_plan(history).begins
    return bool(begins and history.dispensed and max(each.from_ for each in history.dispensed.values()) < begins)


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
