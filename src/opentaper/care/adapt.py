"""A plan in force, changed in the safe direction at once, and in any other only after a signature.

A hold is always possible: whatever review says of the plan that would follow, the dose stays as it is. All that is done
to a plan in force is done with the base that it was made with (`known`), so that no product changes under it. Slowing and
stepping back are in force at once where review does not block them. Resuming and other products are versions that a
person signs first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from opentaper.care.by import By, Recorded, Refusal, not_confirmed, not_entitled, record
from opentaper.care.by_plan import by_plan
from opentaper.care.decide import not_of_now
from opentaper.care.home import without_supply
from opentaper.knowledge import Knowledge, Product
from opentaper.patient import Case, Intake, Regimen
from opentaper.plan import Asked, Infeasible, Revised, revise
from opentaper.record import Held, History, Judged, Resumed, Slowed, SteppedBack, Version
from opentaper.review import review

Taken = Mapping[str, tuple[Intake, ...]]
"""What is actually taken of each drug."""


def hold(
    history: History, known: Knowledge, *, days: int, because: str, on: dt.date, by: By, taken: Taken | None = None
) -> Recorded | Refusal:
    """Keep every dose as it is for some days, from a day on.

    Args:
        history: where the case stands.
        known: the base.
        days: how many.
        because: why, in words.
        on: the first of the days.
        by: who says so.
        taken: what is actually taken, where it is not what was planned.
    """
    found = postponed(history, known, days=days, on=on) or revised(history, known, Asked(hold=days), on=on, taken=taken)
    if isinstance(found, Refusal):
        return found
    return record(history, by, "hold", found, Held(version=found.version.digest, because=because))


def slow(
    history: History, known: Knowledge, *, times: Fraction, because: str, on: dt.date, by: By
) -> Recorded | Refusal:
    """Make everything that is left take so many times as long."""
    if times <= 1:
        return Refusal(says="Going faster is a person's decision and a new plan.")
    found = revised(history, known, Asked(slower=times), on=on)
    if isinstance(found, Refusal):
        return found
    return record(history, by, "slow", found, Slowed(version=found.version.digest, times=times, because=because))


def step_back(
    history: History, known: Knowledge, *, steps: int, because: str, on: dt.date, by: By
) -> Recorded | Refusal:
    """Go back to a dose of the plan that was borne, as many steps as nobody has to sign for.

    Source: opentaper, docs/decisions/0013.
    """
    most = known.convention("steps-back-unsigned")
    if steps > most.number:
        return Refusal(says=f"{most.says} Further back is a new plan.")
    found = revised(history, known, Asked(back=steps), on=on)
    if isinstance(found, Refusal):
        return found
    return record(
        history, by, "step-back", found, SteppedBack(version=found.version.digest, steps=steps, because=because)
    )


def ask_to_resume(history: History, known: Knowledge, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Have the version reviewed that would follow if a hold ended now; it counts once it is signed and `resume`d."""
    found = revised(history, known, Asked(resume=True), on=on)
    return found if isinstance(found, Refusal) else record(history, by, "propose", found)


def resume(history: History, mark: str, known: Knowledge, *, on: dt.date, by: By) -> Recorded | Refusal:
    """End a hold by a version that was signed for it, on the day for which it was made.

    Args:
        history: where the case stands.
        mark: the digest of the version.
        known: the base as it is now.
        on: the day.
        by: who says so, having proved who they are.
    """
    refusal = not_entitled(by, "resume") or not_confirmed(by) or not_of_now(history, mark, known, on=on)
    return refusal or record(history, by, "resume", Resumed(version=mark))


def remake(
    history: History, known: Knowledge, products: tuple[Product, ...], *, on: dt.date, by: By
) -> Recorded | Refusal:
    """Have the same plan reviewed from other products; it counts once it is signed and started."""
    days = without_supply(history, on) if history.dispensed else ()  # where nobody records it, nothing is known
    if len(days) > known.convention("gap-handed-over-days").number:
        return Refusal(
            says=f"{len(days)} days were without supply; have the plan made anew after them first, one thing at a time."
        )
    found = revised(history, known, Asked(products=products), on=on)
    return found if isinstance(found, Refusal) else record(history, by, "change-products", found)


def after_gap(history: History, known: Knowledge, taken: Taken, *, on: dt.date, by: By) -> Recorded | Refusal:
    """Have the plan reviewed as it goes on after days without supply; it counts once it is signed and started.

    Args:
        history: where the case stands.
        known: the base that the plan was made with.
        taken: the doses on which the person is to go on, which a prescriber says.
        on: the day.
        by: who asks for it.

    Source: opentaper, docs/decisions/0009.
    """
    days = without_supply(history, on)
    if not days:
        return Refusal(says="By what was handed over no day just before was without supply.")
    found = revised(history, known, Asked(), on=on, taken=taken, gap=len(days))
    return found if isinstance(found, Refusal) else record(history, by, "propose", found)


def postponed(history: History, known: Knowledge, *, days: int, on: dt.date) -> Judged | Refusal | None:
    """Return the plan in force with its first day moved, reviewed, where nothing of it has been taken yet; else None.

    Until then the dose stays what it was before the plan.
    """
    if history.in_force is None:
        return None
    now = history.in_force.version
    first, until = now.regimen.steps[0].from_, on + dt.timedelta(days)
    if on > first or now.before is not None or (on == first and begins_as_before(now)):
        return None
    going_on = bool(by_plan(history).on(on))  # the plan before it is held, and this one is put off as long
    if until <= first and not going_on:
        return Refusal(says=f"The plan begins on {first}, when such a hold would be over; nothing would be held.")
    if now.case.goal.holds:
        return Refusal(says="The case asks for holds on fixed days, so its first day cannot be moved; make it anew.")
    later, case = until - on if going_on else until - first, as_known(history, now)
    starts_on, finish_by = case.goal.starts_on + later, case.goal.finish_by
    if finish_by and finish_by <= starts_on:
        finish_by = None
    steps = tuple(
        replace(step, from_=step.from_ + later, until=None if step.until is None else step.until + later)
        for step in now.regimen.steps
    )
    version = replace(
        now,
        case=replace(case, goal=replace(case.goal, starts_on=starts_on, finish_by=finish_by)),
        knowledge=known.digest,
        regimen=Regimen(steps=steps),
        made_on=on,
        number=now.number + 1,
        root=now.identity,
        held=(on, until),
        visits=tuple(replace(each, from_=each.from_ + later, last=each.last + later) for each in now.visits),
    )
    return Judged(version=version, on=on, findings=review(version.regimen, version.case, known, on=on).findings)


def begins_as_before(version: Version) -> bool:
    """Whether the first day of a plan changes no dose yet: what is taken of it is in its pieces, and is held like any other."""
    before = {each.drug: each.daily for each in version.case.taking}
    return all(before.get(step.drug) == step.daily for step in version.printed.on(version.regimen.steps[0].from_))


def as_known(history: History, version: Version) -> Case:
    """Return the case of a version with what is known of the person by now; the goal and the tapered drugs are the plan's."""
    now, case = history.case, version.case
    if now is None:
        return case
    tapered = {*version.regimen.drugs, case.goal.of, *(then.of for then in case.goal.then)}
    others = tuple(each for each in now.taking if each.drug not in tapered)
    return replace(case, patient=now.patient, taking=(*(each for each in case.taking if each.drug in tapered), *others))


def revised(
    history: History,
    known: Knowledge,
    asked: Asked,
    *,
    on: dt.date,
    taken: Taken | None = None,
    gap: int | None = None,
) -> Judged | Refusal:
    """Return the next version of the plan in force, reviewed; or why there is none."""
    found = next_plan(history, known, asked, on=on, taken=taken, gap=gap)
    if isinstance(found, Refusal):
        return found
    assert history.in_force is not None
    now = history.in_force.version
    version = Version(
        name=now.name, case=found.case, knowledge=known.digest, regimen=found.plan.regimen, made_on=on,
        before=now.printed, number=now.number + 1, root=now.identity, held=found.held, stock=found.plan.stock,
        visits=found.plan.visits, gone=now.cancelled,
    )  # fmt: skip
    return Judged(version=version, on=on, findings=review(version.regimen, version.case, known, on=on).findings)


def next_plan(
    history: History,
    known: Knowledge,
    asked: Asked,
    *,
    on: dt.date,
    taken: Taken | None = None,
    gap: int | None = None,
) -> Revised | Refusal:
    """Return the plan in force as it is changed, with the reason of each row; or why it cannot be."""
    if history.in_force is None:
        return Refusal(says="No plan is in force, so there is nothing to change.")
    now = history.in_force.version
    found = revise(now.standing(on, taken, gap), asked, now.name, as_known(history, now), known)
    return Refusal(says=found.says) if isinstance(found, Infeasible) else found
