"""A folder that was handed out, read back: the plan, the case, and what came before; nothing in it may have changed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentaper.cli.door import InputError
from opentaper.exchange import Edition, Language, changes, quantities
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, Product, nearest
from opentaper.patient import TIMES, Case, Intake, absurd, read_case, read_regimen
from opentaper.plan import Item, Revised, Visit, collections
from opentaper.quantity import AmountError, Dose, exact
from opentaper.record import Version
from opentaper.review import Reviewed, review


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """One version as it lies in its folder, and the calendar events that it cancelled."""

    version: Version
    cancelled: tuple[tuple[str, dt.date], ...]

    @property
    def case(self) -> Case:
        return self.version.case

    def said(self, revised: Revised, on: dt.date, made_on: dt.date, lang: Language) -> list[str]:
        """Say what a new version changes: dates, and quantities still to be handed over."""
        supply = self.case.supply
        every = supply.instalment or supply.days_per_supply
        before = collections(self.version.regimen, every, supply.closed, self.version.stock, self.version.made_on)
        after = collections(revised.plan.regimen, every, supply.closed, revised.plan.stock, made_on)
        said = changes(self.version.printed, revised.plan.regimen, on, lang)
        return [*said, *quantities(before, after, on, lang)]

    def next(self, revised: Revised, judged: Reviewed, known: Knowledge, made_on: dt.date) -> Edition:
        """Return the next version.

        Raises:
            UnfitError: review blocks it.
        """
        return Edition(
            plan=revised.plan, case=revised.case, reviewed=judged, known=known, made_on=made_on,
            number=self.version.number + 1, root=self.version.identity, before=self.version.printed, held=revised.held,
            gone=self.cancelled,
        )  # fmt: skip


def judged(revised: Revised, known: Knowledge, on: dt.date) -> Reviewed:
    """Review a new version."""
    return review(revised.plan.regimen, revised.case, known, on=on)


def read(folder: Path, known: Knowledge) -> HandedOut:
    """Read a folder that `plan --option … --out` or `revise --out` wrote.

    Raises:
        InputError: a file is missing, or is not the one that was written.
        CaseError: a file cannot be read.
    """
    folder = folder.parent if folder.name == "plan.json" else folder
    document = _document(folder)
    case = read_case(folder / "case.toml", known)
    version, printed = read_regimen(folder / "plan.toml", known), read_regimen(folder / "printed.toml", known)
    try:
        edition, option = document["edition"], document["options"][0]
        found = Version(
            name=str(option["name"]),
            case=case,
            knowledge=document["knowledge"]["digest"],
            regimen=version,
            before=printed,
            number=int(edition["number"]),
            root=edition["root"],
            held=(_date(edition["held"][0]), _date(edition["held"][1])) if edition["held"] else None,
            stock=tuple(
                Item(product=known.products[each["product"]], amount=exact(each.get("count") or each["ml"]))
                for each in edition["stock"]
            ),
            visits=tuple(Visit(from_=_date(each["from"]), last=_date(each["last"])) for each in option["visits"]),
            gone=_events(edition["gone"]),
            made_on=_date(edition["made_on"]),
        )
        cancelled = _events(edition["cancelled"])
        whole = found.digest == edition["digest"] and found.printed == printed and found.identity == edition["plan"]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise InputError(f"{folder}: a file in it was changed after it was written; make the plan anew")
    return HandedOut(version=found, cancelled=cancelled)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _events(rows: list[list[str]]) -> tuple[tuple[str, dt.date], ...]:
    return tuple((str(key), _date(day)) for key, day in rows)


def _document(folder: Path) -> Any:
    path = folder / "plan.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        says = f"{path}: {problem.strerror}; give a folder that `opentaper plan --option … --out` wrote"
        raise InputError(says) from None
    except ValueError:
        raise InputError(f"{path} is not JSON") from None
    if not isinstance(document, dict) or "edition" not in document:
        says = f"{path} holds no single plan; write one with `opentaper plan CASE --option NAME --out {folder}`"
        raise InputError(says)
    return document


def slower(text: str | None) -> Fraction:
    """Read how many times as slow: "half" (as fast) is twice as slow.

    Raises:
        InputError: it is neither "half" nor a number from 1 to 10.
    """
    if text is None:
        return Fraction(1)
    if text == "half":
        return Fraction(2)
    try:
        times = exact(text)
    except AmountError:
        times = Fraction(0)
    if not 1 < times <= 10:
        raise InputError(f'--slow {text!r}: write "half", or how many times as slow: more than 1, at most 10')
    return times


def products(text: str | None, case: Case, known: Knowledge) -> tuple[Product, ...]:
    """Read product keys, separated by commas.

    Raises:
        InputError: there is no such product.
    """
    found = []
    for key in (text or "").split(","):
        if not key.strip():
            continue
        if key.strip() not in known.products:
            close = nearest(key.strip(), known.products)
            raise InputError(
                f"--products: there is no product {key.strip()!r}" + (f' (did you mean "{close}"?)' if close else "")
            )
        product = known.products[key.strip()]
        if case.supply.country and product.country not in (case.supply.country, "compounded"):
            raise InputError(
                f"--products: {product.key} is of {product.country}, this case is in {case.supply.country}"
            )
        found.append(product)
    if text is not None and case.goal.of not in {product.drug for product in found}:
        raise InputError(f"--products: none of them is {case.goal.of}")
    return tuple(found)


def taken(text: str | None, case: Case, known: Knowledge) -> Mapping[str, tuple[Intake, ...]] | None:
    """Read what is actually taken of the plan's drug: "morning=0.5 mg,night=1 mg", or "none".

    Raises:
        InputError: a time of day or a dose cannot be read.
    """
    if text is None:
        return None
    intakes: dict[str, Dose] = {}
    for part in [] if text.strip() == "none" else text.split(","):
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(.+?)\s*", part)
        if match is None or match[1] not in TIMES or match[1] in intakes:
            raise InputError(f'--taken {part!r}: write each time of day once, as "morning=0.5 mg,night=1 mg"')
        try:
            intakes[match[1]] = Dose.read(match[2])
        except AmountError as problem:
            raise InputError(f"--taken: {problem}") from None
    doses = tuple(Intake(time=time, dose=intakes[time]) for time in TIMES if intakes.get(time))
    if slip := absurd(case.goal.of, doses, known):
        raise InputError(f"--taken: {slip}")
    return {case.goal.of: doses}
