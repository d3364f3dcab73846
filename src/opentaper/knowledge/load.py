"""Read the knowledge base from its files, closed schema and all; stop at the first thing that is wrong."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from opentaper.knowledge.advice import Advice, Phone
from opentaper.knowledge.equivalence import Equivalence
from opentaper.knowledge.facts import Condition, Drug, Medicine, Question
from opentaper.knowledge.interactions import Interaction
from opentaper.knowledge.limits import Ask, Convention, Limit
from opentaper.knowledge.products import Product
from opentaper.knowledge.protocols import Protocol
from opentaper.knowledge.risk import RiskTable
from opentaper.knowledge.signoff import ReviewState, Signoff, digest, review_state
from opentaper.knowledge.sources import Source
from opentaper.knowledge.table import FileError, KnowledgeError, Table, nearest

DATA = Path(__file__).parent / "data"
T = TypeVar("T")


def read_toml(path: Path, error: type[FileError] = KnowledgeError) -> dict[str, Any]:
    """Parse one TOML file, decimals exact.

    Raises:
        FileError: the file is missing, is not UTF-8, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if text.startswith("\ufeff"):
            raise error(path.name, "", "", "the file begins with a byte order mark; save it as plain UTF-8")
        return tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError:
        raise error(path.name, "", "", f"there is no file {path}") from None
    except IsADirectoryError:
        raise error(path.name, "", "", f"{path} is a folder, not a file") from None
    except UnicodeDecodeError:
        raise error(path.name, "", "", "the file is not UTF-8 text") from None
    except OSError as problem:
        raise error(path.name, "", "", f"the file cannot be read: {problem.strerror}") from None
    except tomllib.TOMLDecodeError as problem:
        raise error(path.name, "", "", f"the file is not valid TOML: {str(problem)[:200]}") from None
    except FileError:
        raise
    except (ValueError, RecursionError):
        raise error(
            path.name, "", "", "the file is not valid TOML: a number or a nesting in it is far too long"
        ) from None


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Everything that is known, as of one day; looked up by key."""

    as_of: dt.date
    sources: Mapping[str, Source]
    drugs: Mapping[str, Drug]
    medicines: Mapping[str, Medicine]
    products: Mapping[str, Product]
    equivalences: Mapping[str, Equivalence]
    limits: tuple[Limit, ...]
    asks: Mapping[str, Ask]
    conventions: Mapping[str, Convention]
    protocols: Mapping[str, Protocol]
    interactions: Mapping[str, Interaction]
    risk: RiskTable
    conditions: Mapping[str, Condition]
    questions: Mapping[str, Question]
    advice: Mapping[str, Advice]
    phones: Mapping[str, Phone]
    files: Mapping[str, str] = field(repr=False)
    """File name to the digest of its content."""
    states: Mapping[str, ReviewState] = field(repr=False)
    homes: Mapping[str, str] = field(repr=False)
    """"kind:key" to the file that says it."""

    @cached_property
    def digest(self) -> str:
        """One SHA-256 for the whole base: what a plan was made with."""
        return digest(dict(self.files))

    @cached_property
    def state(self) -> ReviewState:
        """The worst review state of any file: a chain is as checked as its weakest link."""
        order = list(ReviewState)
        return max(self.states.values(), key=order.index)

    def limits_on(self, measure: str) -> tuple[Limit, ...]:
        """Return every limit on one measure, in file order."""
        return tuple(limit for limit in self.limits if limit.measures == measure)

    def limit(self, measure: str) -> Limit:
        """Return the one limit on a measure: the strictest, where several authorities bound it.

        Raises:
            KeyError: nothing bounds it.
        """
        found = self.limits_on(measure)
        if not found:
            raise KeyError(f"no limit measures {measure}")
        strictest = max if found[0].bound == "at least" else min
        return strictest(found, key=lambda limit: limit.value)

    def convention(self, key: str) -> Convention:
        return self.conventions[key]

    @property
    def signed(self) -> int:
        """How many files carry a signature that counts today."""
        return sum(state is ReviewState.REVIEWED for state in self.states.values())

    @property
    def review_note(self) -> str:
        """How far the base has been checked, in words: for every output."""
        if self.state is ReviewState.REVIEWED or not self.signed:
            return self.state.says
        return f"pending review: {self.signed} of {len(self.states)} files are signed"

    def products_of(self, drug: str, country: str | None = None) -> tuple[Product, ...]:
        """Return the products of a drug, of one country or of all, in key order."""
        return tuple(
            product for product in self.products.values() if product.drug == drug and country in (None, product.country)
        )

    def tapered_drug(self, key: str) -> bool:
        return key in self.drugs and self.drugs[key].tapered

    def drug_names(self) -> tuple[str, ...]:
        """Every name by which a medicine may be called in a case."""
        return (*self.drugs, *self.medicines)


def load(as_of: dt.date, folder: Path = DATA) -> Knowledge:
    """Read the whole base as of a day.

    Args:
        as_of: the day on which review states are judged.
        folder: the data folder; a test or a clinic may bring its own.

    Raises:
        KnowledgeError: an unknown key, a duplicate, an unresolved reference, an unknown unit: with its place.
    """
    return _Reader(folder).knowledge(as_of)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.raw = {path.relative_to(folder).as_posix(): read_toml(path) for path in sorted(folder.rglob("*.toml"))}
        if not self.raw:
            raise KnowledgeError(str(folder), "", "", "there is no knowledge here")
        self.homes: dict[str, str] = {}

    def knowledge(self, as_of: dt.date) -> Knowledge:
        files = {name: digest(content) for name, content in self.raw.items() if name != "signoffs.toml"}
        signoffs = [Signoff.read(each) for each in self._list_in("signoffs.toml", "signoff")]
        for signoff in signoffs:
            if signoff.of not in files:
                raise KnowledgeError(
                    "signoffs.toml", "", signoff.of, "there is no such file", nearest(signoff.of, files)
                )
        known = Knowledge(
            as_of=as_of,
            sources=self._named("sources/", "source", Source.read),
            drugs=self._whole("drugs/", "drug", Drug.read, lambda drug: drug.key),
            medicines=self._rows("medicines.toml", "medicine", Medicine.read, lambda each: each.key),
            products=self._rows("products/", "product", Product.read, lambda each: each.key),
            equivalences=self._whole("equivalence/", "equivalence", Equivalence.read, lambda each: each.key),
            limits=tuple(self._limits().values()),
            asks=self._asks(),
            conventions=self._rows("limits/", "convention", Convention.read, lambda each: each.id, closed=False),
            protocols=self._whole("protocols/", "protocol", Protocol.read, lambda each: each.key),
            interactions=self._interactions(),
            risk=self._risk(),
            conditions=self._rows("screening/conditions.toml", "condition", Condition.read, lambda each: each.key),
            questions=self._rows("screening/questions.toml", "question", Question.read, lambda each: each.key),
            advice=self._rows("advice/", "advice", Advice.read, lambda each: each.id),
            phones=self._rows("phones.toml", "phone", Phone.read, lambda each: each.country),
            files=files,
            states={name: review_state(name, files[name], signoffs, as_of) for name in files},
            homes=self.homes,
        )
        _check_references(known)
        return known

    def _in(self, prefix: str) -> Iterable[tuple[str, dict[str, Any]]]:
        return ((name, content) for name, content in self.raw.items() if name.startswith(prefix))

    def _list_in(self, name: str, key: str) -> list[Table]:
        table = Table(self.raw.get(name, {}), name)
        rows = table.maybe_tables(key)
        table.done()
        return rows

    def _place(self, kind: str, key: str, file: str) -> None:
        if first := self.homes.get(f"{kind}:{key}"):
            raise KnowledgeError(file, kind, key, f"this key stands in {first} already")
        self.homes[f"{kind}:{key}"] = file

    def _named(self, prefix: str, kind: str, read: Callable[[str, Table], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        for name, content in self._in(prefix):
            for key, raw in content.items():
                self._place(kind, key, name)
                found[key] = read(key, Table(raw, name, f"[{key}]"))
        return found

    def _whole(self, prefix: str, kind: str, read: Callable[[Table], T], key_of: Callable[[T], str]) -> dict[str, T]:
        found: dict[str, T] = {}
        for name, content in self._in(prefix):
            item = read(Table(content, name))
            if key_of(item) != Path(name).stem:
                raise KnowledgeError(name, "", "key", f"{key_of(item)!r} is not the file's name")
            self._place(kind, key_of(item), name)
            found[key_of(item)] = item
        return found

    def _rows(
        self,
        prefix: str,
        kind: str,
        read: Callable[[Table], T],
        key_of: Callable[[T], str],
        *,
        closed: bool = True,
    ) -> dict[str, T]:
        found: dict[str, T] = {}
        for name, content in self._in(prefix):
            table = Table(content, name)
            rows = table.tables(kind) if closed else table.maybe_tables(kind)
            for row in rows:
                item = read(row)
                self._place(kind, key_of(item), name)
                found[key_of(item)] = item
            if closed:
                table.done()
        return found

    def _limits(self) -> dict[str, Limit]:
        found: dict[str, Limit] = {}
        for name, content in self._in("limits/"):
            table = Table(content, name)
            source = table.key("source")
            for row in table.maybe_tables("limit"):
                limit = Limit.read(row, source)
                self._place("limit", limit.id, name)
                found[limit.id] = limit
            for kind in ("ask", "convention"):
                table.has(kind)
            table.done()
        return found

    def _asks(self) -> dict[str, Ask]:
        found: dict[str, Ask] = {}
        for name, content in self._in("limits/"):
            table = Table(content, name)
            for row in table.maybe_tables("ask"):
                ask = Ask.read(row, table.key("source"))
                self._place("ask", ask.id, name)
                found[ask.id] = ask
        return found

    def _interactions(self) -> dict[str, Interaction]:
        found: dict[str, Interaction] = {}
        for name, content in self._in("interactions/"):
            table = Table(content, name)
            for row in table.tables("interaction"):
                interaction = Interaction.read(row)
                key = f"{Path(name).stem}/{interaction.id}"
                self._place("interaction", key, name)
                found[key] = interaction
            table.done()
        return found

    def _risk(self) -> RiskTable:
        tables = self._whole("risk/", "risk", RiskTable.read, lambda each: each.key)
        if len(tables) != 1:
            raise KnowledgeError("risk/", "", "", f"expected one risk table, found {len(tables)}")
        return next(iter(tables.values()))


def _check_references(known: Knowledge) -> None:
    """This function will refuse a base in which one file names something that no file defines."""
    drugs, anything = set(known.drugs), {*known.drugs, *known.medicines}
    sourced: list[tuple[str, str, str]] = [("risk", known.risk.key, known.risk.source)]
    for kind, items in (
        ("product", known.products), ("equivalence", known.equivalences), ("protocol", known.protocols),
        ("condition", known.conditions), ("question", known.questions), ("ask", known.asks),
        ("advice", known.advice), ("phone", known.phones),
    ):  # fmt: skip
        sourced += [(kind, key, item.source) for key, item in items.items()]
    sourced += [("limit", limit.id, limit.source) for limit in known.limits]
    sourced += [("interaction", key, each.source) for key, each in known.interactions.items()]
    for drug in known.drugs.values():
        sourced += [(f"drug {drug.key}", claim.id, claim.source) for claim in drug.claims]
        sourced += [(f"drug {drug.key}", each.value, each.source) for each in drug.identifiers]
        sourced += [(f"drug {drug.key}", each.name, each.source) for each in drug.traits]
    for kind, key, source in sourced:
        if source not in known.sources:
            raise KnowledgeError(kind, key, "source", f"{source!r} is defined nowhere", nearest(source, known.sources))
    both = sorted(set(known.drugs) & set(known.medicines))
    if both:
        raise KnowledgeError("medicines.toml", "", both[0], "it is a drug of this base already")
    named: list[tuple[str, str, str, set[str]]] = []
    named += [("product", each.key, each.drug, drugs) for each in known.products.values()]
    for table in known.equivalences.values():
        named += [("equivalence", table.key, row.drug, drugs) for row in table.rows]
    for key, each in known.interactions.items():
        named += [("interaction", key, other, anything) for other in each.others]
        named += [("interaction", key, victim, drugs | {"all"}) for victim in each.victims]
    for protocol in known.protocols.values():
        named += [("protocol", protocol.key, drug, drugs | {"all"}) for drug in protocol.drugs]
    for advice in known.advice.values():
        named += [("advice", advice.id, drug, drugs | {"all"}) for drug in advice.drugs]
    named += [("risk", known.risk.key, band.drug, drugs) for band in known.risk.dose_bands]
    for kind, key, name, allowed in named:
        if name not in allowed:
            raise KnowledgeError(kind, key, name, "this name is defined nowhere", nearest(name, allowed))
