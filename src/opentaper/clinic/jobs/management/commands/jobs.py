"""Show what waits to be done, and what could not be."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from opentaper.clinic.jobs.models import Job


class Command(BaseCommand):
    """opentaper clinic jobs"""

    help = "List the jobs that are not done: when each is due, who works on it, how often it was tried and what failed."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for job in Job.objects.filter(done_at=None).order_by("due", "id"):
            worked_on = job.leased_until is not None and job.leased_until >= now
            state = f"worked on by {job.worker}" if worked_on else f"due {job.due:%Y-%m-%d %H:%M:%S} UTC"
            failed = f", tried {job.attempts} times: {job.problem}" if job.problem else ""
            self.stdout.write(f"{job.kind}: {state}{failed}")
