"""Where somebody stands in a plan under way, what they ask to change, and what comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Product
from opentaper.patient import Case, Intake, Regimen
from opentaper.plan.proposal import Plan, Visit
from opentaper.plan.supply import Item
from opentaper.quantity import NO_DOSE, Dose

Day = Mapping[str, tuple[Intake, ...]]
"""What is taken of each drug on one day."""

Dated = tuple[dt.date, dt.date | None, Day]
"""Days without a change: the first, the day after the last (None when the end is open), and what is taken."""


def daily(intakes: tuple[Intake, ...]) -> Dose:
    """Return the dose of a day's intakes."""
    return sum((intake.dose for intake in intakes), NO_DOSE)


def same_doses(one: tuple[Intake, ...], other: tuple[Intake, ...]) -> bool:
    """Whether the same doses are taken at the same times, whatever they are made of."""
    return sorted((each.time, each.dose.mg) for each in one) == sorted((each.time, each.dose.mg) for each in other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody is in a signed plan.

    Args:
        signed: everything that was handed out so far: the past as it was printed, and the plan from today on.
        version: the part of it that the last version printed, whose supply was handed over.
        on: the day from which anything changes; nothing of it has been taken yet.
        taken: what is actually taken of each drug, where it is not what was planned.
        held: a hold under way that a version before asked for: its first day and the day after its last.
        gap: days until `on` on which nothing could be had, or None.
        stock: what was at home on the first day of the last version.
        visits: those that the last version planned.
        made_on: the day on which the last version was made; nothing of it was handed over before.
    """

    signed: Regimen
    version: Regimen
    on: dt.date
    taken: Mapping[str, tuple[Intake, ...]] | None = None
    held: tuple[dt.date, dt.date] | None = None
    gap: int | None = None
    stock: tuple[Item, ...] = ()
    visits: tuple[Visit, ...] = ()
    made_on: dt.date | None = None

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs that are still taken, or still to be; one that is to stop today was taken until now."""
        return tuple(
            drug
            for drug in self.signed.drugs
            if any(step.intakes and (step.until is None or step.until >= self.on) for step in self.signed.of(drug))
        )

    @property
    def history(self) -> list[Dated]:
        """The spans of everything handed out, of the drugs still taken."""
        return [
            (from_, until, {step.drug: step.intakes for step in steps if step.drug in self.drugs})
            for from_, until, steps in self.signed.spans()
        ]

    @property
    def here(self) -> int:
        """The place in `history` of the span that the day belongs to."""
        return next(place for place, each in enumerate(self.history) if each[1] is None or each[1] > self.on)

    @property
    def planned(self) -> Day:
        """What the signed plan says for the day."""
        return {drug: intakes for drug, intakes in self.history[self.here][2].items() if drug in self.drugs}

    @property
    def as_planned(self) -> bool:
        """Whether what is actually taken is the planned dose at every time of day."""
        return all(same_doses(intakes, self.planned.get(drug, ())) for drug, intakes in (self.taken or {}).items())

    @property
    def known_at_home(self) -> bool:
        """Whether the versions before tell what is left at home: only when they were followed."""
        return self.as_planned and not self.gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks to change: one thing, and with any of them perhaps `slower`.

    Args:
        hold: days for which every dose stays as it is.
        slower: how many times as long everything that is left takes.
        back: how many steps to go back.
        resume: whether a hold that is under way ends now.
        products: what the pharmacy has instead; empty for what it had.
    """

    hold: int = 0
    slower: Fraction = Fraction(1)
    back: int = 0
    resume: bool = False
    products: tuple[Product, ...] = ()

    @property
    def things(self) -> int:
        """How many different things are asked, slowing apart."""
        return sum(map(bool, (self.hold, self.back, self.resume, self.products)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The plan as changed, the case as it now stands, and the hold under way."""

    plan: Plan
    case: Case
    held: tuple[dt.date, dt.date] | None


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on the same doses; None when the end is open."""

    days: int | None
    taken: Day


def dated(on: dt.date, stays: list[Stay]) -> Iterator[Dated]:
    """Yield stays with their dates, from a day on."""
    from_ = on
    for stay in stays:
        until = None if stay.days is None else from_ + dt.timedelta(stay.days)
        yield from_, until, stay.taken
        if until is None:
            return
        from_ = until
