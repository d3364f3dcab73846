"""The kinds of jobs, by name: an app registers its own when it is ready."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from opentaper.clinic.jobs.models import Job

Effect = Callable[[], None]
Begin = Callable[[Job], Effect]


class JobError(Exception):
    """A job could not be done and is tried again; one sentence, without anything of a patient, says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of job.

    Args:
        name: under which it is asked for.
        begin: does what needs no transaction of ours, and may be done again by another worker: files, long reading. What
            it returns is done in the transaction in which the job becomes done, and so takes effect exactly once.
        every: for a job that asks for itself again, how often.
    """

    name: str
    begin: Begin
    every: dt.timedelta | None = None


KINDS: dict[str, Kind] = {}


def kind(name: str, every: dt.timedelta | None = None) -> Callable[[Begin], Begin]:
    """Register a function as a kind of job."""

    def registered(begin: Begin) -> Begin:
        KINDS[name] = Kind(name=name, begin=begin, every=every)
        return begin

    return registered


def enqueue(name: str, due: dt.datetime, about: uuid.UUID | None = None, once: str | None = None) -> None:
    """Ask for a job; in a transaction that is rolled back nothing was asked.

    Raises:
        ValueError: there is no such kind.
    """
    if name not in KINDS:
        raise ValueError(f"there is no kind of job {name!r}; there are: {', '.join(sorted(KINDS))}")
    Job.objects.bulk_create([Job(kind=name, due=due, about_id=about, once=once)], ignore_conflicts=True)


def enqueue_next(one: Kind, now: dt.datetime) -> None:
    """Ask for the next of a kind that repeats, at the next full hour or day of it."""
    if one.every:
        every_s = one.every.total_seconds()
        due = dt.datetime.fromtimestamp((now.timestamp() // every_s + 1) * every_s, dt.UTC)
        enqueue(one.name, due, once=one.name)


def plant(now: dt.datetime) -> None:
    """Ask for each kind that repeats, where none of it waits."""
    for one in KINDS.values():
        if one.every:
            enqueue(one.name, now, once=one.name)
