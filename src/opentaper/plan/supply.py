"""How much of each product is collected when: exactly what the steps take, rounded up once per product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from math import ceil

from opentaper.frozen import dataclass
from opentaper.knowledge import Product
from opentaper.patient import WEEKDAYS, Regimen, Step
from opentaper.quantity import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An amount of one product: whole solid pieces, or mL of a liquid."""

    product: Product
    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What is handed over for a span of days.

    `on` is the day on which it is handed over: the first of the span, or the last day before it on which the pharmacy
    is open. `left_over` is what remains of broken tablets at its end; it is used first in the next span.
    """

    on: dt.date
    from_: dt.date
    until: dt.date
    items: tuple[Item, ...]
    left_over: tuple[Item, ...]


def collections(
    regimen: Regimen,
    every: Span,
    closed: tuple[str, ...] = (),
    stock: tuple[Item, ...] = (),
    not_before: dt.date | None = None,
    holidays: Container[dt.date] = (),
) -> tuple[Collection, ...]:
    """Return what must be collected for a regimen, one collection for each span of days.

    Args:
        regimen: what is taken.
        every: how many days one collection is for; for instalments, the days of one instalment.
        closed: days of the week on which the pharmacy is closed; what falls on one is collected before it, never after.
        stock: what is at home already on the first day; it is used first.
        not_before: the day on which the plan was made: nothing of it was handed over earlier.
        holidays: other days on which the pharmacy is closed.

    A tablet that is broken for one day gives its other part to another day, also across collections, so the total
    of each product is its exact total rounded up once: never a tablet more. An open-ended last step is supplied for
    one span.
    """
    first = regimen.steps[0].from_
    last = max(_end(step, every) for step in regimen.steps)
    taken: dict[str, Fraction] = {item.product.key: -item.amount for item in stock}
    found: list[Collection] = []
    start = first
    while start < last:
        end = min(start + dt.timedelta(days=every.days), last)
        items, left = [], []
        amounts = _amounts(regimen, start, end, every)
        for product, amount in sorted(amounts.items(), key=lambda each: each[0].key):
            before = taken.get(product.key, Fraction(0))
            taken[product.key] = before + amount
            handed, due = _handed_over(product, before), _handed_over(product, taken[product.key])
            if due > handed:
                items.append(Item(product=product, amount=due - handed))
            rest = due - taken[product.key]
            if rest:
                left.append(Item(product=product, amount=rest))
        if amounts:  # also where what is at home is enough: its labels say how it is taken
            on = open_day(start, closed, not_before, holidays)
            found.append(Collection(on=on, from_=start, until=end, items=tuple(items), left_over=tuple(left)))
        start = end
    return tuple(found)


def _handed_over(product: Product, taken: Fraction) -> Fraction:
    """This function will return what must have been handed over when so much more than the stock was taken."""
    due = max(taken, Fraction(0))
    return due if product.liquid else Fraction(ceil(due))


def stock_on(
    regimen: Regimen,
    every: Span,
    day: dt.date,
    stock: tuple[Item, ...] = (),
    closed: tuple[str, ...] = (),
    not_before: dt.date | None = None,
) -> tuple[Item, ...]:
    """Return what is at home on a day when everything due was collected and everything before that day was taken.

    Args:
        regimen: what was planned.
        every: the days that one collection is for.
        day: nothing of this day has been taken yet; a collection due on it is still to come.
        stock: what was at home on the regimen's first day.
        closed: days of the week on which nothing is collected.
        not_before: the day on which the plan was made.
    """
    left: dict[Product, Fraction] = {item.product: item.amount for item in stock}
    for each in collections(regimen, every, closed, stock, not_before):
        if each.on < day:
            for item in each.items:
                left[item.product] = left.get(item.product, Fraction(0)) + item.amount
    first = regimen.steps[0].from_
    for product, amount in _amounts(regimen, first, day, every).items():
        left[product] = left.get(product, Fraction(0)) - amount
    return tuple(
        Item(product=product, amount=amount)
        for product, amount in sorted(left.items(), key=lambda each: each[0].key)
        if amount > 0
    )


def open_day(
    day: dt.date, closed: Container[str] = (), not_before: dt.date | None = None, holidays: Container[dt.date] = ()
) -> dt.date:
    """Return a day, or the last one before it on which the pharmacy is open: never one after it.

    Where that lies before the plan was made, it is the day on which it was made, closed or not: somebody must be asked.

    Args:
        day: the day on which something is needed.
        closed: days of the week on which the pharmacy is closed.
        not_before: the day on which the plan was made.
        holidays: other days on which it is closed.
    """
    found = day
    while WEEKDAYS[found.weekday()] in closed or found in holidays:
        found -= dt.timedelta(1)
    return found if not_before is None else max(found, min(not_before, day))


def pieces_of(steps: Iterable[Step]) -> Mapping[Product, Fraction]:
    """Return what one day of some steps takes of each product; what is taken “as now” is in no product."""
    amounts: dict[Product, Fraction] = {}
    for step in steps:
        for intake in step.intakes:
            for portion in intake.portions or ():
                amounts[portion.product] = amounts.get(portion.product, Fraction(0)) + portion.amount
    return amounts


def _end(step: Step, every: Span) -> dt.date:
    if not step.intakes:
        return step.from_
    return step.until or step.from_ + dt.timedelta(days=every.days)


def _amounts(regimen: Regimen, start: dt.date, end: dt.date, every: Span) -> Mapping[Product, Fraction]:
    amounts: dict[Product, Fraction] = {}
    for step, _, portion in regimen.portions():
        days = (min(end, _end(step, every)) - max(start, step.from_)).days
        if days > 0:
            amounts[portion.product] = amounts.get(portion.product, Fraction(0)) + portion.amount * days
    return amounts
