"""In a real browser: every page that every role can reach by links, with somebody at every stage; none is left out unsaid."""

from __future__ import annotations

from collections import Counter, deque
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from opentaper.clinic.demonstration.fill import FIRST
from tests.journeys.browser import PAGES, Demo, Visit, shown, visiting
from tests.safety.test_access import OPENS

pytestmark = pytest.mark.slow

ROLES = {
    "prescriber": "Prescriber",
    "pharmacist": "Pharmacist",
    "therapist": "Therapist",
    "coordinator": "Care coordinator",
    "administrator": "Administrator",
    "reviewer": "Knowledge reviewer",
}
NO_PAGE = {
    "face", "export", "knowledge-diff", "followed", "option-dose", "version-dose", "length-drawn", "predicted-drawn",
}  # fmt: skip
"""What is saved, or drawn on a page."""
ELSEWHERE = {
    # log-in, passwords and second factors: test_log_in
    "begin", "language", "set-password", "account_login", "account_logout", "mfa_authenticate", "mfa_login_webauthn", "enrol",
    "mfa_activate_totp", "mfa_view_recovery_codes", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn",
    "account_reauthenticate", "mfa_reauthenticate",
    # what answers a form of another page, is a part of one, or leads on to one: the other journeys
    "new-link", "change-role", "disable-person", "enable-person", "add-person", "comment", "settle", "echo", "stock", "wish-switch",
    "length", "decline", "start", "sign", "reply", "observe", "hold", "slow", "step-back", "resume", "ask", "hand-over", "allow",
    "remake-for", "go-on", "found", "lost", "sign-layer", "sign-file", "latest",
    # nobody of the demonstration has one: test_library_in_browser
    "contribution", "layer-version",
}  # fmt: skip
LOOKS = {"case": FIRST, "library": 2, "version": 8, "dispensing": 8, "library-thing": 12, "options": 3}
"""Of how many addresses of a kind the first role opens the page; the other roles of two, and everybody of the others of one."""


def links(visit: Visit) -> list[str]:
    """Return the paths that a page leads to in this clinic, each once, in order."""
    found = visit.page.eval_on_selector_all("a[href]", "all => all.map(each => each.href)")
    return list(dict.fromkeys(urlsplit(each).path for each in found if each.startswith(visit.demo.address)))


SHOWN_AS = {"case-in-force": "case", "supply-next": "dispensing"}
"""Pictures of other journeys in the docs, where they show more of a page than its first address does."""


def test_the_docs_show_every_page() -> None:
    pictures = shown()
    assert sorted(pictures) == sorted(each.stem for each in (PAGES.parent / "pages").iterdir())
    walked = {each.split("-", 1)[1].removesuffix("-1") for each in pictures if each.startswith(tuple(ROLES))}
    others = {SHOWN_AS[each] for each in pictures if each in SHOWN_AS}
    assert walked | others == set(OPENS) - NO_PAGE - ELSEWHERE


def test_no_page_of_any_role_is_unusable(crowd: Demo) -> None:
    built = set[str]()
    for role, called in ROLES.items():
        opens = {name for name, roles in OPENS.items() if role in roles} - NO_PAGE - ELSEWHERE
        opened, most = Counter[str](), LOOKS if role == next(iter(ROLES)) else dict.fromkeys(LOOKS, 2)
        with visiting(crowd) as visit:
            visit.page.set_default_timeout(60_000)
            visit.log_in_as(called)
            # One's account first: a while after the log-in its pages ask who one is.
            known, waiting = (
                {"/"},
                deque(["/account/", "/library/?q=clonazepam", "/cases/?why=everyone" if "cases" in opens else "/me/"]),
            )
            while waiting:
                path = waiting.popleft()
                name = resolve(urlsplit(path).path).url_name or ""
                if name in NO_PAGE | ELSEWHERE or opened[name] >= most.get(name, 1):
                    continue
                opened[name] += 1
                visit.go(path)
                assert visit.page.locator("h1").inner_text(), path
                visit.look(f"{role}-{name}-{opened[name]}", built)
                new = [each for each in links(visit) if each not in known]
                known.update(new)
                waiting.extend(each for each in new if not each.startswith("/account/"))
                waiting.extendleft(each for each in new if each.startswith("/account/"))
        assert set(opened) == opens, "every page that the role may open is led to by a link, and no other"
