"""Codes of an authenticator app work once.

allauth forgets a used code after thirty seconds; with a tolerance for clocks that are off it stays right for ninety.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import parse_registration_response
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


class _Whole:
    """What a browser says of a passkey: allauth breaks on what has not the shape that it should have."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (LookupError, ValueError, TypeError, AttributeError):
            raise get_adapter().validation_error("incorrect_code") from None


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """What a browser made when a passkey was set up.

    allauth proves what is true of it only where it is not empty as JSON has it; `0` or `{}` would become a passkey that is none,
    and whoever sent it would pass for somebody with a second factor.
    """

    def clean_credential(self) -> dict[str, Any]:
        credential = self.cleaned_data["credential"]
        try:
            if isinstance(credential, dict) and credential and parse_registration_response(credential):
                return credential
        except (LookupError, ValueError, TypeError, AttributeError):
            pass  # it has not the shape of a credential
        raise get_adapter().validation_error("incorrect_code")


class LoginPasskey(_Whole, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey that lets somebody in."""


class AuthenticatePasskey(_Whole, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of a code."""


class ReauthenticatePasskey(_Whole, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey that proves once more who somebody is."""
