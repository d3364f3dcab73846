"""One entry of a data file as it stands there: the lines from its heading to the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opentaper.knowledge import KnowledgeError, parse_toml

HEADING = re.compile(r"^\[{1,2}([A-Za-z0-9_.\"-]+)\]{1,2}[ \t]*(?:#.*)?$")

NAMED = {
    "product": "key", "limit": "id", "ask": "id", "convention": "id", "interaction": "id", "claim": "id",
    "row": "drug", "medicine": "key", "condition": "key", "question": "key", "advice": "id", "phone": "country",
}  # fmt: skip
"""What names an entry of a kind among others of its file; what is not here is a file of its own."""


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield each entry of a file: the name in its heading, and its lines. Tables inside it belong to it."""
    name, lines = "", list[str]()
    for line in text.splitlines(keepends=True):
        found = HEADING.match(line.rstrip("\n"))
        if found and not (name and found[1].startswith(f"{name}.")):
            if name:
                yield name, _trimmed(lines)
            name, lines = found[1], []
        lines.append(line)
    if name:
        yield name, _trimmed(lines)


def entry(text: str, kind: str, key: str) -> str:
    """Return the lines of one entry, or the whole file where it is one thing; nothing where the file lacks it.

    Args:
        text: of the file.
        kind: as the base calls it: limit, product, claim, source, drug, …
        key: what names it within the file.
    """
    if kind == "source":
        return next((lines for name, lines in entries(text) if name == key), "")
    if kind not in ("potency", "observation", *NAMED):
        return text
    return next((lines for name, lines in entries(text) if _is(kind, key, name, lines)), "")


def _is(kind: str, key: str, name: str, lines: str) -> bool:
    """This function will say whether an entry is the one that is looked for."""
    if name != ("study" if kind == "observation" else kind):
        return False
    table = _table(name, lines)
    if kind == "observation":
        return any(each.get("id") == key for each in table.get("observation", []))
    if kind == "potency":
        return table.get("analyte") == key and bool(table.get("chosen"))
    return table.get(NAMED[kind]) == key


def _table(name: str, lines: str) -> Mapping[str, Any]:
    try:
        found = parse_toml("entry", lines.encode()).get(name)
    except KnowledgeError:
        return {}
    return found[0] if isinstance(found, list) and found else {}


def _trimmed(lines: list[str]) -> str:
    """This function will leave out what stands before the next heading: empty lines, and comments about what follows."""
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines = lines[:-1]
    return "".join(lines)
