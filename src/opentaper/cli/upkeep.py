"""Keep a clinic's record from being lost or changed unseen. Django is loaded when one of these is run, and never before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from opentaper.cli.door import FORMAT, OK, InputError, json_text
from opentaper.cli.page import Command, Commands
from opentaper.cli.serve import needs_the_extra

BROKEN = 1
"""The exit status that says: somebody must look, the record or a head is not what it was."""

KEY = click.option(
    "--key",
    type=click.Path(path_type=Path),
    default=None,
    help="The public keys that heads are checked by. Default: head-key.pub of the clinic, or else beside the heads.",
)


@contextmanager
def _clinic() -> Iterator[None]:
    """This function will set the clinic up, and turn what it refuses into one line."""
    needs_the_extra()
    from opentaper.clinic import start

    try:
        with start.set_up():
            from opentaper.clinic.upkeep.copy import CopyError
            from opentaper.clinic.upkeep.head import HeadError

            try:
                yield
            except (CopyError, HeadError) as problem:
                raise InputError(str(problem)) from None
    except start.StartError as problem:
        raise InputError(str(problem)) from None


@click.group(cls=Commands)
def audit() -> None:
    """Look whether the record of each clinic is what was recorded, and sign how far it goes."""


@audit.command()
@click.option(
    "--heads",
    "named",
    type=click.Path(path_type=Path),
    default=None,
    help="The signed heads to look against. Default: those that OPENTAPER_HEADS names, or in OPENTAPER_DATA.",
)
@KEY
@FORMAT
def verify(named: Path | None, key: Path | None, form: str) -> int:
    """Read the whole record of every clinic, and name the first row that is not what was recorded.

    The chain of a record shows what was edited, dropped, moved or forged. Whether its end was cut off, or all of it made
    anew, is seen by the newest head of each clinic that was signed and kept elsewhere (opentaper audit export).

    Exit status: 0 all of it is whole; 1 a record is broken, or a head does not hold; 2 it could not be looked at.
    """
    with _clinic():
        from opentaper.clinic.cases.base import today
        from opentaper.clinic.upkeep.audit import look, unseen
        from opentaper.clinic.upkeep.head import kept, keys_for, read_file

        heads = read_file(named, keys_for(named, key)) if named else kept(key)
        found, dark = list(look(heads, today())), unseen()
    whole = all(each.whole for each in found) and not heads.problems
    if dark:
        click.echo(dark, err=True)
    if form == "json":
        clinics = [each.plain() for each in found]
        document = {
            "schema": "opentaper.audit/1", "whole": whole, "clinics": clinics, "problems": list(heads.problems)
        }  # fmt: skip
        click.echo(json_text(document), nl=False)
        return OK if whole else BROKEN
    for each in found:
        click.echo(each.says)
    for problem in heads.problems:
        click.echo(f"broken: {problem}")
    if not found:
        click.echo("whole: there is no clinic here")
    elif not heads.newest:
        click.echo(
            "No signed head was looked against, so a cut end would not be seen (opentaper audit export).", err=True
        )
    return OK if whole else BROKEN


@audit.command()
def export() -> int:
    """Sign how far the record of each clinic goes, and add it to the file of heads.

    OPENTAPER_HEADS names that file: on another machine or disk, so that whoever changes the record cannot change it too.
    `opentaper serve` does this every hour.

    Exit status: 0 every head was signed; 1 a record is broken or an earlier head does not hold; 2 it could not be done.
    """
    with _clinic():
        from opentaper.clinic.upkeep.head import export_now

        done = export_now()
    for problem in done.problems:
        click.echo(f"broken: {problem}")
    click.echo(f"{len(done.heads)} heads signed and added to {done.path}")
    return BROKEN if done.problems else OK


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> int:
    """Copy the whole clinic into a new FILE, while people go on working.

    The copy holds patients' data and can be read by you alone: encrypt it before it leaves this machine. It is looked at
    before it gets its name: whole, and as far as the newest exported head. The heads of that time lie beside, FILE.heads.

    Exit status: 0 the copy is whole; 1 it was made, and the record in it is broken; 2 it could not be made.
    """
    with _clinic():
        from opentaper.clinic.upkeep.backup import backup as copy
        from opentaper.clinic.upkeep.head import clinics, kept

        names, done = clinics(), copy(file, kept())
    for clinic, head in done.heads.items():
        click.echo(f"copied: {names.get(clinic) or 'a clinic without a name'} ({clinic}): {head.place} rows")
    if done.problem:
        click.echo(f"broken: {done.problem}")
        return BROKEN
    click.echo(f"Written to {file}")
    return OK


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as-of-heads",
    "named",
    type=click.Path(path_type=Path),
    default=None,
    help="The signed heads that the copy must reach. Default: those that OPENTAPER_HEADS names.",
)
@KEY
def restore(file: Path, named: Path | None, key: Path | None) -> int:
    """Take a copy back from FILE, into an empty OPENTAPER_DATA or an empty OPENTAPER_DATABASE.

    Refused, with nothing left behind: a copy that is not whole, that is of another installation, or that is older than
    the newest exported head. Afterwards the database is brought up to date and audited, and everybody logs in anew.

    Where the latest copy is older than the latest head, name the heads that lie beside it (FILE.heads): it is then said
    which rows are lost, as far as OPENTAPER_HEADS knows of them.

    Exit status: 0 it is restored; 2 it is not, and why.
    """
    with _clinic():
        from opentaper.clinic.cases.base import today
        from opentaper.clinic.upkeep.audit import unseen
        from opentaper.clinic.upkeep.backup import adopt, lost
        from opentaper.clinic.upkeep.backup import restore as take_back
        from opentaper.clinic.upkeep.head import HeadError, kept, keys_for, read_file

        heads = read_file(named, keys_for(named, key)) if named else kept(key)
        found, dark = take_back(file, heads, today()), unseen()
        gone: list[str] = []
        if named:
            adopt(named, key)
            try:
                gone = lost(kept(key), found)
            except HeadError as problem:
                gone = [f"whether anything is lost cannot be told: {problem}"]
    for each in found:
        click.echo(each.says)
    for loss in gone:
        click.echo(loss)
    if dark:
        click.echo(dark, err=True)
    if not heads.newest:
        click.echo("No signed head was looked against: nobody can tell whether this copy is the latest.", err=True)
    click.echo(f"Restored from {file}; everybody logs in anew")
    return OK


@click.command(cls=Command)
@click.option("--to", "address", required=True, metavar="ADDRESS", help="An empty PostgreSQL: postgres://who@host/name")
def move(address: str) -> int:
    """Move the clinic from its SQLite file to PostgreSQL, every row and its chain as they are.

    Stop `opentaper serve` first. All rows are compared, and the head of each clinic must be the same there; otherwise
    nothing is moved. The file keeps what it holds, and nobody can go on working in it.

    Exit status: 0 it is moved; 2 it is not, and why.
    """
    with _clinic():
        from opentaper.clinic.cases.base import today
        from opentaper.clinic.upkeep.head import clinics, kept
        from opentaper.clinic.upkeep.move import move as carry

        names, heads = clinics(), kept()
        if heads.problems:
            raise InputError(f"nothing was moved: {heads.problems[0]}")
        moved = carry(address, heads, today())
    for clinic, head in moved.items():
        click.echo(f"moved: {names.get(clinic) or 'a clinic without a name'} ({clinic}): {head.place} rows, same head")
    click.echo("Set OPENTAPER_DATABASE to the new address; the SQLite file takes no more entries")
    return OK


@click.command(cls=Command)
@click.argument("keyfile", type=click.Path(path_type=Path), required=False)
def encrypt(keyfile: Path | None) -> int:
    """Encrypt the clinic's SQLite file, with a key in KEYFILE, which is made if it is not there.

    Without KEYFILE it is the one that OPENTAPER_DATABASE_KEY names. Stop `opentaper serve` first. Everything is written into
    a new file and compared row by row; then it takes the place of the old one. Keep the key in another folder or on another
    disk, and a copy of it where neither is: without it nobody can ever read the database, or a copy of it.

    Exit status: 0 it is encrypted, or the key of a clinic that has no database yet is made; 2 it is not, and why.
    """
    # What is configured already does not fit the database, which is plain until this is done.
    named = os.environ.pop("OPENTAPER_DATABASE_KEY", "")
    file = (keyfile or Path(named)).absolute()
    if not keyfile and not named:
        raise InputError("name the file for the key: opentaper encrypt KEYFILE")
    if keyfile and named and file != Path(named).absolute():
        raise InputError(f"OPENTAPER_DATABASE_KEY names {named}, and you named {keyfile}; which is it?")
    with _clinic():
        from opentaper.clinic.upkeep.encrypt import encrypt as write_anew
        from opentaper.clinic.upkeep.encrypt import key_in, the_file
        from opentaper.clinic.upkeep.head import kept

        database, heads = the_file(), kept()
        if heads.problems:
            raise InputError(f"nothing was encrypted: {heads.problems[0]}")
        key = key_in(file, database)
        if not database.exists():
            click.echo(f"There is no database yet; with OPENTAPER_DATABASE_KEY={file} it will be an encrypted one")
            return OK
        done = write_anew(database, heads, key)
    for clinic, head in done.heads.items():
        click.echo(
            f"encrypted: {done.names[clinic] or 'a clinic without a name'} ({clinic}): {head.place} rows, same head"
        )
    click.echo(
        f"Set OPENTAPER_DATABASE_KEY={file}, and keep a copy of that file elsewhere: without it all of this is lost"
    )
    click.echo(_old(done.left))
    click.echo("Copies that were made before are plain: encrypt or destroy them")
    return OK


@click.command(cls=Command)
@click.argument("keyfile", type=click.Path(path_type=Path))
def rekey(keyfile: Path) -> int:
    """Give the clinic's encrypted SQLite file another key, in KEYFILE, which is made if it is not there.

    OPENTAPER_DATABASE_KEY names the present one. Stop `opentaper serve` first. Everything is written into a new file and
    compared row by row; then it takes the place of the old one.

    Exit status: 0 it has the new key; 2 it has not, and why.
    """
    file = keyfile.absolute()
    named = os.environ.get("OPENTAPER_DATABASE_KEY", "")
    if not named:
        raise InputError("OPENTAPER_DATABASE_KEY has to name the file of the present key")
    with _clinic():
        from opentaper.clinic.upkeep.encrypt import encrypt as write_anew
        from opentaper.clinic.upkeep.encrypt import key_in, the_file
        from opentaper.clinic.upkeep.head import kept

        database, heads = the_file(), kept()
        if heads.problems:
            raise InputError(f"nothing was changed: {heads.problems[0]}")
        if not database.exists():
            raise InputError(f"{database} is not there; nothing was changed")
        before, key = key_in(Path(named).absolute(), database), key_in(file, database)
        if key == before:
            raise InputError(f"{keyfile} holds the present key; nothing was changed")
        done = write_anew(database, heads, key, before)
    for clinic, head in done.heads.items():
        click.echo(
            f"encrypted anew: {done.names[clinic] or 'a clinic without a name'} ({clinic}): {head.place} rows, same head"
        )
    click.echo(f"Set OPENTAPER_DATABASE_KEY={file}; copies that were made before open with the old key alone")
    click.echo(_old(done.left))
    return OK


def _old(left: str) -> str:
    """This function will say what became of the old file, and what cannot be promised of it."""
    done = f"could not be overwritten ({left})" if left else "was overwritten once and removed"
    return f"The old file {done}; a flash disk, a snapshot or what was deleted earlier may still hold some of it"
