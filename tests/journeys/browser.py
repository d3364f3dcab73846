"""A real browser and a real clinic for the journeys through the web: skipped loudly where there is none, never in CI."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Request, sync_playwright

from tests.clinic.people import code_from, window

WAIT_S = 30
FRESH_S = 150
"""For how long a log-in serves the next browser too; half of the time after which signing asks for it again."""

BUILT = """() => [...document.body.querySelectorAll('*')].map(each => {
    const said = of => of ? [of.tagName, of.className, of.getAttribute('role'), of.getAttribute('type')].join('.') : '';
    return [each.parentElement?.parentElement, each.parentElement, each].map(said).join(' > ')
        + ' ' + each.getAttributeNames().sort().join(' ');
})"""
"""How a page is built: each element with the names of its attributes, in the two that it stands in."""


PAGES = Path(__file__).parents[2] / "docs" / "reference" / "pages.md"
TALLEST, GAP = 1600, 16


def shown() -> list[str]:
    """Return the names of the pictures that the docs show of pages, in order."""
    return re.findall(r"\]\(pages/([\w-]+)\.webp\)", PAGES.read_text(encoding="utf-8"))


@dataclass
class Demo:
    """A clinic that runs, with what it printed of each person."""

    address: str
    folder: Path
    people: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    logged_in: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def email(self, role: str) -> str:
        return self.people[role][0]

    def password(self, role: str) -> str:
        return self.people[role][1]

    def code(self, role: str) -> str:
        """The next code of a role that was not typed yet; after two in half a minute it waits."""
        while (now := window()) < (wanted := self.used.get(role, now - 1) + 1) - 1:
            time.sleep(1)
        self.used[role] = max(now, wanted)
        return code_from(self.people[role][2], self.used[role] - now)


def chromium() -> str:
    """Return the browser, or skip with the reason; in CI its absence is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        reason = "there is no chromium here (sh tools/chromium.sh installs it): no journey through the web was tested"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def served(folder: Path, people: int = 2, wait_s: float = WAIT_S) -> Iterator[Demo]:
    """Run `opentaper serve --demo` as a newcomer would, on a port that is free, with so few people that all are there."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("OPENTAPER_", "DJANGO_", "PYTEST"))
    }
    environment |= {"OPENTAPER_DATA": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
    log = folder / "printed"
    with log.open("wb") as printed:
        running = subprocess.Popen(
            [sys.executable, "-m", "opentaper", "serve", "--demo", "--port", str(port), "--people", str(people)],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    demo = Demo(address=f"http://localhost:{port}", folder=folder / "data")
    try:
        _answers(demo.address, running, log, wait_s)
        row = r"^  (\S.*?) +(\S+@\S+) +(\S+) +app secret (\S+)$"
        for name, email, password, secret in re.findall(row, log.read_text(encoding="utf-8"), re.MULTILINE):
            demo.people[name] = (email, password, secret)
        yield demo
    finally:
        running.terminate()
        running.wait(timeout=WAIT_S)
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said and "ERROR" not in said, said


def _answers(address: str, running: subprocess.Popen[bytes], log: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        assert running.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(f"{address}/log-in/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the clinic did not answer: {log.read_text(encoding='utf-8')}")


@dataclass
class Visit:
    """A page of the browser, and what must not happen on it."""

    page: Page
    demo: Demo
    troubles: list[str] = field(default_factory=list)
    lang: str = "en"

    def go(self, path: str) -> None:
        self.page.goto(self.demo.address + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def person(self) -> str:
        """Who is logged in, as every page says it."""
        return self.page.locator('nav a[href="/me/"]').inner_text()

    def log_in(self, email: str, password: str) -> None:
        self.go("/log-in/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.press("Log in")

    def log_in_as(self, role: str) -> None:
        """Log in with password and code; where somebody of the role did so just before, go on with their session."""
        at, cookies = self.demo.logged_in.get(role, (-FRESH_S, []))
        if time.monotonic() - at < FRESH_S:
            self.page.context.add_cookies(cookies)
            self.go("/")
            if self.page.locator('nav a[href="/me/"]').count():
                return
        self.log_in(self.demo.email(role), self.demo.password(role))
        self.page.get_by_label("Code").fill(self.demo.code(role))
        self.press("Log in")
        assert self.person() == f"Demo {role}", self.page.content()
        self.demo.logged_in[role] = (time.monotonic(), self.page.context.cookies())

    def look(self, name: str, built: set[str] | None = None) -> None:
        """Assert that a page is usable; keep pictures of it where somebody asked for them."""
        self.is_usable(built)
        if folder := os.environ.get("OPENTAPER_PICTURES"):
            for width in (320, 1280):
                for scheme in ("light", "dark"):
                    self._seen(width, 900, scheme)
                    self.page.screenshot(path=str(Path(folder) / f"{name}-{width}-{scheme}.png"), full_page=True)
        if (folder := os.environ.get("OPENTAPER_GALLERY")) and name in shown():
            self._pictured().save(Path(folder) / f"{name}.webp", quality=55, method=6)

    def _seen(self, width: int, height: int, scheme: str) -> None:
        """This function will show the page as wide and in that scheme, with the pictures that belong to both."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.wait_for_timeout(100)  # what the scheme changes is asked for after the next frame
        self.page.wait_for_load_state("networkidle")
        while not self.page.evaluate("[...document.images].every(each => each.complete)"):
            self.page.wait_for_timeout(50)

    def _pictured(self) -> Image.Image:
        """This function will take what the docs show of a page: wide and light beside narrow and dark, from its top."""
        taken = []
        for width, scheme in ((1280, "light"), (320, "dark")):
            self._seen(width, TALLEST, scheme)
            taken.append(Image.open(BytesIO(self.page.screenshot(full_page=True))).convert("RGB"))
        tallest = min(TALLEST, max(each.height for each in taken))
        sheet = Image.new("RGB", (sum(each.width for each in taken) + GAP, tallest), "#808080")
        sheet.paste(taken[0], (0, 0))
        sheet.paste(taken[1], (taken[0].width + GAP, 0))
        return sheet.resize((sheet.width * 3 // 4, sheet.height * 3 // 4), Image.Resampling.LANCZOS)

    def is_usable(self, built: set[str] | None = None) -> None:
        """Assert what holds on every page: nothing axe finds, nothing in the console, and it fits on 320 pixels.

        Args:
            built: what axe has seen already of how pages are built; one that is built of nothing else is not shown to it.
        """
        self.page.wait_for_load_state()  # a page that has just been asked for has no body yet
        where, size = self.page.url, self.page.viewport_size
        of = set(self.page.evaluate(BUILT))
        new = built is None or not of <= built
        # In the dark only the colours are others.
        for width, scheme, rules in ((320, "light", None), (1280, "dark", {"runOnly": ["color-contrast"]})):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            if new:
                found = Axe().run(self.page, options=rules)
                assert found.violations_count == 0, f"{where} at {width}: {found.generate_report()}"
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{where} is {wide} pixels wide at {width}"
        if built is not None:
            built |= of
        assert self.page.locator("main").count() == self.page.locator("h1").count() == 1
        assert self.page.locator("html").get_attribute("lang") == self.lang
        assert size is not None
        self.page.set_viewport_size(size)
        assert not self.troubles, self.troubles


@contextmanager
def visiting(demo: Demo, *, passkey: bool = False) -> Iterator[Visit]:
    """Open a page of a new browser; with `passkey`, one that keeps a passkey as a phone would."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(WAIT_S * 1000)
        visit = Visit(page=page, demo=demo)
        page.on("console", lambda said: visit.troubles.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: visit.troubles.append(str(error)))
        page.on("request", lambda asked: _stays(visit, asked))
        if passkey:
            devtools: Any = page.context.new_cdp_session(page)
            devtools.send("WebAuthn.enable")
            options = {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }  # fmt: skip
            devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        try:
            yield visit
        finally:
            browser.close()


def _stays(visit: Visit, asked: Request) -> None:
    if not asked.url.startswith(visit.demo.address):
        visit.troubles.append(f"asked elsewhere: {asked.url}")
