"""Read a case or a regimen file, or refuse it in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from opentaper.knowledge import Condition, Drug, FileError, Knowledge, Medicine, Table, nearest, parse_toml, read_toml
from opentaper.knowledge.products import COUNTRIES
from opentaper.patient.case import WEEKDAYS, Case, Goal, Hold, Supply, Taking, diazepam_equivalent
from opentaper.patient.person import ANSWERS, SEXES, Patient
from opentaper.patient.regimen import TIMES, Intake, Portion, Regimen, Step
from opentaper.patient.wish import read_switch, read_then
from opentaper.quantity import NO_DOSE, Dose, Span, decimal_text, ends_as_decimal, shown

PARTS = {"whole": Fraction(1), "half": Fraction(1, 2), "quarter": Fraction(1, 4)}
FINEST_DOSE_MG = Fraction(1, 100_000)
FINEST_LIQUID_STEP_ML = Fraction(1, 100)
LONGEST_PLAN_DAYS = 3_652
PERCENT_OF = ("current", "original")


class CaseError(FileError):
    """A case or regimen file that cannot be read without guessing."""


def read_case(path: Path, known: Knowledge, *, switch_to: str | None = None) -> Case:
    """Read a case file.

    Args:
        path: a TOML file; its keys are closed.
        known: the base, for the names of drugs, products, conditions and questions.
        switch_to: a drug to switch to, as if the file said so under `[switch]`; empty for the base's usual one.

    Raises:
        CaseError: one sentence with file, key, what was got and the nearest valid word.
    """
    raw = read_toml(path, CaseError)
    if switch_to is not None:
        told = raw.get("switch", {})
        raw["switch"] = {**told, **({"to": switch_to} if switch_to else {})} if isinstance(told, Mapping) else told
    return case_from(raw, known, path.name)


def case_of(text: str, known: Knowledge, name: str = "case.toml", *, recorded: bool = False) -> Case:
    """Read a case from the text of a case file; see `read_case`.

    Args:
        text: of the file.
        known: the base.
        name: of the file, for errors.
        recorded: whether the text was written from a case that counted then: nobody asks again whether a dose was a slip of
            the pen, for a plan that goes on may have come down to any.
    """
    return case_from(parse_toml(name, text.encode(), CaseError), known, name, recorded=recorded)


def case_from(raw: dict[str, Any], known: Knowledge, name: str, *, recorded: bool = False) -> Case:
    """Read a case from parsed TOML or JSON; see `read_case` and `case_of`."""
    table = Table(raw, name, "", CaseError)
    goal_table = table.table("goal")
    supply = _supply(table.table("supply"), known)
    screening = table.table("screening") if table.has("screening") else Table({}, name, "[screening]", CaseError)
    taking = tuple(_taking(each, known, recorded=recorded) for each in table.tables("taking"))
    patient, goal = _patient(table.table("patient"), screening, known), _goal(goal_table, known, taking)
    case = Case(
        patient=patient,
        taking=taking,
        goal=goal,
        supply=supply,
        switch=read_switch(table.table("switch"), known, goal, taking) if table.has("switch") else None,
    )
    table.done()
    drugs = [each.drug for each in taking if each.drug]
    others = [each.other for each in taking if each.other]
    if repeated := next((each for each in (*drugs, *others) if (drugs + others).count(each) > 1), None):
        raise table.fail("taking", f"{repeated} stands in two tables; write one table a drug")
    if case.patient.born and case.patient.born > case.goal.starts_on:
        raise table.fail("[patient] born", f"{case.patient.born} is after the plan's first day")
    _refuse_contradicting_dates(table, case)
    for drug in (goal.of, *(then.of for then in goal.then)):
        if not supply.of(drug, known):
            where = f"in {supply.country}" if supply.country else "among the products named"
            raise table.fail("[supply] products", f"there is no product of {drug} {where}")
    return case


def _refuse_contradicting_dates(table: Table, case: Case) -> None:
    first = case.goal.starts_on
    tapered = {case.goal.of, *(then.of for then in case.goal.then)}
    for taking in case.taking:
        name = taking.drug or taking.other
        if taking.since and case.patient.born and taking.since < case.patient.born:
            raise table.fail("[[taking]] since", f"{name} since {taking.since} is before the birth")
        if taking.drug in tapered and taking.since and taking.since > first:
            raise table.fail("[[taking]] since", f"{name} since {taking.since} is after the plan's first day, {first}")
        if taking.drug in tapered and taking.dose_since and taking.dose_since > first:
            raise table.fail("[[taking]] dose_since", f"{taking.dose_since} is after the plan's first day, {first}")
        if taking.drug in tapered and taking.until:
            raise table.fail(
                "[[taking]] until", f"{name} until {taking.until}: it is to be tapered, so the plan decides until when"
            )


def _patient(table: Table, screening: Table, known: Knowledge) -> Patient:
    answers = {key: screening.choice(key, ANSWERS) for key in known.questions if screening.has(key)}
    screening.done()
    conditions = table.texts("conditions") if table.has("conditions") else None
    for condition in conditions or ():
        if condition not in known.conditions:
            raise table.fail(
                "conditions",
                f'{shown(condition)} is not known here; write it under `other = ["…"]` if it is none of the known ones',
                nearest(condition, known.conditions),
            )
    weight = table.maybe(table.number, "weight_kg")
    if weight is not None and not 20 <= weight <= 400:
        raise table.fail(
            "weight_kg",
            f"{decimal_text(weight) if ends_as_decimal(weight) else weight} kg is absurd for an adult; allowed: 20 to 400",
        )
    born = table.maybe(table.date, "born")
    if born is not None and born.year < 1900:
        raise table.fail("born", f"{born} is before 1900")
    patient = Patient(
        born=born,
        sex=table.choice("sex", SEXES) if table.has("sex") else None,
        weight_kg=weight,
        indication=table.choice("indication", known.conditions) if table.has("indication") else None,
        conditions=conditions,
        other_conditions=_other(table, "other", table.texts("other") if table.has("other") else (), known.conditions),
        screening=answers,
    )
    table.done()
    return patient


def _other(table: Table, key: str, words: tuple[str, ...], known: Mapping[str, Condition]) -> tuple[str, ...]:
    """This function will refuse free text that names something the rules could have read."""
    for word in words:
        for each in known.values():
            if word.strip().lower() in (each.key, each.name.lower()):
                raise table.fail(key, f"{shown(word)} is known here; write it under `conditions`", each.key)
    return words


def _known_as(word: str, known: Knowledge) -> str | None:
    """This function will find the key of a drug or medicine under any of its names."""
    named: list[Drug | Medicine] = [*known.drugs.values(), *known.medicines.values()]
    for each in named:
        if word.strip().lower() in (each.key, each.name.lower(), *(name.lower() for name in each.also)):
            return each.key
    return None


def _intakes(table: Table, key: str) -> tuple[Intake, ...]:
    found: list[Intake] = []
    for each in table.tables(key):
        intake = Intake(time=each.choice("time", TIMES), dose=each.dose("dose"))
        each.done()
        if not intake.dose:
            raise each.fail("dose", "an intake of nothing; leave the intake out")
        if any(other.time == intake.time for other in found):
            raise each.fail("time", f"{intake.time!r} stands in it twice; add the doses up")
        found.append(intake)
    if not found:
        raise table.fail(key, "it is empty; give at least one intake")
    return tuple(sorted(found, key=lambda intake: TIMES.index(intake.time)))


def _taking(table: Table, known: Knowledge, *, recorded: bool) -> Taking:
    other = table.maybe(table.text, "other")
    drug = None
    if other is None:
        drug = _drug(table, known)
        if drug in known.drugs and not known.tapered_drug(drug):
            raise table.fail("drug", f"{drug!r} is a {known.drugs[drug].drug_class}, which nobody takes as such")
    elif known_as := _known_as(other, known):
        raise table.fail("other", f'{shown(other)} is known here; write drug = "{known_as}"')
    elif table.has("drug"):
        raise table.fail("other", "give either `drug` (known here) or `other` (any other medicine), not both")
    taking = Taking(
        drug=drug,
        other=other,
        since=table.maybe(table.date, "since"),
        until=table.maybe(table.date, "until"),
        days_per_week=table.maybe(lambda key: table.whole(key, 1, 7), "days_per_week"),
        intakes=_intakes(table, "intakes") if table.has("intakes") or drug in known.drugs else (),
        dose_since=table.maybe(table.date, "dose_since"),
    )
    table.done()
    if taking.since and taking.until and taking.until <= taking.since:
        raise table.fail("until", f"{taking.until} is not after {taking.since}")
    if taking.dose_since and taking.since and taking.dose_since < taking.since:
        raise table.fail("dose_since", f"{taking.dose_since} is before {taking.since}, since when the drug is taken")
    if drug is not None and drug in known.drugs and not recorded:
        _refuse_the_absurd(table, drug, taking, known)
    return taking


def _drug(table: Table, known: Knowledge) -> str:
    """This function will read the key of a drug or medicine, and tell the key to whoever wrote another of its names."""
    word = table.take("drug")
    if isinstance(word, str) and word not in known.drug_names() and (key := _known_as(word, known)):
        raise table.fail("drug", f'{shown(word)} is written here as drug = "{key}"', key)
    return table.choice("drug", known.drug_names())


def _refuse_the_absurd(table: Table, drug: str, taking: Taking, known: Knowledge) -> None:
    if problem := absurd(drug, taking.intakes, known):
        raise table.fail("intakes", problem)


def absurd(drug: str, intakes: tuple[Intake, ...], known: Knowledge) -> str | None:
    """Say why a day's doses can only be mg written for mcg, or the reverse; None where they can be meant.

    Source: opentaper, docs/decisions/0004.
    """
    taken = sum((intake.dose for intake in intakes), NO_DOSE)
    band = diazepam_equivalent(drug, taken, known)
    limit = known.limit("plausible-diazepam-equivalent")
    if band is not None and band[0].mg > limit.value:
        return (
            f"{taken} of {drug} a day is absurd: at least {_rough(band[0])} of diazepam by every table; "
            "is it mcg, not mg?"
        )
    for intake in intakes:
        if (intake.dose.mg / FINEST_DOSE_MG).denominator != 1:
            return f"{intake.dose} is finer than 0.01 mcg, and nothing measures that"
    pieces = [product.strength * product.finest_part for product in known.products_of(drug) if product.strength]
    smallest = min(pieces, default=None)
    for intake in intakes:
        if smallest is not None and intake.dose.mg < smallest.mg * known.convention("slip-below-a-piece").number:
            return (
                f"{intake.dose} of {drug} is absurdly little: the smallest piece on any market is {smallest}; "
                "is it mg, not mcg?"
            )
    return None


def _rough(dose: Dose) -> str:
    return f"{round(dose.mg)} mg"


def _goal(table: Table, known: Knowledge, taking: tuple[Taking, ...]) -> Goal:
    taken = [each.drug for each in taking if each.drug and known.tapered_drug(each.drug)]
    of = table.choice("of", taken) if taken else table.text("of")
    if not taken:
        raise table.fail("of", "none of the medicines under `taking` is a benzodiazepine or Z-drug that can be tapered")
    goal = Goal(
        of=of,
        daily=table.dose("daily"),
        starts_on=table.date("starts_on"),
        finish_by=table.maybe(table.date, "finish_by"),
        share=table.maybe(table.share, "share"),
        percent_of=table.choice("percent_of", PERCENT_OF) if table.has("percent_of") else "current",
        every=table.maybe(lambda key: table.span(key, least=1), "every_days"),
        baseline=Span(table.whole("baseline_days", 0, 366)) if table.has("baseline_days") else Span(0),
        holds=tuple(_hold(each) for each in table.maybe_tables("hold")),
        begun_on=table.maybe(table.date, "begun_on"),
        step_back_to=table.maybe(table.dose, "step_back_to"),
        gap=table.maybe(lambda key: table.span(key, least=1), "gap_days"),
        then=read_then(table.maybe_tables("then"), known, of, taking, PERCENT_OF),
    )
    table.done()
    if not 2000 <= goal.starts_on.year <= 2200:
        raise table.fail("starts_on", f"{goal.starts_on} is not a day on which anybody starts a plan")
    if goal.begun_on and goal.begun_on > goal.starts_on:
        raise table.fail("begun_on", f"{goal.begun_on} is after the first day, {goal.starts_on}")
    if goal.finish_by and goal.finish_by <= goal.starts_on:
        raise table.fail("finish_by", f"{goal.finish_by} is not after the first day, {goal.starts_on}")
    _refuse_goals(table, goal, taking)
    latest = goal.starts_on + dt.timedelta(days=LONGEST_PLAN_DAYS)
    if goal.finish_by and goal.finish_by > latest:
        raise table.fail("finish_by", f"{goal.finish_by} is more than ten years away")
    for hold in goal.holds:
        if hold.until <= goal.starts_on or hold.until > latest:
            raise table.fail(
                "hold",
                f"the hold from {hold.from_} until {hold.until} is not within the ten years from {goal.starts_on}",
            )
    for before, after in pairwise(goal.holds):
        if after.from_ < before.until:
            raise table.fail("hold", f"the hold from {after.from_} overlaps the one before it, or comes before it")
    return goal


def _refuse_goals(table: Table, goal: Goal, taking: tuple[Taking, ...]) -> None:
    """This function will refuse a dose to be reached that is no reduction, or that nothing measures."""
    asked = [("daily", goal.of, goal.daily), *(("then", then.of, then.daily) for then in goal.then)]
    for key, drug, daily in asked:
        present = next(row for row in taking if row.drug == drug)
        if drug == goal.of and goal.step_back_to and goal.step_back_to <= present.daily:
            raise table.fail("step_back_to", f"{goal.step_back_to} is not above the present {present.daily} a day")
        if daily > present.daily or (daily == present.daily and not goal.begun_on):
            raise table.fail(key, f"{daily} is not below the present {present.daily} a day: nothing to taper")
        if (daily.mg / FINEST_DOSE_MG).denominator != 1:
            raise table.fail(key, f"{daily} is finer than 0.01 mcg, and nothing measures that")


def _hold(table: Table) -> Hold:
    hold = Hold(from_=table.date("from"), until=table.date("until"), because=table.maybe(table.text, "because"))
    table.done()
    if hold.until <= hold.from_:
        raise table.fail("until", f"{hold.until} is not after {hold.from_}")
    return hold


def _supply(table: Table, known: Knowledge) -> Supply:
    keys = table.texts("products") if table.has("products") else ()
    for key in keys:
        if key not in known.products:
            raise table.fail("products", f"there is no product {shown(key)} here", nearest(key, known.products))
    if table.has("products") and not keys:
        raise table.fail("products", "it is empty; leave the key out for all products of the country")
    countries = [country for country in COUNTRIES if country != "compounded"]
    supply = Supply(
        country=table.choice("country", countries) if table.has("country") else None,
        products=tuple(known.products[key] for key in keys),
        finest_part=PARTS[table.choice("pieces", PARTS) if table.has("pieces") else known.convention("pieces").value],
        pieces_per_intake=(
            table.whole("pieces_per_intake", 1, 20)
            if table.has("pieces_per_intake")
            else int(known.convention("pieces-per-intake").number)
        ),
        liquid_step_ml=(
            table.number("liquid_step_ml") if table.has("liquid_step_ml") else known.convention("liquid-step-ml").number
        ),
        days_per_supply=(
            table.span("days_per_supply", least=1)
            if table.has("days_per_supply")
            else Span(int(known.convention("days-per-supply").number))
        ),
        instalment=table.span("instalment_days", least=1) if table.has("instalment_days") else None,
        closed=table.texts("closed") if table.has("closed") else (),
    )
    table.done()
    if supply.instalment and supply.days_per_supply.days % supply.instalment.days:
        raise table.fail(
            "instalment_days", f"{supply.instalment.days} does not divide {supply.days_per_supply.days} days"
        )
    for day in supply.closed:
        if day not in WEEKDAYS:
            raise table.fail("closed", f"{shown(day)} is no day of the week", nearest(day, WEEKDAYS))
    if len(supply.closed) == len(WEEKDAYS):
        raise table.fail("closed", "the pharmacy is never open")
    step = supply.liquid_step_ml
    if not FINEST_LIQUID_STEP_ML <= step <= 5 or (step / FINEST_LIQUID_STEP_ML).denominator != 1:
        raise table.fail(
            "liquid_step_ml", "no oral syringe has such a step; allowed: 0.01 to 5 mL, in steps of 0.01 mL"
        )
    for product in supply.products:
        if supply.country and product.country not in (supply.country, "compounded"):
            raise table.fail(
                "products", f"{product.key} is a product of {product.country}, this case is in {supply.country}"
            )
    if not supply.country and not keys:
        raise table.fail("country", "say which country's products may be used, or name the products")
    return supply


def read_regimen(path: Path, known: Knowledge) -> Regimen:
    """Read a regimen that anyone wrote.

    Raises:
        CaseError: one sentence with file, key, what was got and the nearest valid word.
    """
    return _regimen(read_toml(path, CaseError), known, path.name)


def regimen_of(text: str, known: Knowledge, name: str = "regimen.toml") -> Regimen:
    """Read a regimen from the text of a regimen file; see `read_regimen`."""
    return _regimen(parse_toml(name, text.encode(), CaseError), known, name)


def _regimen(raw: dict[str, Any], known: Knowledge, name: str) -> Regimen:
    table = Table(raw, name, "", CaseError)
    steps = [_step(each, known) for each in table.tables("step")]
    table.done()
    try:
        return Regimen(steps=tuple(sorted(steps, key=lambda step: step.from_)))
    except ValueError as problem:
        raise table.fail("step", str(problem)) from None


def _step(table: Table, known: Knowledge) -> Step:
    drugs = [key for key in known.drugs if known.tapered_drug(key)]
    drug = table.choice("drug", drugs)
    from_, until = table.date("from"), table.maybe(table.date, "until")
    intakes = []
    for each in table.tables("intakes"):
        time, dose = each.choice("time", TIMES), each.dose("dose")
        portions = tuple(_portion(row, known, drug) for row in each.maybe_tables("pieces"))
        each.done()
        try:
            intakes.append(Intake(time=time, dose=dose, portions=portions or None))
        except ValueError as problem:
            raise each.fail("pieces", str(problem)) from None
    table.done()
    try:
        return Step(drug=drug, from_=from_, until=until, intakes=tuple(intakes))
    except ValueError as problem:
        raise table.fail("from", str(problem)) from None


def _portion(table: Table, known: Knowledge, drug: str) -> Portion:
    product = known.products[table.choice("product", known.products)]
    if product.drug != drug:
        raise table.fail("product", f"{product.key} is not {drug}")
    amount = table.number("ml" if product.liquid else "count")
    table.has("drops")
    table.done()
    if not amount:
        raise table.fail("count", "nothing of a product; leave it out")
    return Portion(product=product, amount=amount)
