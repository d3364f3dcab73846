"""Cases and regimens for tests: small, complete, and good unless a test says otherwise."""

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from opentaper.knowledge import Knowledge, load
from opentaper.patient import Case, Intake, Portion, Regimen, Step, case_from
from opentaper.quantity import Dose, decimal_text
from opentaper.review import Finding, Reviewed, Verdict, review

START = dt.date(2026, 12, 1)
"""The first day of every plan here."""

LONG_AGO = dt.date(2019, 3, 1)

Amount = Fraction | int | str
"""A number that is exact: 2, Fraction(1, 8) or "0.125"."""


@cache
def base() -> Knowledge:
    """Return the knowledge base, read once."""
    return load(START)


def day(number: int) -> dt.date:
    """Return a day counted from the first day of the plan, which is day 0."""
    return START + dt.timedelta(days=number)


def mg(amount: Amount) -> Dose:
    """Return an exact dose."""
    return Dose(Fraction(amount))


def raw_case(drug: str = "clonazepam", daily: Amount = 2, **changes: Any) -> dict[str, Any]:
    """Return a case as a parsed file: one drug at night, every question answered no, nothing missing.

    Args:
        drug: what is taken and tapered to zero.
        daily: how much of it a day [mg].
        changes: whole tables (`goal`, `supply`, `patient`, `screening`) are merged into those here and lose the keys
            given as None; `taking` merges into the drug's own row; `others` are further rows.
    """
    return {
        "patient": _merged(
            {"born": dt.date(1980, 5, 2), "sex": "female", "indication": "panic-disorder", "conditions": []},
            changes.pop("patient", {}),
        ),
        "screening": _merged(dict.fromkeys(base().questions, "no"), changes.pop("screening", {})),
        "taking": [
            _merged(
                {"drug": drug, "since": LONG_AGO, "days_per_week": 7, "intakes": intakes(daily)},
                changes.pop("taking", {}),
            ),
            *changes.pop("others", ()),
        ],
        "goal": _merged({"of": drug, "daily": "0 mg", "starts_on": START}, changes.pop("goal", {})),
        "supply": _merged({"country": country_of(drug)}, changes.pop("supply", {})),
        **changes,
    }


def _merged(good: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def intakes(daily: Amount, time: str = "night") -> list[dict[str, str]]:
    """Return a day's dose at one time, as a file has it."""
    return [{"time": time, "dose": f"{decimal_text(Fraction(daily))} mg"}]


def country_of(drug: str) -> str:
    """Return a country in which a case may ask for everyday products of the drug: the US where it can be."""
    return next(
        (country for country in ("US", "UK", "DE", "AU") if any(p.everyday for p in base().products_of(drug, country))),
        "US",
    )


def a_case(drug: str = "clonazepam", daily: Amount = 2, **changes: Any) -> Case:
    """Return a case read as from a file; see `raw_case`."""
    return read(raw_case(drug, daily, **changes))


def read(raw: dict[str, Any]) -> Case:
    """Read a case from a parsed file."""
    return case_from(raw, base(), "case.toml")


def a_regimen(
    *doses: tuple[int | dt.date, Amount], drug: str = "clonazepam", time: str = "night", until: dt.date | None = None
) -> Regimen:
    """Return a regimen of one drug, taken once a day, from pairs of a day and the dose [mg] from that day.

    Args:
        doses: each dose lasts until the next one's day; a day may be counted from the plan's first.
        until: where the last dose ends; by itself it goes on.
    """
    return Regimen(steps=some_steps(*doses, drug=drug, time=time, until=until))


def some_steps(
    *doses: tuple[int | dt.date, Amount], drug: str = "clonazepam", time: str = "night", until: dt.date | None = None
) -> tuple[Step, ...]:
    """Return the steps of one drug; see `a_regimen`."""
    days = [day(when) if isinstance(when, int) else when for when, _ in doses]
    return tuple(
        Step(drug=drug, from_=from_, until=end, intakes=(Intake(time=time, dose=mg(dose)),))
        for from_, end, (_, dose) in zip(days, [*days[1:], until], doses, strict=True)
    )


def together(*drugs: Sequence[Step]) -> Regimen:
    """Return the regimen of several drugs' steps."""
    return Regimen(steps=tuple(sorted((step for steps in drugs for step in steps), key=lambda step: step.from_)))


def pieces(*portions: tuple[str, Amount], time: str = "night") -> Regimen:
    """Return a regimen of one intake made of products: pairs of a product's key and pieces (or mL) of it."""
    made = tuple(Portion(product=base().products[key], amount=Fraction(amount)) for key, amount in portions)
    dose = Dose(sum((portion.dose.mg for portion in made), Fraction(0)))
    step = Step(
        drug=made[0].product.drug,
        from_=START,
        until=None,
        intakes=(Intake(time=time, dose=dose, portions=made),),
    )
    return Regimen(steps=(step,))


def judged(regimen: Regimen, case: Case, known: Knowledge | None = None) -> Reviewed:
    """Review a regimen on the plan's first day."""
    return review(regimen, case, known or base(), on=START)


def said_by(reviewed: Reviewed, rule: str) -> list[Finding]:
    """Return what one rule said; it must have said something."""
    found = [finding for finding in reviewed.findings if finding.rule == rule]
    assert found, f"{rule} said nothing"
    return found


def verdict_of(reviewed: Reviewed, rule: str) -> Verdict:
    """Return the gravest thing that one rule said."""
    return max((finding.verdict for finding in said_by(reviewed, rule)), key=lambda verdict: verdict.rank)
