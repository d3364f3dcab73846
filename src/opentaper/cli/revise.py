"""The command that changes a plan under way."""

from __future__ import annotations

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
    ZONE,
    InputError,
    date_of,
    json_text,
    known_on,
    write,
)
from opentaper.cli.page import Command

SCHEMA = "opentaper.revise/1"


@click.command(cls=Command)
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
    sig_length: int | None,
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
    from opentaper.cli.wishes import Wishes
    from opentaper.exchange import edition_document, plan_document
    from opentaper.plan import Asked, Infeasible, Options
    from opentaper.plan import revise as change

    wishes = Wishes.of(tag, zone, at, sig_length)
    known, today = known_on(as_of)
    on = date_of(day, "--on")
    before = handed_out.read(plan, known)
    asked = Asked(
        hold=hold or 0,
        slower=handed_out.slower(slow),
        back=back or 0,
        resume=resume,
        products=handed_out.products(products, before.case, known),
    )
    standing = before.version.standing(on, handed_out.taken(taken, before.case, known), gap)
    if asked == Asked() and standing.taken is None and not gap:
        raise InputError("say what is to change: --hold, --slow, --step-back, --resume, --products, --taken or --gap")
    revised = change(standing, asked, before.version.name, before.case, known)
    if isinstance(revised, Infeasible):
        document: dict[str, object] = {"schema": SCHEMA, "infeasible": revised.says}
        click.echo(json_text(document) if form == "json" else f"{revised.says}\n", nl=False)
        return NO_PLAN
    judged = handed_out.judged(revised, known, today)
    changed = before.said(revised, on, today, wishes.lang)
    blocked = judged.verdict.blocks
    if blocked and out is not None:
        click.echo(f"opentaper: --out {out}: review blocks this version, so nothing is written", err=True)
    elif out is not None:
        write(out, wishes.faces(before.next(revised, judged, known, today), changed))
    if form == "json":
        new = Options(plans=(revised.plan,), infeasible=())
        found = plan_document(new, [judged], known, revised.case, wishes.lang)
        if not blocked:
            found = edition_document(before.next(revised, judged, known, today), wishes.lang)
        click.echo(json_text({**found, "changes": changed}), nl=False)
    else:
        show.revised(revised, changed, judged, known)
    return ALL_BLOCKED if blocked else OK
