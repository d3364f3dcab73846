"""Where a person sets their password by the link that they were given."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import PasswordResetConfirmView
from django.urls import reverse_lazy

from opentaper.clinic.people.models import Person


class SetPassword(PasswordResetConfirmView):
    """Django's, which takes the secret out of the address before anything is shown; disabled people have no link."""

    template_name = "people/set_password.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64: str) -> Any:
        person = super().get_user(uidb64)
        return person if isinstance(person, Person) and person.is_active else None


set_password = SetPassword.as_view()
