"""The app of the demonstration."""

from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    """Invented clinics and their people."""

    name = "opentaper.clinic.demonstration"
    label = "demonstration"

    def ready(self) -> None:
        from opentaper.clinic.demonstration import fill  # noqa: F401  (registers its jobs)
