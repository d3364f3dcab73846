"""One table of a TOML file, read against a closed schema.

A key that is not known, a value of the wrong kind, a word outside its list: each is refused with the file,
the table, the key, what was got and the nearest valid word. An open schema is how a mis-spelt limit comes to
be ignored for years.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any, Self, TypeVar

from opentaper.quantity import AmountError, Dose, Share, Span, exact, shown

T = TypeVar("T")

LONGEST_NAME = 120
LONGEST_TEXT = 2_000

_KEY = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", re.ASCII)


class FileError(ValueError):
    """A file that cannot be read without guessing: one sentence with file, table, key and a way out."""

    def __init__(self, file: str, table: str, key: str, problem: str, nearest: str = "") -> None:
        self.file, self.table, self.key, self.problem, self.nearest = file, table, key, problem, nearest
        file, table, key = (_plain(part) for part in (file, table, key))
        place = " ".join(part for part in (table, key) if part)
        hint = f' (did you mean "{nearest}"?)' if nearest else ""
        super().__init__(f"{file}: {place}: {problem}{hint}" if place else f"{file}: {problem}{hint}")


def _plain(part: str) -> str:
    """This function will keep a strange name from breaking the one line of an error."""
    return part if part.isprintable() and len(part) <= LONGEST_NAME else shown(part)


class KnowledgeError(FileError):
    """A knowledge file that breaks its schema; loading stops."""


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the valid word that a wrong one resembles most, or "" when none does.

    Example:
        >>> nearest("clonazapam", ["clonazepam", "diazepam"])
        'clonazepam'
    """
    from difflib import get_close_matches  # here, because a start in which nothing is wrong has no use for it

    known = {each.lower(): each for each in words}
    close = get_close_matches(word[:LONGEST_NAME].lower(), list(known), n=1)
    return known[close[0]] if close else ""


class Table:
    """A TOML table whose keys are taken one by one; `done` refuses whatever was left over."""

    def __init__(self, raw: object, file: str, name: str = "", error: type[FileError] = KnowledgeError) -> None:
        self.file, self.name, self.error = file, name, error
        if not isinstance(raw, dict | Mapping):  # nearly all are the first, which is told faster
            raise error(file, name, "", f"expected a table, got {_kind(raw)}")
        self._raw: Mapping[str, Any] = raw
        self._known: set[str] = set()

    def fail(self, key: str, problem: str, nearest_word: str = "") -> FileError:
        """Return the error for one key of this table."""
        return self.error(self.file, self.name, key, problem, nearest_word)

    def has(self, key: str) -> bool:
        self._known.add(key)
        return key in self._raw

    def take(self, key: str) -> Any:
        """Return a value as it stands in the file.

        Raises:
            FileError: the key is missing.
        """
        self._known.add(key)
        try:
            return self._raw[key]
        except KeyError:
            raise self._missing(key) from None

    def _missing(self, key: str) -> FileError:
        wrong = nearest(key, self._raw)
        known = f'; there is "{wrong}", which is not a key here' if wrong else ""
        return self.fail(key, f"this key is missing{known}")

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"expected text, got {_kind(value)}")
        if len(value) > LONGEST_TEXT:
            raise self.fail(key, f"this text is far too long: {shown(value)}")
        if not value.isprintable():
            raise self.fail(key, f"expected one line of plain text, got {shown(value)}")
        return value

    def key(self, key: str) -> str:
        value = self.text(key)
        if not _KEY.fullmatch(value):
            raise self.fail(key, f"{shown(value)} is not a key: lower-case letters, digits, hyphens and points")
        return value

    def choice(self, key: str, words: Collection[str]) -> str:
        value = self.take(key)
        if isinstance(value, str) and value in words:
            return value
        listed = ", ".join(words) if len(words) <= 12 else f"{len(words)} known words"
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"expected text, got {_kind(value)}; allowed: {listed}")
        raise self.fail(key, f"{shown(value)} is not known here; allowed: {listed}", nearest(value, words))

    def whole(self, key: str, least: int = 0, most: int = 10**6) -> int:
        value = self.take(key)
        if type(value) is not int or not least <= value <= most:
            raise self.fail(key, f"expected a whole number from {least} to {most}, got {_kind(value)}")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.fail(key, f"expected true or false, got {_kind(value)}")
        return value

    def date(self, key: str) -> dt.date:
        value = self.take(key)
        if type(value) is not dt.date:
            raise self.fail(key, f"expected a date such as 2026-12-01 without quotes, got {_kind(value)}")
        return value

    def number(self, key: str) -> Fraction:
        return self._exact(key, exact)

    def dose(self, key: str) -> Dose:
        return self._exact(key, Dose.read)

    def share(self, key: str) -> Share:
        return self._exact(key, Share.read)

    def milligrams(self, key: str) -> Dose:
        """Read a number whose key ends in _mg."""
        return Dose(self.number(key))

    def span(self, key: str, least: int = 0) -> Span:
        return Span(self.whole(key, least=least, most=3_660))

    def _exact(self, key: str, read: Callable[[str], T]) -> T:
        value = self.take(key)
        try:
            return read(value)
        except AmountError as problem:
            raise self.fail(key, str(problem)) from None

    def maybe(self, read: Callable[[str], T], key: str) -> T | None:
        """Return `read(key)`, or None when the key is absent: absent is unknown, never a default."""
        return read(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fail(key, f"expected a list of texts, got {_kind(value)}")
        if not all(item.isprintable() and len(item) <= LONGEST_TEXT for item in value):
            raise self.fail(key, "expected a list of plain texts, each on one line")
        if len(set(value)) != len(value):
            raise self.fail(key, "the same word stands in it twice")
        return tuple(value)

    def table(self, key: str) -> Self:
        return type(self)(self.take(key), self.file, f"{self.name} [{key}]".strip(), self.error)

    def tables(self, key: str) -> list[Self]:
        value = self.take(key)
        if not isinstance(value, list):
            raise self.fail(key, f"expected a list of tables, got {_kind(value)}")
        return [
            type(self)(raw, self.file, f"{self.name} [[{key}]] {number}".strip(), self.error)
            for number, raw in enumerate(value, start=1)
        ]

    def maybe_tables(self, key: str) -> list[Self]:
        return self.tables(key) if self.has(key) else []

    def done(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._raw:
            if key not in self._known:
                raise self.fail(key or '""', "this key is not known here", nearest(key, self._known))


def _kind(value: object) -> str:
    names = {dict: "a table", list: "a list", str: "the text ", int: "the number ", bool: ""}
    if type(value) in (dict, list):
        return names[type(value)]
    return f"{names.get(type(value), '')}{shown(value)}"
