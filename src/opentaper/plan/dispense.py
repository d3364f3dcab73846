"""Which doses can be made, and from what.

Everything is counted in whole multiples of one unit, the greatest amount that divides every step of every
product, so that the search is exact and never sees a fraction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import ceil, gcd, lcm

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product
from opentaper.knowledge.products import EVERYDAY_FORMS
from opentaper.patient import Case, Portion
from opentaper.quantity import Dose, ends_as_decimal


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Effort:
    """What an intake asks of a person, compared in this order: pieces, pieces to prepare, products, volume.

    A liquid counts one piece for every 5 mL or 30 drops, or part of them. A piece is prepared when it is broken off
    a tablet, or measured out.
    """

    pieces: int = 0
    prepared: int = 0
    products: int = 0
    volume: Fraction = Fraction(0)

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.pieces + other.pieces,
            self.prepared + other.prepared,
            self.products + other.products,
            self.volume + other.volume,
        )


@dataclass(frozen=True, slots=True)
class _Made:
    effort: Effort
    portions: tuple[Portion, ...]


class Dispensary:
    """The doses of one drug that a case's products make, within what one intake may hold.

    Args:
        case: for the products, the parts allowed, the pieces per intake and the liquid step.
        drug: which drug.
        known: for the conventions on how a liquid counts.
        extra: products to add to what the pharmacy has (to ask what would repair a plan).
        up_to: no dose above this is looked for.
        include: amounts that must be whole numbers of units too, such as the present doses.
    """

    def __init__(
        self,
        case: Case,
        drug: str,
        known: Knowledge,
        *,
        up_to: Dose,
        extra: tuple[Product, ...] = (),
        include: Iterable[Dose] = (),
    ) -> None:
        self.supply, self.up_to = case.supply, up_to
        self.products = sorted({*case.supply.of(drug, known), *extra}, key=_preference)
        self._ml_per_piece = known.convention("ml-per-piece").number
        self._drops_per_piece = known.convention("drops-per-piece").number
        self.level_within = known.convention("level-within").number
        steps = [self.step(product).mg for product in self.products]
        self.unit = common_measure([*steps, *(dose.mg for dose in include if dose)])

    def step(self, product: Product) -> Dose:
        """Return the smallest amount by which a portion of the product can differ."""
        if product.mg_per_drop is not None:
            return Dose(product.mg_per_drop)
        if product.mg_per_ml is not None:
            return Dose(product.mg_per_ml * self.supply.liquid_step_ml)
        assert product.strength is not None
        return product.strength * self.supply.part_of(product)

    def units(self, dose: Dose) -> int:
        """Return a dose as a whole number of units.

        Raises:
            ValueError: it is not a whole number of them.
        """
        count = dose.mg / self.unit
        if count.denominator != 1:
            raise ValueError(f"{dose} is no multiple of {self.unit} mg")
        return count.numerator

    def dose(self, units: int) -> Dose:
        return Dose(self.unit * units)

    @cached_property
    def made(self) -> Mapping[int, _Made]:
        """Every dose of one intake [units] that can be made, with the least effort that makes it."""
        best = dict(self.solid)
        for product in self.products:
            if product.liquid:  # one liquid at a time: nobody should draw up two
                self._add_liquid(best, product)
        if ends_as_decimal(self.unit):  # then every multiple does
            return best
        return {units: made for units, made in best.items() if ends_as_decimal(self.unit * units)}

    def made_with(self, product: Product) -> Mapping[int, _Made]:
        """Return what solid pieces and one liquid make."""
        found = dict(self.solid)
        self._add_liquid(found, product)
        return found

    def _add_liquid(self, best: dict[int, _Made], product: Product) -> None:
        top = int(self.up_to.mg / self.unit)
        _add(best, self.solid, self._portions(product, top), top, self.supply.pieces_per_intake)

    @cached_property
    def solid(self) -> dict[int, _Made]:
        """Every dose of one intake [units] that solid pieces alone can make."""
        top = int(self.up_to.mg / self.unit)
        found: dict[int, _Made] = {0: _Made(Effort(), ())}
        for product in self.products:
            if not product.liquid:
                _add(found, dict(found), self._portions(product, top), top, self.supply.pieces_per_intake)
        return found

    def _portions(self, product: Product, top: int) -> list[tuple[int, _Made]]:
        step = self.step(product)
        step_units = self.units(step)
        one = step.mg / (product.strength.mg if product.strength else product.mg_per_ml or 1)
        found = []
        for count in range(1, top // step_units + 1):
            amount = one * count
            portion = Portion(product=product, amount=amount)
            pieces = self._pieces(portion)
            if product.liquid:
                effort = Effort(pieces, pieces, 1, amount)
            else:
                effort = Effort(pieces, portion.splits, 1, Fraction(0))
            if effort.pieces > self.supply.pieces_per_intake:
                if portion.splits == 0:
                    break
                continue
            found.append((step_units * count, _Made(effort, (portion,))))
        return found

    def _pieces(self, portion: Portion) -> int:
        if portion.drops is not None:
            return ceil(portion.drops / self._drops_per_piece)
        if portion.product.liquid:
            return ceil(portion.amount / self._ml_per_piece)
        return portion.pieces

    def nearest(self, dose: Dose) -> tuple[Dose | None, Dose | None]:
        """Return the nearest doses of one intake that can be made, below and above."""
        below = [units for units in self.made if self.unit * units < dose.mg]
        above = [units for units in self.made if self.unit * units > dose.mg]
        return (
            self.dose(max(below)) if below else None,
            self.dose(min(above)) if above else None,
        )


def _add(best: dict[int, _Made], base: dict[int, _Made], portions: list[tuple[int, _Made]], top: int, cap: int) -> None:
    """This function will add one product's portions to every dose of `base`, keeping the least effort for each."""
    for start, made in base.items():
        for units, portion in portions:
            total = start + units
            if total > top:
                break
            if made.effort.pieces + portion.effort.pieces > cap:
                continue
            effort = made.effort + portion.effort
            if total not in best or effort < best[total].effort:
                best[total] = _Made(effort, made.portions + portion.portions)


def _preference(product: Product) -> tuple[bool, int, Fraction, bool, str]:
    """This function will put first what is kept when two products do equally well: solids, then larger strengths."""
    order = EVERYDAY_FORMS.index(product.form) if product.form in EVERYDAY_FORMS else len(EVERYDAY_FORMS)
    strength = product.strength.mg if product.strength else Fraction(0)
    return product.liquid, order, -strength, product.name != "generic", product.key


def with_one_liquid(case: Case, drug: str, known: Knowledge) -> list[Case]:
    """Return a case once for each liquid of a drug, the weakest first, with the others left aside.

    Two strengths of a liquid in one plan are taken for one another, so a plan never has them.
    """
    liquids = [product for product in case.supply.of(drug, known) if product.liquid]
    liquids.sort(key=lambda product: (product.mg_per_ml or 0, product.key))
    aside = [tuple(each for each in liquids if each is not liquid) for liquid in liquids] or [()]
    return [replace(case, supply=replace(case.supply, without=each)) for each in aside]


def common_measure(amounts: list[Fraction]) -> Fraction:
    """This function will return the greatest amount of which every one of these is a whole multiple."""
    if not amounts:
        return Fraction(1)
    bottom = lcm(*(amount.denominator for amount in amounts))
    return Fraction(gcd(*(int(amount * bottom) for amount in amounts)), bottom)
