"""A case opened, changed, given options, observed, supplied and corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opentaper.care.by import By, Recorded, Refusal, record
from opentaper.care.home import A_DAY, lasts_until
from opentaper.care.supply import about_to_start
from opentaper.knowledge import Knowledge, Product, digest
from opentaper.patient import Case, jumps
from opentaper.patient.jump import RULE
from opentaper.plan import Options, propose
from opentaper.record import (
    Answer,
    Changed,
    Corrected,
    Dispensed,
    History,
    Observed,
    Offer,
    Opened,
    Proposed,
    Queried,
    Replied,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Options as they were computed, and the event that keeps them."""

    options: Options
    recorded: Recorded


def open_case(name: str, case: Case, *, by: By, answers: tuple[Answer, ...] = ()) -> Recorded | Refusal:
    """Open a case for a person; with a reason for each of its doses that is `unsure`."""
    return record(History(), by, "open-case", Opened(name=name, case=case, answers=answers))


def change_case(
    history: History, case: Case, because: str, *, by: By, answers: tuple[Answer, ...] = ()
) -> Recorded | Refusal:
    """Record that something is known otherwise; what was reviewed or signed and has not begun is void.

    There is a reason in it for each dose that is `unsure`.
    """
    return record(history, by, "change-case", Changed(case=case, because=because, answers=answers))


def unsure(case: Case, before: Case | None, known: Knowledge, answers: Sequence[Answer]) -> Refusal | None:
    """Return why a case that somebody typed cannot be recorded yet: a dose that a slip of ten would explain has no reason.

    Args:
        case: as it was typed.
        before: as it was recorded before; None for a new case.
        known: the base.
        answers: the reasons given.
    """
    given = {(each.rule, each.where) for each in answers}
    missing = [each for each in jumps(case, before, known) if (RULE, each.where) not in given]
    if not missing:
        return None
    return Refusal(says=f"{' '.join(each.says for each in missing)} Give the reason in words, or mend the dose.")


def offer(history: History, known: Knowledge, *, by: By, protocol: str | None = None) -> Offered | Refusal:
    """Compute the options of a case and record which there were.

    Args:
        history: where the case stands.
        known: the base.
        by: who asks.
        protocol: a published protocol instead of the standing options.
    """
    if history.case is None:
        return Refusal(says="Open the case first.")
    options = propose(history.case, known, protocol=protocol)
    recorded = record(history, by, "propose", proposed(history.case, options, known, protocol))
    return recorded if isinstance(recorded, Refusal) else Offered(options=options, recorded=recorded)


def proposed(case: Case, options: Options, known: Knowledge, protocol: str | None) -> Proposed:
    """Return what is kept of options: from what they were computed, and the digest of each."""
    return Proposed(
        case=digest(case.plain()),
        knowledge=known.digest,
        protocol=protocol,
        offers=tuple(
            Offer(name=plan.name, title=plan.title, regimen=digest(plan.regimen.plain())) for plan in options.plans
        ),
        without=tuple((each.name, each.says) for each in options.infeasible),
    )


def observe(history: History, *, on: dt.date, what: str, says: str, by: By) -> Recorded | Refusal:
    """Record what somebody saw, measured or was told."""
    if on > by.at.date() + dt.timedelta(1):
        return Refusal(says=f"{on} is still to come; nothing can have been observed on it.")
    return record(history, by, "observe", Observed(on=on, what=what, says=says))


def correct(
    history: History, number: int, instead: Observed | Dispensed | None, because: str, *, by: By
) -> Recorded | Refusal:
    """Correct an observation or a dispensing; the old one stays in the record.

    What was handed over may be corrected by whoever hands out, too. It is what is true, so its amount is never refused: what
    was too much is taken off the next supply. Its last day is refused where the amount does not reach it: the rest of these
    days could not be handed over any more, and a page would say that there is enough.
    """
    if isinstance(instead, Dispensed) and (says := _does_not_reach(history, number, instead)):
        return Refusal(says=says)
    act = "dispense" if number in history.dispensed and "correct" not in by.may else "correct"
    return record(history, by, act, Corrected(number=number, instead=instead, because=because))


def _does_not_reach(history: History, number: int, instead: Dispensed) -> str | None:
    """This function will say so where amounts do not reach the last day that is given for them; one day is the least."""
    if number not in history.dispensed or instead.replaces is not None:
        return None
    without = replace(history, dispensed={**history.dispensed, number: instead}, lost={}, allowed={})
    reach = lasts_until(without, instead.from_, about_to_start(history), as_said=True)
    least = max(reach or instead.until, instead.from_ + A_DAY)
    if instead.until <= least:
        return None
    return (
        f"These amounts reach to {least - A_DAY}. Say that as the last day, and the days after it can be handed over."
        if reach != instead.from_
        else f"These amounts are not enough for a single day. Say {instead.from_} as the last day, and hand over what is missing."
    )


def ask(
    history: History, mark: str, step: dt.date | None, says: str, *, by: By, products: tuple[Product, ...] = ()
) -> Recorded | Refusal:
    """Ask the prescriber about a version that is signed or in force: about one step of it, or the whole.

    Args:
        history: where the case stands.
        mark: the digest of the version.
        step: the first day of the step; None for the whole.
        says: what is asked.
        by: who asks.
        products: what is on the shelf, where it is asked whether the plan can be made from that.
    """
    return record(history, by, "ask", Queried(version=mark, step=step, says=says, products=products))


def reply(history: History, number: int, says: str, *, by: By) -> Recorded | Refusal:
    """Answer a query. It changes nothing in the plan: what is to change is held, slowed or signed as ever."""
    return record(history, by, "reply", Replied(number=number, says=says))
