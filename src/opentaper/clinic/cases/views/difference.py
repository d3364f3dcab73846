"""What a change of the plan in force would change, shown before anybody records or signs it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from opentaper.care import By, Refusal
from opentaper.clinic.cases import base
from opentaper.clinic.cases.called import MEANS
from opentaper.clinic.cases.form import Seen
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.show import findings, steps
from opentaper.clinic.cases.who import by, today
from opentaper.clinic.language import english, of_page
from opentaper.exchange import changes, quantities
from opentaper.plan import collections
from opentaper.record import Followed, History, Version

IN_FORCE_AT_ONCE = ("hold", "slow", "step-back")


def difference(
    request: HttpRequest,
    case: uuid.UUID,
    now: History,
    form: Seen,
    what: str,
    verb: Callable[[By], Verb],
    *,
    again: Callable[[int], HttpResponse],
) -> HttpResponse:
    """Show what would come of a wish, and a form that records exactly this wish; nothing is recorded here.

    Args:
        request: of somebody who is logged in.
        case: which case.
        now: where it stands.
        form: what was sent.
        what: the name of the wish, and of the address that records it.
        verb: from who acts to what they would do.
        again: shows the page that this was sent from anew, with a status.
    """
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return again(422)
    if form.cleaned_data["seen"] != now.number:
        messages.error(
            request, _("Somebody else wrote to this case first. Look at it as it stands now, and decide again.")
        )
        return again(409)
    try:
        done = verb(by(request))(now)
    except (ValueError, base.NoBaseError) as problem:
        done = Refusal(says=f"{problem}.")
    if isinstance(done, Refusal):
        messages.error(request, format_html("{} {}", _("This cannot be done."), english(done.says)))
        return again(422)
    new = list(done.history.versions.values())[-1]
    context = {
        "case": case,
        "now": now,
        "what": what,
        "action": reverse(what, args=[case]),
        "new": new,
        "at_once": what in IN_FORCE_AT_ONCE,
        "means": MEANS[new.judged.verdict],
        "findings": findings(new.judged),
        "steps": steps(new.version.regimen),
        "said": list(told(now, new, today(request))),
        "sent": list(_sent(form)),
    }
    return render(request, "cases/difference.html", context)


def told(now: History, new: Followed, on: Any) -> Iterator[str]:
    """Yield what a new version changes against the one in force: dates, and quantities still to be handed over."""
    if now.in_force is None:
        return
    before, after = now.in_force.version, new.version
    first = min(on, after.regimen.steps[0].from_)
    yield from changes(before.printed, after.regimen, first, of_page())
    yield from quantities(_collections(before), _collections(after), first, of_page())


def _collections(version: Version) -> Any:
    supply = version.case.supply
    every = supply.instalment or supply.days_per_supply
    return collections(version.regimen, every, supply.closed, version.stock, version.made_on)


def _sent(form: Seen) -> Iterator[tuple[str, str]]:
    """This function will yield what was sent, to be sent once more as it is."""
    for name in form.fields:
        for value in form.data.getlist(name) if hasattr(form.data, "getlist") else [form.data.get(name, "")]:
            yield name, value
