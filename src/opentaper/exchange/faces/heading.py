"""How every face begins: what it is, which version, and how far the knowledge behind it has been checked."""

from __future__ import annotations

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.language import Language


def heading(edition: Edition, lang: Language) -> list[str]:
    """Return the lines with which every printed page of an edition begins: what it is, which version, how far checked."""
    lines = []
    if edition.draft:
        lines.append(lang.say("DRAFT – not signed, not to be taken or dispensed from."))
    else:
        lines.append(signed_line(edition, lang))
    lines.append(
        lang.say(
            "Now {present} a day; at the end {goal} a day; {first} to {end}.",
            present=taken_now(edition, lang), goal=taken_at_the_end(edition, lang),
            first=edition.regimen.steps[0].from_, end=edition.plan.ends_on,
        )
    )  # fmt: skip
    lines.append(
        lang.say(
            "Plan {identity}, version {number}, made on {on}, checksum {digest}.",
            identity=edition.identity, number=edition.number, on=edition.made_on, digest=edition.digest[:12],
        )
    )  # fmt: skip
    lines.append(knowledge_line(edition, lang))
    if layer := edition.known.layer:
        lines.append(
            lang.say(
                "By what {clinic} has drawn closer itself, version {number}, from {on}.",
                clinic=layer.clinic, number=layer.number, on=layer.from_,
            )
        )  # fmt: skip
    return lines


def signed_line(edition: Edition, lang: Language) -> str:
    """Say who signed an edition, in which role and when; nothing for a draft."""
    signature = edition.signature
    if signature is None:
        return ""
    return lang.say("Signed by {by}, {role}, on {on}.", by=signature.by, role=signature.role, on=signature.on)


def taken_now(edition: Edition, lang: Language) -> str:
    """Name every drug of the plan that is taken now, with its daily dose: "lorazepam 1 mg + diazepam 10 mg"."""
    return " + ".join(
        f"{lang.say_as('drug', each.drug)} {lang.dose(each.daily)}"
        for each in edition.case.taking
        if each.drug in edition.regimen.drugs or each.drug == edition.case.goal.of
    )


def taken_at_the_end(edition: Edition, lang: Language) -> str:
    """Name every drug of the plan that goes on at its end; where none does, the last one with nothing."""
    last = {drug: edition.regimen.of(drug)[-1].daily for drug in edition.regimen.drugs}
    kept = {drug: dose for drug, dose in last.items() if dose} or dict([list(last.items())[-1]])
    return " + ".join(f"{lang.say_as('drug', drug)} {lang.dose(dose)}" for drug, dose in kept.items())


def drugs_of(edition: Edition, lang: Language) -> str:
    """Name the drugs of the plan: "lorazepam + diazepam"."""
    taken = [each.drug for each in edition.case.taking if each.drug in edition.regimen.drugs]
    return " + ".join(
        lang.say_as("drug", drug) for drug in dict.fromkeys((*filter(None, taken), *edition.regimen.drugs))
    )


def knowledge_line(edition: Edition, lang: Language) -> str:
    """Say how far the knowledge behind an edition has been checked."""
    known = edition.known
    signed, total = known.signed, known.shipped
    message = (
        "Knowledge {digest}: reviewed, all {total} files are signed."
        if signed == total
        else "Knowledge {digest}: pending review, {signed} of {total} files are signed."
    )
    return lang.say(message, digest=known.digest[:12], signed=signed, total=total)
