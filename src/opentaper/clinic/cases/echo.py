"""What was typed, read back: each dose in words, in the pieces that are ticked, and added up for the day."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from opentaper.clinic.cases.typed import GOAL_STOPS, Typed
from opentaper.clinic.language import drug as called
from opentaper.clinic.language import english, of_page
from opentaper.exchange import spelled, step_in_words
from opentaper.knowledge import FileError
from opentaper.patient import TIMES, Case, Intake, Jump, Step, case_from, jumps
from opentaper.plan import UnmakeableError, maker
from opentaper.quantity import NO_DOSE, AmountError, Dose


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One medicine's doses as they were understood.

    Args:
        drug: which.
        daily: the dose of the day.
        words: it, spelled out.
        pieces: every intake in the pieces that are ticked; "" where that is not known.
        cannot: which dose these products do not make, and which are near.
    """

    drug: str
    daily: Dose
    words: str
    pieces: str = ""
    cannot: str = ""


@dataclass(frozen=True, kw_only=True)
class Echo:
    """Everything that is read back.

    Args:
        heard: each medicine.
        goal: the dose to be reached, spelled out; "" where none was typed.
        problems: the fields whose doses nobody could read, each with why.
        unsure: doses that a slip of ten would explain.
    """

    heard: Sequence[Heard]
    goal: str
    problems: Sequence[tuple[str, str]]
    unsure: Sequence[Jump]

    @property
    def digest(self) -> str:
        """What stands for exactly these doses: whoever sends it was shown them."""
        said = [f"{each.drug} {each.words} {each.pieces} {each.cannot}" for each in self.heard]
        return hashlib.sha256("\n".join([*said, self.goal]).encode()).hexdigest()


def echo(typed: Typed, today: dt.date) -> Echo:
    """Read back the doses of a form, whether or not the rest of it can be read yet.

    Args:
        typed: the form.
        today: stands for the first day where none was typed.
    """
    heard: list[Heard] = []
    problems: list[tuple[str, str]] = []
    unsure: list[Jump] = []
    for row in range(typed.rows):
        drug = typed.one(f"taking-{row}-drug")
        intakes = list(_intakes(typed, row, problems))
        if drug not in typed.known.drug_names() or not intakes:
            continue
        case = _alone(typed, drug, intakes, today, problems, f"taking-{row}-drug")
        heard.append(_heard(typed, case, drug, intakes))
        if case is not None:
            unsure += jumps(case, typed.before, typed.known)
    return Echo(heard=heard, goal=_goal(typed, problems), problems=problems, unsure=unsure)


def _intakes(typed: Typed, row: int, problems: list[tuple[str, str]]) -> list[Intake]:
    found = []
    for time in TIMES:
        name = f"taking-{row}-{time}"
        dose = _dose(typed, name, problems)
        if dose:
            found.append(Intake(time=time, dose=dose))
    return found


def _dose(typed: Typed, name: str, problems: list[tuple[str, str]]) -> Dose | None:
    text = typed.one(name)
    if not text:
        return None
    try:
        return Dose.read(text)
    except AmountError as problem:
        problems.append((name, english(problem)))
        return None


def _alone(
    typed: Typed, drug: str, intakes: Sequence[Intake], today: dt.date, problems: list[tuple[str, str]], name: str
) -> Case | None:
    """This function will make a case of one drug and the stock alone, as the reader of case files reads it."""
    if not typed.known.tapered_drug(drug):
        return None
    doses = [{"time": each.time, "dose": str(each.dose)} for each in intakes]
    raw = {
        "patient": {},
        "taking": [{"drug": drug, "intakes": doses}],
        "goal": {"of": drug, "daily": GOAL_STOPS, "starts_on": today},
        "supply": typed.raw()["supply"],
    }
    try:
        return case_from(raw, typed.known, "case")
    except FileError as problem:
        if problem.table.startswith("[[taking]]"):
            problems.append((name, english(problem.problem)))
        return None


def _heard(typed: Typed, case: Case | None, drug: str, intakes: Sequence[Intake]) -> Heard:
    daily = sum((each.dose for each in intakes), NO_DOSE)
    lang, name = of_page(), called(drug)
    plain = Heard(drug=name, daily=daily, words=spelled(daily, lang))
    if case is None:
        return plain
    try:
        made = maker(drug, [each.dose for each in intakes], case, typed.known)(tuple(intakes))
    except UnmakeableError as problem:
        return Heard(drug=name, daily=daily, words=plain.words, cannot=english(problem))
    step = Step(drug=drug, from_=case.goal.starts_on, until=None, intakes=made)
    return Heard(drug=name, daily=daily, words=plain.words, pieces=step_in_words(step, lang))


def _goal(typed: Typed, problems: list[tuple[str, str]]) -> str:
    match typed.one("goal"):
        case "stop":
            return _("nothing: zero milligrams a day")
        case "lower":
            dose = _dose(typed, "goal-daily", problems)
            return f"{dose}, {spelled(dose, of_page())}" if dose is not None else ""
    return ""
