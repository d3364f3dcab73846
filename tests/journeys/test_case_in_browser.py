"""In a real browser: a prescriber plans, signs and starts; a coordinator holds; nobody else can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.browser import Demo, chromium, served, visiting


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def test_a_plan_is_chosen_signed_started_held_and_read(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.follow("Worklist")
        doctor.look("cases")
        doctor.follow("New taper")
        doctor.look("new-case")
        doctor.follow("Worklist")
        doctor.follow("Maria Example")
        doctor.look("case-new")
        doctor.follow("Options")
        doctor.look("file-options")
        doctor.page.get_by_role("button", name="Have “Usual").first.click()
        assert "version 1" in doctor.heading()
        doctor.look("file-version")
        for reason in doctor.page.locator("textarea[name^=reason]").all():
            reason.fill("We talked it through.")
        doctor.press("Sign as Demo Prescriber")
        assert "signed by Demo Prescriber" in doctor.page.locator("main").inner_text()
        doctor.look("file-version-signed")
        doctor.press("Start this plan")
        assert doctor.heading() == "Maria Example"
        doctor.look("case-in-force")
        at = doctor.page.url
        doctor.follow("The record")
        doctor.look("story")
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
        coordinator.look("difference-hold")
        coordinator.press("Record the hold")
        assert "Not signed: in force because holding" in coordinator.page.locator("main").inner_text()
        coordinator.look("case-held")


def test_what_nobody_answered_is_shown_and_cannot_be_signed(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.follow("Worklist")
        doctor.follow("Tomás Example")
        doctor.follow("Options")
        doctor.look("file-options-unknown")
        doctor.page.get_by_role("button", name="Have “").first.click()
        assert doctor.page.get_by_role("button", name="Sign as Demo Prescriber").count() == 0
        assert "Nobody can sign this" in doctor.page.locator("main").inner_text()
        doctor.look("file-version-unknown")
