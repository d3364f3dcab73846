"""Every face of a plan: what a clinic hands to a pharmacist, a person, a record and a program, all at once or one by name."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from opentaper.exchange.charts import Chart
from opentaper.exchange.faces.calendar import calendar
from opentaper.exchange.faces.charts import plan_charts
from opentaper.exchange.faces.document import edition_document
from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import heading
from opentaper.exchange.faces.label import pharmacy_text
from opentaper.exchange.faces.leaflet import leaflet
from opentaper.exchange.faces.letter import letter
from opentaper.exchange.faces.note import record_note
from opentaper.exchange.faces.spreadsheet import spreadsheet
from opentaper.exchange.language import ENGLISH, Language
from opentaper.frozen import dataclass
from opentaper.patient import case_file, regimen_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the faces of a plan are asked for.

    Args:
        lang: the language of everything that a person reads.
        zone: the time zone of the calendar; by itself its times are wherever the person is.
        hours: the hour of each time of day, where it is not the convention's.
        sig_length: the most characters of a pharmacy label; by itself the convention's.
    """

    lang: Language = ENGLISH
    zone: str | None = None
    hours: Mapping[str, dt.time] | None = None
    sig_length: int | None = None


class Desk:
    """One edition as it is asked for, and its charts, each drawn once however many faces show it."""

    def __init__(self, edition: Edition, wish: Wish) -> None:
        self.edition, self.wish, self.lang = edition, wish, wish.lang
        self.says = " ".join(heading(edition, ENGLISH))

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        return {each.name: each for each in plan_charts(self.edition, self.lang)}

    @cached_property
    def dose(self) -> str:
        return self.charts["dose"].svg()

    def leaflet(self, *, large: bool = False) -> bytes:
        return leaflet(self.edition, self.lang, large=large, chart=self.dose)

    def document(self) -> str:
        return json.dumps(edition_document(self.edition, self.lang), indent=1, ensure_ascii=False) + "\n"


FACES: Mapping[str, Callable[[Desk], str | bytes]] = {
    "case.toml": lambda desk: case_file(desk.edition.case, desk.says),
    "plan.json": lambda desk: desk.document(),
    "plan.toml": lambda desk: regimen_file(desk.edition.regimen, desk.says),
    "printed.toml": lambda desk: regimen_file(desk.edition.printed, f"Everything printed so far. {desk.says}"),
    "plan.csv": lambda desk: spreadsheet(desk.edition, desk.lang),
    "pharmacy.txt": lambda desk: pharmacy_text(desk.edition, desk.lang, length=desk.wish.sig_length),
    "note.txt": lambda desk: record_note(desk.edition, desk.lang),
    "taper.ics": lambda desk: calendar(desk.edition, desk.lang, zone=desk.wish.zone, hours=desk.wish.hours),
    "leaflet.pdf": lambda desk: desk.leaflet(),
    "leaflet-large.pdf": lambda desk: desk.leaflet(large=True),
    "letter.pdf": lambda desk: letter(desk.edition, desk.lang),
    "charts.txt": lambda desk: "".join(f"{each.title}\n{each.says}\n\n" for each in desk.charts.values()),
}
"""Every face that stands alone, by the name of its file; the charts of a plan are drawn beside them."""


def face(name: str, edition: Edition, wish: Wish) -> str | bytes:
    """Return one face of an edition.

    Args:
        name: one of `FACES`.
        edition: a plan that is fit to be handed out; it cannot be built otherwise.
        wish: how it is asked for.

    Raises:
        KeyError: there is no such face.
        LabelError: a direction does not fit a label of that length.
    """
    return FACES[name](Desk(edition, wish))


def faces(
    edition: Edition,
    lang: Language = ENGLISH,
    *,
    zone: str | None = None,
    hours: Mapping[str, dt.time] | None = None,
    sig_length: int | None = None,
    changed: Sequence[str] = (),
) -> dict[str, str | bytes]:
    """Return every face of an edition, by the name of its file.

    Args:
        edition: a plan that is fit to be handed out; it cannot be built otherwise.
        lang, zone, hours, sig_length: as `Wish` has them.
        changed: what this version changes, in words; for a first version nothing.

    Raises:
        LabelError: a direction does not fit a label of that length.
    """
    desk = Desk(edition, Wish(lang=lang, zone=zone, hours=hours, sig_length=sig_length))
    found = {name: written(desk) for name, written in FACES.items()}
    if changed:
        found["changes.txt"] = "\n".join([*heading(edition, lang), "", *changed]) + "\n"
    for each in desk.charts.values():
        found[f"{each.name}.svg"] = svg = desk.dose if each.name == "dose" else each.svg()
        found[f"{each.name}.png"] = each.png(svg)
    return found
