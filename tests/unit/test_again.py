"""The plan behind a version, and the versions that hold, slow and step back: each can be handed out as what it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import raw_case
from tests.strategies.record import NOON, answers_to, by, done, opened, reviewed_plan, signed_plan, started_plan

from opentaper import Knowledge
from opentaper.care import (
    Refusal,
    Why,
    ask_to_resume,
    change_case,
    check,
    decide,
    due,
    hold,
    offer,
    plan_of,
    remake,
    slow,
    step_back,
    version_of,
)
from opentaper.care.again import BARE
from opentaper.care.follow import Offered
from opentaper.exchange import Edition, Signature
from opentaper.patient import Regimen, case_from
from opentaper.plan import propose
from opentaper.record import History, OutOfOrderError, Progress, decode, encode, history
from opentaper.review import review

A_DAY = dt.timedelta(1)


@pytest.fixture(scope="module")
def adapted(known: Knowledge) -> dict[str, History]:
    """A plan in force, and what it became in each way."""
    now, _ = started_plan(known)
    later, on = by(at=NOON + 40 * A_DAY), TODAY + 40 * A_DAY
    held = done(hold(now, known, days=14, because="a hard month", on=on, by=later))
    products = tuple(known.products[f"us-clonazepam-{each}mg"] for each in ("odt-0.125", "tablet-1"))
    return {
        "proposed": now,
        "held": held,
        "slowed": done(slow(now, known, times=Fraction(2), because="sleep", on=on, by=later)),
        "stepped back": done(step_back(now, known, steps=1, because="panic", on=on, by=later)),
        "resumed": done(ask_to_resume(held, known, on=on + 5 * A_DAY, by=by(at=NOON + 45 * A_DAY))),
        "other products": done(remake(now, known, products, on=on, by=later)),
    }


@pytest.mark.parametrize("what", ["proposed", "held", "slowed", "stepped back", "resumed", "other products"])
def test_every_version_is_found_again_with_its_reasons_and_can_be_handed_out(
    adapted: dict[str, History], known: Knowledge, what: str
) -> None:
    now = adapted[what]
    mark, followed = list(now.versions.items())[-1]
    plan = plan_of(now, mark, known)
    assert plan.regimen == followed.version.regimen and BARE not in plan.notes
    assert all(row.says for row in plan.rows)
    edition = edition_of(now, mark, known)
    assert edition.digest == mark and edition.draft


def edition_of(now: History, mark: str, known: Knowledge, signature: Signature | None = None) -> Edition:
    followed = now.versions[mark]
    version = followed.version
    judged = review(version.regimen, version.case, known, on=followed.judged.on)
    return Edition(
        plan=plan_of(now, mark, known), case=version.case, reviewed=judged, known=known, made_on=version.made_on,
        number=version.number, root=version.root, before=version.before, held=version.held, gone=version.gone,
        signature=signature,
    )  # fmt: skip


def test_a_version_that_nobody_could_compute_says_that_it_knows_no_reasons(known: Knowledge) -> None:
    now = opened(known)
    assert now.case is not None
    plan = next(each for each in propose(now.case, known).plans if each.name == "usual")
    *rest, last, zero = plan.regimen.steps
    assert last.until is not None
    longer = (*rest, replace(last, until=last.until + A_DAY), replace(zero, from_=last.until + A_DAY))
    version = replace(version_of(plan, now, known, on=TODAY), regimen=Regimen(steps=longer))
    now = done(check(now, version, known, on=TODAY, by=by()))
    found = plan_of(now, version.digest, known)
    assert found.regimen == version.regimen and found.notes == (BARE,)
    assert edition_of(now, version.digest, known).digest == version.digest


def test_a_protocol_is_found_again(known: Knowledge) -> None:
    case = case_from(raw_case(drug="diazepam", intakes={"night": "10 mg"}), known, "case.toml")
    protocol = next(
        key for key in known.protocols if propose(case, known, protocol=key).plans
    )  # fmt: skip
    offered = offer(opened(known, case), known, by=by(), protocol=protocol)
    assert isinstance(offered, Offered)
    plan, now = offered.options.plans[0], offered.recorded.history
    version = version_of(plan, now, known, on=TODAY)
    now = done(check(now, version, known, on=TODAY, by=by()))
    assert plan_of(now, version.digest, known) == plan


def test_a_calendar_still_cancels_what_two_versions_ago_put_into_it(known: Knowledge) -> None:
    """Somebody may take in the first calendar and the third: what the second took out must go all the same."""
    now, first = started_plan(known)
    later, on = by(at=NOON + 3 * A_DAY), TODAY + 3 * A_DAY
    products = tuple(known.products[f"us-clonazepam-tablet-{mg}mg"] for mg in ("0.5", "1"))
    coarser = done(remake(now, known, products, on=on, by=later))
    second = list(coarser.versions)[-1]
    taken_out = dict(coarser.versions[second].version.cancelled)
    assert taken_out, "other products make other doses"
    signed = done(
        decide(coarser, second, _judged(coarser, second, known), answers=answers_to(coarser, second), by=later)
    )  # fmt: skip
    from opentaper.care import start

    in_force = done(start(signed, second, known, on=on, by=later))
    third = done(hold(in_force, known, days=14, because="x", on=on + 20 * A_DAY, by=by(at=NOON + 60 * A_DAY)))
    assert third.in_force is not None
    assert {**taken_out, **dict(third.in_force.version.cancelled)} == dict(third.in_force.version.cancelled)
    assert first != second


def _judged(now: History, mark: str, known: Knowledge) -> object:
    version = now.versions[mark].version
    return review(version.regimen, version.case, known, on=now.versions[mark].judged.on)


def test_what_is_in_force_unsigned_waits_for_a_signature_and_stays_in_force_with_it(
    adapted: dict[str, History], known: Knowledge
) -> None:
    now = adapted["held"]
    assert now.force is not None and now.in_force is not None and now.in_force.signed is None
    assert Why.TO_SIGN in {each.why for each in due(now, known)}
    at = by(at=NOON + 41 * A_DAY)
    judged = _judged(now, now.force, known)
    signed = done(decide(now, now.force, judged, answers=answers_to(now, now.force), by=at))  # type: ignore[arg-type]
    assert signed.force == now.force and signed.in_force is not None
    assert signed.in_force.progress is Progress.IN_FORCE and signed.in_force.signed is not None
    assert Why.TO_SIGN not in {each.why for each in due(signed, known)}
    assert history(decode(encode(event), known) for event in signed.events) == signed
    twice = decide(signed, now.force, judged, answers=answers_to(now, now.force), by=at)  # type: ignore[arg-type]
    assert isinstance(twice, Refusal) and "signed already" in twice.says


def test_a_plan_in_force_for_what_is_known_otherwise_by_now_is_not_signed_late(
    adapted: dict[str, History], known: Knowledge
) -> None:
    now, raw = adapted["held"], raw_case()
    raw["screening"]["pregnancy"] = "yes"
    at = by(at=NOON + 41 * A_DAY)
    changed = done(change_case(now, case_from(raw, known, "case.toml"), "pregnant", by=at))
    assert changed.force is not None
    judged = _judged(changed, changed.force, known)
    refused = decide(changed, changed.force, judged, answers=answers_to(changed, changed.force), by=at)  # type: ignore[arg-type]
    assert isinstance(refused, Refusal) and "changed since" in refused.says


def test_what_was_started_was_signed_before_and_is_not_signed_again(known: Knowledge) -> None:
    now, mark = started_plan(known)
    again = decide(now, mark, _judged(now, mark, known), answers=answers_to(now, mark), by=by())  # type: ignore[arg-type]
    assert isinstance(again, Refusal)
    reviewed, other = reviewed_plan(opened(known), known)
    with pytest.raises(OutOfOrderError):
        history([*reviewed.events, *reviewed.events])
    assert signed_plan(opened(known), known)[1] == other == mark
