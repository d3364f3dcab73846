"""Clinics, people, sessions, and the log of what people looked at."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from opentaper.clinic.people.roles import Role, role_of


class Clinic(models.Model):
    """A clinic; nobody sees anything of another one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, help_text="As products of the base have it: US, UK, CH, …")
    time_zone = models.CharField(
        max_length=64, help_text="As the IANA names it: Europe/Zurich. It decides which day it is."
    )
    demonstration = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    def today(self) -> dt.date:
        """Return the day of the clinic: what is taken today is asked where the person lives, not in Greenwich."""
        return self.day_of(timezone.now())

    def day_of(self, moment: dt.datetime) -> dt.date:
        """Return the day that it was in the clinic at a moment."""
        return timezone.localdate(moment, timezone=ZoneInfo(self.time_zone))


class People(BaseUserManager["Person"]):
    """How people are made and found."""

    def add(self, *, email: str, full_name: str, clinic: Clinic, role: str, password: str | None = None) -> Person:
        """Make a person; without a password they set one by a link."""
        person = self.model(
            email=email.strip().lower(), full_name=" ".join(full_name.split()), clinic=clinic, role=role
        )
        person.set_password(password)
        person.full_clean()
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Somebody who logs in. There are no other rights than those of the role: no staff, no superuser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, error_messages={"unique": "Somebody has this e-mail address already."})
    full_name = models.CharField(max_length=120)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects = People()

    enrolled: bool
    """Whether they have a second factor; known of the person of a request (`people.account.Backend.get_user`)."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Stored in lower case, so that unique means unique whatever the case.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_lower"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def held(self) -> Role | None:
        """The role with its sentence and acts; None for a disabled person or a role that is no more."""
        return role_of(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django compares this with the session at every request: another password, role or clinic ends it, and so
        # does disabling, even where somebody changed the row by hand.
        stands_on = f"{self.password}|{self.role}|{self.clinic_id}|{self.is_active}"
        return salted_hmac("opentaper.people.session", stands_on, secret=secret, algorithm="sha256").hexdigest()


class Session(AbstractBaseSession):
    """A session that knows whose it is, so that all of a person's can be ended."""

    person_id = models.UUIDField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class Access(models.Model):
    """One line of the access log: somebody did, or was refused, one act. It holds no names and no case content.

    There are no foreign keys: a line outlives what it is about.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    clinic_id = models.UUIDField(null=True, db_index=True)
    person_id = models.UUIDField(null=True, db_index=True)
    act = models.CharField(max_length=40)
    path = models.CharField(max_length=300)
    case_id = models.UUIDField(null=True, db_index=True)
    about_id = models.UUIDField(null=True)
    allowed = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act} {'allowed' if self.allowed else 'refused'}"
