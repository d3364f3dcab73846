"""How the amount of a drug in the blood rises and falls: published models, each one authority's, never mixed."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

PARAMETER_UNITS = {
    "clearance": "L/h",
    "central-volume": "L",
    "between-clearance": "L/h",
    "peripheral-volume": "L",
    "absorption-rate": "1/h",
    "fast-absorption-rate": "1/h",
    "fast-part": "fraction",
    "bioavailability": "fraction",
    "lag": "h",
    "fraction-formed": "fraction",
    "molar-ratio": "ratio",
}
"""Every parameter has one unit, always. bioavailability multiplies the dose; where it is absent, clearances and
volumes are apparent ones that contain it. fast-part is a share of people or of each dose, as the absorption says.
molar-ratio is the molar mass of a metabolite over that of its parent (for a prodrug: of its product over what is
taken); where a prodrug has none, its apparent values contain it."""

STRUCTURES = {
    "one-compartment": ("clearance", "central-volume"),
    "two-compartment": ("clearance", "central-volume", "between-clearance", "peripheral-volume"),
}
ABSORPTIONS = {
    "first-order": ("absorption-rate",),
    "mixture-of-people": ("absorption-rate", "fast-absorption-rate", "fast-part"),
    "mixture-of-dose": ("absorption-rate", "fast-absorption-rate", "fast-part"),
}
METABOLITE_PARAMETERS = ("fraction-formed", "molar-ratio", "clearance", "central-volume")
ALWAYS_ALLOWED = ("bioavailability", "lag")
AT_MOST_ONE = ("fast-part", "bioavailability", "fraction-formed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One figure of a model, in the one unit that its name has."""

    name: str
    value: Fraction
    low: Fraction | None
    high: Fraction | None
    """The range that the source prints; None where it prints none."""
    cv_percent: Fraction | None
    """Spread between people: coefficient of variation, log-normal; None: nobody says."""
    cv_source: str | None
    """Who says the spread, where it is not the source of the value."""
    source: str
    at: str
    confidence: str
    note: str | None

    @property
    def unit(self) -> str:
        return PARAMETER_UNITS[self.name]

    @property
    def sources(self) -> tuple[str, ...]:
        """Who says the value, and who says the spread."""
        return (self.source,) if self.cv_source is None else (self.source, self.cv_source)

    @classmethod
    def read(cls, table: Table) -> Parameter:
        parameter = cls(
            name=table.choice("name", PARAMETER_UNITS),
            value=table.number("value"),
            low=table.maybe(table.number, "low"),
            high=table.maybe(table.number, "high"),
            cv_percent=table.maybe(table.number, "cv_percent"),
            cv_source=table.maybe(table.key, "cv_source"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not parameter.value:
            raise table.fail("value", f"{parameter.name} must be above zero")
        if parameter.name in AT_MOST_ONE and parameter.value > 1:
            raise table.fail("value", f"{parameter.name} is a fraction, at most 1")
        if (parameter.low is None) != (parameter.high is None):
            raise table.fail("low", "give both ends of the range, or neither")
        if parameter.low is not None and parameter.high is not None:
            check_range(table, parameter.low, parameter.value, parameter.high)
        return parameter


def check_range(table: Table, low: Fraction, value: Fraction, high: Fraction) -> None:
    """Refuse a value that lies outside its own range.

    Raises:
        FileError: low is above the value, or the value above high.
    """
    if not low <= value <= high:
        raise table.fail("value", "the value lies outside its own range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metabolite:
    """An active product of the body, with the analyte that it comes from."""

    analyte: str
    from_: str
    parameters: tuple[Parameter, ...]

    def value(self, name: str) -> Parameter:
        """Return a parameter; all four are always there.

        Raises:
            KeyError: a metabolite has no such parameter.
        """
        return {each.name: each for each in self.parameters}[name]

    @classmethod
    def read(cls, table: Table) -> Metabolite:
        metabolite = cls(
            analyte=table.key("analyte"),
            from_=table.key("from"),
            parameters=tuple(Parameter.read(each) for each in table.tables("parameter")),
        )
        table.done()
        _check_names(table, metabolite.parameters, METABOLITE_PARAMETERS, (), f"metabolite {metabolite.analyte}")
        return metabolite


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """By what a parameter of an analyte is multiplied in people of an age."""

    analyte: str
    name: str
    ratio: Fraction
    from_years: int
    source: str
    at: str
    confidence: str
    note: str | None

    @classmethod
    def read(cls, table: Table) -> Older:
        older = cls(
            analyte=table.key("analyte"),
            name=table.choice("name", PARAMETER_UNITS),
            ratio=table.number("ratio"),
            from_years=table.whole("from_years", 18, 110),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not older.ratio:
            raise table.fail("ratio", "it must be above zero")
        return older


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticModel:
    """One model of one drug taken by mouth: linear, so that doses simply add up."""

    key: str
    drug: str
    """What is taken."""
    analyte: str
    """What is measured: the drug, or the active product of a prodrug."""
    name: str
    says: str
    structure: str
    absorption: str
    weight_kg: Fraction
    """The body weight [kg] to which the parameters belong."""
    clearance_exponent: Fraction
    volume_exponent: Fraction
    residual_percent: Fraction | None
    """What the model leaves unexplained in one measurement, proportional; None: nobody says."""
    chosen: bool
    because: str | None
    """Why this model is the one that is used when nobody names another."""
    source: str
    at: str
    confidence: str
    parameters: tuple[Parameter, ...]
    metabolites: tuple[Metabolite, ...]
    older: tuple[Older, ...]
    """What age changes, where a source gives it."""

    def value(self, name: str) -> Parameter | None:
        """Return a parameter of the model, or None where it has none (no lag, bioavailability inside the others).

        Raises:
            KeyError: no parameter of any model is called so.
        """
        if name not in PARAMETER_UNITS:
            raise KeyError(name)
        return next((each for each in self.parameters if each.name == name), None)

    @property
    def analytes(self) -> tuple[str, ...]:
        """Everything whose level the model gives, parents before what comes from them."""
        return (self.analyte, *(each.analyte for each in self.metabolites))

    @property
    def rows(self) -> tuple[Parameter, ...]:
        """Every parameter, those of the metabolites too."""
        return (*self.parameters, *(row for each in self.metabolites for row in each.parameters))

    def with_age(self, analyte: str, name: str, years: int | None) -> Fraction:
        """Return by what a parameter of an analyte is multiplied at an age; 1 where nobody says, or the age is unknown."""
        ratios = [
            each.ratio
            for each in self.older
            if (each.analyte, each.name) == (analyte, name) and years is not None and years >= each.from_years
        ]
        return ratios[-1] if ratios else Fraction(1)

    @classmethod
    def read(cls, table: Table) -> KineticModel:
        chosen = table.flag("chosen")
        model = cls(
            key=table.key("key"),
            drug=table.key("drug"),
            analyte=table.key("analyte"),
            name=table.text("name"),
            says=table.text("says"),
            structure=table.choice("structure", STRUCTURES),
            absorption=table.choice("absorption", ABSORPTIONS),
            weight_kg=table.number("weight_kg"),
            clearance_exponent=table.number("clearance_exponent"),
            volume_exponent=table.number("volume_exponent"),
            residual_percent=table.maybe(table.number, "residual_percent"),
            chosen=chosen,
            because=table.text("because") if chosen else None,
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            parameters=tuple(Parameter.read(each) for each in table.tables("parameter")),
            metabolites=tuple(Metabolite.read(each) for each in table.maybe_tables("metabolite")),
            older=tuple(Older.read(each) for each in table.maybe_tables("older")),
        )
        table.done()
        _check_model(table, model)
        return model


def _check_model(table: Table, model: KineticModel) -> None:
    if not model.weight_kg:
        raise table.fail("weight_kg", "the weight must be above zero")
    needed = (*STRUCTURES[model.structure], *ABSORPTIONS[model.absorption])
    prodrug = ("molar-ratio",) if model.analyte != model.drug else ()
    what = f"a {model.structure} model with {model.absorption} absorption"
    _check_names(table, model.parameters, needed, (*ALWAYS_ALLOWED, *prodrug), what)
    seen = [model.analyte]
    for metabolite in model.metabolites:
        if metabolite.from_ not in seen:
            raise table.fail(
                "metabolite", f"{metabolite.analyte!r} comes from {metabolite.from_!r}, which does not stand before it"
            )
        if metabolite.analyte in seen:
            raise table.fail("metabolite", f"{metabolite.analyte!r} stands in it twice")
        seen.append(metabolite.analyte)
    has = {(model.analyte, each.name) for each in model.parameters}
    has |= {(metabolite.analyte, each.name) for metabolite in model.metabolites for each in metabolite.parameters}
    for older in model.older:
        if (older.analyte, older.name) not in has:
            raise table.fail("older", f"the model has no {older.name!r} of {older.analyte!r}")


def _check_names(
    table: Table, parameters: Iterable[Parameter], needed: tuple[str, ...], allowed: tuple[str, ...], what: str
) -> None:
    names = [each.name for each in parameters]
    for name in needed:
        if name not in names:
            raise table.fail("parameter", f"{what} needs {name!r}, which is missing")
    for name in names:
        if name not in needed and name not in allowed:
            raise table.fail("parameter", f"{what} has no {name!r}")
        if names.count(name) > 1:
            raise table.fail("parameter", f"{name!r} stands in it twice")
