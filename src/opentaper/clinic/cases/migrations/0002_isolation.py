"""On PostgreSQL a clinic sees its own events, keys and summaries only."""

from django.db import migrations

from opentaper.clinic.isolation import Isolated


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [Isolated("cases_row"), Isolated("cases_key"), Isolated("cases_summary")]
