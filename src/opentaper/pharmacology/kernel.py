"""The one source of the engine: plain loops over people, as short as they can be.

Run as they stand they serve one person without compiling anything; `compiled` hands the same functions, as machine
code, to whoever asks for many people. Everything is an array of floats or of unsigned whole numbers, and nothing is
allocated per person.
"""

from __future__ import annotations

from math import exp, log

import numpy as np
from numpy.typing import NDArray

from opentaper.pharmacology.kinetics import Floats
from opentaper.pharmacology.timeline import Whole

NODES = 16
"""Places at which the effect is worked out in an interval; fixed, so that machine code does them side by side."""


LN2 = log(2.0)
FOUR = True
"""Whether all four modes are looked at; machine code is made without the last two as well, for a drug that has none."""


def levels(
    rates: Floats,
    weights: Floats,
    drug: Whole,
    doses: Floats,
    given: Whole,
    begun: Floats,
    length: Floats,
    offset: Floats,
    looks: Whole,
    kind: Whole,
    first: Whole,
    out: Floats,
) -> None:
    """Follow levels through a timeline in closed form; a look at the moment of a dose comes before it.

    Two people are taken at a time, and two of their modes, so that four sums are under way: one alone would wait for
    its own last step. They are half of all apart, so that doses are read, and levels written, in two unbroken streams.

    Args:
        rates: [1/h], axes (person, pair, 2); 0 for a mode that is not used, whose weight is 0 too.
        weights: [ng/mL for 1 mg], axes (person, pair, 2).
        drug: which drug each pair belongs to, axes (pair,).
        doses: every dose of all drugs [mg], axes (person or 1, dose).
        given: which of them each drug gives at the start of each interval, or a place beyond them for none, axes
            (drug, interval + 1).
        begun: how much of each mode there is at the start [mg], axes (person, pair, 2).
        length, offset, looks, kind, first: the timeline.
        out: is filled with levels [ng/mL], axes (person, time).
    """
    people, kinds, widest = rates.shape[0], length.shape[0], offset.shape[1]
    decay = np.empty((kinds, 4))
    reach = np.empty((kinds, 4, widest))
    both = np.empty((kinds, 8))
    amount = np.empty(4)
    nobody, more, more_of_other = np.empty(out.shape[1]), np.empty(out.shape[1]), np.empty(out.shape[1])
    half = (people + 1) // 2
    for person in range(half):
        other = min(person + half, people - 1)
        dose, dose_of_other = doses[min(person, doses.shape[0] - 1)], doses[min(other, doses.shape[0] - 1)]
        level, level_of_other = out[person], (out[other] if other > person else nobody)
        for pair in range(drug.shape[0]):
            for sum_ in range(4):
                who, mode = (person if sum_ < 2 else other), sum_ % 2
                rate, weight = rates[who, pair, mode], weights[who, pair, mode]
                for each in range(kinds):
                    decay[each, sum_] = exp(-rate * length[each])
                    for look in range(looks[each]):
                        reach[each, sum_, look] = weight * exp(-rate * offset[each, look])
                amount[sum_] = begun[who, pair, mode]
            which = given[drug[pair]]
            to, to_other = (level, level_of_other) if pair == 0 else (more, more_of_other)
            if widest == 1:
                both[:, :4], both[:, 4:] = decay, reach[:, :, 0]
                walk(amount, dose, dose_of_other, which, both, looks, kind, to, to_other)
            else:
                stroll(amount, dose, dose_of_other, which, decay, reach, looks, kind, first, to, to_other)
            if pair > 0:
                for look in range(out.shape[1]):
                    level[look] += more[look]
                for look in range(out.shape[1]):
                    level_of_other[look] += more_of_other[look]


def walk(
    amount: Floats,
    dose: Floats,
    dose_of_other: Floats,
    which: Whole,
    both: Floats,
    looks: Whole,
    kind: Whole,
    level: Floats,
    level_of_other: Floats,
) -> None:
    """Follow two people through a timeline with at most one look in an interval; see `levels`.

    Args:
        both: what an interval leaves of each sum, and what its look sees of it, side by side, axes (kind, 4 and 4).
    """
    a, b, c, d = amount[0], amount[1], amount[2], amount[3]
    look, last, once = 0, np.uint32(dose.shape[0]), np.uint32(1)  # signed and unsigned would be compared as floats
    if which[0] < last:
        a, b, c, d = a + dose[which[0]], b + dose[which[0]], c + dose_of_other[which[0]], d + dose_of_other[which[0]]
    for interval in range(kind.shape[0]):
        each, place = kind[interval], which[interval + 1]
        if looks[each] == once:
            level[look] = a * both[each, 4] + b * both[each, 5]
            level_of_other[look] = c * both[each, 6] + d * both[each, 7]
            look += 1
        more = more_of_other = 0.0
        if place < last:
            more, more_of_other = dose[place], dose_of_other[place]
        a = a * both[each, 0] + more
        b = b * both[each, 1] + more
        c = c * both[each, 2] + more_of_other
        d = d * both[each, 3] + more_of_other


def stroll(
    amount: Floats,
    dose: Floats,
    dose_of_other: Floats,
    which: Whole,
    decay: Floats,
    reach: Floats,
    looks: Whole,
    kind: Whole,
    first: Whole,
    level: Floats,
    level_of_other: Floats,
) -> None:
    """Follow two people through a timeline with several looks in an interval; see `levels`."""
    a, b, c, d = amount[0], amount[1], amount[2], amount[3]
    last = np.uint32(dose.shape[0])
    if which[0] < last:
        a, b, c, d = a + dose[which[0]], b + dose[which[0]], c + dose_of_other[which[0]], d + dose_of_other[which[0]]
    for interval in range(kind.shape[0]):
        each, begin, place = kind[interval], first[interval], which[interval + 1]
        for look in range(looks[each]):
            level[begin + look] = a * reach[each, 0, look] + b * reach[each, 1, look]
        for look in range(looks[each]):
            level_of_other[begin + look] = c * reach[each, 2, look] + d * reach[each, 3, look]
        more = more_of_other = 0.0
        if place < last:
            more, more_of_other = dose[place], dose_of_other[place]
        a = a * decay[each, 0] + more
        b = b * decay[each, 1] + more
        c = c * decay[each, 2] + more_of_other
        d = d * decay[each, 3] + more_of_other


def course(
    rates: Floats,
    drive: Floats,
    drug: Whole,
    doses: Floats,
    given: Whole,
    gain: Floats,
    bend: Floats,
    tau: Floats,
    share: Floats,
    half: Floats,
    used: Floats,
    begun: Floats,
    adapted: Floats,
    node: Floats,
    mass: Floats,
    length: Floats,
    kind: Whole,
    seen: Whole,
    out_effect: Floats,
    out_withdrawal: Floats,
    out_drive: Floats,
    out_adapted: Floats,
) -> None:
    """Follow drive, effect, adaptation and withdrawal through a timeline whose looks end their intervals.

    Between doses the drive u is a sum of exponentials, the effect E = gain·u / (1 + bend·u), and each adaptation A
    relaxes to it: A(t + D) = A(t)·exp(-D/tau) + ∫ exp(-(t + D - s)/tau)·E(s) ds/tau, by a quadrature. Withdrawal is
    max(0, Σ share·grown·(A - E)), the main and the slow adaptation counting as far as dependence has grown:
    1 - 2^(-days of use / half).

    Args:
        rates: [1/h], axes (person, four, 4); 0 for a mode that is not used, whose drive is 0 too.
        drive: what each mode adds to the drive, for 1 mg, axes (person, four, 4).
        drug: which drug each four belongs to, axes (four,).
        doses: every dose of all drugs [mg], axes (person or 1, dose).
        given: which of them each drug gives at the start of each interval, or a place beyond them for none, axes
            (drug, interval + 1).
        gain, bend: of the effect, axes (person,).
        tau: time constants of the fast, the main and the slow adaptation [h], axes (person, 3).
        share: what each of them carries of withdrawal, axes (person, 3).
        half: days of use [d] that bring half of full dependence, axes (person,).
        used: days of use [d] at the first look, and how many more at each look after it, axes (time,).
        begun: how much of each mode there is at the start [mg], axes (person, four, 4).
        adapted: adaptation at the start, axes (person, 3).
        node, mass: `NODES` places and weights of the quadrature on 0 to 1.
        length, kind, seen: the timeline, and how often somebody looks at the end of each interval: once, or not.
        out_effect, out_withdrawal, out_drive: are filled, axes (person, time).
        out_adapted: is filled, axes (person, 3, time).
    """
    kinds, fours = length.shape[0], drug.shape[0]
    decay = np.empty((kinds, fours, 4))
    reach = np.empty((kinds, fours, 4, NODES))
    keep = np.empty((kinds, 3))
    pull = np.empty((kinds, 3, NODES))
    amount = np.empty((fours, 4))
    for person in range(rates.shape[0]):
        before = max(person - 1, 0)
        for each in range(kinds):
            for four in range(fours):
                for mode in range(4):
                    if drive[person, four, mode] == 0.0:  # not used: no exponential is wasted on it
                        decay[each, four, mode] = 0.0
                        reach[each, four, mode, :] = 0.0
                        continue
                    reached = rates[person, four, mode] * length[each]
                    decay[each, four, mode] = exp(-reached)
                    for place in range(NODES):
                        reach[each, four, mode, place] = drive[person, four, mode] * exp(-reached * node[place])
            for process in range(3):
                if person > 0 and tau[person, process] == tau[before, process] and gain[person] == gain[before]:
                    continue  # as of the person before
                sped = length[each] / tau[person, process]
                keep[each, process] = exp(-sped)
                for place in range(NODES):
                    pull[each, process, place] = gain[person] * mass[place] * sped * exp(-sped * (1.0 - node[place]))
        for four in range(fours):
            for mode in range(4):
                amount[four, mode] = begun[person, four, mode]
        dose = doses[min(person, doses.shape[0] - 1)]
        out_d, out_a = out_drive[person], out_adapted[person]
        if fours == 1 and drive[person, 0, 2] == 0.0 and drive[person, 0, 3] == 0.0:
            pace_two(amount, adapted[person], dose, given[drug[0]], drive[person], bend[person], decay, reach, keep, pull, kind, seen, out_d, out_a)  # fmt: skip
        elif fours == 1:
            pace(amount, adapted[person], dose, given[drug[0]], drive[person], bend[person], decay, reach, keep, pull, kind, seen, out_d, out_a)  # fmt: skip
        else:
            pace_all(amount, adapted[person], dose, given, drug, drive[person], bend[person], decay, reach, keep, pull, kind, seen, out_d, out_a)  # fmt: skip
        lack(gain[person], bend[person], share[person], half[person], used, out_d, out_a, out_effect[person], out_withdrawal[person])  # fmt: skip


def pace(
    amount: Floats,
    adapted: Floats,
    dose: Floats,
    which: Whole,
    drive: Floats,
    bend: float,
    decay: Floats,
    reach: Floats,
    keep: Floats,
    pull: Floats,
    kind: Whole,
    seen: Whole,
    out_drive: Floats,
    out_adapted: Floats,
) -> None:
    """Follow one person's drive and adaptation, of four modes at most, as nearly every drug has; see `course`."""
    look, last, once = 0, np.uint32(dose.shape[0]), np.uint32(1)  # signed and unsigned would be compared as floats
    fast, main, slow = adapted[0], adapted[1], adapted[2]
    to_fast, to_main, to_slow = out_adapted[0], out_adapted[1], out_adapted[2]
    by_a, by_b, by_c, by_d = drive[0, 0], drive[0, 1], drive[0, 2], drive[0, 3]
    a, b, c, d = amount[0, 0], amount[0, 1], amount[0, 2], amount[0, 3]
    if which[0] < last:
        more = dose[which[0]]
        a, b, c, d = a + more, b + more, c + more, d + more
    for interval in range(kind.shape[0]):
        each = kind[interval]
        fast_pulled = main_pulled = slow_pulled = 0.0
        for place in range(reach.shape[3]):  # not a constant: the compiler would unroll it and do one place at a time
            u = a * reach[each, 0, 0, place] + b * reach[each, 0, 1, place]
            if FOUR:
                u += c * reach[each, 0, 2, place] + d * reach[each, 0, 3, place]
            effect = u / (1.0 + bend * u)  # its gain is in `pull`
            fast_pulled += pull[each, 0, place] * effect
            main_pulled += pull[each, 1, place] * effect
            slow_pulled += pull[each, 2, place] * effect
        fast = fast * keep[each, 0] + fast_pulled
        main = main * keep[each, 1] + main_pulled
        slow = slow * keep[each, 2] + slow_pulled
        a, b, c, d = a * decay[each, 0, 0], b * decay[each, 0, 1], c * decay[each, 0, 2], d * decay[each, 0, 3]
        if seen[interval] == once:
            out_drive[look] = a * by_a + b * by_b + c * by_c + d * by_d
            to_fast[look], to_main[look], to_slow[look] = fast, main, slow
            look += 1
        begins = which[interval + 1]
        if begins < last:
            more = dose[begins]
            a, b, c, d = a + more, b + more, c + more, d + more


pace_two = pace
"""`pace` of a drug with two modes at most, as one compartment by mouth has; as machine code it is another (`FOUR`)."""


def pace_all(
    amount: Floats,
    adapted: Floats,
    dose: Floats,
    given: Whole,
    drug: Whole,
    drive: Floats,
    bend: float,
    decay: Floats,
    reach: Floats,
    keep: Floats,
    pull: Floats,
    kind: Whole,
    seen: Whole,
    out_drive: Floats,
    out_adapted: Floats,
) -> None:
    """Follow one person's drive and adaptation, of any number of modes; see `course`."""
    fours, look = drug.shape[0], 0
    last, once = np.uint32(dose.shape[0]), np.uint32(1)  # signed and unsigned would be compared as floats
    others = np.zeros(NODES)
    fast, main, slow = adapted[0], adapted[1], adapted[2]
    for four in range(fours):
        which = given[drug[four], 0]
        if which < last:
            for mode in range(4):
                amount[four, mode] += dose[which]
    a, b, c, d = amount[0, 0], amount[0, 1], amount[0, 2], amount[0, 3]
    for interval in range(kind.shape[0]):
        each = kind[interval]
        for four in range(1, fours):  # modes beyond the first four; a single drug rarely has any
            for place in range(NODES):
                u = 0.0 if four == 1 else others[place]
                for mode in range(4):
                    u += amount[four, mode] * reach[each, four, mode, place]
                others[place] = u
        to_fast = to_main = to_slow = 0.0
        for place in range(NODES):
            u = others[place] + a * reach[each, 0, 0, place] + b * reach[each, 0, 1, place]
            u += c * reach[each, 0, 2, place] + d * reach[each, 0, 3, place]
            effect = u / (1.0 + bend * u)  # its gain is in `pull`
            to_fast += pull[each, 0, place] * effect
            to_main += pull[each, 1, place] * effect
            to_slow += pull[each, 2, place] * effect
        fast = fast * keep[each, 0] + to_fast
        main = main * keep[each, 1] + to_main
        slow = slow * keep[each, 2] + to_slow
        a, b, c, d = a * decay[each, 0, 0], b * decay[each, 0, 1], c * decay[each, 0, 2], d * decay[each, 0, 3]
        for four in range(1, fours):
            for mode in range(4):
                amount[four, mode] *= decay[each, four, mode]
        if seen[interval] == once:
            u = a * drive[0, 0] + b * drive[0, 1] + c * drive[0, 2] + d * drive[0, 3]
            for four in range(1, fours):
                for mode in range(4):
                    u += amount[four, mode] * drive[four, mode]
            out_drive[look] = u
            out_adapted[0, look], out_adapted[1, look], out_adapted[2, look] = fast, main, slow
            look += 1
        which = given[drug[0], interval + 1]
        if which < last:
            a, b, c, d = a + dose[which], b + dose[which], c + dose[which], d + dose[which]
        for four in range(1, fours):
            which = given[drug[four], interval + 1]
            if which < last:
                for mode in range(4):
                    amount[four, mode] += dose[which]


def lack(
    gain: float,
    bend: float,
    share: Floats,
    half: float,
    used: Floats,
    drive: Floats,
    adapted: Floats,
    out_effect: Floats,
    out_withdrawal: Floats,
) -> None:
    """Say what one person lacks at each look, where adaptation is more than effect; see `course`."""
    missing = exp(-LN2 * used[0] / half)  # of full dependence
    step, factor = 0.0, 1.0
    for look in range(drive.shape[0]):
        if look > 0:
            if used[look] != step:
                step = used[look]
                factor = exp(-LN2 * step / half)
            missing *= factor
        out_withdrawal[look] = 1.0 - missing
    fast, main, slow = adapted[0], adapted[1], adapted[2]
    for look in range(drive.shape[0]):
        effect = gain * drive[look] / (1.0 + bend * drive[look])
        later = share[1] * (main[look] - effect) + share[2] * (slow[look] - effect)
        out_effect[look] = effect
        out_withdrawal[look] = max(share[0] * (fast[look] - effect) + out_withdrawal[look] * later, 0.0)


def tally(values: Floats, per_unit: float, counted: NDArray[np.uint32]) -> None:
    """Count people in bins of equal width from 0 on; the last bin takes everything beyond.

    Args:
        values: axes (person, time).
        per_unit: bins for each unit of a value.
        counted: is added to, axes (time, bin).
    """
    last = counted.shape[1] - 1
    for time in range(values.shape[1]):
        for person in range(values.shape[0]):
            place = int(values[person, time] * per_unit)
            counted[time, min(max(place, 0), last)] += np.uint32(1)
