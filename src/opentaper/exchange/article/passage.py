"""What an article is made of: sentences and cells that carry their source, its place, confidence and review state."""

from __future__ import annotations

from collections.abc import Iterable

from opentaper.exchange.article.fact import Fact
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, ReviewState

HOW_READ = {
    "itself": "read itself",
    "abstract": "only its abstract was read",
    "copy": "read in a copy",
    "secondary": "read as another source quotes it",
    "memory": "unverified: recalled, not read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a figure carries: the number of its source in the list, the place in it, and how sure the reading is."""

    number: int
    use: int
    source: str
    at: str
    trust: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence, or one cell of a table, with what it carries."""

    text: str
    figure: str = ""
    small: tuple[str, ...] = ()
    but: str = ""
    mark: Mark | None = None
    to: str = ""
    """The anchor of the group in which the claim is set against those that dispute it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Sentences or a table from one file of the base, or a line of ours that carries no figure."""

    title: str = ""
    anchor: str = ""
    intro: tuple[Said, ...] = ()
    file: str = ""
    state: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Said, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading of the article."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A source as the article lists it, with every place that leads to it."""

    number: int
    key: str
    text: str
    doi: str
    kind: str
    read: str
    verified: bool
    note: str
    file: str
    state: str
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNote:
    """A file that the article stands on: how far it is checked, and the command that names its digest."""

    name: str
    state: str
    reviewed: bool
    command: str


class Citations:
    """Numbers each source where it is first used, counts its uses, and remembers the files that were drawn on."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.uses: dict[str, int] = {}
        self.files: set[str] = set()

    def state(self, file: str) -> str:
        return self.known.states[file].says

    def mark(self, fact: Fact, *, at: str | None = None) -> Mark:
        self.uses[fact.source] = self.uses.get(fact.source, 0) + 1
        self.files |= {fact.file, self.known.homes[f"source:{fact.source}"]}
        trust = fact.confidence
        if not fact.verified:
            trust = "unverified: assumed" if trust == "low" else "unverified: recalled"
        return Mark(
            number=list(self.uses).index(fact.source) + 1,
            use=self.uses[fact.source],
            source=fact.source,
            at=fact.at if at is None else at,
            trust=trust,
            verified=fact.verified,
        )

    def value(self, text: str, fact: Fact, *small: str, at: str | None = None) -> Said:
        return Said(text=text, small=tuple(part for part in (*small, fact.note) if part), mark=self.mark(fact, at=at))

    def reference(self, key: str, place: int) -> Reference:
        source = self.known.sources[key]
        file = self.known.homes[f"source:{key}"]
        return Reference(
            number=place, key=key, text=f"{stopped(source.title)} {source.by}, {source.year}.", doi=source.doi or "",
            kind=source.kind, read=HOW_READ[source.read_as], verified=source.read_as != "memory",
            note=source.note or "", file=file, state=self.state(file), uses=self.uses[key],
        )  # fmt: skip

    def file(self, name: str) -> FileNote:
        state = self.known.states[name]
        key = next(home.split(":", 1)[1] for home, file in self.known.homes.items() if file == name)
        return FileNote(
            name=name, state=state.says, reviewed=state is ReviewState.REVIEWED,
            command=f"opentaper facts {key} --format json",
        )  # fmt: skip


def texts(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def listed(words: Iterable[str]) -> str:
    """Say a list: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
