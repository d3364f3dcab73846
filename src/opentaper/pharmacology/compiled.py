"""The kernel as machine code, made when many people are asked for, and not before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from opentaper.pharmacology import kernel

FAST = {"contract", "reassoc", "nsz"}
"""Sums may be reordered and fused; numbers that are not numbers stay as they are."""


def available() -> bool:
    """Return whether the compiler is installed: the extra `cohort`."""
    return find_spec("numba") is not None


@cache
def levels() -> Callable[..., Any]:
    """Return `kernel.levels`, compiled."""
    return _compiled(kernel.levels, walk=_compiled(kernel.walk), stroll=_compiled(kernel.stroll))


@cache
def course() -> Callable[..., Any]:
    """Return `kernel.course`, compiled."""
    return _compiled(
        kernel.course,
        pace_two=_compiled(kernel.pace, "pace_two", FOUR=False),
        pace=_compiled(kernel.pace),
        pace_all=_compiled(kernel.pace_all),
        lack=_compiled(kernel.lack),
    )


@cache
def tally() -> Callable[..., Any]:
    """Return `kernel.tally`, compiled."""
    return _compiled(kernel.tally)


def _compiled(function: Callable[..., None], name: str = "", **given: object) -> Callable[..., Any]:
    """This function will compile a function, with compiled ones in the place of those that it calls.

    Args:
        function: of the kernel.
        name: what it is called in the cache on disk, where it is compiled with another constant than its own.
        given: functions and constants, by their names in the kernel.
    """
    # One set of options for everything: the compiler's cache on disk does not tell them apart.
    from numba import njit

    assert isinstance(function, FunctionType)
    own = FunctionType(function.__code__, {**function.__globals__, **given}, name or function.__name__)
    own.__qualname__ = own.__name__
    made: Callable[..., Any] = njit(nogil=True, cache=True, fastmath=FAST, error_model="numpy")(own)
    return made
