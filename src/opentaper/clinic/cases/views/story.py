"""Everything that happened in a case, as a story."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opentaper.clinic.cases.show import told
from opentaper.clinic.cases.views.case import history_or_404


@require_safe
def story(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Tell what happened, newest first, and who did it."""
    now = history_or_404(request, case)
    events = [{"event": event, "says": told(event, now)} for event in reversed(now.events)]
    return render(request, "cases/story.html", {"case": case, "now": now, "events": events})
