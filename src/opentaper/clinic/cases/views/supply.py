"""What goes wrong with a supply: it was written down wrongly, lost, found again, or missing for days."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from opentaper.care import (
    By,
    Recorded,
    Refusal,
    after_gap,
    allow,
    by_plan,
    correct,
    found_again,
    lose,
    remake,
    reply,
    without_supply,
)
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.amounts import PREFIX, AmountError, items_of
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.supplies import A_DAY, doses_to_go_on, number_of
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.views.dispensing import base_of_plan, page
from opentaper.clinic.cases.who import carry_out, of_plan, today
from opentaper.clinic.language import of_page
from opentaper.clinic.people.account import prove_again, recently_authenticated
from opentaper.exchange import item_in_words
from opentaper.record import FRESH, Dispensed, History


@require_http_methods(["GET", "POST"])
def correct_supply(request: HttpRequest, case: uuid.UUID, number: int) -> HttpResponse:
    """Say what was really handed over, or that nothing was."""
    now = history_or_404(request, case)
    wrong = now.dispensed.get(number)
    if wrong is None:
        raise Http404
    form = (
        forms.CorrectSupply(request.POST)
        if request.method == "POST"
        else forms.CorrectSupply.fresh(now.number, last=wrong.until - A_DAY)
    )

    def shown(status: int = 200) -> HttpResponse:
        fields = [
            {
                "name": f"{PREFIX}{item.product.key}",
                "words": item_in_words(item, of_page()),
                "typed": request.POST.get(f"{PREFIX}{item.product.key}", number_of(item)),
            }
            for item in wrong.items
        ]
        context = {"case": case, "now": now, "number": number, "form": form, "wrong": wrong, "fields": fields}
        return render(request, "cases/dispensing_correct.html", context, status=status)

    if request.method != "POST":
        return shown()
    try:
        items = items_of(request.POST.dict(), [item.product for item in wrong.items])
    except AmountError as problem:
        messages.error(request, _("Nothing was recorded: %(problem)s.") % {"problem": problem})
        return shown(422)

    def verb(by: By) -> Verb:
        sent = form.cleaned_data

        def corrected(now: History) -> Recorded | Refusal:
            _, actor = of_plan(request, now, by)
            instead = None
            if not sent["never"]:
                instead = Dispensed(
                    version=wrong.version,
                    from_=wrong.from_,
                    until=sent["last"] + A_DAY,
                    items=items,
                    replaces=wrong.replaces,
                )
            return correct(now, number, instead, sent["because"], by=actor)

        return corrected

    what = f"correct supply {sorted((key, value) for key, value in request.POST.items() if key not in ('key', 'csrfmiddlewaretoken'))}"
    then = reverse("dispensing", args=[case])
    return carry_out(request, case, form, "dispense", what, verb, then=then, again=shown)


@require_POST
def lost(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Write down what is said to be lost, and ask the prescriber; by itself nothing is replaced."""
    now = history_or_404(request, case)
    form = forms.Lose(request.POST)

    def again(status: int) -> HttpResponse:
        return page(request, case, status, lose=form)

    try:
        items = items_of(request.POST.dict(), base_of_plan(request, now).products.values(), parts=True)
    except AmountError as problem:
        messages.error(request, _("Nothing was recorded: %(problem)s.") % {"problem": problem})
        return again(422)

    def verb(by: By) -> Verb:
        def lost(now: History) -> Recorded | Refusal:
            _, actor = of_plan(request, now, by)
            return lose(now, items, form.cleaned_data["says"], on=today(request), by=actor)

        return lost

    typed = sorted((name, value) for name, value in request.POST.items() if name.startswith(PREFIX))
    what = f"lost {typed} {form.data.get('says')}"
    return carry_out(request, case, form, "dispense", what, verb, then=reverse("dispensing", args=[case]), again=again)


@require_POST
def found(request: HttpRequest, case: uuid.UUID, number: int) -> HttpResponse:
    """Write down that what was said to be lost was not."""
    history_or_404(request, case)
    form = forms.Reason(request.POST)

    def verb(by: By) -> Verb:
        return lambda now: found_again(now, number, form.cleaned_data["because"], by=by)

    return carry_out(
        request,
        case,
        form,
        "dispense",
        f"found {number} {form.data.get('because')}",
        verb,
        then=reverse("dispensing", args=[case]),
        again=lambda status: page(request, case, status),
    )


@require_POST
def allow_replacement(request: HttpRequest, case: uuid.UUID, number: int) -> HttpResponse:
    """Allow that what was lost is replaced, after proving once more who one is."""
    history_or_404(request, case)
    here = reverse("dispensing", args=[case])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)
    form = forms.Allow(request.POST)

    def verb(by: By) -> Verb:
        return lambda now: allow(now, number, form.cleaned_data["says"], on=today(request), by=by)

    return carry_out(
        request,
        case,
        form,
        "decide",
        f"allow {number} {form.data.get('says')}",
        verb,
        then=here,
        again=lambda status: page(request, case, status, allow=form),
    )


@require_POST
def remake_for(request: HttpRequest, case: uuid.UUID, number: int) -> HttpResponse:
    """Have the plan made from what is on the pharmacy's shelf, and say so to whoever asked; it counts once it is signed."""
    history_or_404(request, case)
    form = forms.Sign(request.POST)

    def verb(by: By) -> Verb:
        def remade(now: History) -> Recorded | Refusal:
            query = now.queries.get(number)
            if query is None or not query.products:
                return Refusal(says=mark_safe(_("This question was answered already, or named no products.")))
            its_own, actor = of_plan(request, now, by)
            made = remake(now, its_own, query.products, on=today(request), by=actor)
            if isinstance(made, Refusal):
                return made
            says = "The plan was made from these products and waits for a signature; until it is started the one before goes on."
            answered = reply(made.history, number, says, by=actor)
            if isinstance(answered, Refusal):
                return answered
            return Recorded(events=(*made.events, *answered.events), history=answered.history)

        return remade

    return carry_out(
        request,
        case,
        form,
        "change-products",
        f"remake for {number}",
        verb,
        then=reverse("latest", args=[case]),
        again=lambda status: page(request, case, status),
    )


@require_POST
def go_on_after_gap(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Have the plan reviewed as it goes on after days without supply; it counts once it is signed and started."""
    history_or_404(request, case)
    form = forms.GoOn(request.POST)

    def verb(by: By) -> Verb:
        def goes_on(now: History) -> Recorded | Refusal:
            if now.in_force is None or not without_supply(now, today(request)):
                return Refusal(says="By what was handed over no day just before was without supply.")
            its_own, actor = of_plan(request, now, by)
            days = {each["key"]: each["day"] for each in doses_to_go_on(now, today(request))}
            taken = {step.drug: step.intakes for step in by_plan(now).on(days[form.cleaned_data["taken"]])}
            return after_gap(now, its_own, taken, on=today(request), by=actor)

        return goes_on

    return carry_out(
        request,
        case,
        form,
        "propose",
        f"go on after a gap {form.data.get('taken')}",
        verb,
        then=reverse("latest", args=[case]),
        again=lambda status: page(request, case, status, go_on=form),
    )
