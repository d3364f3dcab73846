"""What people proposed, accepted and signed about what is known: as it stands, and as one change of the data files."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable

from opentaper.clinic.isolation import reading
from opentaper.clinic.library.change import (
    SIGNOFFS,
    SOURCES,
    Change,
    ConflictError,
    Judged,
    applied,
    judged,
    place,
)
from opentaper.clinic.library.models import Proposal, Remark, Signed
from opentaper.clinic.library.shipped import text_of
from opentaper.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussed:
    """A proposal with all that was said of it, and where it stands: open, accepted or declined."""

    proposal: Proposal
    remarks: tuple[Remark, ...]

    @property
    def settled(self) -> Remark | None:
        return next((each for each in self.remarks if each.kind != Remark.COMMENT), None)

    @property
    def stands(self) -> str:
        return self.settled.kind if self.settled else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is to be shipped: the new text of each file, and what cannot be.

    Args:
        texts: of every file that is another one afterwards, sign-offs included.
        after: what the base is then.
        ships: proposals that are in it; shipped: those that stand in the base already; stale: those that fit no more.
        signed: sign-offs that are in it; void: those of what has changed since.
    """

    texts: dict[str, str]
    after: Judged
    ships: tuple[Proposal, ...]
    shipped: tuple[Proposal, ...]
    stale: tuple[Proposal, ...]
    signed: tuple[Signed, ...]
    void: tuple[Signed, ...]


def discussed(clinic: uuid.UUID) -> list[Discussed]:
    """Return every proposal of a clinic, the newest first."""
    with reading(clinic):
        said: dict[uuid.UUID, list[Remark]] = {}
        for each in Remark.objects.filter(clinic_id=clinic).order_by("at", "id"):
            said.setdefault(each.proposal_id, []).append(each)
        proposals = list(Proposal.objects.filter(clinic_id=clinic).order_by("-at", "id"))
    return [Discussed(proposal=each, remarks=tuple(said.get(each.pk, ()))) for each in proposals]


def of(clinic: uuid.UUID, proposal: uuid.UUID) -> Discussed | None:
    """Return a proposal of this clinic; None for any other."""
    return next((each for each in discussed(clinic) if each.proposal.pk == proposal), None)


def changes(proposal: Proposal) -> list[Change]:
    """Return what a proposal changes: its entry, and the source that it brings."""
    found = [Change(file=proposal.file, before=proposal.before, after=proposal.after)]
    if proposal.new_source:
        found.insert(0, Change(file=SOURCES, before="", after=proposal.new_source))
    return found


def accepted(clinic: uuid.UUID) -> list[Proposal]:
    """Return what was accepted, in the order in which it was."""
    found = [each for each in discussed(clinic) if each.stands == Remark.ACCEPTED]
    return [each.proposal for each in sorted(found, key=lambda each: each.settled.at)]  # type: ignore[union-attr]


def current(clinic: uuid.UUID) -> dict[str, str]:
    """Return the texts that the accepted changes make; those that fit no more are left out."""
    texts, _, _, _ = sorted_out(accepted(clinic))
    return texts


def current_text(clinic: uuid.UUID, file: str) -> str:
    """Return a file as it would ship with everything that was accepted."""
    return current(clinic).get(file, text_of(file))


def sorted_out(
    proposals: Iterable[Proposal],
) -> tuple[dict[str, str], list[Proposal], list[Proposal], list[Proposal]]:
    """Return the texts that some proposals make; then those that change something, that ship already, and that fit no more."""
    texts: dict[str, str] = {}
    ships, shipped, stale = list[Proposal](), list[Proposal](), list[Proposal]()
    for each in proposals:
        trial = dict(texts)
        try:
            for change in changes(each):
                trial[change.file] = applied(trial.get(change.file, text_of(change.file)), change)
        except ConflictError:
            stale.append(each)
            continue
        (ships if trial != texts and _differs(trial, texts) else shipped).append(each)
        texts = trial
    return {file: text for file, text in texts.items() if text != text_of(file)}, ships, shipped, stale


def _differs(trial: dict[str, str], texts: dict[str, str]) -> bool:
    return any(text != texts.get(file, text_of(file)) for file, text in trial.items())


def signatures(clinic: uuid.UUID) -> list[Signed]:
    """Return every sign-off of a clinic, the oldest first."""
    with reading(clinic):
        return list(Signed.objects.filter(clinic_id=clinic).order_by("at", "id"))


def digest_of(clinic: uuid.UUID, file: str, today: dt.date) -> str | None:
    """Return the digest of a file as it would ship with everything that was accepted; None for no file of the base."""
    return judged(current(clinic), today).files.get(file)


def export(clinic: uuid.UUID, today: dt.date) -> Export:
    """Gather what was accepted and signed and does not ship yet."""
    texts, ships, shipped_, stale = sorted_out(accepted(clinic))
    files = judged(texts, today).files
    signed, void = list[Signed](), list[Signed]()
    whole = text_of(SIGNOFFS)
    for each in signatures(clinic):
        if files.get(each.file) != each.digest:
            void.append(each)
            continue
        block = signoff(each)
        if place(whole, block) < 0:
            whole = f"{whole}\n{block}" if whole else block
            signed.append(each)
    if signed:
        texts[SIGNOFFS] = whole
    return Export(
        texts=texts, after=judged(texts, today), ships=tuple(ships), shipped=tuple(shipped_), stale=tuple(stale),
        signed=tuple(signed), void=tuple(void),
    )  # fmt: skip


def signoff(of: Signed) -> str:
    """Return a sign-off as it stands in `signoffs.toml`."""
    name = "".join(each for each in of.person_name if each.isprintable())
    return (
        f"[[signoff]]\nof = {json.dumps(of.file)}\ndigest = {json.dumps(of.digest)}\n"
        f"by = {json.dumps(name, ensure_ascii=False)}\nrole = {json.dumps(of.person_role)}\n"
        f"on = {of.on}\ndue = {of.due}\n"
    )
