"""One case: what is in force, what was observed, and what may be done at once."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from opentaper.care import By, Recorded, Refusal, hold, observe, slow, step_back
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.record import NoCaseError, Verb, history_of
from opentaper.clinic.cases.show import findings, going_on, steps, taken_on
from opentaper.clinic.cases.who import carry_out, of_plan, ours, today
from opentaper.clinic.people.roles import may
from opentaper.record import History, Progress

SHOWN = 20


def history_or_404(request: HttpRequest, case: uuid.UUID) -> History:
    """Return where a case of the person's own clinic stands; another clinic's is as unknown as none."""
    try:
        return history_of(ours(request).clinic_id, case, today(request))
    except NoCaseError:
        raise Http404 from None


def sees_drafts(request: HttpRequest) -> bool:
    """Return whether somebody sees what nobody has signed: who only hands out what is signed does not."""
    return may(ours(request), "propose") or may(ours(request), "read-story")


def page(request: HttpRequest, case: uuid.UUID, status: int = 200, **forms_sent: Any) -> HttpResponse:
    """Show a case."""
    now = history_or_404(request, case)
    fresh = {
        name: form.fresh(now.number, **({"on": today(request)} if form is forms.Observe else {}))
        for name, form in FORMS.items()
    }
    waiting = [each for each in now.versions.values() if each.progress in (Progress.REVIEWED, Progress.ACCEPTED)]
    in_force = now.in_force
    planned = taken_on(in_force.version.printed, today(request)) if in_force else []
    context = {
        "case": case,
        "now": now,
        "in_force": in_force,
        "held": now.held if now.held and now.held[1] > today(request) else None,
        "today": planned,
        "goes_on": [] if planned else going_on(now, today(request)),
        "steps": steps(in_force.version.regimen) if in_force else [],
        "findings": findings(in_force.judged) if in_force else [],
        "waiting": waiting if sees_drafts(request) else [],
        "observed": list(now.observed.values())[: -SHOWN - 1 : -1] if may(ours(request), "read-story") else [],
        "forms": {name.replace("-", "_"): form for name, form in {**fresh, **forms_sent}.items()},
    }
    return render(request, "cases/case.html", context, status=status)


FORMS: dict[str, type[forms.Seen]] = {
    "observe": forms.Observe,
    "hold": forms.Hold,
    "slow": forms.Slow,
    "step-back": forms.StepBack,
}


@require_safe
def case(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show a case."""
    return page(request, case)


@require_POST
def do(request: HttpRequest, case: uuid.UUID, what: str) -> HttpResponse:
    """Observe, hold, slow or step back."""
    history_or_404(request, case)
    form = FORMS[what](request.POST)

    def verb(by: By) -> Verb:
        sent, on = form.cleaned_data, today(request)
        if what == "observe":
            return lambda now: observe(now, on=sent["on"], what=sent["what"], says=sent["says"], by=by)

        def adapt(now: History) -> Recorded | Refusal:
            base, actor = of_plan(request, now, by)
            match what:
                case "hold":
                    return hold(now, base, days=sent["days"], because=sent["because"], on=on, by=actor)
                case "slow":
                    times = Fraction(sent["times"])
                    return slow(now, base, times=times, because=sent["because"], on=on, by=actor)
                case _:
                    return step_back(now, base, steps=sent["steps"], because=sent["because"], on=on, by=actor)

        return adapt

    asked = f"{what} {sorted((key, form.data[key]) for key in form.fields if key in form.data and key != 'key')}"
    return carry_out(
        request,
        case,
        form,
        what,
        asked,
        verb,
        then=reverse("case", args=[case]),
        again=lambda status: page(request, case, status, **{what: form}),
    )
