"""To encrypt a database, or to give it another key, loses nothing, whatever comes in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opentaper.clinic.settings.cipher import is_plain
from tests.clinic.place import Place, sql
from tests.clinic.readable import readable

ROWS = "SELECT place, hash FROM cases_row ORDER BY place"


def is_whole(place: Place, key: Path | None, rows: list[Any]) -> None:
    assert sql(place.file, ROWS, key=key) == rows
    assert sql(place.file, "PRAGMA integrity_check", key=key) == [("ok",)]


STEPS = [
    ("before", "put"), ("after", "put"), ("before", "_written"), ("after", "_written"), ("after", "_same"),
    ("after", "_on_disk"), ("before", "replace"), ("after", "replace"), ("before", "_away"), ("after", "_away"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "step"), STEPS)
def test_to_encrypt_loses_nothing_wherever_it_is_killed(when: str, step: str, plain: Place, tmp_path: Path) -> None:
    rows, key = plain.sql(ROWS), tmp_path / "key"
    killed = plain.python("tests.clinic.interrupted", when, step, "encrypt", key)
    assert killed.wait() == -9
    done = (when, step) in STEPS[7:]
    assert is_plain(plain.file) is not done
    # What was left half done is no more readable than the whole.
    assert not any(is_plain(half) for half in plain.folder.glob("*.new"))
    is_whole(plain, key if done else None, rows)
    if not done:
        plain.did("encrypt", key)
        is_whole(plain, key, rows)
    assert [path.name for path in plain.folder.glob("clinic.sqlite3*")] == ["clinic.sqlite3"]
    assert readable(plain.folder) == set()


@pytest.mark.parametrize(("when", "step"), [("before", "replace"), ("after", "replace")])
def test_a_new_key_loses_nothing_wherever_it_is_killed(when: str, step: str, encrypted: Place, tmp_path: Path) -> None:
    rows, old, new = encrypted.sql(ROWS), encrypted.key, tmp_path / "new"
    killed = encrypted.python("tests.clinic.interrupted", when, step, "rekey", new)
    assert killed.wait() == -9
    is_whole(encrypted, new if when == "after" else old, rows)
    if when == "before":
        assert "25 rows, same head" in encrypted.did("rekey", new)
        is_whole(encrypted, new, rows)
    # The old key opens nothing any more.
    [(status, says)] = [(done.returncode, done.stderr) for done in [encrypted.opentaper("audit", "verify")]]
    assert (status, "does not open with the key" in says, "after opentaper rekey the new one" in says) == (
        2,
        True,
        True,
    )
    encrypted.key = new
    assert "25 rows, through row 25" in encrypted.did("audit", "verify")


def refused(place: Place, says: str, *command: object) -> None:
    """See a command refused in one sentence, with the database and its neighbours as they were."""
    before = contents(place)
    done = place.opentaper(*command)
    assert (done.returncode, done.stderr.count("\n"), says in done.stderr) == (2, 1, True), done
    assert contents(place) == before


def test_a_command_that_ends_closes_the_database_and_leaves_no_log_beside_it(plain: Place) -> None:
    plain.did("audit", "verify")
    assert sorted(path.name for path in plain.folder.iterdir() if path.name.startswith(plain.file.name)) == [
        plain.file.name
    ]


def contents(place: Place) -> dict[str, bytes]:
    """Return what every file of a clinic holds, but for the first bytes, which say whether there is a log."""
    files = [path for path in place.folder.iterdir() if path.is_file() and not path.name.endswith("-shm")]
    return {path.name: path.read_bytes()[100:] if path == place.file else path.read_bytes() for path in files}


def test_what_lay_in_the_log_of_a_clinic_that_was_killed_is_in_the_new_file(plain: Place, tmp_path: Path) -> None:
    with (tmp_path / "acknowledged").open("w") as log:
        writing = plain.python("tests.clinic.busy", 0, stdout=log)
    try:
        while len((tmp_path / "acknowledged").read_text().splitlines()) < 12:
            assert writing.poll() is None
    finally:
        writing.kill()
        writing.wait()
    assert plain.file.with_name(f"{plain.file.name}-wal").stat().st_size > 0
    plain.did("encrypt", tmp_path / "key")
    plain.key = tmp_path / "key"
    last = int((tmp_path / "acknowledged").read_text().splitlines()[-1])
    assert plain.sql("SELECT max(place) >= " + str(last) + " FROM cases_row") == [(1,)]
    assert readable(plain.folder) == set()


def test_nobody_encrypts_a_database_that_somebody_works_in(plain: Place, tmp_path: Path) -> None:
    with plain.python("tests.clinic.busy", 2, "stay", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writing:
        assert writing.stdout and writing.stdin
        assert any(line == "27\n" for line in writing.stdout)
        refused(plain, "somebody works in", "encrypt", tmp_path / "key")
        writing.stdin.close()
    assert plain.sql("SELECT count(*) FROM cases_row") == [(27,)]


def test_whoever_waits_to_write_meanwhile_is_not_told_that_it_is_done(plain: Place, tmp_path: Path) -> None:
    command = ("pause", "replace", "encrypt", tmp_path / "key")
    with plain.python("tests.clinic.interrupted", *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout and running.stdin
        assert running.stdout.readline() == "here\n"
        told: list[str] = []

        def write() -> None:
            try:
                plain.sql("INSERT INTO people_count (cache_key, value, expires) VALUES ('x', 'y', '2030-01-01')")
                told.append("done")
            except Exception as problem:
                told.append(type(problem).__name__)

        waiting = threading.Thread(target=write)
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive()
        running.stdin.write("\n")
        running.stdin.close()
        assert running.wait() == 0
    waiting.join(30)
    assert told == ["DatabaseError"]
    assert sql(plain.file, "SELECT count(*) FROM people_count", key=tmp_path / "key") == [(0,)]
    assert readable(plain.folder) == set()
    assert sorted(path.name for path in plain.folder.glob("clinic.sqlite3*")) == ["clinic.sqlite3"]


def _second_name(place: Place, folder: Path) -> str:
    os.link(place.file, folder / "second name")
    return "has a second name"


def _no_room(place: Place, folder: Path) -> str:
    return "cannot be written anew"


def _tampered(place: Place, folder: Path) -> str:
    place.sql('DROP TRIGGER "cases_row_no_update"')
    place.sql("UPDATE cases_row SET content = '{}' WHERE place = 3")
    return "row 3 is not what was recorded; nothing was changed"


def _cut(place: Place, folder: Path) -> str:
    place.sql('DROP TRIGGER "cases_row_no_delete"')
    place.sql("DELETE FROM cases_row WHERE place = 25")
    return "ends at row 24, and row 25 was exported; nothing was changed"


def _not_a_key(place: Place, folder: Path) -> str:
    (folder / "key").touch(0o600)
    return "holds no key of a database"


def _beside(place: Place, folder: Path) -> str:
    (folder / "key").symlink_to(place.folder / "key")
    return "lies beside the database"


@pytest.mark.parametrize("spoil", [_second_name, _no_room, _tampered, _cut, _not_a_key, _beside])
def test_what_cannot_be_encrypted_whole_stays_as_it_is(
    spoil: Callable[[Place, Path], str], plain: Place, tmp_path: Path
) -> None:
    says = spoil(plain, tmp_path)
    if spoil is _no_room:
        before = contents(plain)
        done = subprocess.run(
            ["sh", "-c", f'ulimit -f 400; exec {sys.executable} -m opentaper encrypt "{tmp_path / "key"}"'],
            env=plain.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr.count("\n"), says in done.stderr) == (2, 1, True), done
        assert contents(plain) == before
        assert [path.name for path in plain.folder.glob("clinic.sqlite3*")] == ["clinic.sqlite3"]
        return
    refused(plain, says, "encrypt", tmp_path / "key")


def test_a_name_that_points_to_the_database_goes_on_pointing_and_what_it_points_to_is_encrypted(
    plain: Place, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    real = plain.file.rename(tmp_path / "disk" / "real.sqlite3")
    plain.file.symlink_to(real)
    refused(plain, "lies beside the database", "encrypt", tmp_path / "disk" / "key")
    plain.did("encrypt", tmp_path / "key")
    assert plain.file.is_symlink()
    assert is_plain(real) is False
    plain.key = tmp_path / "key"
    assert "25 rows, through row 25" in plain.did("audit", "verify")
