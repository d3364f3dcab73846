"""What is kept: events in chains, the bases they were made with, keys of what was asked once, and where each case stands.

Events and bases only grow. `Summary` is computed from events, so that lists need not read them; it can be made anew.
There are no foreign keys: a row of the record outlives whatever it names.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

HASH = 64


class Row(models.Model):
    """One event as it was encoded, and its link in the clinic's chain."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    clinic_id = models.UUIDField()
    place = models.BigIntegerField()
    case_id = models.UUIDField()
    number = models.IntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    person_id = models.UUIDField()
    content = models.TextField()
    before = models.CharField(max_length=HASH)
    hash = models.CharField(max_length=HASH)

    class Meta:
        db_table = "cases_row"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic_id", "place"], name="one_row_a_place"),
            # Two who saw the same number cannot both write the next: the database lets one in.
            models.UniqueConstraint(fields=["case_id", "number"], name="one_event_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.kind}"


class Base(models.Model):
    """A base of knowledge that decisions were made with: every file of it, packed, by its digest."""

    append_only = True

    digest = models.CharField(max_length=HASH, primary_key=True)
    files = models.BinaryField()
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "cases_base"

    def __str__(self) -> str:
        return self.digest[:12]


class Key(models.Model):
    """Something that was asked for once, by a key of whoever asked: asked again, it is answered and not done again."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    clinic_id = models.UUIDField()
    person_id = models.UUIDField()
    key = models.UUIDField()
    asked = models.CharField(max_length=HASH)
    case_id = models.UUIDField()
    number = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "cases_key"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic_id", "person_id", "key"], name="asked_once"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class Summary(models.Model):
    """Where a case stands, for lists: computed from its events, in the transaction that adds to them.

    `form` says by which rules and with which base it was computed: one that says otherwise is made anew by a job.
    """

    case_id = models.UUIDField(primary_key=True)
    clinic_id = models.UUIDField(db_index=True)
    form = models.CharField(max_length=20, default="")
    name = models.CharField(max_length=200)
    born = models.DateField(null=True)
    drug = models.CharField(max_length=60, default="")
    number = models.IntegerField()
    progress = models.CharField(max_length=20)
    held_until = models.DateField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "cases_summary"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["clinic_id", "name"], name="summary_by_name")]

    def __str__(self) -> str:
        return str(self.case_id)


class Need(models.Model):
    """Something that a case needs on some days, for the list of who needs something: computed with the summary."""

    id = models.BigAutoField(primary_key=True)
    clinic_id = models.UUIDField()
    case = models.ForeignKey(Summary, on_delete=models.DO_NOTHING, db_constraint=False, related_name="needs")
    why = models.CharField(max_length=20)
    rank = models.SmallIntegerField()
    on = models.DateField()
    from_day = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        db_table = "cases_need"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic_id", "from_day", "until", "rank", "on", "why", "case"], name="need_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.on}"


class Holiday(models.Model):
    """A day on which the pharmacy of a clinic is closed, beside the days of the week that a case names."""

    id = models.BigAutoField(primary_key=True)
    clinic_id = models.UUIDField()
    on = models.DateField()
    says = models.CharField(max_length=100)

    class Meta:
        db_table = "cases_holiday"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic_id", "on"], name="one_holiday_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.says}"
