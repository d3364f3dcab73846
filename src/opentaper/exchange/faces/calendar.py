"""The plan as a calendar: one all-day event for each step, one daily reminder for each intake.

Every event keeps its identity from version to version, so that a calendar moves what moved, and cancels what went.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from opentaper.exchange.faces.edition import Edition
from opentaper.exchange.faces.heading import drugs_of, knowledge_line
from opentaper.exchange.faces.leaflet import visit_text
from opentaper.exchange.language import ENGLISH, Language
from opentaper.exchange.words import drug_name, intake_in_words, step_in_words
from opentaper.patient import Step
from opentaper.plan import Visit
from opentaper.record import Entry, entries

if TYPE_CHECKING:
    from icalendar import Alarm, Event

REMINDER = dt.timedelta(minutes=5)
LOOK_BACK, LOOK_AHEAD = dt.timedelta(days=731), dt.timedelta(days=3_660)
"""How long before and after a plan its time zone is described: earlier versions, and a dose that goes on."""


def calendar(
    edition: Edition,
    lang: Language = ENGLISH,
    *,
    zone: str | None = None,
    hours: Mapping[str, dt.time] | None = None,
) -> bytes:
    """Write the calendar of an edition, with the events that the version before had and this one cancels.

    Args:
        edition: the plan; its number becomes the sequence of every event.
        lang: the language of the words.
        zone: the name of a time zone ("Europe/Zurich"); by itself times are wherever the person is.
        hours: the hour of each time of day, where it is not the convention's.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such time zone.

    Source: RFC 5545, 3.3.10, 3.6.1, 3.8.7.4.
    """
    from icalendar import Calendar

    clock = {**clock_of(edition), **(hours or {})}
    where = ZoneInfo(zone) if zone else None
    found = Calendar()
    found.add("prodid", "-//OpenTaper//taper//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", lang.say("{drug} taper", drug=drugs_of(edition, lang)))
    if zone:
        found.add("x-wr-timezone", zone)
    for each in entries(edition.printed):
        found.add_component(_event(each, edition, lang, clock, where))
    for key, day in edition.version.cancelled:
        found.add_component(_cancelled(key, day, edition, lang))
    for number, visit in enumerate(edition.plan.visits, start=1):
        found.add_component(_visit(f"visit.{number}", visit, edition, lang))
    if zone:
        first, end = edition.regimen.steps[0].from_, edition.plan.ends_on
        found.add_missing_timezones(first_date=first - LOOK_BACK, last_date=end + LOOK_AHEAD)
    return bytes(found.to_ical())


def clock_of(edition: Edition) -> dict[str, dt.time]:
    """Return the hour at which a calendar shows each time of day, by the base's conventions."""
    conventions = edition.known.conventions
    return {
        key.removeprefix("clock-"): dt.time.fromisoformat(each.value)
        for key, each in conventions.items()
        if key.startswith("clock-")
    }


def _event(
    entry: Entry,
    edition: Edition,
    lang: Language,
    clock: Mapping[str, dt.time],
    zone: ZoneInfo | None,
) -> Event:
    step, intake = entry.step, entry.intake
    event = _begun(entry.key, edition)
    says = (
        step_in_words(step, lang)
        if intake is None
        else f"{drug_name(step.drug, lang)}. {intake_in_words(intake, lang)}"
    )
    event.add("summary", lang.say("DRAFT: {words}", words=says) if edition.draft else says)
    if intake is None:
        _whole_days(event, step)
    else:
        _daily(event, step, clock[intake.time], zone)
    event.add("status", "TENTATIVE" if edition.draft else "CONFIRMED")
    event.add("description", _description(edition, step, lang))
    event.add_component(_alarm(says, _evening_before(clock) if intake is None else dt.timedelta()))
    return event


def _evening_before(clock: Mapping[str, dt.time]) -> dt.timedelta:
    """This function will return how long before the first moment of a day the evening of the day before is."""
    evening = clock["evening"]
    return dt.timedelta(hours=evening.hour, minutes=evening.minute) - dt.timedelta(days=1)


def _cancelled(key: str, day: dt.date, edition: Edition, lang: Language) -> Event:
    event = _begun(key, edition)
    event.add("summary", lang.say("Cancelled"))
    event.add("dtstart", day)
    event.add("status", "CANCELLED")
    return event


def _visit(key: str, visit: Visit, edition: Edition, lang: Language) -> Event:
    """This function will write the days between which the clinic looks at how a new drug is borne."""
    event = _begun(key, edition)
    says = visit_text(visit, lang)
    event.add("summary", lang.say("DRAFT: {words}", words=says) if edition.draft else says)
    event.add("dtstart", visit.from_)
    event.add("dtend", visit.last + dt.timedelta(1))
    event.add("transp", "TRANSPARENT")
    event.add("status", "TENTATIVE" if edition.draft else "CONFIRMED")
    return event


def _begun(key: str, edition: Edition) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{edition.identity}.{key}@opentaper")
    event.add("sequence", edition.number - 1)
    event.add("dtstamp", dt.datetime.combine(edition.made_on, dt.time(), tzinfo=dt.UTC))
    return event


def _whole_days(event: Event, step: Step) -> None:
    """This function will make an event last from a step's first to its last day; an open end shows its first day."""
    event.add("dtstart", step.from_)
    until = step.until or step.from_ + dt.timedelta(1)
    event.add("dtend", until)
    event.add("transp", "TRANSPARENT")


def _daily(event: Event, step: Step, hour: dt.time, zone: ZoneInfo | None) -> None:
    """This function will repeat an intake every day of its step, at the same hour of the local clock."""
    event.add("dtstart", dt.datetime.combine(step.from_, hour, tzinfo=zone))
    event.add("duration", REMINDER)
    rule: dict[str, object] = {"freq": "daily"}
    if step.days is not None:
        rule["count"] = step.days
    event.add("rrule", rule)
    event.add("transp", "TRANSPARENT")


def _description(edition: Edition, step: Step, lang: Language) -> str:
    lines = [step_in_words(step, lang)]
    if step.until:
        lines.append(lang.say("The last day is {last}.", last=lang.date(step.until - dt.timedelta(1))))
    lines.append(lang.say("Plan {identity}, version {number}.", identity=edition.identity, number=edition.number))
    if edition.draft:
        lines.append(lang.say("DRAFT – not signed, not to be taken or dispensed from."))
    lines.append(knowledge_line(edition, lang))
    return "\n".join(lines)


def _alarm(says: str, trigger: dt.timedelta) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", says)
    alarm.add("trigger", trigger)
    return alarm
