"""Read the knowledge base from its files, closed schema and all; stop at the first thing that is wrong."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from opentaper.knowledge.adaptation import Adaptation
from opentaper.knowledge.advice import Advice, Phone
from opentaper.knowledge.cache import parsed
from opentaper.knowledge.effects import EffectModel, Potency
from opentaper.knowledge.equivalence import Equivalence
from opentaper.knowledge.facts import Condition, Drug, Medicine, Question
from opentaper.knowledge.interactions import Interaction
from opentaper.knowledge.kinetics import KineticModel
from opentaper.knowledge.known import Knowledge
from opentaper.knowledge.lay import lay_again
from opentaper.knowledge.layer import FILE as LAYER
from opentaper.knowledge.layer import SIGNOFFS as LAYER_SIGNOFFS
from opentaper.knowledge.limits import Ask, Convention, Limit
from opentaper.knowledge.products import Product
from opentaper.knowledge.protocols import Protocol
from opentaper.knowledge.references import check_observations, check_references
from opentaper.knowledge.risk import RiskTable
from opentaper.knowledge.signoff import Digests, Signoff, digest, digest_of_bytes, review_state
from opentaper.knowledge.sources import Source
from opentaper.knowledge.table import FileError, KnowledgeError, Table, nearest
from opentaper.knowledge.validation import Observation, read_study

DATA = Path(__file__).parent / "data"
APART = "validation/"
BESIDE = ("signoffs.toml", LAYER, LAYER_SIGNOFFS)
"""Files that are no part of what ships, or sign it."""
T = TypeVar("T")


def read_toml(path: Path, error: type[FileError] = KnowledgeError) -> dict[str, Any]:
    """Parse one TOML file, decimals exact.

    Raises:
        FileError: the file is missing, is not UTF-8, or is not TOML.
    """
    return parse_toml(path.name, _bytes_of(path, error), error)


def _bytes_of(path: Path, error: type[FileError] = KnowledgeError) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise error(path.name, "", "", f"there is no file {path}") from None
    except IsADirectoryError:
        raise error(path.name, "", "", f"{path} is a folder, not a file") from None
    except OSError as problem:
        raise error(path.name, "", "", f"the file cannot be read: {problem.strerror}") from None


def parse_toml(name: str, content: bytes, error: type[FileError] = KnowledgeError) -> dict[str, Any]:
    """Parse the content of one TOML file, decimals exact.

    Raises:
        FileError: it is not UTF-8, or is not TOML.
    """
    try:
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        if text.startswith("\ufeff"):
            raise error(name, "", "", "the file begins with a byte order mark; save it as plain UTF-8")
        return tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise error(name, "", "", "the file is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as problem:
        raise error(name, "", "", f"the file is not valid TOML: {str(problem)[:200]}") from None
    except FileError:
        raise
    except (ValueError, RecursionError):
        raise error(name, "", "", "the file is not valid TOML: a number or a nesting in it is far too long") from None


def load(as_of: dt.date, folder: Path = DATA, *, kept: Path | None = None) -> Knowledge:
    """Read the whole base as of a day.

    Args:
        as_of: the day on which review states are judged.
        folder: the data folder; a test or a clinic may bring its own.
        kept: a folder in which parsed files are kept for the next start; by itself nothing is kept. What is read is the
            same either way.

    Raises:
        KnowledgeError: an unknown key, a duplicate, an unresolved reference, an unknown unit: with its place.
    """
    return _Reader(folder, kept).knowledge(as_of)


class _Reader:
    def __init__(self, folder: Path, kept: Path | None) -> None:
        paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.toml"))}
        self.apart = {name: path for name, path in paths.items() if name.startswith(APART)}
        read = {name: _bytes_of(path) for name, path in paths.items() if name not in self.apart}
        self.raw = parsed(read, lambda name, content: parse_toml(paths[name].name, content), str(folder), kept)
        if not self.raw:
            raise KnowledgeError(str(folder), "", "", "there is no knowledge here")
        self.homes: dict[str, str] = {}

    def knowledge(self, as_of: dt.date) -> Knowledge:
        told = {name: partial(digest, content) for name, content in self.raw.items() if name not in BESIDE}
        files = Digests({**told, **{name: partial(_digest_of_file, path) for name, path in self.apart.items()}})
        signoffs = [Signoff.read(each) for each in self._list_in("signoffs.toml", "signoff")]
        for signoff in signoffs:
            if signoff.of not in files:
                raise KnowledgeError(
                    "signoffs.toml", "", signoff.of, "there is no such file", nearest(signoff.of, files)
                )
        potencies = self._potencies()
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
            risk=self._only("risk/", "risk", RiskTable.read, lambda each: each.key),
            conditions=self._rows("screening/conditions.toml", "condition", Condition.read, lambda each: each.key),
            questions=self._rows("screening/questions.toml", "question", Question.read, lambda each: each.key),
            advice=self._rows("advice/", "advice", Advice.read, lambda each: each.id),
            phones=self._rows("phones.toml", "phone", Phone.read, lambda each: each.country),
            kinetics=self._whole("kinetics/", "kinetics", KineticModel.read, lambda each: each.key),
            effects=self._whole("effects/", "effect", EffectModel.read, lambda each: each.key),
            potencies={each.analyte: each for each in potencies if each.chosen},
            rival_potencies=tuple(each for each in potencies if not each.chosen),
            adaptation=self._only("adaptation.toml", "adaptation", Adaptation.read, lambda each: each.key),
            apart=self.apart,
            files=files,
            states={name: review_state(name, files, signoffs, as_of) for name in files},
            observe=_observations,
            homes=self.homes,
        )
        check_references(known)
        return self._laid(known)

    def _laid(self, known: Knowledge) -> Knowledge:
        """This function will lay a clinic's layer over the base, where its file lies beside the others."""
        signoffs = [Signoff.read(each) for each in self._list_in(LAYER_SIGNOFFS, "signoff")]
        for each in signoffs:
            if each.of != LAYER:
                raise KnowledgeError(LAYER_SIGNOFFS, "", each.of, f"a clinic signs {LAYER} here, and nothing else")
        return lay_again(known, self.raw[LAYER], signoffs) if LAYER in self.raw else known

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

    def _only(self, prefix: str, kind: str, read: Callable[[Table], T], key_of: Callable[[T], str]) -> T:
        tables = self._whole(prefix, kind, read, key_of)
        if len(tables) != 1:
            raise KnowledgeError(prefix, "", "", f"expected one table of {kind}, found {len(tables)}")
        return next(iter(tables.values()))

    def _potencies(self) -> list[Potency]:
        name = "potencies.toml"
        potencies = [Potency.read(each) for each in self._list_in(name, "potency")]
        for each in potencies:
            if each.chosen:
                self._place("potency", each.analyte, name)
        for each in potencies:
            if f"potency:{each.analyte}" not in self.homes:
                raise KnowledgeError(name, "potency", each.analyte, "none of its potencies is the chosen one")
        return potencies


def _digest_of_file(path: Path) -> str:
    return digest_of_bytes(path.read_bytes())


def _observations(known: Knowledge) -> dict[str, Observation]:
    """This function will read what was kept apart, and hold its references against the base."""
    found: dict[str, Observation] = {}
    for name, path in known.apart.items():
        table = Table(read_toml(path), name)
        for each in (each for study in table.tables("study") for each in read_study(study, name)):
            if first := found.get(each.id):
                raise KnowledgeError(name, "observation", each.id, f"this key stands in {first.file} already")
            found[each.id] = each
        table.done()
    check_observations(known, found.values())
    return found
