"""No clinic sees or writes another one's rows: on PostgreSQL the database itself sees to it, whatever a query forgets."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse

from opentaper.care import Why
from opentaper.clinic import isolation
from opentaper.clinic.append_only import tables as append_only_tables
from opentaper.clinic.cases.models import Holiday, Row, Summary
from opentaper.clinic.cases.record import NoCaseError, audit, chain, history_of, summaries_of
from opentaper.clinic.cases.worklist import Asked, Listed, Worklist
from opentaper.clinic.isolation import check, isolated, isolating, mighty, opened, reading, writing
from opentaper.clinic.people.models import Access, Person
from opentaper.record import Head
from tests.clinic.cases import case_opened, started, today
from tests.clinic.library import one_of_everything
from tests.clinic.people import as_application, browser_of, clinic, person

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(
    connections["default"].vendor != "postgresql", reason="asks PostgreSQL; `make test` runs it there"
)


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def stranger() -> Person:
    return person("prescriber", at="Elsewhere")


@pytest.fixture
def case(doctor: Person, stranger: Person) -> uuid.UUID:
    """A case in force, and one of another clinic."""
    theirs = browser_of(stranger)
    theirs.get(reverse("case", args=[case_opened(theirs)]))
    browser = browser_of(doctor)
    found = case_opened(browser)
    started(browser, doctor, found)
    return found


def test_every_table_with_a_clinic_is_isolated_or_says_why_not() -> None:
    assert set(isolation.tables()) >= {"cases_row", "cases_key", "cases_summary", "people_access"}
    assert not set(isolation.OPEN) & set(isolation.tables())
    assert all(len(why) > 20 for why in isolation.OPEN.values())


def test_what_a_clinic_reads_is_its_own(doctor: Person, stranger: Person, case: uuid.UUID) -> None:
    with as_application():
        assert history_of(doctor.clinic_id, case, today()).number > 1
        with pytest.raises(NoCaseError):
            history_of(stranger.clinic_id, case, today())
        assert [each.case_id for each in summaries_of(doctor.clinic_id)] == [case]
        assert len(list(chain(doctor.clinic_id))) > len(list(chain(stranger.clinic_id))) == 1
        for who in (doctor, stranger):
            assert isinstance(audit(who.clinic_id, today()), Head)


def test_within_another_clinic_one_is_told_and_given_back(doctor: Person, stranger: Person, case: uuid.UUID) -> None:
    with as_application(), writing(doctor.clinic_id):
        with reading(stranger.clinic_id):
            assert Summary.objects.filter(clinic_id=stranger.clinic_id).exists()
        with pytest.raises(ZeroDivisionError), writing(stranger.clinic_id):
            raise ZeroDivisionError
        assert Summary.objects.filter(clinic_id=doctor.clinic_id).exists()


@on_postgresql
class TestDatabase:
    """What PostgreSQL itself does, asked as the application's role."""

    def test_every_table_with_a_clinic_has_one_policy_that_binds_its_owner_too(self) -> None:
        assert isolated(connection) == set(isolation.tables())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE c.relkind = 'r' AND a.attname = 'clinic_id' AND c.relnamespace = 'public'::regnamespace"
            )
            assert {table for (table,) in cursor.fetchall()} == {*isolation.tables(), *isolation.OPEN}

    @pytest.mark.usefixtures("case")
    def test_a_query_that_forgets_the_clinic_sees_nothing_and_with_one_its_own_rows(self, doctor: Person) -> None:
        for at in ("Lindenhof", "Elsewhere"):
            one_of_everything(at)
            with writing(clinic(at).pk):
                Holiday.objects.create(clinic_id=clinic(at).pk, on=today(), says="New Year")
        for table in isolation.tables():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT count(DISTINCT clinic_id) FROM "{table}"')
                assert cursor.fetchone() == (2,), table
                with as_application():
                    cursor.execute(f'SELECT count(*) FROM "{table}"')
                    assert cursor.fetchone() == (0,), table
                    with reading(doctor.clinic_id):
                        cursor.execute(f'SELECT DISTINCT clinic_id FROM "{table}"')
                        assert cursor.fetchall() == [(doctor.clinic_id,)], table

    @pytest.mark.usefixtures("case")
    def test_a_row_of_another_clinic_is_refused(self, doctor: Person, stranger: Person) -> None:
        theirs = Row.objects.get(clinic_id=stranger.clinic_id)
        theirs.pk, theirs.place, theirs.number = None, 99, 99
        line = Access(clinic_id=stranger.clinic_id, act="see-cases", path="/", allowed=True)
        for row in (theirs, line):
            with pytest.raises(DatabaseError, match="row-level security"), as_application():  # noqa: SIM117
                with writing(doctor.clinic_id):
                    row.save(force_insert=True)
        with as_application(), writing(doctor.clinic_id):
            moved = Summary.objects.filter(clinic_id=stranger.clinic_id).update(name="seen")
            assert moved == 0
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Summary.objects.update(clinic_id=stranger.clinic_id)

    @pytest.mark.usefixtures("case")
    def test_the_role_can_take_none_of_this_away(self) -> None:
        with as_application():
            assert mighty(connection) == ""
            for statement in (
                *opened("cases_row"),
                'ALTER TABLE "cases_row" DISABLE TRIGGER ALL',
                'DROP TABLE "cases_row"',
                'CREATE POLICY "all" ON "cases_row" USING (true)',
                "SET session_replication_role = replica",
                'TRUNCATE "people_session"',
            ):
                with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
            for table in append_only_tables():
                for change in (f'UPDATE "{table}" SET {"digest = digest" if table == "cases_base" else "id = id"}',
                               f'DELETE FROM "{table}"', f'TRUNCATE "{table}"'):  # fmt: skip
                    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():  # noqa: SIM117
                        with connection.cursor() as cursor:
                            cursor.execute(change)

    def test_a_missing_policy_a_second_one_and_a_mighty_role_are_found_at_start(self) -> None:
        with as_application():
            assert check(databases=["default"]) == []
        assert "superuser" in check(databases=["default"])[0].msg
        with connection.cursor() as cursor:
            for break_it, mend_it in (
                (opened("cases_key"), isolating("cases_key")),
                (['ALTER TABLE "cases_key" NO FORCE ROW LEVEL SECURITY'],
                 ['ALTER TABLE "cases_key" FORCE ROW LEVEL SECURITY']),
                (['CREATE POLICY "more" ON "cases_key" USING (true)'], ['DROP POLICY "more" ON "cases_key"']),
            ):  # fmt: skip
                for statement in break_it:
                    cursor.execute(statement)
                with as_application():
                    [found] = check(databases=["default"])
                assert "cases_key shows every clinic's rows" in found.msg
                for statement in mend_it:
                    cursor.execute(statement)
            cursor.execute("GRANT SELECT ON django_migrations TO clinic_owner")
            cursor.execute('ALTER TABLE "cases_key" OWNER TO clinic_owner')
            cursor.execute("SET ROLE clinic_owner")
            assert "owns the tables" in check(databases=["default"])[0].msg
            cursor.execute("RESET ROLE")


@pytest.fixture
def session() -> Iterator[psycopg.Connection]:
    """A connection of the application's own, as one that is used again by the next request."""
    there = connection.settings_dict
    with psycopg.connect(
        host=there["OPTIONS"]["host"], user=settings.DATABASE_ROLE, dbname=there["NAME"], autocommit=True
    ) as opened:
        yield opened


@on_postgresql
def test_a_connection_that_is_used_again_shows_the_next_request_nothing_of_the_last(
    session: psycopg.Connection,
) -> None:
    mine, theirs = uuid.uuid4(), uuid.uuid4()

    def told(clinic: uuid.UUID, *, local: bool = True) -> None:
        session.execute("SELECT set_config('app.clinic', %s, %s)", [str(clinic), local])

    def seen() -> list[uuid.UUID]:
        rows = session.execute("SELECT clinic_id FROM cases_summary").fetchall()
        return [clinic for (clinic,) in rows]

    for one in (mine, theirs):
        with session.transaction():
            told(one)
            session.execute(
                "INSERT INTO cases_summary (case_id, clinic_id, form, name, drug, number, progress, changed_at) "
                "VALUES (%s, %s, '', 'x', '', 1, 'held', now())",
                [uuid.uuid4(), one],
            )
    try:
        for _ in range(3):
            assert seen() == []
            with session.transaction():
                told(mine)
                assert seen() == [mine]
            assert seen() == []
            with pytest.raises(psycopg.DatabaseError), session.transaction():
                told(theirs)
                session.execute("SELECT 1/0")
            assert seen() == []
        # Told to the session instead, it leaks: this test can tell.
        told(mine, local=False)
        assert seen() == [mine]
        assert seen() == [mine]
    finally:
        for one in (mine, theirs):
            with session.transaction():
                told(one)
                session.execute("DELETE FROM cases_summary")


def test_the_pages_of_another_clinic_stay_shut_even_if_a_view_forgot_to_ask(
    stranger: Person, case: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a list without its filter shows one clinic; SQLite would show both, so there it is not asked."""
    if connection.vendor != "postgresql":
        assert browser_of(stranger).get(reverse("case", args=[case])).status_code == 404
        return

    def forgetful(clinic: uuid.UUID, day: dt.date, asked: Asked) -> Worklist:
        with reading(clinic):
            rows = [Listed(summary=each, needs=()) for each in Summary.objects.all()]
        counts = dict.fromkeys(Why, 0)
        return Worklist(
            rows=rows, counts=counts, total=len(rows), needing=0, everyone=len(rows), old=0, page=asked.page, pages=1
        )

    monkeypatch.setattr("opentaper.clinic.cases.views.worklist.worklist", forgetful)
    page = browser_of(stranger).get(reverse("cases")).content.decode()
    assert page.count("/cases/") >= 1
    assert str(case) not in page
