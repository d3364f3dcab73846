"""In a real browser: a new taper from an empty form to a signature, a row edited, a sign-off refused, keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator

from tests.journeys.browser import Demo, Visit, chromium, served, visiting

FEW = 20
QUESTIONS = 7
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def expect(visit: Visit, trouble: str) -> None:
    """Assert that the console said one thing alone, such as that an answer was a refusal; it may say it a little later."""
    for _ in range(50):
        if not visit.troubles:
            visit.page.wait_for_timeout(100)
    assert visit.troubles and all(trouble in each for each in visit.troubles), visit.troubles
    visit.troubles.clear()


@dataclass
class Hands:
    """What a person does, counted: a click, a choice, a field typed into."""

    visit: Visit
    done: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.done += 1

    def fill(self, field: str, text: str) -> None:
        self.visit.page.locator(f"#{field}").fill(text)
        self.done += 1

    def choose(self, field: str, value: str) -> None:
        self.visit.page.locator(f"#{field}").select_option(value)
        self.done += 1

    def tick(self, name: str, value: str) -> None:
        self.visit.page.locator(f'input[name="{name}"][value="{value}"]').check()
        self.done += 1


def typed(hands: Hands, dose: str = "1 mg", *, name: str = "Nora Example", unknown: str = "") -> None:
    """Fill in the form about somebody who takes one dose a day."""
    hands.fill("name", name)
    hands.fill("born", "1980-02-03")
    hands.choose("indication", "insomnia")
    hands.tick("conditions", "none")
    hands.choose("taking-0-drug", "clonazepam")
    hands.fill("taking-0-since", "2021-03-01")
    hands.choose("taking-0-days_per_week", "7")
    hands.fill("taking-0-night", dose)
    if unknown:
        for question in hands.visit.page.locator("#screening fieldset").all():
            key = (question.get_attribute("id") or "").removeprefix("screening-")
            if key != unknown:
                hands.tick(f"screening-{key}", "no")
    else:
        assert hands.visit.page.locator('#screening input[value="unknown"]:checked').count() == QUESTIONS
        hands.click(hands.visit.page.get_by_role("button", name="I asked each of these"))
        assert hands.visit.page.locator('#screening input[value="no"]:checked').count() == QUESTIONS
    hands.tick("goal", "stop")
    heard(hands.visit, "zero milligrams a day")


def heard(visit: Visit, words: str) -> None:
    """Wait until something is read back; without a script nothing is, before it is sent."""
    if visit.page.evaluate("document.scripts.length && !!window.htmx"):
        visit.page.locator("#echo", has_text=words).wait_for(timeout=WAIT_MS)
        visit.page.wait_for_load_state("networkidle")


def test_a_whole_new_taper_reaches_a_signature_in_under_twenty_interactions(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/new/")
        doctor.look("new-taper")
        hands = Hands(doctor)
        typed(hands)
        heard(doctor, "one milligram")
        heard(doctor, "one 1 mg tablet")
        assert doctor.page.locator("#stock input[name=products]").count() > 3
        doctor.look("new-taper-typed")
        hands.click(doctor.page.get_by_role("button", name="Record and see the options").last)
        assert doctor.heading() == "Options"
        assert doctor.page.locator("section.option").count() == 3
        doctor.look("options")
        hands.click(doctor.page.get_by_role("button", name="Have “Usual” reviewed for a signature"))
        assert "“usual”, version 1" in doctor.heading()
        doctor.look("version")
        for reason in doctor.page.locator("textarea[name^=reason]").all():
            reason.fill("We talked it through.")
            hands.done += 1
        hands.click(doctor.page.get_by_role("button", name="Sign as Demo Prescriber"))
        assert "signed by Demo Prescriber" in doctor.page.locator("main").inner_text()
        assert "nobody signed it" not in doctor.page.locator("main").inner_text()
        print(f"{hands.done} interactions from the empty form to the signature")
        assert hands.done < FEW
        for picture in doctor.page.locator("picture img").all():
            picture.scroll_into_view_if_needed()
        doctor.page.wait_for_load_state("networkidle")
        assert doctor.page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
        doctor.look("version-signed")


def test_a_row_is_edited_the_rest_planned_anew_and_shown_as_a_difference(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/?why=everyone")
        doctor.follow("Maria Example")
        doctor.follow("Options")
        usual = doctor.page.locator("section.option", has=doctor.page.get_by_role("heading", name="Usual", exact=True))
        usual.get_by_text("Explain row 3", exact=False).click()
        doctor.look("options-explained")
        usual.get_by_role("link", name="edit row 3").click()
        assert "Row 3 of “Usual”" in doctor.heading()
        doctor.look("edit")
        doctor.page.get_by_label("Night").fill("0.3 mg")
        doctor.press("See what follows")
        assert "the nearest are 0.25 mg and 0.375 mg" in doctor.page.locator("main").inner_text()
        expect(doctor, "422")
        doctor.look("edit-refused")
        doctor.page.get_by_label("Night").fill("0.75 mg")
        doctor.page.get_by_label("Days on this dose").fill("42")
        doctor.press("See what follows")
        assert "Usual, edited" in doctor.heading()
        rows = doctor.page.locator("ol.rows > li")
        assert "42 days" in rows.nth(3).inner_text()
        assert doctor.page.locator("table.changed ins").count() > 0
        doctor.look("edited")
        doctor.page.get_by_label("Why").fill("She wants to stay there over the holidays.")
        doctor.press("Have it reviewed for a signature")
        assert "“usual-edited”, version 1" in doctor.heading()
        doctor.page.goto(doctor.page.url.split("/versions/")[0] + "/story/")
        assert "Edited “usual”, row 3" in doctor.page.locator("main").inner_text()
        assert "over the holidays" in doctor.page.locator("main").inner_text()


def test_a_sign_off_is_refused_and_says_why(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/new/")
        typed(Hands(doctor), name="Unanswered Example", unknown="opioids")
        heard(doctor, "one milligram")
        doctor.page.get_by_role("button", name="Record and see the options").last.click()
        doctor.page.locator("section.option").first.wait_for(timeout=WAIT_MS)
        assert doctor.page.locator(".verdict.unknown").count() == 3
        doctor.look("options-unknown")
        doctor.page.get_by_role("button", name="Have “Usual” reviewed for a signature").click()
        words = doctor.page.locator("main").inner_text()
        assert "Nobody can sign this: answer what is unknown" in words and "opioid" in words
        assert doctor.page.get_by_role("button", name="Sign as Demo Prescriber").count() == 0
        doctor.look("version-unknown")


def test_a_slip_of_ten_asks_for_a_typed_reason_and_a_comma_is_refused_where_it_stands(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/new/")
        typed(Hands(doctor), "0,5 mg", name="Slip Example")
        heard(doctor, "a comma can mean two things")
        doctor.page.get_by_role("button", name="Record and see the options").last.click()
        expect(doctor, "422")
        link = doctor.page.locator(".summary").get_by_role("link", name="Night")
        link.click()
        night = doctor.page.locator("#taking-0-night")
        assert night.evaluate("each => each === document.activeElement")
        assert night.get_attribute("aria-invalid") == "true" and night.input_value() == "0,5 mg"
        doctor.look("new-taper-refused")
        night.fill("15 mg")
        heard(doctor, "Is a nought too many")
        doctor.page.get_by_role("button", name="Record and see the options").last.click()
        expect(doctor, "422")
        doctor.look("new-taper-unsure")
        doctor.page.get_by_label("Your reason for 15 mg of clonazepam a day").fill("Her neurologist's letter says so.")
        doctor.page.get_by_role("button", name="Yes, this is what is taken: record it").click()
        assert doctor.heading() == "Options"
        doctor.page.goto(doctor.page.url.replace("/options/", "/story/"))
        assert "Her neurologist's letter says so." in doctor.page.locator("main").inner_text()


def test_the_whole_way_goes_by_keys_alone(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/new/")
        doctor.page.set_viewport_size({"width": 320, "height": 900})
        keys = doctor.page.keyboard

        def tab_to(name: str) -> None:
            for _ in range(200):
                keys.press("Tab")
                if doctor.page.evaluate("document.activeElement.id || document.activeElement.innerText") == name:
                    return
            raise AssertionError(f"no Tab leads to {name}")

        def typing(name: str, text: str) -> None:
            tab_to(name)
            keys.type(text)

        typing("name", "Keys Example")
        typing("born", "02031980")
        typing("indication", "insomnia")
        tab_to("conditions-0")
        keys.press("Space")
        typing("taking-0-drug", "clonazepam")
        typing("taking-0-since", "03012021")
        typing("taking-0-days_per_week", "every")
        typing("taking-0-night", "1 mg")
        for question in doctor.page.locator("#screening fieldset").all():
            tab_to(f"{question.get_attribute('id')}-2")
            keys.press("ArrowUp")
        tab_to("goal-0")
        keys.press("ArrowDown")
        heard(doctor, "one milligram")
        heard(doctor, "zero milligrams a day")
        tab_to("Record and see the options")
        keys.press("Enter")
        doctor.page.locator("section.option").first.wait_for(timeout=WAIT_MS)
        assert doctor.heading() == "Options"
        tab_to("Explain row 1, 0.875 mg")
        keys.press("Enter")
        assert doctor.page.locator("details[open]").count() >= 1


def test_it_works_without_a_script(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        state = doctor.page.context.storage_state()
        browser = doctor.page.context.browser
        assert browser is not None
        plain = browser.new_context(storage_state=state, java_script_enabled=False).new_page()
        plain.goto(f"{demo.address}/cases/new/")
        hands = Hands(Visit(page=plain, demo=demo))
        plain.locator("#taking-0-drug").select_option("clonazepam")
        plain.get_by_role("button", name="Show the products of the drug").click()
        plain.locator('input[value="us-clonazepam-tablet-0.5mg"]').check()
        plain.get_by_role("button", name="Add another medicine").click()
        plain.locator("#taking-1-drug").select_option("sertraline")
        plain.locator("#taking-1-since").fill("2020-01-01")
        typed(hands, name="Plain Example")
        plain.get_by_role("button", name="Record and see the options").last.click()
        assert "two 0.5 mg tablets" in plain.locator("#echo").inner_text()
        plain.get_by_role("button", name="Yes, this is what is taken: record it").click()
        assert plain.locator("h1").inner_text() == "Options"
        plain.get_by_role("link", name="Predict it").click()
        assert "Modelled, not measured" in plain.locator("main").inner_text()
        plain.close()


def test_what_length_buys_comes_as_its_own_request_and_is_called_modelled(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.go("/cases/?why=everyone")
        doctor.follow("Maria Example")
        doctor.follow("Options")
        assert "By any one assumption" not in doctor.page.locator("main").inner_text()
        doctor.page.get_by_role("link", name="Predict it").click()
        doctor.page.locator("#length table").wait_for(timeout=60_000)
        words = doctor.page.locator("section.modelled").inner_text()
        assert "Modelled, not measured" in words and "It decides nothing" in words
        doctor.look("length")
