"""`dataclass` for what is frozen and has slots: the class that the standard library makes, in a fraction of the time.

A start makes more than a hundred of them. The standard library writes and compiles source for every method of each, which
took a quarter of a start; here the constructor alone is compiled, once for all classes with as many fields, and the other
methods are shared. A test holds every such class of the house against the standard library's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from types import CodeType, FunctionType
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
    if vars(cls).get("__hash__"):  # a cheaper one, as the standard library lets it stand too
        del methods["__hash__"]
    for name, method in methods.items():
        if name in vars(cls):
            raise TypeError(f"{cls.__qualname__} has a {name} of its own; use the dataclass of the standard library")
        setattr(cls, name, method)
    return cls


def _constructor(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """This function will make the constructor, so that it takes arguments and refuses wrong ones as Python does."""
    by_name = any(each.kw_only for each in fields)
    for each in fields:
        plain = each.init and each.default_factory is MISSING and each.hash is None
        if not plain or each.kw_only is not by_name:
            raise TypeError(f"{cls.__qualname__}.{each.name}: use the dataclass of the standard library")
    defaults = {each.name: each.default for each in fields if each.default is not MISSING}
    if not by_name and any(each.name not in defaults for each in fields[len(fields) - len(defaults) :]):
        raise TypeError(f"{cls.__qualname__}: a field without a default stands after one with a default")
    model, own = _model(len(fields), hasattr(cls, "__post_init__")), [each.name for each in fields]
    named = dict(zip(model.co_varnames[1:], own, strict=True))
    code = model.replace(
        co_argcount=1 if by_name else model.co_argcount,
        co_kwonlyargcount=len(fields) if by_name else 0,
        co_varnames=("self", *own),
        co_consts=tuple(named.get(each, each) for each in model.co_consts),
        co_qualname=f"{cls.__qualname__}.__init__",
    )
    made = FunctionType(code, {"set": object.__setattr__}, argdefs=() if by_name else tuple(defaults.values()))
    made.__kwdefaults__ = defaults if by_name else None
    return made


@cache
def _model(count: int, judged: bool) -> CodeType:
    """This function will compile a constructor of so many fields, for classes that name them otherwise.

    Compiling takes longer than all else that makes a class, and many classes have as many fields.

    Args:
        count: of fields.
        judged: whether what is built is judged afterwards.
    """
    names = [f"field_{place}" for place in range(count)]
    lines = [f" set(self, {name!r}, {name})" for name in names]
    lines += [" self.__post_init__()"] if judged else []
    space: dict[str, Any] = {}
    exec(f"def __init__(self, {', '.join(names)}):\n" + "\n".join(lines or [" pass"]), space)
    made: FunctionType = space["__init__"]
    return made.__code__


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _values(names: list[str]) -> Callable[[object], Any]:
    """This function will return what takes the values of some fields out of an object."""
    return attrgetter(*names) if names else lambda _: ()
