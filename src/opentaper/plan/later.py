"""What a first plan does not need: changing one under way, and the plan that a model chooses."""

from opentaper.plan.edit import EDITED, Edit, edited
from opentaper.plan.front import Point
from opentaper.plan.remake import UnmakeableError, maker
from opentaper.plan.revise import revise
from opentaper.plan.shelf import Recomposed, Unmade, recompose
from opentaper.plan.smoothest import NAME as SMOOTHEST
from opentaper.plan.smoothest import Bottleneck, Felt, Finer, Placed, placed, smoothest, trade_off, what_bounds
from opentaper.plan.standing import Asked, Revised, Standing

__all__ = [
    "EDITED",
    "SMOOTHEST",
    "Asked",
    "Bottleneck",
    "Edit",
    "Felt",
    "Finer",
    "Placed",
    "Point",
    "Recomposed",
    "Revised",
    "Standing",
    "Unmade",
    "UnmakeableError",
    "edited",
    "maker",
    "placed",
    "recompose",
    "revise",
    "smoothest",
    "trade_off",
    "what_bounds",
]
