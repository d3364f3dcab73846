"""In a real browser: a product is out of stock, the prescriber is asked, signs the plan from others, and it is handed over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.browser import Demo, Visit, chromium, served, visiting


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def sign(doctor: Visit) -> None:
    for reason in doctor.page.locator("textarea[name^=reason]").all():
        reason.fill("We talked it through.")
    doctor.press("Sign as Demo Prescriber")
    doctor.press("Start this plan")


def main(visit: Visit) -> str:
    return visit.page.locator("main").inner_text()


def open_supply(visit: Visit, role: str) -> None:
    visit.log_in_as(role)
    visit.go("/cases/?why=everyone")
    visit.follow("Maria Example")
    visit.follow("Supply")
    assert visit.heading() == "Supply of Maria Example"


def test_from_a_product_out_of_stock_to_the_remade_plan_handed_over(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.log_in_as("Prescriber")
        doctor.follow("Worklist")
        doctor.follow("Maria Example")
        doctor.follow("Options")
        doctor.page.get_by_role("button", name="Have “Usual").first.click()
        sign(doctor)
        doctor.follow("Supply")
        doctor.look("supply-prescriber")
    with visiting(demo) as chemist:
        open_supply(chemist, "Pharmacist")
        chemist.look("supply-next")
        chemist.follow("What is on the shelf?")
        chemist.look("shelf")
        for ticked in chemist.page.get_by_role("checkbox").all():
            ticked.set_checked("-tablet-1mg" not in (ticked.get_attribute("value") or ""))
        chemist.press("Make the plan from these")
        assert "stays exactly the same; the pieces are others" in main(chemist)
        chemist.look("shelf-remade")
        chemist.press("Send the question with these products")
        assert "Open" in main(chemist)
        chemist.look("supply-asked")
    with visiting(demo) as doctor:
        open_supply(doctor, "Prescriber")
        doctor.look("supply-question")
        doctor.press("Make the plan from these products")
        assert "version 2" in doctor.heading()
        sign(doctor)
    with visiting(demo) as chemist:
        open_supply(chemist, "Pharmacist")
        assert "made from these products" in main(chemist) and "version 2" in main(chemist)
        handed = chemist.page.locator("form.hand-over input[name^=item-]")
        names = [each.get_attribute("name") or "" for each in handed.all()]
        assert names and not [each for each in names if each.endswith("-tablet-1mg")]
        first = handed.first.input_value()
        handed.first.fill(str(int(first) + 1))
        chemist.press("Record as handed over")
        assert "is more" in main(chemist) and "Nothing was recorded" in main(chemist)
        chemist.troubles.clear()  # the browser says in its console that this page was refused (422)
        chemist.look("supply-refused")
        chemist.page.locator("form.hand-over input[name^=item-]").first.fill(first)
        chemist.press("Record as handed over")
        assert "Not before" in main(chemist)
        chemist.look("supply-handed")
        chemist.page.get_by_text("Supply was lost").click()
        lost = chemist.page.locator("details:has-text('Supply was lost') form")
        amounts = lost.locator("input[name^=item-]")
        amounts.first.fill("4")
        amounts.nth(1).fill("42")  # all that is taken from today on
        lost.get_by_label("How, as the person says").fill("They fell into the sink.")
        chemist.press("Write it down, and ask the prescriber")
        assert "Nothing is replaced before a prescriber allows it" in main(chemist)
        chemist.look("supply-lost")
        chemist.follow("Holidays")
        chemist.page.get_by_label("Day").fill("2027-12-25")
        chemist.page.get_by_label("What it is called").fill("Christmas")
        chemist.press("Add")
        chemist.look("closed")
    with visiting(demo) as doctor:
        open_supply(doctor, "Prescriber")
        doctor.page.get_by_label("Why it is replaced").fill("She showed me the packet.")
        doctor.press("Allow the replacement, as Demo Prescriber")
        assert "A prescriber allowed" in main(doctor)
        doctor.look("supply-allowed")
    with visiting(demo) as chemist:  # and with the keyboard alone
        open_supply(chemist, "Pharmacist")
        reached: list[str] = []
        for _ in range(80):
            chemist.page.keyboard.press("Tab")
            reached.append(chemist.page.evaluate("(document.activeElement.innerText || '').trim()"))
        assert {"What is on the shelf?", "Ask", "Correct", "Supply was lost", "Record the replacement"} <= {*reached}
        chemist.page.get_by_role("button", name="Record the replacement").focus()
        chemist.page.keyboard.press("Enter")
        chemist.page.get_by_text("in place of what was lost").wait_for()
