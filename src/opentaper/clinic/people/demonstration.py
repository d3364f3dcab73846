"""Clinics to look around in: in each one person for every role that can be given, with a password and a second factor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from opentaper.clinic.people.models import Clinic, Person
from opentaper.clinic.people.roles import Role, known_roles
from opentaper.clinic.people.session import end_sessions

DOMAIN = "demo.example"
PERIOD_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A clinic that does not exist, and says so in its name."""

    name: str
    country: str
    time_zone: str
    domain: str


CLINICS = (
    Invented(
        name="Imaginary Harbour, a demonstration (US)", country="US", time_zone="America/New_York", domain=DOMAIN
    ),
    Invented(
        name="Imaginary Moor, a demonstration (UK)", country="UK", time_zone="Europe/London", domain=f"uk.{DOMAIN}"
    ),
    # A day ahead of the others for most of the day: what is taken today is asked where the person lives.
    Invented(
        name="Imaginary Billabong, a demonstration (AU)", country="AU", time_zone="Australia/Sydney",
        domain=f"au.{DOMAIN}",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """What somebody needs to log in to the demonstration."""

    email: str
    role: str
    password: str
    secret: str


@transaction.atomic
def demonstration() -> list[LogIn]:
    """Make the clinics, or give their people new passwords, and return how each logs in to the first.

    In the others the same role has the same password and the same secret, under an address of its own.
    """
    log_ins = []
    for role in known_roles().given():
        password, secret = "-".join(secrets.token_hex(3) for _ in range(3)), ""
        hashed = make_password(password)  # once: it is meant to take long
        for place in CLINICS:
            secret = _let_in(clinic_of(place), f"{role.key}@{place.domain}", role, hashed, secret)
        log_ins.append(LogIn(email=f"{role.key}@{CLINICS[0].domain}", role=role.name, password=password, secret=secret))
    return log_ins


def clinic_of(place: Invented) -> Clinic:
    """Return a clinic of the demonstration, made where it is not there yet."""
    there = Clinic.objects.filter(demonstration=True, country=place.country).order_by("pk").first()
    return there or Clinic.objects.create(
        name=place.name, country=place.country, time_zone=place.time_zone, demonstration=True
    )


def _let_in(clinic: Clinic, email: str, role: Role, hashed: str, secret: str) -> str:
    """This function will give somebody a password and a second factor, and return its secret."""
    person = Person.objects.filter(email=email, clinic=clinic).first()
    if person is None:
        person = Person.objects.add(email=email, full_name=f"Demo {role.name}", clinic=clinic, role=role.key)
    else:
        end_sessions(person)
    person.password, person.role, person.is_active = hashed, role.key, True
    person.save()
    there = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if there is not None:
        return str(decrypt(there.data["secret"]))
    made: str = secret or generate_totp_secret()
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
