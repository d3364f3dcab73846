"""From level to effect: named alternatives, none of them the truth.

How strong the effect of a dose is follows a *drive*: the sum over everything active of its level over the level that
half-fills the site (Σ Cᵢ/EC50ᵢ), so that a switch from one drug to another is one smooth curve. What follows is a
*curve* E(u) = gain·u / (1 + bend·u). Straight lines, competitive occupancy and the two-state receptor are all of this
form, exactly; they differ in gain, bend and in how far the drive is scaled. Whoever has another curve of this form adds
it as a file under `knowledge/data/effects`; a curve of any other form fits the vectorised path, which takes a function.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opentaper.frozen import dataclass
from opentaper.pharmacology.kinetics import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """E(u) = gain·u / (1 + bend·u).

    Example:
        >>> float(OCCUPANCY.of(1.0)), float(STRAIGHT.of(1.0))
        (0.5, 1.0)
    """

    gain: float
    bend: float

    def __post_init__(self) -> None:
        if not (self.gain > 0.0 and self.bend >= 0.0):
            raise ValueError(f"a curve rises: gain above 0 and bend not below, got {self.gain} and {self.bend}")

    def of(self, drive: ArrayLike) -> Floats:
        """Return the effect of a drive."""
        u = np.asarray(drive, dtype=np.float64)
        return self.gain * u / (1.0 + self.bend * u)


STRAIGHT = Curve(gain=1.0, bend=0.0)
OCCUPANCY = Curve(gain=1.0, bend=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """A receptor that is closed or open, with two sites for GABA and one for the drug (Monod, Wyman and Changeux).

    Args:
        closed_to_open: L, closed over open with nothing bound.
        gaba_affinity_um: Kg [µM], what half-fills the closed receptor.
        gaba_preference: c, the open receptor's constant over the closed one's, for GABA.
        drug_preference: d, the same for the drug; 1 for one that binds and does nothing.
    """

    closed_to_open: float
    gaba_affinity_um: float
    gaba_preference: float
    drug_preference: float

    def closed(self, gaba_um: float) -> float:
        """Return closed over open without a drug, at a level of GABA [µM]."""
        bound = gaba_um / self.gaba_affinity_um
        return self.closed_to_open * ((1.0 + bound) / (1.0 + bound / self.gaba_preference)) ** 2

    def open(self, drive: ArrayLike, gaba_um: float) -> Floats:
        """Return how likely the receptor is open: 1 / (1 + closed·(1 + u) / (1 + u/d)).

        Example:
            >>> alone = Receptor(closed_to_open=25000, gaba_affinity_um=70, gaba_preference=0.0019, drug_preference=0.4)
            >>> float(alone.open(1e9, 10.0) / alone.open(0.0, 10.0)) > 1.5
            True
        """
        u = np.asarray(drive, dtype=np.float64)
        return 1.0 / (1.0 + self.closed(gaba_um) * (1.0 + u) / (1.0 + u / self.drug_preference))

    def curve(self, gaba_um: float) -> Curve:
        """Return what the drug adds at a level of GABA [µM], as a share of the most that it can add.

        Equation: (P(u) - P(0)) / (P(∞) - P(0)) = k·u / (1 + k·u) with k = (1/d + A) / (1 + A) and A = `closed`: so the
        receptor gives occupancy's own curve, at a k times smaller level.

        Raises:
            ValueError: the drug prefers neither state, so that it adds nothing.
        """
        if self.drug_preference >= 1.0:
            raise ValueError("a drug that prefers neither state adds nothing, so its effect has no curve")
        closed = self.closed(gaba_um)
        k = (1.0 / self.drug_preference + closed) / (1.0 + closed)
        return Curve(gain=k, bend=k)
