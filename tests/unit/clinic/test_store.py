"""Which SQLite may use a write-ahead log, and what a database address means."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from tests.clinic.settings import refuse_what_is_no_test

from opentaper.clinic.settings.secret import secret_key
from opentaper.clinic.settings.store import database, databases, mended_sqlite, sqlite, wal_is_safe


@pytest.mark.parametrize(
    "version, safe",
    [
        ((3, 7, 0), False), ((3, 40, 1), False), ((3, 43, 9), False),
        ((3, 44, 5), False), ((3, 44, 6), True), ((3, 44, 7), True),
        ((3, 45, 0), False), ((3, 49, 9), False),
        ((3, 50, 6), False), ((3, 50, 7), True), ((3, 50, 8), True),
        ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_a_write_ahead_log_is_used_on_the_mended_side_of_every_bound(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe
    begins = sqlite(Path("x"), version)["OPTIONS"]["init_command"]
    assert ("journal_mode=WAL" in begins) is safe
    assert ("journal_mode=DELETE" in begins) is not safe
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        assert pragma in begins


def test_the_sqlite_in_use_is_the_packaged_one() -> None:
    version = mended_sqlite()
    assert sqlite3.sqlite_version_info is not None
    import sqlite3 as now  # the name that Django's back end asks for

    assert tuple(int(part) for part in now.sqlite_version.split(".")) == version
    assert wal_is_safe(version)


def test_a_postgresql_address_is_taken_apart_and_commits_are_waited_for() -> None:
    made = database("postgres://me:p%40ss@db.example:5433/clinic?sslmode=verify-full", Path("x"))
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == ("me", "p@ss", "db.example", "5433")
    assert made["NAME"] == "clinic"
    assert made["OPTIONS"] == {"sslmode": "verify-full", "options": "-c synchronous_commit=on"}


def test_the_owner_of_the_tables_is_another_role_of_the_same_database() -> None:
    both = databases("postgres://app@db/clinic", "postgres://owner@db/clinic", Path("x"))
    assert {alias: each["USER"] for alias, each in both.items()} == {"default": "app", "owner": "owner"}
    assert (
        list(databases("postgres://app@db/clinic", "", Path("x"))) == list(databases("", "", Path("x"))) == ["default"]
    )
    for owner, says in (
        ("postgres://app@db/clinic", "the same role"),
        ("postgres://owner@db/other", "another database"),
        ("postgres://owner@elsewhere/clinic", "another database"),
    ):
        with pytest.raises(ImproperlyConfigured, match=says):
            databases("postgres://app@db/clinic", owner, Path("x"))
    with pytest.raises(ImproperlyConfigured, match="another database"):
        databases("", "postgres://owner@db/clinic", Path("x"))


def test_the_role_that_makes_copies_is_another_of_the_same_database_and_its_connection_writes_nothing() -> None:
    made = databases("postgres://app@db/clinic", "", Path("x"), backup="postgres://copies@db/clinic")
    assert made["backup"]["USER"] == "copies"
    assert made["backup"]["OPTIONS"]["options"].endswith("-c default_transaction_read_only=on")
    assert "read_only" not in made["default"]["OPTIONS"]["options"]
    for app, backup, says in (
        ("postgres://app@db/clinic", "postgres://app@db/clinic", "OPENTAPER_DATABASE_BACKUP names the same role"),
        ("postgres://app@db/clinic", "postgres://copies@db/other", "OPENTAPER_DATABASE_BACKUP names another database"),
        ("", "postgres://copies@db/clinic", "OPENTAPER_DATABASE_BACKUP names another database"),
    ):
        with pytest.raises(ImproperlyConfigured, match=says):
            databases(app, "", Path("x"), backup=backup)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        database("mysql://x/y", Path("x"))


def test_a_path_or_nothing_is_an_embedded_database(tmp_path: Path) -> None:
    assert database("", tmp_path)["NAME"] == tmp_path / "clinic.sqlite3"
    assert database("/elsewhere/c.db", tmp_path)["NAME"] == Path("/elsewhere/c.db")


def test_the_secret_key_is_made_once_and_only_we_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = secret_key("", folder)
    assert len(made) >= 50
    assert secret_key("", folder) == made
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_secret_key_that_others_can_read_or_guess_is_refused(tmp_path: Path) -> None:
    secret_key("", tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="can be read by others"):
        secret_key("", tmp_path)
    with pytest.raises(ImproperlyConfigured, match="guessed"):
        secret_key("short", tmp_path)


def test_tests_refuse_a_database_that_is_no_test() -> None:
    refuse_what_is_no_test("postgres://x/test_clinic")
    for named in ("postgres://test.example/clinic", "/srv/clinic.sqlite3"):
        with pytest.raises(SystemExit, match="says test"):
            refuse_what_is_no_test(named)
