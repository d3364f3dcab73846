"""What the command line asks of the clinic: get it ready, show the demonstration, run it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

SETTINGS = "opentaper.clinic.settings"
WORKERS, THREADS = 2, 4


class StartError(Exception):
    """The clinic cannot start; one sentence says what to do."""


@contextmanager
def set_up() -> Iterator[None]:
    """Set Django up, and say in a sentence of ours why it, or the database, cannot be used.

    Raises:
        StartError: with that sentence.
    """
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    # What we make is for us alone: the database and its journal too.
    os.umask(0o077)
    try:
        django.setup()
        yield
    except ImproperlyConfigured as problem:
        raise StartError(str(problem)) from None
    except DatabaseError as problem:
        raise StartError(f"the database cannot be used: {problem}; has `opentaper serve` been run here?") from None
    except OSError as problem:
        raise StartError(f"{problem.filename}: {problem.strerror}") from None


def get_ready() -> None:
    """Bring the database up to date, collect static files, forget old sessions, and look at what must hold.

    Raises:
        StartError: a check found an error.
    """
    with set_up():
        from django.conf import settings
        from django.core.checks import ERROR, run_checks
        from django.core.management import call_command
        from django.utils import timezone

        from opentaper.clinic.jobs.kind import enqueue
        from opentaper.clinic.people.session import SessionStore

        call_command("migrate", database=settings.MIGRATES, verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        SessionStore.clear_expired()
        enqueue("summaries", timezone.now())  # after an update they may be of other rules
        wrong = [each for each in run_checks(databases=sorted({"default", settings.READS_ALL})) if each.level >= ERROR]
    if wrong:
        raise StartError("; ".join(each.msg for each in wrong))


def demonstration(people: int) -> Iterator[str]:
    """Make the demonstration, or give it new passwords, and yield what to print.

    Args:
        people: how many invented people there are in all clinics.

    Raises:
        StartError: others than this machine could reach it.
    """
    from opentaper.clinic.demonstration.fill import fill
    from opentaper.clinic.people import demonstration as demo

    if not demo.loopback():
        raise StartError("--demo makes log-ins that are printed, so it is for this machine alone")
    log_ins = demo.demonstration()
    filled = fill(people)
    first, *others = demo.CLINICS
    wide = max(len(each.email) for each in log_ins)
    yield "A demonstration, with nothing about a real person. These passwords are shown once, and are new at each start:"
    yield ""
    for each in log_ins:
        yield f"  {each.role:<19} {each.email:<{wide}}  {each.password}  app secret {each.secret}"
    yield ""
    yield "The second factor is a code of six digits: add the secret to an authenticator app, or run"
    yield f"  {_as_typed()} demo-code prescriber"
    yield f"These are of “{first.name}”. With the same passwords and secrets there are also"
    for place in others:
        yield f"  prescriber@{place.domain} and so on, of “{place.name}”"
    yield ""
    if filled.to_come:
        yield f"{filled.there} invented people are there, at least one at every stage in the first clinic; {filled.to_come} more are"
        yield f"being added to the three clinics while you look. What still waits: {_as_typed()} clinic jobs"
    else:
        yield f"All {filled.there} invented people are there."


def _as_typed() -> str:
    """This function will return how this program was called, so that a line can be copied and run."""
    program = sys.argv[0] if sys.argv[0].endswith("opentaper") else "opentaper"
    folder = os.environ.get("OPENTAPER_DATA")
    return f"OPENTAPER_DATA={folder} {program}" if folder else program


def demo_code(who: str) -> str:
    """Return the code that a person of the demonstration would type now.

    Raises:
        StartError: there is no such person in a demonstration.
    """
    with set_up():
        from opentaper.clinic.people.demonstration import DOMAIN, code_of, loopback

        code = code_of(who if "@" in who else f"{who}@{DOMAIN}") if loopback() else None
    if code is None:
        raise StartError(f"there is no {who!r} in a demonstration; `opentaper serve --demo` makes one")
    return code


def run(host: str, port: int) -> NoReturn:
    """Become gunicorn, with two processes that each load the clinic by themselves and answer four at once; jobs beside.

    Raises:
        StartError: this system has no gunicorn.
    """
    try:
        import gunicorn.app.wsgiapp  # noqa: F401
    except ImportError as problem:  # it needs what Unix has
        raise StartError(f"the clinic needs gunicorn, which does not run here ({problem})") from None
    from opentaper.clinic.jobs import beside

    beside.start()
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "opentaper.clinic.wsgi:application"]
    # Threads: whoever waits for a long page, or reads slowly, keeps nobody else waiting.
    many = ["--workers", str(WORKERS), "--threads", str(THREADS)]
    options = ["--bind", f"{host}:{port}", "--log-level", "warning", "--no-control-socket"]
    os.execv(sys.executable, command + many + options)


def manage(arguments: Sequence[str]) -> None:
    """Run one of Django's commands, or one of ours: see `opentaper clinic help`."""
    with set_up():
        from django.conf import settings
        from django.core.management import execute_from_command_line

        given = list(arguments)
        if given[:1] == ["migrate"] and not any(each.startswith("--database") for each in given):
            given += ["--database", settings.MIGRATES]
        execute_from_command_line(["opentaper clinic", *given])
