"""Take jobs that are due, one at a time, and do each once: whatever is killed, and whenever.

A worker leases a job and renews the lease while it works. The effect and the mark that it is done are one transaction,
which begins with that mark: from there on the database itself keeps others away, and a worker that lost its lease changes
nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from opentaper.clinic.jobs.kind import KINDS, JobError, enqueue_next, plant
from opentaper.clinic.jobs.models import Job

LEASE = dt.timedelta(seconds=60)
LONGEST_WAIT = dt.timedelta(hours=1)
IDLE_S = 1.0

log = logging.getLogger(__name__)


class LostError(Exception):
    """The lease ran out and another worker has the job; nothing was changed."""


def name() -> str:
    """Return a name for this worker that no other has."""
    return f"{socket.gethostname()[:40]} {os.getpid()} {secrets.token_hex(4)}"


def work(worker: str, stop: Event, lease: dt.timedelta = LEASE, *, once: bool = False) -> None:
    """Do what is due, until told to stop.

    Args:
        worker: its name.
        stop: when it is set, the job at hand is finished and no other is begun.
        lease: after how long a worker that does not renew it is taken for dead.
        once: end when nothing is due.
    """
    planted = False
    while not stop.is_set():
        try:
            if not planted:
                plant(timezone.now())
                planted = True
            job = take(worker, timezone.now(), lease)
            if job:
                carry_out(job, lease)
            elif once:
                return
            else:
                stop.wait(IDLE_S)
        except (OperationalError, InterfaceError) as problem:
            log.warning(f"the database does not answer ({type(problem).__name__}); tried again")
            connection.close()
            stop.wait(IDLE_S)


def take(worker: str, now: dt.datetime, lease: dt.timedelta) -> Job | None:
    """Lease the job that is due for longest, or return None: of several who try, one gets it."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = Job.objects.filter(free, done_at=None, due__lte=now, kind__in=KINDS)
    for key in waiting.order_by("due", "id").values_list("pk", flat=True)[:10]:
        # The condition is asked again by the statement that writes: whoever comes second changes no row.
        if waiting.filter(pk=key).update(leased_until=now + lease, worker=worker, attempts=F("attempts") + 1):
            return Job.objects.get(pk=key)
    return None


def carry_out(job: Job, lease: dt.timedelta) -> None:
    """Do a leased job, or note why it could not be done and when it is tried again."""
    one = KINDS[job.kind]
    try:
        with _alive(job, lease):
            effect = one.begin(job)
            with transaction.atomic():
                now = timezone.now()
                # Of a kind that repeats one waits at a time: the name is free for the next, whatever the clock did.
                once = None if one.every else job.once
                if not _held(job).update(done_at=now, leased_until=None, problem="", once=once):
                    raise LostError
                effect()
                enqueue_next(one, now)
    except LostError:
        log.warning(f"job {job} took longer than its lease, and another worker has it")
    except Exception as problem:
        # Whatever went wrong, the job stays and is tried again. The message may hold a patient's data: it is not kept.
        says = _says(problem)
        log.warning(f"job {job} failed and is tried again: {says}")  # filled in here, or `Plain` would leave it out
        wait = min(dt.timedelta(seconds=2 ** min(job.attempts, 20)), LONGEST_WAIT)
        _held(job).update(leased_until=None, due=timezone.now() + wait, problem=says[:300])


def _held(job: Job) -> QuerySet[Job]:
    """This function will return the job as long as this attempt holds it."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, attempts=job.attempts, done_at=None)


def _says(problem: Exception) -> str:
    if isinstance(problem, JobError):
        return str(problem)
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__} in {Path(last.filename).name}, line {last.lineno}"


@contextmanager
def _alive(job: Job, lease: dt.timedelta) -> Iterator[None]:
    """This function will renew the lease while a job is worked on."""
    done = Event()

    def renew() -> None:
        try:
            while not done.wait(lease.total_seconds() / 3):
                try:
                    if not _held(job).update(leased_until=timezone.now() + lease):
                        return
                except OperationalError:
                    # Somebody writes for long, most likely this job's own effect, which keeps others away by itself.
                    connection.close()
        finally:
            connection.close()

    thread = Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
