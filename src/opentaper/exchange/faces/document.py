"""One version of one plan as a JSON document."""

from __future__ import annotations

from typing import Any

from opentaper.exchange.document import item_document, plan_document
from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.language import ENGLISH, Language
from opentaper.knowledge import digest
from opentaper.plan import Options


def edition_document(edition: Edition, lang: Language = ENGLISH) -> dict[str, Any]:
    """Return the JSON document of one version of one plan: the option, and what ties it to its review."""
    one = Options(plans=(edition.plan,), infeasible=())
    return {
        **plan_document(one, [edition.reviewed], edition.known, edition.case, lang),
        "edition": {
            "plan": edition.identity,
            "number": edition.number,
            "made_on": edition.made_on.isoformat(),
            "state": "draft" if edition.draft else "signed",
            "digest": edition.digest,
            "case_digest": edition.reviewed.case_digest,
            "regimen_digest": edition.reviewed.regimen_digest,
            "printed_digest": digest(edition.printed.plain()),
            "reviewed_on": edition.reviewed.on.isoformat(),
            "language": lang.tag,
            "held": [day.isoformat() for day in edition.held] if edition.held else None,
            "stock": [item_document(item) for item in edition.plan.stock],
            "root": edition.root,
            "gone": [[key, day.isoformat()] for key, day in edition.gone],
            "cancelled": [[key, day.isoformat()] for key, day in edition.version.cancelled],
        },
    }
