"""A worker with a kind of job for tests, run as a process of its own: python -m tests.clinic.errands LEASE_S LOG."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from threading import Event

os.environ["DJANGO_SETTINGS_MODULE"] = "opentaper.clinic.settings"


def main() -> None:
    import django

    django.setup()

    from opentaper.clinic.jobs.kind import KINDS, Effect, kind
    from opentaper.clinic.jobs.models import Job
    from opentaper.clinic.jobs.work import name, work
    from opentaper.clinic.people.models import Clinic

    lease_s, log = float(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    begin_s, effect_s = (float(os.environ.get(each, "0")) for each in ("BEGIN_S", "EFFECT_S"))
    KINDS.clear()

    def note(what: str, job: Job) -> None:
        os.write(log, f"{what} {job.pk} {os.getpid()}\n".encode())

    @kind("errand")
    def errand(job: Job) -> Effect:
        note("begin", job)
        time.sleep(begin_s)

        def effect() -> None:
            Clinic.objects.create(name=f"errand {job.pk}", country="CH", time_zone="Europe/Zurich")
            note("effect", job)
            time.sleep(effect_s)
            note("end", job)

        return effect

    work(name(), Event(), dt.timedelta(seconds=lease_s), once="--once" in sys.argv)


if __name__ == "__main__":
    main()
