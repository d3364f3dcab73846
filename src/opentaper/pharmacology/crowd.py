"""Several groups of people followed at once, each by its own effect curve: as one, it takes a fraction of the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.people import People


def joined(groups: Sequence[People]) -> tuple[People, Callable[[Floats], Floats]]:
    """Return the people of several groups as one, and their effect: each person's drive by the curve of their group.

    Args:
        groups: people on the same drugs; the curve that the joined people carry is the first group's and is not to be used.
    """
    counts = [len(group) for group in groups]
    gain = np.repeat([group.curve.gain for group in groups], counts)
    bend = np.repeat([group.curve.bend for group in groups], counts)

    def effect(drive: Floats) -> Floats:
        each = (-1, *(1,) * (drive.ndim - 1))
        below = bend.reshape(each) * drive
        below += 1.0  # in place: these arrays are large enough that another one takes longer than the sum
        found = gain.reshape(each) * drive
        found /= below
        return found

    return _side_by_side(groups, counts), effect


def _side_by_side(parts: Sequence[Any], counts: Sequence[int]) -> Any:
    """This function will put arrays of axes (person, …) behind one another, wherever they stand; the rest is the first's."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(
            [np.broadcast_to(each, (count, *each.shape[1:])) for each, count in zip(parts, counts, strict=True)]
        )
    if isinstance(first, tuple):
        return tuple(_side_by_side(each, counts) for each in zip(*parts, strict=True))
    if isinstance(first, Mapping):
        return {key: _side_by_side([each[key] for each in parts], counts) for key in first}
    if is_dataclass(first) and not isinstance(first, type):
        own = {field.name: [getattr(each, field.name) for each in parts] for field in fields(first)}
        return replace(first, **{name: _side_by_side(each, counts) for name, each in own.items()})
    return first
