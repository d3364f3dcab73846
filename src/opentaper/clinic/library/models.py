"""What people propose, discuss, accept and sign about what is known, and what a clinic lays over it. All of it only grows.

Each clinic has its own (`docs/decisions/0019-library.md`). There are no foreign keys: a row outlives whatever it names.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

HASH, NAME, LONG = 64, 120, 300


class Kept(models.Model):
    """Something that somebody said or signed: who, in which role, and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic_id = models.UUIDField(db_index=True)
    person_id = models.UUIDField()
    person_name = models.CharField(max_length=NAME)
    person_role = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        abstract = True


class Proposal(Kept):
    """A change to one entry of a data file, as it would stand there, with who says so and why."""

    append_only = True

    about = models.CharField(max_length=LONG)
    file = models.CharField(max_length=LONG)
    before = models.TextField()
    after = models.TextField()
    source = models.CharField(max_length=NAME)
    new_source = models.TextField(blank=True)
    because = models.TextField()

    class Meta:
        db_table = "library_proposal"

    def __str__(self) -> str:
        return self.about


class Remark(Kept):
    """Something said of a proposal, or what a reviewer decided about it: once."""

    append_only = True

    COMMENT, ACCEPTED, DECLINED = "comment", "accepted", "declined"

    proposal_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    says = models.TextField()

    class Meta:
        db_table = "library_remark"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["proposal_id"], condition=models.Q(kind__in=["accepted", "declined"]), name="settled_once"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Signed(Kept):
    """A named person's statement that a data file was right on a day, by the digest of its content."""

    append_only = True

    file = models.CharField(max_length=LONG)
    digest = models.CharField(max_length=HASH)
    on = models.DateField()
    due = models.DateField()
    confirmed_at = models.DateTimeField()

    class Meta:
        db_table = "library_signed"

    def __str__(self) -> str:
        return f"{self.file} {self.digest[:12]}"


class LayerVersion(Kept):
    """A clinic's own formulary, prices and stricter limits, as a version of them was written."""

    append_only = True

    number = models.IntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=HASH)
    from_day = models.DateField()

    class Meta:
        db_table = "library_layerversion"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Two who saw the same number cannot both write the next: the database lets one in.
            models.UniqueConstraint(fields=["clinic_id", "number"], name="one_layer_a_number"),
        ]

    def __str__(self) -> str:
        return f"layer {self.number}"


class LayerSignature(Kept):
    """A signature under exactly one version of a clinic's layer; from its day on it binds."""

    append_only = True

    number = models.IntegerField()
    digest = models.CharField(max_length=HASH)
    on = models.DateField()
    due = models.DateField()
    meaning = models.TextField()
    confirmed_at = models.DateTimeField()

    class Meta:
        db_table = "library_layersignature"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic_id", "number"], name="layer_signed_once"),
        ]

    def __str__(self) -> str:
        return f"signature of layer {self.number}"
