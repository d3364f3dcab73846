"""Jobs are taken when they are due, tried again when they fail, and never tell what they were about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from opentaper.clinic.jobs.kind import KINDS, Effect, JobError, enqueue, kind, plant
from opentaper.clinic.jobs.models import Job
from opentaper.clinic.jobs.work import LEASE, carry_out, take
from opentaper.clinic.log import Plain

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def done() -> Iterator[list[int]]:
    """Kinds of jobs for tests, and what they did."""
    before, told = dict(KINDS), list[int]()
    KINDS.clear()

    @kind("note")
    def note(job: Job) -> Effect:
        return lambda: told.append(job.pk)

    @kind("tick", every=HOUR)
    def tick(job: Job) -> Effect:
        return lambda: None

    @kind("fail")
    def fail(job: Job) -> Effect:
        raise ValueError("Maria Test takes 2 mg")

    @kind("refuse")
    def refuse(job: Job) -> Effect:
        raise JobError("the folder is full")

    yield told
    KINDS.clear()
    KINDS.update(before)


def run_all() -> None:
    while job := take("w", timezone.now(), LEASE):
        carry_out(job, LEASE)


def test_a_job_is_done_when_it_is_due_and_not_again(done: list[int]) -> None:
    now = timezone.now()
    enqueue("note", now - HOUR)
    enqueue("note", now + HOUR)
    run_all()
    run_all()
    assert done == [Job.objects.get(done_at__isnull=False).pk]


def test_a_leased_job_is_nobody_elses_until_its_lease_ran_out() -> None:
    now = timezone.now()
    enqueue("note", now)
    assert take("a", now, LEASE) is not None
    assert take("b", now + LEASE / 2, LEASE) is None
    again = take("b", now + LEASE * 2, LEASE)
    assert again and (again.worker, again.attempts) == ("b", 2)


def test_what_is_asked_for_once_is_one_job() -> None:
    for _ in range(3):
        enqueue("note", timezone.now(), once="x")
        plant(timezone.now())
    assert Job.objects.count() == 2


def test_a_kind_that_repeats_asks_for_its_next_once() -> None:
    plant(timezone.now())
    run_all()
    plant(timezone.now())
    first, second = Job.objects.filter(kind="tick").order_by("id")
    assert first.done_at is not None
    assert timezone.now() < second.due <= timezone.now() + HOUR


def test_a_clock_that_was_set_back_stops_nothing_that_repeats() -> None:
    plant(timezone.now() + 3 * HOUR)
    job = take("w", timezone.now() + 3 * HOUR, LEASE)
    assert job
    carry_out(job, LEASE)
    # The next is asked for all the same, and it is one.
    plant(timezone.now())
    assert Job.objects.filter(kind="tick", done_at=None).count() == 1


def test_asking_in_a_transaction_that_is_rolled_back_asks_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("note", timezone.now())
        raise RuntimeError
    assert not Job.objects.exists()


@pytest.mark.parametrize("name, says", [("fail", "ValueError in test_jobs.py, line"), ("refuse", "the folder is full")])
def test_a_job_that_fails_is_tried_later_and_says_why_without_a_patients_data(
    name: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(name, timezone.now())
    run_all()
    [logged] = [Plain().format(record) for record in caplog.records]
    assert says in logged and "Maria" not in logged
    job = Job.objects.get()
    assert (job.done_at, job.leased_until, job.attempts) == (None, None, 1)
    assert job.due > timezone.now()
    assert job.problem.startswith(says)
    assert "Maria" not in job.problem


def test_a_kind_that_nobody_knows_is_refused_and_one_of_a_newer_version_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no kind of job 'what'"):
        enqueue("what", timezone.now())
    Job.objects.create(kind="from a newer version", due=timezone.now() - HOUR)
    assert take("w", timezone.now(), LEASE) is None


def test_an_operator_sees_what_waits_and_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    enqueue("refuse", timezone.now())
    enqueue("note", timezone.now() + HOUR)
    run_all()
    call_command("jobs")
    failed, waiting = capsys.readouterr().out.splitlines()
    assert failed.startswith("refuse: due ") and failed.endswith(", tried 1 times: the folder is full")
    assert waiting.startswith("note: due ") and waiting.endswith(" UTC")
