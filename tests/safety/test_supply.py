"""What is handed over: never more than the plan needs, never twice, never across a gap unasked, and nobody runs out unseen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from functools import cache
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentaper import Knowledge, review
from opentaper.care import (
    NextSupply,
    Recorded,
    Refusal,
    after_gap,
    allow,
    at_home,
    correct,
    decide,
    dispense,
    fetched_early,
    found_again,
    hold,
    lasts_until,
    lose,
    next_supply,
    remake,
    slow,
    start,
    step_back,
    without_supply,
)
from opentaper.care import said as supply_said
from opentaper.care import stop as end
from opentaper.knowledge import Convention
from opentaper.plan import Item
from opentaper.record import History, decode, encode, history
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import NOON, answers_to, by, done, opened, signed_plan, supplied

A_DAY = dt.timedelta(1)
CASES: dict[str, dict[str, Any]] = {
    "half tablets, four weeks": {},
    "weekly, closed on Sundays": {"supply": {"instalment_days": 7, "closed": ["sunday"]}},
    "daily, closed at the weekend": {"supply": {"instalment_days": 1, "closed": ["saturday", "sunday"]}},
    "a liquid": {"drug": "diazepam", "intakes": {"night": "10 mg"}, "country": "UK"},
    "one tablet in halves": {"intakes": {"night": "1 mg"}, "products": ["us-clonazepam-tablet-0.5mg"]},
    "a dose that goes on": {"goal": "0.5 mg"},
}


@pytest.fixture(scope="module")
def begun(known: Knowledge) -> Any:
    """A plan in force for a kind of case, made once."""

    @cache
    def of(kind: str) -> History:
        now, mark = signed_plan(opened(known, a_case(known, **CASES[kind])), known)
        return done(start(now, mark, known, on=TODAY, by=by()))

    return of


def at(day: dt.date, **how: Any) -> Any:
    """Somebody at work on a day."""
    return by(at=NOON + (day - TODAY), **how)


def due_on(now: History, known: Knowledge, day: dt.date, **how: Any) -> NextSupply:
    due = next_supply(now, known, on=day, **how)
    assert isinstance(due, NextSupply), due
    return due


def counted(now: History, from_: dt.date, until: dt.date) -> dict[str, Fraction]:
    """The dull way: every piece of every day, one after the other."""
    assert now.in_force is not None
    printed, total, day = now.in_force.version.printed, dict[str, Fraction](), from_
    while day < until:
        for step in printed.on(day):
            for intake in step.intakes:
                for portion in intake.portions or ():
                    total[portion.product.key] = total.get(portion.product.key, Fraction(0)) + portion.amount
        day += A_DAY
    return total


def lived(now: History, days: int, *, as_said: bool) -> dict[dt.date, tuple[dict[str, Fraction], bool]]:
    """The dull way: what is at home at the beginning of every day, and whether it is enough for that day."""
    lost = {number: each for number, each in now.lost.items() if as_said or number in now.allowed}
    gone_early: dict[tuple[int, str], Fraction] = {}
    plan, found, home = supply_said(now), dict[dt.date, tuple[dict[str, Fraction], bool]](), dict[str, Fraction]()
    day = min([plan.from_[0], *(each.from_ for each in now.dispensed.values()), *(each.on for each in lost.values())])
    for _ in range(days):
        for number in range(1, now.number + 1):  # of one day, in the order in which it was written down
            if number in now.dispensed and now.dispensed[number].from_ == day:
                for item in now.dispensed[number].items:
                    key, amount = item.product.key, item.amount
                    for at, which in gone_early:  # lost after it was fetched, and before its days
                        if which == key and at > number:
                            less = min(amount, gone_early[at, key])
                            amount, gone_early[at, key] = amount - less, gone_early[at, key] - less
                    home[key] = home.get(key, Fraction(0)) + amount
            if number in lost and lost[number].on == day:
                for item in lost[number].items:
                    there = home.get(item.product.key, Fraction(0))
                    home[item.product.key] = max(there - item.amount, Fraction(0))
                    gone_early[number, item.product.key] = max(item.amount - there, Fraction(0))
        takes = {product.key: amount for product, amount in plan.on(day).items()}
        enough = all(home.get(key, 0) >= amount for key, amount in takes.items())
        found[day] = {key: amount for key, amount in home.items() if amount}, enough
        home = {key: max(amount - takes.get(key, 0), Fraction(0)) for key, amount in home.items()}
        day += A_DAY
    return found


def is_as_lived(now: History, on: dt.date) -> None:
    """Assert that what is said of a day is what living day by day up to it comes to."""
    for as_said in (True, False):
        every = lived(now, 900, as_said=as_said)
        home = {product.key: amount for product, amount in at_home(now, on, as_said=as_said).items()}
        assert home == every.get(on, ({}, True))[0]
        short = next((day for day, (_, enough) in every.items() if day >= on and not enough), None)
        assert lasts_until(now, on, as_said=as_said) == short
        if as_said:
            signed = [each.version.regimen.steps[0].from_ for each in now.versions.values() if each.signed]
            decided, gap, day = max((each for each in signed if each <= on), default=on), [], on - A_DAY
            while day >= decided and day in every and not every[day][1]:
                gap, day = [day, *gap], day - A_DAY
            assert without_supply(now, on) == tuple(gap)


def handed(now: History) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for each in now.dispensed.values():
        for item in each.items:
            total[item.product.key] = total.get(item.product.key, Fraction(0)) + item.amount
    return total


def rounded(amount: Fraction, key: str, known: Knowledge) -> Fraction:
    return amount if known.products[key].liquid else Fraction(ceil(amount))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_happens_nothing_beyond_the_plan_is_ever_handed_over(data: Any, known: Knowledge, begun: Any) -> None:
    now = begun(data.draw(st.sampled_from(sorted(CASES))))
    day = TODAY
    for _ in range(data.draw(st.integers(3, 9))):
        day += A_DAY * data.draw(st.sampled_from([0, 1, 1, 2, 5, 7, 14, 21]))
        match data.draw(st.sampled_from(["collect", "collect", "collect", "hold", "slow", "back", "lose"])):
            case "lose" if now.dispensed:
                items = next(reversed(now.dispensed.values())).items[:1]
                early = fetched_early(now, day).get(items[0].product)
                items = (replace(items[0], amount=early),) if early and data.draw(st.booleans()) else items
                did = lose(now, items, "It fell into the sink.", on=day, by=at(day))
            case "hold":
                did = hold(now, known, days=data.draw(st.integers(1, 30)), because="x", on=day, by=at(day))
            case "slow":
                did = slow(now, known, times=Fraction(3, 2), because="x", on=day, by=at(day))
            case "back":
                did = step_back(now, known, steps=1, because="x", on=day, by=at(day))
            case _:
                due = next_supply(now, known, on=day)
                if isinstance(due, Refusal):
                    continue
                got = due.collection
                until = got.from_ + A_DAY * data.draw(st.integers(1, (got.until - got.from_).days))
                fewer = next_supply(now, known, on=day, until=until)
                if isinstance(fewer, Refusal):
                    continue
                did = dispense(
                    now, known, from_=got.from_, until=until, items=fewer.collection.items, on=day, by=at(day), taken="none"
                )  # fmt: skip
        if not isinstance(did, Recorded):
            continue
        now = did.history
        is_as_lived(now, day + A_DAY * data.draw(st.sampled_from([-40, -1, 0, 0, 1, 9, 30])))
        if now.dispensed:
            until = max(each.until for each in now.dispensed.values())
            needed = counted(now, TODAY, max(until, day))
            for key, amount in handed(now).items():
                # What a version before needed and this one does not is at home, and was needed when it was handed over.
                most = max(needed.get(key, Fraction(0)), *(each.get(key, Fraction(0)) for each in _before(now)))
                assert amount <= rounded(most, key, known), (key, amount, most)
    assert history(decode(encode(event), known) for event in now.events) == now


def _before(now: History) -> list[dict[str, Fraction]]:
    """What each version needed up to the last day that something was handed over for it."""
    found: list[dict[str, Fraction]] = [{}]
    for mark in now.versions:
        ends = [handed.until for handed in now.dispensed.values() if handed.version == mark]
        if ends:
            found.append(counted(replace(now, force=mark), TODAY, max(ends)))
    return found


@pytest.mark.parametrize("kind", sorted(CASES))
def test_who_collects_on_the_day_always_has_enough_and_never_a_piece_too_much(
    kind: str, known: Knowledge, begun: Any
) -> None:
    now, day = begun(kind), TODAY
    home: dict[str, Fraction] = {}
    last = now.in_force.version.regimen.steps[-1]
    ends = last.from_ if not last.intakes else last.from_ + 60 * A_DAY
    until = min(ends, TODAY + (30 if kind.startswith("daily") else 120) * A_DAY)
    while day < until:
        due = next_supply(now, known, on=day)
        while isinstance(due, NextSupply) and due.collection.on <= day:
            now = supplied(now, known, day)
            for item in due.collection.items:
                home[item.product.key] = home.get(item.product.key, Fraction(0)) + item.amount
            due = next_supply(now, known, on=day)
        for key, amount in counted(now, day, day + A_DAY).items():
            assert home.get(key, 0) >= amount, f"{key} is missing on {day}"
            home[key] -= amount
        day += A_DAY
        said = {product.key: amount for product, amount in at_home(now, day, as_said=True).items()}
        # What is handed over for a day to come is in the house already, and counted on its own day.
        later = {key: amount for key, amount in home.items() if amount != said.get(key, 0)}
        assert not later or max(each.from_ for each in now.dispensed.values()) > day
    whole = counted(now, TODAY, max(each.until for each in now.dispensed.values()))
    assert handed(now) == {key: rounded(amount, key, known) for key, amount in whole.items()}


@pytest.mark.parametrize("instalment", [None, 7])
def test_the_same_days_are_not_handed_over_twice_and_the_next_ones_not_too_early(
    known: Knowledge, begun: Any, instalment: int | None
) -> None:
    now = supplied(begun("weekly, closed on Sundays" if instalment else "half tablets, four weeks"), known)
    [first] = now.dispensed.values()
    again = dispense(now, known, from_=first.from_, until=first.until, items=first.items, on=TODAY, by=by())
    assert isinstance(again, Refusal) and "already" in again.says
    due = due_on(now, known, TODAY + A_DAY)
    early = due.not_before - A_DAY
    refused = dispense(
        now, known, from_=first.until, until=due.collection.until, items=due.collection.items, on=early, by=at(early)
    )
    assert isinstance(refused, Refusal) and f"not handed over before {due.not_before}" in refused.says
    assert (first.until - due.not_before).days in ((0, 1) if instalment else (7,))
    assert len(supplied(now, known, due.not_before).dispensed) == 2


def test_a_closed_day_or_a_holiday_is_before_and_never_after(known: Knowledge, begun: Any) -> None:
    now = supplied(begun("weekly, closed on Sundays"), known)
    due = due_on(now, known, TODAY + A_DAY)
    planned = due.collection.on
    moved = due_on(now, known, TODAY + A_DAY, holidays={planned, planned - A_DAY}).collection
    assert moved.on == planned - 3 * A_DAY, "Tuesday and Monday are holidays, and Sunday is closed"
    assert (moved.from_, moved.until, moved.items) == (due.collection.from_, due.collection.until, due.collection.items)
    for number in range(1, 7):
        closed = {planned - A_DAY * each for each in range(number)}
        on = due_on(now, known, TODAY, holidays=closed).collection.on
        assert on <= due.collection.from_ and on not in closed


@pytest.mark.parametrize("by_how_much", [Fraction(1), Fraction(1, 2), Fraction(-1)])
def test_another_quantity_is_refused_and_neither_cut_nor_filled_up(
    known: Knowledge, begun: Any, by_how_much: Fraction
) -> None:
    now = begun("half tablets, four weeks")
    got = due_on(now, known, TODAY).collection
    items = (replace(got.items[0], amount=got.items[0].amount + by_how_much), *got.items[1:])
    refused = dispense(now, known, from_=got.from_, until=got.until, items=items, on=TODAY, by=by())
    assert isinstance(refused, Refusal)
    assert got.items[0].product.key in refused.says
    assert not now.dispensed


def test_other_products_and_missing_ones_are_refused(known: Knowledge, begun: Any) -> None:
    now = begun("half tablets, four weeks")
    got = due_on(now, known, TODAY).collection
    other = Item(product=known.products["us-clonazepam-tablet-2mg"], amount=Fraction(4))
    for items in ((*got.items, other), got.items[1:], (other,)):
        refused = dispense(now, known, from_=got.from_, until=got.until, items=items, on=TODAY, by=by())
        assert isinstance(refused, Refusal)


def test_a_reserve_that_was_agreed_is_had_once_and_not_every_time(known: Knowledge, begun: Any) -> None:
    reserve = replace(known.convention("reserve-days"), value="3")
    assert isinstance(reserve, Convention)
    agreed = replace(known, conventions={**known.conventions, "reserve-days": reserve})
    now = begun("one tablet in halves")
    due = due_on(now, agreed, TODAY)
    got, most = due.collection, due.most
    assert most[0].amount - got.items[0].amount in (3 * Fraction(2), 3 * Fraction(2) - Fraction(1), Fraction(6))
    over = (replace(most[0], amount=most[0].amount + 1),)
    refused = dispense(now, agreed, from_=got.from_, until=got.until, items=over, on=TODAY, by=by())
    assert isinstance(refused, Refusal)
    now = done(dispense(now, agreed, from_=got.from_, until=got.until, items=most, on=TODAY, by=by()))
    later = due_on(now, agreed, got.until)
    home = at_home(now, got.until, as_said=False)
    needed = counted(now, later.collection.from_, later.collection.until + 3 * A_DAY)
    for item in later.most:
        assert home.get(item.product, 0) + item.amount <= ceil(needed[item.product.key])


def test_nothing_is_handed_over_of_a_draft_or_after_the_end_of_a_plan(known: Knowledge, begun: Any) -> None:
    drafts = opened(known)
    refused = next_supply(drafts, known, on=TODAY)
    assert isinstance(refused, Refusal) and "No plan is in force or signed" in refused.says
    ended = done(end(begun("half tablets, four weeks"), "moves away", on=TODAY, by=by()))
    refused = next_supply(ended, known, on=TODAY)
    assert isinstance(refused, Refusal) and "ask the prescriber at once" in refused.says


def test_after_a_hold_that_nobody_signed_a_week_is_handed_over_and_after_a_signature_the_rest(
    known: Knowledge, begun: Any
) -> None:
    now = supplied(begun("half tablets, four weeks"), known)
    day = TODAY + 26 * A_DAY
    now = done(hold(now, known, days=30, because="a hard month", on=day, by=at(day)))
    due = due_on(now, known, day)
    held = due.collection
    enough = lasts_until(now, day, as_said=True)
    assert enough is not None and held.until == enough + 7 * A_DAY
    now = supplied(now, known, day)
    followed = now.in_force
    assert followed is not None and followed.signed is None
    judged = review(followed.version.regimen, followed.version.case, known, on=followed.judged.on)
    mark = followed.version.digest
    now = done(decide(now, mark, judged, answers=answers_to(now, mark), by=at(day)))
    assert due_on(now, known, held.until - A_DAY).collection.until == day + 28 * A_DAY


def test_a_hold_gives_what_it_takes_more_and_the_pieces_at_home_are_counted(known: Knowledge, begun: Any) -> None:
    """The days of the version before are open again, and nothing of them is handed over a second time."""
    now = supplied(begun("one tablet in halves"), known)
    step = now.in_force.version.regimen.steps[1].from_
    day = step - 2 * A_DAY
    before = at_home(now, day, as_said=False)
    now = done(hold(now, known, days=40, because="x", on=day, by=at(day)))
    got = due_on(now, known, day).collection
    needed = counted(now, day, got.until)
    for item in got.items:
        assert item.amount == ceil(needed[item.product.key] - before.get(item.product, 0))


def test_after_days_without_supply_what_was_taken_is_asked_and_after_more_the_prescriber(
    known: Knowledge, begun: Any
) -> None:
    now = supplied(begun("half tablets, four weeks"), known)
    for late, asked in ((1, True), (3, True), (4, False), (40, False)):
        day = TODAY + (28 + late) * A_DAY
        missed = without_supply(now, day)
        assert len(missed) == late
        got = due_on(now, known, day).collection
        assert got.from_ == day, "what was missed is not made good"
        how: dict[str, Any] = {"from_": day, "until": got.until, "items": got.items, "on": day, "by": at(day)}
        silent = dispense(now, known, **how)
        assert isinstance(silent, Refusal)
        told = dispense(now, known, **how, taken="Nothing since Monday.")
        if asked:
            later = done(told)
            assert [each.says for each in later.observed.values()] == ["Nothing since Monday."]
        else:
            assert isinstance(told, Refusal) and "prescriber is asked first" in told.says
    blocked = remake(now, known, tuple(known.products_of("clonazepam", "US")), on=day, by=at(day))
    assert isinstance(blocked, Refusal)


def test_after_a_long_gap_a_signed_plan_goes_on_and_the_gap_is_no_progress(known: Knowledge, begun: Any) -> None:
    now = supplied(begun("half tablets, four weeks"), known)
    day = TODAY + 38 * A_DAY
    before = now.in_force.version
    taken = {"clonazepam": before.printed.on(day)[0].intakes}
    now = done(after_gap(now, known, taken, on=day, by=at(day)))
    mark, followed = list(now.versions.items())[-1]
    assert any(each.rule == "supply-gap" and each.observed == "10 days without it" for each in followed.judged.asked)
    judged = review(followed.version.regimen, followed.version.case, known, on=day)
    refused = decide(now, mark, judged, answers=(), by=at(day))
    assert isinstance(refused, Refusal)
    now = done(decide(now, mark, judged, answers=answers_to(now, mark), by=at(day)))
    now = done(start(now, mark, known, on=day, by=at(day)))
    assert without_supply(now, day) == ()
    old = next(step for step in before.printed.steps if step.until is not None and step.until > day)
    new = now.in_force.version.regimen.steps[0]
    assert new.daily == old.daily and new.until - day >= old.until - old.from_, "the step begins anew, in full"
    assert len(supplied(now, known, day).dispensed) == 2


def lost(now: History, day: dt.date, share: Fraction = Fraction(1)) -> History:
    items = tuple(
        Item(product=product, amount=amount * share) for product, amount in at_home(now, day, as_said=True).items()
    )
    return done(lose(now, items, "The bag was stolen on the bus.", on=day, by=at(day)))


def test_what_is_lost_is_replaced_by_nobody_but_a_prescriber_and_a_week_at_a_time(known: Knowledge, begun: Any) -> None:
    now, day = supplied(begun("half tablets, four weeks"), known), TODAY + 5 * A_DAY
    now = lost(now, day)
    number = next(iter(now.lost))
    assert next(iter(now.queries.values())).says.startswith("Supply is said to be lost")
    assert lasts_until(now, day, as_said=True) == day, "whoever looks sees at once that nothing is left"
    refused = next_supply(now, known, on=day, replaces=number)
    assert isinstance(refused, Refusal) and "No prescriber" in refused.says
    not_yet = next_supply(now, known, on=day)
    assert isinstance(not_yet, NextSupply) and not_yet.collection.from_ == TODAY + 28 * A_DAY
    for whoever in (at(day, confirmed=False), by(at(day).actor, "dispense", "ask", at=NOON + 5 * A_DAY)):
        assert isinstance(allow(now, number, "yes", on=day, by=whoever), Refusal)
    now = done(allow(now, number, "She reported it to the police.", on=day, by=at(day)))
    assert not now.queries
    total: dict[str, Fraction] = {}
    while isinstance(due := next_supply(now, known, on=day, replaces=number), NextSupply):
        assert (due.collection.until - due.collection.from_).days <= 7
        early = due.collection.from_ - A_DAY
        if early > day - A_DAY and now.dispensed and early >= TODAY + 6 * A_DAY:
            got = due.collection
            how = {"from_": got.from_, "until": got.until, "items": got.items, "on": early, "by": at(early)}
            assert isinstance(dispense(now, known, **how, replaces=number), Refusal)
        day = max(day, due.not_before)
        now = supplied(now, known, day, replaces=number)
        for item in list(now.dispensed.values())[-1].items:
            total[item.product.key] = total.get(item.product.key, Fraction(0)) + item.amount
    assert total == {
        key: rounded(amount, key, known) for key, amount in counted(now, TODAY + 5 * A_DAY, TODAY + 28 * A_DAY).items()
    }
    assert due_on(now, known, day).collection.from_ == TODAY + 28 * A_DAY


def test_what_is_lost_in_part_is_replaced_when_the_rest_is_used_up(known: Knowledge, begun: Any) -> None:
    now, day = (
        lost(supplied(begun("one tablet in halves"), known), TODAY + 5 * A_DAY, Fraction(1, 2)),
        TODAY + 5 * A_DAY,
    )
    number = next(iter(now.lost))
    now = done(allow(now, number, "yes", on=day, by=at(day)))
    due = due_on(now, known, day, replaces=number)
    assert due.collection.from_ == lasts_until(now, day, as_said=True) == due.not_before > day
    got = due.collection
    how: dict[str, Any] = {"from_": got.from_, "until": got.until, "items": got.items, "on": day, "by": at(day)}
    early = dispense(now, known, **how, replaces=number)
    assert isinstance(early, Refusal) and "not handed over before" in early.says


def test_a_hold_is_no_way_round_a_loss_that_nobody_allowed(known: Knowledge, begun: Any) -> None:
    now, day = supplied(begun("half tablets, four weeks"), known), TODAY + 5 * A_DAY
    honest = done(hold(now, known, days=7, because="x", on=day, by=at(day)))
    now = done(hold(lost(now, day), known, days=7, because="x", on=day, by=at(day)))
    assert due_on(now, known, day).collection == due_on(honest, known, day).collection


def test_what_is_found_again_was_never_lost(known: Knowledge, begun: Any) -> None:
    now, day = supplied(begun("half tablets, four weeks"), known), TODAY + 5 * A_DAY
    home = at_home(now, day, as_said=True)
    now = lost(now, day)
    number = next(iter(now.lost))
    now = done(allow(now, number, "yes", on=day, by=at(day)))
    now = supplied(now, known, day, replaces=number)
    replaced = list(now.dispensed.values())[-1]
    now = done(found_again(now, number, "It was in the other coat.", by=at(day)))
    both = at_home(now, day, as_said=False)
    extra = {item.product: item.amount for item in replaced.items}
    assert both == {product: home.get(product, 0) + extra.get(product, 0) for product in {*home, *extra}}
    assert isinstance(next_supply(now, known, on=day, replaces=number), Refusal)


def test_more_than_is_at_home_cannot_be_lost(known: Knowledge, begun: Any) -> None:
    now, day = supplied(begun("half tablets, four weeks"), known), TODAY + 5 * A_DAY
    product, amount = next(iter(at_home(now, day, as_said=True).items()))
    refused = lose(now, (Item(product=product, amount=amount + 1),), "stolen", on=day, by=at(day))
    assert isinstance(refused, Refusal) and "cannot be lost" in refused.says


def test_a_correction_is_the_truth_and_what_was_too_much_is_taken_off_the_next_supply(
    known: Knowledge, begun: Any
) -> None:
    now = supplied(begun("half tablets, four weeks"), known)
    [(number, first)] = now.dispensed.items()
    later = TODAY + 28 * A_DAY
    plain = {item.product: item.amount for item in due_on(now, known, later).collection.items}
    item = next(each for each in first.items if each.product in plain)
    true = replace(
        first, items=tuple(replace(each, amount=each.amount + 3) if each == item else each for each in first.items)
    )
    pharmacist = by(at(TODAY).actor, "dispense", "ask")
    now = done(correct(now, number, true, "counted again", by=pharmacist))
    less = {each.product: each.amount for each in due_on(now, known, later).collection.items}
    assert less[item.product] == plain[item.product] - 3
    never = done(correct(now, number, None, "the bag was never fetched", by=pharmacist))
    assert not never.dispensed and due_on(never, known, TODAY).collection.from_ == TODAY


def test_in_force_unsigned_and_with_other_pieces_nothing_is_handed_over(known: Knowledge, begun: Any) -> None:
    """No verb makes such a version; written by hand, it is refused all the same."""
    now = supplied(begun("half tablets, four weeks"), known)
    day = TODAY + 10 * A_DAY
    now = done(hold(now, known, days=10, because="x", on=day, by=at(day)))
    nobody = {mark: replace(each, signed=None) for mark, each in now.versions.items()}
    refused = next_supply(replace(now, versions=nobody), known, on=day)
    assert isinstance(refused, Refusal) and "a prescriber signs it first" in refused.says
