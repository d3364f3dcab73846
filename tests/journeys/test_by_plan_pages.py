"""What a page of a case says is taken, and is at home, where a plan was held before it began, ended, or its supply stolen."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from opentaper.clinic.people.models import Clinic
from opentaper.patient import case_file
from tests.clinic import cases as clinic_cases
from tests.clinic.cases import case_opened, case_text, just_now, sent, stands, started, today
from tests.clinic.people import browser_of, clinic, person
from tests.journeys.test_dispensing_pages import fields, later, next_of, said

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(1)


def today_on(answer: object) -> str:
    """What the card of today says."""
    [found] = re.findall(r" Today (.*?) Next change ", said(answer))
    return found


def beginning(first: dt.date) -> str:
    """The text of a case whose first step is on a day, without days on the present dose before it."""
    return re.sub(r"starts_on = \S+\nbaseline_days = 14", f"starts_on = {first}", case_text())


def test_a_hold_before_the_first_step_keeps_the_present_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = person("prescriber")
    browser = browser_of(doctor)
    case = case_opened(browser, beginning(today()))
    before = stands(doctor, case).case
    assert before is not None
    started(browser, doctor, case)
    assert (
        sent(
            browser, reverse("hold", args=[case]), stands(doctor, case).number, days="21", because="moving"
        ).status_code
        == 302
    )
    for days in (3, 12):
        later(monkeypatch, days)
        shown = today_on(browser_of(doctor).get(reverse("case", args=[case])))
        assert f"{before.present.daily} a day" in shown, shown


def test_after_an_end_its_dose_goes_on_until_the_next_plan_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = person("prescriber")
    browser = browser_of(doctor)
    case = case_opened(browser, beginning(today()))
    started(browser, doctor, case)
    day = later(monkeypatch, 10)
    browser = browser_of(doctor)
    just_now(browser)
    assert (
        sent(browser, reverse("stop", args=[case]), stands(doctor, case).number, because="another pace").status_code
        == 302
    )
    now = stands(doctor, case)
    assert now.last is not None and now.case is not None
    [step] = now.versions[now.last].version.printed.on(day)
    intakes = tuple(replace(each, portions=None) for each in step.intakes)
    told = replace(
        now.case,
        taking=(replace(now.case.taking[0], intakes=intakes), *now.case.taking[1:]),
        goal=replace(now.case.goal, starts_on=day + 30 * A_DAY),
    )
    text = case_file(told, "as told")
    assert (
        sent(browser, reverse("change-case", args=[case]), now.number, case=text, because="what is taken").status_code
        == 302
    )
    started(browser, doctor, case)
    later(monkeypatch, 20)
    shown = today_on(browser_of(doctor).get(reverse("case", args=[case])))
    assert "The plan has not begun" in shown and f"{step.daily} a day" in shown


def test_what_was_stolen_reaches_no_day() -> None:
    doctor, chemist = person("prescriber"), person("pharmacist")
    browser = browser_of(doctor)
    case = case_opened(browser)
    started(browser, doctor, case)
    due = fields(next_of(chemist, case))
    assert (
        sent(browser_of(chemist), reverse("hand-over", args=[case]), stands(chemist, case).number, **due).status_code
        == 302
    )
    asked = {"on": str(today() + 3 * A_DAY)}
    assert "What was handed over reaches this day." in said(browser.get(reverse("case", args=[case]), asked))
    everything = {key: value for key, value in due.items() if key.startswith("item-")}
    number = stands(chemist, case).number
    answer = sent(browser_of(chemist), reverse("lost", args=[case]), number, says="stolen", **everything)
    assert answer.status_code == 302
    page = said(browser.get(reverse("case", args=[case]), asked))
    assert "What was handed over does not reach this day." in page
    assert f"Enough at home until {today()} (not including that day)" in page


def test_in_california_in_the_afternoon_everything_is_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    at = clinic("Mission")
    Clinic.objects.filter(pk=at.pk).update(time_zone="America/Los_Angeles", country="US")
    clock, real = timezone.now, timezone.now()
    five = real.replace(hour=1, minute=0) + dt.timedelta(days=real.hour >= 1)  # of the day before, in Los Angeles
    monkeypatch.setattr(timezone, "now", lambda: clock() + (five - real))
    day = Clinic.objects.get(pk=at.pk).today()
    assert day == five.date() - A_DAY
    monkeypatch.setattr(clinic_cases, "today", lambda: day)
    doctor, chemist = person("prescriber", at="Mission"), person("pharmacist", at="Mission")
    browser = browser_of(doctor)
    case = case_opened(browser, re.sub(r"starts_on = \S+", f"starts_on = {day}", case_text()))
    assert "1 person of 1 needs something" in said(browser.get(reverse("cases")))
    mark = started(browser, doctor, case)
    number = stands(doctor, case).number
    assert sent(browser_of(chemist), reverse("ask", args=[case]), number, says="May I give halves?").status_code == 302
    assert "Question about a plan (1)" in said(browser.get(reverse("cases")))
    note = browser.get(reverse("face", args=[case, mark, "note.txt"])).content.decode()
    assert f"on {day}" in next(line for line in note.splitlines() if "igned" in line)
