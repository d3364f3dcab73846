"""What is kept from one start to the next: never stale, never half, and never in the way."""

from __future__ import annotations

import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opentaper import Knowledge, load
from opentaper.knowledge import KnowledgeError, cache
from opentaper.knowledge.cache import parsed
from opentaper.knowledge.load import DATA

TODAY = dt.date(2026, 12, 1)
FILES = {"a.toml": b'one = "1"', "b.toml": b"two = 2"}


class Parser:
    """Parses nothing but counts who asked."""

    def __init__(self, **found: Any) -> None:
        self.found, self.asked = found, list[str]()

    def __call__(self, name: str, content: bytes) -> dict[str, Any]:
        self.asked.append(name)
        return {"of": content.decode(), **self.found}


def kept_in(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_file_is_parsed_once_and_read_back_as_it_was(tmp_path: Path) -> None:
    first, second = Parser(deep=[{"x": [1, True, "ü \u2028"]}, {}]), Parser()
    found = parsed(FILES, first, "here", tmp_path)
    assert first.asked == ["a.toml", "b.toml"]
    assert parsed(FILES, second, "here", tmp_path) == found
    assert second.asked == []


def test_a_changed_byte_is_parsed_anew_and_nothing_else_is(tmp_path: Path) -> None:
    parsed(FILES, Parser(), "here", tmp_path)
    again, after = Parser(), Parser()
    changed = {**FILES, "b.toml": b"two = 3"}
    assert parsed(changed, again, "here", tmp_path)["b.toml"] == {"of": "two = 3"}
    assert again.asked == ["b.toml"]
    assert parsed(changed, after, "here", tmp_path)["b.toml"] == {"of": "two = 3"}
    assert after.asked == []
    assert parsed(FILES, Parser(), "here", tmp_path)["b.toml"] == {"of": "two = 2"}


def test_a_file_that_is_gone_is_not_found_and_not_kept(tmp_path: Path) -> None:
    parsed(FILES, Parser(), "here", tmp_path)
    fewer = {"a.toml": FILES["a.toml"]}
    assert list(parsed(fewer, Parser(), "here", tmp_path)) == ["a.toml"]
    assert b"two" not in kept_in(tmp_path).read_bytes()


def test_content_moves_with_its_name(tmp_path: Path) -> None:
    parsed(FILES, Parser(), "here", tmp_path)
    swapped = {"a.toml": FILES["b.toml"], "b.toml": FILES["a.toml"]}
    assert parsed(swapped, Parser(), "here", tmp_path)["a.toml"] == {"of": "two = 2"}


def test_two_installations_and_two_versions_of_python_do_not_take_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed(FILES, Parser(), "here", tmp_path)
    parsed(FILES, Parser(), "there", tmp_path)
    monkeypatch.setattr(cache.sys, "version", "another")
    other = Parser()
    parsed(FILES, other, "here", tmp_path)
    assert len(other.asked) == 2
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    "value", [dt.date(2026, 12, 1), dt.time(7, 30), __import__("decimal").Decimal("1.50"), [{"x": dt.date(2026, 1, 1)}]]
)
def test_what_json_cannot_give_back_is_parsed_every_time(value: object, tmp_path: Path) -> None:
    for _ in range(2):
        parser = Parser(value=value)
        assert parsed(FILES, parser, "here", tmp_path)["a.toml"]["value"] == value
        assert parser.asked == ["a.toml", "b.toml"]


def damaged(content: bytes) -> dict[str, bytes]:
    mark, body = content.split(b"\n", 1)
    other = body.replace(b"one", b"six")
    return {
        "empty": b"",
        "half": content[: len(content) // 2],
        "no mark": body,
        "a flipped letter": mark + b"\n" + other,
        "another mark": b"0" * 64 + b"\n" + body,
        "not text": b"\xff\xfe" + content,
        "a list": b"\n".join([cache._mark(b"[1]").encode(), b"[1]"]),
        "other things": b"\n".join([cache._mark(b'{"a.toml": 7}').encode(), b'{"a.toml": 7}']),
        "far too deep": b"\n".join([cache._mark(b"[" * 10**5).encode(), b"[" * 10**5]),
    }


@pytest.mark.parametrize("how", damaged(b"x\ny"))
def test_whatever_is_damaged_is_as_good_as_nothing_and_is_made_whole(how: str, tmp_path: Path) -> None:
    right = parsed(FILES, Parser(), "here", tmp_path)
    path = kept_in(tmp_path)
    path.write_bytes(damaged(path.read_bytes())[how])
    again, after = Parser(), Parser()
    assert parsed(FILES, again, "here", tmp_path) == right
    assert again.asked == ["a.toml", "b.toml"]
    assert parsed(FILES, after, "here", tmp_path) == right
    assert after.asked == []


def test_a_file_that_is_refused_keeps_nothing(tmp_path: Path) -> None:
    def refuse(name: str, content: bytes) -> dict[str, Any]:
        raise KnowledgeError(name, "", "", "no")

    with pytest.raises(KnowledgeError):
        parsed(FILES, refuse, "here", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_or_is_none_keeps_nothing_and_hurts_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none"), None):
        parser = Parser()
        assert parsed(FILES, parser, "here", folder)["a.toml"] == {"of": 'one = "1"'}
        assert len(parser.asked) == 2


def test_what_is_kept_is_the_persons_own_and_no_half_file_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    parsed(FILES, Parser(), "here", folder)
    assert stat.S_IMODE(kept_in(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_writer_that_dies_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed(FILES, Parser(), "here", tmp_path)
    before = kept_in(tmp_path).read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", full)
    parsed({**FILES, "c.toml": b"three = 3"}, Parser(), "here", tmp_path)
    assert kept_in(tmp_path).read_bytes() == before


def test_the_base_is_the_same_whether_it_was_kept_or_not(tmp_path: Path, known: Knowledge) -> None:
    first, second = load(TODAY, kept=tmp_path), load(TODAY, kept=tmp_path)
    for found in (first, second):
        assert found.digest == known.digest
        assert dict(found.files) == dict(known.files)
        assert found.states == known.states
        assert found.limits == known.limits
        assert found.products == known.products
        assert found.drugs == known.drugs


def test_somebody_who_writes_into_the_folder_changes_no_figure_unseen(tmp_path: Path, known: Knowledge) -> None:
    load(TODAY, kept=tmp_path)
    path = kept_in(tmp_path)
    body = path.read_bytes().split(b"\n", 1)[1]
    assert b'"two-week-reduction"' in body
    forged = body.replace(b'"value":"1/4"', b'"value":"1/2"')
    assert forged != body
    path.write_bytes(cache._mark(forged).encode() + b"\n" + forged)
    assert load(TODAY, kept=tmp_path).digest != known.digest


def test_many_processes_at_once_agree(tmp_path: Path, known: Knowledge) -> None:
    code = (
        "import datetime as dt, sys; from pathlib import Path; from opentaper import load;"
        "print(load(dt.date(2026, 12, 1), kept=Path(sys.argv[1])).digest)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert {each.communicate()[0].strip() for each in running} == {known.digest}
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_base_in_a_folder_that_nobody_may_write_to_is_read(tmp_path: Path, known: Knowledge) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(0o500)
    try:
        assert load(TODAY, DATA, kept=folder).digest == known.digest
    finally:
        folder.chmod(0o700)
    assert os.geteuid() == 0 or list(folder.iterdir()) == []
