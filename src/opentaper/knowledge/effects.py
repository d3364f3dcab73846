"""How a level in the blood becomes an effect: rival assumptions side by side, and the level that half-fills the site."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.kinetics import check_range
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

BASES = ("occupancy", "animal", "equivalence")
"""What a potency rests on: sites counted in people, sites counted in animals, or published dose equivalence."""
EFFECT_KINDS = ("linear", "occupancy", "two-state")
TWO_STATE_UNITS = {
    "closed-to-open": "ratio",
    "gaba-affinity": "uM",
    "gaba-preference": "ratio",
    "gaba-level": "uM",
    "drug-preference": "ratio",
}
"""closed-to-open: closed over open receptors with nothing bound (L). gaba-affinity: GABA that half-fills a closed
receptor (Kg). gaba-preference: affinity constant of the open over that of the closed receptor, for GABA (c) and, as
drug-preference, for the drug (d); 1 is a drug that binds without effect. gaba-level: GABA around the receptor (G)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with the lowest and the highest value that can be defended."""

    value: Fraction
    low: Fraction
    high: Fraction

    @classmethod
    def read(cls, table: Table) -> Estimate:
        """Read value, low and high of a table, and leave its other keys to the caller."""
        estimate = cls(value=table.number("value"), low=table.number("low"), high=table.number("high"))
        check_range(table, estimate.low, estimate.value, estimate.high)
        return estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectParameter:
    """One figure of the two-state model."""

    name: str
    estimate: Estimate
    source: str
    at: str
    confidence: str
    note: str | None

    @property
    def unit(self) -> str:
        return TWO_STATE_UNITS[self.name]

    @classmethod
    def read(cls, table: Table) -> EffectParameter:
        parameter = cls(
            name=table.choice("name", TWO_STATE_UNITS),
            estimate=Estimate.read(table),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not parameter.estimate.low:
            raise table.fail("low", f"{parameter.name} must be above zero")
        return parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectModel:
    """One assumption about how effect depends on level; none of them is the truth, so all are shown."""

    key: str
    name: str
    kind: str
    says: str
    because: str
    against: str
    potency_scale: Fraction
    """Multiplies every potency: 1, or less where little occupancy is assumed to be felt strongly."""
    parameters: tuple[EffectParameter, ...]
    source: str
    at: str
    confidence: str
    note: str | None

    def value(self, name: str) -> EffectParameter:
        """Return a parameter of a two-state model.

        Raises:
            KeyError: the model has none of that name.
        """
        return {each.name: each for each in self.parameters}[name]

    @classmethod
    def read(cls, table: Table) -> EffectModel:
        model = cls(
            key=table.key("key"),
            name=table.text("name"),
            kind=table.choice("kind", EFFECT_KINDS),
            says=table.text("says"),
            because=table.text("because"),
            against=table.text("against"),
            potency_scale=table.number("potency_scale"),
            parameters=tuple(EffectParameter.read(each) for each in table.maybe_tables("parameter")),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not model.potency_scale:
            raise table.fail("potency_scale", "it must be above zero")
        needed = sorted(TWO_STATE_UNITS) if model.kind == "two-state" else []
        if sorted(each.name for each in model.parameters) != needed:
            raise table.fail("parameter", f"a {model.kind} model takes exactly {', '.join(needed) or 'no parameter'}")
        return model


@dataclass(frozen=True, slots=True, kw_only=True)
class Potency:
    """The level of an analyte in plasma [ng/mL] at which it would fill half of the sites (EC50)."""

    analyte: str
    estimate: Estimate
    basis: str
    chosen: bool
    """Whether it is the one that is used when nobody names another."""
    source: str
    at: str
    confidence: str
    note: str | None

    @classmethod
    def read(cls, table: Table) -> Potency:
        potency = cls(
            analyte=table.key("analyte"),
            estimate=Estimate.read(table),
            basis=table.choice("basis", BASES),
            chosen=table.flag("chosen"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        if not potency.estimate.low:
            raise table.fail("low", "a potency must be above zero")
        return potency
