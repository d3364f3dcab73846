"""Which schedule? Exact optima under the limits, from doses that can really be made."""

from opentaper.plan.every import present_intakes, propose_every
from opentaper.plan.proposal import Binding, Bound, Infeasible, Options, Plan, Repair, Row, Visit
from opentaper.plan.propose import OPTIONS, propose
from opentaper.plan.revise import revise
from opentaper.plan.standing import Asked, Revised, Standing
from opentaper.plan.supply import Collection, Item, collections, stock_on

__all__ = [
    "OPTIONS",
    "Asked",
    "Binding",
    "Bound",
    "Collection",
    "Infeasible",
    "Item",
    "Options",
    "Plan",
    "Repair",
    "Revised",
    "Row",
    "Standing",
    "Visit",
    "collections",
    "present_intakes",
    "propose",
    "propose_every",
    "revise",
    "stock_on",
]
