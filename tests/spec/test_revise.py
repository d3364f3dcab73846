"""A plan under way, changed: from what is actually taken, never catching up, and every date and quantity accounted for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.conftest import TODAY
from tests.strategies.cases import a_case, raw_cases
from tests.strategies.editions import an_edition

from opentaper import Case, Dose, Regimen, load, propose, review
from opentaper.exchange import Edition, changes
from opentaper.exchange.faces.calendar import calendar
from opentaper.patient import CaseError, Intake, case_from, printed_so_far
from opentaper.plan import Asked, Infeasible, Plan, Revised, Standing, revise, stock_on
from opentaper.quantity import Span
from opentaper.record import entries
from opentaper.review import Verdict

KNOWN = load(TODAY)
NONE = Asked()


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(number)


@pytest.fixture(scope="module")
def case() -> Case:
    return a_case(KNOWN)


@pytest.fixture(scope="module")
def usual(case: Case) -> Plan:
    return next(plan for plan in propose(case, KNOWN).plans if plan.name == "usual")


def standing(plan: Plan, on: dt.date, **more: Any) -> Standing:
    return Standing(signed=plan.regimen, version=plan.regimen, on=on, **more)


def revised(plan: Plan, case: Case, on: dt.date, asked: Asked, **more: Any) -> Revised:
    found = revise(standing(plan, on, **more), asked, plan.name, case, KNOWN)
    assert isinstance(found, Revised), found
    return found


def refused(plan: Plan, case: Case, on: dt.date, asked: Asked, **more: Any) -> str:
    found = revise(standing(plan, on, **more), asked, plan.name, case, KNOWN)
    assert isinstance(found, Infeasible)
    return found.says


def daily(regimen: Regimen, on: dt.date, drug: str = "clonazepam") -> Fraction:
    return next((step.daily.mg for step in regimen.on(on) if step.drug == drug), Fraction(0))


def at(time: str, dose: str) -> Intake:
    return Intake(time=time, dose=Dose.read(dose))


@pytest.mark.parametrize("on", [1, 13, 14, 15, 28, 100, 400])
@pytest.mark.parametrize("days", [1, 14, 60])
def test_a_hold_moves_every_later_change_by_its_days_and_nothing_else(
    case: Case, usual: Plan, on: int, days: int
) -> None:
    now = revised(usual, case, day(on), Asked(hold=days))
    assert now.held == (day(on), day(on + days))
    for number in range(on, 500):
        assert daily(now.plan.regimen, day(number + days)) == daily(usual.regimen, day(number))
    held = daily(usual.regimen, day(on - 1))  # on a day of change the dose of the day before is held
    assert all(daily(now.plan.regimen, day(on + number)) == held for number in range(days))


def test_half_as_fast_makes_everything_left_last_twice_as_long(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(20), Asked(slower=Fraction(2)))
    lengths = [step.days for step in usual.regimen.steps[2:-1]]
    assert [step.days for step in now.plan.regimen.steps[1:-1]] == [2 * days for days in lengths if days]
    assert now.plan.regimen.steps[0].days == 2 * 8, "8 days were left of the step"


def test_a_step_back_returns_to_the_dose_before_and_comes_down_by_the_same_steps(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(30), Asked(back=1))
    doses = [step.daily.decimal for step in now.plan.regimen.steps]
    assert doses[:3] == ["1.625", "1.5", "1.25"]
    assert now.case.goal.step_back_to == Dose.read("1.625 mg")
    judged = review(now.plan.regimen, now.case, KNOWN, on=day(30))
    step_back = [finding for finding in judged.findings if finding.rule == "step-back"]
    assert [finding.verdict for finding in step_back] == [Verdict.CAUTION, Verdict.CAUTION][: len(step_back)]
    assert step_back and not judged.verdict.blocks


def test_the_same_rise_that_nobody_asked_for_is_blocked(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(30), Asked(back=1))
    silent = replace(now.case, goal=replace(now.case.goal, step_back_to=None))
    judged = review(now.plan.regimen, silent, KNOWN, on=day(30))
    assert any(finding.rule == "dose-rise" and finding.verdict is Verdict.BLOCK for finding in judged.findings)


def test_ending_a_hold_takes_back_only_the_days_that_are_left_of_it(case: Case, usual: Plan) -> None:
    held = revised(usual, case, day(20), Asked(hold=28))
    after = Standing(
        signed=printed_so_far(usual.regimen, held.plan.regimen), version=held.plan.regimen, on=day(30), held=held.held
    )
    now = revise(after, Asked(resume=True), "usual", held.case, KNOWN)
    assert isinstance(now, Revised)
    for number in range(30, 480):
        assert daily(now.plan.regimen, day(number + 10)) == daily(usual.regimen, day(number)) or number + 10 < 38
    assert now.held is None
    assert daily(now.plan.regimen, day(38)) == daily(usual.regimen, day(28)), "10 of the 28 days were held"
    assert "No hold is under way" in refused(usual, case, day(30), Asked(resume=True))


def test_a_lower_dose_actually_taken_is_no_progress(case: Case, usual: Plan) -> None:
    lower = {"clonazepam": (at("morning", "0.5 mg"), at("night", "0.625 mg"))}  # 1.125 mg, planned from day 56
    now = revised(usual, case, day(30), NONE, taken=lower)
    assert all(intake.portions for intake in now.plan.regimen.steps[0].intakes), "and it is handed over in pieces"
    leaves = next(step.until for step in usual.regimen.steps if step.daily.decimal == "1.125")
    assert now.plan.regimen.steps[0].daily.decimal == "1.125"
    assert now.plan.regimen.steps[0].until == leaves, "it is left on the day on which the signed plan leaves it"
    assert all(
        daily(now.plan.regimen, day(number)) <= daily(usual.regimen, day(number)) for number in range(30, 480)
    ), "and nothing is raised by itself"
    assert now.plan.stock == () and any("Nobody knows what is left" in note for note in now.plan.notes)


def test_a_higher_dose_actually_taken_goes_down_by_every_step_and_never_catches_up(case: Case, usual: Plan) -> None:
    higher = {"clonazepam": (at("morning", "1 mg"), at("night", "1 mg"))}
    now = revised(usual, case, day(60), NONE, taken=higher)
    doses = [step.daily for step in now.plan.regimen.steps]
    assert doses == [Dose.read("2 mg"), *(step.daily for step in usual.regimen.steps)], "no step is left out"
    lengths = [step.days for step in now.plan.regimen.steps[1:]]
    assert lengths == [step.days for step in usual.regimen.steps]
    first = now.plan.regimen.steps[0]
    assert first.days is not None and first.days >= 14


def test_days_without_supply_are_asked_about_and_not_counted_as_progress(case: Case, usual: Plan) -> None:
    assert "nobody said what was taken" in refused(usual, case, day(30), Asked(hold=14), gap=9)
    assert "prescriber's decision" in refused(usual, case, day(30), NONE, gap=9, taken={"clonazepam": ()})
    same = {"clonazepam": tuple(replace(each, portions=None) for each in usual.regimen.on(day(41))[0].intakes)}
    now = revised(usual, case, day(41), NONE, gap=13, taken=same)
    assert any("13 days were without supply" in note for note in now.plan.notes)
    judged = review(now.plan.regimen, now.case, KNOWN, on=day(41))
    (gap,) = [each for each in judged.findings if each.rule == "supply-gap"]
    assert (gap.verdict, gap.who) == (Verdict.CAUTION, "the prescriber")
    assert now.plan.regimen.steps[0].days == 14, "one day of the step was left; it begins anew"
    assert next(each.dose_since for each in now.case.taking if each.drug == "clonazepam") == day(41)


def test_the_planned_dose_said_out_loud_is_the_planned_dose(case: Case, usual: Plan) -> None:
    same = {"clonazepam": (at("morning", "0.75 mg"), at("night", "1 mg"))}
    silent, said = (revised(usual, case, day(7), Asked(hold=14), taken=taken) for taken in (None, same))
    assert said.plan.regimen == silent.plan.regimen
    assert said.plan.supply == silent.plan.supply


def test_the_same_dose_at_other_times_is_kept_as_taken_until_the_next_step(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(7), NONE, taken={"clonazepam": (at("night", "1.75 mg"),)})
    first = now.plan.regimen.steps[0]
    assert [intake.time for intake in first.intakes] == ["night"]
    assert first.intakes[0].portions
    assert first.until == day(21), "at least as long as the limits need, and not sooner than signed"
    assert now.plan.stock == ()


def test_a_dose_that_nothing_makes_is_refused_with_its_neighbours(case: Case, usual: Plan) -> None:
    says = refused(usual, case, day(7), NONE, taken={"clonazepam": (at("night", "1.3 mg"),)})
    assert "do not make 1.3 mg of clonazepam in the night; the nearest are 1.25 mg and 1.375 mg" in says


def test_a_hold_is_over_once_another_dose_was_taken(case: Case, usual: Plan) -> None:
    held = revised(usual, case, day(20), Asked(hold=28))
    printed = printed_so_far(usual.regimen, held.plan.regimen)
    higher = {"clonazepam": (at("morning", "0.75 mg"), at("night", "1 mg"))}
    under_way = Standing(signed=printed, version=held.plan.regimen, on=day(21), held=held.held, taken=higher)
    now = revise(under_way, NONE, "usual", held.case, KNOWN)
    assert isinstance(now, Revised) and now.held is None
    both = revise(replace(under_way, on=day(22)), Asked(resume=True), "usual", held.case, KNOWN)
    assert isinstance(both, Infeasible)


def test_a_goal_that_is_reached_goes_on_and_its_products_may_change() -> None:
    case = a_case(KNOWN, goal="0.5 mg")
    plan = next(each for each in propose(case, KNOWN).plans if each.name == "usual")
    on = plan.ends_on + dt.timedelta(30)
    assert "goes on until further notice" in refused(plan, case, on, Asked(hold=14))
    tablet = (KNOWN.products["us-clonazepam-tablet-0.5mg"],)
    now = revised(plan, case, on, Asked(products=tablet))
    assert [(step.daily.decimal, step.until) for step in now.plan.regimen.steps] == [("0.5", None)]
    assert not review(now.plan.regimen, now.case, KNOWN, on=on).verdict.blocks
    assert "below the goal of 0.5 mg" in refused(plan, case, on, NONE, taken={"clonazepam": (at("night", "0.375 mg"),)})


def test_a_version_is_not_revised_from_before_its_own_first_day(case: Case, usual: Plan) -> None:
    held = revised(usual, case, day(20), Asked(hold=28))
    printed = printed_so_far(usual.regimen, held.plan.regimen)
    early = Standing(signed=printed, version=held.plan.regimen, on=day(10))
    found = revise(early, Asked(hold=3), "usual", held.case, KNOWN)
    assert isinstance(found, Infeasible) and "is newer than" in found.says


def test_what_is_taken_for_granted_is_said(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(30), Asked(hold=14))
    assert now.plan.notes[0].startswith("Taken for granted, so ask")


@pytest.mark.parametrize(
    ("on", "asked", "says"),
    [
        (-1, Asked(hold=14), "The plan begins on"),
        (421, Asked(hold=14), "Nothing is taken any more"),
        (420, Asked(slower=Fraction(2)), "Nothing is taken any more"),
        (0, Asked(hold=14), "to begin later, make it anew"),
        (30, Asked(hold=14, back=1), "One thing at a time"),
        (30, Asked(slower=Fraction(20)), "nobody plans so far ahead"),
        (30, Asked(slower=Fraction(1, 2)), "Going faster"),
        (5, Asked(back=1), "0 steps above"),
        (30, Asked(back=9), "2 steps above"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    case: Case, usual: Plan, on: int, asked: Asked, says: str
) -> None:
    assert says in refused(usual, case, day(on), asked)


def test_other_products_make_the_same_doses_where_they_can(case: Case, usual: Plan) -> None:
    quarters = tuple(KNOWN.products[f"us-clonazepam-odt-{each}mg"] for each in ("0.125", "0.25"))
    now = revised(usual, case, day(100), Asked(products=quarters))
    assert [step.daily for step in now.plan.regimen.steps] == [
        step.daily for step in usual.regimen.steps if step.until is None or step.until > day(100)
    ]
    assert {portion.product for _, _, portion in now.plan.regimen.portions()} <= set(quarters)


def test_other_products_that_cannot_make_them_get_a_new_plan_for_the_rest(case: Case, usual: Plan) -> None:
    tablets = tuple(KNOWN.products[f"us-clonazepam-tablet-{each}mg"] for each in ("0.5", "1"))
    now = revised(usual, case, day(90), Asked(products=tablets))
    assert {portion.product for _, _, portion in now.plan.regimen.portions()} <= set(tablets)
    for number in range(90, 500):
        assert daily(now.plan.regimen, day(number)) >= daily(usual.regimen, day(number)), "never sooner than signed"
    assert not review(now.plan.regimen, now.case, KNOWN, on=day(90)).verdict.blocks
    says = refused(usual, case, day(100), Asked(products=tablets))
    assert "do not make 0.375 mg" in says and "has to be made before" in says


def test_a_new_version_moves_the_events_it_moves_and_cancels_those_it_drops(case: Case, usual: Plan) -> None:
    first = an_edition(case, KNOWN)
    now = revised(usual, case, day(30), Asked(back=1))
    judged = review(now.plan.regimen, now.case, KNOWN, on=day(30))
    second = Edition(
        plan=now.plan, case=now.case, reviewed=judged, known=KNOWN, made_on=day(30), number=2, root=first.identity,
        before=first.printed,
    )  # fmt: skip
    before, after = _events(calendar(first)), _events(calendar(second))
    assert set(before) <= set(after), "every event is moved, kept or cancelled; none is forgotten"
    assert all(event["SEQUENCE"] == "1" for event in after.values())
    keys = {f"{first.identity}.{each.key}@opentaper" for each in entries(second.printed)}
    assert {uid for uid, event in after.items() if event["STATUS"] != "CANCELLED"} == keys
    assert {uid for uid, event in after.items() if event["STATUS"] == "CANCELLED"} == set(before) - keys
    dropped = Edition(
        plan=replace(now.plan), case=now.case, reviewed=judged, known=KNOWN, made_on=day(30), number=2,
        root=first.identity, before=_with_another_last_dose(first.printed),
    )  # fmt: skip
    assert any(event["STATUS"] == "CANCELLED" for event in _events(calendar(dropped)).values())


def _with_another_last_dose(regimen: Regimen) -> Regimen:
    """This function will pretend that the version before had ended on a dose that the new one has not."""
    *steps, last = regimen.steps
    return Regimen(steps=(*steps, replace(last, intakes=(at("night", "0.1 mg"),))))


def _events(text: bytes) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for block in text.decode().replace("\r\n ", "").split("BEGIN:VEVENT")[1:]:
        lines = dict(line.split(":", 1) for line in block.split("BEGIN:VALARM")[0].split("\r\n") if ":" in line)
        found[lines["UID"]] = lines
    return found


def test_the_changes_are_said_dose_by_dose(case: Case, usual: Plan) -> None:
    now = revised(usual, case, day(20), Asked(hold=14))
    said = changes(usual.regimen, now.plan.regimen, day(20))
    assert said[0] == "Clonazepam 1.625 mg a day: until 2027-01-11 instead of 2026-12-28."
    assert said[1] == "Clonazepam 1.5 mg a day: from 2027-01-12 instead of 2026-12-29, 14 days later."
    assert len(said) == len(usual.regimen.steps) - 1
    assert changes(usual.regimen, usual.regimen, day(20)) == ["Nothing changes."]


MANY = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
ASKED = st.one_of(
    st.integers(1, 40).map(lambda days: Asked(hold=days)),
    st.sampled_from([Fraction(2), Fraction(3, 2), Fraction(3)]).map(lambda times: Asked(slower=times)),
    st.integers(1, 2).map(lambda steps: Asked(back=steps)),
    st.just(Asked(resume=True)),
    st.integers(0, 9).map(lambda number: Asked(products=(KNOWN.products[sorted(KNOWN.products)[number]],))),
)


@pytest.mark.slow
@MANY
@given(raw_cases(KNOWN), st.lists(st.tuples(st.integers(0, 90), ASKED), min_size=1, max_size=4))
def test_however_often_it_is_revised_it_never_gets_faster_and_the_home_stock_never_runs_out(
    raw: dict[str, Any], asks: list[tuple[int, Asked]]
) -> None:
    """A person who collects and takes what each version says has enough every day, and never more than is needed."""
    try:
        case = case_from(raw, KNOWN, "case.toml")
    except CaseError:
        assume(False)
    plan = next((each for each in propose(case, KNOWN).plans if each.name == "usual"), None)
    assume(plan is not None)
    assert plan is not None
    drug, on = case.goal.of, TODAY
    signed, version, held, stock = plan.regimen, plan.regimen, None, plan.stock
    slowest = plan.regimen
    for later, asked in asks:
        on += dt.timedelta(later)
        have = case.supply.of(drug, KNOWN)  # half of what there is, so that some doses cannot be made any more
        wanted = Asked(products=have[len(have) // 2 :]) if asked.products else asked
        found = revise(
            Standing(signed=signed, version=version, on=on, held=held, stock=stock), wanted, "usual", case, KNOWN
        )
        if isinstance(found, Infeasible):
            continue
        assert review(found.plan.regimen, found.case, KNOWN, on=on).verdict.blocks is False or asked.back
        if not asked.resume:
            for number in range(0, 800, 7):
                then = on + dt.timedelta(number)
                assert daily(found.plan.regimen, then, drug) >= daily(signed, then, drug), "sooner than signed"
        every = case.supply.days_per_supply
        at_home = {item.product: item.amount for item in found.plan.stock}
        assert set(found.plan.stock) <= set(stock_on(version, every, on, stock))
        _live(found.plan, at_home, every)
        signed, version, held, stock = (
            printed_so_far(signed, found.plan.regimen),
            found.plan.regimen,
            found.held,
            found.plan.stock,
        )
        case, slowest = found.case, found.plan.regimen
        assert signed.of(drug)[0].from_ == TODAY
    assert slowest


def _live(plan: Plan, at_home: dict[Any, Fraction], every: Span) -> None:
    """This function will collect and take a plan day by day."""
    handed = {each.from_: each.items for each in plan.supply}
    last = max((step.until or step.from_ + dt.timedelta(every.days)) for step in plan.regimen.steps if step.intakes)
    on = plan.regimen.steps[0].from_
    while on < last:
        for item in handed.get(on, ()):
            at_home[item.product] = at_home.get(item.product, Fraction(0)) + item.amount
        for step in plan.regimen.on(on):
            for intake in step.intakes:
                for portion in intake.portions or ():
                    at_home[portion.product] = at_home.get(portion.product, Fraction(0)) - portion.amount
        assert all(amount >= 0 for amount in at_home.values()), f"nothing left on {on}"
        on += dt.timedelta(1)
    handed_now = {item.product for each in plan.supply for item in each.items}
    assert all(amount < 1 for product, amount in at_home.items() if product in handed_now), "more than the plan needs"


def test_a_hold_on_the_day_of_the_stop_keeps_the_last_dose(case: Case, usual: Plan) -> None:
    now = revised(usual, case, usual.ends_on, Asked(hold=14))
    assert [(step.daily.decimal, step.days) for step in now.plan.regimen.steps] == [("0.125", 14), ("0", None)]


def test_a_change_is_put_off_until_a_hold_that_the_person_planned_is_over() -> None:
    hold = {"from": day(90), "until": day(109), "because": "travel"}
    case = a_case(KNOWN, hold=[hold], baseline_days=10)
    plan = next(each for each in propose(case, KNOWN).plans if each.name == "usual")
    for on, asked in ((71, Asked(hold=7)), (35, Asked(hold=7)), (35, Asked(slower=Fraction(2))), (60, Asked(back=1))):
        now = revised(plan, case, day(on), asked)
        assert not [step for step in now.plan.regimen.steps if day(90) <= step.from_ < day(109)]


def test_a_step_back_over_a_short_baseline_lasts_as_long_as_the_limits_ask() -> None:
    case = a_case(KNOWN, baseline_days=10)
    plan = next(each for each in propose(case, KNOWN).plans if each.name == "usual")
    now = revised(plan, case, day(12), Asked(back=1))
    first = now.plan.regimen.steps[0]
    assert (first.daily.decimal, first.days) == ("2", 14)


def test_a_step_back_after_a_lower_dose_was_taken_goes_up_and_never_down(case: Case, usual: Plan) -> None:
    lower = {"clonazepam": (at("morning", "0.5 mg"), at("night", "0.75 mg"))}
    told = revised(usual, case, day(30), NONE, taken=lower)
    printed = printed_so_far(usual.regimen, told.plan.regimen)
    now = revise(
        Standing(signed=printed, version=told.plan.regimen, on=day(33)), Asked(back=1), "usual", told.case, KNOWN
    )
    assert isinstance(now, Revised)
    doses = [step.daily for step in now.plan.regimen.steps]
    assert doses[:2] == [Dose.read("1.5 mg"), Dose.read("1.25 mg")]
    assert doses == sorted(doses, reverse=True)


def test_since_when_a_dose_is_taken_is_never_said_too_early(case: Case, usual: Plan) -> None:
    back = revised(usual, case, day(250), Asked(back=1))
    printed = printed_so_far(usual.regimen, back.plan.regimen)
    again = next(step for step in back.plan.regimen.steps if step.daily.mg == Fraction(1, 4))
    on = again.from_
    now = revise(
        Standing(signed=printed, version=back.plan.regimen, on=on), Asked(slower=Fraction(2)), "usual", back.case, KNOWN
    )
    assert isinstance(now, Revised)
    assert now.case.present.dose_since == on
    gap = {"clonazepam": (at("morning", "0.125 mg"), at("night", "0.125 mg"))}
    after = revised(usual, case, day(262), NONE, gap=10, taken=gap)
    printed = printed_so_far(usual.regimen, after.plan.regimen)
    later = revise(
        Standing(signed=printed, version=after.plan.regimen, on=day(263)),
        Asked(slower=Fraction(2)),
        "usual",
        after.case,
        KNOWN,
    )
    assert isinstance(later, Revised)
    assert later.case.present.dose_since == day(262), "the gap is remembered"


def test_pieces_of_an_old_version_that_are_no_longer_had_are_made_anew(case: Case, usual: Plan) -> None:
    stock = tuple(
        KNOWN.products[key] for key in ("us-clonazepam-tablet-0.5mg", "compounded-clonazepam-suspension-0.1mg-per-ml")
    )
    other = revised(usual, case, day(86), Asked(products=stock))
    printed = printed_so_far(usual.regimen, other.plan.regimen)
    under_way = Standing(signed=printed, version=other.plan.regimen, on=day(104))
    now = revise(under_way, Asked(back=1), "usual", other.case, KNOWN)
    assert isinstance(now, Revised)
    assert {portion.product for _, _, portion in now.plan.regimen.portions()} <= set(stock)
    assert not review(now.plan.regimen, now.case, KNOWN, on=day(104)).verdict.blocks


def test_visits_move_with_a_hold() -> None:
    from opentaper.plan import Visit

    case = a_case(KNOWN)
    plan = next(each for each in propose(case, KNOWN).plans if each.name == "usual")
    visits = (Visit(from_=day(5), last=day(7)),)
    held = revised(plan, case, day(3), Asked(hold=14), visits=visits).plan.visits
    ended = revised(plan, case, day(4), Asked(resume=True), visits=held, held=(day(3), day(17))).plan.visits
    assert ended == (Visit(from_=day(6), last=day(8)),), "one day of the hold was kept"
    assert held == (Visit(from_=day(19), last=day(21)),)
