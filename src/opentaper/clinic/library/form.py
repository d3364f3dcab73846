"""What people send about what is known."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opentaper.knowledge import CURRENCIES

LONGEST_ENTRY = 200_000
LONGEST_SAID = 4_000


class Text(forms.CharField):
    """Text of a data file: one kind of line end, no space at line ends, one line end at the end."""

    def __init__(self, *, rows: int, **how: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "entry"})
        super().__init__(max_length=LONGEST_ENTRY, widget=widget, strip=False, **how)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        lines = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
        return f"{lines}\n" if lines else ""


class Words(forms.CharField):
    """What somebody says, in words."""

    def __init__(self, *, rows: int = 3, **how: Any) -> None:
        super().__init__(max_length=LONGEST_SAID, widget=forms.Textarea(attrs={"rows": rows}), **how)

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class Once(forms.Form):
    """A key of the sender's own: what is sent twice under it is done once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, **initial: Any) -> Any:
        """Return an empty form with a key of its own."""
        return cls(initial={"key": uuid.uuid4(), **initial}, auto_id=f"{cls.__name__.lower()}-%s")


class Contribute(Once):
    """One entry of a data file as it would stand, who says so, and why."""

    after = Text(
        rows=16,
        label=_("The entry as it would stand in the data file"),
        help_text=_("Change the value, its place in the source and how sure the reading is. To keep both sides of a disagreement, leave the entry as it is and add another below it."),
    )  # fmt: skip
    source = forms.CharField(
        max_length=100, label=_("Source"), help_text=_("Its key, as the library lists it, or as you write it below.")
    )
    new_source = Text(
        rows=7,
        required=False,
        label=_("A source that the library does not have yet, as it would stand"),
        help_text=_("[its-key] on the first line; then title, by, year, kind and read, one a line. Leave it empty otherwise."),
    )  # fmt: skip
    because = Words(label=_("Why"))


class Comment(Once):
    """Something said of a proposal."""

    says = Words(label=_("Comment"))


class Settle(Once):
    """A reviewer's decision about a proposal, with the reason."""

    says = Words(label=_("Your reason"))
    decision = forms.ChoiceField(choices=[("accepted", "accepted"), ("declined", "declined")])


class Head(Once):
    """What a version of a clinic's layer begins with; its rows are fields of their own, named by the view."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    from_day = forms.DateField(
        label=_("Binds from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency of the prices"), choices=[(each, each) for each in CURRENCIES])
    priced_on = forms.DateField(
        label=_("New prices are of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class SignLayer(Once):
    """A signature under one version of the layer, by its digest."""

    digest = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class SignFile(Once):
    """A statement that a file is right, over its digest."""

    digest = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    due = forms.DateField(
        label=_("To be looked at again by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
