"""The first page of whoever looks after people: who needs something today, and why."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from opentaper.care import Why
from opentaper.clinic.cases.who import ours, today
from opentaper.clinic.cases.worklist import SORTS, Asked, worklist

LONGEST_NAME = 100
LAST_PAGE = 100_000
MEANS = {
    Why.SUPPLY: (_("Supply about to end"), _("no supply is recorded from")),
    Why.QUERY: (_("Question about a plan"), _("asked on")),
    Why.FINDING: (_("Review lets nobody sign"), _("reviewed on")),
    Why.CHANGED: (_("Known otherwise than the plan knew"), _("since")),
    Why.TO_START: (_("Signed, not started"), _("it begins on")),
    Why.STEP: (_("Step due"), _("the dose changes on")),
    Why.HOLD: (_("Hold about to end"), _("it is over on")),
    Why.TO_SIGN: (_("Waits for a signature"), _("reviewed on")),
    Why.REVIEW: (_("Risks and benefits to be reviewed"), _("due by")),
    Why.SILENCE: (_("Nothing heard"), _("for four weeks on")),
    Why.NO_PLAN: (_("No plan"), _("since")),
}
"""What a reason is called, and what its day is."""


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Show who needs something today and why, or everyone."""
    asked = _asked(request)
    day = today(request)
    found = worklist(ours(request).clinic_id, day, asked)
    shown = {
        "why": "everyone" if asked.everyone else asked.why.value if asked.why else "",
        "sort": asked.sort,
        "name": asked.name,
    }
    context = {
        "found": found,
        "rows": [
            {"summary": row.summary, "needs": [(*MEANS[Why(need.why)], need) for need in row.needs]}
            for row in found.rows
        ],
        "reasons": [(why.value, MEANS[why][0], found.counts[why]) for why in Why],
        "asked": shown,
        "today": day,
        "sorts": [("urgency", _("urgency")), ("since", _("longest waiting")), ("name", _("name"))],
        "before": _query(shown, found.page - 1) if found.page > 1 else "",
        "after": _query(shown, found.page + 1) if found.page < found.pages else "",
    }
    return render(request, "cases/worklist.html", context)


def _asked(request: HttpRequest) -> Asked:
    """This function will read what somebody wishes to see; what is no wish that can be had is left out, aloud by the form."""
    why, sort, page = (request.GET.get(key, "") for key in ("why", "sort", "page"))
    return Asked(
        why=Why(why) if why in {each.value for each in Why} else None,
        everyone=why == "everyone",
        name=request.GET.get("name", "").replace("\0", "").strip()[:LONGEST_NAME],
        sort=sort if sort in SORTS else SORTS[0],
        page=min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 10 and int(page) else 1,
    )


def _query(shown: dict[str, str], page: int) -> str:
    return urlencode({**{key: value for key, value in shown.items() if value}, "page": page})
