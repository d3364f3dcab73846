"""A signed head that is kept elsewhere shows what a chain by itself cannot: a cut end, and a record made anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from opentaper.cli import main
from opentaper.clinic.append_only import lifted
from opentaper.clinic.cases.models import Row
from opentaper.clinic.people.models import Person
from opentaper.clinic.upkeep.key import signing_key
from opentaper.record import FIRST, link
from tests.clinic.cases import case_opened
from tests.clinic.people import browser_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heads(settings: Any, tmp_path: Path) -> Path:
    """Heads are kept elsewhere than the clinic."""
    settings.DATA, settings.HEADS = tmp_path / "clinic", tmp_path / "elsewhere" / "heads.jsonl"
    return settings.HEADS  # type: ignore[no-any-return]


@pytest.fixture
def doctor() -> Person:
    """A prescriber whose clinic has three cases, so three rows in its chain."""
    doctor = person("prescriber")
    browser = browser_of(doctor)
    for name in ("First", "Second", "Third"):
        case_opened(browser, name=name)
    return doctor


@pytest.fixture
def unguarded(doctor: Person) -> None:
    """Somebody with the password of the database takes the guards away."""
    with connection.cursor() as cursor:
        for statement in lifted(connection.vendor, "cases_row"):
            cursor.execute(statement)


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command line and return its status and all that it printed."""
    capsys.readouterr()
    status = main(list(arguments))
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def made_anew(**content: Any) -> None:
    """Change the first event and make every hash after it fit."""
    before = FIRST
    for row in Row.objects.order_by("place"):
        if row.place == 1:
            row.content = json.dumps(
                {**json.loads(row.content), **content}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
            )
        row.before = before
        row.hash = before = link(str(row.clinic_id), row.place, str(row.case_id), row.content, before).hash
        row.save()


def edited(heads: Path, line: int, **content: Any) -> None:
    lines = heads.read_text().splitlines()
    lines[line] = json.dumps({**json.loads(lines[line]), **content})
    heads.write_text("\n".join(lines) + "\n")


def test_a_whole_record_is_whole_and_says_how_far_it_was_exported(
    doctor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "Lindenhof" in printed, "No signed head" in printed) == (0, True, True)
    assert ran(capsys, "audit", "export")[0] == 0
    status, printed = ran(capsys, "audit", "verify")
    assert status == 0, printed
    assert re.search(r"^whole: Lindenhof \(.+\): 3 rows, through row 3 as exported$", printed, re.MULTILINE)
    document = json.loads(ran(capsys, "audit", "verify", "--format", "json")[1])
    assert (document["schema"], document["whole"], document["clinics"][0]["rows"]) == ("opentaper.audit/1", True, 3)


@pytest.mark.usefixtures("unguarded")
def test_a_cut_end_is_found_and_the_row_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "audit", "export")
    Row.objects.filter(place=3).delete()
    status, printed = ran(capsys, "audit", "verify")
    assert status == 1
    assert "broken: Lindenhof" in printed and "the record ends at row 2, and row 3 was exported before" in printed
    document = json.loads(ran(capsys, "audit", "verify", "--format", "json")[1])
    assert (document["whole"], document["clinics"][0]["first_bad_row"]) == (False, 3)


@pytest.mark.usefixtures("unguarded")
def test_a_record_that_was_made_anew_is_found_and_the_row_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "audit", "export")
    made_anew(software="9.9")
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "row 3 is not the one whose hash was exported" in printed) == (1, True)


@pytest.mark.usefixtures("unguarded")
def test_a_record_that_is_gone_with_its_clinic_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "audit", "export")
    Row.objects.all().delete()
    Person.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_clinic")
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "the record ends at row 0, and row 3 was exported before" in printed) == (1, True)


@pytest.mark.usefixtures("unguarded")
def test_what_is_broken_is_not_signed(heads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "audit", "export")
    Row.objects.filter(place=2).update(content="{}")
    status, printed = ran(capsys, "audit", "export")
    assert (status, "row 2 is not what was recorded; its head was not signed" in printed) == (1, True)
    assert len(heads.read_text().splitlines()) == 1


@pytest.mark.usefixtures("unguarded")
def test_an_event_that_cannot_be_read_is_broken_and_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    made_anew(what="unheard of")
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "row 1 cannot be read as an event" in printed) == (1, True)
    assert "unheard of" not in printed


@pytest.mark.parametrize(
    "changed, says",
    [
        ({"place": 2}, "signature that does not hold"),
        ({"hash": "0" * 64}, "signature that does not hold"),
        ({"signature": "00" * 64}, "signature that does not hold"),
        ({"signature": None}, "is not signed"),
        ({"key": "f" * 32}, "a key that is not trusted here"),
        ({"place": "3"}, "is no head"),
        ({"schema": "opentaper.head/9"}, "is no head"),
    ],
)
def test_a_forged_head_is_reported_and_does_not_count(
    changed: dict[str, Any], says: str, heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    edited(heads, 0, **changed)
    status, printed = ran(capsys, "audit", "verify")
    assert (status, f"broken: line 1 of the heads {says}" in printed or says in printed) == (1, True), printed
    assert "no head of it was exported" in printed


def test_heads_that_go_backwards_are_reported_and_the_farthest_counts(
    heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    case_opened(browser_of(doctor), name="Fourth")
    ran(capsys, "audit", "export")
    heads.write_text("\n".join(reversed(heads.read_text().splitlines())) + "\n")
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "line 2 of the heads goes backwards: row 3, after row 4 was exported" in printed) == (1, True)
    assert "through row 4" in printed


def test_a_head_of_the_same_row_with_another_hash_is_reported(
    heads: Path, doctor: Person, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.utils import timezone

    from opentaper.clinic.upkeep.head import line_of
    from opentaper.record import Head

    ran(capsys, "audit", "export")
    other = Head(clinic=str(doctor.clinic_id), place=3, hash="a" * 64)
    with heads.open("a") as file:
        file.write(line_of(other, timezone.now(), signing_key(settings.DATA)))
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "line 2 of the heads says another hash of row 3" in printed) == (1, True)


def test_a_line_that_was_cut_off_is_reported_and_the_next_export_begins_a_line(
    heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    heads.write_text(heads.read_text()[:50])
    assert ran(capsys, "audit", "export")[0] == 1
    assert len(heads.read_text().splitlines()) == 2
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "line 1 of the heads is no head" in printed, "through row 3" in printed) == (1, True, True)


def test_heads_that_are_gone_are_reported(heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "audit", "export")
    heads.unlink()
    status, printed = ran(capsys, "audit", "verify")
    assert (status, "heads were signed here before" in printed) == (1, True)


def test_exporting_twice_says_the_same_twice(heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert ran(capsys, "audit", "export")[0] == 0
    first, second = (json.loads(line) for line in heads.read_text().splitlines())
    assert (first["place"], first["hash"]) == (second["place"], second["hash"])
    assert ran(capsys, "audit", "verify")[0] == 0


def test_the_key_is_ours_alone_and_is_refused_when_others_can_read_it(
    doctor: Person, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    key = settings.DATA / "head-key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    status, printed = ran(capsys, "audit", "export")
    assert (status, "can be read by others" in printed, printed.count("\n")) == (2, True, 1)


def test_anybody_with_the_public_key_can_look_and_without_one_nobody(
    heads: Path, doctor: Person, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    for name in ("head-key", "head-key.pub"):
        (settings.DATA / name).rename(tmp_path / name)
    # Beside the heads lies a copy of the public key.
    assert "through row 3" in ran(capsys, "audit", "verify", "--heads", str(heads))[1]
    (heads.parent / "head-key.pub").unlink()
    status, printed = ran(capsys, "audit", "verify", "--heads", str(heads))
    assert (status, "name it with --key" in printed, printed.count("\n")) == (2, True, 1)
    named = ("--heads", str(heads), "--key", str(tmp_path / "head-key.pub"))
    assert ran(capsys, "audit", "verify", *named)[0] == 0


def test_what_cannot_be_looked_at_is_one_line_and_status_2(
    tmp_path: Path, heads: Path, doctor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(capsys, "audit", "export")
    status, printed = ran(capsys, "audit", "verify", "--heads", str(tmp_path / "nowhere"))
    assert (status, printed.count("\n")) == (2, 1)
