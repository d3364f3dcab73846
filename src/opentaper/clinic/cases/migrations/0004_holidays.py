"""Days on which the pharmacy of a clinic is closed."""

from typing import ClassVar

from django.db import migrations, models

from opentaper.clinic.isolation import Isolated


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0003_needs")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField()),
                ("on", models.DateField()),
                ("says", models.CharField(max_length=100)),
            ],
            options={
                "db_table": "cases_holiday",
                "constraints": [
                    models.UniqueConstraint(fields=("clinic_id", "on"), name="one_holiday_a_day"),
                ],
            },
        ),
        Isolated("cases_holiday"),
    ]
