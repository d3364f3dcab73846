"""Who asks, on which day, and by which base of knowledge."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest

from opentaper.clinic.library.layer import base_of
from opentaper.clinic.people.models import Person
from opentaper.knowledge import Knowledge


def ours(request: HttpRequest) -> Person:
    """Return the person who is logged in; a view that is `allowed` has one."""
    assert isinstance(request.user, Person)
    return request.user


def today(request: HttpRequest) -> dt.date:
    """Return the day it is in the clinic."""
    return ours(request).clinic.today()


def known(request: HttpRequest) -> Knowledge:
    """Return the base as the clinic works with it today: what ships, with the clinic's own layer over it.

    It is looked up once for a request, so that everything in it is judged by the same base.
    """
    found = getattr(request, "known", None)
    if not isinstance(found, Knowledge):
        found = base_of(ours(request).clinic_id, today(request))
        request.known = found  # type: ignore[attr-defined]
    return found
