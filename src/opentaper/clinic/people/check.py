"""What is looked at before the clinic starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Info
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver

from opentaper.clinic.people.allowed import opened_to
from opentaper.clinic.settings.store import wal_is_safe


def views(patterns: Sequence[URLPattern | URLResolver] | None = None, at: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every view of the clinic with its path."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = f"{at}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        else:
            yield path, pattern


def every_view_says_who_may(**_: Any) -> list[CheckMessage]:
    """Find views that do not say who may open them."""
    return [
        Error(f"/{path} does not say who may open it", hint="Wrap it in allowed, own or public.", id="opentaper.E002")
        for path, pattern in views()
        if opened_to(pattern.callback) is None
    ]


def sqlite_log(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say how SQLite keeps what is committed and why; an unsafe log is an error."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        with connection.cursor() as cursor:
            [version] = cursor.execute("SELECT sqlite_version()").fetchone()
            [journal] = cursor.execute("PRAGMA journal_mode").fetchone()
        major, minor, patch = (int(part) for part in version.split("."))
        safe = wal_is_safe((major, minor, patch))
        if journal == "wal" and not safe:
            found.append(
                Error(
                    f"SQLite {version} can lose committed data with a write-ahead log",
                    hint="Install pysqlite3, or leave the journal to the settings.",
                    id="opentaper.E003",
                )
            )
        elif safe:
            found.append(Info(f"SQLite {version} is mended, so it may use a write-ahead log", id="opentaper.I001"))
        else:
            found.append(
                Info(f"SQLite {version} can lose data with a write-ahead log, so it uses none", id="opentaper.I002")
            )
    return found
