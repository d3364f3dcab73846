"""What a process remembers of cases is bounded, and it forgets first who was asked for the longest time ago."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from tests.conftest import TODAY
from tests.strategies.cases import a_case
from tests.strategies.record import opened, signed_plan

from opentaper import Knowledge
from opentaper.clinic.cases import remembered
from opentaper.clinic.cases.recent import Recent
from opentaper.record import History


def test_what_is_remembered_is_bounded_by_its_size_and_a_long_case_alone_stays(
    known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, cases = uuid.uuid4(), [uuid.uuid4() for _ in range(4)]
    now, _ = signed_plan(opened(known, a_case(known)), known)
    monkeypatch.setattr(remembered, "MOST_KIB", 2 * remembered.Remembered(now, "x").kib)
    assert remembered.Remembered(now, "x").kib > 50 > remembered.Remembered(History(), "x").kib
    remembered.forget()

    def there(day: dt.date = TODAY) -> list[bool]:
        return [remembered.up_to(clinic, case, now.number, day) is not None for case in cases]

    for case in cases[:2]:
        remembered.keep(clinic, case, TODAY, now, "x")
    assert there() == [True, True, False, False]
    remembered.up_to(clinic, cases[0], now.number, TODAY)
    remembered.keep(clinic, cases[2], TODAY, now, "x")
    assert there() == [True, False, True, False]
    remembered.keep(clinic, cases[3], TODAY, replace(now, events=now.events * 60), "x")
    assert remembered.up_to(clinic, cases[3], 60 * now.number, TODAY) is not None
    assert there() == [False] * 4, "the long one alone is kept, and it went further than asked"
    remembered.forget()


def test_what_is_drawn_is_kept_up_to_a_weight_and_the_oldest_goes_first() -> None:
    made: list[str] = []
    kept: Recent[str] = Recent(10, weigh=len)

    def get(text: str) -> str:
        return kept.get(text, lambda: made.append(text) or text)  # type: ignore[func-returns-value]

    for text in ("aaaa", "bbbb", "aaaa", "cccc", "aaaa", "bbbb"):
        assert get(text) == text
    assert made == ["aaaa", "bbbb", "cccc", "bbbb"], "what was asked for last stays"
    assert get("d" * 11) == get("d" * 11), "what is too heavy is made each time, and nothing else stays for it"
    assert made[4:] == ["d" * 11] * 2
    assert get("aaaa") == "aaaa" and made[6:] == ["aaaa"]
