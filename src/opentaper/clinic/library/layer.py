"""A clinic's own layer: its versions as they were written and signed, and the base with the one that binds."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections import OrderedDict
from functools import lru_cache

from opentaper.clinic.isolation import reading
from opentaper.clinic.library.models import LayerSignature, LayerVersion
from opentaper.clinic.library.shipped import shipped
from opentaper.frozen import dataclass
from opentaper.knowledge import Knowledge, KnowledgeError, Signoff, digest, lay_again, parse_toml
from opentaper.knowledge.layer import FILE, SIGNOFFS


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One version of a clinic's layer, and who signed it; None while nobody has."""

    version: LayerVersion
    signature: LayerSignature | None

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The text of the layer's files, as they lie beside those of the base."""
        if self.signature is None:
            return ((FILE, self.version.text),)
        return (FILE, self.version.text), (SIGNOFFS, signoff(self.signature))

    def binds(self, today: dt.date) -> bool:
        """Whether it is signed and its day has come; a later version that binds stands over it."""
        return self.signature is not None and max(self.version.from_day, self.signature.on) <= today


def signoff(of: LayerSignature) -> str:
    """Return a signature as a sign-off of the layer's file."""
    name = "".join(each for each in of.person_name if each.isprintable())
    return (
        f"[[signoff]]\nof = {json.dumps(FILE)}\ndigest = {json.dumps(of.digest)}\n"
        f"by = {json.dumps(name, ensure_ascii=False)}\nrole = {json.dumps(of.person_role)}\n"
        f"on = {of.on}\ndue = {of.due}\n"
    )


def versions(clinic: uuid.UUID) -> list[Own]:
    """Return every version of a clinic's layer, the newest first."""
    with reading(clinic):
        signed = {each.number: each for each in LayerSignature.objects.filter(clinic_id=clinic)}
        written = list(LayerVersion.objects.filter(clinic_id=clinic).order_by("-number"))
    return [Own(version=each, signature=signed.get(each.number)) for each in written]


def in_force(clinic: uuid.UUID, today: dt.date, using: str | None = None) -> Own | None:
    """Return the version that binds on a day: the newest that is signed and whose day has come."""
    with reading(clinic, using):
        signed = {
            each.number: each for each in LayerSignature.objects.using(using).filter(clinic_id=clinic, on__lte=today)
        }
        if not signed:
            return None
        found = LayerVersion.objects.using(using).filter(clinic_id=clinic, number__in=list(signed), from_day__lte=today)
        version = found.order_by("-number").first()
    return Own(version=version, signature=signed[version.number]) if version else None


def altered(clinic: uuid.UUID, using: str | None = None) -> str | None:
    """Say what of a clinic's layer is no longer what was written or signed; None when all is.

    A newest version that is gone without its signature is not seen.
    """
    with reading(clinic, using):
        written = list(LayerVersion.objects.using(using).filter(clinic_id=clinic).order_by("number"))
        signed = list(LayerSignature.objects.using(using).filter(clinic_id=clinic).order_by("number"))
    for number, version in enumerate(written, start=1):
        if version.number != number:
            return f"version {number} of the clinic's own layer is gone"
        if not _as_written(version):
            return f"version {number} of the clinic's own layer is not what was written"
    for each in signed:
        if not 1 <= each.number <= len(written) or written[each.number - 1].digest != each.digest:
            return f"version {each.number} of the clinic's own layer is not what was signed"
    return None


def _as_written(version: LayerVersion) -> bool:
    try:
        return digest(parse_toml(FILE, version.text.encode())) == version.digest
    except KnowledgeError:  # by now it is not even a file
        return False


def base_of(clinic: uuid.UUID, today: dt.date, using: str | None = None) -> Knowledge:
    """Return the base as a clinic works with it on a day: what ships, with the clinic's layer over it."""
    own = in_force(clinic, today, using)
    return laid(own.files, today) if own else shipped(today)


def laid(files: tuple[tuple[str, str], ...], today: dt.date) -> Knowledge:
    """Return what ships with a layer's files over it, and remember it by its digest."""
    found = _laid(files, today)
    with _one_at_a_time:
        _recent[found.digest, today] = found, files
        while len(_recent) > MOST:
            _recent.popitem(last=False)
    return found


def recent(digest: str, today: dt.date) -> tuple[Knowledge, tuple[tuple[str, str], ...]] | None:
    """Return a base that this process laid before, by its digest, and the files of its layer."""
    return _recent.get((digest, today))


MOST = 64
_recent: OrderedDict[tuple[str, dt.date], tuple[Knowledge, tuple[tuple[str, str], ...]]] = OrderedDict()
_one_at_a_time = threading.Lock()


@lru_cache(maxsize=MOST)
def _laid(files: tuple[tuple[str, str], ...], today: dt.date) -> Knowledge:
    """This function will lay the files over what ships: the same as loading them beside the files that ship."""
    texts = dict(files)
    signed = parse_toml(SIGNOFFS, texts.get(SIGNOFFS, "").encode()).get("signoff", [])
    return lay_again(shipped(today), parse_toml(FILE, texts[FILE].encode()), [Signoff(**each) for each in signed])
