"""Whatever is sent to whichever form of whichever page by whomever: an answer that is no error of ours, and no other number.

The clinic's pages are made by the server and have no description that a program could read; so their forms are found as a
browser finds them, on every page that the resolver knows (docs/decisions/0023).
"""

from __future__ import annotations

import os
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opentaper.clinic.cases.models import Row
from opentaper.clinic.demonstration.fill import SHOWN, One, keep, told
from opentaper.clinic.demonstration.stage import STORIES
from opentaper.clinic.people.allowed import own
from opentaper.clinic.people.check import views
from opentaper.clinic.people.demonstration import CLINICS, DOMAIN, clinic_of, demonstration
from opentaper.clinic.people.models import Person
from tests.clinic.cases import just_now, stands
from tests.clinic.forms import Form, There, forms, read
from tests.clinic.people import STAFF, Browser, browser_of, path_of
from tests.strategies.hostile import PASTED, anything

pytestmark = pytest.mark.django_db
STAGES = ("opened", "waiting", "signed", "early", "held", "stopped")
NOBODY = "nobody"
MOST = 80
SOME = 10
"""In how many places each thing that people paste is tried."""
TRIED = settings(
    max_examples=MOST, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def planted(request: HttpRequest) -> HttpResponse:
    """A form whose view trusts what is sent: what the trials must find."""
    if request.method == "POST":
        return HttpResponse(str(int(request.POST.get("days", "1"))))
    return HttpResponse('<form method="post"><input name="days" value="14"><input name="csrfmiddlewaretoken"></form>')


urlpatterns = [path("", include("opentaper.clinic.urls")), path("planted/", own(planted), name="planted")]


@pytest.fixture
def there() -> There:
    """A clinic with somebody at several stages, and everybody who works there."""
    demonstration()
    clinic, found = clinic_of(CLINICS[0]), {}
    for stage in STAGES:
        one = One(clinic=clinic, number=len(SHOWN) + list(STORIES).index(stage))
        keep(one, told(one))
        found[one.case] = list(stands(who("prescriber"), one.case).versions)[-1:]
    cache.clear()
    return There(cases=found, people=[who(role).pk for role in STAFF])


def who(role: str) -> Person:
    return Person.objects.get(email=f"{role}@{DOMAIN}")


def browser(role: str, **how: Any) -> Browser:
    """Return a browser in which somebody has just logged in, whatever was done to them before."""
    if role == NOBODY:
        return Browser(**how)
    Person.objects.filter(email=f"{role}@{DOMAIN}").update(is_active=True, role=role)
    made = browser_of(who(role), **how)
    just_now(made)
    return made


@contextmanager
def answering(form: Form, what: object) -> Iterator[None]:
    """Say what was sent where, should it break."""
    try:
        yield
    except Exception as problem:
        raise AssertionError(
            f"{form.path} broke on {str(what)[:300]}: {type(problem).__name__}: {problem}"
        ) from problem


def send(browser: Browser, form: Form, sent: Any, **how: Any) -> Any:
    """Send something to where a form is sent; the answer is no error of ours."""
    with answering(form, sent):
        answer = browser.post(form.path, sent, **how)
        assert answer.status_code < 500, answer.status_code
    return answer


def fresh(form: Form) -> dict[str, Any]:
    """What stands in a form, with a key that was not used."""
    return {**form.fields, **({"key": str(uuid.uuid4())} if "key" in form.fields else {})}


@pytest.mark.parametrize(
    "role", [*(pytest.param(role, marks=pytest.mark.slow) for role in (NOBODY, *STAFF[1:])), STAFF[0]]
)
def test_nothing_that_is_sent_to_any_form_breaks_the_clinic(role: str, there: There) -> None:
    found = forms(browser(role), there)

    @TRIED
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        form = found[data.draw(st.integers(0, len(found) - 1))]
        sent = fresh(form)
        for name in data.draw(st.sets(st.sampled_from(sorted(sent)), min_size=1)) if sent else ():
            match data.draw(st.sampled_from(["pasted", "anything", "gone", "twice"])):
                case "pasted":
                    sent[name] = data.draw(st.sampled_from(PASTED))
                case "anything":
                    sent[name] = data.draw(anything)
                case "gone":
                    del sent[name]
                case "twice":
                    sent[name] = [sent[name], data.draw(anything)]
        if data.draw(st.booleans()):
            sent[data.draw(st.text(min_size=1, max_size=20))] = data.draw(anything)
        send(browser(role), form, _encodable(sent))

    tried()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["prescriber", "coordinator", "administrator"])
def test_what_people_paste_breaks_no_field_of_any_form(role: str, there: There) -> None:
    """Each thing in some fields of some forms, the same each time; `make hostile` tries each in all."""
    found = {(form.name, *form.fields): form for form in forms(browser(role), there)}.values()
    places = [(form, name) for form in found for name in (["*"] if form.blind else form.unlike())]
    every, tries = os.environ.get("OPENTAPER_HOSTILE") == "all", 0
    for pasted in PASTED:
        for form, name in places if every else Random(f"{role} {pasted}").sample(places, SOME):
            sent = dict.fromkeys(form.fields, pasted) if form.blind else {**fresh(form), name: pasted}
            send(browser(role), form, sent)
            tries += 1
    assert tries > 1000


def _encodable(sent: dict[str, Any]) -> dict[str, Any]:
    """This function will leave out what no browser can send: halves of characters."""

    def whole(text: Any) -> Any:
        return [whole(each) for each in text] if isinstance(text, list) else str(text).encode(errors="ignore").decode()

    return {whole(name): whole(value) for name, value in sent.items()}


@pytest.mark.slow
@pytest.mark.parametrize("role", [NOBODY, "prescriber", "administrator"])
def test_bodies_that_are_no_form_break_nothing(role: str, there: There) -> None:
    at_work = browser(role)
    for form in {form.name: form for form in forms(at_work, there)}.values():
        at_work = browser(role)
        for body, kind in [
            (b"\xff\xfe\x00days=\xc3\x28", "application/x-www-form-urlencoded"),
            (b"%ff%fe=%00&%=&&=%zz" + b"&a=b" * 900, "application/x-www-form-urlencoded"),
            (b"&".join(b"f%d=1" % each for each in range(1500)), "application/x-www-form-urlencoded"),
            (b'{"days": [1, {"a": null}]}', "application/json"),
            (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
            (b"--x\r\nContent-Disposition: form-data; name=\"days\"; filename=\"a\"\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x"),
            (b"", "multipart/form-data"),
            (b"<a/>", "text/xml; charset=utf-99"),
        ]:  # fmt: skip
            with answering(form, (kind, body[:60])):
                answer = at_work.generic("POST", form.path, body, content_type=kind)
                assert answer.status_code < 500


@pytest.mark.slow
@pytest.mark.parametrize("role", [NOBODY, "prescriber", "administrator"])
def test_no_address_and_no_query_breaks_a_page(role: str, there: There) -> None:
    asked = ["why", "name", "sort", "page", "next", "on", "q", "option", "key"]
    at_work = browser(role)
    for _, pattern in views():
        if pattern.name == "account_logout":
            continue
        where = next(iter(there.paths(pattern)), path_of(pattern))
        paths = [
            f"{where}?{urlencode([(key, pasted) for key in asked])}"
            for pasted in PASTED[:: 4 if role == "prescriber" else 16]
        ]
        if "mark" in pattern.pattern.converters:
            paths += [
                where.replace(where.split("/")[4], quote(pasted, safe=""))
                for pasted in PASTED
                if pasted.strip() and len(pasted) < 500
            ]
        for each in paths:
            with answering(Form(name=str(pattern.name), path=each[:300]), "GET"):
                assert at_work.get(each).status_code < 500


@pytest.mark.parametrize("role", ["prescriber", "pharmacist", "administrator"])
def test_nothing_is_done_for_a_form_that_comes_from_elsewhere(role: str, there: There) -> None:
    rows = Row.objects.count()
    strict = browser(role, enforce_csrf_checks=True)
    for form in forms(browser(role), there):
        answer = send(strict, form, fresh(form))
        assert answer.status_code == 403, (form.path, answer.status_code)
    assert Row.objects.count() == rows


@pytest.mark.urls("tests.safety.test_hostile_forms")
def test_a_view_that_trusts_what_is_sent_is_found(there: There) -> None:
    found = forms(browser("prescriber"), there)
    [form] = [each for each in found if each.name == "planted"]
    assert send(browser("prescriber"), form, fresh(form)).content == b"14"
    with pytest.raises(AssertionError, match=r"/planted/ broke on .*ValueError"):
        for pasted in PASTED:
            send(browser("prescriber"), form, {**fresh(form), "days": pasted})

    @TRIED
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        form = found[data.draw(st.integers(0, len(found) - 1))]
        if form.name == "planted":
            send(browser("prescriber"), form, {"days": data.draw(anything).encode(errors="ignore").decode()})

    with pytest.raises((AssertionError, ExceptionGroup), match="planted"):
        tried()


def test_every_form_on_a_page_is_read_with_what_stands_in_it() -> None:
    page = '<form method="get"><input name="q"></form><form method="post" action="/x/"><input type="hidden" name="seen" value="3"><textarea name="why">\na &amp; b</textarea><select name="times"><option value="2">x</option><option value="3">y</option></select><button name="go" value="1"></button></form>'  # fmt: skip
    assert read(page) == [("/x/", {"seen": "3", "why": "\na & b", "times": "2", "go": "1"})]


def test_the_forms_that_matter_are_found(there: There) -> None:
    names = {
        form.name for form in forms(browser("prescriber"), there) if "key" in form.fields and "seen" in form.fields
    }
    assert {
        "new-case",
        "change-case",
        "options",
        "sign",
        "start",
        "decline",
        "observe",
        "hold",
        "slow",
        "step-back",
    } <= names


def read_by_a_person(typed: str) -> int | None:
    """Return the number that somebody reads who sees only digits, of any script, and perhaps a plus; None for anything else."""
    digits = typed.strip().removeprefix("+")
    return int("".join(str(unicodedata.digit(each)) for each in digits)) if digits.isdecimal() else None


def test_what_is_typed_for_days_is_recorded_as_the_number_that_a_person_reads_or_not_at_all(there: There) -> None:
    doctor, case = who("prescriber"), list(there.cases)[STAGES.index("early")]
    at_work, recorded = browser("prescriber"), 0
    for typed in [
        *(each for each in PASTED if len(each) < 40),
        "1_4",
        "1,4",
        "1.4",
        "14,0",
        "1e1",
        "0x0e",
        "+14",
        "1 4",
    ]:
        before = stands(doctor, case)
        sent = {"seen": before.number, "key": str(uuid.uuid4()), "days": typed, "because": "a journey"}
        answer = at_work.post(reverse("hold", args=[case]), sent)
        now = stands(doctor, case)
        if now.number == before.number:
            assert answer.status_code == 422, typed
            continue
        assert now.held is not None and before.in_force is not None
        from_ = before.held[1] if before.held else now.held[0]  # a hold that goes on is longer by so many days
        assert (now.held[1] - from_).days == read_by_a_person(typed), typed
        recorded += 1
    assert recorded
