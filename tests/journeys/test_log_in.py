"""In a real browser: a newcomer's first day, and a passkey."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.clinic.people import code_from
from tests.journeys.browser import Demo, visiting

PASSWORD = "correct horse battery staple"


def test_somebody_new_sets_a_password_and_an_app_up_and_comes_back_with_a_code(demo: Demo) -> None:
    with visiting(demo) as boss:
        boss.go("/")
        boss.look("log-in")
        boss.log_in_as("Administrator")
        boss.is_usable()
        boss.follow("People")
        boss.is_usable()
        boss.page.get_by_label("Full name").fill("Ada Example")
        boss.page.get_by_label("E-mail address").fill("Ada@Demo.example")
        boss.page.locator("#add-head ~ form").get_by_label("Role").select_option("prescriber")
        boss.press("Add")
        boss.look("people-added")
        link = boss.page.locator("#link").inner_text()
        boss.follow("Access log")
        boss.is_usable()
        assert "Ada Example" in boss.page.locator("tbody").inner_text()
    with visiting(demo) as ada:
        ada.page.goto(link)
        ada.look("set-password")
        ada.page.get_by_label("New password", exact=False).first.fill(PASSWORD)
        ada.page.get_by_label("confirmation", exact=False).fill(PASSWORD)
        ada.press("Set it")
        ada.log_in("ada@demo.example", PASSWORD)
        assert ada.heading() == "Set up a second factor"
        ada.look("enrol")
        ada.go("/")
        assert ada.heading() == "Set up a second factor", "nothing opens before"
        ada.follow("An authenticator app")
        ada.is_usable()
        secret = ada.page.locator("#secret").inner_text()
        ada.page.get_by_label("Authenticator code").fill("000000")
        ada.press("Set it up")
        assert "Incorrect code" in ada.page.content()
        ada.is_usable()
        secret = ada.page.locator("#secret").inner_text()
        typed = code_from(secret)
        ada.page.get_by_label("Authenticator code").fill(typed)
        ada.press("Set it up")
        assert ada.heading() == "Recovery codes"
        ada.is_usable()
        codes = ada.page.locator(".codes code").all_inner_texts()
        assert len(codes) == 10
        ada.follow("Go on")
        ada.follow("Ada Example")
        assert ada.heading() == "Ada Example"
        assert "sign a plan" in ada.page.content()
        ada.is_usable()
        ada.follow("Your account")
        ada.is_usable()
        ada.press("Log out")
        assert ada.heading() == "Log in"
        ada.log_in("ada@demo.example", PASSWORD)
        ada.look("code")
        ada.page.get_by_label("Code").fill(typed)
        ada.press("Log in")
        assert "Incorrect code" in ada.page.content(), "it was used to set the app up"
        ada.page.get_by_label("Code").fill(code_from(secret, 1))
        ada.press("Log in")
        assert ada.person() == "Ada Example"
        ada.press("Log out")
        ada.log_in("ada@demo.example", PASSWORD)
        ada.page.get_by_label("Code").fill(codes[0])
        ada.press("Log in")
        assert ada.person() == "Ada Example"
        ada.go("/people/")
        assert ada.heading() == "You may not open this"


def test_a_passkey_alone_lets_somebody_in(demo: Demo) -> None:
    with visiting(demo, passkey=True) as visit:
        visit.log_in_as("Therapist")
        visit.follow("Your account")
        visit.follow("See passkeys")
        visit.is_usable()
        visit.follow("Add a passkey")
        visit.is_usable()
        visit.page.get_by_label("Passwordless").check()
        visit.press("Add it")
        visit.page.wait_for_url("**/account/codes/")
        visit.follow("Your account")
        visit.follow("See passkeys")
        assert "Lets you in by itself." in visit.page.content()
        visit.is_usable()
        visit.press("Log out")
        visit.press("Log in with a passkey")
        visit.page.wait_for_url(f"{demo.address}/cases/")
        assert visit.person() == "Demo Therapist"
        assert not visit.troubles


def test_a_passkey_after_the_password_stands_for_a_code_and_proves_it_again(demo: Demo) -> None:
    with visiting(demo, passkey=True) as visit:
        visit.log_in_as("Pharmacist")
        visit.go("/account/passkeys/add/")
        visit.press("Add it")
        visit.page.wait_for_url("**/account/codes/")
        visit.press("Log out")
        visit.log_in(demo.email("Pharmacist"), demo.password("Pharmacist"))
        visit.press("Use a passkey")
        visit.page.wait_for_url(f"{demo.address}/cases/")
        visit.go("/again/?next=/account/")
        visit.is_usable()
        visit.follow("Use a security key")
        visit.is_usable()
        visit.press("Use a passkey")
        visit.page.wait_for_url("**/account/")
        assert visit.heading() == "Your account"


def test_a_role_shows_its_sentence_and_a_wrong_password_says_little(demo: Demo) -> None:
    with visiting(demo) as visit:
        visit.log_in_as("Prescriber")
        visit.follow("Demo Prescriber")
        assert "Decides and signs" in visit.page.content()
        visit.press("Log out")
        visit.log_in("nobody@demo.example", "wrong")
        assert "not correct" in visit.page.content()
        visit.is_usable()
        visit.go("/nothing/here/")
        assert visit.heading() == "There is no such page"


def test_the_code_of_the_demonstration_can_be_asked_for_and_nothing_else_can(demo: Demo, tmp_path: Path) -> None:
    def asked(who: str, folder: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "opentaper", "demo-code", who],
            capture_output=True, text=True, check=False, env={"OPENTAPER_DATA": folder, "PATH": ""},
        )  # fmt: skip

    nothing = asked("prescriber", str(tmp_path / "none"))
    there = asked("reviewer", str(demo.folder))
    assert there.stdout.strip() in {code_from(demo.people["Knowledge reviewer"][2], ahead) for ahead in (-1, 0)}
    assert asked("nobody", str(demo.folder)).returncode == 2
    assert nothing.returncode == 2 and nothing.stderr.count("\n") == 1 and "opentaper serve" in nothing.stderr
