"""What was measured in people: published levels and outcomes, against which the simulation is held."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table
from opentaper.quantity import AmountError, decimal_text, exact

OBSERVATION_KINDS = ("observed-summary", "model-derived", "pooled", "estimate", "recommendation")
"""model-derived: computed from published parameters, a check of the code and not of the model. pooled: from several
studies. estimate: an author's impression. recommendation: what a guideline asks, not what happened."""
DRUG_GROUPS = ("any", "short-half-life", "long-half-life", "hypnotic")
OBSERVED_UNITS = (
    "ng/mL", "ng*h/mL", "h", "min", "d", "fraction", "ratio", "mL/min", "mL/min/kg", "mL/kg/h", "L", "L/kg", "%",
    "% CV", "odds ratio", "per night", "nights", "% per 2-4 wk", "words",
)  # fmt: skip
WORDS = "words"
PLAIN_UNITS = ("fraction", "ratio", "odds ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One printed figure or finding of one study, with the people and the dosing it belongs to."""

    id: str
    study: str
    drugs: tuple[str, ...]
    """What was taken: drugs of the base, or one group word where the study mixed drugs."""
    taken: str | None
    """What was taken, in the study's own terms, where `drugs` cannot say all of it."""
    analyte: str | None
    """What was measured in blood; None for an outcome in people."""
    population: str | None
    people: int | None
    dose_mg: Fraction | None
    dose: str | None
    """The dose as printed, where it is not a plain number of milligrams ("33.6 ug/kg/day")."""
    route: str | None
    formulation: str | None
    regimen: str | None
    arm: str | None
    kind: str
    quantity: str
    time: str | None
    hours: Fraction | None
    """The time [h] after the first dose to which a level belongs, where the study gives one."""
    prints: str
    """The figure as printed, or the finding in words."""
    low: Fraction | None
    high: Fraction | None
    """Both ends of a printed range; equal for one value; one is None for "at most"; both for a finding in words."""
    sd: Fraction | None
    ci_low: Fraction | None
    ci_high: Fraction | None
    """The printed confidence interval, 95 %."""
    unit: str
    statistic: str | None
    source: str
    at: str
    confidence: str
    note: str | None
    file: str
    """The file of the base that holds it."""

    @property
    def value(self) -> Fraction | None:
        """The one printed value, or None where a range or words are printed."""
        return self.low if self.low == self.high else None

    @property
    def says(self) -> str:
        """The observation in one sentence, without its figure."""
        drugs = self.taken or " or ".join(self.drugs)
        dose = self.dose or (f"{decimal_text(self.dose_mg)} mg" if self.dose_mg is not None else None)
        taken = " ".join(part for part in (drugs, dose, self.route, self.formulation) if part)
        people = f"{self.people} people" if self.people else None
        where = ", ".join(part for part in (people, self.population) if part)
        when = self.time or (f"{decimal_text(self.hours)} h" if self.hours is not None else None)
        parts = (f"{self.study}: {self._measured}", taken, self.regimen, self.arm, where, when)
        return "; ".join(part for part in parts if part)

    @property
    def _measured(self) -> str:
        return f"{self.quantity} of {self.analyte}" if self.analyte else self.quantity


def read_study(table: Table, file: str) -> list[Observation]:
    """Read one [[study]]: who took what, once, and under it every [[study.observation]] that it prints.

    What holds for all its observations (confidence, statistic, note) is said once too; an observation may say its own
    instead, and its note is added.
    """
    shared: dict[str, Any] = {
        "study": table.text("study"),
        "drugs": table.texts("drugs"),
        "taken": table.maybe(table.text, "taken"),
        "analyte": table.maybe(table.key, "analyte"),
        "population": table.maybe(table.text, "population"),
        "people": table.maybe(table.whole, "people"),
        "dose_mg": table.maybe(table.number, "dose_mg"),
        "dose": table.maybe(table.text, "dose"),
        "route": table.maybe(table.text, "route"),
        "formulation": table.maybe(table.text, "formulation"),
        "regimen": table.maybe(table.text, "regimen"),
        "arm": table.maybe(table.text, "arm"),
        "kind": table.choice("kind", OBSERVATION_KINDS),
        "source": table.key("source"),
        "at": table.text("at"),
        "file": file,
    }
    study = _Said.read(table)
    found = [_observation(each, shared, study) for each in table.tables("observation")]
    table.done()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a study may say for all its observations, or one observation for itself."""

    confidence: str | None
    statistic: str | None
    note: str | None

    @classmethod
    def read(cls, table: Table) -> _Said:
        return cls(
            confidence=table.choice("confidence", CONFIDENCES) if table.has("confidence") else None,
            statistic=table.maybe(table.text, "statistic"),
            note=table.maybe(table.text, "note"),
        )


def _observation(table: Table, shared: dict[str, Any], study: _Said) -> Observation:
    own, unit = _Said.read(table), table.choice("unit", OBSERVED_UNITS)
    low, high = _ends(table, unit)
    sd = table.maybe(table.number, "sd")
    observation = Observation(
        **shared,
        id=table.key("id"),
        quantity=table.text("quantity"),
        time=table.maybe(table.text, "time"),
        hours=table.maybe(table.number, "hours"),
        prints=table.text("prints") if table.has("prints") or unit == WORDS else _printed(low, high, sd, unit),
        low=low,
        high=high,
        sd=sd,
        ci_low=table.maybe(table.number, "ci_low"),
        ci_high=table.maybe(table.number, "ci_high"),
        unit=unit,
        statistic=own.statistic or study.statistic,
        confidence=own.confidence or study.confidence or table.choice("confidence", CONFIDENCES),
        note=" ".join(part for part in (study.note, own.note) if part) or None,
    )
    table.done()
    return observation


def _ends(table: Table, unit: str) -> tuple[Fraction | None, Fraction | None]:
    """This function will read either one value, or the ends of a range of which one may be open."""
    value, low, high = (_signed(table, key) for key in ("value", "low", "high"))
    if value is not None and (low is not None or high is not None):
        raise table.fail("value", "give either value, or low and high")
    low, high = (value, value) if value is not None else (low, high)
    if low is not None and high is not None and low > high:
        raise table.fail("low", "low is above high")
    if (low is None and high is None) != (unit == WORDS):
        raise table.fail("unit", f'a finding in words has the unit "{WORDS}" and no number; every other has a number')
    return low, high


def _printed(low: Fraction | None, high: Fraction | None, sd: Fraction | None, unit: str) -> str:
    """This function will write a figure as the study does, from its exact parts."""
    ends = [decimal_text(each) for each in (low, high) if each is not None]
    sign = "<=" if low is None else ">=" if high is None else ""
    spread = f" ({decimal_text(sd)})" if sd is not None else ""
    shown = "" if unit in PLAIN_UNITS else f" {unit}"
    return f"{sign}{'-'.join(dict.fromkeys(ends))}{spread}{shown}"


def _signed(table: Table, key: str) -> Fraction | None:
    """This function will read an exact number that may fall below zero: an outcome can, an amount cannot."""
    text = table.maybe(table.text, key)
    if text is None:
        return None
    try:
        return -exact(text[1:]) if text.startswith("-") else exact(text)
    except AmountError as problem:
        raise table.fail(key, str(problem)) from None
