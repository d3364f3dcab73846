"""Dated steps of exact intakes: what was taken, proposed, reviewed or prescribed is always a `Regimen`."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Product
from opentaper.quantity import NO_DOSE, Dose, decimal_text, ends_as_decimal

TIMES = ("morning", "midday", "afternoon", "evening", "night")
"""Times of day, in the order of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What is taken of one product at one time.

    Args:
        product: where it comes from.
        amount: pieces of a solid, or volume [mL] of a liquid.
    """

    product: Product
    amount: Fraction

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"a portion of {self.amount} of {self.product.key} is nothing")

    @property
    def dose(self) -> Dose:
        """The exact dose in it."""
        if self.product.strength is not None:
            return self.product.strength * self.amount
        assert self.product.mg_per_ml is not None
        return Dose(self.product.mg_per_ml * self.amount)

    @property
    def drops(self) -> Fraction | None:
        """The number of drops, for a product that is counted in drops."""
        if self.product.mg_per_drop is None:
            return None
        return self.dose.mg / self.product.mg_per_drop

    @property
    def splits(self) -> int:
        """Pieces in it that had to be broken: a half or a quarter is one, three quarters are two."""
        part = self.amount - int(self.amount)
        return 0 if self.product.liquid else int(part * 4).bit_count()

    @property
    def pieces(self) -> int:
        """Separate solid pieces in it; a liquid has none."""
        return 0 if self.product.liquid else int(self.amount) + self.splits

    def __str__(self) -> str:
        unit = " mL" if self.product.liquid else ""
        amount = decimal_text(self.amount) if ends_as_decimal(self.amount) else str(self.amount)
        return f"{amount}{unit} of {self.product.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A dose at a time of day; when its portions are known they add up to it exactly."""

    time: str
    dose: Dose
    portions: tuple[Portion, ...] | None = None

    def __post_init__(self) -> None:
        if self.time not in TIMES:
            raise ValueError(f"{self.time!r} is no time of day; allowed: {', '.join(TIMES)}")
        if self.portions is not None:
            made = sum((portion.dose for portion in self.portions), NO_DOSE)
            if made != self.dose:
                raise ValueError(f"the pieces at {self.time} make {made}, the row says {self.dose}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One drug taken in the same way from a day until another (not included), or until further notice."""

    drug: str
    from_: dt.date
    until: dt.date | None
    intakes: tuple[Intake, ...]

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.from_:
            raise ValueError(f"a step from {self.from_} until {self.until} has no day in it")
        times = [intake.time for intake in self.intakes]
        if len(set(times)) != len(times):
            raise ValueError(f"a time of day stands twice in the step from {self.from_}")

    @property
    def daily(self) -> Dose:
        """The dose of the whole day."""
        return sum((intake.dose for intake in self.intakes), NO_DOSE)

    @property
    def days(self) -> int | None:
        """How long it lasts, or None when its end is open."""
        return None if self.until is None else (self.until - self.from_).days

    def at(self, time: str) -> Dose:
        """Return the dose at a time of day; zero when nothing is taken then."""
        return next((intake.dose for intake in self.intakes if intake.time == time), NO_DOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen:
    """Steps in the order of their dates; for each drug they follow one another without gap or overlap."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a regimen needs at least one step")
        if list(self.steps) != sorted(self.steps, key=lambda step: step.from_):
            raise ValueError("the steps are not in the order of their dates")
        for drug in self.drugs:
            own = self.of(drug)
            for before, after in itertools.pairwise(own):
                if before.until != after.from_:
                    raise ValueError(
                        f"the {drug} step from {before.from_} ends on {before.until or 'no day (its `until` is missing)'}, "
                        f"the next one begins {after.from_}"
                    )

    @property
    def drugs(self) -> tuple[str, ...]:
        """Every drug in it, in the order in which it first appears."""
        return tuple(dict.fromkeys(step.drug for step in self.steps))

    def of(self, drug: str) -> tuple[Step, ...]:
        """Return the steps of one drug."""
        return tuple(step for step in self.steps if step.drug == drug)

    def on(self, day: dt.date) -> tuple[Step, ...]:
        """Return the steps, one a drug, that a day belongs to."""
        return tuple(step for step in self.steps if step.from_ <= day and (step.until is None or day < step.until))

    def spans(self) -> Iterator[tuple[dt.date, dt.date | None, tuple[Step, ...]]]:
        """Yield the spans of days on which nothing changes, each with its steps; the last one's end may be open."""
        edges = sorted({step.from_ for step in self.steps} | {step.until for step in self.steps if step.until})
        for from_, until in itertools.zip_longest(edges, edges[1:]):
            if steps := self.on(from_):
                yield from_, until, steps

    def portions(self) -> Iterator[tuple[Step, Intake, Portion]]:
        """Yield every portion with its intake and step."""
        return portions(self.steps)

    def plain(self) -> dict[str, object]:
        """Return it as plain exact text: what a digest is taken of and a file is written from."""
        return {
            "step": [
                {
                    "drug": step.drug,
                    "from": step.from_.isoformat(),
                    "until": step.until.isoformat() if step.until else None,
                    "intakes": [
                        {
                            "time": intake.time,
                            "dose": str(intake.dose),
                            "pieces": [
                                {"product": portion.product.key, "amount": str(portion.amount)}
                                for portion in intake.portions or ()
                            ],
                        }
                        for intake in step.intakes
                    ],
                }
                for step in self.steps
            ]
        }


def portions(steps: Iterable[Step]) -> Iterator[tuple[Step, Intake, Portion]]:
    """Yield every portion of some steps, with its intake and step."""
    for step in steps:
        for intake in step.intakes:
            for portion in intake.portions or ():
                yield step, intake, portion


def printed_so_far(before: Regimen | None, now: Regimen) -> Regimen:
    """Return the past as it was printed and, from its first day on, the new version.

    A step that goes on unchanged across the revision stays one step.
    """
    if before is None:
        return now
    since = min(step.from_ for step in now.steps)
    kept = [
        replace(step, until=since if step.until is None or step.until > since else step.until)
        for step in before.steps
        if step.from_ < since
    ]
    steps: list[Step] = []
    for step in (*kept, *now.steps):
        last = next((each for each in reversed(steps) if each.drug == step.drug), None)
        if last is not None and last.until == step.from_ and _told(last) == _told(step):
            steps[steps.index(last)] = replace(last, until=step.until)
        else:
            steps.append(step)
    return Regimen(steps=tuple(sorted(steps, key=lambda each: each.from_)))


def _told(step: Step) -> list[tuple[str, Fraction, list[tuple[str, Fraction]]]]:
    """This function will say what a step tells somebody to take: a product by its key, whatever else is known of it."""
    return [
        (each.time, each.dose.mg, [(portion.product.key, portion.amount) for portion in each.portions or ()])
        for each in step.intakes
    ]
