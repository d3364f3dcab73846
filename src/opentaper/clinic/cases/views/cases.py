"""Opening a case."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from opentaper.care import By, open_case
from opentaper.clinic.cases.form import OpenCase
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.who import carry_out, known, ours, today
from opentaper.patient import case_of


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case from a name and a case file."""
    form = OpenCase(request.POST) if request.method == "POST" else OpenCase.fresh(0, case=blank(request))

    def page(status: int = 200) -> HttpResponse:
        return render(request, "cases/new.html", {"form": form}, status=status)

    if request.method != "POST":
        return page()
    # The key names the case, so that sending twice opens one.
    made = uuid.uuid5(ours(request).pk, str(form.data.get("key", "")))

    def verb(by: By) -> Verb:
        name, text = form.cleaned_data["name"], form.cleaned_data["case"]
        return lambda _: open_case(name, case_of(text, known(request)), by=by)

    what = f"open {form.data.get('name')} {form.data.get('case')}"
    return carry_out(request, made, form, "open-case", what, verb, then=reverse("case", args=[made]), again=page)


def blank(request: HttpRequest) -> str:
    """Return a case file of somebody of whom nothing is known, to be filled in, with the products of the clinic's country."""
    questions = "\n".join(f'{key} = "unknown"' for key in known(request).questions)
    return (
        "# What nobody answered stays unknown.\n\n[patient]\n"
        "# born = 1970-12-31\n# conditions = []\n\n"
        f'[screening]\n{questions}\n\n[[taking]]\ndrug = ""\ndays_per_week = 7\n'
        'intakes = [{ time = "night", dose = " mg" }]\n\n'
        f'[goal]\nof = ""\ndaily = "0 mg"\nstarts_on = {today(request)}\n\n'
        f'[supply]\ncountry = "{ours(request).clinic.country}"\n'
    )
