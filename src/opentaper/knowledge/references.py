"""Whatever one file of the base names, another defines: refused when it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from opentaper.knowledge.known import Knowledge
from opentaper.knowledge.table import KnowledgeError, nearest
from opentaper.knowledge.validation import DRUG_GROUPS, Observation

Sourced = tuple[str, str, str]
"""Kind, key, and the source that it names."""
Named = tuple[str, str, str, Collection[str]]
"""Kind, key, a name in it, and the names that are defined."""


def check_references(known: Knowledge) -> None:
    """Refuse a base in which one file names something that no file defines.

    Raises:
        KnowledgeError: the first such name, with the nearest that exists.
    """
    _check_sources(known, [*_told(known), *_modelled(known)])
    both = sorted(set(known.drugs) & set(known.medicines))
    if both:
        raise KnowledgeError("medicines.toml", "", both[0], "it is a drug of this base already")
    _check_names([*_told_names(known), *_modelled_names(known)])
    _check_chosen(known)


def check_observations(known: Knowledge, observations: Collection[Observation]) -> None:
    """Refuse observations that name a source or a drug that the base does not define.

    Raises:
        KnowledgeError: the first such name, with the nearest that exists.
    """
    _check_sources(known, [("observation", each.id, each.source) for each in observations])
    drugs, taken = set(known.drugs), {*known.drugs, *DRUG_GROUPS}
    named: list[Named] = [("observation", each.id, drug, taken) for each in observations for drug in each.drugs]
    named += [("observation", each.id, each.analyte, drugs) for each in observations if each.analyte is not None]
    _check_names(named)


def _check_sources(known: Knowledge, sourced: Iterable[Sourced]) -> None:
    for kind, key, source in sourced:
        if source not in known.sources:
            raise KnowledgeError(kind, key, "source", f"{source!r} is defined nowhere", nearest(source, known.sources))


def _check_names(named: Iterable[Named]) -> None:
    for kind, key, name, allowed in named:
        if name not in allowed:
            raise KnowledgeError(kind, key, name, "this name is defined nowhere", nearest(name, allowed))


def _told(known: Knowledge) -> Iterable[Sourced]:
    """This function will list every source that the facts and rules of the base name."""
    yield "risk", known.risk.key, known.risk.source
    for kind, items in (
        ("product", known.products), ("equivalence", known.equivalences), ("protocol", known.protocols),
        ("condition", known.conditions), ("question", known.questions), ("ask", known.asks),
        ("advice", known.advice), ("phone", known.phones), ("interaction", known.interactions),
    ):  # fmt: skip
        yield from ((kind, key, item.source) for key, item in items.items())
    yield from (("limit", limit.id, limit.source) for limit in known.limits)
    for drug in known.drugs.values():
        kind = f"drug {drug.key}"
        yield from ((kind, each.id, each.source) for each in drug.claims)
        yield from ((kind, each.value, each.source) for each in drug.identifiers)
        yield from ((kind, each.name, each.source) for each in drug.traits)


def _modelled(known: Knowledge) -> Iterable[Sourced]:
    """This function will list every source that the numbers of a simulation name."""
    for model in known.kinetics.values():
        yield "kinetics", model.key, model.source
        for row in model.rows:
            yield from ((f"kinetics {model.key}", row.name, source) for source in row.sources)
        yield from ((f"kinetics {model.key}", f"older {each.name}", each.source) for each in model.older)
    for effect in known.effects.values():
        yield "effect", effect.key, effect.source
        yield from ((f"effect {effect.key}", each.name, each.source) for each in effect.parameters)
    for potency in (*known.potencies.values(), *known.rival_potencies):
        yield "potency", potency.analyte, potency.source
    for name, part in known.adaptation.parts.items():
        yield from (("adaptation", name, source) for source in (part.source, *part.supported_by))


def _told_names(known: Knowledge) -> Iterable[Named]:
    """This function will list every drug or medicine that the facts and rules of the base name."""
    drugs, anything = set(known.drugs), {*known.drugs, *known.medicines}
    or_all = drugs | {"all"}
    yield from (("product", each.key, each.drug, drugs) for each in known.products.values())
    for table in known.equivalences.values():
        yield from (("equivalence", table.key, row.drug, drugs) for row in table.rows)
    for key, each in known.interactions.items():
        yield from (("interaction", key, other, anything) for other in each.others)
        yield from (("interaction", key, victim, or_all) for victim in each.victims)
    for protocol in known.protocols.values():
        yield from (("protocol", protocol.key, drug, or_all) for drug in protocol.drugs)
    for advice in known.advice.values():
        yield from (("advice", advice.id, drug, or_all) for drug in advice.drugs)
    yield from (("risk", known.risk.key, band.drug, drugs) for band in known.risk.dose_bands)


def _modelled_names(known: Knowledge) -> Iterable[Named]:
    """This function will list every drug that the numbers of a simulation name."""
    drugs = set(known.drugs)
    for model in known.kinetics.values():
        yield from (("kinetics", model.key, drug, drugs) for drug in (model.drug, *model.analytes))
    for potency in (*known.potencies.values(), *known.rival_potencies):
        yield "potency", potency.analyte, potency.analyte, drugs


def _check_chosen(known: Knowledge) -> None:
    """This function will refuse a drug with models of which none, or more than one, is the chosen one."""
    for drug in dict.fromkeys(model.drug for model in known.kinetics.values()):
        chosen = [model.key for model in known.kinetics_of(drug) if model.chosen]
        if len(chosen) != 1:
            wrong = f"exactly one model must be the chosen one, not {' and '.join(chosen) or 'none'}"
            raise KnowledgeError("kinetics/", drug, "chosen", wrong)
