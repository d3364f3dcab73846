"""A plan is handed out, changed, handed out again, and tampered with: through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from opentaper.cli.main import main

CASE = str(Path(__file__).parents[2] / "examples" / "clonazepam-2mg.toml")
AS_OF = ["--as-of", "2026-12-01"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "v1"
    assert main(["plan", CASE, "--option", "usual", "--out", str(folder), *AS_OF]) == 0
    return folder


def revise(folder: Path, *args: str) -> int:
    return main(["revise", str(folder), *args, *AS_OF])


def test_a_hold_is_said_reviewed_and_written(handed_out: Path, tmp_path: Path, capsys: Capture) -> None:
    assert revise(handed_out, "--on", "2026-12-20", "--hold", "14", "--out", str(tmp_path / "v2")) == 0
    out = capsys.readouterr().out
    assert "Clonazepam 1.5 mg a day: from 2027-01-12 instead of 2026-12-29, 14 days later." in out
    assert "A draft until somebody who may prescribe signs it" in out
    first, second = (json.loads((each / "plan.json").read_text()) for each in (handed_out, tmp_path / "v2"))
    assert second["edition"]["plan"] == first["edition"]["plan"]
    assert second["edition"]["number"] == 2
    assert second["edition"]["held"] == ["2026-12-20", "2027-01-03"]
    assert "14 days later" in (tmp_path / "v2" / "changes.txt").read_text()
    assert main(["review", str(tmp_path / "v2/case.toml"), str(tmp_path / "v2/plan.toml"), *AS_OF]) == 0


def test_a_chain_of_revisions_keeps_one_identity_and_cancels_for_good(
    handed_out: Path, tmp_path: Path, capsys: Capture
) -> None:
    v2, v3 = tmp_path / "v2", tmp_path / "v3"
    tablets = "us-clonazepam-tablet-0.5mg,us-clonazepam-tablet-1mg"
    assert revise(handed_out, "--on", "2027-03-01", "--products", tablets, "--out", str(v2)) == 0
    assert revise(v2, "--on", "2027-03-02", "--hold", "7", "--out", str(v3)) == 0
    capsys.readouterr()

    def uids(folder: Path, status: str) -> set[str]:
        blocks = (folder / "taper.ics").read_text().replace("\r\n ", "").replace("\r\n", "\n").split("BEGIN:VEVENT")[1:]
        return {block.split("UID:")[1].split("\n")[0] for block in blocks if f"STATUS:{status}" in block}

    cancelled = uids(v2, "CANCELLED")
    assert cancelled, "doses that tablets do not make are no longer planned"
    assert cancelled <= uids(v3, "CANCELLED"), "who missed version 2 is told again"
    assert uids(handed_out, "TENTATIVE") <= uids(v3, "TENTATIVE") | uids(v3, "CANCELLED")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("plan.json", '"number": 1', '"number": 41'),
        ("plan.json", '"held": null', '"held": ["2026-12-01", "2027-03-01"]'),
        ("plan.json", '"stock": []', '"stock": [{"product": "us-clonazepam-tablet-1mg", "count": "500"}]'),
        ("plan.json", '"stock": []', '"stock": [{"product": "none", "count": "x"}]'),
        ("plan.json", '"stock": []', '"stock": null'),
        ("plan.json", '"number": 1', '"number": "x"'),
        ("plan.json", '"name": "usual"', '"name": "fastest"'),
        ("plan.json", '"root": ""', '"root": "000000000000"'),
        ("case.toml", 'sex = "female"', 'sex = "male"'),
        (
            "plan.toml",
            'dose = "1 mg", pieces = [{ product = "us-clonazepam-tablet-1mg", count = "1" }]',
            'dose = "1 mg"',
        ),
        ("printed.toml", "until = 2026-12-15", "until = 2026-12-16"),
    ],
)
def test_a_folder_in_which_anything_was_changed_is_refused(
    handed_out: Path, tmp_path: Path, capsys: Capture, name: str, old: str, new: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(handed_out, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    capsys.readouterr()
    assert revise(folder, "--on", "2026-12-20", "--hold", "7") == 2
    out = capsys.readouterr()
    assert out.out == "" and len(out.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        ([], 2, "say what is to change"),
        (["--hold", "0"], 2, "--hold"),
        (["--slow", "fast"], 2, "half"),
        (["--products", "us-clonazepam-tablet-0.5"], 2, 'did you mean "us-clonazepam-tablet-0.5mg"'),
        (["--products", "uk-clonazepam-tablet-0.5mg"], 2, "is of UK, this case is in US"),
        (["--products", "us-diazepam-tablet-5mg"], 2, "none of them is clonazepam"),
        (["--taken", "night=1"], 2, "the unit is missing"),
        (["--taken", "nite=1 mg"], 2, "write each time of day once"),
        (["--taken", "night=0.00001 mg"], 2, "absurdly little"),
        (["--taken", "night=100 mg"], 2, "absurd"),
        (["--taken", "none"], 3, "prescriber's decision"),
        (["--gap", "9"], 3, "nobody said what was taken"),
        (["--resume"], 3, "No hold is under way"),
        (["--hold", "7", "--step-back", "1"], 3, "One thing at a time"),
        (["--step-back", "5"], 3, "The plan has 1 step above"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    handed_out: Path, capsys: Capture, args: list[str], status: int, says: str
) -> None:
    assert revise(handed_out, "--on", "2026-12-20", *args) == status
    out = capsys.readouterr()
    assert says in out.out + out.err
    assert len((out.out + out.err).splitlines()) == 1


def test_nothing_is_written_over_another_plan(handed_out: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "same"
    shutil.copytree(handed_out, folder)
    assert main(["plan", CASE, "--option", "usual", "--out", str(folder), *AS_OF]) == 0, "the same plan again"
    assert main(["plan", CASE, "--option", "gentle", "--out", str(folder), *AS_OF]) == 2
    assert "another plan is there already" in capsys.readouterr().err
    assert revise(folder, "--on", "2026-12-20", "--hold", "7", "--out", str(folder)) == 2
    assert (folder / "plan.json").read_bytes() == (handed_out / "plan.json").read_bytes()


def test_a_blocked_revision_is_status_4_with_its_findings_and_nothing_is_written(
    tmp_path: Path, capsys: Capture
) -> None:
    silent = tmp_path / "case.toml"
    silent.write_text(Path(CASE).read_text(encoding="utf-8").replace('suicide_risk = "no"', 'suicide_risk = "unknown"'))
    assert main(["plan", str(silent), "--option", "usual", "--out", str(tmp_path / "v1"), *AS_OF]) == 4
    assert not (tmp_path / "v1").exists()
    assert main(["plan", CASE, "--option", "usual", "--out", str(tmp_path / "v1"), *AS_OF]) == 0
    capsys.readouterr()
    half = ["--products", "us-clonazepam-tablet-2mg-klonopin", "--format", "json", "--out", str(tmp_path / "v2")]
    assert revise(tmp_path / "v1", "--on", "2026-12-20", *half) in (3, 4)
    assert not (tmp_path / "v2").exists()
    assert json.loads(capsys.readouterr().out)


def visit_in(folder: Path) -> dict[str, str]:
    text = (folder / "taper.ics").read_text(encoding="utf-8").replace("\r\n ", "").replace("\r\n", "\n")
    (event,) = [block for block in text.split("BEGIN:VEVENT")[1:] if ".visit." in block]
    return dict(line.split(":", 1) for line in event.splitlines() if ":" in line)


def test_in_the_middle_of_a_switch_every_drug_that_is_taken_is_named(tmp_path: Path, capsys: Capture) -> None:
    v1, v2 = tmp_path / "v1", tmp_path / "v2"
    assert main(["plan", CASE, "--switch", "--option", "switch", "--out", str(v1), *AS_OF]) == 0
    assert revise(v1, "--on", "2026-12-05", "--hold", "7", "--out", str(v2)) == 0
    note = (v2 / "note.txt").read_text(encoding="utf-8")
    assert "Now clonazepam 1 mg + diazepam 10 mg a day; at the end diazepam 0 mg a day" in note
    before, after = (visit_in(folder) for folder in (v1, v2))
    assert before["UID"] == after["UID"], "the visit moves; it does not stand twice"
    assert (before["DTSTART;VALUE=DATE"], after["DTSTART;VALUE=DATE"]) == ("20261206", "20261213")
    assert revise(v2, "--on", "2027-06-20", "--step-back", "1") == 0, "once clonazepam is gone, diazepam can step back"
    assert revise(v2, "--on", "2026-12-19", "--step-back", "1") == 3
    assert "0 steps above this one" in capsys.readouterr().out, "clonazepam is not begun again"


def test_a_hold_on_the_day_of_a_report_keeps_the_dose_that_was_reported(
    handed_out: Path, tmp_path: Path, capsys: Capture
) -> None:
    told = ["--on", "2027-01-20", "--taken", "morning=0.5 mg,night=1 mg", "--out", str(tmp_path / "v2")]
    assert revise(handed_out, *told) == 0
    capsys.readouterr()
    assert revise(tmp_path / "v2", "--on", "2027-01-20", "--hold", "14", "--format", "json") == 0
    steps = json.loads(capsys.readouterr().out)["options"][0]["steps"]
    doses = [step["daily_mg"] for step in steps]
    assert doses[0] == "1.5"
    assert [float(dose) for dose in doses] == sorted(map(float, doses), reverse=True)


def test_a_new_version_says_on_its_first_page_that_it_replaces_the_old_one(handed_out: Path, tmp_path: Path) -> None:
    import pypdfium2

    assert revise(handed_out, "--on", "2026-12-20", "--hold", "14", "--lang", "es", "--out", str(tmp_path / "v2")) == 0
    page = pypdfium2.PdfDocument(tmp_path / "v2" / "leaflet.pdf")[0].get_textpage().get_text_range()
    assert "Sustituye a la versión 1" in page


def test_a_plan_of_liquid_alone_is_handed_out_without_a_chart_of_pieces(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    liquid = 'products = ["compounded-clonazepam-suspension-0.1mg-per-ml"]\npieces_per_intake = 6'
    case.write_text(Path(CASE).read_text(encoding="utf-8").replace('country = "US"', liquid), encoding="utf-8")
    assert main(["plan", str(case), "--option", "usual", "--out", str(tmp_path / "v1"), *AS_OF]) == 0
    assert not (tmp_path / "v1" / "pieces.png").exists()
    assert (tmp_path / "v1" / "dose.png").exists()


def test_two_versions_on_a_closed_day_hand_nothing_over_twice_and_lose_nothing(tmp_path: Path, capsys: Capture) -> None:
    case = tmp_path / "case.toml"
    weekly = 'days_per_supply = 7\nclosed = ["saturday", "sunday"]'
    case.write_text(Path(CASE).read_text(encoding="utf-8").replace("days_per_supply = 28", weekly), encoding="utf-8")
    v1, v2, v3 = (tmp_path / name for name in ("v1", "v2", "v3"))
    assert main(["plan", str(case), "--option", "usual", "--out", str(v1), *AS_OF]) == 0
    saturday = ["--on", "2027-01-09", "--as-of", "2027-01-09"]
    assert main(["revise", str(v1), *saturday, "--hold", "1", "--out", str(v2)]) == 0
    assert main(["revise", str(v2), *saturday, "--slow", "1.5", "--out", str(v3)]) == 0
    second, third = (json.loads((each / "plan.json").read_text())["edition"] for each in (v2, v3))
    assert second["stock"] == third["stock"], "what is handed over on the day itself is not at home yet"
