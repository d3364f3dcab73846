"""The days on which a clinic's pharmacy is closed, beside those of the week."""

from __future__ import annotations

import datetime as dt
import uuid

from opentaper.clinic.cases.models import Holiday
from opentaper.clinic.isolation import reading, writing


def holidays_of(clinic: uuid.UUID, from_: dt.date) -> dict[dt.date, str]:
    """Return every day from one on, with what it is called."""
    with reading(clinic):
        found = Holiday.objects.filter(clinic_id=clinic, on__gte=from_).order_by("on")
        return dict(found.values_list("on", "says"))


def close(clinic: uuid.UUID, on: dt.date, says: str) -> None:
    """Write down that the pharmacy is closed on a day."""
    with writing(clinic):
        Holiday.objects.update_or_create(clinic_id=clinic, on=on, defaults={"says": says})


def open_again(clinic: uuid.UUID, on: dt.date) -> None:
    """Take a day off the list."""
    with writing(clinic):
        Holiday.objects.filter(clinic_id=clinic, on=on).delete()
