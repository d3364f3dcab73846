"""One clinic that runs for every journey through the web, in each test process."""

from collections.abc import Iterator

import pytest

from tests.journeys.browser import Demo, served


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running
