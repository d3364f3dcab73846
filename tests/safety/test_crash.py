"""What was acknowledged is there, whole, after everything was killed; and the disk had it first. `make crash` does more."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.clinic.postgresql import NoPostgresError, missing, programs
from tests.clinic.server import ran
from tests.clinic.trace import acknowledged

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 5), ("encrypted", 3), ("postgresql", 2)])
def test_whatever_is_killed_what_was_acknowledged_is_there_and_nothing_is_half_done(database: str, kills: int) -> None:
    if database == "postgresql":
        try:
            programs()
        except NoPostgresError as problem:
            missing(str(problem))
    found: dict[str, Any] = ran("tests.clinic.crash", database, kills)
    assert found["wrong"] == []
    assert found["control"], "a judge who finds nothing judges nothing"
    assert found["acknowledged"] >= kills
    assert found["locked"] == 0


def test_nobody_is_told_before_the_disk_has_it() -> None:
    if not shutil.which("strace"):
        missing(
            "there is no strace here (sh tools/postgresql.sh installs it): nobody looked what reaches the disk first"
        )
    assert ran("tests.clinic.trace", 6) == {"acknowledged": 6, "after the disk": 6}
    assert ran("tests.clinic.trace", 6, "--encrypted") == {"acknowledged": 6, "after the disk": 6}
    # With an SQLite that does not wait, the same look finds it.
    assert ran("tests.clinic.trace", 6, "tests.clinic.careless") == {"acknowledged": 6, "after the disk": 0}


WAL, TOLD = "/d/clinic.sqlite3-wal", '7 sendto(5<socket:[1]>, "HTTP/1.1 302 Found"..., 99, 0, NULL, 0) = 99'


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        ([f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", f"7 fdatasync(3<{WAL}>) = 0", TOLD], True),
        ([f"7 fdatasync(3<{WAL}>) = 0", f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", TOLD], False),
        ([f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", f"8 fdatasync(3<{WAL}>) = 0", TOLD], False),
        ([f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", f"7 fdatasync(3<{WAL}>) = -1 EIO", TOLD], False),
        ([f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", f"7 fdatasync(3<{WAL}> <unfinished ...>", TOLD], False),
        ([f"7 pwrite64(3<{WAL}>, ..., 24, 0) = 24", f"7 fdatasync(3<{WAL}> <unfinished ...>",
          "7 <... fdatasync resumed>) = 0", TOLD], True),
        ([TOLD], False),
    ],
)  # fmt: skip
def test_the_look_at_the_disk_can_tell(lines: list[str], after: bool) -> None:
    assert acknowledged(lines, "/d/clinic.sqlite3") == [after]
