"""What every request goes through: who is it, have they proved it, does the view say who may open it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from opentaper.clinic.people.account import second_factors
from opentaper.clinic.people.allowed import OpenedTo, View, opened_to
from opentaper.clinic.people.models import Person
from opentaper.clinic.people.session import end_sessions

BEGAN = "began"
ENROLLED_HERE = "enrolled_here"
SEEN = "seen"
MINUTE_S, HOUR_S = 60, 3600

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("opentaper.door")


class NoStore:
    """Forbid browsers and proxies to keep any page of ours; style sheet and scripts go another way."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


def proved(request: HttpRequest, person: Person) -> bool:
    """Return whether this session gave a second factor, or set one up.

    A session that began with the password alone, before the person enrolled somewhere else, did neither.
    """
    records = get_authentication_records(request, person)
    return request.session.get(ENROLLED_HERE) == str(person.pk) or any(each["method"] == "mfa" for each in records)


class Door:
    """Refuse views that do not say who may open them, sessions that are too old, and people without a second factor."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        person = request.user
        if isinstance(person, Person) and getattr(request, "enrolling", False) and second_factors(person).exists():
            request.session[ENROLLED_HERE] = str(person.pk)
            request.session.cycle_key()
            end_sessions(person, but=request.session.session_key)
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        mark = opened_to(view)
        if mark is None:
            log.error("a view that does not say who may open it was refused")
            raise PermissionDenied
        person = request.user
        if not isinstance(person, Person):
            return None
        if self._too_old(request):
            logout(request)
            return None if not mark.logged_in else redirect_to_login(request.get_full_path())
        self._go_on(request)
        return self._second_factor(request, person, mark)

    def _too_old(self, request: HttpRequest) -> bool:
        now = timezone.now().timestamp()
        began = request.session.setdefault(BEGAN, now)
        return bool(now - began > settings.SESSION_HOURS * HOUR_S)

    def _go_on(self, request: HttpRequest) -> None:
        """This function will let the session last on; no more than once a minute, since each time is a write to the disk."""
        now = timezone.now().timestamp()
        if now - request.session.get(SEEN, 0) >= MINUTE_S:
            request.session[SEEN] = now

    def _second_factor(self, request: HttpRequest, person: Person, mark: OpenedTo) -> HttpResponse | None:
        if not person.enrolled:
            request.enrolling = True  # type: ignore[attr-defined]
            return None if mark.unenrolled else redirect("enrol")
        if proved(request, person):
            return None
        logout(request)
        return None if not mark.logged_in else redirect_to_login(request.get_full_path())


def who(request: HttpRequest) -> dict[str, Any]:
    """Give every template the person, what their role allows, and where a change of the language goes back to."""
    person = getattr(request, "user", None)
    # What answers a form has no address of its own to come back to; the page that the form stood on has.
    here = request.get_full_path() if request.method in ("GET", "HEAD") else request.META.get("HTTP_REFERER", "/")
    if not isinstance(person, Person):
        return {"person": None, "may": frozenset(), "here": here}
    role = person.held
    ready = not getattr(request, "enrolling", False)
    return {"person": person, "may": role.may if role and ready else frozenset(), "here": here}
