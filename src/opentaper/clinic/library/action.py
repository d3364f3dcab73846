"""What is written about what is known: proposed, said, decided and signed; each once for a key of the sender's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable

from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from opentaper.clinic.isolation import writing
from opentaper.clinic.language import english
from opentaper.clinic.library.change import SOURCES, applied, judged
from opentaper.clinic.library.contribution import accepted, changes, current_text, digest_of, sorted_out
from opentaper.clinic.library.models import Proposal, Remark, Signed
from opentaper.clinic.library.shipped import shipped, text_of
from opentaper.clinic.people.models import Person
from opentaper.knowledge import nearest, parse_toml

Sure = Callable[[], Person]
"""Asks, within the transaction, whether the person still may: they may just have been disabled."""
MOST_DAYS = 5 * 366


class RefusedError(Exception):
    """Nothing was recorded; one sentence says why."""


def in_words(problem: Exception) -> str:
    """Return why nothing was recorded: in the language of the page where it is ours to say, else in English, marked so."""
    return str(problem) if isinstance(problem, RefusedError) else english(problem)


def propose(
    by: Person, sure: Sure, key: uuid.UUID, *, about: str, file: str, before: str, after: str, source: str,
    new_source: str, because: str,
) -> uuid.UUID:  # fmt: skip
    """Record a proposal, after the base was loaded with it, and return its key.

    Raises:
        RefusedError: nothing would change, or the source is defined nowhere.
        KnowledgeError: the base with it breaks its schema.
        ConflictError: the entry has become another one.
    """
    made = uuid.uuid5(by.pk, f"proposal {key}")
    if after == before:
        raise RefusedError(_("The entry is as it was; nothing would change."))
    proposal = Proposal(
        pk=made, about=about, file=file, before=before, after=after, source=source, new_source=new_source,
        because=because, **signed_by(by),
    )  # fmt: skip
    _source_is_known(by, proposal)
    _holds(accepted(by.clinic_id), proposal, by.clinic.today())
    with writing(by.clinic_id):
        sure()
        if not Proposal.objects.filter(pk=made).exists():
            proposal.save(force_insert=True)
    return made


def _source_is_known(by: Person, proposal: Proposal) -> None:
    keys = set(shipped(by.clinic.today()).sources)
    for each in (current_text(by.clinic_id, SOURCES), proposal.new_source):
        keys |= set(parse_toml("the new source", each.encode()))
    if proposal.source not in keys:
        close = nearest(proposal.source, keys)
        says = _("There is no source “%(key)s” in the library or among what you wrote.") % {"key": proposal.source}
        raise RefusedError(f"{says} {_('Did you mean “%s”?') % close}" if close else says)


def _holds(before: Iterable[Proposal], proposal: Proposal, today: dt.date) -> None:
    """This function will refuse a change with which the base cannot be loaded."""
    texts, *_rest = sorted_out(before)
    for change in changes(proposal):
        texts[change.file] = applied(texts.get(change.file, text_of(change.file)), change)
    judged({file: text for file, text in texts.items() if text != text_of(file)}, today)


def remark(by: Person, sure: Sure, proposal: Proposal, key: uuid.UUID, says: str, kind: str = Remark.COMMENT) -> None:
    """Record a comment, or a reviewer's decision with its reason.

    Raises:
        RefusedError: it is settled already, or it is one's own that would be accepted.
        KnowledgeError: the base with it breaks its schema.
        ConflictError: the entry has become another one.
    """
    if kind == Remark.ACCEPTED and proposal.person_id == by.pk:
        raise RefusedError(_("This is your own proposal; another reviewer accepts it."))
    made = uuid.uuid5(by.pk, f"remark {proposal.pk} {key}")
    try:
        with writing(by.clinic_id):
            sure()
            if Remark.objects.filter(pk=made).exists():
                return
            if kind == Remark.ACCEPTED:
                one_writer(by.clinic_id)
                _holds(accepted(by.clinic_id), proposal, by.clinic.today())
            Remark(pk=made, proposal_id=proposal.pk, kind=kind, says=says, **signed_by(by)).save(force_insert=True)
    except IntegrityError:
        raise RefusedError(_("It was settled before; nothing of yours was recorded.")) from None


def sign(
    by: Person, sure: Sure, key: uuid.UUID, *, file: str, digest: str, due: dt.date, confirmed_at: dt.datetime
) -> None:
    """Record that a file is right, over the digest that the person read.

    Raises:
        RefusedError: the file is another one by now, or the day to look again is none.
    """
    today = by.clinic.today()
    if digest_of(by.clinic_id, file, today) != digest:
        raise RefusedError(_("The file has become another one since you read it; read it again."))
    if not today < due <= today + dt.timedelta(days=MOST_DAYS):
        raise RefusedError(_("It is to be looked at again after today, and within five years."))
    made = uuid.uuid5(by.pk, f"signed {file} {key}")
    with writing(by.clinic_id):
        sure()
        if not Signed.objects.filter(pk=made).exists():
            Signed(
                pk=made, file=file, digest=digest, on=today, due=due, confirmed_at=confirmed_at, **signed_by(by)
            ).save(force_insert=True)  # fmt: skip


def one_writer(clinic: uuid.UUID) -> None:
    """Wait until nobody else settles anything in the library of a clinic, until this transaction ends."""
    # SQLite begins every transaction as a writer; PostgreSQL is told.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"opentaper.library {clinic}"])


def signed_by(person: Person) -> dict[str, object]:
    """Return who says something, and when, as each row keeps it."""
    return {
        "clinic_id": person.clinic_id, "person_id": person.pk, "person_name": person.full_name,
        "person_role": person.role, "at": timezone.now(),
    }  # fmt: skip
