"""One case: what is taken today, what comes next, the whole plan, what was observed, and what may be done at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from opentaper.care import By, Recorded, Refusal, Why, hold, observe, reply, slow, step_back
from opentaper.clinic.cases import following
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.offered import followed, picture
from opentaper.clinic.cases.record import NoCaseError, Verb, history_of
from opentaper.clinic.cases.views.difference import difference
from opentaper.clinic.cases.views.worklist import MEANS
from opentaper.clinic.cases.who import carry_out, of_plan, ours, today
from opentaper.clinic.cases.worklist import needs_of
from opentaper.clinic.people.roles import may
from opentaper.record import History, Progress


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
    now, day = history_or_404(request, case), today(request)
    fresh = {
        name: form.fresh(now.number, **({"on": day} if form is forms.Observe else {})) for name, form in FORMS.items()
    }
    waiting = [each for each in now.versions.values() if each.progress in (Progress.REVIEWED, Progress.ACCEPTED)]
    in_force, reads = now.in_force, may(ours(request), "read-story")
    seen = now if reads else replace(now, observed={})
    asked_on = forms.OnDay(request.GET) if "on" in request.GET else forms.OnDay()
    context = {
        "case": case,
        "now": now,
        "day": day,
        "in_force": in_force,
        **following.followed(now, day),
        "needs": [(*MEANS[Why(each.why)], each) for each in needs_of(ours(request).clinic_id, case, day)],
        "table": following.table(now, day),
        "found": following.found(in_force.judged) if in_force else "",
        "waiting": waiting if sees_drafts(request) else [],
        "observed": following.observed(case, seen, may(ours(request), "correct")),
        "queries": [(number, query, now.events[number - 1]) for number, query in now.queries.items()],
        "asked_on": asked_on,
        "on_day": following.on_day(now, asked_on.cleaned_data["on"], day) if asked_on.is_valid() else None,
        "says": chart.says if (chart := followed(seen, day)) else "",
        "files": following.hand_out(case, in_force) if in_force else "",
        "forms": {name.replace("-", "_"): form for name, form in {**fresh, **forms_sent}.items()},
    }
    return render(request, "cases/case.html", context, status=status)


FORMS: dict[str, type[forms.Seen]] = {
    "observe": forms.Observe,
    "hold": forms.Hold,
    "slow": forms.Slow,
    "step-back": forms.StepBack,
    "reply": forms.Reply,
    "resume": forms.Sign,
}
CHANGES = ("hold", "slow", "step-back")
"""What changes the plan in force at once; each is looked at before it is recorded."""


@require_safe
def case(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show a case."""
    return page(request, case)


@require_safe
def drawn(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Draw the plan in force, and for whoever reads what happened what was observed beside it."""
    now = history_or_404(request, case)
    if not may(ours(request), "read-story"):
        now = replace(now, observed={})
    chart = followed(now, today(request), narrow=request.GET.get("narrow") == "1")
    if chart is None:
        raise Http404
    svg = picture(chart, dark=request.GET.get("dark") == "1")
    return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")


@require_POST
def do(request: HttpRequest, case: uuid.UUID, what: str) -> HttpResponse:
    """Observe, answer, hold, slow or step back; or, with `look`, show what a change would change and record nothing."""
    now = history_or_404(request, case)
    form = FORMS[what](request.POST)

    def again(status: int) -> HttpResponse:
        return page(request, case, status, **{what: form})

    def verb(by: By) -> Verb:
        return _verb(request, what, form.cleaned_data, today(request), by)

    if "look" in request.POST and what in CHANGES:
        return difference(request, case, now, form, what, verb, again=again)
    asked = f"{what} {sorted((key, form.data[key]) for key in form.fields if key in form.data and key != 'key')}"
    return carry_out(request, case, form, what, asked, verb, then=reverse("case", args=[case]), again=again)


def _verb(request: HttpRequest, what: str, sent: dict[str, Any], on: dt.date, by: By) -> Verb:
    """This function will return what is to be done."""
    if what == "observe":
        return lambda now: observe(now, on=sent["on"], what=sent["what"], says=sent["says"], by=by)
    if what == "reply":
        return lambda now: reply(now, sent["number"], sent["says"], by=by)

    def adapt(now: History) -> Recorded | Refusal:
        base, actor = of_plan(request, now, by)
        how: dict[str, Any] = {"because": sent["because"], "on": on, "by": actor}
        adapted: dict[str, Callable[[], Recorded | Refusal]] = {
            "hold": lambda: hold(now, base, days=sent["days"], **how),
            "slow": lambda: slow(now, base, times=Fraction(sent["times"]), **how),
            "step-back": lambda: step_back(now, base, steps=sent["steps"], **how),
        }
        return adapted[what]()

    return adapt
