"""The base of knowledge that the clinic runs with, and those that earlier decisions were made with."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from opentaper.clinic.cases.models import Base
from opentaper.knowledge import DATA, Knowledge, KnowledgeError, load

EPOCH = (1980, 1, 1, 0, 0, 0)


class NoBaseError(Exception):
    """A base that a decision was made with was not kept, or is not what was kept."""


def today() -> dt.date:
    """Return the day for which review states are asked where no clinic is meant."""
    return timezone.localdate()


@lru_cache(maxsize=4)
def now(today: dt.date) -> Knowledge:
    """Return the base as it ships with this program, with its review states of a day."""
    return load(today)


def keep(known: Knowledge, folder: Path = DATA) -> None:
    """Keep the files of a base, unless they are kept already.

    Args:
        known: the base, which was read from the folder.
        folder: where its files lie.

    Raises:
        NoBaseError: the files are others by now; the program was updated while it ran.
    """
    if not Base.objects.filter(digest=known.digest).exists():
        files = packed(folder)
        _read(files, known.digest, known.as_of)
        Base.objects.bulk_create([Base(digest=known.digest, files=files)], ignore_conflicts=True)


def packed(folder: Path) -> bytes:
    """Return every file of a base in one archive: the same bytes for the same files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.toml")):
            archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH), path.read_bytes())
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


_once = lru_cache(maxsize=8)(kept)


def of(digest: str, today: dt.date) -> Knowledge:
    """Return the base of a digest: the present one, or one that was kept.

    Raises:
        NoBaseError: it was not kept, or is not what was kept.
    """
    present = now(today)
    return present if present.digest == digest else _once(digest, today)
