"""A dose spelled out, so that a nought too many or a lost point is heard: "two milligrams", "zero point two five …"."""

from __future__ import annotations

from opentaper.exchange.language import ENGLISH, Language
from opentaper.quantity import Dose

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

UNOS = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós",
    "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
DIECES = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
CIENTOS = (
    "", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos",
    "novecientos",
)  # fmt: skip
MARKS = {".": "punto", ",": "coma"}


def spelled(dose: Dose, lang: Language = ENGLISH) -> str:
    """Return a dose in words alone, each decimal by itself.

    Args:
        dose: which.
        lang: English or Spanish; its decimal mark is said too.

    Example:
        >>> from fractions import Fraction
        >>> from opentaper.exchange.language import language
        >>> spelled(Dose(Fraction(1, 8))), spelled(Dose(Fraction(120))), spelled(Dose(Fraction(1)))
        ('zero point one two five milligrams', 'one hundred and twenty milligrams', 'one milligram')
        >>> spelled(Dose(Fraction(1, 8)), language("es-US")), spelled(Dose(Fraction(21)), language("es"))
        ('cero punto uno dos cinco miligramos', 'veintiún miligramos')
    """
    whole, _, decimals = dose.decimal.partition(".")
    if lang.tag == "en":
        words = _whole(int(whole))
        if decimals:
            words += f" point {' '.join(ONES[int(digit)] for digit in decimals)}"
        return f"{words} milligram{'' if dose.decimal == '1' else 's'}"
    words = _entero(int(whole))
    if decimals:
        words += f" {MARKS[lang.decimal_mark]} {' '.join(UNOS[int(digit)] for digit in decimals)}"
        return f"{words} miligramos"
    return f"{_before_a_noun(words)} miligramo{'' if dose.decimal == '1' else 's'}"


def _whole(number: int) -> str:
    """This function will spell a whole number below a million."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[ones]}" if ones else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            many, rest = divmod(number, size)
            joined = f" and {_whole(rest)}" if 0 < rest < 100 else f" {_whole(rest)}" if rest else ""
            return f"{_whole(many)} {name}{joined}"
    raise AssertionError(number)


def _entero(number: int) -> str:
    """This function will spell a whole number below a million in Spanish."""
    if number < 30:
        return UNOS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return DIECES[tens] + (f" y {UNOS[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return "cien" if number == 100 else CIENTOS[hundreds] + (f" {_entero(rest)}" if rest else "")
    many, rest = divmod(number, 1000)
    thousands = "mil" if many == 1 else f"{_before_a_noun(_entero(many))} mil"
    return thousands + (f" {_entero(rest)}" if rest else "")


def _before_a_noun(words: str) -> str:
    """This function will shorten "uno" where a noun follows: "un miligramo", "veintiún miligramos"."""
    if words.endswith("veintiuno"):
        return f"{words.removesuffix('uno')}ún"
    return words.removesuffix("o") if words.endswith("uno") else words
