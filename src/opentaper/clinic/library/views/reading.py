"""What is known, open to reading: an index to search, and one page for each thing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opentaper.clinic.language import product
from opentaper.clinic.library.contribution import discussed
from opentaper.clinic.library.links import KINDS, link
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.library.thing import index, thing, title
from opentaper.clinic.library.used import READ_BY, used
from opentaper.clinic.library.who import known, ours, today
from opentaper.exchange import article
from opentaper.exchange.article.page import svg
from opentaper.knowledge import LAYER, MEASURES, Knowledge, ReviewState

SHOWN = 150
LONGEST_SEARCH = 100


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Show what kinds of things are known, the things of one kind, or what a search finds."""
    base = shipped(today(request))
    asked = " ".join(request.GET.get("q", "")[:LONGEST_SEARCH].split())
    kind, measure = request.GET.get("kind", ""), request.GET.get("measure", "")
    kind = kind if kind in KINDS else ""
    things = _things(base, kind, measure, asked) if kind or asked else []
    lines = _lines(base, kind, asked) if asked else []
    context = {
        "base": base,
        "kinds": [(key, label, len(_keys(base, key))) for key, (_home, label) in KINDS.items()],
        "kind": kind,
        "label": KINDS[kind][1] if kind else "",
        "measure": measure if measure in MEASURES else "",
        "measures": MEASURES.get(measure, ""),
        "asked": asked,
        "things": things,
        "lines": lines[:SHOWN],
        "left": max(0, len(lines) - SHOWN),
        "signed": base.signed,
        "files": len(base.states),
    }
    return render(request, "library/library.html", context)


def _keys(base: Knowledge, kind: str) -> list[str]:
    home = KINDS[kind][0]
    if home == "observation":
        return list(base.observations)
    return [name.split(":", 1)[1] for name in base.homes if name.startswith(f"{home}:")]


def _things(base: Knowledge, kind: str, measure: str, asked: str) -> list[tuple[str, str]]:
    """This function will return the name and address of each thing whose name a search finds, the nearest first."""
    found, wanted = [], asked.casefold()
    for each in (kind,) if kind else KINDS:
        for key in _keys(base, each):
            named = title(base, each, key)
            limit = next((limit for limit in base.limits if limit.id == key), None) if measure else None
            if measure in MEASURES and (limit is None or limit.measures != measure):
                continue
            if _says(asked, f"{named} {key}"):
                found.append((named, link(base, KINDS[each][0], key)))
    return sorted(found, key=lambda each: (each[0].casefold() != wanted, not each[0].casefold().startswith(wanted)))


def _lines(base: Knowledge, kind: str, asked: str) -> list[object]:
    start = f"/library/{kind}/" if kind else ""
    return [
        line
        for line in index(base)
        if start in line.url and _says(asked, f"{line.fact.key} {line.fact.says} {line.fact.source} {line.fact.note}")
    ]


def _says(asked: str, text: str) -> bool:
    """This function will say whether every word that is looked for stands in a text."""
    return all(word in text.casefold() for word in asked.casefold().split())


@require_safe
def page(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Show one thing: every line with its source, how sure it is, who checked it, and where it is used."""
    base = shipped(today(request))
    found = thing(base, kind, key)
    if found is None:
        raise Http404
    laid = thing(known(request), kind, key)
    limit = next((each for each in base.limits if each.id == found.name), None) if found.home == "limit" else None
    drug = found.home == "drug"
    context = {
        "base": base,
        "thing": found,
        "label": KINDS[kind][1],
        "own": [line for line in laid.lines if line.fact.source == LAYER] if laid else [],
        "sections": list(found.sections()),
        "reviewed": found.state is ReviewState.REVIEWED,
        "digest": base.files[found.file],
        "drawing": svg(article(base, found.name)) if drug else None,
        "drug": base.drugs[found.name] if drug else None,
        "source": base.sources[found.name] if found.home == "source" else None,
        "products": [
            (product(each), each.country, each.name, link(base, "product", each.key))
            for each in base.products_of(found.name)
        ]
        if drug
        else [],
        "used": used(base, found.home, found.name if kind != "interactions" else found.key),
        "read_by": [(name, link(base, "ask", str(name))) for name in READ_BY[limit.measures]] if limit else [],
        "measures": MEASURES[limit.measures] if limit else "",
        "proposals": [each for each in discussed(ours(request).clinic_id) if each.proposal.about == found.about],
        "up": found.key.partition("/")[0] if found.home in ("claim", "row") else "",
    }
    return render(request, "library/thing.html", context)
