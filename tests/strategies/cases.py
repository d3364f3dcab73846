"""Cases: one good one with anything changed, and generated ones over real drugs, products and habits."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from opentaper import Case, Dose, Knowledge
from opentaper.knowledge.products import COUNTRIES
from opentaper.patient import TIMES, case_from

ANSWERED = {
    "seizure_history": "no",
    "withdrawal_seizure_or_delirium": "no",
    "pregnancy": "no",
    "opioids": "no",
    "alcohol_heavy": "no",
    "suicide_risk": "no",
    "liver_disease": "no",
}


def raw_case(
    drug: str = "clonazepam",
    intakes: dict[str, str] | None = None,
    *,
    products: list[str] | None = None,
    country: str | None = "US",
    goal: str = "0 mg",
    supply: dict[str, Any] | None = None,
    **goal_keys: Any,
) -> dict[str, Any]:
    """Return a case as parsed TOML: somebody healthy, five years on the drug, everything answered."""
    where: dict[str, Any] = {"products": products} if products else {"country": country}
    return {
        "patient": {"born": dt.date(1974, 5, 2), "sex": "female", "indication": "panic-disorder", "conditions": []},
        "screening": dict(ANSWERED),
        "taking": [
            {
                "drug": drug,
                "since": dt.date(2019, 3, 1),
                "days_per_week": 7,
                "intakes": [
                    {"time": time, "dose": dose}
                    for time, dose in (intakes or {"morning": "1 mg", "night": "1 mg"}).items()
                ],
            }
        ],
        "goal": {"of": drug, "daily": goal, "starts_on": dt.date(2026, 12, 1), **goal_keys},
        "supply": where | (supply or {}),
    }


def a_case(known: Knowledge, *args: Any, **kwargs: Any) -> Case:
    """Read `raw_case(...)`."""
    return case_from(raw_case(*args, **kwargs), known, "case.toml")


@st.composite
def products_of_one_drug(draw: st.DrawFn, known: Knowledge) -> tuple[str, list[str]]:
    """A drug and one to four everyday products of it from one country."""
    pairs = sorted(
        {
            (product.drug, product.country)
            for product in known.products.values()
            if product.everyday and product.country in COUNTRIES and product.country != "compounded"
        }
    )
    drug, country = draw(st.sampled_from(pairs))
    keys = sorted(product.key for product in known.products_of(drug, country) if product.everyday)
    return drug, draw(st.lists(st.sampled_from(keys), min_size=1, max_size=4, unique=True))


@st.composite
def raw_cases(draw: st.DrawFn, known: Knowledge, *, paced: bool = True) -> dict[str, Any]:
    """A case over real products: one to three intakes that a pharmacy of that country sells, any pace, any goal."""
    drug, products = draw(products_of_one_drug(known))
    bases = [
        product.strength.mg if product.strength else (product.mg_per_ml or Fraction(1))
        for product in map(known.products.__getitem__, products)
    ]
    times = sorted(draw(st.sets(st.sampled_from(TIMES), min_size=1, max_size=3)), key=TIMES.index)
    doses = [draw(st.sampled_from(bases)) * draw(st.sampled_from([Fraction(1, 2), 1, 1, 2, 3])) for _ in times]
    goal_keys: dict[str, Any] = {}
    if paced:
        goal_keys["share"] = f"{draw(st.sampled_from([3, 5, 7, 10, 10, 12, 15, 25, 40]))} %"
        goal_keys["every_days"] = draw(st.sampled_from([7, 14, 14, 21, 28]))
        goal_keys["percent_of"] = draw(st.sampled_from(["current", "current", "original"]))
    supply = {
        "pieces": draw(st.sampled_from(["whole", "half", "quarter"])),
        "pieces_per_intake": draw(st.integers(2, 6)),
    }
    intakes = {time: str(Dose(Fraction(dose))) for time, dose in zip(times, doses, strict=True)}
    return raw_case(drug, intakes, products=products, supply=supply, **goal_keys)
