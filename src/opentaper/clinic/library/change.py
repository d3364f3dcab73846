"""Changes to the data files: applied to their text, held against the whole schema, and written as a diff that `git apply` takes.

Nothing here writes to what ships: a changed base is loaded from a folder of its own, which is gone afterwards.
"""

from __future__ import annotations

import datetime as dt
import difflib
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from opentaper.clinic.library.shipped import text_of
from opentaper.frozen import dataclass
from opentaper.knowledge import DATA, KnowledgeError, ReviewState, load

WHERE = "src/opentaper/knowledge/data/"
SOURCES = "sources/contributed.toml"
SIGNOFFS = "signoffs.toml"


class ConflictError(ValueError):
    """The entry that a change is for does not stand in the file any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of a file, before and after; with nothing before, it is added at the end."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a changed base is: the digest and the review state of each of its files, and the keys of its sources."""

    files: Mapping[str, str]
    states: Mapping[str, ReviewState]


def place(text: str, block: str) -> int:
    """Return where whole lines stand in a text as an entry of their own, or -1."""
    at = text.find(block)
    while at >= 0:
        rest = text[at + len(block) :].lstrip("\n")
        if (at == 0 or text[at - 1] == "\n") and (not rest or rest.startswith(("[", "#"))):
            return at
        at = text.find(block, at + 1)
    return -1


def applied(text: str, change: Change) -> str:
    """Return a file with a change; as it is, where the change stands in it already.

    Raises:
        ConflictError: the entry has become another one.
    """
    if change.after.strip() and place(text, change.after) >= 0:
        return text
    if not change.before:
        return f"{text}\n{change.after}" if text else change.after
    at = place(text, change.before)
    if at < 0:
        raise ConflictError(f"the entry in {change.file} is not what it was when this was proposed")
    return text[:at] + change.after + text[at + len(change.before) :]


def changed(changes: Iterable[Change]) -> dict[str, str]:
    """Return the new text of every file that some changes, one after the other, make another one.

    Raises:
        ConflictError: an entry has become another one.
    """
    texts: dict[str, str] = {}
    for change in changes:
        texts[change.file] = applied(texts.get(change.file, text_of(change.file)), change)
    return {file: text for file, text in texts.items() if text != text_of(file)}


def judged(texts: Mapping[str, str], today: dt.date) -> Judged:
    """Return what the base would be with other texts: loaded whole, as if it shipped.

    Raises:
        KnowledgeError: it breaks its schema, or names what nothing defines.
    """
    return _judged(tuple(sorted(texts.items())), today)


@lru_cache(maxsize=16)
def _judged(texts: tuple[tuple[str, str], ...], today: dt.date) -> Judged:
    with tempfile.TemporaryDirectory() as whole:
        folder = Path(whole) / "data"
        shutil.copytree(DATA, folder)
        for file, text in texts:
            path = folder / file
            if not path.resolve().is_relative_to(folder.resolve()):
                raise KnowledgeError(file, "", "", "this is not a file of the base")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        found = load(today, folder)
        found.observations  # noqa: B018
        return Judged(files=dict(found.files), states=dict(found.states))


def diff(texts: Mapping[str, str]) -> str:
    """Return the difference to what ships, for `git apply` at the top of a checkout."""
    return "".join(_diff(file, text) for file, text in sorted(texts.items()))


def _diff(file: str, text: str) -> str:
    before, name = text_of(file), f"{WHERE}{file}"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        text.splitlines(keepends=True),
        f"a/{name}" if before else "/dev/null",
        f"b/{name}",
    )
    head = f"diff --git a/{name} b/{name}\n" + ("" if before else "new file mode 100644\n")
    return head + "".join(lines)


def shown(change: Change) -> list[tuple[str, str]]:
    """Return the lines of a change for reading: what each is (kept, out, in), and its text."""
    kinds = {" ": "kept", "-": "out", "+": "in"}
    lines = difflib.ndiff(change.before.splitlines(), change.after.splitlines())
    return [(kinds[line[0]], line[2:]) for line in lines if line[0] in kinds]
