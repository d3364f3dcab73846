"""In a real browser: a change to what is known is proposed, discussed, accepted, signed and handed out; by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.browser import Demo, Visit, chromium, served, visiting

MOST_TABS = 400
FOCUSED = "[document.activeElement.innerText, document.activeElement.ariaLabel, document.activeElement.name]"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so: its text, its label or its field."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"Tab never reaches {name!r} on {page.url}")


def follow(page: Page, name: str) -> None:
    tab_to(page, name)
    send(page)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, field: str, text: str) -> None:
    tab_to(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def refused(visit: Visit, words: str) -> None:
    """Assert that a page was refused in these words, which the browser notes too."""
    assert words in said(visit.page)
    assert all("422" in each for each in visit.troubles) and visit.troubles
    visit.troubles.clear()


def said(page: Page) -> str:
    return page.locator("main").inner_text()


def test_a_contribution_is_proposed_discussed_accepted_signed_and_handed_out(demo: Demo, tmp_path: Path) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.page.set_viewport_size({"width": 320, "height": 900})
        follow(doctor.page, "Library")
        doctor.look("library")
        write(doctor.page, "q", "typically not above 25 %")
        send(doctor.page)
        doctor.look("library-search")
        follow(doctor.page, "two-week-reduction")
        assert doctor.heading() == "jcpg-2025: two-week-reduction"
        doctor.look("library-limit")
        follow(doctor.page, "contribute")
        assert doctor.heading().startswith("Contribute: ")
        doctor.look("contribute")
        entry = doctor.page.locator("textarea[name=after]").input_value()
        write(doctor.page, "after", entry.replace('"1/4"', '"5/4"'))
        write(doctor.page, "because", "The pocket guide has it on page 12.")
        follow(doctor.page, "Propose")
        refused(doctor, "a share is above 0 and at most 1")
        doctor.look("contribute-refused")
        write(doctor.page, "after", entry.replace('"1/4"', '"1/5"'))
        follow(doctor.page, "Propose")
        assert doctor.heading() == "Proposed change"
        assert doctor.page.get_by_role("button", name="Accept").count() == 0
        at = doctor.page.url
    with visiting(demo) as reviewer:
        reviewer.log_in_as("Knowledge reviewer")
        reviewer.page.goto(at)
        reviewer.look("contribution")
        write(reviewer.page, "says", "Which edition?")
        follow(reviewer.page, "Add the comment")
        decide = reviewer.page.locator("#settle-head ~ form textarea")
        decide.focus()
        reviewer.page.keyboard.insert_text("Read again: it is so.")
        follow(reviewer.page, "Accept")
        assert "ccepted by Demo Knowledge reviewer" in said(reviewer.page)
        reviewer.look("contribution-accepted")
        follow(reviewer.page, "Read the whole file and sign it")
        reviewer.look("file")
        follow(reviewer.page, "Sign as Demo Knowledge reviewer")
        assert "this content; it counts once it ships" in said(reviewer.page)
        follow(reviewer.page, "Library")
        follow(reviewer.page, "To be shipped")
        assert "limits/jcpg-2025.toml: reviewed" in said(reviewer.page)
        reviewer.look("export")
        with reviewer.page.expect_download() as download:
            reviewer.follow("Download the change")
        download.value.save_as(tmp_path / "change.diff")
        text = (tmp_path / "change.diff").read_text(encoding="utf-8")
        assert '-value = "1/4"\n+value = "1/5"\n' in text and "signoffs.toml" in text
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/library/limits/jcpg-2025/two-week-reduction/")
        assert "at most 1/4 in 14 days" in said(doctor.page), "what ships has not changed"


def test_every_kind_of_page_can_be_read(demo: Demo) -> None:
    with visiting(demo) as reader:
        reader.log_in_as("Therapist")
        for name, path in (
            ("drugs", "?kind=drugs"), ("drug", "drugs/clonazepam/"), ("source", "sources/jcpg-2025/"),
            ("product", "products/us-clonazepam-tablet-0.5mg/"), ("equivalence", "equivalences/ashton-2002/"),
            ("interaction", "interactions/all/opioids-boxed-warning/"), ("protocol", "protocols/nhs-scotland-lorazepam/"),
            ("convention", "conventions/gentle-part/"), ("contributions", "contributions/"),
        ):  # fmt: skip
            reader.go(f"/library/{path}")
            reader.look(f"library-{name}")


def test_a_clinics_own_limits_are_written_signed_and_bind(demo: Demo) -> None:
    with visiting(demo) as chemist:
        chemist.log_in_as("Pharmacist")
        chemist.page.set_viewport_size({"width": 320, "height": 900})
        follow(chemist.page, "Library")
        follow(chemist.page, "The clinic's own formulary, prices and stricter limits")
        chemist.look("own-none")
        follow(chemist.page, "Write a new version")
        chemist.look("own-draft")
        write(chemist.page, "value-step-interval", "7")
        write(chemist.page, "because-step-interval", "Our patients come once a month.")
        follow(chemist.page, "Keep this version")
        refused(chemist, "7 is not stricter than at least 14")
        write(chemist.page, "value-step-interval", "28")
        tab_to(chemist.page, "Clonazepam")
        if not chemist.page.locator("details", has_text="Clonazepam").get_attribute("open"):
            chemist.page.keyboard.press("Enter")
        tab_to(chemist.page, "only-clonazepam")
        chemist.page.keyboard.press("Space")
        write(chemist.page, "price-us-clonazepam-tablet-0.5mg", "0.04")
        chemist.look("own-draft-filled")
        follow(chemist.page, "Keep this version")
        assert "it binds nobody" in said(chemist.page)
        assert chemist.page.get_by_role("button", name="Sign").count() == 0
        chemist.look("own-version")
        at = chemist.page.url
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.page.goto(at)
        follow(doctor.page, "Sign as Demo Prescriber")
        assert "It binds." in said(doctor.page)
        doctor.look("own-version-signed")
        doctor.go("/library/own/")
        doctor.look("own")
        doctor.go("/library/limits/jcpg-2025/step-interval/")
        assert "In this clinic" in said(doctor.page)
        doctor.look("library-limit-own")
