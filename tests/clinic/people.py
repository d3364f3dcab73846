"""People of a clinic, and clients that are logged in as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opentaper.clinic.people.door import ENROLLED_HERE
from opentaper.clinic.people.models import Clinic, Person

PASSWORD = "correct horse battery staple"
STAFF = ("prescriber", "pharmacist", "therapist", "coordinator", "administrator", "reviewer")


@contextmanager
def as_application() -> Iterator[None]:
    """Do what is inside with the rights that the application has: on PostgreSQL, those of its role."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{settings.DATABASE_ROLE}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


class Browser(Client):
    """A test client that speaks https, as the clinic asks, and whose requests have the application's rights."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        with as_application():
            return super().generic(*args, **{**kwargs, "secure": True})


def clinic(name: str = "Lindenhof") -> Clinic:
    """Return the clinic of this name."""
    return Clinic.objects.get_or_create(name=name, defaults={"country": "CH", "time_zone": "Europe/Zurich"})[0]


def person(role: str, *, at: str = "Lindenhof", name: str = "", factor: bool = True) -> Person:
    """Make a person with a password and, unless told otherwise, an authenticator app."""
    email = f"{name or role}@{at.lower()}.example"
    made = Person.objects.add(
        email=email, full_name=f"{name or role} of {at}", clinic=clinic(at), role=role, password=PASSWORD
    )
    if factor:
        TOTP.activate(made, generate_totp_secret())
    return made


def code(of: Person, ahead: int = 0) -> str:
    """Return the code that a person's app shows now, or so many times thirty seconds ahead."""
    return code_from(Authenticator.objects.get(user=of, type=Authenticator.Type.TOTP).data["secret"], ahead)


def code_from(secret: str, ahead: int = 0) -> str:
    """Return the code of a secret, now or so many times thirty seconds ahead."""
    return str(format_hotp_value(hotp_value(secret, window() + ahead)))


def window() -> int:
    """Return the number of the half minute that it is."""
    return int(timezone.now().timestamp()) // 30


def browser_of(who: Person, **kwargs: Any) -> Browser:
    """Return a browser in which a person is logged in with both factors, without the pages on the way."""
    browser = Browser(**kwargs)
    browser.force_login(who)
    session = browser.session
    session[ENROLLED_HERE] = str(who.pk)
    session.save()
    return browser


def path_of(pattern: Any) -> str:
    """Return an address of a view, of nothing that exists."""
    nobody = "00000000-0000-4000-8000-000000000000"
    given = {
        "person": nobody,
        "case": nobody,
        "mark": "0" * 64,
        "pk": 1,
        "name": "usual",
        "row": 0,
        "number": 1,
        "place": 0,
        "uidb64": "x",
        "token": "y-z",
        "kind": "drugs",
        "key": "nothing",
        "file": "drugs/nothing.toml",
        "proposal": nobody,
    }
    return reverse(pattern.name, kwargs={name: given[name] for name in pattern.pattern.converters})
