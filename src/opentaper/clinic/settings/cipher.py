"""The key of an encrypted SQLite database: in a file that only we may read, and told first on every connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

SETTING = "OPENTAPER_DATABASE_KEY"
MAGIC = b"SQLite format 3\0"
"""How a database begins that is not encrypted; an encrypted one begins with sixteen random bytes."""
KEY = re.compile(r"[0-9a-f]{64}")
# What one version of SQLCipher wrote is to be read by the next: its page size, its ciphers, its way to authenticate.
COMPATIBLE = 4


def database_key(file: Path, beside: Path) -> str:
    """Return the key that lies in a file.

    Args:
        file: 64 hexadecimal digits, as `opentaper encrypt` makes them: all 256 bits are random, so nothing is derived.
        beside: the folder of the database.

    Raises:
        ImproperlyConfigured: there is none, others can read it, or it lies beside the database.
    """
    away(file, beside)
    try:
        mode, said = file.stat().st_mode, file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"{SETTING} names {file}, which is not there; for a database that is not encrypted yet, opentaper encrypt "
            "makes it; without the key of one that is, nobody can read it"
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise ImproperlyConfigured(f"{SETTING} names {file}, which cannot be read ({type(problem).__name__})") from None
    if mode & 0o077:
        raise ImproperlyConfigured(
            f"{file} can be read by others, who could read the database; take their right away (chmod 600)"
        )
    if not KEY.fullmatch(said):
        raise ImproperlyConfigured(f"{file} holds no key of a database: 64 digits, 0 to 9 and a to f")
    return said


def away(file: Path, beside: Path) -> None:
    """Refuse a key in the folder of its database: whoever takes the one would have the other.

    Raises:
        ImproperlyConfigured: it lies there.
    """
    if file.resolve().is_relative_to(beside.resolve()):
        raise ImproperlyConfigured(
            f"{file} lies beside the database, where it protects nothing; keep the key in another folder or on another disk"
        )


def keyed(key: str) -> type[Any]:
    """Return the class of connections that tell the key before anything else is asked.

    It is a class, and not a command to run once connected, so that no other SQLite can come in its place: one without
    encryption passes over a key without a word, and writes a plain file.

    Raises:
        ImproperlyConfigured: SQLCipher is not installed.
    """
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        raise ImproperlyConfigured(
            f"{SETTING} needs sqlcipher3, which is not here; nothing is opened without the encryption that was asked for"
        ) from None

    class Keyed(dbapi2.Connection):  # type: ignore[misc]  # it carries no types
        """A connection to one encrypted database."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.execute(f"PRAGMA key = \"x'{key}'\"")
            # It would write on standard error by itself; whoever asked gets the error.
            self.execute("PRAGMA cipher_log_level = NONE")
            self.execute(f"PRAGMA cipher_compatibility = {COMPATIBLE}")
            # Sorted rows and what a statement takes back would otherwise go to temporary files.
            self.execute("PRAGMA temp_store = MEMORY")
            if not self.execute("PRAGMA cipher_version").fetchone():
                raise dbapi2.NotSupportedError("this SQLite does not encrypt")

    return Keyed


def is_plain(path: Path) -> bool | None:
    """Return whether a database can be read without a key; nothing where there is none yet.

    No connection to it may be open in this process: reading a file by itself takes SQLite's locks on it away.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except FileNotFoundError:
        return None
    return begins == MAGIC if begins else None


def refuse(path: Path, key: str, file: str) -> None:
    """Refuse a database that is not what the settings say: plain with a key, encrypted without, or with another key.

    Raises:
        ImproperlyConfigured: says what to do.
    """
    plain = is_plain(path)
    if plain and key:
        raise ImproperlyConfigured(
            f"{path} is not encrypted, and {SETTING} names a key; stop the clinic and run opentaper encrypt"
        )
    if plain is False and not key:
        raise ImproperlyConfigured(
            f"{path} is encrypted, or no SQLite database; {SETTING} has to name the file of its key"
        )
    if plain is False and not opens(path, key):
        raise ImproperlyConfigured(
            f"{path} does not open with the key in {file}; {SETTING} has to name its own, after opentaper rekey the new one"
        )


def opens(path: Path, key: str) -> bool:
    """Return whether a key is that of a database; whatever else is wrong with it is found by whoever works with it."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(path, factory=keyed(key))
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except dbapi2.OperationalError:
        return True
    except dbapi2.DatabaseError as problem:
        return "not a database" not in str(problem)
    finally:
        connection.close()
    return True
