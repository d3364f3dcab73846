"""Tables that a clinician likes to read."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from opentaper.exchange import Fact, kinds
from opentaper.knowledge import Knowledge
from opentaper.patient import TIMES, Case, Portion, Step
from opentaper.plan import Options, Plan, Revised, Row
from opentaper.quantity import decimal_text
from opentaper.review import Finding, Reviewed, Verdict

STYLES = {
    Verdict.PASS: "green",
    Verdict.NOTE: "cyan",
    Verdict.CAUTION: "yellow",
    Verdict.UNKNOWN: "magenta",
    Verdict.BLOCK: "bold red",
}
ASKS = {Verdict.CAUTION: "A reason from", Verdict.UNKNOWN: "An answer from", Verdict.BLOCK: "First"}
MEANS = {
    Verdict.PASS: "nothing found",
    Verdict.NOTE: "may be started; read the notes",
    Verdict.CAUTION: "may be started once a named person has given, in the record, the reasons asked for below",
    Verdict.UNKNOWN: "cannot be started: somebody must answer what is unknown",
    Verdict.BLOCK: "cannot be started",
}
BESIDE_THE_PIECES = 48
"""Columns of the table that date, days, dose, shares and mark take."""
VULGAR = {Fraction(0): "", Fraction(1, 4): "¼", Fraction(1, 2): "½", Fraction(3, 4): "¾"}


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = max(console.width, 110)
    return console


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal's standard error that something is going on."""
    console = Console(stderr=True)
    if console.is_terminal and sys.stdout.isatty():
        with console.status(what):
            yield
    else:
        yield


def options(case: Case, found: Options, reviewed: Sequence[Reviewed], known: Knowledge) -> None:
    """Print every option with its rows, its findings, and why others are missing."""
    console = _console()
    present = case.present
    console.print(
        Text.assemble(
            (f"{case.goal.of.capitalize()} {present.daily} a day", "bold"),
            f" ({', '.join(f'{intake.dose} {intake.time}' for intake in present.intakes)}), "
            f"goal {case.goal.daily} a day. Knowledge: {known.review_note}.",
        )
    )
    shared = _shared(reviewed) if reviewed else []
    for plan, judged in zip(found.plans, reviewed, strict=True):
        console.print()
        _plan(console, plan, judged, shared)
    for each in found.infeasible:
        console.print()
        console.print(Text.assemble((f"No plan for “{each.name}”. ", "bold red"), each.says))
    if reviewed:
        console.print()
        _findings(console, shared, "For every option" if len(reviewed) > 1 else "Findings")


def _plan(console: Console, plan: Plan, judged: Reviewed, shared: Sequence[Finding]) -> None:
    weeks = f"{plan.days // 7} weeks" if plan.days % 7 == 0 else f"{plan.days} days"
    console.print(
        Text.assemble(
            (plan.title, "bold"),
            f": {weeks}, {plan.starts_on} to {plan.ends_on}. ",
            (judged.verdict.value.upper(), STYLES[judged.verdict]),
            f" – {MEANS[judged.verdict]}.",
        )
    )
    console.print(Padding(Text(plan.objective, style="dim"), (0, 0, 0, 2)))
    several = len(plan.regimen.drugs) > 1
    times = [time for time in TIMES if any(step.at(time) for step in plan.regimen.steps)]
    room = (console.width - BESIDE_THE_PIECES - (10 if several else 0)) // max(1, len(times)) - 2
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading, justify in (
        ("from", "left"),
        ("days", "right"),
        ("a day", "right"),
        ("at most" if plan.name == "fastest" else "asked", "right"),
        ("cut", "right"),
    ):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("", no_wrap=True)
    for time in times:
        table.add_column(time, overflow="fold", ratio=1)
    for number, row in enumerate(plan.rows):
        table.add_row(*_row(row, _mark(plan, number), times, several=several, room=room))
    console.print(table)
    for number, row in enumerate(plan.rows):
        if mark := _mark(plan, number):
            console.print(Padding(Text(f"{mark} {row.says}", style="dim"), (0, 0, 0, 2)))
    if plan.repair:
        console.print(Padding(Text(plan.repair.says, style="dim"), (0, 0, 0, 2)))
    for note in plan.notes:
        console.print(Padding(Text(note), (0, 0, 0, 2)))
    _supply(console, plan)
    own = [finding for finding in judged.findings if finding not in shared]
    _findings(console, own, "Findings on its steps")


def _mark(plan: Plan, number: int) -> str:
    beyond = [index for index, row in enumerate(plan.rows) if row.binding and row.binding.exceeded_by is not None]
    return f"*{beyond.index(number) + 1}" if number in beyond else ""


def _row(row: Row, mark: str, times: Sequence[str], *, several: bool, room: int) -> list[str]:
    step = row.step
    cut = row.achieved.percent if row.achieved.of > 0 else "rise" if row.achieved.of else "–"
    return [
        step.from_.isoformat(),
        "" if step.days is None else str(step.days),
        f"{step.drug} {step.daily}" if several else str(step.daily),
        row.requested.percent if row.requested.of > 0 else "",
        cut,
        mark,
        *(_taken_at(step, time, room) for time in times),
    ]


def _taken_at(step: Step, time: str, room: int) -> str:
    intake = next((intake for intake in step.intakes if intake.time == time), None)
    if intake is None:
        return "–"
    if not intake.portions:
        return f"{intake.dose}, as now"
    portions = [_short(portion) for portion in intake.portions]
    portions = [each if len(each) <= room else each.replace(" of ", " of\n") for each in portions]
    together = " + ".join(portions)
    return (
        together if len(together) <= room else " +\n".join(portions)
    )  # never a number on one line, its unit on the next


def _short(portion: Portion) -> str:
    """Say a portion in few signs: "1½ × 0.5 mg tablet"."""
    name = portion.product.says.replace("orally disintegrating tablet", "ODT").replace("oral ", "")
    if portion.product.liquid:
        drops = f" = {decimal_text(portion.drops)} drops" if portion.drops else ""
        said = f"{decimal_text(portion.amount)} mL{drops} of {name}"
    else:
        whole, part = divmod(portion.amount, 1)
        count = f"{whole or ''}{VULGAR[part]}"
        said = name if count == "1" else f"{count} × {name}"
    return said


def _supply(console: Console, plan: Plan) -> None:
    if not plan.supply:
        return
    first = plan.supply[0]
    items = ", ".join(
        f"{decimal_text(item.amount)}{' mL of' if item.product.liquid else ' ×'} {item.product.says}"
        for item in first.items
    )
    console.print(
        Padding(
            Text(
                f"First collection, for {first.from_} until {first.until}: {items}; {len(plan.supply)} collections in all."
            ),
            (0, 0, 0, 2),
        )
    )


STEP_RULES = (
    "step-reduction", "rolling-reduction", "step-interval", "initial-reduction", "abrupt-stop", "dose-rise",
    "dose-swing", "intake-rise", "intake-share", "below-goal", "cut-in-hold", "unmakeable-dose", "pieces-per-intake", "review-interval", "each-reduction",
)  # fmt: skip


def _is_about_steps(finding: Finding) -> bool:
    return finding.rule in STEP_RULES


def _shared(reviewed: Sequence[Reviewed]) -> list[Finding]:
    """This function will return what is said of every option alike, and not of its steps."""
    first, *others = reviewed
    return [
        finding
        for finding in first.findings
        if not _is_about_steps(finding) and all(finding in other.findings for other in others)
    ]


def _findings(console: Console, findings: Sequence[Finding], heading: str) -> None:
    telling = [finding for finding in findings if finding.verdict is not Verdict.PASS]
    if not telling:
        return
    console.print(Padding(Text(heading, style="bold"), (0, 0, 0, 2)))
    telling.sort(key=lambda finding: -finding.verdict.rank)
    for finding in telling:
        who = f" {ASKS.get(finding.verdict, 'Ask')}: {finding.who}." if finding.who else ""
        console.print(
            Padding(
                Text.assemble(
                    (finding.verdict.value, STYLES[finding.verdict]),
                    f" {finding.rule} – {finding.where}: {finding.observed.rstrip('.')}. {finding.says}{who} ",
                    (f"[{finding.source}, {finding.at}]", "dim"),
                ),
                (0, 0, 0, 4),
            )
        )


def review(judged: Reviewed, known: Knowledge) -> None:
    """Print the verdict on a regimen and every finding that is not a pass."""
    console = _console()
    console.print(
        Text.assemble(
            (judged.verdict.value.upper(), STYLES[judged.verdict]),
            f" – {MEANS[judged.verdict]}. Knowledge: {known.review_note}.",
        )
    )
    _findings(console, judged.findings, "Findings")
    passed = sum(finding.verdict is Verdict.PASS for finding in judged.findings)
    console.print(Padding(Text(f"{passed} checks passed.", style="dim"), (0, 0, 0, 2)))


def revised(new: Revised, changed: Sequence[str], judged: Reviewed, known: Knowledge) -> None:
    """Print what a new version changes, its rows, and what review says of it."""
    console = _console()
    console.print(Text("What changes against the version before", style="bold"))
    for line in changed:
        console.print(Padding(Text(line), (0, 0, 0, 2)))
    console.print()
    shared = _shared([judged])
    _plan(console, new.plan, judged, shared)
    _findings(console, shared, "Findings")
    console.print(Text(f"A draft until somebody who may prescribe signs it. Knowledge: {known.review_note}."))


def facts(key: str, found: Sequence[Fact], known: Knowledge) -> None:
    """Print facts one under the other, with what says so, how sure, and who checked it."""
    console = _console()
    if not found:
        console.print(f"{known.medicines[key].name} is known, and nothing about it with these drugs is.")
    kind = ""
    for fact in found:
        if fact.kind != kind:
            kind = fact.kind
            console.print(Text(kind, style="bold"))
        amount = f" {fact.amount} {fact.unit}".rstrip() if fact.amount else ""
        unverified = "" if fact.verified else " UNVERIFIED"
        console.print(
            Padding(
                Text.assemble(
                    (fact.key, "cyan"),
                    f"  {fact.says}",
                    (amount, "bold"),
                    (f"  [{fact.source}; {fact.at}; {fact.confidence}", "dim"),
                    (unverified, "yellow"),
                    ("]", "dim"),
                ),
                (0, 0, 0, 2),
            )
        )
        if fact.but:
            console.print(Padding(Text(f"But: {fact.but}", style="yellow"), (0, 0, 0, 4)))
        if fact.note:
            console.print(Padding(Text(fact.note, style="dim"), (0, 0, 0, 4)))
    for state in dict.fromkeys(fact.state for fact in found):
        console.print(Text(f"Review state: {state}.", style="italic"))


def contents(known: Knowledge) -> None:
    """Print what the base holds, and how far it has been checked."""
    console = _console()
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("what", "how many", "keys, for example"):
        table.add_column(heading)
    for kind, names in kinds(known).items():
        example = textwrap.shorten(", ".join(names[:4]), 70, placeholder=" …")
        table.add_row(kind, str(len(names)), example)
    claims = sum(len(drug.claims) for drug in known.drugs.values())
    table.add_row("claims about drugs", str(claims), "clonazepam/half-life")
    console.print(table)
    console.print(f"Review state: {known.review_note}. Digest {known.digest[:16]}.")
