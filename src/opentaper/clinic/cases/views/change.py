"""What is known of a person changed: the form with what is recorded in it, or the case file itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opentaper.care import By, Recorded, Refusal, change_case, unsure
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.entry import Entry, answers_of, pasted
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.typed import Typed, typed_of
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.views.new import typed_in
from opentaper.clinic.cases.who import carry_out, known, ours, today
from opentaper.patient import case_file, case_of
from opentaper.record import Answer, History


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Change what is known of the person; what was reviewed or signed and has not begun is void then."""
    now = history_or_404(request, case)
    assert now.case is not None
    if "case" in request.POST:
        return _from_file(request, case, now)
    sent = dict(request.POST.lists()) if request.method == "POST" else typed_of(now.case)
    typed = Typed(sent, known(request), ours(request).clinic.country, before=now.case)
    entry = Entry(typed=typed, today=today(request), reason=True)

    def page(status: int = 200) -> HttpResponse:
        key, seen = typed.one("key") or uuid.uuid4(), typed.one("seen") or now.number
        context = {"case": case, "now": now, "key": key, "seen": seen, **entry.context()}
        return render(request, "cases/change.html", context, status=status)

    ready = entry.ready() if request.method == "POST" else None
    if ready is None:
        return page(entry.status)
    told = {name: typed.one(name) for name in ("seen", "key", "because")}
    return _changed(request, case, forms.ChangeCase({**told, "case": ready.file}), ready.answers, page)


def _changed(
    request: HttpRequest,
    case: uuid.UUID,
    form: forms.ChangeCase,
    answers: Sequence[Answer],
    again: Callable[[int], HttpResponse],
) -> HttpResponse:
    def verb(by: By) -> Verb:
        def changed(now: History) -> Recorded | Refusal:
            told = case_of(form.cleaned_data["case"], known(request))
            refusal = unsure(told, now.case, known(request), answers)
            because = form.cleaned_data["because"]
            return refusal or change_case(now, told, because, by=by, answers=tuple(answers))

        return changed

    what = f"change {form.data.get('case')} {form.data.get('because')}"
    if answers:
        what += f" {[(each.where, each.reason) for each in answers]}"
    then = reverse("case", args=[case])
    return carry_out(request, case, form, "change-case", what, verb, then=then, again=again)


@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Change the case file itself: with what no form asks."""
    now = history_or_404(request, case)
    assert now.case is not None
    if request.method == "POST":
        return _from_file(request, case, now)
    as_it_is = case_file(now.case, "The case as it is recorded")
    return _file_page(request, case, now, forms.ChangeCase.fresh(now.number, case=as_it_is))


def _from_file(request: HttpRequest, case: uuid.UUID, now: History) -> HttpResponse:
    form = forms.ChangeCase(request.POST)
    found, _case = pasted(request.POST.get("case", ""), known(request), now.case, typed_in(request))

    def again(status: int) -> HttpResponse:
        return _file_page(request, case, now, form, found, status)

    return _changed(request, case, form, answers_of(found), again)


def _file_page(
    request: HttpRequest,
    case: uuid.UUID,
    now: History,
    form: forms.ChangeCase,
    found: Sequence[object] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": case, "now": now, "form": form, "unsure": found, "title": _("Change the case file"),
        "button": _("Record the change"), "action": reverse("change-case-file", args=[case]),
    }  # fmt: skip
    return render(request, "cases/file.html", context, status=status)
