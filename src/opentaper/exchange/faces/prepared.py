"""What has to be broken or measured for some days of a plan: what a pharmacist prepares, or shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Step, portions


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One product of some days that is taken in parts, or by volume.

    Args:
        product: which.
        halves, quarters: how many of them are taken.
        volumes: the volumes [mL] that are drawn up, the smallest first.
        syringe_ml: the smallest oral syringe that holds the largest of them; None where none does.
    """

    product: Product
    halves: int = 0
    quarters: int = 0
    volumes: tuple[Fraction, ...] = ()
    syringe_ml: int | None = None

    @property
    def broken(self) -> int:
        """How many whole pieces these parts are of."""
        return ceil(Fraction(self.halves, 2) + Fraction(self.quarters, 4))


def prepared(steps: Iterable[Step], from_: dt.date, until: dt.date, known: Knowledge) -> tuple[Prepared, ...]:
    """Return what has to be broken or measured for some days, by product.

    Args:
        steps: what is taken.
        from_, until: the days.
        known: for the sizes of syringes.
    """
    parts: dict[Product, dict[Fraction, int]] = {}
    for step, _, portion in portions(steps):
        days = (min(until, step.until or until) - max(from_, step.from_)).days
        if days > 0:
            amounts = parts.setdefault(portion.product, {})
            amounts[portion.amount] = amounts.get(portion.amount, 0) + days
    return tuple(_of(known, parts))


def _of(known: Knowledge, parts: dict[Product, dict[Fraction, int]]) -> Iterator[Prepared]:
    sizes = [int(size) for size in known.convention("syringes-ml").value.split(",")]
    for product, amounts in sorted(parts.items(), key=lambda each: each[0].key):
        if product.liquid:
            largest = max(amounts)
            yield Prepared(
                product=product,
                volumes=tuple(sorted(amounts)),
                syringe_ml=next((size for size in sizes if largest <= size), None),
            )
            continue
        quarters = {amount: int((amount - int(amount)) * 4) for amount in amounts}
        halves = sum(days for amount, days in amounts.items() if quarters[amount] >= 2)
        single = sum(days for amount, days in amounts.items() if quarters[amount] % 2)
        if halves or single:
            yield Prepared(product=product, halves=halves, quarters=single)
