"""A clinic that is killed again and again while people write to it, and what is left of it, as JSON.

    python -m tests.clinic.crash sqlite|encrypted|postgresql KILLS [SEED]

On SQLite every process of the clinic is killed at once; on PostgreSQL its postmaster and every backend, while the clinic
goes on, and every third time the clinic with them. After each kill it is started again, and whatever was acknowledged must
be there, whole. Then every writer sends once more what was cut off, as a browser may: each is done once by then.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import psycopg

from tests.clinic.place import new_key
from tests.clinic.postgresql import SUPERUSER, Cluster, cluster
from tests.clinic.server import Answer, Caller, Running, environment

WRITERS = 4
LONGEST_S = 3.0
FIRST_S = 60.0
"""For how long a slow machine is given until the first wish is acknowledged: what nobody was told of, nobody can lose."""


@dataclass(kw_only=True)
class Wish:
    """Something that a writer sent: where, with which key, saying what, and whether it was acknowledged."""

    case: uuid.UUID
    act: str
    path: str
    sent: dict[str, Any]
    says: str
    acknowledged: bool = False

    @property
    def key(self) -> uuid.UUID:
        found: uuid.UUID = self.sent["key"]
        return found


@dataclass
class Writer(threading.Thread):
    """One writer: opens cases, observes, has a plan reviewed, signs, starts it, holds, until the clinic is gone."""

    caller: Caller
    person: uuid.UUID
    text: str
    dice: random.Random
    over: threading.Event
    wishes: list[Wish] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._a_case()
        except OSError:
            return  # killed
        except Exception as problem:
            self.odd.append(repr(problem))

    def _a_case(self) -> None:
        key = uuid.uuid4()
        case = uuid.uuid5(self.person, str(key))
        name = f"Case {key}"
        self._wish(case, "open-case", "/cases/new/", key, name, {"seen": 0, "name": name, "case": self.text})
        path = f"/cases/{case}/"
        for _ in range(self.dice.randint(1, 3)):
            self._observe(case, path)
        chosen = {"seen": self._seen(path), "option": "usual"}
        self._wish(case, "propose", f"{path}options/", uuid.uuid4(), "", chosen)
        version = self.caller.get(f"{path}versions/").to
        reasons = dict.fromkeys(re.findall(r'name="(reason-\d+)"', self._page(version)), "discussed")
        self._wish(case, "decide", f"{version}sign/", uuid.uuid4(), "", {"seen": self._seen(path), **reasons})
        self._wish(case, "decide", f"{version}start/", uuid.uuid4(), "", {"seen": self._seen(path)})
        for _ in range(self.dice.randint(3, 9)):
            self._observe(case, path)
            if self.dice.random() < 0.3:
                because = f"because {uuid.uuid4()}"
                held = {"seen": self._seen(path), "days": 7, "because": because}
                self._wish(case, "hold", f"{path}hold/", uuid.uuid4(), because, held)

    def _observe(self, case: uuid.UUID, path: str) -> None:
        says = f"note {uuid.uuid4()}"
        sent = {"seen": self._seen(path), "on": "2026-01-02", "what": "note", "says": says}
        self._wish(case, "observe", f"{path}observe/", uuid.uuid4(), says, sent)

    def _wish(self, case: uuid.UUID, act: str, path: str, key: uuid.UUID, told: str, fields: dict[str, Any]) -> None:
        """This function will send a wish, and note it before and, once it was acknowledged, after."""
        wish = Wish(case=case, act=act, path=path, sent={**fields, "key": key}, says=told)
        self.wishes.append(wish)
        self.send(wish)

    def send(self, wish: Wish) -> None:
        """Send a wish, for the first time or once more."""
        answer = self.caller.post(wish.path, **wish.sent)
        wish.acknowledged = answer.status == 302 and not answer.to.startswith(("/log-in/", "/again/"))
        if not wish.acknowledged:
            self._stumble(answer, wish.act)

    def _stumble(self, answer: Answer, act: str) -> None:
        if answer.status < 500:  # nobody else writes to this case, so that nothing is stale or refused
            self.odd.append(
                f"{act}: {answer.status} {answer.to} {' '.join(re.findall(r'role=.status.>([^<]+)', answer.body))}"
            )
        raise ConnectionError

    def _page(self, path: str) -> str:
        answer = self.caller.get(path)
        if answer.status != 200:
            self._stumble(answer, f"GET {path}")
        return answer.body

    def _seen(self, path: str) -> int:
        return int(re.findall(r'name="seen" value="(\d+)"', self._page(path))[0])


def judge(clinic: uuid.UUID, wishes: list[Wish]) -> list[str]:
    """Return everything that is wrong with the cases of these wishes: lost, half, or not agreeing with itself."""
    from opentaper.clinic.cases import record, remembered
    from opentaper.clinic.cases.models import Key, Row, Summary
    from opentaper.clinic.cases.summary import summary as summary_of
    from opentaper.clinic.isolation import reading
    from opentaper.clinic.people.models import Access
    from opentaper.record import Broken, verify
    from tests.clinic.cases import today

    remembered.forget()
    wrong: list[str] = []
    cases = {wish.case for wish in wishes}
    with reading(clinic):
        kept = {key.key: key for key in Key.objects.filter(case_id__in=cases)}
        summaries = {each.case_id: each for each in Summary.objects.filter(case_id__in=cases)}
        contents: dict[uuid.UUID, list[str]] = {}
        for row in Row.objects.filter(case_id__in=cases).order_by("case_id", "number"):
            contents.setdefault(row.case_id, []).append(row.content)
        lines = Counter(Access.objects.filter(case_id__in=cases, allowed=True).values_list("case_id", "act"))
    if isinstance(broken := verify(str(clinic), record.chain(clinic)), Broken):
        wrong.append(f"the chain: {broken.says}")
    for wish in wishes:
        said = sum(wish.says in content for content in contents.get(wish.case, [])) if wish.says else None
        if wish.acknowledged and wish.key not in kept:
            wrong.append(f"lost: {wish.act} {wish.key}")
        if said is not None and said != (wish.key in kept):
            wrong.append(f"half: {wish.act} {wish.key} is told {said} times")
    for (case, act), count in Counter((each.case, each.act) for each in wishes if each.acknowledged).items():
        if act != "open-case" and lines[case, act] < count:  # its path names no case
            wrong.append(f"no line in the access log: {act} {case}")
    for case in cases:
        numbers = [key.number for key in kept.values() if key.case_id == case]
        events = contents.get(case, [])
        summary = summaries.get(case)
        if not events and not numbers and summary is None:
            continue
        if summary is None or not len(events) == max(numbers, default=0) == summary.number:
            wrong.append(f"half: {case} has {len(events)} events, keys up to {max(numbers, default=0)}")
            continue
        try:
            now = record.history_of(clinic, case, today())
        except ValueError as problem:
            wrong.append(f"{case}: {problem}")
            continue
        if {key: getattr(summary, key) for key in summary_of(now)} != summary_of(now):
            wrong.append(f"half: the summary of {case}")
    return wrong


def control(clinic: uuid.UUID, wishes: list[Wish], server: Cluster | None) -> bool:
    """Take an event away by hand and return whether that is found: a judge who finds nothing judges nothing."""
    from django.db import connection

    from opentaper.clinic.append_only import lifted

    last = next(each for each in reversed(wishes) if each.acknowledged and each.says)
    before = judge(clinic, [last])
    away, what = "DELETE FROM cases_row WHERE content LIKE %s", [f"%{last.says}%"]
    if server is None:
        with connection.cursor() as cursor:
            for statement in lifted("sqlite", "cases_row"):
                cursor.execute(statement)
            cursor.execute(away, what)
    else:  # the application's role can take nothing away
        name = str(connection.settings_dict["NAME"])
        with psycopg.connect(server.address(SUPERUSER, name), autocommit=True) as mighty:
            mighty.execute("ALTER TABLE cases_row DISABLE TRIGGER ALL")
            mighty.execute(away, what)
    return not before and any("half" in each for each in judge(clinic, [last]))


def crash(kills: int, seed: int, folder: Path, server: Cluster | None, key: Path | None = None) -> dict[str, Any]:
    """Kill a clinic so many times and return the numbers, and everything that was wrong."""
    whole = environment(folder / "data", server, key)
    os.environ.clear()
    os.environ.update(whole)
    clinic = Running(dict(os.environ), folder / "log")
    starts = [clinic.start()]
    django.setup()
    from django.db import connections

    from opentaper.clinic.cases.record import audit
    from opentaper.record import Head
    from tests.clinic.cases import case_text, just_now, today
    from tests.clinic.people import browser_of, person

    dice = random.Random(seed)
    people = [person("prescriber", name=f"prescriber{number}") for number in range(WRITERS)]
    browsers = [browser_of(who) for who in people]
    at, text = people[0].clinic_id, case_text()
    every: list[Wish] = []
    wrong: list[str] = []
    recovered: list[float] = []
    told = 0
    began = time.monotonic()
    try:
        for number in range(kills):
            for browser in browsers:
                just_now(browser)
            connections.close_all()
            over = threading.Event()
            writers = [
                Writer(
                    Caller(clinic.port, browser.session.session_key), who.pk, text, random.Random(dice.random()), over
                )
                for who, browser in zip(people, browsers, strict=True)
            ]
            connections.close_all()
            for writer in writers:
                writer.start()
            time.sleep(dice.uniform(0.2, LONGEST_S))
            slow = time.monotonic() + FIRST_S
            while not any(wish.acknowledged for writer in writers for wish in list(writer.wishes)):
                if time.monotonic() > slow:  # and the run says that hardly anything was acknowledged
                    break
                time.sleep(0.05)
            killed = [clinic] if server is None else [server, clinic] if number % 3 == 2 else [server]
            for each in killed:
                each.kill()
            over.set()
            for writer in writers:
                writer.join()
            again = time.monotonic()
            for each in killed:
                each.start()
            recovered.append(time.monotonic() - again)
            wishes = [wish for writer in writers for wish in writer.wishes]
            found = [*(odd for writer in writers for odd in writer.odd), *judge(at, wishes)]
            told += sum(wish.acknowledged for wish in wishes)
            for writer in writers:
                for wish in writer.wishes:
                    if not wish.acknowledged:
                        writer.send(wish)
            found += judge(at, wishes)
            wrong += [f"kill {number}: {each}" for each in found]
            every += wishes
            connections.close_all()
    finally:
        clinic.stop()
    wrong += judge(at, every)
    if not isinstance(whole := audit(at, today()), Head):
        wrong.append(f"audit: {whole.says}")
    return {
        "kills": kills,
        "seed": seed,
        "acknowledged": told,
        "cut off, and sent once more": len(every) - told,
        "by act": dict(Counter(wish.act for wish in every)),
        "cases": len({wish.case for wish in every}),
        "events": whole.place if isinstance(whole, Head) else None,
        "slowest start": round(max([*starts, *recovered]), 1),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "locked": clinic.printed().count("locked"),
        "control": control(at, every, server),
        "wrong": wrong,
    }


def main(database: str, kills: int, seed: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash")))
        server = stack.enter_context(cluster()) if database == "postgresql" else None
        key = new_key(folder) if database == "encrypted" else None
        return {"database": database, **crash(kills, seed, folder, server, key)}


if __name__ == "__main__":
    told = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(json.dumps(told))
    sys.exit(0 if told["control"] and not told["wrong"] else 1)
