"""What a pharmacy can hand over: a product's strength, its score, and what may be taken from it."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import Dose

COUNTRIES = ("US", "UK", "CA", "AU", "CH", "DE", "FR", "NL", "ES", "IT", "compounded")
SOLID_FORMS = {
    "tablet": "tablet",
    "odt": "orally disintegrating tablet",
    "capsule": "capsule",
    "er-tablet": "extended-release tablet",
    "er-capsule": "extended-release capsule",
    "sl-tablet": "sublingual tablet",
    "sl-odt": "sublingual disintegrating tablet",
    "film": "oral film",
}
LIQUID_FORMS = {
    "solution": "oral solution",
    "suspension": "oral suspension",
    "concentrate": "oral concentrate",
    "drops": "oral drops",
}
FORMS = SOLID_FORMS | LIQUID_FORMS
CURRENCIES = ("USD", "CHF", "EUR", "GBP", "CAD", "AUD")
SCORES = ("none", "half", "quarter", "unknown")
SPLITTABLE_FORMS = ("tablet",)
"""Only a plain tablet is ever split; never an ODT, a capsule, a film or anything made to release slowly."""

EVERYDAY_FORMS = ("tablet", "odt", "capsule", "solution", "suspension", "concentrate", "drops")
"""Forms that a plan may mix freely; the others (sublingual, film, extended release) only when a case names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price per tablet or capsule, or per mL; undated unless the source dates it."""

    per_unit: Fraction
    currency: str
    confidence: str
    on: dt.date | None = None

    @classmethod
    def read(cls, table: Table) -> Price:
        price = cls(
            per_unit=table.number("per_unit"),
            currency=table.choice("currency", CURRENCIES),
            confidence=table.choice("confidence", CONFIDENCES),
            on=table.maybe(table.date, "on"),
        )
        table.done()
        return price


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of one country.

    A solid has a strength [mg] and a score; a liquid has a concentration [mg/mL] and, for drops, mg per drop.
    """

    key: str
    drug: str
    country: str
    name: str
    form: str
    release: str
    strength: Dose | None
    score: str | None
    score_confidence: str | None
    smallest_piece: Dose | None
    mg_per_ml: Fraction | None
    mg_per_drop: Fraction | None
    rxnorm: str | None
    price: Price | None
    source: str
    confidence: str
    note: str | None
    supply_note: str | None

    def __hash__(self) -> int:
        return hash(self.key)  # what is counted is counted by product, and a key tells nearly all of them apart

    @property
    def liquid(self) -> bool:
        return self.form in LIQUID_FORMS

    @property
    def everyday(self) -> bool:
        """Whether a plan may use it without being told to: immediate release, swallowed."""
        return self.form in EVERYDAY_FORMS and self.release == "immediate"

    @property
    def finest_part(self) -> Fraction:
        """The smallest part of one piece that its score allows: 1, 1/2 or 1/4; an unknown score allows none.

        Raises:
            ValueError: for a liquid, which has no pieces.
        """
        if self.liquid:
            raise ValueError(f"{self.key} is a liquid")
        if self.form not in SPLITTABLE_FORMS or self.release != "immediate":
            return Fraction(1)
        return {"half": Fraction(1, 2), "quarter": Fraction(1, 4)}.get(self.score or "", Fraction(1))

    @property
    def says(self) -> str:
        """How the product is called on a row: "0.5 mg tablet", "0.1 mg/mL oral solution"."""
        if self.strength is not None:
            return f"{self.strength} {FORMS[self.form]}"
        assert self.mg_per_ml is not None
        return f"{Dose(self.mg_per_ml)}/mL {FORMS[self.form]}"

    @classmethod
    def read(cls, table: Table) -> Product:
        form = table.choice("form", FORMS)
        solid = form in SOLID_FORMS
        product = cls(
            key=table.key("key"),
            drug=table.key("drug"),
            country=table.choice("country", COUNTRIES),
            name=table.text("name"),
            form=form,
            release=table.choice("release", ("immediate", "extended")),
            strength=table.milligrams("strength_mg") if solid else None,
            score=table.choice("score", SCORES) if solid else None,
            score_confidence=table.choice("score_confidence", CONFIDENCES) if solid else None,
            smallest_piece=table.maybe(table.milligrams, "smallest_piece_mg") if solid else None,
            mg_per_ml=None if solid else table.number("concentration_mg_per_ml"),
            mg_per_drop=table.number("mg_per_drop") if form == "drops" else None,
            rxnorm=table.maybe(table.text, "rxnorm"),
            price=Price.read(table.table("price")) if table.has("price") else None,
            source=table.key("source"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
            supply_note=table.maybe(table.text, "supply_note"),
        )
        table.done()
        if product.key.split("-")[0] != product.country.lower() or not product.key.startswith(
            f"{product.country.lower()}-{product.drug}-{product.form}-"
        ):
            raise table.fail("key", f"{product.key!r} does not begin with its country, drug and form")
        if (
            product.smallest_piece
            and product.strength
            and product.smallest_piece != product.strength * product.finest_part
        ):
            raise table.fail("smallest_piece_mg", f"{product.smallest_piece} does not follow from the score")
        return product
