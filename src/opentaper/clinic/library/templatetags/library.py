"""Links from any page to what is known: `{% library_url "source" each.source %}`, `{{ each.rule|about }}`.

They ask the base as it ships and no database, so that a page may have as many of them as it likes.
"""

from __future__ import annotations

from django import template
from django.utils import timezone

from opentaper.clinic.language import drug, english, of_base, product, said
from opentaper.clinic.library.links import link, link_to
from opentaper.clinic.library.shipped import shipped

register = template.Library()
# Words of the base on a page: translated where the catalogue has them, else in English and marked as English.
register.filter("of_base", of_base)
register.filter("said", said)
register.filter("english", english)
register.filter("drug", drug)
register.filter("product", product)


@register.simple_tag
def library_url(kind: str, key: str) -> str:
    """Return the address of one thing of a kind; nothing where the base has no such thing."""
    return link(shipped(timezone.localdate()), kind, key) if kind and key else ""


@register.filter
def about(name: str) -> str:
    """Return the address of whatever the base calls by a name: a limit, an ask, a source, a product, a measure, …"""
    return link_to(shipped(timezone.localdate()), name) if name else ""
