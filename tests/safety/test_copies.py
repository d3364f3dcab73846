"""A copy that is taken back is whole, of this clinic, and the latest; anything else is refused and leaves nothing behind."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opentaper.clinic.append_only import lifted
from opentaper.record import FIRST, link
from tests.clinic.place import BIRKENHOF, Place, new_key, sql

FORGED = "the heads has a signature that does not hold"


@dataclass(frozen=True)
class Kept:
    """A clinic, its heads, and copies of it, good and bad."""

    place: Place
    heads: Path
    copies: Path

    def copy(self, name: str) -> Path:
        return self.copies / name

    def sql(self, file: Path, *statements: str) -> list[tuple[Any, ...]]:
        return sql(file, *statements, key=self.place.key)

    def another(self, folder: Path, **more: Any) -> Place:
        """Return another place, whose database is encrypted if this one's is, with the same key."""
        return Place(folder=folder, key=self.place.key, **more)


def busy(place: Place, count: int) -> None:
    assert place.python("tests.clinic.busy", count, stdout=subprocess.DEVNULL).wait() == 0


@pytest.fixture(scope="module", params=["plain", "encrypted"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Copy `old` has 5 rows, `bare` what cp gave of a running one, `good` 30 rows; a head of 30 was exported."""
    key = new_key(tmp_path_factory.mktemp("keys")) if request.param == "encrypted" else None
    place, copies = Place(folder=tmp_path_factory.mktemp("clinic"), key=key), tmp_path_factory.mktemp("copies")
    made = Kept(place=place, heads=place.folder / "heads.jsonl", copies=copies)
    place.did("clinic", "migrate", "-v0")
    busy(place, 5)
    place.did("backup", made.copy("old"))
    # While a connection is open the log is not written back into the file.
    with place.python("tests.clinic.busy", 25, "and stay", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writing:
        assert writing.stdout and writing.stdin
        assert any(line == "30\n" for line in writing.stdout)
        place.did("audit", "export")
        shutil.copy(place.file, made.copy("bare"))
        writing.stdin.close()
        assert writing.wait() == 0
    place.did("backup", made.copy("good"))
    _spoilt(made)
    return made


def _spoilt(kept: Kept) -> None:
    """This function will make every bad copy."""
    good = kept.copy("good").read_bytes()
    kept.copy("text").write_text("my notes\n" * 100)
    kept.copy("nothing").write_bytes(b"")
    kept.sql(kept.copy("other file"), "CREATE TABLE x (y)")
    kept.copy("cut off").write_bytes(good[: len(good) // 2])
    noise = random.Random(4).randbytes(4096)
    kept.sql(_from(kept, "damaged"), "SELECT 1")
    [(page,)] = kept.sql(kept.copy("damaged"), "SELECT rootpage FROM sqlite_master WHERE name = 'cases_row'")
    kept.copy("damaged").write_bytes(good[: (page - 1) * 4096] + noise + good[page * 4096 :])
    unguarded = lifted("sqlite", "cases_row")
    kept.sql(_from(kept, "edited"), *unguarded, "UPDATE cases_row SET content = replace(content, 'quiet', 'wild')")
    _made_anew(kept, _from(kept, "made anew"), unguarded)
    kept.sql(
        _from(kept, "newer"),
        "INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '0999_x', '2030-01-01')",
    )
    other = kept.another(kept.copies / "other clinic")
    other.did("clinic", "migrate", "-v0")
    other.did("clinic", "add_clinic", *BIRKENHOF)
    other.did("backup", kept.copy("other"))
    forged = json.loads(kept.heads.read_text())
    kept.copy("forged heads").write_text(json.dumps({**forged, "place": 4}) + "\n")
    shutil.copy(kept.place.folder / "head-key.pub", kept.copies)


def _from(kept: Kept, name: str) -> Path:
    return Path(shutil.copy(kept.copy("good"), kept.copy(name)))


def _made_anew(kept: Kept, file: Path, unguarded: list[str]) -> None:
    """This function will change the first event and make all hashes fit."""
    kept.sql(file, *unguarded)
    before = FIRST
    rows = kept.sql(file, "SELECT clinic_id, place, case_id, content FROM cases_row ORDER BY place")
    for clinic, place, case, content in rows:
        changed = content.replace("Maria", "Marta") if place == 1 else content
        linked = link(str(uuid.UUID(clinic)), place, str(uuid.UUID(case)), changed, before)
        before = linked.hash
        values = (
            f"content = '{changed.replace(chr(39), chr(39) * 2)}', before = '{linked.before}', hash = '{linked.hash}'"
        )
        kept.sql(file, f"UPDATE cases_row SET {values} WHERE place = {place}")


REFUSED = {
    "text": "is no backup of a clinic",
    "nothing": "is no backup of a clinic",
    "not there": "No such file",
    "other file": "holds no clinic",
    "cut off": "is cut off",
    "damaged": "is damaged: SQLite says",
    "edited": "is broken: Lindenhof: row 2 is not what was recorded",
    "made anew": "row 30 is not the one whose hash was exported",
    "bare": "ends at row 5, and row 30 was exported; it is the bare file of a running database, without its log",
    "old": "is older than the newest exported head: Lindenhof ends at row 5, and row 30 was exported",
    "other": "is of another installation than the heads",
    "newer": "was made by a newer version of this program, which knows cases.0999_x",
}


@pytest.fixture(scope="module")
def answers(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Every copy that must be refused, brought to one empty clinic after another."""
    empty = kept.another(tmp_path_factory.mktemp("empty"))
    ran = empty.every(
        *(("restore", kept.copy(name), "--as-of-heads", kept.heads) for name in REFUSED),
        ("restore", kept.copy("bare")),
        ("restore", kept.copy("good"), "--as-of-heads", kept.copy("forged heads")),
        ("restore", kept.copy("good"), "--as-of-heads", kept.copy("no heads")),
    )
    assert {path.name for path in empty.folder.iterdir()} == {"secret", "locale"}
    return dict(zip([*REFUSED, "bare without heads", "forged heads", "no heads"], ran, strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_a_copy_that_must_not_be_restored_is_refused_in_one_sentence(
    name: str, answers: dict[str, tuple[int, str]]
) -> None:
    status, printed = answers[name]
    assert (status, printed.count("\n")) == (2, 1), printed
    assert REFUSED[name] in printed
    assert "Maria" not in printed


@pytest.mark.parametrize(
    "name, says",
    [
        ("bare without heads", "whose latest entries lie in a log beside it"),
        ("forged heads", f"nothing was restored: line 1 of {FORGED}"),
        ("no heads", "no heads: the heads cannot be read"),
    ],
)
def test_without_heads_that_hold_it_is_refused_too(name: str, says: str, answers: dict[str, tuple[int, str]]) -> None:
    status, printed = answers[name]
    assert (status, says in printed, printed.count("\n")) == (2, True, 1), printed


def test_a_bare_file_passes_what_sqlite_checks_so_only_the_head_shows_what_it_lacks(kept: Kept, tmp_path: Path) -> None:
    bare = Path(shutil.copy(kept.copy("bare"), tmp_path))
    assert kept.sql(bare, "PRAGMA integrity_check") == [("ok",)]
    assert kept.sql(bare, "SELECT count(*) FROM cases_row") == [(5,)]


def test_a_restored_clinic_is_audited_goes_on_and_everybody_logs_in_anew(kept: Kept, tmp_path: Path) -> None:
    with_session = _from(kept, "with a session")
    kept.sql(
        with_session,
        "INSERT INTO people_session (session_key, session_data, expire_date) VALUES ('x', '', '2030-01-01')",
    )
    place = kept.another(tmp_path / "new")
    printed = place.did("restore", with_session, "--as-of-heads", kept.heads)
    assert "30 rows, through row 30 as exported" in printed
    assert place.sql("SELECT count(*) FROM people_session") == [(0,)]
    assert place.sql("SELECT hash FROM cases_row ORDER BY place") == kept.place.sql(
        "SELECT hash FROM cases_row ORDER BY place"
    )
    for file in place.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name
    # It goes on with a key of its own, and what the old key signed still counts.
    busy(place, 2)
    place.did("audit", "export")
    assert "32 rows, through row 32 as exported" in place.did("audit", "verify")
    assert len((place.folder / "heads.jsonl").read_text().splitlines()) == 2
    [(status, says)] = place.every(("restore", kept.copy("good"), "--as-of-heads", kept.heads))
    assert (status, "is a database that is not empty" in says, says.count("\n")) == (2, True, 1)
    assert place.sql("SELECT count(*) FROM cases_row") == [(32,)]


def test_where_the_latest_copy_is_older_than_the_head_it_says_what_is_lost(kept: Kept, tmp_path: Path) -> None:
    clinic = kept.another(tmp_path / "clinic")
    elsewhere = tmp_path / "elsewhere" / "heads.jsonl"
    clinic.more["OPENTAPER_HEADS"] = str(elsewhere)
    clinic.did("clinic", "migrate", "-v0")
    busy(clinic, 2)
    clinic.did("audit", "export")
    clinic.did("backup", tmp_path / "nightly")
    busy(clinic, 3)
    clinic.did("audit", "export")
    new = kept.another(tmp_path / "new", more=clinic.more)
    named = ("--as-of-heads", tmp_path / "nightly.heads", "--key", elsewhere.parent / "head-key.pub")
    ran = new.every(("restore", tmp_path / "nightly"), ("restore", tmp_path / "nightly", *named))
    assert (ran[0][0], "ends at row 2, and row 5 was exported" in ran[0][1]) == (2, True)
    assert (ran[1][0], "lost: Lindenhof: rows 3 to 5 were recorded after this copy was made" in ran[1][1]) == (0, True)


def test_a_log_that_another_database_left_is_not_mixed_with_a_copy(kept: Kept, tmp_path: Path) -> None:
    place = kept.another(tmp_path)
    (tmp_path / "clinic.sqlite3-wal").write_bytes(b"of another")
    [(status, says)] = place.every(("restore", kept.copy("good"), "--as-of-heads", kept.heads))
    assert (status, "is left of another database" in says) == (2, True)
    assert not place.file.exists()


def test_a_backup_under_load_is_whole_and_has_all_that_was_acknowledged_before_it(kept: Kept, tmp_path: Path) -> None:
    place = kept.another(tmp_path / "clinic")
    place.did("clinic", "migrate", "-v0")
    with (tmp_path / "acknowledged").open("w") as log:
        writing = place.python("tests.clinic.busy", 0, stdout=log)

    def acknowledged() -> int:
        lines = (tmp_path / "acknowledged").read_text().splitlines()[1:]
        return int(lines[-1]) if lines else 0

    try:
        while acknowledged() < 10:
            assert writing.poll() is None
        for number in range(3):
            before = acknowledged()
            place.did("audit", "export")
            printed = place.did("backup", tmp_path / f"copy {number}")
            after = acknowledged()
            [(rows,)] = kept.sql(tmp_path / f"copy {number}", "SELECT max(place) FROM cases_row")
            assert before <= rows <= after + 1
            assert f"{rows} rows" in printed
            assert writing.poll() is None
        assert after > before
    finally:
        writing.kill()
        writing.wait()
    assert acknowledged() <= place.sql("SELECT max(place) FROM cases_row")[0][0]
    new = kept.another(tmp_path / "new")
    printed = new.did("restore", tmp_path / "copy 2", "--as-of-heads", place.folder / "heads.jsonl")
    assert f"whole: Lindenhof ({place.sql('SELECT id FROM people_clinic')[0][0][:8]}" in printed
    assert f"{rows} rows" in printed


def test_a_copy_is_never_written_over_another_and_a_half_one_never_gets_a_name(kept: Kept, tmp_path: Path) -> None:
    before = kept.copy("good").read_bytes()
    ran = kept.place.every(("backup", kept.copy("good")), ("backup", tmp_path / "no folder" / "copy"))
    assert [(status, says.count("\n")) for status, says in ran] == [(2, 1), (2, 1)]
    assert "is there already" in ran[0][1] and "cannot be written" in ran[1][1]
    assert kept.copy("good").read_bytes() == before
    assert not list(kept.copies.glob(".*"))
    assert kept.copy("good").stat().st_mode & 0o077 == 0


def test_a_broken_record_is_copied_as_evidence_and_said(kept: Kept, tmp_path: Path) -> None:
    place = kept.another(tmp_path)
    shutil.copy(kept.copy("edited"), place.file)
    [(status, says)] = place.every(("backup", tmp_path / "evidence"))
    assert (status, "row 2 is not what was recorded" in says) == (1, True)
    assert (tmp_path / "evidence").exists()
