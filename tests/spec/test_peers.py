"""The cases at which other programs printed a wrong plan; each docstring says what one of them answered."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case, raw_case

from opentaper import Case, Dose, Knowledge, propose, review
from opentaper.exchange import plan_document, read_step, step_in_words
from opentaper.knowledge import Limit
from opentaper.patient import CaseError, Intake, Portion, Step, diazepam_equivalent
from opentaper.plan import Plan
from opentaper.plan.dates import on_day
from opentaper.plan.day import present_day
from opentaper.plan.supply import collections
from opentaper.quantity import Share, Span
from opentaper.review import Verdict

UK_DIAZEPAM = ["uk-diazepam-tablet-2mg", "uk-diazepam-tablet-5mg", "uk-diazepam-tablet-10mg"]


def plans(case: Case, known: Knowledge, protocol: str | None = None) -> dict[str, Plan]:
    return {plan.name: plan for plan in propose(case, known, protocol=protocol).plans}


def daily(plan: Plan) -> list[Fraction]:
    return [row.step.daily.mg for row in plan.rows]


def made(intake: Intake) -> Fraction:
    return sum((portion.dose.mg for portion in intake.portions or ()), Fraction(0))


@pytest.fixture(scope="module")
def diazepam_20(known: Knowledge) -> dict[str, Plan]:
    return plans(a_case(known, "diazepam", {"night": "20 mg"}, products=UK_DIAZEPAM), known)


@pytest.mark.parametrize("name", ["fastest", "usual", "gentle"])
def test_t1_every_row_is_exactly_its_tablets(diazepam_20: dict[str, Plan], name: str) -> None:
    """One peer's tablets added up to 20, 17, 16, 12, 12, 6, 6 … under doses of 20, 18, 16, 14.5, 13: 14 rows of 21 wrong."""
    for row in diazepam_20[name].rows:
        assert all(made(intake) == intake.dose.mg for intake in row.step.intakes)
        assert sum((made(intake) for intake in row.step.intakes), Fraction(0)) == row.step.daily.mg


def test_t1_no_row_rises_and_the_last_one_is_zero(diazepam_20: dict[str, Plan]) -> None:
    """The same peer's list rose four times and ended at 2 mg."""
    for plan in diazepam_20.values():
        assert all(before > after for before, after in pairwise([Fraction(20), *daily(plan)]))
        assert plan.rows[-1].step.daily == Dose(Fraction(0))
        assert plan.rows[-1].step.until is None


def test_t1_rows_where_a_milligram_is_more_than_the_limit_are_held_longer_and_flagged(
    diazepam_20: dict[str, Plan],
) -> None:
    """Peers go 3, 2, 1, 0 at the old pace without a word."""
    usual = diazepam_20["usual"]
    held = [(20 * Fraction(1), usual.rows[0].step.from_), *((row.step.daily.mg, row.step.from_) for row in usual.rows)]
    for (before, since), (after, on), row in zip(held, held[1:], usual.rows, strict=False):
        cut = (before - after) / before
        assert row.achieved == Share(cut)
        if cut > Fraction(1, 4):
            assert row.binding is not None
            assert row.binding.exceeded_by == Share(cut - Fraction(1, 4))
            assert (on - since).days >= 14 * -(-cut // Fraction(1, 4))


@pytest.mark.parametrize(
    "products",
    [
        ["us-clonazepam-tablet-0.5mg"],
        ["us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg", "us-clonazepam-tablet-2mg"],
        ["us-clonazepam-odt-0.125mg", "us-clonazepam-odt-0.25mg", "us-clonazepam-tablet-1mg"],
        ["ch-clonazepam-tablet-2mg"],
        ["ch-clonazepam-tablet-0.5mg", "ch-clonazepam-drops-2.5mg-per-ml"],
        ["us-alprazolam-tablet-2mg", "us-alprazolam-concentrate-1mg-per-ml"],
        [
            "uk-diazepam-tablet-2mg",
            "uk-diazepam-tablet-5mg",
            "uk-diazepam-tablet-10mg",
            "uk-diazepam-solution-0.4mg-per-ml",
        ],
        ["us-temazepam-capsule-7.5mg", "us-temazepam-capsule-22.5mg"],
    ],
)
def test_t2_words_read_back_to_the_dose(known: Knowledge, products: list[str]) -> None:
    """One peer could not read back its own 1½ or 2½ tablets; another printed "1.8 tablets"; a third no fraction at all."""
    drug = known.products[products[0]].drug
    case = a_case(
        known, drug, {"night": "40 mg"} if drug not in ("clonazepam", "alprazolam") else {"night": "8 mg"},
        products=products, supply={"pieces": "quarter", "pieces_per_intake": 8},
    )  # fmt: skip
    dispensary = present_day(case, known).dispensary
    read = 0
    for units, each in dispensary.made.items():
        dose = dispensary.dose(units)
        if not dose or ((dose.mg / Fraction(1, 4)).denominator != 1 and len(dispensary.made) > 500):
            continue
        intake = Intake(time="night", dose=dose, portions=each.portions)
        step = Step(drug=drug, from_=TODAY, until=None, intakes=(intake,))
        assert read_step(step_in_words(step)) == {"night": dose}
        read += 1
    assert read >= 4


def test_t2_the_last_bars_no_words_are_ever_empty_or_zero_pieces(known: Knowledge) -> None:
    """A peer's calendar said "1x pill", "0x pill", "0x pill", "0x pill" for 2.25, 1.5, 1 and 0.5 mg from 2 mg quarters."""
    product = known.products["ch-clonazepam-tablet-2mg"]
    said = []
    for quarters in (3, 2, 1):
        portion = Portion(product=product, amount=Fraction(quarters, 4))
        intake = Intake(time="night", dose=portion.dose, portions=(portion,))
        said.append(step_in_words(Step(drug="clonazepam", from_=TODAY, until=None, intakes=(intake,))))
    assert said == [
        "Clonazepam 1.5 mg a day. Night: three quarters of a 2 mg tablet (1.5 mg).",
        "Clonazepam 1 mg a day. Night: half a 2 mg tablet (1 mg).",
        "Clonazepam 0.5 mg a day. Night: a quarter of a 2 mg tablet (0.5 mg).",
    ]


def test_t13_a_dose_that_the_quarters_do_not_make_is_refused_with_its_neighbours(known: Knowledge) -> None:
    """The same peer printed "1x pill" for 2.25 mg, which no quarters of 2 mg tablets make."""
    case = a_case(
        known, intakes={"night": "4 mg"}, goal="2.25 mg", products=["ch-clonazepam-tablet-2mg"],
        supply={"pieces": "quarter"},
    )  # fmt: skip
    found = propose(case, known)
    assert not found.plans
    assert [str(dose) for dose in found.infeasible[0].nearest] == ["2 mg", "2.5 mg"]
    with pytest.raises(ValueError, match="the pieces at night make 2 mg, the row says"):
        Intake(
            time="night",
            dose=Dose.read("2.25 mg"),
            portions=(Portion(product=known.products["ch-clonazepam-tablet-2mg"], amount=Fraction(1)),),
        )


def test_t3_half_a_tablet_for_a_fortnight_is_seven(known: Knowledge) -> None:
    """One peer orders 14 tablets for half a tablet on 14 nights."""
    product = known.products["us-clonazepam-tablet-0.5mg"]
    portion = Portion(product=product, amount=Fraction(1, 2))
    half = Step(
        drug="clonazepam", from_=TODAY, until=TODAY + dt.timedelta(14),
        intakes=(Intake(time="night", dose=portion.dose, portions=(portion,)),),
    )  # fmt: skip
    from opentaper import Regimen

    (one,) = collections(Regimen(steps=(half,)), Span(28))
    assert [(item.product.key, item.amount) for item in one.items] == [(product.key, 7)]
    assert not one.left_over
    nine = [each.items for each in collections(Regimen(steps=(half,)), Span(9))]
    assert [items[0].amount for items in nine] == [5, 2], "the half left over from 4½ is used first"


def test_t5_a_high_dose_is_a_range_and_goes_to_a_specialist(known: Knowledge) -> None:
    """A peer turned 6 mg of alprazolam into "120 mg of diazepam", one number, and a slow request into a fast plan."""
    case = a_case(known, "alprazolam", {"morning": "2 mg", "afternoon": "2 mg", "night": "2 mg"})
    assert diazepam_equivalent("alprazolam", Dose.read("6 mg"), known) == (Dose(Fraction(60)), Dose(Fraction(120)))
    found = plans(case, known)
    judged = review(found["gentle"].regimen, case, known, on=TODAY)
    size = next(each for each in judged.findings if each.rule == "daily-diazepam-equivalent")
    assert size.verdict is Verdict.CAUTION
    assert "60 mg to 120 mg" in size.observed
    assert "specialist" in size.says


def test_t5_many_rows_never_make_a_slow_request_fast(known: Knowledge) -> None:
    """The peer switched from slow to fast when its table grew too long."""
    case = a_case(known, "alprazolam", {"morning": "2 mg", "afternoon": "2 mg", "night": "2 mg"})
    found = plans(case, known)
    assert found["fastest"].days < found["usual"].days < found["gentle"].days
    assert len(found["gentle"].rows) > 40
    assert all(len(row.step.intakes) == 3 for row in found["usual"].rows if row.step.daily.mg > 1)


def test_t6_the_nhs_scotland_table_comes_out_to_the_last_row(known: Knowledge) -> None:
    """A peer's own way from lorazepam 2 mg has 32 rows, switches in quarters and ignores which time of day is cut."""
    case = a_case(known, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, country="UK")
    plan = plans(case, known, "nhs-scotland-lorazepam")["nhs-scotland-lorazepam"]
    rows: dict[dt.date, dict[tuple[str, str], str]] = {}
    for row in plan.rows:
        day = rows.setdefault(row.step.from_, {})
        day |= {(row.step.drug, intake.time): intake.dose.decimal for intake in row.step.intakes}
    morning, night = ("diazepam", "morning"), ("diazepam", "night")
    printed: list[dict[tuple[str, str], str]] = [{("lorazepam", "morning"): "1", night: "10"}]
    printed += [{morning: str(mg), night: "10"} for mg in range(10, 0, -1)]
    printed += [{night: str(mg)} for mg in range(10, 0, -1)]
    printed += [{}]
    assert list(rows.values()) == printed
    assert len(printed) == 22


def test_t6_the_held_table_has_the_same_doses_and_is_not_blocked(known: Knowledge) -> None:
    case = a_case(known, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, country="UK")
    both = plans(case, known, "nhs-scotland-lorazepam")
    published, held = both["nhs-scotland-lorazepam"], both["nhs-scotland-lorazepam-held"]
    assert daily(published) == daily(held)
    assert review(published.regimen, case, known, on=TODAY).verdict is Verdict.BLOCK
    assert not review(held.regimen, case, known, on=TODAY).verdict.blocks


@pytest.mark.parametrize(
    ("start", "steps", "envelope", "stated"), [("40 mg", 20, (20, 70), (30, 60)), ("20 mg", 15, (15, 50), (20, 40))]
)
def test_t7_the_cks_bands_are_kept_to_the_last_row(
    known: Knowledge, start: str, steps: int, envelope: tuple[int, int], stated: tuple[int, int]
) -> None:
    """Peers with banded steps cross from one band into the next in a single cut, or leave out the last rows."""
    case = a_case(known, "diazepam", {"night": start}, products=UK_DIAZEPAM, supply={"pieces_per_intake": 6})
    protocol = known.protocols["nice-cks-diazepam"]
    plan = plans(case, known, protocol.key)[protocol.key]
    doses = [Dose.read(start).mg, *daily(plan)]
    assert len(plan.rows) == steps
    for before, after in pairwise(doses):
        band = next(band for band in protocol.bands if before > band.above.mg)
        assert band.step_low.mg <= before - after <= band.step_high.mg
        assert after >= band.above.mg
    weeks = Fraction(plan.days + 14, 7)  # the last step's own fortnight counts in the printed totals
    assert envelope[0] <= weeks <= envelope[1]
    assert stated[0] <= weeks <= stated[1]
    golden = next(each for each in protocol.golden if each.start.mg == doses[0])
    assert tuple(doses[1:]) == golden.daily_mg


def test_t9_capsules_are_never_split(known: Knowledge) -> None:
    """A peer went 30, 20, 10, stop with whole capsules and never said that the asked share was not met."""
    case = a_case(
        known, "temazepam", {"night": "30 mg"}, products=["us-temazepam-capsule-7.5mg", "us-temazepam-capsule-15mg"],
        share="10 %", supply={"pieces": "half"},
    )  # fmt: skip
    usual = plans(case, known)["usual"]
    assert [float(mg) for mg in daily(usual)] == [22.5, 15, 7.5, 0]
    portions = [portion for row in usual.rows for intake in row.step.intakes for portion in intake.portions or ()]
    assert all(portion.amount.denominator == 1 for portion in portions)
    assert all(row.requested == Share(Fraction(1, 10)) and row.achieved > row.requested for row in usual.rows)


def test_t9_the_first_row_beyond_the_limit_names_what_would_repair_it(known: Knowledge) -> None:
    case = a_case(
        known, "temazepam", {"night": "20 mg"}, products=["uk-temazepam-tablet-10mg", "uk-temazepam-tablet-20mg"],
        share="25 %",
    )  # fmt: skip
    usual = plans(case, known)["usual"]
    assert [float(mg) for mg in daily(usual)] == [15, 10, 5, 0]
    assert usual.repair is not None
    assert usual.repair.row == 1, "15 to 10 mg is the first step beyond 25 %"
    assert [product.key for product in usual.repair.products] == ["uk-temazepam-solution-2mg-per-ml"]
    holds = [row.step.days for row in usual.rows]
    assert holds[0] is not None and holds[0] >= 28, "15 mg is held in proportion before a third of it goes"


def test_t9_stock_that_cannot_do_it_is_refused_with_what_could(known: Knowledge) -> None:
    case = a_case(known, "temazepam", {"night": "30 mg"}, products=["us-temazepam-capsule-30mg"])
    found = propose(case, known)
    assert not found.plans
    assert "us-temazepam-capsule-7.5mg" in [product.key for product in found.infeasible[0].would_work] + [
        product.key for each in found.infeasible for product in each.would_work
    ]


def test_t11_the_steps_that_grow_at_the_end_are_named(known: Knowledge) -> None:
    """A peer's ladder in steps of one half tablet ends with cuts of 25, 33, 50 and 100 % without a word."""
    case = a_case(
        known,
        intakes={"night": "2 mg"},
        products=["us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg"],
        share="12.5 %",
    )
    usual = plans(case, known)["usual"]
    assert [float(mg) for mg in daily(usual)] == [1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25, 0]
    beyond = {row.step.daily.decimal: row for row in usual.rows if row.binding and row.binding.exceeded_by}
    assert list(beyond) == ["0.5", "0.25", "0"]
    for row in beyond.values():
        assert row.binding is not None
        assert row.binding.by.limit == "two-week-reduction"
        assert "jcpg-2025" in row.says
    assert [row.step.daily.decimal for row in usual.rows if row.achieved == Share(Fraction(1, 4))] == ["0.75"]


def test_t15_a_date_too_soon_is_stretched_and_recorded(known: Knowledge) -> None:
    """A peer answered 40, 20, 0 when asked to be done in 14 days."""
    asked = a_case(
        known, "diazepam", {"night": "40 mg"}, products=UK_DIAZEPAM, finish_by=dt.date(2026, 12, 15),
        supply={"pieces_per_intake": 6},
    )  # fmt: skip
    free = a_case(known, "diazepam", {"night": "40 mg"}, products=UK_DIAZEPAM, supply={"pieces_per_intake": 6})
    for name, plan in plans(asked, known).items():
        assert plan.rows == plans(free, known)[name].rows
        assert any("2026-12-15 was asked for" in note for note in plan.notes)


@pytest.mark.parametrize("start", ["2 mg", "1 mg", "0.5 mg"])
def test_t18_small_starts_give_short_valid_plans(known: Knowledge, start: str) -> None:
    """A peer ended in an IndexError for 2 mg."""
    case = a_case(known, "diazepam", {"night": start}, country="US")
    for plan in plans(case, known).values():
        assert plan.rows[-1].step.daily.mg == 0
        assert all(before > after for before, after in pairwise(daily(plan)))
        assert daily(plan)[0] < Dose.read(start).mg or "held before" in plan.rows[0].says
        assert plan.days <= {"fastest": 183, "usual": 549, "gentle": 1098}[plan.name]
        assert not review(plan.regimen, case, known, on=TODAY).verdict.blocks


@pytest.mark.parametrize("start", ["0 mg", "-5 mg", "NaN mg", "1e9 mg", "5,0 mg", "20000 mcg/day", "5"])
def test_t18_bad_starts_are_refused(known: Knowledge, start: str) -> None:
    """A peer ended in an IndexError for -5 mg, and others computed on."""
    with pytest.raises(CaseError, match="dose"):
        a_case(known, "diazepam", {"night": start})


def test_t18_milligrams_written_for_micrograms_are_refused(known: Knowledge) -> None:
    with pytest.raises(CaseError, match="is it mcg, not mg"):
        a_case(known, "clonazepam", {"night": "500 mg"})


def test_t19_steps_are_half_open_calendar_dates(known: Knowledge) -> None:
    """A peer printed the first of the month for the second in Sydney."""
    first = dt.date(2024, 1, 1)
    days = [on_day(first, day, ()) for day in (0, 5, 8, 15)]
    last = [day - dt.timedelta(1) for day in days[1:]]
    assert [f"{since:%m-%d} to {until:%m-%d}" for since, until in zip(days, last, strict=False)] == [
        "01-01 to 01-05",
        "01-06 to 01-08",
        "01-09 to 01-15",
    ]
    assert on_day(dt.date(2028, 2, 22), 7, ()) == dt.date(2028, 2, 29)
    assert on_day(dt.date(2026, 12, 28), 14, ()) == dt.date(2027, 1, 11)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu", "Australia/Sydney", "Europe/Zurich"])
def test_t19_dates_do_not_depend_on_the_time_zone(known: Knowledge, zone: str) -> None:
    case = raw_case()
    case["goal"]["starts_on"] = dt.date(2028, 2, 15)
    code = (
        "import datetime as dt, json, sys; from opentaper import load, propose; from opentaper.patient import case_from;"
        "raw = eval(sys.stdin.read(), {'datetime': dt}); known = load(dt.date(2026, 12, 1));"
        "print([str(row.step.from_) for row in propose(case_from(raw, known, 'case'), known).plans[1].rows])"
    )
    env = os.environ | {"TZ": zone}
    here = subprocess.run(
        [sys.executable, "-c", code], input=repr(case), env=env, capture_output=True, text=True, check=True
    )
    from opentaper.patient import case_from

    usual = plans(case_from(case, known, "case"), known)["usual"]
    assert here.stdout.strip() == str([str(row.step.from_) for row in usual.rows])


def test_t24_the_tightest_limit_is_the_binding_one_and_the_others_are_listed(known: Knowledge) -> None:
    """Peers clamp without a word; AndroidAPS keeps every reason and the one that bound."""
    policy = (
        _limit("policy-step", "step-reduction", Fraction(1, 10), None),
        _limit("policy-rolling", "rolling-reduction", Fraction(15, 100), Span(28)),
    )
    stricter = replace(known, limits=(*known.limits, *policy))
    case = a_case(
        known,
        "diazepam",
        {"night": "10 mg"},
        products=["uk-diazepam-tablet-2mg", "uk-diazepam-tablet-5mg"],
        share="25 %",
    )
    first = plans(case, stricter)["usual"].rows[0]
    assert first.step.daily == Dose.read("9 mg")
    assert first.requested == Share(Fraction(1, 4))
    assert first.binding is not None
    assert first.binding.by.limit == "policy-step"
    assert {"policy-rolling", "asked-pace", "two-week-reduction"} <= {each.limit for each in first.binding.others}


def _limit(key: str, measures: str, value: Fraction, per: Span | None) -> Limit:
    return Limit(
        id=key, measures=measures, bound="at most", value=value, per=per, effect="block", strength="house",
        certainty="not graded", says="A clinic's own limit.", source="opentaper", at="policy", confidence="low",
    )  # fmt: skip


def test_the_document_is_exact_and_complete(known: Knowledge) -> None:
    case = a_case(known)
    options = propose(case, known)
    reviewed = [review(plan.regimen, case, known, on=TODAY) for plan in options.plans]
    document = json.loads(json.dumps(plan_document(options, reviewed, known)))
    assert document["schema"] == "opentaper.plan/1"
    assert document["knowledge"]["state"] == "draft"
    for option in document["options"]:
        steps = option["steps"]
        assert steps[-1]["until"] is None and steps[-1]["daily_mg"] == "0"
        assert all(before["until"] == after["from"] for before, after in pairwise(steps))
        assert (
            option["days"]
            == (dt.date.fromisoformat(option["ends_on"]) - dt.date.fromisoformat(option["starts_on"])).days
        )
        doses = [Fraction(2), *(Fraction(step["daily_mg"]) for step in steps)]
        for before, step in zip(doses, steps, strict=False):
            assert Fraction(step["achieved_share"]) == (before - Fraction(step["daily_mg"])) / before


def test_one_plan_takes_well_under_a_second(known: Knowledge) -> None:
    began = time.perf_counter()
    propose(a_case(known), known)
    assert time.perf_counter() - began < 1
