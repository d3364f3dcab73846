"""Somebody who does not exist, made from a seed: a name, a birthday, what is taken, and what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from opentaper.knowledge import FileError, read_toml

HERE = Path(__file__).parent
TIMES = ("morning", "midday", "evening", "night")
YEAR = 365
QUESTIONS = (
    "seizure_history", "withdrawal_seizure_or_delirium", "pregnancy", "opioids", "alcohol_heavy", "suicide_risk",
    "liver_disease",
)  # fmt: skip


class InventedError(FileError):
    """The file of what people are made of cannot be read."""


@cache
def parts() -> Mapping[str, Any]:
    """Return what people are made of."""
    return read_toml(HERE / "invented.toml", InventedError)


def words(of: str) -> Sequence[str]:
    """Return what is said on one kind of occasion."""
    found: Sequence[str] = parts()["words"][of]
    return found


@dataclass(frozen=True, kw_only=True)
class Invented:
    """Somebody who does not exist.

    Args:
        name: theirs.
        born, sex, weight_kg, indication, conditions: as a case file has them.
        drug, doses: what is taken at each time of a day [mg].
        beside: another medicine; empty for none.
        years: for how long it has been taken.
        country: whose products they get.
        lower: a lower dose that they might stay on [mg].
        instalment: days of one instalment; 0 for none.
    """

    name: str
    born: dt.date
    sex: str
    weight_kg: int
    indication: str
    conditions: tuple[str, ...]
    drug: str
    doses: tuple[str, ...]
    beside: str
    years: int
    country: str
    lower: str
    instalment: int

    def file(
        self,
        starts_on: dt.date,
        *,
        down_to: str = "0",
        baseline: int = 14,
        answers: Mapping[str, str] | None = None,
        conditions: Sequence[str] | None = (),
    ) -> str:
        """Return their case file.

        Args:
            starts_on: the first day of their plan.
            down_to: the daily dose that is the goal [mg].
            baseline: days on the present dose first.
            answers: what they answered to a question otherwise than no.
            conditions: more of them; None when nobody asked.
        """
        said = dict.fromkeys(QUESTIONS, "no") | dict(answers or {})
        intakes = ", ".join(
            f'{{ time = "{time}", dose = "{dose} mg" }}'
            for time, dose in zip(TIMES, self.doses, strict=True)
            if dose != "0"
        )
        every = [*self.conditions, *(conditions or ())]
        since = starts_on - dt.timedelta(days=self.years * YEAR)
        lines = ["# Somebody of the demonstration: invented.", "[patient]", f"born = {self.born}"]
        lines += [f'sex = "{self.sex}"', f'weight_kg = "{self.weight_kg}"', f'indication = "{self.indication}"']
        lines += [] if conditions is None else [f"conditions = [{', '.join(repr(each) for each in every)}]"]
        lines += ["[screening]", *(f'{key} = "{said[key]}"' for key in QUESTIONS)]
        lines += ["[[taking]]", f'drug = "{self.drug}"', f"since = {since}", "days_per_week = 7"]
        lines += [f"intakes = [{intakes}]"]
        lines += ["[[taking]]", f'drug = "{self.beside}"'] if self.beside else []
        lines += ["[goal]", f'of = "{self.drug}"', f'daily = "{down_to} mg"', f"starts_on = {starts_on}"]
        lines += [f"baseline_days = {baseline}"] if baseline else []
        lines += ["[supply]", f'country = "{self.country}"', "days_per_supply = 28"]
        lines += [f"instalment_days = {self.instalment}"] if self.instalment else []
        return "\n".join(lines) + "\n"


def invent(country: str, today: dt.date, dice: Random, *, without_end: bool = False) -> Invented:
    """Return somebody who does not exist.

    Args:
        country: of the clinic.
        today: from which ages are counted.
        dice: a seed makes the same person.
        without_end: somebody whose drug no product of the country goes low enough for.
    """
    origin, sex = dice.choice(parts()["origin"]), dice.choice(["female", "male"])
    name = f"{dice.choice(origin[sex])} {dice.choice(origin['family'])}"
    age = dice.choice([dice.randint(24, 50), dice.randint(45, 70), dice.randint(66, 88)])
    medicine = dice.choice([each for each in parts()["medicine"] if each["country"] == country])
    drug, doses, indication = medicine["drug"], dice.choice(medicine["doses"]), dice.choice(medicine["indications"])
    if without_end:
        end = next(each for each in parts()["end"] if each["country"] == country)
        drug, doses, indication = end["drug"], ["0", "0", "0", end["night"].removesuffix(" mg")], "insomnia"
    return Invented(
        name=name,
        born=today - dt.timedelta(days=age * YEAR + dice.randint(0, YEAR - 1)),
        sex=sex,
        weight_kg=dice.randint(48, 104),
        indication=indication,
        conditions=tuple(dice.sample(words("conditions"), dice.choice([0, 0, 0, 1, 1, 2]))),
        drug=drug,
        doses=tuple(doses),
        beside=dice.choice(["", "", *words("beside")]),
        years=dice.randint(1, 14) if age > 40 else dice.randint(1, 5),
        country=country,
        lower=medicine["lower"],
        instalment=dice.choice([0, 0, 0, 0, 7]),
    )
