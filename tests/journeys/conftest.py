"""Clinics that run for the journeys through the web, one of each kind in each test process."""

from collections.abc import Iterator

import pytest

from opentaper.clinic.demonstration.fill import FIRST
from tests.journeys.browser import Demo, chromium, served


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A clinic with somebody at every stage, which takes longer to begin."""
    chromium()
    with served(tmp_path_factory.mktemp("crowd"), people=FIRST, wait_s=180) as running:
        yield running
