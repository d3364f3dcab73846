"""Catalogues as Django reads them, made from catalogues as translators keep them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def compiled(source: Path, into: Path) -> Path:
    """Compile the catalogues of a folder where that has not been done, and return where they lie.

    The folder is named by what the catalogues say, so that no compiled copy is ever out of date, and an older program
    beside this one keeps its own.

    Args:
        source: where each language has LC_MESSAGES/django.po.
        into: a folder that we may write to.
    """
    found = sorted(source.glob("*/LC_MESSAGES/*.po"))
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]
    place = into / mark
    for path in found:
        target = place / path.relative_to(source).with_suffix(".mo")
        if not target.exists():
            _compile(path, target)
    return place


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name)
    # Several processes may start at once: each writes its own, and the last one stays; all say the same.
    handle, made = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalogue)
    Path(made).replace(target)
