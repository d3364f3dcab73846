"""The rows in which a clinic's layer is written: each limit that may be drawn closer, each drug with its products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from opentaper.clinic.library.action import RefusedError
from opentaper.clinic.library.links import link
from opentaper.knowledge import Knowledge, Layer, Limit, Price, Stricter
from opentaper.knowledge.lay import LEFT
from opentaper.quantity import AmountError, decimal_text, ends_as_decimal, exact

CURRENCY = {"US": "USD", "CH": "CHF", "UK": "GBP", "CA": "CAD", "AU": "AUD"}


class RowError(RefusedError, ValueError):
    """A row that cannot be read; one sentence says which and why."""


def limits(base: Knowledge, layer: Layer | None, typed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return a row for each limit that may be drawn closer, with what was typed or what the layer says."""
    own = {each.limit: each for each in layer.stricter} if layer else {}
    found = []
    for limit in _may(base):
        said = own.get(limit.id)
        value, because = (str(said.value), said.because) if said else ("", "")
        if typed is not None:
            value, because = typed.get(f"value-{limit.id}", ""), typed.get(f"because-{limit.id}", "")
        found.append({"limit": limit, "url": link(base, "limit", limit.id), "value": value, "because": because})
    return found


def _may(base: Knowledge) -> list[Limit]:
    return [limit for limit in base.limits if limit.measures not in LEFT]


def drugs(
    base: Knowledge, layer: Layer | None, country: str, typed: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return a row for each drug that is sold in a country, with its products."""
    found = []
    for key, drug in base.drugs.items():
        products = base.products_of(key, country)
        if not (drug.tapered and products):
            continue
        stock = layer.stock.get(key) if layer else None
        rows = []
        for product in products:
            price = layer.prices.get(product.key) if layer else None
            has, cost = stock is None or product.key in stock, number(price) if price else ""
            if typed is not None:
                has, cost = f"have-{product.key}" in typed, typed.get(f"price-{product.key}", "")
            rows.append({"product": product, "has": has, "price": cost, "on": price.on if price else None,
                         "url": link(base, "product", product.key)})  # fmt: skip
        only = stock is not None if typed is None else f"only-{key}" in typed
        spoken = only or any(row["price"] for row in rows)
        found.append({"drug": drug, "only": only, "rows": rows, "open": spoken})
    return found


def number(price: Price) -> str:
    """Return a price as it is typed."""
    return decimal_text(price.per_unit) if ends_as_decimal(price.per_unit) else str(price.per_unit)


def layer_of(
    base: Knowledge, before: Layer | None, typed: Mapping[str, str], *, clinic: str, country: str, number: int,
    from_day: dt.date, currency: str, priced_on: dt.date,
) -> Layer:  # fmt: skip
    """Return the layer that was typed; a price that stays what it was keeps its day.

    Raises:
        RowError: a number cannot be read, or a stricter limit has no reason.
    """
    stricter = []
    for row in limits(base, None, typed):
        limit, value, because = row["limit"], row["value"].strip(), " ".join(row["because"].split())
        if value:
            if not because:
                raise RowError(_("%(limit)s: say why.") % {"limit": limit.id})
            stricter.append(Stricter(limit=limit.id, value=_exact(limit.id, value), because=because))
    stock, prices = dict[str, tuple[str, ...]](), dict[str, Price]()
    for each in drugs(base, None, country, typed):
        if each["only"]:
            stock[each["drug"].key] = tuple(row["product"].key for row in each["rows"] if row["has"])
        for row in each["rows"]:
            if cost := row["price"].strip():
                key, amount = row["product"].key, _exact(row["product"].key, cost)
                old = before.prices.get(key) if before else None
                same = old is not None and (old.per_unit, old.currency) == (amount, currency)
                prices[key] = old if same and old else Price(
                    per_unit=amount, currency=currency, confidence="high", on=priced_on
                )  # fmt: skip
    return Layer(
        clinic=clinic, number=number, from_=from_day, stock=stock, prices=prices, stricter=tuple(stricter), over={}
    )


def _exact(name: str, typed: str) -> Any:
    try:
        return exact(typed)
    except AmountError as problem:
        raise RowError(f"{name}: {problem}") from None
