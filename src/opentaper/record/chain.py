"""A chain of hashes over everything a clinic recorded: a row that is edited, dropped, moved or forged breaks it.

What a chain cannot see by itself is a cut tail, or a chain made anew from the start: for that its head is signed and
kept elsewhere, and compared (`Head`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

FIRST = "0" * 64
"""What the first link goes on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One row of a clinic's record.

    Args:
        place: 1 for the first of the clinic, and then one more each.
        case: whose it is.
        content: the event, as it was encoded.
        before: the hash of the link before.
        hash: of all of the above and of the clinic.
    """

    place: int
    case: str
    content: str
    before: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far a clinic's chain had come when somebody looked."""

    clinic: str
    place: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first row that is not what it was, and what is wrong with it."""

    place: int
    says: str


def link(clinic: str, place: int, case: str, content: str, before: str) -> Link:
    """Return the next link of a chain.

    Example:
        >>> first = link("clinic", 1, "case", "{}", FIRST)
        >>> link("clinic", 2, "case", "{}", first.hash).before == first.hash
        True
    """
    parts = ("opentaper.chain/1", clinic, str(place), case, content, before)
    told = "".join(f"{len(part.encode())}:{part}" for part in parts)
    made = hashlib.sha256(told.encode()).hexdigest()
    return Link(place=place, case=case, content=content, before=before, hash=made)


def verify(clinic: str, links: Iterable[Link], head: Head | None = None) -> Head | Broken:
    """Return how far a chain goes, or its first row that is not what it was.

    Args:
        clinic: whose chain it is.
        links: all rows in the order of their places.
        head: what was exported before, if anything: the chain must pass through it.
    """
    before, last, met = FIRST, 0, head is None or head.place == 0
    for each in links:
        if each.place != last + 1:
            missing = "a row is missing before it" if each.place > last + 1 else "it is there twice, or out of order"
            return Broken(
                place=min(each.place, last + 1), says=f"row {each.place} does not follow row {last}: {missing}"
            )
        if each.before != before:
            return Broken(place=each.place, says=f"row {each.place} does not go on from the row before it")
        if link(clinic, each.place, each.case, each.content, each.before).hash != each.hash:
            return Broken(place=each.place, says=f"row {each.place} is not what was recorded")
        if head and each.place == head.place:
            if each.hash != head.hash:
                return Broken(place=each.place, says=f"row {each.place} is not the one whose hash was exported")
            met = True
        before, last = each.hash, each.place
    if not met and head:
        return Broken(place=last + 1, says=f"the record ends at row {last}, and row {head.place} was exported before")
    return Head(clinic=clinic, place=last, hash=before)
