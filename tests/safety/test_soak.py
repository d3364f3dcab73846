"""Many at work for some time: no error, nothing locked, nothing lost, no memory that grows. `make soak` does it for half an hour."""

from __future__ import annotations

import datetime as dt
import os
import sys
from typing import Any

import pytest

from tests.clinic import soak
from tests.clinic.server import ran

PROCESSES = {"keeps who answers", "answers", "keeps the worker", "does jobs"}


def a_soak(seconds: int, people: int, **environment: str) -> dict[str, Any]:
    return ran("tests.clinic.soak", seconds, people, environment={**os.environ, "SOAK_CASES": "12", **environment})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what processes have in memory is read from /proc")
def test_people_at_work_see_no_error_and_lose_nothing() -> None:
    found = a_soak(25, 8, SOAK_STRICT="")
    assert found["wrong"] == []
    assert {each["process"] for each in found["memory"]} == PROCESSES
    assert found["notes"] and found["came"]["worklist 200"] and found["came"]["case 200"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what processes have in memory is read from /proc")
def test_a_clinic_that_leaks_and_fails_is_found() -> None:
    found = a_soak(30, 8, SOAK_STRICT="", SOAK_SETTINGS="tests.clinic.leaky")
    assert any("500" in each for each in found["wrong"])
    assert any(each.startswith("answers") for each in soak.grown(found))


def found(**changed: Any) -> dict[str, Any]:
    waits = {"times": 10, "p50": 0.05, "p95": 0.1, "p99": 0.2}
    flat = {"process": "answers", "warm": 80.0, "end": 84.0, "growth": 0.05}
    return {
        "seconds": 1800, "people": 50, "cases": 200, "requests": 10, "came": {"hold 409": 1, "hold 422": 2}, "waited": {"hold": waits},
        "all": waits, "notes": 3, "load": 1.4, "cores": 2, "memory": [flat], "wrong": [], **changed,
    }  # fmt: skip


def test_the_page_says_what_was_found_and_how_long_it_was() -> None:
    on = dt.date(2026, 12, 1)
    told = soak.page(found(), on)
    assert "2026-12-01: 30 minutes, 50 people" in told and "a shorter one" not in told
    assert "Nothing: no error" in told and "| answers | 80.0 | 84.0 | +5.0% |" in told
    told = soak.page(found(seconds=300, wrong=["hold /x/: 500 "]), on)
    assert "a shorter one" in told and "* hold /x/: 500" in told and "Nothing: no error" not in told


def test_memory_that_grew_by_more_than_a_tenth_and_a_process_that_was_gone_are_found() -> None:
    more = {"process": "answers", "warm": 80.0, "end": 90.0, "growth": 0.125}
    gone = {"process": "does jobs", "warm": None, "end": None, "growth": None}
    assert soak.grown(found()) == []
    assert soak.grown(found(memory=[more, gone])) == ["answers: 0.125", "does jobs: None"]
