"""What every test may ask for: the base, loaded once, as of a fixed day."""

import datetime as dt
from collections.abc import Iterator

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
