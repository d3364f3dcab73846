"""From the form about a person, or from a pasted file, to what may be recorded: read, read back, and sure of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from opentaper.clinic.cases.echo import Echo, echo
from opentaper.clinic.cases.field import TEXT, Form
from opentaper.clinic.cases.form import plain
from opentaper.clinic.cases.typed import MOST_ROWS, Typed
from opentaper.clinic.language import english
from opentaper.knowledge import FileError, Knowledge
from opentaper.patient import UNKNOWN, Case, Jump, case_file, case_of, jumps
from opentaper.patient.jump import RULE
from opentaper.record import Answer
from opentaper.record.event import LONGEST_TEXT


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A case that may be recorded.

    Args:
        file: it, as a case file.
        answers: the reason for each dose that a slip of ten would explain.
    """

    file: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """A dose that asks for a reason, the field for it, and what was typed there."""

    jump: Jump
    field: str
    said: str


def asked(found: Sequence[Jump], typed: Typed) -> list[Unsure]:
    """Return the doses that ask for a reason, with what was typed as one."""
    fields = [(each, f"reason-{each.drug}") for each in found]
    return [Unsure(jump=each, field=name, said=plain(typed.one(name)).strip()) for each, name in fields]


def answers_of(unsure: Sequence[Unsure]) -> tuple[Answer, ...]:
    """Return the reasons that were given."""
    return tuple(Answer(rule=RULE, where=each.jump.where, reason=each.said) for each in unsure if each.said)


@dataclass(kw_only=True)
class Entry:
    """The form as it was sent, and how far it has come.

    Args:
        typed: what was typed.
        today: the day in the clinic.
        reason: whether it is asked why, because something is changed.
        status: of the page that shows it again.
        confirm: whether the doses have to be read back first.
    """

    typed: Typed
    today: Any
    reason: bool = False
    status: int = 200
    confirm: bool = False
    wrong: dict[str, str] = field(default_factory=dict)

    def ready(self) -> Ready | None:
        """Read what was sent; None where a person has to look at the page again."""
        typed = self.typed
        match typed.one("do"):
            case "add":
                typed.values = {**typed.values, "rows": [str(min(typed.rows + 1, MOST_ROWS))]}
                return None
            case "show":
                return None
            case "no":
                typed.values = {**typed.values, **self._each_no()}
                return None
        case = typed.case()
        if not plain(typed.one("name")).strip() and not self.reason:
            typed.problems["name"] = _("Say who it is.")
        if self.reason and not plain(typed.one("because")).strip():
            typed.problems["because"] = _("Say in words why; it is kept in the record.")
        if case is None or typed.problems:
            self.status = 422
            return None
        unsure = self.unsure(case)
        if typed.one("echoed") != self.echo.digest:
            self.confirm = True
            return None
        for each in unsure:
            if not each.said or len(each.said) > LONGEST_TEXT:
                typed.problems[each.field] = format_html(
                    "{} {}", english(each.jump.says), _("Give the reason in words, or mend the dose.")
                )
                self.status, self.confirm = 422, True
        if typed.problems:
            return None
        return Ready(file=case_file(case, "As it was typed on the form"), answers=answers_of(unsure))

    def _each_no(self) -> dict[str, list[str]]:
        """This function will return "no" for each question that nobody answered: a person says that each was asked."""
        names = [f"screening-{key}" for key in self.typed.known.questions]
        return {name: ["no"] for name in names if self.typed.one(name) in ("", UNKNOWN)}

    @property
    def echo(self) -> Echo:
        return echo(self.typed, self.today)

    def unsure(self, case: Case | None = None) -> list[Unsure]:
        """Return the doses that ask for a reason: of the whole case, or of what can be read so far."""
        found = self.echo.unsure if case is None else jumps(case, self.typed.before, self.typed.known)
        return asked(found, self.typed)

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        form, heard = Form(typed=self.typed), self.echo
        because = form.ask("because", _("Why it changes"), TEXT)
        shown = form.context()
        return {**shown, "because": because, "echo": heard, "unsure": self.unsure(), "confirm": self.confirm}


def pasted(text: str, known: Knowledge, before: Case | None, typed: Typed) -> tuple[Sequence[Unsure], Case | None]:
    """Read a pasted case file, and return which of its doses ask for a reason; what cannot be read has none."""
    try:
        case = case_of(text, known)
    except FileError:
        return (), None
    return asked(jumps(case, before, known), typed), case
