"""What happens to a plan under way, through its pages: looked at first, and signed where it must be."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import uuid
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from opentaper.care import ask
from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Row
from opentaper.clinic.cases.record import Asked, audit, write
from opentaper.clinic.people.models import Clinic, Person
from opentaper.exchange import read_step
from opentaper.record import FIRST, Head, Progress, link
from tests.clinic.cases import case_opened, just_now, reviewed, sent, signed, stands, started, today
from tests.clinic.people import Browser, browser_of, person
from tests.strategies.record import by

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(1)


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def browser(doctor: Person) -> Browser:
    return browser_of(doctor)


@pytest.fixture
def case(doctor: Person, browser: Browser) -> uuid.UUID:
    found = case_opened(browser)
    started(browser, doctor, found)
    return found


def posted(browser: Browser, who: Person, case: uuid.UUID, name: str, **fields: Any) -> Any:
    return sent(browser, reverse(name, args=[case]), stands(who, case).number, **fields)


def held(browser: Browser, doctor: Person, case: uuid.UUID, days: int = 28) -> None:
    assert posted(browser, doctor, case, "hold", days=str(days), because="ill").status_code == 302


def sign(browser: Browser, who: Person, case: uuid.UUID, mark: str) -> Any:
    just_now(browser)
    page = browser.get(reverse("version", args=[case, mark])).content.decode()
    reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page), "discussed")
    return sent(browser, reverse("sign", args=[case, mark]), stands(who, case).number, **reasons)


@pytest.mark.parametrize(
    "what, fields",
    [
        ("hold", {"days": "14", "because": "ill"}), ("slow", {"times": "2", "because": "sleep"}),
        ("products", {"products": ["us-clonazepam-odt-0.125mg", "us-clonazepam-tablet-1mg"]}),
    ],
)  # fmt: skip
def test_looking_at_a_change_records_nothing_and_recording_it_changes_what_was_shown(
    doctor: Person, browser: Browser, case: uuid.UUID, what: str, fields: dict[str, Any]
) -> None:
    before = stands(doctor, case)
    page = posted(browser, doctor, case, what, look="1", **fields)
    shown = page.content.decode()
    assert page.status_code == 200 and stands(doctor, case) == before and Row.objects.count() == before.number
    told = re.findall(r"<li>(.*?)</li>", shown[shown.index('class="said"') : shown.index("</section>")])
    assert told
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown))
    again.pop("csrfmiddlewaretoken", None)
    assert browser.post(reverse(what, args=[case]), {**again, **fields}).status_code == 302
    now = stands(doctor, case)
    new = list(now.versions.values())[-1]
    rows = re.findall(r'<th role="rowheader" scope="row">([\d-]+)</th>', shown)
    assert rows == [str(step.from_) for step in new.version.regimen.steps]
    assert (now.force == new.version.digest) == (what != "products"), "what needs a signature is not in force"


def test_a_stale_look_is_refused(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    seen = stands(doctor, case).number
    held(browser, doctor, case)
    answer = sent(browser, reverse("slow", args=[case]), seen, times="2", because="x", look="1")
    assert answer.status_code == 409 and "Somebody else wrote" in answer.content.decode()


def test_a_hold_goes_on_early_only_after_a_signature(
    doctor: Person, browser: Browser, case: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = today() + 20 * A_DAY
    monkeypatch.setattr(Clinic, "today", lambda _: day)
    held(browser, doctor, case)
    answer = posted(browser, doctor, case, "resume")
    assert answer.status_code == 302, re.findall(r'<li class="error">(.*?)</li>', answer.content.decode())
    mark = list(stands(doctor, case).versions)[-1]
    assert stands(doctor, case).held is not None, "nothing is resumed by asking"
    page = browser.get(reverse("version", args=[case, mark])).content.decode()
    assert "What it changes against the version in force" in page
    assert sign(browser, doctor, case, mark).status_code == 302
    answer = sent(browser, reverse("start", args=[case, mark]), stands(doctor, case).number)
    assert answer.status_code == 302
    now = stands(doctor, case)
    assert now.force == mark and now.held is None and now.events[-1].what.KIND == "resumed"


def test_other_products_are_signed_and_started(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    keys = ["us-clonazepam-odt-0.125mg", "us-clonazepam-tablet-1mg"]
    assert posted(browser, doctor, case, "products", products=keys).status_code == 302
    mark = list(stands(doctor, case).versions)[-1]
    assert sign(browser, doctor, case, mark).status_code == 302
    assert sent(browser, reverse("start", args=[case, mark]), stands(doctor, case).number).status_code == 302
    now = stands(doctor, case)
    assert now.force == mark and now.in_force is not None
    assert {each.product.key for _, _, each in now.in_force.version.regimen.portions()} <= set(keys)


def test_products_of_another_drug_or_country_and_none_are_refused(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    before = stands(doctor, case).number
    for keys in ([], ["uk-clonazepam-tablet-0.5mg"], ["us-diazepam-tablet-5mg"], ["nothing"]):
        assert posted(browser, doctor, case, "products", products=keys, look="1").status_code == 422
        assert posted(browser, doctor, case, "products", products=keys).status_code == 422
    assert stands(doctor, case).number == before


def test_ending_a_plan_asks_who_one_is_and_leaves_the_dose(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    just_now(browser, ago_s=601)
    answer = browser.get(reverse("stop", args=[case]))
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_reauthenticate"))
    just_now(browser)
    assert "not the medicine" in browser.get(reverse("stop", args=[case])).content.decode()
    assert posted(browser, doctor, case, "stop", because="").status_code == 422
    assert posted(browser, doctor, case, "stop", because="she moves away").status_code == 302
    page = browser.get(reverse("case", args=[case])).content.decode()
    assert stands(doctor, case).force is None and "The plan was ended" in page and "Clonazepam 2 mg a day" in page
    assert browser.get(reverse("stop", args=[case])).status_code == 302, "there is nothing left to end"


def test_an_observation_is_corrected_and_the_mistake_stays(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    assert posted(browser, doctor, case, "observe", on=today(), what="score", says="GAD-7: 99").status_code == 302
    number = stands(doctor, case).number
    at = reverse("correct", args=[case, number])
    assert "GAD-7: 99" in browser.get(at).content.decode()
    send = {"on": today(), "what": "score", "says": "GAD-7: 9", "because": "mistyped"}
    assert sent(browser, at, number, **{**send, "says": ""}).status_code == 422
    assert sent(browser, at, number, **send).status_code == 302
    assert stands(doctor, case).observed[number].says == "GAD-7: 9"
    story = browser.get(reverse("story", args=[case])).content.decode()
    assert "GAD-7: 99" in story and "mistyped" in story
    never = {**send, "says": "", "never": "on", "because": "of somebody else"}
    assert sent(browser, at, stands(doctor, case).number, **never).status_code == 302
    assert number not in stands(doctor, case).observed
    assert browser.get(reverse("correct", args=[case, 1])).status_code == 404, "an event that is no observation"


def test_a_question_is_shown_and_answered(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    now = stands(doctor, case)
    assert now.force is not None
    asked = Asked(clinic=doctor.clinic_id, case=case, person=doctor.pk, seen=now.number, key=uuid.uuid4(), what="ask")
    at = now.events[-1].at
    force = now.force
    who = replace(by(at=at), knowledge=base.now(today()).digest)
    write(asked, lambda now: ask(now, force, None, "Halves of the 0.5 mg?", by=who), today())
    page = browser.get(reverse("case", args=[case])).content.decode()
    assert "Halves of the 0.5 mg?" in page and "Question about a plan" in page
    number = stands(doctor, case).number
    assert posted(browser, doctor, case, "reply", number=number, says="Yes, halves.").status_code == 302
    page = browser.get(reverse("case", args=[case])).content.decode()
    assert "Halves of the 0.5 mg?" not in page and not stands(doctor, case).queries
    assert posted(browser, doctor, case, "reply", number=number, says="Twice?").status_code == 422


def test_every_face_is_handed_out_of_what_is_signed_and_of_nothing_else(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    now = stands(doctor, case)
    mark = now.force
    page = browser.get(reverse("case", args=[case])).content.decode()
    links = re.findall(rf'href="(/cases/{case}/versions/{mark}/[^"]+)"', page)
    assert len([each for each in links if each.endswith("?lang=es")]) == 10
    for each in links:
        answer = browser.get(each)
        if "." not in each.rsplit("/", 1)[-1]:
            continue
        assert answer.status_code == 200, each
        assert answer["Cache-Control"] == "no-store" and "Maria" not in answer["Content-Disposition"]
        assert b"DRAFT" not in answer.content, each
    table = browser.get(reverse("face", args=[case, mark, "plan.csv"])).content.decode()
    assert now.in_force is not None
    for step in now.in_force.version.regimen.steps:
        assert str(step.from_) in table
    text = browser.get(reverse("face", args=[case, mark, "note.txt"])).content.decode()
    assert doctor.full_name in text
    other = case_opened(browser)
    draft = reviewed(browser, doctor, other)
    assert browser.get(reverse("face", args=[other, draft, "leaflet.pdf"])).status_code == 404
    assert browser.get(reverse("face", args=[other, mark, "leaflet.pdf"])).status_code == 404
    assert browser.get(reverse("face", args=[case, mark, "passwd"])).status_code == 404
    ready = signed(browser, doctor, other)
    assert browser.get(reverse("face", args=[other, ready, "plan.json"])).status_code == 200


def test_what_is_in_force_by_a_hold_is_handed_out_once_a_prescriber_signed_it(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    held(browser, doctor, case)
    mark = stands(doctor, case).force
    assert mark is not None
    assert browser.get(reverse("face", args=[case, mark, "leaflet.pdf"])).status_code == 404
    assert "Read it and sign" in browser.get(reverse("case", args=[case])).content.decode()
    assert sign(browser, doctor, case, mark).status_code == 302
    now = stands(doctor, case)
    assert now.force == mark and now.in_force is not None and now.in_force.progress is Progress.IN_FORCE
    answer = browser.get(reverse("face", args=[case, mark, "taper.ics"]))
    assert answer.status_code == 200 and b"DRAFT" not in answer.content


def test_any_day_can_be_asked_for_and_no_other_day_answers(doctor: Person, browser: Browser, case: uuid.UUID) -> None:
    now = stands(doctor, case)
    assert now.in_force is not None
    for day in (today(), today() + 100 * A_DAY, today() + 3000 * A_DAY):
        page = browser.get(reverse("case", args=[case]), {"on": day.isoformat()}).content.decode()
        part = page[page.index('id="on-day"') :]
        words = re.search(r'<ul class="taken"><li>(.*?)</li>', part)
        [step] = now.in_force.version.printed.on(day)
        assert words is not None
        assert read_step(words[1]) == {intake.time: intake.dose for intake in step.intakes}
    for wrong in ("14.03.2027", "2027-02-30", "3/14/2027", "٢٠٢٧-٠٣-١٤", "x", ""):
        page = browser.get(reverse("case", args=[case]), {"on": wrong})
        assert page.status_code == 200 and 'id="on-day"' not in page.content.decode(), wrong


def test_the_chart_shows_what_was_observed_to_whoever_may_read_it(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    assert posted(browser, doctor, case, "observe", on=today(), what="score", says="GAD-7: 13").status_code == 302
    page = browser.get(reverse("case", args=[case])).content.decode()
    assert "GAD-7: 13 on" in page and "Clonazepam 2 mg a day" in page
    at = reverse("followed", args=[case])
    for how in ("", "?dark=1", "?narrow=1", "?dark=1&narrow=1"):
        drawn = browser.get(at + how)
        assert drawn["Content-Type"].startswith("image/svg+xml") and b"GAD-7: 13 on" in drawn.content
    pharmacist = browser_of(person("pharmacist"))
    assert b"GAD-7" not in pharmacist.get(at).content
    assert "GAD-7" not in pharmacist.get(reverse("case", args=[case])).content.decode()
    other = case_opened(browser, name="No plan")
    assert browser.get(reverse("followed", args=[other])).status_code == 404


def test_what_is_predicted_says_that_it_is_modelled_and_answers_what_if(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    mark = stands(doctor, case).force
    at = reverse("predicted", args=[case, mark])
    page = browser.get(at).content.decode()
    assert "Modelled, not measured" in page and page.count("<strong>Modelled:</strong>") >= 5
    stopped = browser.get(at, {"stop": (today() + 30 * A_DAY).isoformat()}).content.decode()
    assert re.findall(r"Modelled:</strong> (.*?);", stopped) != re.findall(r"Modelled:</strong> (.*?);", page)
    assert b"<svg" in browser.get(reverse("predicted-drawn", args=[case, mark, 0]), {"dark": "1"}).content
    assert browser.get(reverse("predicted-drawn", args=[case, mark, 9])).status_code == 404
    nothing = browser.get(at, {"miss": "2099-01-01"})
    assert nothing.status_code == 422 and "Nothing can be predicted" in nothing.content.decode()
    assert browser.get(at, {"miss": "01/02/2027"}).status_code == 200
    assert browser.get(reverse("predicted", args=[case, "0" * 64])).status_code == 404


def test_everything_of_one_person_is_handed_out_to_people_and_programs(
    doctor: Person, browser: Browser, case: uuid.UUID
) -> None:
    case_opened(browser, name="Somebody Else")
    held(browser, doctor, case)
    answer = browser.get(reverse("export", args=[case]))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        story = archive.read("story.txt").decode()
        lines = [json.loads(line) for line in archive.read("record.jsonl").decode().splitlines()]
        assert "Somebody Else" not in "".join(archive.read(name).decode() for name in names)
    assert {"README.txt", "story.txt", "record.jsonl", "case.toml"} < set(names)
    assert "ill" in story and len(lines) == stands(doctor, case).number
    assert len([name for name in names if name.startswith("versions/")]) == 2
    for line in lines:  # a program can tell that nothing was changed on the way
        text = json.dumps(line["event"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        row = link(str(doctor.clinic_id), line["place"], str(case), text, line["before"])
        assert row.hash == line["hash"]
    assert lines[0]["before"] == FIRST
    assert isinstance(audit(doctor.clinic_id, today()), Head)
