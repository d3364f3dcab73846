"""Lay a clinic's own layer over what ships: limits that are only ever stricter, its formulary and its prices.

A layer is one file beside those of the base, and never edits one of them. The digest of a base covers it, so that a plan,
a review and a signature are tied to it like to any other number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

from opentaper.knowledge.known import Knowledge
from opentaper.knowledge.layer import FILE, SOURCE, Layer, Stricter
from opentaper.knowledge.limits import RATE_MEASURES, Limit
from opentaper.knowledge.products import CURRENCIES, Price
from opentaper.knowledge.signoff import Signoff, digest, review_state
from opentaper.knowledge.sources import Source
from opentaper.knowledge.table import KnowledgeError, Table, nearest

LEFT = {
    "plausible-diazepam-equivalent": "it decides whether a case file is read at all",
    "switch-overlap": "it decides whether a case file is read at all",
    "age": "the sentences that name it are those of its source",
}
"""What stays as it ships, and why: else a case of yesterday could not be read today, or a finding would misquote."""
COUNTED = (
    "step-interval", "review-interval", "longest-hold", "tolerance-review-from", "tolerance-review-until",
    "last-dose",
)  # fmt: skip
"""Measured in whole days or pieces."""
SHARES = (*RATE_MEASURES, "initial-reduction", "coarse-step", "intake-share")
FINEST_SHARE = Fraction(1, 100)
MOST_PARTS = 1_000


def read_layer(table: Table, known: Knowledge) -> Layer:
    """Read a layer that is to be laid over a base.

    Raises:
        KnowledgeError: it names what the base does not have, or a limit in it is not stricter; with its place.
    """
    layer = Layer(
        clinic=table.text("clinic"),
        number=table.whole("number", least=1),
        from_=table.date("from"),
        stock=dict(_once(table, "stock", (_stock(each, known) for each in table.maybe_tables("stock")))),
        prices=dict(_once(table, "price", (_price(each, known) for each in table.maybe_tables("price")))),
        stricter=tuple(_stricter(each, known) for each in table.maybe_tables("stricter")),
        over={},
    )
    table.done()
    _once(table, "stricter", ((each.limit, each) for each in layer.stricter))
    return layer


def _once(table: Table, key: str, found: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """This function will refuse a layer that says two things of one."""
    named = list(found)
    names = [name for name, _ in named]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise table.fail(key, f"{repeated!r} stands in it twice")
    return named


def _stock(table: Table, known: Knowledge) -> tuple[str, tuple[str, ...]]:
    drug, products = table.choice("drug", known.drugs), table.texts("products")
    for key in products:
        if key not in known.products or known.products[key].drug != drug:
            close = nearest(key, (each.key for each in known.products_of(drug)))
            raise table.fail("products", f"there is no product {key!r} of {drug}", close)
    table.done()
    return drug, products


def _price(table: Table, known: Knowledge) -> tuple[str, Price]:
    product = table.choice("product", known.products)
    price = Price(
        per_unit=table.number("per_unit"),
        currency=table.choice("currency", CURRENCIES),
        confidence="high",
        on=table.date("on"),
    )
    table.done()
    if price.per_unit < 0:
        raise table.fail("per_unit", f"{product}: a price is not below zero")
    return product, price


def _stricter(table: Table, known: Knowledge) -> Stricter:
    key, limits = table.text("limit"), {limit.id: limit for limit in known.limits}
    if key not in limits:
        raise table.fail("limit", f"there is no limit {key!r}", nearest(key, limits))
    stricter = Stricter(limit=key, value=table.number("value"), because=table.text("because"))
    table.done()
    if problem := _not_stricter(limits[key], stricter.value):
        raise table.fail("value", f"{key}: {problem}")
    return stricter


def _not_stricter(limit: Limit, value: Fraction) -> str:
    """This function will say why a value cannot stand for a limit; nothing when it can."""
    if limit.measures in LEFT:
        return f"this limit stays as it ships: {LEFT[limit.measures]}"
    higher = limit.bound == "at least"
    if value <= limit.value if higher else value >= limit.value:
        return (
            f"{value} is not stricter than {limit.bound} {limit.value}, which ships ({limit.source}, {limit.at}); a "
            f"clinic's own limit is {'above' if higher else 'below'} that, or left out"
        )
    if limit.measures in COUNTED and (value.denominator != 1 or value < 1):
        return f"{value} is no whole number above zero, and this is counted"
    if limit.measures in SHARES and (value < FINEST_SHARE or value.denominator > MOST_PARTS):
        return f"{value} is finer than any product can follow; a share is at least {FINEST_SHARE}"
    return f"{value} is not above zero" if value <= 0 else ""


def lay(known: Knowledge, content: Mapping[str, Any], signoffs: Iterable[Signoff] = ()) -> Knowledge:
    """Return a base with a clinic's layer over it; the base itself stays what it is.

    No product, claim or table changes: a regimen that was written with the base means the same with the layer.

    Args:
        known: the base as it ships.
        content: the layer as it was parsed.
        signoffs: who signed the layer.

    Raises:
        KnowledgeError: it names what the base does not have, a limit is not stricter, or no plan could obey them all.
    """
    table = Table(content, FILE)
    layer = read_layer(table, known)
    limits = {each.limit: each for each in layer.stricter}
    over = {f"limit:{key}": known.homes[f"limit:{key}"] for key in limits}
    mark = digest(content)
    files = {**known.files, FILE: mark}
    laid = replace(
        known,
        limits=tuple(
            _closer(limit, limits[limit.id], layer) if limit.id in limits else limit for limit in known.limits
        ),
        sources={**known.sources, SOURCE: _source(layer)},
        homes={**known.homes, **dict.fromkeys(over, FILE), f"source:{SOURCE}": FILE},
        files=files,
        states={**known.states, FILE: review_state(FILE, files, signoffs, known.as_of)},
        layer=replace(layer, over=over),
    )
    _can_be_obeyed(laid, table)
    return laid


def lay_again(known: Knowledge, content: Mapping[str, Any], signoffs: Iterable[Signoff] = ()) -> Knowledge:
    """Return a base with a layer that may have been signed over an earlier base.

    A layer that does not fit what ships by now is never dropped, which would loosen it unseen: the base says why it is
    `unfit`, review lets nothing be started with it, and whoever is in a plan goes on and may hold.
    """
    signed = tuple(signoffs)
    try:
        return lay(known, content, signed)
    except KnowledgeError as problem:
        files = {**known.files, FILE: digest(content)}
        state = review_state(FILE, files, signed, known.as_of)
        return replace(known, files=files, states={**known.states, FILE: state}, unfit=str(problem))


def _closer(limit: Limit, stricter: Stricter, layer: Layer) -> Limit:
    return replace(
        limit,
        value=stricter.value,
        strength="house",
        certainty="not graded",
        says=(
            f"{stricter.because} This is the limit of {layer.clinic}, stricter than {limit.bound} {limit.value} "
            f"({limit.source}, {limit.at})."
        ),
        source=SOURCE,
        at=f"version {layer.number}, from {layer.from_}",
        confidence="high",
    )


def _source(layer: Layer) -> Source:
    return Source(
        key=SOURCE,
        title=f"Own formulary, prices and stricter limits of {layer.clinic}, version {layer.number}",
        by=layer.clinic,
        year=layer.from_.year,
        kind="house",
        read_as="itself",
        doi=None,
        note=None,
    )


def _can_be_obeyed(laid: Knowledge, table: Table) -> None:
    """This function will refuse limits of which each is stricter and which together leave nothing."""
    first, last = (laid.limit(f"tolerance-review-{end}").value for end in ("from", "until"))
    if first > last:
        raise table.fail("stricter", f"tolerance would be reviewed from day {first} and until day {last}: on no day")
    interval, hold = laid.limit("step-interval").value, laid.limit("longest-hold").value
    if interval > hold:
        raise table.fail("stricter", f"{interval} days between steps are more than the longest hold of {hold} days")
    for limit in (each for each in laid.limits if each.measures in ("dose-reduction", "step-reduction")):
        # The last step takes everything, so that it counts as so many steps of this share (docs/decisions/0003).
        days = ceil(1 / limit.value) * (limit.per.days if limit.per else int(interval))
        if days > hold:
            says = f"{limit.id}: the last step to zero takes everything, so at {limit.value} in a step it needs {days} days"
            raise table.fail(
                "stricter", f"{says} on the dose before; the longest hold is {hold}, and no taper could end"
            )
