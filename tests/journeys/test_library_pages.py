"""The library through its pages: everything that is known has one, with its source, confidence and review state."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from opentaper.clinic.library.links import KINDS, link, link_to
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.library.thing import index, thing
from opentaper.clinic.library.used import READ_BY
from opentaper.knowledge import MEASURES, Knowledge
from opentaper.review.rules import RULES
from tests.clinic.cases import today
from tests.clinic.people import STAFF, browser_of, person


def said(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture(scope="module")
def base() -> Knowledge:
    return shipped(today())


def found(base: Knowledge, url: str) -> Any:
    _, _, kind, key = url.rstrip("/").split("/", 3)
    return thing(base, kind, key)


def test_everything_that_is_known_has_a_page_with_its_entry_in_the_data_file(base: Knowledge) -> None:
    looked = 0
    for home, _label in KINDS.values():
        keys = [name.split(":", 1)[1] for name in base.homes if name.startswith(f"{home}:")]
        for key in keys or list(base.observations):
            assert found(base, link(base, home, key)).entry, (home, key)
            looked += 1
    assert looked == len(base.homes) + len(base.observations)


def test_every_line_has_a_page_and_so_has_its_source(base: Knowledge) -> None:
    lines = index(base)
    assert len(lines) > 2_000
    for line in lines:
        assert line.url and line.source_url, line.fact
    of_every_kind = {(line.fact.kind, line.url.split("/")[2]): line for line in lines}
    for line in of_every_kind.values():
        assert line.fact in [each.fact for each in found(base, line.url).lines], line.url


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("drugs/clonazepam", ("Clonazepam", "Half-life", "pending review: nobody has signed it yet", "us-clonazepam")),
        ("limits/jcpg-2025/two-week-reduction", ("at most 1/4 in 14 days", "Recommendation 6", "step-reduction", "planning")),
        ("sources/jcpg-2025", ("American Society of Addiction Medicine", "two-week-reduction")),
        ("products/us-clonazepam-tablet-0.5mg", ("price", "Unverified", "general-knowledge")),
        ("equivalences/ashton-2002/clonazepam", ("0.5", "mg")),
        ("protocols/nardi-2010", ("Nardi",)),
        ("interactions/all/opioids-boxed-warning", ("opioid",)),
        ("conventions/gentle-part", ("1/2",)),
        ("observations/", ()),
    ],
)  # fmt: skip
def test_a_page_says_what_how_much_who_says_so_and_who_checked(path: str, words: tuple[str, ...]) -> None:
    browser = browser_of(person("reviewer"))
    answer = browser.get(f"/library/{path}/")
    assert answer.status_code == (200 if words else 404)
    for word in words:
        assert word.casefold() in (said(answer) + answer.content.decode()).casefold(), word


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["drugs/nothing", "limits/label/two-week-reduction", "nothing/x", "drugs/clonazepam/x"]
)
def test_what_is_not_known_has_no_page(path: str) -> None:
    assert browser_of(person("prescriber")).get(f"/library/{path}/").status_code == 404


@pytest.mark.django_db
def test_a_search_finds_every_line_with_all_its_words_and_says_when_there_is_nothing() -> None:
    browser = browser_of(person("pharmacist"))
    page = said(browser.get(reverse("library"), {"q": "two-week", "kind": "limits"}))
    assert "not above 25 %" in page
    assert "Nothing is recorded about this" in said(browser.get(reverse("library"), {"q": "xyzzy <script>"}))
    assert "Limits on the days between one reduction" in said(
        browser.get(reverse("library"), {"kind": "limits", "measure": "step-interval"})
    )


@pytest.mark.django_db
def test_a_search_shows_what_is_called_so_before_what_only_has_it_in_its_name() -> None:
    page = browser_of(person("pharmacist")).get(reverse("library"), {"q": "Clonazepam"})
    names = [name for name, _ in page.context["things"]]
    assert names[0] == "Clonazepam"
    assert names.index("7-aminoclonazepam") > max(
        place for place, name in enumerate(names) if name.casefold().startswith("clonazepam")
    )


def test_any_name_in_a_finding_leads_to_its_page(base: Knowledge) -> None:
    for name in ("jcpg-2025", "two-week-reduction", "epilepsy", "us-clonazepam-tablet-0.5mg"):
        assert found(base, link_to(base, name)) is not None
    assert "measure=step-interval" not in link_to(base, "step-interval"), "the limit of this name comes first"
    assert link_to(base, "dose-reduction").endswith("measure=dose-reduction")
    assert link_to(base, "nothing") == ""


def test_what_reads_a_limit_is_said_of_every_measure() -> None:
    assert READ_BY.keys() == MEASURES.keys()
    looked = 0
    for rule in RULES:
        text = Path(rule.__file__ or "").read_text(encoding="utf-8")
        for measure in MEASURES:
            if f'"{measure}"' in text:
                looked += 1
                assert any(f'"{name}"' in text for name in READ_BY[measure]), (rule.__name__, measure)
    assert looked > 10


@pytest.mark.django_db
@pytest.mark.parametrize("role", STAFF)
def test_everybody_of_the_clinic_may_read(role: str) -> None:
    browser = browser_of(person(role))
    assert browser.get(reverse("library")).status_code == 200
    assert "Library" in said(browser.get(reverse("home")))
