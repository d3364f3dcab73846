"""Many who write at once, to a clinic that runs, on both databases: each wish once, one winner, nobody sees an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clinic.server import Running, environment, ran

pytestmark = pytest.mark.slow
POSTS, ROUNDS = 200, 10


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_wish_has_one_effect_one_of_many_writers_wins_and_nobody_sees_an_error(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres") if database == "postgresql" else None
    clinic = Running(environment(tmp_path / "data", server), tmp_path / "log")
    try:
        clinic.start()
        found = ran("tests.clinic.parallel", clinic.port, POSTS, ROUNDS, environment=clinic.environment)
    finally:
        clinic.stop()
    # The same key again and again: one effect, and everybody is led to the same place.
    for what, count in (("opened", POSTS // 4), ("noted", POSTS)):
        assert found[what]["statuses"] == {"302": count}
        assert len(found[what]["to"]) == 1
    # Eight who saw the same: one is recorded, seven are told so.
    for each in found["rounds"]:
        assert each["statuses"] == {"302": 1, "409": 7}
        assert each["clear"]
    assert found["numbers"] == list(range(1, 3 + ROUNDS))
    assert found["planned"] == {"302": 8}
    # Two clinics on the same connections see their own.
    assert found["looks"] == {"200": POSTS // 4 * 2}
    assert (found["leaks"], found["strangers"], found["whole"]) == (0, 404, [True, True])
    assert "ERROR" not in clinic.printed(), clinic.printed()
    assert "locked" not in clinic.printed()
