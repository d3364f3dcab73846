"""The plan as a table for a spreadsheet: one line for every product of every intake."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import step_in_words
from opentaper.patient import Portion
from opentaper.plan import Row
from opentaper.quantity import decimal_text

COLUMNS = (
    "from", "last_day", "days", "drug", "daily_mg", "time", "dose_mg", "product", "amount", "unit", "portion_mg",
    "requested_share", "achieved_share", "limit", "words", "version", "state",
)  # fmt: skip


def spreadsheet(edition: Edition, lang: Language = ENGLISH) -> str:
    """Write a plan as CSV: ISO dates, decimal points in every language, the words in the language asked for.

    A step on which nothing is taken is one line without a time; an intake whose pieces are not known is one line
    without a product.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    rows = {row.step: row for row in edition.plan.rows}
    for step in edition.regimen.steps:
        row = rows.get(step)
        shared = {
            "from": step.from_.isoformat(),
            "last_day": (step.until - dt.timedelta(1)).isoformat() if step.until else "",
            "days": step.days if step.days is not None else "",
            "drug": step.drug,
            "daily_mg": step.daily.decimal,
            **_shares(row),
            "words": step_in_words(step, lang),
            "version": f"{edition.identity}.{edition.number}",
            "state": "draft" if edition.draft else "signed",
        }
        intakes = [
            {"time": intake.time, "dose_mg": intake.dose.decimal, **portion}
            for intake in step.intakes
            for portion in (_portions(intake.portions or ()) or [{}])
        ]
        for line in intakes or [{}]:
            table.writerow({**shared, **line})
    return text.getvalue()


def _shares(row: Row | None) -> dict[str, str]:
    if row is None:
        return {}
    limit = row.binding.by.limit if row.binding else ""
    return {"requested_share": str(row.requested.of), "achieved_share": str(row.achieved.of), "limit": limit}


def _portions(portions: Sequence[Portion]) -> list[dict[str, str]]:
    return [
        {
            "product": portion.product.key,
            "amount": decimal_text(portion.amount),
            "unit": "mL" if portion.product.liquid else "piece",
            "portion_mg": portion.dose.decimal,
        }
        for portion in portions
    ]
