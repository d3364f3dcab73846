"""A row of a plan changed by a person: what stands before stays, the rest is the optimum from there, review has its say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import by, opened

from opentaper import Case, Knowledge, propose, review
from opentaper.care import Recorded, Refusal, edit, plan_of, replay
from opentaper.patient import Intake
from opentaper.plan import Edit, Infeasible, Plan, edited
from opentaper.plan.search import Since, Staircase, closest, fastest
from opentaper.quantity import Dose
from opentaper.record import Edited, History, Judged, Proposed, decode, encode


@pytest.fixture
def case(known: Knowledge) -> Case:
    return a_case(known)


def plan(case: Case, known: Knowledge, name: str = "usual") -> Plan:
    return next(each for each in propose(case, known).plans if each.name == name)


def doses_of(before: Plan, row: int) -> tuple[Intake, ...]:
    return tuple(replace(each, portions=None) for each in before.rows[row].step.intakes)


def to(**doses: str) -> tuple[Intake, ...]:
    return tuple(Intake(time=time, dose=Dose.read(dose)) for time, dose in doses.items())


def made(found: Plan | Infeasible) -> Plan:
    assert isinstance(found, Plan), found
    return found


@pytest.mark.parametrize("name", ["fastest", "usual", "gentle"])
def test_the_rows_before_stay_and_the_row_has_the_dose_that_was_chosen(known: Knowledge, case: Case, name: str) -> None:
    before = plan(case, known, name)
    chosen = doses_of(before, 3)
    after = made(edited(before, [Edit(row=2, taken=chosen)], case, known))
    assert after.rows[:2] == before.rows[:2]
    assert after.rows[2].step.from_ == before.rows[2].step.from_
    assert after.rows[2].step.daily == before.rows[3].step.daily
    assert "Chosen by a person" in after.rows[2].says
    assert after.name == f"{name}-edited" and after.title.endswith(", edited")
    doses = [row.step.daily for row in after.rows[2:]]
    assert doses == sorted(doses, reverse=True) and doses[-1] == case.goal.daily
    assert all(intake.portions for row in after.rows for intake in row.step.intakes)


def test_a_row_made_longer_moves_the_rest_by_as_many_days(known: Knowledge, case: Case) -> None:
    before = plan(case, known)
    days = before.rows[1].step.days
    assert days is not None
    after = made(edited(before, [Edit(row=1, days=days + 28)], case, known))
    assert after.rows[1].step.days == days + 28
    assert after.rows[1].step.intakes == before.rows[1].step.intakes
    assert after.ends_on >= before.ends_on


def test_a_row_that_stays_as_it_is_changes_nothing_of_the_fastest_plan(known: Knowledge, case: Case) -> None:
    before = plan(case, known, "fastest")
    for place in range(len(before.rows) - 1):
        again = made(edited(before, [Edit(row=place, taken=doses_of(before, place))], case, known))
        assert again.days == before.days, place


def test_the_rest_is_never_nearer_to_the_chosen_row_than_the_limits_allow(known: Knowledge, case: Case) -> None:
    interval = int(known.limit("step-interval").value)
    for name in ("fastest", "usual", "gentle"):
        before = plan(case, known, name)
        for place in range(len(before.rows) - 1):
            after = made(edited(before, [Edit(row=place, taken=doses_of(before, place + 1))], case, known))
            step = after.rows[place].step
            assert step.days is None or step.days >= interval, (name, place)
            found = review(after.regimen, case, known, on=TODAY).findings
            late = [each for each in found if each.verdict.blocks and each.where[:10] > step.from_.isoformat()]
            assert not late, (name, place, late)


def test_a_row_that_is_too_short_is_refused_with_the_days_that_it_needs(known: Knowledge, case: Case) -> None:
    refused = edited(plan(case, known), [Edit(row=1, days=7)], case, known)
    assert isinstance(refused, Infeasible)
    assert "too few" in refused.says and "14 days" in refused.says


def test_a_dose_that_cannot_be_made_is_refused_with_the_nearest_ones(known: Knowledge, case: Case) -> None:
    refused = edited(plan(case, known), [Edit(row=1, taken=to(night="0.3 mg"))], case, known)
    assert isinstance(refused, Infeasible)
    assert "0.25 mg and 0.375 mg" in refused.says


def test_a_rise_or_too_large_a_cut_is_made_as_asked_and_blocked_by_review(known: Knowledge, case: Case) -> None:
    before = plan(case, known)
    for doses in ({"night": "0.5 mg"}, {"morning": "1 mg", "night": "1 mg"}):
        after = made(edited(before, [Edit(row=2, taken=to(**doses))], case, known))
        assert review(after.regimen, case, known, on=TODAY).verdict.blocks, doses


def test_two_rows_are_edited_one_after_the_other(known: Knowledge, case: Case) -> None:
    before = plan(case, known)
    once = made(edited(before, [Edit(row=1, days=28)], case, known))
    twice = made(edited(before, [Edit(row=1, days=28), Edit(row=3, days=42)], case, known))
    assert twice == made(edited(once, [Edit(row=3, days=42)], case, known))
    assert (twice.rows[1].step.days, twice.rows[3].step.days) == (28, 42)
    assert twice.name == "usual-edited"


def test_going_to_the_goal_at_once_leaves_no_rest(known: Knowledge, case: Case) -> None:
    before = plan(case, known)
    after = made(edited(before, [Edit(row=2, taken=())], case, known))
    assert len(after.rows) == 3 and not after.rows[-1].step.intakes and after.rows[-1].step.until is None
    assert review(after.regimen, case, known, on=TODAY).verdict.blocks


def test_what_is_edited_is_kept_reviewed_and_computed_again(known: Knowledge, case: Case) -> None:
    now = opened(known, case)
    edits = [Edit(row=2, days=42), Edit(row=3, taken=doses_of(plan(case, known), 3))]
    kept = edit(now, known, option="usual", edits=edits, because="she goes away", on=TODAY, by=by())
    assert isinstance(kept, Recorded), kept
    kinds = [type(each.what) for each in kept.events]
    assert kinds == [Proposed, Edited, Judged]
    before = History()
    for event in (*now.events, *kept.events):
        assert decode(encode(event), known) == event
        if isinstance(event.what, Proposed | Edited | Judged):
            told = replay(event, before, known)
            assert told is not None and told.same, told
        before = before.then(event)
    [mark] = before.versions
    assert before.versions[mark].version.name == "usual-edited"
    assert plan_of(before, mark, known).title == "Usual, edited"


def test_an_edit_needs_a_reason_in_words(known: Knowledge, case: Case) -> None:
    refused = edit(
        opened(known, case), known, option="usual", edits=[Edit(row=2, days=42)], because=" ", on=TODAY, by=by()
    )
    assert isinstance(refused, Refusal) and "in words" in refused.says


@pytest.mark.parametrize("bad", [{"row": -1, "days": 3}, {"row": 1}, {"row": 1, "days": 0}, {"row": 1, "days": 9999}])
def test_an_edit_of_nothing_or_of_an_absurd_length_cannot_be_made(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"row|edit"):
        Edit(**bad)


def test_time_on_the_present_dose_counts_towards_the_hold_before_the_first_cut(known: Knowledge, case: Case) -> None:
    from opentaper.plan.objective import rules_for
    from opentaper.plan.propose import Frame
    from opentaper.plan.search import AskedPace

    frame = Frame.of(case, known)
    assert not isinstance(frame, Infeasible)
    effort = [1] * len(frame.levels)
    rules = rules_for(case, known, frame.day)
    pace = AskedPace(share=Fraction(1, 10), of="current", every=14)
    for search in (
        lambda since: fastest(rules, frame.start, frame.levels, effort, since),
        lambda since: closest(rules, pace, frame.start, frame.levels, effort, since),
    ):
        whole, fresh = search(None), search(Since(0))
        assert isinstance(whole, Staircase) and isinstance(fresh, Staircase)
        assert fresh.held_before >= 14
        for days in (0, 1, 7, 13, 14, 100):
            found = search(Since(days))
            assert isinstance(found, Staircase)
            assert whole.days <= found.days <= fresh.days, days
            assert found.held_before + days >= fresh.held_before, days


@pytest.mark.parametrize("name", ["fastest", "usual", "gentle"])
def test_a_longer_row_never_brings_a_larger_cut_or_an_earlier_end(known: Knowledge, case: Case, name: str) -> None:
    before = plan(case, known, name)
    largest = [max(row.achieved.of for row in before.rows[place + 1 :]) for place in range(len(before.rows) - 1)]
    for place, most in enumerate(largest):
        days = before.rows[place].step.days
        assert days is not None
        for longer in (14, 98):
            after = made(edited(before, [Edit(row=place, days=days + longer)], case, known))
            assert max(row.achieved.of for row in after.rows[place + 1 :]) <= most, (place, longer)
            assert after.ends_on >= before.ends_on, (place, longer)


def test_days_are_counted_on_the_calendar_of_the_plan(known: Knowledge, case: Case) -> None:
    before = plan(case, known)
    after = made(edited(before, [Edit(row=0, days=21)], case, known))
    assert after.rows[1].step.from_ == after.rows[0].step.from_ + dt.timedelta(21)
