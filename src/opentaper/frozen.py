"""`dataclass` for what is frozen and has slots: the class that the standard library makes, in a third of the time.

A start makes more than a hundred of them. The standard library writes and compiles source for every method of each, which
took a quarter of a start; here that is done for the constructor alone, and the other methods are shared. A test holds every
such class of the house against the standard library's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Return what makes a frozen dataclass with slots; for any other, use the standard library's.

        Example:
            >>> @dataclass(frozen=True, slots=True, kw_only=True)
            ... class Glass:
            ...     holds_ml: int
            >>> Glass(holds_ml=200), Glass(holds_ml=200) == Glass(holds_ml=200)
            (Glass(holds_ml=200), True)
        """
        if not (frozen and slots):
            raise TypeError("only frozen dataclasses with slots are made here; use that of the standard library")
        bare = dataclasses.dataclass(slots=True, kw_only=kw_only, init=False, repr=False, eq=False)

        def make(cls: type) -> type:
            # To a class without a docstring the standard library gives its signature, which takes as long as the rest.
            cls.__doc__ = cls.__doc__ or cls.__qualname__
            return _complete(bare(cls))

        return make


def _complete(cls: type) -> type:
    """This function will give a class with fields and slots its methods, where it has none of its own."""
    fields = dataclasses.fields(cls)
    names = [each.name for each in fields]
    compared = _values([each.name for each in fields if each.compare])
    shown = [each.name for each in fields if each.repr]

    def eq(self: object, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    @recursive_repr()
    def show(self: object) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def set_state(self: object, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    methods = {
        "__init__": _constructor(cls, fields),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__eq__": eq,
        "__hash__": lambda self: hash(compared(self)),
        "__repr__": show,
        # Without these two a copy would be filled by assigning, which is refused.
        "__getstate__": lambda self: [getattr(self, name) for name in names],
        "__setstate__": set_state,
    }
    for name, method in methods.items():
        if name in vars(cls):
            raise TypeError(f"{cls.__qualname__} has a {name} of its own; use the dataclass of the standard library")
        setattr(cls, name, method)
    return cls


def _constructor(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """This function will compile the constructor, so that it takes arguments and refuses wrong ones as Python does."""
    space: dict[str, Any] = {"set": object.__setattr__}
    places = ["*"] if any(each.kw_only for each in fields) else []
    for each in fields:
        plain = each.init and each.default_factory is MISSING and each.hash is None
        if not plain or each.kw_only is not fields[0].kw_only:
            raise TypeError(f"{cls.__qualname__}.{each.name}: use the dataclass of the standard library")
        if each.default is not MISSING:
            space[f"default_{each.name}"] = each.default
        places.append(each.name if each.default is MISSING else f"{each.name}=default_{each.name}")
    lines = [f" set(self, {each.name!r}, {each.name})" for each in fields]
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__(self, {', '.join(places)}):\n" + "\n".join(lines or [" pass"]), space)
    made: Callable[..., None] = space["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _values(names: list[str]) -> Callable[[object], Any]:
    """This function will return what takes the values of some fields out of an object."""
    return attrgetter(*names) if names else lambda _: ()
