"""One version of one plan, fit to be handed out: every face is made from this and from nothing else."""

from __future__ import annotations

import datetime as dt

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, digest
from opentaper.patient import Case, Regimen, printed_so_far
from opentaper.plan import Item, Plan, Visit, collections
from opentaper.review import Reviewed


def edition_digest(
    *,
    case: str,
    knowledge: str,
    regimen: str,
    printed: str,
    name: str,
    number: int,
    root: str,
    held: tuple[dt.date, dt.date] | None,
    stock: tuple[Item, ...],
    visits: tuple[Visit, ...],
    gone: tuple[tuple[str, dt.date], ...],
    made_on: dt.date,
) -> str:
    """Return the digest of everything that a version of a plan is: what a signature is over, and what reading checks."""
    return digest(
        {
            "case": case, "knowledge": knowledge, "regimen": regimen, "printed": printed, "name": name, "number": number,
            "root": root, "made_on": made_on.isoformat(),
            "held": [day.isoformat() for day in held] if held else [],
            "stock": [[item.product.key, str(item.amount)] for item in stock],
            "visits": [[visit.from_.isoformat(), visit.last.isoformat()] for visit in visits],
            "gone": [[key, day.isoformat()] for key, day in gone],
        }
    )  # fmt: skip


class UnfitError(ValueError):
    """A plan that must not be handed out: it is blocked, or something changed after it was reviewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A named person's signature; it holds for exactly the content whose digest it names."""

    by: str
    role: str
    on: dt.date
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A reviewed plan with its number, from which words, leaflet, calendar and the other faces are made.

    Args:
        plan: what is handed out.
        case: whose it is.
        reviewed: the review of exactly this plan for exactly this case by exactly this knowledge.
        known: the base.
        made_on: the day on which it was made.
        number: 1 for the first version of a plan, one more for every revision.
        root: the identity that all versions of a plan share; by itself that of the first version.
        before: everything that was printed up to the version before, which a calendar must move or cancel.
        gone: the calendar events that an earlier version cancelled, by name, each with its first day.
        held: a hold under way that somebody asked for: its first day and the day after its last.
        signature: without a valid one every face is marked as a draft.

    Raises:
        UnfitError: the review blocks the plan, or plan, case, knowledge, supply or signature are not those reviewed.
    """

    plan: Plan
    case: Case
    reviewed: Reviewed
    known: Knowledge
    made_on: dt.date
    number: int = 1
    root: str = ""
    before: Regimen | None = None
    held: tuple[dt.date, dt.date] | None = None
    gone: tuple[tuple[str, dt.date], ...] = ()
    signature: Signature | None = None

    def __post_init__(self) -> None:
        for holds, says in (
            (digest(self.regimen.plain()) == self.reviewed.regimen_digest, "the plan is not the one that was reviewed"),
            (digest(self.case.plain()) == self.reviewed.case_digest, "the case changed after the review"),
            (self.known.digest == self.reviewed.knowledge_digest, "the knowledge base changed after the review"),
            (self.reviewed.on <= self.made_on, "the review is of a later day"),
            (self.reviewed.on >= self.made_on or not self._begun, "it has begun since it was reviewed; review it anew"),
            (
                self.plan.supply == collections(self.regimen, self.case.supply.days_per_supply, stock=self.plan.stock),
                "the quantities are not those of the plan",
            ),
            (self.signature is None or self.signature.digest == self.digest, "the signature is for something else"),
        ):
            if not holds:
                raise UnfitError(f"“{self.plan.name}” cannot be handed out: {says}")
        blocking = [finding for finding in self.reviewed.findings if finding.verdict.blocks]
        if blocking:
            rules = ", ".join(dict.fromkeys(f"{each.rule} ({each.verdict.value})" for each in blocking))
            raise UnfitError(f"“{self.plan.name}” cannot be handed out: review does not let it start: {rules}")

    @property
    def _begun(self) -> bool:
        return self.regimen.steps[0].from_ < self.made_on

    @property
    def regimen(self) -> Regimen:
        return self.plan.regimen

    @property
    def printed(self) -> Regimen:
        """Everything printed so far: the past as it was, and from this version's first day its own steps."""
        return printed_so_far(self.before, self.regimen)

    @property
    def identity(self) -> str:
        """What all versions of this plan share: twelve characters."""
        return self.root or self.digest[:12]

    @property
    def digest(self) -> str:
        """What a signature is over: regimen, case and knowledge by their own digests, and all that a revision reads."""
        return edition_digest(
            case=self.reviewed.case_digest,
            knowledge=self.reviewed.knowledge_digest,
            regimen=self.reviewed.regimen_digest,
            printed=digest(self.printed.plain()),
            name=self.plan.name,
            number=self.number,
            root=self.root,
            held=self.held,
            stock=self.plan.stock,
            visits=self.plan.visits,
            gone=self.gone,
            made_on=self.made_on,
        )

    @property
    def draft(self) -> bool:
        return self.signature is None
