"""A new taper: a form about the person, whose doses are read back before anything is recorded; or a case file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from opentaper.care import By, Recorded, Refusal, open_case, unsure
from opentaper.clinic.cases.entry import Entry, answers_of, pasted
from opentaper.clinic.cases.form import OpenCase
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.typed import Typed
from opentaper.clinic.cases.who import carry_out, known, ours, today
from opentaper.clinic.people.roles import may
from opentaper.patient import case_of
from opentaper.record import Answer, History


def typed_in(request: HttpRequest) -> Typed:
    """Return what was sent of a form about a person."""
    return Typed(dict(request.POST.lists()), known(request), ours(request).clinic.country)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case from what is typed about a person."""
    if "case" in request.POST:
        return _from_file(request)
    typed = typed_in(request)
    if request.method != "POST":
        typed.values = {"starts_on": [str(today(request))]}
    entry = Entry(typed=typed, today=today(request))

    def page(status: int = 200) -> HttpResponse:
        key = typed.one("key") or uuid.uuid4()
        return render(request, "cases/new.html", {"key": key, **entry.context()}, status=status)

    ready = entry.ready() if request.method == "POST" else None
    if ready is None:
        return page(entry.status)
    sent = {name: typed.one(name) for name in ("seen", "key", "name")}
    then = "options" if may(ours(request), "propose") else "case"
    return _opened(request, OpenCase({**sent, "case": ready.file}), ready.answers, then, page)


def _opened(
    request: HttpRequest, form: OpenCase, answers: Sequence[Answer], then: str, again: Callable[[int], HttpResponse]
) -> HttpResponse:
    # The key names the case, so that sending twice opens one.
    made = uuid.uuid5(ours(request).pk, str(form.data.get("key", "")))

    def verb(by: By) -> Verb:
        def opened(_: History) -> Recorded | Refusal:
            case = case_of(form.cleaned_data["case"], known(request))
            refusal = unsure(case, None, known(request), answers)
            return refusal or open_case(form.cleaned_data["name"], case, by=by, answers=tuple(answers))

        return opened

    what = f"open {form.data.get('name')} {form.data.get('case')}"
    if answers:
        what += f" {[(each.where, each.reason) for each in answers]}"
    return carry_out(request, made, form, "open-case", what, verb, then=reverse(then, args=[made]), again=again)


@require_http_methods(["GET", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Open a case from a name and a case file."""
    if request.method == "POST":
        return _from_file(request)
    return _file_page(request, OpenCase.fresh(0, case=blank(request)))


def _from_file(request: HttpRequest) -> HttpResponse:
    form = OpenCase(request.POST)
    found, _case = pasted(request.POST.get("case", ""), known(request), None, typed_in(request))

    def again(status: int) -> HttpResponse:
        return _file_page(request, form, found, status)

    return _opened(request, form, answers_of(found), "case", again)


def _file_page(request: HttpRequest, form: OpenCase, found: Sequence[object] = (), status: int = 200) -> HttpResponse:
    context = {
        "form": form, "unsure": found, "title": _("Paste a case file"), "button": _("Open"), "action": reverse("paste-case"),
    }  # fmt: skip
    return render(request, "cases/file.html", context, status=status)


@require_POST
def echo(request: HttpRequest) -> HttpResponse:
    """Read back the doses that are typed so far."""
    entry = Entry(typed=typed_in(request), today=today(request))
    return render(request, "cases/_echo.html", {"echo": entry.echo, "unsure": entry.unsure()})


@require_POST
def stock(request: HttpRequest) -> HttpResponse:
    """Show the products of the drugs that are chosen so far."""
    entry = Entry(typed=typed_in(request), today=today(request))
    return render(request, "cases/_stock.html", {"stock": entry.context()["stock"]})


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
