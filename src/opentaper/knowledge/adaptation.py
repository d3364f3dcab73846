"""How the brain is assumed to get used to a drug and to recover: time constants and shares, all of them estimates."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge.effects import Estimate
from opentaper.knowledge.sources import CONFIDENCES
from opentaper.knowledge.table import Table

PROCESSES = ("fast", "main", "slow")
SHARES_OF = ("whole", "main")
CONSTANT_UNITS = {
    "enzyme-turnover-half-life": "d",
    "effect-delay-half-life": "min",
    "assumed-clearance-cv": "%",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One of the processes that follow the effect and outlast it."""

    name: str
    days: Estimate
    """Time constant [d]: how long it lags behind the effect."""
    share: Estimate
    """Its share of the whole adaptation, or of the main process where `of` says so."""
    of: str
    people_percent: Estimate
    """In how many people of a hundred it is there."""
    says: str
    source: str
    supported_by: tuple[str, ...]
    """Sources that a value was made to agree with; they do not say the value themselves."""
    at: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> Process:
        process = cls(
            name=table.choice("name", PROCESSES),
            days=_estimate(table, "days"),
            share=_estimate(table, "share"),
            of=table.choice("of", SHARES_OF),
            people_percent=_estimate(table, "people_percent"),
            says=table.text("says"),
            source=table.key("source"),
            supported_by=table.texts("supported_by") if table.has("supported_by") else (),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        if not process.days.low:
            raise table.fail("days", "a time constant must be above zero")
        if process.share.high > 1 or process.people_percent.high > 100:
            raise table.fail("share", "a share is at most 1, and people are at most 100 per cent")
        return process


def _estimate(table: Table, key: str) -> Estimate:
    inner = table.table(key)
    estimate = Estimate.read(inner)
    inner.done()
    return estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A figure that the simulation needs and that no single drug owns."""

    name: str
    estimate: Estimate
    says: str
    source: str
    supported_by: tuple[str, ...]
    at: str
    confidence: str

    @property
    def unit(self) -> str:
        return CONSTANT_UNITS[self.name]

    @classmethod
    def read(cls, table: Table) -> Constant:
        constant = cls(
            name=table.choice("name", CONSTANT_UNITS),
            estimate=Estimate.read(table),
            says=table.text("says"),
            source=table.key("source"),
            supported_by=table.texts("supported_by") if table.has("supported_by") else (),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        if not constant.estimate.low:
            raise table.fail("low", f"{constant.name} must be above zero")
        return constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """How many days of use [d] bring half of the dependence that long use brings."""

    half_days: Estimate
    says: str
    source: str
    supported_by: tuple[str, ...]
    at: str
    confidence: str

    @classmethod
    def read(cls, table: Table) -> Dependence:
        dependence = cls(
            half_days=_estimate(table, "half_days"),
            says=table.text("says"),
            source=table.key("source"),
            supported_by=table.texts("supported_by") if table.has("supported_by") else (),
            at=table.text("at"),
            confidence=table.choice("confidence", CONFIDENCES),
        )
        table.done()
        if not dependence.half_days.low:
            raise table.fail("half_days", "it must be above zero")
        return dependence


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """Everything that is assumed about getting used to a drug, in one place."""

    key: str
    processes: Mapping[str, Process]
    dependence: Dependence
    constants: Mapping[str, Constant]

    @property
    def parts(self) -> dict[str, Process | Dependence | Constant]:
        """Every part by its name: the processes, "dependence", the constants."""
        return {**self.processes, "dependence": self.dependence, **self.constants}

    @classmethod
    def read(cls, table: Table) -> Adaptation:
        processes = [Process.read(each) for each in table.tables("process")]
        constants = [Constant.read(each) for each in table.tables("constant")]
        adaptation = cls(
            key=table.key("key"),
            processes={each.name: each for each in processes},
            dependence=Dependence.read(table.table("dependence")),
            constants={each.name: each for each in constants},
        )
        table.done()
        if [each.name for each in processes] != list(PROCESSES):
            raise table.fail("process", f"expected {', '.join(PROCESSES)}, once each and in this order")
        if sorted(each.name for each in constants) != sorted(CONSTANT_UNITS):
            raise table.fail("constant", f"expected {', '.join(CONSTANT_UNITS)}, once each")
        whole = sum((each.share.value for each in processes if each.of == "whole"), start=Fraction(0))
        if whole != 1:
            raise table.fail("process", f"the shares of the whole add up to {whole}, not to 1")
        return adaptation
