"""The least peak as a mixed-integer programme for HiGHS, which knows nothing of tapers, labels or rounding.

Time is laid out period by period; in each, one arc is taken: a cut, or a stay. Adaptation is a real number here, never
rounded down, so the optimum may lie a few millionths above ours.
"""

from collections import defaultdict

import highspy

from opentaper.pharmacology.strain import Strain
from opentaper.plan.ground import Ground

ROUNDING = 5
"""Rounding down takes less than 1 from each step of adaptation, which is kept to a fifth, and from what is felt."""


def least_peak(ground: Ground, made: Strain, last: int) -> int | None:
    """The least peak [millionths] of a plan that reaches the goal by a period."""
    scale = float(made.scale)
    kept = float(made.kept[-1]) / 2**made.shift
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 1e-7)
    model.setOptionValue("mip_feasibility_tolerance", 1e-8)
    model.setOptionValue("primal_feasibility_tolerance", 1e-9)
    peak = model.addVariable(lb=0.0, ub=4.0)
    adapted = [
        [model.addVariable(lb=0.0, ub=1.0) for _ in made.models] for _ in range(last + 1)
    ]  # fmt: skip
    for k, level in enumerate(adapted[0]):
        model.addConstr(level == float(made.steady[k, 0]) / scale)
    flow = _Flow(model, ground, last)
    model.addConstr(sum(flow.arrivals) == 1)
    for period in range(last + 1):
        cuts, stays = flow.cuts[period], flow.stays[period]
        if period < last:
            for k, level in enumerate(adapted[period + 1]):
                rise = sum(float(made.drawn[k, cut, -1]) / scale * arc for cut, arc in cuts)
                steady = sum(float(made.steady[k, dose]) / scale * (1.0 - kept) * arc for dose, arc in stays)
                model.addConstr(level >= kept * adapted[period][k] + rise + steady)
        any_cut = sum(arc for _, arc in cuts)
        if not cuts:
            continue
        for k in range(len(made.models)):
            for day, pulled in enumerate(made.pulled.tolist()):
                share = pulled / 2**made.shift
                offset = sum(float(made.offset[k, cut, day]) / scale * arc for cut, arc in cuts)
                model.addConstr(peak >= share * adapted[period][k] + offset - share * (1 - any_cut))
    model.minimize(peak)
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return round(model.val(peak) * made.scale)


class _Flow:
    """Which dose somebody is on, and for how many periods, as a flow through time."""

    def __init__(self, model: highspy.Highs, ground: Ground, last: int) -> None:
        goal, longest = len(ground.stairs) - 1, max([ground.gap, *ground.holds, 1])
        self.cuts: list[list[tuple[int, object]]] = [[] for _ in range(last + 1)]
        self.stays: list[list[tuple[int, object]]] = [[] for _ in range(last + 1)]
        self.arrivals: list[object] = []
        into: dict[tuple[int, int, int, bool], list[object]] = defaultdict(list)
        out: dict[tuple[int, int, int, bool], list[object]] = defaultdict(list)
        apart = [ground.edges[before][index].apart > 0 for before, index in _places(ground)]
        for period in range(last + 1):
            for age in range(1, longest + 1):
                for closed in (False, True):
                    for dose in range(1, goal):
                        if period < last:
                            arc = model.addBinary()
                            node = (period, dose, age, closed)
                            out[node].append(arc)
                            into[period + 1, dose, min(age + 1, longest), closed and age + 1 < ground.gap].append(arc)
                            self.stays[period].append((dose, arc))
            for cut, (before, after) in enumerate(ground.pairs):
                ages = [0] if before == 0 else range(ground.holds[cut], longest + 1)
                if before == 0 and ground.holds[cut] != period:
                    continue
                for age in ages:
                    arc = model.addBinary()
                    self.cuts[period].append((cut, arc))
                    if before == 0:
                        for earlier in range(period):
                            self.stays[earlier].append((0, arc))
                    out[(0, 0, 0, False) if before == 0 else (period, before, age, False)].append(arc)
                    if after == goal:
                        self.arrivals.append(arc)
                    elif period < last:
                        into[period + 1, after, 1, apart[cut] and ground.gap > 1].append(arc)
                    else:
                        model.addConstr(arc == 0)
        into[0, 0, 0, False].append(1)
        for node in {*into, *out}:
            if node[0] < last:
                model.addConstr(sum(into[node]) == sum(out[node]))
            else:
                model.addConstr(sum(into[node]) >= sum(out[node]))


def _places(ground: Ground) -> list[tuple[int, int]]:
    return [(before, index) for before, own in enumerate(ground.edges) for index in range(len(own))]
