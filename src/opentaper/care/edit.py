"""A row of an option changed by a person, the rest planned anew, and the whole reviewed as any other plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from opentaper.care.by import By, Recorded, Refusal, record
from opentaper.care.decide import check, version_of
from opentaper.care.follow import Offered, offer
from opentaper.knowledge import Knowledge, digest
from opentaper.plan import Edit, Infeasible, edited
from opentaper.record import Edited, History


def edit(
    history: History,
    known: Knowledge,
    *,
    option: str,
    edits: Sequence[Edit],
    because: str,
    on: dt.date,
    by: By,
    protocol: str | None = None,
) -> Recorded | Refusal:
    """Record what a person changed in an option and why, and have what comes of it reviewed for a signature.

    Args:
        history: where the case stands.
        known: the base.
        option: the name of the option.
        edits: the rows that are changed, in order.
        because: why, in words.
        on: the day of the review.
        by: who changes it.
        protocol: the published protocol whose options these are, if any.
    """
    if not because.strip():
        return Refusal(says="Say in words why the plan is edited; it is kept with the plan.")
    offered = offer(history, known, by=by, protocol=protocol)
    if not isinstance(offered, Offered):
        return offered
    plan = next((each for each in offered.options.plans if each.name == option), None)
    if plan is None:
        return Refusal(says="There is no such option any more; look at the options again.")
    assert history.case is not None
    made = edited(plan, edits, history.case, known)
    if isinstance(made, Infeasible):
        return Refusal(says=made.says)
    what = Edited(
        option=option, protocol=protocol, edits=tuple(edits), regimen=digest(made.regimen.plain()), because=because
    )
    kept = record(offered.recorded.history, by, "propose", what)
    if isinstance(kept, Refusal):
        return kept
    checked = check(kept.history, version_of(made, kept.history, known, on=on), known, on=on, by=by)
    if isinstance(checked, Refusal):
        return checked
    return Recorded(events=(*offered.recorded.events, *kept.events, *checked.events), history=checked.history)
