"""What every command of the door needs: options, exit statuses, the clock, folders to write to."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from opentaper.knowledge import Knowledge, load, nearest

OK, WRONG_INPUT, NO_PLAN, ALL_BLOCKED = 0, 2, 3, 4
CACHE = "OPENTAPER_CACHE"
"""The variable that names the folder for parsed knowledge; set to nothing, none is kept."""


class InputError(Exception):
    """Something the person typed cannot be used; one sentence says what and what would do."""


FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or one JSON document for programs.",
)
AS_OF = click.option(
    "--as-of",
    metavar="DATE",
    default=None,
    help="The day on which the knowledge and the review are judged, as YYYY-MM-DD. Default: today.",
)


LANG = click.option(
    "--lang",
    "tag",
    default="en",
    show_default=True,
    metavar="LANGUAGE",
    help="The language of everything that a patient reads: en, es (decimal comma) or es-US (decimal point).",
)
ZONE = click.option(
    "--time-zone",
    "zone",
    default=None,
    metavar="ZONE",
    help="The calendar's time zone, such as Europe/Zurich. Default: the local time of wherever the person is.",
)
HOURS = click.option(
    "--at",
    "at",
    multiple=True,
    metavar="TIME=HH:MM",
    help="The calendar's hour for a time of day, such as night=21:30; may be given for each.",
)
SWITCH = click.option(
    "--switch",
    "switch_to",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[DRUG]",
    help="Offer a switch to this drug beside; without a name to diazepam.",
)
SIG = click.option(
    "--sig-length",
    type=click.IntRange(40, 10_000),
    default=None,
    help="The most characters of one pharmacy label (opentaper facts label-length); nothing is ever cut off.",
)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder that holds nothing else and no other plan, and say so.

    Raises:
        InputError: there is nothing to write, or the folder holds something else.
    """
    if not files:
        raise InputError(f"--out {folder}: review blocks every plan, so nothing is written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stale = sorted(path.name for path in folder.iterdir() if path.name not in files)
        if stale:
            raise InputError(
                f"--out {folder}: {stale[0]} is there already and would stay beside what is written; give a new folder"
            )
        kept = folder / "plan.json"
        if kept.exists() and kept.read_bytes() != _bytes(files.get("plan.json", "")):
            raise InputError(f"--out {folder}: another plan is there already; give a new folder")
        for name, content in files.items():
            (folder / name).write_bytes(_bytes(content))
    except OSError as problem:
        raise InputError(f"--out {folder}: cannot be written to ({problem.strerror})") from None
    click.echo(f"Written to {folder}: {', '.join(files)}", err=True)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def known_on(as_of: str | None) -> tuple[Knowledge, dt.date]:
    """Return the base as of a day, and the day: by itself today."""
    # A door reads the clock; the core never does.
    day = date_of(as_of, "--as-of") if as_of else dt.date.today()  # noqa: TID251, DTZ011
    return load(day, kept=kept()), day


def kept() -> Path | None:
    """Return the folder in which parsed knowledge is kept from one start to the next; None where there is none.

    It is the one that OPENTAPER_CACHE names, or the usual place of the system. Digests are taken of what is read, so
    somebody who writes into it changes no figure unseen.
    """
    if (named := os.environ.get(CACHE)) is not None:
        return Path(named) if named else None
    try:
        home = Path.home()
    except RuntimeError:  # nobody is at home: a container without users
        return None
    places = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}
    variable, usual = places.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    given = Path(os.environ.get(variable) or home / usual)
    return (given if given.is_absolute() else home / usual) / "opentaper"


def date_of(text: str, option: str) -> dt.date:
    """Read a date that was typed for an option."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a date; write it as 2026-12-01") from None


def unknown(kind: str, got: str, words: Iterable[str]) -> str:
    """Say that a word is not known, with the nearest one that is."""
    known = list(words)
    close = nearest(got, known)
    hint = f' (did you mean "{close}"?)' if close else f"; there are: {', '.join(known[:12])}"
    return f"there is no {kind} {got!r}{hint}"


def json_text(document: object) -> str:
    """Return one JSON document as it is printed."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
