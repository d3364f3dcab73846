"""The front of length against what is felt, and the optimum of one length against a general optimiser, CP-SAT.

Both solve the same problem in whole numbers, so their optima must be equal to the last digit. CP-SAT gets the best
formulation that we found: time laid out period by period, cuts that cannot reach the goal in time left out, adaptation
bounded from below only (rounding down costs no division then), and what is felt of all cuts of a period in one line a
day, which is 3 times faster than to enforce each by its cut.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import product

from line import faster, in_turn, show
from ortools.sat.python import cp_model

from opentaper.pharmacology.effect import OCCUPANCY, STRAIGHT, Curve
from opentaper.pharmacology.strain import Fade, Pull, Response, Strain, strain
from opentaper.plan.front import easiest, front, least
from opentaper.plan.ground import Ground
from opentaper.plan.rules import Rules, SearchRate, Window

CURVES = {
    "straight": STRAIGHT,
    "occupancy": OCCUPANCY,
    "two-state": Curve(gain=1.23, bend=1.23),
    "amplified": Curve(gain=7.33, bend=7.33),
}
CLONAZEPAM = Fade(shares=(0.06854, 0.96213, -0.03067), rates_per_h=(0.519062, 0.017218, 1.7))
PULL = Pull(main_days=9.0, main_part=0.75, fast_days=1.5, fast_part=0.25)
TWO_YEARS = 728
Node = tuple[int, int, int, bool]
"""A period, a dose, the periods spent on it so far, and whether a cut is still kept apart."""


def ladder(doses: int, models: int) -> tuple[Ground, Strain]:
    """Return 4 mg of clonazepam a day in so many equal steps, 32 or a multiple, with one or with all four models."""
    curves = CURVES if models == 4 else {"occupancy": OCCUPANCY}
    response = Response(curves=curves, drive_per_mg=0.2047, fade=CLONAZEPAM, pull=PULL)
    kept: list[Strain] = []

    def tables(units: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Strain:
        kept.append(strain([4.0 * each / doses for each in units], pairs, response))
        return kept[-1]

    end = doses // 32
    rules = Rules(
        rates=(SearchRate("two-week-reduction", Fraction(1, 4), 14),),
        windows=(Window("rolling-28-day-reduction", Fraction(7, 16), 28),),
        interval=14,
        coarse_at_most=Fraction(1, 2),
        longest_hold=112,
        end=end,
        last_at_most=Fraction(3 * end),
    )
    levels = range(doses - 1, -1, -1)
    return Ground(rules, doses, levels, tables, [1] * (doses - 1) + [0], compiled=True), kept[0]


def by_cp_sat(ground: Ground, made: Strain, last: int, *, workers: int = 2, seconds: float = 600.0) -> tuple[int, bool]:
    """Return the least peak that CP-SAT finds for plans of at most so many periods, and whether it proved it least."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = workers, seconds
    status = solver.solve(_Programme(ground, made, last).model)
    found = int(solver.objective_value) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else -1
    return found, status == cp_model.OPTIMAL


class _Programme:
    """The problem for CP-SAT: in each period one arc is taken, a cut or a stay."""

    def __init__(self, ground: Ground, made: Strain, last: int) -> None:
        self.model, self._ground, self._made, self._last = cp_model.CpModel(), ground, made, last
        self._models, self._goal = range(len(made.models)), len(ground.stairs) - 1
        self._into: dict[Node, list[cp_model.IntVar]] = defaultdict(list)
        self._out: dict[Node, list[cp_model.IntVar]] = defaultdict(list)
        self._arrivals: list[cp_model.IntVar] = []
        self._drawn: list[list[tuple[list[int], cp_model.IntVar]]] = [[] for _ in range(last + 1)]
        self._cuts: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in range(last + 1)]
        self._lay_arcs()
        self._join()
        self._feel()

    def _reach(self) -> tuple[list[int], list[int]]:
        """This function will return the fewest periods from the start to each dose, and from each to the goal."""
        far, cuts = self._last + 1, list(zip(self._ground.pairs, self._ground.holds, strict=True))
        togo, since = [far] * self._goal + [0], [0] + [far] * self._goal
        for (before, after), hold in reversed(cuts):
            togo[before] = min(togo[before], hold + togo[after])
        for (before, after), hold in cuts:
            since[after] = min(since[after], since[before] + hold)
        return since, togo

    def _lay_arcs(self) -> None:
        made, ground = self._made, self._ground
        longest, kept = max(ground.gap, *ground.holds), int(made.kept[-1])
        levels = [[int(made.steady[k, dose]) for k in self._models] for dose in range(self._goal + 1)]
        stay = [[level - ((kept * level) >> made.shift) for level in own] for own in levels]
        apart = [edge.apart > 0 and ground.gap > 1 for own in ground.edges for edge in own]
        cuts = list(zip(ground.pairs, ground.holds, apart, strict=True))
        since, togo = self._reach()
        for period in range(self._last + 1):
            for dose in (each for each in range(1, self._goal) if since[each] < period):
                for age, closed in product(range(1, min(longest, period) + 1), (False, True)):
                    later = period + 1, dose, min(age + 1, longest), closed and age + 1 < ground.gap
                    self._arc(period, (period, dose, age, closed), later, stay[dose])
            for cut, ((before, after), hold, distant) in enumerate(cuts):
                if (
                    period < since[before] + hold
                    or period + togo[after] > self._last
                    or (not before and period != hold)
                ):
                    continue
                drawn = [int(made.drawn[k, cut, -1]) for k in self._models]
                for age in range(hold, min(longest, period) + 1) if before else (0,):
                    start: Node = (period, before, age, False) if before else (0, 0, 0, False)
                    later = None if after == self._goal else (period + 1, after, 1, distant)
                    arc = self._arc(period, start, later, drawn)
                    self._cuts[period].append((cut, arc))
                    if not before:
                        for earlier in range(period):
                            self._drawn[earlier].append((stay[0], arc))

    def _arc(self, period: int, start: Node, later: Node | None, drawn: list[int]) -> cp_model.IntVar:
        arc = self.model.new_bool_var("")
        self._out[start].append(arc)
        self._drawn[period].append((drawn, arc))
        (self._arrivals if later is None else self._into[later]).append(arc)
        return arc

    def _join(self) -> None:
        self.model.add_exactly_one(self._out.pop((0, 0, 0, False)))
        self.model.add_exactly_one(self._arrivals)
        for node in {*self._into, *self._out}:
            self.model.add(sum(self._into[node]) == sum(self._out[node]))

    def _feel(self) -> None:
        model, made, one = self.model, self._made, 2**self._made.shift
        peak, kept = model.new_int_var(0, 2 * made.scale, ""), int(made.kept[-1])
        adapted = [[model.new_int_var(0, made.scale, "") for _ in self._models] for _ in self._drawn]
        for k in self._models:
            model.add(adapted[0][k] == int(made.steady[k, 0]))
            for period in range(self._last):
                drawn = sum(each[k] * arc for each, arc in self._drawn[period])
                model.add(one * adapted[period + 1][k] >= kept * adapted[period][k] - one + 1 + one * drawn)
            for period, (day, pulled) in product(range(self._last + 1), enumerate(made.pulled.tolist())):
                free = pulled * made.scale  # without a cut the line says nothing
                felt = sum(
                    (int(made.offset[k, cut, day]) * one - one + 1 + free) * arc for cut, arc in self._cuts[period]
                )
                model.add(one * peak >= pulled * adapted[period][k] + felt - free)
        model.minimize(peak)


def fronts() -> None:
    """Draw whole fronts over two years, and find the smoothest plan of 60 weeks."""
    for doses, most in ((32, 0.05), (320, 1.0)):
        for models in (1, 4):
            made, _ = ladder(doses, models)
            taken = in_turn({"front": partial(front, made, TWO_YEARS), "plan": partial(easiest, made, 420)})
            of = f"4 mg in {doses} steps, {models} model{'s' if models > 1 else ''}"
            points = len(front(made, TWO_YEARS))
            name = f"P: whole front over 52 periods, {of}, {points} points"
            show(name, statistics.median(taken["front"]), "s", "", None, bar=f"value <= {most}")
            show(f"P: smoothest plan of 60 weeks, {of}", statistics.median(taken["plan"]), "s", "", None)
    taken = in_turn({"tables": lambda: ladder(320, 4)}, rounds=3)
    show("P: limits and tables, 4 mg in 320 steps, 4 models", statistics.median(taken["tables"]), "s", "", None)


def against_cp_sat(last: int = 20) -> None:
    """Find the least peak of one length; CP-SAT on two cores, ours on one."""
    for models in (1, 4):
        made, table = ladder(32, models)
        ours, theirs = least(made, last * 14), by_cp_sat(made, table, last)
        assert ours is not None
        assert theirs == (ours.peak, True)
        taken = in_turn(
            {"ours": partial(least, made, last * 14), "theirs": partial(by_cp_sat, made, table, last)}, rounds=3
        )
        name = f"P: least peak of {2 * last} weeks, 4 mg in 32 steps, {models} model{'s' if models > 1 else ''}"
        ratio = faster(taken["ours"], taken["theirs"])
        show(name, statistics.median(taken["ours"]), "s", "CP-SAT, two cores", ratio, bar="ratio >= 100")


def main() -> None:
    fronts()
    against_cp_sat()


if __name__ == "__main__":
    main()
