"""What a plan's supply costs, as far as prices are known: exact, dated where somebody dated them, and never a guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Price, Product
from opentaper.plan import Plan
from opentaper.quantity import decimal_text, ends_as_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What is handed over of one product in all collections: whole pieces, or mL of a liquid."""

    product: Product
    amount: Fraction
    price: Price | None

    @property
    def cost(self) -> Fraction | None:
        """The amount times its price, exactly; None where neither the clinic nor the base knows a price."""
        return self.price.per_unit * self.amount if self.price else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the supply costs as far as prices are known; those of the base are undated, and an unknown price is not zero."""

    handed: tuple[Handed, ...]

    @property
    def sums(self) -> Mapping[str, Fraction]:
        """The exact sum in each currency; empty when no price is known."""
        found: dict[str, Fraction] = {}
        for each in self.handed:
            if each.price and each.cost is not None:
                currency = each.price.currency
                found[currency] = found.get(currency, Fraction(0)) + each.cost
        return dict(sorted(found.items()))

    @property
    def unpriced(self) -> tuple[Handed, ...]:
        return tuple(each for each in self.handed if each.price is None)

    @property
    def confidences(self) -> tuple[str, ...]:
        """How sure the prices that were used are, each once."""
        return tuple(sorted({each.price.confidence for each in self.handed if each.price}))

    @property
    def dated(self) -> tuple[dt.date | None, ...]:
        """The days of the prices that were used, each once; None for one that nobody dated, first."""
        return tuple(sorted({each.price.on for each in self.handed if each.price}, key=lambda on: on or dt.date.min))

    def amount(self, *, liquid: bool, priced: bool = False) -> Fraction:
        """Return how much is handed over: pieces, or mL when `liquid`; with `priced` only what has a price."""
        amounts = (
            each.amount
            for each in self.handed
            if each.product.liquid == liquid and (each.price is not None or not priced)
        )
        return sum(amounts, Fraction(0))


def cost_of(plan: Plan, known: Knowledge) -> Cost:
    """Return what all collections of a plan cost, each product once."""
    return Cost(handed=tuple(_handed(plan, known)))


def _handed(plan: Plan, known: Knowledge) -> Iterator[Handed]:
    items = [item for collection in plan.supply for item in collection.items]
    products = {item.product.key: item.product for item in items}
    for key in sorted(products):
        amount = sum((item.amount for item in items if item.product.key == key), Fraction(0))
        yield Handed(product=products[key], amount=amount, price=known.price_of(products[key]))


def exact_text(number: Fraction) -> str:
    """Print a number exactly: as a decimal where it ends as one, else as a fraction.

    Example:
        >>> exact_text(Fraction(305, 40)), exact_text(Fraction(1, 3))
        ('7.625', '1/3')
    """
    return decimal_text(number) if ends_as_decimal(number) else str(number)


def cost_document(cost: Cost) -> dict[str, Any]:
    """Return what a document says of a cost: exact text, what has a price and what has none."""
    return {
        "sums": [{"currency": currency, "amount": exact_text(amount)} for currency, amount in cost.sums.items()],
        "priced": [
            {
                **_amount(each),
                "price": exact_text(each.price.per_unit),
                "currency": each.price.currency,
                "confidence": each.price.confidence,
                "dated": each.price.on.isoformat() if each.price.on else None,
            }
            for each in cost.handed
            if each.price
        ],
        "unpriced": [_amount(each) for each in cost.unpriced],
        "pieces": str(cost.amount(liquid=False)),
        "pieces_priced": str(cost.amount(liquid=False, priced=True)),
        "ml": exact_text(cost.amount(liquid=True)),
        "ml_priced": exact_text(cost.amount(liquid=True, priced=True)),
    }


def _amount(each: Handed) -> dict[str, str]:
    return {"product": each.product.key, "ml" if each.product.liquid else "count": exact_text(each.amount)}
