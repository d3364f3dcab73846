"""In a real browser: the tour of the docs, as it is told; `make tour` takes its pictures anew.

A picture carries, as text inside it, the headings, labels and buttons of what was photographed. A page that says something
else than its picture fails the test, and so does a word in bold that is not on the page that the tour is at.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo
from playwright.sync_api import Locator

from tests.journeys.browser import Demo, Visit, visiting

TOLD = Path(__file__).parents[2] / "docs" / "tutorial" / "tour.md"
SAYS = "h1, h2, legend, label, button, summary"
OUTLINE = "outline"
WIDTH, HEIGHT, COLOURS = 1100, 760, 64


def told() -> dict[str, str]:
    """Return the parts of the tour, by the names of their pictures."""
    parts = TOLD.read_text(encoding="utf-8").split("\n## ")[1:]
    return {re.findall(r"\]\(tour/([\w-]+)\.png\)", part)[0]: part for part in parts}


def outline(visit: Visit) -> str:
    """Return what a page says in its headings, labels and buttons, whatever its numbers are."""
    said = visit.page.locator(SAYS).all_inner_texts()
    lines = {re.sub(r"[0-9][0-9./]*", "0", " ".join(each.split())) for each in said}
    return "\n".join(sorted(lines - {""}))


@dataclass
class Tour:
    """A walk that takes pictures where the tour has them."""

    folder: Path
    parts: dict[str, str] = field(default_factory=told)
    outlines: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def stop(self, visit: Visit, name: str, at: Locator | None = None) -> None:
        """Look at what the tour shows: take its picture, and hold what is told against the page."""
        visit.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        visit.page.wait_for_load_state("networkidle")
        if at is not None:
            at.evaluate("each => each.scrollIntoView({block: 'start'})")
            visit.page.wait_for_load_state("networkidle")
        assert not visit.troubles
        page = " ".join(visit.page.locator("body").inner_text().split())
        bold = re.findall(r"\*\*(.+?)\*\*", self.parts[name].replace("\n", " "))
        self.missing += [f"the tour says {words!r}, which is not at {name}" for words in bold if words not in page]
        self.outlines[name] = outline(visit)
        with Image.open(BytesIO(visit.page.screenshot())) as taken:
            written = PngInfo()
            written.add_text(OUTLINE, self.outlines[name])
            drawn = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            drawn.save(self.folder / f"{name}.png", pnginfo=written, optimize=True)


def walked(demo: Demo, tour: Tour) -> None:
    with visiting(demo) as doctor:
        page = doctor.page
        page.emulate_media(color_scheme="light")
        doctor.go("/log-in/")
        tour.stop(doctor, "log-in")
        doctor.log_in_as("Prescriber")
        tour.stop(doctor, "worklist")
        doctor.go("/cases/?why=everyone")
        doctor.follow("Maria Example")
        doctor.follow("Options")
        tour.stop(doctor, "options", page.locator("section.option").first)
        usual = page.locator("section.option", has=page.get_by_role("heading", name="Usual", exact=True))
        usual.get_by_text("Explain row 3", exact=False).click()
        tour.stop(doctor, "row", usual.locator("ol.rows > li").nth(1))
        usual.get_by_role("button", name="Have “Usual”").click()
        for reason in page.locator("textarea[name^=reason]").all():
            reason.fill("Talked through with her; she chose this pace.")
        tour.stop(doctor, "signature", page.locator("#sign-head"))
        doctor.press("Sign as Demo Prescriber")
        doctor.press("Start this plan")
        tour.stop(doctor, "patient")
        page.locator("#hold-head").click()
        held = page.locator("#hold-head ~ form")
        held.get_by_label("Days").fill("14")
        held.get_by_label("Why").fill("A funeral in the family.")
        held.get_by_role("button").click()
        tour.stop(doctor, "hold")
    with visiting(demo) as chemist:
        chemist.page.emulate_media(color_scheme="light")
        chemist.log_in_as("Pharmacist")
        chemist.go("/cases/?why=everyone")
        chemist.follow("Maria Example")
        chemist.follow("Supply")
        tour.stop(chemist, "supply")
        chemist.go("/library/drugs/clonazepam/")
        tour.stop(chemist, "library")


@pytest.mark.slow
def test_the_tour_is_as_it_is_told(crowd: Demo, tmp_path: Path) -> None:
    wanted = os.environ.get("OPENTAPER_TOUR")
    tour = Tour(folder=Path(wanted) if wanted else tmp_path)
    walked(crowd, tour)
    assert not tour.missing
    assert list(tour.parts) == list(tour.outlines), "a part of the tour for every picture, in order"
    for name, said in tour.outlines.items():
        with Image.open(TOLD.parent / "tour" / f"{name}.png") as kept:
            assert isinstance(kept, PngImageFile)
            assert kept.size == (WIDTH, HEIGHT)
            assert kept.text[OUTLINE] == said, f"{name}.png shows what is no longer so: make tour"
