"""A step in words that cannot be misread, and those words read back to the step they came from."""

from __future__ import annotations

import re
from fractions import Fraction

from opentaper.knowledge import FORMS
from opentaper.patient import Intake, Portion, Step
from opentaper.quantity import NO_DOSE, Dose, decimal_text, exact, pieces_in_words, read_pieces

_FORM_NAMES = "|".join(sorted(map(re.escape, FORMS.values()), key=len, reverse=True))
_SOLID = re.compile(rf"(?P<pieces>[a-z0-9 ]+?)(?: (?:of )?an?)? (?P<strength>[0-9.]+ mg) (?:{_FORM_NAMES})s?", re.ASCII)
_LIQUID = re.compile(
    rf"(?P<ml>[0-9.]+) mL(?: \((?P<drops>[0-9]+) drops?\))? of (?P<mg>[0-9.]+) mg/mL (?:{_FORM_NAMES})", re.ASCII
)
_INTAKE = re.compile(r"(?P<time>[A-Z][a-z]+): (?P<what>.+) \((?P<dose>[0-9.]+ mg)\)", re.ASCII)


class WordsError(ValueError):
    """Words of a step that do not say what their own numbers say."""


def portion_in_words(portion: Portion) -> str:
    """Say what to take of one product.

    Example: "one and a half 0.5 mg tablets", "half a 1 mg tablet", "2.5 mL of 0.1 mg/mL oral solution".
    """
    product, amount = portion.product, portion.amount
    if product.liquid:
        drops = f" ({decimal_text(portion.drops)} drop{'' if portion.drops == 1 else 's'})" if portion.drops else ""
        return f"{decimal_text(amount)} mL{drops} of {product.says}"
    name = product.says
    if amount == 1:
        return f"one {name}"
    if amount == Fraction(1, 2):
        return f"half a {name}"
    if amount < 1:
        return f"{pieces_in_words(amount)} of a {name}"
    return f"{pieces_in_words(amount)} {name}s"


def intake_in_words(intake: Intake) -> str:
    """Say what to take at one time of day; without known portions, the dose alone."""
    if not intake.portions:
        return f"{intake.time.capitalize()}: take {intake.dose} as now ({intake.dose})"
    what = " and ".join(portion_in_words(portion) for portion in intake.portions)
    return f"{intake.time.capitalize()}: {what} ({intake.dose})"


def step_in_words(step: Step) -> str:
    """Say a whole day of one drug.

    Example: "Clonazepam 1.75 mg a day. Morning: one 0.5 mg tablet and one 0.25 mg orally disintegrating tablet
    (0.75 mg). Night: one 1 mg tablet (1 mg)."
    """
    drug = step.drug.capitalize()
    if not step.intakes:
        return f"{drug}: take none."
    return ". ".join([f"{drug} {step.daily} a day", *(intake_in_words(intake) for intake in step.intakes)]) + "."


def read_step(words: str) -> dict[str, Dose]:
    """Read the words of a step back to the dose at each time of day, from the pieces and not from the stated dose.

    Raises:
        WordsError: the pieces do not add up to the dose stated for their intake or for the day.
    """
    if words.endswith(": take none."):
        return {}
    head, *intakes = re.split(r"\. (?=[A-Z])", words.removesuffix("."))
    doses = dict(_read_intake(each) for each in intakes)
    stated = re.search(r"([0-9.]+ mg) a day$", head)
    if stated is None or Dose.read(stated[1]) != sum(doses.values(), NO_DOSE):
        raise WordsError(f"{words!r}: the intakes do not add up to the day")
    return doses


def _read_intake(words: str) -> tuple[str, Dose]:
    match = _INTAKE.fullmatch(words)
    if match is None:
        raise WordsError(f"{words!r} is no intake")
    stated = Dose.read(match["dose"])
    if match["what"] == f"take {stated} as now":
        return match["time"].lower(), stated
    made = sum((_read_portion(each) for each in _portions(match["what"])), NO_DOSE)
    if made != stated:
        raise WordsError(f"{words!r}: the pieces make {made}")
    return match["time"].lower(), stated


def _portions(what: str) -> list[str]:
    """This function will part "one and a half … and two …" into its portions: each ends with the name of a form."""
    return re.split(rf"(?<=[a-z]) and (?={_START})", what) if re.search(rf" and {_START}", what) else [what]


_START = (
    r"(?:[0-9.]+ mL|(?:[a-z]+|[0-9]+)(?: and (?:a half|a quarter|three quarters))? [0-9.]+ mg|half a |"
    r"a quarter of a |three quarters of a )"
)


def _read_portion(words: str) -> Dose:
    if match := _LIQUID.fullmatch(words):
        return Dose(exact(match["ml"]) * exact(match["mg"]))
    if match := _SOLID.fullmatch(words):
        return Dose.read(match["strength"]) * read_pieces(match["pieces"])
    raise WordsError(f"{words!r} is no portion")
