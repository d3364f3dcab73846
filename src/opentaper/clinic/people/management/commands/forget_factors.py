"""Let somebody in anew who lost every second factor."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from opentaper.clinic.isolation import writing
from opentaper.clinic.people.action import link_for
from opentaper.clinic.people.models import Access, Person
from opentaper.clinic.people.session import end_sessions


class Command(BaseCommand):
    """opentaper clinic forget_factors EMAIL: an operator's act, which no administrator has."""

    help = "Take a person's second factors and password away, end their sessions, and print the path to begin anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email=options["email"].lower(), is_active=True).first()
        if person is None:
            raise CommandError("nobody who may log in has this e-mail address")
        Authenticator.objects.filter(user=person).delete()
        person.set_unusable_password()
        person.save(update_fields=["password"])
        end_sessions(person)
        with writing(person.clinic_id):
            Access.objects.create(
                clinic_id=person.clinic_id,
                act="manage-people",
                path="clinic forget_factors",
                about_id=person.pk,
                allowed=True,
            )
        self.stdout.write(f"{person.full_name} begins anew, once and within three days, at {link_for(person)}")
