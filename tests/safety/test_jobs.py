"""A job takes effect exactly once, whatever is killed and whenever, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clinic.place import BIRKENHOF, Place
from tests.clinic.postgresql import SUPERUSER, Cluster

LEASE_S = 1.0


@dataclass
class Workplace(Place):
    """A clinic with workers that are processes."""

    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def told(self) -> list[tuple[str, int, int]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [(what, int(job), int(process)) for what, job, process in (line.split() for line in lines)]

    def ask(self, count: int) -> None:
        rows = ", ".join("('errand', '2026-01-01 00:00:00+00:00', '', 0, '')" for _ in range(count))
        self.sql(f"INSERT INTO jobs_job (kind, due, worker, attempts, problem) VALUES {rows}")

    def worker(self, lease_s: float = LEASE_S, **times: str) -> subprocess.Popen[str]:
        started = self.python("tests.clinic.errands", lease_s, self.log, environment=times)
        self.workers.append(started)
        return started

    def wait(self, until: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, self.told()
            time.sleep(0.02)

    def effects(self) -> list[int]:
        names = self.sql("SELECT name FROM people_clinic WHERE name LIKE 'errand %' ORDER BY 1")
        return sorted(int(name.split()[1]) for (name,) in names)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workplace]:
    address = ""
    if request.param == "postgresql":
        server: Cluster = request.getfixturevalue("postgres")
        address = server.address(SUPERUSER, server.database())
    made = Workplace(folder=tmp_path, address=address)
    made.did("clinic", "migrate", "-v0")
    try:
        yield made
    finally:
        for worker in made.workers:
            worker.kill()
            worker.wait()


@pytest.mark.parametrize("when", ["begin", "effect"])
def test_a_job_whose_worker_is_killed_is_done_once_after_the_lease_ran_out(place: Workplace, when: str) -> None:
    place.ask(1)
    first = place.worker(BEGIN_S="30" if when == "begin" else "0", EFFECT_S="30" if when == "effect" else "0")
    place.wait(lambda: any(what == when for what, *_ in place.told()))
    killed_at = time.monotonic()
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert place.effects() == []
    place.worker()
    place.wait(place.effects)
    # The lease of the dead one had not run out when it was killed: the other waited for it.
    assert time.monotonic() - killed_at > LEASE_S * 0.5
    [(done, attempts)] = place.sql("SELECT done_at IS NOT NULL, attempts FROM jobs_job")
    assert (bool(done), attempts, len(place.effects())) == (True, 2, 1)


def test_whenever_workers_are_killed_every_job_takes_effect_once(place: Workplace) -> None:
    place.ask(30)
    pauses = {"BEGIN_S": "0.02", "EFFECT_S": "0.02"}
    for _ in range(6):
        seen = len(place.told())
        worker = place.worker(lease_s=0.3, **pauses)
        place.wait(lambda seen=seen: len(place.told()) > seen + 5 or len(place.effects()) == 30)  # type: ignore[misc]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    place.worker(lease_s=0.3)
    place.wait(lambda: len(place.effects()) >= 30)
    [(left,)] = place.sql("SELECT count(*) FROM jobs_job WHERE done_at IS NULL")
    assert (left, place.effects()) == (0, [key for (key,) in place.sql("SELECT id FROM jobs_job ORDER BY id")])


def test_two_workers_never_do_one_job_at_once(place: Workplace) -> None:
    place.ask(20)
    # Each job takes longer than the lease, which is renewed meanwhile.
    for _ in range(2):
        place.worker(lease_s=0.3, BEGIN_S="0.4", EFFECT_S="0.02")
    place.wait(lambda: len(place.effects()) == 20, 90)
    begun = [job for what, job, _ in place.told() if what == "begin"]
    assert sorted(begun) == sorted(set(begun)) == place.effects()
    assert len({process for _, _, process in place.told()}) == 2


def test_workers_that_ask_at_the_same_moment_get_different_jobs(place: Workplace) -> None:
    for _ in range(3):
        place.worker(lease_s=30)
    # When all of them look for work, there is none; then all of it is due at once.
    time.sleep(3)
    place.ask(120)
    place.wait(lambda: len(place.effects()) == 120, 90)
    begun = [job for what, job, _ in place.told() if what == "begin"]
    assert sorted(begun) == place.effects()


def test_a_worker_that_slept_through_its_lease_changes_nothing(place: Workplace) -> None:
    place.ask(1)
    sleeper = place.worker(BEGIN_S="0.5")
    place.wait(place.told)
    sleeper.send_signal(signal.SIGSTOP)
    place.worker()
    place.wait(place.effects)
    sleeper.send_signal(signal.SIGCONT)
    time.sleep(1.5)
    assert [what for what, _, process in place.told() if process == sleeper.pid] == ["begin"]
    assert len(place.effects()) == 1


def test_the_worker_exports_heads_and_asks_for_the_next_export(tmp_path: Path) -> None:
    place = Workplace(folder=tmp_path)
    place.did("clinic", "migrate", "-v0")
    place.did("clinic", "add_clinic", *BIRKENHOF)
    for _ in range(2):
        place.did("clinic", "work", "--once")
    assert len((tmp_path / "heads.jsonl").read_text().splitlines()) == 1
    jobs = place.sql("SELECT kind, done_at IS NOT NULL, problem FROM jobs_job ORDER BY kind, id")
    kinds = ("audit", "export-heads", "summaries")
    assert jobs == [(kind, done, "") for kind in kinds for done in (1, 0)]


def test_what_keeps_a_worker_starts_it_again_and_ends_with_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "told"
    child = f"import os, sys, time; open({str(told)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    code = (
        "import os, sys, threading; from opentaper.clinic.jobs.beside import keep;"
        f"keep(os.getppid(), [sys.executable, '-c', {child!r}], threading.Event())"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c",
         f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {code!r}]); time.sleep(60)"],
    )  # fmt: skip

    def processes() -> list[int]:
        return [int(line) for line in told.read_text().splitlines()] if told.exists() else []

    def runs(process: int) -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        return True

    def waited(until: Callable[[], object]) -> bool:
        end = time.monotonic() + 20
        while not until() and time.monotonic() < end:
            time.sleep(0.05)
        return bool(until())

    try:
        assert waited(lambda: len(processes()) == 1)
        os.kill(processes()[0], signal.SIGKILL)
        assert waited(lambda: len(processes()) == 2)
    finally:
        parent.kill()
        parent.wait()
    assert waited(lambda: not runs(processes()[1]))
