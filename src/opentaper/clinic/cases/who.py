"""Who acts in a request, on which day, and what is answered to a wish to write."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from opentaper.care import By, Recorded, Refusal
from opentaper.clinic.cases import base
from opentaper.clinic.cases.form import Seen
from opentaper.clinic.cases.record import Asked, NoCaseError, ReusedKeyError, StaleError, Verb, write
from opentaper.clinic.language import english
from opentaper.clinic.library.who import known, ours, today
from opentaper.clinic.people.allowed import confirmed
from opentaper.knowledge import Knowledge
from opentaper.record import Actor, History

__all__ = ["by", "carry_out", "known", "of_plan", "ours", "today"]
SOFTWARE = version("opentaper")


def by(request: HttpRequest) -> By:
    """Return who acts, what they may, and when they last proved who they are."""
    person = ours(request)
    role = person.held
    records = get_authentication_records(request, person)
    confirmed = dt.datetime.fromtimestamp(records[-1]["at"], dt.UTC) if records else None
    return By(
        actor=Actor(key=str(person.pk), name=person.full_name, role=person.role),
        may=role.may if role else frozenset(),
        at=timezone.now(),
        software=SOFTWARE,
        knowledge=known(request).digest,
        confirmed_at=confirmed,
    )


def of_plan(request: HttpRequest, now: History, by: By) -> tuple[Knowledge, By]:
    """Return the base that the plan in force was made with, and who acts with it: no product changes under a plan."""
    if now.in_force is None:
        return known(request), by
    its_own = base.of(now.in_force.version.knowledge, today(request))
    return its_own, replace(by, knowledge=its_own.digest)


def carry_out(
    request: HttpRequest,
    case: uuid.UUID,
    form: Seen,
    act: str,
    what: str,
    verb: Callable[[By], Verb],
    *,
    then: str,
    again: Callable[[int], HttpResponse],
) -> HttpResponse:
    """Carry out a wish and answer it: with the next page, or with this one and one sentence.

    Args:
        request: of somebody who is logged in.
        case: which case.
        form: what was sent, with what its sender had seen.
        act: the act that it needs, of the roles; asked again within the transaction.
        what: everything that was asked for, as text.
        verb: from who acts to what they do.
        then: the path of the next page.
        again: shows this page anew, with a status.
    """
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return again(422)
    person, actor = ours(request), by(request)
    asked = Asked(
        clinic=person.clinic_id,
        case=case,
        person=person.pk,
        seen=form.cleaned_data["seen"],
        key=form.cleaned_data["key"],
        what=what,
    )
    try:
        done = write(asked, _still(request, act, verb(actor)), today(request))
    except (StaleError, ReusedKeyError) as problem:
        typed = [
            (field.label or name, form.cleaned_data.get(name))
            for name, field in form.fields.items()
            if not field.widget.is_hidden
        ]
        context = {"case": case, "seen": form.cleaned_data["seen"], "typed": typed}
        context["reused"] = isinstance(problem, ReusedKeyError)
        return render(request, "cases/stale.html", context, status=409)
    except NoCaseError:
        raise Http404 from None
    except base.NoBaseError as problem:
        says = english(f"{problem}.")
        messages.error(
            request, format_html("{} {} {}", _("Nothing was recorded:"), says, _("Tell whoever runs the program."))
        )
        return again(422)
    except ValueError as problem:
        messages.error(request, format_html("{} {}", _("Nothing was recorded:"), english(f"{problem}.")))
        return again(422)
    if isinstance(done, Refusal):
        messages.error(request, format_html("{} {}", _("Nothing was recorded."), english(done.says)))
        return again(422)
    return redirect(then)


def _still(request: HttpRequest, act: str, verb: Verb) -> Verb:
    """This function will ask within the transaction whether the person still may: they may just have been disabled."""

    def asked(history: History) -> Recorded | Refusal:
        confirmed(request, act)
        return verb(history)

    return asked
