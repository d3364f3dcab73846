"""A case: the person, what they take now, where they want to get to, and what their pharmacy has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient.person import Patient
from opentaper.patient.regimen import Intake
from opentaper.quantity import NO_DOSE, Dose, Share, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One medicine that is taken now; `drug` is None for one that the base does not know."""

    drug: str | None
    other: str | None
    since: dt.date | None
    """Since when the drug is taken."""
    until: dt.date | None
    days_per_week: int | None
    intakes: tuple[Intake, ...]
    dose_since: dt.date | None = None
    """Since when this dose is taken; by itself as long as the drug."""

    @property
    def daily(self) -> Dose:
        return sum((intake.dose for intake in self.intakes), NO_DOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A span of days, asked for in advance, in which the dose stays as it is and the plan's clock stops."""

    from_: dt.date
    until: dt.date
    because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """The drug that is reduced next, once the one before it is done: down to what, and how fast if the person said so."""

    of: str
    daily: Dose
    share: Share | None
    percent_of: str
    every: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A wish to replace the drug of the goal by another one first.

    Args:
        to: the other drug.
        table: the key of the equivalence to use; None for the one that gives least of the new drug.
        days: how long the crossover takes.
        order: the times of the present intakes, in the order in which they are replaced.
    """

    to: str
    table: str | None
    days: Span
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Which drug, down to what daily dose, from when, and how fast if the person said so; `then` are those after it."""

    of: str
    daily: Dose
    starts_on: dt.date
    finish_by: dt.date | None
    share: Share | None
    percent_of: str
    every: Span | None
    baseline: Span
    holds: tuple[Hold, ...]
    begun_on: dt.date | None = None
    """The first day of a taper that is already under way."""
    step_back_to: Dose | None = None
    """The dose up to which a person asked to go back."""
    gap: Span | None = None
    """Days just past on which the drug could not be had."""
    then: tuple[Then, ...] = ()


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What the pharmacy has and what the person can handle."""

    country: str | None
    products: tuple[Product, ...]
    """Named by the case; empty means the everyday products of the country."""
    finest_part: Fraction
    pieces_per_intake: int
    liquid_step_ml: Fraction
    days_per_supply: Span
    instalment: Span | None = None
    """The days of one instalment, where a supply is handed over in parts."""
    closed: tuple[str, ...] = ()
    """The days of the week on which nothing can be collected."""
    without: tuple[Product, ...] = ()
    """Products that are left aside; a planner sets it, a case file cannot."""

    def of(self, drug: str, known: Knowledge) -> tuple[Product, ...]:
        """Return the products of a drug that may be used: those named, or the country's everyday ones."""
        if self.products:
            found = tuple(product for product in self.products if product.drug == drug)
        elif self.country is None:
            found = ()
        else:
            found = tuple(
                product
                for product in known.products_of(drug, self.country)
                if product.everyday and known.stocked(product)
            )
        return tuple(product for product in found if product not in self.without)

    def part_of(self, product: Product) -> Fraction:
        """Return the smallest part of a tablet that both its score and this person allow."""
        return max(self.finest_part, product.finest_part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a plan or a review is told."""

    patient: Patient
    taking: tuple[Taking, ...]
    goal: Goal
    supply: Supply
    switch: Switch | None = None

    @property
    def present(self) -> Taking:
        """What is taken now of the drug that is to be tapered."""
        return next(taking for taking in self.taking if taking.drug == self.goal.of)

    def plain(self) -> dict[str, object]:
        """Return it as plain exact text: what a digest is taken of."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: object) -> object:
    """This function will turn anything that a case holds into text, lists and tables; a product is its key."""
    if isinstance(value, Product):
        return value.key
    if isinstance(value, Dose):
        return f"{value.mg} mg"
    if isinstance(value, Share):
        return str(value.of)
    if isinstance(value, Span):
        return value.days
    if isinstance(value, Fraction | dt.date):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in sorted(value.items())}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def diazepam_equivalent(drug: str, daily: Dose, known: Knowledge) -> tuple[Dose, Dose] | None:
    """Return the lowest and highest dose of diazepam that any published equivalence calls equal.

    Tables are never blended and the WHO's defined daily doses are left out, being no equivalence.
    None when no table knows the drug.
    """
    bands = [table.of(drug, daily) for table in known.equivalences.values() if table.equivalence]
    found = [band for band in bands if band is not None]
    if not found:
        return None
    return min(low for low, _ in found), max(high for _, high in found)
