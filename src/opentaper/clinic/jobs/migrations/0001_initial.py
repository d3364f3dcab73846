"""Jobs, which may be changed and forgotten: they hold nothing clinical."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                (
                    "about_id",
                    models.UUIDField(help_text="The key of what it is about; never a name or any content.", null=True),
                ),
                (
                    "once",
                    models.CharField(
                        help_text="Asked for again, it is the same job.", max_length=80, null=True, unique=True
                    ),
                ),
                ("due", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("attempts", models.IntegerField(default=0)),
                (
                    "problem",
                    models.CharField(
                        blank=True, help_text="Why the last attempt failed; no patient's data.", max_length=300
                    ),
                ),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "jobs_job",
                "indexes": [models.Index(condition=models.Q(("done_at", None)), fields=["due"], name="jobs_waiting")],
            },
        ),
    ]
