"""Events read from the database and added to it: in one transaction, once, after what the writer saw."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, connection

from opentaper.care import Recorded, Refusal
from opentaper.clinic.cases import base, remembered
from opentaper.clinic.cases.models import Key, Need, Row, Summary
from opentaper.clinic.cases.summary import form_of, needs, summarise, summary
from opentaper.clinic.isolation import reading, writing
from opentaper.clinic.library import layer
from opentaper.knowledge import FileError, Knowledge
from opentaper.record import FIRST, Broken, Event, Head, History, Link, base_of, decode, encode, link, verify


class StaleError(Exception):
    """Somebody else wrote to the case after it was read; nothing was recorded."""


class ReusedKeyError(Exception):
    """A key that was used for one thing was used for another; nothing was recorded."""


class NoCaseError(Exception):
    """There is no such case in this clinic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One wish to write.

    Args:
        clinic: whose record it is.
        case: which case.
        person: who wishes.
        seen: the number of the last event that they saw; 0 for a case that is opened.
        key: theirs for this wish; the same again is answered and not done again.
        what: everything that they asked for, as text: the key stands for this and nothing else.
    """

    clinic: uuid.UUID
    case: uuid.UUID
    person: uuid.UUID
    seen: int
    key: uuid.UUID
    what: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.case} {self.seen} {self.what}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the case stands after a wish was recorded.

    Args:
        history: after it.
        again: whether it had been recorded before, by the same key.
    """

    history: History
    again: bool = False


Verb = Callable[[History], Recorded | Refusal]


def history_of(clinic: uuid.UUID, case: uuid.UUID, today: dt.date) -> History:
    """Return where a case stands.

    Raises:
        NoCaseError: this clinic has no such case.
    """
    with reading(clinic):
        rows = Row.objects.filter(clinic_id=clinic, case_id=case).order_by("-number")
        last = rows.values_list("number", "hash").first()
        if last is None:
            raise NoCaseError
        return _read(clinic, case, *last, today)


def summaries_of(clinic: uuid.UUID) -> list[Summary]:
    """Return where every case of a clinic stands, the ones that changed last first."""
    with reading(clinic):
        return list(Summary.objects.filter(clinic_id=clinic).order_by("-changed_at", "case_id"))


def _read(clinic: uuid.UUID, case: uuid.UUID, number: int, mark: str, today: dt.date) -> History:
    """This function will read a case up to an event, whose hash says that all before it is what it was.

    What this process read or wrote before is not read again: only the events that came after it are.
    """
    rows = Row.objects.filter(clinic_id=clinic, case_id=case, number__lte=number).order_by("number")
    before = remembered.up_to(clinic, case, number, today)
    if before and before.mark == mark:
        return before.history
    found = list(rows.filter(number__gte=before.history.number if before else 1).values_list("hash", "content"))
    if before and (not found or found.pop(0)[0] != before.mark):  # it is not what is remembered: nothing of that counts
        before, found = None, list(rows.values_list("hash", "content"))
    now = before.history if before else History()
    for _, content in found:
        now = now.then(decode(content, base.of(base_of(content), today)))
    remembered.keep(clinic, case, today, now, mark)
    return now


def events(clinic: uuid.UUID, case: uuid.UUID, today: dt.date) -> Iterator[Event]:
    """Yield every event of a case, each read with the base that it was written with."""
    rows = Row.objects.filter(clinic_id=clinic, case_id=case).order_by("number")
    with reading(clinic):
        contents = list(rows.values_list("content", flat=True))
    for content in contents:
        yield decode(content, base.of(base_of(content), today))


def write(asked: Asked, verb: Verb, today: dt.date) -> Written | Refusal:
    """Carry out a verb and add what comes of it, all or nothing, once.

    Args:
        asked: the wish.
        verb: from where the case stands to what is to be recorded, or a refusal.
        today: for reading the events.

    Raises:
        StaleError: somebody else wrote to the case since it was read.
        ReusedKeyError: the key was used for something else.
        NoCaseError: this clinic has no such case.
    """
    try:
        with writing(asked.clinic):
            one_writer(asked.clinic)
            if again := _before(asked, today):
                return again
            now = History() if asked.seen == 0 else history_of(asked.clinic, asked.case, today)
            if now.number != asked.seen or (asked.seen == 0 and Row.objects.filter(case_id=asked.case).exists()):
                raise StaleError
            done = verb(now)
            if isinstance(done, Refusal):
                return done
            if unreadable := _unreadable(done.events, today):
                return unreadable
            mark = _add(asked, done.events)
            summarise(asked.clinic, asked.case, done.history, today)
            Key.objects.create(
                clinic_id=asked.clinic, person_id=asked.person, key=asked.key, asked=asked.digest, case_id=asked.case,
                number=done.history.number,
            )  # fmt: skip
    except IntegrityError:
        # A writer that did not wait for `one_writer` came in between: the constraints let one of two in.
        raise StaleError from None
    remembered.keep(asked.clinic, asked.case, today, done.history, mark)
    return Written(history=done.history)


def _unreadable(added: Iterable[Event], today: dt.date) -> Refusal | None:
    """This function will keep the base and read back what is to be kept: what could not be read again is not written."""
    kept = list(added)
    for digest in {event.knowledge for event in kept}:
        base.keep(digest, today)
    for event in kept:
        known = base.of(event.knowledge, today)
        try:
            same = decode(encode(event), known) == event
        except FileError:
            same = False
        if not same:
            return Refusal(says="This would not read back as it was written. Tell whoever runs the program.")
    return None


def one_writer(clinic: uuid.UUID) -> None:
    """This function will wait until nobody else writes to the record of a clinic."""
    # SQLite begins every transaction as a writer (IMMEDIATE); PostgreSQL is told.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"opentaper.record {clinic}"])


def _before(asked: Asked, today: dt.date) -> Written | None:
    key = Key.objects.filter(clinic_id=asked.clinic, person_id=asked.person, key=asked.key).first()
    if key is None:
        return None
    if key.asked != asked.digest:
        raise ReusedKeyError
    mark = Row.objects.values_list("hash", flat=True).get(
        clinic_id=asked.clinic, case_id=key.case_id, number=key.number
    )
    return Written(history=_read(asked.clinic, key.case_id, key.number, mark, today), again=True)


def _add(asked: Asked, added: Iterable[Event]) -> str:
    """This function will add events to the chain and return the hash of the last."""
    last = Row.objects.filter(clinic_id=asked.clinic).order_by("-place").values("place", "hash").first()
    place, before = (last["place"], last["hash"]) if last else (0, FIRST)
    rows = []
    for event in added:
        place += 1
        linked = link(str(asked.clinic), place, str(asked.case), encode(event), before)
        before = linked.hash
        rows.append(
            Row(
                clinic_id=asked.clinic,
                place=place,
                case_id=asked.case,
                number=event.number,
                kind=event.what.KIND,
                at=event.at,
                person_id=asked.person,
                content=linked.content,
                before=linked.before,
                hash=linked.hash,
            )
        )
    Row.objects.bulk_create(rows)
    return before


def chain(clinic: uuid.UUID, using: str | None = None) -> Iterator[Link]:
    """Yield the chain of a clinic, as it lies in the database, or in another that is open."""
    rows = Row.objects.using(using).filter(clinic_id=clinic).order_by("place", "id")
    with reading(clinic, using):
        for row in rows.values("place", "case_id", "content", "before", "hash").iterator():
            case, place = str(row["case_id"]), row["place"]
            yield Link(place=place, case=case, content=row["content"], before=row["before"], hash=row["hash"])


def chain_of(clinic: uuid.UUID, case: uuid.UUID) -> list[dict[str, object]]:
    """Return the rows of one case as a program reads them: each event, with its place and hashes in the clinic's chain."""
    rows = Row.objects.filter(clinic_id=clinic, case_id=case).order_by("number")
    with reading(clinic):
        return [
            {"place": row.place, "before": row.before, "hash": row.hash, "event": json.loads(row.content)}
            for row in rows
        ]


def audit(clinic: uuid.UUID, today: dt.date, head: Head | None = None, *, using: str | None = None) -> Head | Broken:
    """Return how far a clinic's record goes, or its first row that is not what was recorded; as another role, if one is named.

    Beyond the chain it looks whether every row says outside what its event says, whether the events of every case can follow
    one another, whether the bases that they were made with are what they were, whether the clinic's own layer is what was
    written and signed, and whether lists and answered wishes say what the events say.
    """
    found = verify(str(clinic), chain(clinic, using), head)
    if isinstance(found, Broken):
        return found
    cases: dict[uuid.UUID, History] = {}
    bases: dict[str, Knowledge] = {}  # read anew: what a process remembers says nothing of what lies in the database
    with reading(clinic, using):
        for row in Row.objects.using(using).filter(clinic_id=clinic).order_by("place").iterator():
            try:
                made_with = base_of(row.content)
                if made_with not in bases:
                    bases[made_with] = base.kept(made_with, today)
                event = decode(row.content, bases[made_with])
            except (FileError, base.NoBaseError) as problem:
                # What is wrong is not said in full: it may quote the case.
                says = f"row {row.place} cannot be read as an event ({type(problem).__name__})"
                return Broken(place=row.place, says=says)
            told = (row.number, row.kind, row.at, str(row.person_id))
            if told != (event.number, event.what.KIND, event.at, event.by.key):
                return Broken(place=row.place, says=f"row {row.place} says something else than its event")
            try:
                cases[row.case_id] = cases.get(row.case_id, History()).then(event)
            except ValueError as problem:
                return Broken(place=row.place, says=f"row {row.place} cannot follow what happened: {problem}")
        return _beside(clinic, cases, today, using) or found


def _beside(clinic: uuid.UUID, cases: Mapping[uuid.UUID, History], today: dt.date, using: str | None) -> Broken | None:
    """This function will return what lies beside the events and says something else than they do."""
    if says := layer.altered(clinic, using):
        return Broken(place=0, says=says)
    needed: dict[uuid.UUID, list[dict[str, object]]] = {}
    for need in Need.objects.using(using).filter(clinic_id=clinic).order_by("id").values():
        told: dict[str, object] = {key: need[key] for key in ("why", "rank", "on", "from_day", "until")}
        needed.setdefault(need["case_id"], []).append(told)
    known = base.now(today, clinic, using)
    listed = {each.case_id: each for each in Summary.objects.using(using).filter(clinic_id=clinic)}
    for case, now in cases.items():
        place = Row.objects.using(using).filter(clinic_id=clinic, case_id=case).latest("number").place
        if case not in listed or any(getattr(listed[case], key) != told for key, told in summary(now).items()):
            return Broken(place=place, says=f"the list says something else of the case of row {place} than its events")
        # What was summarised with another base is made anew by a job; until then it says what that base says.
        if listed[case].form == form_of(known) and needed.get(case, []) != needs(now, known):
            return Broken(place=place, says=f"the list says that the case of row {place} needs something else")
    if strange := listed.keys() - cases.keys():
        return Broken(place=0, says=f"the list has {len(strange)} cases of which there is no event")
    for key in Key.objects.using(using).filter(clinic_id=clinic):
        if key.case_id not in cases or key.number > cases[key.case_id].number:
            return Broken(place=0, says=f"wish {key.pk} is said to be done, and its event is not there")
    return None
