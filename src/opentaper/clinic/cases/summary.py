"""Where a case stands and what it needs, written down beside its events so that lists need not read them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from opentaper.care import due
from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Need, Summary
from opentaper.knowledge import Knowledge
from opentaper.record import History

FORM = 4
"""By which rules of this program a summary is computed; one more whenever they change."""


def form_of(known: Knowledge) -> str:
    """Return by which rules, and with which base, a summary is computed: one that says otherwise is made anew by a job."""
    return f"{FORM} {known.digest[:12]}"


def summarise(clinic: uuid.UUID, case: uuid.UUID, now: History, today: dt.date) -> None:
    """Write down where a case stands and what it needs, instead of what stood there; within `writing`."""
    known = base.now(today, clinic)
    # SQLite and PostgreSQL both replace the row of the same case: one statement instead of two.
    row = Summary(case_id=case, clinic_id=clinic, form=form_of(known), **summary(now))
    changed = [field.name for field in Summary._meta.concrete_fields if not field.primary_key]
    Summary.objects.bulk_create([row], update_conflicts=True, unique_fields=["case_id"], update_fields=changed)
    Need.objects.filter(case_id=case).delete()
    Need.objects.bulk_create(Need(clinic_id=clinic, case_id=case, **each) for each in needs(now, known))


def needs(now: History, known: Knowledge) -> list[dict[str, object]]:
    """Return what the list of who needs something holds of a case."""
    return [
        {"why": each.why.value, "rank": each.why.rank, "on": each.on, "from_day": each.from_, "until": each.until}
        for each in due(now, known)
    ]


def summary(now: History) -> Mapping[str, object]:
    """Return what a list shows of a case."""
    standing = now.in_force.progress.value if now.in_force else "stopped" if now.stopped else "no plan in force"
    return {
        "name": now.name,
        "born": now.case.patient.born if now.case else None,
        "drug": now.case.goal.of if now.case else "",
        "number": now.number,
        "progress": standing,
        "held_until": now.held[1] if now.held else None,
        "changed_at": now.events[-1].at,
    }
