"""Sessions in the database, each with the person whose it is."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.db import InterfaceError, OperationalError

from opentaper.clinic.people.models import Person, Session


class SessionStore(InDatabase):
    """Django's, with the person beside the data."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def save(self, must_create: bool = False) -> None:
        # Django takes every trouble of the database for a session that was ended, and tells the person that their request
        # was bad; a database that is gone or locked is trouble of ours, and is said and logged as that.
        try:
            super().save(must_create)
        except UpdateError as problem:
            if isinstance(problem.__context__, OperationalError | InterfaceError):
                raise problem.__context__ from None
            raise

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        made = super().create_model_instance(data)
        assert isinstance(made, Session)
        made.person_id = uuid.UUID(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        return made


def end_sessions(person: Person, *, but: str | None = None) -> int:
    """End a person's sessions at once, on every device, and return how many there were.

    Args:
        person: whose.
        but: the key of the one that stays.
    """
    ended, _ = Session.objects.filter(person_id=person.pk).exclude(session_key=but or "").delete()
    return ended
