"""Dull readers of the faces of a plan, written from what is printed and from nothing else.

Every reader returns plain data: for every day of the plan what is taken of which drug when. They share no line with
the package; their word lists are their own. A face that says something they do not know is a failure, never a guess.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2
import vobject
import zxingcpp
from dateutil import rrule

Doses = dict[tuple[dt.date, str, str], Fraction]
"""mg, by day, drug and time of day; at the time "day" the whole day's dose, zero on a day without any."""

Pieces = Counter[tuple[str, str, Fraction]]
"""How many (or how many mL) of which drug, form and strength (mg, or mg/mL)."""

TIMES = {
    "en": {"Morning": "morning", "Midday": "midday", "Afternoon": "afternoon", "Evening": "evening", "Night": "night"},
    "es": {"Mañana": "morning", "Mediodía": "midday", "Tarde": "afternoon", "Anochecer": "evening", "Noche": "night"},
}
BOXES = {
    "en": {"Morn.": "morning", "Noon": "midday", "Aft.": "afternoon", "Eve.": "evening", "Night": "night"},
    "es": {"Mañ.": "morning", "Med.": "midday", "Tarde": "afternoon", "Anoch.": "evening", "Noche": "night"},
}
DRUGS = {
    "en": {},
    "es": {
        "clordiazepóxido": "chlordiazepoxide",
        "clorazepato": "clorazepate",
        "eszopiclona": "eszopiclone",
        "zopiclona": "zopiclone",
    },
}
COUNTS = {
    "en": [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ],
    "es": [
        "un",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciséis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
    ],
}
FORMS = {
    "en": {
        "tablet": ("tablet", "tablets"),
        "odt": ("orally disintegrating tablet", "orally disintegrating tablets"),
        "capsule": ("capsule", "capsules"),
        "er-tablet": ("extended-release tablet", "extended-release tablets"),
        "er-capsule": ("extended-release capsule", "extended-release capsules"),
        "sl-tablet": ("sublingual tablet", "sublingual tablets"),
        "sl-odt": ("sublingual disintegrating tablet", "sublingual disintegrating tablets"),
        "film": ("oral film", "oral films"),
    },
    "es": {
        "tablet": ("comprimido", "comprimidos"),
        "odt": ("comprimido bucodispersable", "comprimidos bucodispersables"),
        "capsule": ("cápsula", "cápsulas"),
        "er-tablet": ("comprimido de liberación prolongada", "comprimidos de liberación prolongada"),
        "er-capsule": ("cápsula de liberación prolongada", "cápsulas de liberación prolongada"),
        "sl-tablet": ("comprimido sublingual", "comprimidos sublinguales"),
        "sl-odt": ("comprimido sublingual bucodispersable", "comprimidos sublinguales bucodispersables"),
        "film": ("película bucal", "películas bucales"),
    },
}
LIQUIDS = {
    "en": {
        "solution": "oral solution",
        "suspension": "oral suspension",
        "concentrate": "oral concentrate",
        "drops": "oral drops",
    },
    "es": {
        "solution": "solución oral",
        "suspension": "suspensión oral",
        "concentrate": "concentrado oral",
        "drops": "gotas orales",
    },
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
SHORT_WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "es": ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
}
SHORT_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
}
DRAFT = {"en": "DRAFT", "es": "BORRADOR"}
DECIMAL = {"en": ".", "es": ",", "es-US": "."}
ONE_DAY = dt.timedelta(1)


class UnreadableError(ValueError):
    """A face says something that a reader of it would have to guess at."""


@dataclass
class Taking:
    """What is taken of one drug at one time: the dose that is stated, and the pieces that must make it."""

    time: str
    dose: Fraction
    pieces: dict[tuple[str, Fraction], Fraction]


class Tongue:
    """One language's words, as regular expressions; `tag` is the one that the program was asked for."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.lang = lang = tag.split("-", maxsplit=1)[0]
        mark = re.escape(DECIMAL[tag])
        self.number_re = rf"\d+(?:{mark}\d+)?"
        self.dose_re = rf"{self.number_re} mg"
        self.times_re = "|".join(TIMES[lang])
        self.iso_re = r"\d{4}-\d\d-\d\d"
        self.drug_re = r"[^\W\d_]+"
        self.portions = tuple(self._solids()) + tuple(self._liquids())

    def _solids(self) -> Iterator[tuple[re.Pattern[str], str, Fraction]]:
        for form, (one, many) in FORMS[self.lang].items():
            for text, amount in self._phrases(one, many):
                yield re.compile(text.replace("{S}", f"(?P<strength>{self.number_re}) mg") + r"(?!\w)"), form, amount

    def _phrases(self, one: str, many: str) -> Iterator[tuple[str, Fraction]]:
        """Every way of saying so many of a piece, up to twenty and three quarters."""
        counts = COUNTS[self.lang]
        if self.lang == "en":
            parts = {"a half": Fraction(1, 2), "a quarter": Fraction(1, 4), "three quarters": Fraction(3, 4)}
            yield f"half a {{S}} {one}", Fraction(1, 2)
            yield f"a quarter of a {{S}} {one}", Fraction(1, 4)
            yield f"three quarters of a {{S}} {one}", Fraction(3, 4)
            for count, word in enumerate(counts, start=1):
                yield f"{word} {{S}} {one if count == 1 else many}", Fraction(count)
                for part, of in parts.items():
                    yield f"{word} and {part} {{S}} {many}", count + of
            return
        feminine = one.split(maxsplit=1)[0] in ("cápsula", "película")
        half, single = ("media", "una") if feminine else ("medio", "un")
        parts = {half: Fraction(1, 2), "un cuarto": Fraction(1, 4), "tres cuartos": Fraction(3, 4)}
        yield f"{half} {one} de {{S}}", Fraction(1, 2)
        yield f"un cuarto de {one} de {{S}}", Fraction(1, 4)
        yield f"tres cuartos de {one} de {{S}}", Fraction(3, 4)
        for count, word in enumerate((single, *counts[1:]), start=1):
            named = one if count == 1 else many
            yield f"{word} {named} de {{S}}(?! y (?:un|tres) cuarto)", Fraction(count)
            other = "otra" if feminine else "otro"
            for part, of in parts.items():
                quarters = f"{word} {named} de {{S}} y {part} de {other}"
                yield (f"{word} {named} y {part} de {{S}}" if part == half else quarters), count + of

    def _liquids(self) -> Iterator[tuple[re.Pattern[str], str, None]]:
        volume = rf"(?P<ml>{self.number_re}) mL"
        drop = r"(?: \((?P<drops>\d+) (?:drops?|gotas?)\))?"
        strength = rf"(?P<strength>{self.number_re}) mg/mL"
        for form, name in LIQUIDS[self.lang].items():
            what = f"of {strength} {name}" if self.lang == "en" else f"de {name} de {strength}"
            yield re.compile(f"{volume}{drop} {what}" + r"(?!\w)"), form, None

    def number(self, text: str) -> Fraction:
        if not re.fullmatch(self.number_re, text):
            raise UnreadableError(f"{text!r} is no number of {self.tag}")
        return Fraction(text.replace(",", "."))

    def dose(self, text: str) -> Fraction:
        return self.number(text.removesuffix(" mg"))

    def drug(self, name: str) -> str:
        return DRUGS[self.lang].get(name.lower(), name.lower())

    def pieces(self, text: str) -> dict[tuple[str, Fraction], Fraction]:
        """Read "one 0.5 mg tablet and half a 1 mg tablet" from the left, leaving nothing out."""
        found: dict[tuple[str, Fraction], Fraction] = {}
        joint = " and " if self.lang == "en" else " más "
        while True:
            reads = [(m, form, of) for pattern, form, of in self.portions if (m := pattern.match(text))]
            if len(reads) != 1:
                raise UnreadableError(f"{len(reads)} ways to read {text!r}")
            match, form, amount = reads[0]
            if amount is None:
                amount = self.number(match["ml"])
                if (form == "drops") != (match["drops"] is not None):
                    raise UnreadableError(f"drops are counted, and nothing else is: {text!r}")
            key = form, self.number(match["strength"])
            if key in found:
                raise UnreadableError(f"the same piece twice in {text!r}")
            found[key] = amount
            text = text[match.end() :]
            if not text:
                return found
            if not text.startswith(joint):
                raise UnreadableError(f"left over: {text!r}")
            text = text[len(joint) :]

    def taking(self, text: str) -> Taking:
        """Read "Morning: one 0.5 mg tablet (0.5 mg)"."""
        match = re.fullmatch(rf"({self.times_re}): (.+) \(({self.dose_re})\)", text)
        if not match:
            raise UnreadableError(f"no intake: {text!r}")
        as_now = rf"take ({self.dose_re}) as now" if self.lang == "en" else rf"tome ({self.dose_re}) como ahora"
        if now := re.fullmatch(as_now, match[2]):
            if now[1] != match[3]:
                raise UnreadableError(f"two doses: {text!r}")
            return Taking(TIMES[self.lang][match[1]], self.dose(match[3]), {})
        read = Taking(TIMES[self.lang][match[1]], self.dose(match[3]), self.pieces(match[2]))
        made = sum((strength * amount for (_, strength), amount in read.pieces.items()), Fraction(0))
        if made != read.dose:
            raise UnreadableError(f"the pieces make {made} mg: {text!r}")
        return read

    def takings(self, text: str) -> list[Taking]:
        """Read intakes one after the other, each with its full stop or, in a table, without."""
        one = rf"(?:{self.times_re}): (?:(?!(?:{self.times_re}): ).)+? \({self.dose_re}\)\.?(?: |$)"
        found = re.findall(one, text)
        if not found or "".join(found) != text:
            raise UnreadableError(f"not intakes only: {text!r}")
        read = [self.taking(each.strip().removesuffix(".")) for each in found]
        order = [list(TIMES["en"].values()).index(each.time) for each in read]
        if order != sorted(set(order)):
            raise UnreadableError(f"not in the order of the day: {text!r}")
        return read

    def step(self, words: str) -> tuple[str, list[Taking]]:
        """Read the words of a step: its drug and everything taken on a day, which must make the dose it states."""
        none = "take none" if self.lang == "en" else "no tome nada"
        if match := re.fullmatch(rf"({self.drug_re}): {none}\.", words):
            return self.drug(match[1]), []
        a_day = "a day" if self.lang == "en" else "al día"
        match = re.fullmatch(rf"({self.drug_re}) ({self.dose_re}) {a_day}\. (.+)", words)
        if not match or not words.endswith("."):
            raise UnreadableError(f"no step: {words!r}")
        read = self.takings(match[3])
        if sum(each.dose for each in read) != self.dose(match[2]):
            raise UnreadableError(f"the intakes do not make the day's dose: {words!r}")
        return self.drug(match[1]), read

    def long_date(self, text: str) -> dt.date:
        """Read a date written out; its day of the week must be the right one."""
        pattern = r"(\w+) (\d+) (\w+) (\d{4})" if self.lang == "en" else r"(\w+) (\d+) de (\w+) de (\d{4})"
        match = re.fullmatch(pattern, text)
        if not match:
            raise UnreadableError(f"no date: {text!r}")
        day = dt.date(int(match[4]), MONTHS[self.lang].index(match[3]) + 1, int(match[2]))
        if WEEKDAYS[self.lang][day.weekday()] != match[1]:
            raise UnreadableError(f"{day} is no {match[1]}")
        return day

    @property
    def short_date_re(self) -> str:
        return rf"(?:{'|'.join(SHORT_WEEKDAYS[self.lang])}) \d{{1,2}} (?:{'|'.join(SHORT_MONTHS[self.lang])})"

    def short_date(self, text: str, year: int) -> dt.date:
        weekday, number, month = text.split()
        day = dt.date(year, SHORT_MONTHS[self.lang].index(month) + 1, int(number))
        if SHORT_WEEKDAYS[self.lang][day.weekday()] != weekday:
            raise UnreadableError(f"{day} is no {weekday}")
        return day


@dataclass
class Spread:
    """Doses written day by day; a day that is written twice is an error."""

    doses: Doses = field(default_factory=dict)

    def put(self, day: dt.date, drug: str, time: str, dose: Fraction) -> None:
        if (day, drug, time) in self.doses:
            raise UnreadableError(f"{drug} stands twice on {day} at {time}")
        self.doses[day, drug, time] = dose

    def step(self, first: dt.date, after: dt.date | None, drug: str, at: dict[str, Fraction]) -> None:
        """Write a step; of one whose end is open its first day."""
        after = after or first + ONE_DAY
        if after <= first:
            raise UnreadableError(f"a step from {first} until {after}")
        for number in range((after - first).days):
            day = first + number * ONE_DAY
            self.put(day, drug, "day", sum(at.values(), Fraction(0)))
            for time, dose in at.items():
                self.put(day, drug, time, dose)


def by_time(takings: list[Taking]) -> dict[str, Fraction]:
    return {each.time: each.dose for each in takings}


def mg(text: str) -> Fraction:
    """Read a plain number as programs write it: "0.125" or "1/3"."""
    if not re.fullmatch(r"\d+(\.\d+)?|\d+/\d+", text):
        raise UnreadableError(f"{text!r} is no plain number")
    return Fraction(text)


def worth(product: str) -> Fraction:
    """Read how many mg are in one piece (or one mL) off a product's key, which ends in its strength."""
    match = re.search(r"-(\d+(?:\.\d+)?)(mg|mcg)(?:-per-ml)?(?:-|$)", product)
    if not match:
        raise UnreadableError(f"no strength in {product!r}")
    return Fraction(match[1]) / (1000 if match[2] == "mcg" else 1)


def read_note(text: str, tongue: Tongue) -> Doses:
    """Read the record note: one line a step."""
    spread = Spread()
    to, onward, days = (" to ", " onward", "days?") if tongue.lang == "en" else (" a ", " en adelante", "días?")
    row = re.compile(rf"({tongue.iso_re})(?:{to}({tongue.iso_re}) \((\d+) {days}\)|{onward}): ({tongue.drug_re}[: ].+)")
    for line in text.splitlines():
        if match := row.fullmatch(line):
            first = dt.date.fromisoformat(match[1])
            after = dt.date.fromisoformat(match[2]) + ONE_DAY if match[2] else None
            if after and (after - first).days != int(match[3]):
                raise UnreadableError(f"not {match[3]} days: {line!r}")
            drug, takings = tongue.step(match[4])
            spread.step(first, after, drug, by_time(takings))
        elif re.match(tongue.iso_re, line):
            raise UnreadableError(f"not read: {line!r}")
    return spread.doses


def read_spreadsheet(text: str, tongue: Tongue) -> Doses:
    """Read the spreadsheet: one row a portion."""
    spread = Spread()
    steps: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        steps.setdefault((row["from"], row["drug"]), []).append(row)
    for (from_, drug), rows in steps.items():
        first = dt.date.fromisoformat(from_)
        after = dt.date.fromisoformat(rows[0]["last_day"]) + ONE_DAY if rows[0]["last_day"] else None
        if rows[0]["days"] != (str((after - first).days) if after else ""):
            raise UnreadableError(f"not so many days: {rows[0]}")
        at: dict[str, Fraction] = {}
        made: Counter[str] = Counter()
        for row in rows:
            if {key: row[key] for key in ("last_day", "days", "daily_mg", "words")} != {
                key: rows[0][key] for key in ("last_day", "days", "daily_mg", "words")
            }:
                raise UnreadableError(f"rows of one step differ: {row}")
            if not row["time"]:
                continue
            if at.setdefault(row["time"], mg(row["dose_mg"])) != mg(row["dose_mg"]):
                raise UnreadableError(f"two doses at one time: {row}")
            if not row["product"]:  # taken as it is now, from what is at home
                made[row["time"]] += mg(row["dose_mg"])
                continue
            if mg(row["portion_mg"]) != mg(row["amount"]) * worth(row["product"]):
                raise UnreadableError(f"the portion is not its amount times its strength: {row}")
            if row["unit"] != ("mL" if row["product"].endswith("-per-ml") or "-per-ml-" in row["product"] else "piece"):
                raise UnreadableError(f"a wrong unit: {row}")
            made[row["time"]] += mg(row["portion_mg"])
        named, takings = tongue.step(rows[0]["words"])
        if (named, by_time(takings)) != (drug, at) or dict(made) != at or sum(at.values()) != mg(rows[0]["daily_mg"]):
            raise UnreadableError(f"words, portions and doses differ: {rows}")
        spread.step(first, after, drug, at)
    return spread.doses


def _amount(piece: dict[str, str]) -> Fraction:
    return mg(piece["ml" if "-per-ml" in piece["product"] else "count"])


def read_document(document: dict[str, Any], tongue: Tongue) -> Doses:
    """Read the one option of plan.json."""
    spread = Spread()
    (option,) = document["options"]
    for step in [*([option["baseline"]] if option["baseline"] else []), *option["steps"]]:
        at = {each["time"]: mg(each["dose_mg"]) for each in step["intakes"]}
        made = {
            each["time"]: sum((_amount(piece) * worth(piece["product"]) for piece in each["pieces"]), Fraction(0))
            if each["pieces"]
            else mg(each["dose_mg"])
            for each in step["intakes"]
        }
        drug, takings = tongue.step(step["words"])
        if (drug, by_time(takings)) != (step["drug"], at) or made != at or sum(at.values()) != mg(step["daily_mg"]):
            raise UnreadableError(f"words, pieces and doses differ: {step}")
        until = dt.date.fromisoformat(step["until"]) if step["until"] else None
        spread.step(dt.date.fromisoformat(step["from"]), until, drug, at)
    return spread.doses


def read_regimen_file(text: str) -> Doses:
    """Read plan.toml or printed.toml."""
    spread = Spread()
    for step in tomllib.loads(text)["step"]:
        at = {each["time"]: mg(each["dose"].removesuffix(" mg")) for each in step["intakes"]}
        for each in step["intakes"]:
            made = sum(_amount(piece) * worth(piece["product"]) for piece in each.get("pieces", []))
            if "pieces" in each and made != at[each["time"]]:
                raise UnreadableError(f"the pieces do not make the dose: {each}")
        spread.step(step["from"], step.get("until"), step["drug"], at)
    return spread.doses


@dataclass
class Handed:
    """One collection as the pharmacy reads it."""

    on: dt.date
    first: dt.date
    last: dt.date
    items: dict[str, Fraction]
    left: list[tuple[str, Fraction, Fraction]]
    labels: list[str]


def read_pharmacy(text: str, tongue: Tongue) -> list[Handed]:
    """Read the collections of pharmacy.txt; the labels inside are still text."""
    if tongue.lang == "en":
        head = r"Collection (\d+) of (\d+): hand over on (.+?) \((.{10})\), for (.{10}) to (.{10}) \((\d+) days?\)\."
        left_over, label = "Left over at its end, to be used first: ", r"Label \((\d+) characters\): (.+)"
    else:
        head = r"Recogida (\d+) de (\d+): entregar el (.+?) \((.{10})\); cubre del (.{10}) al (.{10}) \((\d+) días?\)\."
        left_over, label = None, r"Etiqueta \((\d+) caracteres\): (.+)"
    found: list[Handed] = []
    total = 0
    for line in text.splitlines():
        if match := re.fullmatch(head, line):
            if int(match[1]) != len(found) + 1:
                raise UnreadableError(f"not the next one: {line!r}")
            total = int(match[2])
            on, first, last = (dt.date.fromisoformat(match[number]) for number in (4, 5, 6))
            if tongue.long_date(match[3]) != on or (last - first).days + 1 != int(match[7]):
                raise UnreadableError(f"dates that differ: {line!r}")
            found.append(Handed(on, first, last, {}, [], []))
        elif not line.startswith("  "):
            if re.match(r"Collection|Recogida", line):
                raise UnreadableError(f"not read: {line!r}")
        elif match := re.fullmatch(label, line.strip()):
            if len(match[2]) != int(match[1]):
                raise UnreadableError(f"not {match[1]} characters: {line!r}")
            found[-1].labels.append(match[2])
        elif match := re.fullmatch(r"  (.+?)  \[.*?; (\S+)\]", line):
            drug, (form, strength, amount) = _item(match[1], tongue)
            key = match[2]
            if not re.search(rf"^[a-z]+-{drug}-{form}-", key) or worth(key) != strength or key in found[-1].items:
                raise UnreadableError(f"not this product, or twice: {line!r}")
            found[-1].items[key] = amount
        elif left_over is None or line.strip().startswith(left_over):
            says = line.strip().removesuffix(".").split(": ", maxsplit=1)[1]
            found[-1].left.append(_item(says, tongue)[1])
        else:
            raise UnreadableError(f"not read: {line!r}")
    if len(found) != total:
        raise UnreadableError(f"{len(found)} collections")
    return found


def _item(text: str, tongue: Tongue) -> tuple[str, tuple[str, Fraction, Fraction]]:
    """Read "14 × clonazepam, 0.5 mg tablet" or "126 mL of clonazepam, 0.1 mg/mL oral solution"."""
    number = tongue.number_re
    named = re.fullmatch(rf"({number} (?:×|mL (?:of|de))) ({tongue.drug_re}), (.+)", text)
    if not named:
        raise UnreadableError(f"no product: {text!r}")
    drug, text = tongue.drug(named[2]), f"{named[1]} {named[3]}"
    for form, (one, _) in FORMS[tongue.lang].items():
        what = rf"({number}) mg {one}" if tongue.lang == "en" else rf"{one} de ({number}) mg"
        if match := re.fullmatch(rf"({number}) × {what}", text):
            return drug, (form, tongue.number(match[2]), tongue.number(match[1]))
    for form, name in LIQUIDS[tongue.lang].items():
        what = rf"of ({number}) mg/mL {name}" if tongue.lang == "en" else rf"de {name} de ({number}) mg/mL"
        if match := re.fullmatch(rf"({number}) mL {what}", text):
            return drug, (form, tongue.number(match[2]), tongue.number(match[1]))
    raise UnreadableError(f"no product: {text!r}")


@dataclass
class Line:
    """One time of one span of a label."""

    first: dt.date
    last: dt.date
    drug: str
    taking: Taking
    part_of: Fraction | None


def read_direction(text: str, tongue: Tongue) -> list[Line]:
    """Read one label by itself: it names the drug, the days, the times, the pieces and the doses, and nothing else."""
    match = re.match(rf"({tongue.drug_re})\. ", text)
    if not match:
        raise UnreadableError(f"no drug: {text!r}")
    drug, rest = tongue.drug(match[1]), text[match.end() :]
    span = r"From (.{10}) to (.{10})\. " if tongue.lang == "en" else r"Del (.{10}) al (.{10})\. "
    part = "part of" if tongue.lang == "en" else "parte de"
    starts = list(re.finditer(span, rest))
    if not starts or starts[0].start() != 0:
        raise UnreadableError(f"no days: {text!r}")
    found = []
    for here, after in zip(starts, [*starts[1:], None], strict=True):
        first, last = (dt.date.fromisoformat(here[number]) for number in (1, 2))
        body = rest[here.end() : after.start() if after else len(rest)].strip()
        one = rf"((?:{tongue.times_re}): .+? \({tongue.dose_re}\))(?:, {part} ({tongue.dose_re}))?\.(?: |$)"
        lines = list(re.finditer(one, body))
        if not lines or "".join(each[0] for each in lines) != body:
            raise UnreadableError(f"not directions only: {text!r}")
        for each in lines:
            whole = tongue.dose(each[2]) if each[2] else None
            found.append(Line(first, last, drug, tongue.taking(each[1]), whole))
    return found


def doses_of_labels(handed: list[Handed], tongue: Tongue) -> Doses:
    """Sum the labels of every day, and see that a part says what it is part of."""
    spread: Doses = {}
    parts: dict[tuple[dt.date, str, str], list[tuple[Fraction, Fraction | None]]] = {}
    for each in handed:
        for label in each.labels:
            for line in read_direction(label, tongue):
                if not each.first <= line.first <= line.last <= each.last:
                    raise UnreadableError(f"days outside the collection: {label!r}")
                for number in range((line.last - line.first).days + 1):
                    key = line.first + number * ONE_DAY, line.drug, line.taking.time
                    parts.setdefault(key, []).append((line.taking.dose, line.part_of))
    for (day, drug, time), found in parts.items():
        dose = sum((taken for taken, _ in found), Fraction(0))
        if {whole for _, whole in found} != ({None} if len(found) == 1 else {dose}):
            raise UnreadableError(f"{drug} on {day} at {time}: parts of something else: {found}")
        spread[day, drug, time] = dose
        spread[day, drug, "day"] = spread.get((day, drug, "day"), Fraction(0)) + dose
    return spread


def taken_of(each: Handed, tongue: Tongue) -> Pieces:
    """Add up the pieces that the labels of a collection tell somebody to take on its days."""
    taken: Pieces = Counter()
    for label in each.labels:
        for line in read_direction(label, tongue):
            days = (line.last - line.first).days + 1
            for (form, strength), amount in line.taking.pieces.items():
                taken[line.drug, form, strength] += amount * days
    return taken


def check_quantities(handed: list[Handed], tongue: Tongue) -> Pieces:
    """See that what is handed over, taken and left over add up in every collection; return all that is handed over."""
    have: Pieces = Counter()
    all_handed: Pieces = Counter()
    all_taken: Pieces = Counter()
    for each in handed:
        came: Pieces = Counter()
        for key, amount in each.items.items():
            _, drug, rest = key.split("-", maxsplit=2)
            form = next(form for form in (*FORMS["en"], *LIQUIDS["en"]) if rest.startswith(f"{form}-"))
            came[drug, form, worth(key)] += amount
        taken = taken_of(each, tongue)
        all_handed.update(came)
        all_taken.update(taken)
        have.update(came)
        have.subtract(taken)
        for (drug, form, strength), amount in have.items():
            solid = form in FORMS["en"]
            due = all_taken[drug, form, strength]
            if all_handed[drug, form, strength] != (ceil(due) if solid else due):
                raise UnreadableError(f"not the exact sum rounded up once: {drug} {form} {strength} by {each.last}")
            if not 0 <= amount < 1:
                raise UnreadableError(f"{amount} of {drug} {form} {strength} at the end of {each.last}")
        says = sorted(each.left)
        kept = sorted((form, strength, amount) for (_, form, strength), amount in have.items() if amount)
        touched = {(form, strength) for _, form, strength in (*came, *taken)}
        if [row for row in kept if row[:2] in touched] != [row for row in says if row[:2] in touched]:
            raise UnreadableError(f"left over on {each.last}: {kept}, says {says}")
    return all_handed


@dataclass
class Appointment:
    """One event of the calendar, as it stands in the file."""

    uid: str
    summary: str
    status: str
    whole_day: bool
    first: dt.date | dt.datetime
    after: dt.date | None
    rule: str | None
    zone: str | None
    text: str

    @property
    def endless(self) -> bool:
        return self.rule == "FREQ=DAILY"


def read_calendar(ics: str) -> list[Appointment]:
    """Read the events of a calendar, with vobject and without its own idea of times."""
    (root,) = vobject.readComponents(ics, transform=False)
    found = []
    for event in root.contents["vevent"]:
        own = {name: each[0] for name, each in event.contents.items()}
        start = own["dtstart"]
        whole_day = start.params.get("VALUE") == ["DATE"]
        value, utc = start.value.removesuffix("Z"), start.value.endswith("Z")
        moment = dt.datetime.strptime(value, "%Y%m%d" if whole_day else "%Y%m%dT%H%M%S")  # noqa: DTZ007
        end = own.get("dtend")
        after = dt.datetime.strptime(end.value, "%Y%m%d").date() if end else None  # noqa: DTZ007
        found.append(
            Appointment(
                uid=own["uid"].value,
                summary=_plain(own["summary"].value),
                status=own["status"].value,
                whole_day=whole_day,
                first=moment.date() if whole_day else moment,
                after=after,
                rule=own["rrule"].value if "rrule" in own else None,
                zone="UTC" if utc else (start.params.get("TZID") or [None])[0],
                text=_plain(own["description"].value),
            )
        )
    return found


def _plain(text: str) -> str:
    return re.sub(r"\\([\\;,])", r"\1", text.replace("\\n", "\n"))


def occurrences(event: Appointment) -> list[dt.datetime]:
    """Expand a timed event, in its own zone where it names one; of one that never ends its first day."""
    assert isinstance(event.first, dt.datetime)
    start = event.first.replace(tzinfo=ZoneInfo(event.zone)) if event.zone else event.first
    if event.rule is None or event.endless:
        return [start]
    return list(rrule.rrulestr(event.rule, dtstart=start))


def doses_of_calendar(events: list[Appointment], tongue: Tongue, hours: dict[str, dt.time]) -> tuple[Doses, Doses]:
    """Return what the all-day events say and what the timed ones say, each by itself."""
    whole, timed = Spread(), Spread()
    daily: Doses = {}
    prefix = f"{DRAFT[tongue.lang]}: "
    for event in events:
        words = event.summary.removeprefix(prefix)
        if event.whole_day:
            drug, takings = tongue.step(words)
            whole.step(event.first, event.after, drug, by_time(takings))
            continue
        match = re.fullmatch(rf"({tongue.drug_re})\. (.+)", words)
        if not match:
            raise UnreadableError(f"no intake: {event.summary!r}")
        taking, drug = tongue.taking(match[2]), tongue.drug(match[1])
        for moment in occurrences(event):
            if moment.time() != hours[taking.time]:
                raise UnreadableError(f"{event.summary!r} rings at {moment}")
            timed.put(moment.date(), drug, taking.time, taking.dose)
            key = moment.date(), drug, "day"
            daily[key] = daily.get(key, Fraction(0)) + taking.dose
    return whole.doses, timed.doses | daily


def read_code(text: str) -> Doses:
    """Read what a scanner gives for the square code."""
    letters = {"M": "morning", "D": "midday", "A": "afternoon", "E": "evening", "N": "night"}
    spread = Spread()
    head, *drugs = re.split(r" (?=/[A-Z])", text)
    if not drugs or not re.fullmatch(r"OPENTAPER:1 [0-9A-F]{12} V\d+ [0-9A-F]{12}", head):
        raise UnreadableError(f"not our code: {text!r}")
    for each in drugs:
        name, *steps = each.split(":")
        match = re.fullmatch(r"/([A-Z]+) (\d{8})", name)
        if not match or not steps:
            raise UnreadableError(f"no drug: {each!r}")
        start = dt.datetime.strptime(match[2], "%Y%m%d").date()  # noqa: DTZ007
        rows: list[tuple[dt.date, dict[str, Fraction] | None]] = []
        for step in steps:
            offset, *takings = step.split(" ")
            day = start + int(offset.removesuffix(".")) * ONE_DAY
            if offset.endswith("."):
                rows.append((day, None))
                continue
            at = {letters[taking[0]]: mg(taking[1:]) for taking in takings}
            if len(at) != len(takings) or not all(at.values()):
                raise UnreadableError(f"a time twice, or a dose of nothing: {step!r}")
            rows.append((day, at))
        for (first, at), after in zip(rows, [day for day, _ in rows[1:]] + [None], strict=True):
            if at is not None:
                spread.step(first, after, match[1].lower(), at)
    return spread.doses


def scan(page: pypdfium2.PdfPage, dpi: int = 200) -> list[str]:
    """Scan every square code off a rendered page."""
    image = page.render(scale=dpi / 72).to_pil()
    return [each.text for each in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)]


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of every page on one line, without the foot that stands on each and the draft behind it."""
    document = pypdfium2.PdfDocument(pdf)
    return [flat(page.get_textpage().get_text_bounded()) for page in document]


def flat(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u2009\u2060]+", " ", text.replace("\u2060", "").replace("\ufffe", "-")).strip()


def body_of(pdf: bytes, tongue: Tongue) -> list[str]:
    """Return the pages of the text without the watermark, the foot and the repeated head of the table."""
    draft = DRAFT[tongue.lang]
    if tongue.lang == "en":
        foot, head = r"Plan \w{12}, version (?:(?!Plan ).)+? page \d+ / \d+$", "From Last day A day What to take "
    else:
        foot, head = r"Plan \w{12}, versión (?:(?!Plan ).)+? página \d+ / \d+$", "Desde Último día Al día Qué tomar "
    found = []
    for page in pages_of(pdf):
        bare = page.removeprefix(f"{draft} ")
        bare, feet = re.subn(foot, "", bare)
        if feet != 1:
            raise UnreadableError(f"{feet} feet on a page: {page[-200:]!r}")
        found.append(bare.replace(head, "", 1).strip())
    return found


def read_steps_table(pdf: bytes, tongue: Tongue) -> Doses:
    """Read the table of all steps of a leaflet; every step stands whole on one page."""
    date = tongue.short_date_re
    row = re.compile(rf"({date}) (\d{{4}}) ?(?:– ?|({date}) (\d{{4}}) )({tongue.drug_re}) ({tongue.dose_re}) ")
    none = "take none" if tongue.lang == "en" else "no tome nada"
    one = re.compile(rf"((?:{tongue.times_re}): (?:(?!(?:{tongue.times_re}): ).)+? \({tongue.dose_re}\))(?: |$)")
    spread = Spread()
    for text in body_of(pdf, tongue):
        for match in row.finditer(text):
            first = tongue.short_date(match[1], int(match[2]))
            after = tongue.short_date(match[3], int(match[4])) + ONE_DAY if match[3] else None
            drug, stated = tongue.drug(match[5]), tongue.dose(match[6])
            place, takings = match.end(), []
            while each := one.match(text, place):
                takings.append(tongue.taking(each[1]))
                place = each.end()
            if not takings and not text.startswith(none, place):
                raise UnreadableError(f"nothing to take: {text[match.start() : place + 60]!r}")
            if sum((each.dose for each in takings), Fraction(0)) != stated:
                raise UnreadableError(f"the intakes do not make the day's dose: {text[match.start() : place]!r}")
            spread.step(first, after, drug, by_time(takings))
    return spread.doses


@dataclass
class Cell:
    """One day of the day calendar; a drug without a name is the only one."""

    day: dt.date
    doses: dict[str | None, Fraction]
    boxes: list[str]
    page: int


def read_cells(pdf: bytes, tongue: Tongue, starts: dt.date) -> list[Cell]:
    """Read the day calendar; a cell without a year is in the year of the one before it."""
    year_re = r"(?: (\d{4}))?"
    dose = rf"(?:(?:[^\W\d_A-Z]+ )?{tongue.dose_re})"
    boxes = "|".join(re.escape(each) for each in BOXES[tongue.lang])
    cell = re.compile(rf"({tongue.short_date_re}){year_re} ({dose}(?: {dose})*)((?: (?:{boxes})(?=\s|$))*)")
    found: list[Cell] = []
    year = starts.year
    for number, text in enumerate(body_of(pdf, tongue)):
        for match in cell.finditer(text):
            year = int(match[2] or year)
            doses: dict[str | None, Fraction] = {}
            for name, amount in re.findall(rf"(?:([^\W\d_]+) )?({tongue.dose_re})", match[3]):
                doses[tongue.drug(name) if name else None] = tongue.dose(amount)
            ticks = [BOXES[tongue.lang][each] for each in match[4].split()]
            found.append(Cell(tongue.short_date(match[1], year), doses, ticks, number))
    return found


def read_letter(pdf: bytes, tongue: Tongue) -> Doses:
    """Read the steps of the letter, which stand in it as sentences."""
    text = " ".join(body_of(pdf, tongue))
    to, onward, days = (" to ", " onward", "days?") if tongue.lang == "en" else (" a ", " en adelante", "días?")
    none = "take none" if tongue.lang == "en" else "no tome nada"
    a_day = "a day" if tongue.lang == "en" else "al día"
    row = re.compile(
        rf"({tongue.iso_re})(?:{to}({tongue.iso_re}) \((\d+) {days}\)|{onward}): "
        rf"((?:{tongue.drug_re}): {none}\.|{tongue.drug_re} {tongue.dose_re} {a_day}\."
        rf"(?: (?:{tongue.times_re}): (?:(?!(?:{tongue.times_re}): ).)+? \({tongue.dose_re}\)\.)+)"
    )
    spread = Spread()
    for match in row.finditer(text):
        first = dt.date.fromisoformat(match[1])
        after = dt.date.fromisoformat(match[2]) + ONE_DAY if match[2] else None
        if after and (after - first).days != int(match[3]):
            raise UnreadableError(f"not {match[3]} days: {match[0]!r}")
        drug, takings = tongue.step(match[4])
        spread.step(first, after, drug, by_time(takings))
    return spread.doses
