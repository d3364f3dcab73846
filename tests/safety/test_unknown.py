"""What nobody has said is unknown, unknown blocks, and no rule takes silence for a good answer."""

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from opentaper.patient import Case, CaseError
from opentaper.review import Finding, Reviewed, Verdict
from opentaper.review.finding import Subject
from opentaper.review.rules import RULES
from tests.safety.cases import (
    LONG_AGO,
    START,
    a_case,
    a_regimen,
    base,
    intakes,
    judged,
    raw_case,
    read,
    said_by,
    some_steps,
    together,
    verdict_of,
)

KNOWN = base()


def changes_the_level(drug: str) -> str:
    """Return a medicine that changes how fast a drug is cleared, so that since when it is taken matters."""
    return next(
        other
        for row in KNOWN.interactions.values()
        if row.kind == "pharmacokinetic" and row.exposure in ("lower", "higher") and drug in row.victims
        for other in row.others
        if other in KNOWN.medicines
    )


OTHER = {"drug": changes_the_level("clonazepam"), "since": LONG_AGO}


def complete() -> dict[str, Any]:
    """Return a case in which every input that any rule reads is given."""
    return raw_case("clonazepam", 1, goal={"daily": "0.5 mg"}, others=[dict(OTHER)])


REGIMEN = a_regimen((0, Fraction(1, 2)))
"""One coarse step, so that it matters since when the present dose is taken."""


SWITCH = together(some_steps((0, Fraction(1, 2)), (14, 0)), some_steps((0, 5), (14, 10), drug="diazepam"))
"""A switch, so that it matters whether somebody may be switched."""


def reviewed(case: Case) -> Reviewed:
    return judged(REGIMEN, case)


def by_rule(rule: ModuleType, case: Case) -> list[Finding]:
    """Return what one rule says of a step and of a switch, whatever its findings are called."""
    return [
        finding
        for regimen in (REGIMEN, SWITCH)
        for finding in rule.judge(Subject(regimen=regimen, case=case, known=KNOWN, on=START))
    ]


# Taking one input away ------------------------------------------------------------------------------------------


def _without(table: str, key: str) -> Callable[[], Case]:
    def taken_away() -> Case:
        raw = complete()
        del raw[table][key]
        return read(raw)

    return taken_away


def _without_in_row(number: int, key: str) -> Callable[[], Case]:
    def taken_away() -> Case:
        raw = complete()
        del raw["taking"][number][key]
        return read(raw)

    return taken_away


def _without_country() -> Case:
    """The reader refuses such a case, so only one that was built by hand can lack it."""
    case = read(complete())
    return replace(case, supply=replace(case.supply, country=None))


TAKEN_AWAY: dict[str, Callable[[], Case]] = {
    "patient.born": _without("patient", "born"),
    "patient.conditions": _without("patient", "conditions"),
    "patient.indication": _without("patient", "indication"),
    "taking.since": _without_in_row(0, "since"),
    "taking.days_per_week": _without_in_row(0, "days_per_week"),
    "other.since": _without_in_row(1, "since"),
    "supply.country": _without_country,
    **{f"screening.{question}": _without("screening", question) for question in KNOWN.questions},
}
"""How each input that a rule may read is taken away from the complete case."""

READ = [pytest.param(rule, name, id=f"{rule.RULE}-{name}") for rule in RULES for name in rule.READS]


def test_the_complete_case_is_not_blocked_and_nothing_in_it_is_unknown() -> None:
    found = reviewed(read(complete()))
    assert not found.verdict.blocks
    assert [each for each in found.findings if each.verdict is Verdict.UNKNOWN] == []


def test_every_input_that_any_rule_reads_can_be_taken_away_here() -> None:
    named = {name for rule in RULES for name in rule.READS}
    assert named == set(TAKEN_AWAY), "a rule reads an input that this test cannot take away, or none reads it any more"


@pytest.mark.parametrize(("rule", "name"), READ)
def test_without_an_input_that_a_rule_reads_it_is_unknown_and_the_review_blocks(rule: ModuleType, name: str) -> None:
    before, after = by_rule(rule, read(complete())), by_rule(rule, TAKEN_AWAY[name]())
    assert Verdict.UNKNOWN not in {finding.verdict for finding in before}
    assert Verdict.UNKNOWN in {finding.verdict for finding in after}
    assert reviewed(TAKEN_AWAY[name]()).verdict.blocks


@pytest.mark.parametrize(("rule", "name"), READ)
def test_what_is_unknown_names_the_person_who_can_answer(rule: ModuleType, name: str) -> None:
    unknown = [finding for finding in by_rule(rule, TAKEN_AWAY[name]()) if finding.verdict is Verdict.UNKNOWN]
    assert unknown
    assert all(finding.who and finding.observed for finding in unknown)


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_a_rule_that_does_not_read_an_input_says_the_same_without_it(name: str) -> None:
    case = TAKEN_AWAY[name]()
    for rule in RULES:
        if name not in rule.READS:
            assert by_rule(rule, case) == by_rule(rule, read(complete())), rule.RULE


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_taking_one_input_away_makes_nothing_milder(name: str) -> None:
    case = TAKEN_AWAY[name]()
    for rule in RULES:
        before = max(finding.verdict.rank for finding in by_rule(rule, read(complete())))
        after = max(finding.verdict.rank for finding in by_rule(rule, case))
        assert after >= before, rule.RULE


def test_a_case_without_country_and_products_is_refused_when_it_is_read() -> None:
    raw = complete()
    del raw["supply"]["country"]
    with pytest.raises(CaseError, match="country"):
        read(raw)


def test_with_nothing_said_at_all_every_reading_rule_is_unknown() -> None:
    raw = complete()
    raw["patient"], raw["screening"] = {}, {}
    for row in raw["taking"]:
        row.pop("since")
    raw["taking"][0].pop("days_per_week")
    case = read(raw)
    for rule in RULES:
        if set(rule.READS) - {"supply.country"}:
            assert Verdict.UNKNOWN in {finding.verdict for finding in by_rule(rule, case)}, rule.RULE
    assert reviewed(case).verdict.blocks


def test_a_switch_with_nothing_said_of_the_liver_or_the_birthday_is_blocked_by_its_own_rules() -> None:
    for name, rule in (
        ("screening.liver_disease", "switch-in-liver-disease"),
        ("patient.born", "switch-in-older-adult"),
    ):
        assert verdict_of(judged(SWITCH, TAKEN_AWAY[name]()), rule) is Verdict.UNKNOWN
        assert verdict_of(judged(SWITCH, read(complete())), rule) is Verdict.PASS


# The screening --------------------------------------------------------------------------------------------------

QUESTIONS = list(KNOWN.questions)
each_question = pytest.mark.parametrize("question", QUESTIONS)


def answering(question: str, answer: str | None, **changes: Any) -> Case:
    """Return the complete case with one answer changed; None takes it away."""
    raw = complete() | changes
    raw["screening"] = {key: value for key, value in raw["screening"].items() if key != question}
    if answer is not None:
        raw["screening"][question] = answer
    return read(raw)


@each_question
def test_every_question_is_read_by_some_rule(question: str) -> None:
    assert [rule.RULE for rule in RULES if f"screening.{question}" in rule.READS]


@each_question
def test_no_unanswered_question_goes_unnoticed(question: str) -> None:
    unknown = [each for each in reviewed(answering(question, None)).findings if each.verdict is Verdict.UNKNOWN]
    assert len(unknown) == 1
    assert question in unknown[0].where


@each_question
def test_an_answer_of_unknown_is_the_same_as_none(question: str) -> None:
    assert reviewed(answering(question, "unknown")).findings == reviewed(answering(question, None)).findings


@each_question
def test_a_yes_is_never_milder_than_a_no_and_is_always_said(question: str) -> None:
    yes, no = reviewed(answering(question, "yes")), reviewed(answering(question, "no"))
    changed = [one for one, other in zip(yes.findings, no.findings, strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0].verdict in (Verdict.CAUTION, Verdict.BLOCK)
    assert changed[0].who


@each_question
@pytest.mark.parametrize("word", ["", "maybe", "No", "false", " no"])
def test_an_answer_in_another_word_is_refused_and_never_taken_for_a_no(question: str, word: str) -> None:
    with pytest.raises(CaseError):
        answering(question, word)


def test_without_any_answer_every_question_is_unknown() -> None:
    raw = complete()
    del raw["screening"]
    found = [each for each in reviewed(read(raw)).findings if each.verdict is Verdict.UNKNOWN]
    assert sorted(each.where.removeprefix("screening: ") for each in found) == sorted(QUESTIONS)


@pytest.mark.parametrize("sex", ["female", "other", None])
def test_pregnancy_is_unknown_for_everybody_who_is_not_said_to_be_male(sex: str | None) -> None:
    raw = complete()
    del raw["screening"]["pregnancy"], raw["patient"]["sex"]
    if sex:
        raw["patient"]["sex"] = sex
    assert verdict_of(reviewed(read(raw)), "pregnancy") is Verdict.UNKNOWN


# Answers that contradict the rest of the case -------------------------------------------------------------------

OPIOIDS = [key for key, medicine in KNOWN.medicines.items() if medicine.medicine_class == "opioid"]
LIVER = [key for key, condition in KNOWN.conditions.items() if "liver" in condition.groups]


@pytest.mark.parametrize("opioid", OPIOIDS)
def test_no_opioids_with_an_opioid_among_the_medicines_is_unknown(opioid: str) -> None:
    taking = [*complete()["taking"], {"drug": opioid, "since": LONG_AGO}]
    found = reviewed(answering("opioids", "no", taking=taking))
    assert verdict_of(found, "opioids") is Verdict.UNKNOWN
    assert found.verdict.blocks
    assert opioid in said_by(found, "opioids")[0].observed
    for answer in ("yes", "unknown", None):
        assert verdict_of(reviewed(answering("opioids", answer, taking=taking)), "opioids") is Verdict.CAUTION


@pytest.mark.parametrize("condition", LIVER)
@pytest.mark.parametrize("named_as", ["condition", "indication"])
def test_no_liver_disease_with_one_named_in_the_case_is_unknown(condition: str, named_as: str) -> None:
    patient = complete()["patient"]
    patient |= {"conditions": [condition]} if named_as == "condition" else {"indication": condition}
    found = reviewed(answering("liver_disease", "no", patient=patient))
    assert verdict_of(found, "liver-disease") is Verdict.UNKNOWN
    assert found.verdict.blocks
    assert condition in said_by(found, "liver-disease")[0].observed


def test_some_opioids_and_some_liver_conditions_are_known() -> None:
    assert OPIOIDS
    assert LIVER


@pytest.mark.parametrize("question", ["seizure_history", "withdrawal_seizure_or_delirium"])
def test_a_no_never_outweighs_a_condition_that_blocks(question: str) -> None:
    for condition in KNOWN.conditions.values():
        if {"epilepsy", "seizure-risk"} & set(condition.groups):
            patient = complete()["patient"] | {"conditions": [condition.key]}
            assert reviewed(answering(question, "no", patient=patient)).verdict is Verdict.BLOCK


# Conditions and drugs that nobody can look up -------------------------------------------------------------------

GROUPS = sorted({group for condition in KNOWN.conditions.values() for group in condition.groups})


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_conditions_is_noticed_by_some_rule(group: str) -> None:
    condition = next(key for key, each in KNOWN.conditions.items() if group in each.groups)
    raw = complete()
    raw["patient"]["conditions"] = [condition]
    del raw["screening"]["liver_disease"]
    plain = copy.deepcopy(raw)
    plain["patient"]["conditions"] = []
    noticed = [
        one
        for one, other in zip(reviewed(read(raw)).findings, reviewed(read(plain)).findings, strict=True)
        if one != other
    ]
    assert len(noticed) == 1
    assert condition in noticed[0].observed
    assert noticed[0].verdict is not Verdict.PASS


@pytest.mark.parametrize("missing", ["conditions", "indication"])
def test_a_condition_that_is_named_is_said_even_when_the_rest_is_not(missing: str) -> None:
    raw = complete()
    raw["patient"] |= {"conditions": ["epilepsy"], "indication": "epilepsy"}
    del raw["patient"][missing]
    found = reviewed(read(raw))
    assert verdict_of(found, "epilepsy") is Verdict.BLOCK
    assert verdict_of(found, "ptsd") is Verdict.UNKNOWN


NO_TABLE = [
    drug
    for drug in KNOWN.drugs
    if KNOWN.tapered_drug(drug)
    and not any(row.drug == drug for table in KNOWN.equivalences.values() if table.equivalence for row in table.rows)
    and not any(table.reference_drug == drug for table in KNOWN.equivalences.values())
]


@pytest.mark.parametrize("drug", NO_TABLE)
def test_a_second_drug_that_no_table_compares_makes_the_dose_unknown(drug: str) -> None:
    case = a_case("clonazepam", 1, others=[{"drug": drug, "since": LONG_AGO, "intakes": intakes(1)}])
    found = judged(REGIMEN, case)
    assert verdict_of(found, "daily-diazepam-equivalent") is Verdict.UNKNOWN
    assert found.verdict.blocks


@pytest.mark.parametrize("drug", NO_TABLE)
def test_a_switch_to_a_drug_that_no_table_compares_is_unknown_to_every_rule_on_the_dose(drug: str) -> None:
    regimen = together(some_steps((0, 0)), some_steps((0, 1), drug=drug))
    found = judged(regimen, a_case("clonazepam", 1))
    for rule in ("step-reduction", "rolling-reduction", "step-interval", "initial-reduction", "dose-rise"):
        assert verdict_of(found, rule) is Verdict.UNKNOWN, rule


def test_there_is_a_drug_that_no_table_compares() -> None:
    assert NO_TABLE


def test_a_regimen_that_does_not_say_what_follows_its_last_dose_is_unknown() -> None:
    regimen = a_regimen((0, Fraction(1, 2)), until=START + dt.timedelta(days=60))
    found = judged(regimen, read(complete()))
    assert verdict_of(found, "abrupt-stop") is Verdict.UNKNOWN
    assert found.verdict.blocks
