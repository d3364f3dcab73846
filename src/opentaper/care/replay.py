"""A decision computed again, years later, from what the record kept: the same answer, or exactly what differs."""

from __future__ import annotations

from dataclasses import dataclass

from opentaper.care.follow import proposed
from opentaper.knowledge import Knowledge, digest
from opentaper.plan import Plan, edited, propose
from opentaper.record import Edited, Event, History, Judged, Proposed
from opentaper.review import review


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Whether an event says the same when it is computed again, and if not, what differs."""

    number: int
    same: bool
    says: str


def replay(event: Event, before: History, known: Knowledge) -> Replay | None:
    """Compute again what an event says that was computed; None for what a person did.

    Args:
        event: the event.
        before: where the case stood before it.
        known: the base of that time, by its digest.
    """
    match event.what:
        case Judged(version=version, on=on, findings=findings):
            if version.knowledge != known.digest:
                return _other_base(event, version.knowledge)
            now = review(version.regimen, version.case, known, on=on).findings
            different = [each.rule for each in {*findings} ^ {*now}]
            says = f"other findings of: {', '.join(sorted({*different}))}" if different else "the same findings"
            return Replay(number=event.number, same=now == findings, says=says)
        case Proposed(knowledge=knowledge, protocol=protocol):
            if knowledge != known.digest:
                return _other_base(event, knowledge)
            assert before.case is not None
            again = proposed(before.case, propose(before.case, known, protocol=protocol), known, protocol)
            same = again == event.what
            return Replay(number=event.number, same=same, says="the same options" if same else "other options")
        case Edited(option=option, protocol=protocol, edits=edits, regimen=regimen):
            assert before.case is not None
            if before.proposed is None or before.proposed.knowledge != known.digest:
                return _other_base(event, before.proposed.knowledge if before.proposed else event.knowledge)
            options = propose(before.case, known, protocol=protocol)
            plan = next((each for each in options.plans if each.name == option), None)
            made = edited(plan, edits, before.case, known) if plan else None
            same = isinstance(made, Plan) and digest(made.regimen.plain()) == regimen
            return Replay(number=event.number, same=same, says="the same plan" if same else "another plan")
        case _:
            return None


def _other_base(event: Event, knowledge: str) -> Replay:
    says = f"it was computed with the base {knowledge[:12]}, which is needed to compute it again"
    return Replay(number=event.number, same=False, says=says)
