"""Read what a person wishes beside the goal: a switch to another drug first, or a drug to be reduced next."""

from __future__ import annotations

from opentaper.knowledge import Knowledge, Table, nearest
from opentaper.patient.case import Goal, Switch, Taking, Then
from opentaper.patient.regimen import TIMES
from opentaper.quantity import Span


def read_switch(table: Table, known: Knowledge, goal: Goal, taking: tuple[Taking, ...]) -> Switch:
    """Read the table `[switch]` of a case.

    Raises:
        FileError: one sentence with file, key, what was got and the nearest valid word.
    """
    to = _target(table, known, goal, taking)
    least, most = int(known.limit("switch-overlap").value), int(known.convention("switch-days").number)
    switch = Switch(
        to=to,
        table=_equivalence(table, known, goal.of, to) if table.has("table") else None,
        days=Span(table.whole("days", least, most)) if table.has("days") else Span(most),
        order=_order(table, next(each for each in taking if each.drug == goal.of)),
    )
    table.done()
    if goal.then:
        raise table.fail("to", "a switch and `[[goal.then]]` in one case; plan the one, then the other")
    return switch


def _target(table: Table, known: Knowledge, goal: Goal, taking: tuple[Taking, ...]) -> str:
    drugs = [key for key in known.drugs if known.tapered_drug(key)]
    to = table.choice("to", drugs) if table.has("to") else known.convention("switch-to").value
    if to == goal.of:
        raise table.fail("to", f"{to} is the drug of the goal already; name another one")
    if any(each.drug == to for each in taking):
        raise table.fail("to", f"{to} is taken already; a plan switches to a drug that is not taken yet")
    return to


def _equivalence(table: Table, known: Knowledge, old: str, new: str) -> str:
    fit = [key for key, each in known.equivalences.items() if each.equivalence and each.knows(old) and each.knows(new)]
    key = table.text("table")
    if key in known.equivalences and not known.equivalences[key].equivalence:
        raise table.fail("table", f"{key} is no equivalence: {known.equivalences[key].because}")
    if key in known.equivalences and key not in fit:
        raise table.fail("table", f"{key} does not know both {old} and {new}; these do: {', '.join(fit) or 'none'}")
    if key not in fit:
        return table.choice("table", fit)
    return key


def _order(table: Table, present: Taking) -> tuple[str, ...]:
    times = [time for time in reversed(TIMES) if any(intake.time == time for intake in present.intakes)]
    if not table.has("order"):
        return tuple(times)
    order = table.texts("order")
    for time in order:
        if time not in times:
            raise table.fail("order", f"{time!r} is no time of a present intake; these are: {', '.join(times)}")
    if missing := [time for time in times if time not in order]:
        raise table.fail("order", f"the intake in the {missing[0]} is missing; give each present time once")
    return order


def read_then(
    tables: list[Table], known: Knowledge, of: str, taking: tuple[Taking, ...], percents: tuple[str, ...]
) -> tuple[Then, ...]:
    """Read the tables `[[goal.then]]` of a case; see `read_switch` for what is raised."""
    found: list[Then] = []
    for table in tables:
        taken = [each.drug for each in taking if each.drug and known.tapered_drug(each.drug)]
        word = table.text("of")
        if word in (of, *(each.of for each in found)):
            raise table.fail("of", f"{word} stands earlier in the order already")
        if word in known.drug_names() and word not in taken:
            problem = (
                "is no benzodiazepine or Z-drug that can be tapered" if word not in known.drugs else "is not taken"
            )
            raise table.fail("of", f"{word} {problem}", nearest(word, taken))
        then = Then(
            of=table.choice("of", taken),
            daily=table.dose("daily"),
            share=table.maybe(table.share, "share"),
            percent_of=table.choice("percent_of", percents) if table.has("percent_of") else "current",
            every=table.span("every_days", least=1) if table.has("every_days") else None,
        )
        table.done()
        found.append(then)
    return tuple(found)
