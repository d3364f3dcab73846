"""What length buys, through the command line: the front, every plan beside it, the smoothest plan, and a cohort."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opentaper import Knowledge, propose, read_case, review
from opentaper.cli.main import main
from opentaper.exchange import compare, ease, ease_document

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "clonazepam-2mg.toml"
DAY = ("--as-of", "2026-12-01")


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ease") / "out"
    assert main(["compare", str(EXAMPLE), "--modelled", "--out", str(folder), *DAY]) == 0
    return folder


def document(compared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((compared / "compare.json").read_text(encoding="utf-8"))["ease"]
    return found


def test_the_front_falls_as_plans_get_longer_and_no_plan_within_the_limits_lies_under_it(compared: Path) -> None:
    found = document(compared)
    points = [(point["days"], Fraction(point["felt_percent"])) for point in found["front"]]
    assert len(points) >= 2
    assert points == sorted(points, key=lambda point: (point[0], -point[1]))
    assert all(later < before for (_, before), (_, later) in pairwise(points))
    held = [plan for plan in found["plans"] if plan["felt_percent_at_best"] is not None]
    assert {"fastest", "usual", "gentle"} <= {plan["name"] for plan in held}
    for plan in held:
        assert Fraction(plan["felt_percent"]) >= Fraction(plan["felt_percent_at_best"]), plan["name"]


def test_every_option_and_protocol_of_the_one_drug_is_placed(compared: Path) -> None:
    whole = json.loads((compared / "compare.json").read_text(encoding="utf-8"))
    placed = {plan["name"] for plan in whole["ease"]["plans"]} | {each["name"] for each in whole["ease"]["left_out"]}
    assert placed == {plan["name"] for plan in whole["plans"]}


def test_it_says_that_it_is_modelled_on_what_it_rests_and_what_bounds_it(compared: Path) -> None:
    found, words = document(compared), (compared / "ease.txt").read_text(encoding="utf-8")
    assert found["modelled"] is True
    for text in (found["assumes"], words):
        assert "Modelled, not measured" in text
        assert "amplified, occupancy, straight, two-state" in text
        assert "9 days, 4 to 10" in text
        assert "pending review" in text
    assert "the last one, from 0.125 mg" in found["bound"]
    assert "0.1 mg/mL" in found["bound"]
    for plan in found["plans"]:
        assert any(line.startswith(plan["name"]) for line in words.splitlines())


def test_without_asking_nothing_is_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "compare", str(EXAMPLE), "--format", "json", *DAY)
    assert "ease" not in json.loads(out)


def test_a_drug_without_a_model_is_refused_in_a_sentence(known: Knowledge) -> None:
    case = read_case(EXAMPLE, known)
    blind = replace(known, kinetics={})
    found = propose(case, known)
    day = dt.date(2026, 12, 1)
    compared = compare(found, [review(plan.regimen, case, known, on=day) for plan in found.plans], case, known)
    refused = ease_document(ease(compared, case, blind), blind)
    assert "no kinetic model of clonazepam" in refused["refused"]


def test_the_table_fits_on_paper_and_repeats_that_it_decides_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    _, out, _ = ran(capsys, "compare", str(EXAMPLE), "--modelled", *DAY)
    assert max(map(len, out.splitlines())) <= 110
    assert "It decides nothing: the limits bind first, and a person chooses." in " ".join(out.split())


def test_the_smoothest_plan_is_offered_when_asked_for_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = ran(
        capsys, "plan", str(EXAMPLE), "--option", "smoothest", "--weeks", "40", "--format", "json", *DAY
    )
    (plan,) = json.loads(out)["options"]
    assert status == 0
    assert plan["name"] == "smoothest"
    assert plan["days"] <= 280
    assert "Modelled, not measured" in plan["objective"]
    assert any(note.startswith("Modelled:") for note in plan["notes"])


def test_the_standing_options_stay_proportional(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "plan", str(EXAMPLE), "--format", "json", *DAY)
    assert [plan["name"] for plan in json.loads(out)["options"]] == ["fastest", "usual", "gentle"]


def test_a_length_that_the_limits_forbid_is_refused_with_the_soonest(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = ran(capsys, "plan", str(EXAMPLE), "--option", "smoothest", "--weeks", "10", *DAY)
    assert status == 3
    assert "the soonest takes 30 weeks" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", str(EXAMPLE), "--weeks", "40"), "--weeks goes with --option smoothest"),
        (("plan", str(EXAMPLE), "--option", "smoothest", "--protocol", "nardi-2010"), "no protocol"),
        (("simulate", str(EXAMPLE), "--parquet", "x.parquet"), "--parquet goes with --cohort"),
    ],
)
def test_what_does_not_go_together_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    status, _, err = ran(capsys, *arguments, *DAY)
    assert status == 2
    assert says in err


def test_a_cohort_gives_bands_and_everybody_as_parquet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    file = tmp_path / "people.parquet"
    status, out, _ = ran(
        capsys, "simulate", str(EXAMPLE), "--cohort", "1500", "--parquet", str(file), "--format", "json", *DAY
    )
    assert status == 0
    cohort = json.loads(out)["cohort"]
    table = pq.read_table(file)
    assert cohort["modelled"] is True
    assert table.num_rows == 1500 * len(cohort["on"])
    assert table.schema.metadata[b"says"].startswith(b"Modelled, not measured")
    first = sorted(table.column("withdrawal").to_numpy()[:: len(cohort["on"])])
    middle = float(cohort["withdrawal_percent"][2][0])
    assert middle == pytest.approx(100 * first[750], abs=0.3)
    status, _, err = ran(capsys, "simulate", str(EXAMPLE), "--cohort", "10", "--parquet", str(file), *DAY)
    assert status == 2
    assert "there is a file already" in err
