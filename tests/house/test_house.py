"""The house itself: exact rooms, true documents, runnable examples, pinned lists."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import named, not_proved

import opentaper
from opentaper import Knowledge

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "opentaper"
ROOMS = ("knowledge", "patient", "pharmacology", "plan", "review", "record", "care", "exchange", "cli")
MODULES = [
    module.name for module in pkgutil.walk_packages(opentaper.__path__, "opentaper.") if "__main__" not in module.name
]


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((SOURCE / room).rglob("*.py"))] + [SOURCE / "quantity.py"]


@pytest.mark.parametrize(
    "path", sources("knowledge", "patient", "plan", "review", "exchange"), ids=lambda path: path.name
)
def test_no_float_lives_in_an_exact_room(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "float", f"line {node.lineno}"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    space = {**vars(importlib.import_module("fractions")), **vars(module)}
    assert doctest.testmod(module, extraglobs=space).failed == 0


def test_every_decision_has_a_number_of_its_own_and_says_it_in_its_first_line() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]}"), path.name


def test_the_core_needs_nothing_but_the_standard_library() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); import datetime as dt; from pathlib import Path;"
        "from opentaper import load, propose, read_case, review; import opentaper.exchange;"
        "known = load(dt.date(2026, 12, 1));"
        f"case = read_case(Path({str(ROOT / 'examples/clonazepam-2mg.toml')!r}), known);"
        "print([review(p.regimen, case, known, on=dt.date(2026, 12, 1)).verdict.value for p in propose(case, known).plans])"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['caution', 'caution', 'caution']"


def test_every_source_named_in_a_docstring_exists(known: Knowledge) -> None:
    named = []
    for path in SOURCE.rglob("*.py"):
        for match in re.finditer(r"^\s+Source: (.+?)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            named += [part.strip().split(",")[0].rstrip(".") for part in match[1].split(";")]
    keys = [key for key in named if re.fullmatch(r"[a-z0-9-]+", key)]
    assert len(keys) > 20
    assert not [key for key in keys if key not in known.sources]


def test_every_test_that_safety_names_exists() -> None:
    text = (ROOT / "SAFETY.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "tests/" in line]
    assert len(rows) >= 15
    table = next(part for part in text.split("\n\n") if part.startswith("| hazard |"))
    assert len(table.splitlines()) == len(rows) + 2, "the hazards are one table, with nothing between its rows"
    for path, _, name in re.findall(r"`(tests/[\w/]+\.py)(::)?(\w*)`", text):
        assert (ROOT / path).exists(), path
        assert Path(path).name.startswith("test_"), f"{path} is no test: it can't run and pass"
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name
    for path in re.findall(r"`((?:review|plan|patient|knowledge|exchange|clinic)/[\w/.-]+\.\w+|quantity\.py)`", text):
        assert (SOURCE / path).exists() or (SOURCE / "review/rules" / Path(path).name).exists(), path


def test_a_hazard_whose_test_did_not_run_is_found() -> None:
    safety = "| a | `x.py` | `tests/a.py::test_one`, `tests/b.py` |"
    assert not_proved({"tests/a.py::test_one", "tests/b.py::test_two"}, safety) == []
    assert not_proved({"tests/a.py::test_other", "tests/b.py::test_two"}, safety) == ["tests/a.py::test_one"]
    assert not_proved({"tests/a.py::test_one"}, safety) == ["tests/b.py"]
    assert named("tests/a.py::TestClass::test_one[x-y]") == "tests/a.py::test_one"


def test_every_noun_that_a_room_hands_out_is_in_the_glossary() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").lower()
    not_ours = {"table", "fileerror", "knowledgeerror", "codecerror", "caseerror", "wordserror", "options"}
    missing = []
    for room in ROOMS[:-1]:
        module = importlib.import_module(f"opentaper.{room}")
        for name in module.__all__:
            if name[0].isupper() and not name.isupper() and name.lower() not in not_ours:
                words = [word.lower() for word in re.findall(r"[A-Z][a-z]+", name)]
                if not any(re.search(rf"\*\*[a-z ]*{word}", glossary) for word in words):
                    missing.append(f"{room}.{name}")
    assert not missing


@pytest.mark.parametrize("room", (*ROOMS, "clinic"))
def test_every_room_has_a_readme_of_one_screen(room: str) -> None:
    lines = (SOURCE / room / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {room}")
    assert len(lines) <= 40
    assert any(line.startswith("Refuses") for line in lines)


def test_pinned_lists_hold_names_versions_and_hashes_alone() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path.name
        assert text.count("==") > 0 and text.count("--hash=sha256:") >= text.count("==")


def test_every_example_names_a_source_that_exists(known: Knowledge) -> None:
    examples = sorted((ROOT / "examples").glob("*.toml"))
    assert len(examples) >= 5
    for path in examples:
        head = path.read_text(encoding="utf-8").split("\n\n", 1)[0].replace("\n# ", " ")
        key = re.search(r"source key ([a-z0-9-]+)", head)
        assert key is not None, path.name
        assert key[1] in known.sources


def test_every_rule_says_what_it_reads_and_names_a_source() -> None:
    from opentaper.review.rules import RULES

    files = {path.stem for path in (SOURCE / "review" / "rules").glob("*.py")} - {"__init__"}
    assert {rule.__name__.rsplit(".", 1)[1] for rule in RULES} == files
    for rule in RULES:
        assert isinstance(rule.RULE, str)
        assert isinstance(rule.READS, tuple)
        assert "Source: " in (rule.judge.__doc__ or "")


def test_the_readme_shows_what_the_program_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "opentaper", "plan", str(ROOT / "examples/clonazepam-2mg.toml"), "--option", "usual",
         "--as-of", "2026-12-01"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "118", "PYTHONIOENCODING": "utf-8", "PATH": ""},
    )  # fmt: skip
    printed = {" ".join(line.split()) for line in done.stdout.splitlines()}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [" ".join(line.split()) for line in readme.splitlines() if re.match(r" 20\d\d-", line)]
    assert len(rows) >= 3
    assert not [row for row in rows if row not in printed]
