"""Parsed files kept from one start to the next, so that TOML is read once and not at every start.

What is kept is found by the bytes of the files: another byte, and it is parsed anew. So nothing kept is ever stale, and
whatever is missing, cut short, damaged or of another shape is as good as nothing kept. A folder that cannot be written
to keeps nothing. What was parsed is judged afterwards like what is parsed now: schema, references and digests see no
difference.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

SHAPE = "1"
"""Of the kept file; another shape has another name."""

Content = dict[str, Any]


def parsed(
    files: Mapping[str, bytes], parse: Callable[[str, bytes], Content], place: str, folder: Path | None
) -> dict[str, Content]:
    """Return every file parsed, from the folder where it was kept there.

    Args:
        files: the bytes of each file, by its name.
        parse: parses one, and may refuse it; nothing is kept of files of which one was refused.
        place: where the files lie; files of another place are kept apart, so that two installations do not take turns.
        folder: where parsed files are kept; None keeps nothing.
    """
    if folder is None:
        return {name: parse(name, content) for name, content in files.items()}
    path = folder / f"knowledge-{SHAPE}-{_mark(f'{sys.version} {place}'.encode())[:16]}.json"
    marks = {name: _mark(content) for name, content in files.items()}
    kept = _read(path)
    known = {name: kept[name][1] for name, mark in marks.items() if name in kept and kept[name][0] == mark}
    found = {name: known[name] if name in known else parse(name, content) for name, content in files.items()}
    fresh = {name: content for name, content in found.items() if name not in known and _plain(content)}
    if fresh or kept.keys() - known.keys():
        _write(path, {name: [marks[name], content] for name, content in {**known, **fresh}.items()})
    return found


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(content: object) -> bool:
    """This function will say whether JSON gives content back as it was: dates and decimals it would not."""
    if isinstance(content, dict):
        return all(isinstance(key, str) and _plain(value) for key, value in content.items())
    if isinstance(content, list):
        return all(map(_plain, content))
    return isinstance(content, str | int)


def _read(path: Path) -> dict[str, tuple[str, Content]]:
    """This function will return what was kept, by name with the mark of its bytes; nothing where any of it is in doubt."""
    try:
        mark, _, content = path.read_bytes().partition(b"\n")
        if mark.decode("ascii") != _mark(content):
            return {}
        kept = json.loads(content)
        return {name: (str(each[0]), dict(each[1])) for name, each in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return {}


def _write(path: Path, kept: Mapping[str, list[Any]]) -> None:
    """This function will put a whole file in the place of another at once, so that nobody ever reads half of one."""
    content = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(unfinished, "xb", opener=_private) as file:
                file.write(_mark(content).encode() + b"\n" + content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
