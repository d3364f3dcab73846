"""The base of knowledge as it ships with this program: loaded once a day, and the text of its files."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from opentaper.knowledge import DATA, Knowledge, load


@lru_cache(maxsize=4)
def shipped(today: dt.date) -> Knowledge:
    """Return the base as it ships with this program, with its review states of a day."""
    return load(today)


def text_of(file: str) -> str:
    """Return the text of one file of the base; nothing for a file that it does not have.

    Args:
        file: its name, as the base has it: limits/jcpg-2025.toml.
    """
    path = DATA / file
    inside = path.resolve().is_relative_to(DATA.resolve())
    return path.read_text(encoding="utf-8") if inside and path.is_file() else ""
