"""The base of knowledge that the clinic runs with, and those that earlier decisions were made with."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import uuid
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from opentaper.clinic.cases.models import Base
from opentaper.clinic.library.layer import base_of, laid, recent
from opentaper.clinic.library.shipped import shipped
from opentaper.knowledge import DATA, Knowledge, KnowledgeError, load
from opentaper.knowledge.layer import FILE, SIGNOFFS

EPOCH = (1980, 1, 1, 0, 0, 0)


class NoBaseError(Exception):
    """A base that a decision was made with was not kept, or is not what was kept."""


def today() -> dt.date:
    """Return the day for which review states are asked where no clinic is meant."""
    return timezone.localdate()


def now(today: dt.date, clinic: uuid.UUID | None = None, using: str | None = None) -> Knowledge:
    """Return the base as it ships with this program, with its review states of a day; for a clinic, with its own layer."""
    return base_of(clinic, today, using) if clinic else shipped(today)


def keep(digest: str, today: dt.date, folder: Path = DATA) -> None:
    """Keep the files of a base, a clinic's layer with them, unless they are kept already.

    Args:
        digest: of the base as it ships, or of one that this process laid a layer over.
        today: the day for which it was read.
        folder: where the files that ship lie.

    Raises:
        NoBaseError: the files are others by now; the program was updated while it ran.
    """
    if not Base.objects.filter(digest=digest).exists():
        found = recent(digest, today)
        files = packed(folder, found[1] if found else ())
        _read(files, digest, today)
        Base.objects.bulk_create([Base(digest=digest, files=files)], ignore_conflicts=True)


def packed(folder: Path, layer: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return every file of a base in one archive, a clinic's layer last: the same bytes for the same files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.toml")):
            archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH), path.read_bytes())
        for name, text in layer:
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text.encode())
    return whole.getvalue()


def kept(digest: str, as_of: dt.date) -> Knowledge:
    """Return a base from what lies in the database of it, even if it is the present one.

    Raises:
        NoBaseError: it was not kept, or is not what was kept.
    """
    try:
        files = bytes(Base.objects.values_list("files", flat=True).get(digest=digest))
    except ObjectDoesNotExist:
        raise NoBaseError(f"the base {digest[:12]} was not kept") from None
    return _read(files, digest, as_of)


def _read(files: bytes, digest: str, as_of: dt.date) -> Knowledge:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(io.BytesIO(files)) as archive:
                archive.extractall(folder)
            found = load(as_of, Path(folder))
        except (zipfile.BadZipFile, KnowledgeError) as problem:
            raise NoBaseError(f"the base {digest[:12]} cannot be read ({type(problem).__name__})") from None
        itself = found.digest == digest  # asked while the files are there; so are the figures that are kept apart
        found.observations  # noqa: B018
    if not itself:
        raise NoBaseError(f"the base {digest[:12]} is not what was kept: it reads as {found.digest[:12]}")
    return found


def of(digest: str, today: dt.date) -> Knowledge:
    """Return the base of a digest: the present one, one that a clinic's layer was laid over, or one that was kept.

    Raises:
        NoBaseError: it was not kept, or is not what was kept.
    """
    present = now(today)
    if present.digest == digest:
        return present
    found = recent(digest, today)
    return found[0] if found else _once(digest, today)


@lru_cache(maxsize=32)
def _once(digest: str, today: dt.date) -> Knowledge:
    """This function will read a base that was kept; where it is the present one but for a layer, only that is read."""
    layer = _layer(digest)
    if layer and (found := laid(layer, today)).digest == digest:
        return found
    return kept(digest, today)


def _layer(digest: str) -> tuple[tuple[str, str], ...]:
    """This function will return the files of the layer of a base that was kept; none where it has none."""
    try:
        files = bytes(Base.objects.values_list("files", flat=True).get(digest=digest))
        with zipfile.ZipFile(io.BytesIO(files)) as archive:
            names = [name for name in (FILE, SIGNOFFS) if name in archive.namelist()]
            return tuple((name, archive.read(name).decode()) for name in names)
    except (ObjectDoesNotExist, zipfile.BadZipFile, UnicodeDecodeError):
        return ()
