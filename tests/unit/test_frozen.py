"""Our frozen dataclasses are the standard library's, in everything that anybody can see of them."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
from dataclasses import FrozenInstanceError, field, make_dataclass
from fractions import Fraction

import pytest

import opentaper
from opentaper import Dose, Knowledge, frozen


def classes() -> dict[str, type]:
    """Return every class of the house that is made by `frozen`."""
    found = {}
    for module in pkgutil.walk_packages(opentaper.__path__, "opentaper."):
        if "__main__" not in module.name:
            for each in vars(importlib.import_module(module.name)).values():
                if isinstance(each, type) and vars(each).get("__setattr__") is frozen._refuse_to_set:
                    found[f"{each.__module__}.{each.__qualname__}"] = each
    return found


OURS = classes()


def standard(cls: type) -> type:
    """Return the class that the standard library makes of the same fields."""
    fields = dataclasses.fields(cls)
    told = [(f.name, object, field(default=f.default, repr=f.repr, compare=f.compare)) for f in fields]
    return make_dataclass(cls.__name__, told, frozen=True, slots=True, kw_only=any(f.kw_only for f in fields))


@frozen.dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.left < 0:
            raise ValueError("left is negative")


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str
    hidden: int = field(default=0, repr=False, compare=False)


def test_many_classes_of_the_house_are_made_here() -> None:
    assert len(OURS) > 100


@pytest.mark.parametrize("name", OURS)
def test_a_class_takes_shows_and_compares_what_the_standard_librarys_does(name: str) -> None:
    ours, theirs = OURS[name], standard(OURS[name])

    def takes(cls: type) -> list[tuple[str, object, object]]:
        return [(each.name, each.kind, each.default) for each in inspect.signature(cls).parameters.values()]

    assert takes(ours) == takes(theirs)
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__slots__ == theirs.__slots__
    one, same = (object.__new__(ours) for _ in range(2))
    right = object.__new__(theirs)
    for each in dataclasses.fields(ours):
        for instance in (one, same, right):
            object.__setattr__(instance, each.name, each.name)
    assert one == same
    assert one != right
    if ours.__hash__.__module__ == frozen.__name__:  # and not a cheaper one of its own
        assert hash(one) == hash(same)
    assert repr(one).removeprefix(ours.__qualname__) == repr(right).removeprefix(theirs.__qualname__)
    for each in dataclasses.fields(ours):
        for instance in (same, right):
            object.__setattr__(instance, each.name, "another")
        assert (one == same) is not each.compare
        assert each.compare is False or one != same
        for instance in (same, right):
            object.__setattr__(instance, each.name, each.name)


@pytest.mark.parametrize("name", OURS)
def test_nothing_of_a_class_can_be_set_or_deleted(name: str) -> None:
    one = object.__new__(OURS[name])
    for each in (*(f.name for f in dataclasses.fields(OURS[name])), "nothing_of_it"):
        with pytest.raises(FrozenInstanceError):
            setattr(one, each, 1)
        with pytest.raises(FrozenInstanceError):
            delattr(one, each)


def test_what_is_held_is_checked_when_it_is_built() -> None:
    assert Pair(1) == Pair(left=1, right=()) != Pair(1, (2,))
    assert {Pair(1), Pair(1), Pair(2)} == {Pair(1), Pair(2)}
    with pytest.raises(ValueError, match="left is negative"):
        Pair(-1)
    with pytest.raises(ValueError, match="left is negative"):
        dataclasses.replace(Pair(1), left=-1)


def test_wrong_arguments_are_refused_in_pythons_own_words() -> None:
    with pytest.raises(TypeError, match=r"Named\.__init__\(\) missing 1 required keyword-only argument: 'name'"):
        Named()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Named\.__init__\(\) got an unexpected keyword argument 'nmae'"):
        Named(nmae="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Named\.__init__\(\) takes 1 positional argument but 2 were given"):
        Named("a")  # type: ignore[misc]


def test_a_field_that_is_left_out_of_comparing_or_showing_is_left_out() -> None:
    assert Named(name="a", hidden=1) == Named(name="a", hidden=2)
    assert hash(Named(name="a", hidden=1)) == hash(Named(name="a", hidden=2))
    assert repr(Named(name="a", hidden=1)) == "Named(name='a')"


def test_a_copy_is_equal_and_frozen_too() -> None:
    for each in (copy.copy(Pair(1, (2,))), copy.deepcopy(Pair(1, (2,))), pickle.loads(pickle.dumps(Pair(1, (2,))))):
        assert each == Pair(1, (2,))
        with pytest.raises(FrozenInstanceError):
            each.left = 2
    assert dataclasses.asdict(Pair(1, (2,))) == {"left": 1, "right": (2,)}


def test_a_hash_of_its_own_stays_and_is_the_same_for_what_is_equal(known: Knowledge) -> None:
    for one in (*known.products.values(), Dose.read("0.125 mg")):
        assert "frozen" not in type(one).__hash__.__module__
        same = dataclasses.replace(one)
        assert (one, hash(one)) == (same, hash(same))
    assert hash(Dose(Fraction(2, 16))) == hash(Dose.read("125 mcg"))


def test_what_is_not_made_here_is_refused_where_it_stands() -> None:
    with pytest.raises(TypeError, match="only frozen dataclasses with slots"):
        frozen.dataclass(frozen=True, slots=False)
    make = frozen.dataclass(frozen=True, slots=True)
    with pytest.raises(TypeError, match=r"Listed\.items"):
        make(type("Listed", (), {"__annotations__": {"items": list}, "items": field(default_factory=list)}))
    with pytest.raises(TypeError, match="Own has a __eq__ of its own"):
        make(type("Own", (), {"__annotations__": {"one": int}, "__eq__": lambda *_: True}))


def test_a_field_without_a_default_is_refused_after_one_with_a_default() -> None:
    make = frozen.dataclass(frozen=True, slots=True)
    with pytest.raises(TypeError, match="Turned: a field without a default stands after one with a default"):
        make(type("Turned", (), {"__annotations__": {"one": int, "two": int}, "one": 1}))


def test_classes_with_as_many_fields_share_nothing_that_can_be_seen() -> None:
    make = frozen.dataclass(frozen=True, slots=True)
    one = make(type("One", (), {"__annotations__": {"name": str, "set": int}, "set": 5}))
    other = make(type("Other", (), {"__annotations__": {"self_": str, "field_0": int}}))
    assert (repr(one("a")), repr(other("b", 2))) == ("One(name='a', set=5)", "Other(self_='b', field_0=2)")
    with pytest.raises(TypeError, match=r"Other\.__init__\(\) missing 1 required positional argument: 'field_0'"):
        other("b")
