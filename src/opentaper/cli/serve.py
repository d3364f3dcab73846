"""Start the clinic, and run its operator's commands. Django is loaded when one of these is run, and never before."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click

from opentaper.cli.door import OK, InputError
from opentaper.cli.page import Command

LOOPBACK = ("localhost", "127.0.0.1")


EXTRA = ("django", "allauth", "csp", "whitenoise", "gunicorn", "cryptography")


def needs_the_extra() -> None:
    """Refuse in one line where the packages of the clinic are not installed."""
    missing = next((name for name in EXTRA if not find_spec(name)), "")
    if missing:
        raise InputError(f"the clinic needs {missing}, which is not here: pip install 'opentaper[clinic]'")


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Where to listen.")
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="localhost speaks plain http to this machine alone; any other needs OPENTAPER_HOSTS, and https in front.",
)
@click.option("--demo", is_flag=True, help="Make three demonstration clinics and print how each role logs in.")
@click.option(
    "--people",
    type=click.IntRange(0, 5_000),
    default=200,
    show_default=True,
    metavar="NUMBER",
    help="How many invented people the demonstration has; those above thirty are added while it runs.",
)
def serve(port: int, host: str, demo: bool, people: int) -> int:
    """Start the clinic's web application, and print where it is.

    The embedded database lies in the folder that [dim]OPENTAPER_DATA[/dim] names, and is brought up to date first;
    [dim]OPENTAPER_DATABASE[/dim] names PostgreSQL instead.

    Begin with:  opentaper serve --demo
    """
    needs_the_extra()
    if host in LOOPBACK:
        os.environ["OPENTAPER_HTTP_LOOPBACK"] = "1"
    elif demo:
        raise InputError("--demo makes log-ins that are printed, so it goes with no --host but localhost")
    else:
        os.environ.pop("OPENTAPER_HTTP_LOOPBACK", None)
    _free(host, port)
    from opentaper.clinic import start

    try:
        start.get_ready()
        lines = list(start.demonstration(people)) if demo else []
        address = f"http://{host}:{port}/" if host in LOOPBACK else f"{host}:{port}, behind https"
        click.echo("\n".join([*lines, "", f"OpenTaper's clinic: {address}   (Ctrl-C stops it)"]))
        start.run("127.0.0.1" if host in LOOPBACK else host, port)
    except start.StartError as problem:
        raise InputError(str(problem)) from None


def _free(host: str, port: int) -> None:
    import socket  # here, because the other commands have no use for it

    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as problem:
            raise InputError(f"--port {port}: cannot listen there ({problem.strerror}); give another") from None


@click.command(cls=Command, name="demo-code")
@click.argument("who", default="prescriber")
def demo_code(who: str) -> int:
    """Print the code that a person of the demonstration types after the password.

    WHO is a role of the demonstration, or an e-mail address.
    """
    needs_the_extra()
    os.environ.setdefault("OPENTAPER_HTTP_LOOPBACK", "1")
    from opentaper.clinic import start

    try:
        click.echo(start.demo_code(who))
    except start.StartError as problem:
        raise InputError(str(problem)) from None
    return OK


@click.command(
    cls=Command, context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def clinic(arguments: tuple[str, ...]) -> int:
    """Run an operator's command of the clinic: migrate, check, add_clinic, forget_factors, …

    opentaper clinic help  lists them all.
    """
    needs_the_extra()
    from opentaper.clinic import start

    try:
        start.manage(arguments)
    except start.StartError as problem:
        raise InputError(str(problem)) from None
    return OK
