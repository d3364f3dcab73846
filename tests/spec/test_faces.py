"""What is printed is what was planned: the cases at which other programs printed another dose, count or date."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import vobject
from tests.conftest import TODAY
from tests.strategies.cases import a_case, raw_case
from tests.strategies.editions import a_plan, a_step, an_edition, of_plan

from opentaper import Dose, Knowledge, Regimen
from opentaper.exchange import LANGUAGES, LabelError, Signature, UnfitError, faces, language
from opentaper.exchange.faces.calendar import calendar
from opentaper.exchange.faces.code import code_text, read_code
from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.label import handovers, pharmacy_text, read_label
from opentaper.exchange.faces.note import read_row, record_note
from opentaper.exchange.faces.spreadsheet import spreadsheet
from opentaper.exchange.words import read_step, step_in_words
from opentaper.patient import Intake, Portion, Step, case_file, case_from, read_case
from opentaper.plan import Item
from opentaper.plan.day import present_day

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
TAGS = pytest.mark.parametrize("tag", LANGUAGES)


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(number)


@TAGS
@pytest.mark.parametrize(
    "strengths", [["2mg", "5mg", "10mg"], ["2mg"], ["5mg"], ["10mg"], ["2mg", "10mg"]], ids="+".join
)
def test_t2_every_makeable_dose_reads_back_from_words_and_label(
    known: Knowledge, strengths: list[str], tag: str
) -> None:
    """One peer cannot read back its 1½ tablets, another prints "1.8 tablets" for 9 mg from 5 mg."""
    lang = language(tag)
    case = a_case(
        known, "diazepam", {"night": "40 mg"}, products=[f"uk-diazepam-tablet-{each}" for each in strengths],
        supply={"pieces": "quarter", "pieces_per_intake": 8},
    )  # fmt: skip
    dispensary = present_day(case, known).dispensary
    read = 0
    for units, made in dispensary.made.items():
        dose = dispensary.dose(units)
        if not dose or (dose.mg / QUARTER).denominator != 1:
            continue
        intake = Intake(time="night", dose=dose, portions=made.portions)
        step = Step(drug="diazepam", from_=TODAY, until=None, intakes=(intake,))
        words = step_in_words(step, lang)
        assert read_step(words, lang) == {"night": dose}, words
        label = words.split(". ", 1)[1]
        text = (
            lang.say("{drug}.", drug="Diazepam") + " " + lang.say("From {first} to {last}.", first=day(0), last=day(6))
        )
        (taken,) = read_label(f"{text} {label}", lang)
        assert (taken.dose, taken.first, taken.last) == (dose, day(0), day(6))
        read += 1
    assert read >= 8


def half_tablet(known: Knowledge) -> Edition:
    case = a_case(known, intakes={"night": "0.25 mg"}, goal="0 mg", products=["us-clonazepam-tablet-0.5mg"])
    first = a_step(known, day(0), day(14), night={"us-clonazepam-tablet-0.5mg": HALF})
    last = Step(drug="clonazepam", from_=day(14), until=None, intakes=())
    return of_plan(a_plan(case, first, last), case, known)


def test_t3_half_a_tablet_for_a_fortnight_is_seven_on_every_face(known: Knowledge) -> None:
    """One peer orders 14 tablets for half a tablet on 14 nights."""
    edition = half_tablet(known)
    assert "  7 × clonazepam, 0.5 mg tablet  [" in pharmacy_text(edition)
    assert (
        sum(Fraction(row["amount"]) * 14 for row in csv.DictReader(io.StringIO(spreadsheet(edition))) if row["amount"])
        == 7
    )
    text = faces(edition)["plan.json"]
    assert isinstance(text, str)
    supply = json.loads(text)["options"][0]["supply"]
    assert [item["count"] for each in supply for item in each["items"]] == ["7"]


def test_t3_a_supply_in_instalments_is_the_same_supply(known: Knowledge) -> None:
    parts = {"instalment_days": 7, "closed": ["sunday", "tuesday"]}
    whole = an_edition(a_case(known), known)
    split = an_edition(a_case(known, supply=parts), known)
    totals = []
    for edition in (whole, split):
        found: dict[str, Fraction] = {}
        for each in handovers(edition):
            for item in each.collection.items:
                found[item.product.key] = found.get(item.product.key, Fraction(0)) + item.amount
        totals.append(found)
    assert totals[0] == totals[1]
    for each in handovers(split):
        got = each.collection
        assert (got.until - got.from_).days <= 7
        assert got.on <= got.from_, "never collected after it is needed"
        if got.on > TODAY:
            assert got.on.weekday() not in (1, 6), "never on a closed day, but for the day on which the plan is made"
        assert (got.from_ - got.on).days <= 2


@TAGS
def test_t12_a_liquid_is_said_in_mg_and_in_ml_of_the_syringe(known: Knowledge, tag: str) -> None:
    """One peer rounds every row to a whole mL: 18, 16, 14, 12 … for an asked 10 %."""
    lang = language(tag)
    products = ["uk-clonazepam-solution-0.1mg-per-ml"]
    case = a_case(known, intakes={"night": "2 mg"}, products=products, supply={"pieces_per_intake": 6})
    edition = an_edition(case, known)
    volumes = []
    for row in edition.plan.rows[:-1]:
        (portion,) = row.step.intakes[0].portions or ()
        volumes.append(portion.amount)
        assert (portion.amount / Fraction(1, 10)).denominator == 1, "a mark of the syringe"
        assert portion.amount * Fraction(1, 10) == row.step.daily.mg
        words = step_in_words(row.step, lang)
        assert f"{lang.number(portion.amount)} mL" in words
        assert f"{lang.number(row.step.daily.mg)} mg" in words
    assert [str(each) for each in volumes[:3]] == ["18", "81/5", "73/5"], "18, 16.2 and 14.6 mL, and not 18, 16, 14"


def test_t12_a_volume_that_the_syringe_cannot_show_is_refused(known: Knowledge) -> None:
    case = a_case(known, intakes={"night": "0.2 mg"}, products=["uk-clonazepam-solution-0.1mg-per-ml"])
    product = known.products["uk-clonazepam-solution-0.1mg-per-ml"]
    step = a_step(known, day(0), None, night={product.key: Fraction(37, 20)})
    plan = a_plan(replace(case, goal=replace(case.goal, daily=step.daily)), step)
    with pytest.raises(UnfitError, match="unmakeable-dose"):
        of_plan(plan, replace(case, goal=replace(case.goal, daily=step.daily)), known)


def test_t13_every_event_of_the_calendar_says_what_its_row_says(known: Knowledge) -> None:
    """A peer's events read "1x pill", "0x pill", "0x pill" for 1.5, 1 and 0.5 mg from quarters of 2 mg."""
    case = a_case(
        known,
        intakes={"night": "2 mg"},
        goal="1 mg",
        products=["ch-clonazepam-tablet-2mg"],
        supply={"pieces": "quarter"},
    )
    steps = [
        a_step(known, day(28 * number), day(28 * number + 28) if number < 1 else None, night={"ch-clonazepam-tablet-2mg": Fraction(3 - number, 4)})
        for number in range(2)
    ]  # fmt: skip
    edition = of_plan(a_plan(case, *steps), case, known)
    said = [str(event.summary.value) for event in vobject.readOne(calendar(edition).decode()).contents["vevent"]]
    assert said == [
        "DRAFT: Clonazepam 1.5 mg a day. Night: three quarters of a 2 mg tablet (1.5 mg).",
        "DRAFT: Clonazepam. Night: three quarters of a 2 mg tablet (1.5 mg)",
        "DRAFT: Clonazepam 1 mg a day. Night: half a 2 mg tablet (1 mg).",
        "DRAFT: Clonazepam. Night: half a 2 mg tablet (1 mg)",
    ]


def test_t13_a_zone_is_named_without_utc_and_without_one_times_are_wherever_the_person_is(known: Knowledge) -> None:
    edition = half_tablet(known)
    zoned = calendar(edition, zone="Europe/Zurich").decode()
    assert "DTSTART;TZID=Europe/Zurich:20261201T220000\r\n" in zoned
    assert "BEGIN:VTIMEZONE" in zoned
    assert "TRIGGER:-PT5H\r\n" in zoned, "at seven in the evening before a day on which the dose changes"
    floating = calendar(edition, hours={"night": dt.time(21, 15)}).decode()
    assert "DTSTART:20261201T211500\r\n" in floating
    assert "VTIMEZONE" not in floating
    assert all(len(line.encode()) <= 75 for line in zoned.split("\r\n"))


@pytest.mark.parametrize(
    ("first", "lengths", "last_days"),
    [
        (dt.date(2024, 1, 1), (5, 3, 7), ["2024-01-05", "2024-01-08", "2024-01-15"]),
        (dt.date(2028, 2, 22), (7, 7, 7), ["2028-02-28", "2028-03-06", "2028-03-13"]),
        (dt.date(2027, 12, 26), (7, 7, 7), ["2028-01-01", "2028-01-08", "2028-01-15"]),
        (dt.date(2027, 3, 22), (7, 7, 7), ["2027-03-28", "2027-04-04", "2027-04-11"]),
        (dt.date(2026, 10, 19), (7, 7, 7), ["2026-10-25", "2026-11-01", "2026-11-08"]),
    ],
    ids=["peer", "29-february", "new-year", "clocks-forward", "clocks-back"],
)
def test_t19_the_last_day_of_a_step_is_the_day_before_the_next_on_every_face(
    known: Knowledge, first: dt.date, lengths: tuple[int, ...], last_days: list[str]
) -> None:
    """Peers print 5, 3 and 7 days from 1 January as ending on the 6th, 9th and 16th, or shift a day in Sydney."""
    case = a_case(
        known,
        intakes={"night": "1 mg"},
        goal="0.25 mg",
        products=["us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg"],
    )
    case = replace(case, goal=replace(case.goal, starts_on=first))
    dates = [first]
    for length in lengths:
        dates.append(dates[-1] + dt.timedelta(length))
    steps = [a_step(known, from_, until, night={"us-clonazepam-tablet-1mg": HALF}) for from_, until in pairwise(dates)]
    # The same dose three times: nothing changes, so that only dates are looked at.
    plan = a_plan(replace(case, taking=(replace(case.present, intakes=steps[0].intakes),)), *steps)
    assert [(step.until - dt.timedelta(1)).isoformat() for step in steps if step.until] == last_days
    lines = [read_row(line) for line in _rows_of(plan.regimen)]
    assert [last.isoformat() for _, last, _ in lines if last] == last_days
    assert [from_ for from_, _, _ in lines] == dates[:-1]


def _rows_of(regimen: Regimen) -> list[str]:
    from opentaper.exchange.faces.note import row_text

    return [row_text(step) for step in regimen.steps]


@TAGS
def test_t26_dated_rows_in_order_without_overlap_and_the_labels_add_up_to_what_is_handed_over(
    known: Knowledge, tag: str
) -> None:
    """The arithmetic of a structured tapering order: bounded rows in sequence, and the sum dispensed is their sum."""
    lang = language(tag)
    edition = an_edition(a_case(known, "diazepam", {"morning": "10 mg", "night": "10 mg"}, country="UK"), known)
    lines = [line for line in record_note(edition, lang).splitlines() if line[:4].isdigit()]
    spans = [read_row(line, lang) for line in lines]
    assert [from_ for from_, _, _ in spans] == [row.step.from_ for row in edition.plan.rows]
    assert all(last + dt.timedelta(1) == after for (_, last, _), (after, _, _) in pairwise(spans) if last)
    for each in handovers(edition, lang, length=140):
        got = each.collection
        labelled = sum(
            (
                taken.dose.mg * ((taken.last - taken.first).days + 1)
                for label in each.labels
                for taken in read_label(label.text, lang)
            ),
            Fraction(0),
        )
        planned = sum(
            (sum((step.daily.mg for step in edition.regimen.on(got.from_ + dt.timedelta(number))), Fraction(0))
             for number in range((got.until - got.from_).days)), Fraction(0),
        )  # fmt: skip
        assert labelled == planned
        assert all(len(label.text) <= 140 for label in each.labels)
    every = [each.collection for each in handovers(edition, lang)]
    rows = sum((row.step.daily.mg * row.step.days for row in edition.plan.rows if row.step.days), Fraction(0))
    assert sum(map(mg_of, (item for each in every for item in each.items))) == rows + sum(
        map(mg_of, every[-1].left_over)
    )


def mg_of(item: Item) -> Fraction:
    return Portion(product=item.product, amount=item.amount).dose.mg


def test_t27_nothing_is_written_from_a_plan_that_changed_after_its_review(known: Knowledge) -> None:
    """A peer disables printing once an input changes; others print the old plan with the new name on it."""
    case = a_case(known)
    good = an_edition(case, known)
    later = replace(good.plan.rows[0], step=replace(good.plan.rows[0].step, from_=day(-1)))
    changed: list[tuple[dict[str, object], str]] = [
        ({"case": replace(case, patient=replace(case.patient, sex="male"))}, "the case changed"),
        ({"case": replace(case, supply=replace(case.supply, pieces_per_intake=3))}, "the case changed"),
        ({"plan": replace(good.plan, rows=(later, *good.plan.rows[1:]))}, "not the one that was reviewed"),
        ({"plan": replace(good.plan, supply=good.plan.supply[1:])}, "quantities"),
        ({"known": replace(known, files={**known.files, "drugs/clonazepam.toml": "0" * 64})}, "knowledge base changed"),
        ({"made_on": day(1)}, "it has begun since it was reviewed"),
        ({"made_on": day(-1)}, "of a later day"),
        (
            {"signature": Signature(by="Dr A", role="prescriber", on=TODAY, digest="0" * 64)},
            "signature is for something else",
        ),
    ]
    for change, says in changed:
        with pytest.raises(UnfitError, match=says):
            replace(good, **change)  # type: ignore[arg-type]


def test_t27_nothing_is_written_from_a_plan_that_review_blocks_or_cannot_judge(known: Knowledge) -> None:
    raw = raw_case()
    del raw["screening"]["suicide_risk"]
    silent = case_from(raw, known, "case.toml")
    with pytest.raises(UnfitError, match=r"suicide-risk \(unknown\)"):
        an_edition(silent, known)
    with pytest.raises(UnfitError, match=r"\(block\)"):
        an_edition(a_case(known, "lorazepam", {"morning": "1 mg", "night": "1 mg"}, country="UK"), known,
                   "nhs-scotland-lorazepam", "nhs-scotland-lorazepam")  # fmt: skip


@TAGS
def test_t27_a_draft_says_so_on_every_face_and_a_signature_takes_it_away(known: Knowledge, tag: str) -> None:
    import pypdfium2

    lang = language(tag)
    draft = half_tablet(known)
    signed = replace(draft, signature=Signature(by="Dr A. Example", role="prescriber", on=TODAY, digest=draft.digest))
    mark = lang.say("DRAFT")
    for edition, marked in ((draft, True), (signed, False)):
        for name, content in faces(edition, lang).items():
            if name.endswith((".svg", ".png")) or name == "charts.txt":
                continue
            if name.endswith(".pdf"):
                document = pypdfium2.PdfDocument(content)
                texts = [page.get_textpage().get_text_range() for page in document]
                assert all((mark in text) is marked for text in texts), name
            elif name == "plan.json":
                assert (json.loads(content)["edition"]["state"] == "draft") is marked
            elif name == "plan.csv":
                assert (",draft\r\n" in str(content)) is marked
            else:
                text = content.decode() if isinstance(content, bytes) else content
                assert ("DRAFT" in text or mark in text) is marked, name


def test_t28_one_strength_until_a_date_then_two_together_and_nothing_is_split(known: Knowledge) -> None:
    """Two peers' users asked for 25 mg until a date, then 100 mg and 25 mg together; none could enter it."""
    two, ten = "uk-diazepam-tablet-2mg", "uk-diazepam-tablet-10mg"
    case = a_case(
        known,
        "diazepam",
        {"night": "14 mg"},
        goal="12 mg",
        products=[two, ten],
        supply={"pieces": "whole", "pieces_per_intake": 7},
    )
    only = a_step(known, day(0), day(28), night={two: Fraction(7)})
    both = a_step(known, day(28), None, night={ten: Fraction(1), two: Fraction(1)})
    edition = of_plan(a_plan(case, only, both), case, known)
    for tag in LANGUAGES:
        lang = language(tag)
        assert [read_step(step_in_words(step, lang), lang)["night"].decimal for step in edition.regimen.steps] == [
            "14",
            "12",
        ]
        labels = [
            taken
            for each in handovers(edition, lang)
            for label in each.labels
            for taken in read_label(label.text, lang)
        ]
        by_day = {
            first: sum((each.dose.mg for each in labels if each.first == first), Fraction(0))
            for first in (day(0), day(28))
        }
        assert by_day == {day(0): 14, day(28): 12}
    assert all(portion.splits == 0 for _, _, portion in edition.regimen.portions())
    assert read_code(code_text(edition))["diazepam"] == [
        (day(0), {"night": Dose(Fraction(14))}),
        (day(28), {"night": Dose(Fraction(12))}),
    ]


def test_a_label_is_never_cut_off(known: Knowledge) -> None:
    edition = an_edition(a_case(known), known)
    with pytest.raises(LabelError, match=r"needs [0-9]+ characters, the label has 60"):
        pharmacy_text(edition, length=60)
    long = {label.text for each in handovers(edition, length=1000) for label in each.labels}
    short = {label.text for each in handovers(edition, length=140) for label in each.labels}
    assert max(map(len, short)) <= 140 < max(map(len, long))


def two_drugs() -> dict[str, Any]:
    raw = raw_case(then=[{"of": "diazepam", "daily": "2 mg", "share": "5 %", "every_days": 21}])
    intakes = [{"time": "night", "dose": "5 mg"}]
    raw["taking"].append({"drug": "diazepam", "since": dt.date(2020, 1, 1), "dose_since": day(-60), "intakes": intakes})
    return raw


@pytest.mark.parametrize("baseline", [0, 14])
def test_a_chosen_order_with_days_on_the_present_dose_is_handed_out_whole(known: Knowledge, baseline: int) -> None:
    raw = two_drugs()
    raw["goal"]["baseline_days"] = baseline
    raw["taking"][1]["dose_since"] = dt.date(2024, 1, 1)
    case = case_from(raw, known, "case.toml")
    edition = an_edition(case, known)
    assert edition.plan.starts_on == day(baseline)
    for number in range(baseline + 30):
        doses = {step.drug: step.daily.mg for step in edition.regimen.on(day(number))}
        assert doses["diazepam"] == 5, "taken as now until its turn, from the first day"
    labels = [taken for each in handovers(edition) for label in each.labels for taken in read_label(label.text)]
    assert min(taken.first for taken in labels) == day(0)


def test_a_case_written_out_is_the_same_case(known: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> None:
    hold = {"from": day(20), "until": day(34), "because": 'a "journey"'}
    for number, case in enumerate(
        (
            a_case(known),
            a_case(
                known,
                hold=[hold],
                share="7 %",
                every_days=21,
                percent_of="original",
                baseline_days=14,
                finish_by=day(400),
            ),
            a_case(
                known,
                supply={"instalment_days": 7, "closed": ["sunday"], "liquid_step_ml": "0.25", "pieces": "quarter"},
            ),
            a_case(known, begun_on=day(-100), step_back_to="2.5 mg", gap_days=9),
            case_from(
                raw_case() | {"switch": {"to": "diazepam", "table": "ashton-2002", "days": 10}}, known, "case.toml"
            ),
            case_from(two_drugs(), known, "case.toml"),
        )
    ):
        path = tmp_path_factory.mktemp("case") / f"{number}.toml"
        path.write_text(case_file(case, "a case"), encoding="utf-8")
        assert read_case(path, known) == case


def test_the_first_collection_of_a_plan_covers_its_first_days(known: Knowledge) -> None:
    edition = an_edition(a_case(known, baseline_days=14), known)
    first = handovers(edition)[0].collection
    assert first.from_ == edition.regimen.steps[0].from_ == TODAY


def test_portions_that_cannot_be_said_are_refused_not_rounded(known: Knowledge) -> None:
    product = known.products["us-clonazepam-tablet-1mg"]
    third = Portion(product=product, amount=Fraction(1, 3))
    step = Step(
        drug="clonazepam", from_=TODAY, until=None, intakes=(Intake(time="night", dose=third.dose, portions=(third,)),)
    )
    for tag in LANGUAGES:
        with pytest.raises(ValueError, match=r"halves and quarters|no exact decimal"):
            step_in_words(step, language(tag))
