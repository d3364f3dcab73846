"""The app, for Django."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class People(AppConfig):
    """People, their roles, and what they looked at."""

    name = "opentaper.clinic.people"
    label = "people"

    def ready(self) -> None:
        from opentaper.clinic import append_only, isolation
        from opentaper.clinic.people import check

        register(append_only.check, Tags.database)
        register(isolation.check, Tags.database)
        post_migrate.connect(isolation.grant, sender=self)
        register(check.sqlite_log, Tags.database)
        register(check.every_view_says_who_may)
