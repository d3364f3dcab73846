"""The clinic's pages in Spanish: chosen by a person, whole, and with every number, day and dose as it is in English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from opentaper.clinic.people.models import Person
from tests.clinic.cases import case_opened, just_now, reviewed, sent, stands, started, today
from tests.clinic.people import PASSWORD, STAFF, Browser, browser_of, person
from tests.house.test_clinic_language import catalogue

pytestmark = pytest.mark.django_db

VOID = ("meta", "link", "input", "br", "img", "source", "rect", "line", "hr")
SPOKEN = ("aria-label", "alt", "title", "placeholder")
OF_THE_REQUEST = ("csrfmiddlewaretoken", "key", "next", "echoed")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Reader(HTMLParser):
    """What a page says, each piece with the language in which it says it, and what its fields hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.langs, self.pieces, self.fields = [""], list[tuple[str, str]](), list[tuple[str, str]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        lang = told.get("lang", self.langs[-1])
        self.pieces += [(lang, " ".join(told[key].split())) for key in SPOKEN if key in told]
        if tag in ("input", "option") and told.get("name") not in OF_THE_REQUEST:
            self.fields.append((told.get("name", ""), told.get("value", "")))
        if tag not in VOID:
            self.langs.append("code" if tag in ("script", "style", "code", "pre") else lang)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.langs.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self.langs[-1] != "code":
            self.pieces.append((self.langs[-1], " ".join(data.split())))

    @property
    def numbers(self) -> Counter[str]:
        return Counter(number for _, text in self.pieces for number in NUMBER.findall(text))


def untranslated() -> list[str]:
    """This function will return what must not be read on a Spanish page: English that the catalogue says otherwise."""
    found = []
    for message in catalogue():
        pairs = (
            zip(message.id, message.string, strict=True)
            if isinstance(message.id, tuple)
            else [(message.id, message.string)]
        )
        found += [english for english, spanish in pairs if english and english != spanish and "%" not in english]
    return found


ENGLISH = frozenset(untranslated())
SENTENCES = tuple(each for each in ENGLISH if len(each.split()) > 3)


def in_english(page: str) -> Iterator[str]:
    """Yield the pieces of a page that are said in English and not marked as English."""
    for lang, whole in Reader(page).pieces:
        text = re.sub(r"“[^”]*”|«[^»]*»", "", whole)  # what somebody signed or wrote stays as it is
        if lang != "en" and (text.strip(" .:;,()“”") in ENGLISH or any(each in text for each in SENTENCES)):
            yield text


def of(browser: Browser, path: str, language: str) -> str:
    answer = browser.get(path, headers={"accept-language": language})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def pages_of(role: str, case: Any, mark: str) -> list[str]:
    """This function will return addresses of pages that a role opens."""
    every = [
        ("home", []), ("mfa_index", []), ("library", []), ("contributions", []), ("own-layer", []),
        ("account_change_password", []), ("mfa_list_webauthn", []),
    ]  # fmt: skip
    of_role = {
        "prescriber": [
            ("cases", []), ("case", [case]), ("options", [case]), ("version", [case, mark]), ("new-case", []),
            ("change-case", [case]), ("paste-case", []), ("products", [case]), ("stop", [case]), ("write-layer", []),
            ("story", [case]),
        ],
        "pharmacist": [
            ("cases", []), ("case", [case]), ("version", [case, mark]), ("dispensing", [case]), ("shelf", [case]),
            ("holidays", []),
        ],
        "therapist": [("cases", []), ("case", [case]), ("story", [case])],
        "coordinator": [("cases", []), ("case", [case]), ("new-case", []), ("change-case", [case])],
        "administrator": [("people", []), ("access", [])],
        "reviewer": [("export-knowledge", [])],
    }  # fmt: skip
    drug = reverse("library-thing", args=["drugs", "clonazepam"])
    return [reverse(name, args=args) for name, args in (*every, *of_role[role])] + [drug]


@pytest.fixture
def in_force() -> tuple[Person, Browser, Any, str]:
    doctor = person("prescriber")
    browser = browser_of(doctor)
    case = case_opened(browser)
    mark = started(browser, doctor, case)
    sent(
        browser,
        reverse("observe", args=[case]),
        stands(doctor, case).number,
        on=today(),
        what="score",
        says="CIWA-B 12",
    )
    return doctor, browser, case, mark


@pytest.mark.parametrize("role", STAFF)
def test_no_page_in_spanish_says_in_english_what_there_is_spanish_for(role: str, in_force: Any) -> None:
    doctor, _, case, mark = in_force
    who = doctor if role == "prescriber" else person(role)
    browser = browser_of(who)
    just_now(browser)
    for path in pages_of(role, case, mark):
        page = of(browser, path, "es")
        assert '<html lang="es"' in page, path
        assert not list(in_english(page)), path


def test_the_search_for_english_would_find_it() -> None:
    assert list(in_english('<html lang="es"><p>Worklist</p></html>')) == ["Worklist"]
    assert list(in_english('<html lang="es"><p aria-label="No plan is in force."></p></html>'))
    assert not list(in_english('<html lang="es"><p lang="en">Worklist</p></html>'))


@pytest.mark.parametrize(
    "name", ["cases", "case", "options", "version", "change-case", "products", "story", "dispensing"]
)
def test_every_number_day_and_dose_is_the_same_in_both_languages(name: str, in_force: Any) -> None:
    _, browser, case, mark = in_force
    path = reverse(name, args={"cases": [], "version": [case, mark]}.get(name, [case]))
    english, spanish = (Reader(of(browser, path, language)) for language in ("en", "es"))
    assert english.numbers == spanish.numbers
    assert Counter(english.fields) == Counter(spanish.fields)  # lists are in the order of their own alphabet
    assert sum(english.numbers.values()) > 5
    assert not any(re.search(r"\d,\d", text) for _, text in spanish.pieces)


def test_what_a_change_would_change_is_said_in_spanish_with_the_same_numbers(in_force: Any) -> None:
    doctor, browser, case, _ = in_force
    looked = {"days": 14, "because": "su madre está enferma", "look": "1"}
    said = []
    for language in ("en", "es"):
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        answer = sent(browser, reverse("hold", args=[case]), stands(doctor, case).number, **looked)
        assert answer.status_code == 200
        said.append(answer.content.decode())
    assert "14 días más tarde" in said[1]
    assert not list(in_english(said[1]))
    english, spanish = (Reader(page).numbers for page in said)
    assert english == spanish


def test_a_dose_with_a_comma_is_refused_in_spanish_too_and_a_day_is_written_in_one_way(in_force: Any) -> None:
    doctor, browser, case, _ = in_force
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "es"
    fields = {"taking-0-drug": "clonazepam", "taking-0-night": "1,5 mg", "rows": "1"}
    heard = browser.post(reverse("echo"), fields).content.decode()
    assert "1.5" not in heard and 'lang="en"' in heard
    heard = browser.post(reverse("echo"), fields | {"taking-0-night": "1.5 mg"}).content.decode()
    assert "uno punto cinco miligramos" in heard
    for language in ("en", "es"):
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        for day in ("01/02/2026", "1/2/26", "1 feb 2026"):
            asked = {"on": day, "what": "note", "says": "."}
            answer = sent(browser, reverse("observe", args=[case]), stands(doctor, case).number, **asked)
            assert answer.status_code == 422, (language, day)


def test_a_refusal_of_the_base_is_marked_as_english(in_force: Any) -> None:
    doctor, browser, case, _ = in_force
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "es"
    far = {"on": today().replace(year=today().year + 5), "what": "note", "says": "nada"}
    answer = sent(browser, reverse("observe", args=[case]), stands(doctor, case).number, **far)
    assert answer.status_code == 422
    assert 'No se registró nada. <span lang="en">' in answer.content.decode()


def test_the_language_is_chosen_on_any_page_before_log_in_too_and_kept_in_a_safe_cookie() -> None:
    browser = Browser()
    here = reverse("account_login") + "?next=/me/"
    assert f'name="next" value="{here}"' in browser.get(here).content.decode()
    answer = browser.post(reverse("language"), {"language": "es", "next": here})
    assert (answer.status_code, answer.url) == (302, here)
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie.value == "es"
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert "Contraseña" in browser.get(here).content.decode()
    who = person("prescriber")
    logged_in = browser_of(who)
    logged_in.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    assert "Lista de trabajo" in of(logged_in, reverse("cases"), "en")
    logged_in.post(reverse("language"), {"language": "en", "next": "/"})
    assert "Worklist" in of(logged_in, reverse("cases"), "es")


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_choice_of_language_leads_nowhere_else(there: str) -> None:
    answer = Browser().post(reverse("language"), {"language": "es", "next": there})
    assert answer.status_code == 302 and answer.url == "/"


def test_a_page_that_answers_a_form_leads_back_to_where_the_form_stood(in_force: Any) -> None:
    doctor, browser, case, _ = in_force
    stood = f"https://testserver{reverse('case', args=[case])}"
    browser.defaults["HTTP_REFERER"] = stood
    answer = sent(browser, reverse("hold", args=[case]), stands(doctor, case).number, days="", because="", look="1")
    assert f'name="next" value="{stood}"' in answer.content.decode()


@pytest.mark.parametrize(
    "asked, given", [("es-MX,es;q=0.9", "es"), ("es-US", "es"), ("fr", "en"), ("en-GB", "en"), ("", "en")]
)
def test_without_a_choice_the_browser_is_asked(asked: str, given: str) -> None:
    page = of(Browser(), reverse("account_login"), asked)
    assert f'<html lang="{given}"' in page


def test_what_is_recorded_says_the_same_whatever_the_language_of_the_page() -> None:
    kept = []
    for language in ("en", "es"):
        doctor = person("prescriber", name=language)
        browser = browser_of(doctor)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        case = case_opened(browser)
        mark = reviewed(browser, doctor, case)
        just_now(browser)
        page = browser.get(reverse("version", args=[case, mark])).content.decode()
        reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page), "discussed")
        assert (
            sent(browser, reverse("sign", args=[case, mark]), stands(doctor, case).number, **reasons).status_code == 302
        )
        signed = stands(doctor, case).versions[mark].signed
        assert signed is not None
        kept.append(
            (signed.what.meaning, signed.what.answers, stands(doctor, case).case, list(stands(doctor, case).versions))
        )
    assert kept[0] == kept[1]


def test_a_wrong_password_is_said_in_spanish() -> None:
    who = person("therapist")
    answer = Browser(headers={"accept-language": "es"}).post(
        reverse("account_login"), {"login": who.email, "password": PASSWORD[::-1]}
    )
    assert "contraseña que ha indicado no son correctas" in answer.content.decode()


def test_what_went_wrong_is_said_in_the_language_of_the_page() -> None:
    therapist = browser_of(person("therapist"))
    for path, status, spanish, english in (
        (reverse("people"), 403, "No puede abrir esto", "You may not open this"),
        ("/nothing/here/", 404, "No existe esa página", "There is no such page"),
    ):
        for language, words in (("es", spanish), ("en", english)):
            answer = therapist.get(path, headers={"accept-language": language})
            assert answer.status_code == status
            assert f"<h1>{words}</h1>" in answer.content.decode() and f'lang="{language}"' in answer.content.decode()
    strict = browser_of(person("therapist", name="Bo"), enforce_csrf_checks=True)
    forged = strict.post(reverse("account_logout"), headers={"accept-language": "es"})
    assert forged.status_code == 403 and "Este formulario es demasiado antiguo" in forged.content.decode()
