"""Cases to look around in: opened, not planned; a plan is signed by a person, in a demonstration too."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from django.utils import timezone

from opentaper.care import By, open_case
from opentaper.clinic.cases import base
from opentaper.clinic.cases.record import Asked, summaries_of, write
from opentaper.clinic.cases.who import SOFTWARE
from opentaper.clinic.people.models import Person
from opentaper.patient import case_of
from opentaper.record import Actor

HERE = Path(__file__).with_name("demonstrated")
PEOPLE = {"Maria Example": "clonazepam.toml", "Tomás Example": "lorazepam.toml"}


def demonstrate(prescriber: Person) -> None:
    """Open the cases of the demonstration in a prescriber's clinic, unless it has any.

    Args:
        prescriber: in whose name they are opened; of a demonstration clinic.
    """
    if not prescriber.clinic.demonstration or summaries_of(prescriber.clinic_id):
        return
    today = prescriber.clinic.today()
    known, role = base.now(today), prescriber.held
    by = By(
        actor=Actor(key=str(prescriber.pk), name=prescriber.full_name, role=prescriber.role),
        may=role.may if role else frozenset(),
        at=timezone.now(),
        software=SOFTWARE,
        knowledge=known.digest,
    )
    for name, file in PEOPLE.items():
        text = re.sub(r"starts_on = \S+", f"starts_on = {today}", (HERE / file).read_text(encoding="utf-8"))
        case = case_of(text, known, file)
        asked = Asked(
            clinic=prescriber.clinic_id, case=uuid.uuid4(), person=prescriber.pk, seen=0, key=uuid.uuid4(), what=text
        )
        write(asked, lambda _, name=name, case=case: open_case(name, case, by=by), today)  # type: ignore[misc]
