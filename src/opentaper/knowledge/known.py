"""Everything that is known, as one value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from opentaper.knowledge.adaptation import Adaptation
from opentaper.knowledge.advice import Advice, Phone
from opentaper.knowledge.effects import EffectModel, Potency
from opentaper.knowledge.equivalence import Equivalence
from opentaper.knowledge.facts import Condition, Drug, Medicine, Question
from opentaper.knowledge.interactions import Interaction
from opentaper.knowledge.kinetics import KineticModel
from opentaper.knowledge.layer import FILE as LAYER
from opentaper.knowledge.layer import Layer
from opentaper.knowledge.limits import Ask, Convention, Limit
from opentaper.knowledge.products import Price, Product
from opentaper.knowledge.protocols import Protocol
from opentaper.knowledge.risk import RiskTable
from opentaper.knowledge.signoff import ReviewState, digest
from opentaper.knowledge.sources import Source
from opentaper.knowledge.validation import Observation


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Everything that is known, as of one day; looked up by key."""

    as_of: dt.date
    sources: Mapping[str, Source]
    drugs: Mapping[str, Drug]
    medicines: Mapping[str, Medicine]
    products: Mapping[str, Product]
    equivalences: Mapping[str, Equivalence]
    limits: tuple[Limit, ...]
    asks: Mapping[str, Ask]
    conventions: Mapping[str, Convention]
    protocols: Mapping[str, Protocol]
    interactions: Mapping[str, Interaction]
    risk: RiskTable
    conditions: Mapping[str, Condition]
    questions: Mapping[str, Question]
    advice: Mapping[str, Advice]
    phones: Mapping[str, Phone]
    kinetics: Mapping[str, KineticModel]
    effects: Mapping[str, EffectModel]
    potencies: Mapping[str, Potency]
    """The chosen potency of each analyte."""
    rival_potencies: tuple[Potency, ...]
    """Potencies that somebody stated and that are not the chosen ones."""
    adaptation: Adaptation
    apart: Mapping[str, Path] = field(repr=False)
    """Files that are read only when `observations` is asked for."""
    files: Mapping[str, str] = field(repr=False)
    """File name to the digest of its content; of a file kept apart, to the digest of its bytes."""
    states: Mapping[str, ReviewState] = field(repr=False)
    observe: Callable[[Knowledge], Mapping[str, Observation]] = field(repr=False, compare=False)
    """Reads `observations`."""
    homes: Mapping[str, str] = field(repr=False)
    """"kind:key" to the file that says it."""
    layer: Layer | None = None
    """What a clinic lays over what ships; None where nobody did."""
    unfit: str = ""
    """Why a clinic's layer cannot be laid over what ships; nothing may be started with such a base."""

    @cached_property
    def digest(self) -> str:
        """One SHA-256 for the whole base: what a plan was made with."""
        return digest(dict(self.files))

    @cached_property
    def observations(self) -> Mapping[str, Observation]:
        """Every published figure against which a simulation is held, by id; read when first asked for.

        No plan, review or simulation needs them and they are a tenth of the base, so a start does not wait for them.
        Their files are in `files` and `states` all the same, by a digest of bytes: a changed comment voids a signature
        there too, which errs on the safe side.

        Raises:
            KnowledgeError: a file of theirs breaks its schema, or names a source or drug that nothing defines.
        """
        return self.observe(self)

    @cached_property
    def state(self) -> ReviewState:
        """The worst review state of any file: a chain is as checked as its weakest link."""
        order = list(ReviewState)
        return max(self.states.values(), key=order.index)

    def limits_on(self, measure: str) -> tuple[Limit, ...]:
        """Return every limit on one measure, in file order."""
        return tuple(limit for limit in self.limits if limit.measures == measure)

    def limit(self, measure: str) -> Limit:
        """Return the one limit on a measure: the strictest, where several authorities bound it.

        Raises:
            KeyError: nothing bounds it.
        """
        found = self.limits_on(measure)
        if not found:
            raise KeyError(f"no limit measures {measure}")
        strictest = max if found[0].bound == "at least" else min
        return strictest(found, key=lambda limit: limit.value)

    def convention(self, key: str) -> Convention:
        return self.conventions[key]

    @property
    def signed(self) -> int:
        """How many of the files that ship carry a signature that counts today."""
        return sum(state is ReviewState.REVIEWED for name, state in self.states.items() if name != LAYER)

    @property
    def shipped(self) -> int:
        """How many files ship, a clinic's own layer left out."""
        return len(self.states.keys() - {LAYER})

    @property
    def review_note(self) -> str:
        """How far the base has been checked, in words: for every output."""
        if self.state is ReviewState.REVIEWED or not self.signed:
            return self.state.says
        return f"pending review: {self.signed} of {self.shipped} files are signed"

    def products_of(self, drug: str, country: str | None = None) -> tuple[Product, ...]:
        """Return the products of a drug, of one country or of all, in key order."""
        return tuple(
            product for product in self.products.values() if product.drug == drug and country in (None, product.country)
        )

    def stocked(self, product: Product) -> bool:
        """Return whether the clinic's pharmacy has a product; where nobody said, it is taken to have what is sold."""
        said = self.layer.stock.get(product.drug) if self.layer else None
        return said is None or product.key in said

    def price_of(self, product: Product) -> Price | None:
        """Return what a product costs: as the clinic's layer says, else as the base does; None where nobody knows."""
        return (self.layer.prices.get(product.key) if self.layer else None) or product.price

    def home(self, name: str) -> str | None:
        """Return the file that ships "kind:key", also where a clinic's layer stands over it; None where nothing does."""
        return (self.layer.over.get(name) if self.layer else None) or self.homes.get(name)

    def kinetics_of(self, drug: str) -> tuple[KineticModel, ...]:
        """Return every kinetic model of a drug, the chosen one first; none where nobody published one."""
        found = [model for model in self.kinetics.values() if model.drug == drug]
        return tuple(sorted(found, key=lambda model: not model.chosen))

    def tapered_drug(self, key: str) -> bool:
        return key in self.drugs and self.drugs[key].tapered

    def drug_names(self) -> tuple[str, ...]:
        """Every name by which a medicine may be called in a case."""
        return (*self.drugs, *self.medicines)
