"""Doses that may hold a slip of ten: a nought too many or too few, which nobody sees in a number that stands alone."""

from __future__ import annotations

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge
from opentaper.patient.case import Case, Taking, diazepam_equivalent
from opentaper.quantity import Dose

RULE = "ten-fold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A daily dose that somebody must give a reason for before it is recorded, and why."""

    drug: str
    daily: Dose
    says: str

    @property
    def where(self) -> str:
        """The dose that it speaks of, so that a reason for another dose does not count for this one."""
        return f"{self.daily} of {self.drug} a day"


def jumps(case: Case, before: Case | None, known: Knowledge) -> tuple[Jump, ...]:
    """Find the daily doses that a slip of ten would explain.

    The dose of the day, and that of each time of it, are compared with what was recorded before. A dose that is new, or higher
    than before, is compared with the one from which a specialist is asked, by the published table that makes it least: the
    base has no usual highest dose of each drug.

    Args:
        case: as it is about to be recorded.
        before: as it was recorded before; None for a new case.
        known: the base.

    Source: opentaper, docs/decisions/0020.
    """
    old = {each.drug: each for each in before.taking if each.drug} if before else {}
    found = []
    for taking in case.taking:
        if taking.drug is None or not taking.intakes or not known.tapered_drug(taking.drug):
            continue
        earlier = old.get(taking.drug)
        says = _since(taking, earlier, known) if earlier and earlier.intakes else None
        if says is None and (earlier is None or taking.daily > earlier.daily):
            says = _alone(taking, known)
        if says:
            found.append(Jump(drug=taking.drug, daily=taking.daily, says=says))
    return tuple(found)


def _since(taking: Taking, before: Taking, known: Knowledge) -> str | None:
    times = known.convention("jump").number
    largest = max(intake.dose for intake in before.intakes)
    at = {intake.time: intake.dose for intake in before.intakes}
    pairs = [("a day", before.daily, taking.daily)]
    pairs += [(f"in the {each.time}", at.get(each.time, largest), each.dose) for each in taking.intakes]
    for when, old, now in pairs:
        if old * times <= now:
            return f"{now} of {taking.drug} {when} is at least {times} times the {old} that was recorded before."
        if now * times <= old:
            return (
                f"{now} of {taking.drug} {when} is at most one part in {times} of the {old} that was recorded before."
            )
    return None


def _alone(taking: Taking, known: Knowledge) -> str | None:
    limit, now = known.limit("daily-diazepam-equivalent"), taking.daily
    assert taking.drug is not None
    band = diazepam_equivalent(taking.drug, now, known)
    if band is None:
        return (
            f"{now} of {taking.drug} a day: no published table knows this drug, so nothing here can tell a slip of ten."
        )
    if band[0].mg <= limit.value:
        return None
    return (
        f"{now} of {taking.drug} a day is at least {band[0].about} of diazepam by every published table, more than the "
        f"{limit.value} mg of {limit.id} ({limit.source})."
    )
