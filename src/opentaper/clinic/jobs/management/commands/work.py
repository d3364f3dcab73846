"""Do what is due and nobody waits for."""

from __future__ import annotations

import datetime as dt
import os
import signal
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from opentaper.clinic.jobs.work import LEASE, name, work

LOOK_S = 0.5


class Command(BaseCommand):
    """opentaper clinic work: `opentaper serve` starts one; there may be several, also on other machines."""

    help = "Do the jobs that are due, one at a time, until it is stopped; a job at hand is finished first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="End when nothing is due.")
        parser.add_argument(
            "--lease", type=float, default=LEASE.total_seconds(), metavar="SECONDS",
            help="After how long a worker that does not renew its lease is taken for dead.",
        )  # fmt: skip
        parser.add_argument("--while-child-of", type=int, metavar="PROCESS", help="End when this parent is gone.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if options["while_child_of"]:
            Thread(target=_watch, args=(options["while_child_of"], stop), daemon=True).start()
        work(name(), stop, dt.timedelta(seconds=options["lease"]), once=options["once"])


def _watch(parent: int, stop: Event) -> None:
    """This function will ask for the end when our parent is gone: whoever adopts us is not it."""
    while os.getppid() == parent:
        if stop.wait(LOOK_S):
            return
    stop.set()
