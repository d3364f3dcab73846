"""A row of an option changed by a person: what follows is shown as a difference before it is reviewed."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opentaper.care import By, edit
from opentaper.clinic.cases.called import MEANS
from opentaper.clinic.cases.field import TIMES_SAID
from opentaper.clinic.cases.form import Reason
from opentaper.clinic.cases.offered import options_of
from opentaper.clinic.cases.record import Verb
from opentaper.clinic.cases.row import differences, rows
from opentaper.clinic.cases.show import findings_of
from opentaper.clinic.cases.views.case import history_or_404
from opentaper.clinic.cases.views.option import protocol_of
from opentaper.clinic.cases.who import carry_out, known, today
from opentaper.clinic.language import english
from opentaper.patient import TIMES, Case, Intake
from opentaper.plan import Edit, Infeasible, Plan, edited
from opentaper.quantity import AmountError, Dose
from opentaper.record import History
from opentaper.review import review

WHOLE = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
MOST_EDITS = 40


@dataclass(kw_only=True)
class Editing:
    """An option under edit.

    Args:
        case: whose plan it is.
        option: as it was offered.
        edits: what was changed so far.
        plan: what came of that.
        row: which row is being changed now.
        problems: what is wrong with what was typed, by field.
        typed: it, by field.
    """

    case: Case
    option: Plan
    edits: list[Edit]
    plan: Plan
    row: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, case: uuid.UUID, name: str, row: int) -> HttpResponse:
    """Show a row to be changed; what follows from a change; or have that reviewed for a signature."""
    now = history_or_404(request, case)
    assert now.case is not None
    sent = request.POST if request.method == "POST" else request.GET
    protocol = protocol_of(request, sent)
    option = next((each for each in options_of(now.case, known(request), protocol).plans if each.name == name), None)
    if option is None:
        raise Http404
    so_far = _edits_of(str(request.POST.get("edits", "[]")))
    plan = edited(option, so_far, now.case, known(request)) if so_far else option
    if isinstance(plan, Infeasible):
        raise Http404  # nobody was ever shown this
    state = Editing(case=now.case, option=option, edits=so_far, plan=plan, row=row)
    shared = {"case": case, "now": now, "name": name, "protocol": protocol or ""}
    if request.method == "POST" and "because" in request.POST:
        return _reviewed(request, case, now, state, shared)
    if request.method == "POST" and "again" not in request.POST:
        made = _change(request, state)
        if made is not None:
            return _after(request, now, made, shared, Reason.fresh(now.number))
    elif "again" in request.POST:
        state.row = int(request.POST["again"]) if WHOLE.fullmatch(request.POST["again"]) else 0
    if state.row >= len(state.plan.rows):
        raise Http404
    return _before(request, state, shared)


def _before(request: HttpRequest, state: Editing, shared: dict[str, Any]) -> HttpResponse:
    old = state.plan.rows[state.row]
    step = old.step
    times = [time for time in TIMES if any(each.time == time for each in state.case.present.intakes)]
    doses = [
        {
            "name": f"dose-{time}",
            "label": TIMES_SAID[time],
            "value": state.typed.get(f"dose-{time}", str(step.at(time)) if step.at(time) else ""),
            "problem": state.problems.get(f"dose-{time}", ""),
        }
        for time in times
    ]
    days = {
        "value": state.typed.get("days", ""),
        "now": step.days,
        "problem": state.problems.get("days", ""),
    }
    context = {
        **shared, "plan": state.plan, "old": old, "number": state.row + 1, "row": state.row, "doses": doses, "days": days,
        "edits": _written(state.edits), "problem": state.problems.get("", ""), "wrong": bool(state.problems),
    }  # fmt: skip
    return render(request, "cases/edit.html", context, status=422 if state.problems else 200)


def _change(request: HttpRequest, state: Editing) -> Editing | None:
    """This function will read what was typed and plan the rest anew; None where something is wrong with it."""
    if not 0 <= state.row < len(state.plan.rows):
        raise Http404
    old = state.plan.rows[state.row].step
    state.typed = {key: value for key in ("days", *(f"dose-{time}" for time in TIMES)) if (value := _one(request, key))}
    taken = []
    for time in TIMES:
        text = state.typed.get(f"dose-{time}", "")
        try:
            dose = Dose.read(text) if text else None
        except AmountError as problem:
            state.problems[f"dose-{time}"] = english(problem)
            continue
        if dose:
            taken.append(Intake(time=time, dose=dose))
    days = state.typed.get("days", "")
    if days and not WHOLE.fullmatch(days):
        state.problems["days"] = _("Write a whole number of days in digits, such as 28.")
    if state.problems:
        return None
    same = [(each.time, each.dose) for each in taken] == [(each.time, each.dose) for each in old.intakes]
    if same and not days:
        state.problems[""] = _("Nothing was changed.")
        return None
    try:
        one = Edit(row=state.row, taken=None if same else tuple(taken), days=int(days) if days else None)
    except ValueError as problem:
        state.problems["days"] = english(problem)
        return None
    made = edited(state.plan, [one], state.case, known(request))
    if isinstance(made, Infeasible):
        state.problems[""] = english(made.says)
        return None
    return Editing(case=state.case, option=state.option, edits=[*state.edits, one], plan=made, row=state.row)


def _one(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, "")).strip(" ")


def _after(
    request: HttpRequest, now: History, state: Editing, shared: dict[str, Any], form: Reason, status: int = 200
) -> HttpResponse:
    """This function will show what follows from an edit, as a difference, with its review."""
    base = known(request)
    judged = review(state.plan.regimen, state.case, base, on=today(request))
    context = {
        **shared,
        "plan": state.plan,
        "option": state.option,
        "rows": rows(state.plan, state.case, base),
        "changed": {each.row for each in state.edits},
        "differences": differences(state.option, state.plan),
        "verdict": judged.verdict.value,
        "means": MEANS[judged.verdict],
        "blocks": judged.verdict.blocks,
        "findings": findings_of(judged.findings),
        "edits": _written(state.edits),
        "form": form,
        "row": state.row,
    }
    return render(request, "cases/edited.html", context, status=status)


def _reviewed(
    request: HttpRequest, case: uuid.UUID, now: History, state: Editing, shared: dict[str, Any]
) -> HttpResponse:
    form = Reason(request.POST)

    def verb(by: By) -> Verb:
        return lambda now: edit(
            now, known(request), option=state.option.name, edits=state.edits, because=form.cleaned_data["because"],
            on=today(request), by=by, protocol=shared["protocol"] or None,
        )  # fmt: skip

    what = f"edit {state.option.name} {shared['protocol']} {_written(state.edits)} {form.data.get('because')}"
    return carry_out(
        request, case, form, "propose", what, verb, then=reverse("latest", args=[case]),
        again=lambda status: _after(request, now, state, shared, form, status),
    )  # fmt: skip


def _written(edits: list[Edit]) -> str:
    """This function will write edits for a hidden field."""
    return json.dumps(
        [
            {
                "row": each.row,
                "days": each.days,
                "taken": None if each.taken is None else [[intake.time, str(intake.dose)] for intake in each.taken],
            }
            for each in edits
        ]
    )


def _edits_of(text: str) -> list[Edit]:
    """This function will read edits back; what this program did not write is no page."""
    try:
        raw = json.loads(text)
        found = [
            Edit(
                row=_whole(each["row"]),
                days=None if each["days"] is None else _whole(each["days"]),
                taken=None
                if each["taken"] is None
                else tuple(Intake(time=time, dose=Dose.read(dose)) for time, dose in each["taken"]),
            )
            for each in raw
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Http404 from None
    if len(found) > MOST_EDITS:
        raise Http404
    return found


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a whole number is expected")
    return value
