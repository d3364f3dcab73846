"""A clinic's own formulary, prices and stricter limits: what binds, its versions, writing and signing one."""

from __future__ import annotations

import datetime as dt
from functools import partial

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opentaper.clinic.language import said
from opentaper.clinic.library import own, rows
from opentaper.clinic.library.action import RefusedError, in_words
from opentaper.clinic.library.form import Head, SignLayer
from opentaper.clinic.library.layer import Own, in_force, versions
from opentaper.clinic.library.links import link
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.library.who import known, ours, today
from opentaper.clinic.people.account import prove_again, recently_authenticated
from opentaper.clinic.people.allowed import confirmed
from opentaper.knowledge import KnowledgeError, Layer, Table, parse_toml, read_layer
from opentaper.knowledge.layer import FILE
from opentaper.record import FRESH


@require_safe
def own_layer(request: HttpRequest) -> HttpResponse:
    """Show what binds in the clinic, and every version."""
    clinic, day = ours(request).clinic_id, today(request)
    binding = in_force(clinic, day)
    found = [(each, _stands(each, binding, day)) for each in versions(clinic)]
    context = {"found": found, "binding": binding, "unfit": known(request).unfit, **_shown(request, binding)}
    return render(request, "library/own.html", context)


def _stands(each: Own, binding: Own | None, day: dt.date) -> str:
    if each.signature is None:
        return "written"
    if binding is not None and each.version.number == binding.version.number:
        return "binds"
    return "past" if binding is not None and each.version.number < binding.version.number else "to-come"


def _layer(request: HttpRequest, of: Own | None) -> Layer | None:
    """This function will return a version's layer as it reads over what ships; None where it no longer does."""
    if of is None:
        return None
    try:
        return read_layer(Table(parse_toml(FILE, of.version.text.encode()), FILE), shipped(today(request)))
    except KnowledgeError:
        return None


def _shown(request: HttpRequest, of: Own | None) -> dict[str, object]:
    """This function will return what a version says, beside what ships."""
    base, layer = shipped(today(request)), _layer(request, of)
    if layer is None:
        return {"layer": None}
    limits = {limit.id: limit for limit in base.limits}
    return {
        "layer": layer,
        "stricter": [(limits[each.limit], each, link(base, "limit", each.limit)) for each in layer.stricter],
        "stock": [(base.drugs[drug], [base.products[key] for key in keys]) for drug, keys in layer.stock.items()],
        "prices": [(base.products[key], rows.number(price), price) for key, price in layer.prices.items()],
    }


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one version of the layer."""
    return _page(request, number)


def _page(request: HttpRequest, number: int, status: int = 200) -> HttpResponse:
    clinic, day = ours(request).clinic_id, today(request)
    found = next((each for each in versions(clinic) if each.version.number == number), None)
    if found is None:
        raise Http404
    context = {
        "own": found,
        "stands": _stands(found, in_force(clinic, day), day),
        "form": SignLayer.fresh(digest=found.version.digest),
        "meaning": own.MEANING,
        "meaning_said": said(own.MEANING),
        **_shown(request, found),
    }
    return render(request, "library/own_version.html", context, status=status)


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Write the next version of the layer, beginning from the newest."""
    by, day = ours(request), today(request)
    base, country = shipped(day), by.clinic.country
    newest = next(iter(versions(by.clinic_id)), None)
    before, number = _layer(request, newest), newest.version.number + 1 if newest else 1
    sent = request.POST if request.method == "POST" else None
    if sent is None:
        form = Head.fresh(
            number=number, from_day=day, priced_on=day, currency=rows.CURRENCY.get(country, "EUR")
        )  # fmt: skip
    else:
        form = Head(sent)

    def again(status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "limits": rows.limits(base, before, sent),
            "drugs": rows.drugs(base, before, country, sent),
        }
        return render(request, "library/own_draft.html", context, status=status)

    if sent is None:
        return again()
    if not form.is_valid():
        return again(422)
    head = form.cleaned_data
    try:
        layer = rows.layer_of(
            base, before, sent, clinic=by.clinic.name, country=country, number=head["number"],
            from_day=head["from_day"], currency=head["currency"], priced_on=head["priced_on"],
        )  # fmt: skip
        made = own.write(by, partial(confirmed, request, "change-layer"), head["key"], layer)
    except (RefusedError, ValueError) as problem:
        messages.error(request, in_words(problem))
        return again(422)
    return redirect("layer-version", number=made)


@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign a version of the layer, after proving once more who one is."""
    here = reverse("layer-version", args=[number])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)
    form, by = SignLayer(request.POST), ours(request)
    if not form.is_valid():
        return _page(request, number, 422)
    proved = dt.datetime.fromtimestamp(get_authentication_records(request, by)[-1]["at"], dt.UTC)
    try:
        own.sign(
            by, partial(confirmed, request, "sign-layer"), number, form.cleaned_data["digest"], confirmed_at=proved
        )
    except (RefusedError, KnowledgeError) as problem:
        messages.error(request, in_words(problem))
        return _page(request, number, 422)
    return redirect(here)
