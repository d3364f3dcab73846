"""Whether the disk had it before anybody was told: what the clinic asks of the system, watched while it answers, as JSON.

    python -m tests.clinic.trace WRITES [SETTINGS|--encrypted]

Every acknowledgement must come after each file of the database that was written for it was synchronised, and after at
least one was. Killing processes cannot show this, because the system keeps what a killed process wrote.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

from tests.clinic.place import new_key
from tests.clinic.server import Caller, Running, environment

CALLS = "pwrite64,pwritev,write,writev,fsync,fdatasync,sendto,sendmsg"
LINE = re.compile(
    r"^(?P<thread>\d+)\s+(?:(?P<resumed><\.\.\. (?P<again>\w+) resumed>)|(?P<call>\w+)\((?P<fd>\d+)<(?P<path>[^>]*)>)"
)
ENCRYPTED = "--encrypted"
TOLD = '"HTTP/1.1 302'


@dataclass
class Thread:
    """What one thread wrote since it last told anybody, and which of it the disk does not have yet."""

    wrote: int = 0
    synchronised: int = 0
    open: set[str] = field(default_factory=set)
    waits: str = ""


def acknowledged(lines: list[str], database: str) -> list[bool]:
    """Return, for each acknowledgement, whether the disk had everything that was written for it."""
    threads: dict[str, Thread] = {}
    found = []
    for line in lines:
        match = LINE.match(line)
        if match is None:
            continue
        thread = threads.setdefault(match["thread"], Thread())
        if match["resumed"]:
            if match["again"] in ("fsync", "fdatasync") and line.rstrip().endswith("= 0") and thread.waits:
                thread.open.discard(thread.waits)
                thread.synchronised += 1
                thread.waits = ""
            continue
        call, path = match["call"], match["path"]
        ours = path.startswith(database) and not path.endswith("-shm")
        if call in ("fsync", "fdatasync") and ours:
            if "unfinished" in line:
                thread.waits = path
            elif line.rstrip().endswith("= 0"):
                thread.open.discard(path)
                thread.synchronised += 1
        elif ours:
            thread.open.add(path)
            thread.wrote += 1
        elif TOLD in line:
            found.append(bool(thread.wrote and thread.synchronised) and not thread.open)
            thread.wrote = thread.synchronised = 0
            thread.open.clear()
    return found


def main(writes: int, how: str = "opentaper.clinic.settings") -> dict[str, Any]:
    """Watch a clinic while it acknowledges so many writes, one after the other."""
    if not shutil.which("strace"):
        raise SystemExit("there is no strace here (sh tools/postgresql.sh installs it)")
    with tempfile.TemporaryDirectory(prefix="trace") as named:
        folder = Path(named).resolve()
        if how == ENCRYPTED:
            whole = environment(folder / "data", key=new_key(folder))
        else:
            whole = environment(folder / "data") | {"DJANGO_SETTINGS_MODULE": how}
        os.environ.clear()
        os.environ.update(whole)
        trace = folder / "trace"
        watch = ("strace", "-f", "-qq", "-y", "-s", "24", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(trace))
        clinic = Running(dict(os.environ), folder / "log", before=watch)
        try:
            clinic.start()
            django.setup()
            from django.db import connections

            from tests.clinic.cases import case_text
            from tests.clinic.people import browser_of, person

            doctor = Caller(clinic.port, browser_of(person("prescriber")).session.session_key)
            connections.close_all()
            begun = len(trace.read_text(errors="replace").splitlines())
            path = doctor.post("/cases/new/", seen=0, name="Maria Test", case=case_text()).to
            for number in range(1, writes):
                says = {"on": "2026-01-02", "what": "note", "says": str(uuid.uuid4())}
                assert doctor.post(f"{path}observe/", seen=number, **says).status == 302
        finally:
            clinic.stop()
        lines = trace.read_text(errors="replace").splitlines()[begun:]
        found = acknowledged(lines, str(folder / "data" / "clinic.sqlite3"))
    return {"acknowledged": len(found), "after the disk": sum(found)}


if __name__ == "__main__":
    told = main(int(sys.argv[1]), *sys.argv[2:3])
    print(json.dumps(told))
    # Anybody may look at other settings; ours must hold.
    sys.exit(sys.argv[2:] in ([], [ENCRYPTED]) and told["acknowledged"] != told["after the disk"])
