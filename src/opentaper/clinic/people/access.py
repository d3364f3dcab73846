"""Write a line of the access log."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from opentaper.clinic.isolation import writing
from opentaper.clinic.people.models import Access, Person

LONGEST_PATH = 300


def note(
    request: HttpRequest, act: str, *, allowed: bool, case: uuid.UUID | None = None, about: Person | None = None
) -> Access:
    """Write down that the person of a request did an act, or was refused it.

    Args:
        request: who asks, and the path; what stands after the question mark is left out.
        act: the act.
        allowed: whether it was.
        case: the case it touched.
        about: the person it touched.

    Raises:
        TypeError: nobody is logged in, so that there is nobody to name.
    """
    person = request.user
    if not isinstance(person, Person):
        raise TypeError("nobody is logged in")
    with writing(person.clinic_id):
        return Access.objects.create(
            clinic_id=person.clinic_id,
            person_id=person.pk,
            act=act,
            path=request.path[:LONGEST_PATH],
            case_id=case,
            about_id=about.pk if about else None,
            allowed=allowed,
        )
