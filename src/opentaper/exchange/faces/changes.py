"""What a new version changes against the one before, in words: dates and quantities moved, nothing left unsaid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction

from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import drug_name, product_name, step_in_words
from opentaper.knowledge import Product
from opentaper.patient import Regimen, Step
from opentaper.plan import Collection
from opentaper.quantity import Dose


def changes(before: Regimen, after: Regimen, on: dt.date, lang: Language = ENGLISH) -> list[str]:
    """Say, dose by dose, what a new version moves, adds or leaves out from a day on.

    Args:
        before: everything printed up to the version before.
        after: the new version.
        on: its first day.
        lang: the language of the words.
    """
    found: list[str] = []
    for drug in dict.fromkeys((*before.drugs, *after.drugs)):
        was, now = _from(before, drug, on), _from(after, drug, on)
        said = (_change(was.get(key), now.get(key), on, lang) for key in dict.fromkeys((*now, *was)))
        found += [text for text in said if text]
    return found or [lang.say("Nothing changes.")]


def _from(regimen: Regimen, drug: str, on: dt.date) -> Mapping[tuple[Dose, int], Step]:
    """This function will return a drug's steps from a day on, each known by its dose and how often that came before."""
    found: dict[tuple[Dose, int], Step] = {}
    for step in regimen.of(drug):
        if step.until is None or step.until > on:
            times = sum(dose == step.daily for dose, _ in found)
            found[step.daily, times] = step
    return found


def _change(was: Step | None, now: Step | None, on: dt.date, lang: Language) -> str | None:
    step = now or was
    assert step is not None
    dose = {"drug": drug_name(step.drug, lang), "dose": lang.dose(step.daily)}
    if was is None:
        return lang.say("{drug} {dose} a day: new, from {now}.", **dose, now=step.from_)
    if now is None:
        return lang.say("{drug} {dose} a day: no longer planned; it was from {was}.", **dose, was=step.from_)
    days = (now.from_ - was.from_).days
    said = []
    if days and was.from_ >= on:
        said.append(_moved(was, now, dose, lang))
    elif was.until != now.until:
        said.append(_until(was, now, dose, lang))
    if was.intakes != now.intakes:
        said.append(lang.say("In other pieces: {words}", words=step_in_words(now, lang)))
    return " ".join(each for each in said if each) or None


def _moved(was: Step, now: Step, dose: Mapping[str, str], lang: Language) -> str:
    days = (now.from_ - was.from_).days
    count = lang.count("{number} day", "{number} days", abs(days))
    values = {**dose, "now": now.from_, "was": was.from_, "days": count}
    if days > 0:
        return lang.say("{drug} {dose} a day: from {now} instead of {was}, {days} later.", **values)
    return lang.say("{drug} {dose} a day: from {now} instead of {was}, {days} earlier.", **values)


def _until(was: Step, now: Step, dose: Mapping[str, str], lang: Language) -> str:
    if now.until is None:
        return lang.say("{drug} {dose} a day: until further notice.", **dose)
    if was.until is None:
        return lang.say("{drug} {dose} a day: until {now}.", **dose, now=now.until - dt.timedelta(1))
    return lang.say(
        "{drug} {dose} a day: until {now} instead of {was}.", **dose, now=now.until - dt.timedelta(1),
        was=was.until - dt.timedelta(1),
    )  # fmt: skip


def quantities(
    before: tuple[Collection, ...], after: tuple[Collection, ...], on: dt.date, lang: Language = ENGLISH
) -> Iterator[str]:
    """Say how much of each product is still to be handed over from a day on, against the version before."""
    was, now = _totals(before, on), _totals(after, on)
    for product in sorted({*was, *now}, key=lambda each: each.key):
        old, new = was.get(product, Fraction(0)), now.get(product, Fraction(0))
        name = f"{drug_name(product.drug, lang)}, {product_name(product, lang)}"
        unit = "mL" if product.liquid else "×"
        if old != new:
            yield lang.say(
                "{name}: {new} {unit} still to be handed over instead of {old} {unit}.",
                name=name, new=lang.number(new), old=lang.number(old), unit=unit,
            )  # fmt: skip


def _totals(collections: tuple[Collection, ...], on: dt.date) -> Mapping[Product, Fraction]:
    found: dict[Product, Fraction] = {}
    for each in collections:
        if each.from_ >= on:
            for item in each.items:
                found[item.product] = found.get(item.product, Fraction(0)) + item.amount
    return found
