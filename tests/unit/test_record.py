"""Events: written and read back as they were, in the only order that is possible, in a chain that shows what was done."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import NOON, PRESCRIBER, by, done, opened, signed_plan, started_plan, supplied

from opentaper import Knowledge
from opentaper.care import (
    allow,
    ask,
    at_home,
    change_case,
    correct,
    hold,
    lose,
    observe,
    offer,
    slow,
    step_back,
    stop,
)
from opentaper.care.follow import Offered
from opentaper.plan import Item
from opentaper.record import (
    FIRST,
    Allowed,
    Broken,
    CodecError,
    Corrected,
    Event,
    Head,
    History,
    Link,
    Observed,
    OutOfOrderError,
    Progress,
    decode,
    encode,
    history,
    link,
    verify,
)

A_DAY = dt.timedelta(1)


@pytest.fixture(scope="module")
def lived(known: Knowledge) -> History:
    """A case in which nearly everything that can happen has happened."""
    before = opened(known)
    offered = offer(before, known, by=by())
    assert isinstance(offered, Offered)
    now, mark = signed_plan(offered.recorded.history, known)
    from opentaper.care import start

    now = done(start(now, mark, known, on=TODAY, by=by()))
    now = supplied(now, known)
    items = tuple(Item(product=each, amount=amount / 2) for each, amount in at_home(now, TODAY, as_said=True).items())
    now = done(lose(now, items, "left on the bus", on=TODAY, by=by()))
    now = done(allow(now, now.number - 1, "she brought the police report", on=TODAY, by=by()))
    now = done(observe(now, on=TODAY, what="score", says="GAD-7: 9", by=by()))
    now = done(correct(now, now.number, Observed(on=TODAY, what="score", says="GAD-7: 8"), "mistyped", by=by()))
    now = done(hold(now, known, days=14, because="a hard month", on=TODAY + 20 * A_DAY, by=by()))
    now = done(slow(now, known, times=Fraction(2), because="sleep", on=TODAY + 60 * A_DAY, by=by()))
    now = done(step_back(now, known, steps=1, because="panic", on=TODAY + 120 * A_DAY, by=by()))
    now = done(ask(now, now.force or "", None, "May I give the 1 mg tablets?", by=by()))
    return done(stop(now, "moves to another clinic", on=TODAY + 130 * A_DAY, by=by(at=NOON + 130 * A_DAY)))


def test_every_event_reads_back_as_what_it_was(lived: History, known: Knowledge) -> None:
    for event in lived.events:
        text = encode(event)
        assert decode(text, known) == event
        assert encode(decode(text, known)) == text
    assert history(decode(encode(event), known) for event in lived.events) == lived
    assert len({type(event.what) for event in lived.events}) >= 11


@given(
    says=st.text(st.characters(exclude_categories=("C", "Z")), min_size=1),
    on=st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)),
    at=st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
)
def test_whatever_is_observed_reads_back(known: Knowledge, says: str, on: dt.date, at: dt.datetime) -> None:
    event = Event(
        number=1, at=at, by=PRESCRIBER, what=Observed(on=on, what="note", says=says), software="0.1.0", knowledge="0"
    )
    assert decode(encode(event), known) == event


def test_what_an_event_says_only_sometimes_reads_back_too(known: Knowledge) -> None:
    now, mark = started_plan(known)
    now = supplied(now, known)
    shelf = (known.products["us-clonazepam-tablet-0.5mg"], known.products["us-clonazepam-odt-0.125mg"])
    now = done(ask(now, mark, None, "From these?", by=by(), products=shelf))
    home = at_home(now, TODAY, as_said=True)
    items = tuple(Item(product=each, amount=amount) for each, amount in home.items())
    now = done(lose(now, items, "stolen", on=TODAY, by=by()))
    now = done(allow(now, now.number - 1, "yes", on=TODAY, by=by()))
    now = supplied(now, known, replaces=next(iter(now.lost)))
    assert history(decode(encode(event), known) for event in now.events) == now
    text = next(encode(event) for event in now.events if event.what.KIND == "queried")
    with pytest.raises(CodecError, match="no product"):
        decode(text.replace("us-clonazepam-odt-0.125mg", "us-clonazepam-odt-0.126mg"), known)


def test_nothing_is_replaced_that_nobody_allowed_whoever_writes_the_events(known: Knowledge) -> None:
    now, _ = started_plan(known)
    now = supplied(now, known)
    [handed] = now.dispensed.values()
    home = at_home(now, TODAY, as_said=True)
    now = done(lose(now, tuple(Item(product=each, amount=x) for each, x in home.items()), "stolen", on=TODAY, by=by()))
    number = next(iter(now.lost))
    for what in (
        replace(handed, replaces=number, until=TODAY + A_DAY),
        replace(handed, replaces=1, until=TODAY + A_DAY),
        Allowed(lost=number, on=TODAY, says="yes", confirmed_at=NOON - A_DAY),
        Allowed(lost=number, on=TODAY + 3 * A_DAY, says="yes", confirmed_at=NOON),
        Allowed(lost=1, on=TODAY, says="yes", confirmed_at=NOON),
    ):
        event = Event(number=now.number + 1, at=NOON, by=PRESCRIBER, what=what, software="0", knowledge="0")
        with pytest.raises(OutOfOrderError):
            now.then(event)


def test_an_event_with_anything_added_or_taken_away_is_refused(lived: History, known: Knowledge) -> None:
    for event in {event.what.KIND: event for event in lived.events}.values():
        text = encode(event)
        for place in ("", "by", event.what.KIND):
            whole = json.loads(text)
            for key in [*(whole[place] if place else whole), "dose"]:
                content = json.loads(text)
                table = content[place] if place else content
                if key in table:
                    del table[key]
                else:
                    table[key] = "9 mg"
                with pytest.raises(CodecError):
                    decode(json.dumps(content), known)


def test_a_version_whose_dose_was_edited_is_refused(lived: History, known: Knowledge) -> None:
    text = next(encode(event) for event in lived.events if event.what.KIND == "reviewed")
    # The tablets are edited along with the dose, so that only the digest can tell.
    edited = text.replace("us-clonazepam-tablet-0.5mg", "us-clonazepam-tablet-1mg")
    assert edited != text
    with pytest.raises(CodecError):
        decode(edited, known)


def test_a_correction_counts_and_the_mistake_stays_in_the_record(lived: History) -> None:
    number = next(event.what.number for event in lived.events if isinstance(event.what, Corrected))
    assert lived.observed[number].says == "GAD-7: 8"
    wrong = lived.events[number - 1].what
    assert isinstance(wrong, Observed)
    assert wrong.says == "GAD-7: 9"


def test_a_plan_that_was_replaced_is_past_and_one_that_was_ended_is_not_in_force(lived: History) -> None:
    assert lived.in_force is None
    assert lived.stopped is not None
    assert {each.progress for each in lived.versions.values()} == {Progress.PAST}
    assert len(lived.versions) == 4


def test_events_out_of_order_are_refused(lived: History) -> None:
    for wrong in (lived.events[1:], lived.events[::-1], (*lived.events, lived.events[-1]), lived.events[:3] * 2):
        with pytest.raises(OutOfOrderError):
            history(wrong)


def test_an_event_before_the_one_it_follows_is_refused(known: Knowledge) -> None:
    now = opened(known)
    early = Event(
        number=2,
        at=NOON - A_DAY,
        by=PRESCRIBER,
        what=Observed(on=TODAY, what="note", says="x"),
        software="0",
        knowledge="0",
    )
    with pytest.raises(OutOfOrderError, match="before the event it follows"):
        now.then(early)
    # A clock that was once ahead keeps nobody from going on.
    after = done(observe(now, on=TODAY - A_DAY, what="note", says="x", by=by(at=NOON - A_DAY)))
    assert after.events[-1].at == NOON


def test_a_changed_case_voids_what_was_signed_and_has_not_begun(known: Knowledge) -> None:
    now, mark = signed_plan(opened(known), known)
    assert now.versions[mark].progress is Progress.ACCEPTED
    now = done(change_case(now, a_case(known, goal="0.5 mg"), "she wants to stay on a lower dose", by=by()))
    assert now.versions[mark].progress is Progress.VOID


def test_a_second_supply_for_the_same_days_is_refused(known: Knowledge) -> None:
    now, _ = started_plan(known)
    now = supplied(now, known)
    [handed] = now.dispensed.values()
    again = Event(
        number=now.number + 1, at=NOON, by=PRESCRIBER, software="0", knowledge="0",
        what=replace(handed, from_=TODAY + 27 * A_DAY, until=TODAY + 55 * A_DAY),
    )  # fmt: skip
    with pytest.raises(OutOfOrderError, match="dispensed already"):
        now.then(again)


def chained(lived: History, clinic: str = "clinic") -> list[Link]:
    links, before = [], FIRST
    for place, event in enumerate(lived.events, start=1):
        links.append(link(clinic, place, "case", encode(event), before))
        before = links[-1].hash
    return links


def test_a_whole_chain_is_whole(lived: History) -> None:
    links = chained(lived)
    assert verify("clinic", links) == Head(clinic="clinic", place=len(links), hash=links[-1].hash)
    for place in range(len(links) + 1):
        head = verify("clinic", links[:place])
        assert isinstance(head, Head)
        assert isinstance(verify("clinic", links, head), Head)


@pytest.mark.parametrize("place", range(1, 9))
def test_every_way_to_tamper_breaks_the_chain_and_names_the_first_bad_row(lived: History, place: int) -> None:
    links = chained(lived)
    head, row = verify("clinic", links), links[place - 1]
    assert isinstance(head, Head)
    forged = link("clinic", place, row.case, row.content.replace("Ada", "Eve"), row.before)
    edited = Link(place=place, case=row.case, content=forged.content, before=row.before, hash=row.hash)
    moved = Link(place=place, case="another case", content=row.content, before=row.before, hash=row.hash)
    remade = list(links[: place - 1])
    for each in [forged, *links[place:]]:
        remade.append(link("clinic", each.place, each.case, each.content, remade[-1].hash if remade else FIRST))
    other = {
        "edited": [*links[: place - 1], edited, *links[place:]],
        "moved to another case": [*links[: place - 1], moved, *links[place:]],
        "dropped": [*links[: place - 1], *links[place:]],
        "swapped": [*links[: place - 1], links[place], links[place - 1], *links[place + 1 :]],
        "twice": [*links[:place], row, *links[place:]],
    }
    for way, tampered in other.items():
        found = verify("clinic", tampered)
        assert isinstance(found, Broken), way
        assert found.place in (place, place + 1), way
    assert verify("clinic", [*links[: place - 1], forged, *links[place:]]) == Broken(
        place=place + 1, says=f"row {place + 1} does not go on from the row before it"
    )
    assert isinstance(verify("another clinic", links), Broken)
    # Only the exported head sees these two.
    assert isinstance(verify("clinic", links[:place]), Head)
    assert isinstance(verify("clinic", links[:place], head), Broken)
    assert isinstance(verify("clinic", remade), Head)
    assert isinstance(verify("clinic", remade, head), Broken)
