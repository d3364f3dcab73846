"""An observation that was wrong: the old one stays in the record, what is written here counts."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from opentaper.care import By, correct
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import carry_out
from opentaper.record import Observed


@require_http_methods(["GET", "POST"])
def observation(request: HttpRequest, case: uuid.UUID, number: int) -> HttpResponse:
    """Say what was observed instead, or that it never was, and how the mistake came about."""
    now = history_or_404(request, case)
    wrong = now.observed.get(number)
    if wrong is None:
        raise Http404
    as_it_is = {"on": wrong.on, "what": wrong.what, "says": wrong.says}
    form = forms.Correct(request.POST) if request.method == "POST" else forms.Correct.fresh(now.number, **as_it_is)

    def page(status: int = 200) -> HttpResponse:
        context = {"case": case, "now": now, "number": number, "form": form, "wrong": wrong}
        return render(request, "cases/correct.html", context, status=status)

    if request.method != "POST":
        return page()

    def verb(by: By) -> Verb:
        sent = form.cleaned_data
        instead = None if sent["never"] else Observed(on=sent["on"], what=sent["what"], says=sent["says"])
        return lambda now: correct(now, number, instead, sent["because"], by=by)

    what = f"correct {number} {sorted((key, form.data.get(key)) for key in form.fields if key != 'key')}"
    return carry_out(request, case, form, "correct", what, verb, then=reverse("case", args=[case]), again=page)
