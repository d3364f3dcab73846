"""What every test may ask for: the base, loaded once, as of a fixed day."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from opentaper import Knowledge, load

TODAY = dt.date(2026, 12, 1)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_kept_at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENTAPER_CACHE", str(tmp_path_factory.mktemp("kept")))
        yield


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return load(TODAY)


SAFETY = Path(__file__).parents[1] / "SAFETY.md"
RAN: set[str] = set()
"""Tests that ran and passed, as SAFETY.md names them: file and name, whatever the parameters."""
THERE: set[str] = set()
"""Tests that this run left to the one on PostgreSQL."""


def named(node: str) -> str:
    """Return a test as SAFETY.md names it."""
    path, *inner = node.split("[", maxsplit=1)[0].split("::")
    return f"{path}::{inner[-1]}"


def not_proved(ran: set[str], safety: str) -> list[str]:
    """Return the tests that SAFETY.md names and that did not run and pass."""
    found = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", safety)
    files = {each.split("::")[0] for each in ran}
    return sorted(
        {
            f"{path}::{name}" if name else path
            for path, name in found
            if (f"{path}::{name}" if name else path) not in ran | files
        }
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        RAN.add(named(report.nodeid))
    # What asks PostgreSQL is run there by the same `make test`, and looked for in that run.
    if report.skipped and "asks PostgreSQL" in str(report.longrepr):
        THERE.add(named(report.nodeid))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that is green although a test that SAFETY.md names was skipped, renamed or taken out.

    A whole run must have all of them; the run on PostgreSQL all that are in its files.
    """
    config = session.config
    chosen = config.option.keyword or config.option.markexpr or config.option.collectonly
    whole = config.args == config.getini("testpaths")
    there = os.environ.get("OPENTAPER_DATABASE", "").startswith("postgres") and all(map(os.path.exists, config.args))
    if hasattr(config, "workerinput") or chosen or session.testsfailed or not (whole or there):
        return
    missing = [
        each
        for each in not_proved(RAN | THERE, SAFETY.read_text(encoding="utf-8"))
        if whole or each.startswith(tuple(config.args))
    ]
    if missing:
        print(f"\nSAFETY.md names tests that did not run and pass: {', '.join(missing)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
