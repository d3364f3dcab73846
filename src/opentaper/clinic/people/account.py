"""How allauth asks our people: by e-mail address and password, then a second factor; nobody signs up."""

from __future__ import annotations

from functools import cache
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from opentaper.clinic.people.models import Person


def display(person: Person) -> str:
    """Return how a person is called on their own devices."""
    return person.full_name


def recently_authenticated(request: HttpRequest, within_seconds: int) -> bool:
    """Return whether the person of a request proved who they are within so many seconds, by log-in or once more."""
    if not isinstance(request.user, Person):
        return False
    records = get_authentication_records(request, request.user)
    return bool(records) and 0 <= timezone.now().timestamp() - records[-1]["at"] <= within_seconds


def prove_again(request: HttpRequest, then: str) -> HttpResponseRedirect:
    """Send somebody to prove who they are once more, and after that to a page of ours.

    A view that signs says, before it does anything:

        if not recently_authenticated(request, 300):
            return prove_again(request, request.path)

    What was posted is not kept: the person sees the page again and signs what it shows then.
    """
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': then})}")


def second_factors(of: Person | OuterRef) -> QuerySet[Authenticator]:
    """Return the second factors of a person: codes from an app, and passkeys. Recovery codes alone are none."""
    second = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=of, type__in=second)
    return found


@cache
def _people() -> QuerySet[Person]:
    """This function will return people with their clinic, and whether they have a second factor, in one query.

    It is made once: to make it takes longer than to ask it.
    """
    asked = {"enrolled": Exists(second_factors(OuterRef("pk")))}
    return Person.objects.select_related("clinic").annotate(**asked)


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, but a disabled person hears what anybody hears who types a wrong password."""

    def get_user(self, user_id: Any) -> Person | None:
        """Return the person of a session, with what every request asks of them."""
        try:
            person = _people().get(pk=user_id)
        except Person.DoesNotExist:
            return None
        return person if self.user_can_authenticate(person) else None

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> AbstractBaseUser | None:
        return None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """What is ours about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("account_login")  # with a passkey: as if it were unknown

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        assert isinstance(user, Person)
        again = self.authenticate(context.request, email=user.email, password=password)
        return again is not None and again.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not recently_authenticated(context.request, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: this clinic's program sends no mail."""


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """What is ours about second factors."""

    def _get_site_name(self) -> str:
        return "OpenTaper"

    def build_totp_svg(self, url: str) -> str:
        # Drawn with attributes only, so that it stands in the page under a policy without inline styles.
        return segno.make(url, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        # The last second factor stays; whoever lost it is let in anew by the operator.
        if authenticator.type == authenticator.Type.RECOVERY_CODES:
            return True
        return second_factors(authenticator.user).count() > 1
