"""The list of who needs something: the same as reading every case, in a handful of queries."""

from __future__ import annotations

import datetime as dt
import uuid
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.clinic.cases import case_opened, case_text, reviewed, sent, signed, stands, started, today
from tests.clinic.people import Browser, browser_of, person

from opentaper.care import Why, due
from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Need, Summary
from opentaper.clinic.cases.record import history_of
from opentaper.clinic.cases.summary import form_of
from opentaper.clinic.cases.worklist import ON_A_PAGE, Asked, worklist
from opentaper.clinic.isolation import writing
from opentaper.clinic.people.models import Person
from opentaper.clinic.upkeep.summaries import summarise_anew

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(1)


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def browser(doctor: Person) -> Browser:
    return browser_of(doctor)


@pytest.fixture
def cases(doctor: Person, browser: Browser) -> list[uuid.UUID]:
    """Cases at several stages."""
    made = [case_opened(browser, name=name) for name in ("Opened", "Reviewed", "Signed", "Started", "Held")]
    reviewed(browser, doctor, made[1])
    signed(browser, doctor, made[2])
    started(browser, doctor, made[3])
    started(browser, doctor, made[4])
    held = sent(browser, reverse("hold", args=[made[4]]), stands(doctor, made[4]).number, days="21", because="a move")
    assert held.status_code == 302
    made.append(case_opened(browser, case_text(seizure_history='"unknown"'), name="Unknown"))
    reviewed(browser, doctor, made[5])
    return made


def many(clinic: uuid.UUID, number: int) -> None:
    """Add so many cases to the lists that need something today, without any events."""
    now = timezone.now()
    with writing(clinic):
        rows = Summary.objects.bulk_create(
            Summary(
                case_id=uuid.uuid4(), clinic_id=clinic, form=form_of(base.now(today())), name=f"Person {place:05}", number=1,
                progress="in force", changed_at=now,
            )
            for place in range(number)
        )  # fmt: skip
        Need.objects.bulk_create(
            Need(clinic_id=clinic, case=row, why=why.value, rank=why.rank, on=today(), from_day=today() - A_DAY)
            for place, row in enumerate(rows)
            for why in (Why.STEP, Why.REVIEW)[: 1 + place % 2]
        )


def test_the_list_says_of_every_day_what_reading_every_case_says(doctor: Person, cases: list[uuid.UUID]) -> None:
    """The dull way beside the quick one: read every event of every case, and ask each what it needs."""
    seen = set()
    for ahead in (0, 1, 6, 7, 8, 13, 14, 20, 21, 22, 28, 77, 91, 180, 365, 500):
        day = today() + ahead * A_DAY
        expected = {}
        for case in cases:
            needs = due(history_of(doctor.clinic_id, case, today()), base.now(today()))
            found = [
                (each.why.value, each.on)
                for each in needs
                if each.from_ <= day and not (each.until and each.until <= day)
            ]
            if found:
                expected[case] = sorted(found)
        listed = worklist(doctor.clinic_id, day, Asked())
        assert {row.summary.pk: sorted((need.why, need.on) for need in row.needs) for row in listed.rows} == expected
        assert listed.needing == listed.total == len(expected)
        for why in Why:
            only = worklist(doctor.clinic_id, day, Asked(why=why))
            wanted = {case for case, found in expected.items() if why.value in {each for each, _ in found}}
            assert {row.summary.pk for row in only.rows} == wanted and only.total == only.counts[why] == len(wanted)
            seen |= {why} if wanted else set()
    assert seen >= {Why.NO_PLAN, Why.TO_SIGN, Why.TO_START, Why.STEP, Why.HOLD, Why.FINDING, Why.REVIEW, Why.SILENCE}


def test_what_could_do_harm_the_soonest_stands_first_and_any_order_can_be_asked_for(
    doctor: Person, cases: list[uuid.UUID]
) -> None:
    def names(**asked: object) -> list[str]:
        return [row.summary.name for row in worklist(doctor.clinic_id, today(), Asked(**asked)).rows]  # type: ignore[arg-type]

    ranks = [min(need.rank for need in row.needs) for row in worklist(doctor.clinic_id, today(), Asked()).rows]
    assert ranks == sorted(ranks) and len(set(ranks)) > 2
    assert sorted(names()[:2]) == ["Held", "Started"], "whom nothing was handed over comes before what nobody may sign"
    assert names()[2] == "Unknown"
    assert names(sort="name") == sorted(names())
    assert names(everyone=True, sort="name") == ["Held", "Opened", "Reviewed", "Signed", "Started", "Unknown"]
    urgent = names(everyone=True)
    assert urgent[: len(names())] == names(), "whom nothing is needed for comes last"
    assert sorted(urgent) == names(everyone=True, sort="name")
    assert names(everyone=True, name="ARTE") == ["Started"]
    assert names(name="nobody") == []


def test_ten_or_hundreds_take_the_same_queries(doctor: Person, browser: Browser) -> None:
    counts = []
    browser.get(reverse("home"))  # once a minute a request lets the session last on
    for number in (10, 400):
        many(doctor.clinic_id, number)
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(f"{reverse('cases')}?sort=name").content.decode()
        assert "Person 00003" in page
        counts.append(len(asked))
    # PostgreSQL is told the clinic before and after each reading.
    assert counts[0] == counts[1] <= (12 if connection.vendor == "sqlite" else 28), counts


def test_pages_show_everybody_once(doctor: Person) -> None:
    many(doctor.clinic_id, 2 * ON_A_PAGE + 7)
    for asked in (Asked(), Asked(everyone=True), Asked(why=Why.STEP, sort="name"), Asked(sort="since")):
        first = worklist(doctor.clinic_id, today(), asked)
        assert (first.pages, first.total) == (3, 2 * ON_A_PAGE + 7)
        keys = [
            row.summary.pk
            for page in (1, 2, 3)
            for row in worklist(
                doctor.clinic_id, today(), Asked(why=asked.why, everyone=asked.everyone, sort=asked.sort, page=page)
            ).rows
        ]
        assert len(keys) == len(set(keys)) == first.total
    assert worklist(doctor.clinic_id, today(), Asked(page=99)).page == 3


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=%D9%A3", "page=1e3", "page=", "sort=password", "why=;--", "name=%00", "name=%27%22%3C"],
)
def test_a_wish_that_makes_no_sense_is_no_error(browser: Browser, query: str) -> None:
    assert browser.get(f"{reverse('cases')}?{query}").status_code == 200


def test_another_clinic_is_not_in_the_list(doctor: Person, cases: list[uuid.UUID]) -> None:
    other = person("prescriber", at="Elsewhere")
    found = worklist(other.clinic_id, today(), Asked(everyone=True))
    assert (found.rows, found.everyone, found.needing) == ([], 0, 0)


def test_after_an_update_the_list_says_that_it_is_made_anew_and_then_is(
    doctor: Person, browser: Browser, cases: list[uuid.UUID]
) -> None:
    before = [
        (row.summary.pk, [need.why for need in row.needs]) for row in worklist(doctor.clinic_id, today(), Asked()).rows
    ]
    with writing(doctor.clinic_id):
        Need.objects.filter(clinic_id=doctor.clinic_id).delete()
        Summary.objects.filter(clinic_id=doctor.clinic_id).update(form="an older one")
    assert "6 cases are still to come and may be missing here" in browser.get(reverse("cases")).content.decode()
    assert summarise_anew(doctor.clinic_id, today()) == len(cases)
    found = worklist(doctor.clinic_id, today(), Asked())
    assert [(row.summary.pk, [need.why for need in row.needs]) for row in found.rows] == before
    assert found.old == 0 and summarise_anew(doctor.clinic_id, today()) == 0


def test_slowing_moves_the_steps_of_the_list(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    started(browser, doctor, case)
    before = list(Need.objects.filter(case_id=case, why="step").values_list("on", flat=True))
    answer = sent(
        browser, reverse("slow", args=[case]), stands(doctor, case).number, times=str(Fraction(2)), because="x"
    )
    assert answer.status_code == 302
    after = list(Need.objects.filter(case_id=case, why="step").values_list("on", flat=True))
    assert after[-1] > before[-1] and len(set(after)) == len(after)
