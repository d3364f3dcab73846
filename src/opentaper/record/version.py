"""One version of one plan: everything that a signature is over, and everything that the next version is made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from opentaper.knowledge import digest
from opentaper.patient import Case, Intake, Regimen, printed_so_far
from opentaper.plan import Item, Standing, Visit
from opentaper.record.entry import entries

Days = tuple[dt.date, dt.date]
"""A first day, and the day after the last."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A plan as it is handed out, with the case and the knowledge it was made for.

    Args:
        name: which option it is, such as usual.
        case: whose it is.
        knowledge: the digest of the base that it was made and reviewed with.
        regimen: the steps of this version.
        before: everything that was printed up to the version before; None for the first one.
        number: 1 for the first version of a plan, one more for every revision.
        root: the identity that all versions share; empty for the first one, whose own it is.
        held: a hold under way that somebody asked for.
        stock: what is at home on its first day, by the version before.
        visits: when somebody looks at how a new drug is borne.
        gone: calendar events that an earlier version cancelled, by name, each with its first day.
        made_on: the day on which it was made.
    """

    name: str
    case: Case
    knowledge: str
    regimen: Regimen
    made_on: dt.date
    before: Regimen | None = None
    number: int = 1
    root: str = ""
    held: Days | None = None
    stock: tuple[Item, ...] = ()
    visits: tuple[Visit, ...] = ()
    gone: tuple[tuple[str, dt.date], ...] = ()

    @cached_property
    def printed(self) -> Regimen:
        """Everything printed so far: the past as it was, and from this version's first day its own steps."""
        return printed_so_far(self.before, self.regimen)

    @cached_property
    def case_digest(self) -> str:
        return digest(self.case.plain())

    @cached_property
    def regimen_digest(self) -> str:
        return digest(self.regimen.plain())

    @cached_property
    def digest(self) -> str:
        """What a signature is over."""
        return digest(
            {
                "case": self.case_digest,
                "knowledge": self.knowledge,
                "regimen": self.regimen_digest,
                "printed": digest(self.printed.plain()),
                "name": self.name,
                "number": self.number,
                "root": self.root,
                "made_on": self.made_on.isoformat(),
                "held": [day.isoformat() for day in self.held] if self.held else [],
                "stock": [[item.product.key, str(item.amount)] for item in self.stock],
                "visits": [[visit.from_.isoformat(), visit.last.isoformat()] for visit in self.visits],
                "gone": [[key, day.isoformat()] for key, day in self.gone],
            }
        )

    @property
    def cancelled(self) -> tuple[tuple[str, dt.date], ...]:
        """The calendar events of earlier versions that are not in this one any more, by name, each with its first day."""
        now = {each.key for each in entries(self.printed)}
        before = {each.key: each.step.from_ for each in entries(self.before)} if self.before else {}
        return tuple(sorted((key, day) for key, day in {**dict(self.gone), **before}.items() if key not in now))

    @property
    def identity(self) -> str:
        """What all versions of this plan share: twelve characters."""
        return self.root or self.digest[:12]

    def standing(
        self, on: dt.date, taken: Mapping[str, tuple[Intake, ...]] | None = None, gap: int | None = None
    ) -> Standing:
        """Return where the person is on a day.

        Args:
            on: the day from which anything changes.
            taken: what is actually taken of each drug, where it is not what was planned.
            gap: days until then on which nothing could be had.
        """
        return Standing(
            signed=self.printed, version=self.regimen, on=on, taken=taken, held=self.held, gap=gap, stock=self.stock,
            visits=self.visits, made_on=self.made_on,
        )  # fmt: skip
