"""Every face of a plan at once: what a clinic hands to a pharmacist, a person, a record and a program."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

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
from opentaper.patient import case_file, regimen_file


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
        lang: the language of everything that a person reads.
        zone: the time zone of the calendar; by itself its times are wherever the person is.
        hours: the hour of each time of day, where it is not the convention's.
        sig_length: the most characters of a pharmacy label; by itself the convention's.
        changed: what this version changes, in words; for a first version nothing.

    Raises:
        LabelError: a direction does not fit a label of that length.
    """
    charts = plan_charts(edition, lang)
    drawn = {each.name: each.svg() for each in charts}
    says = " ".join(heading(edition, ENGLISH))
    found: dict[str, str | bytes] = {
        "case.toml": case_file(edition.case, says),
        "plan.json": json.dumps(edition_document(edition, lang), indent=1, ensure_ascii=False) + "\n",
        "plan.toml": regimen_file(edition.regimen, says),
        "printed.toml": regimen_file(edition.printed, f"Everything printed so far. {says}"),
        "plan.csv": spreadsheet(edition, lang),
        "pharmacy.txt": pharmacy_text(edition, lang, length=sig_length),
        "note.txt": record_note(edition, lang),
        "taper.ics": calendar(edition, lang, zone=zone, hours=hours),
        "leaflet.pdf": leaflet(edition, lang, chart=drawn["dose"]),
        "leaflet-large.pdf": leaflet(edition, lang, large=True, chart=drawn["dose"]),
        "letter.pdf": letter(edition, lang),
        "charts.txt": "".join(f"{each.title}\n{each.says}\n\n" for each in charts),
    }
    if changed:
        found["changes.txt"] = "\n".join([*heading(edition, lang), "", *changed]) + "\n"
    for each in charts:
        found[f"{each.name}.svg"] = drawn[each.name]
        found[f"{each.name}.png"] = each.png(drawn[each.name])
    return found
