"""What is known of a drug: identifiers and claims, each with its source and confidence."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

DRUG_CLASSES = ("benzodiazepine", "z-drug", "metabolite", "antagonist")
TAPERED_CLASSES = ("benzodiazepine", "z-drug")
IDENTIFIER_SYSTEMS = (
    "ATC", "RxNorm IN", "RxNorm SCD", "CAS", "SMILES", "InChIKey", "UNII", "PubChem CID", "DrugBank", "ChEMBL",
    "LOINC", "SNOMED CT", "molecular weight", "molecular formula",
)  # fmt: skip
TOPICS = (
    "class", "mechanism", "indication", "onset", "duration", "half-life", "pharmacokinetics", "metabolism",
    "adverse-effect", "warning", "interaction", "pregnancy", "special-population", "dependence", "withdrawal",
    "tapering", "testing", "contested", "history", "use", "price", "form", "identity",
)  # fmt: skip
TRAITS = {
    "glucuronidated": "it is cleared by glucuronidation alone, so liver disease, age and other medicines change it less",
    "long-acting": "it, or an active metabolite of it, stays for days, so that it builds up",
}
UNITS = (
    "h", "min", "d", "wk", "mo", "yr", "mg", "mg/mL", "ng/mL", "L", "L/h", "L/kg", "mL/min", "mL/min/kg", "%",
    "fraction", "g/mol", "people", "prescriptions", "USD", "CHF", "ratio",
)  # fmt: skip
MEDICINE_CLASSES = (
    "enzyme-inducer", "enzyme-inhibitor", "opioid", "gabapentinoid", "antidepressant", "antipsychotic",
    "anticonvulsant", "antibiotic", "antifungal", "antiviral", "hormone", "stimulant", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A code by which another system knows the drug."""

    system: str
    value: str
    detail: str | None
    source: str
    confidence: str
    note: str | None

    @classmethod
    def read(cls, table: Table) -> Identifier:
        identifier = cls(
            system=table.choice("system", IDENTIFIER_SYSTEMS),
            value=table.text("value"),
            detail=table.maybe(table.text, "detail"),
            source=table.key("source"),
            confidence=table.choice("confidence", CONFIDENCES),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        return identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A property of a drug that a rule reads: one of a closed list."""

    name: str
    source: str
    at: str
    confidence: str

    @property
    def says(self) -> str:
        return f"{self.name}: {TRAITS[self.name]}"

    @classmethod
    def read(cls, table: Table) -> Trait:
        trait = cls(
            name=table.choice("is", TRAITS),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return trait


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that one source says, in our words, with its number and unit where it has one."""

    id: str
    about: str
    says: str
    low: Fraction | None
    high: Fraction | None
    unit: str | None
    source: str
    at: str
    confidence: str
    half_right: str | None
    disputes: tuple[str, ...]

    @classmethod
    def read(cls, table: Table) -> Claim:
        value = table.maybe(table.number, "value")
        low, high = table.maybe(table.number, "low"), table.maybe(table.number, "high")
        if value is not None and (low is not None or high is not None):
            raise table.fail("value", "give either value, or low and high")
        low, high = (value, value) if value is not None else (low, high)
        unit = table.choice("unit", UNITS) if low is not None or high is not None or table.has("unit") else None
        if low is not None and high is not None and low > high:
            raise table.fail("low", "low is above high")
        claim = cls(
            id=table.key("id"),
            about=table.choice("about", TOPICS),
            says=table.text("says"),
            low=low,
            high=high,
            unit=unit,
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
            half_right=table.maybe(table.text, "half_right"),
            disputes=table.texts("disputes") if table.has("disputes") else (),
        )
        table.done()
        return claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A benzodiazepine, a Z-drug, one of their metabolites, or their antagonist."""

    key: str
    name: str
    drug_class: str
    also: tuple[str, ...]
    metabolite_of: tuple[str, ...]
    traits: tuple[Trait, ...]
    identifiers: tuple[Identifier, ...]
    claims: tuple[Claim, ...]

    @property
    def tapered(self) -> bool:
        """Whether people take it, so that it may be tapered (a metabolite or an antagonist may not)."""
        return self.drug_class in TAPERED_CLASSES

    def has_trait(self, name: str) -> bool:
        """Return whether the base says that it has a trait; a trait that nobody stated is not there.

        Raises:
            ValueError: there is no such trait.
        """
        if name not in TRAITS:
            raise ValueError(f"{name!r} is no trait; allowed: {', '.join(TRAITS)}")
        return any(trait.name == name for trait in self.traits)

    @classmethod
    def read(cls, table: Table) -> Drug:
        claims = tuple(Claim.read(each) for each in table.maybe_tables("claim"))
        ids = [claim.id for claim in claims]
        for claim in claims:
            if ids.count(claim.id) > 1:
                raise table.fail("claim", f"two claims are called {claim.id!r}")
            for disputed in claim.disputes:
                if disputed not in ids:
                    raise table.fail("claim", f"{claim.id!r} disputes {disputed!r}, which is not here")
        traits = tuple(Trait.read(each) for each in table.maybe_tables("trait"))
        names = [trait.name for trait in traits]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise table.fail("trait", f"{repeated!r} stands in it twice")
        drug = cls(
            key=table.key("key"),
            name=table.text("name"),
            drug_class=table.choice("class", DRUG_CLASSES),
            also=table.texts("also") if table.has("also") else (),
            metabolite_of=table.texts("metabolite_of") if table.has("metabolite_of") else (),
            traits=traits,
            identifiers=tuple(Identifier.read(each) for each in table.maybe_tables("identifier")),
            claims=claims,
        )
        table.done()
        return drug


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """Another medicine that a person may take, known here for its interactions."""

    key: str
    name: str
    medicine_class: str
    also: tuple[str, ...]

    @classmethod
    def read(cls, table: Table) -> Medicine:
        medicine = cls(
            key=table.key("key"),
            name=table.text("name"),
            medicine_class=table.choice("class", MEDICINE_CLASSES),
            also=table.texts("also") if table.has("also") else (),
        )
        table.done()
        return medicine


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition that a rule reads, or that explains why the drug was started."""

    key: str
    name: str
    groups: tuple[str, ...]
    source: str
    at: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> Condition:
        condition = cls(
            key=table.key("key"),
            name=table.text("name"),
            groups=table.texts("groups") if table.has("groups") else (),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A screening question: yes, no or unknown; an absent answer is unknown."""

    key: str
    asks: str
    because: str
    source: str
    at: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> Question:
        question = cls(
            key=table.text("key"),
            asks=table.text("asks"),
            because=table.text("because"),
            source=table.key("source"),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        return question
