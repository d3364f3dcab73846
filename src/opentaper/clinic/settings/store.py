"""Which database: an SQLite that keeps what it was given, encrypted or not, or PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from opentaper.clinic.settings import cipher

Version = tuple[int, int, int]

MENDED: Version = (3, 51, 3)
BACKPORTS: dict[tuple[int, int], Version] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}


def wal_is_safe(version: Version) -> bool:
    """Return whether this SQLite may use a write-ahead log.

    From 3.7.0 to 3.51.2 a reset of the log could race with a writer and lose committed data; 3.51.3, 3.50.7 and 3.44.6
    are mended. Without the log SQLite is slower and as safe.

    Example:
        >>> wal_is_safe((3, 40, 1)), wal_is_safe((3, 44, 6)), wal_is_safe((3, 45, 0)), wal_is_safe((3, 51, 3))
        (False, True, False, True)
    """
    if version >= MENDED:
        return True
    backport = BACKPORTS.get(version[:2])
    return backport is not None and version >= backport


def mended_sqlite(*, encrypted: bool = False) -> Version:
    """Put a packaged SQLite in the place of the system's, where it is installed, and return the version in use.

    It must run before Django's back end is loaded, which takes whatever `sqlite3` is by then.

    Args:
        encrypted: the one with SQLCipher in it, which must be there.
    """
    try:
        if encrypted:
            import sqlcipher3 as packaged
            from sqlcipher3 import dbapi2
        else:
            import pysqlite3 as packaged
            from pysqlite3 import dbapi2
    except ImportError:  # no wheel for this machine: the system's is used, and wal_is_safe decides on its log
        if encrypted:
            raise
        import sqlite3

        return sqlite3.sqlite_version_info[:3]
    sys.modules["sqlite3"] = packaged
    sys.modules["sqlite3.dbapi2"] = dbapi2
    major, minor, patch = (int(part) for part in packaged.sqlite_version.split("."))
    return major, minor, patch


def databases(
    named: str, owner: str, folder: Path, *, backup: str = "", key: str | None = None
) -> dict[str, dict[str, Any]]:
    """Return Django's descriptions: of the application's connection, and of the other roles', if there are any.

    Args:
        named: as for `database`.
        owner: the same database as the role that owns the tables.
        folder: where the embedded database lies.
        backup: the same database as the role that reads every clinic's rows, for copies and audits.
        key: as for `database`.

    Raises:
        ImproperlyConfigured: another role is of another database, or is the application's own.
    """
    found = {"default": database(named, folder, key)}
    for alias, address in (("owner", owner), ("backup", backup)):
        if not address:
            continue
        setting = f"OPENTAPER_DATABASE_{alias.upper()}"
        other = database(address, folder)
        if (
            any(found["default"].get(part) != other.get(part) for part in ("ENGINE", "HOST", "PORT", "NAME"))
            or not named
        ):
            raise ImproperlyConfigured(f"{setting} names another database than OPENTAPER_DATABASE")
        if found["default"].get("USER") == other.get("USER"):
            why = "which is to own nothing" if alias == "owner" else "which is to see one clinic at a time"
            raise ImproperlyConfigured(f"{setting} names the same role as OPENTAPER_DATABASE, {why}")
        found[alias] = other
    if "backup" in found:
        # A second lock on the door: the role itself is to have no right to write.
        found["backup"]["OPTIONS"]["options"] += " -c default_transaction_read_only=on"
    return found


def database(named: str, folder: Path, key: str | None = None) -> dict[str, Any]:
    """Return Django's description of a database.

    Args:
        named: a path, a postgres:// address, or nothing for a file in the folder.
        folder: where the embedded database lies.
        key: the file of the key that encrypts it; None where nobody asked for encryption.

    Raises:
        ImproperlyConfigured: an address of another kind, or a file that is not encrypted as the key says.
    """
    if key == "":
        raise ImproperlyConfigured(f"{cipher.SETTING} is set and names no file; nothing is kept plain by an oversight")
    if named.startswith(("postgres://", "postgresql://")):
        if key:
            raise ImproperlyConfigured(
                f"{cipher.SETTING} encrypts an SQLite file, and OPENTAPER_DATABASE names PostgreSQL; encrypt the disk that "
                "it lies on, and take the setting away"
            )
        return _postgresql(named)
    if "://" in named:
        raise ImproperlyConfigured(
            "OPENTAPER_DATABASE is a path of an SQLite file or a postgres:// address, and this is neither"
        )
    path = Path(named) if named else folder / "clinic.sqlite3"
    secret = cipher.database_key(Path(key).absolute(), path.resolve().parent) if key else ""
    factory = cipher.keyed(secret) if secret else None
    cipher.refuse(path, secret, key or "")
    return sqlite(path, mended_sqlite(encrypted=bool(secret)), factory)


def sqlite(path: Path, version: Version, factory: type[Any] | None = None) -> dict[str, Any]:
    """Return the description of an SQLite file, with a write-ahead log only where it is safe.

    Args:
        path: the file.
        version: of the SQLite in use, whether it encrypts or not.
        factory: the class of its connections, if it is encrypted.
    """
    journal = "WAL" if wal_is_safe(version) else "DELETE"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # A transaction that reads first and writes later would otherwise fail when somebody else wrote between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # recursive_triggers: REPLACE deletes a row without asking its trigger unless this is on.
            "init_command": f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON;",
            **({"factory": factory} if factory else {}),
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # A connection is used again: what one request was allowed to see ends with its transaction (see isolation).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**dict(parse_qsl(parts.query)), "options": "-c synchronous_commit=on"},
    }
