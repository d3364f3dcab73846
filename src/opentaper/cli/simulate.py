"""The command that predicts what a plan does in the body."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opentaper.cli.door import (
    ALL_BLOCKED,
    AS_OF,
    FORMAT,
    NO_PLAN,
    OK,
    SWITCH,
    InputError,
    date_of,
    json_text,
    known_on,
    unknown,
    write,
)
from opentaper.cli.page import Command
from opentaper.knowledge import Knowledge
from opentaper.patient import TIMES, Case, Regimen, read_case, read_regimen

if TYPE_CHECKING:
    from opentaper.exchange.simulation.forecast import Forecast
    from opentaper.pharmacology import Simulation, Slip, WhatIf
    from opentaper.plan import Infeasible

MOST_PEOPLE = 1024
MOST_IN_A_COHORT = 10_000_000
USUAL = "usual"


@click.command(cls=Command)
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("regimen", type=click.Path(path_type=Path), required=False)
@click.option("--option", default=None, metavar="NAME", help="The option that is simulated; by itself the usual plan.")
@click.option("--protocol", default=None, metavar="KEY", help="A published protocol instead of an option.")
@SWITCH
@click.option(
    "--effect",
    default=None,
    metavar="KEY",
    help="How effect follows the level: straight, occupancy (by itself), two-state, amplified.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="KEY",
    help="A kinetic model instead of the chosen one, such as clonazepam-kruizinga-2022; may be given for each drug.",
)
@click.option(
    "--miss",
    multiple=True,
    metavar="DATE[=TIME]",
    help="An intake that is missed, such as 2027-01-05=night; without a time, all of that day.",
)
@click.option("--double", multiple=True, metavar="DATE[=TIME]", help="An intake that is taken twice over.")
@click.option("--stop", default=None, metavar="DATE", help="From this day on nothing is taken.")
@click.option(
    "--begin",
    multiple=True,
    metavar="MEDICINE=DATE",
    help="Another medicine that changes the level is begun, such as carbamazepine=2027-02-01.",
)
@click.option(
    "--end",
    multiple=True,
    metavar="MEDICINE=DATE",
    help="Another medicine that changes the level, and that the case names, is ended.",
)
@click.option(
    "--people",
    type=click.IntRange(0, MOST_PEOPLE),
    default=None,
    metavar="N",
    help="How many people the band is drawn from; 0 for no band.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Fixes which people they are.")
@click.option(
    "--cohort",
    type=click.IntRange(1, MOST_IN_A_COHORT),
    default=None,
    metavar="N",
    help="Also the bands of so many people, on every core; quick with the extra cohort.",
)
@click.option(
    "--parquet",
    type=click.Path(path_type=Path),
    default=None,
    help="With --cohort: a new file with everybody, a row a person and day (needs the extra cohort).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="A new folder for simulation.json, .csv, .txt and the charts.",
)
@FORMAT
@AS_OF
def simulate(
    case: Path,
    regimen: Path | None,
    option: str | None,
    protocol: str | None,
    switch_to: str | None,
    effect: str | None,
    models: tuple[str, ...],
    miss: tuple[str, ...],
    double: tuple[str, ...],
    stop: str | None,
    begin: tuple[str, ...],
    end: tuple[str, ...],
    people: int | None,
    seed: int,
    cohort: int | None,
    parquet: Path | None,
    out: Path | None,
    form: str,
    as_of: str | None,
) -> int:
    """Predict level, effect and withdrawal under a plan: modelled, with its bands and rival assumptions.

    CASE alone simulates the usual plan; REGIMEN is a regimen file as for review. Every figure says what it assumes, who
    says so, and how far people differ. Beside it stand what withdrawal is every day on the present dose, what a sudden stop
    would do, a missed day, and how strong going back to the present dose would be after days without any. Nothing here is
    advice, and nothing changes a limit or a verdict.

    Begin with:  opentaper simulate examples/clonazepam-2mg.toml --out simulated

    Exit status: 0 review does not block the plan; 2 the input is wrong, or no model of a drug is known; 3 there is no such
    plan; 4 review blocks the plan, which is simulated all the same.
    """
    from opentaper.exchange.simulation.forecast import forecast
    from opentaper.review import review

    if parquet is not None and cohort is None:
        raise InputError("--parquet goes with --cohort N: how many people")
    if regimen is not None and (option or protocol or switch_to is not None):
        raise InputError("give a REGIMEN file, or --option, --protocol or --switch, not both")
    known, on = known_on(as_of)
    read = read_case(case, known, switch_to=switch_to)
    if regimen is not None:
        name, title, asked = regimen.stem, f"{regimen.name}, as it is written", read_regimen(regimen, known)
    else:
        found = _planned(read, known, option, protocol)
        if not isinstance(found, tuple):
            return _no_plan(found, form)
        name, title, asked = found
    what_if = _what_if(known, miss, double, stop, begin, end)
    try:
        predicted = forecast(
            read, asked, known, effect=effect, kinetics=models, what_if=what_if, people=people, seed=seed
        )
    except ValueError as problem:  # the room of pharmacology says in one sentence what it cannot do
        raise InputError(str(problem)) from None
    judged = review(asked, read, known, on=on)
    many = _cohort(predicted.planned, cohort, parquet) if cohort is not None else None
    if form == "json" or out is not None:
        from opentaper.exchange.simulation.document import simulate_document

        document = json_text(
            {**simulate_document(predicted, judged, name, on=on), **({"cohort": many} if many else {})}
        )
        if out is not None:
            write(out, _files(predicted, document))
        if form == "json":
            click.echo(document, nl=False)
    if form == "table":
        from opentaper.cli.simulation import simulation

        simulation(predicted, title, judged)
        if many:
            from opentaper.cli.cohort import cohort_table
            from opentaper.exchange.simulation.words import sentences

            click.echo("\n".join(cohort_table(many, next(iter(sentences(predicted))).basis)))
    return ALL_BLOCKED if judged.verdict.blocks else OK


def _cohort(planned: Simulation, count: int, parquet: Path | None) -> dict[str, Any]:
    """This function will return the bands of a cohort, and write everybody if a file was named."""
    from opentaper.cli.cohort import cohort_document, write_parquet

    try:
        if parquet is not None:
            write_parquet(parquet, planned, count)
        return cohort_document(planned, count)
    except ValueError as problem:
        raise InputError(str(problem)) from None


def _planned(
    case: Case, known: Knowledge, option: str | None, protocol: str | None
) -> tuple[str, str, Regimen] | Sequence[Infeasible]:
    """This function will find the plan that was asked for; or why there is none."""
    from opentaper.plan import OPTIONS, propose

    if protocol is not None and protocol not in known.protocols:
        raise InputError(unknown("protocol", protocol, known.protocols))
    standing = option or USUAL
    only = standing if protocol is None and standing in OPTIONS else None
    found = propose(case, known, protocol=protocol, only=only)
    plans = {plan.name: plan for plan in found.plans}
    names = [*plans, *(each.name for each in found.infeasible), *(OPTIONS if protocol is None else ())]
    wanted = option or (USUAL if protocol is None else next(iter(plans), ""))
    if option is not None and option not in names:
        raise InputError(unknown("option", option, dict.fromkeys(each for each in names if each != "all")))
    if wanted not in plans:
        return [each for each in found.infeasible if each.name in (wanted, "all")] or found.infeasible
    plan = plans[wanted]
    title = f"{case.goal.of} {case.present.daily} a day, the plan “{plan.title}”"
    return plan.name, title, plan.regimen


def _no_plan(why: Sequence[Infeasible], form: str) -> int:
    from opentaper.exchange.document import infeasible_document
    from opentaper.exchange.simulation.document import SIMULATE_SCHEMA

    if form == "json":
        reasons = [infeasible_document(each) for each in why]
        click.echo(json_text({"schema": SIMULATE_SCHEMA, "modelled": True, "infeasible": reasons}), nl=False)
    else:
        for each in why:
            click.echo(f"There is no plan “{each.name}” to simulate. {each.says}")
    return NO_PLAN


def _what_if(
    known: Knowledge,
    miss: Sequence[str],
    double: Sequence[str],
    stop: str | None,
    begin: Sequence[str],
    end: Sequence[str],
) -> WhatIf | None:
    """This function will read what is to happen otherwise than planned; None where nothing is."""
    if not (miss or double or stop or begin or end):
        return None
    from opentaper.pharmacology import WhatIf

    slips = [*(_slip(text, "--miss", 0) for text in miss), *(_slip(text, "--double", 2) for text in double)]
    if len({(slip.on, slip.time) for slip in slips}) < len(slips):
        raise InputError("the same intake is missed or doubled twice")
    return WhatIf(
        slips=tuple(slips),
        stop_on=None if stop is None else date_of(stop, "--stop"),
        begun=tuple(_medicine(text, "--begin", known) for text in begin),
        ended=tuple(_medicine(text, "--end", known) for text in end),
    )


def _slip(text: str, option: str, times: int) -> Slip:
    from opentaper.pharmacology import Slip

    day, _, time = text.partition("=")
    if time and time not in TIMES:
        raise InputError(f"{option} {text!r}: {unknown('time of day', time, TIMES)}")
    return Slip(on=date_of(day, option), time=time or None, times=times)


def _medicine(text: str, option: str, known: Knowledge) -> tuple[str, dt.date]:
    name, _, day = text.partition("=")
    if not day:
        raise InputError(f"{option} {text!r}: write the medicine and the day, such as carbamazepine=2027-02-01")
    if name not in known.drug_names():
        raise InputError(f"{option} {text!r}: {unknown('medicine', name, known.drug_names())}")
    return name, date_of(day, option)


def _files(predicted: Forecast, document: str) -> dict[str, str | bytes]:
    from opentaper.exchange.simulation.charts import simulation_charts
    from opentaper.exchange.simulation.sheet import simulation_sheet

    files: dict[str, str | bytes] = {"simulation.json": document, "simulation.csv": simulation_sheet(predicted)}
    charts = simulation_charts(predicted)
    files["simulation.txt"] = "\n".join(f"{each.title}\n{each.says}\n" for each in charts)
    for each in charts:
        svg = each.svg()
        files |= {f"{each.name}.svg": svg, f"{each.name}.png": each.png(svg)}
    return files
