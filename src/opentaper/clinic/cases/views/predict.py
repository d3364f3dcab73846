"""What a version does in the body as a model has it, and what a missed day or a sudden stop would do: never advice."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opentaper.clinic.cases import base
from opentaper.clinic.cases.form import WhatIf as Form
from opentaper.clinic.cases.offered import picture
from opentaper.clinic.cases.recent import Recent
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import today
from opentaper.exchange import Chart, Modelled, forecast, sentences, simulation_charts
from opentaper.record import Version

if TYPE_CHECKING:
    from opentaper.pharmacology import WhatIf


@dataclass(frozen=True, slots=True)
class Predicted:
    """What is shown of a forecast: its sentences and drawings, or why there is none."""

    says: tuple[Modelled, ...] = ()
    charts: tuple[Chart, ...] = ()
    left_out: tuple[str, ...] = ()
    why_not: str = ""


_predicted: Recent[Predicted] = Recent(16)


@require_safe
def version(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Show what is predicted of a version, and of what is asked to happen otherwise."""
    followed, found = _found(request, case, mark)
    form = Form(request.GET) if request.GET else Form()
    context = {
        "case": case,
        "mark": mark,
        "now": history_or_404(request, case),
        "version": followed,
        "form": form,
        "found": found,
        "charts": [(place, each.title, each.says) for place, each in enumerate(found.charts)],
        "query": f"&{request.GET.urlencode()}" if request.GET else "",
    }
    return render(request, "cases/predicted.html", context, status=422 if found.why_not else 200)


@require_safe
def drawn(request: HttpRequest, case: uuid.UUID, mark: str, place: int) -> HttpResponse:
    """Draw one of the charts of what is predicted."""
    _, found = _found(request, case, mark)
    if place >= len(found.charts):
        raise Http404
    svg = picture(found.charts[place], dark=request.GET.get("dark") == "1")
    return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")


def _found(request: HttpRequest, case: uuid.UUID, mark: str) -> tuple[Version, Predicted]:
    followed = history_or_404(request, case).versions.get(mark)
    if followed is None:
        raise Http404
    form = Form(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    key = (mark, asked.get("miss"), asked.get("stop"))
    return followed.version, _predicted.get(key, lambda: _predict(request, followed.version, form))


def _predict(request: HttpRequest, version: Version, form: Form) -> Predicted:
    try:
        its_own = base.of(version.knowledge, today(request))
        found = forecast(version.case, version.regimen, its_own, what_if=_what_if(form))
    except (ValueError, base.NoBaseError) as problem:  # what cannot be predicted is said in a sentence
        return Predicted(why_not=str(problem))
    return Predicted(says=sentences(found), charts=simulation_charts(found), left_out=found.left_out)


def _what_if(form: Form) -> WhatIf | None:
    from opentaper.pharmacology import Slip, WhatIf

    asked = form.cleaned_data if form.is_valid() else {}
    miss, stop = asked.get("miss"), asked.get("stop")
    if not miss and not stop:
        return None
    return WhatIf(slips=(Slip(on=miss, time=None, times=0),) if miss else (), stop_on=stop)
