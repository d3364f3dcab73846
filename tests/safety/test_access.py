"""Who may open what, across every address of the clinic; and a log of it that nobody can change."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.utils import timezone

from opentaper.clinic import append_only
from opentaper.clinic.people.allowed import allowed, confirmed, opened_to
from opentaper.clinic.people.check import every_view_says_who_may, sqlite_log, views
from opentaper.clinic.people.models import Access, Person
from tests.clinic.people import STAFF, Browser, browser_of, path_of, person

pytestmark = pytest.mark.django_db

EVERYBODY = frozenset(STAFF)
CARERS = frozenset({"prescriber", "pharmacist", "therapist", "coordinator"})
CASE = uuid.UUID("11111111-1111-4111-8111-111111111111")
OPENS = {
    "language": EVERYBODY, "home": EVERYBODY, "begin": EVERYBODY, "account_login": EVERYBODY, "mfa_authenticate": EVERYBODY, "mfa_login_webauthn": EVERYBODY,
    "account_logout": EVERYBODY, "set-password": EVERYBODY, "account_reauthenticate": EVERYBODY,
    "mfa_reauthenticate": EVERYBODY, "mfa_reauthenticate_webauthn": EVERYBODY, "account_change_password": EVERYBODY,
    "mfa_index": EVERYBODY, "enrol": EVERYBODY, "mfa_activate_totp": EVERYBODY, "mfa_deactivate_totp": EVERYBODY,
    "mfa_view_recovery_codes": EVERYBODY, "mfa_generate_recovery_codes": EVERYBODY, "mfa_list_webauthn": EVERYBODY,
    "mfa_add_webauthn": EVERYBODY, "mfa_edit_webauthn": EVERYBODY, "mfa_remove_webauthn": EVERYBODY,
    "people": {"administrator"}, "add-person": {"administrator"}, "change-role": {"administrator"},
    "disable-person": {"administrator"}, "enable-person": {"administrator"}, "new-link": {"administrator"},
    "access": {"administrator"},
    "cases": CARERS, "case": CARERS, "latest": CARERS, "version": CARERS, "new-case": {"prescriber", "coordinator"},
    "change-case": {"prescriber", "coordinator"}, "options": {"prescriber"}, "sign": {"prescriber"},
    "start": {"prescriber"}, "decline": {"prescriber"},
    "paste-case": {"prescriber", "coordinator"}, "echo": {"prescriber", "coordinator"}, "stock": {"prescriber", "coordinator"},
    "change-case-file": {"prescriber", "coordinator"}, "wish-switch": {"prescriber", "coordinator"}, "length": {"prescriber"},
    "length-drawn": {"prescriber"}, "option-dose": {"prescriber"}, "edit-row": {"prescriber"}, "version-dose": CARERS, "observe": CARERS - {"pharmacist"},
    "hold": CARERS - {"pharmacist"}, "slow": {"prescriber"}, "step-back": {"prescriber"},
    "story": CARERS - {"pharmacist"}, "export": CARERS - {"pharmacist"}, "face": CARERS, "followed": CARERS, "predicted": {"prescriber"}, "predicted-drawn": {"prescriber"}, "reply": {"prescriber"},
    "resume": {"prescriber"}, "products": {"prescriber"}, "stop": {"prescriber"}, "correct": {"prescriber"},
    "library": EVERYBODY, "library-thing": EVERYBODY, "contributions": EVERYBODY, "contribution": EVERYBODY,
    "library-file": EVERYBODY, "contribute": EVERYBODY - {"administrator"}, "comment": EVERYBODY - {"administrator"},
    "settle": {"reviewer"}, "export-knowledge": {"reviewer"}, "knowledge-diff": {"reviewer"}, "sign-file": {"reviewer"},
    "own-layer": EVERYBODY, "layer-version": EVERYBODY, "write-layer": {"prescriber", "pharmacist"},
    "sign-layer": {"prescriber"},
    "dispensing": CARERS, "shelf": {"pharmacist"}, "hand-over": {"pharmacist"}, "correct-supply": {"pharmacist"},
    "lost": {"pharmacist"}, "found": {"pharmacist"}, "ask": {"pharmacist"}, "holidays": {"pharmacist"},
    "allow": {"prescriber"}, "remake-for": {"prescriber"}, "go-on": {"prescriber"},
}  # fmt: skip
"""Which roles get past the door of each view. A view that is missing here fails the test: add it, and think."""


def page(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    return HttpResponse("a page about a case")


def of_another_clinic(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    raise Http404


def not_so(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    raise PermissionDenied


def broken(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    raise ValueError("clonazepam for Ada Example")


urlpatterns = [
    path("", include("opentaper.clinic.people.urls")),
    path("cases/<uuid:case>/", allowed("see-cases")(page), name="case"),
    path("cases/<uuid:case>/elsewhere/", allowed("see-cases")(of_another_clinic), name="elsewhere"),
    path("cases/<uuid:case>/not-so/", allowed("see-cases")(not_so), name="not-so"),
    path("cases/<uuid:case>/broken/", allowed("see-cases")(broken), name="broken"),
    path("forgotten/", page, name="forgotten"),
]


def test_every_view_says_who_may_open_it_and_stands_in_the_matrix() -> None:
    named = {pattern.name for _, pattern in views()}
    assert named == set(OPENS)
    assert all(opened_to(pattern.callback) for _, pattern in views())
    assert every_view_says_who_may() == []


@pytest.mark.parametrize("role", STAFF)
def test_each_role_opens_what_the_matrix_says_and_nothing_else(role: str) -> None:
    browser = browser_of(person(role))
    for _, pattern in views():
        for method in (browser.get, browser.post):
            if pattern.name in ("account_logout", "account_login"):
                continue
            status = method(path_of(pattern)).status_code
            assert (status != 403) == (role in OPENS[pattern.name]), (pattern.name, status)


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_page() -> None:
    for _, pattern in views():
        mark = opened_to(pattern.callback)
        assert mark is not None
        if mark.logged_in:
            answer = Browser().get(path_of(pattern))
            assert answer.status_code == 302 and answer.url.startswith(reverse("account_login")), pattern.name


@pytest.mark.urls("tests.safety.test_access")
def test_a_view_that_does_not_say_who_may_open_it_is_refused_and_found_at_start() -> None:
    assert Browser().get("/forgotten/").status_code == 403
    assert browser_of(person("prescriber")).get("/forgotten/").status_code == 403
    [found] = every_view_says_who_may()
    assert "/forgotten/ does not say" in found.msg


@pytest.mark.urls("tests.safety.test_access")
@pytest.mark.parametrize(
    "role, where, status, is_allowed",
    [
        ("prescriber", "case", 200, True), ("pharmacist", "case", 200, True), ("administrator", "case", 403, False),
        ("reviewer", "case", 403, False), ("prescriber", "elsewhere", 404, False), ("prescriber", "not-so", 403, False),
    ],
)  # fmt: skip
def test_every_look_at_a_case_leaves_one_line_refusals_too(
    role: str, where: str, status: int, is_allowed: bool
) -> None:
    who = person(role)
    where = reverse(where, kwargs={"case": CASE})
    assert browser_of(who).get(f"{where}?name=Ada").status_code == status
    [line] = Access.objects.all()
    assert (line.person_id, line.clinic_id, line.case_id) == (who.pk, who.clinic_id, CASE)
    assert (line.act, line.path, line.allowed) == ("see-cases", where, is_allowed)


@pytest.mark.urls("tests.safety.test_access")
def test_a_view_that_breaks_leaves_a_line_and_a_page_that_tells_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = browser_of(person("prescriber"))
    browser.raise_request_exception = False
    answer = browser.get(reverse("broken", kwargs={"case": CASE}) + "?name=Ada")
    assert answer.status_code == 500
    assert "clonazepam" not in answer.content.decode()
    assert Access.objects.get().allowed
    assert "Ada" not in capfd.readouterr().err


@pytest.mark.urls("tests.safety.test_access")
def test_whoever_is_not_logged_in_leaves_no_line_and_sees_nothing() -> None:
    assert Browser().get(reverse("case", kwargs={"case": CASE})).status_code == 302
    assert not Access.objects.exists()


def test_what_an_administrator_changes_is_written_down_with_whom_it_touched() -> None:
    boss, who = person("administrator"), person("therapist")
    browser = browser_of(boss)
    for name, data in (
        ("change-role", {"role": "coordinator"}),
        ("disable-person", {}),
        ("enable-person", {}),
        ("new-link", {}),
    ):
        browser.post(reverse(name, kwargs={"person": who.pk}), data)
    browser.post(reverse("add-person"), {"full_name": "Ada", "email": "ada@x.example", "role": "pharmacist"})
    lines = list(Access.objects.order_by("id"))
    ada = Person.objects.get(email="ada@x.example")
    assert [line.about_id for line in lines] == [who.pk] * 4 + [ada.pk]
    assert {(line.act, line.person_id, line.allowed) for line in lines} == {("manage-people", boss.pk, True)}
    assert not ada.has_usable_password()


def test_an_administrator_reaches_nobody_of_another_clinic() -> None:
    other = person("prescriber", at="Elsewhere")
    browser = browser_of(person("administrator"))
    assert other.email not in browser.get(reverse("people")).content.decode()
    for name in ("change-role", "disable-person", "enable-person", "new-link"):
        theirs = browser.post(reverse(name, kwargs={"person": other.pk}), {"role": "therapist"})
        nobodys = browser.post(reverse(name, kwargs={"person": uuid.uuid4()}), {"role": "therapist"})
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content == nobodys.content
    other.refresh_from_db()
    assert other.is_active and other.role == "prescriber"


def test_an_administrator_cannot_lock_themselves_out_or_give_themselves_a_role_that_signs() -> None:
    boss = person("administrator")
    browser = browser_of(boss)
    for name, data in (("change-role", {"role": "prescriber"}), ("disable-person", {}), ("new-link", {})):
        browser.post(reverse(name, kwargs={"person": boss.pk}), data)
    boss.refresh_from_db()
    assert boss.is_active and boss.role == "administrator" and boss.has_usable_password()


@pytest.mark.parametrize("role", ["patient", "supporter", "surgeon", ""])
def test_a_reserved_or_unknown_role_is_given_to_nobody(role: str) -> None:
    who = person("therapist")
    browser = browser_of(person("administrator"))
    browser.post(reverse("change-role", kwargs={"person": who.pk}), {"role": role})
    added = browser.post(reverse("add-person"), {"full_name": "Ada", "email": "ada@x.example", "role": role})
    who.refresh_from_db()
    assert who.role == "therapist"
    assert added.status_code == 422
    assert not Person.objects.filter(email="ada@x.example").exists()


def test_the_access_log_is_shown_to_its_clinic_alone() -> None:
    boss, other = person("administrator"), person("administrator", at="Elsewhere", name="somebody")
    browser_of(other).post(reverse("add-person"), {"full_name": "B", "email": "b@x.example", "role": "therapist"})
    browser_of(boss).post(reverse("add-person"), {"full_name": "Ada", "email": "a@x.example", "role": "therapist"})
    shown = browser_of(boss).get(reverse("access"))
    assert len(shown.context["rows"]) == 1
    assert "Ada" in shown.content.decode() and "Elsewhere" not in shown.content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "pharmacist"}])
def test_a_right_that_was_taken_while_a_request_was_under_way_is_gone(rf: Any, change: dict[str, Any]) -> None:
    request = rf.post("/")
    request.user = person("prescriber")
    assert confirmed(request, "decide") == request.user
    Person.objects.filter(pk=request.user.pk).update(**change)
    with pytest.raises(PermissionDenied):
        confirmed(request, "decide")


def test_a_case_that_the_log_could_not_name_is_refused(rf: Any) -> None:
    request = rf.get("/cases/7/")
    request.user = person("prescriber")
    with pytest.raises(TypeError, match="uuid:case"):
        allowed("see-cases")(page)(request, case="7")


def line() -> Access:
    return Access.objects.create(act="see-cases", path="/cases/", allowed=True, person_id=uuid.uuid4())


@pytest.mark.parametrize("way", ["update", "bulk_update", "save", "delete", "delete all", "upsert"])
def test_no_line_of_the_access_log_changes_by_any_way_of_the_program(way: str) -> None:
    kept = line()
    changed = Access(pk=kept.pk, act="stop", path="/", allowed=False, at=timezone.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        match way:
            case "update":
                Access.objects.filter(pk=kept.pk).update(act="stop")
            case "bulk_update":
                Access.objects.bulk_update([changed], ["act"])
            case "save":
                changed.save()
            case "delete":
                kept.delete()
            case "delete all":
                Access.objects.all().delete()
            case "upsert":
                Access.objects.bulk_create(
                    [changed], update_conflicts=True, unique_fields=["id"], update_fields=["act"]
                )
    assert Access.objects.get().act == "see-cases"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE people_access SET act = 'stop'",
        "DELETE FROM people_access",
        "REPLACE INTO people_access (id, at, act, path, allowed) SELECT id, at, 'stop', path, allowed FROM people_access",
        "INSERT INTO people_access (id, at, act, path, allowed) SELECT id, at, 'stop', path, allowed FROM people_access "
        "WHERE true ON CONFLICT (id) DO UPDATE SET act = 'stop'",
        "TRUNCATE people_access",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_no_line_of_the_access_log_changes_by_sql(sql: str, recursive: str) -> None:
    line()
    small = connection.vendor == "sqlite"
    if (sql.startswith("TRUNCATE") and small) or (sql.startswith("REPLACE") and not small):
        return  # the other kind of database has no such word
    with connection.cursor() as cursor:
        if small:
            cursor.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
        if small:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert Access.objects.get().act == "see-cases"


def test_a_table_whose_guards_are_gone_is_found_at_start() -> None:
    assert append_only.check(databases=["default"]) == []
    with connection.cursor() as cursor:
        for statement in append_only.lifted(connection.vendor, "people_access")[:1]:
            cursor.execute(statement)
    [found] = append_only.check(databases=["default"])
    assert "people_access can be changed" in found.msg


def test_the_database_says_how_it_keeps_what_is_committed() -> None:
    found = sqlite_log(databases=["default"])
    assert [each.id for each in found] == (["opentaper.I001"] if connection.vendor == "sqlite" else [])


def test_no_page_is_kept_by_a_browser_or_proxy() -> None:
    browser = browser_of(person("administrator"))
    for name in ("home", "people", "access", "mfa_index", "account_login"):
        answer = browser.get(reverse(name))
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert "max-age=31536000" in answer["Strict-Transport-Security"]


def test_cookies_are_for_this_host_and_https_alone() -> None:
    from tests.clinic.people import PASSWORD

    browser = Browser()
    browser.get(reverse("account_login"))
    browser.post(reverse("account_login"), {"login": person("prescriber").email, "password": PASSWORD})
    for name in ("__Host-session", "__Host-csrf"):
        cookie = browser.cookies[name]
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
        assert not cookie["domain"]
