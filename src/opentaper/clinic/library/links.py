"""Where everything that is known has its page: addresses made from the base's own keys, for links from any page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from opentaper.exchange import Fact
from opentaper.knowledge import LAYER, MEASURES, Knowledge

KINDS = {
    "drugs": ("drug", _("Drugs")),
    "limits": ("limit", _("Limits")),
    "asks": ("ask", _("Who must be asked")),
    "protocols": ("protocol", _("Protocols")),
    "equivalences": ("equivalence", _("Equivalence tables")),
    "interactions": ("interaction", _("Interactions")),
    "products": ("product", _("Products")),
    "conventions": ("convention", _("Conventions")),
    "medicines": ("medicine", _("Other medicines")),
    "conditions": ("condition", _("Conditions")),
    "questions": ("question", _("Questions")),
    "advice": ("advice", _("Advice")),
    "phones": ("phone", _("Telephone numbers")),
    "risk": ("risk", _("Risk of withdrawal")),
    "kinetics": ("kinetics", _("Models of the blood")),
    "effects": ("effect", _("Models of the effect")),
    "potencies": ("potency", _("Potencies")),
    "adaptation": ("adaptation", _("Getting used")),
    "observations": ("observation", _("Published observations")),
    "sources": ("source", _("Sources")),
}
"""The part of an address, to what the base calls such a thing and what a person does."""

OF_HOME = {home: kind for kind, (home, _label) in KINDS.items()}
NESTED = ("limit", "ask")
"""Kinds whose address names the file first, because a reader knows a limit by who says it."""

OF_FACT = {
    "identity": "drug", "trait": "drug", "not an equivalence": "equivalence", "withdrawal risk": "risk",
    "dose band": "risk", "kinetic parameter": "kinetics", "effect parameter": "effect",
}  # fmt: skip


def link(known: Knowledge, kind: str, key: str) -> str:
    """Return the address of one thing; nothing where the base has no such thing.

    Args:
        known: the base, with or without a clinic's layer.
        kind: as the base calls it: limit, source, product, drug, ask, convention, …
        key: its key.
    """
    if (kind, key) == ("source", LAYER):
        return reverse("own-layer")
    home = known.home(f"{kind}:{key}")
    if home is None and not (kind == "observation" and key in known.observations):
        return ""
    if kind in NESTED:
        key = f"{PurePosixPath(home or '').stem}/{key}"
    return _path(OF_HOME[kind], key)


@lru_cache(maxsize=8_192)
def _path(kind: str, key: str) -> str:
    return reverse("library-thing", args=[kind, key])


def link_to(known: Knowledge, name: str) -> str:
    """Return the address of whatever the base calls by a name, or of the limits on a measure; nothing for any other.

    A finding names its source by key, and its rule by the key of an ask, of a limit, or of what a limit measures.
    """
    for kind in ("limit", "ask", "source", "product", "drug", "protocol", "equivalence", "convention", "condition"):
        if found := link(known, kind, name):
            return found
    if name in MEASURES:
        return f"{reverse('library')}?kind=limits&measure={name}"
    return link(known, "interaction", name)


def link_of(known: Knowledge, fact: Fact) -> str:
    """Return the address of one line of the base."""
    name, _, part = fact.key.partition("/")
    kind = "observation" if fact.kind.startswith("observation") else OF_FACT.get(fact.kind, fact.kind)
    if kind in OF_HOME:
        key = {"adaptation": known.adaptation.key, "equivalence": name}.get(kind, fact.key)
        if found := link(known, kind, key):
            return f"{found}{part}/" if kind == "equivalence" and part else found
    found = link(known, "drug", name)  # what is said of a drug is called by its topic
    return f"{found}{part}/" if found and part else found
