"""Through the command line: starting the clinic, and what it refuses to start with."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SAFE = {"PATH": "", "OPENTAPER_HOSTS": "clinic.example"}


def opentaper(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "opentaper", *arguments],
        capture_output=True, text=True, check=False, timeout=60, env={"PATH": "", **environment},
    )  # fmt: skip


def test_with_the_settings_of_a_deployment_django_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    done = opentaper(
        "clinic", "check", "--deploy", "--fail-level", "WARNING", "--database", "default", **SAFE,
        OPENTAPER_DATA=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert "is mended, so it may use a write-ahead log" in done.stderr


def test_the_migrations_say_what_the_models_say(tmp_path: Path) -> None:
    done = opentaper("clinic", "makemigrations", "--check", "--dry-run", **SAFE, OPENTAPER_DATA=str(tmp_path))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "environment, says",
    [
        ({"OPENTAPER_DEBUG": "1"}, "OPENTAPER_HTTP_LOOPBACK=1"),
        ({"OPENTAPER_HTTP_LOOPBACK": "1"}, "needs https"),
        ({"OPENTAPER_HOSTS": "*"}, "forge links"),
        ({"OPENTAPER_DATABASE": "oracle://x"}, "postgres://"),
        ({"OPENTAPER_SECRET": "short"}, "could be guessed"),
    ],
)
def test_unsafe_settings_are_refused_in_one_sentence(environment: dict[str, str], says: str, tmp_path: Path) -> None:
    done = opentaper("clinic", "check", **{**SAFE, "OPENTAPER_DATA": str(tmp_path), **environment})
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_and_a_demonstration_for_others_are_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = opentaper("serve", "--port", port, OPENTAPER_DATA=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "give another" in done.stderr
    done = opentaper("serve", "--demo", "--host", "0.0.0.0", OPENTAPER_DATA=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "localhost" in done.stderr


def test_without_the_extra_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['django'] = None; from opentaper.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'opentaper[clinic]'" in done.stderr


def test_no_other_command_loads_django() -> None:
    code = (
        "import sys; from opentaper.cli import main; main(['facts', 'clonazepam/half-life']); main(['serve', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('django', 'allauth', 'opentaper.clinic')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_operator_makes_a_clinic_and_lets_somebody_in_anew(tmp_path: Path) -> None:
    here = {**SAFE, "OPENTAPER_DATA": str(tmp_path)}
    assert opentaper("clinic", "migrate", "-v0", **here).returncode == 0
    made = opentaper(
        "clinic", "add_clinic", "--name", "Lindenhof", "--country", "CH", "--time-zone", "Europe/Zurich", "--email", "Ada@x.example",
        "--full-name", "Ada Example", **here,
    )  # fmt: skip
    assert re.search(r"Ada Example sets a password, once .*, at /password/\w+/\S+/$", made.stdout), made.stderr
    again = opentaper("clinic", "forget_factors", "ADA@x.example", **here)
    assert "/password/" in again.stdout, again.stderr
    twice = opentaper(
        "clinic", "add_clinic", "--name", "Other", "--country", "CH", "--time-zone", "Europe/Zurich", "--email", "ada@x.example", "--full-name", "B",
        **here,
    )  # fmt: skip
    assert twice.returncode == 1
    assert "already" in twice.stderr
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_with_an_sqlite_that_loses_data_no_write_ahead_log_is_used_and_one_made_by_hand_is_an_error(
    tmp_path: Path,
) -> None:
    program = (
        "import sqlite3, sys; sys.modules['pysqlite3'] = None\n"
        "sqlite3.sqlite_version_info = (3, 40, 1)\n"
        "from opentaper.clinic import start\n"
        "start.get_ready()\n"
        "from django.db import connection\n"
        "from opentaper.clinic.people import check\n"
        "check.wal_is_safe = lambda version: False\n"
        "print([each.id for each in check.sqlite_log(databases=['default'])])\n"
        "connection.cursor().execute('PRAGMA journal_mode=WAL')\n"
        "print([each.id for each in check.sqlite_log(databases=['default'])])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60,
        env={**SAFE, "OPENTAPER_DATA": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["['opentaper.I002']", "['opentaper.E003']"], done.stderr


def processes_of(folder: Path) -> list[str]:
    """Return the commands of all processes that were started for a clinic's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"OPENTAPER_DATA={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended, or is somebody else's
    return [command for command in found if command]  # what has ended and was not waited for has none


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="NOT TESTED: needs /proc to see all processes")
def test_serve_does_jobs_beside_and_nothing_is_left_when_it_is_killed(tmp_path: Path) -> None:
    here = {"OPENTAPER_DATA": str(tmp_path)}
    assert opentaper("clinic", "migrate", "-v0", **here).returncode == 0
    made = (
        "--name",
        "Lindenhof",
        "--country",
        "CH",
        "--time-zone",
        "Europe/Zurich",
        "--email",
        "ada@x.example",
        "--full-name",
        "Ada Example",
    )
    assert opentaper("clinic", "add_clinic", *made, **here).returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    serving = subprocess.Popen(
        [sys.executable, "-m", "opentaper", "serve", "--port", port],
        env={"PATH": "", **here}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        waited((tmp_path / "heads.jsonl").exists)
        assert sum("clinic work" in command for command in processes_of(tmp_path)) == 1
    finally:
        serving.kill()
        serving.wait()
    waited(lambda: not processes_of(tmp_path))


def waited(until: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.1)
