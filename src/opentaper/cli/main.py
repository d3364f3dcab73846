"""Read the arguments, call one room, print, and return an exit status that a script can trust.

0: at least one plan that review does not block. 2: the input is wrong. 3: no plan satisfies the limits.
4: there are plans, and review blocks every one of them.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import rich_click as click
from rich_click import rich_click as style

from opentaper.knowledge import FileError, Knowledge, load, nearest

OK, WRONG_INPUT, NO_PLAN, ALL_BLOCKED = 0, 2, 3, 4

style.TEXT_MARKUP = "rich"
style.SHOW_ARGUMENTS = True

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or one JSON document for programs.",
)
AS_OF = click.option(
    "--as-of",
    metavar="DATE",
    default=None,
    help="The day on which the knowledge and the review are judged, as YYYY-MM-DD. Default: today.",
)


class InputError(Exception):
    """Something the person typed cannot be used; one sentence says what and what would do."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
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
    "--option", "option", default=None, metavar="NAME", help="Only one option: fastest, usual, gentle or switch."
)
@click.option(
    "--protocol", default=None, metavar="KEY", help="A published protocol instead, such as nice-cks-diazepam."
)
@click.option(
    "--switch", "switch_to", default=None, metavar="DRUG", help="Offer a switch to this drug beside, such as diazepam."
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="A folder for plan.json and regimen files.")
@FORMAT
@AS_OF
def plan(
    case: Path,
    option: str | None,
    protocol: str | None,
    switch_to: str | None,
    out: Path | None,
    form: str,
    as_of: str | None,
) -> int:
    """Propose tapers for a CASE file.

    Three options come back, each the exact optimum of what it says: the fastest that the limits allow, the usual
    pace (10 % of the dose every 14 days unless the case asks otherwise), and half that pace. Every row says what was
    asked, what is taken, and which limit decided.

    Exit status: 0 at least one plan that review does not block; 2 the case file is wrong; 3 no plan satisfies the
    limits; 4 review blocks every plan.
    """
    from opentaper.cli import show
    from opentaper.exchange import plan_document, regimen_file
    from opentaper.patient import read_case
    from opentaper.plan import OPTIONS, Options, propose
    from opentaper.review import review

    if protocol is not None and switch_to is not None:
        raise InputError("give --protocol or --switch, not both: a published schedule says itself what it switches to")
    known, on = _known(as_of)
    read = read_case(case, known, switch_to=switch_to)
    if protocol is not None and protocol not in known.protocols:
        raise InputError(_unknown("protocol", protocol, known.protocols))
    with show.working("searching"):
        found = propose(read, known, protocol=protocol)
    if option is not None:
        names = [plan.name for plan in found.plans] + [each.name for each in found.infeasible]
        if option not in names:
            raise InputError(_unknown("option", option, names if protocol or read.switch else OPTIONS))
        found = Options(
            plans=tuple(plan for plan in found.plans if plan.name == option),
            infeasible=tuple(each for each in found.infeasible if each.name in (option, "all")),
        )
    reviewed = [review(plan.regimen, read, known, on=on) for plan in found.plans]
    document = plan_document(found, reviewed, known, read)
    if out is not None:
        files = {"plan.json": _json(document)}
        for each in found.plans:
            heading = f"{read.goal.of} {read.present.daily} to {read.goal.daily} a day, {case.name}: {each.title}; knowledge {known.digest[:12]}, {known.review_note}"
            files[f"{each.name}.toml"] = regimen_file(each.regimen, heading)
        _write(out, files)
        click.echo(f"Written to {out}: {', '.join(files)}", err=True)
    if form == "json":
        click.echo(_json(document), nl=False)
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

    known, on = _known(as_of)
    judged = judge(read_regimen(regimen, known), read_case(case, known), known, on=on)
    if form == "json":
        click.echo(_json(review_document(judged, known)), nl=False)
    else:
        show.review(judged, known)
    return ALL_BLOCKED if judged.verdict.blocks else OK


@commands.command()
@click.argument("key", required=False)
@FORMAT
@AS_OF
def facts(key: str | None, form: str, as_of: str | None) -> int:
    """Show what is known under a KEY: the claim, unit, source, place, confidence and review state.

    A key is a drug (clonazepam), one of its topics or claims (clonazepam/half-life), a product (us-clonazepam-odt-0.125mg),
    a limit (two-week-reduction), a protocol (nhs-scotland-lorazepam), an equivalence table (ashton-2002), a source,
    a medicine with interactions, a condition or a question; or a kind (conditions, protocols, medicines, …) for the keys
    of that kind. Without a key: what there is.
    """
    from opentaper.cli import show
    from opentaper.exchange import FACTS_SCHEMA, keys, kinds, knowledge_note
    from opentaper.exchange import facts as look_up

    known, _ = _known(as_of)
    if key is None:
        if form == "json":
            click.echo(
                _json({"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "keys": keys(known)}), nl=False
            )
        else:
            show.contents(known)
        return OK
    if names := kinds(known).get(key.lower()):
        document: dict[str, object] = {"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "keys": names}
        click.echo(_json(document) if form == "json" else "\n".join(names) + "\n", nl=False)
        return OK
    found = look_up(known, key.lower())
    if not found and key.lower() not in known.medicines:
        raise InputError(_unknown("key", key, [*keys(known), *kinds(known)]))
    if form == "json":
        files = {
            file: {"digest": known.files[file], "state": known.states[file].value}
            for file in dict.fromkeys(fact.file for fact in found)
        }
        plain = [fact.plain() for fact in found]
        document = {"schema": FACTS_SCHEMA, "knowledge": knowledge_note(known), "files": files, "facts": plain}
        click.echo(_json(document), nl=False)
    else:
        show.facts(key.lower(), found, known)
    return OK


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stale = sorted(path.name for path in folder.iterdir() if path.name not in files)
        if stale:
            raise InputError(
                f"--out {folder}: {stale[0]} is there already and would stay beside this plan; give a new folder"
            )
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(f"--out {folder}: cannot be written to ({problem.strerror})") from None


def _known(as_of: str | None) -> tuple[Knowledge, dt.date]:
    if as_of is None:
        day = dt.date.today()  # noqa: TID251, DTZ011 - a door reads the clock; the core never does
    else:
        try:
            day = dt.date.fromisoformat(as_of)
        except ValueError:
            raise InputError(f"--as-of {as_of!r} is not a date; write it as 2026-12-01") from None
    return load(day), day


def _unknown(kind: str, got: str, words: Iterable[str]) -> str:
    known = list(words)
    close = nearest(got, known)
    hint = f' (did you mean "{close}"?)' if close else f"; there are: {', '.join(known[:12])}"
    return f"there is no {kind} {got!r}{hint}"


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


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
    return WRONG_INPUT


def _one_line(text: str) -> str:
    return " ".join(text.split())


def run() -> None:
    """The console script."""
    sys.exit(main())
