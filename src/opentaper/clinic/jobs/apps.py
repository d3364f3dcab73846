"""The app of jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Work that nobody waits for."""

    name = "opentaper.clinic.jobs"
    label = "jobs"
