"""The options of a case, and having one of them reviewed for a signature."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from opentaper.care import By, Offered, Recorded, Refusal, check, offer, version_of
from opentaper.clinic.cases.form import Choose
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.show import findings_of, option
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import carry_out, known, today
from opentaper.plan import propose
from opentaper.record import History
from opentaper.review import review


@require_http_methods(["GET", "POST"])
def options(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show the options of a case, each with its review; or have one reviewed for a signature."""
    now = history_or_404(request, case)
    assert now.case is not None

    def page(status: int = 200) -> HttpResponse:
        assert now.case is not None
        found = propose(now.case, known(request))
        judged = [review(plan.regimen, now.case, known(request), on=today(request)) for plan in found.plans]
        shared = (
            [each for each in judged[0].findings if all(each in other.findings for other in judged)] if judged else []
        )
        context = {
            "case": case,
            "now": now,
            "options": [
                {**option(plan, of, without=shared), "form": Choose.fresh(now.number, option=plan.name)}
                for plan, of in zip(found.plans, judged, strict=True)
            ],
            "shared": findings_of(shared),
            "without": found.infeasible,
        }
        return render(request, "cases/options.html", context, status=status)

    if request.method != "POST":
        return page()
    form = Choose(request.POST)
    chosen = str(form.data.get("option", ""))

    def verb(by: By) -> Verb:
        return lambda now: _reviewed(now, chosen, by, request)

    return carry_out(
        request, case, form, "propose", f"choose {chosen}", verb, then=reverse("latest", args=[case]), again=page
    )


def _reviewed(now: History, chosen: str, by: By, request: HttpRequest) -> Recorded | Refusal:
    """This function will record the options as they were shown, and one of them reviewed."""
    offered = offer(now, known(request), by=by)
    if not isinstance(offered, Offered):
        return offered
    plan = next((each for each in offered.options.plans if each.name == chosen), None)
    if plan is None:
        return Refusal(says="There is no such option any more; look at the options again.")
    version = version_of(plan, offered.recorded.history, known(request), on=today(request))
    checked = check(offered.recorded.history, version, known(request), on=today(request), by=by)
    if not isinstance(checked, Recorded):
        return checked
    return Recorded(events=(*offered.recorded.events, *checked.events), history=checked.history)


def latest(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Go to the version that was reviewed last."""
    now = history_or_404(request, case)
    marks = list(now.versions)
    return redirect("version", case=case, mark=marks[-1]) if marks else redirect("options", case=case)
