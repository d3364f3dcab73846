"""Plans, findings and facts as JSON documents and regimen files, for programs and for people who keep files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import step_in_words
from opentaper.knowledge import Knowledge
from opentaper.patient import Case, Portion, Regimen, Step, daily_equivalents
from opentaper.plan import Binding, Bound, Collection, Infeasible, Item, Options, Plan, Row
from opentaper.quantity import Dose, Share, decimal_text, ends_as_decimal
from opentaper.review import Finding, Reviewed

PLAN_SCHEMA = "opentaper.plan/1"
REVIEW_SCHEMA = "opentaper.review/1"


def plan_document(
    options: Options,
    reviewed: Sequence[Reviewed],
    known: Knowledge,
    case: Case | None = None,
    lang: Language = ENGLISH,
) -> dict[str, Any]:
    """Return the JSON document of `opentaper plan`: amounts are exact strings, dates are ISO dates.

    Args:
        case: whose plans they are; without it the diazepam equivalents of several drugs are left out.
        options: what the planner found.
        reviewed: the review of each plan, in the same order.
        known: the base they stand on.
        lang: the language of each step's words; everything else is the same in all.
    """
    return {
        "schema": PLAN_SCHEMA,
        "knowledge": knowledge_note(known),
        "options": [
            _option(plan, judged, lang) | {"diazepam_equivalents": _equivalents(plan.regimen, case, known)}
            for plan, judged in zip(options.plans, reviewed, strict=True)
        ],
        "infeasible": [infeasible_document(each) for each in options.infeasible] or None,
    }


def review_document(reviewed: Reviewed, known: Knowledge) -> dict[str, Any]:
    """Return the JSON document of `opentaper review`."""
    return {
        "schema": REVIEW_SCHEMA,
        "knowledge": knowledge_note(known),
        "regimen": {"digest": reviewed.regimen_digest},
        "on": reviewed.on.isoformat(),
        "verdict": reviewed.verdict.value,
        "findings": [_finding(finding) for finding in reviewed.findings],
    }


def knowledge_note(known: Knowledge) -> dict[str, Any]:
    """Return what every output says of the knowledge it stands on: its digest, how far it is reviewed, a clinic's layer."""
    note: dict[str, Any] = {"digest": known.digest, "state": known.state.value, "as_of": known.as_of.isoformat()}
    if layer := known.layer:
        note["layer"] = {"clinic": layer.clinic, "number": layer.number, "from": layer.from_.isoformat()}
    return note


def _option(plan: Plan, judged: Reviewed, lang: Language) -> dict[str, Any]:
    return {
        "name": plan.name,
        "title": plan.title,
        "objective": plan.objective,
        "verdict": judged.verdict.value,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "days": plan.days,
        "baseline": _step(plan.baseline, lang) if plan.baseline else None,
        "steps": [_row(row, lang) for row in plan.rows],
        "supply": [_collection(each) for each in plan.supply],
        "repair": (
            {
                "step": plan.repair.row,
                "products": [product.key for product in plan.repair.products],
                "says": plan.repair.says,
            }
            if plan.repair
            else None
        ),
        "notes": list(plan.notes),
        "visits": [{"from": visit.from_.isoformat(), "last": visit.last.isoformat()} for visit in plan.visits],
        "regimen_digest": judged.regimen_digest,
        "findings": [_finding(finding) for finding in judged.findings],
    }


def _equivalents(regimen: Regimen, case: Case | None, known: Knowledge) -> list[dict[str, str | None]] | None:
    """This function will give the summed mg of diazepam of a plan of several drugs, exact; null where nobody can tell."""
    if case is None or len(regimen.drugs) == 1:
        return None
    return [
        {
            "from": each.from_.isoformat(),
            "until": each.until.isoformat() if each.until else None,
            "low_mg": _mg(each.low),
            "high_mg": _mg(each.high),
        }
        for each in daily_equivalents(regimen, case, known)
    ]


def _mg(dose: Dose | None) -> str | None:
    if dose is None:
        return None
    return dose.decimal if ends_as_decimal(dose.mg) else str(dose.mg)


def _step(step: Step, lang: Language) -> dict[str, Any]:
    return {
        "from": step.from_.isoformat(),
        "until": step.until.isoformat() if step.until else None,
        "drug": step.drug,
        "daily_mg": step.daily.decimal,
        "intakes": [
            {
                "time": intake.time,
                "dose_mg": intake.dose.decimal,
                "pieces": [_portion(portion) for portion in intake.portions or ()],
            }
            for intake in step.intakes
        ],
        "words": step_in_words(step, lang),
    }


def _row(row: Row, lang: Language) -> dict[str, Any]:
    return {
        **_step(row.step, lang),
        "requested_share": str(row.requested.of),
        "achieved_share": str(row.achieved.of),
        "binding": _binding(row.binding),
        "says": row.says,
    }


def _share(share: Share | None) -> str | None:
    return None if share is None else str(share.of)


def _bound(bound: Bound) -> dict[str, Any]:
    return {"limit": bound.limit, "source": bound.source, "allows": str(bound.allows.of)}


def _binding(binding: Binding | None) -> dict[str, Any] | None:
    if binding is None:
        return None
    return {
        **_bound(binding.by),
        "exceeded_by": _share(binding.exceeded_by),
        "held_days": binding.held.days if binding.held else None,
        "others": [_bound(each) for each in binding.others],
    }


def _portion(portion: Portion) -> dict[str, str]:
    if portion.product.liquid:
        drops = {"drops": decimal_text(portion.drops)} if portion.drops else {}
        return {"product": portion.product.key, "ml": decimal_text(portion.amount), **drops}
    return {"product": portion.product.key, "count": str(portion.amount)}


def item_document(item: Item) -> dict[str, str]:
    unit = "ml" if item.product.liquid else "count"
    text = decimal_text(item.amount) if item.product.liquid else str(item.amount)
    return {"product": item.product.key, unit: text}


def _collection(each: Collection) -> dict[str, Any]:
    return {
        "from": each.from_.isoformat(),
        "until": each.until.isoformat(),
        "items": [item_document(item) for item in each.items],
        "left_over": [item_document(item) for item in each.left_over],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "where": finding.where,
        "observed": finding.observed,
        "limit": finding.limit,
        "source": finding.source,
        "at": finding.at,
        "says": finding.says,
        "who": finding.who,
    }


def infeasible_document(each: Infeasible) -> dict[str, Any]:
    """Return what a document says of a plan that there is not: the conflict, the nearest doses and what would work."""
    return {
        "name": each.name,
        "conflict": [_bound(bound) for bound in each.conflict],
        "says": each.says,
        "nearest_mg": [dose.decimal for dose in each.nearest],
        "would_work": [product.key for product in each.would_work],
    }
