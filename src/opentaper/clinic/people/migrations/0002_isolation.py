"""On PostgreSQL a clinic sees its own access log only."""

from django.db import migrations

from opentaper.clinic.isolation import Isolated


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [Isolated("people_access")]
