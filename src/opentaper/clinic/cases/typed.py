"""What somebody typed about a person on the form, as the tables of a case file: one reader reads both.

Nothing is mended here. A field that is empty is a key that is missing, so unknown; a dose goes to the strict parser as it
was typed, but for spaces around it. Each problem belongs to a field, in the words of whoever refused it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from opentaper.clinic.language import english
from opentaper.knowledge import FileError, Knowledge, parse_toml
from opentaper.patient import TIMES, Case, CaseError, case_file, case_from
from opentaper.quantity import AmountError, Dose, Share, decimal_text, ends_as_decimal, exact

MOST_ROWS = 12
WHOLE = re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
GOAL_STOPS = "0 mg"
NONE = "none"
GOAL = {"daily": "goal-daily", "of": "taking-0-drug", "finish_by": "finish_by", "starts_on": "starts_on"}
TABLE = re.compile(r"\[\[taking\]\] ([0-9]+)(?: \[\[intakes\]\] ([0-9]+))?")

Values = Mapping[str, Sequence[str]]


class Typed:
    """One form about a person, as it was sent.

    Args:
        values: the fields, each with everything that was sent of it.
        known: the base.
        country: whose products there are.
        before: the case as it is recorded; what the form does not ask stays as it is there.
    """

    def __init__(self, values: Values, known: Knowledge, country: str, before: Case | None = None) -> None:
        self.values, self.known, self.country, self.before = values, known, country, before
        self.problems: dict[str, str] = {}

    def one(self, name: str) -> str:
        """Return a field as it was typed, without the spaces around it; "" where nothing was."""
        return next(iter(self.values.get(name, ())), "").strip(" ")

    def many(self, name: str) -> list[str]:
        return list(self.values.get(name, ()))

    @property
    def rows(self) -> int:
        """How many medicines the form has room for."""
        told = self.one("rows")
        return min(max(1, int(told)), MOST_ROWS) if WHOLE.fullmatch(told) else 1

    @property
    def drug(self) -> str:
        """The drug that is tapered: that of the first medicine."""
        return self.one("taking-0-drug")

    def case(self) -> Case | None:
        """Read the case; None where something is wrong, which then stands in `problems`."""
        self.problems = {}
        raw = self.raw()
        if self.problems:
            return None
        try:
            return case_from(raw, self.known, "case")
        except FileError as problem:
            self.problems[self.field_of(problem)] = english(_plain(problem))
            return None

    def raw(self) -> dict[str, Any]:
        """Return the tables of the case file, with a problem for every field that is wrong by itself."""
        kept = self._kept()
        taking = [self._taking(row, kept) for row in range(self.rows) if row == 0 or self._filled(row)]
        raw: dict[str, Any] = {
            "patient": self._patient(),
            "screening": self._screening(kept),
            "taking": taking,
            "goal": self._goal(kept),
            "supply": self._supply(kept),
        }
        if "switch" in kept and kept["goal"]["of"] == self.drug:
            raw["switch"] = kept["switch"]
        return raw

    def _kept(self) -> dict[str, Any]:
        if self.before is None:
            return {}
        return parse_toml("case", case_file(self.before, "as recorded").encode(), CaseError)

    def _read(self, name: str, read: Callable[[str], object]) -> str | None:
        """This function will return what was typed if a strict reader takes it, else note why not; None for nothing."""
        text = self.one(name)
        if not text:
            return None
        try:
            read(text)
        except AmountError as problem:
            self.problems[name] = english(problem)
        return text

    def _day(self, name: str) -> dt.date | None:
        text = self.one(name)
        if not text:
            return None
        try:
            if DAY.fullmatch(text):
                return dt.date.fromisoformat(text)
        except ValueError:
            pass
        self.problems[name] = _("This is no day. Write it as year, month, day: 2026-12-01.")
        return None

    def _whole(self, name: str) -> int | None:
        text = self.one(name)
        if text and not WHOLE.fullmatch(text):
            self.problems[name] = _("Write a whole number in digits, such as 14.")
        return int(text) if WHOLE.fullmatch(text) else None

    def _patient(self) -> dict[str, Any]:
        ticked = self.many("conditions")
        others = [line.strip() for line in self.one("other").splitlines() if line.strip()]
        if NONE in ticked and len(ticked) + len(others) > 1:
            self.problems["conditions"] = _("“None” is ticked beside a condition: one of them is wrong.")
        found = {
            "born": self._day("born"),
            "sex": self.one("sex") or None,
            "weight_kg": self._read("weight_kg", exact),
            "indication": self.one("indication") or None,
            "conditions": [each for each in ticked if each != NONE] if ticked else None,
            "other": others or None,
        }
        return _said(found)

    def _screening(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: self.one(f"screening-{key}") for key in self.known.questions}
        # A question that the form did not show keeps its answer; one that it showed and nobody answered is unknown.
        return {**kept.get("screening", {}), **{key: answer for key, answer in told.items() if answer}}

    def _filled(self, row: int) -> bool:
        names = ("drug", "other", "since", "until", "days_per_week", "dose_since", *TIMES)
        return any(self.one(f"taking-{row}-{name}") for name in names)

    def _taking(self, row: int, kept: Mapping[str, Any]) -> dict[str, Any]:
        at = f"taking-{row}"
        drug, other = self.one(f"{at}-drug"), self.one(f"{at}-other")
        if not drug and not other:
            self.problems[f"{at}-drug"] = _("Say which medicine it is.")
        intakes = []
        for time in TIMES:
            dose = self._read(f"{at}-{time}", Dose.read)
            if dose is not None:
                intakes.append({"time": time, "dose": dose})
        if drug in self.known.drugs and not intakes:
            self.problems[f"{at}-morning"] = _("Say how much is taken, at one time of day at least.")
        found = {
            "drug": drug or None,
            "other": other or None,
            "since": self._day(f"{at}-since"),
            "until": self._day(f"{at}-until"),
            "days_per_week": self._whole(f"{at}-days_per_week"),
            "intakes": intakes or None,
            "dose_since": self._day(f"{at}-dose_since"),
        }
        return _said(found)

    def _goal(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        own = kept.get("goal", {}) if kept.get("goal", {}).get("of") == self.drug else {}
        asks = ("of", "daily", "starts_on", "finish_by", "share", "percent_of", "every_days", "baseline_days")
        found = {
            "of": self.drug,
            "daily": self._daily(),
            "starts_on": self._day("starts_on"),
            "finish_by": self._day("finish_by"),
            "share": self._read("share", Share.read),
            "percent_of": self.one("percent_of") or None,
            "every_days": self._whole("every_days"),
            "baseline_days": self._whole("baseline_days"),
        }
        if found["starts_on"] is None and "starts_on" not in self.problems:
            self.problems["starts_on"] = _("Say on which day the plan begins.")
        return {**{key: value for key, value in own.items() if key not in asks}, **_said(found)}

    def _daily(self) -> str | None:
        match self.one("goal"):
            case "stop":
                if self.one("goal-daily"):
                    self.problems["goal-daily"] = _("Stopping is chosen and a dose is written: one of them is wrong.")
                return GOAL_STOPS
            case "lower":
                if not self.one("goal-daily"):
                    self.problems["goal-daily"] = _("Say to which dose a day, with its unit.")
                return self._read("goal-daily", Dose.read)
        self.problems["goal"] = _("Say where the taper is to go: to nothing, or to a lower dose.")
        return None

    def _supply(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        own = {
            key: value
            for key, value in kept.get("supply", {}).items()
            if key not in ("products", "pieces", "liquid_step_ml")
        }
        # Of a case that names its products without a country, the products say whose they are.
        country = {} if kept and "country" not in own else {"country": own.get("country", self.country)}
        found = {
            "products": self.many("products") or None,
            "pieces": self.one("pieces") or None,
            "liquid_step_ml": self._read("liquid_step_ml", exact),
        }
        return {**own, **country, **_said(found)}

    def field_of(self, problem: FileError) -> str:
        """Return the field that a refusal of the reader speaks of; "" where it is none of them."""
        table, key = problem.table, problem.key
        if match := TABLE.fullmatch(table):
            row = [row for row in range(self.rows) if row == 0 or self._filled(row)][int(match[1]) - 1]
            if match[2]:
                times = [time for time in TIMES if self.one(f"taking-{row}-{time}")]
                return f"taking-{row}-{times[int(match[2]) - 1]}"
            return f"taking-{row}-{key if key != 'intakes' else self._first_time(row)}"
        if table == "[goal]":
            name = GOAL.get(key, key)
            return "goal" if name == "goal-daily" and self.one("goal") != "lower" else name
        if table == "[screening]":
            return f"screening-{key}"
        if table in ("[patient]", "[supply]"):
            return key
        places = {"[patient] born": "born", "[supply] products": "products", "taking": "taking-0-drug"}
        if key.startswith("[[taking]] "):
            return f"taking-0-{key.removeprefix('[[taking]] ')}"
        return places.get(key, "")

    def _first_time(self, row: int) -> str:
        return next((time for time in TIMES if self.one(f"taking-{row}-{time}")), TIMES[0])


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value is not None}


def _plain(problem: FileError) -> str:
    hint = f" (did you mean “{problem.nearest}”?)" if problem.nearest else ""
    return f"{problem.problem[:1].upper()}{problem.problem[1:]}{hint}."


def typed_of(case: Case) -> dict[str, list[str]]:
    """Return what would have been typed for a case: the form filled in with what is recorded."""
    patient, goal, supply = case.patient, case.goal, case.supply
    first = [case.present, *(each for each in case.taking if each.drug != goal.of)]
    found: dict[str, object] = {
        "rows": len(first),
        "born": patient.born,
        "sex": patient.sex,
        "weight_kg": _number(patient.weight_kg),
        "indication": patient.indication,
        "other": "\n".join(patient.other_conditions),
        "goal": "lower" if goal.daily else "stop",
        "goal-daily": goal.daily or None,
        "starts_on": goal.starts_on,
        "finish_by": goal.finish_by,
        "share": _share(goal.share),
        "percent_of": goal.percent_of,
        "every_days": goal.every.days if goal.every else None,
        "baseline_days": goal.baseline.days or None,
        "pieces": {1: "whole", 2: "half", 4: "quarter"}[supply.finest_part.denominator],
        "liquid_step_ml": _number(supply.liquid_step_ml),
        **{f"screening-{key}": answer for key, answer in patient.screening.items()},
    }
    for row, each in enumerate(first):
        at = f"taking-{row}"
        found |= {
            f"{at}-{key}": getattr(each, key)
            for key in ("drug", "other", "since", "until", "days_per_week", "dose_since")
        }
        found |= {f"{at}-{intake.time}": intake.dose for intake in each.intakes}
    several = {
        "conditions": list(patient.conditions or ([NONE] if patient.conditions is not None else [])),
        "products": [product.key for product in supply.products],
    }
    return {**{key: [str(value)] for key, value in found.items() if value not in (None, "")}, **several}


def _share(share: Share | None) -> str | None:
    if share is None:
        return None
    exactly = (share.of * 10_000).denominator == 1
    return str(share) if exactly else f"{share.of.numerator}/{share.of.denominator}"


def _number(number: Fraction | None) -> str | None:
    if number is None:
        return None
    return decimal_text(number) if ends_as_decimal(number) else str(number)
