"""A case through the clinic's pages: opened, planned, signed, started, held, read; and what each page refuses."""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from opentaper.clinic.people.models import Access, Person
from opentaper.knowledge import DATA
from opentaper.record import Progress
from tests.clinic.cases import case_opened, case_text, just_now, reviewed, sent, signed, stands, started, today
from tests.clinic.people import Browser, browser_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def browser(doctor: Person) -> Browser:
    return browser_of(doctor)


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_a_case_is_opened_planned_signed_started_held_and_read(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    assert "Maria Test" in said(browser.get(reverse("cases")))
    assert "No plan is in force" in said(browser.get(reverse("case", args=[case])))
    options = said(browser.get(reverse("options", args=[case])))
    assert options.count("Have it reviewed for a signature") == 3
    mark = reviewed(browser, doctor, case)
    page = said(browser.get(reverse("version", args=[case, mark])))
    assert mark in page
    assert "Sign as prescriber of Lindenhof" in page
    just_now(browser)
    mark = started(browser, doctor, case)
    page = said(browser.get(reverse("case", args=[case])))
    assert "Signed by prescriber of Lindenhof" in page
    answer = sent(
        browser, reverse("hold", args=[case]), stands(doctor, case).number, days=14, because="a death in the family"
    )
    assert answer.status_code == 302
    page = said(browser.get(reverse("case", args=[case])))
    assert "Not signed: in force because holding" in page
    assert stands(doctor, case).held is not None
    story = said(browser.get(reverse("story", args=[case])))
    for words in ("Opened the case of Maria Test", "Signed version 1", "Started version 1", "Held every dose until"):
        assert words in story
    assert "a death in the family" in story


def test_the_doses_of_a_page_are_the_doses_of_the_signed_plan(doctor: Person, browser: Browser) -> None:
    from opentaper.exchange import read_step

    case = case_opened(browser)
    mark = started(browser, doctor, case)
    regimen = stands(doctor, case).versions[mark].version.regimen
    page = browser.get(reverse("case", args=[case])).content.decode()
    cell = r"<td[^>]*>(.*?)</td>"
    rows = re.findall(
        rf'<th role="rowheader" scope="row">([\d-]+)(?: <span[^>]*>now</span>)?</th>{cell * 4}</tr>', page
    )
    assert len(rows) == len(regimen.steps)
    for (from_, _, daily, _, words), step in zip(rows, regimen.steps, strict=True):
        assert from_ == str(step.from_)
        assert daily == str(step.daily)
        read = read_step(html.unescape(words))
        assert read == {intake.time: intake.dose for intake in step.intakes}


def test_a_signature_asks_once_more_who_signs(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    mark = reviewed(browser, doctor, case)
    just_now(browser, ago_s=601)
    answer = sent(browser, reverse("sign", args=[case, mark]), stands(doctor, case).number)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert stands(doctor, case).versions[mark].progress is Progress.REVIEWED


def test_a_missing_reason_is_asked_for_and_nothing_is_signed(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser, case_text(born="1950-05-02"))
    mark = reviewed(browser, doctor, case)
    just_now(browser)
    answer = sent(browser, reverse("sign", args=[case, mark]), stands(doctor, case).number)
    assert answer.status_code == 422
    assert "A reason is asked for" in said(answer)
    assert stands(doctor, case).versions[mark].progress is Progress.REVIEWED
    assert signed(browser, doctor, case)


def test_what_nobody_answered_cannot_be_signed(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser, case_text(seizure_history='"unknown"'))
    mark = reviewed(browser, doctor, case)
    page = browser.get(reverse("version", args=[case, mark]))
    assert "Nobody can sign this" in said(page)
    assert "Sign as" not in said(page)
    just_now(browser)
    answer = sent(browser, reverse("sign", args=[case, mark]), stands(doctor, case).number)
    assert answer.status_code == 422
    assert "Review does not let this plan start" in said(answer)


def test_a_change_of_what_is_known_voids_what_was_signed(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    mark = signed(browser, doctor, case)
    answer = sent(
        browser, reverse("change-case", args=[case]), stands(doctor, case).number,
        case=case_text(seizure_history='"unknown"'), because="her sister remembers something",
    )  # fmt: skip
    assert answer.status_code == 302
    assert stands(doctor, case).versions[mark].progress is Progress.VOID
    refused = sent(browser, reverse("start", args=[case, mark]), stands(doctor, case).number)
    assert refused.status_code == 422
    assert "void" in said(refused)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("born", '"1974"', "date"), ("indication", '"panic-disorde"', "panic-disorder"), ("sex", '"femail"', "female")],
)
def test_a_case_file_that_cannot_be_read_is_refused_in_its_own_words(
    browser: Browser, key: str, value: str, words: str
) -> None:
    answer = sent(browser, reverse("new-case"), 0, name="X", case=case_text(**{key: value}))
    assert answer.status_code == 422
    assert words in said(answer)


def test_an_answer_about_a_stale_page_is_refused_and_says_so(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    fields = {"on": "2026-01-02", "what": "note", "says": "slept well"}
    assert sent(browser, reverse("observe", args=[case]), 1, **fields).status_code == 302
    answer = sent(browser, reverse("observe", args=[case]), 1, **fields)
    assert answer.status_code == 409
    assert "Nothing of yours was recorded" in said(answer)
    assert stands(doctor, case).number == 2


def test_sending_twice_records_once_and_another_wish_under_the_same_key_is_refused(
    doctor: Person, browser: Browser
) -> None:
    key = uuid.uuid4()
    case = case_opened(browser, key=key)
    assert case_opened(browser, key=key) == case
    fields: dict[str, Any] = {"on": "2026-01-02", "what": "note", "says": "slept well", "key": uuid.uuid4()}
    for _ in range(3):
        assert sent(browser, reverse("observe", args=[case]), 1, **fields).status_code == 302
    assert stands(doctor, case).number == 2
    answer = sent(browser, reverse("observe", args=[case]), 1, **{**fields, "says": "slept badly"})
    assert answer.status_code == 409
    assert "sent before with something else" in said(answer)
    assert "slept badly" in said(answer), "what was typed is not lost"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("two\r\nlines", "two\nlines"),
        ("10\u00a0mg", "10 mg"),
        ("مینا\u200cپور", "مینا\u200cپور"),
        ("👩\u200d⚕️ said so", None),
    ],
)
def test_what_a_browser_sends_is_kept_as_it_was_meant(
    doctor: Person, browser: Browser, typed: str, kept: str | None
) -> None:
    case = case_opened(browser)
    answer = sent(browser, reverse("observe", args=[case]), 1, on="2026-01-02", what="note", says=typed)
    assert answer.status_code == 302, said(answer)
    assert [each.says for each in stands(doctor, case).observed.values()] == [kept or typed]


def test_somebody_with_an_unusual_name_bricks_no_case() -> None:
    who = person("prescriber", name="mina")
    who.full_name = "مینا\u200cپور\u00ad"
    who.save()
    browser = browser_of(who)
    case = case_opened(browser)
    assert stands(who, case).events[0].by.name == who.full_name
    assert browser.get(reverse("story", args=[case])).status_code == 200


def test_a_hold_keeps_the_products_of_the_signed_plan_when_the_base_changes(
    doctor: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from opentaper import load
    from opentaper.clinic.cases import base
    from opentaper.clinic.library import layer

    case = case_opened(browser)
    started(browser, doctor, case)
    before = stands(doctor, case)
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    used = folder / "products" / "us.toml"
    text = used.read_text(encoding="utf-8")
    used.write_text(text.replace("us-clonazepam-odt-0.125mg", "us-clonazepam-odt-0.126mg"), encoding="utf-8")
    assert text != used.read_text(encoding="utf-8")
    other = load(today(), folder)
    for where in (base, layer):
        monkeypatch.setattr(where, "shipped", lambda _: other)
    base._once.cache_clear()
    answer = sent(browser, reverse("hold", args=[case]), before.number, days=14, because="ill")
    assert answer.status_code == 302, said(answer)
    now = stands(doctor, case).in_force
    assert now is not None and before.in_force is not None
    assert now.version.knowledge == before.in_force.version.knowledge != other.digest
    assert [(step.daily, step.intakes) for step in now.version.regimen.steps[1:]] == [
        (step.daily, step.intakes) for step in before.in_force.version.regimen.steps[1:]
    ]
    assert browser.get(reverse("case", args=[case])).status_code == 200


def test_what_cannot_be_read_back_is_not_written(
    doctor: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opentaper.clinic.cases import record

    case = case_opened(browser)
    monkeypatch.setattr(record, "encode", lambda _: "{}")
    answer = sent(browser, reverse("observe", args=[case]), 1, on="2026-01-02", what="note", says="x")
    assert answer.status_code == 422
    assert "would not read back" in said(answer)
    monkeypatch.undo()
    assert stands(doctor, case).number == 1


def test_whoever_only_hands_out_sees_no_draft_and_no_note(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    sent(browser, reverse("observe", args=[case]), 1, on="2026-01-02", what="note", says="a secret of hers")
    mark = reviewed(browser, doctor, case)
    pharmacist = browser_of(person("pharmacist"))
    page = said(pharmacist.get(reverse("case", args=[case])))
    assert "a secret of hers" not in page and "Waiting for a decision" not in page
    assert pharmacist.get(reverse("version", args=[case, mark])).status_code == 404
    mark = started(browser, doctor, case)
    assert pharmacist.get(reverse("version", args=[case, mark])).status_code == 200


def test_a_signing_page_says_whose_plan_it_is_and_a_chosen_option_leads_to_itself(
    doctor: Person, browser: Browser
) -> None:
    case = case_opened(browser)
    for option in ("usual", "gentle", "usual"):
        mark = reviewed(browser, doctor, case, option)
        assert stands(doctor, case).versions[mark].version.name == option
        assert mark in browser.get(reverse("latest", args=[case]), follow=True).content.decode()
    page = said(browser.get(reverse("version", args=[case, mark])))
    for words in ("Maria Test", "1974-05-02", "clonazepam 2 mg a day", "ever had a seizure? no", "nobody signed it"):
        assert words in page


def test_a_signing_page_shows_every_question_and_what_nobody_answered_as_unknown(
    doctor: Person, browser: Browser
) -> None:
    unasked = re.sub(r"^(pregnancy|opioids) = .*\n", "", case_text(alcohol_heavy='"yes"'), flags=re.MULTILINE)
    case = case_opened(browser, unasked)
    page = said(browser.get(reverse("version", args=[case, reviewed(browser, doctor, case)])))
    for words in ("pregnant? unknown", "prescribed or not? unknown", "drink heavily? yes", "ever had a seizure? no"):
        assert words in page


def test_what_is_learnt_while_a_plan_is_in_force_is_said_on_its_page(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    started(browser, doctor, case)
    answer = sent(
        browser, reverse("change-case", args=[case]), stands(doctor, case).number,
        case=case_text(pregnancy='"yes"'), because="she is pregnant",
    )  # fmt: skip
    assert answer.status_code == 302
    assert "changed after this plan was made: she is pregnant" in said(browser.get(reverse("case", args=[case])))


def test_nonsense_of_what_was_seen_is_no_error_of_ours(browser: Browser) -> None:
    assert sent(browser, reverse("new-case"), 5, name="X", case=case_text()).status_code == 404


def test_the_case_of_another_clinic_is_as_unknown_as_none(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    mark = signed(browser, doctor, case)
    stranger = browser_of(person("prescriber", at="Elsewhere"))
    assert "Maria Test" not in said(stranger.get(reverse("cases")))
    for key in (case, uuid.uuid4()):
        bodies = set()
        for name in ("case", "change-case", "options", "latest", "story"):
            answer = stranger.get(reverse(name, args=[key]))
            assert answer.status_code == 404, name
            bodies.add(answer.content)
        assert stranger.get(reverse("version", args=[key, mark])).status_code == 404
        for name in ("observe", "hold", "slow", "step-back", "change-case", "options"):
            answer = sent(stranger, reverse(name, args=[key]), 3, on="2026-01-01", what="note", says="x", because="x")
            assert answer.status_code == 404, name
        for name in ("sign", "start", "decline"):
            assert sent(stranger, reverse(name, args=[key, mark]), 3, because="x").status_code == 404, name
        assert len(bodies) == 1
    assert stands(doctor, case).number == 4
    assert not Access.objects.filter(
        case_id=case, clinic_id=person("therapist", at="Elsewhere").clinic_id, allowed=True
    )


def test_a_pharmacist_sees_and_signs_nothing(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    mark = reviewed(browser, doctor, case)
    pharmacist = browser_of(person("pharmacist"))
    just_now(pharmacist)
    assert pharmacist.get(reverse("case", args=[case])).status_code == 200
    for name in ("sign", "start", "decline"):
        assert sent(pharmacist, reverse(name, args=[case, mark]), 3, because="x").status_code == 403
    assert sent(pharmacist, reverse("hold", args=[case]), 3, days=1, because="x").status_code == 403
    assert stands(doctor, case).versions[mark].progress is Progress.REVIEWED
    assert Access.objects.filter(case_id=case, act="decide", allowed=False).count() == 3


def test_the_day_is_that_of_the_clinic_and_not_of_greenwich(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = dt.datetime(2026, 12, 1, 3, 30, tzinfo=dt.UTC)  # half past seven in the evening of 30 November there
    who = person("prescriber", at="Seattle")
    who.clinic.time_zone = "America/Los_Angeles"
    who.clinic.save()
    monkeypatch.setattr("opentaper.clinic.people.models.timezone.now", lambda: evening)
    assert who.clinic.today() == dt.date(2026, 11, 30)
    page = browser_of(who).get(reverse("new-case")).content.decode()
    assert re.search(r'name="starts_on"[^>]* value="2026-11-30"', page)


def test_a_case_takes_a_dozen_queries_however_much_happened(doctor: Person, browser: Browser) -> None:
    case, counts = case_opened(browser), []
    started(browser, doctor, case)
    browser.get(reverse("home"))  # once a minute a request lets the session last on
    for number in (1, 20):
        for _ in range(number):
            seen = stands(doctor, case).number
            sent(browser, reverse("observe", args=[case]), seen, on=today(), what="note", says="Slept well.")
        with CaptureQueriesContext(connection) as asked:
            assert "Slept well." in said(browser.get(reverse("case", args=[case])))
        counts.append(len(asked))
    # PostgreSQL is told the clinic before and after each reading.
    assert counts[0] == counts[1] <= (12 if connection.vendor == "sqlite" else 24), counts
