"""How every face begins: what it is, which version, and how far the knowledge behind it has been checked."""

from __future__ import annotations

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.language import Language
from opentaper.exchange.words import drug_name


def heading(edition: Edition, lang: Language) -> list[str]:
    """Return the lines with which every printed page of an edition begins: what it is, which version, how far checked."""
    lines = []
    if edition.draft:
        lines.append(lang.say("DRAFT – not signed, not to be taken or dispensed from."))
    goal, plan = edition.case.goal, edition.plan
    lines.append(
        lang.say(
            "{drug}: from {present} to {goal} a day, {first} to {end}.",
            drug=drug_name(goal.of, lang), present=lang.dose(edition.case.present.daily), goal=lang.dose(goal.daily),
            first=plan.regimen.steps[0].from_, end=plan.ends_on,
        )
    )  # fmt: skip
    lines.append(
        lang.say(
            "Plan {identity}, version {number}, made on {on}, checksum {digest}.",
            identity=edition.identity, number=edition.number, on=edition.made_on, digest=edition.digest[:12],
        )
    )  # fmt: skip
    lines.append(knowledge_line(edition, lang))
    return lines


def knowledge_line(edition: Edition, lang: Language) -> str:
    """Say how far the knowledge behind an edition has been checked."""
    known = edition.known
    signed, total = known.signed, len(known.states)
    message = (
        "Knowledge {digest}: reviewed, all {total} files are signed."
        if signed == total
        else "Knowledge {digest}: pending review, {signed} of {total} files are signed."
    )
    return lang.say(message, digest=known.digest[:12], signed=signed, total=total)
