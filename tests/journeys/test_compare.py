"""`opentaper compare` through the door: tables, JSON, a folder with the chart, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opentaper.cli import main

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
CASE = str(EXAMPLES[0].with_name("clonazepam-2mg.toml"))
SWITCH = str(EXAMPLES[0].with_name("lorazepam-2mg.toml"))
AS_OF = ("--as-of", "2026-12-01")


@pytest.fixture(autouse=True)
def _on_paper_of_110_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_compared_within_110_columns(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(path), *AS_OF]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 110
    for part in (
        "fastest",
        "usual",
        "gentle",
        "jcpg-2025",
        "The order is not a ranking",
        "pending review",
        "No plan, and why",
    ):
        assert part in " ".join(out.split())


def test_the_table_shows_length_cuts_pieces_cost_and_what_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", CASE, *AS_OF]) == 0
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    for row in (
        "fastest Fastest allowed 30 weeks 2026-12-01 – 2027-06-29 10 CAUTION",
        "fastest 100 % 2027-06-29, 0.125 mg to 0 mg 50 % 2027-05-04, 0.25 mg to 0.125 mg",
        "deprescribing-org BLOCK 5 0 2 3 38 step-reduction, rolling-reduction",
        "fastest 212.17 USD 434 of 434 pieces –",
        "nice-cks-diazepam NICE CKS, diazepam bands is for diazepam, not for clonazepam.",
    ):
        assert row in lines
    assert lines.index("Pieces a day (now 2, at the fewest)") > 0
    assert "undated; how sure they are: general-knowledge" in " ".join(lines)


def test_no_row_is_called_the_best_and_the_order_is_that_of_the_base(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", CASE, *AS_OF]) == 0
    out = capsys.readouterr().out.lower()
    for word in ("best", "score", "rank ", "winner", "recommended", "★"):
        assert word not in out
    assert main(["compare", CASE, "--format", "json", *AS_OF]) == 0
    names = [plan["name"] for plan in json.loads(capsys.readouterr().out)["plans"]]
    assert names[:3] == ["fastest", "usual", "gentle"]
    assert names[3:] == sorted(names[3:])


def test_a_price_that_nobody_knows_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", SWITCH, *AS_OF]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "fastest unknown 0 of 28 pieces, 0 of 93.8 mL" in out
    assert "Days on which one drug takes over" in out
    assert "Such days: 2 in nhs-scotland-lorazepam" in out


def test_out_writes_numbers_drawing_and_words_that_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "compared"
    assert main(["compare", CASE, "--out", str(folder), "--format", "json", *AS_OF]) == 0
    out = capsys.readouterr()
    document = json.loads(out.out)
    assert out.err.startswith("Written to ")
    assert json.loads((folder / "compare.json").read_text(encoding="utf-8")) == document
    assert sorted(path.name for path in folder.iterdir()) == [
        "compare.json",
        "compare.png",
        "compare.svg",
        "compare.txt",
    ]
    words = (folder / "compare.txt").read_text(encoding="utf-8")
    assert all(f"{plan['name']} ({plan['title']}): " in words for plan in document["plans"])
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert first["compare.png"].startswith(b"\x89PNG")
    assert first["compare.svg"].startswith(b"<svg")
    assert main(["compare", CASE, "--out", str(folder), *AS_OF]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_a_folder_with_other_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["compare", CASE, "--out", str(tmp_path), *AS_OF]) == 2
    assert "mine.txt is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["compare", "no-such.toml"], "there is no file no-such.toml"),
        (["compare", CASE, "--as-of", "tomorrow"], "write it as 2026-12-01"),
        (["compare"], "Missing argument"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_status_2(
    args: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert len(out.err.splitlines()) == 1
    assert says in out.err


def test_a_case_without_any_plan_is_status_3_and_says_why_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(CASE).read_text(encoding="utf-8")
    case = tmp_path / "some-days.toml"
    case.write_text(text.replace("days_per_week = 7", "days_per_week = 3"))
    folder = tmp_path / "out"
    assert main(["compare", str(case), "--out", str(folder), *AS_OF]) == 3
    out = capsys.readouterr().out
    assert out.count("is taken on 3 days a week") == 1
    assert [path.name for path in folder.iterdir()] == ["compare.json"], "there is nothing to draw"


def test_an_unanswered_question_blocks_every_plan_and_is_status_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "silent.toml"
    case.write_text(Path(CASE).read_text(encoding="utf-8").replace('suicide_risk = "no"\n', ""))
    folder = tmp_path / "out"
    assert main(["compare", str(case), "--out", str(folder), *AS_OF]) == 4
    assert "suicide-risk (unknown)" in " ".join(capsys.readouterr().out.split())
    assert "blocked until somebody answers what is unknown" in (folder / "compare.txt").read_text(encoding="utf-8")


def test_help_says_where_to_begin_and_what_the_statuses_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for part in ("Usage", "opentaper compare examples/clonazepam-2mg.toml --out compared", "Exit status", "no ranking"):
        assert part in out
