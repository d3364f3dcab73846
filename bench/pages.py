"""The clinic's pages with ten thousand patients: CPU time as ratios to an empty page of Django, queries, and the slowest wait.

Pages are asked for as gunicorn asks for them, through WSGI, by somebody who really logged in, and every body is looked at:
a log-in that still waits for its second factor gives quick answers too, and none of them is the page.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any

from line import in_turn, missed, show

PATIENTS = int(os.environ.get("BENCH_PATIENTS", "10000"))
PATTERNS = ("early", "halfway", "held", "ends-soon", "waiting", "finished")
"""Whose histories are used again, of the demonstration's stages."""
ROUNDS, LOOKS = 40, 200
EMPTY = "an empty page of Django"
Environ = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Somebody who asks an application for pages, and looks at what comes back."""

    application: Callable[..., Any]
    session: str = ""

    def get(self, path: str, *needles: str) -> Callable[[], object]:
        """Return what asks for a page and fails unless it is there, with everything that must stand in it."""

        def asked() -> None:
            told: list[str] = []
            environ = _environ(path, self.session)
            answer = self.application(environ, lambda status, *_: told.append(status))
            body = b"".join(answer).decode()
            answer.close()
            assert told == ["200 OK"], (path, told)
            missing = [each for each in needles if each not in body]
            assert not missing, (path, missing, body[:300])

        return asked


def _environ(path: str, session: str) -> Environ:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": f"session={session}", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip


def get_ready() -> None:
    """Set the clinic up in the folder that the environment names, with two empty pages beside its own."""
    from opentaper.clinic import start

    start.get_ready()
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from opentaper.clinic import urls
    from opentaper.clinic.people.allowed import own

    def empty(_: HttpRequest) -> HttpResponse:
        return HttpResponse("<!doctype html><title>Empty</title>")

    urls.urlpatterns += [path("bench/empty/", empty), path("bench/own/", own(empty))]


def filled() -> list[tuple[uuid.UUID, str]]:
    """Fill a clinic of the demonstration with patients and return their cases and names.

    A few went through the verbs. The others have the same events under names and cases of their own, linked in the chain
    as the clinic itself links them; the chain is verified.
    """
    from opentaper.clinic.cases.models import Need, Row, Summary
    from opentaper.clinic.cases.record import chain
    from opentaper.clinic.demonstration.fill import SHOWN, One, keep, told
    from opentaper.clinic.demonstration.stage import STORIES
    from opentaper.clinic.isolation import writing
    from opentaper.clinic.people.demonstration import CLINICS, clinic_of
    from opentaper.record import Head, verify

    clinic = clinic_of(CLINICS[0])
    patterns = []
    for stage in PATTERNS:
        one = One(clinic=clinic, number=len(SHOWN) + list(STORIES).index(stage))
        keep(one, told(one))
        patterns.append(one.case)
    with writing(clinic.pk):
        last = Row.objects.filter(clinic_id=clinic.pk).latest("place")
        rows = {case: list(Row.objects.filter(case_id=case).order_by("number")) for case in patterns}
        summaries, needs = Summary.objects.in_bulk(patterns), list(Need.objects.filter(case_id__in=patterns))
        made, place, before = [], last.place, last.hash
        turn = cycle(patterns)
        for number in range(PATIENTS - len(patterns)):
            pattern, case = next(turn), uuid.uuid5(clinic.pk, f"bench {number}")
            name = f"{summaries[pattern].name} {number}"
            copied = list(_linked(clinic.pk, case, name, rows[pattern], place, before))
            place, before = copied[-1].place, copied[-1].hash
            made.append((case, name, pattern, copied))
            if len(made) == 500 or number == PATIENTS - len(patterns) - 1:
                Row.objects.bulk_create(row for *_, each in made for row in each)
                _list(made, summaries, needs)
                made.clear()
        found = list(Summary.objects.filter(clinic_id=clinic.pk).order_by("case_id").values_list("case_id", "name"))
    assert isinstance(verify(str(clinic.pk), chain(clinic.pk)), Head)
    assert len(found) == PATIENTS
    return found


def _linked(clinic: uuid.UUID, case: uuid.UUID, name: str, rows: list[Any], place: int, before: str) -> Iterator[Any]:
    """This function will yield the events of a case once more, for another case, at the end of the chain."""
    from opentaper.clinic.cases.models import Row
    from opentaper.record import link

    for row in rows:
        content, place = row.content, place + 1
        if row.kind == "opened":
            event = json.loads(content)
            event["opened"]["name"] = name
            content = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        linked = link(str(clinic), place, str(case), content, before)
        before = linked.hash
        yield Row(
            clinic_id=clinic, place=place, case_id=case, number=row.number, kind=row.kind, at=row.at,
            person_id=row.person_id, content=content, before=linked.before, hash=linked.hash,
        )  # fmt: skip


def _list(made: list[Any], summaries: Mapping[uuid.UUID, Any], needs: list[Any]) -> None:
    """This function will write down what the lists hold of new cases: what they hold of those that they are like."""
    from opentaper.clinic.cases.models import Need, Summary

    def like(row: Any, **changed: Any) -> dict[str, Any]:
        kept = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if each.attname != "id"}
        return {**kept, **changed}

    Summary.objects.bulk_create(
        Summary(**like(summaries[pattern], case_id=case, name=name)) for case, name, pattern, _ in made
    )
    Need.objects.bulk_create(
        Need(**like(need, case_id=case)) for case, _, pattern, _ in made for need in needs if need.case_id == pattern
    )


def logged_in() -> str:
    """Log a prescriber in with password and code, as a person does, and return the session."""
    from django.test import Client
    from django.urls import reverse

    from opentaper.clinic.people.demonstration import code_of, demonstration

    prescriber = next(each for each in demonstration() if each.role == "Prescriber")
    browser = Client(SERVER_NAME="localhost")
    browser.post(reverse("account_login"), {"login": prescriber.email, "password": prescriber.password})
    browser.post(reverse("mfa_authenticate"), {"code": code_of(prescriber.email)})
    answer = browser.get(reverse("cases"))
    assert answer.status_code == 200, (answer.status_code, answer.get("Location"))
    return browser.cookies["session"].value


def queries(work: Callable[[], object]) -> int:
    """Return how many queries a page asks."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    work()
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def slowest(work: Iterator[Callable[[], object]], looks: int = LOOKS) -> float:
    """Return how long nineteen of twenty waits take at most [s]."""
    waited = []
    for each in islice(work, looks):
        began = time.perf_counter()
        each()
        waited.append(time.perf_counter() - began)
    return statistics.quantiles(waited, n=20)[-1]


def main() -> None:
    """Fill a clinic and time its pages."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test.utils import override_settings
    from django.urls import reverse

    session = logged_in()
    began = time.perf_counter()
    cases = filled()
    print(f"{PATIENTS} patients in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    with override_settings(MIDDLEWARE=[]):
        bare = Asker(application=WSGIHandler())
    doctor = Asker(application=WSGIHandler(), session=session)
    dice = Random("patients")

    def patient(case: uuid.UUID, name: str) -> Callable[[], object]:
        return doctor.get(reverse("case", args=[case]), f"<h1>{name}</h1>")

    def look_at_another() -> None:
        patient(*dice.choice(cases))()

    again = patient(*cases[0])
    worklist = doctor.get(reverse("cases"), f" of {PATIENTS} need something", '<th scope="row">', "</table>")
    pages: dict[str, Callable[[], object]] = {
        EMPTY: bare.get("/bench/empty/", "<title>Empty</title>"),
        "an empty page behind the door": doctor.get("/bench/own/", "<title>Empty</title>"),
        f"the worklist of {PATIENTS}": worklist,
        "a patient whose case this process has read": again,
        "a patient whose case it has not read": look_at_another,
    }
    bars = {name: "value <= 0.015" for name in pages if name.startswith("a patient whose case this")}
    taken = in_turn(pages, ROUNDS, clock=time.process_time)
    for name, times in taken.items():
        ratio = statistics.median(each / base for each, base in zip(times, taken[EMPTY], strict=True))
        show(f"{name}, CPU", statistics.median(times), "s", EMPTY, ratio, bar=bars.get(name, ""))
    base = slowest(iter(lambda: pages[EMPTY], None))
    for name, work in list(pages.items())[2:]:
        bar = "value <= 0.15" if "worklist" in name else ""
        waited = slowest(iter(lambda work=work: work, None))  # type: ignore[misc]
        show(f"{name}, p95 of {LOOKS} waits", waited, "s", EMPTY, waited / base, bar=bar)
        asks = queries(work)
        show(f"{name}, queries", asks, "queries", EMPTY, None, bar="" if "worklist" in name else "value <= 12")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OPENTAPER_DATA": folder, "OPENTAPER_HTTP_LOOPBACK": "1"}
        os.environ.pop("OPENTAPER_DATABASE", None)
        get_ready()
        main()
    sys.exit(1 if missed and "--check" in sys.argv else 0)
