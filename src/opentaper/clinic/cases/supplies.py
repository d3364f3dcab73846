"""What the page of a supply shows: what is handed over next, what was, what is at home, what is asked and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from opentaper.care import (
    NextSupply,
    Refusal,
    about_to_start,
    at_home,
    by_plan,
    dispensable,
    fetched_early,
    lasts_until,
    next_supply,
    rounded_up,
    uncounted,
    without_supply,
)
from opentaper.clinic.language import drug, english, of_page, said
from opentaper.exchange import LabelError, item_in_words, labels, prepared, product_name, step_in_words
from opentaper.knowledge import Knowledge, Product, verified
from opentaper.patient import Step, portions
from opentaper.plan import Collection, Item, Recomposed, collections, recompose
from opentaper.quantity import decimal_text, ends_as_decimal
from opentaper.record import Corrected, Dispensed, Event, History, Queried, Replied, Version

A_DAY = dt.timedelta(1)
SHOWN = 6
"""How many of the collections to come are shown in full."""


def number_of(item: Item) -> str:
    """Return an amount as somebody would type it."""
    return decimal_text(item.amount) if ends_as_decimal(item.amount) else str(item.amount)


def of_supply(
    now: History, known: Knowledge, its_own: Knowledge, on: dt.date, holidays: Container[dt.date], until: dt.date | None
) -> dict[str, Any]:
    """Return everything that the page says of the supply.

    Args:
        now: where the case stands.
        known: the base as it is now.
        its_own: the base that the plan was made with.
        on: the day.
        holidays: days on which the pharmacy is closed.
        until: the day after the last for which is to be handed over, where somebody asked for fewer days.
    """
    followed = dispensable(now)
    if isinstance(followed, Refusal):
        return {"followed": None, "nothing": english(followed.says)}
    version, about = followed.version, about_to_start(now)
    whole = next_supply(now, known, on=on, holidays=holidays)
    due = next_supply(now, known, on=on, holidays=holidays, until=until) if until else whole
    gap = without_supply(now, on, about)
    most = int(known.convention("gap-handed-over-days").number)
    said_home, early = at_home(now, on, about, as_said=True), fetched_early(now, on, about)
    lasts = lasts_until(now, on, about, as_said=True) if now.dispensed else None
    steps = by_plan(now, about).steps
    used = _used_after(steps, on)
    beside = {each.drug for each in version.case.taking} - {
        step.drug for step in steps if step.until is None or step.until > on
    }
    return {
        "followed": followed,
        "version": version,
        "nothing": english(due.says) if isinstance(due, Refusal) else "",
        "due": shown(due, steps, its_own) if isinstance(due, NextSupply) else None,
        "last_day": whole.collection.until - A_DAY if isinstance(whole, NextSupply) else None,
        "too_early": isinstance(due, NextSupply) and on < due.not_before,
        "gap": gap,
        "ask_first": len(gap) > most,
        "gap_says": known.convention("gap-handed-over-days").says,
        "unsigned_says": "" if followed.signed else known.convention("unsigned-supply-days").says,
        "lost_says": known.convention("lost-supply-days").says,
        "home": _there(said_home, early),
        "early": [item_in_words(item, of_page()) for item in _there(early)],
        "at_home": [
            (item_in_words(Item(product=product, amount=amount), of_page()), product.key in used or product.drug in beside)
            for product, amount in sorted(said_home.items(), key=_key)
        ],
        "lasts": lasts,
        "uncounted": uncounted(now),
        "short": bool(lasts and isinstance(whole, NextSupply) and lasts < whole.collection.from_),
        "planned": planned(version, its_own, on, holidays),
        "counted_otherwise": _otherwise(now, version),
        "lost": [_lost(now, number, known, its_own, on, holidays) for number in now.lost],
        "waiting": None if about else next((each for each in now.versions.values() if each.progress.value == "accepted"), None),
        "closed": ", ".join(map(said, version.case.supply.closed)),
        "instalment": version.case.supply.instalment,
        "as_now": any(not intake.portions for step in version.regimen.steps for intake in step.intakes),
        "goes_on": any(step.until is None and step.intakes for step in version.regimen.steps),
    }  # fmt: skip


def _there(*every: Mapping[Product, Fraction]) -> list[Item]:
    """This function will return everything that lies at home, the same product once."""
    products = {product.key: product for pieces in every for product in pieces}
    return [
        Item(
            product=product,
            amount=sum((a for pieces in every for each, a in pieces.items() if each.key == key), Fraction(0)),
        )
        for key, product in sorted(products.items())
    ]


def _key(pair: tuple[Product, Any]) -> str:
    return pair[0].key


def _used_after(steps: Iterable[Step], day: dt.date) -> set[str]:
    """This function will return the keys of the products that are taken on a day or later."""
    return {portion.product.key for step, _, portion in portions(steps) if step.until is None or step.until > day}


def shown(due: NextSupply, steps: Sequence[Step], known: Knowledge, *, replaces: bool = False) -> dict[str, Any]:
    """Return the next supply as a page shows it; of what replaces a loss, the labels of what is handed over alone."""
    got = due.collection
    return {
        **_collection(got, steps, known, only={item.product for item in got.items} if replaces else None),
        "not_before": due.not_before,
        "gap": due.gap,
        "fields": [
            {
                "name": f"item-{item.product.key}",
                "item": item,
                "number": number_of(item),
                "words": item_in_words(item, of_page()),
            }
            for item in got.items
        ],
    }


def _collection(
    got: Collection, steps: Sequence[Step], known: Knowledge, only: Container[Product] | None = None
) -> dict[str, Any]:
    try:
        every = labels(steps, got, int(known.convention("label-length").number))
        written = [each.text for each in every if only is None or each.product in only]
        too_long = ""
    except LabelError as problem:
        written, too_long = [], english(problem)
    later = _used_after(steps, got.until)
    return {
        "on": got.on,
        "from": got.from_,
        "last": got.until - A_DAY,
        "until": got.until,
        "days": (got.until - got.from_).days,
        "items": [
            (item_in_words(item, of_page()), item.product, verified(item.product.confidence)) for item in got.items
        ],
        "labels": written,
        "too_long": too_long,
        "prepared": [
            {
                "each": each,
                "words": product_name(each.product, of_page()),
                "volumes": [decimal_text(volume) for volume in each.volumes],
            }
            for each in prepared(steps, got.from_, got.until, known)
        ],
        "left_over": [(item_in_words(item, of_page()), item.product.key in later) for item in got.left_over],
    }


def planned(version: Version, known: Knowledge, on: dt.date, holidays: Container[dt.date]) -> dict[str, Any]:
    """Return the collections of a version as they were planned, from a day on."""
    supply = version.case.supply
    every = supply.instalment or supply.days_per_supply
    found = collections(version.regimen, every, supply.closed, version.stock, version.made_on, holidays)
    rest = [(number, each) for number, each in enumerate(found, start=1) if each.until > on]
    return {
        "rows": [
            {"number": number, **_collection(each, version.printed.steps, known)} for number, each in rest[:SHOWN]
        ],
        "of": len(found),
        "more": len(rest) - SHOWN if len(rest) > SHOWN else 0,
        "ends": found[-1].until - A_DAY if found else None,
        "every": every.days,
    }


def _otherwise(now: History, version: Version) -> bool:
    """Whether what was handed over leaves something else at home than the version counted on its first day."""
    if not version.stock or not now.dispensed:
        return False
    used = {portion.product for _, _, portion in version.regimen.portions()}
    home = at_home(now, version.regimen.steps[0].from_, as_said=False)
    first = {item.product: item.amount for each in now.dispensed.values() for item in each.items
             if each.from_ == version.regimen.steps[0].from_}  # fmt: skip
    counted = {item.product: item.amount for item in version.stock}
    return any(home.get(each, 0) - first.get(each, 0) != counted.get(each, 0) for each in used)


def _lost(
    now: History, number: int, known: Knowledge, its_own: Knowledge, on: dt.date, holidays: Container[dt.date]
) -> dict[str, Any]:
    lost = now.lost[number]
    due = next_supply(now, known, on=on, holidays=holidays, replaces=number) if number in now.allowed else None
    return {
        "number": number,
        "event": now.events[number - 1],
        "lost": lost,
        "words": [item_in_words(item, of_page()) for item in lost.items],
        "allowed": now.allowed.get(number),
        "open": number + 1 in now.queries,
        "due": shown(due, by_plan(now, about_to_start(now)).steps, its_own, replaces=True)
        if isinstance(due, NextSupply)
        else None,
        "too_early": isinstance(due, NextSupply) and on < due.not_before,
        "nothing": english(due.says) if isinstance(due, Refusal) else "",
    }


def handed_over(now: History) -> list[dict[str, Any]]:
    """Return everything that was handed over, newest first, each with its corrections."""
    found = []
    for event in reversed(now.events):
        if not isinstance(event.what, Dispensed):
            continue
        corrected = [
            each for each in now.events if isinstance(each.what, Corrected) and each.what.number == event.number
        ]
        counts = now.dispensed.get(event.number)
        found.append(
            {
                "event": event,
                "number": event.number,
                "from": event.what.from_,
                "last": event.what.until - A_DAY,
                "items": [item_in_words(item, of_page()) for item in event.what.items],
                "replaces": event.what.replaces,
                "corrections": [_correction(each) for each in corrected],
                "counts": counts is not None,
            }
        )
    return found


def _correction(event: Event) -> dict[str, Any]:
    assert isinstance(event.what, Corrected)
    instead = event.what.instead
    return {
        "event": event,
        "because": event.what.because,
        "instead": [item_in_words(item, of_page()) for item in instead.items]
        if isinstance(instead, Dispensed)
        else None,
        "last": instead.until - A_DAY if isinstance(instead, Dispensed) else None,
    }


def asked(now: History) -> list[dict[str, Any]]:
    """Return what was asked about the plan, the open first and then the newest, each with its answers."""
    answers: dict[int, list[Event]] = {}
    for event in now.events:
        if isinstance(event.what, Replied):
            answers.setdefault(event.what.number, []).append(event)
    found = [
        {
            "number": event.number,
            "event": event,
            "query": event.what,
            "open": event.number in now.queries,
            "answers": answers.get(event.number, []),
            "products": [_named(each) for each in event.what.products],
            "row": _row(now, event.what),
        }
        for event in reversed(now.events)
        if isinstance(event.what, Queried)
    ]
    return sorted(found, key=lambda each: not each["open"])


def _named(product: Product) -> str:
    brand = "" if product.name == "generic" else f" ({product.name})"
    return f"{drug(product.drug)}, {product_name(product, of_page())}{brand}"


def _row(now: History, query: Queried) -> str:
    """This function will say the step that is asked about, as the version has it."""
    steps = now.versions[query.version].version.regimen.steps
    return next((step_in_words(step, of_page()) for step in steps if step.from_ == query.step), "")


def steps_ahead(version: Version, on: dt.date) -> list[Step]:
    """Return the steps of a version that are not over."""
    return [step for step in version.regimen.steps if step.intakes and (step.until is None or step.until > on)]


def choices(version: Version, known: Knowledge) -> list[Product]:
    """Return every product that a pharmacy of the plan's country may have on its shelf."""
    supply, drugs = version.case.supply, version.regimen.drugs
    own = {portion.product for _, _, portion in version.regimen.portions()} | {*supply.products}
    country = supply.country or next((each.country for each in sorted(own, key=lambda each: each.key)), None)
    there = {each for drug in drugs for each in known.products_of(drug, country) if each.everyday} if country else set()
    return sorted(
        {*there, *own}, key=lambda each: (each.drug, each.liquid, each.strength.mg if each.strength else 0, each.key)
    )


def from_shelf(
    now: History, version: Version, products: Iterable[Product], known: Knowledge, on: dt.date, due: NextSupply | None
) -> dict[str, Any]:
    """Return the plan as the shelf makes it: every step before and after, and where it cannot be made.

    Args:
        now: where the case stands.
        version: the plan.
        products: what is on the shelf.
        known: the base of the plan.
        on: the day.
        due: the next supply; None where nothing is to be handed over.
    """
    found = recompose(version.printed, tuple(products), version.case, known, on=max(on, version.regimen.steps[0].from_))
    rows = [_recomposed(each, due) for each in found if each.step.intakes]
    first = next((row for row in rows if row["unmade"]), None)
    return {
        "rows": rows,
        "first_unmade": first,
        "changed": any(row["changed"] for row in rows),
        "whole": first is None,
        "next_whole": not any(row["unmade"] for row in rows if row["next"]),
        "unread": sorted({each.key for each in products if not verified(each.confidence)}),
        "needed": list(_needed(now, found, due)) if due else [],
    }


def _recomposed(each: Recomposed, due: NextSupply | None) -> dict[str, Any]:
    until = due.collection.until if due else None
    return {
        "from": each.step.from_,
        "until": each.step.until,
        "daily": str(each.step.daily),
        "before": step_in_words(each.step, of_page()),
        "after": step_in_words(each.made, of_page()) if each.made else "",
        "changed": each.changed,
        "next": until is not None and each.step.from_ < until,
        "unmade": [
            {
                "time": one.time,
                "dose": str(one.dose),
                "near": [str(near) for near in (one.below, one.above) if near and near.mg],
            }
            for one in each.unmade
        ],
    }


def _needed(now: History, found: Iterable[Recomposed], due: NextSupply) -> Iterator[str]:
    """This function will say what the days of the next supply take from the shelf, without what is at home."""
    total: dict[Product, Any] = {}
    for each in found:
        days = (
            min(due.collection.until, each.step.until or due.collection.until)
            - max(due.collection.from_, each.step.from_)
        ).days
        if each.made is None or days <= 0:
            continue
        for intake in each.made.intakes:
            for portion in intake.portions or ():
                total[portion.product] = total.get(portion.product, 0) + portion.amount * days
    for item in due_items(total, now, due):
        yield item_in_words(item, of_page())


def due_items(total: dict[Product, Any], now: History, due: NextSupply) -> tuple[Item, ...]:
    """Return what is needed beyond what is at home on the first day of the next supply."""
    return rounded_up(total, at_home(now, due.collection.from_, about_to_start(now), as_said=False))


def doses_to_go_on(now: History, on: dt.date) -> list[dict[str, Any]]:
    """Return the doses on which somebody may go on after days without supply: that of the last day with it, and the planned one."""
    plan, gap = by_plan(now), without_supply(now, on)
    if not gap or plan.begins is None:
        return []
    days = {"before": max(gap[0] - A_DAY, plan.begins), "planned": on}
    return [
        {"key": key, "day": day, "words": [step_in_words(step, of_page()) for step in plan.on(day)]}
        for key, day in days.items()
    ]
