"""One thing of the base with every line that is said of it, and where each line has its page."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import PurePosixPath

from opentaper.clinic.library.entry import entry
from opentaper.clinic.library.links import KINDS, link, link_of
from opentaper.clinic.library.shipped import text_of
from opentaper.exchange import Fact, facts, kinds
from opentaper.exchange.article import SECTIONS
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, ReviewState

KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the base, with its page and the page of its source."""

    fact: Fact
    url: str
    source_url: str

    @property
    def about(self) -> str:
        """The end of its address: what a contribution to it is about."""
        return self.url.rpartition("/library/")[2].rstrip("/")

    @property
    def kind(self) -> str:
        return self.about.partition("/")[0]

    @property
    def key(self) -> str:
        return self.about.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a page of the library is about.

    Args:
        kind: the part of the address: limits, drugs, …
        key: as its address has it.
        home: what the base calls such a thing: limit, claim, row, …
        name: what names it within its file.
        title: what a person calls it.
        file: which file says it.
        state: how far that file has been checked.
        lines: every line that is said of it.
    """

    kind: str
    key: str
    home: str
    name: str
    title: str
    file: str
    state: ReviewState
    lines: tuple[Line, ...]

    @property
    def about(self) -> str:
        """The end of its address: what a contribution is about."""
        return f"{self.kind}/{self.key}"

    @property
    def entry(self) -> str:
        """It as it stands in the data file that ships; nothing where only a clinic's layer says it."""
        return entry(text_of(self.file), self.home, self.name)

    def sections(self) -> Iterator[tuple[str, list[Line]]]:
        """Yield the lines under headings: of a drug by topic, of anything else all of them under none."""
        left = list(self.lines)
        if self.home == "drug":
            for _anchor, title, topics in SECTIONS:
                found = [line for line in left if line.fact.kind in topics and line.fact.key.startswith(f"{self.key}/")]
                left = [line for line in left if line not in found]
                if found:
                    yield title, found
            left = [line for line in left if line.fact.kind in ("identity", "trait")]
        if left:
            yield "", left


def line(known: Knowledge, fact: Fact) -> Line:
    return Line(fact=fact, url=link_of(known, fact), source_url=link(known, "source", fact.source))


def thing(known: Knowledge, kind: str, key: str) -> Thing | None:
    """Return what has an address, or None where nothing has it.

    Args:
        known: the base, with or without a clinic's layer.
        kind: limits, drugs, …
        key: the rest of the address.
    """
    if kind not in KINDS:
        return None
    home, name, part = KINDS[kind][0], key, ""
    if kind in ("limits", "asks"):
        stem, _, name = key.partition("/")
        if PurePosixPath(known.home(f"{home}:{name}") or "").stem != stem:
            return None
    if kind in ("drugs", "equivalences"):
        name, _, part = key.partition("/")
    file = known.observations[name].file if kind == "observations" and name in known.observations else None
    file = file or known.home(f"{home}:{name}")
    if file is None:
        return None
    found = facts(known, f"{name}/{part}" if part and kind == "drugs" else name)
    if part:
        found = [each for each in found if each.key == f"{name}/{part}"]
        if not found:
            return None
    elif home != "drug":
        found = [each for each in found if link_of(known, each) in ("", link(known, home, name))] or found
    if part:
        home, name = ("claim" if kind == "drugs" else "row"), part
    elif home == "interaction":
        name = name.partition("/")[2]
    return Thing(
        kind=kind, key=key, home=home, name=name, title=title(known, kind, key), file=file, state=known.states[file],
        lines=tuple(line(known, each) for each in found),
    )  # fmt: skip


def title(known: Knowledge, kind: str, key: str) -> str:
    """Return what a person calls a thing."""
    name = key.partition("/")[0]
    if kind == "drugs" and "/" not in key:
        return known.drugs[name].name.capitalize()
    if kind == "products":
        product = known.products[key]
        return f"{product.drug} {product.says}, {product.name}, {product.country}"
    if kind == "sources":
        return known.sources[key].title
    if kind == "medicines":
        return known.medicines[key].name.capitalize()
    called = {
        "equivalences": lambda: known.equivalences[name].name,
        "protocols": lambda: known.protocols[key].name,
        "kinetics": lambda: known.kinetics[key].name,
        "conditions": lambda: known.conditions[key].name,
    }.get(kind)
    if called:
        return called() if "/" not in key else f"{called()}: {key.partition('/')[2]}"
    return key.replace("/", ": ")


_made: dict[tuple[str, dt.date], tuple[Line, ...]] = {}
_one_at_a_time = threading.Lock()


def index(known: Knowledge) -> tuple[Line, ...]:
    """Return every line of the base once, for searching and for telling where a source is used."""
    made = (known.digest, known.as_of)
    with _one_at_a_time:  # who comes second waits for what the first makes
        return _index(known, made)


def _index(known: Knowledge, made: tuple[str, dt.date]) -> tuple[Line, ...]:
    if made not in _made:
        while len(_made) >= KEPT:
            _made.pop(next(iter(_made)))
        found: dict[Fact, None] = {}
        for kind, keys in kinds(known).items():
            for key in keys:
                found.update(dict.fromkeys(each for each in facts(known, key) if kind != "drugs" or _own(key, each)))
        _made[made] = tuple(line(known, fact) for fact in found)
    return _made[made]


def _own(drug: str, fact: Fact) -> bool:
    return fact.key == drug or fact.key.startswith(f"{drug}/")
