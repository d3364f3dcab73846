"""The cases of a clinic, and opening one."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from opentaper.care import By, open_case
from opentaper.clinic.cases.form import OpenCase
from opentaper.clinic.cases.record import Verb, summaries_of
from opentaper.clinic.cases.who import carry_out, known, ours
from opentaper.patient import case_of


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Show every case of the clinic, the ones that changed last first."""
    return render(request, "cases/cases.html", {"cases": summaries_of(ours(request).clinic_id)})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case from a name and a case file."""
    form = OpenCase(request.POST) if request.method == "POST" else OpenCase.fresh(0)

    def page(status: int = 200) -> HttpResponse:
        return render(request, "cases/new.html", {"form": form}, status=status)

    if request.method != "POST":
        return page()
    # The key names the case, so that sending twice opens one.
    made = uuid.uuid5(ours(request).pk, str(form.data.get("key", "")))

    def verb(by: By) -> Verb:
        name, text = form.cleaned_data["name"], form.cleaned_data["case"]
        return lambda _: open_case(name, case_of(text, known()), by=by)

    what = f"open {form.data.get('name')} {form.data.get('case')}"
    return carry_out(request, made, form, "open-case", what, verb, then=reverse("case", args=[made]), again=page)
