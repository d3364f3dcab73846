"""A room that brings some of its nouns only when somebody asks for them, so that no start waits for what it does not use."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class Room(ModuleType):
    """A package that says in `NOUNS` which module has the nouns, and in `FUNCTIONS` which are named like their modules."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        return getattr(import_module(self.__dict__["NOUNS"]), name)

    def __setattr__(self, name: str, value: object) -> None:
        # Loading a module binds it here; where a function has the same name, it is the function that is handed out.
        if not (name in self.__dict__["FUNCTIONS"] and isinstance(value, ModuleType)):
            super().__setattr__(name, value)
