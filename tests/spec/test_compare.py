"""Side by side: each number of a comparison is a dull sum over the regimen, and nothing is counted twice or guessed."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case

from opentaper import Case, Dose, Knowledge, Options, load, propose, read_case, review
from opentaper.exchange import Comparison, compare, compare_document, course_chart
from opentaper.exchange.charts import COLOURS, DASHES, GREY
from opentaper.patient import Portion, Regimen
from opentaper.plan import propose_every

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
KNOWN = load(TODAY)
CASES = {path.stem: read_case(path, KNOWN) for path in EXAMPLES}
NHS = a_case(
    KNOWN, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, country="UK", baseline_days=14,
    supply={"pieces_per_intake": 6},
)  # fmt: skip


def compared(case: Case, known: Knowledge = KNOWN) -> tuple[Comparison, ...]:
    found = propose_every(case, known)
    return compare(found, [review(plan.regimen, case, known, on=TODAY) for plan in found.plans], case, known)


EVERY = [(name, each) for name, case in (*CASES.items(), ("nhs", NHS)) for each in compared(case)]
each_plan = pytest.mark.parametrize(
    ("case", "each"),
    [(NHS if name == "nhs" else CASES[name], each) for name, each in EVERY],
    ids=[f"{name}-{each.plan.name}" for name, each in EVERY],
)


def days_of(each: Comparison) -> list[dt.date]:
    return [each.plan.starts_on + dt.timedelta(days=day) for day in range(each.plan.days)]


def taken_on(regimen: Regimen, day: dt.date) -> list[Portion]:
    """Everything that is taken on one day, found by looking at every step."""
    return [
        portion
        for step in regimen.steps
        if step.from_ <= day and (step.until is None or day < step.until)
        for intake in step.intakes
        for portion in intake.portions or ()
    ]


def doses_on(regimen: Regimen, day: dt.date) -> dict[str, Dose]:
    return {
        step.drug: step.daily
        for step in regimen.steps
        if step.from_ <= day and (step.until is None or day < step.until) and step.daily
    }


def broken(portion: Portion) -> int:
    """A quarter and a half are one broken piece, three quarters are two, written out."""
    part = portion.amount % 1
    return {Fraction(0): 0, Fraction(1, 4): 1, Fraction(1, 2): 1, Fraction(3, 4): 2}[part]


@each_plan
def test_pieces_are_those_of_every_single_day(case: Case, each: Comparison) -> None:
    regimen = each.plan.regimen
    pieces, splits, liquids = [], [], []
    for day in days_of(each):
        solid = [portion for portion in taken_on(regimen, day) if not portion.product.liquid]
        pieces.append(sum(int(portion.amount) + broken(portion) for portion in solid))
        splits.append(sum(broken(portion) for portion in solid))
        liquids.append(len(taken_on(regimen, day)) - len(solid))
    assert (each.pieces.total, each.pieces.most) == (sum(pieces), max(pieces))
    assert (each.broken.total, each.broken.most) == (sum(splits), max(splits))
    assert (each.measured.total, each.measured.most) == (sum(liquids), max(liquids))
    assert each.pieces.days == len(pieces)
    assert each.pieces.mean == Fraction(sum(pieces), len(pieces))
    assert each.length.startswith(str(each.plan.days // 7))


@each_plan
def test_steps_are_the_days_on_which_some_dose_differs_from_the_day_before(case: Case, each: Comparison) -> None:
    before = {case.goal.of: case.present.daily}
    changed = 0
    for day in [*days_of(each), each.plan.ends_on]:
        now = doses_on(each.plan.regimen, day)
        changed += now != before
        before = now
    assert each.steps == changed


@each_plan
def test_the_largest_cuts_are_those_of_the_rows(case: Case, each: Comparison) -> None:
    rows = each.plan.rows
    cuts = []
    for row in rows:
        together = [other for other in rows if other.step.from_ == row.step.from_]
        last = [
            other.step.daily
            for other in rows
            if other.step.drug == row.step.drug and other.step.until == row.step.from_
        ]
        begins = row.step.drug != case.goal.of and not last
        rises = any(other.achieved.of < 0 for other in together) or any(
            other.step.drug != case.goal.of
            and other.step.from_ == min(step.from_ for step in each.plan.regimen.of(other.step.drug))
            for other in together
        )
        if row.achieved.of > 0 and not begins and not rises:
            cuts.append((row.achieved.of, row.step.from_, row.step.daily))
    largest, above = each.largest_cut, each.largest_cut_above_zero
    assert largest is not None and above is not None
    assert largest.cut is not None and above.cut is not None
    assert largest.cut.of == max(share for share, _, _ in cuts)
    assert (largest.cut.of, largest.on, largest.after) in cuts
    assert above.cut.of == max(share for share, _, dose in cuts if dose)
    assert above.on == min(on for share, on, dose in cuts if dose and share == above.cut.of)
    assert above.before.cut_to(above.after) == above.cut


@each_plan
def test_the_cost_is_each_item_once_times_its_price(case: Case, each: Comparison) -> None:
    items = [item for collection in each.plan.supply for item in collection.items]
    sums: dict[str, Fraction] = {}
    for item in items:
        if item.product.price:
            currency = item.product.price.currency
            sums[currency] = sums.get(currency, Fraction(0)) + item.amount * item.product.price.per_unit
    assert each.cost.sums == sums
    solids = [item for item in items if not item.product.liquid]
    assert all(item.amount.denominator == 1 for item in solids)
    assert each.cost.amount(liquid=False) == sum(item.amount for item in solids)
    assert each.cost.amount(liquid=False, priced=True) == sum(item.amount for item in solids if item.product.price)
    assert {handed.product.key for handed in each.cost.unpriced} == {
        item.product.key for item in items if item.product.price is None
    }
    assert len({handed.product.key for handed in each.cost.handed}) == len(each.cost.handed)
    assert set(each.products) == {item.product.key for item in items}


@each_plan
def test_findings_are_counted_once_and_what_blocks_is_named(case: Case, each: Comparison) -> None:
    findings = each.reviewed.findings
    assert sum(each.counts.values()) == len(findings)
    assert {rule for rule, _ in each.blocked_by} == {found.rule for found in findings if found.verdict.blocks}
    assert len({rule for rule, _ in each.blocked_by}) == len(each.blocked_by)
    assert bool(each.blocked_by) == each.reviewed.verdict.blocks


def one(case: Case, name: str, known: Knowledge = KNOWN) -> Comparison:
    return next(each for each in compared(case, known) if each.plan.name == name)


def test_the_label_taper_of_clonazepam_adds_up_by_hand() -> None:
    """2 mg, 0.25 mg less every 3 days: 21 days, 8 steps, half of the dose from 0.5 mg and all of it from 0.25 mg."""
    each = one(CASES["clonazepam-2mg"], "us-label-clonazepam")
    assert (each.length, each.steps, each.plan.days) == ("3 weeks", 8, 21)
    assert each.largest_cut is not None and each.largest_cut_above_zero is not None
    assert (str(each.largest_cut.cut), str(each.largest_cut.before)) == ("100 %", "0.25 mg")
    assert (str(each.largest_cut_above_zero.cut), str(each.largest_cut_above_zero.before)) == ("50 %", "0.5 mg")
    assert [rule for rule, _ in each.blocked_by] == ["step-reduction", "rolling-reduction", "step-interval"]


def test_a_known_price_is_exact_and_an_unknown_one_is_named_and_not_zero() -> None:
    swiss = one(CASES["clonazepam-3mg"], "usual").cost
    by_key = {handed.product.key: handed for handed in swiss.handed}
    count = by_key["ch-clonazepam-tablet-2mg"].amount
    assert swiss.sums == {"CHF": count / 4}
    assert [handed.product.key for handed in swiss.unpriced] == [
        "ch-clonazepam-drops-2.5mg-per-ml",
        "ch-clonazepam-tablet-0.5mg",
    ]
    assert all(handed.cost is None for handed in swiss.unpriced)
    assert swiss.amount(liquid=False, priced=True) == count < swiss.amount(liquid=False)
    british = one(CASES["diazepam-40mg"], "usual").cost
    assert (british.sums, british.confidences) == ({}, ())
    american = one(CASES["clonazepam-2mg"], "usual").cost
    assert american.unpriced == ()
    assert american.confidences == ("general-knowledge",)


def test_two_drugs_are_counted_together_and_a_switch_is_no_cut() -> None:
    each = one(NHS, "nhs-scotland-lorazepam")
    assert each.plan.regimen.drugs == ("lorazepam", "diazepam")
    assert [len(doses_on(each.plan.regimen, day)) for day in each.switch_days] == [2, 1]
    assert each.largest_cut is not None
    assert (each.largest_cut.drug, str(each.largest_cut.before)) == ("diazepam", "1 mg")
    assert each.pieces.present == 2


def test_a_present_dose_that_cannot_be_made_is_unknown_not_zero() -> None:
    case = a_case(KNOWN, "clonazepam", {"night": "1.1 mg"}, products=["us-clonazepam-tablet-0.5mg"])
    each = one(case, "usual")
    assert each.pieces.present is None
    document = compare_document([each], Options(plans=(each.plan,), infeasible=()), case, KNOWN, on=TODAY)
    assert document["plans"][0]["pieces_a_day"]["present"] is None


def test_a_plan_of_one_step_has_no_mean() -> None:
    case = a_case(KNOWN, "clonazepam", {"morning": "1 mg", "night": "1 mg"}, goal="1.75 mg")
    each = one(case, "fastest")
    assert (each.plan.days, each.steps, each.length, each.pieces.mean) == (0, 1, "0 days", None)
    assert each.pieces.most == 3
    assert course_chart([each], case, KNOWN).svg()


def test_a_protocol_that_ends_above_the_goal_says_so() -> None:
    case = a_case(KNOWN, "clonazepam", {"morning": "1 mg", "night": "1 mg"}, goal="1.25 mg")
    each = one(case, "deprescribing-org")
    assert {drug: str(dose) for drug, dose in each.ends_at.items()} == {"clonazepam": "1.5 mg"}
    assert each.ends_above(case.goal.daily)
    assert not one(case, "fastest").ends_above(case.goal.daily)
    assert course_chart([each], case, KNOWN).says.endswith("It ends above the goal.")


def test_a_protocol_without_a_dose_on_the_way_to_the_goal_is_refused() -> None:
    case = a_case(KNOWN, "clonazepam", {"morning": "1 mg", "night": "1 mg"}, goal="1.75 mg")
    found = propose(case, KNOWN, protocol="deprescribing-org")
    assert not found.plans
    assert "has no dose from 2 mg down to 1.75 mg a day" in found.infeasible[0].says


def test_the_present_dose_is_counted_in_tablets_where_tablets_make_it() -> None:
    each = one(CASES["lorazepam-8mg"], "usual")
    assert (each.pieces.present, each.measured.present) == (4, 0)


def test_a_first_hold_of_the_present_dose_is_no_step() -> None:
    each = one(a_case(KNOWN, "clonazepam", {"night": "0.125 mg"}), "usual")
    assert (len(each.plan.rows), each.steps, each.length) == (2, 1, "8 weeks")
    assert each.largest_cut is not None and str(each.largest_cut.cut) == "100 %"
    assert each.largest_cut_above_zero is None


def test_options_come_first_then_protocols_by_key_and_each_plan_and_refusal_once() -> None:
    for case in CASES.values():
        found = propose_every(case, KNOWN)
        names = [plan.name for plan in found.plans]
        standing = [plan.name for plan in propose(case, KNOWN).plans]
        assert names[: len(standing)] == standing
        keys = [name.removesuffix("-held") for name in names[len(standing) :]]
        assert keys == sorted(keys)
        assert len(set(names)) == len(names)
        missing = [each.name for each in found.infeasible]
        assert len(set(missing)) == len(missing)
        assert set(keys) | set(missing) == set(KNOWN.protocols)


def test_one_refusal_for_every_plan_is_said_once() -> None:
    case = a_case(KNOWN, "clonazepam", {"night": "2 mg"}, products=["us-clonazepam-tablet-1mg"], goal="0.3 mg")
    found = propose_every(case, KNOWN)
    assert not found.plans
    assert [each.name for each in found.infeasible] == ["all"]


def test_reviews_that_do_not_belong_to_the_plans_are_refused() -> None:
    case = CASES["clonazepam-2mg"]
    with pytest.raises(ValueError, match="shorter"):
        compare(propose(case, KNOWN), [], case, KNOWN)


@pytest.mark.parametrize("name", [*CASES, "nhs"])
def test_the_document_holds_exact_text_and_no_float(name: str) -> None:
    case = NHS if name == "nhs" else CASES[name]
    found = propose_every(case, KNOWN)
    document = compare_document(compared(case), found, case, KNOWN, on=TODAY)
    assert document["schema"] == "opentaper.compare/1"
    assert [plan["name"] for plan in document["plans"]] == [plan.name for plan in found.plans]
    for plan in document["plans"]:
        assert Fraction(plan["weeks"]) * 7 == plan["days"]
        assert Fraction(plan["pieces_a_day"]["mean"]) * plan["pieces_a_day"]["days"] == plan["pieces_a_day"]["total"]
        bill = sum((Fraction(row["count"]) * Fraction(row["price"]) for row in plan["cost"]["priced"]), Fraction(0))
        assert sum((Fraction(each["amount"]) for each in plan["cost"]["sums"]), Fraction(0)) == bill
    assert "best" not in str(document).lower().split()

    def look(value: object) -> None:
        assert not isinstance(value, float)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(each)

    look(document)
    look(dict(course_chart(compared(case), case, KNOWN).spec))


@pytest.mark.parametrize("name", [*CASES, "nhs"])
def test_the_chart_is_valid_vega_lite_and_says_every_plan_in_words(name: str) -> None:
    altair = pytest.importorskip("altair")
    case = NHS if name == "nhs" else CASES[name]
    plans = compared(case)
    chart = course_chart(plans, case, KNOWN)
    assert altair.Chart.from_dict(dict(chart.spec))
    assert chart.spec["description"] == chart.says
    for each in plans:
        assert f"{each.plan.name} ({each.plan.title}): {each.length} in {each.steps} step" in chart.says
    labels = [row["plan"] for view in chart.spec["vconcat"] for row in view["data"]["values"]]
    for each in plans:
        own = [label for label in labels if each.plan.name in label.split(", blocked")[0].split(" (")[0].split(" = ")]
        assert own
        assert all((", blocked" in label) == each.reviewed.verdict.blocks for label in own)


def test_the_chart_draws_every_dose_of_a_plan_on_its_day() -> None:
    case = CASES["clonazepam-2mg"]
    each = one(case, "usual")
    chart = course_chart([each], case, KNOWN)
    rows = chart.spec["vconcat"][0]["data"]["values"]
    assert (rows[0]["on"], rows[0]["low"]) == (each.plan.starts_on.isoformat(), "2")
    expected = [(row.step.from_.isoformat(), row.step.daily.decimal) for row in each.plan.rows]
    assert [(row["on"], row["low"]) for row in rows[1:]] == expected


def test_a_switch_is_a_band_of_published_equivalences() -> None:
    each = one(NHS, "nhs-scotland-lorazepam-held")
    chart = course_chart([each], NHS, KNOWN)
    rows = chart.spec["vconcat"][0]["data"]["values"]
    assert rows[0]["on"] == "2026-12-01"
    assert Fraction(rows[0]["low"]) < Fraction(rows[0]["high"])
    assert rows[-2]["low"] == rows[-2]["high"] == "1"
    assert "Now: 2 mg of lorazepam, which published equivalences call" in chart.says


def test_lines_differ_in_dashes_as_well_as_colours_and_blocked_ones_are_grey() -> None:
    case = CASES["clonazepam-2mg"]
    chart = course_chart(compared(case), case, KNOWN)
    encoding = chart.spec["vconcat"][0]["layer"][0]["encoding"]
    labels = encoding["color"]["scale"]["domain"]
    colours = encoding["color"]["scale"]["range"]
    dashes = [tuple(dash) for dash in encoding["strokeDash"]["scale"]["range"]]
    assert len(set(zip(colours, dashes, strict=True))) == len(labels)
    for label, colour, dash in zip(labels, colours, dashes, strict=True):
        assert (colour == GREY) == ("blocked" in label)
        assert colour != GREY or dash != DASHES[0]
    assert len(set(DASHES)) == len(DASHES) >= 10
    assert len(set(COLOURS)) == 8


def test_a_drawing_is_the_same_twice_in_our_font_on_white() -> None:
    case = CASES["lorazepam-2mg"]
    chart = course_chart(compared(case), case, KNOWN)
    svg = chart.svg()
    assert svg == course_chart(compared(case), case, KNOWN).svg()
    assert "Atkinson Hyperlegible" in svg
    assert 'fill="white"' in svg
    assert 'role="img"><title>Dose of lorazepam over time</title><desc>Chart: dose of lorazepam' in svg
    assert ElementTree.fromstring(svg).findtext("{*}desc") == chart.says
    png = chart.png()
    assert png == chart.png()
    assert png.startswith(b"\x89PNG")
