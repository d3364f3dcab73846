"""Read the arguments, call one room, print, and return an exit status that a script can trust.

0: at least one plan that review does not block. 2: the input is wrong. 3: no plan satisfies the limits.
4: there are plans, and review blocks every one of them.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from opentaper.cli.door import (
    ALL_BLOCKED,
    AS_OF,
    FORMAT,
    HOURS,
    LANG,
    NO_PLAN,
    OK,
    SIG,
    SWITCH,
    WRONG_INPUT,
    ZONE,
    InputError,
    json_text,
    known_on,
    unknown,
    write,
)
from opentaper.cli.page import Commands
from opentaper.cli.revise import revise
from opentaper.cli.serve import clinic, demo_code, serve
from opentaper.cli.simulate import simulate
from opentaper.cli.upkeep import audit, backup, encrypt, move, rekey, restore
from opentaper.knowledge import FileError, Knowledge

SELDOM = 100_000
"""Objects after which Python looks for unused ones: reading the base makes many, and none of them becomes unused."""

LARGE = 2**24
"""Bytes, more than any array of a simulation for one person has."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="opentaper")
@click.pass_context
def commands(context: click.Context) -> None:
    """Plan, judge and explain tapers of benzodiazepines.

    Everything modelled or unverified says so, and nothing here is started by the program: a person signs.

    Begin with:  opentaper plan examples/clonazepam-2mg.toml
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@commands.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--option",
    "option",
    default=None,
    metavar="NAME",
    help="Only one option: fastest, usual, gentle or switch; or smoothest, which a model chooses.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=None,
    help="With --option smoothest: the most weeks it may take; by itself as many as the usual plan.",
)
@click.option(
    "--protocol", default=None, metavar="KEY", help="A published protocol instead, such as nice-cks-diazepam."
)
@SWITCH
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="A new folder: with --option for every face of that plan (leaflet, calendar, pharmacy text, letter, …), "
    "without it for plan.json and a regimen file of each option.",
)
@LANG
@ZONE
@HOURS
@SIG
@FORMAT
@AS_OF
def plan(
    case: Path,
    option: str | None,
    weeks: int | None,
    protocol: str | None,
    switch_to: str | None,
    out: Path | None,
    tag: str,
    zone: str | None,
    at: tuple[str, ...],
    sig_length: int | None,
    form: str,
    as_of: str | None,
) -> int:
    """Propose tapers for a CASE file, and write every face of the one that is chosen.

    Three options come back, each the exact optimum of what it says: the fastest that the limits allow, the usual
    pace (10 % of the dose every 14 days unless the case asks otherwise), and half that pace. Every row says what was
    asked, what is taken, and which limit decided. [dim]--option smoothest[/dim] lets a model choose among the plans within
    the same limits the one whose worst step is predicted to be felt least; it says what it assumes.

    Exit status: 0 at least one plan that review does not block; 2 the case file is wrong; 3 no plan satisfies the
    limits; 4 review blocks every plan.
    """
    from opentaper.cli import show
    from opentaper.cli.wishes import Wishes, overview
    from opentaper.exchange import Edition, plan_document
    from opentaper.patient import read_case
    from opentaper.plan import SMOOTHEST, Options, Plan, propose, smoothest
    from opentaper.review import review

    wishes = Wishes.of(tag, zone, at, sig_length)
    if protocol is not None and switch_to is not None:
        raise InputError("give --protocol or --switch, not both: a published schedule says itself what it switches to")
    known, on = known_on(as_of)
    read = read_case(case, known, switch_to=switch_to)
    if protocol is not None and protocol not in known.protocols:
        raise InputError(unknown("protocol", protocol, known.protocols))
    if weeks is not None and option != SMOOTHEST:
        raise InputError(f"--weeks goes with --option {SMOOTHEST}; other options have a pace of their own")
    if option == SMOOTHEST and (protocol is not None or read.switch is not None):
        raise InputError(
            f"--option {SMOOTHEST} tapers the drug of the goal alone: it goes with no protocol and no switch"
        )
    with show.working("searching"):
        if option == SMOOTHEST:
            made = smoothest(read, known, weeks)
            found = (
                Options(plans=(made,), infeasible=())
                if isinstance(made, Plan)
                else Options(plans=(), infeasible=(made,))
            )
        else:
            found = propose(read, known, protocol=protocol)
    if option not in (None, SMOOTHEST):
        names = [plan.name for plan in found.plans] + [each.name for each in found.infeasible]
        if option not in names:
            if option == "switch":
                raise InputError('there is no option "switch" without a switch: add --switch, or [switch] to the case')
            raise InputError(unknown("option", option, [*names, SMOOTHEST]))
        found = Options(
            plans=tuple(plan for plan in found.plans if plan.name == option),
            infeasible=tuple(each for each in found.infeasible if each.name in (option, "all")),
        )
    reviewed = [review(plan.regimen, read, known, on=on) for plan in found.plans]
    document = plan_document(found, reviewed, known, read, wishes.lang)
    if out is not None and option is None:
        write(out, overview(case.name, read, found, reviewed, known, wishes.lang))
    elif out is not None:
        for each, judged in zip(found.plans, reviewed, strict=True):
            edition = Edition(plan=each, case=read, reviewed=judged, known=known, made_on=on)
            write(out, wishes.faces(edition))
    if form == "json":
        click.echo(json_text(document), nl=False)
    else:
        show.options(read, found, reviewed, known)
    if not found.plans:
        return NO_PLAN
    return ALL_BLOCKED if all(each.verdict.blocks for each in reviewed) else OK


@commands.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("regimen", type=click.Path(path_type=Path))
@FORMAT
@AS_OF
def review(case: Path, regimen: Path, form: str, as_of: str | None) -> int:
    """Judge a REGIMEN file, written by anyone, for a CASE file.

    A regimen file has one [dim]\\[\\[step]][/dim] table a step: drug, from, until, intakes. It is judged by the same
    rules as a plan of ours: a caution needs a named person's reason, a block cannot be started, and what nobody
    answered is unknown and blocks too.

    Exit status: 0 review does not block it; 2 a file is wrong; 4 review blocks it.
    """
    from opentaper.cli import show
    from opentaper.exchange import review_document
    from opentaper.patient import read_case, read_regimen
    from opentaper.review import review as judge

    known, on = known_on(as_of)
    judged = judge(read_regimen(regimen, known), read_case(case, known), known, on=on)
    if form == "json":
        click.echo(json_text(review_document(judged, known)), nl=False)
    else:
        show.review(judged, known)
    return ALL_BLOCKED if judged.verdict.blocks else OK


@commands.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="A folder for compare.json, .svg, .png and .txt."
)
@click.option(
    "--modelled",
    is_flag=True,
    help="Also predict how much of each plan's worst step is felt, and the least possible by length: modelled.",
)
@SWITCH
@FORMAT
@AS_OF
def compare(case: Path, out: Path | None, modelled: bool, switch_to: str | None, form: str, as_of: str | None) -> int:
    """Put every plan for a CASE file side by side.

    All options and every published protocol of the base that fits the case, measured in the same way: how long, how
    many steps, the largest cuts, pieces a day and pieces to break, products, collections, what the supply costs as
    far as prices are known, and what review finds. Protocols that are not for this case are named with the reason.
    The order is fixed and no ranking: nothing here says which plan is right for a person.

    With [dim]--out[/dim] a chart of the dose over time is drawn beside the numbers, with the same in words; with
    [dim]--modelled[/dim] another of what length buys.

    Begin with:  opentaper compare examples/clonazepam-2mg.toml --out compared

    Exit status: 0 at least one plan that review does not block; 2 the case file is wrong; 3 there is no plan; 4 review
    blocks every plan.
    """
    from opentaper.cli import comparison, show
    from opentaper.exchange import Ease, compare_document, course_chart, ease, ease_chart, ease_document
    from opentaper.exchange import compare as measure
    from opentaper.patient import read_case
    from opentaper.plan import propose_every
    from opentaper.review import review

    known, on = known_on(as_of)
    read = read_case(case, known, switch_to=switch_to)
    with show.working("searching"):
        found = propose_every(read, known)
        reviewed = [review(plan.regimen, read, known, on=on) for plan in found.plans]
    compared = measure(found, reviewed, read, known)
    document = compare_document(compared, found, read, known, on=on)
    eased = None
    if modelled and compared:
        with show.working("predicting"):
            eased = ease(compared, read, known)
        document["ease"] = ease_document(eased, known)
    if out is not None:
        files: dict[str, str | bytes] = {"compare.json": json_text(document)}
        charts = [course_chart(compared, read, known)] if compared else []
        if isinstance(eased, Ease):
            charts.append(ease_chart(eased, read, known))
        for chart in charts:
            svg = chart.svg()
            files |= {
                f"{chart.name}.svg": svg,
                f"{chart.name}.png": chart.png(svg),
                f"{chart.name}.txt": chart.says + "\n",
            }
        write(out, files)
    if form == "json":
        click.echo(json_text(document), nl=False)
    else:
        comparison.comparison(read, found, compared, known)
        if eased is not None:
            comparison.eased(eased, known)
    if not compared:
        return NO_PLAN
    return ALL_BLOCKED if all(each.verdict.blocks for each in reviewed) else OK


@commands.command()
@click.argument("key", required=False)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="A folder for an article about a drug.")
@FORMAT
@AS_OF
def facts(key: str | None, out: Path | None, form: str, as_of: str | None) -> int:
    """Show what is known under a KEY: the claim, unit, source, place, confidence and review state.

    A key is a drug (clonazepam), one of its topics or claims (clonazepam/half-life), a product (us-clonazepam-odt-0.125mg),
    a limit (two-week-reduction), a protocol (nhs-scotland-lorazepam), an equivalence table (ashton-2002), a source,
    a medicine with interactions, a condition or a question; or a kind (conditions, protocols, medicines, …) for the keys
    of that kind. Without a key: what there is.

    With --out, the key is a drug, and an article about it is written: KEY.html, KEY.pdf and its structure KEY.svg.
    """
    from opentaper.cli import show
    from opentaper.exchange import FACTS_SCHEMA, keys, kinds, knowledge_note
    from opentaper.exchange import facts as look_up

    known, _ = known_on(as_of)
    if out is not None:
        return _article(known, (key or "").lower(), out)
    if key is None:
        if form == "json":
            click.echo(
                json_text({"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "keys": keys(known)}), nl=False
            )
        else:
            show.contents(known)
        return OK
    if names := kinds(known).get(key.lower()):
        document: dict[str, object] = {"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "keys": names}
        click.echo(json_text(document) if form == "json" else "\n".join(names) + "\n", nl=False)
        return OK
    found = look_up(known, key.lower())
    if not found and key.lower() not in known.medicines:
        raise InputError(unknown("key", key, [*keys(known), *kinds(known)]))
    if form == "json":
        files = {
            file: {"digest": known.files[file], "state": known.states[file].value}
            for file in dict.fromkeys(fact.file for fact in found)
        }
        plain = [fact.plain() for fact in found]
        document = {"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "files": files, "facts": plain}
        click.echo(json_text(document), nl=False)
    else:
        show.facts(key.lower(), found, known)
    return OK


def _article(known: Knowledge, key: str, out: Path) -> int:
    from opentaper.exchange import article_files

    if key not in known.drugs:
        raise InputError(f"articles are written for drugs; {unknown('drug', key, known.drugs)}")
    files = article_files(known, key)
    write(out, files)
    return OK


commands.add_command(revise)
commands.add_command(simulate)
commands.add_command(serve)
commands.add_command(demo_code)
commands.add_command(clinic)
commands.add_command(audit)
commands.add_command(backup)
commands.add_command(encrypt)
commands.add_command(restore)
commands.add_command(move)
commands.add_command(rekey)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; a wrong input is one sentence on standard error."""
    try:
        return int(commands.main(args=argv, prog_name="opentaper", standalone_mode=False) or OK)
    except (FileError, InputError) as problem:
        click.echo(f"opentaper: {_one_line(str(problem))}", err=True)
    except click.ClickException as problem:
        click.echo(f"opentaper: {_one_line(problem.format_message())} (opentaper --help tells more)", err=True)
    except click.Abort:
        click.echo("opentaper: stopped", err=True)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody left to tell
        return OK
    except tuple(_refusals()) as problem:
        click.echo(f"opentaper: {_one_line(str(problem))}", err=True)
        return _refusals()[type(problem)]
    return WRONG_INPUT


def _refusals() -> dict[type[Exception], int]:
    """This function will return what the faces of a plan refuse, which are loaded when something was refused."""
    from opentaper.exchange import LabelError, UnfitError

    return {LabelError: WRONG_INPUT, UnfitError: ALL_BLOCKED}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def run() -> None:
    """The console script: a process that does one thing and ends."""
    # What is multiplied here is small. Threads for larger matrices would only spin, on cores that others want.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(SELDOM)
    # Once a large piece of memory was given back, the C library keeps smaller ones instead of asking the system anew
    # for each: of the arrays of a forecast, a quarter of their time.
    bytearray(LARGE)
    try:
        sys.exit(main())
    finally:
        # So that Python does not look through all that there is once more: it goes as a whole. A clinic's connections to
        # its database are closed as they are collected, so a command of the clinic collects them.
        if "django" not in sys.modules:
            gc.freeze()
