"""Which database: an SQLite that keeps what it was given, or PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

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


def mended_sqlite() -> Version:
    """Put the packaged SQLite in the place of the system's, where it is installed, and return the version in use.

    It must run before Django's back end is loaded, which takes whatever `sqlite3` is by then.
    """
    try:
        import pysqlite3
        from pysqlite3 import dbapi2
    except ImportError:  # no wheel for this machine: the system's is used, and wal_is_safe decides on its log
        import sqlite3

        return sqlite3.sqlite_version_info[:3]
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2
    major, minor, patch = (int(part) for part in pysqlite3.sqlite_version.split("."))
    return major, minor, patch


def databases(named: str, owner: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Return Django's descriptions: of the application's connection, and of the owner's, if there is one.

    Raises:
        ImproperlyConfigured: the owner is of another database, or the application's own role.
    """
    found = {"default": database(named, folder)}
    if owner:
        found["owner"] = other = database(owner, folder)
        if any(found["default"].get(key) != other.get(key) for key in ("ENGINE", "HOST", "PORT", "NAME")) or not named:
            raise ImproperlyConfigured("OPENTAPER_DATABASE_OWNER names another database than OPENTAPER_DATABASE")
        if found["default"].get("USER") == other.get("USER"):
            raise ImproperlyConfigured(
                "OPENTAPER_DATABASE_OWNER names the same role as OPENTAPER_DATABASE, which is to own nothing"
            )
    return found


def database(named: str, folder: Path) -> dict[str, Any]:
    """Return Django's description of a database.

    Args:
        named: a path, a postgres:// address, or nothing for a file in the folder.
        folder: where the embedded database lies.

    Raises:
        ImproperlyConfigured: an address of another kind.
    """
    if named.startswith(("postgres://", "postgresql://")):
        return _postgresql(named)
    if "://" in named:
        raise ImproperlyConfigured(
            "OPENTAPER_DATABASE is a path of an SQLite file or a postgres:// address, and this is neither"
        )
    return sqlite(Path(named) if named else folder / "clinic.sqlite3", mended_sqlite())


def sqlite(path: Path, version: Version) -> dict[str, Any]:
    """Return the description of an SQLite file, with a write-ahead log only where it is safe."""
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
