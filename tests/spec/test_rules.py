"""What review says about people and schedules, in clinical words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import raw_case

from opentaper import Dose, Knowledge, Regimen, Reviewed, propose, review
from opentaper.patient import Intake, Step, case_from
from opentaper.review import Finding, Verdict


def judged(known: Knowledge, raw: dict[str, Any]) -> Reviewed:
    """Review the usual plan of a case."""
    case = case_from(raw, known, "case.toml")
    usual = next(plan for plan in propose(case, known).plans if plan.name == "usual")
    return review(usual.regimen, case, known, on=TODAY)


def finding(reviewed: Reviewed, rule: str) -> Finding:
    return max((each for each in reviewed.findings if each.rule == rule), key=lambda each: each.verdict.rank)


def schedule(drug: str, doses: list[tuple[int, str]]) -> Regimen:
    """Build a regimen of one intake a night from (day, dose) pairs; the last one is open-ended."""
    first = dt.date(2026, 12, 1)
    starts = [first + dt.timedelta(day) for day, _ in doses]
    steps = [
        Step(
            drug=drug,
            from_=since,
            until=until,
            intakes=(Intake(time="night", dose=Dose.read(dose)),) if dose != "0 mg" else (),
        )
        for since, until, (_, dose) in zip(starts, [*starts[1:], None], doses, strict=True)
    ]
    return Regimen(steps=tuple(steps))


def test_forty_milligrams_to_zero_in_two_weeks_is_blocked(known: Knowledge) -> None:
    """A peer proposes 40, 20, 0 without a word."""
    raw = raw_case("diazepam", {"night": "40 mg"}, country="UK", supply={"pieces_per_intake": 6})
    regimen = schedule("diazepam", [(0, "20 mg"), (14, "0 mg")])
    reviewed = review(regimen, case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "abrupt-stop").verdict is Verdict.BLOCK
    assert finding(reviewed, "step-reduction").verdict is Verdict.BLOCK


def test_a_long_hold_does_not_make_an_abrupt_stop_right(known: Knowledge) -> None:
    raw = raw_case("clonazepam", {"night": "2 mg"})
    reviewed = review(
        schedule("clonazepam", [(0, "2 mg"), (365, "0 mg")]), case_from(raw, known, "case"), known, on=TODAY
    )
    assert finding(reviewed, "abrupt-stop").verdict is Verdict.BLOCK


def test_a_plan_that_ends_on_a_dose_without_saying_what_follows_is_unknown(known: Knowledge) -> None:
    raw = raw_case("clonazepam", {"night": "2 mg"})
    whole = schedule("clonazepam", [(0, "1.75 mg"), (14, "1.5 mg"), (28, "0 mg")])
    reviewed = review(Regimen(steps=whole.steps[:2]), case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "abrupt-stop").verdict is Verdict.UNKNOWN


def test_epilepsy_blocks_and_sends_to_neurology(known: Knowledge) -> None:
    raw = raw_case()
    raw["patient"]["indication"] = "epilepsy"
    found = finding(judged(known, raw), "epilepsy")
    assert found.verdict is Verdict.BLOCK
    assert found.who == "neurology"
    assert "status epilepticus" in found.says


@pytest.mark.parametrize(
    ("question", "rule", "verdict"),
    [
        ("seizure_history", "seizure-history", Verdict.BLOCK),
        ("withdrawal_seizure_or_delirium", "complicated-withdrawal", Verdict.BLOCK),
        ("suicide_risk", "suicide-risk", Verdict.BLOCK),
        ("pregnancy", "pregnancy", Verdict.CAUTION),
        ("opioids", "opioids", Verdict.CAUTION),
        ("alcohol_heavy", "alcohol", Verdict.CAUTION),
        ("liver_disease", "liver-disease", Verdict.CAUTION),
    ],
)
def test_a_yes_has_the_effect_that_the_guideline_gives_it(
    known: Knowledge, question: str, rule: str, verdict: Verdict
) -> None:
    raw = raw_case()
    raw["screening"][question] = "yes"
    assert finding(judged(known, raw), rule).verdict is verdict
    raw["screening"][question] = "no"
    assert finding(judged(known, raw), rule).verdict is Verdict.PASS


def test_opioids_bring_naloxone(known: Knowledge) -> None:
    raw = raw_case()
    raw["screening"]["opioids"] = "yes"
    raw["taking"].append({"drug": "oxycodone", "since": dt.date(2020, 1, 1)})
    found = finding(judged(known, raw), "opioids")
    assert "naloxone" in found.says
    assert "oxycodone" in found.observed


@pytest.mark.parametrize(("condition", "rule"), [("bipolar", "sleep-and-mood"), ("schizophrenia", "sleep-and-mood")])
def test_in_bipolar_and_psychotic_illness_sleep_is_watched(known: Knowledge, condition: str, rule: str) -> None:
    raw = raw_case()
    raw["patient"]["conditions"] = [condition]
    found = finding(judged(known, raw), rule)
    assert found.verdict is Verdict.CAUTION
    assert "sleep" in found.says


def test_two_benzodiazepines_are_reduced_one_at_a_time(known: Knowledge) -> None:
    raw = raw_case()
    raw["taking"].append(
        {
            "drug": "zolpidem",
            "since": dt.date(2020, 1, 1),
            "days_per_week": 7,
            "intakes": [{"time": "night", "dose": "10 mg"}],
        }
    )
    assert finding(judged(known, raw), "two-benzodiazepines").verdict is Verdict.CAUTION


def test_starting_an_inducer_is_a_hidden_cut(known: Knowledge) -> None:
    raw = raw_case()
    raw["taking"].append({"drug": "carbamazepine", "since": dt.date(2026, 11, 20)})
    found = finding(judged(known, raw), "interaction")
    assert found.verdict is Verdict.CAUTION
    assert "started on 2026-11-20, so it is still changing the level" in found.observed
    assert "hidden change of dose" in found.says


def test_stopping_an_inducer_during_the_plan_is_said(known: Knowledge) -> None:
    raw = raw_case()
    raw["taking"].append({"drug": "phenytoin", "since": dt.date(2015, 1, 1), "until": dt.date(2027, 2, 1)})
    assert "stopped on 2027-02-01" in finding(judged(known, raw), "interaction").observed


def test_sertraline_is_known_to_leave_clonazepam_alone(known: Knowledge) -> None:
    raw = raw_case()
    raw["taking"].append({"drug": "sertraline", "since": dt.date(2018, 1, 10)})
    assert finding(judged(known, raw), "interaction").verdict is Verdict.PASS


def test_a_medicine_that_nobody_knows_is_for_a_pharmacist(known: Knowledge) -> None:
    raw = raw_case()
    raw["taking"].append({"other": "kava extract"})
    found = finding(judged(known, raw), "unlisted-medicine")
    assert found.verdict is Verdict.CAUTION
    assert found.who == "a pharmacist"


def test_alternate_days_are_a_swing(known: Knowledge) -> None:
    doses = [(day, "2 mg" if day % 2 else "1.75 mg") for day in range(10)]
    raw = raw_case("clonazepam", {"night": "2 mg"})
    reviewed = review(schedule("clonazepam", doses), case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "dose-swing").verdict is Verdict.CAUTION
    assert finding(reviewed, "dose-rise").verdict is Verdict.BLOCK


def test_a_switch_is_judged_by_every_table_and_never_by_one(known: Knowledge) -> None:
    """With clonazepam 0.5 mg for diazepam 10 mg it is level; with 1 mg it is a rise: a person decides."""
    raw = raw_case("clonazepam", {"night": "0.5 mg"})
    steps = (
        Step(drug="clonazepam", from_=dt.date(2026, 12, 1), until=None, intakes=()),
        Step(
            drug="diazepam",
            from_=dt.date(2026, 12, 1),
            until=None,
            intakes=(Intake(time="night", dose=Dose.read("10 mg")),),
        ),
    )
    reviewed = review(Regimen(steps=steps), case_from(raw, known, "case"), known, on=TODAY)
    rise = finding(reviewed, "dose-rise")
    assert rise.verdict is Verdict.CAUTION
    assert "the published equivalences disagree" in rise.observed


def test_every_plan_says_that_the_knowledge_is_pending_review(known: Knowledge) -> None:
    found = finding(judged(known, raw_case()), "pending-review")
    assert found.verdict is Verdict.NOTE
    assert "nobody has signed it yet" in found.observed


@pytest.mark.parametrize(
    ("daily", "since", "days", "risk_class"),
    [
        ("2 mg", dt.date(2019, 1, 1), 3, "rare"),
        ("2 mg", dt.date(2026, 11, 10), 7, "lower-but-possible"),
        ("0.25 mg", dt.date(2026, 10, 1), 7, "lower-but-possible"),
        ("0.5 mg", dt.date(2026, 10, 1), 7, "rises-with-dose-and-duration"),
        ("0.25 mg", dt.date(2026, 3, 1), 7, "rises-with-dose-and-duration"),
    ],
)
def test_the_risk_class_follows_the_guidelines_table(
    known: Knowledge, daily: str, since: dt.date, days: int, risk_class: str
) -> None:
    raw = raw_case("clonazepam", {"night": daily})
    raw["taking"][0] |= {"since": since, "days_per_week": days}
    reviewed = review(schedule("clonazepam", [(0, daily)]), case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "withdrawal-risk").observed.startswith(f"{risk_class};")


def test_a_daily_plan_for_somebody_who_takes_it_twice_a_week_is_neither_made_nor_passed(known: Knowledge) -> None:
    """2 mg twice a week is 4 mg a week; 1.75 mg every day would be 12.25."""
    raw = raw_case("clonazepam", {"night": "2 mg"})
    raw["taking"][0]["days_per_week"] = 2
    case = case_from(raw, known, "case")
    found = propose(case, known)
    assert not found.plans
    assert "2 days a week" in found.infeasible[0].says
    reviewed = review(schedule("clonazepam", [(0, "1.75 mg"), (14, "1.5 mg")]), case, known, on=TODAY)
    rise = finding(reviewed, "dose-rise")
    assert rise.verdict is Verdict.BLOCK
    assert rise.observed == "4 mg now, 12.25 mg by the regimen"


def test_merging_the_days_intakes_into_one_asks_for_a_reason(known: Knowledge) -> None:
    """1 + 1 mg to 1.75 mg at night: less in the day, and nearly twice the peak."""
    raw = raw_case("clonazepam", {"morning": "1 mg", "night": "1 mg"})
    reviewed = review(
        schedule("clonazepam", [(0, "1.75 mg"), (14, "1.5 mg")]), case_from(raw, known, "case"), known, on=TODAY
    )
    assert finding(reviewed, "intake-share").verdict is Verdict.CAUTION


def test_a_schedule_below_the_goal_or_within_a_planned_hold_asks_for_a_reason(known: Knowledge) -> None:
    hold = {"from": dt.date(2026, 12, 10), "until": dt.date(2026, 12, 20)}
    raw = raw_case("clonazepam", {"night": "2 mg"}, goal="1 mg", hold=[hold])
    regimen = schedule("clonazepam", [(0, "1.5 mg"), (14, "1.125 mg"), (28, "0.875 mg")])
    reviewed = review(regimen, case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "below-goal").observed == "0.875 mg a day, and 1 mg is the goal"
    assert finding(reviewed, "cut-in-hold").where == "2026-12-15"


def test_a_token_rise_of_another_drug_does_not_make_a_stop_a_switch(known: Knowledge) -> None:
    raw = raw_case("clonazepam", {"night": "1 mg"})
    raw["taking"].append(
        {"drug": "diazepam", "since": dt.date(2019, 3, 1), "intakes": [{"time": "night", "dose": "20 mg"}]}
    )
    first = dt.date(2026, 12, 1)
    steps = (
        Step(drug="clonazepam", from_=first, until=None, intakes=()),
        Step(drug="diazepam", from_=first, until=None, intakes=(Intake(time="night", dose=Dose.read("20.5 mg")),)),
    )
    reviewed = review(Regimen(steps=steps), case_from(raw, known, "case"), known, on=TODAY)
    assert finding(reviewed, "abrupt-stop").verdict is Verdict.BLOCK
