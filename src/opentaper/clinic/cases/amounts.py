"""Amounts of products as they are typed into a form: exact, or refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _

from opentaper.knowledge import Product
from opentaper.plan import Item

MOST = 100_000
PREFIX = "item-"
WHOLE, DECIMAL = re.compile(r"[0-9]{1,6}"), re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


class AmountError(ValueError):
    """An amount that cannot be read; says which, and what is allowed."""


def items_of(sent: Mapping[str, str], there: Iterable[Product], *, parts: bool = False) -> tuple[Item, ...]:
    """Return the amounts that were typed; an empty one and a zero are nothing of that product.

    Args:
        sent: every field that was sent.
        there: the products that may be named.
        parts: whether halves and quarters of pieces may be said, as what is at home has.

    Raises:
        AmountError: one of them is no amount, or of a product that is not there.
    """
    known = {f"{PREFIX}{each.key}": each for each in sorted(there, key=lambda each: each.key)}
    if strange := [name for name in sent if name.startswith(PREFIX) and name not in known]:
        raise AmountError(
            _("%(product)s is none of the products of this plan") % {"product": strange[0][len(PREFIX) :]}
        )
    found = []
    for name, product in known.items():
        text = sent.get(name, "").strip()
        if not text:
            continue
        wanted = DECIMAL if product.liquid or parts else WHOLE
        if not wanted.fullmatch(text) or not text.isascii():
            allowed = _("digits, with a point before decimals") if wanted is DECIMAL else _("whole pieces, in digits")
            raise AmountError(
                _("“%(text)s” of %(product)s is no amount; allowed: %(allowed)s")
                % {"text": text[:20], "product": product.key, "allowed": allowed}
            )
        if amount := Fraction(text):
            found.append(Item(product=product, amount=amount))
    return tuple(found)
