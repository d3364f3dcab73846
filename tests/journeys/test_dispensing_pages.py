"""A supply through the clinic's pages: handed over, corrected, lost, replaced, asked about, made from the shelf; and refused."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from opentaper.care import NextSupply, next_supply
from opentaper.clinic.cases import base
from opentaper.clinic.cases.holidays import holidays_of
from opentaper.clinic.people.models import Access, Person
from opentaper.record import Dispensed, Observed
from tests.clinic.cases import case_opened, case_text, just_now, reviewed, sent, signed, stands, started, today
from tests.clinic.people import browser_of, person

pytestmark = pytest.mark.django_db
A_DAY = dt.timedelta(1)


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def chemist() -> Person:
    return person("pharmacist")


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def with_instalments(days: int, **more: str) -> str:
    lines = [f"instalment_days = {days}", *(f"{key} = {value}" for key, value in more.items())]
    return case_text() + "\n".join(["", *lines]) + "\n"


def in_force(doctor: Person, text: str | None = None) -> uuid.UUID:
    browser = browser_of(doctor)
    case = case_opened(browser, text)
    started(browser, doctor, case)
    return case


def next_of(who: Person, case: uuid.UUID, on: dt.date | None = None, **how: Any) -> NextSupply:
    due = next_supply(stands(who, case), base.now(today()), on=on or today(), **how)
    assert isinstance(due, NextSupply), due
    return due


def fields(due: NextSupply, **more: Any) -> dict[str, Any]:
    got = due.collection
    amounts = {f"item-{item.product.key}": str(item.amount) for item in got.items}
    return {"first": got.from_, "last": got.until - A_DAY, **amounts, **more}


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> dt.date:
    """Let it be so many days later."""
    from django.utils import timezone

    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + dt.timedelta(days))
    return today()


def test_exactly_the_next_supply_is_filled_in_and_recorded(doctor: Person, chemist: Person) -> None:
    case, browser = in_force(doctor), browser_of(chemist)
    page = browser.get(reverse("dispensing", args=[case])).content.decode()
    due = next_of(chemist, case)
    filled = dict(re.findall(r'<input[^>]* name="(first|last|item-[^"]+)" value="([^"]*)"', page))
    assert filled == {key: str(value) for key, value in fields(due).items()}
    answer = sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **filled)
    assert answer.status_code == 302, said(answer)
    [handed] = stands(chemist, case).dispensed.values()
    assert (handed.from_, handed.until, handed.items) == (
        due.collection.from_,
        due.collection.until,
        due.collection.items,
    )
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "Not before" in page and "Record as handed over" not in page
    assert Access.objects.filter(case_id=case, act="dispense", allowed=True).count() == 1


def test_the_labels_of_the_page_are_those_of_the_plan(doctor: Person, chemist: Person) -> None:
    from opentaper.exchange.faces.label import read_label

    case = in_force(doctor)
    page = browser_of(chemist).get(reverse("dispensing", args=[case])).content.decode()
    [shown] = re.findall(r'<ul class="labels"[^>]*>(.*?)</ul>', page.split("Labels, each of which")[1], re.DOTALL)[:1]
    labels = [html.unescape(each) for each in re.findall(r"<li>(.*?)</li>", shown)]
    day = today()
    printed = stands(doctor, case).in_force.version.printed
    taken: dict[str, Any] = {}
    for label in labels:
        for each in read_label(label):
            if each.first <= day <= each.last:
                taken[each.time] = taken.get(each.time, 0) + each.dose.mg
    assert taken == {intake.time: intake.dose.mg for step in printed.on(day) for intake in step.intakes}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"more": 1}, "is more"),
        ({"more": -1}, "would be too little"),
        ({"typed": "56,0"}, "is no amount"),
        ({"typed": "5.5"}, "is no amount"),
        ({"typed": "٥٦"}, "is no amount"),
        ({"typed": "1e3"}, "is no amount"),
        ({"typed": "-4"}, "is no amount"),
        ({"first": -1}, "handed over for them already"),
        ({"first": 1}, "would be without supply"),
        ({"last": 1}, "At most the days to"),
        ({"other": "us-clonazepam-tablet-2mg"}, "is not what this plan takes"),
        ({"other": "us-no-such-thing"}, "none of the products"),
    ],
)
def test_anything_else_is_refused_in_a_sentence_and_records_nothing(
    doctor: Person, chemist: Person, change: dict[str, Any], says: str
) -> None:
    case = in_force(doctor)
    due = next_of(chemist, case)
    wish = fields(due)
    name = next(each for each in wish if each.startswith("item-"))
    if "more" in change:
        wish[name] = str(int(wish[name]) + change["more"])
    if "typed" in change:
        wish[name] = change["typed"]
    for key in ("first", "last"):
        wish[key] += A_DAY * change.get(key, 0)
    if "other" in change:
        wish[f"item-{change['other']}"] = "4"
    answer = sent(browser_of(chemist), reverse("hand-over", args=[case]), stands(chemist, case).number, **wish)
    assert answer.status_code == 422
    assert says in said(answer)
    assert not stands(chemist, case).dispensed
    if "typed" in change:
        assert f'value="{change["typed"]}"' in answer.content.decode(), "what was typed is there to be mended"


def test_fewer_days_are_counted_anew(doctor: Person, chemist: Person) -> None:
    case, browser = in_force(doctor), browser_of(chemist)
    last = today() + 9 * A_DAY
    page = browser.get(reverse("dispensing", args=[case]), {"last": last}).content.decode()
    filled = dict(re.findall(r'<input[^>]* name="(first|last|item-[^"]+)" value="([^"]*)"', page))
    assert filled["last"] == str(last)
    assert sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **filled).status_code == 302
    assert next_of(chemist, case).collection.from_ == last + A_DAY
    for nonsense in ("2026-99-99", "yesterday", str(today() - A_DAY)):
        assert browser.get(reverse("dispensing", args=[case]), {"last": nonsense}).status_code == 200


def test_a_draft_is_nothing_to_hand_over_and_stays_unseen(doctor: Person, chemist: Person) -> None:
    browser = browser_of(doctor)
    case = case_opened(browser)
    mark = reviewed(browser, doctor, case)
    page = said(browser_of(chemist).get(reverse("dispensing", args=[case])))
    assert "No plan is in force or signed" in page and mark[:12] not in page
    signed(browser, doctor, case)
    page = said(browser_of(chemist).get(reverse("dispensing", args=[case])))
    assert "Record as handed over" in page, "a signed plan that is about to start is handed out"
    due = next_of(chemist, case)
    answer = sent(browser_of(chemist), reverse("hand-over", args=[case]), stands(doctor, case).number, **fields(due))
    assert answer.status_code == 302, said(answer)


def test_a_holiday_moves_a_collection_before_it_for_this_clinic_alone(
    doctor: Person, chemist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, browser = in_force(doctor, with_instalments(7)), browser_of(chemist)
    sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(next_of(chemist, case)))
    holiday = today() + 7 * A_DAY
    answer = browser.post(reverse("holidays"), {"on": holiday, "says": "Feast of the village"})
    assert answer.status_code == 302
    assert "Feast of the village" in said(browser.get(reverse("holidays")))
    elsewhere = browser_of(person("pharmacist", at="Elsewhere"))
    assert "Feast of the village" not in said(elsewhere.get(reverse("holidays")))
    later(monkeypatch, 6)
    browser, elsewhere = browser_of(chemist), browser_of(person("pharmacist", at="Elsewhere", name="other"))
    page = browser.get(reverse("dispensing", args=[case]))
    assert (holiday - A_DAY).isoformat() in said(page) and "Record as handed over" in said(page)
    elsewhere.post(reverse("holidays"), {"open": holiday})
    assert holiday in holidays_of(chemist.clinic_id, today())
    browser.post(reverse("holidays"), {"open": holiday})
    assert not holidays_of(chemist.clinic_id, today())
    assert "Record as handed over" not in said(browser.get(reverse("dispensing", args=[case])))
    assert browser.post(reverse("holidays"), {"on": "soon", "says": "x"}).status_code == 422
    assert browser.post(reverse("holidays"), {"open": "soon"}).status_code == 302


def test_what_was_written_down_wrongly_is_corrected_and_stays_in_the_record(doctor: Person, chemist: Person) -> None:
    case, browser = in_force(doctor), browser_of(chemist)
    due = next_of(chemist, case)
    sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(due))
    [(number, wrong)] = stands(chemist, case).dispensed.items()
    where = reverse("correct-supply", args=[case, number])
    assert "stays in the record" in said(browser.get(where))
    more = {f"item-{item.product.key}": str(item.amount + 2) for item in wrong.items}
    wish = {"last": wrong.until - A_DAY, "because": "counted again", **more}
    assert sent(browser, where, stands(chemist, case).number, **wish).status_code == 302
    assert [item.amount - 2 for item in stands(chemist, case).dispensed[number].items] == [
        item.amount for item in wrong.items
    ]
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "Really:" in page and "counted again" in page
    gone = sent(browser, where, stands(chemist, case).number, never="on", **wish)
    assert gone.status_code == 302 and not stands(chemist, case).dispensed
    assert browser.get(where).status_code == 404
    story = said(browser_of(doctor).get(reverse("story", args=[case])))
    assert "Handed over for" in story and "it never happened" in story


def test_what_is_lost_asks_the_prescriber_and_is_replaced_only_after_a_signed_yes(
    doctor: Person, chemist: Person
) -> None:
    case, browser, signer = in_force(doctor), browser_of(chemist), browser_of(doctor)
    sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(next_of(chemist, case)))
    [handed] = stands(chemist, case).dispensed.values()
    amounts = {f"item-{item.product.key}": str(item.amount) for item in handed.items}
    answer = sent(
        browser, reverse("lost", args=[case]), stands(chemist, case).number, says="the bag was stolen", **amounts
    )
    assert answer.status_code == 302, said(answer)
    now = stands(chemist, case)
    [number] = now.lost
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "Nothing is replaced before a prescriber allows it" in page and "Record the replacement" not in page
    assert f"enough only until {today()}" in page and "there is enough at home" not in page
    wish = fields(next_supply_like(handed), replaces=number)
    refused = sent(browser, reverse("hand-over", args=[case]), now.number, **wish)
    assert refused.status_code == 422 and "No prescriber has allowed" in said(refused)
    assert sent(browser, reverse("allow", args=[case, number]), now.number, says="yes").status_code == 403
    just_now(signer, ago_s=601)
    again = sent(signer, reverse("allow", args=[case, number]), now.number, says="yes")
    assert again.status_code == 302 and again.url.startswith(reverse("account_reauthenticate"))
    just_now(signer)
    assert sent(signer, reverse("allow", args=[case, number]), now.number, says="police report seen").status_code == 302
    now = stands(doctor, case)
    assert number in now.allowed and not now.queries
    due = next_of(chemist, case, replaces=number)
    assert (due.collection.until - due.collection.from_).days == 7
    answer = sent(browser, reverse("hand-over", args=[case]), now.number, **fields(due, replaces=number))
    assert answer.status_code == 302, said(answer)
    assert [each.replaces for each in stands(chemist, case).dispensed.values()] == [None, number]
    answer = sent(browser, reverse("found", args=[case, number]), now.number + 1, because="in the other coat")
    assert answer.status_code == 302 and not stands(chemist, case).lost


def next_supply_like(handed: Dispensed) -> Any:
    class Like:
        collection = handed

    return Like


def test_a_question_names_its_step_and_its_answer_is_shown(doctor: Person, chemist: Person) -> None:
    case, browser = in_force(doctor), browser_of(chemist)
    step = stands(doctor, case).in_force.version.regimen.steps[2].from_
    wish = {"step": step, "says": "May I give two halves?"}
    assert sent(browser, reverse("ask", args=[case]), stands(chemist, case).number, **wish).status_code == 302
    [number] = stands(doctor, case).queries
    page = said(browser_of(doctor).get(reverse("dispensing", args=[case])))
    assert "Open May I give two halves?" in page and f"{step}: Clonazepam" in page
    sent(
        browser_of(doctor),
        reverse("reply", args=[case]),
        stands(doctor, case).number,
        number=number,
        says="Yes, halves.",
    )
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "Yes, halves." in page and "Open May" not in page
    nowhere = sent(browser, reverse("ask", args=[case]), stands(chemist, case).number, step=step + A_DAY, says="?")
    assert nowhere.status_code == 422 and "no step of this version begins on" in said(nowhere).lower()


SHELF = ("us-clonazepam-tablet-0.5mg", "us-clonazepam-odt-0.125mg", "us-clonazepam-odt-0.25mg")


def test_the_plan_from_the_shelf_keeps_every_dose_and_is_signed_before_it_is_handed_over(
    doctor: Person, chemist: Person
) -> None:
    case, browser, signer = in_force(doctor), browser_of(chemist), browser_of(doctor)
    before = stands(doctor, case).in_force.version
    page = browser.get(reverse("shelf", args=[case]), {"has": SHELF})
    assert "Every dose at every time of day stays exactly the same" in said(page)
    assert not stands(chemist, case).queries, "looking records nothing"
    wish = {"says": "The 1 mg tablets are out of stock.", "has": SHELF, "step": before.regimen.steps[0].from_}
    assert sent(browser, reverse("ask", args=[case]), stands(chemist, case).number, **wish).status_code == 302
    [number] = stands(doctor, case).queries
    assert "On the shelf:" in said(signer.get(reverse("dispensing", args=[case])))
    answer = sent(signer, reverse("remake-for", args=[case, number]), stands(doctor, case).number)
    assert answer.status_code == 302, said(answer)
    now = stands(doctor, case)
    mark, made = list(now.versions.items())[-1]
    assert not now.queries and made.version.case.supply.products and now.force != mark
    doses = [(step.from_, {intake.time: intake.dose for intake in step.intakes}) for step in made.version.printed.steps]
    assert doses == [
        (step.from_, {intake.time: intake.dose for intake in step.intakes}) for step in before.printed.steps
    ]
    assert {portion.product.key for _, _, portion in made.version.regimen.portions()} <= {*SHELF}
    shown = {row["from"]: row["after"] for row in page.context["found"]["rows"] if row["changed"]}
    from opentaper.exchange import step_in_words

    assert all(
        shown.get(step.from_, step_in_words(step)) == step_in_words(step)
        for step in made.version.regimen.steps
        if step.intakes
    )
    assert mark[:12] not in said(browser.get(reverse("dispensing", args=[case]))), (
        "until it is signed nobody hands it out"
    )
    just_now(signer)
    page = signer.get(reverse("version", args=[case, mark])).content.decode()
    reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page), "discussed")
    assert sent(signer, reverse("sign", args=[case, mark]), now.number, **reasons).status_code == 302
    assert "nobody has started it" in said(browser.get(reverse("dispensing", args=[case])))
    assert sent(signer, reverse("start", args=[case, mark]), now.number + 1).status_code == 302
    due = next_of(chemist, case)
    assert {item.product.key for item in due.collection.items} <= {*SHELF}
    answer = sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(due))
    assert answer.status_code == 302, said(answer)


def test_what_the_shelf_does_not_make_is_named_with_the_first_day_and_the_nearest_doses(
    doctor: Person, chemist: Person
) -> None:
    case, browser = in_force(doctor), browser_of(chemist)
    page = browser.get(reverse("shelf", args=[case]), {"has": ["us-clonazepam-tablet-1mg"]})
    found = page.context["found"]
    first = next(
        step.from_
        for step in stands(doctor, case).in_force.version.regimen.steps
        if any((intake.dose.mg / (1 / 2)) % 1 for intake in step.intakes)
    )
    assert found["first_unmade"]["from"] == first
    assert f"From {first} on the plan cannot be made" in said(page)
    assert found["first_unmade"]["unmade"][0]["near"]
    assert browser.get(reverse("shelf", args=[case]), {"has": ["nonsense"]}).context["found"] is None


def test_after_a_long_gap_the_page_asks_and_the_prescriber_decides(
    doctor: Person, chemist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = in_force(doctor)
    browser = browser_of(chemist)
    sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(next_of(chemist, case)))
    day = later(monkeypatch, 28 + 2)
    browser = browser_of(chemist)
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "2 days were without supply" in page and "Record as handed over" in page
    later(monkeypatch, 5)
    browser, signer = browser_of(chemist), browser_of(doctor)
    page = said(browser.get(reverse("dispensing", args=[case])))
    assert "7 days were without supply" in page and "Record as handed over" not in page
    due = next_of(chemist, case, on=today())
    refused = sent(
        browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(due, taken="nothing")
    )
    assert refused.status_code == 422 and "the prescriber is asked first" in said(refused)
    assert "How it goes on after" in said(signer.get(reverse("dispensing", args=[case])))
    answer = sent(signer, reverse("go-on", args=[case]), stands(doctor, case).number, taken="before")
    assert answer.status_code == 302, said(answer)
    made = list(stands(doctor, case).versions.values())[-1]
    assert made.version.case.goal.gap is not None and made.version.case.goal.gap.days == 7
    assert day < today()


def test_after_a_short_gap_what_was_taken_is_written_down(
    doctor: Person, chemist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = in_force(doctor)
    browser = browser_of(chemist)
    sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(next_of(chemist, case)))
    later(monkeypatch, 30)
    browser = browser_of(chemist)
    due = next_of(chemist, case, on=today())
    assert (
        sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **fields(due)).status_code == 422
    )
    wish = fields(due, taken="half a tablet she had left")
    assert sent(browser, reverse("hand-over", args=[case]), stands(chemist, case).number, **wish).status_code == 302
    assert [each.says for each in stands(chemist, case).observed.values()] == ["half a tablet she had left"]
    assert all(isinstance(each, Observed) and each.what == "missed" for each in stands(chemist, case).observed.values())


def test_what_is_handed_over_twice_at_once_is_handed_over_once(doctor: Person, chemist: Person) -> None:
    case, browser, key = in_force(doctor), browser_of(chemist), uuid.uuid4()
    wish, seen = fields(next_of(chemist, case), key=key), stands(chemist, case).number
    for _ in range(2):
        assert sent(browser, reverse("hand-over", args=[case]), seen, **wish).status_code == 302
    stale = sent(browser, reverse("hand-over", args=[case]), seen, **{**wish, "key": uuid.uuid4()})
    assert stale.status_code == 409
    assert len(stands(chemist, case).dispensed) == 1


def test_the_supply_of_another_clinic_is_as_unknown_as_none(doctor: Person) -> None:
    case = in_force(doctor)
    stranger = browser_of(person("pharmacist", at="Elsewhere"))
    for key in (case, uuid.uuid4()):
        for name in ("dispensing", "shelf"):
            assert stranger.get(reverse(name, args=[key])).status_code == 404
        for name in ("hand-over", "lost", "ask"):
            answer = sent(stranger, reverse(name, args=[key]), 5, says="x", first=today(), last=today())
            assert answer.status_code == 404, name
        for name in ("correct-supply", "found"):
            assert sent(stranger, reverse(name, args=[key, 6]), 5, because="x", last=today()).status_code == 404, name
    signer = browser_of(person("prescriber", at="Elsewhere"))
    just_now(signer)
    for name in ("allow", "remake-for"):
        assert sent(signer, reverse(name, args=[case, 6]), 5, says="x").status_code == 404, name
    assert sent(signer, reverse("go-on", args=[case]), 5, taken="before").status_code == 404
