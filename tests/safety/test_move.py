"""A clinic that is moved to PostgreSQL is the same clinic: every row, every chain, every key that comes next."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from opentaper.clinic.append_only import lifted
from tests.clinic.place import BIRKENHOF, Place, new_key
from tests.clinic.postgresql import OWNER, SUPERUSER, Cluster


@pytest.fixture(scope="module", params=["plain", "encrypted"])
def lived_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A clinic with what people, cases, jobs, sessions and counts leave behind; tests take copies of its folder."""
    folder = tmp_path_factory.mktemp("lived-in")
    made = Place(folder=folder / "clinic", key=new_key(folder) if request.param == "encrypted" else None)
    made.did("clinic", "migrate", "-v0")
    busy(made)
    made.did("clinic", "add_clinic", *BIRKENHOF)
    made.did("clinic", "forget_factors", "ada@x.example")
    made.sql("INSERT INTO people_session (session_key, session_data, expire_date) VALUES ('x', 'y', '2030-01-01')")
    made.sql("INSERT INTO people_count (cache_key, value, expires) VALUES ('used', 'z', '2030-01-01 10:00:00')")
    made.did("audit", "export")
    made.did("clinic", "work", "--once")
    return made


@pytest.fixture
def place(lived_in: Place, tmp_path: Path) -> Place:
    shutil.copytree(lived_in.folder, tmp_path / "clinic")
    return Place(folder=tmp_path / "clinic", key=lived_in.key)


def busy(place: Place) -> None:
    with place.python("tests.clinic.busy", 25, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        says = running.communicate()[1]
    assert running.returncode == 0, says


TABLES = ("people_clinic", "people_person", "people_session", "people_access", "people_count", "cases_row", "cases_base",
          "cases_key", "cases_summary", "jobs_job", "django_content_type", "auth_permission")  # fmt: skip


def test_what_is_moved_is_the_same_and_goes_on(place: Place, postgres: Cluster) -> None:
    # To the owner of the tables, whom the rules bind like everybody; looked at by somebody whom they do not.
    name = postgres.database()
    to, there = postgres.address(OWNER, name), Place(folder=place.folder, address=postgres.address(SUPERUSER, name))
    printed = place.did("move", "--to", to)
    assert "25 rows, same head" in printed and "Set OPENTAPER_DATABASE" in printed
    for table in TABLES:
        count = f"SELECT count(*) FROM {table}"
        assert place.sql(count) == there.sql(count) != [(0,)], table
    order = "ORDER BY place"
    assert place.sql(f"SELECT id, place, content, before, hash FROM cases_row {order}") == there.sql(
        f"SELECT id, place, content, before, hash FROM cases_row {order}"
    )
    [(until,)] = there.sql("SELECT to_char(expires AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM people_count")
    assert until == "2030-01-01 10:00"
    # What was recorded when stays so.
    [(here,)] = place.sql("SELECT max(at) FROM cases_key")
    [(moved,)] = there.sql("SELECT to_char(max(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM cases_key")
    assert moved == here
    # Nobody is told "done" by the file that was left; the clinic goes on there, after the rows that it has.
    assert place.python("tests.clinic.busy", 1, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait() != 0
    assert place.sql("SELECT count(*) FROM cases_row") == [(25,)]
    assert "whole" in place.did("audit", "verify")
    busy(there)
    assert "50 rows, through row 25 as exported" in there.did("audit", "verify")
    assert there.sql("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'cases_%_no_update'") == [(3,)]


def test_a_target_that_is_not_empty_is_refused_and_left_alone(place: Place, postgres: Cluster) -> None:
    there = Place(folder=place.folder, address=postgres.address(SUPERUSER, postgres.database()))
    there.sql("CREATE TABLE theirs (x int)")
    [(status, says)] = place.every(("move", "--to", there.address))
    assert (status, "is not empty" in says, says.count("\n")) == (2, True, 1)
    assert there.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("theirs",)]


def test_anything_but_a_postgresql_is_refused(place: Place) -> None:
    for status, says in place.every(
        *(("move", "--to", to) for to in ("mysql://x/y", "/tmp/other.sqlite3", "postgres"))
    ):
        assert (status, "--to wants the address" in says, says.count("\n")) == (2, True, 1)


def test_what_cannot_be_moved_whole_is_not_moved_and_the_target_is_empty_again(
    place: Place, postgres: Cluster, tmp_path: Path
) -> None:
    there = Place(folder=place.folder, address=postgres.address(SUPERUSER, postgres.database()))
    spoilt = {
        "INSERT INTO people_session (session_key, session_data, expire_date) VALUES ('n', char(0), '2030-01-01')": "DataError",
        "CREATE TABLE strange (x)": "does not know: strange",
        "UPDATE cases_row SET content = '{}' WHERE place = 3": "row 3 is not what was recorded",
    }
    for number, (statement, words) in enumerate(spoilt.items()):
        bad = Place(folder=tmp_path / str(number), key=place.key)
        bad.folder.mkdir()
        shutil.copy(place.file, bad.file)
        for each in lifted("sqlite", "cases_row"):
            bad.sql(each)
        bad.sql(statement)
        [(status, says)] = bad.every(("move", "--to", there.address))
        assert (status, words in says, says.count("\n")) == (2, True, 1), says
        assert there.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
