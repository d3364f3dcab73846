"""What a switch to another benzodiazepine is, and what an order of several is, in clinical words."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import raw_case

from opentaper import Case, Knowledge, Regimen, Reviewed, propose, review
from opentaper.exchange import plan_document
from opentaper.patient import CaseError, Intake, Step, case_from, daily_equivalents
from opentaper.plan import Infeasible, Plan
from opentaper.quantity import Dose
from opentaper.review import Finding, Verdict

THREE_A_DAY = ("morning", "afternoon", "night")
OWN = {"fastest", "usual", "gentle"}


def switching(
    known: Knowledge,
    drug: str,
    intakes: dict[str, str],
    to: str = "diazepam",
    *,
    wish: dict[str, Any] | None = None,
    **keys: Any,
) -> Case:
    raw = raw_case(drug, intakes, **keys)
    raw["switch"] = {"to": to, **(wish or {})}
    return case_from(raw, known, "case.toml")


def with_medicine(known: Knowledge, medicine: str, drug: str, intakes: dict[str, str]) -> Case:
    raw = raw_case(drug, intakes)
    raw["switch"] = {"to": "diazepam"}
    raw["taking"].append({"drug": medicine, "since": dt.date(2020, 1, 1)})
    return case_from(raw, known, "case.toml")


def the_switch(case: Case, known: Knowledge) -> Plan:
    return next(plan for plan in propose(case, known).plans if plan.name == "switch")


def why_not(case: Case, known: Knowledge) -> Infeasible:
    found = propose(case, known)
    assert {plan.name for plan in found.plans} == OWN, "the own-drug taper is always offered beside"
    return next(each for each in found.infeasible if each.name == "switch")


def judged(plan: Plan, case: Case, known: Knowledge) -> Reviewed:
    return review(plan.regimen, case, known, on=TODAY)


def finding(reviewed: Reviewed, rule: str) -> Finding:
    return max((each for each in reviewed.findings if each.rule == rule), key=lambda each: each.verdict.rank)


def taken_on(plan: Plan, day: dt.date) -> dict[tuple[str, str], Fraction]:
    """Look up what a plan's rows give on a day, with nothing of ours but the rows."""
    return {
        (row.step.drug, intake.time): intake.dose.mg
        for row in plan.rows
        if row.step.from_ <= day and (row.step.until is None or day < row.step.until)
        for intake in row.step.intakes
    }


def crossover(plan: Plan, old: str) -> list[dict[tuple[str, str], Fraction]]:
    """List what is taken on the first day of every part of the crossover."""
    return [taken_on(plan, row.step.from_) for row in plan.rows if row.step.drug == old]


# T5: a high dose ------------------------------------------------------------------------------------------------


def test_t5_six_milligrams_of_alprazolam_are_refused_at_the_specialist_gate(known: Knowledge) -> None:
    refused = why_not(switching(known, "alprazolam", dict.fromkeys(THREE_A_DAY, "2 mg")), known)
    assert "60 mg to 120 mg of diazepam" in refused.says
    assert "switch-dose-automatic" in refused.says
    assert "specialist" in refused.says
    assert "at most 40 mg" in refused.says
    assert "taper alprazolam itself stand beside" in refused.says


def test_t5_a_hand_written_switch_to_sixty_milligrams_is_blocked_at_the_same_gate(known: Knowledge) -> None:
    case = switching(known, "alprazolam", {"night": "2 mg"})
    regimen = at_once("alprazolam", Dose(Fraction(60)), TODAY)
    found = review(regimen, case, known, on=TODAY)
    assert finding(found, "switch-dose").verdict is Verdict.BLOCK
    assert "specialist" in finding(found, "switch-dose").says


def test_t5_three_milligrams_are_switched_in_halves_night_first_and_reviewed_in_days_five_to_seven(
    known: Knowledge,
) -> None:
    case = switching(known, "alprazolam", dict.fromkeys(THREE_A_DAY, "1 mg"))
    plan = the_switch(case, known)
    a, d = "alprazolam", "diazepam"
    full = {(a, time): Fraction(1) for time in THREE_A_DAY}
    half = Fraction(1, 2)
    expected = []
    for time in ("night", "afternoon", "morning"):
        full = full | {(a, time): half, (d, time): Fraction(5)}
        expected.append(dict(full))
        full = {key: mg for key, mg in full.items() if key != (a, time)} | {(d, time): Fraction(10)}
        expected.append(dict(full))
    assert crossover(plan, a) == expected
    days = [(row.step.from_ - TODAY).days for row in plan.rows if row.step.drug == a]
    assert days == [0, 2, 4, 7, 9, 11]
    assert any("30 mg to 60 mg of diazepam" in note and "VA/DoD 2021" in note for note in plan.notes)
    assert any("2026-12-06 to 2026-12-08" in note and "nhs-scotland-2024" in note for note in plan.notes)
    reviewed = judged(plan, case, known)
    assert not reviewed.verdict.blocks
    assert "2026-12-06 to 2026-12-08" in finding(reviewed, "tolerance-review-from").observed
    assert finding(reviewed, "tolerance-review-from").verdict is Verdict.NOTE
    assert finding(reviewed, "switch-dose").verdict is Verdict.PASS
    assert finding(reviewed, "switch-overlap").verdict is Verdict.PASS


def test_t5_above_thirty_milligrams_of_diazepam_a_specialist_is_asked(known: Knowledge) -> None:
    case = switching(known, "alprazolam", {"morning": "1.5 mg", "afternoon": "1 mg", "night": "1 mg"})
    plan = the_switch(case, known)
    found = finding(judged(plan, case, known), "switch-dose")
    assert found.verdict is Verdict.CAUTION
    assert (found.source, found.who) == ("nhs-lanarkshire-2022", "the prescriber")
    assert "35 mg" in found.observed


def test_forty_milligrams_are_planned_and_the_next_dose_above_is_not(known: Knowledge) -> None:
    at = known.limits_on("switch-diazepam-equivalent")
    assert max(limit.value for limit in at) == 40
    forty = switching(known, "alprazolam", {"morning": "2 mg", "night": "2 mg"})
    plan = the_switch(forty, known)
    assert max(row.step.daily.mg for row in plan.rows if row.step.drug == "diazepam") == 40
    assert not judged(plan, forty, known).verdict.blocks
    refused = why_not(switching(known, "alprazolam", {"morning": "2.25 mg", "night": "2 mg"}), known)
    assert "switch-dose-automatic" in refused.says


# The arithmetic, by hand ----------------------------------------------------------------------------------------

VA = {
    "alprazolam": Fraction(1),
    "clonazepam": Fraction(1),
    "lorazepam": Fraction(2),
    "temazepam": Fraction(15),
    "oxazepam": Fraction(30),
}
"""What the VA/DoD table prints for 10 mg of diazepam, typed in here once more."""


@pytest.mark.parametrize(
    ("drug", "intakes"),
    [
        ("alprazolam", {"morning": "1 mg", "night": "1 mg"}),
        ("clonazepam", {"night": "1 mg"}),
        ("clonazepam", {"morning": "0.5 mg", "evening": "0.5 mg", "night": "1 mg"}),
        ("lorazepam", {"morning": "1 mg", "midday": "0.5 mg", "night": "2 mg"}),
        ("temazepam", {"night": "15 mg"}),
        ("temazepam", {"night": "30 mg"}),
        ("oxazepam", {"morning": "15 mg", "night": "30 mg"}),
    ],
)
def test_a_dull_sum_of_every_part_never_rises_and_loses_no_more_than_one_step(
    known: Knowledge, drug: str, intakes: dict[str, str]
) -> None:
    case = switching(known, drug, intakes, wish={"table": "va-dod-2021"})
    plan = the_switch(case, known)
    now = {time: Fraction(dose.split()[0]) for time, dose in intakes.items()}
    whole = sum(now.values()) * 10 / VA[drug]
    last_sum, last_old, last_new = whole, dict(now), dict.fromkeys(now, Fraction(0))
    parts = crossover(plan, drug)
    for part in parts:
        old = {time: part.get((drug, time), Fraction(0)) for time in now}
        new = {time: part.get(("diazepam", time), Fraction(0)) for time in now}
        assert set(part) <= {(each, time) for each in (drug, "diazepam") for time in now}, "the same times of day"
        total = sum(old.values()) * 10 / VA[drug] + sum(new.values())
        assert total <= last_sum
        assert all(old[time] <= last_old[time] and new[time] >= last_new[time] for time in now)
        assert all(new[time] <= (now[time] - old[time]) * 10 / VA[drug] for time in now)
        last_sum, last_old, last_new = total, old, new
    assert last_old == dict.fromkeys(now, Fraction(0))
    assert last_sum >= whole * Fraction(3, 4)
    ends = [row.step for row in plan.rows if row.step.drug == drug][-1]
    assert (ends.until, ends.intakes) == (None, ())
    first_cut = next(row for row in plan.rows if row.step.drug == "diazepam" and row.achieved.of > 0)
    assert (first_cut.step.from_ - ends.from_).days >= 14
    assert (plan.rows[-1].step.drug, plan.rows[-1].step.daily.mg) == ("diazepam", 0)
    assert not judged(plan, case, known).verdict.blocks


def test_one_milligram_of_clonazepam_is_ten_of_diazepam_in_two_halves(known: Knowledge) -> None:
    case = switching(known, "clonazepam", {"night": "1 mg"})
    plan = the_switch(case, known)
    night = ("diazepam", "night")
    assert crossover(plan, "clonazepam") == [
        {("clonazepam", "night"): Fraction(1, 2), night: Fraction(5)},
        {night: Fraction(10)},
    ]
    assert any("10 mg to 40 mg of diazepam" in note for note in plan.notes)
    assert [(row.step.from_ - TODAY).days for row in plan.rows if row.step.drug == "clonazepam"] == [0, 7]


def test_the_table_asked_for_is_used_at_its_lower_end(known: Knowledge) -> None:
    case = switching(known, "clonazepam", {"night": "1 mg"}, wish={"table": "ashton-2002"})
    plan = the_switch(case, known)
    assert crossover(plan, "clonazepam")[-1] == {("diazepam", "night"): Fraction(20)}
    assert any("Ashton 2002/2007" in row.says for row in plan.rows)


def test_the_order_and_the_days_asked_for_are_kept(known: Knowledge) -> None:
    wish = {"order": ["morning", "night"], "days": 8}
    case = switching(known, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, wish=wish)
    plan = the_switch(case, known)
    assert ("diazepam", "morning") in crossover(plan, "lorazepam")[0]
    assert [(row.step.from_ - TODAY).days for row in plan.rows if row.step.drug == "lorazepam"] == [0, 2, 4, 6]


def test_in_a_hold_no_part_of_a_switch_begins_and_the_days_on_the_present_dose_come_first(known: Knowledge) -> None:
    hold = {"from": dt.date(2026, 12, 10), "until": dt.date(2026, 12, 20), "because": "travel"}
    case = switching(known, "alprazolam", dict.fromkeys(THREE_A_DAY, "1 mg"), hold=[hold], baseline_days=7)
    plan = the_switch(case, known)
    assert plan.baseline is not None
    assert plan.starts_on == dt.date(2026, 12, 8)
    days = [row.step.from_ for row in plan.rows if row.step.drug == "alprazolam"]
    assert [(day - plan.starts_on).days for day in days] == [0, 12, 14, 17, 19, 21]
    assert not any(hold["from"] <= row.step.from_ < hold["until"] for row in plan.rows)
    assert any("travel" in note for note in plan.notes)
    assert not judged(plan, case, known).verdict.blocks


def test_a_goal_above_zero_is_the_same_goal_in_the_new_drug(known: Knowledge) -> None:
    plan = the_switch(switching(known, "clonazepam", {"night": "1 mg"}, goal="0.5 mg"), known)
    assert (plan.rows[-1].step.drug, plan.rows[-1].step.daily.mg) == ("diazepam", 5)
    uk = {"products": ["uk-diazepam-tablet-5mg", "uk-clonazepam-tablet-0.5mg"], "supply": {"pieces": "whole"}}
    refused = why_not_all(switching(known, "clonazepam", {"night": "1 mg"}, goal="0.25 mg", **uk), known)
    assert "0.25 mg of clonazepam a day is 2.5 mg of diazepam" in refused.says
    assert {dose.mg for dose in refused.nearest} == {0, 5}


def why_not_all(case: Case, known: Knowledge) -> Infeasible:
    return next(each for each in propose(case, known).infeasible if each.name == "switch")


def test_products_too_coarse_to_replace_an_intake_are_refused_with_those_that_would_help(known: Knowledge) -> None:
    products = ["us-alprazolam-tablet-0.25mg", "us-alprazolam-tablet-0.5mg", "us-diazepam-tablet-10mg"]
    case = switching(
        known, "alprazolam", {"morning": "0.5 mg", "night": "0.25 mg"}, products=products, supply={"pieces": "whole"}
    )
    refused = why_not_all(case, known)
    assert "two-week-reduction" in refused.says
    assert refused.would_work
    assert all(product.drug == "diazepam" for product in refused.would_work)


def test_without_a_product_of_the_new_drug_the_switch_is_refused_and_the_own_taper_stands(known: Knowledge) -> None:
    products = ["us-clonazepam-tablet-0.5mg", "us-clonazepam-odt-0.125mg"]
    refused = why_not(switching(known, "clonazepam", {"night": "1 mg"}, products=products), known)
    assert "no product of diazepam" in refused.says
    assert refused.would_work


def test_drugs_that_no_table_compares_are_not_switched(known: Knowledge) -> None:
    refused = why_not_all(switching(known, "clonazepam", {"night": "1 mg"}, to="loprazolam"), known)
    assert "No published table compares" in refused.says


# Who should not be switched -------------------------------------------------------------------------------------


def test_with_liver_disease_a_switch_to_diazepam_is_blocked_and_others_are_named(known: Knowledge) -> None:
    raw = raw_case("clonazepam", {"night": "1 mg"})
    raw["switch"] = {"to": "diazepam"}
    for answer, verdict in (("yes", Verdict.BLOCK), ("unknown", Verdict.UNKNOWN), ("no", Verdict.PASS)):
        raw["screening"]["liver_disease"] = answer
        case = case_from(raw, known, "case.toml")
        found = finding(judged(the_switch(case, known), case, known), "switch-in-liver-disease")
        assert found.verdict is verdict
        if verdict is not Verdict.PASS:
            assert "lorazepam, oxazepam, temazepam" in found.observed


def test_with_liver_disease_a_switch_to_oxazepam_is_not_blocked_for_it(known: Knowledge) -> None:
    raw = raw_case("diazepam", {"night": "5 mg"})
    raw["screening"]["liver_disease"] = "yes"
    case = case_from(raw, known, "case.toml")
    steps = (
        Step(drug="diazepam", from_=TODAY, until=None, intakes=()),
        Step(drug="oxazepam", from_=TODAY, until=None, intakes=(Intake(time="night", dose=Dose(Fraction(10))),)),
    )
    assert (
        finding(review(Regimen(steps=steps), case, known, on=TODAY), "switch-in-liver-disease").verdict is Verdict.PASS
    )


@pytest.mark.parametrize(
    ("medicine", "figure"), [("fluvoxamine", "0.35"), ("omeprazole", "0.73"), ("carbamazepine", "3")]
)
def test_a_medicine_that_changes_the_level_of_diazepam_needs_a_reason(
    known: Knowledge, medicine: str, figure: str
) -> None:
    case = with_medicine(known, medicine, "lorazepam", {"morning": "1 mg", "night": "1 mg"})
    found = finding(judged(the_switch(case, known), case, known), "switch-interaction")
    assert found.verdict is Verdict.CAUTION
    assert found.where == f"{medicine} with diazepam"
    assert figure in found.observed
    assert "oxazepam" in found.observed
    own = next(plan for plan in propose(case, known).plans if plan.name == "usual")
    assert finding(judged(own, case, known), "switch-interaction").verdict is Verdict.PASS


def test_at_seventy_a_switch_to_a_long_acting_drug_needs_a_reason(known: Knowledge) -> None:
    raw = raw_case("lorazepam", {"night": "2 mg"})
    raw["switch"] = {"to": "diazepam"}
    raw["patient"]["born"] = dt.date(1956, 5, 2)
    case = case_from(raw, known, "case.toml")
    found = finding(judged(the_switch(case, known), case, known), "switch-in-older-adult")
    assert found.verdict is Verdict.CAUTION
    assert "70 years" in found.observed
    assert "oxazepam, temazepam" in found.observed


def at_once(old: str, dose: Dose, on: dt.date) -> Regimen:
    return Regimen(
        steps=(
            Step(drug=old, from_=on, until=None, intakes=()),
            Step(drug="diazepam", from_=on, until=None, intakes=(Intake(time="night", dose=dose),)),
        )
    )


def test_a_switch_overnight_is_a_caution_and_one_over_a_week_is_not(known: Knowledge) -> None:
    case = switching(known, "clonazepam", {"night": "1 mg"})
    found = finding(review(at_once("clonazepam", Dose(Fraction(10)), TODAY), case, known, on=TODAY), "switch-overlap")
    assert found.verdict is Verdict.CAUTION
    assert found.source == "jcpg-2025"


# What a program reads -------------------------------------------------------------------------------------------


def test_the_document_gives_the_range_of_the_sum_for_every_span_of_days(known: Knowledge) -> None:
    case = switching(known, "clonazepam", {"night": "1 mg"})
    found = propose(case, known)
    document = plan_document(found, [judged(plan, case, known) for plan in found.plans], known, case)
    options = {option["name"]: option for option in document["options"]}
    assert {name for name, option in options.items() if option["diazepam_equivalents"] is None} == OWN
    spans = options["switch"]["diazepam_equivalents"]
    assert spans[0] == {"from": "2026-12-01", "until": "2026-12-08", "low_mg": "10", "high_mg": "25"}
    assert spans[1] == {"from": "2026-12-08", "until": "2026-12-22", "low_mg": "10", "high_mg": "10"}
    assert spans[-1]["until"] is None
    assert all(one["until"] == other["from"] for one, other in pairwise(spans))


def test_a_sum_is_made_table_by_table_and_never_of_two(known: Knowledge) -> None:
    """Oxazepam is least by one table and alprazolam by another; no single table makes both least."""
    raw = raw_case("alprazolam", {"night": "1 mg"})
    raw["taking"].append(
        {"drug": "oxazepam", "since": dt.date(2020, 1, 1), "intakes": [{"time": "night", "dose": "30 mg"}]}
    )
    case = case_from(raw, known, "case.toml")
    regimen = Regimen(steps=(Step(drug="alprazolam", from_=TODAY, until=None, intakes=case.present.intakes),))
    (span,) = daily_equivalents(regimen, case, known)
    sums = []
    for table in known.equivalences.values():
        rows = {row.drug: row for row in table.rows}
        if table.equivalence and {"alprazolam", "oxazepam"} <= set(rows):
            a, o = rows["alprazolam"], rows["oxazepam"]
            sums += [10 / a.high.mg + 300 / o.high.mg, 10 / a.low.mg + 300 / o.low.mg]
    assert (span.low, span.high) == (Dose(min(sums)), Dose(max(sums)))


# What a case may say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"to": "clonazepam"}, "already"),
        ({"to": "zolpidem"}, "taken already"),
        ({"to": "diazapam"}, 'did you mean "diazepam"'),
        ({"to": "diazepam", "table": "who-ddd-2026"}, "no equivalence"),
        ({"to": "nitrazepam", "table": "va-dod-2021"}, "does not know both"),
        ({"to": "diazepam", "table": "ashton"}, "not known here"),
        ({"to": "diazepam", "days": 6}, "from 7 to 14"),
        ({"to": "diazepam", "days": 15}, "from 7 to 14"),
        ({"to": "diazepam", "order": ["night"]}, "morning is missing"),
        ({"to": "diazepam", "order": ["night", "midday"]}, "no time of a present intake"),
        ({"to": "diazepam", "order": ["night", "night"]}, "twice"),
        ({"to": "diazepam", "speed": 3}, "not known here"),
        ({"to": ""}, "expected text"),
    ],
)
def test_a_switch_that_cannot_be_read_is_refused_in_one_sentence(
    known: Knowledge, wish: dict[str, Any], says: str
) -> None:
    raw = raw_case()
    raw["taking"].append(raw_case("zolpidem", {"night": "10 mg"})["taking"][0])
    raw["switch"] = wish
    with pytest.raises(CaseError, match=says) as refused:
        case_from(raw, known, "case.toml")
    assert len(str(refused.value).splitlines()) == 1
    assert "[switch]" in str(refused.value)


@pytest.mark.parametrize(
    ("then", "says"),
    [
        ([{"of": "clonazepam", "daily": "0 mg"}], "earlier in the order"),
        ([{"of": "zolpidem", "daily": "0 mg"}, {"of": "zolpidem", "daily": "0 mg"}], "earlier in the order"),
        ([{"of": "diazepam", "daily": "0 mg"}], "is not taken"),
        ([{"of": "sertraline", "daily": "0 mg"}], "no benzodiazepine"),
        ([{"of": "zolpidem", "daily": "10 mg"}], "nothing to taper"),
        ([{"of": "zolpidem"}], "daily"),
        ([{"of": "zolpidem", "daily": "0 mg", "hold": []}], "not known here"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_in_one_sentence(known: Knowledge, then: list[Any], says: str) -> None:
    raw = raw_case(then=then)
    raw["taking"].append(raw_case("zolpidem", {"night": "10 mg"})["taking"][0])
    with pytest.raises(CaseError, match=says) as refused:
        case_from(raw, known, "case.toml")
    assert len(str(refused.value).splitlines()) == 1


def test_a_switch_and_an_order_in_one_case_are_refused(known: Knowledge) -> None:
    raw = raw_case(then=[{"of": "zolpidem", "daily": "0 mg"}])
    raw["taking"].append(raw_case("zolpidem", {"night": "10 mg"})["taking"][0])
    raw["switch"] = {"to": "diazepam"}
    with pytest.raises(CaseError, match="a switch and"):
        case_from(raw, known, "case.toml")


# One at a time --------------------------------------------------------------------------------------------------

ZOLPIDEM = [
    "us-zolpidem-tablet-10mg", "us-zolpidem-tablet-5mg", "us-zolpidem-capsule-7.5mg", "us-zolpidem-sl-tablet-1.75mg",
    "us-zolpidem-sl-tablet-3.5mg",
]  # fmt: skip
CLONAZEPAM = ["us-clonazepam-tablet-0.5mg", "us-clonazepam-odt-0.125mg", "us-clonazepam-odt-0.25mg"]
DOSES = {
    "clonazepam": {"morning": "0.5 mg", "night": "0.5 mg"},
    "zolpidem": {"night": "10 mg"},
    "diazepam": {"morning": "5 mg", "night": "5 mg"},
    "temazepam": {"night": "15 mg"},
}


def ordered(known: Knowledge, first: str, second: str, *, daily: str = "0 mg", **keys: Any) -> Case:
    raw = raw_case(first, DOSES[first], then=[{"of": second, "daily": daily}], **keys)
    raw["taking"].append(raw_case(second, DOSES[second])["taking"][0])
    return case_from(raw, known, "case.toml")


@pytest.mark.parametrize(
    ("first", "second", "keys"),
    [
        ("clonazepam", "zolpidem", {"products": ZOLPIDEM + CLONAZEPAM}),
        ("zolpidem", "clonazepam", {"products": ZOLPIDEM + CLONAZEPAM, "baseline_days": 14}),
        ("diazepam", "temazepam", {"daily": "7.5 mg"}),
        ("temazepam", "diazepam", {"country": "UK"}),
    ],
)
def test_one_drug_is_reduced_at_a_time_in_the_order_that_was_chosen(
    known: Knowledge, first: str, second: str, keys: dict[str, Any]
) -> None:
    case = ordered(known, first, second, **keys)
    found = propose(case, known)
    assert {plan.name for plan in found.plans} == OWN, found.infeasible
    for plan in found.plans:
        cuts = [(row.step.from_, row.step.drug) for row in plan.rows if row.achieved.of > 0]
        done = max(day for day, drug in cuts if drug == first)
        begun = min(day for day, drug in cuts if drug == second)
        assert (begun - done).days >= 14
        ends = {row.step.drug: row.step for row in plan.rows}
        assert ends[first].daily.mg == 0
        assert ends[second].daily == case.goal.then[0].daily
        assert ends[first].until is ends[second].until is None
        held = [row for row in plan.rows if row.step.drug == second and row.step.from_ < begun]
        assert (held[0].step.from_, held[-1].step.until) == (plan.regimen.steps[0].from_, begun)
        assert all(row.achieved.of == 0 and all(each.portions for each in row.step.intakes) for row in held)
        reviewed = judged(plan, case, known)
        assert not reviewed.verdict.blocks, [each for each in reviewed.findings if each.verdict.blocks]
        assert finding(reviewed, "chosen-order").verdict is Verdict.NOTE


def test_if_one_drug_of_the_order_has_no_plan_the_option_has_none_and_says_why(known: Knowledge) -> None:
    found = propose(ordered(known, "clonazepam", "zolpidem"), known)
    assert not found.plans
    assert {each.name for each in found.infeasible} == OWN
    assert all(each.says.startswith("Zolpidem: 5 mg a day is too much to stop from") for each in found.infeasible)


def test_without_an_order_two_of_them_stay_a_caution(known: Knowledge) -> None:
    raw = raw_case("diazepam", DOSES["diazepam"])
    raw["taking"].append(raw_case("temazepam", DOSES["temazepam"])["taking"][0])
    case = case_from(raw, known, "case.toml")
    plan = propose(case, known).plans[0]
    assert finding(judged(plan, case, known), "two-benzodiazepines").verdict is Verdict.CAUTION


@pytest.mark.parametrize("days", [0, 7, 13])
def test_cuts_of_two_drugs_within_an_interval_are_named_and_blocked_as_too_soon(known: Knowledge, days: int) -> None:
    case = ordered(known, "diazepam", "temazepam")
    steps = (
        Step(drug="diazepam", from_=TODAY, until=None, intakes=(Intake(time="night", dose=Dose(Fraction(9))),)),
        Step(
            drug="temazepam",
            from_=TODAY + dt.timedelta(days),
            until=None,
            intakes=(Intake(time="night", dose=Dose(Fraction(14))),),
        ),
    )
    reviewed = review(Regimen(steps=steps), case, known, on=TODAY)
    assert finding(reviewed, "interleaved-cuts").verdict is Verdict.CAUTION
    if days:
        assert finding(reviewed, "step-interval").verdict is Verdict.BLOCK


def test_the_second_drug_first_is_out_of_the_chosen_order(known: Knowledge) -> None:
    case = ordered(known, "diazepam", "temazepam")
    steps = (
        Step(drug="diazepam", from_=TODAY, until=None, intakes=case.present.intakes),
        Step(drug="temazepam", from_=TODAY, until=None, intakes=(Intake(time="night", dose=Dose(Fraction(14))),)),
    )
    found = finding(review(Regimen(steps=steps), case, known, on=TODAY), "interleaved-cuts")
    assert found.verdict is Verdict.CAUTION
    assert "before diazepam is reduced at all" in found.observed


def test_the_next_drug_waits_for_a_planned_hold_too(known: Knowledge) -> None:
    keys = {"products": ZOLPIDEM + CLONAZEPAM}
    free = next(plan for plan in propose(ordered(known, "clonazepam", "zolpidem", **keys), known).plans)
    turn = next(row.step.from_ for row in free.rows if row.step.drug == "zolpidem" and row.achieved.of > 0)
    hold = {"from": turn - dt.timedelta(3), "until": turn + dt.timedelta(11)}
    held = next(plan for plan in propose(ordered(known, "clonazepam", "zolpidem", hold=[hold], **keys), known).plans)
    assert not any(hold["from"] <= row.step.from_ < hold["until"] for row in held.rows)
    moved = next(row.step.from_ for row in held.rows if row.step.drug == "zolpidem" and row.achieved.of > 0)
    assert moved == turn + dt.timedelta(14)
