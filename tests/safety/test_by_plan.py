"""What is taken by the plans: of whichever plan is followed on a day, so that no page, count or guard asks the wrong one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentaper import Knowledge, propose, review
from opentaper.care import (
    Recorded,
    Refusal,
    Why,
    allow,
    at_home,
    by_plan,
    change_case,
    check,
    correct,
    decide,
    dispensable,
    dispense,
    due,
    fetched_early,
    hold,
    lasts_until,
    lose,
    next_supply,
    observe,
    said,
    start,
    uncounted,
    version_of,
    without_supply,
)
from opentaper.care import stop as end
from opentaper.clinic.cases.following import followed, next_change, on_day
from opentaper.clinic.cases.show import going_on
from opentaper.clinic.cases.supplies import of_supply
from opentaper.patient import Regimen, Step
from opentaper.plan import Item
from opentaper.record import Held, History, Observed, Resumed, Slowed, Started, SteppedBack, Stopped
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import NOON, answers_to, by, done, opened, reviewed_plan, signed_plan, supplied

A_DAY = dt.timedelta(1)
Steps = tuple[Step, ...]


def at(day: dt.date, **how: Any) -> Any:
    return by(at=NOON + (day - TODAY), **how)


def day(number: int) -> dt.date:
    return TODAY + number * A_DAY


@pytest.fixture(scope="module")
def begun(known: Knowledge) -> History:
    """A plan from 2 mg in force since today, whose first step is 1.75 mg."""
    now, mark = signed_plan(opened(known, a_case(known)), known)
    return done(start(now, mark, known, on=TODAY, by=by()))


def told_otherwise(now: History, on: dt.date, begins: dt.date, taken: Steps = ()) -> History:
    """The case with another first day, and with what is taken by then."""
    assert now.case is not None
    case = replace(now.case, goal=replace(now.case.goal, starts_on=begins))
    if taken:
        intakes = tuple(replace(each, portions=None) for each in taken[0].intakes)
        case = replace(case, taking=(replace(case.taking[0], intakes=intakes), *case.taking[1:]))
    return now if case == now.case else done(change_case(now, case, "what is taken by then", by=at(on)))


def followed_by(now: History, known: Knowledge, on: dt.date, begins: dt.date, taken: Steps = ()) -> Recorded | Refusal:
    """Have a new plan made on a day that begins on another, reviewed, signed and started; or why that is refused."""
    now = told_otherwise(now, on, begins, taken)
    assert now.case is not None
    version = version_of(
        next(each for each in propose(now.case, known).plans if each.name == "usual"), now, known, on=on
    )
    checked = check(now, version, known, on=on, by=at(on))
    if isinstance(checked, Refusal):
        return checked
    mark, now = version.digest, checked.history
    judged = review(version.regimen, version.case, known, on=on)
    now = done(decide(now, mark, judged, answers=answers_to(now, mark), by=at(on)))
    return start(now, mark, known, on=on, by=at(on))


def mg(steps: Steps) -> Fraction:
    return sum((step.daily.mg for step in steps), Fraction(0))


@dataclass
class Read:
    """A plan as the record tells of it: where it was ended, and the holds while the next one waited for its day."""

    plan: Regimen
    ended: dt.date | None = None
    holds: list[tuple[dt.date, dt.date]] = field(default_factory=list)

    @property
    def first(self) -> dt.date:
        first = self.plan.steps[0].from_
        for on, until in self.holds:
            first += (until - on) if first >= on else dt.timedelta(0)
        return first

    def takes(self, day: dt.date) -> Fraction:
        day = min(day, self.ended or day)
        for on, until in reversed(self.holds):
            day = day - (until - on) if day >= until else min(day, on - A_DAY)
        return mg(self.plan.on(day))


def taken_dully(now: History, on: dt.date) -> Fraction | None:
    """The dull way: go through the record, and remember for the day alone which plan says what of it; None before any."""
    plans: list[Read] = []
    for event in now.events:
        what = event.what
        if isinstance(what, Started | Resumed | Held | Slowed | SteppedBack):
            version = now.versions[what.version].version
            if version.number > 1:
                plans.pop()
            if isinstance(what, Held) and version.held and version.before is None:
                for each in plans:
                    each.holds.append(version.held)
            plans = [each for each in plans if each.first < version.printed.steps[0].from_]
            plans.append(Read(version.printed))
        elif isinstance(what, Stopped):
            plans = [each for each in plans if each.first <= what.on]
            for each in plans:
                each.ended = each.ended or what.on
    says = [each for each in plans if each.first <= on]
    return says[-1].takes(on) if says else None


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_day_is_as_reading_the_record_for_that_day_says(data: Any, known: Knowledge, begun: History) -> None:
    now, on = begun, TODAY
    for _ in range(data.draw(st.integers(1, 4))):
        on += A_DAY * data.draw(st.sampled_from([0, 1, 5, 13, 14, 30]))
        what = data.draw(st.sampled_from(["plan", "plan", "stop", "hold"]))
        did: Recorded | Refusal
        if what == "plan":
            begins = on + A_DAY * data.draw(st.sampled_from([0, 1, 9, 40, 100]))
            taken = by_plan(now).on(begins - A_DAY) if mg(by_plan(now).on(begins - A_DAY)) else ()
            did = followed_by(now, known, on, begins, taken)
        elif what == "stop":
            did = end(now, "x", on=on, by=at(on)) if now.in_force else Refusal(says="")
        else:
            did = (
                hold(now, known, days=data.draw(st.integers(1, 28)), because="x", on=on, by=at(on))
                if now.in_force
                else Refusal(says="")
            )
        now = did.history if isinstance(did, Recorded) else now
    plan = by_plan(now)
    for number in range(-3, 800, data.draw(st.sampled_from([1, 7]))):
        dull = taken_dully(now, day(number))
        assert mg(plan.on(day(number))) == (dull or 0)
        assert sum(
            (amount * product.strength.mg for product, amount in said(now).on(day(number)).items()), Fraction(0)
        ) == (dull or 0)
        assert (plan.begins is not None and plan.begins <= day(number)) == (dull is not None)


def test_no_new_plan_begins_from_a_dose_that_an_unbegun_plan_would_have_come_to(
    known: Knowledge, begun: History
) -> None:
    far = day(250)
    waits = done(followed_by(begun, known, day(5), far, by_plan(begun).on(far - A_DAY)))
    assert waits.case is not None and waits.case.present.daily.mg < Fraction(1, 2)
    refused = followed_by(waits, known, day(6), day(7))
    assert isinstance(refused, Refusal) and "the plan before has come to 1.75 mg" in refused.says
    ended = done(end(waits, "she cannot", on=day(6), by=at(day(6))))
    refused = followed_by(ended, known, day(6), day(7))
    assert isinstance(refused, Refusal) and "the plan before has come to 1.75 mg" in refused.says
    assert isinstance(followed_by(ended, known, day(6), day(7), by_plan(ended).on(day(6))), Recorded)


def test_whoever_takes_another_dose_than_planned_gets_a_plan_from_it_once_that_was_told(
    known: Knowledge, begun: History
) -> None:
    assert begun.in_force is not None
    finished = begun.in_force.version.printed.steps[-1].from_ + 30 * A_DAY
    relapsed = told_otherwise(begun, finished, finished + A_DAY, begun.in_force.version.printed.on(day(30)))
    assert relapsed.case is not None and relapsed.case.present.daily.mg > 1 and not mg(by_plan(relapsed).on(finished))
    refused = followed_by(relapsed, known, finished, finished + A_DAY)
    assert isinstance(refused, Refusal) and "has come to 0 mg" in refused.says and "write it down first" in refused.says

    def told(says: str, before: int) -> Recorded | Refusal:
        on = finished - before * A_DAY
        now = done(observe(relapsed, on=on, what="dose-taken", says=says, by=at(finished)))
        return followed_by(now, known, finished, finished + A_DAY)

    present = str(relapsed.case.present.daily)
    assert isinstance(told(present, 1), Recorded)
    assert isinstance(told(present, 8), Refusal), "that was long ago"
    assert isinstance(told("0.25 mg", 1), Refusal), "that is another dose"
    assert isinstance(told(f"about {present}", 1), Refusal), "that is no dose"
    for later in ("0 mg", "nothing, she vomited"):
        now = relapsed
        for on, says in ((finished - 4 * A_DAY, present), (finished, later)):
            now = done(observe(now, on=on, what="dose-taken", says=says, by=at(finished)))
        assert isinstance(followed_by(now, known, finished, finished + A_DAY), Refusal), "what was told last counts"


def test_what_is_told_today_says_nothing_of_the_day_on_which_a_plan_begins_much_later(
    known: Knowledge, begun: History
) -> None:
    told = done(observe(begun, on=day(100), what="dose-taken", says="2 mg", by=at(day(100))))
    refused = followed_by(told, known, day(100), day(200))
    assert isinstance(refused, Refusal) and "The case says 2 mg" in refused.says


def test_a_dose_that_names_its_drug_is_heard_beside_another_drug(known: Knowledge, begun: History) -> None:
    both = Observed(on=TODAY, what="dose-taken", says="diazepam 10 mg")
    assert both.names("diazepam") and str(both.dose_of("diazepam")) == "10 mg" and both.dose is None
    assert not both.names("clonazepam") and both.dose_of("clonazepam") is None


def test_until_a_plan_begins_the_page_shows_what_the_plan_before_says(known: Knowledge, begun: History) -> None:
    b = done(followed_by(begun, known, day(5), day(20), by_plan(begun).on(day(19))))
    c = done(followed_by(b, known, day(6), day(40), by_plan(b).on(day(39))))
    for now, until in ((b, 20), (c, 40)):
        for number in range(6, until):
            planned = begun.in_force.version.printed if number < 20 or now is b else b.in_force.version.printed  # type: ignore[union-attr]
            if now is c and number >= 20:
                planned = b.in_force.version.printed  # type: ignore[union-attr]
            assert mg(planned.on(day(number))) == mg(by_plan(now).on(day(number)))
            assert f"{planned.on(day(number))[0].daily}" in going_on(now, day(number))[0]
    shown = followed(b, day(13))
    assert shown["next"]["on"] == day(14), "the step of the plan that goes on, not the first day of the next"
    assert Why.STEP in {each.why for each in due(b, known) if each.on == day(14)}
    assert on_day(b, day(14), day(13))["words"] == going_on(b, day(14))
    change = next_change(by_plan(b), day(14))
    assert change is not None and change["on"] == day(20)


def test_after_an_end_the_dose_of_that_day_goes_on_until_the_next_plan_begins(known: Knowledge, begun: History) -> None:
    ended = done(end(begun, "she cannot go on", on=day(10), by=at(day(10))))
    now = done(followed_by(ended, known, day(10), day(40), by_plan(ended).on(day(10))))
    for number in (10, 15, 39):
        assert mg(by_plan(now).on(day(number))) == Fraction(7, 4)
        assert "1.75 mg" in going_on(now, day(number))[0]
    waits = done(followed_by(begun, known, day(5), day(40), by_plan(begun).on(day(39))))
    all_ended = done(end(waits, "she cannot go on", on=day(10), by=at(day(10))))
    for number in (10, 30, 60):
        assert "1.75 mg" in going_on(all_ended, day(number))[0], "whatever waited for its day never begins"


def test_a_hold_while_the_next_plan_waits_holds_what_is_taken_and_puts_the_next_off(
    known: Knowledge, begun: History
) -> None:
    waits = done(followed_by(begun, known, day(5), day(20), by_plan(begun).on(day(19))))
    before = by_plan(waits)
    for days in (10, 40):
        held = done(hold(waits, known, days=days, because="a hard month", on=day(6), by=at(day(6))))
        after = by_plan(held)
        assert {mg(after.on(day(number))) for number in range(6, 6 + days)} == {mg(before.on(day(5)))}
        for number in range(6, 120):
            assert mg(after.on(day(number + days))) == mg(before.on(day(number)))
        assert f"{before.on(day(5))[0].daily}" in going_on(held, day(6 + days - 1))[0]


def test_a_plan_ended_before_it_began_leaves_what_was_taken_before(known: Knowledge) -> None:
    case = a_case(known)
    case = replace(case, goal=replace(case.goal, starts_on=day(20)))
    now, mark = signed_plan(opened(known, case), known)
    now = done(start(now, mark, known, on=TODAY, by=by()))
    ended = done(end(now, "not now", on=day(3), by=at(day(3))))
    assert "2 mg" in going_on(ended, day(4))[0] and by_plan(ended).steps == ()


def test_a_hold_before_the_first_cut_keeps_the_present_dose_on_the_page(known: Knowledge, begun: History) -> None:
    held = done(hold(begun, known, days=21, because="moving house", on=TODAY, by=by()))
    for number in (0, 3, 18):
        assert "2 mg" in going_on(held, day(number))[0]


def test_a_hold_on_the_first_day_of_the_present_dose_counts_like_one_on_the_second(known: Knowledge) -> None:
    now, mark = signed_plan(opened(known, a_case(known, baseline_days=14)), known)
    now = supplied(done(start(now, mark, known, on=TODAY, by=by())), known)
    first = done(hold(now, known, days=21, because="a hard month", on=TODAY, by=by()))
    second = done(hold(now, known, days=21, because="a hard month", on=day(1), by=at(day(1))))
    assert lasts_until(first, day(10), as_said=True) == lasts_until(second, day(10), as_said=True)
    assert not uncounted(first)


def test_what_was_handed_over_for_a_plan_that_was_put_off_is_unknown_until_it_is_counted(
    known: Knowledge, begun: History
) -> None:
    now = supplied(begun, known)
    held = done(hold(now, known, days=21, because="moving house", on=TODAY, by=by()))
    assert uncounted(held) and not uncounted(now)
    assert Why.SUPPLY in {each.why for each in due(held, known) if each.from_ <= TODAY}
    assert on_day(held, day(3), TODAY)["uncounted"] and followed(held, TODAY)["uncounted"]


def test_the_same_tablet_is_one_whatever_a_base_says_of_it_by_now(known: Knowledge, begun: History) -> None:
    key = "us-clonazepam-tablet-0.5mg"
    other = replace(known, products={**known.products, key: replace(known.products[key], name="Another name")})
    now = supplied(begun, known)
    ended = done(end(now, "another pace", on=day(5), by=at(day(5))))
    stories = []
    for base in (known, other):
        case = told_otherwise(ended, day(5), day(5), by_plan(ended).on(day(5)))
        plan = next(each for each in propose(case.case, base).plans if each.name == "usual")  # type: ignore[arg-type]
        version = version_of(plan, case, base, on=day(5))
        after = done(check(case, version, base, on=day(5), by=at(day(5))))
        judged = review(version.regimen, version.case, base, on=day(5))
        after = done(decide(after, version.digest, judged, answers=answers_to(after, version.digest), by=at(day(5))))
        after = done(start(after, version.digest, base, on=day(5), by=at(day(5))))
        more = next_supply(after, base, on=day(5))
        assert not isinstance(more, Refusal)
        page = of_supply(after, base, base, day(5), (), None)
        stories.append(
            (
                {product.key: amount for product, amount in at_home(after, day(14), as_said=True).items()},
                lasts_until(after, day(5), as_said=True),
                without_supply(after, day(14)),
                [(item.product.key, item.amount) for item in more.collection.items],
                more.not_before,
                [used for _, used in page["at_home"]],
            )
        )
        assert isinstance(
            lose(after, (Item(product=other.products[key], amount=Fraction(1)),), "x", on=day(5), by=at(day(5))),
            Recorded,
        )
    assert stories[0] == stories[1]


def test_the_end_of_a_supply_is_seen_although_the_next_was_fetched_early(known: Knowledge, begun: History) -> None:
    now = supplied(supplied(begun, known), known, day(21))
    [(first, handed), _] = now.dispensed.items()
    gone = tuple(Item(product=each, amount=amount) for each, amount in at_home(now, day(22), as_said=True).items())
    lost = done(lose(now, gone, "The bag was stolen.", on=day(22), by=at(day(22))))
    never = done(correct(now, first, None, "never fetched", by=at(day(22))))
    for found in (lost, never):
        assert Why.SUPPLY in {each.why for each in due(found, known) if each.from_ <= day(22)}
    assert Why.SUPPLY not in {each.why for each in due(now, known) if each.from_ <= day(22)}
    assert handed.until == day(28)


def test_all_of_what_was_fetched_early_can_be_lost_too(known: Knowledge, begun: History) -> None:
    now = supplied(supplied(begun, known), known, day(21))
    second = list(now.dispensed.values())[1]
    assert {item.product: item.amount for item in second.items} == fetched_early(now, day(21))
    left = at_home(now, day(21), as_said=True)
    all_of_it = tuple(
        Item(product=item.product, amount=item.amount + left.get(item.product, Fraction(0))) for item in second.items
    )
    lost = done(lose(now, all_of_it, "stolen on the way home", on=day(21), by=at(day(21))))
    assert lasts_until(lost, day(21), as_said=True) == day(21)
    assert at_home(lost, day(28), as_said=True) == {}, "nor is there anything when its days come"
    more = tuple(replace(item, amount=item.amount + 1) for item in all_of_it)
    assert isinstance(lose(now, more, "x", on=day(21), by=at(day(21))), Refusal)


def test_what_was_stolen_before_the_first_day_is_gone_on_it(known: Knowledge) -> None:
    case = a_case(known)
    case = replace(case, goal=replace(case.goal, starts_on=day(20)))
    now, mark = signed_plan(opened(known, case), known)
    now = supplied(done(start(now, mark, known, on=TODAY, by=by())), known, day(15))
    [handed] = now.dispensed.values()
    assert handed.from_ == day(20)
    lost = done(lose(now, handed.items, "stolen", on=day(16), by=at(day(16))))
    assert at_home(lost, day(20), as_said=True) == {} and lasts_until(lost, day(16), as_said=True) == day(20)
    assert fetched_early(lost, day(16)) == {}, "it is not in the house any more"
    assert isinstance(lose(lost, handed.items, "again", on=day(17), by=at(day(17))), Refusal)
    allowed = done(allow(lost, lost.number - 1, "It was reported.", on=day(17), by=at(day(17))))
    due_ = next_supply(allowed, known, on=day(17), replaces=lost.number - 1)
    assert not isinstance(due_, Refusal), due_


def test_what_is_handed_over_on_the_day_of_a_loss_was_not_lost_with_it(known: Knowledge, begun: History) -> None:
    now = supplied(begun, known)
    everything = tuple(Item(product=each, amount=amount) for each, amount in at_home(now, TODAY, as_said=True).items())
    lost = done(lose(now, everything, "It fell into the sink.", on=TODAY, by=by()))
    allowed = done(allow(lost, lost.number - 1, "I know her.", on=TODAY, by=by()))
    again = next_supply(allowed, known, on=TODAY, replaces=lost.number - 1)
    assert not isinstance(again, Refusal)
    got = again.collection
    now = done(
        dispense(
            allowed,
            known,
            from_=got.from_,
            until=got.until,
            items=got.items,
            on=TODAY,
            by=by(),
            replaces=lost.number - 1,
        )
    )
    assert {key.key: amount for key, amount in at_home(now, TODAY, as_said=True).items()} == {
        item.product.key: item.amount for item in got.items
    }
    assert lasts_until(now, TODAY, as_said=True) == got.until


def test_the_days_that_a_correction_leaves_open_are_handed_over_although_the_next_supply_was_fetched(
    known: Knowledge, begun: History
) -> None:
    now = supplied(supplied(begun, known), known, day(21))
    [(first, handed), _] = now.dispensed.items()
    half = replace(handed, items=tuple(replace(each, amount=each.amount // 2) for each in handed.items))
    reach = lasts_until(replace(now, dispensed={first: half}), TODAY, as_said=True)
    assert reach is not None and reach < day(21)
    told = done(correct(now, first, replace(half, until=reach), "half was owed", by=at(day(21))))
    more = next_supply(told, known, on=reach)
    assert not isinstance(more, Refusal)
    assert (more.collection.from_, more.collection.until) == (reach, day(28)), "up to what was fetched for later"


def test_a_day_on_which_nothing_changes_is_announced_nowhere(known: Knowledge) -> None:
    case = a_case(known, baseline_days=14)
    case = replace(case, goal=replace(case.goal, starts_on=day(3)))
    now, mark = signed_plan(opened(known, case), known)
    now = done(start(now, mark, known, on=TODAY, by=by()))
    change = next_change(by_plan(now), TODAY)
    assert change is not None and change["on"] == day(17)


def pieces_on(now: History, on: dt.date) -> dict[str, Fraction]:
    """The dull way: every piece of one day of the plan in force."""
    assert now.in_force is not None
    found: dict[str, Fraction] = {}
    for step in now.in_force.version.printed.on(on):
        for intake in step.intakes:
            for portion in intake.portions or ():
                found[portion.product.key] = found.get(portion.product.key, Fraction(0)) + portion.amount
    return found


def test_a_correction_says_as_its_last_day_what_the_amounts_reach(known: Knowledge, begun: History) -> None:
    now = supplied(begun, known)
    [(number, handed)] = now.dispensed.items()
    half = replace(handed, items=tuple(replace(each, amount=each.amount // 2) for each in handed.items))
    refused = correct(now, number, half, "the other half is owed", by=at(TODAY))
    left, reach = {item.product.key: item.amount for item in half.items}, TODAY
    while all(left[key] >= amount for key, amount in pieces_on(begun, reach).items()):
        left = {key: amount - pieces_on(begun, reach).get(key, 0) for key, amount in left.items()}
        reach += A_DAY
    assert TODAY < reach < handed.until - A_DAY
    assert isinstance(refused, Refusal) and f"reach to {reach - A_DAY}" in refused.says
    told = done(correct(now, number, replace(half, until=reach), "the other half is owed", by=at(TODAY)))
    more = next_supply(told, known, on=TODAY)
    assert not isinstance(more, Refusal) and more.collection.from_ == reach
    nothing = replace(handed, items=tuple(replace(each, amount=Fraction(1)) for each in handed.items[:1]))
    refused = correct(now, number, nothing, "one", by=at(TODAY))
    assert isinstance(refused, Refusal)
    assert isinstance(
        dispense(told, known, from_=reach, until=day(28), items=more.collection.items, on=reach, by=at(reach)), Recorded
    )


def test_the_end_of_a_supply_is_seen_after_an_end_because_the_dose_goes_on(known: Knowledge, begun: History) -> None:
    now = done(end(supplied(begun, known), "she cannot", on=day(3), by=at(day(3))))
    [ends] = [each for each in due(now, known) if each.why is Why.SUPPLY]
    assert ends.on == lasts_until(now, day(3), as_said=True) and ends.on > day(3)


def test_what_never_happened_breaks_no_silence(known: Knowledge, begun: History) -> None:
    def silent(now: History) -> dt.date:
        return next(each.on for each in due(now, known) if each.why is Why.SILENCE)

    heard = done(observe(begun, on=day(20), what="note", says="well", by=at(day(20))))
    never = done(correct(heard, heard.number, None, "another person", by=at(day(20))))
    assert silent(heard) == silent(begun) + 20 * A_DAY and silent(never) == silent(begun)


def test_of_two_signed_plans_none_is_handed_out_and_both_stay_on_the_list(known: Knowledge) -> None:
    now, first = signed_plan(opened(known, a_case(known)), known)
    gentle, other = reviewed_plan(now, known, "gentle")
    assert {each.why for each in due(gentle, known)} >= {Why.TO_START, Why.TO_SIGN}, "a review settles no signature"
    version = gentle.versions[other].version
    judged = review(version.regimen, version.case, known, on=TODAY)
    both = done(decide(gentle, other, judged, answers=answers_to(gentle, other), by=by()))
    refused = dispensable(both)
    assert isinstance(refused, Refusal) and "More than one plan is signed" in refused.says
    assert not isinstance(dispensable(done(start(both, first, known, on=TODAY, by=by()))), Refusal)


def test_in_the_west_what_is_recorded_in_the_evening_is_on_the_list_at_once(known: Knowledge) -> None:
    late = dt.datetime(2026, 12, 2, 1, tzinfo=dt.UTC)  # five in the afternoon of the day before, in California
    now = done(observe(opened(known, a_case(known)), on=TODAY, what="note", says="x", by=by(at=late)))
    assert all(each.from_ <= TODAY for each in due(now, known) if each.why is Why.NO_PLAN)


def test_days_before_a_plan_begins_have_labels_and_keep_their_tablets(known: Knowledge, begun: History) -> None:
    now = done(followed_by(begun, known, day(5), day(40), by_plan(begun).on(day(39))))
    page = of_supply(now, known, known, day(6), (), None)
    assert page["due"] is not None and page["due"]["labels"] and page["due"]["from"] == day(6)
