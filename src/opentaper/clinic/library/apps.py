"""The app, for Django."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """What is known, who says so, and what a clinic lays over it."""

    name = "opentaper.clinic.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"
