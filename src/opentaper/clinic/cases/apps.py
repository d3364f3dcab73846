"""The app of cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases of a clinic."""

    name = "opentaper.clinic.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
