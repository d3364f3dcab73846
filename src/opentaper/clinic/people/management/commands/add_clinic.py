"""Make a clinic and its first administrator."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from opentaper.clinic.people.action import link_for
from opentaper.clinic.people.models import Clinic, Person
from opentaper.knowledge import nearest
from opentaper.knowledge.products import COUNTRIES


class Command(BaseCommand):
    """opentaper clinic add_clinic --name … --country … --time-zone … --email … --full-name …"""

    help = "Make a clinic and its first administrator, and print the path at which they set their password."

    def add_arguments(self, parser: CommandParser) -> None:
        for option in ("--name", "--email", "--full-name"):
            parser.add_argument(option, required=True)
        parser.add_argument("--country", required=True, choices=[code for code in COUNTRIES if len(code) == 2])
        parser.add_argument("--time-zone", required=True, help="Europe/Zurich, America/New_York, …")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        zone = options["time_zone"]
        if zone not in available_timezones():
            close = nearest(zone, available_timezones())
            raise CommandError(f"there is no time zone {zone!r}" + (f' (did you mean "{close}"?)' if close else ""))
        clinic = Clinic.objects.create(name=options["name"], country=options["country"], time_zone=zone)
        try:
            person = Person.objects.add(
                email=options["email"], full_name=options["full_name"], clinic=clinic, role="administrator"
            )
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        self.stdout.write(f"{person.full_name} sets a password, once and within three days, at {link_for(person)}")
