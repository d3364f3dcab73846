"""How we say it elsewhere: words, documents, leaflet, calendar, charts and the other faces of one plan.

What it hands out stands in `nouns` and is brought when somebody asks for it, so that no start waits for faces that it
does not show.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentaper.exchange.nouns import *  # noqa: F403

NOUNS = f"{__name__}.nouns"
FUNCTIONS = ("article", "faces", "language")
"""Functions that are named like their modules."""


class _Room(ModuleType):
    """This module, whose nouns are in `nouns`."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        return getattr(import_module(NOUNS), name)

    def __setattr__(self, name: str, value: object) -> None:
        # Loading a module binds it here; where a function has the same name, it is the function that is handed out.
        if not (name in FUNCTIONS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room
