"""What is written about a clinic's own layer: a version, and its signature."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError
from django.utils.translation import gettext as _

from opentaper.clinic.isolation import writing
from opentaper.clinic.library.action import RefusedError, Sure, one_writer, signed_by
from opentaper.clinic.library.layer import Own, versions
from opentaper.clinic.library.models import LayerSignature, LayerVersion
from opentaper.clinic.library.shipped import shipped
from opentaper.clinic.people.models import Person
from opentaper.knowledge import Layer, digest, lay, layer_text, parse_toml
from opentaper.knowledge.layer import FILE

MEANING = (
    "I have read this version of our formulary, prices and stricter limits from top to bottom. From its day on plans are "
    "made and judged by it; plans in force keep the base that they were made with."
)
DUE = dt.timedelta(days=365)


def write(by: Person, sure: Sure, key: uuid.UUID, layer: Layer) -> int:
    """Record the next version of a clinic's layer, after it was laid over what ships, and return its number.

    Raises:
        RefusedError: somebody wrote a version since.
        KnowledgeError: a limit in it is not stricter, or it names what the base does not have.
        ValueError: a text in it does not stand on one line.
    """
    text = layer_text(layer)
    content = parse_toml(FILE, text.encode())
    lay(shipped(by.clinic.today()), content)
    made = uuid.uuid5(by.pk, f"layer {key}")
    try:
        with writing(by.clinic_id):
            sure()
            one_writer(by.clinic_id)
            if there := LayerVersion.objects.filter(pk=made).first():
                return there.number
            LayerVersion(
                pk=made, number=layer.number, text=text, digest=digest(content), from_day=layer.from_, **signed_by(by)
            ).save(force_insert=True)  # fmt: skip
    except IntegrityError:
        raise RefusedError(_("Somebody wrote a version since you began; look at it, and write yours anew.")) from None
    return layer.number


def sign(by: Person, sure: Sure, number: int, mark: str, *, confirmed_at: dt.datetime) -> None:
    """Sign exactly one version; from its day on it binds.

    Raises:
        RefusedError: it is another one than was read, is signed already, or a newer one is.
        KnowledgeError: it does not fit what ships by now.
    """
    today = by.clinic.today()
    with writing(by.clinic_id):
        sure()
        one_writer(by.clinic_id)
        found: dict[int, Own] = {each.version.number: each for each in versions(by.clinic_id)}
        if number not in found or found[number].version.digest != mark:
            raise RefusedError(_("This is not the version that you read; read it again."))
        if found[number].signature is not None:
            raise RefusedError(_("It is signed already."))
        if any(each.signature for later, each in found.items() if later > number):
            raise RefusedError(_("A newer version is signed already; write a new one instead."))
        lay(shipped(today), parse_toml(FILE, found[number].version.text.encode()))
        LayerSignature(
            number=number, digest=mark, on=today, due=today + DUE, meaning=MEANING, confirmed_at=confirmed_at,
            **signed_by(by),
        ).save(force_insert=True)  # fmt: skip
