"""Why a row is what it is: what was asked, what was achieved, what bound, and what would repair it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil

from opentaper.knowledge import Knowledge, Product, verified
from opentaper.patient import Case
from opentaper.plan.day import present_day
from opentaper.plan.objective import end_dose
from opentaper.plan.proposal import Binding, Bound, Repair, Row
from opentaper.plan.rules import Rules
from opentaper.quantity import Dose, Share, Span

MOST_REPAIRS = 3


def binding(bounds: Iterable[Bound], cut: Share, held: Span) -> Binding | None:
    """Return the tightest of some bounds, and whether a cut goes beyond it.

    A limit that the cut exceeds binds before an asked pace that it exceeds too: what is broken is said first.
    """
    ordered = sorted(bounds, key=lambda bound: bound.allows)
    if not ordered:
        return None
    broken = [bound for bound in ordered if bound.limit != "asked-pace" and cut > bound.allows]
    by = broken[0] if broken else ordered[0]
    return Binding(
        by=by,
        exceeded_by=Share(cut.of - by.allows.of) if broken else None,
        held=held if broken else None,
        others=tuple(bound for bound in ordered if bound is not by),
    )


def sentence(
    *,
    before: Dose,
    after: Dose,
    requested: Share | None,
    cut: Share,
    bound: Binding | None,
    need: int | None,
    nearer: Dose | None,
    between: Dose | None,
) -> str:
    """Say in one sentence why a step has its size.

    Args:
        need: the days on the dose before that the limits ask for.
        between: any dose between the two that the products make.
        nearer: a dose that could have been made instead: within the limits, or, before zero, any.
    """
    if cut.of == 0:
        return f"The present dose of {before} is held before a first step that the products make large."
    taken = f"{cut} is taken, from {before} to {after} a day"
    if bound is None:
        return f"{taken}, as published."
    asked = f"{requested} was asked for; {taken}" if requested else taken
    if bound.exceeded_by is not None and bound.held is not None:
        why = "No dose can be made nearer" if after else "The last step counts as 100 %"
        if nearer is not None:
            why = f"{nearer} could be made first, but would take longer"
        elif after and between:
            why = f"{between} can be made, but is beyond the limit too or would raise an intake"
        points = bound.exceeded_by.percent.removesuffix(" %")
        return (
            f"{asked}. {why}. It is {points} percentage points above the {bound.by.allows} of {bound.by.limit} "
            f"({bound.by.source}), so {before} is held {bound.held.days} days first; our end rule asks for at least {need}."
        )
    if requested and cut > requested:
        return f"{asked}: the nearest dose that can be made, and within every limit."
    exactly = "" if cut == bound.by.allows else ", as near as the doses that can be made allow"
    return f"{asked}: {bound.by.limit} ({bound.by.source}) decides{exactly}."


def repair(
    rows: Sequence[Row],
    present: Dose,
    case: Case,
    known: Knowledge,
    rules: Rules,
    nearer: Callable[[Dose, Dose], Dose | None],
) -> Repair | None:
    """Find the products that would bring the first row beyond a limit back inside it.

    The last step to zero is left out when it is taken from the smallest piece on the market: nothing repairs that. So is
    a row for which the stock itself has a nearer dose.
    """
    before = present
    end = end_dose(case.goal.of, known)
    for index, row in enumerate(rows):
        after = row.step.daily
        if (
            row.binding
            and row.binding.exceeded_by is not None
            and (after or before > end)
            and nearer(before, after) is None
        ):
            products = products_for(case, known, before, rules)
            return Repair(row=index, products=products, says=_repair_words(products, before, after, case))
        before = after
    return None


def products_for(case: Case, known: Knowledge, dose: Dose, rules: Rules) -> tuple[Product, ...]:
    """Return products outside the stock with which some dose within the limits below `dose` could be made."""
    stock = set(case.supply.of(case.goal.of, known))
    country = case.supply.country or next((product.country for product in stock), None)
    wanted = [
        product
        for product in known.products_of(case.goal.of)
        if product not in stock and product.everyday and product.country in (country, "compounded")
    ]
    wanted.sort(key=lambda product: (product.country == "compounded", not product.liquid, product.key))
    tightest = min(rate.share for rate in rules.rates)
    found: list[Product] = []
    for product in wanted:
        if len(found) == MOST_REPAIRS:
            break
        day = present_day(case, known, extra=(product,))
        unit = day.dispensary.unit
        least, above = ceil(dose.mg * (1 - tightest) / unit), ceil(dose.mg / unit)
        if any(least <= level < above for level in day.levels):
            found.append(product)
    return tuple(found)


def _repair_words(products: Sequence[Product], before: Dose, after: Dose, case: Case) -> str:
    if products:
        named = ", or ".join(f"{product.says} ({product.key})" for product in products)
        return f"With {named}, a step down from {before} that stays within the limit could be made."
    switch = "" if case.goal.of == "diazepam" else ", or a switch to diazepam, weighed by the prescriber"
    return f"No product of this country's list makes a dose nearer to {before} than {after}: a compounded suspension{switch}."


def unverified_notes(rows: Sequence[Row]) -> list[str]:
    """Say which products of a plan nobody has checked against a package or a list."""
    portions = [portion for row in rows for intake in row.step.intakes for portion in intake.portions or ()]
    products = {portion.product.key for portion in portions if not verified(portion.product.confidence)}
    scores = {
        portion.product.key
        for portion in portions
        if portion.splits and not verified(portion.product.score_confidence or portion.product.confidence)
    }
    notes = []
    if products:
        notes.append(f"Recalled and unverified, so check that they exist: {', '.join(sorted(products))}.")
    if scores:
        notes.append(f"That these may be split is recalled and unverified: {', '.join(sorted(scores))}.")
    return notes
