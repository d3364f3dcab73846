"""Events, bases and keys that only grow, and where each case stands."""

from django.db import migrations, models

from opentaper.clinic.append_only import AppendOnly


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Base",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("files", models.BinaryField()),
                ("kept_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "cases_base",
            },
        ),
        migrations.CreateModel(
            name="Summary",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(db_index=True)),
                ("name", models.CharField(max_length=200)),
                ("number", models.IntegerField()),
                ("progress", models.CharField(max_length=20)),
                ("held_until", models.DateField(null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "cases_summary",
            },
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField()),
                ("person_id", models.UUIDField()),
                ("key", models.UUIDField()),
                ("asked", models.CharField(max_length=64)),
                ("case_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "cases_key",
                "constraints": [models.UniqueConstraint(fields=("clinic_id", "person_id", "key"), name="asked_once")],
            },
        ),
        migrations.CreateModel(
            name="Row",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField()),
                ("place", models.BigIntegerField()),
                ("case_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("person_id", models.UUIDField()),
                ("content", models.TextField()),
                ("before", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "cases_row",
                "constraints": [
                    models.UniqueConstraint(fields=("clinic_id", "place"), name="one_row_a_place"),
                    models.UniqueConstraint(fields=("case_id", "number"), name="one_event_a_number"),
                ],
            },
        ),
        AppendOnly("cases_row"),
        AppendOnly("cases_base", key="digest"),
        AppendOnly("cases_key"),
    ]
