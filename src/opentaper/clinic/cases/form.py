"""What is sent to a case: each form carries what its sender had seen, and a key that makes sending twice harmless."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from opentaper.record import OBSERVED
from opentaper.record.event import LONGEST_TEXT

MOST_HELD_DAYS = 366


class Words(forms.CharField):
    """Free text as people type it: lines end in one way, and a space that does not break is a space."""

    def __init__(self, *, rows: int = 2, **how: Any) -> None:
        super().__init__(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), strip=True, **how)

    def to_python(self, value: Any) -> Any:
        return plain(super().to_python(value) or "")


def plain(text: str) -> str:
    """Return text with one kind of line end and one kind of space."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u202f", " ")


class Seen(forms.Form):
    """The number of the last event that the sender saw, and the sender's key for this wish."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, number: int, **initial: Any) -> Any:
        """Return an empty form for a case of which so many events were seen."""
        return cls(initial={"seen": number, "key": uuid.uuid4(), **initial}, auto_id=f"{cls.__name__.lower()}-%s")


class Reason(Seen):
    """Why, in words."""

    because = Words(label="Why")


class OpenCase(Seen):
    """A person's name and the case file."""

    name = forms.CharField(label="Name", max_length=200)

    def clean_name(self) -> str:
        return plain(self.cleaned_data["name"])

    case = forms.CharField(
        label="Case file",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text="What is taken, the answers to the screening, the goal and the pharmacy's stock. What nobody answered stays unknown.",
    )


class ChangeCase(Reason):
    """The case file as it is to be, and why."""

    case = forms.CharField(
        label="Case file", max_length=20_000, widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )


class Choose(Seen):
    """An option, by its name, and the published protocol that it came from, if any."""

    protocol = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    option = forms.CharField(max_length=100, widget=forms.HiddenInput)


class Sign(Seen):
    """A signature; the reasons that it needs are fields of their own, named by the view."""


class Hold(Reason):
    """For how many days every dose stays as it is."""

    days = forms.IntegerField(label="Days", min_value=1, max_value=MOST_HELD_DAYS)


class Slow(Reason):
    """How many times as long what is left takes."""

    times = forms.ChoiceField(
        label="How much slower",
        choices=[("3/2", "half as long again"), ("2", "twice as long"), ("3", "three times as long")],
    )


class StepBack(Reason):
    """How many steps to go back."""

    steps = forms.IntegerField(
        label="Steps",
        min_value=1,
        max_value=20,
        initial=1,
        help_text="How far back needs no signature is said by the base; further is a new plan.",
    )


class Observe(Seen):
    """What was seen, measured or told, on a day."""

    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    what = forms.ChoiceField(label="What", choices=[(each, each.replace("-", " ")) for each in OBSERVED])
    says = Words(label="In words")
