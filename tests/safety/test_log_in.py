"""Getting in: only who they say they are, only with two factors, only as long as they may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from opentaper.clinic.people.account import recently_authenticated
from opentaper.clinic.people.action import link_for
from opentaper.clinic.people.allowed import opened_to
from opentaper.clinic.people.check import views
from opentaper.clinic.people.demonstration import code_of, demonstration
from opentaper.clinic.people.models import Person, Session
from opentaper.clinic.people.session import SessionStore, end_sessions
from tests.clinic.cases import just_now
from tests.clinic.hasher import Cheap
from tests.clinic.people import PASSWORD, STAFF, Browser, browser_of, code, code_from, path_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_was_tried_before() -> None:
    cache.clear()


def give_password(browser: Client, email: str, password: str = PASSWORD) -> Any:
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def give_code(browser: Client, typed: str) -> Any:
    return browser.post(reverse("mfa_authenticate"), {"code": typed})


def is_in(browser: Client) -> bool:
    return bool(browser.get(reverse("home")).status_code == 200)


def test_a_password_and_a_code_let_somebody_in_and_neither_alone_does() -> None:
    who, browser = person("prescriber"), Browser()
    assert give_password(browser, who.email).url == reverse("mfa_authenticate")
    assert not is_in(browser)
    assert give_code(browser, code(who)).url == reverse("begin")
    assert is_in(browser)
    assert not is_in(Browser())
    assert give_code(Browser(), code(who, 1)).url == reverse("account_login")


def test_the_address_is_asked_for_in_any_case_of_letters_and_belongs_to_one_person() -> None:
    who = person("prescriber")
    assert give_password(Browser(), who.email.upper()).status_code == 302
    with pytest.raises(Exception, match="already"):
        Person.objects.add(email=who.email.upper(), full_name="Another", clinic=who.clinic, role="therapist")


def test_a_code_is_refused_when_it_is_used_again_even_after_allauth_forgot_it() -> None:
    who, first = person("prescriber"), Browser()
    used = code(who)
    give_password(first, who.email)
    assert give_code(first, used).status_code == 302
    second = Browser()
    give_password(second, who.email)
    assert give_code(second, used).status_code == 200
    totp = TOTP(Authenticator.objects.get(user=who, type=Authenticator.Type.TOTP))
    assert cache.delete(totp._get_used_cache_key(used))
    assert give_code(second, f" {used[:3]} {used[3:]} ").status_code == 200
    assert not is_in(second)
    assert give_code(second, code(who, 1)).status_code == 302
    assert is_in(second)


def test_a_code_that_set_an_app_up_does_not_let_anybody_in_afterwards() -> None:
    who, browser = person("prescriber", factor=False), Browser()
    give_password(browser, who.email)
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    typed = code_from(secret)
    assert browser.post(reverse("mfa_activate_totp"), {"code": typed}).url == reverse("mfa_view_recovery_codes")
    assert is_in(browser)
    other = Browser()
    give_password(other, who.email)
    assert give_code(other, typed).status_code == 200


def test_after_five_wrong_passwords_the_right_one_is_refused_too() -> None:
    who = person("prescriber")
    for _ in range(5):
        assert "not correct" in give_password(Browser(), who.email, "wrong").content.decode()
    refused = give_password(Browser(), who.email)
    assert refused.status_code == 200
    assert "Too many failed" in refused.content.decode()
    assert give_password(Browser(), person("therapist").email).status_code == 302


def test_after_five_wrong_codes_the_right_one_is_refused_too() -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    for _ in range(5):
        give_code(browser, "000000" if code(who) != "000000" else "111111")
    assert give_code(browser, code(who)).status_code == 200
    assert not is_in(browser)


def test_whoever_tries_cannot_tell_who_exists_or_is_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    exists, disabled, invited = person("prescriber"), person("therapist"), person("pharmacist")
    Person.objects.filter(pk=disabled.pk).update(is_active=False)
    invited.set_password(None)
    invited.save()
    hashed: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Cheap, name)

        def counted(self: Cheap, *args: Any, real: Any = real, name: str = name) -> Any:
            hashed.append(name)
            return real(self, *args)

        monkeypatch.setattr(Cheap, name, counted)
    answers, work = set(), set()
    for email, password in (
        (exists.email, "wrong"), (disabled.email, PASSWORD), (disabled.email, "wrong"),
        (invited.email, PASSWORD), ("nobody@lindenhof.example", PASSWORD),
    ):  # fmt: skip
        hashed.clear()
        answer = give_password(Browser(), email, password)
        text = answer.content.decode().replace(email, "")
        answers.add((answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)))
        work.add(len(hashed))
    assert len(answers) == 1
    assert work == {1}


def test_the_session_gets_another_name_at_log_in() -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    before = browser.session.session_key
    give_code(browser, code(who))
    after = browser.session.session_key
    assert before and after and before != after
    assert not Session.objects.filter(session_key=before).exists()
    assert Session.objects.get(session_key=after).person_id == who.pk


def test_logging_out_ends_the_session_on_our_side() -> None:
    who = person("prescriber")
    browser = browser_of(who)
    kept = browser.cookies["__Host-session"].value
    browser.post(reverse("account_logout"))
    again = Browser()
    again.cookies["__Host-session"] = kept
    assert not is_in(again)
    assert not Session.objects.filter(person_id=who.pk).exists()


@pytest.mark.parametrize(
    "change", ["UPDATE people_person SET is_active = false", "UPDATE people_person SET role = 'therapist'"]
)
def test_a_change_by_hand_ends_a_session_at_the_next_click(change: str) -> None:
    browser = browser_of(person("prescriber"))
    assert is_in(browser)
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert not is_in(browser)


@pytest.mark.parametrize("how", ["disable-person", "change-role", "new-link"])
def test_a_disabled_or_changed_person_is_out_at_once_on_every_device(how: str) -> None:
    who, boss = person("prescriber"), person("administrator")
    devices = [browser_of(who), browser_of(who)]
    assert all(is_in(device) for device in devices)
    answer = browser_of(boss).post(reverse(how, kwargs={"person": who.pk}), {"role": "therapist"})
    assert answer.status_code in (200, 302)
    assert not Session.objects.filter(person_id=who.pk).exists()
    assert not any(is_in(device) for device in devices)
    if how == "disable-person":
        assert give_password(Browser(), who.email).status_code == 200


def test_a_request_under_way_does_not_bring_an_ended_session_back() -> None:
    who = person("prescriber")
    under_way = SessionStore(browser_of(who).session.session_key)
    assert under_way["_auth_user_id"] == str(who.pk)
    end_sessions(who)
    under_way["seen"] = True
    with pytest.raises(UpdateError):
        under_way.save()
    assert not Session.objects.filter(person_id=who.pk).exists()


def test_a_database_in_trouble_is_not_taken_for_an_ended_session(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    store = SessionStore(browser_of(person("prescriber")).session.session_key)
    store["seen"] = True
    monkeypatch.setattr(Session, "save", locked)
    with pytest.raises(OperationalError):
        store.save()


def test_nothing_opens_before_a_second_factor_is_set_up() -> None:
    who, browser = person("administrator", factor=False), Browser()
    assert give_password(browser, who.email).status_code == 302
    tried = 0
    for _, pattern in views():
        mark = opened_to(pattern.callback)
        assert mark is not None
        if mark.unenrolled or not mark.logged_in:
            continue
        answer = browser.get(path_of(pattern))
        assert (answer.status_code, answer.url) == (302, reverse("enrol")), pattern.name
        tried += 1
    assert tried >= 15
    assert browser.get(reverse("enrol")).status_code == 200
    assert "People" not in browser.get(reverse("enrol")).content.decode()


def test_a_session_that_began_with_the_password_alone_ends_when_the_person_enrols_elsewhere() -> None:
    who = person("prescriber", factor=False)
    thief, owner = Browser(), Browser()
    give_password(thief, who.email)
    give_password(owner, who.email)
    assert thief.get(reverse("enrol")).status_code == 200
    secret = owner.get(reverse("mfa_activate_totp")).context["form"].secret
    typed = code_from(secret)
    owner.post(reverse("mfa_activate_totp"), {"code": typed})
    assert is_in(owner)
    assert not is_in(thief)
    assert thief.get(reverse("enrol")).status_code == 302
    assert Session.objects.filter(person_id=who.pk).count() == 1


def test_a_session_without_a_second_factor_is_ended_even_if_its_row_is_there() -> None:
    who = person("prescriber")
    browser = Browser()
    browser.force_login(who)
    assert not is_in(browser)
    assert not Session.objects.filter(person_id=who.pk).exists()


def test_the_last_second_factor_cannot_be_taken_away() -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    give_code(browser, code(who))
    for answer in (browser.get(reverse("mfa_deactivate_totp")), browser.post(reverse("mfa_deactivate_totp"))):
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "your only second factor" in page and "__all__" not in page and "Remove it" not in page
    assert Authenticator.objects.filter(user=who, type=Authenticator.Type.TOTP).exists()


def test_a_session_ends_after_twelve_hours_whatever_was_clicked(settings: Any) -> None:
    browser = browser_of(person("prescriber"))
    assert is_in(browser)
    session = browser.session
    session["began"] -= settings.SESSION_HOURS * 3600 + 1
    session.save()
    assert not is_in(browser)


def test_a_session_ends_after_half_an_hour_without_a_click() -> None:
    who = person("prescriber")
    browser = browser_of(who)
    assert is_in(browser)
    left = Session.objects.get(person_id=who.pk).expire_date - timezone.now()
    assert 1790 <= left.total_seconds() <= 1800
    Session.objects.filter(person_id=who.pk).update(expire_date=timezone.now())
    assert not is_in(browser)


def test_changing_a_factor_asks_who_it_is_when_the_log_in_is_not_fresh() -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    give_code(browser, code(who))
    assert browser.get(reverse("mfa_add_webauthn")).status_code == 200
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    asked = browser.get(reverse("mfa_add_webauthn"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    wrong = browser.post(asked.url, {"password": "wrong"})
    assert wrong.status_code == 200
    right = browser.post(asked.url, {"password": PASSWORD})
    assert right.url == reverse("mfa_add_webauthn")
    assert browser.get(reverse("mfa_add_webauthn")).status_code == 200


def test_whether_somebody_proved_it_recently_is_counted_in_seconds(rf: Any) -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    give_code(browser, code(who))
    request = rf.get("/")
    request.user, request.session = who, browser.session
    assert recently_authenticated(request, 60)
    for record in request.session["account_authentication_methods"]:
        record["at"] -= 61
    assert not recently_authenticated(request, 60)
    for record in request.session["account_authentication_methods"]:
        record["at"] += 600
    assert not recently_authenticated(request, 60), "a time to come proves nothing"
    request.session.clear()
    assert not recently_authenticated(request, 60)


def test_the_link_for_a_password_works_once_and_not_for_disabled_people() -> None:
    boss = browser_of(person("administrator"))
    added = boss.post(
        reverse("add-person"), {"full_name": "Ada Example", "email": "Ada@Lindenhof.example", "role": "therapist"}
    )
    link = re.search(r'id="link">([^<]+)<', added.content.decode())
    assert link is not None
    new = Browser()
    form = new.get(link[1], follow=True)
    assert form.context["validlink"]
    at = form.redirect_chain[-1][0]
    assert "set-password" in at, "the secret is out of the address before anything is shown"
    weak = new.post(at, {"new_password1": "ada", "new_password2": "ada"})
    assert weak.status_code == 200
    assert new.post(at, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    assert not Browser().get(link[1], follow=True).context["validlink"]
    assert "link" not in boss.get(reverse("people")).context
    assert give_password(Browser(), "ada@lindenhof.example").status_code == 302


def test_what_came_from_elsewhere_is_refused() -> None:
    who = person("administrator")
    browser = browser_of(who, enforce_csrf_checks=True)
    for _, pattern in views():
        answer = browser.post(path_of(pattern), {"role": "therapist"})
        assert answer.status_code in (403, 405), pattern.name


def test_log_in_sends_nobody_to_another_site() -> None:
    who, browser = person("prescriber"), Browser()
    give_password(browser, who.email)
    browser.post(f"{reverse('mfa_authenticate')}?next=https://evil.example/", {"code": code(who)})
    other = Browser()
    at = f"{reverse('account_login')}?next=https://evil.example/"
    other.post(at, {"login": who.email, "password": PASSWORD, "next": "https://evil.example/"})
    answer = give_code(other, code(who, 1))
    assert answer.status_code == 302 and answer.url == reverse("begin")


def test_codes_are_told_of_a_demonstration_and_of_nobody_else() -> None:
    made = demonstration()
    assert {each.email.split("@")[0] for each in made} == set(STAFF)
    assert code_of(made[0].email) in {code_from(made[0].secret, ahead) for ahead in (-1, 0)}
    assert code_of(person("prescriber").email) is None
    again = demonstration()
    assert [each.secret for each in again] == [each.secret for each in made]
    assert not {each.password for each in again} & {each.password for each in made}


def test_whoever_changes_their_password_stays_here_and_is_out_elsewhere() -> None:
    who = person("prescriber")
    here, elsewhere = browser_of(who), browser_of(who)
    another = "another horse, another battery"
    form = {"oldpassword": "wrong", "password1": another, "password2": another}
    assert here.post(reverse("account_change_password"), form).status_code == 200
    assert is_in(elsewhere)
    assert here.post(reverse("account_change_password"), {**form, "oldpassword": PASSWORD}).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    who.refresh_from_db()
    assert who.check_password(another)


def test_somebody_who_hammers_at_the_log_in_page_is_told_to_wait() -> None:
    for _ in range(60):
        give_password(Browser(), "nobody@lindenhof.example", "")
    answer = give_password(Browser(), person("prescriber").email)
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.content.decode()


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password", "account_inactive"])
def test_nobody_signs_up_or_resets_a_password_by_mail(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_disabled_person_is_not_let_in_by_a_recovery_code_or_a_link(rf: Any) -> None:
    who, browser = person("prescriber"), Browser()
    link = link_for(who)
    give_password(browser, who.email)
    Person.objects.filter(pk=who.pk).update(is_active=False)
    give_code(browser, code(who))
    assert not is_in(browser)
    assert not Browser().get(link, follow=True).context["validlink"]


@pytest.mark.parametrize("made", ["0", "{}", "[]", "false", '""', "null", "[1]", '"x"', '{"id": 1}', ""])
def test_what_no_passkey_made_is_no_second_factor(made: str) -> None:
    """Somebody who has the password alone must not pass for enrolled by a passkey that is none."""
    who = person("prescriber", factor=False)
    browser = Browser()
    browser.force_login(who)
    just_now(browser)
    browser.get(reverse("mfa_add_webauthn"))
    answer = browser.post(reverse("mfa_add_webauthn"), {"name": "Master key", "credential": made})
    assert answer.status_code < 500
    assert not Authenticator.objects.filter(user=who).exists()
    assert browser.get(reverse("cases")).url == reverse("enrol")


@pytest.mark.parametrize(
    "said", ["0", "{}", "[]", "null", '"x"', '{"id": 1}', '{"id": "x", "rawId": 5, "response": 0}']
)
def test_what_no_passkey_said_lets_nobody_in_and_breaks_nothing(said: str) -> None:
    who = person("prescriber")
    assert Browser().post(reverse("mfa_login_webauthn"), {"credential": said}).status_code < 500
    waiting = Browser()
    give_password(waiting, who.email)
    assert waiting.post(reverse("mfa_authenticate"), {"credential": said}).status_code < 500
    assert not is_in(waiting)
    assert browser_of(who).post(reverse("mfa_reauthenticate_webauthn"), {"credential": said}).status_code < 500
