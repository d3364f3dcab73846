"""What the page for operators tells a newcomer to type works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.clinic.place import BIRKENHOF, ROOT

PAGE = ROOT / "docs" / "how-to" / "operate-a-clinic.md"


def test_a_newcomer_copies_looks_and_takes_a_copy_back_by_the_page_alone(tmp_path: Path) -> None:
    typed = re.findall(r"^```sh\n(.+?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(typed) == 4
    made = " ".join(f"'{each}'" for each in BIRKENHOF)
    begin = f"set -eu\nmkdir -p copies\n{typed[0]}\nopentaper clinic migrate -v0\nopentaper clinic add_clinic {made}\n"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", begin + "\n".join(typed[1:])], check=False, capture_output=True, text=True, cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    whole = [line for line in done.stdout.splitlines() if line.startswith("whole: Birkenhof")]
    assert len(whole) == 3 and all("0 rows, through row 0 as exported" in line for line in whole)
    assert (tmp_path / "restored" / "clinic.sqlite3").exists()
    assert (tmp_path / "copies" / "monday.heads").exists()
