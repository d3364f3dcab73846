"""Which schedule? Exact optima under the limits, from doses that can really be made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from opentaper.plan.every import present_intakes, propose_every
from opentaper.plan.proposal import Binding, Bound, Infeasible, Options, Plan, Repair, Row, Visit
from opentaper.plan.propose import OPTIONS, propose
from opentaper.plan.supply import Collection, Item, collections, open_day, pieces_of, stock_on
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
        Recomposed,
        Revised,
        Standing,
        Unmade,
        UnmakeableError,
        edited,
        maker,
        placed,
        recompose,
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
    "Recomposed",
    "Repair",
    "Revised",
    "Row",
    "Standing",
    "Unmade",
    "UnmakeableError",
    "Visit",
    "collections",
    "edited",
    "maker",
    "open_day",
    "pieces_of",
    "placed",
    "present_intakes",
    "propose",
    "propose_every",
    "recompose",
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
