"""What can happen in a case: one frozen value each, never changed and never taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from opentaper.knowledge import Product
from opentaper.patient import Case
from opentaper.plan import Edit, Item
from opentaper.quantity import AmountError, Dose
from opentaper.record.version import Version
from opentaper.review import Finding, Verdict

OBSERVED = ("note", "dose-taken", "score", "level", "symptom", "missed", "contact", "risk-benefit-review")
"""What somebody may observe; a closed list."""
LONGEST_TEXT = 4_000
FRESH = dt.timedelta(minutes=10)
"""How long ago a signer may have proved who they are; a convention of ours."""
UNSEEN = "\u200c\u200d"
"""Marks that nobody sees and that join or part letters: names and words of several scripts are not written without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it: a key that never changes, the name and the role they had then."""

    key: str
    name: str
    role: str

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A named person's reason for going on although a rule asks for care."""

    rule: str
    where: str
    reason: str

    def __post_init__(self) -> None:
        _said(self.reason, f"a reason for {self.rule}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One option as it was shown: its name, and the digest of its regimen."""

    name: str
    title: str
    regimen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case was opened for a person; with a reason for every dose that a slip of ten would explain."""

    KIND: ClassVar = "opened"
    name: str
    case: Case
    answers: tuple[Answer, ...] = ()

    def __post_init__(self) -> None:
        _said(self.name, "the person's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What is known of the person changed: an answer, a medicine, the goal. Whatever was signed for the old case is void."""

    KIND: ClassVar = "changed"
    case: Case
    because: str
    answers: tuple[Answer, ...] = ()

    def __post_init__(self) -> None:
        _said(self.because, "why the case changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Options were computed: from which case and base, asked for how, and why some have none."""

    KIND: ClassVar = "proposed"
    case: str
    knowledge: str
    protocol: str | None
    offers: tuple[Offer, ...]
    without: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A person changed rows of an option, and the rest was planned anew.

    Args:
        option: the name of the option that was changed.
        protocol: the published protocol that it came from, if any.
        edits: what was changed, in order.
        regimen: the digest of what came of it.
        because: why, in words.
    """

    KIND: ClassVar = "edited"
    option: str
    protocol: str | None
    edits: tuple[Edit, ...]
    regimen: str
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "why the plan was edited")
        if not self.edits:
            raise ValueError("nothing was edited")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A version was reviewed, on a day; every finding of it."""

    KIND: ClassVar = "reviewed"
    version: Version
    on: dt.date
    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if not self.findings:
            raise ValueError("a review that found nothing at all looked at nothing")

    @property
    def asked(self) -> tuple[Finding, ...]:
        """The findings that ask a person for a reason before the version may start."""
        return tuple(each for each in self.findings if each.verdict is Verdict.CAUTION and each.who)

    @property
    def verdict(self) -> Verdict:
        """The gravest of the findings."""
        return max((finding.verdict for finding in self.findings), key=lambda verdict: verdict.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A version was signed: a digest, a meaning, a reason wherever one was asked for.

    Args:
        version: the digest of exactly what was signed.
        meaning: what the signature says, in words.
        answers: one for every finding that asks for a reason.
        confirmed_at: when the signer last proved who they are.
    """

    KIND: ClassVar = "accepted"
    version: str
    meaning: str
    answers: tuple[Answer, ...]
    confirmed_at: dt.datetime

    def __post_init__(self) -> None:
        _said(self.meaning, "what the signature says")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A person looked at a version and decided against it."""

    KIND: ClassVar = "declined"
    version: str
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "why it was declined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A signed version came into force."""

    KIND: ClassVar = "started"
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Somebody saw, measured or was told something, on a day."""

    KIND: ClassVar = "observed"
    on: dt.date
    what: str
    says: str

    def __post_init__(self) -> None:
        if self.what not in OBSERVED:
            raise ValueError(f"{self.what!r} is nothing that is observed here; allowed: {', '.join(OBSERVED)}")
        _said(self.says, "what was observed")

    @property
    def dose(self) -> Dose | None:
        """The dose of a day that was told as taken, and nothing beside it: "1.5 mg"; None for anything else."""
        return self._read(self.says) if self.what == "dose-taken" else None

    def names(self, drug: str) -> bool:
        """Whether it says first of which drug it is told: "diazepam 10 mg"."""
        return self.what == "dose-taken" and self.says.strip().startswith(f"{drug} ")

    def dose_of(self, drug: str) -> Dose | None:
        """The dose of a drug that it names; None for anything else."""
        return self._read(self.says.strip().removeprefix(drug)) if self.names(drug) else None

    def _read(self, says: str) -> Dose | None:
        try:
            return Dose.read(says.strip())
        except AmountError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Every dose stays as it is until a day; in force at once, whoever says so."""

    KIND: ClassVar = "held"
    version: str
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "why it was held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowed:
    """What is left takes longer; in force at once."""

    KIND: ClassVar = "slowed"
    version: str
    times: Fraction
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "why it was slowed")
        if self.times <= 1:
            raise ValueError(f"{self.times} times as slow is not slower")


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedBack:
    """The dose went back some steps; in force at once."""

    KIND: ClassVar = "stepped-back"
    version: str
    steps: int
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "why it stepped back")
        if self.steps < 1:
            raise ValueError(f"{self.steps} steps back is not back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A hold ended before its day: a person's signed act, so its version was accepted first."""

    KIND: ClassVar = "resumed"
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispensed:
    """A pharmacy handed something over, for days of a version.

    Args:
        version: the digest of the version that it was handed over for.
        from_, until: the days that it is for.
        items: what.
        replaces: the number of the event that said what was lost, where this takes its place.
    """

    KIND: ClassVar = "dispensed"
    version: str
    from_: dt.date
    until: dt.date
    items: tuple[Item, ...]
    replaces: int | None = None

    def __post_init__(self) -> None:
        if self.until <= self.from_:
            raise ValueError(f"from {self.from_} until {self.until} there is no day")
        if not self.items:
            raise ValueError("nothing was dispensed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Somebody said that supply was lost, stolen or spoilt. It is what was said, and replaces nothing by itself."""

    KIND: ClassVar = "lost"
    on: dt.date
    items: tuple[Item, ...]
    says: str

    def __post_init__(self) -> None:
        if not self.items or any(item.amount <= 0 for item in self.items):
            raise ValueError("nothing was lost")
        _said(self.says, "how it was lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A prescriber allowed that what was lost is replaced: a person's signed act.

    Args:
        lost: the number of the event that said what was lost.
        on: the day.
        says: why, in words.
        confirmed_at: when they last proved who they are.
    """

    KIND: ClassVar = "allowed"
    lost: int
    on: dt.date
    says: str
    confirmed_at: dt.datetime

    def __post_init__(self) -> None:
        _said(self.says, "why it is replaced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A plan ended before its end: a person's signed act. The plan ends, not the drug: the last dose goes on."""

    KIND: ClassVar = "stopped"
    on: dt.date
    because: str
    confirmed_at: dt.datetime

    def __post_init__(self) -> None:
        _said(self.because, "why it was stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An observation, a dispensing or a loss was wrong; the old one stays in the record, this one counts.

    Args:
        number: which event of the case was wrong.
        instead: what is true; None when it never happened.
        because: how it came about.
    """

    KIND: ClassVar = "corrected"
    number: int
    instead: Observed | Dispensed | None
    because: str

    def __post_init__(self) -> None:
        _said(self.because, "what was wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queried:
    """Somebody asked the prescriber about a version, mostly a pharmacist about one step of it.

    Args:
        version: the digest of the version that is asked about.
        step: the first day of the step; None for the whole.
        says: what is asked.
        products: what is on the shelf, where it is asked whether the plan can be made from that.
    """

    KIND: ClassVar = "queried"
    version: str
    step: dt.date | None
    says: str
    products: tuple[Product, ...] = ()

    def __post_init__(self) -> None:
        _said(self.says, "what is asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """A query was answered; what follows for the plan is another event."""

    KIND: ClassVar = "replied"
    number: int
    says: str

    def __post_init__(self) -> None:
        _said(self.says, "the answer")


What = (
    Opened | Changed | Proposed | Edited | Judged | Accepted | Declined | Started | Observed | Held | Slowed | SteppedBack
    | Resumed | Dispensed | Lost | Allowed | Stopped | Corrected | Queried | Replied
)  # fmt: skip
WHATS: tuple[type[What], ...] = (
    Opened, Changed, Proposed, Edited, Judged, Accepted, Declined, Started, Observed, Held, Slowed, SteppedBack, Resumed,
    Dispensed, Lost, Allowed, Stopped, Corrected, Queried, Replied,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened in a case.

    Args:
        number: 1 for the first of the case, and then one more each.
        at: when it was recorded, in UTC.
        by: who did it.
        what: what happened.
        software: the version of the program that recorded it.
        knowledge: the digest of the base that it had then: what names of drugs and products mean in it.
    """

    number: int
    at: dt.datetime
    by: Actor
    what: What
    software: str
    knowledge: str

    def __post_init__(self) -> None:
        if self.at.utcoffset() != dt.timedelta(0):
            raise ValueError(f"an event is recorded in UTC, got {self.at.isoformat()}")


def _said(text: str, what: str) -> None:
    if not text.strip():
        raise ValueError(f"{what} is missing: say it in words")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{what} is longer than {LONGEST_TEXT} characters")
    if any(not each.isprintable() and each not in f"\n\t{UNSEEN}" for each in text):
        raise ValueError(f"{what} holds characters that nobody can see")
