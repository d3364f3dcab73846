"""The prescriber's letter to whoever else cares for the person: the same rows, what was found, what is asked."""

from __future__ import annotations

from typing import Any

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import drugs_of, heading, signed_line, taken_at_the_end, taken_now
from opentaper.exchange.faces.label import handovers, item_in_words
from opentaper.exchange.faces.leaflet import LETTER_PAPER, unbroken
from opentaper.exchange.faces.note import finding_lines, row_text, shares_text
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.typeset import pdf


def letter(edition: Edition, lang: Language = ENGLISH) -> bytes:
    """Typeset the letter; a draft carries a watermark and no line to sign."""
    return pdf("letter", unbroken(letter_data(edition, lang)), on=edition.made_on)


def letter_data(edition: Edition, lang: Language = ENGLISH) -> dict[str, Any]:
    """Return everything that the letter shows, as text."""
    return {
        "lang": lang.tag.split("-", maxsplit=1)[0],
        "paper": "us-letter" if edition.case.supply.country in LETTER_PAPER else "a4",
        "title": lang.say("Supervised taper of {drug}", drug=drugs_of(edition, lang)),
        "draft": lang.say("DRAFT") if edition.draft else None,
        "heading": heading(edition, lang),
        "about": lang.say("About"),
        "date": lang.date(edition.made_on),
        "dear": lang.say("Dear colleague,"),
        "opening": lang.say(
            "this person takes {present} a day and tapers to {goal} a day under supervision. Please do not stop it "
            "abruptly, and do not add another benzodiazepine or an opioid without speaking to us.",
            present=taken_now(edition, lang), goal=taken_at_the_end(edition, lang),
        ),
        "steps_title": lang.say("All steps"),
        "steps": [
            *([{"says": row_text(edition.plan.baseline, lang), "share": ""}] if edition.plan.baseline else []),
            *({"says": row_text(row.step, lang), "share": shares_text(row, lang)} for row in edition.plan.rows),
        ],
        "supply_title": lang.say("Collections"),
        "supply": [
            f"{each.collection.on}: " + (", ".join(item_in_words(item, lang) for item in each.collection.items) or "–")
            for each in handovers(edition, lang, length=10_000)
        ],
        "findings_title": lang.say("Findings and notes (in English, as the base says them):"),
        "findings": [*finding_lines(edition), *edition.plan.notes],
        "closing": lang.say(
            "Holding is a normal part of a taper: if a step is hard, the dose stays as it is, and we are asked."
        ),
        "signed": signed_line(edition, lang) or lang.say("Not signed."),
        "page": lang.say("page"),
    }  # fmt: skip
