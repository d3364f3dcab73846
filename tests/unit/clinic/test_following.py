"""What a case's page says of each step: the cut that it is, from what was taken before it."""

import datetime as dt

from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import NOON, by, done, opened, signed_plan

from opentaper import Knowledge
from opentaper.care import start, step_back
from opentaper.clinic.cases.following import rows


def test_only_the_step_back_is_said_to_rise(known: Knowledge) -> None:
    now, mark = signed_plan(opened(known, a_case(known)), known)
    now = done(start(now, mark, known, on=TODAY, by=by()))
    assert now.in_force is not None
    first = rows(now, now.in_force.version, TODAY)
    assert not any(each["rises"] for each in first)
    later = first[2]["from"] + dt.timedelta(1)
    now = done(step_back(now, known, steps=1, because="no sleep", on=later, by=by(at=NOON + (later - TODAY))))
    assert now.in_force is not None
    again = rows(now, now.in_force.version, later)
    assert [each["from"] for each in again if each["rises"]] == [later]
    assert [each["cut"] for each in again[:3]] == [each["cut"] for each in first[:3]]
