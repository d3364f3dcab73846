"""Plans side by side, one small table for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from opentaper.cli.show import STYLES, _console
from opentaper.exchange import Comparison, Ease, about, assumption, exact_text, felt, one_sentence, told
from opentaper.exchange.comparison import Change, Tally
from opentaper.exchange.comparison.cost import Cost, Handed
from opentaper.knowledge import Knowledge
from opentaper.patient import Case
from opentaper.plan import Infeasible, Options
from opentaper.review import Verdict


def comparison(case: Case, found: Options, compared: Sequence[Comparison], known: Knowledge) -> None:
    """Print every plan side by side, in the order in which they are offered, and why others are missing."""
    console = _console()
    console.print(
        Text.assemble(
            (f"{case.goal.of.capitalize()} {case.present.daily} a day", "bold"),
            f", goal {case.goal.daily} a day: every option, then every published protocol. Knowledge: {known.review_note}.",
        )
    )
    if compared:
        console.print(
            Text("The order is not a ranking. A shorter plan asks for larger or quicker steps; it is not a better one.")
        )
        _plans(console, case, compared)
        _cuts(console, compared)
        _pieces(console, compared)
        _supply(console, compared)
        _findings(console, compared)
    if found.infeasible:
        _heading(console, "No plan, and why")
        for each in found.infeasible:
            name = "every plan" if each.name == "all" else each.name
            _line(console, Text.assemble((name, "bold"), f"  {one_sentence(each.says)}"))


def eased(found: Ease | Infeasible, known: Knowledge) -> None:
    """Print how much of each plan's worst step is felt, and the least possible by length: modelled, and said so."""
    console = _console()
    _heading(console, "Modelled: how much of the worst step is felt, of the effect of the present dose")
    if isinstance(found, Infeasible):
        _line(console, found.says)
        return
    table = _table(("plan", False), ("weeks", True), ("felt", True), ("by any one assumption", False), ("at which step", False), ("at best within the limits", True))  # fmt: skip
    for each, place in found.beside:
        best = "none is as short" if place.at_best is None else str(place.at_best)
        step = f"{place.worst.before} to {place.worst.after}"
        table.add_row(
            each.plan.name,
            about(Fraction(place.days, 7)),
            str(place.worst.share),
            f"{place.band[0]} to {place.band[1]}",
            step,
            best,
        )
    console.print(table)
    for point in told(found):
        _line(
            console,
            f"In {about(Fraction(point.days, 7))} weeks or more, within the limits, it need be no more than {felt(point)}.",
        )
    for name, why in found.left_out:
        _line(console, f"{name} is left out: {why}.")
    if found.bound:
        _line(console, found.bound.says)
    _line(console, assumption(known))
    _line(console, "It decides nothing: the limits bind first, and a person chooses.")


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _line(console: Console, text: Text | str) -> None:
    console.print(Padding(Text(text) if isinstance(text, str) else text, (0, 0, 0, 1)))


def _table(*headings: tuple[str, bool]) -> Table:
    """This function will make a table whose columns are a heading and whether numbers stand in it."""
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading, number in headings:
        table.add_column(heading, justify="right" if number else "left", no_wrap=heading == "plan", overflow="fold")
    return table


def _plans(console: Console, case: Case, compared: Sequence[Comparison]) -> None:
    _heading(console, "How long, and in how many steps")
    table = _table(("plan", False), ("what it is", False), ("length", False), ("from, to", False), ("steps", True), ("review", False))  # fmt: skip
    for each in compared:
        plan, verdict = each.plan, each.reviewed.verdict
        dates = f"{plan.starts_on} – {plan.ends_on}"
        review = Text(verdict.value.upper(), style=STYLES[verdict])
        table.add_row(plan.name, plan.title, each.length, dates, str(each.steps), review)
    console.print(table)
    _line(console, "From the first reduced dose to the last change of dose. A step is a day on which a dose changes.")
    for each in compared:
        if each.ends_above(case.goal.daily):
            doses = " and ".join(f"{drug} {dose}" for drug, dose in each.ends_at.items() if dose)
            _line(console, Text(f"{each.plan.name} ends at {doses} a day, above the goal.", style="yellow"))


def _cuts(console: Console, compared: Sequence[Comparison]) -> None:
    _heading(console, "The largest cuts")
    table = _table(("plan", False), ("cut", True), ("the largest of all", False), ("cut", True), ("the largest above zero", False))  # fmt: skip
    for each in compared:
        several = len(each.plan.regimen.drugs) > 1
        cells = [_cut(cut, several=several) for cut in (each.largest_cut, each.largest_cut_above_zero)]
        table.add_row(each.plan.name, *cells[0], *cells[1])
    console.print(table)
    switched = [each for each in compared if each.switch_days]
    if switched:
        _line(
            console,
            "Where two drugs are taken, a cut is a share of that drug's own dose. Days on which one drug takes over from "
            "another are left out: how large they are is a matter of published equivalences, and review judges it. "
            f"Such days: {_each(switched, lambda each: str(len(each.switch_days)))}.",
        )


def _cut(change: Change | None, *, several: bool) -> tuple[str, str]:
    if change is None:
        return "–", "none"
    drug = f"\n{change.drug} " if several else " "  # never a number on one line, its unit on the next
    return str(change.cut), f"{change.on},{drug}{change.before} to {change.after}"


def _each(compared: Iterable[Comparison], say: Callable[[Comparison], str]) -> str:
    return ", ".join(f"{say(each)} in {each.plan.name}" for each in compared)


def _pieces(console: Console, compared: Sequence[Comparison]) -> None:
    present = compared[0].pieces.present
    now = "these products do not make the present dose" if present is None else f"now {present}, at the fewest"
    if measured := compared[0].measured.present:
        now += f", and {measured} measured"
    _heading(console, f"Pieces a day ({now})")
    liquid = any(each.measured.most for each in compared)
    headings = [("plan", False), ("at most", True), ("mean", True), ("broken, at most", True), ("broken in all", True)]
    if liquid:
        headings.append(("measured, at most", True))
    table = _table(*headings, ("products", True), ("collections", True))
    for each in compared:
        cells = [str(each.pieces.most), _mean(each.pieces), str(each.broken.most), str(each.broken.total)]
        if liquid:
            cells.append(str(each.measured.most))
        table.add_row(each.plan.name, *cells, str(len(each.products)), str(len(each.plan.supply)))
    console.print(table)
    _line(
        console,
        "Tablets and capsules, a part of one counting as a piece. Broken: pieces that had to be broken off a tablet."
        + (" Measured: portions of a liquid, which are no pieces." if liquid else ""),
    )
    short = [each for each in compared if each.pieces.days < each.plan.days]
    if short:
        days = _each(short, lambda each: f"{each.pieces.days} of {each.plan.days} days")
        _line(console, f"On the present dose the pieces are not known; they are counted on {days}.")


def _mean(tally: Tally) -> str:
    return "–" if tally.mean is None else about(tally.mean)


def _supply(console: Console, compared: Sequence[Comparison]) -> None:
    _heading(console, "What the supply costs, as far as prices are known")
    table = _table(("plan", False), ("known cost", True), ("covers", False), ("no price is known for", False))
    for each in compared:
        cost = each.cost
        sums = " + ".join(f"{exact_text(amount)} {currency}" for currency, amount in cost.sums.items()) or "unknown"
        without = ",\n".join(_unpriced(item, several=len(each.plan.regimen.drugs) > 1) for item in cost.unpriced)
        table.add_row(each.plan.name, sums, _covers(cost), without or "–")
    console.print(table)
    sure = sorted({confidence for each in compared for confidence in each.cost.confidences})
    if sure:
        on = {str(day or "undated") for each in compared for day in each.cost.dated}
        _line(
            console,
            f"Prices a piece, {', '.join(sorted(on))}; how sure they are: {', '.join(sure)}. Whole pieces of all collections; what has no "
            "price is left out of the sum, so sums of plans that cover different parts cannot be compared; and a longer plan "
            "hands over more.",
        )


def _unpriced(item: Handed, *, several: bool) -> str:
    amount = f"{exact_text(item.amount)}{' mL of' if item.product.liquid else ' ×'}"
    drug = f" {item.product.drug}" if several else ""
    return f"{amount}{drug} {item.product.says}"


def _covers(cost: Cost) -> str:
    parts = []
    for liquid, unit in ((False, "pieces"), (True, "mL")):
        whole = cost.amount(liquid=liquid)
        if whole:
            parts.append(f"{exact_text(cost.amount(liquid=liquid, priced=True))} of {exact_text(whole)} {unit}")
    return ", ".join(parts) or "nothing is handed over"


def _findings(console: Console, compared: Sequence[Comparison]) -> None:
    _heading(console, "What review finds")
    verdicts = list(compared[0].counts)
    table = _table(("plan", False), ("gravest", False), *((verdict.value, True) for verdict in verdicts), ("blocked by", False))  # fmt: skip
    for each in compared:
        gravest = each.reviewed.verdict
        rules = ", ".join(
            rule if verdict is Verdict.BLOCK else f"{rule} (unknown)" for rule, verdict in each.blocked_by
        )
        table.add_row(
            each.plan.name,
            Text(gravest.value.upper(), style=STYLES[gravest]),
            *(str(count) for count in each.counts.values()),
            rules or "–",
        )
    console.print(table)
    _line(console, "What each finding says, and who must answer it: opentaper plan CASE, or with --protocol KEY.")
