"""A clinic's own layer through its pages: written, signed, binding; and plans in force keep the base they were made with."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from opentaper.care import replay
from opentaper.clinic.append_only import lifted
from opentaper.clinic.cases import base, remembered
from opentaper.clinic.cases.record import audit
from opentaper.clinic.isolation import writing
from opentaper.clinic.library import layer
from opentaper.clinic.library.layer import base_of
from opentaper.clinic.library.models import LayerSignature, LayerVersion
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.people.models import Person
from opentaper.knowledge import LAYER
from opentaper.record import Broken, Head, history
from tests.clinic.cases import case_opened, case_text, just_now, reviewed, sent, signed, stands, started, today
from tests.clinic.library import layer_signed, layer_written, stricter, version_in
from tests.clinic.people import Browser, browser_of, person

pytestmark = pytest.mark.django_db


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def doctor() -> Person:
    return person("prescriber")


@pytest.fixture
def browser(doctor: Person) -> Browser:
    return browser_of(doctor)


def forget() -> None:
    """Be a process that has just begun."""
    base._once.cache_clear()
    layer._laid.cache_clear()
    layer._recent.clear()
    remembered.forget()


def test_a_pharmacist_writes_a_prescriber_signs_and_then_it_binds(doctor: Person, browser: Browser) -> None:
    chemist = browser_of(person("pharmacist"))
    number = version_in(
        layer_written(
            chemist,
            **{
                "value_two-week-reduction": "0.2", "because_two-week-reduction": "We have seen too many setbacks.",
                "only_clonazepam": "on", "have_ch-clonazepam-tablet-0.5mg": "on",
                "price_ch-clonazepam-tablet-0.5mg": "0.30",
            },
        )
    )  # fmt: skip
    assert base_of(doctor.clinic_id, today()).digest == shipped(today()).digest, "unsigned it binds nobody"
    assert "Nobody has signed it" in said(chemist.get(reverse("layer-version", args=[number])))
    assert chemist.post(reverse("sign-layer", args=[number])).status_code == 403
    assert layer_signed(browser, number).status_code == 302
    laid = base_of(doctor.clinic_id, today())
    limit, product = laid.limit("dose-reduction"), laid.products["ch-clonazepam-tablet-0.5mg"]
    assert (limit.value, limit.source) == (Fraction(1, 5), LAYER)
    assert not laid.stocked(laid.products["ch-clonazepam-tablet-2mg"]) and laid.stocked(product)
    price = laid.price_of(product)
    assert price is not None and (price.per_unit, price.currency, price.on) == (Fraction(3, 10), "CHF", today())
    page = said(browser.get(reverse("own-layer")))
    for words in ("Version 1 binds", "at most 1/5", "where at most 1/4 ships", "0.5 mg tablet (Rivotril)", "0.3 CHF"):
        assert words in page, words
    page = said(browser.get("/library/limits/jcpg-2025/two-week-reduction/"))
    assert "In this clinic We have seen too many setbacks." in page and "at most 1/4 in 14 days" in page
    assert "in the formulary of Lindenhof" in said(browser.get("/library/products/ch-clonazepam-tablet-0.5mg/"))


def test_options_are_made_and_judged_by_it_and_the_findings_name_the_clinic(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    before = said(browser.get(reverse("options", args=[case])))
    first = {"value_initial-reduction": "1/20", "because_initial-reduction": "Small first."}
    stricter(browser, "step-interval", "28", **first)
    after = said(browser.get(reverse("options", args=[case])))
    assert before != after and LAYER not in before
    page = browser.get(reverse("options", args=[case])).content.decode()
    assert f'<a href="{reverse("own-layer")}">{LAYER}</a>' in page, "its number links to who says so"
    assert '<a href="/library/sources/jcpg-2025/">jcpg-2025</a>' in page
    mark = signed(browser, doctor, case)
    version = stands(doctor, case).versions[mark].version
    assert version.knowledge == base_of(doctor.clinic_id, today()).digest != shipped(today()).digest
    gaps = {step.days for step in version.regimen.steps[1:] if step.until}
    assert min(gap for gap in gaps if gap) >= 28
    found = stands(doctor, case).versions[mark].judged.findings
    assert LAYER in {each.source for each in found}


def test_what_was_reviewed_before_it_bound_is_reviewed_anew_before_anybody_signs(
    doctor: Person, browser: Browser
) -> None:
    case = case_opened(browser)
    mark = reviewed(browser, doctor, case)
    stricter(browser)
    just_now(browser)
    page = browser.get(reverse("version", args=[case, mark])).content.decode()
    reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page), "discussed")
    answer = sent(browser, reverse("sign", args=[case, mark]), stands(doctor, case).number, **reasons)
    assert answer.status_code == 422
    assert stands(doctor, case).versions[mark].signed is None
    signed(browser, doctor, case)


def test_a_plan_in_force_keeps_the_base_it_was_made_with_and_can_be_held(doctor: Person, browser: Browser) -> None:
    case = case_opened(browser)
    mark = started(browser, doctor, case)
    regimen = stands(doctor, case).versions[mark].version.regimen
    stricter(browser, "step-interval", "28")
    answer = sent(browser, reverse("hold", args=[case]), stands(doctor, case).number, days=14, because="ill")
    assert answer.status_code == 302, said(answer)
    now = stands(doctor, case).in_force
    assert now is not None and now.version.knowledge == shipped(today()).digest
    assert [(step.daily, step.days) for step in now.version.regimen.steps[1:]] == [
        (step.daily, step.days) for step in regimen.steps[1:]
    ]
    answer = sent(
        browser, reverse("observe", args=[case]), stands(doctor, case).number, on=str(today()), what="note", says="x"
    )
    assert answer.status_code == 302
    assert stands(doctor, case).events[-1].knowledge == base_of(doctor.clinic_id, today()).digest


def test_what_was_decided_under_a_layer_reads_and_replays_when_the_layer_is_another(
    doctor: Person, browser: Browser
) -> None:
    case = case_opened(browser)
    stricter(browser, "step-interval", "28")
    started(browser, doctor, case)
    before = stands(doctor, case)
    assert before.in_force is not None
    stricter(browser, "step-interval", "21")
    forget()
    now = stands(doctor, case)
    assert now == before
    replayed = 0
    for place, event in enumerate(now.events):
        known = base.kept(event.knowledge, today())
        assert known.digest == base.of(event.knowledge, today()).digest == event.knowledge
        again = replay(event, history(now.events[:place]), known)
        assert again is None or again.same, again
        replayed += again is not None
    assert replayed == 2
    made_with = before.in_force.version.knowledge
    assert base.kept(made_with, today()).limit("step-interval").value == 28
    assert base.of(made_with, today()).limit("step-interval").value == 28
    assert base_of(doctor.clinic_id, today()).limit("step-interval").value == 21
    assert isinstance(audit(doctor.clinic_id, today()), Head)
    answer = sent(browser, reverse("hold", args=[case]), now.number, days=14, because="ill")
    assert answer.status_code == 302
    assert stands(doctor, case).in_force.version.knowledge == made_with  # type: ignore[union-attr]


def test_a_later_layer_binds_from_its_day_and_one_that_says_nothing_gives_back_what_ships(
    doctor: Person, browser: Browser
) -> None:
    stricter(browser)
    later = today() + dt.timedelta(days=30)
    number = version_in(layer_written(browser, from_day=str(later)))
    assert layer_signed(browser, number).status_code == 302
    assert base_of(doctor.clinic_id, today()).limit("dose-reduction").value == Fraction(1, 5)
    assert base_of(doctor.clinic_id, later).limit("dose-reduction").value == Fraction(1, 4)
    assert "its day has not come" in said(browser.get(reverse("own-layer")))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            {"value_two-week-reduction": "1/3", "because_two-week-reduction": "x"},
            "1/3 is not stricter than at most 1/4",
        ),
        ({"value_step-interval": "7", "because_step-interval": "x"}, "7 is not stricter than at least 14"),
        ({"value_two-week-reduction": "1/5"}, "two-week-reduction: say why"),
        ({"value_two-week-reduction": "0,2", "because_two-week-reduction": "x"}, "two-week-reduction:"),
        ({"price_ch-clonazepam-tablet-2mg": "cheap"}, "ch-clonazepam-tablet-2mg:"),
        ({"value_two-week-reduction": "1/5", "because_two-week-reduction": "a\u200bb"}, "one line"),
    ],
)
def test_a_layer_that_is_not_stricter_or_cannot_be_read_is_refused_and_what_was_typed_stays(
    browser: Browser, rows: dict[str, str], words: str
) -> None:
    answer = layer_written(browser, **rows)
    assert answer.status_code == 422
    assert words in said(answer)
    for typed in rows.values():
        assert f'value="{html.escape(typed)}"' in answer.content.decode()
    assert not LayerVersion.objects.exists()


@pytest.mark.parametrize(
    "done, says",
    [
        ("UPDATE library_layerversion SET text = 'number = 1' WHERE number = 1", "version 1 of the clinic's own layer is not what was written"),
        ("UPDATE library_layerversion SET text = 'no [[file' WHERE number = 2", "version 2 of the clinic's own layer is not what was written"),
        ("DELETE FROM library_layerversion WHERE number = 1", "version 1 of the clinic's own layer is gone"),
        ("DELETE FROM library_layerversion WHERE number = 2", "version 2 of the clinic's own layer is not what was signed"),
        ("UPDATE library_layersignature SET digest = '0'", "version 2 of the clinic's own layer is not what was signed"),
        ("UPDATE library_layersignature SET number = 1", "version 1 of the clinic's own layer is not what was signed"),
    ],
)  # fmt: skip
def test_a_layer_that_somebody_altered_past_the_program_is_found(
    doctor: Person, browser: Browser, done: str, says: str
) -> None:
    case_opened(browser)
    version_in(
        layer_written(browser, **{"value_two-week-reduction": "1/5", "because_two-week-reduction": "We say so."})
    )
    stricter(browser, value="1/6")
    assert isinstance(audit(doctor.clinic_id, today()), Head)
    with writing(doctor.clinic_id), connection.cursor() as asked:
        for table in ("library_layerversion", "library_layersignature"):
            for statement in lifted(connection.vendor, table):
                asked.execute(statement)
        asked.execute(done)
    assert audit(doctor.clinic_id, today()) == Broken(place=0, says=says)


def test_of_two_who_write_at_once_the_second_is_told_and_sending_twice_writes_once(browser: Browser) -> None:
    key = uuid.uuid4()
    assert [version_in(layer_written(browser, key=key, number=1)) for _ in range(2)] == [1, 1]
    answer = layer_written(browser, number=1)
    assert answer.status_code == 422 and "Somebody wrote a version since you began" in said(answer)
    assert LayerVersion.objects.count() == 1


def test_a_signature_is_over_the_version_that_was_read_and_needs_a_proof_of_who_signs(browser: Browser) -> None:
    first, second = (version_in(layer_written(browser)) for _ in range(2))
    assert "read it again" in said(layer_signed(browser, first, digest="0" * 64))
    assert layer_signed(browser, second).status_code == 302
    assert "signed already" in said(layer_signed(browser, second))
    assert "A newer version is signed already" in said(layer_signed(browser, first))
    third = version_in(layer_written(browser))
    just_now(browser, ago_s=3_600)
    digest = LayerVersion.objects.get(number=third).digest
    answer = browser.post(reverse("sign-layer", args=[third]), {"key": uuid.uuid4(), "digest": digest})
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert LayerSignature.objects.count() == 1


def test_no_other_clinic_is_bound_by_it_or_sees_it(doctor: Person, browser: Browser) -> None:
    stricter(browser)
    stranger = person("prescriber", at="Elsewhere")
    assert base_of(stranger.clinic_id, today()).digest == shipped(today()).digest
    theirs = browser_of(stranger)
    assert theirs.get(reverse("layer-version", args=[1])).status_code == 404
    assert "setbacks" not in said(theirs.get(reverse("own-layer")))


def test_a_price_that_stays_what_it_was_keeps_its_day(doctor: Person, browser: Browser) -> None:
    name = "price_ch-clonazepam-tablet-2mg"
    old = str(today() - dt.timedelta(days=40))
    layer_signed(browser, version_in(layer_written(browser, priced_on=old, **{name: "0.25"})))
    layer_signed(browser, version_in(layer_written(browser, **{name: "0.25", "price_ch-clonazepam-tablet-0.5mg": "1"})))
    prices = base_of(doctor.clinic_id, today()).layer.prices  # type: ignore[union-attr]
    assert str(prices["ch-clonazepam-tablet-2mg"].on) == old
    assert prices["ch-clonazepam-tablet-0.5mg"].on == today()


def test_a_layer_that_no_longer_fits_what_ships_blocks_new_plans_and_never_a_hold(
    doctor: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = case_opened(browser), case_opened(browser, name="Later")
    started(browser, doctor, case)
    stricter(browser)
    whole = shipped(today())
    tighter = tuple(
        replace(each, value=Fraction(1, 6)) if each.id == "two-week-reduction" else each for each in whole.limits
    )
    files = {**whole.files, "limits/jcpg-2025.toml": "0" * 64}
    monkeypatch.setattr(layer, "shipped", lambda _: replace(whole, limits=tighter, files=files))
    forget()
    assert "does not fit what ships" in said(browser.get(reverse("own-layer")))
    page = said(browser.get(reverse("options", args=[other])))
    assert "own-layer" in page and "is not stricter than at most 1/6" in page
    answer = sent(browser, reverse("hold", args=[case]), stands(doctor, case).number, days=14, because="ill")
    assert answer.status_code == 302, said(answer)


def test_a_case_of_yesterday_is_shown_and_may_be_changed_when_the_formulary_has_nothing_for_it_any_more(
    doctor: Person, browser: Browser
) -> None:
    us = person("prescriber", at="Ohio")
    us.clinic.country = "US"
    us.clinic.save()
    browser = browser_of(us)
    case = case_opened(browser)
    number = version_in(layer_written(browser, only_clonazepam="on", currency="USD"))
    assert layer_signed(browser, number).status_code == 302
    assert base_of(us.clinic_id, today()).layer.stock == {"clonazepam": ()}  # type: ignore[union-attr]
    assert browser.get(reverse("case", args=[case])).status_code == 200
    answer = browser.get(reverse("options", args=[case]))
    assert answer.status_code == 200
    assert "Have it reviewed" not in said(answer) and "It would work with" in said(answer)
    note = {"on": str(today()), "what": "note", "says": "slept well"}
    assert sent(browser, reverse("observe", args=[case]), stands(us, case).number, **note).status_code == 302
    named = case_text().replace(
        'country = "US"', 'products = ["us-clonazepam-tablet-0.5mg", "us-clonazepam-odt-0.125mg"]'
    )
    answer = sent(browser, reverse("change-case", args=[case]), stands(us, case).number, case=named, because="ordered")
    assert answer.status_code == 302, said(answer)
    page = said(browser.get(reverse("options", args=[case])))
    assert "Have it reviewed" in page and "not-in-formulary" in page
