"""People at work for long in a clinic that runs as `opentaper serve` runs it, and what became of it, as JSON.

    python -m tests.clinic.soak SECONDS [PEOPLE] [PAGE]

Everybody logs in with password and code, reads, and writes, with pauses as people have them, and looks at every body that
comes back. Meanwhile the memory of every process of the clinic is measured. PAGE is a file of the docs that is written anew.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import secrets
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from tests.clinic.server import Answer, Caller, Running, environment

ROLES = ("prescriber", "prescriber", "coordinator", "therapist", "pharmacist")
CASES = 200
PAUSE_S = (1.0, 7.0)
LOG_IN_AGAIN_S = 500.0
LOG_INS_A_MINUTE = 50
"""Fewer than the clinic takes from one address."""
SAMPLE_S = 2.0
WARM = 0.25
"""The part of the time after which memory counts: until then a process meets for the first time what it keeps."""
MOST_GROWTH = 0.10


class OddError(Exception):
    """Something came back that must not."""


@dataclass(kw_only=True)
class Told:
    """What everybody saw, together."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    came: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Employee:
    """Somebody who can log in, and the cases of their clinic with the names on them."""

    email: str
    full_name: str
    password: str
    secret: str
    role: str
    cases: tuple[tuple[uuid.UUID, str], ...]


class Worker(threading.Thread):
    """One employee at work, until told that it is over."""

    def __init__(self, who: Employee, port: int, told: Told, over: threading.Event, wait_s: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.who, self.caller, self.told, self.over = who, Caller(port), told, over
        self.wait_s, self.dice = wait_s, random.Random(seed)
        self.in_since = 0.0

    def run(self) -> None:
        if self.over.wait(self.wait_s):
            return
        while not self.over.is_set():
            try:
                if not self.in_since or time.monotonic() - self.in_since > LOG_IN_AGAIN_S:
                    self.log_in()
                self.work()
            except OddError as problem:
                self._odd(str(problem))
            except Exception as problem:
                self._odd(f"{type(problem).__name__}: {problem}")
            self.over.wait(self.dice.uniform(*PAUSE_S))

    def log_in(self) -> None:
        """Log out, if need be, and in, with password and code, as a person does."""
        from tests.clinic.people import code_from

        if self.in_since:
            self._post("log out", "/log-out/", {}, {302})
        self.caller, self.in_since = Caller(self.caller.port), 0.0
        self._get("log in", "/log-in/", "Log in")
        began = self._post("log in", "/log-in/", {"login": self.who.email, "password": self.who.password}, {302})
        self._get("log in", began.to, "Code")
        self._post("log in", began.to, {"code": code_from(self.who.secret)}, {302})
        self._get("worklist", "/cases/", escape(self.who.full_name), "Log out")
        self.in_since = time.monotonic()

    def work(self) -> None:
        """Do one thing that somebody of this role does."""
        dice = self.dice.random()
        case, name = self.dice.choice(self.who.cases)
        path = f"/cases/{case}/"
        if dice < 0.3:
            self._get(
                "worklist", self.dice.choice(["/cases/", "/cases/?why=everyone", "/cases/?sort=name"]), "</table>"
            )
        elif dice < 0.6 or self.who.role == "pharmacist":
            self._get("case", path, f"<h1>{escape(name, quote=False)}</h1>")
        elif dice < 0.7:
            self._get("story", f"{path}story/", escape(name, quote=False), "Opened the case of")
        elif dice < 0.93:
            self._observe(path, name)
        elif dice < 0.98 or self.who.role == "therapist":
            self._hold(path, name)
        elif self.who.role == "prescriber":
            self._new()

    def _observe(self, path: str, name: str) -> None:
        says = f"note {uuid.uuid4()}"
        sent = {"seen": self._seen(path, name), "on": "2026-01-02", "what": "note", "says": says}
        if self._write("observe", f"{path}observe/", sent):
            with self.told.lock:
                self.told.notes.append(says)

    def _hold(self, path: str, name: str) -> None:
        self._write("hold", f"{path}hold/", {"seen": self._seen(path, name), "days": 7, "because": "a journey"})

    def _new(self) -> None:
        """Open a case, have a plan reviewed, sign it and start it."""
        from tests.clinic.cases import case_text, today

        name, text = f"Case {uuid.uuid4()}", case_text(starts_on=str(today() + dt.timedelta(3)))
        opened = self._post("open", "/cases/new/", {"seen": 0, "name": name, "case": text}, {302})
        path = opened.to
        self._post("plan", f"{path}options/", {"seen": self._seen(path, name), "option": "usual"}, {302})
        version = self._ask("version", "GET", f"{path}versions/", {}, {302}).to
        page = self._get("version", version, "I have read this plan")
        reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', page.body), "discussed")
        self._write("sign", f"{version}sign/", {"seen": self._seen_on(page), **reasons})
        self._write("start", f"{version}start/", {"seen": self._seen(version, "I have read")})

    def _write(self, kind: str, path: str, sent: Mapping[str, Any]) -> bool:
        """This function will send a wish: it is recorded, or somebody else came first, or it is refused in a sentence."""
        answer = self._post(kind, path, sent, {302, 409, 422})
        if answer.status == 409 and "Nothing of yours was recorded" not in answer.body:
            raise OddError(f"{kind}: a 409 that says nothing")
        if answer.status == 422 and "Nothing was recorded" not in answer.body:
            raise OddError(f"{kind}: a 422 that says nothing: {re.findall('role=.status.>(.{300})', answer.body)}")
        return answer.status == 302 and not answer.to.startswith(("/log-in/", "/again/"))

    def _seen(self, path: str, needle: str) -> int:
        return self._seen_on(self._get("case", path, escape(needle, quote=False)))

    def _seen_on(self, page: Answer) -> int:
        return int(re.findall(r'name="seen" value="(\d+)"', page.body)[0])

    def _get(self, kind: str, path: str, *needles: str) -> Answer:
        answer = self._ask(kind, "GET", path, {}, {200})
        for needle in needles:
            if needle not in answer.body:
                raise OddError(
                    f"{kind} {path}: {needle!r} is not on the page: {re.findall('<h1>(.*?)</h1>', answer.body)}"
                )
        return answer

    def _post(self, kind: str, path: str, sent: Mapping[str, Any], statuses: set[int]) -> Answer:
        return self._ask(kind, "POST", path, sent, statuses)

    def _ask(self, kind: str, method: str, path: str, sent: Mapping[str, Any], statuses: set[int]) -> Answer:
        began = time.monotonic()
        answer = self.caller.get(path) if method == "GET" else self.caller.post(path, **sent)
        waited = time.monotonic() - began
        with self.told.lock:
            self.told.waited[kind].append(waited)
            self.told.came[f"{kind} {answer.status}"] += 1
        if answer.status not in statuses:
            raise OddError(f"{kind} {path}: {answer.status} {answer.to}")
        return answer

    def _odd(self, says: str) -> None:
        with self.told.lock:
            self.told.odd.append(says)


class Memory(threading.Thread):
    """What every process of a clinic has in memory, again and again."""

    def __init__(self, session: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.session, self.over = session, over
        self.kib: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self.named: dict[int, str] = {}
        self.load: list[float] = []

    def run(self) -> None:
        while not self.over.wait(SAMPLE_S):
            self.load.append(os.getloadavg()[0])
            for pid in _of_session(self.session):
                try:
                    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
                    self.named.setdefault(pid, _name(pid))
                except OSError:
                    continue
                if found := re.search(r"^VmRSS:\s+(\d+)", told, re.MULTILINE):
                    self.kib[pid].append((time.monotonic(), int(found[1])))

    def growth(self, began: float, ended: float) -> list[dict[str, Any]]:
        """Return for every process its memory when it was warm and at the end [MiB], and by which part it grew."""
        lasted = ended - began
        found = []
        for pid, samples in sorted(self.kib.items()):
            warm = [kib for at, kib in samples if WARM <= (at - began) / lasted <= WARM + 0.1]
            last = [kib for at, kib in samples if (at - began) / lasted >= 0.9]
            if not warm or not last:
                found.append({"process": self.named[pid], "warm": None, "end": None, "growth": None})
                continue
            before, after = statistics.median(warm), statistics.median(last)
            found.append(
                {
                    "process": self.named[pid],
                    "warm": round(before / 1024, 1),
                    "end": round(after / 1024, 1),
                    "growth": round(after / before - 1, 4),
                }
            )
        return found


def _of_session(session: int) -> Iterable[int]:
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            try:
                after = (each / "stat").read_text(encoding="ascii", errors="replace").rsplit(") ", 1)[1].split()
            except (OSError, IndexError):
                continue
            if int(after[3]) == session:
                yield int(each.name)


def _name(pid: int) -> str:
    """This function will say in a word or two what a process does."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(") ", 1)[1].split()[1])
    if "jobs.beside" in command:
        return "keeps the worker"
    if "clinic\0work" in command:
        return "does jobs"
    if "gunicorn" in command:
        return "answers" if b"gunicorn" in Path(f"/proc/{parent}/cmdline").read_bytes() else "keeps who answers"
    return command.replace("\0", " ")[:60]


def hired(people: int, cases: int) -> list[Employee]:
    """Fill the demonstration's clinics and hire people for them: those who work, and three more who look first."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.hashers import make_password

    from opentaper.clinic.cases.record import summaries_of
    from opentaper.clinic.demonstration.fill import fill
    from opentaper.clinic.people.demonstration import CLINICS, clinic_of, demonstration
    from opentaper.clinic.people.models import Person

    demonstration()
    fill(people=cases, first=cases)
    password = secrets.token_hex(8)
    hashed, found = make_password(password), []
    every = [clinic_of(each) for each in CLINICS]
    theirs = {each.pk: tuple((one.case_id, one.name) for one in summaries_of(each.pk)) for each in every}
    clinics = [each for each in every if theirs[each.pk]]
    for number in range(people + len(clinics)):
        clinic, role = clinics[number % len(clinics)], ROLES[number // len(clinics) % len(ROLES)]
        who = Person.objects.add(
            email=f"soak{number}@demo.example", full_name=f"Soak {number} {role}", clinic=clinic, role=role
        )
        who.password = hashed
        who.save()
        secret = generate_totp_secret()
        TOTP.activate(who, secret)
        found.append(
            Employee(
                email=who.email, full_name=who.full_name, password=password, secret=secret, role=role,
                cases=theirs[clinic.pk],
            )
        )  # fmt: skip
    return found


def looked(employees: list[Employee], port: int, times: int = 4) -> None:
    """Have every case looked at, so that each process has met it before the clock runs."""
    from tests.clinic.parallel import at_once

    eyes = []
    for at in employees:
        worker = Worker(at, port, Told(), threading.Event(), 0, 0)
        worker.log_in()
        eyes += [lambda w=worker, c=case: w.caller.get(f"/cases/{c}/") for case, _ in at.cases] * times
    for answer in at_once(eyes, 8):
        assert answer.status == 200, answer


def soak(seconds: float, people: int, cases: int, folder: Path, settings: str = "") -> dict[str, Any]:
    """Let people work, and return what they and the processes were like."""
    import django
    from django.db import connections

    found = environment(folder / "data")
    if settings:
        found |= {"DJANGO_SETTINGS_MODULE": settings}
    os.environ.clear()  # of a test's own settings nothing is left
    os.environ.update(found)
    from opentaper.clinic import start

    start.get_ready()
    django.setup()
    employees = hired(people, cases)
    connections.close_all()
    clinic = Running(found, folder / "log")
    clinic.start()
    assert clinic.process is not None
    told, over = Told(), threading.Event()
    memory = Memory(clinic.process.pid, over)
    try:
        looked(employees[people:], clinic.port)
        ramp = min(0.1 * seconds, 60.0)
        apart = max(60 / LOG_INS_A_MINUTE, ramp / people)
        workers = [
            Worker(who, clinic.port, told, over, apart * place, place) for place, who in enumerate(employees[:people])
        ]
        began = time.monotonic()
        for each in (memory, *workers):
            each.start()
        while time.monotonic() - began < seconds and clinic.process.poll() is None:
            time.sleep(0.5)
        ended = time.monotonic()
        over.set()
        for each in (*workers, memory):
            each.join(120)
        log = clinic.printed()
    finally:
        clinic.stop()
    return {
        "seconds": round(ended - began),
        "people": people,
        "cases": cases,
        "requests": sum(told.came.values()),
        "came": dict(sorted(told.came.items())),
        "waited": {kind: _waits(each) for kind, each in sorted(told.waited.items())},
        "all": _waits([wait for each in told.waited.values() for wait in each]),
        "notes": len(told.notes),
        "load": round(statistics.mean(memory.load), 1) if memory.load else None,
        "cores": os.cpu_count(),
        "memory": memory.growth(began, ended),
        "wrong": [*wrong(told, log), *_kept(told)],
    }


def _waits(waited: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(waited, n=100) if len(waited) > 1 else waited * 99
    return {"times": len(waited), **{f"p{part}": round(cuts[part - 1], 3) for part in (50, 95, 99)}}


def wrong(told: Told, log: str) -> list[str]:
    """Return everything that must not be: what people saw, and what the clinic printed."""
    printed = [line for line in log.splitlines() if re.search(r"locked|Traceback|ERROR|CRITICAL", line)]
    return [*told.odd[:20], *printed[:20]]


def _kept(told: Told) -> list[str]:
    """This function will look whether what was acknowledged is there, and whether every record is whole."""
    from opentaper.clinic.cases.models import Row
    from opentaper.clinic.cases.record import audit
    from opentaper.clinic.people.models import Clinic
    from opentaper.record import Broken

    kept = {found for content in Row.objects.filter(kind="observed").values_list("content", flat=True)
            for found in re.findall(r"note [0-9a-f-]{36}", content)}  # fmt: skip
    lost = [f"lost: {each}" for each in told.notes if each not in kept]
    broken = [audit(clinic.pk, clinic.today()) for clinic in Clinic.objects.all()]
    return [*lost[:20], *(each.says for each in broken if isinstance(each, Broken))]


def grown(found: Mapping[str, Any]) -> list[str]:
    """Return the processes whose memory grew too much, or that were not there all the time."""
    return [
        f"{each['process']}: {each['growth']}"
        for each in found["memory"]
        if each["growth"] is None or each["growth"] > MOST_GROWTH
    ]


def page(found: Mapping[str, Any], on: dt.date) -> str:
    """Return the page of the docs that says what was found."""
    minutes = found["seconds"] / 60
    waits = "\n".join(
        f"| {kind} | {each['times']:,} | {each['p50'] * 1000:.0f} | {each['p95'] * 1000:.0f} | {each['p99'] * 1000:.0f} |"
        for kind, each in [*found["waited"].items(), ("**all**", found["all"])]
    )
    memory = "\n".join(
        f"| {each['process']} | {each['warm']} | {each['end']} | {each['growth']:+.1%} |"
        if each["growth"] is not None
        else f"| {each['process']} | – | – | not there all the time |"
        for each in found["memory"]
    )
    problems = [*found["wrong"], *grown(found)]
    verdict = (
        "\n".join(f"* {each}" for each in problems) if problems else "Nothing: no error, nothing locked, nothing lost."
    )
    half_an_hour = "" if minutes >= 30 else " It is asked to last half an hour: `make soak`; this was a shorter one."
    return PAGE.format(
        on=on, minutes=f"{minutes:.0f} minutes", people=found["people"], cases=found["cases"], requests=f"{found['requests']:,}",
        second=f"{found['requests'] / found['seconds']:.1f}", waits=waits, memory=memory, verdict=verdict, shorter=half_an_hour,
        stale=sum(count for key, count in found["came"].items() if key.endswith("409")),
        refused=sum(count for key, count in found["came"].items() if key.endswith("422")), notes=f"{found['notes']:,}", cores=found["cores"], load=found["load"],
    )  # fmt: skip


PAGE = """# Fifty people at work

<!-- Written by `make soak`; do not edit. -->

Does the clinic stay quick, and its memory flat, when many work in it for long? `make soak` runs it as `opentaper serve` runs
it, with the people of the demonstration, for half an hour (`make soak FOR=300` for another time, in seconds). Everybody logs
in with password and code, and again every eight minutes; reads the list, cases and their stories; observes, holds, opens,
plans, signs and starts, with pauses of one to seven seconds. Every body that comes back is looked at: what it must say is
there, or it is an error.

**The last run, {on}: {minutes}, {people} people, {cases} cases, {requests} requests, {second} a second.**{shorter}

What was wrong:

{verdict}

| what | times | p50, ms | p95, ms | p99, ms |
|---|---:|---:|---:|---:|
{waits}

Of several who change one case at once, one wins: {stale} were told that somebody else came first, and {refused} were refused in
a sentence. All {notes} notes that were acknowledged are in the record, and the audit finds every record whole.

Memory of every process, once a quarter of the time is over and at the end:

| process | warm, MiB | end, MiB | growth |
|---|---:|---:|---:|
{memory}

A wait is from sending to the last byte, on the same machine, which also ran those who asked. It has {cores} cores, for which
{load} processes waited on average (some of others, too: with more than there are cores, waits say little).
What was planned or typeset for long is not in it.
"""


def main() -> int:
    """Run it, print what was found, and return the exit status."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1800.0
    people = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        found = soak(
            seconds, people, int(os.environ.get("SOAK_CASES", CASES)), Path(folder), os.environ.get("SOAK_SETTINGS", "")
        )
    if len(sys.argv) > 3:
        from django.utils import timezone

        Path(sys.argv[3]).write_text(page(found, timezone.localdate()), encoding="utf-8")
    print(json.dumps(found))
    return 1 if os.environ.get("SOAK_STRICT", "1") and (found["wrong"] or grown(found)) else 0


if __name__ == "__main__":
    sys.exit(main())
