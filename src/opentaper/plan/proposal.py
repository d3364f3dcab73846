"""What the planner gives back: plans whose every row says why it is what it is, or why there is none."""

from __future__ import annotations

import datetime as dt

from opentaper.frozen import dataclass
from opentaper.knowledge import Product
from opentaper.patient import Regimen, Step
from opentaper.plan.supply import Collection, Item
from opentaper.quantity import Dose, Share, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Something that bounds a step: a limit, or the pace that was asked for."""

    limit: str
    source: str
    allows: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Which bound decided a step, and by how much the products force the step beyond it.

    Args:
        by: the tightest of the bounds.
        exceeded_by: the share by which the step goes beyond it; None when it does not.
        held: the days spent on the dose before, when the step goes beyond it.
        others: the bounds that were not the tightest, in order.
    """

    by: Bound
    exceeded_by: Share | None
    held: Span | None
    others: tuple[Bound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A dated step with what was asked, what is achieved, and what bound.

    `requested` is the share that the case or protocol asks for; for the fastest plan, the most that the limits allow.
    """

    step: Step
    requested: Share
    achieved: Share
    binding: Binding | None
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What would bring a row back inside the limit, and the first row for which it would."""

    row: int
    products: tuple[Product, ...]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Days between which somebody looks at how the new drug is borne: the first and, included, the last."""

    from_: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One option: a regimen and the reasons for it.

    `rows` begin with the first reduced dose (or with a hold of the present dose, where the products are so coarse
    that the first reduction must wait); `baseline` holds the days on the present dose that the case asked for.
    """

    name: str
    title: str
    objective: str
    baseline: Step | None
    rows: tuple[Row, ...]
    supply: tuple[Collection, ...]
    repair: Repair | None
    notes: tuple[str, ...]
    visits: tuple[Visit, ...] = ()
    stock: tuple[Item, ...] = ()
    """What is at home on the first day, by the version before; the supply takes it into account."""

    @property
    def starts_on(self) -> dt.date:
        """The first day after the days on the present dose; a drug that waits for its turn may stand in rows before."""
        if self.baseline is not None and self.baseline.until is not None:
            return self.baseline.until
        return self.rows[0].step.from_

    @property
    def ends_on(self) -> dt.date:
        """The first day on the goal."""
        return self.rows[-1].step.from_

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days

    @property
    def regimen(self) -> Regimen:
        """The whole of it, the days on the present dose included."""
        before = (self.baseline,) if self.baseline else ()
        return Regimen(steps=(*before, *(row.step for row in self.rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeasible:
    """No schedule: which limits or products are in conflict, who says so, and what would work."""

    name: str
    conflict: tuple[Bound, ...]
    says: str
    nearest: tuple[Dose, ...]
    would_work: tuple[Product, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Every plan that was found, and for every objective that has none, why."""

    plans: tuple[Plan, ...]
    infeasible: tuple[Infeasible, ...]
