"""Events as plain text and back: a closed schema, so that what is read is exactly what was written.

A case and a regimen are kept as the files that a person can read, under their own schema; amounts are exact text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from opentaper.knowledge import FileError, Knowledge, Table
from opentaper.patient import TIMES, Case, Intake, Regimen, case_file, case_of, regimen_file, regimen_of
from opentaper.plan import Edit, Item, Visit
from opentaper.record.event import (
    WHATS,
    Accepted,
    Actor,
    Allowed,
    Answer,
    Changed,
    Corrected,
    Declined,
    Dispensed,
    Edited,
    Event,
    Held,
    Judged,
    Lost,
    Observed,
    Offer,
    Opened,
    Proposed,
    Queried,
    Replied,
    Resumed,
    Slowed,
    Started,
    SteppedBack,
    Stopped,
    What,
)
from opentaper.record.version import Version
from opentaper.review import Finding, Verdict

SCHEMA = "opentaper.event/1"
FORM = {each.KIND: each for each in WHATS}

Plain = dict[str, Any]


class CodecError(FileError):
    """A stored event that cannot be read: the record was changed by something else than this program."""


def encode(event: Event) -> str:
    """Return an event as canonical JSON: the same text for the same event, always."""
    content = {
        "schema": SCHEMA,
        "number": event.number,
        "at": event.at.isoformat(timespec="microseconds"),
        "by": {"key": event.by.key, "name": event.by.name, "role": event.by.role},
        "software": event.software,
        "knowledge": event.knowledge,
        "what": event.what.KIND,
        event.what.KIND: _written(event.what),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def decode(text: str, known: Knowledge) -> Event:
    """Read an event back.

    Args:
        text: what `encode` wrote.
        known: the base of that time, by its digest (`base_of`): what names of drugs and products mean.

    Raises:
        CodecError: it is not what `encode` writes.
    """
    try:
        table = Table(json.loads(text), "event", "", CodecError)
    except ValueError as problem:
        raise CodecError("event", "", "", f"this is not JSON: {problem}") from None
    if table.text("schema") != SCHEMA:
        raise table.fail("schema", "this schema is not known")
    kind, who = table.choice("what", FORM), table.table("by")
    actor = Actor(key=who.text("key"), name=_free(who, "name"), role=who.text("role"))
    who.done()
    content = table.table(kind)
    try:
        event = Event(
            number=table.whole("number", least=1),
            at=_instant(table, "at"),
            by=actor,
            what=READ[kind](content, known),
            software=table.text("software"),
            knowledge=table.text("knowledge"),
        )
    except CodecError:
        raise
    except ValueError as problem:
        raise table.fail(kind, str(problem)) from None
    content.done()
    table.done()
    return event


def base_of(text: str) -> str:
    """Return the digest of the base that an event was written with.

    Raises:
        CodecError: it is not what `encode` writes.
    """
    try:
        return str(json.loads(text)["knowledge"])
    except (ValueError, KeyError, TypeError) as problem:
        raise CodecError("event", "", "knowledge", f"this is no event: {problem}") from None


def _written(what: What) -> Plain:
    match what:
        case Opened():
            return {"name": what.name, "case": _case(what.case), **_reasons(what.answers)}
        case Changed():
            return {"case": _case(what.case), "because": what.because, **_reasons(what.answers)}
        case Proposed():
            return {
                "case": what.case,
                "knowledge": what.knowledge,
                "protocol": what.protocol,
                "offers": [{"name": each.name, "title": each.title, "regimen": each.regimen} for each in what.offers],
                "without": [{"name": name, "says": says} for name, says in what.without],
            }
        case Edited():
            return {
                "option": what.option,
                "protocol": what.protocol,
                "edits": [_edit(each) for each in what.edits],
                "regimen": what.regimen,
                "because": what.because,
            }
        case Judged():
            return {
                "version": _version(what.version),
                "on": what.on.isoformat(),
                "findings": [_finding(each) for each in what.findings],
            }
        case Accepted():
            return {
                "version": what.version,
                "meaning": what.meaning,
                "answers": _answers(what.answers),
                "confirmed_at": what.confirmed_at.isoformat(timespec="microseconds"),
            }
        case Declined() | Held():
            return {"version": what.version, "because": what.because}
        case Started() | Resumed():
            return {"version": what.version}
        case Observed():
            return {"on": what.on.isoformat(), "what": what.what, "says": what.says}
        case Slowed():
            return {"version": what.version, "times": str(what.times), "because": what.because}
        case SteppedBack():
            return {"version": what.version, "steps": what.steps, "because": what.because}
        case Dispensed():
            return {
                "version": what.version,
                "from": what.from_.isoformat(),
                "until": what.until.isoformat(),
                "items": [_item(each) for each in what.items],
                **({} if what.replaces is None else {"replaces": what.replaces}),
            }
        case Lost():
            return {
                "on": what.on.isoformat(),
                "items": [_item(each) for each in what.items],
                "says": what.says,
            }
        case Allowed():
            return {
                "lost": what.lost,
                "on": what.on.isoformat(),
                "says": what.says,
                "confirmed_at": what.confirmed_at.isoformat(timespec="microseconds"),
            }
        case Stopped():
            return {
                "on": what.on.isoformat(),
                "because": what.because,
                "confirmed_at": what.confirmed_at.isoformat(timespec="microseconds"),
            }
        case Corrected():
            instead = what.instead
            return {
                "number": what.number,
                "because": what.because,
                "what": instead.KIND if instead else None,
                "instead": _written(instead) if instead else None,
            }
        case Queried():
            step = what.step.isoformat() if what.step else None
            shelf = {"products": [each.key for each in what.products]} if what.products else {}
            return {"version": what.version, "step": step, "says": what.says, **shelf}
        case Replied():
            return {"number": what.number, "says": what.says}


def _answers(answers: tuple[Answer, ...]) -> list[Plain]:
    return [{"rule": each.rule, "where": each.where, "reason": each.reason} for each in answers]


def _reasons(answers: tuple[Answer, ...]) -> Plain:
    """This function will write reasons where there are any: an event of before they were asked for stays as it was."""
    return {"answers": _answers(answers)} if answers else {}


def _case(case: Case) -> str:
    return case_file(case, "A case as it was recorded")


def _regimen(regimen: Regimen) -> str:
    return regimen_file(regimen, "A regimen as it was recorded")


def _edit(edit: Edit) -> Plain:
    taken = edit.taken
    doses = None if taken is None else [{"time": each.time, "dose": str(each.dose)} for each in taken]
    return {"row": edit.row, "taken": doses, "days": edit.days}


def _item(item: Item) -> Plain:
    return {"product": item.product.key, "amount": str(item.amount)}


def _version(version: Version) -> Plain:
    return {
        "digest": version.digest,
        "name": version.name,
        "case": _case(version.case),
        "knowledge": version.knowledge,
        "regimen": _regimen(version.regimen),
        "made_on": version.made_on.isoformat(),
        "before": _regimen(version.before) if version.before else None,
        "number": version.number,
        "root": version.root,
        "held": [day.isoformat() for day in version.held] if version.held else None,
        "stock": [_item(each) for each in version.stock],
        "visits": [{"from": each.from_.isoformat(), "last": each.last.isoformat()} for each in version.visits],
        "gone": [{"event": key, "on": day.isoformat()} for key, day in version.gone],
    }


def _finding(finding: Finding) -> Plain:
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "where": finding.where,
        "observed": finding.observed,
        "limit": finding.limit,
        "source": finding.source,
        "at": finding.at,
        "says": finding.says,
        "who": finding.who,
    }


def _opened(table: Table, known: Knowledge) -> Opened:
    return Opened(
        name=_free(table, "name"),
        case=case_of(_free(table, "case"), known, recorded=True),
        answers=_answered(table) if table.has("answers") else (),
    )


def _changed(table: Table, known: Knowledge) -> Changed:
    return Changed(
        case=case_of(_free(table, "case"), known, recorded=True),
        because=_free(table, "because"),
        answers=_answered(table) if table.has("answers") else (),
    )


def _proposed(table: Table, _: Knowledge) -> Proposed:
    offers, without = [], []
    for each in _rows(table, "offers"):
        offers.append(Offer(name=each.text("name"), title=_free(each, "title"), regimen=each.text("regimen")))
        each.done()
    for each in _rows(table, "without"):
        without.append((each.text("name"), _free(each, "says")))
        each.done()
    return Proposed(
        case=table.text("case"),
        knowledge=table.text("knowledge"),
        protocol=_or_none(table, "protocol"),
        offers=tuple(offers),
        without=tuple(without),
    )


def _edited(table: Table, _: Knowledge) -> Edited:
    edits = []
    for each in _rows(table, "edits"):
        days = None if each.take("days") is None else each.whole("days", least=1)
        edits.append(Edit(row=each.whole("row"), taken=_doses(each), days=days))
        each.done()
    return Edited(
        option=table.text("option"),
        protocol=_or_none(table, "protocol"),
        edits=tuple(edits),
        regimen=table.text("regimen"),
        because=_free(table, "because"),
    )


def _doses(table: Table) -> tuple[Intake, ...] | None:
    if table.take("taken") is None:
        return None
    found = []
    for each in table.tables("taken"):
        found.append(Intake(time=each.choice("time", TIMES), dose=each.dose("dose")))
        each.done()
    return tuple(found)


def _judged(table: Table, known: Knowledge) -> Judged:
    findings = []
    for each in _rows(table, "findings"):
        findings.append(
            Finding(
                rule=each.text("rule"),
                verdict=Verdict(each.text("verdict")),
                **{key: _free(each, key) for key in ("where", "observed", "limit", "source", "at", "says")},
                who=_or_none(each, "who"),
            )
        )
        each.done()
    return Judged(version=_version_of(table.table("version"), known), on=_day(table, "on"), findings=tuple(findings))


def _version_of(table: Table, known: Knowledge) -> Version:
    before, held = _or_none(table, "before"), table.take("held")
    visits, gone = [], []
    for each in _rows(table, "visits"):
        visits.append(Visit(from_=_day(each, "from"), last=_day(each, "last")))
        each.done()
    for each in _rows(table, "gone"):
        gone.append((_free(each, "event"), _day(each, "on")))
        each.done()
    version = Version(
        name=table.text("name"),
        case=case_of(_free(table, "case"), known, recorded=True),
        knowledge=table.text("knowledge"),
        regimen=regimen_of(_free(table, "regimen"), known),
        made_on=_day(table, "made_on"),
        before=regimen_of(before, known) if before else None,
        number=table.whole("number", least=1),
        root=_free(table, "root"),
        held=(dt.date.fromisoformat(held[0]), dt.date.fromisoformat(held[1])) if held else None,
        stock=_items(table, "stock", known),
        visits=tuple(visits),
        gone=tuple(gone),
    )
    if table.text("digest") != version.digest:
        raise table.fail("digest", "this version is not the one that was recorded")
    table.done()
    return version


def _answered(table: Table) -> tuple[Answer, ...]:
    answers = []
    for each in _rows(table, "answers"):
        answers.append(Answer(rule=each.text("rule"), where=_free(each, "where"), reason=_free(each, "reason")))
        each.done()
    return tuple(answers)


def _accepted(table: Table, _: Knowledge) -> Accepted:
    return Accepted(
        version=table.text("version"),
        meaning=_free(table, "meaning"),
        answers=_answered(table),
        confirmed_at=_instant(table, "confirmed_at"),
    )


def _dispensed(table: Table, known: Knowledge) -> Dispensed:
    return Dispensed(
        version=table.text("version"),
        from_=_day(table, "from"),
        until=_day(table, "until"),
        items=_items(table, "items", known),
        replaces=table.whole("replaces", least=1) if table.has("replaces") else None,
    )


def _observed(table: Table, _: Knowledge) -> Observed:
    return Observed(on=_day(table, "on"), what=table.text("what"), says=_free(table, "says"))


def _corrected(table: Table, known: Knowledge) -> Corrected:
    kind = _or_none(table, "what")
    if kind not in (None, Observed.KIND, Dispensed.KIND):
        raise table.fail("what", "only an observation or a dispensing is corrected")
    instead = None
    if kind is None:
        table.take("instead")
    else:
        inner = table.table("instead")
        instead = _observed(inner, known) if kind == Observed.KIND else _dispensed(inner, known)
        inner.done()
    return Corrected(number=table.whole("number", least=1), instead=instead, because=_free(table, "because"))


def _queried(table: Table, known: Knowledge) -> Queried:
    step = _or_none(table, "step")
    day = dt.date.fromisoformat(step) if step else None
    keys = table.texts("products") if table.has("products") else ()
    if unknown := [key for key in keys if key not in known.products]:
        raise table.fail("products", f"there is no product {unknown[0]!r}")
    return Queried(
        version=table.text("version"),
        step=day,
        says=_free(table, "says"),
        products=tuple(known.products[key] for key in keys),
    )


READ: Mapping[str, Callable[[Table, Knowledge], What]] = {
    Opened.KIND: _opened,
    Changed.KIND: _changed,
    Proposed.KIND: _proposed,
    Edited.KIND: _edited,
    Judged.KIND: _judged,
    Accepted.KIND: _accepted,
    Declined.KIND: lambda table, _: Declined(version=table.text("version"), because=_free(table, "because")),
    Started.KIND: lambda table, _: Started(version=table.text("version")),
    Observed.KIND: _observed,
    Held.KIND: lambda table, _: Held(version=table.text("version"), because=_free(table, "because")),
    Slowed.KIND: lambda table, _: Slowed(
        version=table.text("version"), times=table.number("times"), because=_free(table, "because")
    ),
    SteppedBack.KIND: lambda table, _: SteppedBack(
        version=table.text("version"), steps=table.whole("steps", least=1), because=_free(table, "because")
    ),
    Resumed.KIND: lambda table, _: Resumed(version=table.text("version")),
    Dispensed.KIND: _dispensed,
    Lost.KIND: lambda table, known: Lost(
        on=_day(table, "on"), items=_items(table, "items", known), says=_free(table, "says")
    ),
    Allowed.KIND: lambda table, _: Allowed(
        lost=table.whole("lost", least=1),
        on=_day(table, "on"),
        says=_free(table, "says"),
        confirmed_at=_instant(table, "confirmed_at"),
    ),
    Stopped.KIND: lambda table, _: Stopped(
        on=_day(table, "on"), because=_free(table, "because"), confirmed_at=_instant(table, "confirmed_at")
    ),
    Corrected.KIND: _corrected,
    Queried.KIND: _queried,
    Replied.KIND: lambda table, _: Replied(number=table.whole("number", least=1), says=_free(table, "says")),
}


def _items(table: Table, key: str, known: Knowledge) -> tuple[Item, ...]:
    items = []
    for each in _rows(table, key):
        items.append(Item(product=known.products[each.choice("product", known.products)], amount=each.number("amount")))
        each.done()
    return tuple(items)


def _rows(table: Table, key: str) -> list[Table]:
    """This function will take a list of tables that may be empty but not missing."""
    table.take(key)
    return table.maybe_tables(key)


def _free(table: Table, key: str) -> str:
    """This function will take text of any length and lines."""
    value = table.take(key)
    if not isinstance(value, str):
        raise table.fail(key, "expected text")
    return value


def _or_none(table: Table, key: str) -> str | None:
    return None if table.take(key) is None else _free(table, key)


def _day(table: Table, key: str) -> dt.date:
    return dt.date.fromisoformat(_free(table, key))


def _instant(table: Table, key: str) -> dt.datetime:
    return dt.datetime.fromisoformat(_free(table, key))
