"""PostgreSQL is copied by a role that reads everything and writes nothing, and taken back by an owner that is no superuser."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.clinic.place import BIRKENHOF, Place, on_postgresql
from tests.clinic.postgresql import APPLICATION, BACKUP, OWNER, SUPERUSER, Cluster

CHECK = ("clinic", "check", "--database", "default", "--database", "backup", "--fail-level", "ERROR")
READS, OWNS = "OPENTAPER_DATABASE_BACKUP", "OPENTAPER_DATABASE_OWNER"


def busy(place: Place, count: int) -> None:
    with place.python("tests.clinic.busy", count, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        says = running.communicate()[1]
    assert running.returncode == 0, says


@dataclass(frozen=True)
class Kept:
    """Two clinics, of which one has six rows, that nobody changes: copied when there were three, and at the end."""

    place: Place
    copies: Path
    server: Cluster

    @property
    def heads(self) -> Path:
        return self.place.folder / "heads.jsonl"

    def as_only(self, role: str) -> Place:
        """Return the same clinic as it is for somebody who has one role and nothing else."""
        name = self.place.address.split("@/")[1].split("?")[0]
        return Place(folder=self.place.folder, address=self.server.address(role, name), seen=self.place.seen)

    def restored(self, folder: Path) -> Place:
        made = on_postgresql(folder, self.server)
        assert "6 rows, through row 6" in made.did("restore", self.copies / "good", "--as-of-heads", self.heads)
        return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> Kept:
    place, copies = on_postgresql(tmp_path_factory.mktemp("clinic"), postgres), tmp_path_factory.mktemp("copies")
    place.did("clinic", "migrate", "-v0")
    busy(place, 3)
    place.did("backup", copies / "old")
    busy(place, 3)
    add = ("clinic", "add_clinic", *BIRKENHOF)
    assert [status for status, _ in place.every(add, ("audit", "export"), ("backup", copies / "good"))] == [0, 0, 0]
    return Kept(place=place, copies=copies, server=postgres)


def test_the_roles_of_these_tests_are_no_superusers_and_those_of_the_page(postgres: Cluster) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "postgresql.md").read_text(encoding="utf-8")
    for role in (OWNER, APPLICATION, BACKUP):
        assert f"CREATE ROLE {role} LOGIN" in page
    assert f"GRANT pg_read_all_data TO {BACKUP}" in page
    with psycopg.connect(postgres.address(SUPERUSER, "postgres")) as connection:
        told = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'clinic_%' ORDER BY 1"
        ).fetchall()
    assert told == [(APPLICATION, False, False), (BACKUP, False, True), (OWNER, False, False)]


def test_a_copy_by_the_backup_role_is_restored_by_the_owner_and_each_clinic_sees_its_own(
    kept: Kept, tmp_path: Path
) -> None:
    place, again = kept.place, kept.restored(tmp_path)
    heads = "SELECT clinic_id, place, hash FROM cases_row ORDER BY clinic_id, place"
    assert again.sql(heads) == place.sql(heads)
    assert again.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [(OWNER,)]
    # What guards the record and keeps clinics apart came along, and the application starts on it as its own role.
    assert again.sql("SELECT count(*) FROM pg_trigger WHERE tgname = 'cases_row_no_update'") == [(1,)]
    [(lindenhof,)] = again.sql("SELECT id FROM people_clinic WHERE name = 'Lindenhof'")
    [(birkenhof,)] = again.sql("SELECT id FROM people_clinic WHERE name = 'Birkenhof'")
    with psycopg.connect(again.address) as connection:
        for clinic, rows in ((None, 0), (birkenhof, 0), (lindenhof, 6)):
            with connection.transaction():
                connection.execute("SELECT set_config('app.clinic', %s, true)", [str(clinic or "")])
                assert connection.execute("SELECT count(*) FROM cases_row").fetchone() == (rows,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("DELETE FROM cases_row")
    busy(again, 2)
    assert "8 rows, through row 6 as exported" in again.did("audit", "verify")
    again.did(*CHECK)


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_a_role_that_sees_one_clinic_at_a_time_makes_no_copy_and_says_so(role: str, kept: Kept, tmp_path: Path) -> None:
    [(status, says)] = kept.as_only(role).every(("backup", tmp_path / "copy"))
    assert (status, says.count("\n")) == (2, 1), says
    assert f"{role} sees one clinic at a time" in says and READS in says
    assert list(tmp_path.iterdir()) == []


def test_the_application_role_restores_nothing(kept: Kept, tmp_path: Path) -> None:
    again = on_postgresql(tmp_path, kept.server)
    del again.more[OWNS]
    [(status, says)] = again.every(("restore", kept.copies / "good", "--as-of-heads", kept.heads))
    assert (status, says.count("\n")) == (2, 1), says
    assert "permission denied" in says
    assert again.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


def test_what_must_be_refused_leaves_the_database_empty(kept: Kept, tmp_path: Path) -> None:
    whole = (kept.copies / "good").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    embedded, again = Place(folder=tmp_path / "embedded"), on_postgresql(tmp_path / "again", kept.server)
    add = ("clinic", "add_clinic", *BIRKENHOF)
    embedded.every(("clinic", "migrate", "-v0"), add, ("audit", "export"), ("backup", tmp_path / "embedded copy"))
    ran = again.every(
        ("restore", tmp_path / "cut", "--as-of-heads", kept.heads),
        ("restore", kept.copies / "old", "--as-of-heads", kept.heads),
        ("restore", tmp_path / "embedded copy", "--as-of-heads", kept.heads),
        ("restore", kept.copies / "good", "--as-of-heads", embedded.folder / "heads.jsonl"),
    )
    wanted = ["cut off or damaged", "is older than", "no backup of a PostgreSQL clinic", "of another installation"]
    for (status, says), words in zip(ran, wanted, strict=True):
        assert (status, words in says, says.count("\n")) == (2, True, 1), says
    assert again.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    assert again.sql("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace") == []
    [(status, says)] = kept.place.every(("restore", kept.copies / "good", "--as-of-heads", kept.heads))
    assert (status, "is not empty" in says) == (2, True)
    [(status, says)] = Place(folder=tmp_path / "new").every(
        ("restore", kept.copies / "good", "--as-of-heads", kept.heads)
    )
    assert (status, "is a copy of a PostgreSQL clinic" in says) == (2, True)


def test_a_record_whose_clinic_is_gone_is_seen_by_the_backup_role_and_otherwise_said_to_be_unseen(
    kept: Kept, tmp_path: Path
) -> None:
    place = kept.restored(tmp_path)
    [(lindenhof,)] = place.sql("SELECT id FROM people_clinic WHERE name = 'Lindenhof'")
    with psycopg.connect(place.seen) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM people_clinic WHERE id = %s", [lindenhof])
        connection.execute("DELETE FROM people_person WHERE clinic_id = %s", [lindenhof])
    # No head of it lies here, by which anybody would know of it.
    for heads in tmp_path.glob("head*"):
        heads.unlink()
    seen = f"whole: a clinic without a name ({lindenhof}): 6 rows"
    looked = place.opentaper("audit", "verify")
    assert (seen in looked.stdout, "was not looked for" in looked.stderr) == (True, False), looked
    del place.more[READS]
    blind = place.opentaper("audit", "verify")
    assert (seen in blind.stdout, "a record whose clinic is gone was not looked for" in blind.stderr) == (False, True)


def test_the_backup_role_reads_and_no_more_and_one_that_could_write_is_found(kept: Kept) -> None:
    with psycopg.connect(kept.as_only(BACKUP).address) as connection:
        assert connection.execute("SELECT count(*) FROM cases_row").fetchone() == (6,)
        for statement in (
            b"DELETE FROM people_session",
            b"UPDATE people_clinic SET name = 'x'",
            b"CREATE TABLE x (y int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)
    kept.place.sql(f"GRANT UPDATE ON cases_summary TO {BACKUP}")
    found = kept.place.opentaper(*CHECK)
    kept.place.sql(f"REVOKE UPDATE ON cases_summary FROM {BACKUP}")
    assert (found.returncode, f"{BACKUP} may write to cases_summary" in found.stderr) == (1, True), found


@pytest.mark.parametrize(
    ("role", "says"),
    [(APPLICATION, "names the same role as OPENTAPER_DATABASE"), (SUPERUSER, "tester is a superuser")],
)
def test_a_setting_that_names_the_wrong_role_is_refused(role: str, says: str, kept: Kept) -> None:
    wrong = Place(folder=kept.place.folder, address=kept.place.address)
    wrong.more[READS] = kept.as_only(role).address
    found = wrong.opentaper(*CHECK)
    assert (found.returncode != 0, says in found.stderr) == (True, True), found
