"""What a pharmacist reads and prints: what is handed over when, and directions that stand alone within a length."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import heading
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import (
    WordsError,
    drug_name,
    intake_in_words,
    product_name,
    read_intake,
)
from opentaper.frozen import dataclass
from opentaper.knowledge import Product, verified
from opentaper.patient import Intake, Regimen, Step, portions
from opentaper.plan import Collection, Item, collections
from opentaper.quantity import Dose

BETWEEN = "From {first} to {last}."
HEAD = "{drug}."
PART = "{intake}, part of {dose}"
"""What another label adds to is said on each of them."""


class LabelError(ValueError):
    """Directions that do not fit the length: nothing is ever cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One product taken at one time of day on every day of a span (its last day included)."""

    first: dt.date
    last: dt.date
    time: str
    dose: Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Directions for one product of one collection; `text` stands alone."""

    product: Product
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is handed over on one day, with the labels of everything in it."""

    collection: Collection
    number: int
    of: int
    labels: tuple[Label, ...]


def handovers(edition: Edition, lang: Language = ENGLISH, *, length: int | None = None) -> tuple[Handover, ...]:
    """Return what is handed over for a plan, day by day, in instalments where the case asks for them.

    Args:
        edition: the plan to dispense.
        lang: the language of the directions.
        length: the most characters that one label may have; by itself the convention's.

    Raises:
        LabelError: one direction alone is longer than that; says how many characters it needs.
    """
    supply = edition.case.supply
    every = supply.instalment or supply.days_per_supply
    most = length or int(edition.known.convention("label-length").number)
    found = collections(edition.regimen, every, supply.closed, edition.plan.stock, not_before=edition.made_on)
    return tuple(
        Handover(collection=each, number=number, of=len(found), labels=labels(edition.regimen.steps, each, most, lang))
        for number, each in enumerate(found, start=1)
    )


def labels(steps: Iterable[Step], each: Collection, length: int, lang: Language = ENGLISH) -> tuple[Label, ...]:
    """Return the labels of a collection in the order of their days; none joins two spans of days.

    Args:
        steps: what is taken.
        each: the collection.
        length: the most characters that one label may have.
        lang: the language of the directions.

    Raises:
        LabelError: one direction alone is longer than that.
    """
    return tuple(_labels(steps, each, lang, length))


def _labels(steps: Iterable[Step], each: Collection, lang: Language, length: int) -> Iterator[Label]:
    found: dict[tuple[dt.date, dt.date, Product], list[str]] = {}
    for step, intake, portion in portions(steps):
        first, end = max(step.from_, each.from_), min(step.until or each.until, each.until)
        if first < end:
            own = Intake(time=intake.time, dose=portion.dose, portions=(portion,))
            words = intake_in_words(own, lang)
            if own.dose != intake.dose:
                words = lang.say(PART, intake=words, dose=lang.dose(intake.dose))
            found.setdefault((first, end - dt.timedelta(1), portion.product), []).append(f"{words}.")
    for (first, last, product), directions in sorted(found.items(), key=lambda pair: (*pair[0][:2], pair[0][2].key)):
        yield from (
            Label(product=product, text=text) for text in _texts(product, first, last, directions, lang, length)
        )


def _texts(
    product: Product, first: dt.date, last: dt.date, directions: list[str], lang: Language, length: int
) -> Iterator[str]:
    """This function will fit as many directions as possible on one label after the other."""
    head = f"{lang.say(HEAD, drug=drug_name(product.drug, lang))} {lang.say(BETWEEN, first=first, last=last)}"
    text = head
    for words in directions:
        longer = f"{text} {words}"
        if len(longer) > length:
            if text != head:
                yield text
            longer = f"{head} {words}"
        if len(longer) > length:
            raise LabelError(f"this direction needs {len(longer)} characters, the label has {length}: {longer}")
        text = longer
    yield text


def read_label(text: str, lang: Language = ENGLISH) -> tuple[Taken, ...]:
    """Read the directions of one label back: dates, times and doses, each dose from its pieces.

    Raises:
        WordsError: they are not directions, or the pieces do not add up to the dose stated.
    """
    template = re.escape(lang.template(BETWEEN)).replace(r"\{first\}", r"(\S+)").replace(r"\{last\}", r"(\S+)")
    _, *rest = re.split(template, text)
    if not rest or len(rest) % 3:
        raise WordsError(f"{text!r} has no dates")
    part = re.escape(lang.template(PART)).replace(r"\{intake\}", "(.+)").replace(r"\{dose\}", r"[0-9.,]+ mg")
    found = []
    for first, last, directions in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        for words in re.split(r"(?<=\)|g)\.(?: |$)", directions.strip()):
            if words:
                own = re.fullmatch(part, words)
                time, dose = read_intake(own[1] if own else words, lang)
                found.append(
                    Taken(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last), time=time, dose=dose)
                )
    return tuple(found)


def unverified_products(regimen: Regimen) -> list[str]:
    """Return the keys of the products that nobody has checked against a package or a list."""
    used = {portion.product for _, _, portion in regimen.portions()}
    return sorted(product.key for product in used if not verified(product.confidence))


def item_in_words(item: Item, lang: Language = ENGLISH) -> str:
    """Say a quantity to hand over: "42 × clonazepam, 0.5 mg tablet", "70 mL of clonazepam, 0.1 mg/mL oral solution"."""
    product = item.product
    named = {"drug": lang.say_as("drug", product.drug), "product": product_name(product, lang)}
    if product.liquid:
        return lang.say("{ml} mL of {drug}, {product}", ml=lang.number(item.amount), **named)
    return lang.say("{count} × {drug}, {product}", count=lang.number(item.amount), **named)


def pharmacy_text(edition: Edition, lang: Language = ENGLISH, *, length: int | None = None) -> str:
    """Write what the pharmacist works from: each day of collection with its quantities and its labels."""
    lines = [*heading(edition, lang), ""]
    supply = edition.case.supply
    parts = supply.instalment is not None
    for each in handovers(edition, lang, length=length):
        got = each.collection
        lines.append(
            lang.say(
                "Collection {number} of {of}: hand over on {on}, for {first} to {last} ({days}).",
                number=each.number, of=each.of, on=f"{lang.date(got.on)} ({got.on})", first=got.from_,
                last=got.until - dt.timedelta(1), days=lang.count("{number} day", "{number} days", (got.until - got.from_).days),
            )
        )  # fmt: skip
        lines += [f"  {item_in_words(item, lang)}  [{item.product.name}; {item.product.key}]" for item in got.items]
        if not got.items:
            lines.append("  " + lang.say("Nothing: what is left over is enough."))
        lines += [
            "  " + lang.say("Left over at its end, to be used first: {amount}.", amount=item_in_words(item, lang))
            for item in got.left_over
        ]
        lines += [
            "  " + lang.say("Label ({length} characters): {text}", length=len(label.text), text=label.text)
            for label in each.labels
        ]
        lines.append("")
    if any(step.until is None and step.intakes for step in edition.regimen.steps):
        lines.append(
            lang.say(
                "The last dose goes on: the last collection is repeated every {days} until further notice.",
                days=lang.span((supply.instalment or supply.days_per_supply).days),
            )
        )
    if any(not intake.portions for step in edition.regimen.steps for intake in step.intakes):
        lines.append(lang.say("What is taken “as now” is not in these collections: it is dispensed as before."))
    if parts:
        lines.append(lang.say("These are instalments: no more than one is handed over at a time."))
    lines.append(lang.say("Never more than this plan."))
    if any(portion.splits for _, _, portion in edition.regimen.portions()):
        lines.append(lang.say("A part of a broken tablet is kept for its next day."))
    if unread := unverified_products(edition.regimen):
        lines.append(
            lang.say("Recalled and unverified, so check that they exist: {products}.", products=", ".join(unread))
        )
    return "\n".join(lines) + "\n"
