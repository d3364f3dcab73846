"""Handing over, and what goes wrong with it: too much, too early, twice, wrongly written down, lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import replace
from fractions import Fraction

from opentaper.care.by import By, Recorded, Refusal, not_confirmed, not_entitled, record
from opentaper.care.home import A_DAY, at_home, fetched_early
from opentaper.care.supply import NextSupply, about_to_start, dispensable, next_supply
from opentaper.knowledge import Knowledge, Product
from opentaper.plan import Item
from opentaper.quantity import decimal_text, ends_as_decimal
from opentaper.record import Allowed, Corrected, Dispensed, History, Lost, Observed, Queried, Replied

LOST_QUERY = "Supply is said to be lost: {what}. {says} Is it to be replaced? Nothing is replaced before you allow it."


def dispense(
    history: History,
    known: Knowledge,
    *,
    from_: dt.date,
    until: dt.date,
    items: tuple[Item, ...],
    on: dt.date,
    by: By,
    taken: str = "",
    replaces: int | None = None,
    holidays: Container[dt.date] = (),
) -> Recorded | Refusal:
    """Record what a pharmacy handed over: the next days of the plan, and what they need, or nothing at all.

    Args:
        history: where the case stands.
        known: the base as it is now, for its conventions.
        from_, until: the days that it is for.
        items: what is handed over.
        on: the day.
        by: who hands it over.
        taken: what was taken on days without supply just before, as the person says.
        replaces: the number of the event that said what was lost, for what takes its place.
        holidays: days on which the pharmacy is closed.
    """
    due = next_supply(history, known, on=on, holidays=holidays, replaces=replaces)
    if isinstance(due, Refusal):
        return due
    if says := _wrong_days(due, known, from_, until, on, taken):
        return Refusal(says=says)
    exact = next_supply(history, known, on=on, holidays=holidays, until=until, replaces=replaces)
    if isinstance(exact, Refusal):
        return exact
    if says := wrong_items(exact, items):
        return Refusal(says=says)
    told = (Observed(on=on, what="missed", says=taken),) if taken and due.gap else ()
    mark = due.followed.version.digest
    handed = Dispensed(version=mark, from_=from_, until=until, items=items, replaces=replaces)
    return record(history, by, "dispense", *told, handed)


def _wrong_days(
    due: NextSupply, known: Knowledge, from_: dt.date, until: dt.date, on: dt.date, taken: str
) -> str | None:
    """This function will say why nothing is handed over for these days, if so."""
    first = due.collection.from_
    most = int(known.convention("gap-handed-over-days").number)
    if len(due.gap) > most:
        return (
            f"{len(due.gap)} days were without supply, since {due.gap[0]}. {known.convention('gap-handed-over-days').says} "
            "Ask now."
        )
    if due.gap and not taken.strip():
        return f"{len(due.gap)} days were without supply, since {due.gap[0]}: ask what was taken on them, and write it down."
    if from_ < first:
        return f"The days before {first} are past, or something was handed over for them already."
    if from_ > first:
        return (
            f"The days from {first} to {from_ - A_DAY} would be without supply; what is handed over begins on {first}."
        )
    if on < due.not_before:
        return f"This is not handed over before {due.not_before}: until {first - A_DAY} there is enough at home by the plan."
    if until > due.collection.until:
        return f"At most the days to {due.collection.until - A_DAY} are handed over at a time."
    return None


def wrong_items(due: NextSupply, items: Iterable[Item]) -> str | None:
    """Return why a pharmacy does not hand over these amounts for these days, if so: nothing is cut to size unsaid."""
    asked = {item.product: item.amount for item in due.collection.items}
    most = {item.product: item.amount for item in due.most}
    given: set[Product] = set()
    between = f"from {due.collection.from_} to {due.collection.until - A_DAY}"
    for item in items:
        product = item.product
        if product in given:
            return f"{product.key} stands there twice."
        given.add(product)
        if not product.liquid and item.amount.denominator != 1:
            return f"{product.key} is handed over in whole pieces."
        if product not in most:
            return f"{product.key} is not what this plan takes {between}, or enough of it is at home."
        if item.amount > most[product]:
            return (
                f"The plan needs {amount_of(replace(item, amount=most[product]))} {between}; {amount_of(item)} is more."
            )
        if item.amount < asked.get(product, 0):
            return (
                f"The plan needs {amount_of(replace(item, amount=asked[product]))} {between}; {amount_of(item)} would be too "
                "little for them. Hand over for fewer days."
            )
    missing = [product.key for product in asked if product not in given]
    return f"The plan also needs {', '.join(missing)} {between}." if missing else None


def amount_of(item: Item) -> str:
    """Say an amount of a product by its key, exactly."""
    number = decimal_text(item.amount) if ends_as_decimal(item.amount) else str(item.amount)
    return f"{number} mL of {item.product.key}" if item.product.liquid else f"{number} × {item.product.key}"


def lose(history: History, items: tuple[Item, ...], says: str, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Record what is said to be lost, and ask the prescriber whether it is replaced: by itself nothing is.

    Args:
        history: where the case stands.
        items: what is said to be lost; no more than is at home by the plan, with what was fetched for later days.
        says: how, as the person says.
        on: the day; nothing of it has been taken yet.
        by: who writes it down.
    """
    followed = dispensable(history)
    if isinstance(followed, Refusal):
        return followed
    home: dict[str, Fraction] = {}
    for pieces in (
        at_home(history, on, about_to_start(history), as_said=True),
        fetched_early(history, on, about_to_start(history)),
    ):
        for product, amount in pieces.items():
            home[product.key] = home.get(product.key, Fraction(0)) + amount
    for item in items:
        if item.amount > home.get(item.product.key, 0):
            there = amount_of(replace(item, amount=home.get(item.product.key, Fraction(0))))
            return Refusal(says=f"By the plan {there} are at home; {amount_of(item)} cannot be lost of that.")
    if refusal := not_entitled(by, "ask"):
        return refusal
    steps = [step.from_ for step in followed.version.regimen.steps if step.from_ <= on]
    what = ", ".join(map(amount_of, items))
    query = Queried(
        version=followed.version.digest,
        step=max(steps, default=None),
        says=LOST_QUERY.format(what=what, says=f"“{says.strip()}”"),
    )
    try:
        lost = Lost(on=on, items=items, says=says)
    except ValueError as problem:
        return Refusal(says=f"{problem}.".capitalize())
    return record(history, by, "dispense", lost, query)


def allow(history: History, number: int, says: str, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Allow that what was lost is replaced: a prescriber's signed act, which also answers what was asked about it.

    Args:
        history: where the case stands.
        number: of the event that said what was lost.
        says: why.
        on: the day.
        by: who allows it, having proved who they are.
    """
    if refusal := not_entitled(by, "decide") or not_confirmed(by):
        return refusal
    assert by.confirmed_at is not None
    allowed = Allowed(lost=number, on=on, says=says, confirmed_at=by.confirmed_at)
    asked = number + 1  # a loss is recorded together with the question
    answer = (Replied(number=asked, says=f"It may be replaced. {says}"),) if asked in history.queries else ()
    return record(history, by, "decide", allowed, *answer)


def found_again(history: History, number: int, because: str, *, by: By) -> Recorded | Refusal:
    """Record that what was said to be lost was not."""
    return record(history, by, "dispense", Corrected(number=number, instead=None, because=because))
