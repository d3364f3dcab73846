"""Where a thing of the base is used: by which rules and searches, and by which other lines of the base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from opentaper.clinic.library.links import link
from opentaper.clinic.library.thing import index
from opentaper.knowledge import Knowledge

PLANS, READS = _("planning"), _("reading a case")
READ_BY: Mapping[str, tuple[object, ...]] = {
    "dose-reduction": (PLANS, "step-reduction", "rolling-reduction", "abrupt-stop"),
    "step-reduction": (PLANS, "step-reduction"),
    "rolling-reduction": (PLANS, "rolling-reduction"),
    "initial-reduction": ("initial-reduction",),
    "step-interval": (PLANS, "step-interval", "step-reduction", "dose-rise", "two-benzodiazepines"),
    "review-interval": ("review-interval",),
    "coarse-step": (PLANS, "step-reduction"),
    "longest-hold": (PLANS,),
    "daily-diazepam-equivalent": ("daily-diazepam-equivalent",),
    "switch-diazepam-equivalent": (PLANS, "switch-dose"),
    "switch-overlap": (READS, "switch-overlap"),
    "tolerance-review-from": (PLANS, "switch-overlap"),
    "tolerance-review-until": (PLANS, "switch-overlap"),
    "plausible-diazepam-equivalent": (READS,),
    "age": ("older-adult", "switch-in-older-adult"),
    "last-diazepam-equivalent": (PLANS, "abrupt-stop"),
    "intake-share": ("dose-rise",),
    "last-dose": (PLANS, "abrupt-stop"),
}
"""What a limit on each measure is compared with: planning, reading a case, or rules of review by name."""


def used(known: Knowledge, kind: str, key: str) -> list[tuple[str, str]]:
    """Return where a thing is used: what to call each place, and its address."""
    return list(dict.fromkeys(_places(known, kind, key)))


def _places(known: Knowledge, kind: str, key: str) -> Iterable[tuple[str, str]]:
    if kind == "source":
        for line in index(known):
            if line.fact.source == key and line.url and line.fact.kind != "source":
                yield f"{line.fact.key}", line.url
    if kind in ("drug", "medicine"):
        for name, table in known.equivalences.items():
            if any(row.drug == key for row in table.rows):
                yield table.name, link(known, "equivalence", name)
        for name, protocol in known.protocols.items():
            if key in protocol.drugs:
                yield protocol.name, link(known, "protocol", name)
        for name, model in known.kinetics.items():
            if key in (model.drug, *model.analytes):
                yield model.name, link(known, "kinetics", name)
        for name, interaction in known.interactions.items():
            if key in (*interaction.others, *interaction.victims):
                yield name, link(known, "interaction", name)
    if kind == "product":
        drug = known.products[key].drug
        yield known.drugs[drug].name, link(known, "drug", drug)
    if kind == "interaction":
        row = known.interactions[key]
        for other in (*row.victims, *row.others):
            yield other, link(known, "drug", other) or link(known, "medicine", other)
    if kind in ("equivalence", "protocol"):
        drugs = (
            [row.drug for row in known.equivalences[key].rows] if kind == "equivalence" else known.protocols[key].drugs
        )
        yield from ((drug, link(known, "drug", drug)) for drug in drugs if drug in known.drugs)
