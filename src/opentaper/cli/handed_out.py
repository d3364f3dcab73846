"""A folder that was handed out, read back: the plan, the case, and what came before; nothing in it may have changed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentaper.cli.wishes import InputError
from opentaper.exchange import Edition, Language, changes, quantities
from opentaper.knowledge import Knowledge, Product, digest, nearest
from opentaper.patient import TIMES, Case, Intake, Regimen, read_case, read_regimen
from opentaper.plan import Item, Revised, Standing, Visit, collections
from opentaper.quantity import AmountError, Dose, exact
from opentaper.review import Reviewed, review


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """One version as it lies in its folder."""

    name: str
    root: str
    number: int
    case: Case
    version: Regimen
    printed: Regimen
    held: tuple[dt.date, dt.date] | None
    stock: tuple[Item, ...]
    visits: tuple[Visit, ...]

    def standing(self, on: dt.date, taken: Mapping[str, tuple[Intake, ...]] | None, gap: int | None) -> Standing:
        """Return where the person is on a day."""
        return Standing(
            signed=self.printed,
            version=self.version,
            on=on,
            taken=taken,
            held=self.held,
            gap=gap,
            stock=self.stock,
            visits=self.visits,
        )

    def judged(self, revised: Revised, known: Knowledge, on: dt.date) -> Reviewed:
        return review(revised.plan.regimen, revised.case, known, on=on)

    def next(self, revised: Revised, known: Knowledge, on: dt.date, lang: Language) -> tuple[Edition | None, list[str]]:
        """Return the next version, or None where review blocks it, and what it changes in words."""
        every = self.case.supply.days_per_supply
        signed = collections(self.version, every, stock=self.stock)
        said = changes(self.printed, revised.plan.regimen, on, lang)
        said += quantities(signed, revised.plan.supply, on, lang)
        judged = self.judged(revised, known, on)
        if judged.verdict.blocks:
            return None, said
        edition = Edition(
            plan=revised.plan, case=revised.case, reviewed=judged, known=known, made_on=on, number=self.number + 1,
            root=self.root, before=self.printed, held=revised.held,
        )  # fmt: skip
        return edition, said


def read(folder: Path, known: Knowledge) -> HandedOut:
    """Read a folder that `plan --out` or `revise --out` wrote.

    Raises:
        InputError: a file is missing, or is not the one that was written.
        CaseError: a file cannot be read.
    """
    folder = folder.parent if folder.name == "plan.json" else folder
    document = _document(folder)
    edition, option = document["edition"], document["options"][0]
    case = read_case(folder / "case.toml", known)
    version = read_regimen(folder / "plan.toml", known)
    printed = read_regimen(folder / "printed.toml", known)
    for name, content, wanted in (
        ("case.toml", case.plain(), edition["case_digest"]),
        ("plan.toml", version.plain(), edition["regimen_digest"]),
        ("printed.toml", printed.plain(), edition["printed_digest"]),
    ):
        if digest(content) != wanted:
            raise InputError(f"{folder / name} was changed after it was written; make the plan anew")
    held = edition["held"]
    return HandedOut(
        name=option["name"],
        root=edition["plan"],
        number=edition["number"],
        case=case,
        version=version,
        printed=printed,
        held=(dt.date.fromisoformat(held[0]), dt.date.fromisoformat(held[1])) if held else None,
        stock=tuple(
            Item(product=known.products[each["product"]], amount=exact(each.get("count") or each["ml"]))
            for each in edition["stock"]
        ),
        visits=tuple(
            Visit(from_=dt.date.fromisoformat(each["from"]), last=dt.date.fromisoformat(each["last"]))
            for each in option["visits"]
        ),
    )


def _document(folder: Path) -> Any:
    path = folder / "plan.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InputError(
            f"{path}: {problem.strerror}; give a folder that `opentaper plan --option … --out` wrote"
        ) from None
    except ValueError:
        raise InputError(f"{path} is not JSON") from None
    if not isinstance(document, dict) or "edition" not in document:
        raise InputError(
            f"{path} holds no single plan; write one with `opentaper plan CASE --option NAME --out {folder}`"
        )
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
        found.append(known.products[key.strip()])
    if text is not None and case.goal.of not in {product.drug for product in found}:
        raise InputError(f"--products: none of them is {case.goal.of}")
    return tuple(found)


def taken(text: str | None, case: Case) -> Mapping[str, tuple[Intake, ...]] | None:
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
    doses = (Intake(time=time, dose=intakes[time]) for time in TIMES if intakes.get(time))
    return {case.goal.of: tuple(doses)}
