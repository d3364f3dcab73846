"""Jobs, as they wait, are worked on, and are done. They hold nothing clinical: what is clinical is an event."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Job(models.Model):
    """One thing to be done, when it is due, and by whom it is being done.

    Whoever holds the lease works on it; when the lease ran out, its holder is taken for dead and anybody may take it.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    about_id = models.UUIDField(null=True, help_text="The key of what it is about; never a name or any content.")
    once = models.CharField(max_length=80, null=True, unique=True, help_text="Asked for again, it is the same job.")
    due = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    attempts = models.IntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last attempt failed; no patient's data.")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs_job"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due"], condition=models.Q(done_at=None), name="jobs_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
