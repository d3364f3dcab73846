"""Whatever is typed into any field for a dose becomes exactly that dose or a refusal, and never another number."""

from __future__ import annotations

import html
import re
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from opentaper.clinic.cases.models import Row
from opentaper.clinic.cases.typed import Typed
from opentaper.clinic.people.models import Person
from opentaper.knowledge import Knowledge
from opentaper.patient import TIMES
from tests.clinic.cases import case_opened, case_text, stands, today
from tests.clinic.people import Browser, browser_of, person
from tests.safety.test_bad_input import entries

pytestmark = pytest.mark.django_db

HOSTILE = [each["text"] for each in entries("doses.toml", "dose")]
GOOD = ["1 mg", "0.5 mg", "125 mcg", "0.125 mg", "10 mg", "7.5 mg"]
LANGUAGES = ("en", "es", "de", "ar")
"""Two that the clinic has and two that write numbers otherwise: a comma, digits of another script."""
FIELDS = [f"taking-0-{time}" for time in TIMES]


def means(text: str) -> Fraction | None:
    """Read a dose dully: what it can only mean, in mg, or None. It shares no code with the program."""
    found = re.fullmatch(r" *((?:0|[1-9][0-9]{0,4})(?:\.[0-9]{1,9})?) (mg|mcg) *", text)
    if found is None or not text.isascii():
        return None
    mg = Fraction(found[1]) / (1000 if found[2] == "mcg" else 1)
    return mg if mg <= 10_000 else None


@pytest.fixture
def doctor() -> Person:
    who = person("prescriber")
    who.clinic.country = "US"
    who.clinic.save()
    return who


@pytest.fixture
def browser(doctor: Person) -> Browser:
    return browser_of(doctor)


def form(**typed: str) -> dict[str, Any]:
    """Return a form that is filled in, with any field of it otherwise."""
    answers = dict.fromkeys(
        (
            "seizure_history", "withdrawal_seizure_or_delirium", "pregnancy", "opioids", "alcohol_heavy", "suicide_risk",
            "liver_disease",
        ),
        "no",
    )  # fmt: skip
    return {
        "seen": "0", "key": "11111111-1111-4111-8111-111111111111", "rows": "1", "name": "Maria Test", "born": "1974-05-02",
        "indication": "panic-disorder", "conditions": "none", "taking-0-drug": "diazepam", "taking-0-since": "2019-03-01",
        "taking-0-days_per_week": "7", "taking-0-night": "10 mg", "goal": "stop", "starts_on": str(today()),
        **{f"screening-{key}": answer for key, answer in answers.items()}, **typed,
    }  # fmt: skip


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_dose_is_read_back_exactly_or_refused_in_every_field(browser: Browser, language: str) -> None:
    refused = 0
    for text in [*HOSTILE, *GOOD]:
        if not text.strip(" "):
            continue
        answer = browser.post(
            reverse("echo"),
            form(**dict.fromkeys(FIELDS, text), **{"goal": "lower", "goal-daily": text}),
            headers={"accept-language": language},
        )
        assert answer.status_code == 200, ascii(text)
        echo, exact = answer.context["echo"], means(text)
        if exact is None:
            refused += 1
            assert [name for name, _ in echo.problems] == [*FIELDS, "goal-daily"], ascii(text)
            assert not echo.heard and not echo.goal, ascii(text)
        elif exact:
            assert [each.daily.mg for each in echo.heard] == [exact * len(FIELDS)], ascii(text)
    assert refused >= 80


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["taking-0-morning", "taking-0-night", "goal-daily"])
def test_a_hostile_dose_is_never_recorded_and_what_was_typed_is_not_lost(
    browser: Browser, language: str, name: str
) -> None:
    for text in HOSTILE[::3]:
        if not text.strip(" ") or means(text) is not None:
            continue
        answer = browser.post(
            reverse("new-case"),
            form(**{"goal": "lower", "goal-daily": "1 mg", name: text}),
            headers={"accept-language": language},
        )
        assert answer.status_code == 422, ascii(text)
        page = answer.content.decode()
        assert f'href="#{name}"' in page and f'id="{name}-problem"' in page, ascii(text)
        if "\r" not in text and "\n" not in text and "\x00" not in text:
            assert html.escape(text.strip(" ")) in page.replace("&#x27;", "&#x27;"), ascii(text)
    assert not Row.objects.exists()


def test_a_hostile_dose_of_an_edited_row_changes_nothing(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser, case_text())
    where = reverse("edit-row", args=[case, "usual", 2])
    for text in HOSTILE:
        if not text.strip(" ") or means(text) is not None:
            continue
        for time in ("morning", "night"):
            answer = browser.post(
                where, {"edits": "[]", "dose-morning": "0.5 mg", "dose-night": "0.5 mg", f"dose-{time}": text}
            )
            assert answer.status_code == 422, ascii(text)
            assert f'id="dose-{time}-problem"' in answer.content.decode(), ascii(text)
    assert stands(doctor, case).number == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("weight_kg", "70,5"), ("weight_kg", "7e1"), ("weight_kg", "٧٠"), ("liquid_step_ml", "0,1"), ("share", "10"),
        ("share", "0,1 %"), ("every_days", "1e1"), ("every_days", "14.0"), ("every_days", "١٤"), ("baseline_days", "014"),
        ("born", "02/05/1974"), ("born", "1974-5-2"), ("born", "1974-02-30"), ("starts_on", "tomorrow"), ("starts_on", ""),
        ("taking-0-since", "2019"), ("finish_by", "2027-13-01"), ("taking-0-days_per_week", "8"), ("sex", "femail"),
        ("indication", "panic"), ("screening-pregnancy", "maybe"), ("pieces", "third"), ("products", "no-such"),
        ("taking-0-drug", "clonazapam"), ("name", ""), ("taking-0-drug", ""), ("goal", ""), ("percent_of", "all"),
    ],
)  # fmt: skip
def test_each_other_field_is_read_as_strictly_and_says_so_where_it_stands(
    browser: Browser, name: str, text: str
) -> None:
    answer = browser.post(reverse("new-case"), form(**{name: text}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="{name}-problem"' in page
    assert re.search(rf'href="#{name}(-0)?"', page)
    assert not Row.objects.exists()


def test_what_is_typed_is_recorded_only_after_it_was_read_back(doctor: Person, browser: Browser) -> None:
    first = browser.post(reverse("new-case"), form())
    assert first.status_code == 200 and not Row.objects.exists()
    page = said(first)
    assert "ten milligrams" in page and "diazepam 10 mg a day in all" in page
    [echoed] = re.findall(r'name="echoed" value="([0-9a-f]{64})"', first.content.decode())
    other = browser.post(reverse("new-case"), form(echoed=echoed, **{"taking-0-night": "20 mg"}))
    assert other.status_code == 200 and "twenty milligrams" in said(other) and not Row.objects.exists()
    answer = browser.post(reverse("new-case"), form(echoed=echoed))
    assert answer.status_code == 302, said(answer)
    case = answer.url.rstrip("/").rsplit("/", 2)[-2]
    kept = stands(doctor, case).case  # type: ignore[arg-type]
    assert kept is not None
    assert (kept.goal.of, str(kept.present.daily), str(kept.goal.daily)) == ("diazepam", "10 mg", "0 mg")
    assert kept.supply.country == "US" and kept.patient.conditions == () and kept.patient.sex is None


def test_a_slip_of_ten_asks_for_a_reason_that_is_kept(doctor: Person, browser: Browser) -> None:
    typed = form(**{"taking-0-night": "100 mg"})
    [echoed] = re.findall(
        r'name="echoed" value="([0-9a-f]{64})"', browser.post(reverse("new-case"), typed).content.decode()
    )
    refused = browser.post(reverse("new-case"), {**typed, "echoed": echoed})
    assert refused.status_code == 422 and "Is a nought too many" in said(refused)
    assert not Row.objects.exists()
    given = {**typed, "echoed": echoed, "reason-diazepam": "As in the discharge letter of 3 May."}
    answer = browser.post(reverse("new-case"), given)
    assert answer.status_code == 302, said(answer)
    case = answer.url.rstrip("/").rsplit("/", 2)[-2]
    [opened] = stands(doctor, case).events  # type: ignore[arg-type]
    [reason] = opened.what.answers  # type: ignore[union-attr]
    assert (reason.rule, reason.where) == ("ten-fold", "100 mg of diazepam a day")
    assert "As in the discharge letter" in said(browser.get(reverse("story", args=[case])))


def test_a_pasted_file_is_asked_the_same(browser: Browser) -> None:
    text = case_text().replace('time = "night", dose = "1 mg"', 'time = "night", dose = "20 mg"')
    sent = {"seen": "0", "key": "22222222-2222-4222-8222-222222222222", "name": "Maria", "case": text}
    refused = browser.post(reverse("paste-case"), sent)
    assert refused.status_code == 422 and "Your reason for 21 mg of clonazepam" in said(refused)
    assert browser.post(reverse("paste-case"), {**sent, "reason-clonazepam": "She has epilepsy."}).status_code == 302


def test_what_the_form_does_not_ask_stays_as_it_was(known: Knowledge) -> None:
    from opentaper.clinic.cases.typed import typed_of
    from opentaper.patient import case_of

    hold = '[[goal.hold]]\nfrom = 2027-01-01\nuntil = 2027-01-10\nbecause = "travel"\n\n'
    text = case_text().replace("[supply]", f"{hold}[supply]\ninstalment_days = 7\npieces_per_intake = 6")
    before = case_of(text, known)
    after = Typed(typed_of(before), known, "CH", before=before).case()
    assert after == before


def test_every_example_comes_through_the_form_unchanged(known: Knowledge) -> None:
    from pathlib import Path

    from opentaper.clinic.cases.typed import typed_of
    from opentaper.patient import read_case

    for path in sorted((Path(__file__).parents[2] / "examples").glob("*.toml")):
        case = read_case(path, known)
        typed = Typed(typed_of(case), known, "US", before=case)
        assert typed.case() == case, (path.name, typed.problems)


def test_another_medicine_and_the_products_are_added_without_a_script(browser: Browser) -> None:
    more = browser.post(reverse("new-case"), form(do="add", **{"taking-0-night": "1,5 mg"}))
    page = more.content.decode()
    assert more.status_code == 200 and 'name="taking-1-drug"' in page and 'value="1,5 mg"' in page
    assert 'name="rows" value="2"' in page
    shown = browser.post(reverse("new-case"), form(do="show", **{"taking-0-drug": "diazepam"})).content.decode()
    assert 'name="products"' in shown
    assert not Row.objects.exists()


def test_no_to_each_question_is_a_click_that_records_nothing_and_leaves_other_answers(browser: Browser) -> None:
    typed = {**form(do="no"), "screening-opioids": "yes", "screening-pregnancy": "unknown"}
    del typed["screening-liver_disease"]
    page = browser.post(reverse("new-case"), typed).content.decode()
    checked = dict(re.findall(r'name="screening-(\w+)" id="[^"]+" value="(\w+)" checked', page))
    assert checked["opioids"] == "yes" and checked["pregnancy"] == checked["liver_disease"] == "no"
    assert not Row.objects.exists()


def test_unknown_is_preselected_and_stays_unknown(doctor: Person, browser: Browser) -> None:
    page = browser.get(reverse("new-case")).content.decode()
    checked = re.findall(r'name="screening-(\w+)" id="[^"]+" value="(\w+)" checked', page)
    assert len(checked) == 7 and {answer for _, answer in checked} == {"unknown"}
    typed = form(**{"screening-opioids": "unknown"})
    [echoed] = re.findall(
        r'name="echoed" value="([0-9a-f]{64})"', browser.post(reverse("new-case"), typed).content.decode()
    )
    answer = browser.post(reverse("new-case"), {**typed, "echoed": echoed})
    kept = stands(doctor, answer.url.rstrip("/").rsplit("/", 2)[-2]).case  # type: ignore[arg-type]
    assert kept is not None and kept.patient.answer("opioids") == "unknown"
