"""The days on which the clinic's pharmacy is closed: what falls on one is collected before it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.holidays import close, holidays_of, open_again
from opentaper.clinic.cases.who import ours, today


@require_http_methods(["GET", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """Show the days to come on which the pharmacy is closed; add one, or take one off."""
    clinic, form, status = ours(request).clinic_id, forms.Closed(), 200
    if request.method == "POST" and "open" in request.POST:
        try:
            open_again(clinic, dt.date.fromisoformat(request.POST["open"]))
        except ValueError:
            messages.error(request, _("That is no day."))
        return redirect("holidays")
    if request.method == "POST":
        form = forms.Closed(request.POST)
        if form.is_valid():
            close(clinic, form.cleaned_data["on"], form.cleaned_data["says"])
            return redirect("holidays")
        status = 422
    context = {"form": form, "holidays": holidays_of(clinic, today(request)).items()}
    return render(request, "cases/dispensing_closed.html", context, status=status)
