"""The SQL that makes a table append-only, and what it is not made for."""

from __future__ import annotations

import pytest
from django.db import migrations
from django.db.migrations.writer import OperationWriter

from opentaper.clinic.append_only import AppendOnly, guards, tables


def test_every_way_to_change_a_row_has_a_guard() -> None:
    small = " ".join(guards("sqlite", "t"))
    for way in ("BEFORE UPDATE", "BEFORE DELETE", "BEFORE INSERT"):
        assert way in small
    large = " ".join(guards("postgresql", "t"))
    for way in ("BEFORE UPDATE OR DELETE", "BEFORE TRUNCATE"):
        assert way in large


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="not for mysql"):
        guards("mysql", "t")


def test_a_migration_can_be_written_with_it() -> None:
    text, imports = OperationWriter(AppendOnly("people_access")).serialize()
    assert "AppendOnly" in text and any("append_only" in each for each in imports)
    assert isinstance(AppendOnly("x"), migrations.operations.base.Operation)


def test_the_access_log_is_append_only() -> None:
    assert "people_access" in tables()
