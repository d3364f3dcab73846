"""Which schedule? Exact optima under the limits, from doses that can really be made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from opentaper.plan.every import present_intakes, propose_every
from opentaper.plan.proposal import Binding, Bound, Infeasible, Options, Plan, Repair, Row, Visit
from opentaper.plan.propose import OPTIONS, propose
from opentaper.plan.supply import Collection, Item, collections, stock_on
from opentaper.room import Room

if TYPE_CHECKING:
    from opentaper.plan.later import (
        EDITED,
        SMOOTHEST,
        Asked,
        Bottleneck,
        Edit,
        Felt,
        Finer,
        Placed,
        Point,
        Revised,
        Standing,
        UnmakeableError,
        edited,
        maker,
        placed,
        revise,
        smoothest,
        trade_off,
        what_bounds,
    )

__all__ = [
    "EDITED",
    "OPTIONS",
    "SMOOTHEST",
    "Asked",
    "Binding",
    "Bottleneck",
    "Bound",
    "Collection",
    "Edit",
    "Felt",
    "Finer",
    "Infeasible",
    "Item",
    "Options",
    "Placed",
    "Plan",
    "Point",
    "Repair",
    "Revised",
    "Row",
    "Standing",
    "UnmakeableError",
    "Visit",
    "collections",
    "edited",
    "maker",
    "placed",
    "present_intakes",
    "propose",
    "propose_every",
    "revise",
    "smoothest",
    "stock_on",
    "trade_off",
    "what_bounds",
]

NOUNS = f"{__name__}.later"
"""Where the others are, until somebody asks for them."""
FUNCTIONS = ("revise", "smoothest")
"""Functions among them that are named like their modules."""

sys.modules[__name__].__class__ = Room
