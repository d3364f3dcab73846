"""The app of upkeep."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """What keeps the record whole."""

    name = "opentaper.clinic.upkeep"
    label = "upkeep"

    def ready(self) -> None:
        from opentaper.clinic.upkeep import hourly  # noqa: F401  (registers its jobs)
