"""A change to what is known: proposed with a source, discussed, accepted or declined by a reviewer."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opentaper.clinic.library.action import RefusedError, in_words, propose, remark
from opentaper.clinic.library.change import ConflictError, shown
from opentaper.clinic.library.contribution import Discussed, changes, current_text, discussed, of
from opentaper.clinic.library.entry import entry
from opentaper.clinic.library.form import Comment, Contribute, Settle
from opentaper.clinic.library.models import Remark
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.library.thing import thing
from opentaper.clinic.library.who import ours, today
from opentaper.clinic.people.allowed import confirmed
from opentaper.clinic.people.roles import may
from opentaper.knowledge import KnowledgeError

NOT = (RefusedError, KnowledgeError, ConflictError)


@require_http_methods(["GET", "POST"])
def contribute(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Propose how an entry would stand in the data file, with who says so."""
    base, by = shipped(today(request)), ours(request)
    about = thing(base, kind, key)
    if about is None:
        raise Http404
    before = entry(current_text(by.clinic_id, about.file), about.home, about.name)
    source = next((line.fact.source for line in about.lines), "")
    form = Contribute(request.POST) if request.method == "POST" else Contribute.fresh(after=before, source=source)

    def again(status: int = 200) -> HttpResponse:
        context = {"thing": about, "form": form, "sources": sorted(base.sources), "file": about.file}
        return render(request, "library/contribute.html", context, status=status)

    if request.method != "POST":
        return again()
    if not form.is_valid():
        return again(422)
    sent = form.cleaned_data
    try:
        made = propose(
            by, partial(confirmed, request, "contribute"), sent["key"], about=about.about, file=about.file,
            before=before, after=sent["after"], source=sent["source"], new_source=sent["new_source"],
            because=sent["because"],
        )  # fmt: skip
    except NOT as problem:
        messages.error(request, in_words(problem))
        return again(422)
    return redirect("contribution", proposal=made)


@require_safe
def contributions(request: HttpRequest) -> HttpResponse:
    """Show every proposal of the clinic, the open ones first."""
    found = discussed(ours(request).clinic_id)
    found.sort(key=lambda each: each.stands != "open")
    return render(request, "library/contributions.html", {"found": found})


def found_or_404(request: HttpRequest, proposal: uuid.UUID) -> Discussed:
    """Return a proposal of the person's own clinic; another clinic's is as unknown as none."""
    found = of(ours(request).clinic_id, proposal)
    if found is None:
        raise Http404
    return found


def page(request: HttpRequest, found: Discussed, status: int = 200, **sent: object) -> HttpResponse:
    """Show a proposal with its change, what was said of it and what may be done."""
    context = {
        "found": found,
        "of": found.proposal,
        "changes": [(each.file, shown(each)) for each in changes(found.proposal)],
        "url": reverse("library-thing", args=found.proposal.about.split("/", 1)),
        "source_url": reverse("library-thing", args=["sources", found.proposal.source])
        if found.proposal.source in shipped(today(request)).sources
        else "",
        "own": found.proposal.person_id == ours(request).pk,
        "open": found.stands == "open",
        "comment": Comment.fresh(),
        "settle": Settle.fresh(),
        **sent,
    }
    return render(request, "library/contribution.html", context, status=status)


@require_safe
def contribution(request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
    """Show a proposal."""
    return page(request, found_or_404(request, proposal))


@require_POST
def comment(request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
    """Say something of a proposal."""
    found, form = found_or_404(request, proposal), Comment(request.POST)
    if not form.is_valid():
        return page(request, found, 422, comment=form)
    sure = partial(confirmed, request, "contribute")
    remark(ours(request), sure, found.proposal, form.cleaned_data["key"], form.cleaned_data["says"])
    return redirect("contribution", proposal=proposal)


@require_POST
def settle(request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
    """Accept or decline a proposal, with a reason."""
    found, form = found_or_404(request, proposal), Settle(request.POST)
    if not form.is_valid():
        return page(request, found, 422, settle=form)
    sent = form.cleaned_data
    assert sent["decision"] in (Remark.ACCEPTED, Remark.DECLINED) and may(ours(request), "sign-knowledge")
    sure = partial(confirmed, request, "sign-knowledge")
    try:
        remark(ours(request), sure, found.proposal, sent["key"], sent["says"], sent["decision"])
    except NOT as problem:
        messages.error(request, in_words(problem))
        return page(request, found_or_404(request, proposal), 422, settle=form)
    return redirect("contribution", proposal=proposal)
