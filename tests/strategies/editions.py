"""Editions: plans that are fit to be handed out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from opentaper import Case, Knowledge, Regimen, propose, review
from opentaper.exchange import Edition
from opentaper.patient import Intake, Portion, Step
from opentaper.plan import Plan, Row, collections
from opentaper.quantity import NO_DOSE
from tests.conftest import TODAY


def an_edition(
    case: Case, known: Knowledge, option: str = "usual", protocol: str | None = None, **more: Any
) -> Edition:
    """Return one option of a case, reviewed today."""
    plan = next(each for each in propose(case, known, protocol=protocol).plans if each.name == option)
    return of_plan(plan, case, known, **more)


def of_plan(plan: Plan, case: Case, known: Knowledge, on: dt.date = TODAY, **more: Any) -> Edition:
    """Return a plan as an edition, reviewed on a day."""
    judged = review(plan.regimen, case, known, on=on)
    return Edition(plan=plan, case=case, reviewed=judged, known=known, made_on=on, **more)


def a_step(known: Knowledge, from_: dt.date, until: dt.date | None, **portions: dict[str, Any]) -> Step:
    """Return a step from times of day, each with its products and their amounts."""
    intakes = []
    drug = ""
    for time, amounts in portions.items():
        made = tuple(Portion(product=known.products[key], amount=amount) for key, amount in amounts.items())
        drug = made[0].product.drug
        intakes.append(Intake(time=time, dose=sum((each.dose for each in made), NO_DOSE), portions=made))
    return Step(drug=drug, from_=from_, until=until, intakes=tuple(intakes))


def a_plan(case: Case, *steps: Step) -> Plan:
    """Return hand-written steps as a plan, each row with the share that it takes."""
    before, rows = case.present.daily, []
    for step in steps:
        cut = before.cut_to(step.daily)
        rows.append(Row(step=step, requested=cut, achieved=cut, binding=None, says="by hand"))
        before = step.daily
    regimen = Regimen(steps=steps)
    return Plan(
        name="by-hand", title="By hand", objective="", baseline=None, rows=tuple(rows),
        supply=collections(regimen, case.supply.days_per_supply), repair=None, notes=(),
    )  # fmt: skip
