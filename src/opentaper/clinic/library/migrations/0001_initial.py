"""Proposals, remarks, sign-offs and layers: each only grows, and each clinic sees its own."""

import uuid

from django.db import migrations, models

from opentaper.clinic.append_only import AppendOnly
from opentaper.clinic.isolation import Isolated

TABLES = ("library_proposal", "library_remark", "library_signed", "library_layerversion", "library_layersignature")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=120)),
                ("person_role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("about", models.CharField(max_length=300)),
                ("file", models.CharField(max_length=300)),
                ("before", models.TextField()),
                ("after", models.TextField()),
                ("source", models.CharField(max_length=120)),
                ("new_source", models.TextField(blank=True)),
                ("because", models.TextField()),
            ],
            options={
                "db_table": "library_proposal",
            },
        ),
        migrations.CreateModel(
            name="Signed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=120)),
                ("person_role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("file", models.CharField(max_length=300)),
                ("digest", models.CharField(max_length=64)),
                ("on", models.DateField()),
                ("due", models.DateField()),
                ("confirmed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "library_signed",
            },
        ),
        migrations.CreateModel(
            name="LayerSignature",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=120)),
                ("person_role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("number", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("on", models.DateField()),
                ("due", models.DateField()),
                ("meaning", models.TextField()),
                ("confirmed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "library_layersignature",
                "constraints": [models.UniqueConstraint(fields=("clinic_id", "number"), name="layer_signed_once")],
            },
        ),
        migrations.CreateModel(
            name="LayerVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=120)),
                ("person_role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("number", models.IntegerField()),
                ("text", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("from_day", models.DateField()),
            ],
            options={
                "db_table": "library_layerversion",
                "constraints": [models.UniqueConstraint(fields=("clinic_id", "number"), name="one_layer_a_number")],
            },
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("person_id", models.UUIDField()),
                ("person_name", models.CharField(max_length=120)),
                ("person_role", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("proposal_id", models.UUIDField(db_index=True)),
                ("kind", models.CharField(max_length=20)),
                ("says", models.TextField()),
            ],
            options={
                "db_table": "library_remark",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ["accepted", "declined"])),
                        fields=("proposal_id",),
                        name="settled_once",
                    )
                ],
            },
        ),
        *(AppendOnly(table) for table in TABLES),
        *(Isolated(table) for table in TABLES),
    ]
