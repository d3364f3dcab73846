"""A process remembers so many events of cases, and forgets first who was asked for the longest time ago."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import opened, signed_plan

from opentaper import Knowledge
from opentaper.clinic.cases import remembered


def test_what_is_remembered_is_bounded_by_events_and_a_long_case_alone_stays(
    known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, cases = uuid.uuid4(), [uuid.uuid4() for _ in range(4)]
    now, _ = signed_plan(opened(known, a_case(known)), known)
    monkeypatch.setattr(remembered, "MOST", 2 * now.number)
    remembered.forget()

    def there(day: dt.date = TODAY) -> list[bool]:
        return [remembered.up_to(clinic, case, now.number, day) is not None for case in cases]

    for case in cases[:2]:
        remembered.keep(clinic, case, TODAY, now, "x")
    assert there() == [True, True, False, False]
    remembered.up_to(clinic, cases[0], now.number, TODAY)
    remembered.keep(clinic, cases[2], TODAY, now, "x")
    assert there() == [True, False, True, False]
    remembered.keep(clinic, cases[3], TODAY, replace(now, events=now.events * 3), "x")
    assert remembered.up_to(clinic, cases[3], 3 * now.number, TODAY) is not None
    assert there() == [False] * 4, "the long one alone is kept, and it went further than asked"
    remembered.forget()
