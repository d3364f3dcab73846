"""What was acknowledged stays: the database refuses to change it, and the audit finds whoever changes it all the same."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from opentaper.clinic.append_only import lifted, tables
from opentaper.clinic.cases import remembered
from opentaper.clinic.cases.models import Base, Key, Need, Row, Summary
from opentaper.clinic.cases.record import audit, chain, history_of
from opentaper.clinic.cases.summary import summary
from opentaper.clinic.people.models import Person
from opentaper.record import FIRST, Broken, Head, link
from tests.clinic.cases import case_opened, sent, stands, started, today
from tests.clinic.library import one_of_everything
from tests.clinic.people import Browser, browser_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def case(doctor: Person) -> uuid.UUID:
    """A case in force, with two others beside it in the same chain."""
    browser = browser_of(doctor)
    case_opened(browser, name="Before")
    found = case_opened(browser)
    started(browser, doctor, found)
    case_opened(browser, name="After")
    return found


def head_of(doctor: Person, before: Head | None = None) -> Head:
    found = audit(doctor.clinic_id, today(), before)
    assert isinstance(found, Head), found
    return found


def test_a_whole_record_is_whole(doctor: Person, case: uuid.UUID) -> None:
    head = head_of(doctor)
    assert head.place == Row.objects.count() == 7
    assert head_of(doctor, head) == head
    nobody = uuid.uuid4()
    assert audit(nobody, today()) == Head(clinic=str(nobody), place=0, hash=FIRST)


LIBRARY = {"library_proposal", "library_remark", "library_signed", "library_layerversion", "library_layersignature"}
CLINICAL = {"cases_row", "cases_base", "cases_key", "people_access"} | LIBRARY


def test_every_clinical_table_is_one_that_only_grows(doctor: Person, case: uuid.UUID) -> None:
    assert set(tables()) == CLINICAL
    # Whatever else there is holds no clinical content, or is computed from what only grows.
    from django.apps import apps

    ours = {
        model._meta.db_table for model in apps.get_models() if model._meta.app_label in ("cases", "library", "people")
    }
    assert ours - CLINICAL == {
        "cases_summary",
        "cases_need",
        "cases_holiday",
        "people_clinic",
        "people_person",
        "people_session",
    }


@pytest.mark.parametrize("table", sorted(CLINICAL))
def test_the_database_refuses_to_change_or_delete(doctor: Person, case: uuid.UUID, table: str) -> None:
    from django.apps import apps

    if table in LIBRARY:
        one_of_everything("Lindenhof")
    model = next(each for each in apps.get_models() if each._meta.db_table == table)
    objects, pk = model._default_manager, model._meta.pk.name  # type: ignore[union-attr]
    assert objects.exists()
    one = objects.first()
    field = next(each for each in model._meta.concrete_fields if not each.primary_key)
    before = list(objects.order_by("pk").values_list())

    def raw(sql: str) -> Callable[[], object]:
        def run() -> object:
            with connection.cursor() as cursor:
                return cursor.execute(sql)

        return run

    columns = ", ".join(f'"{each.column}"' for each in model._meta.concrete_fields)
    ways: dict[str, Callable[[], object]] = {
        "save": one.save,  # type: ignore[union-attr]
        "delete one": one.delete,  # type: ignore[union-attr]
        "update": lambda: objects.update(**{field.attname: getattr(one, field.attname)}),
        "delete": lambda: objects.all().delete(),
        "bulk_update": lambda: objects.bulk_update([one], [field.attname]),  # type: ignore[list-item]
        "raw update": raw(f'UPDATE "{table}" SET "{field.column}" = "{field.column}"'),
        "raw delete": raw(f'DELETE FROM "{table}"'),
        "replace": raw(f'INSERT OR REPLACE INTO "{table}" ({columns}) SELECT {columns} FROM "{table}"')
        if connection.vendor == "sqlite"
        else raw(f'TRUNCATE "{table}"'),
    }
    assert pk
    for way, change in ways.items():
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
        assert list(objects.order_by("pk").values_list()) == before, way


@pytest.fixture
def unguarded(case: uuid.UUID) -> None:
    """Somebody with the file or the password of the database takes the guards away."""
    with connection.cursor() as cursor:
        for statement in lifted(connection.vendor, "cases_row"):
            cursor.execute(statement)


def forge(row: Row, **content: object) -> None:
    """Write another content and a hash that fits it."""
    text = json.loads(row.content)
    text.update(content)
    row.content = json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    rehash(row)


def rehash(row: Row) -> None:
    row.hash = link(str(row.clinic_id), row.place, str(row.case_id), row.content, row.before).hash
    row.save()


def forget(case: uuid.UUID) -> None:
    """Take away everything beside the events that tells of a case, as an insider would."""
    Summary.objects.filter(case_id=case).delete()
    with connection.cursor() as cursor:
        for statement in lifted(connection.vendor, "cases_key"):
            cursor.execute(statement)
    Key.objects.filter(case_id=case).delete()


def broken_at(doctor: Person, place: int, head: Head | None = None) -> str:
    found = audit(doctor.clinic_id, today(), head)
    assert isinstance(found, Broken)
    assert found.place == place, found
    return found.says


@pytest.mark.usefixtures("unguarded")
class TestTampering:
    """Eight ways to change what was recorded, each found, and the first bad row named."""

    def test_an_edit(self, doctor: Person) -> None:
        row = Row.objects.get(place=4)
        Row.objects.filter(place=4).update(content=row.content.replace('count = \\"1\\"', 'count = \\"2\\"'))
        assert row.content != Row.objects.get(place=4).content
        assert "not what was recorded" in broken_at(doctor, 4)

    def test_an_edit_with_a_hash_that_fits(self, doctor: Person) -> None:
        forge(Row.objects.get(place=3), software="9.9")
        assert "does not go on from" in broken_at(doctor, 4)

    def test_a_deletion_in_the_middle(self, doctor: Person) -> None:
        Row.objects.filter(place=4).delete()
        assert "missing" in broken_at(doctor, 4)

    def test_rows_in_another_order(self, doctor: Person) -> None:
        Row.objects.filter(place=3).update(place=99)
        Row.objects.filter(place=4).update(place=3)
        Row.objects.filter(place=99).update(place=4)
        assert broken_at(doctor, 3)

    def test_a_forged_row_at_the_end(self, doctor: Person) -> None:
        last = Row.objects.get(place=7)
        last.pk, last.place, last.number = None, 8, 2
        last.save()
        assert broken_at(doctor, 8)

    def test_a_row_moved_to_another_case(self, doctor: Person) -> None:
        Row.objects.filter(place=1).update(case_id=uuid.uuid4())
        assert "not what was recorded" in broken_at(doctor, 1)

    def test_a_column_that_says_something_else_than_its_event(self, doctor: Person) -> None:
        Row.objects.filter(place=5).update(kind="observed")
        assert "something else than its event" in broken_at(doctor, 5)

    def test_a_cut_tail_by_the_exported_head(self, doctor: Person) -> None:
        head = head_of(doctor)
        case = Row.objects.get(place=7).case_id
        Row.objects.filter(place=7).delete()
        assert "no event" in broken_at(doctor, 0)
        forget(case)
        assert isinstance(audit(doctor.clinic_id, today()), Head)
        assert "was exported before" in broken_at(doctor, 7, head)

    def test_a_list_that_says_something_else(self, doctor: Person, case: uuid.UUID) -> None:
        Summary.objects.filter(case_id=case).update(name="Somebody else")
        assert "list says something else" in broken_at(doctor, 6)
        Summary.objects.filter(case_id=case).delete()
        assert "list says something else" in broken_at(doctor, 6)

    def test_a_wish_that_is_said_to_be_done_and_was_not(self, doctor: Person, case: uuid.UUID) -> None:
        Key.objects.create(
            clinic_id=doctor.clinic_id, person_id=doctor.pk, key=uuid.uuid4(), asked="0", case_id=case, number=99
        )
        assert "its event is not there" in broken_at(doctor, 0)

    def test_a_base_that_was_destroyed(self, doctor: Person) -> None:
        with connection.cursor() as cursor:
            for statement in lifted(connection.vendor, "cases_base"):
                cursor.execute(statement)
        files = bytes(Base.objects.get().files)
        for broken in (b"", files[: len(files) // 2], files.replace(b"products/us.toml", b"products/zz.toml")):
            Base.objects.update(files=broken)
            assert "cannot be read" in broken_at(doctor, 1)
        Base.objects.all().delete()
        assert "cannot be read" in broken_at(doctor, 1)

    def test_a_chain_made_anew_by_the_exported_head(self, doctor: Person) -> None:
        head, before = head_of(doctor), FIRST
        for row in Row.objects.order_by("place"):
            row.before = before
            if row.place == 1:
                forge(row, software="9.9")
            else:
                rehash(row)
            before = row.hash
        assert isinstance(audit(doctor.clinic_id, today()), Head)
        assert "whose hash was exported" in broken_at(doctor, 7, head)

    def test_a_signature_forged_into_a_chain_made_anew(self, doctor: Person) -> None:
        # An insider rewrites all hashes and drops the signature: no plan can come into force without it.
        kept = [row for row in Row.objects.order_by("place") if row.kind != "accepted"]
        Row.objects.all().delete()
        before, numbers = FIRST, dict[uuid.UUID, int]()
        for place, row in enumerate(kept, start=1):
            number = numbers[row.case_id] = numbers.get(row.case_id, 0) + 1
            row.pk, row.place, row.before, row.number = None, place, before, number
            forge(row, number=number)
            before = row.hash
        place = next(place for place, row in enumerate(kept, start=1) if row.kind == "started")
        assert "cannot follow" in broken_at(doctor, place)


def test_where_a_case_stands_is_computed_from_its_events_alone(doctor: Person, case: uuid.UUID) -> None:
    remembered.forget()
    for each in Summary.objects.all():
        now = history_of(doctor.clinic_id, each.case_id, today())
        assert {key: getattr(each, key) for key in summary(now)} == summary(now)


def test_what_a_process_remembers_is_what_it_would_read(doctor: Person, case: uuid.UUID) -> None:
    written = history_of(doctor.clinic_id, case, today())
    remembered.forget()
    assert history_of(doctor.clinic_id, case, today()) == written
    mark, number = "0" * 64, written.number - 1
    shorter = dataclasses.replace(written, events=written.events[:number], versions={}, force=None)
    remembered.keep(doctor.clinic_id, case, today(), shorter, mark)
    assert history_of(doctor.clinic_id, case, today()) == written, (
        "what does not stand in the record counts for nothing"
    )


def test_a_need_that_the_events_do_not_have_is_found(doctor: Person, case: uuid.UUID) -> None:
    assert isinstance(audit(doctor.clinic_id, today()), Head)
    Need.objects.filter(case_id=case, why="step").first().delete()  # type: ignore[union-attr]
    found = audit(doctor.clinic_id, today())
    assert isinstance(found, Broken) and "needs something else" in found.says


def test_the_base_that_decisions_were_made_with_is_kept_and_reads_as_itself(doctor: Person, case: uuid.UUID) -> None:
    from opentaper.clinic.cases import base

    [digest] = Base.objects.values_list("digest", flat=True)
    assert base.now(today()).digest == digest
    kept, now = base.kept(digest, today()), base.now(today())
    assert kept.digest == digest
    assert (kept.products, kept.limits, kept.observations) == (now.products, now.limits, now.observations)


def test_every_case_replays_to_the_same_answers(doctor: Person, case: uuid.UUID) -> None:
    from opentaper.care import replay
    from opentaper.clinic.cases import base
    from opentaper.record import history

    now = stands(doctor, case)
    replayed = 0
    for place, event in enumerate(now.events):
        known = base.kept(event.knowledge, today())
        again = replay(event, history(now.events[:place]), known)
        assert again is None or again.same, again
        replayed += again is not None
    assert replayed == 2


def test_a_refused_wish_leaves_nothing_behind(doctor: Person, case: uuid.UUID) -> None:
    rows, keys = Row.objects.count(), Key.objects.count()
    browser: Browser = browser_of(doctor)
    answer = sent(browser, f"/cases/{case}/step-back/", stands(doctor, case).number, steps=3, because="x")
    assert answer.status_code == 422
    assert (Row.objects.count(), Key.objects.count()) == (rows, keys)
    assert [each.place for each in chain(doctor.clinic_id)] == list(range(1, rows + 1))
