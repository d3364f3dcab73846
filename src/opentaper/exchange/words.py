"""A step in words that cannot be misread, and those words read back to the step they came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from opentaper.exchange.language import ENGLISH, Language
from opentaper.frozen import dataclass
from opentaper.knowledge import FORMS, Product
from opentaper.patient import TIMES, Intake, Portion, Step
from opentaper.quantity import NO_DOSE, Dose, exact


class WordsError(ValueError):
    """Words of a step that do not say what their own numbers say."""


COUNTS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
"""Counts that are written out, so that neither a smudged digit nor the strength beside it can change the dose."""

GENDERS = ("masculine", "feminine")
"""The genders that any language here needs; English says the same in both."""

PARTS = {
    Fraction(1, 4): "a quarter of a {strength} {piece}",
    Fraction(1, 2): "half a {strength} {piece}",
    Fraction(3, 4): "three quarters of a {strength} {piece}",
    Fraction(1): "one {strength} {piece}",
    Fraction(5, 4): "one and a quarter {strength} {pieces}",
    Fraction(3, 2): "one and a half {strength} {pieces}",
    Fraction(7, 4): "one and three quarters {strength} {pieces}",
}
MANY = {
    Fraction(0): "{count} {strength} {pieces}",
    Fraction(1, 4): "{count} and a quarter {strength} {pieces}",
    Fraction(1, 2): "{count} and a half {strength} {pieces}",
    Fraction(3, 4): "{count} and three quarters {strength} {pieces}",
}
LIQUID = "{ml} mL of {strength} {liquid}"
LIQUID_DROPS = "{ml} mL ({drops}) of {strength} {liquid}"
TIME_NAMES = {
    "morning": "Morning",
    "midday": "Midday",
    "afternoon": "Afternoon",
    "evening": "Evening",
    "night": "Night",
}
INTAKE = "{time}: {what} ({dose})"
AS_NOW = "{time}: take {dose} as now ({dose})"
DAY = "{drug} {dose} a day"
NONE = "{drug}: take none."
JOINER = " and "


def drug_name(drug: str, lang: Language = ENGLISH) -> str:
    """Return a drug's name as a sentence begins with it."""
    name = lang.say_as("drug", drug)
    return name[0].upper() + name[1:]


def time_name(time: str, lang: Language = ENGLISH) -> str:
    return lang.say_as("time", TIME_NAMES[time])


def strength_text(product: Product, lang: Language = ENGLISH) -> str:
    """Return "0.5 mg" for a piece, "0.1 mg/mL" for a liquid."""
    if product.strength is not None:
        return lang.dose(product.strength)
    assert product.mg_per_ml is not None
    return f"{lang.number(product.mg_per_ml)} mg/mL"


def form_name(form: str, lang: Language = ENGLISH, *, several: bool = False) -> str:
    """Return what a form is called: "tablet", "tablets", "oral solution"."""
    name = FORMS[form]
    return lang.say_as("many", f"{name}s") if several else lang.say_as("one", name)


def product_name(product: Product, lang: Language = ENGLISH) -> str:
    """Return how a product is called on a row: "0.5 mg tablet"."""
    if product.liquid:
        return lang.say(
            "{strength} {liquid}", strength=strength_text(product, lang), liquid=form_name(product.form, lang)
        )
    return lang.say("{strength} {piece}", strength=strength_text(product, lang), piece=form_name(product.form, lang))


def count_text(count: int, lang: Language = ENGLISH) -> str:
    """Return a count of two or more, in words; more than twenty pieces are refused, as a case file refuses them.

    Raises:
        ValueError: more than twenty.
    """
    if count - 2 >= len(COUNTS):
        raise ValueError(f"{count} pieces at once are too many to be counted out")
    return lang.say_as("count", COUNTS[count - 2])


def _gender(form: str, lang: Language) -> str:
    gender = lang.say_as("gender", FORMS[form])
    return gender if gender in GENDERS else GENDERS[0]


def portion_in_words(portion: Portion, lang: Language = ENGLISH) -> str:
    """Say what to take of one product.

    Example: "one and a half 0.5 mg tablets", "half a 1 mg tablet", "2.5 mL of 0.1 mg/mL oral solution".

    Raises:
        ValueError: a part of a piece that is neither a quarter nor a half.
    """
    product, amount = portion.product, portion.amount
    strength = strength_text(product, lang)
    if product.liquid:
        values = {"ml": lang.number(amount), "strength": strength, "liquid": form_name(product.form, lang)}
        if portion.drops is None:
            return lang.say(LIQUID, **values)
        if portion.drops.denominator != 1:
            raise ValueError(f"{portion} is no whole number of drops")
        drops = lang.count("{number} drop", "{number} drops", int(portion.drops))
        return lang.say(LIQUID_DROPS, **values, drops=drops)
    whole, part = int(amount), amount - int(amount)
    if part not in MANY:
        raise ValueError(f"{amount} pieces cannot be said in halves and quarters")
    return lang.say_as(
        f"pieces {_gender(product.form, lang)}",
        PARTS.get(amount, MANY[part]),
        strength=strength,
        piece=form_name(product.form, lang),
        pieces=form_name(product.form, lang, several=True),
        count=count_text(whole, lang) if whole > 1 else "",
    )


def intake_in_words(intake: Intake, lang: Language = ENGLISH) -> str:
    """Say what to take at one time of day; without known portions, the dose alone."""
    time, dose = time_name(intake.time, lang), lang.dose(intake.dose)
    if not intake.portions:
        return lang.say(AS_NOW, time=time, dose=dose)
    return lang.say(INTAKE, time=time, what=portions_in_words(intake, lang), dose=dose)


def portions_in_words(intake: Intake, lang: Language = ENGLISH) -> str:
    """Say the portions of an intake, without time and dose."""
    return lang.say(JOINER).join(portion_in_words(portion, lang) for portion in intake.portions or ())


def step_in_words(step: Step, lang: Language = ENGLISH) -> str:
    """Say a whole day of one drug.

    Example: "Clonazepam 1.75 mg a day. Morning: one 0.5 mg tablet and one 0.25 mg orally disintegrating tablet
    (0.75 mg). Night: one 1 mg tablet (1 mg)."
    """
    drug = drug_name(step.drug, lang)
    if not step.intakes:
        return lang.say(NONE, drug=drug)
    day = lang.say(DAY, drug=drug, dose=lang.dose(step.daily))
    return ". ".join([day, *(intake_in_words(intake, lang) for intake in step.intakes)]) + "."


def read_step(words: str, lang: Language = ENGLISH) -> dict[str, Dose]:
    """Read the words of a step back to the dose at each time of day, from the pieces and not from the stated dose.

    Raises:
        WordsError: the pieces do not add up to the dose stated for their intake or for the day.
    """
    reader = _Reader.of(lang)
    if reader.none.fullmatch(words):
        return {}
    head, *intakes = re.split(rf"\. (?=(?:{'|'.join(map(re.escape, reader.times))}): )", words.removesuffix("."))
    doses = dict(reader.intake(each) for each in intakes)
    stated = reader.day.fullmatch(head)
    if stated is None or reader.dose(stated["dose"]) != sum(doses.values(), NO_DOSE):
        raise WordsError(f"{words!r}: the intakes do not add up to the day")
    return doses


def read_intake(words: str, lang: Language = ENGLISH) -> tuple[str, Dose]:
    """Read the words of one intake back to its time and dose, from the pieces.

    Raises:
        WordsError: the pieces do not add up to the dose that stands behind them.
    """
    return _Reader.of(lang).intake(words)


_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_OPEN = {
    "dose": rf"{_NUMBER} mg", "strength": rf"{_NUMBER} mg", "drug": r"[^\W\d_]+", "what": r".+", "ml": _NUMBER,
}  # fmt: skip


def _pattern(template: str, **words: str) -> re.Pattern[str]:
    """This function will turn a sentence with open places into a pattern that reads them back."""
    seen: set[str] = set()
    parts = []
    for literal, name in re.findall(r"([^{]*)(?:\{(\w+)\})?", template):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{words.get(name) or _OPEN[name]})")
            seen.add(name)
    return re.compile("".join(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """How one language's words are read back."""

    lang: Language
    times: dict[str, str]
    none: re.Pattern[str]
    day: re.Pattern[str]
    spoken: re.Pattern[str]
    as_now: re.Pattern[str]
    solids: tuple[tuple[re.Pattern[str], Fraction], ...]
    liquids: tuple[re.Pattern[str], ...]
    counts: dict[str, int]

    @classmethod
    @cache
    def of(cls, lang: Language) -> _Reader:
        times = {time_name(time, lang): time for time in TIMES}
        named = "|".join(map(re.escape, times))
        return cls(
            lang=lang,
            times=times,
            none=_pattern(lang.template(NONE)),
            day=_pattern(lang.template(DAY)),
            spoken=_pattern(lang.template(INTAKE), time=named),
            as_now=_pattern(lang.template(AS_NOW), time=named),
            solids=tuple(_solid_patterns(lang)),
            liquids=tuple(_liquid_patterns(lang)),
            counts={lang.say_as("count", word): number for number, word in enumerate(COUNTS, start=2)},
        )

    def number(self, text: str) -> Fraction:
        wrong = "," if self.lang.decimal_mark == "." else "."
        if wrong in text:
            raise WordsError(f"{text!r} is not how this language writes a number")
        return exact(text.replace(self.lang.decimal_mark, "."))

    def dose(self, text: str) -> Dose:
        return Dose(self.number(text.removesuffix(" mg")))

    def intake(self, words: str) -> tuple[str, Dose]:
        if match := self.as_now.fullmatch(words):
            return self.times[match["time"]], self.dose(match["dose"])
        match = self.spoken.fullmatch(words)
        if match is None:
            raise WordsError(f"{words!r} is no intake")
        stated, made = self.dose(match["dose"]), self.portions(match["what"])
        if made != stated:
            raise WordsError(f"{words!r}: the pieces make {made}")
        return self.times[match["time"]], stated

    def portions(self, what: str) -> Dose:
        """Read "one and a half … and two …": every way to part it into portions must make the same dose."""
        made = set(self._partings(what.split(self.lang.say(JOINER))))
        if len(made) != 1:
            raise WordsError(f"{what!r} is {'no list of portions' if not made else 'more than one dose'}")
        return made.pop()

    def _partings(self, parts: list[str]) -> Iterator[Dose]:
        if not parts:
            yield NO_DOSE
        for taken in range(1, len(parts) + 1):
            first = self._portion(self.lang.say(JOINER).join(parts[:taken]))
            if first is not None:
                yield from (first + rest for rest in self._partings(parts[taken:]))

    def _portion(self, words: str) -> Dose | None:
        for pattern, part in self.solids:
            if match := pattern.fullmatch(words):
                named = match.groupdict()
                return self.dose(named["strength"]) * (part + self._count(named.get("count")))
        for pattern in self.liquids:
            if match := pattern.fullmatch(words):
                return Dose(self.number(match["ml"]) * self.number(match["strength"].removesuffix(" mg/mL")))
        return None

    def _count(self, word: str | None) -> int:
        return 0 if word is None else self.counts[word]


def _solid_patterns(lang: Language) -> Iterator[tuple[re.Pattern[str], Fraction]]:
    forms = [form for form in FORMS if form_name(form, lang, several=True) != form_name(form, lang)]
    counts = "|".join(lang.say_as("count", word) for word in COUNTS)
    for gender in GENDERS:
        own = [form for form in forms if _gender(form, lang) == gender]
        one = "|".join(re.escape(form_name(form, lang)) for form in own)
        many = "|".join(re.escape(form_name(form, lang, several=True)) for form in own)
        for table in (PARTS, MANY):
            for part, message in table.items():
                template = lang.template(message, f"pieces {gender}")
                if own:
                    yield _pattern(template, piece=one, pieces=many, count=counts), part


def _liquid_patterns(lang: Language) -> Iterator[re.Pattern[str]]:
    liquids = "|".join(re.escape(form_name(form, lang)) for form in FORMS)
    drops = "|".join(
        lang.count("{number} drop", "{number} drops", number).replace(str(number), "[0-9]+") for number in (1, 2)
    )
    for message in (LIQUID, LIQUID_DROPS):
        yield _pattern(lang.template(message), liquid=liquids, drops=drops, strength=rf"{_NUMBER} mg/mL")
