"""What several of these tests begin with: a PostgreSQL, and one small clinic, plain and encrypted."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clinic.place import Place
from tests.clinic.postgresql import Cluster, cluster_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server for whatever else the other tests run on, in each test process."""
    with cluster_or_skip() as running:
        yield running


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A plain clinic with 25 rows that nobody works in; tests take copies of its folder."""
    made = Place(folder=tmp_path_factory.mktemp("clinic"))
    made.did("clinic", "migrate", "-v0")
    assert made.python("tests.clinic.busy", 25, stdout=subprocess.DEVNULL).wait() == 0
    made.did("audit", "export")
    return made


@pytest.fixture
def plain(whole: Place, tmp_path: Path) -> Place:
    shutil.copytree(whole.folder, tmp_path / "clinic")
    return Place(folder=tmp_path / "clinic")


@pytest.fixture(scope="session")
def ciphered(whole: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same, encrypted by the command."""
    folder = tmp_path_factory.mktemp("encrypted")
    shutil.copytree(whole.folder, folder / "clinic")
    made = Place(folder=folder / "clinic")
    printed = made.did("encrypt", folder / "key")
    assert "25 rows, same head" in printed and f"Set OPENTAPER_DATABASE_KEY={folder / 'key'}" in printed
    assert "may still hold some of it" in printed and "made before are plain" in printed
    made.key = folder / "key"
    return made


@pytest.fixture
def encrypted(ciphered: Place, tmp_path: Path) -> Place:
    shutil.copytree(ciphered.folder, tmp_path / "encrypted clinic")
    assert ciphered.key is not None
    return Place(folder=tmp_path / "encrypted clinic", key=Path(shutil.copy(ciphered.key, tmp_path / "key")))
