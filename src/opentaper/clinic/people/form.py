"""What an administrator types about a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opentaper.clinic.language import said
from opentaper.clinic.people.models import Person
from opentaper.clinic.people.roles import known_roles


def _given() -> list[tuple[str, str]]:
    return [(role.key, said(role.name)) for role in known_roles().given()]


class RoleForm(forms.Form):
    """Which role a person gets."""

    role = forms.ChoiceField(label=_("Role"), choices=_given)


class PersonForm(RoleForm):
    """A new person."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ("full_name", "email", "role")

    def clean_email(self) -> str:
        email: Any = self.cleaned_data["email"]
        email = email.lower()
        if Person.objects.filter(email=email).exists():
            raise forms.ValidationError(_("Somebody has this e-mail address already."))
        return str(email)
