"""The key of an encrypted database, and that nothing without encryption ever comes in its place."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from opentaper.clinic.settings.cipher import away, database_key, is_plain, keyed, opens, refuse
from opentaper.clinic.settings.store import database, sqlite, wal_is_safe

KEY, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "keys" / "key"
    made.parent.mkdir()
    made.touch(0o600)
    made.write_text(f"{KEY}\n")
    return made


@pytest.fixture
def encrypted(tmp_path: Path) -> Path:
    made = tmp_path / "encrypted"
    with import_module("sqlcipher3").connect(made, factory=keyed(KEY)) as connection:
        connection.execute("CREATE TABLE readable (x)")
    connection.close()
    return made


def test_a_key_is_read_from_a_file_that_is_ours_alone_and_lies_elsewhere(file: Path, tmp_path: Path) -> None:
    assert database_key(file, tmp_path / "data") == KEY
    for mode in (0o640, 0o604, 0o610):
        file.chmod(mode)
        with pytest.raises(ImproperlyConfigured, match="can be read by others"):
            database_key(file, tmp_path / "data")
    with pytest.raises(ImproperlyConfigured, match="which is not there; for a database that is not encrypted yet"):
        database_key(tmp_path / "gone", tmp_path / "data")
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        database_key(file.parent, tmp_path / "data")
    for beside in (tmp_path, file.parent):
        with pytest.raises(ImproperlyConfigured, match="lies beside the database"):
            away(file, beside)


@pytest.mark.parametrize("said", ["", KEY[:-1], KEY + "0", KEY.upper(), f"x'{KEY}'", "my secret", f"{KEY}\n{OTHER}"])
def test_what_is_no_key_is_refused_and_not_quoted(said: str, file: Path, tmp_path: Path) -> None:
    file.write_text(said)
    with pytest.raises(ImproperlyConfigured, match="holds no key of a database") as refused:
        database_key(file, tmp_path / "data")
    assert not said or said not in str(refused.value)


@pytest.mark.parametrize("library", ["sqlite3", "pysqlite3", "sqlcipher3"])
def test_whichever_sqlite_is_loaded_what_is_made_with_a_key_is_encrypted(library: str, tmp_path: Path) -> None:
    connection = import_module(library).connect(tmp_path / "made", factory=keyed(KEY))
    connection.execute("CREATE TABLE readable (x)")
    connection.commit()
    assert connection.execute("PRAGMA temp_store").fetchone() == (2,)
    connection.close()
    made = (tmp_path / "made").read_bytes()
    assert len(made) > 0 and b"readable" not in made
    assert is_plain(tmp_path / "made") is False


def test_without_sqlcipher_nothing_is_opened(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(ImproperlyConfigured, match="needs sqlcipher3"):
        database("", tmp_path / "data", str(file))
    assert not (tmp_path / "data").exists()


def test_a_database_that_is_not_what_the_settings_say_is_refused(encrypted: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    with import_module("sqlite3").connect(plain) as connection:
        connection.execute("CREATE TABLE readable (x)")
    connection.close()
    for path, key, says in (
        (plain, KEY, "stop the clinic and run opentaper encrypt"),
        (encrypted, "", "is encrypted, or no SQLite database"),
        (encrypted, OTHER, "does not open with the key in the file"),
    ):
        before = path.read_bytes()
        with pytest.raises(ImproperlyConfigured, match=says):
            refuse(path, key, "the file")
        assert path.read_bytes() == before
    for path, key in ((plain, ""), (encrypted, KEY), (tmp_path / "gone", KEY), (tmp_path / "gone", "")):
        refuse(path, key, "the file")
    assert opens(encrypted, KEY) and not opens(encrypted, OTHER)
    assert not (tmp_path / "gone").exists()
    (tmp_path / "empty").touch()
    assert [is_plain(tmp_path / name) for name in ("gone", "empty", "plain", "encrypted")] == [None, None, True, False]


def test_the_sqlite_that_encrypts_is_held_to_the_same_gate_for_its_log() -> None:
    version = import_module("sqlcipher3").sqlite_version_info
    assert wal_is_safe(version)
    for asked, journal in ((version, "WAL"), ((3, 50, 4), "DELETE")):
        described = sqlite(Path("x"), asked, keyed(KEY))["OPTIONS"]
        assert f"journal_mode={journal}" in described["init_command"]
        # Neither a page about an error nor a log prints the key.
        assert KEY not in repr(described)


def test_a_setting_that_is_there_and_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="is set and names no file"):
        database("", tmp_path / "data", "")
    assert not (tmp_path / "data").exists()


def test_a_key_for_postgresql_is_refused_and_not_passed_over(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="encrypt the disk"):
        database("postgres://app@db/clinic", tmp_path, str(file))
