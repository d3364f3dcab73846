"""What is on the pharmacy's shelf, and the plan made from it: every step before and after."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from opentaper.care import NextSupply, Refusal, dispensable, next_supply
from opentaper.clinic.cases import form as forms
from opentaper.clinic.cases.holidays import holidays_of
from opentaper.clinic.cases.supplies import choices, from_shelf
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.views.dispensing import BACK, base_of_plan
from opentaper.clinic.cases.who import known, ours, today
from opentaper.clinic.language import drug, product, said
from opentaper.knowledge import verified
from opentaper.record import Version


@require_safe
def shelf(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Show what may be on the shelf, and, once something is ticked, the plan made from it. Nothing is recorded here."""
    now, day = history_or_404(request, case), today(request)
    followed = dispensable(now)
    if isinstance(followed, Refusal):
        return redirect("dispensing", case=case)
    version, its_own = followed.version, base_of_plan(request, now)
    there = choices(version, its_own)
    used = {
        portion.product for step, _, portion in version.regimen.portions() if step.until is None or step.until > day
    }
    ticked = {key for key in request.GET.getlist("has") if key in {each.key for each in there}}
    holidays = holidays_of(ours(request).clinic_id, day - BACK)
    due = next_supply(now, known(request), on=day, holidays=holidays)
    chosen = [each for each in there if each.key in ticked]
    found = (
        from_shelf(now, version, chosen, its_own, day, due if isinstance(due, NextSupply) else None) if chosen else None
    )
    context = {
        "case": case,
        "now": now,
        "day": day,
        "version": version,
        "products": [
            {
                "key": each.key,
                "words": f"{drug(each.drug)}, {product(each)}",
                "name": each.name,
                "ticked": each.key in ticked or (not ticked and each in used),
                "used": each in used,
                "read": verified(each.confidence),
            }
            for each in there
        ],
        "ticked": sorted(ticked),
        "due": due if isinstance(due, NextSupply) else None,
        "found": found,
        **_question(found, version),
        "ask": forms.Ask.fresh(now.number),
        "supply": version.case.supply,
    }
    return render(request, "cases/dispensing_shelf.html", context)


def _question(found: dict[str, Any] | None, version: Version) -> dict[str, Any]:
    """This function will return what is asked of the prescriber, and about which step."""
    if found is None or not found["changed"]:
        return {}
    row = found["first_unmade"] or next(each for each in found["rows"] if each["changed"])
    if found["whole"]:
        says = _("Not everything is on the shelf. May this plan be made from what is? Every dose stays the same.")
    else:
        what = "; ".join(f"{said(one['time'])} {one['dose']} ({', '.join(one['near'])})" for one in row["unmade"])
        says = _(
            "Not everything is on the shelf. From %(day)s on these doses cannot be made from what is, with the nearest in "
            "brackets: %(what)s. How is it to go on?"
        ) % {"day": row["from"], "what": what}
    firsts = [step.from_ for step in version.regimen.steps if step.from_ <= row["from"]]
    return {"question": says, "step_asked": max(firsts).isoformat()}
