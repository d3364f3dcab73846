"""What is sent to a case: each form carries what its sender had seen, and a key that makes sending twice harmless."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from opentaper.clinic.cases.called import OBSERVED as SEEN
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


class Whole(forms.IntegerField):
    """A whole number. Python reads 1_4 as 14, and nobody else does: it is refused."""

    def to_python(self, value: Any) -> Any:
        if "_" in str(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class Seen(forms.Form):
    """The number of the last event that the sender saw, and the sender's key for this wish."""

    seen = Whole(min_value=0, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, number: int, **initial: Any) -> Any:
        """Return an empty form for a case of which so many events were seen."""
        return cls(initial={"seen": number, "key": uuid.uuid4(), **initial}, auto_id=f"{cls.__name__.lower()}-%s")

    @property
    def drawn(self) -> SafeString:
        """The form as a page shows it. What is the same on every page is drawn once: an empty form takes no time."""
        if self.is_bound:
            return self.as_div()
        kept = {name: value for name, value in self.initial.items() if name not in ("seen", "key")}
        fields = _drawn(
            type(self), get_language() or "", tuple(sorted((key, str(value)) for key, value in kept.items()))
        )
        seen, key = self.initial.get("seen", ""), self.initial.get("key", "")
        hidden = '<input type="hidden" name="seen" value="{}"><input type="hidden" name="key" value="{}">'
        return format_html(hidden, seen, key) + fields


@lru_cache(maxsize=256)
def _drawn(form: type[Seen], language: str, initial: tuple[tuple[str, str], ...]) -> SafeString:
    """This function will draw the fields that are seen of an empty form, in a language."""
    empty = form(initial=dict(initial), auto_id=f"{form.__name__.lower()}-%s")
    return mark_safe("".join(f"<div>{field.as_field_group()}</div>" for field in empty.visible_fields()))


class Reason(Seen):
    """Why, in words."""

    because = Words(label=_("Why"))


class OpenCase(Seen):
    """A person's name and the case file."""

    name = forms.CharField(label=_("Name"), max_length=200)

    def clean_name(self) -> str:
        return plain(self.cleaned_data["name"])

    case = forms.CharField(
        label=_("Case file"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text=_(
            "What is taken, the answers to the screening, the goal and the pharmacy's stock. What nobody answered stays unknown."
        ),
    )


class ChangeCase(Reason):
    """The case file as it is to be, and why."""

    case = forms.CharField(
        label=_("Case file"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )


class Choose(Seen):
    """An option, by its name, and the published protocol that it came from, if any."""

    protocol = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    option = forms.CharField(max_length=100, widget=forms.HiddenInput)


class Sign(Seen):
    """A signature; the reasons that it needs are fields of their own, named by the view."""


class Hold(Reason):
    """For how many days every dose stays as it is."""

    days = Whole(label=_("Days"), min_value=1, max_value=MOST_HELD_DAYS)


class Slow(Reason):
    """How many times as long what is left takes."""

    times = forms.ChoiceField(
        label=_("How much slower"),
        choices=[("3/2", _("half as long again")), ("2", _("twice as long")), ("3", _("three times as long"))],
    )


class StepBack(Reason):
    """How many steps to go back."""

    steps = Whole(
        label=_("Steps"),
        min_value=1,
        max_value=20,
        initial=1,
        help_text=_("How far back needs no signature is said by the base; further is a new plan."),
    )


class Observe(Seen):
    """What was seen, measured or told, on a day."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    what = forms.ChoiceField(label=_("What"), choices=[(each, SEEN[each]) for each in OBSERVED])
    says = Words(label=_("In words"))


class Reply(Seen):
    """The answer to a query."""

    number = Whole(min_value=1, widget=forms.HiddenInput)
    says = Words(label=_("Your answer"))


class OnDay(forms.Form):
    """A day of which somebody asks what is taken on it."""

    on = forms.DateField(
        label=_("Which dose on this day?"),
        widget=forms.DateInput(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )


class Products(Seen):
    """What the pharmacy has; the products themselves are fields that the view names."""


class Correct(Observe):
    """What was observed instead, or that it never was, and how the mistake came about."""

    says = Words(label=_("In words"), required=False)
    never = forms.BooleanField(label=_("It never happened"), required=False)
    because = Words(label=_("What was wrong"))

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or self.cleaned_data
        if not sent.get("never") and not sent.get("says"):
            self.add_error("says", _("Say what was observed instead, or tick that it never happened."))
        return sent


class WhatIf(forms.Form):
    """What happens otherwise than planned, for a prediction."""

    miss = forms.DateField(
        label=_("A day that is missed"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    stop = forms.DateField(
        label=_("Nothing is taken from this day on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )


class HandOver(Seen):
    """What was handed over, for which days; the amounts are fields that the view names."""

    first = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])
    last = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])
    replaces = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    taken = Words(label=_("What was taken on the days without supply"), required=False)


class CorrectSupply(Seen):
    """What was really handed over, or that nothing was; the amounts are fields that the view names."""

    last = forms.DateField(
        label=_("The last day it is for"), widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )
    never = forms.BooleanField(label=_("Nothing was handed over"), required=False)
    because = Words(label=_("What was wrong"))


class Lose(Seen):
    """What is said to be lost, and how; the amounts are fields that the view names."""

    says = Words(label=_("How, as the person says"))


class Allow(Seen):
    """Why what was lost is replaced."""

    says = Words(label=_("Why"))


class Ask(Seen):
    """What is asked about a plan, and about which step of it."""

    step = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    says = Words(label=_("What do you ask?"), rows=3)


class GoOn(Seen):
    """The doses on which somebody goes on after days without supply."""

    taken = forms.ChoiceField(choices=[("before", ""), ("planned", "")])


class Closed(forms.Form):
    """A day on which the pharmacy is closed."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"])
    says = forms.CharField(label=_("What it is called"), max_length=100)

    def clean_says(self) -> str:
        return plain(self.cleaned_data["says"])
