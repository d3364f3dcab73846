"""A clinic to look around in: one person for every role that can be given, with a password and a second factor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from opentaper.clinic.people.models import Clinic, Person
from opentaper.clinic.people.roles import known_roles
from opentaper.clinic.people.session import end_sessions

NAME = "Demonstration clinic"
DOMAIN = "demo.example"
PERIOD_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """What somebody needs to log in to the demonstration."""

    email: str
    role: str
    password: str
    secret: str


@transaction.atomic
def demonstration() -> list[LogIn]:
    """Make the demonstration clinic, or give its people new passwords, and return how each logs in."""
    clinic = Clinic.objects.filter(demonstration=True).first()
    if clinic is None:
        clinic = Clinic.objects.create(name=NAME, country="US", time_zone="America/New_York", demonstration=True)
    return [_log_in(clinic, role.key, role.name) for role in known_roles().given()]


def _log_in(clinic: Clinic, role: str, name: str) -> LogIn:
    email = f"{role}@{DOMAIN}"
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    person = Person.objects.filter(email=email, clinic=clinic).first()
    if person is None:
        person = Person.objects.add(email=email, full_name=f"Demo {name}", clinic=clinic, role=role, password=password)
    else:
        person.set_password(password)
        person.role, person.is_active = role, True
        person.save()
        end_sessions(person)
    return LogIn(email=email, role=name, password=password, secret=_secret(person))


def _secret(person: Person) -> str:
    there = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if there is not None:
        return str(decrypt(there.data["secret"]))
    made: str = generate_totp_secret()
    TOTP.activate(person, made)
    return made


def code_of(email: str) -> str | None:
    """Return the code that the authenticator app of a demonstration's person would show now; None for anybody else."""
    person = Person.objects.filter(email=email.lower(), clinic__demonstration=True).first()
    there = person and Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if not there:
        return None
    counter = int(timezone.now().timestamp()) // PERIOD_S
    return str(format_hotp_value(hotp_value(decrypt(there.data["secret"]), counter)))


def loopback() -> bool:
    """Return whether only this machine can reach the clinic: a demonstration is made nowhere else."""
    return bool(settings.HTTP_LOOPBACK)
