"""Of an encrypted clinic nothing readable reaches the disk, and without its key nothing is opened and nothing made."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opentaper.clinic.settings.cipher import is_plain
from tests.clinic.place import BIRKENHOF, ROOT, Place, new_key, sql
from tests.clinic.postgresql import missing
from tests.clinic.readable import CANARIES, readable
from tests.clinic.server import free_port


@pytest.mark.parametrize("form", ["plain", "encrypted"])
def test_nothing_of_an_encrypted_clinic_can_be_read_in_its_files_and_of_a_plain_one_it_can(
    form: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place: Place = request.getfixturevalue(form)
    # While a connection is open there is a log beside the database.
    with place.python("tests.clinic.busy", 5, "stay", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writing:
        assert writing.stdout and writing.stdin
        assert any(line == "30\n" for line in writing.stdout)
        place.did("backup", tmp_path / "good")
        log = place.file.with_name(f"{place.file.name}-wal")
        assert log.stat().st_size > 4096
        found = readable(tmp_path)
        writing.stdin.close()
        assert writing.wait() == 0
    again = Place(folder=tmp_path / "again", key=place.key)
    again.did("restore", tmp_path / "good", "--as-of-heads", place.folder / "heads.jsonl")
    assert again.sql("SELECT count(*) FROM cases_row") == [(30,)]
    found |= readable(tmp_path)
    assert found == ({place.file.name, log.name, "good"} if form == "plain" else set())


WRITTEN = re.compile(r"\b(?:write|pwrite64|writev|pwritev)\(\d+<(/[^>]*)>")


def written(place: Place, folder: Path, *command: object, status: int = 0) -> set[str]:
    """Run a command and return the files into which it wrote something of the record that can be read, for however short."""
    if not shutil.which("strace"):
        missing(
            "there is no strace here (sh tools/postgresql.sh installs it): nobody looked what is written to the disk"
        )
    trace = folder / f"trace-{len(list(folder.iterdir()))}"
    watch = ("strace", "-f", "-qq", "-y", "-s", "70000", "-e", "trace=write,pwrite64,writev,pwritev", "-o", trace)
    environment = {**place.environment, "TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)}
    done = subprocess.run(
        [*map(str, watch), sys.executable, "-m", *map(str, command)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    found = set()
    with trace.open(errors="replace") as lines:
        for line in lines:
            if (match := WRITTEN.search(line)) and any(each in line for each in CANARIES):
                found.add(Path(match[1]).name)
    trace.unlink()
    return found


def test_nothing_readable_is_written_not_even_into_a_journal_or_a_temporary_file(
    plain: Place, encrypted: Place, whole: Place, tmp_path: Path
) -> None:
    (tmp_path / "look").mkdir()
    for form, place in (("plain", plain), ("encrypted", encrypted)):
        again = Place(folder=tmp_path / f"{form} again", key=place.key)
        heads = ("--as-of-heads", place.folder / "heads.jsonl")
        told = [
            written(place, tmp_path / "look", "tests.clinic.busy", 3),
            written(place, tmp_path / "look", "opentaper", "backup", tmp_path / form),
            written(again, tmp_path / "look", "opentaper", "restore", tmp_path / form, *heads),
        ]
        # This look can tell: of the plain one each is found.
        assert [bool(each) for each in told] == [form == "plain"] * 3, told
    other = tmp_path / "other"
    shutil.copytree(whole.folder, other)
    # It is put together from its log first, if it has one, as it always was: into the plain file.
    sql(other / "clinic.sqlite3", "PRAGMA journal_mode=DELETE")
    assert written(Place(folder=other), tmp_path / "look", "opentaper", "encrypt", tmp_path / "other key") == set()


def test_after_a_kill_everything_acknowledged_is_there(encrypted: Place, tmp_path: Path) -> None:
    for _ in range(3):
        with (tmp_path / "acknowledged").open("w") as log:
            writing = encrypted.python("tests.clinic.busy", 0, stdout=log)
        try:
            while len(told := (tmp_path / "acknowledged").read_text().splitlines()) < 12:
                assert writing.poll() is None
        finally:
            writing.kill()
            writing.wait()
        assert encrypted.file.with_name(f"{encrypted.file.name}-wal").stat().st_size > 0
        told = (tmp_path / "acknowledged").read_text().splitlines()
        [(rows,)] = encrypted.sql("SELECT max(place) FROM cases_row")
        assert int(told[-1]) <= rows
        assert encrypted.sql("PRAGMA cipher_integrity_check") == []
    assert f"{rows} rows, through row 25 as exported" in encrypted.did("audit", "verify")


@pytest.fixture
def keys(encrypted: Place, tmp_path: Path) -> dict[str, Path]:
    assert encrypted.key is not None
    loose = Path(shutil.copy(encrypted.key, tmp_path / "loose"))
    loose.chmod(0o640)
    return {"another": new_key(tmp_path, "another"), "loose": loose, "gone": tmp_path / "gone"}


@pytest.mark.parametrize(
    "name, says",
    [
        ("", "is encrypted, or no SQLite database; OPENTAPER_DATABASE_KEY has to name the file of its key"),
        ("another", "does not open with the key in"),
        ("loose", "can be read by others"),
        ("gone", "which is not there"),
    ],
)
def test_without_its_key_an_encrypted_clinic_does_not_start_and_says_what_to_do(
    name: str, says: str, encrypted: Place, keys: dict[str, Path]
) -> None:
    before = encrypted.file.read_bytes()
    encrypted.key = keys.get(name)
    for command in (("serve", "--port", free_port()), ("clinic", "check")):
        done = encrypted.opentaper(*command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
        assert says in done.stderr and "Maria" not in done.stderr
    assert encrypted.file.read_bytes() == before


def test_a_plain_clinic_does_not_start_with_a_key_and_names_the_command(plain: Place, tmp_path: Path) -> None:
    plain.key = new_key(tmp_path)
    done = plain.opentaper("serve", "--port", free_port())
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
    assert "is not encrypted" in done.stderr and "run opentaper encrypt" in done.stderr
    assert is_plain(plain.file)
    # What it names is done with the setting as it is.
    plain.did("encrypt")
    assert "25 rows, through row 25" in plain.did("audit", "verify")


def test_a_clinic_that_begins_with_a_key_is_encrypted_from_its_first_byte(tmp_path: Path) -> None:
    place = Place(folder=tmp_path / "clinic")
    assert "There is no database yet" in place.did("encrypt", tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    place.key = tmp_path / "key"
    place.every(("clinic", "migrate", "-v0"), ("clinic", "add_clinic", *BIRKENHOF))
    assert is_plain(place.file) is False
    assert place.sql("SELECT name FROM people_clinic") == [("Birkenhof",)]


@pytest.mark.parametrize("name", ["wrong key", "plain copy", "no key"])
def test_a_copy_that_the_key_does_not_fit_is_refused_and_leaves_nothing(
    name: str, whole: Place, encrypted: Place, keys: dict[str, Path], tmp_path: Path
) -> None:
    key = {"wrong key": keys["another"], "plain copy": encrypted.key, "no key": None}[name]
    place = whole if name == "plain copy" else encrypted
    place.did("backup", tmp_path / "copy")
    again = Place(folder=tmp_path / "again", key=key)
    [(status, says)] = again.every(("restore", tmp_path / "copy", "--as-of-heads", place.folder / "heads.jsonl"))
    wanted = {
        "wrong key": "does not open with the key that OPENTAPER_DATABASE_KEY names",
        "plain copy": "is not encrypted, and OPENTAPER_DATABASE_KEY names a key",
        "no key": "is no backup of a clinic, unless it is encrypted",
    }
    assert (status, says.count("\n"), wanted[name] in says) == (2, 1, True), says
    assert {path.name for path in again.folder.iterdir()} == {"secret", "locale"}
    if name == "plain copy":
        (tmp_path / "look").mkdir()
        assert written(again, tmp_path / "look", "opentaper", "restore", tmp_path / "copy", status=2) == set()


def test_postgresql_with_a_key_is_refused(tmp_path: Path) -> None:
    place = Place(folder=tmp_path / "clinic", address="postgres://who@host/name", key=new_key(tmp_path))
    done = place.opentaper("audit", "verify")
    assert (done.returncode, "encrypt the disk" in done.stderr, done.stderr.count("\n")) == (2, True, 1), done
