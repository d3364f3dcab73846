"""A clinic's own formulary, prices and stricter limits, as one dated version: what is laid over what ships."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.products import Price

FILE = "clinic/layer.toml"
SIGNOFFS = "clinic/signoffs.toml"
SOURCE = "clinic-layer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stricter:
    """A limit of the base that a clinic draws closer, and why."""

    limit: str
    value: Fraction
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A clinic's own formulary, prices and stricter limits, as one dated version.

    Args:
        clinic: whose it is.
        number: which version.
        from_: the day from which it is meant to bind.
        stock: of each drug that is spoken of, the products that the pharmacy has; of any other drug nobody said.
        prices: what a product costs here, with the day of the price.
        stricter: limits that are drawn closer.
        over: what it stands over, to the file that ships it; filled when it is laid.
    """

    clinic: str
    number: int
    from_: dt.date
    stock: Mapping[str, tuple[str, ...]]
    prices: Mapping[str, Price]
    stricter: tuple[Stricter, ...]
    over: Mapping[str, str]


def layer_text(layer: Layer) -> str:
    """Return a layer as its file has it; reading it gives the same layer.

    Raises:
        ValueError: a text in it would not stand on one line.
    """
    parts = [f"clinic = {_quoted(layer.clinic)}\nnumber = {layer.number}\nfrom = {layer.from_}\n"]
    parts += [
        f"[[stock]]\ndrug = {_quoted(drug)}\nproducts = [{', '.join(map(_quoted, products))}]\n"
        for drug, products in sorted(layer.stock.items())
    ]
    parts += [
        f"[[price]]\nproduct = {_quoted(product)}\nper_unit = {_quoted(str(price.per_unit))}\n"
        f"currency = {_quoted(price.currency)}\non = {price.on}\n"
        for product, price in sorted(layer.prices.items())
    ]
    parts += [
        f"[[stricter]]\nlimit = {_quoted(each.limit)}\nvalue = {_quoted(str(each.value))}\n"
        f"because = {_quoted(each.because)}\n"
        for each in layer.stricter
    ]
    return "\n".join(parts)


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{text!r} is no plain text on one line")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
