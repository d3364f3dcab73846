"""A case or a regimen as the file that it can be read from again."""

from __future__ import annotations

import json
from collections.abc import Iterator

from opentaper.patient.case import Case, Goal, Supply, Switch, Taking
from opentaper.patient.person import Patient
from opentaper.patient.regimen import Portion, Regimen
from opentaper.quantity import decimal_text, ends_as_decimal

PARTS = {1: "whole", 2: "half", 4: "quarter"}


def case_file(case: Case, heading: str) -> str:
    """Write a case as the TOML file that `read_case` reads back to the same case.

    Args:
        case: what to write; what is unknown in it stays unsaid.
        heading: one line for the comment at the top.
    """
    blocks = [[f"# {heading}"], list(_patient(case.patient)), list(_screening(case.patient))]
    blocks += [list(_taking(each)) for each in case.taking]
    blocks += [list(_goal(case.goal))]
    if case.switch:
        blocks.append(list(_switch(case.switch)))
    blocks += [list(_supply(case.supply))]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _patient(patient: Patient) -> Iterator[str]:
    yield "[patient]"
    if patient.born:
        yield f"born = {patient.born}"
    if patient.sex:
        yield f"sex = {_text(patient.sex)}"
    if patient.weight_kg is not None:
        weight = patient.weight_kg
        yield f'weight_kg = "{decimal_text(weight) if ends_as_decimal(weight) else weight}"'
    if patient.indication:
        yield f"indication = {_text(patient.indication)}"
    if patient.conditions is not None:
        yield f"conditions = {_texts(patient.conditions)}"
    if patient.other_conditions:
        yield f"other = {_texts(patient.other_conditions)}"


def _screening(patient: Patient) -> Iterator[str]:
    yield "[screening]"
    for question, answer in patient.screening.items():
        yield f"{question} = {_text(answer)}"


def _taking(taking: Taking) -> Iterator[str]:
    yield "[[taking]]"
    yield f"drug = {_text(taking.drug)}" if taking.drug else f"other = {_text(taking.other or '')}"
    if taking.since:
        yield f"since = {taking.since}"
    if taking.until:
        yield f"until = {taking.until}"
    if taking.days_per_week is not None:
        yield f"days_per_week = {taking.days_per_week}"
    if taking.dose_since:
        yield f"dose_since = {taking.dose_since}"
    if taking.intakes:
        each = ", ".join(f'{{ time = "{intake.time}", dose = "{intake.dose}" }}' for intake in taking.intakes)
        yield f"intakes = [{each}]"


def _goal(goal: Goal) -> Iterator[str]:
    yield "[goal]"
    yield f"of = {_text(goal.of)}"
    yield f'daily = "{goal.daily}"'
    yield f"starts_on = {goal.starts_on}"
    if goal.finish_by:
        yield f"finish_by = {goal.finish_by}"
    if goal.share:
        yield f'share = "{goal.share.of.numerator}/{goal.share.of.denominator}"'
    yield f"percent_of = {_text(goal.percent_of)}"
    if goal.every:
        yield f"every_days = {goal.every.days}"
    if goal.baseline.days:
        yield f"baseline_days = {goal.baseline.days}"
    if goal.begun_on:
        yield f"begun_on = {goal.begun_on}"
    if goal.step_back_to:
        yield f'step_back_to = "{goal.step_back_to}"'
    if goal.gap:
        yield f"gap_days = {goal.gap.days}"
    for hold in goal.holds:
        yield from ("", "[[goal.hold]]", f"from = {hold.from_}", f"until = {hold.until}")
        if hold.because:
            yield f"because = {_text(hold.because)}"
    for then in goal.then:
        yield from ("", "[[goal.then]]", f"of = {_text(then.of)}", f'daily = "{then.daily}"')
        if then.share:
            yield f'share = "{then.share.of.numerator}/{then.share.of.denominator}"'
        yield f"percent_of = {_text(then.percent_of)}"
        if then.every:
            yield f"every_days = {then.every.days}"


def _switch(switch: Switch) -> Iterator[str]:
    yield from ("[switch]", f"to = {_text(switch.to)}")
    if switch.table:
        yield f"table = {_text(switch.table)}"
    yield f"days = {switch.days.days}"
    yield f"order = {_texts(switch.order)}"


def _supply(supply: Supply) -> Iterator[str]:
    yield "[supply]"
    if supply.country:
        yield f"country = {_text(supply.country)}"
    if supply.products:
        yield f"products = {_texts(tuple(product.key for product in supply.products))}"
    yield f"pieces = {_text(PARTS[supply.finest_part.denominator])}"
    yield f"pieces_per_intake = {supply.pieces_per_intake}"
    yield f'liquid_step_ml = "{decimal_text(supply.liquid_step_ml)}"'
    yield f"days_per_supply = {supply.days_per_supply.days}"
    if supply.instalment:
        yield f"instalment_days = {supply.instalment.days}"
    if supply.closed:
        yield f"closed = {_texts(supply.closed)}"


def regimen_file(regimen: Regimen, heading: str) -> str:
    """Write a regimen as the TOML file that `opentaper review` reads back to the same regimen.

    Args:
        regimen: what to write.
        heading: one line for the comment at the top.
    """
    lines = [f"# {heading}"]
    for step in regimen.steps:
        lines += ["", "[[step]]", f'drug = "{step.drug}"', f"from = {step.from_.isoformat()}"]
        if step.until:
            lines.append(f"until = {step.until.isoformat()}")
        lines.append("intakes = [")
        for intake in step.intakes:
            pieces = ", ".join(_piece(portion) for portion in intake.portions or ())
            end = f", pieces = [{pieces}]" if pieces else ""
            lines.append(f'    {{ time = "{intake.time}", dose = "{intake.dose}"{end} }},')
        lines.append("]")
    return "\n".join(lines) + "\n"


def _piece(portion: Portion) -> str:
    unit = "ml" if portion.product.liquid else "count"
    text = decimal_text(portion.amount) if portion.product.liquid else str(portion.amount)
    return f'{{ product = "{portion.product.key}", {unit} = "{text}" }}'
