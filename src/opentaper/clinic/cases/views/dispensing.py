"""The supply of a case: what is handed over next, what was, what is at home, and what is asked of the prescriber."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from opentaper.care import By, Recorded, Refusal, ask, dispensable, dispense
from opentaper.clinic.cases import base
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.amounts import PREFIX, AmountError, items_of
from opentaper.clinic.cases.holidays import holidays_of
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.supplies import A_DAY, asked, doses_to_go_on, handed_over, of_supply, steps_ahead
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import carry_out, known, of_plan, ours, today
from opentaper.knowledge import Knowledge
from opentaper.record import History

BACK = dt.timedelta(366)
"""How far back a holiday still moves a collection."""


def base_of_plan(request: HttpRequest, now: History) -> Knowledge:
    """Return the base that the plan that is handed out was made with."""
    followed = dispensable(now)
    return known(request) if isinstance(followed, Refusal) else base.of(followed.version.knowledge, today(request))


def page(request: HttpRequest, case: uuid.UUID, status: int = 200, **forms_sent: Any) -> HttpResponse:
    """Show the supply of a case."""
    now, day = history_or_404(request, case), today(request)
    typed = request.POST if "hand_over" in forms_sent else {}
    wished = _Fewer(request.GET) if "last" in request.GET else None
    last = wished.cleaned_data["last"] if wished is not None and wished.is_valid() else None
    its_own = base_of_plan(request, now)
    shown = of_supply(
        now,
        known(request),
        its_own,
        day,
        holidays_of(ours(request).clinic_id, day - BACK),
        last + A_DAY if last else None,
    )
    for field in shown["due"]["fields"] if shown.get("due") else ():
        field["typed"] = typed.get(field["name"], field["number"])
    step = request.GET.get("step", "")
    context = {
        "case": case,
        "now": now,
        "day": day,
        **shown,
        "handed": handed_over(now),
        "asked": asked(now),
        "steps": steps_ahead(shown["version"], day) if shown["followed"] else [],
        "step": step,
        "go_on": doses_to_go_on(now, day) if now.in_force else [],
        "keys": {
            name: uuid.uuid4() for name in ("hand_over", "replace", "lose", "found", "allow", "remake", "go_on", "ask")
        },
        "typed": {
            name: str(form.data.get("says", "") or form.data.get("taken", "")) for name, form in forms_sent.items()
        },
    }
    return render(request, "cases/dispensing.html", context, status=status)


class _Fewer(django_forms.Form):
    """The last day for which something is to be handed over."""

    last = django_forms.DateField(input_formats=["%Y-%m-%d"])


@require_safe
def dispensing(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show the supply of a case."""
    return page(request, case)


@require_POST
def hand_over(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Record what was handed over: the next days of the plan, and exactly what they need."""
    now = history_or_404(request, case)
    form = forms.HandOver(request.POST)
    holidays = holidays_of(ours(request).clinic_id, today(request) - BACK)

    def again(status: int) -> HttpResponse:
        return page(request, case, status, hand_over=form)

    try:
        items = items_of(request.POST.dict(), base_of_plan(request, now).products.values())
    except AmountError as problem:
        messages.error(request, _("Nothing was recorded: %(problem)s.") % {"problem": problem})
        return again(422)

    def verb(by: By) -> Verb:
        sent = form.cleaned_data

        def handed(now: History) -> Recorded | Refusal:
            _, actor = of_plan(request, now, by)
            return dispense(
                now,
                known(request),
                from_=sent["first"],
                until=sent["last"] + A_DAY,
                items=items,
                on=today(request),
                by=actor,
                taken=sent["taken"],
                replaces=sent["replaces"],
                holidays=holidays,
            )

        return handed

    typed = sorted((name, value) for name, value in request.POST.items() if name.startswith(PREFIX))
    what = f"hand over {[form.data.get(key) for key in ('first', 'last', 'replaces', 'taken')]} {typed}"
    then = reverse("dispensing", args=[case])
    return carry_out(request, case, form, "dispense", what, verb, then=then, again=again)


@require_POST
def ask_about(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Ask the prescriber about a step, or about the whole plan; with what is on the shelf where that is the question."""
    history_or_404(request, case)
    form = forms.Ask(request.POST)
    keys = request.POST.getlist("has")

    def verb(by: By) -> Verb:
        sent = form.cleaned_data

        def asks(now: History) -> Recorded | Refusal:
            followed = dispensable(now)
            if isinstance(followed, Refusal):
                return followed
            its_own, actor = of_plan(request, now, by)
            if unknown := [key for key in keys if key not in its_own.products]:
                return Refusal(says=f"There is no product {unknown[0][:60]!r} in the base of this plan.")
            products = tuple(its_own.products[key] for key in dict.fromkeys(keys))
            mark = followed.version.digest
            return ask(now, mark, sent["step"], sent["says"], by=actor, products=products)

        return asks

    what = f"ask {form.data.get('step')} {form.data.get('says')} {keys}"
    then = reverse("dispensing", args=[case])
    return carry_out(
        request, case, form, "ask", what, verb, then=then, again=lambda status: page(request, case, status, ask=form)
    )
