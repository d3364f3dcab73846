"""A forecast for a clinician to read: plain lines and small tables, which a start need not wait for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from textwrap import wrap

import click

from opentaper.exchange.simulation import words
from opentaper.exchange.simulation.assumed import Assumption
from opentaper.exchange.simulation.figure import LEAST_LEVEL, Figure, level, percent
from opentaper.exchange.simulation.forecast import Forecast, Outlook
from opentaper.exchange.simulation.words import Modelled
from opentaper.review import Reviewed, Verdict

PAPER = 110
"""Columns where nobody said how wide a page is."""


def simulation(forecast: Forecast, title: str, reviewed: Reviewed) -> None:
    """Print a forecast: what it rests on, step by step, what to read it against, and what it leaves out."""
    for line in _lines(forecast, title, reviewed):
        click.echo(line)


def _lines(forecast: Forecast, title: str, reviewed: Reviewed) -> Iterator[str]:
    said = {each.about: each for each in words.sentences(forecast)}
    yield from _top(forecast, title, reviewed)
    yield from _heading("What it rests on (opentaper facts KEY shows each)")
    yield from _table([_assumption(each) for each in forecast.assumed])
    yield from _steps(forecast)
    yield from _heading("The whole plan, and what to read it against")
    for about in words.OF_THE_PLAN:
        if about in said:
            yield from _modelled(said[about])
    yield from _paragraph(words.SUDDEN_STOP, style="bold")
    yield from _rivals(forecast)
    yield from _heading("Going back, and a single dose")
    for about, each in said.items():
        if about in ("today", "single dose") or about.startswith("back"):
            yield from _modelled(each)
    yield from _paragraph(words.OVERDOSE, style="bold")
    yield from _heading("What is not in it")
    for text in forecast.left_out or ("Nothing else was named that acts on the effect or on the levels.",):
        yield from _paragraph(text)
    yield from _paragraph(words.NOT_ADVICE, style="bold")


def _top(forecast: Forecast, title: str, reviewed: Reviewed) -> Iterator[str]:
    steps, people = forecast.regimen.steps, forecast.planned.people
    yield from _paragraph(
        f"Modelled, not measured: {title}, {steps[0].from_} to {steps[-1].from_}.", indent=0, style="bold"
    )
    typical = "Figures are of one typical person" + (
        f"; in brackets, {words.NINE_OF_TEN} out of {people} who differ." if people else f"; {words.NO_BAND}."
    )
    yield from _paragraph(f"{words.WHOLE} {typical} Knowledge: {forecast.known.review_note}.", indent=0)
    if asked := words.asked_says(forecast):
        yield from _paragraph(f"What if: {'; '.join(asked)}.", indent=0, style="bold")
    if reviewed.verdict.blocks:
        rules = dict.fromkeys(each.rule for each in reviewed.findings if each.verdict.blocks)
        why = "somebody must answer what is unknown" if reviewed.verdict is Verdict.UNKNOWN else "it cannot be started"
        text = f"Review blocks this plan ({', '.join(rules)}): {why}. It is simulated because it was asked for."
        yield from _paragraph(text, indent=0, style="red")


def _assumption(each: Assumption) -> list[str]:
    return [each.kind, each.key, f"{each.says} [{each.source}, {each.confidence}]"]


def _steps(forecast: Forecast) -> Iterator[str]:
    yield from _heading("Step by step")
    yield from _modelled(words.steps_says(forecast))
    several = len(forecast.planned.middle.level) > 1
    head = ["from", "days", "a day", "level, ng/mL", "effect", "used to", "withdrawal", "on"]
    rows = [_step(each, several=several) for each in forecast.outlooks]
    if several:  # no room for all of it; the document has the rest
        yield from _table([row[:1] + row[2:] for row in rows], head=head[:1] + head[2:])
    else:
        yield from _table(rows, head=head, right=(1,))


def _step(each: Outlook, *, several: bool) -> list[str]:
    """This function will return the cells of one step; of several drugs, without what is nothing and two of the bands."""
    days = "" if each.until is None else str((each.until - each.from_).days)
    peak, share = each.peak, _alone if several else _share
    levels = {name: figure for name, figure in each.level.items() if not several or figure.middle >= LEAST_LEVEL}
    doses = {drug: dose for drug, dose in each.doses.items() if dose} or each.doses
    return [
        each.from_.isoformat(),
        days,
        "\n".join(f"{drug} {dose}" if len(each.doses) > 1 else str(dose) for drug, dose in doses.items()),
        "\n".join(f"{name} {_level(figure)}" if several else _level(figure) for name, figure in levels.items()) or "0",
        share(each.effect),
        share(each.adapted),
        _share(peak.withdrawal),
        peak.on.isoformat(),
    ]


def _alone(figure: Figure) -> str:
    return percent(figure.middle)


def _share(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return percent(figure.middle)
    return f"{percent(figure.middle)} ({_edge(figure.low)}–{_edge(figure.high)})"


def _edge(share: Fraction) -> str:
    return percent(share).replace("under ", "<").removesuffix(" %")


def _level(figure: Figure) -> str:
    edges = [
        level(each).removesuffix(" ng/mL").replace("under ", "<")
        for each in (figure.middle, figure.low, figure.high)
        if each is not None
    ]
    return edges[0] if len(edges) == 1 else f"{edges[0]} ({edges[1]}–{edges[2]})"


def _rivals(forecast: Forecast) -> Iterator[str]:
    yield from _heading("The same by every rival assumption about the effect; none of them is the truth")
    yield from _modelled(words.rivals_says(forecast))
    stopped = forecast.rivals(forecast.abrupt)
    rows = []
    for key, peak in forecast.rivals(forecast.planned).items():
        model = forecast.known.effects[key]
        stop = stopped[key]
        rows.append(
            [
                key,
                f"{_share(peak.withdrawal)} {peak.on}",
                f"{_share(stop.withdrawal)} {stop.on}",
                f"{model.says} [{model.source}, {model.confidence}]",
            ]
        )
    yield from _table(rows, head=["by", "this plan", "sudden stop", "it assumes"])


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield click.style(text, bold=True)


def _modelled(each: Modelled) -> Iterator[str]:
    """This function will print a modelled sentence with what it assumes, which is dimmed and never left out."""
    yield from _wrapped(f"Modelled: {each.says}; {each.band}. {each.basis}", indent=1, hang=3)


def _paragraph(text: str, *, indent: int = 1, style: str = "") -> Iterator[str]:
    for line in _wrapped(text, indent=indent, hang=indent + 2 if indent else 0):
        yield click.style(line, bold=style == "bold" or None, fg="red" if style == "red" else None)


def _wrapped(text: str, *, indent: int, hang: int) -> list[str]:
    return wrap(
        text, _columns(), initial_indent=" " * indent, subsequent_indent=" " * hang, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _columns() -> int:
    """This function will return how wide a page is: the terminal's width, or that of paper."""
    width = shutil.get_terminal_size((PAPER, 24)).columns
    return width if sys.stdout.isatty() or "COLUMNS" in os.environ else max(width, PAPER)


def _table(rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), right: Sequence[int] = ()) -> Iterator[str]:
    """This function will print a small table; the last column is wrapped, lines within a cell stay apart."""
    every = [list(head), *map(list, rows)] if head else [list(row) for row in rows]
    widths = [max(len(line) for row in every for line in row[place].split("\n")) for place in range(len(every[0]))]
    room = max(30, _columns() - sum(widths[:-1]) - 2 * len(widths) + 1)
    for number, row in enumerate(every):
        cells = [cell.split("\n") for cell in row]
        if len(row[-1]) > room:
            cells[-1] = wrap(row[-1], room, break_long_words=False, break_on_hyphens=False)
        for place in range(max(map(len, cells))):
            parts = [cell[place] if place < len(cell) else "" for cell in cells]
            line = "  ".join(
                part.rjust(width) if index in right else part.ljust(width)
                for index, (part, width) in enumerate(zip(parts, widths, strict=True))
            )
            yield click.style(f" {line}".rstrip(), dim=True if head and not number else None)
