"""What the worker does by itself: every hour heads are signed and exported, every day the whole record is read."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from opentaper.clinic.cases.base import today
from opentaper.clinic.jobs.kind import Effect, JobError, kind
from opentaper.clinic.jobs.models import Job
from opentaper.clinic.upkeep.audit import look
from opentaper.clinic.upkeep.head import HeadError, clinics, export, kept
from opentaper.clinic.upkeep.summaries import summarise_anew

KEPT = dt.timedelta(days=90)
"""How long it can be seen which jobs were done; a convention of ours."""


@kind("export-heads", every=dt.timedelta(hours=1))
def export_heads(job: Job) -> Effect:
    """Sign how far each record goes. A worker that is killed in between leaves a line more, which hurts nothing."""
    try:
        done = export(timezone.now())
    except HeadError as problem:
        raise JobError(str(problem)) from None
    if done.problems:
        raise JobError("; ".join(done.problems))
    return _forget


@kind("audit", every=dt.timedelta(days=1))
def audit(job: Job) -> Effect:
    """Read the whole record of every clinic, and fail, aloud and again, while one is broken."""
    try:
        heads = kept()
    except HeadError as problem:
        raise JobError(str(problem)) from None
    broken = [each.says for each in look(heads, today()) if not each.whole]
    if broken or heads.problems:
        raise JobError("; ".join([*broken, *heads.problems]))
    return _forget


@kind("summaries", every=dt.timedelta(hours=1))
def summaries(job: Job) -> Effect:
    """Make anew the summaries that other rules or another base made: after an update, lists say what the new one says."""
    day = today()
    for clinic in clinics():
        summarise_anew(uuid.UUID(clinic), day)
    return _forget


def _forget() -> None:
    Job.objects.filter(done_at__lt=timezone.now() - KEPT).delete()
