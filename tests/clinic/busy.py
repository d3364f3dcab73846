"""A clinic at work, as a process of its own: python -m tests.clinic.busy COUNT writes so many events (0: until killed).

With a second argument it then stays, with its connection open, until its input ends.

It prints the clinic's key, and then the place of each event once it was acknowledged.
"""

from __future__ import annotations

import itertools
import os
import sys
import uuid

os.environ["DJANGO_SETTINGS_MODULE"] = "opentaper.clinic.settings"


def main() -> None:
    import django

    django.setup()

    from django.utils import timezone

    from opentaper.care import ACTS, By, observe, open_case
    from opentaper.clinic.cases import base
    from opentaper.clinic.cases.models import Row
    from opentaper.clinic.cases.record import Asked, Verb, Written, write
    from opentaper.clinic.isolation import reading
    from opentaper.clinic.people.models import Clinic, Person
    from opentaper.patient import case_of
    from opentaper.record import Actor
    from tests.clinic.cases import case_text, today

    clinic = Clinic.objects.get_or_create(name="Lindenhof", country="CH", time_zone="Europe/Zurich")[0]
    person = Person.objects.filter(clinic=clinic).first() or Person.objects.add(
        email="ada@lindenhof.example", full_name="Ada Example", clinic=clinic, role="prescriber"
    )
    by = By(
        actor=Actor(key=str(person.pk), name=person.full_name, role=person.role),
        may=frozenset(ACTS),
        at=timezone.now(),
        software="0",
        knowledge=base.now(today()).digest,
    )
    print(clinic.pk, flush=True)
    case, seen = uuid.uuid4(), 0

    def wrote(verb: Verb) -> None:
        nonlocal seen
        asked = Asked(clinic=clinic.pk, case=case, person=person.pk, seen=seen, key=uuid.uuid4(), what="x")
        done = write(asked, verb, today())
        assert isinstance(done, Written), done
        seen = done.history.number
        with reading(clinic.pk):
            print(Row.objects.filter(case_id=case, number=seen).values_list("place", flat=True).get(), flush=True)

    wrote(lambda _: open_case("Maria Test", case_of(case_text(), base.now(today())), by=by))
    count = int(sys.argv[1])
    for number in range(count - 1) if count else itertools.count():
        if number % 20 == 19:
            case, seen = uuid.uuid4(), 0
            wrote(lambda _: open_case("Maria Test", case_of(case_text(), base.now(today())), by=by))
        else:
            wrote(lambda now: observe(now, on=today(), what="note", says="a quiet day", by=by))
    if len(sys.argv) > 2:
        sys.stdin.read()


if __name__ == "__main__":
    main()
