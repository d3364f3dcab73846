"""Heads of clinics, signed and kept elsewhere: by them a cut tail and a chain that was made anew are seen.

One JSON object a line:
    {"at": …, "clinic": …, "hash": …, "key": …, "place": …, "schema": "opentaper.head/1", "signature": …}
The signature (Ed25519, hexadecimal) is over the same object without it, keys sorted, no spaces.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from opentaper.clinic.cases.models import Row
from opentaper.clinic.cases.record import chain
from opentaper.clinic.people.models import Clinic
from opentaper.clinic.upkeep.key import PUBLIC, KeyFileError, Keys, add, name_of, publish, signing_key, trusted
from opentaper.record import Broken, Head, Link, verify

SCHEMA = "opentaper.head/1"
HASH = re.compile(r"[0-9a-f]{64}")


class HeadError(Exception):
    """Heads cannot be read or written; one sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """What a file of heads says.

    Args:
        newest: of each clinic the head that reaches farthest, among those whose signature holds.
        problems: a sentence for each line that does not hold, or goes backwards.
    """

    newest: Mapping[str, Head]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was signed and where it was added, and what was not signed and why."""

    path: Path
    heads: tuple[Head, ...]
    problems: tuple[str, ...]


def _told(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def line_of(head: Head, at: dt.datetime, key: Ed25519PrivateKey) -> str:
    """Return a signed head as one line."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "clinic": head.clinic,
        "place": head.place,
        "hash": head.hash,
        "at": at.isoformat(timespec="seconds"),
        "key": name_of(key.public_key()),
    }
    return _told({**content, "signature": key.sign(_told(content).encode()).hex()}) + "\n"


def head_of(line: str, keys: Keys) -> Head:
    """Return the head of a line.

    Raises:
        HeadError: it is none, or its signature does not hold.
    """
    try:
        content = json.loads(line)
        signature = content.pop("signature", None)
        head = Head(clinic=str(uuid.UUID(content["clinic"])), place=content["place"], hash=content["hash"])
        whole = content["schema"] == SCHEMA and type(head.place) is int and head.place >= 0
        whole = whole and HASH.fullmatch(head.hash) is not None
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise HeadError("is no head")
    if not isinstance(signature, str):
        raise HeadError("is not signed")
    key = keys.get(str(content.get("key")))
    if key is None:
        raise HeadError("is signed with a key that is not trusted here")
    try:
        key.verify(bytes.fromhex(signature), _told(content).encode())
    except (InvalidSignature, ValueError):
        raise HeadError("has a signature that does not hold: it is not what was exported") from None
    return head


def read(lines: Iterable[str], keys: Keys) -> Heads:
    """Return what lines of heads say; a line that does not hold is a problem and never counts."""
    newest: dict[str, Head] = {}
    seen: dict[tuple[str, int], str] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            head = head_of(line, keys)
        except HeadError as problem:
            problems.append(f"line {number} of the heads {problem}")
            continue
        far = newest.get(head.clinic)
        if seen.setdefault((head.clinic, head.place), head.hash) != head.hash:
            problems.append(f"line {number} of the heads says another hash of row {head.place} than a line before it")
        elif far and head.place < far.place:
            problems.append(
                f"line {number} of the heads goes backwards: row {head.place}, after row {far.place} was exported"
            )
        if far is None or head.place > far.place:
            newest[head.clinic] = head
    return Heads(newest=newest, problems=tuple(problems))


def read_file(path: Path, keys: Keys) -> Heads:
    """Return what a file of heads says.

    Raises:
        HeadError: it cannot be read.
    """
    try:
        return read(path.read_text(encoding="utf-8").splitlines(), keys)
    except (OSError, UnicodeDecodeError) as problem:
        raise HeadError(f"{path}: the heads cannot be read ({type(problem).__name__})") from None


def keys_for(heads: Path, named: Path | None = None) -> Keys:
    """Return the public keys to check heads by: those named, those of this clinic, or those beside the heads.

    Raises:
        HeadError: there are none.
    """
    for path in [named] if named else [settings.DATA / PUBLIC, heads.parent / PUBLIC]:
        if named or path.exists():
            try:
                return trusted(path)
            except KeyFileError as problem:
                raise HeadError(str(problem)) from None
    raise HeadError(f"{heads}: there is no {PUBLIC} to check these heads by, here or beside them; name it with --key")


def kept(key: Path | None = None) -> Heads:
    """Return what this clinic exported so far.

    Args:
        key: public keys to check it by, instead of those of this clinic.

    Raises:
        HeadError: it cannot be read.
    """
    path: Path = settings.HEADS
    if path.exists():
        return read_file(path, keys_for(path, key))
    if (settings.DATA / PUBLIC).exists():
        return Heads(newest={}, problems=(f"heads were signed here before, and {path} is gone",))
    return Heads(newest={})


def clinics() -> dict[str, str]:
    """Return the name of every clinic of this database, by its key; a record without its clinic has none.

    On PostgreSQL a record without its clinic is seen by the role that reads every clinic's rows, and by no other.
    """
    rows = Row.objects.using(settings.READS_ALL).order_by()
    found = {str(key): "" for key in rows.values_list("clinic_id", flat=True).distinct()}
    named = Clinic.objects.using(settings.READS_ALL).order_by("name")
    return found | {str(key): name for key, name in named.values_list("id", "name")}


def whole_chain(clinic: str) -> Iterator[Link]:
    """Yield the chain of a clinic, read like `clinics`."""
    return chain(uuid.UUID(clinic), settings.READS_ALL)


def export(at: dt.datetime) -> Exported:
    """Sign how far the record of each clinic goes, and add it to the file of heads.

    What is broken is not signed. Done twice it says the same twice, which hurts nothing.

    Raises:
        HeadError: heads cannot be read or written.
    """
    path: Path = settings.HEADS
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path):
            before = kept()
            key = signing_key(settings.DATA)
            publish(key.public_key(), settings.DATA / PUBLIC)
            publish(key.public_key(), path.parent / PUBLIC)
            problems, heads = list(before.problems), []
            for clinic, name in clinics().items():
                found = verify(clinic, whole_chain(clinic), before.newest.get(clinic))
                if isinstance(found, Broken):
                    problems.append(f"{name or clinic}: {found.says}; its head was not signed")
                else:
                    heads.append(found)
            _add(path, "".join(line_of(head, at, key) for head in heads))
    except KeyFileError as problem:
        raise HeadError(str(problem)) from None
    except OSError as problem:
        raise HeadError(f"{problem.filename or path}: {problem.strerror}; no head was exported") from None
    return Exported(path=path, heads=tuple(heads), problems=tuple(problems))


def export_now() -> Exported:
    """Export heads, as of now."""
    return export(timezone.now())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """This function will wait until nobody else exports: a head read earlier and written later would go backwards."""
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _add(path: Path, lines: str) -> None:
    if not lines:
        return
    # Whatever a crash or a full disk cut off stays a line of its own, which is reported.
    cut = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    add(path, ("\n" if cut else "").encode() + lines.encode())
