"""In a real browser: a prescriber plans, signs and starts; a coordinator holds; nobody else can."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.browser import Demo, Visit, chromium, served, visiting


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def look(visit: Visit, name: str) -> None:
    """Assert that a page is usable; keep pictures of it where somebody asked for them."""
    visit.is_usable()
    if folder := os.environ.get("OPENTAPER_PICTURES"):
        for width in (320, 1280):
            for scheme in ("light", "dark"):
                visit.page.set_viewport_size({"width": width, "height": 900})
                visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                visit.page.screenshot(path=str(Path(folder) / f"{name}-{width}-{scheme}.png"), full_page=True)


def test_a_plan_is_chosen_signed_started_held_and_read(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.follow("Worklist")
        look(doctor, "cases")
        doctor.follow("New taper")
        look(doctor, "new-case")
        doctor.follow("Worklist")
        doctor.follow("Maria Example")
        look(doctor, "case-new")
        doctor.follow("Options")
        look(doctor, "options")
        doctor.page.get_by_role("button", name="Have “Usual").first.click()
        assert "version 1" in doctor.heading()
        look(doctor, "version")
        for reason in doctor.page.locator("textarea[name^=reason]").all():
            reason.fill("We talked it through.")
        doctor.press("Sign as Demo Prescriber")
        assert "signed by Demo Prescriber" in doctor.page.locator("main").inner_text()
        look(doctor, "version-signed")
        doctor.press("Start this plan")
        assert doctor.heading() == "Maria Example"
        look(doctor, "case-in-force")
        at = doctor.page.url
        doctor.follow("The record")
        look(doctor, "story")
    with visiting(demo) as coordinator:
        coordinator.log_in_as("Care coordinator")
        coordinator.page.goto(at)
        assert coordinator.page.get_by_role("button", name="Slow", exact=True).count() == 0
        assert coordinator.page.get_by_role("link", name="Options", exact=True).count() == 0
        coordinator.page.locator("#hold-head").click()
        held = coordinator.page.locator("#hold-head ~ form")
        held.get_by_label("Days").fill("14")
        held.get_by_label("Why").fill("Her mother is ill.")
        held.get_by_role("button").click()
        assert "14 days later" in coordinator.page.locator("main").inner_text()
        look(coordinator, "difference-hold")
        coordinator.press("Record the hold")
        assert "Not signed: in force because holding" in coordinator.page.locator("main").inner_text()
        look(coordinator, "case-held")


def test_what_nobody_answered_is_shown_and_cannot_be_signed(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.follow("Worklist")
        doctor.follow("Tomás Example")
        doctor.follow("Options")
        look(doctor, "options-unknown")
        doctor.page.get_by_role("button", name="Have “").first.click()
        assert doctor.page.get_by_role("button", name="Sign as Demo Prescriber").count() == 0
        assert "Nobody can sign this" in doctor.page.locator("main").inner_text()
        look(doctor, "version-unknown")
