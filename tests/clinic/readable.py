"""What of a clinic's record can be read in files, by whoever has nothing but the files."""

from __future__ import annotations

from pathlib import Path

CANARIES = ("Maria Test", "a quiet day", "ada@lindenhof.example", "Lindenhof", "people_person")
"""What the record of the clinic of these tests holds, and no other file of it."""


def readable(folder: Path) -> set[str]:
    """Return the files of a folder in which something of the record can be read."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.name for file in files if any(each.encode() in file.read_bytes() for each in CANARIES)}
