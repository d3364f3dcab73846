"""Clinics, people, sessions; an access log that only grows; the table in which limits and used codes are counted."""

import uuid
from typing import ClassVar

import django.db.models.deletion
import django.db.models.functions.text
from django.core.management import call_command
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from opentaper.clinic.append_only import AppendOnly


def make_counts(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the table of CACHES, so that nobody has to remember another command."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = []

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("clinic_id", models.UUIDField(db_index=True, null=True)),
                ("person_id", models.UUIDField(db_index=True, null=True)),
                ("act", models.CharField(max_length=40)),
                ("path", models.CharField(max_length=300)),
                ("case_id", models.UUIDField(db_index=True, null=True)),
                ("about_id", models.UUIDField(null=True)),
                ("allowed", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Clinic",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(help_text="As products of the base have it: US, UK, CH, …", max_length=2)),
                (
                    "time_zone",
                    models.CharField(
                        help_text="As the IANA names it: Europe/Zurich. It decides which day it is.", max_length=64
                    ),
                ),
                ("demonstration", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("person_id", models.UUIDField(db_index=True, null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "Somebody has this e-mail address already."},
                        max_length=254,
                        unique=True,
                    ),
                ),
                ("full_name", models.CharField(max_length=120)),
                ("role", models.CharField(max_length=40)),
                ("is_active", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="people.clinic"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="person_email_lower",
                    )
                ],
            },
        ),
        AppendOnly("people_access"),
        migrations.RunPython(make_counts, migrations.RunPython.noop),
    ]
