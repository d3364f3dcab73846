"""One version: every step, every finding, and its signature."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from opentaper.care import MEANING, By, Recorded, Refusal, decide, decline, resume, start
from opentaper.clinic.cases import base
from opentaper.clinic.cases.form import Reason, Sign, plain
from opentaper.clinic.cases.offered import dose_picture, plan_behind
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.row import calendar, rows
from opentaper.clinic.cases.show import findings
from opentaper.clinic.cases.views.case import history_or_404, sees_drafts
from opentaper.clinic.cases.views.difference import told
from opentaper.clinic.cases.views.option import how, svg
from opentaper.clinic.cases.who import carry_out, known, today
from opentaper.clinic.language import of_page, said
from opentaper.clinic.people.account import prove_again, recently_authenticated
from opentaper.exchange import dose_over_time
from opentaper.knowledge import Knowledge
from opentaper.record import FRESH, Answer, Followed, History, Progress
from opentaper.review import review


def _followed(request: HttpRequest, case: uuid.UUID, mark: str) -> tuple[Followed, History]:
    now = history_or_404(request, case)
    found = now.versions.get(mark)
    if found is None or not (found.signed or found.progress is Progress.IN_FORCE or sees_drafts(request)):
        raise Http404
    return found, now


def _fields(followed: Followed) -> dict[str, str]:
    """This function will return the field for a reason, one for each rule that asks: it counts wherever that rule asks."""
    rules = dict.fromkeys(each.rule for each in followed.judged.asked)
    return {rule: f"reason-{place}" for place, rule in enumerate(rules)}


def page(request: HttpRequest, case: uuid.UUID, mark: str, status: int = 200) -> HttpResponse:
    """Show a version."""
    followed, now = _followed(request, case, mark)
    known_of, its_own = followed.version.case, base.of(followed.version.knowledge, today(request))
    plan = plan_behind(now, mark, its_own)
    reasons = [
        {
            "field": name,
            "rule": rule,
            "findings": [each for each in followed.judged.asked if each.rule == rule],
            "said": request.POST.get(name, ""),
        }
        for rule, name in _fields(followed).items()
    ]
    context = {
        "case": case,
        "mark": mark,
        "now": now,
        "followed": followed,
        "patient": known_of.patient,
        "taking": known_of.taking,
        "goal": known_of.goal,
        "answers": [(each.asks, known_of.patient.answer(key)) for key, each in its_own.questions.items()],
        "plan": plan,
        "rows": rows(plan, known_of, its_own),
        "calendar": calendar(plan),
        "says": dose_over_time(plan.regimen, known_of, its_own, of_page(), draft=not followed.signed).says,
        "findings": findings(followed.judged),
        "blocks": followed.judged.verdict.blocks,
        "reasons": reasons,
        "meaning": MEANING,
        "meaning_said": said(MEANING),
        "to_sign": followed.progress is Progress.REVIEWED
        or (followed.progress is Progress.IN_FORCE and not followed.signed),
        "unsigned_in_force": followed.progress is Progress.IN_FORCE and not followed.signed,
        "said": list(told(now, followed, today(request))) if followed.version.number > 1 and now.force != mark else [],
        "to_start": followed.progress is Progress.ACCEPTED,
        "sign": Sign.fresh(now.number),
        "decline": Reason.fresh(now.number),
    }
    return render(request, "cases/version.html", context, status=status)


@require_safe
def dose(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Draw the doses of a version over time."""
    followed, _now = _followed(request, case, mark)
    plan = followed.version
    its_own = base.of(plan.knowledge, today(request))
    return svg(dose_picture(plan.regimen, plan.case, its_own, draft=not followed.signed, **how(request)))


@require_safe
def version(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Show a version."""
    return page(request, case, mark)


@require_POST
def sign(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Sign a version, after proving once more who one is."""
    followed, _ = _followed(request, case, mark)
    here = reverse("version", args=[case, mark])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)
    given = {rule: plain(request.POST.get(name, "")) for rule, name in _fields(followed).items()}
    reasons = [given[each.rule] for each in followed.judged.asked]
    form = Sign(request.POST)

    def verb(by: By) -> Verb:
        asked = zip(followed.judged.asked, reasons, strict=True)
        answers = [Answer(rule=each.rule, where=each.where, reason=said) for each, said in asked if said.strip()]
        if (
            followed.progress is Progress.IN_FORCE
        ):  # it is signed as it was reviewed, on the day on which it came into force
            its_own = base.of(followed.version.knowledge, today(request))
            judged = review(followed.version.regimen, followed.version.case, its_own, on=followed.judged.on)
        else:
            its_own = _base_of(request, followed)
            judged = review(followed.version.regimen, followed.version.case, its_own, on=today(request))
        return lambda now: decide(now, mark, judged, answers=answers, by=by)

    return carry_out(
        request,
        case,
        form,
        "decide",
        f"sign {mark} {reasons}",
        verb,
        then=here,
        again=lambda status: page(request, case, mark, status),
    )


@require_POST
def begin(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Bring a signed version into force."""
    _followed(request, case, mark)
    here = reverse("version", args=[case, mark])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)

    def verb(by: By) -> Verb:
        return lambda now: _begin(request, now, mark, by)

    return carry_out(
        request,
        case,
        Sign(request.POST),
        "decide",
        f"start {mark}",
        verb,
        then=reverse("case", args=[case]),
        again=lambda status: page(request, case, mark, status),
    )


def _begin(request: HttpRequest, now: History, mark: str, by: By) -> Recorded | Refusal:
    """This function will bring a version into force; one that ends a hold before its day does it as a resumption."""
    followed, on = now.versions.get(mark), today(request)
    its_own = _base_of(request, followed) if followed else known(request)
    ends_a_hold = now.held is not None and now.held[1] > on and followed is not None and followed.version.held is None
    if ends_a_hold and followed is not None and followed.version.number > 1:
        return resume(now, mark, its_own, on=on, by=by)
    return start(now, mark, its_own, on=on, by=by)


def _base_of(request: HttpRequest, followed: Followed) -> Knowledge:
    """This function will return the base that decides: today's for a new plan, its own for a version of one under way."""
    if followed.version.number == 1:
        return known(request)
    return base.of(followed.version.knowledge, today(request))


@require_POST
def refuse(request: HttpRequest, case: uuid.UUID, mark: str) -> HttpResponse:
    """Decide against a version."""
    _followed(request, case, mark)
    form = Reason(request.POST)

    def verb(by: By) -> Verb:
        return lambda now: decline(now, mark, form.cleaned_data["because"], by=by)

    return carry_out(
        request,
        case,
        form,
        "decide",
        f"decline {mark} {form.data.get('because')}",
        verb,
        then=reverse("case", args=[case]),
        again=lambda status: page(request, case, mark, status),
    )
