"""The gate judges any regimen, the same each time, changes nothing, and says of everything who says so and who acts."""

import copy
import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentaper.knowledge import ReviewState, load
from opentaper.patient import TIMES, Case, CaseError, Hold, Intake, Portion, Regimen, Step, read_regimen
from opentaper.review import Finding, Reviewed, Verdict, review
from opentaper.review.finding import Subject
from opentaper.review.rules import RULES
from tests.safety.cases import (
    LONG_AGO,
    START,
    a_case,
    a_regimen,
    base,
    day,
    intakes,
    judged,
    mg,
    pieces,
    raw_case,
    read,
    some_steps,
    together,
    verdict_of,
)

KNOWN = base()
ROOT = Path(__file__).parents[2]
HALF, ONE, TWO = "us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg", "us-clonazepam-tablet-2mg"


def portion(product: str, amount: str | int) -> Portion:
    return Portion(product=KNOWN.products[product], amount=Fraction(amount))


def by_hand() -> Regimen:
    """Return a regimen with pieces, of two steps and two intakes a day."""
    return Regimen(
        steps=(
            Step(
                drug="clonazepam",
                from_=START,
                until=day(28),
                intakes=(
                    Intake(time="morning", dose=mg(1), portions=(portion(ONE, 1),)),
                    Intake(time="night", dose=mg("0.75"), portions=(portion(HALF, "3/2"),)),
                ),
            ),
            Step(
                drug="clonazepam",
                from_=day(28),
                until=None,
                intakes=(
                    Intake(time="morning", dose=mg(1), portions=(portion(ONE, 1),)),
                    Intake(time="night", dose=mg("0.5"), portions=(portion(HALF, 1),)),
                ),
            ),
        )
    )


def a_good_case() -> Case:
    return a_case(taking={"intakes": [{"time": "morning", "dose": "1 mg"}, {"time": "night", "dose": "1 mg"}]})


# The same each time ---------------------------------------------------------------------------------------------


def test_the_same_regimen_case_and_base_are_judged_the_same_twice() -> None:
    one, other = judged(by_hand(), a_good_case()), judged(by_hand(), a_good_case())
    assert one == other
    assert one.findings == other.findings
    assert (one.regimen_digest, one.knowledge_digest) == (other.regimen_digest, other.knowledge_digest)


def test_a_base_that_is_read_again_judges_the_same() -> None:
    again = load(KNOWN.as_of)
    assert again is not KNOWN
    assert judged(by_hand(), a_good_case(), again) == judged(by_hand(), a_good_case())


PRINTED = """
from tests.safety.test_gate import everything_judged
for found in everything_judged():
    print(found.regimen_digest, found.knowledge_digest, *found.findings, sep="\\n")
"""


def test_another_process_with_another_order_of_sets_judges_the_same() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PRINTED],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    printed = [each.communicate()[0] for each in running]
    assert [each.returncode for each in running] == [0, 0]
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) > 1000


def test_a_regimen_is_judged_by_what_it_is_and_not_by_who_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "regimen.toml"
    path.write_text(
        f"""
        [[step]]
        drug = "clonazepam"
        from = {day(28)}
        intakes = [
            {{ time = "morning", dose = "1 mg", pieces = [{{ product = "{ONE}", count = "1" }}] }},
            {{ time = "night", dose = "0.5 mg", pieces = [{{ product = "{HALF}", count = "1" }}] }},
        ]
        [[step]]
        drug = "clonazepam"
        from = {START}
        until = {day(28)}
        intakes = [
            {{ time = "morning", dose = "1000 mcg", pieces = [{{ product = "{ONE}", count = "1" }}] }},
            {{ time = "night", dose = "0.750 mg", pieces = [{{ product = "{HALF}", count = "1.5" }}] }},
        ]
        """,
        encoding="utf-8",
    )
    assert judged(read_regimen(path, KNOWN), a_good_case()) == judged(by_hand(), a_good_case())


# Digests --------------------------------------------------------------------------------------------------------


def with_step(number: int, **changes: Any) -> Regimen:
    steps = list(by_hand().steps)
    steps[number] = replace(steps[number], **changes)
    return Regimen(steps=tuple(steps))


def with_intake(step: int, number: int, **changes: Any) -> Regimen:
    taken = list(by_hand().steps[step].intakes)
    taken[number] = replace(taken[number], **changes)
    return with_step(step, intakes=tuple(taken))


def moved(days: int) -> Regimen:
    """Return the regimen with the day of its second step moved."""
    first, second = by_hand().steps
    return Regimen(steps=(replace(first, until=day(28 + days)), replace(second, from_=day(28 + days))))


OTHER_HALF = "us-clonazepam-tablet-0.5mg-klonopin"

CHANGED: dict[str, Callable[[], Regimen]] = {
    "nothing": by_hand,
    "the first day": lambda: with_step(0, from_=day(-1)),
    "the day of a step, later": lambda: moved(1),
    "the day of a step, earlier": lambda: moved(-1),
    "the end": lambda: with_step(1, until=day(56)),
    "another end": lambda: with_step(1, until=day(57)),
    "a dose and its pieces": lambda: with_intake(1, 1, dose=mg("0.25"), portions=(portion(HALF, "1/2"),)),
    "a dose by a thousandth, without pieces": lambda: with_intake(1, 1, dose=mg("0.501"), portions=None),
    "no pieces": lambda: with_intake(1, 1, portions=None),
    "no pieces in another intake": lambda: with_intake(1, 0, portions=None),
    "the product of a piece": lambda: with_intake(1, 1, portions=(portion(OTHER_HALF, 1),)),
    "the product and the number of pieces": lambda: with_intake(1, 1, portions=(portion(ONE, "1/2"),)),
    "one piece in two rows": lambda: with_intake(1, 1, portions=(portion(HALF, "1/2"), portion(HALF, "1/2"))),
    "a time of day": lambda: with_intake(1, 1, time="evening"),
    "another time of day": lambda: with_intake(1, 0, time="midday"),
    "one intake fewer": lambda: with_step(1, intakes=by_hand().steps[1].intakes[:1]),
    "one step fewer": lambda: Regimen(steps=by_hand().steps[:1]),
    "one step more": lambda: Regimen(
        steps=(
            by_hand().steps[0],
            replace(by_hand().steps[1], until=day(56)),
            replace(by_hand().steps[1], from_=day(56)),
        )
    ),
    "the drug": lambda: Regimen(
        steps=tuple(
            replace(step, drug="diazepam", intakes=tuple(replace(each, portions=None) for each in step.intakes))
            for step in by_hand().steps
        )
    ),
    "a second drug": lambda: together(by_hand().steps, some_steps((0, 5), drug="diazepam")),
}


def test_a_change_of_any_dose_day_or_product_changes_the_digest() -> None:
    case = a_good_case()
    digests = {name: judged(make(), case).regimen_digest for name, make in CHANGED.items()}
    same = [pair for pair in combinations(digests, 2) if digests[pair[0]] == digests[pair[1]]]
    assert same == []


@pytest.mark.parametrize("amount", ["0.001", "0.000001", "100"])
def test_a_digest_tells_doses_apart_however_small_the_difference(amount: str) -> None:
    one, other = a_regimen((0, 1)), a_regimen((0, 1 + Fraction(amount)))
    assert judged(one, a_case()).regimen_digest != judged(other, a_case()).regimen_digest


def test_the_digest_of_the_regimen_does_not_depend_on_the_case_or_the_base() -> None:
    others = replace(KNOWN, files={**KNOWN.files, "limits/opentaper.toml": "changed"})
    one, other = judged(by_hand(), a_good_case()), judged(by_hand(), a_case(daily=4), others)
    assert one.regimen_digest == other.regimen_digest
    assert one.knowledge_digest != other.knowledge_digest


@pytest.mark.parametrize("name", sorted(KNOWN.files))
def test_a_change_of_any_file_of_the_base_changes_its_digest(name: str) -> None:
    assert replace(KNOWN, files={**KNOWN.files, name: "changed"}).digest != KNOWN.digest


# Nothing is changed ---------------------------------------------------------------------------------------------


def test_a_review_changes_neither_the_regimen_nor_the_case_nor_the_base() -> None:
    for regimen, case in everything():
        before = copy.deepcopy((regimen, case))
        limits, asks = copy.deepcopy(KNOWN.limits), copy.deepcopy(dict(KNOWN.asks))
        found = judged(regimen, case)
        assert found.regimen is regimen
        assert (regimen, case) == before
        assert (KNOWN.limits, KNOWN.asks) == (limits, asks)
    assert load(KNOWN.as_of) == KNOWN


@pytest.mark.parametrize("name", ["regimen", "findings", "regimen_digest", "knowledge_digest", "on"])
def test_nothing_that_a_review_returns_can_be_overwritten(name: str) -> None:
    found = judged(by_hand(), a_good_case())
    with pytest.raises(AttributeError):
        setattr(found, name, None)


@pytest.mark.parametrize("name", Finding.__slots__)
def test_no_finding_can_be_overwritten(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(judged(by_hand(), a_good_case()).findings[0], name, Verdict.PASS)


# What cannot be built -------------------------------------------------------------------------------------------

WRONG_PIECES = [
    ("0.5", [(ONE, "1")]),
    ("1", [(ONE, "1/2")]),
    ("1", [(HALF, "1")]),
    ("1.5", [(HALF, "1"), (HALF, "3/2")]),
    ("1", [(TWO, "1")]),
    ("0.001", [(ONE, "1")]),
    ("1.001", [(ONE, "1")]),
    ("0", [(HALF, "1/2")]),
]


@pytest.mark.parametrize(("dose", "rows"), WRONG_PIECES, ids=str)
def test_an_intake_whose_pieces_do_not_add_up_cannot_be_built(dose: str, rows: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="the pieces at night make"):
        Intake(time="night", dose=mg(dose), portions=tuple(portion(*row) for row in rows))


@pytest.mark.parametrize(("dose", "rows"), WRONG_PIECES, ids=str)
def test_a_file_whose_pieces_do_not_add_up_is_refused_in_one_line(
    dose: str, rows: list[tuple[str, str]], tmp_path: Path
) -> None:
    written = ", ".join(f'{{ product = "{product}", count = "{count}" }}' for product, count in rows)
    path = tmp_path / "regimen.toml"
    path.write_text(
        f"""
        [[step]]
        drug = "clonazepam"
        from = {START}
        intakes = [{{ time = "night", dose = "{dose} mg", pieces = [{written}] }}]
        """,
        encoding="utf-8",
    )
    with pytest.raises(CaseError, match="the pieces at night make") as caught:
        read_regimen(path, KNOWN)
    assert len(str(caught.value).splitlines()) == 1


@given(
    amounts=st.lists(st.tuples(st.sampled_from([HALF, ONE, TWO]), st.integers(1, 12)), min_size=1, max_size=4),
    off=st.integers(-500, 500).map(lambda thousandths: Fraction(thousandths, 1000)),
)
def test_pieces_are_accepted_only_for_exactly_their_sum(amounts: list[tuple[str, int]], off: Fraction) -> None:
    portions = tuple(portion(product, Fraction(quarters, 4)) for product, quarters in amounts)
    total = sum((each.dose.mg for each in portions), Fraction(0))
    if total + off < 0:
        return
    if off:
        with pytest.raises(ValueError, match="the pieces at night make"):
            Intake(time="night", dose=mg(total + off), portions=portions)
    else:
        assert Intake(time="night", dose=mg(total), portions=portions).dose.mg == total


@pytest.mark.parametrize("amount", ["0", "-1", "-1/2"])
def test_nothing_and_less_of_a_product_is_no_portion(amount: str) -> None:
    with pytest.raises(ValueError, match="nothing"):
        portion(ONE, amount)


BROKEN_DATES: dict[str, Callable[[], Any]] = {
    "a gap": lambda: replace(by_hand().steps[0], until=day(27)),
    "an overlap": lambda: replace(by_hand().steps[0], until=day(29)),
    "an open end before another step": lambda: replace(by_hand().steps[0], until=None),
}


@pytest.mark.parametrize("name", BROKEN_DATES)
def test_steps_of_one_drug_with_a_gap_or_an_overlap_cannot_be_built(name: str) -> None:
    with pytest.raises(ValueError, match="the next one begins"):
        Regimen(steps=(BROKEN_DATES[name](), by_hand().steps[1]))


def test_steps_out_of_order_and_no_steps_at_all_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="order"):
        Regimen(steps=by_hand().steps[::-1])
    with pytest.raises(ValueError, match="at least one"):
        Regimen(steps=())


@pytest.mark.parametrize("days", [0, -1, -28])
def test_a_step_without_a_day_cannot_be_built(days: int) -> None:
    with pytest.raises(ValueError, match="no day in it"):
        replace(by_hand().steps[1], until=day(28 + days))


def test_one_time_of_day_twice_and_an_unknown_one_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="twice"):
        with_step(0, intakes=by_hand().steps[0].intakes[:1] * 2)
    with pytest.raises(ValueError, match="no time of day"):
        Intake(time="noon", dose=mg(1))


# Every finding --------------------------------------------------------------------------------------------------


def everything() -> Iterator[tuple[Regimen, Case]]:
    """Yield regimens and cases that between them bring out every verdict of every rule."""
    plain = a_good_case()
    regimens = [
        *(make() for make in CHANGED.values()),
        a_regimen((0, 0)),
        a_regimen((0, 3), (5, 1), (9, 2)),
        a_regimen((0, "1.8"), (5, "1.6"), (10, "1.3"), (14, "0.9"), (16, "0.3"), (17, "0.001"), (18, 0)),
        a_regimen((0, "1.75"), (28, "1.5"), (200, "1.25"), until=day(400)),
        a_regimen((0, "1.5"), (400, "0.7"), (800, 0)),
        pieces((ONE, "1/4"), (HALF, 5)),
        pieces(("de-clonazepam-drops-2.5mg-per-ml", "0.5")),
        together(some_steps((0, 1), (14, 0)), some_steps((0, 10), (14, 20), (28, 18), drug="diazepam")),
        together(some_steps((0, 0)), some_steps((0, 40), drug="diazepam")),
        together(some_steps((0, 0)), some_steps((0, 1), drug="loprazolam")),
        Regimen(
            steps=(
                Step(drug="clonazepam", from_=START, until=day(28), intakes=by_hand().steps[0].intakes),
                Step(drug="clonazepam", from_=day(28), until=None, intakes=(Intake(time="night", dose=mg("1.5")),)),
            )
        ),
    ]
    yield from ((regimen, plain) for regimen in regimens)
    bare = raw_case()
    bare["patient"], bare["screening"] = {}, {}
    for key in ("since", "days_per_week"):
        del bare["taking"][0][key]
    yield from ((regimen, read(bare)) for regimen in regimens)
    for question in KNOWN.questions:
        for answer in ("yes", "unknown"):
            yield by_hand(), a_case(screening={question: answer})
    for condition in KNOWN.conditions:
        yield by_hand(), a_case(patient={"conditions": [condition], "indication": condition})
    for number, medicine in enumerate(KNOWN.medicines):
        told = ({"since": LONG_AGO}, {}, {"since": LONG_AGO, "until": day(7)}, {"since": day(-7)})[number % 4]
        yield by_hand(), a_case(others=[{"drug": medicine, **told}])
    for drug in KNOWN.drugs:
        if KNOWN.tapered_drug(drug) and drug != "clonazepam":
            yield by_hand(), a_case(others=[{"drug": drug, "since": LONG_AGO, "intakes": intakes(1)}])
    yield by_hand(), a_case(patient={"other": ["Raynaud syndrome"]}, others=[{"other": "vitamin D"}])
    yield by_hand(), a_case(patient={"born": dt.date(1940, 1, 1), "sex": "male"}, screening={"pregnancy": None})

    over_ten_days = together(some_steps((0, 1), (10, 0)), some_steps((0, 10), (10, 20), drug="diazepam"))
    yield over_ten_days, a_case(others=[{"drug": "fluvoxamine", "since": LONG_AGO}])
    yield over_ten_days, a_case(patient={"born": dt.date(1940, 1, 1)}, screening={"liver_disease": "yes"})
    zolpidem = {"drug": "zolpidem", "since": LONG_AGO, "days_per_week": 7, "intakes": intakes(10)}
    both = a_case(others=[zolpidem], goal={"then": [{"of": "zolpidem", "daily": "0 mg"}]})
    yield by_hand(), both
    yield together(some_steps((0, "1.75")), some_steps((7, "7.5"), drug="zolpidem")), both

    wish = a_case()
    held = Hold(from_=day(20), until=day(40), because=None)
    yield by_hand(), replace(wish, goal=replace(wish.goal, daily=mg("1.6"), holds=(held,)))
    back = replace(wish, goal=replace(wish.goal, step_back_to=mg("2.25"), begun_on=LONG_AGO))
    yield a_regimen((0, "2.25"), (14, 2)), back
    yield by_hand(), a_case(goal={"gap_days": 9})
    weak, strong = "uk-clonazepam-solution-0.1mg-per-ml", "uk-clonazepam-solution-0.4mg-per-ml"
    both = pieces((weak, 5), (strong, Fraction(5, 2)))
    yield both, a_case(daily="1.6", supply={"country": None, "products": [weak, strong]})


@cache
def everything_judged() -> tuple[Reviewed, ...]:
    """Return the review of everything, made once."""
    return tuple(judged(regimen, case) for regimen, case in everything())


@pytest.fixture
def findings() -> set[Finding]:
    return {finding for found in everything_judged() for finding in found.findings}


NAMES = {rule.RULE for rule in RULES} | set(KNOWN.asks) | {limit.id for limit in KNOWN.limits}


def test_between_them_the_cases_here_bring_out_every_verdict_of_every_rule_that_can_block(
    findings: set[Finding],
) -> None:
    assert {finding.verdict for finding in findings} == set(Verdict)
    asked = {finding.rule for finding in findings if finding.verdict is not Verdict.PASS}
    of_a_layer = {"own-layer", "not-in-formulary"}  # brought out in tests/safety/test_layer.py
    assert asked >= set(KNOWN.asks) - of_a_layer, f"never seen: {set(KNOWN.asks) - asked}"


def test_every_finding_names_its_rule_and_a_source_that_exists(findings: set[Finding]) -> None:
    assert {finding.rule for finding in findings} <= NAMES
    assert {finding.source for finding in findings} <= set(KNOWN.sources)
    assert all(finding.at.strip() for finding in findings)


def test_every_finding_is_a_sentence_on_one_line(findings: set[Finding]) -> None:
    for says in {finding.says for finding in findings}:
        assert says[0].isupper(), says
        assert says.endswith("."), says
        assert says.isprintable(), says
        assert says == says.strip(), says


def test_every_finding_says_where_what_and_against_what(findings: set[Finding]) -> None:
    for finding in findings:
        for text in (finding.where, finding.observed, finding.limit):
            assert text.strip(), finding
            assert text.isprintable(), finding


def test_whoever_must_act_is_named_and_nobody_is_where_nothing_is_to_do(findings: set[Finding]) -> None:
    for finding in findings:
        if finding.verdict in (Verdict.CAUTION, Verdict.UNKNOWN, Verdict.BLOCK):
            assert finding.who, finding
            assert finding.who.strip(), finding
        else:
            assert finding.who is None, finding


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.RULE)
def test_every_rule_says_something_of_every_regimen(rule: Any) -> None:
    for regimen, case in everything():
        assert rule.judge(Subject(regimen=regimen, case=case, known=KNOWN, on=START)), (regimen, case)


def test_a_review_holds_what_every_rule_said_in_their_order() -> None:
    for regimen, case in [(by_hand(), a_good_case()), (a_regimen((0, 0)), a_case())]:
        subject = Subject(regimen=regimen, case=case, known=KNOWN, on=START)
        expected = tuple(finding for rule in RULES for finding in rule.judge(subject))
        assert review(regimen, case, KNOWN, on=START).findings == expected


def test_no_two_rules_share_a_name() -> None:
    assert len({rule.RULE for rule in RULES}) == len(RULES)


# The verdict ----------------------------------------------------------------------------------------------------


def test_the_verdict_of_a_review_is_the_gravest_that_any_rule_gave() -> None:
    order = ["pass", "note", "caution", "unknown", "block"]
    for found in everything_judged():
        gravest = max(order.index(finding.verdict.value) for finding in found.findings)
        assert order.index(found.verdict.value) == gravest


def test_only_unknown_and_block_keep_a_regimen_from_being_started() -> None:
    assert {verdict for verdict in Verdict if verdict.blocks} == {Verdict.UNKNOWN, Verdict.BLOCK}


def test_a_base_that_nobody_has_signed_is_said_in_every_review() -> None:
    assert KNOWN.state is not ReviewState.REVIEWED
    for found in everything_judged():
        assert verdict_of(found, "pending-review") is Verdict.NOTE


# Whatever anybody writes ----------------------------------------------------------------------------------------


def test_thirds_of_a_tablet_are_judged_as_unmakeable_like_any_other_wrong_part() -> None:
    regimen = pieces((ONE, "1/3"), (ONE, "2/3"))
    assert verdict_of(judged(regimen, a_good_case()), "unmakeable-dose") is Verdict.BLOCK


def test_a_third_of_a_tablet_in_a_file_is_refused_or_judged_and_never_crashes(tmp_path: Path) -> None:
    path = tmp_path / "regimen.toml"
    path.write_text(
        f"""
        [[step]]
        drug = "bromazepam"
        from = {START}
        intakes = [{{ time = "night", dose = "1 mg", pieces = [{{ product = "{THREE_MG}", count = "1/3" }}] }}]
        """,
        encoding="utf-8",
    )
    country = KNOWN.products[THREE_MG].country
    case = a_case("bromazepam", 3, supply={"country": country})
    try:
        regimen = read_regimen(path, KNOWN)
    except CaseError as refused:
        assert "1/3" in str(refused)
        return
    assert verdict_of(judged(regimen, case), "unmakeable-dose") is Verdict.BLOCK


THREE_MG = next(product.key for product in KNOWN.products_of("bromazepam") if product.strength == mg(3))


@pytest.mark.parametrize("dose", ["0.3 mg", "0.333 mg", "0.33333333 mg", "333 mcg", "1/3 mg"])
def test_a_drop_whose_mg_do_not_end_as_a_decimal_is_refused_in_one_line_and_never_rounded(
    dose: str, tmp_path: Path
) -> None:
    thirds = next(key for key, product in KNOWN.products.items() if product.mg_per_drop == Fraction(1, 3))
    path = tmp_path / "regimen.toml"
    path.write_text(
        f"""
        [[step]]
        drug = "diazepam"
        from = {START}
        intakes = [{{ time = "night", dose = "{dose}", pieces = [{{ product = "{thirds}", ml = "1/30" }}] }}]
        """,
        encoding="utf-8",
    )
    with pytest.raises(CaseError) as caught:
        read_regimen(path, KNOWN)
    assert len(str(caught.value).splitlines()) == 1


@st.composite
def regimens(draw: st.DrawFn) -> Regimen:
    """A regimen that anybody might write: rising, falling, stopping, with pieces of any product in quarters."""
    products = KNOWN.products_of("clonazepam")
    steps = []
    gaps = draw(st.lists(st.integers(1, 60), min_size=1, max_size=5))
    days = [sum(gaps[:number]) for number in range(len(gaps) + 1)]
    for number, from_ in enumerate(days):
        taken = []
        for time in draw(st.sets(st.sampled_from(TIMES), max_size=3)):
            if draw(st.booleans()):
                rows = draw(st.lists(st.tuples(st.sampled_from(products), st.integers(1, 12)), min_size=1, max_size=3))
                made = tuple(Portion(product=product, amount=Fraction(amount, 4)) for product, amount in rows)
                dose = sum((each.dose.mg for each in made), Fraction(0))
                taken.append(Intake(time=time, dose=mg(dose), portions=made))
            else:
                taken.append(Intake(time=time, dose=mg(Fraction(draw(st.integers(0, 4000)), 1000))))
        last = number == len(days) - 1
        until = None if last and draw(st.booleans()) else day(days[number + 1]) if not last else day(from_ + 30)
        steps.append(Step(drug="clonazepam", from_=day(from_), until=until, intakes=tuple(taken)))
    return Regimen(steps=tuple(steps))


@settings(max_examples=60, deadline=None)
@given(regimen=regimens())
def test_any_regimen_is_judged_without_a_crash_and_the_same_twice(regimen: Regimen) -> None:
    case = a_good_case()
    found = judged(regimen, case)
    assert found == judged(regimen, case)
    assert {finding.rule for finding in found.findings} <= NAMES
    assert all(finding.who for finding in found.findings if finding.verdict.rank >= Verdict.CAUTION.rank)


@settings(max_examples=60, deadline=None)
@given(regimen=regimens())
def test_no_regimen_that_raises_the_daily_dose_gets_through(regimen: Regimen) -> None:
    present = a_good_case().present.daily
    doses = [present, *(step.daily for step in regimen.steps)]
    rises = any(after > before for before, after in pairwise(doses))
    blocked = verdict_of(judged(regimen, a_good_case()), "dose-rise") is Verdict.BLOCK
    assert blocked == rises
