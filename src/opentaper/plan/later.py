"""What a first plan does not need: changing one under way, and the plan that a model chooses."""

from opentaper.plan.front import Point
from opentaper.plan.revise import revise
from opentaper.plan.smoothest import NAME as SMOOTHEST
from opentaper.plan.smoothest import Bottleneck, Felt, Finer, Placed, placed, smoothest, trade_off, what_bounds
from opentaper.plan.standing import Asked, Revised, Standing

__all__ = [
    "SMOOTHEST",
    "Asked",
    "Bottleneck",
    "Felt",
    "Finer",
    "Placed",
    "Point",
    "Revised",
    "Standing",
    "placed",
    "revise",
    "smoothest",
    "trade_off",
    "what_bounds",
]
