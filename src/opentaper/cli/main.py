"""Read the arguments, call one room, print, and return an exit status that a script can trust.

0: at least one plan that review does not block. 2: the input is wrong. 3: no plan satisfies the limits.
4: there are plans, and review blocks every one of them.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import rich_click as click
from rich_click import rich_click as style

from opentaper.cli.wishes import InputError, Wishes, overview
from opentaper.exchange import LabelError, UnfitError
from opentaper.knowledge import FileError, Knowledge, load, nearest

OK, WRONG_INPUT, NO_PLAN, ALL_BLOCKED = 0, 2, 3, 4
REVISE_SCHEMA = "opentaper.revise/1"

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


LANG = click.option(
    "--lang",
    "tag",
    default="en",
    show_default=True,
    metavar="LANGUAGE",
    help="The language of everything that a patient reads: en, es (decimal comma) or es-US (decimal point).",
)
ZONE = click.option(
    "--time-zone",
    "zone",
    default=None,
    metavar="ZONE",
    help="The calendar's time zone, such as Europe/Zurich. Default: the local time of wherever the person is.",
)
HOURS = click.option(
    "--at",
    "at",
    multiple=True,
    metavar="TIME=HH:MM",
    help="The calendar's hour for a time of day, such as night=21:30; may be given for each.",
)
SIG = click.option(
    "--sig-length",
    type=click.IntRange(40, 10_000),
    default=140,
    show_default=True,
    help="The most characters of one pharmacy label; nothing is ever cut off.",
)


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
    "--switch",
    "switch_to",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[DRUG]",
    help="Offer a switch to this drug beside; without a name to diazepam.",
)
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
    protocol: str | None,
    switch_to: str | None,
    out: Path | None,
    tag: str,
    zone: str | None,
    at: tuple[str, ...],
    sig_length: int,
    form: str,
    as_of: str | None,
) -> int:
    """Propose tapers for a CASE file, and write every face of the one that is chosen.

    Three options come back, each the exact optimum of what it says: the fastest that the limits allow, the usual
    pace (10 % of the dose every 14 days unless the case asks otherwise), and half that pace. Every row says what was
    asked, what is taken, and which limit decided.

    Exit status: 0 at least one plan that review does not block; 2 the case file is wrong; 3 no plan satisfies the
    limits; 4 review blocks every plan.
    """
    from opentaper.cli import show
    from opentaper.exchange import Edition, plan_document
    from opentaper.patient import read_case
    from opentaper.plan import OPTIONS, Options, propose
    from opentaper.review import review

    wishes = Wishes.of(tag, zone, at, sig_length)
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
    document = plan_document(found, reviewed, known, read, wishes.lang)
    if out is not None and option is None:
        _write(out, overview(case.name, read, found, reviewed, known, wishes.lang))
    elif out is not None:
        for each, judged in zip(found.plans, reviewed, strict=True):
            edition = Edition(plan=each, case=read, reviewed=judged, known=known, made_on=on)
            _write(out, wishes.faces(edition))
    if form == "json":
        click.echo(_json(document), nl=False)
    else:
        show.options(read, found, reviewed, known)
    if not found.plans:
        return NO_PLAN
    return ALL_BLOCKED if all(each.verdict.blocks for each in reviewed) else OK


@commands.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--on", "day", required=True, metavar="DATE", help="The day from which anything changes.")
@click.option(
    "--hold", type=click.IntRange(1, 366), default=None, metavar="DAYS", help="Keep every dose so much longer."
)
@click.option("--slow", default=None, metavar="half|N", help="Half as fast from here, or N times as slow.")
@click.option(
    "--step-back", "back", type=click.IntRange(1, 20), default=None, metavar="STEPS", help="Go back some steps."
)
@click.option("--resume", is_flag=True, help="End a hold that is under way.")
@click.option("--products", default=None, metavar="KEYS", help="What the pharmacy has now, separated by commas.")
@click.option(
    "--taken",
    default=None,
    metavar="DOSES",
    help='What is actually taken, such as "morning=0.5 mg,night=1 mg"; default: the dose of the plan, and that is said.',
)
@click.option(
    "--gap", type=click.IntRange(1, 366), default=None, metavar="DAYS", help="Days just past without any supply."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="A new folder for every face of the new version."
)
@LANG
@ZONE
@HOURS
@SIG
@FORMAT
@AS_OF
def revise(
    plan: Path,
    day: str,
    hold: int | None,
    slow: str | None,
    back: int | None,
    resume: bool,
    products: str | None,
    taken: str | None,
    gap: int | None,
    out: Path | None,
    tag: str,
    zone: str | None,
    at: tuple[str, ...],
    sig_length: int,
    form: str,
    as_of: str | None,
) -> int:
    """Change a PLAN that is under way: hold, slow, step back, resume, or other products.

    PLAN is a folder that "opentaper plan --option … --out PLAN" or this command wrote. The new version starts from the
    dose actually taken on the day; it never catches up, and days without supply are asked about. It says what moves
    against the version before, is reviewed anew, and is a draft until a person signs it.

    Begin with:  opentaper revise PLAN --on 2027-01-05 --hold 14 --out PLAN-2

    Exit status: 0 review does not block it; 2 the input is wrong; 3 the change cannot be made, and why; 4 review
    blocks it.
    """
    from opentaper.cli import handed_out, show
    from opentaper.exchange import edition_document, plan_document
    from opentaper.plan import Asked, Infeasible, Options
    from opentaper.plan import revise as change

    wishes = Wishes.of(tag, zone, at, sig_length)
    known, today = _known(as_of)
    on = _date(day, "--on")
    before = handed_out.read(plan, known)
    asked = Asked(
        hold=hold or 0,
        slower=handed_out.slower(slow),
        back=back or 0,
        resume=resume,
        products=handed_out.products(products, before.case, known),
    )
    standing = before.standing(on, handed_out.taken(taken, before.case, known), gap)
    if asked == Asked() and standing.taken is None and not gap:
        raise InputError("say what is to change: --hold, --slow, --step-back, --resume, --products, --taken or --gap")
    revised = change(standing, asked, before.name, before.case, known)
    if isinstance(revised, Infeasible):
        document: dict[str, object] = {"schema": REVISE_SCHEMA, "infeasible": revised.says}
        click.echo(_json(document) if form == "json" else f"{revised.says}\n", nl=False)
        return NO_PLAN
    judged = handed_out.judged(revised, known, today)
    changed = before.said(revised, on, wishes.lang)
    blocked = judged.verdict.blocks
    if form == "json":
        new = Options(plans=(revised.plan,), infeasible=())
        found = plan_document(new, [judged], known, revised.case, wishes.lang)
        if not blocked:
            found = edition_document(before.next(revised, judged, known, today), wishes.lang)
        click.echo(_json({**found, "changes": changed}), nl=False)
    else:
        show.revised(revised, changed, judged, known)
    if blocked and out is not None:
        click.echo(f"opentaper: --out {out}: review blocks this version, so nothing is written", err=True)
    elif out is not None:
        _write(out, wishes.faces(before.next(revised, judged, known, today), changed))
    return ALL_BLOCKED if blocked else OK


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
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="A folder for compare.json, .svg, .png and .txt."
)
@FORMAT
@AS_OF
def compare(case: Path, out: Path | None, form: str, as_of: str | None) -> int:
    """Put every plan for a CASE file side by side.

    All options and every published protocol of the base that fits the case, measured in the same way: how long, how
    many steps, the largest cuts, pieces a day and pieces to break, products, collections, what the supply costs as
    far as prices are known, and what review finds. Protocols that are not for this case are named with the reason.
    The order is fixed and no ranking: nothing here says which plan is right for a person.

    With [dim]--out[/dim] a chart of the dose over time is drawn beside the numbers, with the same in words.

    Begin with:  opentaper compare examples/clonazepam-2mg.toml --out compared

    Exit status: 0 at least one plan that review does not block; 2 the case file is wrong; 3 there is no plan; 4 review
    blocks every plan.
    """
    from opentaper.cli import comparison, show
    from opentaper.exchange import compare as measure
    from opentaper.exchange import compare_document, course_chart
    from opentaper.patient import read_case
    from opentaper.plan import propose_every
    from opentaper.review import review

    known, on = _known(as_of)
    read = read_case(case, known)
    with show.working("searching"):
        found = propose_every(read, known)
        reviewed = [review(plan.regimen, read, known, on=on) for plan in found.plans]
    compared = measure(found, reviewed, read, known)
    document = compare_document(compared, found, read, known, on=on)
    if out is not None:
        files: dict[str, str | bytes] = {"compare.json": _json(document)}
        if compared:
            chart = course_chart(compared, read, known)
            files |= {"compare.svg": chart.svg(), "compare.png": chart.png(), "compare.txt": chart.says + "\n"}
        _write(out, files)
    if form == "json":
        click.echo(_json(document), nl=False)
    else:
        comparison.comparison(read, found, compared, known)
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

    known, _ = _known(as_of)
    if out is not None:
        return _article(known, (key or "").lower(), out)
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


def _article(known: Knowledge, key: str, out: Path) -> int:
    from opentaper.exchange import article_files

    if key not in known.drugs:
        raise InputError(f"articles are written for drugs; {_unknown('drug', key, known.drugs)}")
    files = article_files(known, key)
    _write(out, files)
    return OK


def _write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    if not files:
        raise InputError(f"--out {folder}: review blocks every plan, so nothing is written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stale = sorted(path.name for path in folder.iterdir() if path.name not in files)
        if stale:
            raise InputError(
                f"--out {folder}: {stale[0]} is there already and would stay beside what is written; give a new folder"
            )
        kept = folder / "plan.json"
        if kept.exists() and kept.read_bytes() != _bytes(files.get("plan.json", "")):
            raise InputError(f"--out {folder}: another plan is there already; give a new folder")
        for name, content in files.items():
            (folder / name).write_bytes(_bytes(content))
    except OSError as problem:
        raise InputError(f"--out {folder}: cannot be written to ({problem.strerror})") from None
    click.echo(f"Written to {folder}: {', '.join(files)}", err=True)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _known(as_of: str | None) -> tuple[Knowledge, dt.date]:
    # A door reads the clock; the core never does.
    day = _date(as_of, "--as-of") if as_of else dt.date.today()  # noqa: TID251, DTZ011
    return load(day), day


def _date(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a date; write it as 2026-12-01") from None


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
    except (FileError, InputError, LabelError) as problem:
        click.echo(f"opentaper: {_one_line(str(problem))}", err=True)
    except UnfitError as problem:
        click.echo(f"opentaper: {_one_line(str(problem))}", err=True)
        return ALL_BLOCKED
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
