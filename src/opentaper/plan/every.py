"""Everything the planner can offer for a case, side by side."""

from __future__ import annotations

from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Intake
from opentaper.plan.day import present_day
from opentaper.plan.proposal import Infeasible, Options, Plan
from opentaper.plan.propose import propose


def propose_every(case: Case, known: Knowledge) -> Options:
    """Find the options for a case and, after them, what every protocol of the base is for it.

    Args:
        case: who takes what, the goal, and what the pharmacy has.
        known: the base; its limits bound every plan, its protocols are taken in the order of their keys.

    Returns:
        Every plan once and every reason for a missing one once: the options in their own order, then the protocols.
    """
    plans: list[Plan] = []
    infeasible: list[Infeasible] = []
    for key in (None, *sorted(known.protocols)):
        found = propose(case, known, protocol=key)
        plans += [plan for plan in found.plans if plan not in plans]
        infeasible += [each for each in found.infeasible if each not in infeasible]
    return Options(plans=tuple(plans), infeasible=tuple(infeasible))


def present_intakes(case: Case, known: Knowledge) -> tuple[Intake, ...]:
    """Return what is taken now, in the fewest solid pieces of the case's products that make it, else with a liquid.

    A case does not say in which pieces its present dose is taken, so this is the least that it can be. An intake that
    these products do not make has no portions.
    """
    dispensary = present_day(case, known).dispensary
    found = []
    for intake in case.present.intakes:
        units = dispensary.units(intake.dose)
        made = dispensary.solid.get(units) or dispensary.made.get(units)
        found.append(Intake(time=intake.time, dose=intake.dose, portions=made.portions if made else None))
    return tuple(found)
