"""What happens to a plan in force only by a person's signature: it goes on early, is made from other products, or ends."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from opentaper.care import By, Recorded, Refusal, ask_to_resume, remake, stop
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.show import going_on
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.views.case import page as case_page
from opentaper.clinic.cases.views.difference import difference
from opentaper.clinic.cases.who import carry_out, of_plan, today
from opentaper.clinic.people.account import prove_again, recently_authenticated
from opentaper.knowledge import Knowledge, Product
from opentaper.record import FRESH, History


@require_POST
def go_on(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Have the version reviewed that follows if the hold ends today; it counts once it is signed and started."""
    now = history_or_404(request, case)
    form = forms.Sign(request.POST)

    def verb(by: By) -> Verb:
        def ask(now: History) -> Recorded | Refusal:
            base, actor = of_plan(request, now, by)
            return ask_to_resume(now, base, on=today(request), by=actor)

        return ask

    def again(status: int) -> HttpResponse:
        return case_page(request, case, status)

    if "look" in request.POST:
        return difference(request, case, now, form, "resume", verb, again=again)
    return carry_out(
        request, case, form, "resume", "resume", verb, then=reverse("latest", args=[case]), again=again
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def products(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Have the same plan reviewed from other products; it counts once it is signed and started."""
    now = history_or_404(request, case)
    if now.in_force is None:
        return redirect("case", case=case)
    its_own, _ = of_plan(request, now, _nobody())
    there = _products(now, its_own)
    chosen = [key for key in request.POST.getlist("products") if key in there]
    form = forms.Products(request.POST) if request.method == "POST" else forms.Products.fresh(now.number)

    def page(status: int = 200) -> HttpResponse:
        had = now.in_force.version.case.supply.products if now.in_force else ()
        ticked = set(chosen) if request.method == "POST" else {each.key for each in had}
        context = {
            "case": case,
            "now": now,
            "form": form,
            "products": [(key, each, key in ticked) for key, each in there.items()],
            "all": not ticked,
        }
        return render(request, "cases/products.html", context, status=status)

    if request.method != "POST":
        return page()

    def verb(by: By) -> Verb:
        def ask(now: History) -> Recorded | Refusal:
            if not chosen:
                return Refusal(says=mark_safe(gettext("Tick at least one product that the pharmacy has.")))
            base, actor = of_plan(request, now, by)
            return remake(now, base, tuple(base.products[key] for key in chosen), on=today(request), by=actor)

        return ask

    if "look" in request.POST:
        return difference(request, case, now, form, "products", verb, again=page)
    what = f"products {sorted(chosen)}"
    return carry_out(
        request, case, form, "change-products", what, verb, then=reverse("latest", args=[case]), again=page
    )  # fmt: skip


def _nobody() -> Any:
    """This function will stand for whoever acts where only the base of a plan is asked for."""
    return By(actor=None, may=frozenset(), at=None, software="", knowledge="")  # type: ignore[arg-type]


def _products(now: History, known: Knowledge) -> dict[str, Product]:
    """This function will return the products of the plan's drugs that there are in its country."""
    assert now.in_force is not None
    version = now.in_force.version
    country = version.case.supply.country
    drugs = {*version.regimen.drugs}
    return {
        key: each
        for key, each in sorted(known.products.items())
        if each.drug in drugs and (not country or each.country in (country, "compounded"))
    }


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """End the plan in force, after proving once more who one is; the dose of the day goes on."""
    now = history_or_404(request, case)
    if now.in_force is None:
        return redirect("case", case=case)
    here = reverse("stop", args=[case])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)
    form = forms.Reason(request.POST) if request.method == "POST" else forms.Reason.fresh(now.number)

    def page(status: int = 200) -> HttpResponse:
        shown = {"case": case, "now": now, "form": form, "goes_on": going_on(now, today(request))}
        return render(request, "cases/stop.html", shown, status=status)

    if request.method != "POST":
        return page()

    def verb(by: By) -> Verb:
        return lambda now: stop(now, form.cleaned_data["because"], on=today(request), by=by)

    what = f"stop {form.data.get('because')}"
    return carry_out(request, case, form, "stop", what, verb, then=reverse("case", args=[case]), again=page)
