"""The demonstration: every stage is there, all of it went through the verbs, and a start goes on where the last one stopped."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from itertools import islice
from threading import Event as Flag
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from tests.clinic.people import browser_of, person

from opentaper import Knowledge
from opentaper.care import replay
from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Key, Row, Summary
from opentaper.clinic.cases.record import audit, events
from opentaper.clinic.demonstration import fill as filling
from opentaper.clinic.demonstration.fill import FIRST, SHOWN, One, everybody, fill, told
from opentaper.clinic.demonstration.invent import parts
from opentaper.clinic.demonstration.stage import ENDLESS, MORE, STORIES, stage_of
from opentaper.clinic.demonstration.way import Scene, Way
from opentaper.clinic.jobs.models import Job
from opentaper.clinic.jobs.work import work
from opentaper.clinic.people.demonstration import CLINICS, Invented, demonstration
from opentaper.clinic.people.models import Clinic, Person
from opentaper.clinic.people.roles import known_roles
from opentaper.record import OBSERVED, Actor, Head, History, Progress
from opentaper.review import Verdict

NOW = dt.datetime(2026, 12, 1, 15, 0, tzinfo=dt.UTC)
UNITED_STATES, UNITED_KINGDOM, AUSTRALIA = CLINICS
ODD_TIMES = [
    (UNITED_STATES, dt.datetime(2028, 2, 29, 0, 5, tzinfo=dt.UTC)),
    (UNITED_KINGDOM, dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)),  # clocks go forward there
    (AUSTRALIA, dt.datetime(2027, 12, 31, 23, 30, tzinfo=dt.UTC)),
]


def place(of: Invented, known: Knowledge, now: dt.datetime = NOW) -> Scene:
    roles = known_roles().given()
    staff = {
        role.key: (Actor(key=str(uuid.uuid5(uuid.NAMESPACE_DNS, role.key)), name=role.name, role=role.key), role.may)
        for role in roles
    }
    return Scene(country=of.country, zone=ZoneInfo(of.time_zone), now=now, known=known, staff=staff, software="0")


def lived(number: int, known: Knowledge, of: Invented = CLINICS[0], now: dt.datetime = NOW) -> Way:
    clinic = Clinic(pk=uuid.UUID(int=number), name=of.name, country=of.country, time_zone=of.time_zone)
    return told(One(clinic=clinic, number=number), place(of, known, now))


def at(stage: str, known: Knowledge, of: Invented = CLINICS[0], now: dt.datetime = NOW) -> Way:
    return lived(len(SHOWN) + list(STORIES).index(stage), known, of, now)


def progress(now: History) -> set[Progress]:
    return {each.progress for each in now.versions.values()}


def kinds(now: History) -> list[str]:
    return [event.what.KIND for event in now.events]


def supplied(now: History) -> dt.date:
    return max(each.until for each in now.dispensed.values())


def eaten(way: Way) -> dt.date:
    """The first day of the last step, from which the goal is reached."""
    assert way.now.in_force is not None
    return way.now.in_force.version.printed.steps[-1].from_


DAY = dt.timedelta(1)
LEADS: dict[str, Callable[[Way], object]] = {
    "waiting": lambda c: progress(c.now) == {Progress.REVIEWED},
    "halfway": lambda c: c.now.force and c.today < eaten(c),
    "held": lambda c: c.now.held and c.now.held[1] > c.today,
    "ends-soon": lambda c: dt.timedelta(0) <= supplied(c.now) - c.today <= 3 * DAY,
    "overdue": lambda c: supplied(c.now) < c.today and "missed" in {each.what for each in c.now.observed.values()},
    "opened": lambda c: kinds(c.now) == ["opened"] and "unknown" in c.case.patient.screening.values(),
    "looked": lambda c: kinds(c.now) == ["opened", "proposed"],
    "blocked": lambda c: [each.judged.verdict.blocks for each in c.now.versions.values()] == [True],
    "signed": lambda c: progress(c.now) == {Progress.ACCEPTED} and c.now.force is None,
    "early": lambda c: c.now.in_force and c.today - c.now.in_force.version.printed.steps[0].from_ <= 25 * DAY,
    "near-the-end": lambda c: dt.timedelta(0) < eaten(c) - c.today <= 21 * DAY,
    "hold-over": lambda c: c.now.held and c.now.held[1] < c.today,
    "slowed": lambda c: "slowed" in kinds(c.now),
    "stepped-back": lambda c: "stepped-back" in kinds(c.now),
    "observed": lambda c: {each.what for each in c.now.observed.values()} == {*OBSERVED},
    "declined": lambda c: progress(c.now) == {Progress.DECLINED},
    "stopped": lambda c: c.now.stopped and c.now.force is None,
    "planned-again": lambda c: c.now.stopped and Progress.REVIEWED in progress(c.now),
    "finished": lambda c: c.now.in_force and not c.now.in_force.version.printed.on(c.today)[0].intakes,
    "stays-lower": lambda c: c.today > eaten(c) and c.now.in_force and c.now.in_force.version.printed.on(c.today)[0].intakes,
    "void": lambda c: progress(c.now) == {Progress.VOID},
    "changed": lambda c: c.now.force and c.now.changed,
    "asks-to-resume": lambda c: c.now.held and Progress.REVIEWED in progress(c.now),
    "resumed": lambda c: "resumed" in kinds(c.now),
    "other-products": lambda c: c.now.force and Progress.REVIEWED in progress(c.now),
    "corrected": lambda c: kinds(c.now).count("corrected") == 2,
    "asked": lambda c: c.now.force and c.now.queries,
    "answered": lambda c: "replied" in kinds(c.now) and not c.now.queries,
    ENDLESS: lambda c: c.now.proposed and not c.now.proposed.offers and c.now.proposed.without,
}  # fmt: skip


@pytest.mark.parametrize("stage", STORIES)
def test_each_story_leads_to_its_stage_and_nothing_in_it_lies_ahead(stage: str, known: Knowledge) -> None:
    way = at(stage, known)
    assert not way.refused
    assert LEADS[stage](way), stage
    instants = [event.at for event in way.now.events]
    assert instants == sorted(instants) and instants[-1] <= NOW
    assert all(each.on <= way.today for each in way.now.observed.values())
    assert [event for turn in way.turns for event in turn.recorded.events] == list(way.now.events)


def test_nothing_lies_ahead_either_where_the_day_has_just_begun(known: Knowledge) -> None:
    """Whoever tries it at night would find cases of this morning, in which nobody could sign before it came."""
    for of, hour in zip(CLINICS, (0, 4, 8), strict=True):
        now = dt.datetime(2026, 12, 2, hour, 10, tzinfo=ZoneInfo(of.time_zone)).astimezone(dt.UTC)
        for number in range(len(SHOWN) + len(STORIES)):
            assert all(event.at <= now for event in lived(number, known, of, now).now.events), (of.name, number)


def test_the_same_number_is_the_same_person_on_the_same_day_and_another_number_somebody_else(known: Knowledge) -> None:
    assert lived(40, known).now == lived(40, known).now
    assert (
        len({(lived(number, known).person.name, lived(number, known).person.born) for number in (2, 7, 8, 17, 28)}) == 5
    )


@pytest.mark.slow
@pytest.mark.parametrize("of, now", [(UNITED_STATES, NOW), *ODD_TIMES])
def test_on_no_day_and_in_no_clinic_does_a_verb_refuse_what_a_story_asks(
    of: Invented, now: dt.datetime, known: Knowledge
) -> None:
    for number in range(len(SHOWN), FIRST + len(MORE)):
        way = lived(number, known, of, now)
        assert not way.refused, (number, stage_of(number - len(SHOWN)), way.refused)
        stage = stage_of(number - len(SHOWN))
        assert LEADS[stage](way), (number, stage)


def test_every_verdict_and_several_medicines_and_ages_are_among_them(known: Knowledge) -> None:
    ways = [lived(number, known, of) for of in CLINICS for number in range(len(SHOWN), FIRST + len(MORE), 3)]
    verdicts = {each.judged.verdict for one in ways for each in one.now.versions.values()}
    assert {Verdict.CAUTION, Verdict.UNKNOWN, Verdict.BLOCK} & verdicts >= {Verdict.CAUTION}
    assert len({one.person.drug for one in ways}) >= 6
    ages = [one.today.year - one.person.born.year for one in ways]
    assert min(ages) < 35 and max(ages) > 75


def test_what_people_are_made_of_is_known_to_the_base(known: Knowledge) -> None:
    for each in parts()["medicine"]:
        assert known.products_of(each["drug"], each["country"])
        assert {*each["indications"]} <= {*known.conditions}
    assert {*parts()["words"]["conditions"]} <= {*known.conditions}
    assert {*parts()["words"]["beside"]} <= {*known.medicines}


def test_the_first_clinic_has_everybody_it_needs_before_anybody_is_added_elsewhere() -> None:
    assert [stage_of(number) for number in range(len(STORIES))] == list(STORIES)
    assert {*MORE} <= {*STORIES}
    assert all("demonstration" in each.name for each in CLINICS)
    assert len({each.time_zone for each in CLINICS}) == len({each.country for each in CLINICS}) == 3


@pytest.mark.django_db
def test_a_second_start_goes_on_where_the_first_was_stopped_and_doubles_nobody() -> None:
    demonstration()
    begun = fill(people=8, first=3)
    assert (begun.there, begun.to_come) == (3, 5)
    again = fill(people=8, first=4)  # stopped, and started again before any job was done
    assert (again.there, again.to_come) == (4, 4)
    assert Job.objects.filter(kind=filling.KIND, done_at=None).count() == 5
    work("somebody", Flag(), once=True)
    assert Job.objects.filter(kind=filling.KIND, done_at=None).count() == 0
    wanted = {one.case for one in islice(everybody(), 8)}
    assert set(Summary.objects.values_list("case_id", flat=True)) == wanted
    rows, keys = Row.objects.count(), Key.objects.count()
    last = fill(people=8, first=3)
    assert (last.there, last.to_come) == (8, 0)
    demonstration()
    work("somebody", Flag(), once=True)
    assert (Row.objects.count(), Key.objects.count()) == (rows, keys)


@pytest.mark.django_db
def test_all_of_it_is_a_record_that_the_audit_finds_whole_and_that_computes_again_to_the_same() -> None:
    demonstration()
    fill(people=FIRST + 2, first=FIRST + 2)
    computed = 0
    for clinic in Clinic.objects.filter(demonstration=True):
        today = clinic.today()
        assert isinstance(audit(clinic.pk, today), Head)
        for case in Summary.objects.filter(clinic_id=clinic.pk).values_list("case_id", flat=True):
            before = History()
            for event in events(clinic.pk, case, today):
                found = replay(event, before, base.now(today, clinic.pk))
                assert found is None or found.same, (case, event.number, found)
                computed += found is not None
                before = before.then(event)
    assert computed > FIRST


@pytest.mark.django_db
def test_somebody_whose_way_is_cut_off_while_it_is_kept_is_not_there_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    demonstration()
    fill(people=2, first=2)
    rows, wrote, left = Row.objects.count(), filling.write, [2]

    def failing(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("the disk is full")
        return wrote(*given)

    monkeypatch.setattr(filling, "write", failing)
    with pytest.raises(OSError):
        fill(people=FIRST, first=FIRST)
    assert left[0] < 0
    monkeypatch.undo()
    for case in Row.objects.values_list("case_id", flat=True).distinct():
        assert Summary.objects.filter(case_id=case).exists()
    assert Row.objects.count() >= rows
    fill(people=5, first=5)
    assert set(Summary.objects.values_list("case_id", flat=True)) == {one.case for one in islice(everybody(), 5)}


@pytest.mark.django_db
def test_every_page_of_a_demonstration_says_that_nobody_in_it_is_real() -> None:
    demonstration()
    fill(people=1, first=1)
    [one] = islice(everybody(), 1)
    browser = browser_of(Person.objects.get(email="prescriber@demo.example"))
    for name, path in [("home", []), ("cases", []), ("case", [one.case]), ("story", [one.case]), ("mfa_index", [])]:
        assert "nothing here is about a real person" in browser.get(reverse(name, args=path)).content.decode(), name
    real = browser_of(person("prescriber"))
    assert "about a real person" not in real.get(reverse("cases")).content.decode()
