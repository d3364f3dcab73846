"""What a case needs, on which days: nobody is forgotten, and nobody is on the list without a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import raw_case
from tests.strategies.record import NOON, by, done, opened, reviewed_plan, signed_plan, started_plan, supplied

from opentaper import Knowledge
from opentaper.care import Due, Why, ask, at_home, change_case, decline, due, hold, lose, observe, reply, start
from opentaper.care import stop as end
from opentaper.care.due import A_DAY
from opentaper.patient import Case, case_from
from opentaper.plan import Item
from opentaper.record import History


def on(history: History, known: Knowledge, day: dt.date) -> dict[Why, dt.date]:
    """What somebody sees of a case on a day, each with the day that it is about."""
    return {
        each.why: each.on
        for each in due(history, known)
        if each.from_ <= day and (each.until is None or day < each.until)
    }


def test_a_case_without_a_plan_stays_on_the_list_until_it_has_one(known: Knowledge) -> None:
    case = opened(known)
    assert on(case, known, TODAY) == {Why.NO_PLAN: TODAY}
    assert Why.NO_PLAN in on(case, known, TODAY + 400 * A_DAY)
    now, mark = reviewed_plan(case, known)
    assert on(now, known, TODAY) == {Why.TO_SIGN: TODAY}
    assert on(done(decline(now, mark, "not now", by=by())), known, TODAY) == {Why.NO_PLAN: TODAY}


def test_a_signed_plan_waits_to_be_started_and_one_in_force_for_its_steps(known: Knowledge) -> None:
    now, mark = signed_plan(opened(known), known)
    first = now.versions[mark].version.regimen.steps[0].from_
    assert on(now, known, TODAY) == {Why.TO_START: first}
    now = done(start(now, mark, known, on=TODAY, by=by()))
    changes = [step.from_ for step in now.versions[mark].version.regimen.steps[1:]]
    for day in changes[:3]:
        assert Why.STEP not in on(now, known, day - 8 * A_DAY)
        assert on(now, known, day - 7 * A_DAY)[Why.STEP] == on(now, known, day)[Why.STEP] == day
        assert on(now, known, day + A_DAY).get(Why.STEP) != day


def test_the_first_day_of_a_plan_that_begins_on_the_present_dose_is_no_step(known: Knowledge) -> None:
    now, mark = signed_plan(opened(known, case_from(raw_case(baseline_days=14), known, "case.toml")), known)
    now = done(start(now, mark, known, on=TODAY, by=by()))
    steps = now.versions[mark].version.regimen.steps
    assert next(each.on for each in due(now, known) if each.why is Why.STEP) == steps[1].from_ == TODAY + 14 * A_DAY
    at_once, mark = started_plan(known)
    assert next(each.on for each in due(at_once, known) if each.why is Why.STEP) == TODAY


def test_what_review_does_not_let_anybody_sign_is_a_finding(known: Knowledge) -> None:
    case = _answering(known, seizure_history="unknown")
    now, _ = reviewed_plan(opened(known, case), known)
    assert on(now, known, TODAY) == {Why.FINDING: TODAY}


def test_silence_is_not_wellness(known: Knowledge) -> None:
    now, _ = started_plan(known)
    assert Why.SILENCE not in on(now, known, TODAY + 27 * A_DAY)
    assert on(now, known, TODAY + 28 * A_DAY)[Why.SILENCE] == TODAY + 28 * A_DAY
    later = by(at=NOON + 20 * A_DAY)
    heard = done(observe(now, on=TODAY + 20 * A_DAY, what="note", says="sleeps well", by=later))
    assert Why.SILENCE not in on(heard, known, TODAY + 47 * A_DAY)
    assert Why.SILENCE in on(heard, known, TODAY + 48 * A_DAY)


def test_risks_and_benefits_are_due_every_three_months_after_a_signature_or_a_review(known: Knowledge) -> None:
    now, _ = started_plan(known)
    assert on(now, known, TODAY + 77 * A_DAY)[Why.REVIEW] == TODAY + 91 * A_DAY
    assert Why.REVIEW not in on(now, known, TODAY + 76 * A_DAY)
    later = by(at=NOON + 80 * A_DAY)
    weighed = done(observe(now, on=TODAY + 80 * A_DAY, what="risk-benefit-review", says="goes on", by=later))
    assert on(weighed, known, TODAY + 170 * A_DAY)[Why.REVIEW] == TODAY + 171 * A_DAY
    talked = done(observe(now, on=TODAY + 80 * A_DAY, what="contact", says="by telephone", by=later))
    assert on(talked, known, TODAY + 100 * A_DAY)[Why.REVIEW] == TODAY + 91 * A_DAY, "a talk is no review"


def test_a_supply_that_ends_is_seen_a_week_before_and_until_more_is_handed_over(known: Knowledge) -> None:
    now, _ = started_plan(known)
    handed = supplied(now, known)
    assert Why.SUPPLY not in on(handed, known, TODAY + 20 * A_DAY)
    assert on(handed, known, TODAY + 21 * A_DAY)[Why.SUPPLY] == TODAY + 28 * A_DAY
    assert Why.SUPPLY in on(handed, known, TODAY + 60 * A_DAY), "nobody who has nothing left is forgotten"
    later = supplied(handed, known, TODAY + 28 * A_DAY)
    assert Why.SUPPLY not in on(later, known, TODAY + 28 * A_DAY)


def test_a_plan_of_which_nothing_was_handed_over_is_seen_from_its_first_day(known: Knowledge) -> None:
    now, _ = started_plan(known)
    assert on(now, known, TODAY)[Why.SUPPLY] == TODAY
    assert Why.SUPPLY not in on(supplied(now, known), known, TODAY)


def test_what_was_said_to_be_lost_is_missing_at_once(known: Knowledge) -> None:
    now, _ = started_plan(known)
    day, now = TODAY + 5 * A_DAY, supplied(now, known)
    items = tuple(Item(product=each, amount=amount) for each, amount in at_home(now, day, as_said=True).items())
    lost = done(lose(now, items, "stolen", on=day, by=by(at=NOON + 5 * A_DAY)))
    assert on(lost, known, day)[Why.SUPPLY] == day and Why.QUERY in on(lost, known, day)


def test_a_query_stays_until_it_is_answered(known: Knowledge) -> None:
    now, mark = started_plan(known)
    step = now.versions[mark].version.regimen.steps[1].from_
    asked = done(ask(now, mark, step, "The 0.125 mg tablets are out of stock. May I give halves?", by=by()))
    assert on(asked, known, TODAY)[Why.QUERY] == TODAY
    answered = done(reply(asked, asked.number, "Yes.", by=by()))
    assert Why.QUERY not in on(answered, known, TODAY)


def test_what_is_known_otherwise_than_the_plan_knew_is_seen(known: Knowledge) -> None:
    now, _ = started_plan(known)
    changed = done(change_case(now, _answering(known, pregnancy="yes"), "pregnant since October", by=by()))
    assert on(changed, known, TODAY)[Why.CHANGED] == TODAY


def _answering(known: Knowledge, **answers: str) -> Case:
    raw = raw_case()
    raw["screening"] |= answers
    return case_from(raw, known, "case.toml")


def test_the_end_of_a_hold_is_seen_before_the_dose_goes_down_again(known: Knowledge) -> None:
    now, _ = started_plan(known)
    held = done(hold(now, known, days=30, because="a hard month", on=TODAY + 20 * A_DAY, by=by(at=NOON + 20 * A_DAY)))
    assert held.held is not None
    over = held.held[1]
    assert Why.HOLD not in on(held, known, over - 8 * A_DAY)
    assert on(held, known, over - 7 * A_DAY)[Why.HOLD] == on(held, known, over)[Why.HOLD] == over


def test_whose_plan_was_ended_is_without_one_from_that_day(known: Knowledge) -> None:
    now, _ = started_plan(known)
    ended = done(end(now, "moves away", on=TODAY + 40 * A_DAY, by=by(at=NOON + 40 * A_DAY)))
    assert on(ended, known, TODAY + 40 * A_DAY)[Why.NO_PLAN] == TODAY + 40 * A_DAY


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_a_rank_of_its_own_and_the_gravest_comes_first(why: Why) -> None:
    assert [each.rank for each in Why] == list(range(len(Why)))
    assert Why.SUPPLY.rank < why.rank or why is Why.SUPPLY


def test_a_day_outside_of_its_days_is_not_shown() -> None:
    one = Due(why=Why.STEP, on=TODAY, from_=TODAY - 7 * A_DAY, until=TODAY + A_DAY)
    assert one.until is not None and one.from_ < one.on < one.until
