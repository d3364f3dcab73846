"""The clinic's settings with a fault that a soak must find: every answer keeps a megabyte, and a list that is sorted fails."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from opentaper.clinic.settings import *  # noqa: F403
from opentaper.clinic.settings import MIDDLEWARE as OURS

MEBIBYTE = 1024 * 1024
kept: list[bytes] = []


def leaking(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the plant, as a middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        kept.append(b"x" * MEBIBYTE)
        if "sort" in request.GET:
            return HttpResponse("planted", status=500)
        return get_response(request)

    return answer


MIDDLEWARE = [*OURS, "tests.clinic.leaky.leaking"]
