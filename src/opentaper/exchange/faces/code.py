"""The plan as a QR code: short enough to scan, complete enough to be read back without an account or a network."""

from __future__ import annotations

import datetime as dt
import io
import re
from fractions import Fraction

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.words import WordsError
from opentaper.patient import TIMES
from opentaper.quantity import Dose

LETTERS = dict(zip(("M", "D", "A", "E", "N"), TIMES, strict=True))
"""Morning, midDay, Afternoon, Evening, Night: QR's short alphabet has capitals, digits and a few signs."""

LONGEST_CODE = 1_800
"""Characters: what a code of 117 by 117 squares holds, which is as fine as paper and a telephone can do."""

_STEP = re.compile(r"([0-9]+)((?: [MDAEN][0-9.]+)*)")


def code_text(edition: Edition) -> str:
    """Return what the code holds.

    Example: "OPENTAPER:1 1F2E3D4C5B6A V1 0123456789AB /CLONAZEPAM 20261201:0 M0.75 N1:14 M0.625 N1:28"; the numbers
    after a colon are days from the first date, the letters are LETTERS, doses are mg; a day alone is a day without any.
    """
    parts = [f"OPENTAPER:1 {edition.identity.upper()} V{edition.number} {edition.digest[:12].upper()}"]
    for drug in edition.regimen.drugs:
        steps = edition.regimen.of(drug)
        first = steps[0].from_
        letters = {time: letter for letter, time in LETTERS.items()}
        doses = [
            "".join(
                [
                    str((step.from_ - first).days),
                    *(f" {letters[each.time]}{each.dose.decimal}" for each in step.intakes),
                ]
            )
            for step in steps
        ]
        end = [f"{(steps[-1].until - first).days}."] if steps[-1].until else []
        parts.append(f"{drug.upper()} {first:%Y%m%d}:{':'.join([*doses, *end])}")
    return " /".join(parts)


def read_code(text: str) -> dict[str, list[tuple[dt.date, dict[str, Dose]]]]:
    """Read a code back: for each drug the first day and the doses of every step.

    Raises:
        WordsError: it is no code of a plan.
    """
    head, *drugs = text.split(" /")
    if not re.fullmatch(r"OPENTAPER:1 [0-9A-F]{12} V[0-9]+ [0-9A-F]{12}", head) or not drugs:
        raise WordsError(f"{text[:40]!r} is no code of a plan")
    found: dict[str, list[tuple[dt.date, dict[str, Dose]]]] = {}
    for each in drugs:
        name, _, rest = each.partition(" ")
        date, *steps = rest.split(":")
        first = dt.date(int(date[:4]), int(date[4:6]), int(date[6:8]))
        found[name.lower()] = [_read_step(step, first) for step in steps if not step.endswith(".")]
    return found


def _read_step(text: str, first: dt.date) -> tuple[dt.date, dict[str, Dose]]:
    match = _STEP.fullmatch(text)
    if match is None:
        raise WordsError(f"{text!r} is no step of a code")
    doses = {LETTERS[part[0]]: Dose(Fraction(part[1:])) for part in match[2].split()}
    return first + dt.timedelta(int(match[1])), doses


def code_svg(edition: Edition) -> str | None:
    """Draw the code; None for a plan so long that nobody could scan it, because half a plan must not be read."""
    text = code_text(edition)
    if len(text) > LONGEST_CODE:
        return None
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="l", micro=False).save(drawn, kind="svg", border=4, xmldecl=False, svgns=True)
    return drawn.getvalue().decode("utf-8")
