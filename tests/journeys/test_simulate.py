"""`opentaper simulate` through the door: every figure says that it is modelled, its band, what it assumes and who says so."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from opentaper import Knowledge, read_case, read_regimen
from opentaper.cli import main
from opentaper.exchange import SIMULATE_SCHEMA, facts, forecast, sentences, simulation_charts
from opentaper.exchange.simulation.figure import Figure, percent

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
CASE = str(EXAMPLES[0].with_name("clonazepam-2mg.toml"))
AS_OF = ("--as-of", "2026-12-01")
FEW = ("--people", "8")
FILES = ["going-back.png", "going-back.svg", "simulation.csv", "simulation.json", "simulation.png", "simulation.svg", "simulation.txt"]  # fmt: skip


@pytest.fixture(autouse=True)
def _on_paper_of_110_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


def document_of(capsys: pytest.CaptureFixture[str], *args: str, status: int = 0) -> Any:
    assert main(["simulate", *args, "--format", "json", *AS_OF]) == status
    return json.loads(capsys.readouterr().out)


def table_of(capsys: pytest.CaptureFixture[str], *args: str, status: int = 0) -> str:
    assert main(["simulate", *args, *AS_OF]) == status
    return capsys.readouterr().out


def flat(text: str) -> str:
    return " ".join(text.split())


def regimen(folder: Path, *steps: tuple[str, str, str | None, str]) -> str:
    """Write a regimen file of steps: drug, from, until, dose at night or nothing."""
    path = folder / "regimen.toml"
    text = ""
    for drug, from_, until, dose in steps:
        ends = f"until = {until}\n" if until else ""
        intakes = f'{{ time = "night", dose = "{dose}" }}' if dose else ""
        text += f'[[step]]\ndrug = "{drug}"\nfrom = {from_}\n{ends}intakes = [{intakes}]\n\n'
    path.write_text(text)
    return str(path)


def case_with(folder: Path, *changes: tuple[str, str], more: str = "") -> str:
    text = Path(CASE).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "case.toml"
    path.write_text(text + more, encoding="utf-8")
    return str(path)


def everything(document: Any) -> Iterator[Any]:
    values = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for value in values:
        yield value
        yield from everything(value)


# What is shown.


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_simulated_within_110_columns(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = table_of(capsys, str(path), *FEW)
    assert max(map(len, out.splitlines())) <= 110
    for part in (
        "Modelled, not measured",
        "pending review",
        "What it rests on",
        "Step by step",
        "none of them is the truth",
        "not advice",
        "nothing here changes a limit",
        "Stopping suddenly can cause seizures",
        "can sedate too much and stop breathing",
        "read every other figure against it",
    ):
        assert part in flat(out), part


def test_every_modelled_sentence_carries_band_assumption_source_and_state(
    capsys: pytest.CaptureFixture[str], known: Knowledge
) -> None:
    document = document_of(capsys, CASE, *FEW)
    table = flat(table_of(capsys, CASE, *FEW))
    assert {"peak", "everyday", "sudden stop", "missed day", "today", "single dose"} < {
        each["about"] for each in document["sentences"]
    }
    for each in document["sentences"]:
        sentence = each["sentence"]
        assert sentence.startswith("Modelled: ")
        assert "nine of ten people" in each["band"]
        assert re.search(r"\d", each["band"])
        assert 'effect by "' in sentence
        assert sentence.endswith("pending review].")
        assert len(each["keys"]) >= 3
        for key in each["keys"]:
            assert key in sentence
            assert facts(known, key), key
            assert all(fact.source for fact in facts(known, key))
        if not each["about"].startswith("rival"):
            assert sentence in table
    for line in re.findall(r"Modelled: .*?\]\.", table):
        assert "nine of ten people" in line
        assert "Assumes" in line
        assert line.endswith("pending review].")


def test_every_assumption_names_a_source_of_the_base_or_the_case(
    capsys: pytest.CaptureFixture[str], known: Knowledge
) -> None:
    document = document_of(capsys, CASE, *FEW)
    kinds = [each["kind"] for each in document["assumptions"]]
    assert {"kinetics", "potency", "effect", "adaptation", "use"} <= set(kinds)
    table = flat(table_of(capsys, CASE, *FEW))
    for each in document["assumptions"]:
        assert each["source"] in (*known.sources, "case file")
        assert each["confidence"]
        assert "pending review" in each["state"]
        assert each["key"] in table
        assert facts(known, each["key"])


def test_the_rivals_stand_side_by_side_and_none_is_called_the_truth(
    capsys: pytest.CaptureFixture[str], known: Knowledge
) -> None:
    document = document_of(capsys, CASE, "--effect", "amplified", *FEW)
    assert document["rivals"][0]["effect"] == "amplified"
    assert {each["effect"] for each in document["rivals"]} == set(known.effects)
    assert [each["effect"] for each in document["rivals"] if each["used"]] == ["amplified"]
    for each in document["rivals"]:
        assert each["says"] == known.effects[each["effect"]].says
        assert each["against"]
        assert each["source"] in known.sources
    out = table_of(capsys, CASE, *FEW)
    for word in ("true model", "best", "correct model", "accurate"):
        assert word not in out.lower()


def test_the_figures_are_no_more_precise_than_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    out = table_of(capsys, CASE, *FEW)
    assert not re.search(r"\d\.\d+ %(?! of (people|the))", out.replace("12.5 (10 to 15) %", ""))
    assert "about" in out
    for each in document_of(capsys, CASE, *FEW)["steps"]:
        for figure in each["level_ng_per_ml"].values():
            assert all(len(value.replace(".", "").lstrip("0")) <= 2 or value.endswith("0") for value in figure.values())


def test_the_steps_are_those_of_the_plan_and_the_peak_is_the_largest_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = document_of(capsys, CASE, *FEW)
    assert main(["plan", CASE, "--option", "usual", "--format", "json", *AS_OF]) == 0
    planned = json.loads(capsys.readouterr().out)["options"][0]
    assert [(each["from"], each["until"]) for each in document["steps"]] == [
        (step["from"], step["until"]) for step in planned["steps"]
    ]
    assert [each["daily_mg"]["clonazepam"] for each in document["steps"]] == [
        step["daily_mg"] for step in planned["steps"]
    ]
    assert document["plan"]["regimen_digest"] == planned["regimen_digest"]
    worst = max(document["steps"], key=lambda each: Decimal(each["peak"]["withdrawal_percent"]["middle"]))
    assert document["peak"]["withdrawal_percent"]["middle"] == worst["peak"]["withdrawal_percent"]["middle"]
    levels = [Decimal(each["level_ng_per_ml"]["clonazepam"]["middle"]) for each in document["steps"]]
    assert levels == sorted(levels, reverse=True)


def test_a_sudden_stop_is_worse_than_the_plan_and_a_missed_day_lies_between(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, CASE, *FEW)
    peak, missed, stop = (
        Decimal(each["withdrawal_percent"]["middle"])
        for each in (document["peak"], document["missed_day"]["peak"], document["sudden_stop"]["peak"])
    )
    assert peak < missed < stop
    assert document["sudden_stop"]["stop_on"] == document["plan"]["from"]


def test_the_longer_the_pause_the_stronger_the_old_dose(capsys: pytest.CaptureFixture[str]) -> None:
    back = document_of(capsys, CASE, *FEW)["going_back"]
    assert [each["days_without"] for each in back] == [0, 7, 14, 28]
    strength = [int(each["strength_percent"]["middle"]) for each in back]
    assert strength == sorted(strength)
    assert strength[-1] > 80


# The document.


def test_the_document_holds_decimal_text_with_units_in_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, CASE, *FEW)
    assert document["schema"] == SIMULATE_SCHEMA == "opentaper.simulate/1"
    assert document["modelled"] is True
    assert document["knowledge"]["state"] == "draft"
    assert not [value for value in everything(document) if isinstance(value, float)]
    days = document["days"]
    count = len(days["on"])
    assert days["on"][0] == document["plan"]["from"]
    for series in (
        days["level_ng_per_ml"]["clonazepam"],
        days["effect_percent"],
        days["adaptation_percent"],
        days["withdrawal_percent"],
    ):
        assert len(series["middle"]) == len(series["low"]) == len(series["high"]) == count
        for low, high in zip(series["low"], series["high"], strict=True):
            assert Decimal(low) <= Decimal(high)
    assert set(days["rival_withdrawal_percent"]) == {"straight", "amplified", "two-state"}
    peak = max(map(Decimal, days["withdrawal_percent"]["middle"]))
    assert percent(Fraction(peak) / 100).removesuffix(" %") == document["peak"]["withdrawal_percent"]["middle"]


def test_the_same_seed_gives_the_same_people_and_another_gives_others(capsys: pytest.CaptureFixture[str]) -> None:
    first, same, other = (document_of(capsys, CASE, *FEW, "--seed", seed) for seed in ("1", "1", "2"))
    assert first == same
    assert first["days"]["withdrawal_percent"]["middle"] == other["days"]["withdrawal_percent"]["middle"]
    assert first["days"]["withdrawal_percent"]["high"] != other["days"]["withdrawal_percent"]["high"]


def test_without_people_there_is_no_band_and_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, CASE, "--people", "0")
    assert document["days"]["withdrawal_percent"]["low"] is None
    assert all("no people were drawn" in each["band"] for each in document["sentences"])
    assert "nine of ten" not in table_of(capsys, CASE, "--people", "0")


def test_another_kinetic_model_is_used_when_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, CASE, *FEW, "--model", "clonazepam-kruizinga-2022")
    assert document["models"]["kinetics"] == {"clonazepam": "clonazepam-kruizinga-2022"}
    note = next(each["note"] for each in document["assumptions"] if each["kind"] == "kinetics")
    assert note == "Not the model that the base chose."


# What if.


def test_a_missed_day_is_asked_for_and_told_against_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    usual = document_of(capsys, CASE, *FEW)
    document = document_of(capsys, CASE, *FEW, "--miss", "2026-12-10", "--double", "2026-12-11=night")
    assert document["asked"] == ["on 2026-12-10 nothing is taken", "on 2026-12-11, night, twice the dose is taken"]
    assert document["as_planned_peak"] == usual["peak"]
    assert document["missed_day"] is None
    assert document["days"]["dose_mg"]["clonazepam"][9:11] == ["0", "2.75"]
    assert int(document["peak"]["withdrawal_percent"]["middle"]) > int(usual["peak"]["withdrawal_percent"]["middle"])
    assert "What if: on 2026-12-10 nothing is taken" in flat(table_of(capsys, CASE, *FEW, "--miss", "2026-12-10"))


def test_a_stop_on_a_day_ends_the_steps_there(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, CASE, *FEW, "--stop", "2027-02-01")
    last = document["steps"][-1]
    assert (last["from"], last["until"], last["daily_mg"]) == ("2027-02-01", None, {"clonazepam": "0"})
    assert document["steps"][-2]["until"] == "2027-02-01"
    assert document["peak"]["on"] > "2027-02-01"


def test_an_inducer_that_begins_is_named_with_its_source_and_lowers_the_level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], known: Knowledge
) -> None:
    hold = regimen(tmp_path, ("clonazepam", "2026-12-01", "2027-01-12", "1.75 mg"), ("clonazepam", "2027-01-12", None, "1.5 mg"))  # fmt: skip
    args = ("--people", "0", "--begin", "carbamazepine=2026-12-05")
    found = document_of(capsys, CASE, hold, *args)
    row = next(each for each in found["assumptions"] if each["kind"] == "clearance" and "carbamazepine" in each["says"])
    assert row["source"] in known.sources
    assert "1.4 times as large from 2026-12-05" in row["says"]
    plain = document_of(capsys, CASE, hold, "--people", "0")
    level = [Decimal(each["steps"][0]["level_ng_per_ml"]["clonazepam"]["middle"]) for each in (found, plain)]
    assert level[0] < level[1]


# What is unknown, and what is not followed.


def test_nobody_said_since_when_is_said_and_taken_as_long_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = case_with(tmp_path, ("since = 2019-03-01\n", ""))
    document = document_of(capsys, silent, *FEW, status=4)
    assert document["used_days"] is None
    use = next(each for each in document["assumptions"] if each["kind"] == "use")
    assert "nobody said since when" in use["says"]
    assert "full dependence" in use["says"]
    assert document["peak"] == document_of(capsys, CASE, *FEW)["peak"]


def test_what_is_not_followed_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = (
        '\n[[taking]]\ndrug = "zolpidem"\nintakes = [{ time = "night", dose = "10 mg" }]\n'
        '\n[[taking]]\ndrug = "gabapentin"\nintakes = [{ time = "night", dose = "300 mg" }]\n'
        '\n[[taking]]\nother = "a herbal tea"\n'
    )
    case = case_with(tmp_path, ('opioids = "no"', 'opioids = "yes"'), ('alcohol_heavy = "no"', 'alcohol_heavy = "yes"'), more=more)  # fmt: skip
    document = document_of(capsys, case, *FEW)
    told = " ".join(document["not_followed"])
    for part in (
        "zolpidem: taken too",
        "gabapentin: it acts on the effect",
        "a herbal tea",
        "[opioids]",
        "[alcohol_heavy]",
    ):
        assert part in told
    assert "zolpidem: taken too" in flat(table_of(capsys, case, *FEW))


# Statuses and refusals.


def test_a_blocked_plan_is_simulated_and_says_so_with_status_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = regimen(tmp_path, ("clonazepam", "2026-12-01", "2026-12-08", "1 mg"), ("clonazepam", "2026-12-08", None, ""))
    document = document_of(capsys, CASE, stop, *FEW, status=4)
    assert document["plan"]["blocked"] is True
    assert document["plan"]["verdict"] == "block"
    assert len(document["steps"]) == 2
    assert "Review blocks this plan" in flat(table_of(capsys, CASE, stop, *FEW, status=4))


def test_a_case_without_the_plan_is_status_3_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = case_with(tmp_path, ("days_per_week = 7", "days_per_week = 3"))
    assert "is taken on 3 days a week" in table_of(capsys, case, status=3)
    document = document_of(capsys, case, "--option", "gentle", status=3)
    assert document["schema"] == SIMULATE_SCHEMA
    assert "3 days a week" in document["infeasible"][0]["says"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["no-such.toml"], "there is no file no-such.toml"),
        ([CASE, "no-such.toml"], "there is no file no-such.toml"),
        ([CASE, CASE, "--option", "usual"], "not both"),
        ([CASE, "--option", "fast"], 'did you mean "fastest"'),
        ([CASE, "--protocol", "nice-cks"], 'did you mean "nice-cks-diazepam"'),
        ([CASE, "--effect", "curve"], "there is no model of the effect 'curve'"),
        ([CASE, "--model", "clonazepam"], "there is no kinetic model 'clonazepam'"),
        ([CASE, "--model", "diazepam-oral"], "which is not taken"),
        ([CASE, "--miss", "2027-13-01"], "write it as 2026-12-01"),
        ([CASE, "--miss", "2025-01-05"], "nothing is planned to be taken on 2025-01-05"),
        ([CASE, "--miss", "2027-01-05=nigth"], 'did you mean "night"'),
        ([CASE, "--double", "2027-01-05", "--miss", "2027-01-05"], "missed or doubled twice"),
        ([CASE, "--stop", "soon"], "--stop 'soon' is not a date"),
        ([CASE, "--begin", "carbamazepine"], "write the medicine and the day"),
        ([CASE, "--begin", "carbamazepin=2027-01-05"], 'did you mean "carbamazepine"'),
        ([CASE, "--begin", "paracetamol=2027-01-05"], "paracetamol"),
        ([CASE, "--end", "carbamazepine=2027-01-05"], "cannot be ended"),
        ([CASE, "--people", "5000"], "5000"),
        ([CASE, "--as-of", "tomorrow"], "write it as 2026-12-01"),
        ([], "Missing argument"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_status_2(
    args: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *args]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert len(out.err.splitlines()) == 1
    assert says in out.err


@pytest.mark.parametrize(
    ("drug", "says"),
    [
        ("midazolam", "the base has no kinetic model of midazolam"),
        ("diazepam", "diazepam is not taken before 2026-12-01, so there is no present dose"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(
    drug: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = regimen(tmp_path, (drug, "2026-12-01", None, "5 mg"))
    assert main(["simulate", CASE, path]) == 2
    assert says in capsys.readouterr().err


# The folder and the charts.


def test_out_writes_figures_drawings_and_words_that_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "simulated"
    args = ["simulate", CASE, *FEW, "--out", str(folder), "--format", "json", *AS_OF]
    assert main(args) == 0
    document = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "simulation.json").read_text(encoding="utf-8")) == document
    rows = list(csv.DictReader((folder / "simulation.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["on"] for row in rows] == document["days"]["on"]
    assert [row["withdrawal_percent"] for row in rows] == document["days"]["withdrawal_percent"]["middle"]
    assert {row["state"] for row in rows} == {"modelled, pending review"}
    words = (folder / "simulation.txt").read_text(encoding="utf-8")
    for each in document["sentences"]:
        if not each["about"].startswith(("today", "back", "single")):
            assert each["sentence"] in words
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert first["simulation.png"].startswith(b"\x89PNG")
    assert main(args) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_a_folder_with_other_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["simulate", CASE, *FEW, "--out", str(tmp_path), *AS_OF]) == 2
    assert "mine.txt is there already" in capsys.readouterr().err


def test_the_charts_draw_the_figures_of_the_document_and_say_what_they_are(
    known: Knowledge, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = regimen(tmp_path, ("clonazepam", "2026-12-01", "2026-12-29", "1.75 mg"), ("clonazepam", "2026-12-29", None, "1.5 mg"))  # fmt: skip
    document = document_of(capsys, CASE, path, *FEW)
    predicted = forecast(read_case(Path(CASE), known), read_regimen(Path(path), known), known, people=8)
    stacked, back = simulation_charts(predicted)
    dose, level, effect, withdrawal = stacked.spec["vconcat"]
    by_line = {}
    for row in withdrawal["data"]["values"]:
        by_line.setdefault(row["line"], []).append(row["middle"])
    days = document["days"]
    assert by_line["this plan, by “occupancy”"] == days["withdrawal_percent"]["middle"]
    assert by_line["this plan, by “straight”"] == days["rival_withdrawal_percent"]["straight"]
    assert by_line["for comparison, a sudden stop"] == days["sudden_stop"]["withdrawal_percent"]["middle"]
    assert [row["low"] for row in level["data"]["values"]] == days["level_ng_per_ml"]["clonazepam"]["low"]
    assert [row["middle"] for row in effect["data"]["values"] if "used" in row["line"]] == days["adaptation_percent"][
        "middle"
    ]
    assert {row["middle"] for row in dose["data"]["values"]} == {"2", "1.75", "1.5"}
    assert level["title"]["subtitle"].endswith("[clonazepam/range-anxiolytic]")
    for each in (stacked, back):
        subtitle = " ".join(each.spec["title"]["subtitle"])
        assert subtitle.startswith("Modelled, pending review: not measured, not advice.")
        assert "clonazepam-tablet, occupancy, adaptation" in subtitle
        assert all(part in each.says for part in ("Modelled, pending review", "clonazepam-tablet"))
        assert "Infinity" not in json.dumps(each.spec)
        assert not [value for value in everything(dict(each.spec)) if isinstance(value, float)]
    for each in sentences(predicted):
        if not each.about.startswith(("today", "back", "single")):
            assert each.sentence in stacked.says
    looks = withdrawal["layer"][1]["encoding"]
    assert len(set(looks["color"]["scale"]["domain"])) == len(looks["color"]["scale"]["range"])
    assert len({tuple(dash) for dash in looks["strokeDash"]["scale"]["range"]}) >= 5
    svg = ElementTree.fromstring(stacked.svg())
    assert svg.attrib["role"] == "img"
    assert svg[1].text == stacked.says


def test_the_charts_are_valid_vega_lite(known: Knowledge, tmp_path: Path) -> None:
    altair = pytest.importorskip("altair")
    path = regimen(tmp_path, ("clonazepam", "2026-12-01", "2026-12-29", "1.75 mg"), ("clonazepam", "2026-12-29", None, ""))  # fmt: skip
    predicted = forecast(read_case(Path(CASE), known), read_regimen(Path(path), known), known, people=4)
    for each in simulation_charts(predicted):
        assert altair.Chart.from_dict(dict(each.spec))


def test_a_figure_without_people_has_no_band() -> None:
    none = Figure(middle=Fraction(1, 3))
    assert (none.percent_band, none.level_band, none.hours_band) == ("", "", "")


# The start.


def test_a_start_loads_no_drawing_no_typesetting_no_help_pages_and_no_compiler() -> None:
    code = (
        "import sys; from opentaper.cli import main;"
        f"assert main(['simulate', {CASE!r}, '--people', '2', '--as-of', '2026-12-01']) == 0;"
        "print([name for name in ('rich', 'rich_click', 'babel', 'typst', 'vl_convert', 'icalendar', 'numba', 'pyarrow',"
        " 'scipy', 'numpy.ma', 'numpy.polynomial', 'opentaper.exchange.nouns', 'opentaper.exchange.faces') if name in"
        " sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_says_where_to_begin_and_what_the_statuses_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--help"]) == 0
    out = flat(capsys.readouterr().out)
    for part in ("Usage", "opentaper simulate examples/clonazepam-2mg.toml --out simulated", "Exit status", "Nothing here is advice"):  # fmt: skip
        assert part in out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--begin", "carbamazepine=2027-02-01", "--begin", "carbamazepine=2027-03-01"), "begun twice"),
        (("--double", "2027-01-05", "--double", "2027-01-05=night"), "is said twice"),
        (("--miss", "2027-01-05=night", "--double", "2027-01-05"), "is said twice"),
        (("--stop", "2026-01-01"), "lies outside the days"),
        (("--stop", "2028-02-01"), "nothing can be stopped"),
        (("--begin", "carbamazepine=2035-01-01"), "lies outside the days"),
        (
            ("--begin", "carbamazepine=2027-02-01", "--end", "carbamazepine=2027-01-05"),
            "ends once, and after it was begun",
        ),
    ],
)
def test_what_contradicts_itself_or_lies_outside_the_plan_is_refused(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], says: str
) -> None:
    assert main(["simulate", CASE, "--people", "0", *asked, *AS_OF]) == 2
    assert says in capsys.readouterr().err


def test_a_medicine_may_begin_late_in_the_plan_long_after_a_sudden_stop_would_be_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["simulate", CASE, "--people", "0", "--begin", "carbamazepine=2027-06-01", *AS_OF]) == 0
    assert "2027-06-01" in capsys.readouterr().out
