"""Summaries of cases made anew, where other rules or another base made them."""

from __future__ import annotations

import datetime as dt
import uuid

from opentaper.clinic.cases.base import now
from opentaper.clinic.cases.models import Summary
from opentaper.clinic.cases.record import history_of, one_writer
from opentaper.clinic.cases.summary import form_of, summarise
from opentaper.clinic.isolation import reading, writing


def summarise_anew(clinic: uuid.UUID, today: dt.date) -> int:
    """Make anew the summaries of a clinic that this program with this base did not make, and return how many there were.

    Whoever wishes to write waits for one case at most.
    """
    with reading(clinic):
        old = Summary.objects.filter(clinic_id=clinic).exclude(form=form_of(now(today, clinic)))
        cases = list(old.values_list("case_id", flat=True))
    for case in cases:
        with writing(clinic):
            one_writer(clinic)
            summarise(clinic, case, history_of(clinic, case, today), today)
    return len(cases)
