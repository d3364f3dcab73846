"""Bad input is refused in one line that says where, what and what instead; nothing is guessed, nothing crashes."""

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from opentaper.knowledge import Knowledge, load
from opentaper.patient import Case, CaseError, read_case
from opentaper.quantity import AmountError, Dose, shown

CORPUS = Path(__file__).parents[1] / "corpus"
BASE = (CORPUS / "base.toml").read_text(encoding="utf-8")

LONGEST_MESSAGE = 600
"""Characters; whoever gets more in one line does not read it."""

LONGEST_READ_S = 5.0
"""Reading the longest file here takes far less than a second; a hang is a crash too."""


def entries(file: str, key: str) -> list[Mapping[str, Any]]:
    """Return the entries of one corpus file."""
    return list(tomllib.loads((CORPUS / file).read_text(encoding="utf-8"))[key])


def edited(entry: Mapping[str, Any]) -> bytes:
    """Return the base case with the replacements of an entry; each old text must stand in the base once."""
    text = BASE
    for old, new in entry["replace"]:
        assert text.count(old) == 1, f"{entry['name']}: {old!r} stands {text.count(old)} times in base.toml"
        text = text.replace(old, new)
    return text.encode()


def base_with(old: str, new: str) -> bytes:
    return edited({"name": "built here", "replace": [[old, new]]})


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


# Doses -------------------------------------------------------------------------------------------------------

LONG_DOSES = {
    "5000 digits": "9" * 5000 + " mg",
    "5000 zeros before": "0" * 5000 + "1 mg",
    "5000 decimals": "0." + "0" * 5000 + "1 mg",
    "5000 digits without a unit": "9" * 5000,
    "5000 spaces": "1" + " " * 5000 + "mg",
    "a unit of 5000 letters": "1 " + "m" * 5000,
    "40000 letters and a mark": "m" * 40_000 + "!",
}
"""The last makes a regular expression that tries every split take many seconds."""

NOT_TEXT: tuple[object, ...] = (
    1, 0, -1, 1.5, float("nan"), float("inf"), Decimal("0.5"), Fraction(1, 2), True, None, b"1 mg", ["1 mg"], {"mg": 1},
)  # fmt: skip

ALLOWED_FORM = re.compile(
    r'; write (a number, a space and mg or mcg, such as "0\.125 mg" or "125 mcg"|at most 10000 mg)'
)


def refusal_of_dose(got: object) -> str:
    began = time.perf_counter()
    with pytest.raises(AmountError) as caught:
        Dose.read(got)  # type: ignore[arg-type]
    assert time.perf_counter() - began < LONGEST_READ_S
    message = str(caught.value)
    assert len(message.splitlines()) == 1, message
    assert ALLOWED_FORM.search(message), message
    return message


@pytest.mark.parametrize("entry", entries("doses.toml", "dose"), ids=lambda entry: ascii(entry["text"]))
def test_a_malformed_dose_is_never_read(entry: Mapping[str, Any]) -> None:
    assert refusal_of_dose(entry["text"]).startswith(f"{entry['text']!r}: "), entry["because"]


@pytest.mark.parametrize("name", LONG_DOSES)
def test_a_very_long_dose_is_refused_soon_and_in_a_short_line(name: str) -> None:
    message = refusal_of_dose(LONG_DOSES[name])
    assert "long" in message
    assert len(message) <= LONGEST_MESSAGE


@pytest.mark.parametrize("got", NOT_TEXT, ids=repr)
def test_a_dose_that_is_not_text_is_never_read(got: object) -> None:
    assert shown(got) in refusal_of_dose(got)


@pytest.mark.parametrize(
    ("text", "mg"),
    [
        ("1 mg", Fraction(1)),
        ("0.125 mg", Fraction(1, 8)),
        ("125 mcg", Fraction(1, 8)),
        ("62.5 mcg", Fraction(1, 16)),
        ("0 mg", Fraction(0)),
        ("10 mg", Fraction(10)),
        ("10000 mg", Fraction(10_000)),
        ("0.001 mcg", Fraction(1, 1_000_000)),
    ],
)
def test_a_good_dose_is_read_exactly(text: str, mg: Fraction) -> None:
    assert Dose.read(text).mg == mg


# Whole files ---------------------------------------------------------------------------------------------------

Write = Callable[[Path], None]
"""Puts a file (or something else) at a path."""


def content(data: bytes) -> Write:
    """Return what writes these bytes."""

    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def swapped(old: str, new: str) -> Write:
    """Return what writes the base case with one replacement."""
    return content(base_with(old, new))


def _missing(path: Path) -> None:
    assert not path.exists()


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


DOSE_500_MCG, EVERY_14, DRUG, VITAMIN = (
    'dose = "500 mcg"',
    "every_days = 14",
    'drug = "clonazepam"',
    'other = "vitamin D"',
)
MANY = 20_000

FILES: dict[str, tuple[Write, tuple[str, ...]]] = {
    "missing": (_missing, ("no file",)),
    "a folder": (Path.mkdir, ("folder",)),
    "a link to itself": (_link_to_itself, ("cannot be read",)),
    "empty": (content(b""), ("missing",)),
    "only a line break": (content(b"\n"), ("missing",)),
    "only a remark": (content(b"# to do\n"), ("missing",)),
    "not TOML but JSON": (content(b'{"patient": {"born": "1974-05-02"}}\n'), ("not valid TOML", "line 1")),
    "not TOML but CSV": (content(b"drug;dose\nclonazepam;1 mg\n"), ("not valid TOML", "line 1")),
    "not TOML but prose": (content(b"I take 1 mg twice a day.\n"), ("not valid TOML", "line 1")),
    "not TOML but PDF": (content(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), ("not UTF-8",)),
    "not TOML but zip": (content(b"PK\x03\x04\x14\x00\x00\x00"), ("not valid TOML",)),
    "only zero bytes": (content(bytes(1000)), ("not valid TOML",)),
    "cut off in the middle": (content(BASE.encode()[: BASE.index(DOSE_500_MCG) + 9]), ("not valid TOML",)),
    "cut off before the goal": (content(BASE.encode()[: BASE.index("[goal]")]), ("goal", "missing")),
    "twice in one file": (content(BASE.encode() * 2), ("not valid TOML", "patient")),
    "Latin-1": (content(base_with('"Raynaud syndrome"', '"Sjögren"').decode().encode("latin-1")), ("not UTF-8",)),
    "UTF-16": (content(BASE.encode("utf-16")), ("not UTF-8",)),
    "UTF-16 without a mark": (content(BASE.encode("utf-16-le")), ("not valid TOML",)),
    "a byte order mark": (content(BASE.encode("utf-8-sig")), ("byte order mark",)),
    "a whole number of 5000 digits": (swapped(EVERY_14, "every_days = " + "9" * 5000), ("too long",)),
    "a hexadecimal number of 5000 digits": (swapped(EVERY_14, "every_days = 0x" + "f" * 5000), ("every_days",)),
    "a hexadecimal dose of 5000 digits": (swapped(DOSE_500_MCG, "dose = 0x" + "f" * 5000), ("dose",)),
    "a hexadecimal name of 5000 digits": (swapped(DRUG, "drug = 0x" + "f" * 5000), ("drug",)),
    "a decimal of 5000 digits": (swapped(EVERY_14, "every_days = 1." + "9" * 5000), ("every_days",)),
    "a decimal with an enormous exponent": (swapped(EVERY_14, "every_days = 1e999999999"), ("every_days",)),
    "a dose of 40000 letters": (swapped(DOSE_500_MCG, f'dose = "{"m" * 40_000}!"'), ("dose",)),
    "a drug of 100000 letters": (swapped(DRUG, f'drug = "{"clonazepam" * 10_000}"'), ("drug",)),
    "a key of 100000 letters": (swapped(EVERY_14, f"{'every_days' * 10_000} = 14"), ("not known",)),
    "a medicine of 100000 letters": (swapped(VITAMIN, f'other = "{"D" * 100_000}"'), ("other", "long")),
    "nested lists": (swapped(EVERY_14, f"every_days = {'[' * MANY}{']' * MANY}"), ("TOML",)),
    "nested lists, not too deep to parse": (swapped(EVERY_14, f"every_days = {'[' * 200}{']' * 200}"), ("every_days",)),
    "nested tables": (swapped(EVERY_14, f"every_days = {'{a=' * MANY}1{'}' * MANY}"), ("TOML",)),
    "a key of 2000 parts": (swapped(EVERY_14, f"every_days{'.a' * 2000} = 14"), ("every_days",)),
    "a dose under a key of 2000 parts": (swapped(DOSE_500_MCG, f"dose{'.a' * 2000} = 1"), ("dose",)),
    "a list of 100000 numbers for a number": (swapped(EVERY_14, f"every_days = [{'14, ' * 100_000}]"), ("every_days",)),
    "huge and not TOML": (content(b"clonazepam 1 mg\n" * 500_000), ("not valid TOML", "line 1")),
    "huge, with many unknown keys": (
        swapped(EVERY_14, "\n".join(f"every_day{n} = 14" for n in range(MANY))),
        ("every_day0", '"every_days"'),
    ),
    "huge, with one drug many times": (swapped(VITAMIN, 'drug = "lithium"\n[[taking]]\n' * MANY), ("[[taking]]",)),
}  # fmt: skip


# Cases ---------------------------------------------------------------------------------------------------------

BAD_CASES = entries("cases.toml", "case")
GOOD_CASES = entries("accepted.toml", "case")

REFUSED: dict[str, tuple[Write, tuple[str, ...]]] = FILES | {
    entry["name"]: (content(edited(entry)), tuple(entry["mentions"])) for entry in BAD_CASES
}
"""Everything that must be refused: how to write it, and what the refusal must mention."""


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return load(date(2026, 11, 22))


@pytest.fixture
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the path of a bad case, written, and what its refusal must mention."""
    write, mentions = REFUSED[request.param]
    path = tmp_path / f"{slug(request.param)}.toml"
    write(path)
    return path, mentions


def every_bad_case(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.parametrize("bad", REFUSED, indirect=True, ids=slug)(test)


def test_no_two_entries_share_a_name() -> None:
    names = [entry["name"] for entry in BAD_CASES] + list(FILES)
    assert len({slug(name) for name in names}) == len(names)


def test_the_corpus_is_large_enough() -> None:
    assert len(entries("doses.toml", "dose")) >= 70
    assert len(REFUSED) >= 110
    assert len(GOOD_CASES) >= 12


@every_bad_case
def test_a_bad_case_is_refused_in_one_helpful_line(bad: tuple[Path, tuple[str, ...]], known: Knowledge) -> None:
    path, mentions = bad
    began = time.perf_counter()
    with pytest.raises(CaseError) as caught:
        read_case(path, known)
    assert time.perf_counter() - began < LONGEST_READ_S
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    assert len(message.splitlines()) == 1, message[:LONGEST_MESSAGE]
    assert message.isprintable(), message[:LONGEST_MESSAGE]
    assert [text for text in mentions if text not in message] == [], message[:LONGEST_MESSAGE]
    assert len(message) <= LONGEST_MESSAGE + len(str(path)), message[:LONGEST_MESSAGE]


@every_bad_case
def test_the_command_line_refuses_it_in_one_line(
    bad: tuple[Path, tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    from opentaper.cli import main

    path, _ = bad
    status = main(["plan", str(path)])
    out, err = capsys.readouterr()
    assert status == 2, err[:LONGEST_MESSAGE]
    assert out == ""
    assert len(err.splitlines()) == 1, err[:LONGEST_MESSAGE]
    assert err.strip()
    assert path.name in err
    assert "Traceback" not in err


@pytest.mark.parametrize("entry", GOOD_CASES, ids=lambda entry: slug(entry["name"]))
def test_a_good_case_is_read_as_it_stands(entry: Mapping[str, Any], tmp_path: Path, known: Knowledge) -> None:
    path = tmp_path / "good.toml"
    path.write_bytes(edited(entry))
    case = read_case(path, known)
    assert isinstance(case, Case)
    assert entry["reads"]
    for field, text in entry["reads"]:
        found = str(attrgetter(field)(case))
        assert text in found if text.startswith(("'", "{")) else found == text, field


@pytest.mark.parametrize("line_break", ["\r\n", "\r"], ids=ascii)
def test_other_line_breaks_are_read(line_break: str, tmp_path: Path, known: Knowledge) -> None:
    path = tmp_path / "good.toml"
    path.write_bytes(BASE.replace("\n", line_break).encode())
    assert isinstance(read_case(path, known), Case)


def test_a_line_break_in_the_name_of_the_file_stays_in_one_line(tmp_path: Path, known: Knowledge) -> None:
    path = tmp_path / "two\nlines.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_case(path, known)
    assert len(str(caught.value).splitlines()) == 1
