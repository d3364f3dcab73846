"""One data file, signed by its digest; and what was accepted and signed as a change to the data files."""

from __future__ import annotations

import datetime as dt
from functools import partial

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from opentaper.clinic.library.action import RefusedError, in_words, sign
from opentaper.clinic.library.change import diff
from opentaper.clinic.library.contribution import Export, current_text, digest_of, export, signatures
from opentaper.clinic.library.form import SignFile
from opentaper.clinic.library.shipped import shipped, text_of
from opentaper.clinic.library.who import ours, today
from opentaper.clinic.people.account import prove_again, recently_authenticated
from opentaper.clinic.people.allowed import confirmed
from opentaper.knowledge import KnowledgeError
from opentaper.record import FRESH

YEAR = dt.timedelta(days=365)


def page(request: HttpRequest, name: str, status: int = 200, sent: SignFile | None = None) -> HttpResponse:
    """Show a data file as it would ship with what was accepted, and who signed it."""
    clinic, base = ours(request).clinic_id, shipped(today(request))
    if name not in base.files:
        raise Http404
    text, wrong = current_text(clinic, name), ""
    try:
        digest = digest_of(clinic, name, today(request)) or ""
    except KnowledgeError as problem:
        digest, wrong = "", str(problem)
    context = {
        "file": name,
        "text": text,
        "digest": digest,
        "wrong": wrong,
        "state": base.states[name],
        "changed": text != text_of(name),
        "signed": [each for each in signatures(clinic) if each.file == name],
        "form": sent or SignFile.fresh(digest=digest, due=today(request) + YEAR),
    }
    return render(request, "library/file.html", context, status=status)


@require_safe
def file(request: HttpRequest, file: str) -> HttpResponse:
    """Show a data file."""
    return page(request, file)


@require_POST
def sign_file(request: HttpRequest, file: str) -> HttpResponse:
    """Sign a data file by the digest that was read, after proving once more who one is."""
    if file not in shipped(today(request)).files:
        raise Http404
    here = reverse("library-file", args=[file])
    if not recently_authenticated(request, int(FRESH.total_seconds())):
        return prove_again(request, here)
    form, by = SignFile(request.POST), ours(request)
    if not form.is_valid():
        return page(request, file, 422, form)
    proved = dt.datetime.fromtimestamp(get_authentication_records(request, by)[-1]["at"], dt.UTC)
    sent, sure = form.cleaned_data, partial(confirmed, request, "sign-knowledge")
    try:
        sign(by, sure, sent["key"], file=file, digest=sent["digest"], due=sent["due"], confirmed_at=proved)
    except (RefusedError, KnowledgeError) as problem:
        messages.error(request, in_words(problem))
        return page(request, file, 422)
    return redirect(here)


def _export(request: HttpRequest) -> Export | str:
    """This function will return what is to be shipped, or why nothing can be."""
    try:
        return export(ours(request).clinic_id, today(request))
    except KnowledgeError as problem:
        return str(problem)


@require_safe
def to_ship(request: HttpRequest) -> HttpResponse:
    """Show what was accepted and signed and does not ship yet."""
    found = _export(request)
    context: dict[str, object] = (
        {"wrong": found}
        if isinstance(found, str)
        else {
            "found": found,
            "files": [(name, found.after.states.get(name)) for name in sorted(found.texts)],
            "diff": diff(found.texts),
        }
    )
    return render(request, "library/export.html", context)


@require_safe
def changes_diff(request: HttpRequest) -> HttpResponse:
    """Hand out the change to the data files, as `git apply` takes it."""
    found = _export(request)
    if isinstance(found, str):
        return HttpResponse(found, status=409, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(diff(found.texts), content_type="text/x-diff; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="opentaper-knowledge.diff"'
    return answer
