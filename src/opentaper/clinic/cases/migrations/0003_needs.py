"""Who a case is about, and what it needs on which days, for the list of who needs something."""

from typing import ClassVar

from django.db import migrations, models

from opentaper.clinic.isolation import Isolated


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0002_isolation")]

    operations: ClassVar = [
        migrations.AddField("summary", "form", models.CharField(default="", max_length=20)),
        migrations.AddField("summary", "born", models.DateField(null=True)),
        migrations.AddField("summary", "drug", models.CharField(default="", max_length=60)),
        migrations.AddIndex("summary", models.Index(fields=["clinic_id", "name"], name="summary_by_name")),
        migrations.CreateModel(
            name="Need",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.DO_NOTHING,
                        related_name="needs",
                        to="cases.summary",
                    ),
                ),
                ("why", models.CharField(max_length=20)),
                ("rank", models.SmallIntegerField()),
                ("on", models.DateField()),
                ("from_day", models.DateField()),
                ("until", models.DateField(null=True)),
            ],
            options={
                "db_table": "cases_need",
                "indexes": [
                    models.Index(
                        fields=["clinic_id", "from_day", "until", "rank", "on", "why", "case"], name="need_by_day"
                    )
                ],
            },
        ),
        Isolated("cases_need"),
    ]
