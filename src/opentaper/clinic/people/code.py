"""Codes of an authenticator app work once.

allauth forgets a used code after thirty seconds; with a tolerance for clocks that are off it stays right for ninety.
"""

from __future__ import annotations

import hashlib

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache

from opentaper.clinic.people.models import Person


def use(person: Person, code: str) -> bool:
    """Use a code up, and return whether this was its first use."""
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    plain = "".join(code.split())
    key = hashlib.sha256(f"{person.pk}:{plain}".encode()).hexdigest()
    return cache.add(f"people.code.{key}", "used", timeout=seconds)


class Authenticate(AuthenticateForm):  # type: ignore[misc]
    """The code at log-in."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if not use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class Reauthenticate(ReauthenticateForm):  # type: ignore[misc]
    """The code when somebody proves once more who they are."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if not use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class Activate(ActivateTOTPForm):  # type: ignore[misc]
    """The code that shows that an app was set up."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if not use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code
