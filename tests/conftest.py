"""What every test may ask for: the base, loaded once, as of a fixed day."""

import datetime as dt

import pytest

from opentaper import Knowledge, load

TODAY = dt.date(2026, 12, 1)


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return load(TODAY)
