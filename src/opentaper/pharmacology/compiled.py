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
    parts = {name: _compiled(getattr(kernel, name)) for name in ("pace", "pace_all", "lack")}
    return _compiled(kernel.course, **parts)


@cache
def tally() -> Callable[..., Any]:
    """Return `kernel.tally`, compiled."""
    return _compiled(kernel.tally)


def _compiled(function: Callable[..., None], **calls: Callable[..., Any]) -> Callable[..., Any]:
    """This function will compile a function, with compiled ones in the place of those that it calls."""
    # One set of options for everything: the compiler's cache on disk does not tell them apart.
    from numba import njit

    assert isinstance(function, FunctionType)
    own = FunctionType(function.__code__, {**function.__globals__, **calls}, function.__name__)
    made: Callable[..., Any] = njit(nogil=True, cache=True, fastmath=FAST, error_model="numpy")(own)
    return made
