"""What is changed about people: each change ends sessions where it must, and is written down."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from opentaper.clinic.people.access import note
from opentaper.clinic.people.models import Person
from opentaper.clinic.people.roles import known_roles
from opentaper.clinic.people.session import end_sessions

ACT = "manage-people"


class RefusedError(Exception):
    """Somebody asked for a change that cannot be; one sentence says why."""


def link_for(person: Person) -> str:
    """Return the path at which a person sets a password: it works once, and for three days."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("set-password", kwargs={"uidb64": uid, "token": default_token_generator.make_token(person)})


@transaction.atomic
def add(request: HttpRequest, *, email: str, full_name: str, role: str) -> Person:
    """Add a person to the clinic of whoever asks.

    Raises:
        RefusedError: the role cannot be given.
    """
    by = _by(request)
    _given(role)
    person = Person.objects.add(email=email, full_name=full_name, clinic=by.clinic, role=role)
    note(request, ACT, allowed=True, about=person)
    return person


@transaction.atomic
def change_role(request: HttpRequest, person: Person, *, role: str) -> None:
    """Give a person another role, and end their sessions.

    Raises:
        RefusedError: it is one's own, or the role cannot be given.
    """
    _not_oneself(request, person)
    _given(role)
    Person.objects.filter(pk=person.pk).update(role=role)
    end_sessions(person)
    note(request, ACT, allowed=True, about=person)


@transaction.atomic
def disable(request: HttpRequest, person: Person) -> None:
    """Let a person in no more, and end their sessions at once.

    Raises:
        RefusedError: it is oneself.
    """
    _not_oneself(request, person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    end_sessions(person)
    note(request, ACT, allowed=True, about=person)


@transaction.atomic
def enable(request: HttpRequest, person: Person) -> None:
    """Let a person in again."""
    Person.objects.filter(pk=person.pk).update(is_active=True)
    note(request, ACT, allowed=True, about=person)


@transaction.atomic
def new_link(request: HttpRequest, person: Person) -> str:
    """Take a person's password away and return the path at which they set another; the second factor stays.

    Raises:
        RefusedError: it is one's own, or the person is disabled.
    """
    _not_oneself(request, person)
    if not person.is_active:
        raise RefusedError(_("This person is disabled; enable them first."))
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions(person)
    note(request, ACT, allowed=True, about=person)
    return link_for(person)


def _by(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise TypeError("nobody is logged in")
    return request.user


def _given(role: str) -> None:
    if role not in {each.key for each in known_roles().given()}:
        raise RefusedError(_("This role cannot be given to anybody."))


def _not_oneself(request: HttpRequest, person: Person) -> None:
    # Else the last administrator could lock everybody out, or give themselves a role that signs.
    if person.pk == _by(request).pk:
        raise RefusedError(_("This is you. Ask another administrator, or the operator."))
