"""What a calendar shows of a plan, each by a name that it keeps from version to version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from opentaper.patient import Intake, Regimen, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event before it is written: a step (all day), or one of its intakes (at a time)."""

    key: str
    step: Step
    intake: Intake | None


def entries(regimen: Regimen) -> Iterator[Entry]:
    """Yield the events of a regimen; a step is known by its drug, its dose and how often that dose came before."""
    seen: dict[tuple[str, Fraction], int] = {}
    for step in regimen.steps:
        times = seen[step.drug, step.daily.mg] = seen.get((step.drug, step.daily.mg), 0) + 1
        dose = str(step.daily.mg).replace("/", "-")
        key = f"{step.drug}.{dose}mg" + (f".{times}" if times > 1 else "")
        yield Entry(key=key, step=step, intake=None)
        for intake in step.intakes:
            yield Entry(key=f"{key}.{intake.time}", step=step, intake=intake)
