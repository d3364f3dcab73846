"""The leaflet: what to take, on which day, what comes next, and what to do when something goes wrong.

Everything that it shows is prepared here as text; the template only lays it out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from opentaper.exchange.faces.code import code_svg
from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import drugs_of, knowledge_line, taken_at_the_end, taken_now
from opentaper.exchange.faces.label import unverified_products
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.typeset import pdf
from opentaper.exchange.words import (
    drug_name,
    form_name,
    intake_in_words,
    portion_in_words,
    portions_in_words,
    strength_text,
    time_name,
)
from opentaper.knowledge import Advice, Phone
from opentaper.patient import TIMES, Intake, Portion, Step
from opentaper.plan import Visit
from opentaper.quantity import NO_DOSE, Dose

FIRST_PAGE_DAYS = 14
LETTER_PAPER = ("US", "CA")
SHORT_TIMES = {"morning": "Morn.", "midday": "Noon", "afternoon": "Aft.", "evening": "Eve.", "night": "Night"}
SHAPES = {"tablet": "round", "sl-tablet": "round", "odt": "ring", "sl-odt": "ring", "film": "film"}
"""How a form is drawn; anything else is a capsule."""


def leaflet(edition: Edition, lang: Language = ENGLISH, *, large: bool = False, chart: str | None = None) -> bytes:
    """Typeset the leaflet of an edition.

    Args:
        edition: the plan; a draft carries a watermark.
        lang: the language of everything on it.
        large: large print.
        chart: a drawing (SVG) of the dose over time, made before.
    """
    return pdf("leaflet", unbroken(leaflet_data(edition, lang, large=large, chart=chart)), on=edition.made_on)


_AMOUNT = re.compile(r"(?<=[0-9]) (?=mg|mL|%)")
DRAWINGS = ("chart", "code")


def unbroken(data: Mapping[str, Any]) -> dict[str, Any]:
    """Bind every number to its unit, so that no line ends between them; drawings stay as they are."""
    return {key: value if key in DRAWINGS else _unbroken(value) for key, value in data.items()}


def _unbroken(value: Any) -> Any:
    if isinstance(value, str):
        return _AMOUNT.sub("\u00a0", value)
    if isinstance(value, dict):
        return {key: _unbroken(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unbroken(each) for each in value]
    return value


def leaflet_data(
    edition: Edition, lang: Language = ENGLISH, *, large: bool = False, chart: str | None = None
) -> dict[str, Any]:
    """Return everything that the leaflet shows, as text."""
    regimen = edition.regimen
    first_days, later_days = _days(edition, lang)
    drawn_code = code_svg(edition)
    several = len(regimen.drugs) > 1
    return {
        "lang": lang.tag.split("-", maxsplit=1)[0],
        "paper": "us-letter" if edition.case.supply.country in LETTER_PAPER else "a4",
        "large": large,
        "title": lang.say("Your {drug} taper", drug=drugs_of(edition, lang)),
        "subtitle": lang.say(
            "From {present} to {goal} a day, step by step",
            present=taken_now(edition, lang) if several else lang.dose(edition.case.present.daily),
            goal=taken_at_the_end(edition, lang) if several else lang.dose(regimen.steps[-1].daily),
        ),
        "replaces": lang.say(
            "This is version {number}. It replaces version {before}: throw older sheets away.",
            number=edition.number, before=edition.number - 1,
        )
        if edition.number > 1
        else None,
        "others": lang.say("Everything else that you take stays as it is, unless your clinic says otherwise."),
        "name": lang.say("Name"),
        "clinic": lang.say("Clinic, telephone"),
        "draft": lang.say("DRAFT") if edition.draft else None,
        "draft_says": lang.say("DRAFT – not signed, not to be taken or dispensed from.") if edition.draft else None,
        "version": _version(edition, lang),
        "now": list(_cards(edition, lang)),
        "next": _next(edition, lang),
        "visits": [visit_text(visit, lang) for visit in edition.plan.visits if visit.last >= regimen.steps[0].from_],
        "first_title": lang.say("The first two weeks: tick each intake"),
        "first_days": first_days,
        "later_title": lang.say("The days after that"),
        "later_days": later_days,
        "legend": lang.say("A thick frame is the first day on a new dose. One box for each intake."),
        "steps_title": lang.say("All steps"),
        "steps_head": [lang.say("From"), lang.say("Last day"), lang.say("A day"), lang.say("What to take")],
        "steps": [_step_row(step, lang) for step in regimen.steps],
        "chart": chart,
        "chart_alt": lang.say("The dose of each day over time, as in the table above."),
        "advice": _advice(edition, lang),
        "code": drawn_code,
        "code_alt": lang.say("QR code of this plan"),
        "code_says": lang.say("This plan as a code: a pharmacy or another clinic can read it without any account.")
        if drawn_code
        else lang.say("This plan is too long for a code that can be scanned."),
        "sources_title": lang.say("Where this comes from"),
        "sources": _sources(edition, lang),
        "drawn": lang.say("Drawn to show the part to take (dark), not the real size."),
        "page": lang.say("page"),
    }  # fmt: skip


def _version(edition: Edition, lang: Language) -> str:
    return lang.say(
        "Plan {identity}, version {number}, {on}, checksum {digest}.",
        identity=edition.identity, number=edition.number, on=lang.date(edition.made_on), digest=edition.digest[:12],
    )  # fmt: skip


def _dates(from_: dt.date, until: dt.date | None, lang: Language) -> str:
    if until is None:
        return lang.say("From {first} on", first=lang.date(from_))
    return lang.say("{first} to {last}", first=lang.date(from_), last=lang.date(until - dt.timedelta(1)))


def _cards(edition: Edition, lang: Language) -> Iterator[dict[str, Any]]:
    """This function will yield what is taken, span by span, until the first two weeks are covered."""
    syringes = [int(size) for size in edition.known.convention("syringes-ml").value.split(",")]
    first = edition.regimen.steps[0].from_
    for from_, until, steps in edition.regimen.spans():
        if from_ >= first + dt.timedelta(FIRST_PAGE_DAYS):
            return
        yield {
            "dates": _dates(from_, until, lang),
            "drugs": [_card(step, syringes, lang) for step in steps],
        }


def _card(step: Step, syringes: Sequence[int], lang: Language) -> dict[str, Any]:
    drug = drug_name(step.drug, lang)
    if not step.intakes:
        return {"head": lang.say("{drug}: take none.", drug=drug).removesuffix("."), "intakes": []}
    return {
        "head": lang.say("{drug} {dose} a day", drug=drug, dose=lang.dose(step.daily)),
        "intakes": [_intake(intake, syringes, lang) for intake in step.intakes],
    }


def _intake(intake: Intake, syringes: Sequence[int], lang: Language) -> dict[str, Any]:
    dose = lang.dose(intake.dose)
    return {
        "time": time_name(intake.time, lang),
        "dose": dose,
        "words": portions_in_words(intake, lang) if intake.portions else lang.say("take {dose} as now", dose=dose),
        "drawn": [_drawn(portion, syringes, lang) for portion in intake.portions or ()],
    }


def _drawn(portion: Portion, syringes: Sequence[int], lang: Language) -> dict[str, Any]:
    """This function will say how a portion is drawn: whole and broken pieces, or a syringe with its mark."""
    product = portion.product
    shown = {
        "label": strength_text(product, lang),
        "form": form_name(product.form, lang),
        "words": portion_in_words(portion, lang),
    }
    if product.liquid:
        size = next((each for each in syringes if portion.amount <= each), syringes[-1])
        fills = -(-portion.amount // size)
        if fills > 1 or portion.drops is not None:
            return {**shown, "kind": "amount", "mark": _amount(portion, lang)}
        return {
            **shown,
            "kind": "syringe",
            "size": size,
            "mark": _amount(portion, lang),
            "filled": _ratio(portion.amount),
        }
    whole, part = int(portion.amount), portion.amount - int(portion.amount)
    return {
        **shown,
        "kind": SHAPES.get(product.form, "capsule"),
        "whole": whole,
        "quarters": int(part * 4),
        "scored": product.finest_part < 1,
    }


def _amount(portion: Portion, lang: Language) -> str:
    if portion.drops is not None:
        return lang.count("{number} drop", "{number} drops", int(portion.drops))
    return f"{lang.number(portion.amount)} mL"


def _ratio(number: Fraction) -> list[int]:
    return [number.numerator, number.denominator]


def _next(edition: Edition, lang: Language) -> dict[str, Any]:
    """This function will say the first change after the first day."""
    changes = [from_ for from_, _, _ in edition.regimen.spans()][1:]
    if not changes:
        return {
            "title": lang.say("Next change"),
            "date": lang.say("none planned"),
            "says": lang.say("This dose stays until you and your clinic decide otherwise."),
            "what": [],
        }
    steps = edition.regimen.on(changes[0])
    return {
        "title": lang.say("Next change"),
        "date": lang.date(changes[0]),
        "says": " + ".join(
            lang.say("{drug} {dose} a day", drug=drug_name(step.drug, lang), dose=lang.dose(step.daily))
            for step in steps
        ),
        "what": [
            f"{drug_name(step.drug, lang)}. {words}" if len(steps) > 1 else words
            for step in steps
            for words in (intake_in_words(intake, lang) for intake in step.intakes)
        ],
    }


def _days(edition: Edition, lang: Language) -> tuple[list[Any], list[Any]]:
    """This function will return the days of the first two weeks, and all later ones, week by week."""
    regimen = edition.regimen
    first, last = regimen.steps[0].from_, edition.plan.ends_on
    if regimen.on(last) and any(step.intakes for step in regimen.on(last)):
        last += dt.timedelta(edition.case.supply.days_per_supply.days - 1)
    count = max((last - first).days + 1, FIRST_PAGE_DAYS)
    cells = [_cell(edition, first + dt.timedelta(number), lang) for number in range(count)]
    return (
        [cells[start : start + 7] for start in range(0, FIRST_PAGE_DAYS, 7)],
        [cells[start : start + 7] for start in range(FIRST_PAGE_DAYS, count, 7)],
    )


def _cell(edition: Edition, day: dt.date, lang: Language) -> dict[str, Any]:
    steps = edition.regimen.on(day)
    several = len(edition.regimen.drugs) > 1
    doses = [
        f"{lang.say_as('drug', step.drug)} {lang.dose(step.daily)}" if several else lang.dose(step.daily)
        for step in steps
        if step.intakes or not any(each.intakes for each in steps)
    ]
    times = [time for time in TIMES if any(step.at(time) for step in steps)]
    return {
        "day": lang.short_date(day) + (f" {day.year}" if (day.month, day.day) == (1, 1) else ""),
        "doses": doses,
        "new": any(step.from_ == day and step.daily != _before(step, edition) for step in steps),
        "boxes": [lang.say_as("short time", SHORT_TIMES[time]) for time in times],
    }


def _before(step: Step, edition: Edition) -> Dose:
    """This function will return the dose before a step: that of the step before, or what is taken now."""
    earlier = [each.daily for each in edition.regimen.of(step.drug) if each.from_ < step.from_]
    now = [each.daily for each in edition.case.taking if each.drug == step.drug]
    return [NO_DOSE, *now, *earlier][-1]


def _step_row(step: Step, lang: Language) -> list[Any]:
    last = lang.short_date(step.until - dt.timedelta(1)) if step.until else "–"
    year = f" {step.from_.year}"
    until_year = f" {(step.until - dt.timedelta(1)).year}" if step.until else ""
    name = drug_name(step.drug, lang)
    return [
        lang.short_date(step.from_) + year,
        last + until_year,
        f"{name} {lang.dose(step.daily)}",
        [intake_in_words(intake, lang) for intake in step.intakes] or [lang.say("take none")],
    ]


def visit_text(visit: Visit, lang: Language = ENGLISH) -> str:
    """Say when the clinic looks at how a new drug is borne."""
    return lang.say(
        "Between {first} and {last} your clinic asks how you bear the new medicine: how sleepy, how steady on your feet.",
        first=lang.date(visit.from_), last=lang.date(visit.last),
    )  # fmt: skip


def _advice(edition: Edition, lang: Language) -> dict[str, Any]:
    phone = phone_of(edition)
    drugs = [drug for drug in edition.regimen.drugs if any(step.intakes for step in edition.regimen.of(drug))]

    def about(subject: str) -> list[str]:
        said = [advice_text(each, drug, phone, lang) for drug in drugs for each in edition.known.advice.values()
                if each.about == subject and each.of(drug)]  # fmt: skip
        return list(dict.fromkeys(said))

    return {
        "emergency_title": lang.say("Call {number} at once for", number=_number(phone, "emergency", lang)),
        "emergency": about("emergency"),
        "call_title": lang.say("Call your clinic the same day for"),
        "call": about("call"),
        "parts": [
            {"title": lang.say("If it is hard"), "says": about("hold")},
            {"title": lang.say("If you missed a dose"), "says": about("missed")},
            {"title": lang.say("If you vomited"), "says": about("vomited")},
            {"title": lang.say("If you took too much"), "says": about("extra")},
        ],
        "unverified": lang.say("Advice and telephone numbers are pending review: ask your clinic to confirm them."),
    }


def phone_of(edition: Edition) -> Phone | None:
    """Return the numbers to call where the person's pharmacy is; None when nobody said where that is."""
    country = edition.case.supply.country or next((each.country for each in edition.case.supply.products), None)
    return edition.known.phones.get(country or "")


def _number(phone: Phone | None, kind: str, lang: Language) -> str:
    return getattr(phone, kind) if phone else lang.say("your country's emergency number")


def advice_text(advice: Advice, drug: str, phone: Phone | None, lang: Language = ENGLISH) -> str:
    """Say an advice of the base for a drug and a country."""
    text = lang.say(
        advice.says, drug=lang.say_as("drug", drug), emergency=_number(phone, "emergency", lang),
        crisis=_number(phone, "crisis", lang),
    )  # fmt: skip
    return text[0].upper() + text[1:] if advice.says.startswith("{drug}") else text


def _sources(edition: Edition, lang: Language) -> list[str]:
    known = edition.known
    keys = {row.binding.by.source for row in edition.plan.rows if row.binding}
    keys |= {each.source for each in known.advice.values()} | {finding.source for finding in edition.reviewed.findings}
    lines = [knowledge_line(edition, lang)]
    products = unverified_products(edition.regimen)
    if products:
        lines.append(
            lang.say("Recalled and unverified, so check that they exist: {products}.", products=", ".join(products))
        )
    named = [known.sources[key] for key in sorted(keys) if key in known.sources]
    return [*lines, *(f"{source.title}. {source.by}, {source.year}." for source in named)]
