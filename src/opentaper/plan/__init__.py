"""Which schedule? Exact optima under the limits, from doses that can really be made."""

from opentaper.plan.every import present_intakes, propose_every
from opentaper.plan.front import Point
from opentaper.plan.proposal import Binding, Bound, Infeasible, Options, Plan, Repair, Row, Visit
from opentaper.plan.propose import OPTIONS, propose
from opentaper.plan.revise import revise
from opentaper.plan.smoothest import NAME as SMOOTHEST
from opentaper.plan.smoothest import Bottleneck, Felt, Finer, Placed, placed, smoothest, trade_off, what_bounds
from opentaper.plan.standing import Asked, Revised, Standing
from opentaper.plan.supply import Collection, Item, collections, stock_on

__all__ = [
    "OPTIONS",
    "SMOOTHEST",
    "Asked",
    "Binding",
    "Bottleneck",
    "Bound",
    "Collection",
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
    "Visit",
    "collections",
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
