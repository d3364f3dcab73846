"""Who is in the demonstration, and how they come into the record: some before the clinic opens, the others as jobs.

Whoever is there already stays as they are, so that a start goes on where the last one was stopped, and doubles nobody.
A case is kept in one transaction: it is there as a whole or not at all.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from opentaper.clinic.cases import base
from opentaper.clinic.cases.models import Summary
from opentaper.clinic.cases.record import Asked, Written, write
from opentaper.clinic.cases.who import SOFTWARE
from opentaper.clinic.demonstration.invent import invent
from opentaper.clinic.demonstration.stage import ENDLESS, STORIES, stage_of
from opentaper.clinic.demonstration.way import RefusedError, Scene, Way
from opentaper.clinic.isolation import reading, writing
from opentaper.clinic.jobs.kind import Effect, JobError, enqueue, kind
from opentaper.clinic.jobs.models import Job
from opentaper.clinic.people.demonstration import CLINICS, clinic_of
from opentaper.clinic.people.models import Clinic, Person
from opentaper.record import Actor

HERE = Path(__file__).with_name("shown")
SHOWN = {"Maria Example": "clonazepam.toml", "Tomás Example": "lorazepam.toml"}
"""Whom the tour meets: opened, not planned."""
PEOPLE = 200
FIRST = len(SHOWN) + len(STORIES)
"""How many are there before the clinic opens: one of every stage in the first clinic."""
KIND = "demonstrate"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """Somebody of the demonstration: of which clinic, and the how-many-eth there; whom the tour meets come first."""

    clinic: Clinic
    number: int

    @property
    def case(self) -> uuid.UUID:
        return uuid.uuid5(self.clinic.pk, f"demonstration {self.number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many of the demonstration are there, and how many are still being added."""

    there: int
    to_come: int


def everybody() -> Iterator[One]:
    """Yield who is in the demonstration: all that the first clinic needs, then of each clinic in turn, without end."""
    first, *others = map(clinic_of, CLINICS)
    for number in range(FIRST):
        yield One(clinic=first, number=number)
    turn = 0
    while True:
        for clinic in others:
            yield One(clinic=clinic, number=len(SHOWN) + turn)
        yield One(clinic=first, number=FIRST + turn)
        turn += 1


def fill(people: int = PEOPLE, first: int = FIRST) -> Filled:
    """Let some be there at once, and ask for a job for each of the others.

    Args:
        people: how many there are in the end.
        first: how many are there when this returns.
    """
    wanted = list(islice(everybody(), people))
    there = _there({one.clinic.pk for one in wanted})
    missing = [one for one in wanted if one.case not in there]
    now = [one for one in wanted[:first] if one.case not in there]
    for one in now:
        keep(one, told(one))
    later = [one for one in missing if one not in now]
    with transaction.atomic():
        for one in later:
            enqueue(KIND, timezone.now(), about=one.clinic.pk, once=f"{KIND} {one.clinic.pk} {one.number}")
    return Filled(there=len(wanted) - len(later), to_come=len(later))


def _there(clinics: Sequence[uuid.UUID] | set[uuid.UUID]) -> set[uuid.UUID]:
    found: set[uuid.UUID] = set()
    for clinic in clinics:
        with reading(clinic):
            found |= set(Summary.objects.filter(clinic_id=clinic).values_list("case_id", flat=True))
    return found


@kind(KIND)
def demonstrate(job: Job) -> Effect:
    """Add somebody; what takes long is done before the transaction, so that nobody waits for it."""
    clinic = Clinic.objects.filter(demonstration=True).in_bulk().get(job.about_id)
    if clinic is None:
        raise JobError("there is no such demonstration")
    one = One(clinic=clinic, number=int(str(job.once).rsplit(" ", 1)[-1]))
    if one.case in _there([clinic.pk]):
        return lambda: None
    way = told(one)
    return lambda: keep(one, way)


def scene_of(clinic: Clinic) -> Scene:
    """Return a clinic as stories know it."""
    staff: dict[str, tuple[Actor, frozenset[str]]] = {}
    for person in Person.objects.filter(clinic=clinic, is_active=True).order_by("made_at"):
        held = person.held
        actor = Actor(key=str(person.pk), name=person.full_name, role=person.role)
        staff.setdefault(person.role, (actor, held.may if held else frozenset()))
    return Scene(
        country=clinic.country, zone=ZoneInfo(clinic.time_zone), now=timezone.now(), known=base.now(clinic.today(), clinic.pk),
        staff=staff, software=SOFTWARE,
    )  # fmt: skip


def told(one: One, scene: Scene | None = None) -> Way:
    """Return somebody's way, the same for the same number on the same day; a refusal of a verb ends it there."""
    scene = scene or scene_of(one.clinic)
    dice = Random(f"{one.clinic.country} {one.number}")
    stage = stage_of(one.number - len(SHOWN)) if one.number >= len(SHOWN) else ""
    person = invent(scene.country, scene.today, dice, without_end=stage == ENDLESS)
    way = Way(scene=scene, person=person, dice=dice)
    try:
        if stage:
            STORIES[stage](way)
        else:
            _shown(way, list(SHOWN)[one.number])
    except RefusedError as problem:
        way.refused = str(problem)
        log.warning(f"somebody of the demonstration got no further than {stage}: {problem}")
    return way


def _shown(way: Way, name: str) -> None:
    """This function will open the case of somebody whom the tour meets."""
    text = (HERE / SHOWN[name]).read_text(encoding="utf-8")
    way.person = replace(way.person, name=name)
    way.opens("prescriber", way.today, re.sub(r"starts_on = \S+", f"starts_on = {way.today}", text))


def keep(one: One, way: Way) -> None:
    """Write a way into the record, as a whole, unless it is there."""
    with writing(one.clinic.pk):
        if Summary.objects.filter(clinic_id=one.clinic.pk, case_id=one.case).exists():
            return
        for place, turn in enumerate(way.turns):
            asked = Asked(
                clinic=one.clinic.pk, case=one.case, person=uuid.UUID(turn.by.key), seen=turn.before,
                key=uuid.uuid5(one.case, str(place)), what=f"demonstration {place}",
            )  # fmt: skip
            done = write(asked, lambda _, turn=turn: turn.recorded, way.today)  # type: ignore[misc]
            if not isinstance(done, Written):
                raise RefusedError(done.says)
