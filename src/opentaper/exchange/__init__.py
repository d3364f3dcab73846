"""How we say it elsewhere: words, documents, leaflet, calendar, charts and the other faces of one plan.

What it hands out stands in `nouns` and is brought when somebody asks for it, so that no start waits for faces that it
does not show.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from opentaper.room import Room

if TYPE_CHECKING:
    from opentaper.exchange.nouns import *  # noqa: F403

NOUNS = f"{__name__}.nouns"
FUNCTIONS = ("article", "faces", "language")
"""Functions that are named like their modules."""

sys.modules[__name__].__class__ = Room
