"""In a real browser: a plan that is under way is stepped back, and what an old tab still shows is not recorded."""

from __future__ import annotations

from tests.journeys.browser import Demo, Visit, visiting


def under_way(visit: Visit) -> None:
    """Open somebody whose plan began long enough ago that there is a dose to step back to."""
    visit.go("/cases/?why=everyone")
    rows = visit.page.locator("tr", has=visit.page.get_by_role("cell", name="in force", exact=True))
    paths = [each.locator("th a").get_attribute("href") or "" for each in rows.all()]
    assert paths
    for path in paths:
        visit.go(path)
        if visit.page.locator("#seen-head").count() and visit.page.locator("#back-head").count():
            look_back(visit)
            if "What this changes" in visit.heading():
                visit.go(path)
                return
            visit.troubles.clear()  # the browser says in its console that this page was refused (422)
    raise AssertionError("nobody of the demonstration can step back")


def look_back(visit: Visit) -> None:
    visit.page.locator("#back-head").click()
    back = visit.page.locator("#back-head ~ form")
    back.get_by_label("Why").fill("She has not slept for a week.")
    back.get_by_role("button").click()


def main(visit: Visit) -> str:
    return visit.page.locator("main").inner_text()


def test_a_step_back_is_shown_as_a_difference_recorded_once_and_an_old_tab_is_told_so(crowd: Demo) -> None:
    with visiting(crowd) as doctor:
        doctor.log_in_as("Prescriber")
        under_way(doctor)
        case = doctor.page.url
        before = doctor.page.locator(".today ul.taken").inner_text()
        browser = doctor.page.context.browser
        assert browser is not None
        old = Visit(page=browser.new_context(storage_state=doctor.page.context.storage_state()).new_page(), demo=crowd)
        old.page.goto(case)
        look_back(old)
        look_back(doctor)
        assert "Nothing is recorded yet" in main(doctor) and "Against version" in main(doctor)
        doctor.look("difference-step-back")
        doctor.press("Record the step back")
        assert "Not signed: in force because" in main(doctor)
        assert doctor.page.locator(".today ul.taken").inner_text() != before
        doctor.look("case-stepped-back")
        old.press("Record the step back")
        assert old.heading() == "Somebody else wrote to this case first"
        assert "Nothing of yours was recorded" in main(old) and "She has not slept for a week." in main(old)
        old.look("stale")
        doctor.page.goto(case)
        doctor.follow("The record")
        assert main(doctor).count("She has not slept for a week.") == 1
