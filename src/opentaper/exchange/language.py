"""The language that a person reads: catalogues of whole sentences, exact numbers, and dates.

The sentences stand in the code in English; a catalogue (`languages/es.po`) holds each of them in another language. A
number keeps every digit in every language: only the decimal mark changes.
"""

from __future__ import annotations

import datetime as dt
import gettext
import io
from dataclasses import field
from fractions import Fraction
from functools import cache
from pathlib import Path

from opentaper.frozen import dataclass
from opentaper.quantity import Dose, Share, decimal_text

CATALOGUES = Path(__file__).parent / "languages"
LANGUAGES = {
    "en": "English",
    "es": "español, with a decimal comma",
    "es-US": "español, with the decimal point of the packages sold in the United States and Mexico",
}
POINT_TAGS = ("en", "es-US")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a language says sentences, numbers and dates.

    Args:
        tag: one of LANGUAGES.
    """

    tag: str
    _catalogue: gettext.NullTranslations = field(repr=False, compare=False)

    @property
    def decimal_mark(self) -> str:
        return "." if self.tag in POINT_TAGS else ","

    def say(self, message: str, **values: object) -> str:
        """Return a sentence of the catalogue with its values filled in."""
        return self._catalogue.gettext(message).format(**values)

    def say_as(self, context: str, message: str, **values: object) -> str:
        """Return a sentence whose translation depends on a context, such as the gender of a noun."""
        return self._catalogue.pgettext(context, message).format(**values)

    def count(self, one: str, many: str, number: int) -> str:
        """Return "1 day" or "3 days": the sentence that fits a number, which it holds as {number}."""
        return self._catalogue.ngettext(one, many, number).format(number=number)

    def template(self, message: str, context: str | None = None) -> str:
        """Return a sentence with its places for values still open."""
        return self._catalogue.pgettext(context, message) if context else self._catalogue.gettext(message)

    def number(self, number: Fraction) -> str:
        """Print a number exactly, with this language's decimal mark."""
        return decimal_text(number).replace(".", self.decimal_mark)

    def dose(self, dose: Dose) -> str:
        return f"{self.number(dose.mg)} mg"

    def share(self, share: Share) -> str:
        """Print a share in per cent; one that does not end is rounded to 0.1 and marked with ≈."""
        return share.percent.replace(".", self.decimal_mark)

    def date(self, day: dt.date) -> str:
        """Print a day so that nobody can swap day and month: "Tuesday 1 December 2026"."""
        return self._formatted(day, self.template("EEEE d MMMM y", "date"))

    def short_date(self, day: dt.date) -> str:
        """Print a day of a known year: "Tue 1 Dec"."""
        return self._formatted(day, self.template("EEE d MMM", "date"))

    def short_month(self, day: dt.date) -> str:
        return self._formatted(day, "MMM")

    def _formatted(self, day: dt.date, pattern: str) -> str:
        from babel.dates import format_date

        return format_date(day, pattern, locale=self.tag.replace("-", "_"))

    def span(self, days: int) -> str:
        """Say a span in weeks where it is whole weeks, else in days."""
        if days and days % 7 == 0:
            return self.count("{number} week", "{number} weeks", days // 7)
        return self.count("{number} day", "{number} days", days)


@cache
def language(tag: str) -> Language:
    """Return a language by its tag.

    Raises:
        KeyError: there is no catalogue of it.
    """
    if tag not in LANGUAGES:
        raise KeyError(tag)
    return Language(tag=tag, _catalogue=_catalogue(tag.split("-", maxsplit=1)[0]))


def _catalogue(name: str) -> gettext.NullTranslations:
    """This function will read a catalogue as translators keep it, so that no compiled copy can be out of date."""
    if name == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{name}.po").open("rb") as file:
        catalogue = read_po(file, locale=name)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    translations.add_fallback(_Missing())
    return translations


class _Missing(gettext.NullTranslations):
    """What is asked when a catalogue has no such sentence: it refuses, because half a leaflet in English helps nobody."""

    def gettext(self, message: str) -> str:
        raise LookupError(f"no translation of {message!r}")

    def pgettext(self, context: str, message: str) -> str:
        raise LookupError(f"no translation of {message!r} as {context}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise LookupError(f"no translation of {msgid1!r} and {msgid2!r} for {n}")


ENGLISH = language("en")
