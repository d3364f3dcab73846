"""The clinic's settings with a fault that a soak must find: every answer keeps some megabytes, and a list that is asked for in another way fails."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from opentaper.clinic.settings import *  # noqa: F403
from opentaper.clinic.settings import MIDDLEWARE as OURS

KEPT = 4 * 1024 * 1024
kept: list[bytes] = []


def leaking(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the plant, as a middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        kept.append(b"x" * KEPT)
        if request.path == "/cases/" and request.GET:
            return HttpResponse("planted", status=500)
        return get_response(request)

    return answer


MIDDLEWARE = [*OURS, "tests.clinic.leaky.leaking"]
