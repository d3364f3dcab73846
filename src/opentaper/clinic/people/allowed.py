"""What a view says of itself: which act it is, or that it is public, or about oneself.

Every view has exactly one of these outermost; `door.Door` refuses one that has none, and a check finds it at start.

    path("cases/<uuid:case>/", allowed("see-cases")(page), name="case")
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from opentaper.clinic.people.access import note
from opentaper.clinic.people.models import Person
from opentaper.clinic.people.roles import known_act, may

View = Callable[..., HttpResponseBase]
MARK = "opened_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTo:
    """Who may open a view.

    Args:
        act: the act that a role must allow; empty for a view that asks for none.
        logged_in: whether somebody must be logged in.
        unenrolled: whether it opens before a second factor is set up.
    """

    act: str = ""
    logged_in: bool = True
    unenrolled: bool = False


def opened_to(view: View) -> OpenedTo | None:
    """Return what a view says of itself; None when it says nothing."""
    mark = getattr(view, MARK, None)
    return mark if isinstance(mark, OpenedTo) else None


def _marked(view: View, mark: OpenedTo) -> View:
    setattr(view, MARK, mark)
    return view


def public(view: View) -> View:
    """Open a view to everybody, logged in or not."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _marked(opened, OpenedTo(logged_in=False, unenrolled=True))


def own(view: View, *, unenrolled: bool = False) -> View:
    """Open a view about oneself to whoever is logged in.

    Args:
        view: the view.
        unenrolled: whether it opens before a second factor is set up; only what sets one up does.
    """

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return _marked(opened, OpenedTo(unenrolled=unenrolled))


def allowed(act: str) -> Callable[[View], View]:
    """Open a view to the people whose role allows an act.

    Nobody is logged in: the log-in page. The role does not allow it: the 403 page, and a line in the access log. If the
    path names a case (`case`, a UUID), the log gets one line before anything is sent: allowed, or refused, which a 404 of
    the view is too. Whoever is not logged in leaves no line: there is nobody to name, and they were shown nothing.

    Raises:
        ValueError: there is no such act.
    """
    known_act(act)

    def declare(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            case = _case(kwargs)
            if not may(request.user, act):
                # A refusal is written down even where no case is named: it is what an administrator looks for.
                note(request, act, allowed=False, case=case)
                raise PermissionDenied
            if case is None:
                return view(request, *args, **kwargs)
            try:
                response = view(request, *args, **kwargs)
            except (Http404, PermissionDenied):
                note(request, act, allowed=False, case=case)
                raise
            except Exception:
                note(request, act, allowed=True, case=case)  # something may have been done before it failed
                raise
            note(request, act, allowed=response.status_code not in (403, 404), case=case)
            return response

        return _marked(opened, OpenedTo(act=act))

    return declare


def _case(kwargs: Mapping[str, object]) -> uuid.UUID | None:
    case = kwargs.get("case")
    if case is not None and not isinstance(case, uuid.UUID):
        raise TypeError("a path names a case as <uuid:case>, or the access log would miss it")
    return case


def confirmed(request: HttpRequest, act: str) -> Person:
    """Return the person of a request as the database has them now, and keep that row until the transaction ends.

    An action that signs asks this first, inside its transaction: somebody may have been disabled, or given another role,
    since the request began.

    Raises:
        PermissionDenied: they may not, any more.
    """
    if not isinstance(request.user, Person):
        raise PermissionDenied
    person = Person.objects.select_for_update().filter(pk=request.user.pk).first()
    if person is None or not may(person, act):
        raise PermissionDenied
    return person
