"""Who says it: sources, and how far anybody may trust what was carried over from them."""

from __future__ import annotations

from opentaper.frozen import dataclass
from opentaper.knowledge.table import Table

CONFIDENCES = (
    "high",
    "medium",
    "low",
    "general-knowledge",
    "general-knowledge-high",
    "general-knowledge-medium",
    "general-knowledge-low",
)
"""high: read in the source itself; medium: read in part, in a second source, or derived; low: an assumption;
general-knowledge: recalled, the source was not read (the suffix is how sure the recollection was)."""

KINDS = (
    "guideline", "label", "formulary", "paper", "review", "table", "code-system", "service", "reference",
    "memory", "house",
)  # fmt: skip
READINGS = ("itself", "abstract", "copy", "secondary", "memory")


def verified(confidence: str) -> bool:
    """This function will say whether somebody read the figure in a source, rather than recalling or assuming it.

    Example:
        >>> verified("high"), verified("general-knowledge-high"), verified("low")
        (True, False, False)
    """
    return confidence in ("high", "medium")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document, table or person that says something."""

    key: str
    title: str
    by: str
    year: int
    kind: str
    read_as: str
    doi: str | None
    note: str | None

    @classmethod
    def read(cls, key: str, table: Table) -> Source:
        source = cls(
            key=key,
            title=table.text("title"),
            by=table.text("by"),
            year=table.whole("year", 1900, 2100),
            kind=table.choice("kind", KINDS),
            read_as=table.choice("read", READINGS),
            doi=table.maybe(table.text, "doi"),
            note=table.maybe(table.text, "note"),
        )
        table.done()
        return source
