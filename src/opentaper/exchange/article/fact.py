"""One line of the base, and the few ways in which its parts are written."""

from __future__ import annotations

from fractions import Fraction

from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, verified
from opentaper.quantity import decimal_text
from opentaper.quantity import ends_as_decimal as ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of the base."""

    kind: str
    key: str
    says: str
    amount: str
    unit: str
    source: str
    at: str
    confidence: str
    file: str
    state: str
    but: str = ""
    """What is wrong with a claim that is only half right, or disputed."""
    note: str = ""
    part: str = ""
    """Which part of a product a line is about: the product itself, its score, drop, code, price or supply."""

    @property
    def verified(self) -> bool:
        """Whether somebody read the figure in a source."""
        return verified(self.confidence)

    def plain(self) -> dict[str, object]:
        return {
            "kind": self.kind, "key": self.key, "says": self.says, "amount": self.amount, "unit": self.unit,
            "source": self.source, "at": self.at, "confidence": self.confidence, "verified": self.verified,
            "file": self.file, "state": self.state, "but": self.but, "note": self.note,
        }  # fmt: skip


def number(low: Fraction | None, high: Fraction | None) -> str:
    """Print an exact number or a range."""
    shown = [decimal_text(each) if ends(each) else str(each) for each in (low, high) if each is not None]
    if low is None and high is not None:
        return f"at most {shown[0]}"
    if high is None and low is not None:
        return f"at least {shown[0]}"
    return " to ".join(dict.fromkeys(shown))


def home_of(known: Knowledge, home: str) -> dict[str, str]:
    """This function will return the file that says something, and how far it has been checked."""
    file = known.homes[home]
    return {"file": file, "state": known.states[file].says}
