"""The options of a case side by side, and having one of them reviewed for a signature."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opentaper.care import By, Offered, Recorded, Refusal, change_case, check, offer, version_of
from opentaper.clinic.cases.called import MEANS
from opentaper.clinic.cases.form import Choose, Seen
from opentaper.clinic.cases.offered import Offers, dose_picture, ease_picture, length_buys, offers_of
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.row import calendar, rows
from opentaper.clinic.cases.show import findings_of
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.who import carry_out, known, today
from opentaper.clinic.language import drug, of_page
from opentaper.exchange import Comparison, about, assumption, dose_over_time, felt, told
from opentaper.knowledge import FileError, parse_toml
from opentaper.patient import Case, CaseError, case_file, case_from
from opentaper.plan import Infeasible
from opentaper.record import History
from opentaper.review import Finding


def protocol_of(request: HttpRequest, sent: Any) -> str | None:
    """Return the published protocol that was asked for, if any; one that is not known is no page."""
    key = str(sent.get("protocol", "")) or None
    if key is not None and key not in known(request).protocols:
        raise Http404
    return key


@require_http_methods(["GET", "POST"])
def options(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show the options of a case, each with its review; or have one reviewed for a signature."""
    now = history_or_404(request, case)
    protocol = protocol_of(request, request.POST if request.method == "POST" else request.GET)

    def page(status: int = 200) -> HttpResponse:
        return render(request, "cases/options.html", {"case": case, **_context(request, now, protocol)}, status=status)

    if request.method != "POST":
        return page()
    form = Choose(request.POST)
    chosen = str(form.data.get("option", ""))

    def verb(by: By) -> Verb:
        return lambda now: _reviewed(now, chosen, protocol, by, request)

    what = f"choose {chosen}{f' of {protocol}' if protocol else ''}"
    return carry_out(request, case, form, "propose", what, verb, then=reverse("latest", args=[case]), again=page)


def _context(request: HttpRequest, now: History, protocol: str | None) -> dict[str, Any]:
    assert now.case is not None
    base, offers = known(request), offers_of(now.case, known(request), today(request), protocol)
    judged = offers.judged
    shared = [each for each in judged[0].findings if all(each in other.findings for other in judged)] if judged else []
    taken = {each.drug for each in now.case.taking}
    switches = [key for key in base.drugs if base.tapered_drug(key) and key not in taken]
    return {
        "now": now,
        "options": [
            _option(each, now.case, request, without=shared)
            | {"form": Choose.fresh(now.number, option=each.plan.name, protocol=protocol or "")}
            for each in offers.compared
        ],
        "shared": findings_of(shared),
        "without": offers.options.infeasible,
        "protocol": base.protocols[protocol] if protocol else None,
        "protocols": sorted(base.protocols.values(), key=lambda each: each.name),
        "switches": [(key, drug(key)) for key in switches],
        "switch": now.case.switch,
        "goes_to": base.convention("switch-to").value,
        "wish": Seen.fresh(now.number),
        "note": base.review_note,
        "more": f"&protocol={protocol}" if protocol else "",
    }


def _option(each: Comparison, case: Case, request: HttpRequest, *, without: list[Finding]) -> dict[str, Any]:
    plan, verdict = each.plan, each.reviewed.verdict
    return {
        "plan": plan,
        "length": _length(each),
        "steps": each.steps,
        "collections": len(plan.supply),
        "visits": len(plan.visits),
        "pieces": each.pieces.most,
        "broken": each.broken.most,
        "measured": each.measured.most,
        "worst": each.largest_cut_above_zero,
        "blocks": verdict.blocks,
        "over": sum(row.binding is not None and row.binding.exceeded_by is not None for row in plan.rows),
        "verdict": verdict.value,
        "means": MEANS[verdict],
        "findings": findings_of(found for found in each.reviewed.findings if found not in without),
        "rows": rows(plan, case, known(request)),
        "calendar": calendar(plan),
        "says": dose_over_time(plan.regimen, case, known(request), of_page()).says,
        "editable": plan.regimen.drugs == (case.goal.of,) and not case.goal.then,
    }


def _length(each: Comparison) -> str:
    """This function will say how long an option takes in the language of the page, in weeks and days."""
    if not each.plan.days:
        return each.length
    (weeks, days), lang = divmod(each.plan.days, 7), of_page()
    parts = [lang.count("{number} week", "{number} weeks", weeks)] * bool(weeks)
    return " ".join(parts + [lang.count("{number} day", "{number} days", days)] * bool(days))


def _reviewed(now: History, chosen: str, protocol: str | None, by: By, request: HttpRequest) -> Recorded | Refusal:
    """This function will record the options as they were shown, and one of them reviewed."""
    offered = offer(now, known(request), by=by, protocol=protocol)
    if not isinstance(offered, Offered):
        return offered
    plan = next((each for each in offered.options.plans if each.name == chosen), None)
    if plan is None:
        return Refusal(says=mark_safe(gettext("There is no such option any more; look at the options again.")))
    version = version_of(plan, offered.recorded.history, known(request), on=today(request))
    checked = check(offered.recorded.history, version, known(request), on=today(request), by=by)
    if not isinstance(checked, Recorded):
        return checked
    return Recorded(events=(*offered.recorded.events, *checked.events), history=checked.history)


@require_POST
def switch(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Record the wish to be offered a switch to another drug beside the taper, or that there is none any more."""
    now = history_or_404(request, case)
    to = str(request.POST.get("to", ""))
    here = reverse("options", args=[case])

    def verb(by: By) -> Verb:
        def wished(now: History) -> Recorded | Refusal:
            assert now.case is not None
            raw = parse_toml("case", case_file(now.case, "as recorded").encode(), CaseError)
            raw.pop("switch", None)
            if to:
                raw["switch"] = {"to": to}
            try:
                told = case_from(raw, known(request), "case")
            except FileError as problem:
                return Refusal(says=f"{problem.problem[:1].upper()}{problem.problem[1:]}.")
            because = (
                f"a switch to {to} is to be offered beside the taper" if to else "no switch is wished for any more"
            )
            return change_case(now, told, because, by=by)

        return wished

    def again(status: int) -> HttpResponse:
        return render(request, "cases/options.html", {"case": case, **_context(request, now, None)}, status=status)

    return carry_out(request, case, Seen(request.POST), "change-case", f"switch to {to}", verb, then=here, again=again)


@require_safe
def dose(request: HttpRequest, case: uuid.UUID, name: str) -> HttpResponse:
    """Draw the doses of an option over time."""
    now = history_or_404(request, case)
    assert now.case is not None
    offers: Offers = offers_of(now.case, known(request), today(request), protocol_of(request, request.GET))
    found = offers.named(name)
    if found is None:
        raise Http404
    return svg(dose_picture(found[0].regimen, now.case, known(request), draft=True, **how(request)))


@require_safe
def length(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show what a model predicts that length buys: by itself, because it takes seconds."""
    now = history_or_404(request, case)
    assert now.case is not None
    found, _offers = length_buys(now.case, known(request), today(request))
    context: dict[str, Any] = {"case": case, "now": now, "assumes": assumption(known(request))}
    if isinstance(found, Infeasible):
        context["refused"] = found.says
    else:
        context |= {
            "points": [{"weeks": about_weeks(point.days), "felt": felt(point)} for point in told(found)],
            "placed": [
                {"plan": each.plan, "weeks": about_weeks(place.days), "place": place} for each, place in found.beside
            ],
            "left_out": found.left_out,
            "bound": found.bound.says if found.bound else "",
        }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "cases/_length.html" if part else "cases/length.html", context)


@require_safe
def length_drawn(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Draw what length buys."""
    now = history_or_404(request, case)
    assert now.case is not None
    drawn = ease_picture(now.case, known(request), today(request), **how(request))
    if drawn is None:
        raise Http404
    return svg(drawn)


def about_weeks(days: int) -> str:
    """Return days as weeks, to one place."""
    return about(Fraction(days, 7))


def how(request: HttpRequest) -> dict[str, bool]:
    """Return how a chart is to be drawn: dark, and small enough for a phone."""
    return {key: request.GET.get(key) == "1" for key in ("dark", "narrow")}


def svg(drawn: str) -> HttpResponse:
    """Return a drawing."""
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")


@require_safe
def latest(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Go to the version that was reviewed last."""
    now = history_or_404(request, case)
    marks = list(now.versions)
    return redirect("version", case=case, mark=marks[-1]) if marks else redirect("options", case=case)
