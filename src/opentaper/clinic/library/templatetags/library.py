"""Links from any page to what is known: `{% library_url known "source" each.source %}`, `{{ each.rule|about:known }}`."""

from __future__ import annotations

from django import template

from opentaper.clinic.library.links import link, link_to
from opentaper.knowledge import Knowledge

register = template.Library()


@register.simple_tag
def library_url(known: object, kind: str, key: str) -> str:
    """Return the address of one thing of a kind; nothing where the base has no such thing."""
    return link(known, kind, key) if isinstance(known, Knowledge) and kind and key else ""


@register.filter
def about(name: str, known: object) -> str:
    """Return the address of whatever the base calls by a name: a limit, an ask, a source, a product, a measure, …"""
    return link_to(known, name) if isinstance(known, Knowledge) and name else ""
