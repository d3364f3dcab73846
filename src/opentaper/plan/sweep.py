"""The inner loop of the front: who can reach the goal by when, if no step may be felt more than so much.

Plain loops over whole numbers. They run as they stand over lists; `machine` hands the same function, as machine code
over arrays, to whoever has many doses. Both give the same, to the last digit: nothing here is rounded but by `>>`.
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

NEVER, TOO_WIDE, TOO_MANY = -1, -2, -3
"""Instead of a period: the goal is not reached; a dose has more labels than there is room for; all have."""

Ints = Sequence[int]
Room = MutableSequence[int]


def sweep(  # noqa: PLR0915 (one piece, because the compiler takes it so)
    last: int,
    limit: int,
    exact: Ints,
    models: int,
    first: Ints,
    to: Ints,
    hold: Ints,
    apart: Ints,
    least: Ints,
    eager: Ints,
    line_first: Ints,
    line_model: Ints,
    line_slope: Ints,
    line_offset: Ints,
    rise: Ints,
    kept: int,
    shift: int,
    stay: Ints,
    begin: Ints,
    toll: Ints,
    gap: int,
    width: int,
    words: int,
    serial: int,
    start: Room,
    own: Room,
    made: Room,
    longest: Room,
    togo: Room,
    since: Room,
    level: Room,
    spent: Room,
    shut: Room,
    paid: Room,
    done: Room,
    used: Room,
    name: Room,
    count: Room,
    new: Room,
    mask: Room,
    parent: Room,
    via: Room,
    when: Room,
    felt: Room,
    found: Room,
) -> int:
    """Carry labels down the stairs, period by period, until one reaches the goal.

    A *label* is one way to have come to a dose: how far the body is adapted in each model, how many periods have been
    spent there, what it cost. Of two labels at the same dose and period one is dropped when the other is no more
    adapted in any model, at least as free to go on, no dearer, and has used no worse of the peaks in `exact`.

    Args:
        last: the goal is reached by this period or not at all.
        limit: a step may be felt this much [millionths].
        exact: steps that are felt more must be felt exactly as much as one of these, each used once; worst first.
        models: how many effect models there are.
        first: the place of each dose's first cut among all cuts, and their number.
        to, hold, apart, least, eager: of each cut, where it leads, the periods on the dose before it, whether it keeps
            `gap` periods apart, what it is felt at the least, and whether to make it at once is never worse.
        line_first, line_model, line_slope, line_offset: what each cut is felt is the worst of some straight lines in
            the adaptation of a model.
        rise: what a cut draws within a period, axes (cut, model).
        kept, shift: a period keeps `kept` parts of 2^shift of adaptation.
        stay: what a period on the same dose draws, axes (dose, model).
        begin: adaptation at the start, axes (model,).
        toll: what a period on each dose costs, of axes (dose,).
        width, words: room for labels at one dose, and whole numbers to mark what of `exact` is used.
        parent, via, when, felt: are filled for each label with the one before it, the cut, its period, and how much it is
            felt [millionths]; label 0 is the start.
        found: is filled with the label and the cut that lead to the goal, how much that is felt, and the cost.

    Returns:
        The period in which the goal is reached, or `NEVER`, `TOO_WIDE` or `TOO_MANY`.
    """
    goal = len(first) - 2
    top = limit
    if len(exact) > 0 and exact[0] > top:
        top = exact[0]

    # How near the goal is from each dose, and each dose from the start, if adaptation were as low as it can be.
    far = 1 << 40
    for i in range(goal + 1):
        togo[i] = far
        since[i] = far
        longest[i] = 1
        count[i] = 0
    togo[goal] = 0
    since[0] = 0
    for i in range(goal - 1, -1, -1):
        near = far
        for e in range(first[i], first[i + 1]):
            if least[e] <= top and hold[e] + togo[to[e]] < near:
                near = hold[e] + togo[to[e]]
        togo[i] = near
    if togo[0] > last:
        return NEVER
    usable = 0
    for i in range(goal):
        start[i] = usable
        if since[i] + togo[i] > last:
            continue
        for e in range(first[i], first[i + 1]):
            if least[e] <= top:
                j = to[e]
                by = since[i] + hold[e]
                if by + togo[j] <= last:
                    own[usable] = e
                    usable += 1
                    since[j] = min(since[j], by)
                    longest[i] = max(longest[i], hold[e])
    start[goal] = usable

    labels = 1
    parent[0] = -1
    lowest = 0
    cheapest = -1
    for period in range(last + 1):
        for i in range(lowest, -1, -1):
            for c in range(count[i] if i > 0 else 1):
                at = i * width + c
                if i > 0 and (done[at] > 0 or (shut[at] > 0 and spent[at] < gap)):
                    continue
                settled = i > 0
                for u in range(start[i], start[i + 1]):
                    e = own[u]
                    j = to[e]
                    if period + togo[j] > last:
                        continue

                    # Who has made this cut before, as soon as it was free to, is ahead.
                    if i == 0:
                        if hold[e] != period:
                            continue
                    elif made[u * width + c] == serial + name[at]:
                        continue
                    elif spent[at] < hold[e]:
                        settled = False
                        continue

                    much = 0
                    for line in range(line_first[e], line_first[e + 1]):
                        k = line_model[line]
                        adapted = level[at * models + k] if i > 0 else begin[k]
                        now = ((line_slope[line] * adapted) >> shift) + line_offset[line]
                        if now > much:
                            much = now
                            if much > top:
                                break
                    for w in range(words):
                        mask[w] = used[at * words + w] if i > 0 else 0
                    if much > limit:
                        settled = False
                        if much > top:
                            continue
                        fits = False
                        for p in range(len(exact)):
                            bit = 1 << (61 - p % 62)
                            if exact[p] == much and mask[p // 62] & bit == 0:
                                mask[p // 62] |= bit
                                fits = True
                                break
                        if not fits:
                            continue
                    elif eager[e] == 0:
                        settled = False
                    elif i > 0:
                        made[u * width + c] = serial + name[at]
                    cost = paid[at] if i > 0 else 0
                    if j == goal:
                        if cheapest < 0 or cost < cheapest:
                            cheapest = cost
                            found[0] = name[at] if i > 0 else 0
                            found[1] = e
                            found[2] = much
                            found[3] = cost
                        continue

                    cost += toll[j]
                    for k in range(models):
                        adapted = level[at * models + k] if i > 0 else begin[k]
                        new[k] = ((kept * adapted) >> shift) + rise[e * models + k]
                    kept_out = False
                    d = j * width
                    while d < j * width + count[j]:
                        order = 0
                        for w in range(words):
                            if used[d * words + w] != mask[w]:
                                order = -1 if used[d * words + w] < mask[w] else 1
                                break
                        closed = shut[d] > 0 and spent[d] < gap
                        beats = paid[d] <= cost and order <= 0 and (not closed or apart[e] > 0)
                        beaten = paid[d] >= cost and order >= 0 and (spent[d] == 1 or longest[j] == 1)
                        if apart[e] > 0 and not (closed and spent[d] == 1):
                            beaten = False
                        for k in range(models):
                            if level[d * models + k] > new[k]:
                                beats = False
                            elif level[d * models + k] < new[k]:
                                beaten = False
                        if beats:
                            kept_out = True
                            break
                        if beaten:
                            count[j] -= 1
                            z = j * width + count[j]
                            for k in range(models):
                                level[d * models + k] = level[z * models + k]
                            for w in range(words):
                                used[d * words + w] = used[z * words + w]
                            spent[d] = spent[z]
                            shut[d] = shut[z]
                            paid[d] = paid[z]
                            done[d] = done[z]
                            name[d] = name[z]
                        else:
                            d += 1
                    if kept_out:
                        continue
                    if count[j] == width:
                        return TOO_WIDE
                    if labels == len(parent):
                        return TOO_MANY
                    z = j * width + count[j]
                    count[j] += 1
                    for k in range(models):
                        level[z * models + k] = new[k]
                    for w in range(words):
                        used[z * words + w] = mask[w]
                    spent[z] = 1
                    shut[z] = apart[e]
                    paid[z] = cost
                    done[z] = 0
                    name[z] = labels
                    parent[labels] = name[at] if i > 0 else 0
                    via[labels] = e
                    when[labels] = period
                    felt[labels] = much
                    labels += 1
                    lowest = max(lowest, j)

                if settled:
                    done[at] = 1  # every cut that it can ever make has been made

            # Another period on the same dose.
            if i > 0:
                for at in range(i * width, i * width + count[i]):
                    spent[at] += 1
                    paid[at] += toll[i]
                    for k in range(models):
                        adapted = level[at * models + k]
                        level[at * models + k] = ((kept * adapted) >> shift) + stay[i * models + k]
        if cheapest >= 0:
            return period
    return NEVER


def available() -> bool:
    """Return whether the compiler and its arrays are installed: the extra `cohort`."""
    return find_spec("numba") is not None and find_spec("numpy") is not None


def loaded() -> bool:
    """Return whether the machine code is there already."""
    return machine.cache_info().currsize > 0


@cache
def machine() -> Callable[..., int]:
    """Return `sweep` as machine code over arrays of 64-bit whole numbers; made once, then kept on disk."""
    # One set of options: the compiler's cache on disk does not tell them apart.
    from numba import njit

    made: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")(sweep)
    return made
