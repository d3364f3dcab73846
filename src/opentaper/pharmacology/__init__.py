"""What happens in the body: level, effect, adaptation and withdrawal, all of it modelled and labelled so."""

from opentaper.pharmacology.course import Trajectory, WhatIf
from opentaper.pharmacology.people import UnknownPotencyError
from opentaper.pharmacology.seam import Altered, Slip, rounded
from opentaper.pharmacology.simulate import (
    IN_THE_BAND,
    QUANTILES,
    USUAL_EFFECT,
    CannotSimulateError,
    Simulation,
    simulate,
)
from opentaper.pharmacology.tolerance import PAUSES

__all__ = [
    "IN_THE_BAND",
    "PAUSES",
    "QUANTILES",
    "USUAL_EFFECT",
    "Altered",
    "CannotSimulateError",
    "Simulation",
    "Slip",
    "Trajectory",
    "UnknownPotencyError",
    "WhatIf",
    "rounded",
    "simulate",
]
